"""Visits that are parts of another one (Encounter.partOf): the ICU and the ward of one stay are one stay, not two.

Source: https://hl7.org/fhir/R4/encounter-definitions.html#Encounter.partOf
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta

import msgspec

from clinical.records import Encounter, FhirTime, Frozen, Item

CLASS_WORDS = {
    "EMER": "ED visit",
    "IMP": "Hospital stay",
    "ACUTE": "Hospital stay",
    "NONAC": "Hospital stay",
    "OBSENC": "Observation stay",
}
# What a visit is called when its parts are called differently: who came through the ED and was admitted had a stay.
_STRENGTH = ("Hospital stay", "Observation stay", "ED visit", "")
NO_VISIT = frozenset({"planned", "cancelled", "entered-in-error"})
_SLACK = timedelta(days=1)  # a bed is left, and a discharge written, at other moments of the day


class Whole(Frozen, frozen=True):
    """One visit with its parts. record: as the visit states it, but its class the strongest one of its parts, and the
    reasons of a part where it states none. items: of the visit itself, then of its parts."""

    record: Encounter
    items: tuple[Item, ...]

    @property
    def item(self) -> Item:
        """The entry of the visit itself."""
        return self.items[0]

    @property
    def tokens(self) -> tuple[str, ...]:
        """`data-source` tokens of the visit, then of its parts."""
        found = [record.source.token for one in self.items for record in (one.lead, *one.members)]
        return tuple(dict.fromkeys(found))

    @property
    def references(self) -> frozenset[tuple[str, str]]:
        """(server, reference) of the visit and of its parts."""
        return frozenset(_refs(self.items))


def wholes(visits: Iterable[Item]) -> list[Whole]:
    """Every visit that is told by itself, in the order given, with the parts that are told with it."""
    items = [item for item in visits if isinstance(item.lead, Encounter)]
    known = {ref: item for item in items for ref in _refs((item,))}
    parts: dict[str, list[Item]] = {}
    for item in items:
        parts.setdefault(_outermost(item, known).key, []).append(item)
    return [_joined(item, parts[item.key]) for item in items if item.key in parts]


def alone(visits: Iterable[Item]) -> Iterator[Whole]:
    """Each visit told by itself, whatever it is a part of."""
    return (_joined(item, ()) for item in visits if isinstance(item.lead, Encounter))


def _refs(items: Iterable[Item]) -> Iterator[tuple[str, str]]:
    for item in items:
        for record in item.members or (item.lead,):
            yield record.source.server, record.source.reference


def _outermost(item: Item, known: Mapping[tuple[str, str], Item]) -> Item:
    """The visit that this one is told with: itself, or the outermost one it is a part of; in a circle itself."""
    seen, found = {item.key}, item
    while (outer := _outer(found, known)) is not None:
        if outer.key in seen:
            return item
        seen.add(outer.key)
        found = outer
    return found


def _outer(item: Item, known: Mapping[tuple[str, str], Item]) -> Item | None:
    for record in item.members or (item.lead,):
        if not isinstance(record, Encounter) or not record.part_of:
            continue
        outer = known.get((record.source.server, record.part_of))
        if outer is not None and _may_hold(outer.lead, record):
            return outer
    return None


def _may_hold(outer: object, part: Encounter) -> bool:
    """A stay, or a visit that somebody was discharged from, around the time of the part: never what was planned or
    cancelled, nor the account of a year of appointments."""
    if not isinstance(outer, Encounter) or not NO_VISIT.isdisjoint((outer.status, part.status)):
        return False
    stays = outer.class_code in CLASS_WORDS or bool(outer.disposition)
    return stays and outer.period is not None and _around(outer.period, part.period)


def _around(outer: FhirTime, part: FhirTime | None) -> bool:
    """Whether the part lies in it. An end that only one of them has says nothing against it."""
    if part is None:
        return True
    first = part.start >= outer.start - _SLACK
    if outer.end is None:
        return first
    return first and (part.end or part.start) <= outer.end + _SLACK


def _joined(item: Item, members: Iterable[Item]) -> Whole:
    items = (item, *(one for one in members if one is not item))
    records = [one.lead for one in items if isinstance(one.lead, Encounter)]
    codes = [one.class_code for one in records]
    record = msgspec.structs.replace(
        records[0],
        class_code=min(codes, key=lambda code: _STRENGTH.index(CLASS_WORDS.get(code, ""))),
        reasons=next((one.reasons for one in records if one.reasons), ()),
    )
    return Whole(record=record, items=items)
