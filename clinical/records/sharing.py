"""Equal parts of many records held once, as where they were read: less memory, and what is the same object compares fast.

Records on their way to a snapshot or another process are taken apart (`Apart`), so that these parts are written and
read once. A record that was decoded otherwise has parts of its own. Nothing that can be read of a record changes here,
so others may hold it.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from operator import attrgetter
from typing import Any

import msgspec
from msgspec.structs import force_setattr

from .parts import Concept, Quantity, Reference, ReferenceRange, Source
from .results import Observation
from .sections import Record

_Known = dict[Hashable, Any]
_encode = msgspec.msgpack.Encoder().encode


class Parts(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """What observations have in common, each once; by the names of their fields."""

    concept: tuple[Concept, ...] = ()
    category: tuple[str, ...] = ()
    status: tuple[str, ...] = ()
    interpretation: tuple[tuple[str, ...], ...] = ()
    ranges: tuple[tuple[ReferenceRange, ...], ...] = ()
    performers: tuple[tuple[Reference, ...], ...] = ()
    encounter: tuple[str, ...] = ()


class Apart(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """Records without what their observations have in common.

    places: for each shared field, and for each observation in their order, where in `parts` its value stands.
    """

    records: tuple[Record, ...] = ()
    parts: Parts = Parts()
    places: tuple[tuple[int, ...], ...] = ()


_SHARED = Parts.__struct_fields__
_NOTHING = Observation(source=Source(server="", reference=""), concept=Concept())
_BARE: dict[str, Any] = {name: getattr(_NOTHING, name) for name in _SHARED}


def apart(records: tuple[Record, ...]) -> Apart:
    """Of equal records the same, whatever they share in memory. By what is written: 1.0 and 1.00 are equal numbers."""
    ours = [record for record in records if type(record) is Observation]
    if not ours:
        return Apart(records)
    parts: dict[str, tuple[Any, ...]] = {}
    places = []
    for name in _SHARED:
        held = list(map(attrgetter(name), ours))
        ids = list(map(id, held))
        parts[name], numbers = _each_once(dict(zip(ids, held, strict=True)))
        places.append(tuple(map(numbers.__getitem__, ids)))
    bare = tuple(
        msgspec.structs.replace(record, **_BARE) if type(record) is Observation else record
        for record in records
    )
    return Apart(bare, Parts(**parts), tuple(places))


def _each_once(held: dict[int, Any]) -> tuple[tuple[Any, ...], dict[int, int]]:
    """held: by id. The values, and for each id where its value stands among them."""
    values: list[Any] = []
    written: dict[bytes, int] = {}
    numbers: dict[int, int] = {}
    for key, value in held.items():
        number = numbers[key] = written.setdefault(_encode(value), len(values))
        if number == len(values):
            values.append(value)
    return tuple(values), numbers


def together(found: Apart) -> tuple[Record, ...]:
    """The records as they were. To be called once, for what was just decoded: it is these very records that are filled.

    Raises ValueError or IndexError for what `apart` has not written.
    """
    ours = [record for record in found.records if type(record) is Observation]
    if not ours:
        return found.records
    for name, places in zip(_SHARED, found.places, strict=True):
        values = getattr(found.parts, name)
        for record, place in zip(ours, places, strict=True):
            force_setattr(record, name, values[place])
    return found.records


def share(records: Iterable[Record]) -> None:
    """Concepts and performers of observations: what charts compare most."""
    known: _Known = {}
    for record in records:
        if type(record) is not Observation:
            continue
        concept, performers = record.concept, record.performers
        # A cheap key first: hashing a concept takes longer than comparing two.
        first = concept.codings[0].code if concept.codings else ""
        same = known.setdefault((concept.text, first, len(concept.codings)), concept)
        if same is not concept and same == concept:
            force_setattr(record, "concept", same)
        if performers:
            same = known.setdefault(performers[0].target, performers)
            if same is not performers and same == performers:
                force_setattr(record, "performers", same)


def share_all(records: Iterable[Record]) -> None:
    """Everything else that observations have in common; takes longer, so for when nobody waits."""
    known: _Known = {}
    for record in records:
        if type(record) is not Observation:
            continue
        _share_words(record, ("category", "status", "encounter", "interpretation"), known)
        _share_words(record.source, ("server",), known)
        if record.value.quantity is not None:
            _share_words(record.value.quantity, ("unit", "code", "system"), known)
        if record.ranges:
            # By what is written: 1.0 and 1.00 are equal numbers, and not the same range.
            same = known.setdefault(_encode(record.ranges), record.ranges)
            if same is not record.ranges:
                force_setattr(record, "ranges", same)


def _share_words(
    owner: Observation | Source | Quantity, fields: tuple[str, ...], known: _Known
) -> None:
    """fields: of words only; see `share_all` for numbers."""
    for name in fields:
        value = getattr(owner, name)
        same = known.setdefault(value, value)
        if same is not value:
            force_setattr(owner, name, same)
