"""Equal parts of many records held once, as where they were read: less memory, and what is the same object compares fast.

A record that was taken out of a snapshot or came from another process has parts of its own. Nothing that can be read
of it changes here, so others may hold it.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import Any

import msgspec
from msgspec.structs import force_setattr

from .parts import Quantity, Source
from .results import Observation
from .sections import Record

_Known = dict[Hashable, Any]
_encode = msgspec.msgpack.Encoder().encode


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
