"""Which place the list of the visit gives to one entry: its importance, its window, whether it leads its item."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Literal

import msgspec

from clinical.rank.entries import is_done, moment, stamp
from clinical.rank.library import Importance
from clinical.rank.listing import Wanted
from clinical.rank.patient import Patient
from clinical.records import FhirTime

Given = Importance | Literal[""]
_ORDER: dict[str, int] = {"must": 0, "should": 1, "background": 2, "": 3}
_ALWAYS = frozenset(
    {"medication", "problem", "allergy", "administration"}
)  # their standing decides, not their age


class Placed(msgspec.Struct, frozen=True, kw_only=True):
    """listed: every item of the list that the entry is, the deciding one first. leads: newest of its item.

    note: why it counts less, or more, than its pack says; "" when it does not.
    """

    importance: Given = ""
    wanted: Wanted | None = None
    listed: tuple[str, ...] = ()
    leads: bool = False
    note: str = ""

    def lowered(self, to: Importance, note: str) -> Placed:
        if _ORDER[to] < _ORDER[self.importance]:
            return self
        return msgspec.structs.replace(self, importance=to, note=note, leads=False)

    def raised(self, to: Importance, note: str) -> Placed:
        return msgspec.structs.replace(self, importance=to, note=note)


_NOWHERE = Placed()


def place(
    key: str, patient: Patient, wanted: Mapping[str, Wanted], *, when: FhirTime | None, kind: str
) -> Placed:
    """The place of one entry. An older one than its window gives up its place unless it is the newest must-see."""
    names = [name for name in patient.matches.get(key, ()) if name in wanted]
    if not names:
        return _NOWHERE
    names.sort(key=lambda name: (_ORDER[wanted[name].importance], wanted[name].share, name))
    one = wanted[names[0]]
    found = Placed(
        importance=one.importance, wanted=one, listed=tuple(names), leads=_leads(key, one, patient)
    )
    if kind in _ALWAYS or one.importance == "background":
        return found
    if found.leads and one.importance == "must":
        return found
    if _outside(one, when, patient):
        return found.lowered("background", f"older than its window of {one.terms.lookback} months")
    return found


def _outside(one: Wanted, when: FhirTime | None, patient: Patient) -> bool:
    months = one.terms.lookback
    if months is None or when is None:
        return False
    return when.start < patient.as_of - timedelta(days=months * 30.4375)


def _leads(key: str, one: Wanted, patient: Patient) -> bool:
    """Whether this is the newest of everything that is the item; one of equals is taken by its key."""
    keys = patient.owners.get(one.item.id, ())
    if len(keys) == 1:
        return True
    return max(keys, key=lambda other: (_newest(other, patient), other)) == key


def _newest(key: str, patient: Patient) -> tuple[bool, object]:
    row = patient.series.get(key)
    if row is not None:
        return True, stamp(row.latest.record.taken)
    entry = patient.entries[key]
    return is_done(entry), stamp(moment(entry))
