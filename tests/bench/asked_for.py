"""What the visit of an authored patient asks for, from the records and the lists alone: no page is looked at.

A need is an item of the lists that is on record, with the entries any of which answers it: the latest value of a row,
the newest thing that was done, a medicine that is taken now, a problem that is active now.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from clinical.pipeline import Built
from clinical.rank.entries import active_problem, current_medicine, is_done, moment, stamp
from clinical.rank.library import GENERAL, Importance
from clinical.rank.listing import Wanted, wanted
from clinical.rank.patient import Patient
from clinical.records import Item, Ranked, Series
from tests.clinical import authored

_STANDING = {"medication": current_medicine, "problem": active_problem}
_MONTH = timedelta(days=30.4375)


@dataclass(frozen=True)
class Need:
    """importance: "must" or "should". sources: `data-source` tokens; one of them on the page is enough."""

    item: str
    label: str
    importance: Importance
    sources: frozenset[str]


@dataclass(frozen=True)
class Asked:
    """of the safety floor: each fact with its tokens. listed: tokens of everything that a list names."""

    contexts: tuple[str, ...]
    needs: tuple[Need, ...]
    floor: tuple[tuple[str, frozenset[str]], ...]
    listed: frozenset[str]

    @property
    def right(self) -> frozenset[str]:
        """Tokens of what may stand above the fold."""
        return self.listed.union(*(sources for _, sources in self.floor))


def asked_for(server: str, name: str, context: str) -> Asked:
    """context: what the visit is, whether or not it is recognised as that."""
    built = authored.built(server, name)
    if built.ranking.visit.contexts[0] != context:
        built = authored.built(server, name, choice=context)
    visit = built.ranking.visit
    patient = Patient(built.chart, authored.LIBRARY, as_of=authored.NOW, setting=visit.setting)
    lists = wanted(visit, authored.LIBRARY, patient)
    found = (_need(one, patient) for one in lists.values() if one.importance != "background")
    return Asked(
        contexts=visit.contexts,
        needs=tuple(need for need in found if need is not None),
        floor=tuple(_floor(built, patient)),
        listed=frozenset(_listed(lists, patient, general=GENERAL in visit.contexts)),
    )


def _need(one: Wanted, patient: Patient) -> Need | None:
    """None when nothing of the item is on record, or only what is older than its window and not a must."""
    keys = patient.owners.get(one.item.id, [])
    rows = [patient.series[key] for key in keys if key in patient.series]
    entries = [patient.entries[key] for key in keys if key in patient.entries]
    standing = [entry for entry in entries if _stands(entry)]
    if standing:
        return _made(one, one.importance, (source for entry in standing for source in _of(entry)))
    past = [entry for entry in entries if entry.kind in _STANDING]
    newest = _newest(rows, [e for e in entries if e.kind not in _STANDING and is_done(e)])
    if newest is not None:
        if one.importance == "should" and _outside(newest, one, patient):
            return None
        return _made(one, one.importance, _of(newest))
    if past and one.importance == "must":
        # No longer taken, or no longer active: of less weight, but not nothing.
        last = max(past, key=lambda entry: stamp(moment(entry)))
        return None if _outside(last, one, patient) else _made(one, "should", _of_all(past))
    return None


def _stands(entry: Item) -> bool:
    """A medicine that is taken or a problem of the list that is active, now."""
    if entry.kind == "problem":
        listed = any(getattr(m, "category", "") != "encounter-diagnosis" for m in entry.members)
        return listed and active_problem(entry)
    return entry.kind == "medication" and current_medicine(entry)


def _made(one: Wanted, importance: Importance, sources: Iterable[str]) -> Need:
    return Need(one.item.id, one.item.label, importance, frozenset(sources))


def _newest(rows: list[Series], entries: list[Item]) -> Series | Item | None:
    return max((*rows, *entries), key=_time, default=None)


def _time(found: Series | Item) -> object:
    return stamp(found.latest.record.taken if isinstance(found, Series) else moment(found))


def _outside(found: Series | Item, one: Wanted, patient: Patient) -> bool:
    months = one.terms.lookback
    when = found.latest.record.taken if isinstance(found, Series) else moment(found)
    return months is not None and when is not None and when.start < patient.as_of - months * _MONTH


def _of(found: Series | Item) -> frozenset[str]:
    """Tokens of the latest value of a row, or of every entry that an item was made of."""
    if isinstance(found, Series):
        return frozenset(m.source.token for m in (found.latest.record, *found.latest.also))
    return frozenset(member.source.token for member in found.members)


def _of_all(entries: Iterable[Item]) -> Iterable[str]:
    return (source for entry in entries for source in _of(entry))


def _floor(built: Built, patient: Patient) -> Iterable[tuple[str, frozenset[str]]]:
    """Every fact that the safety floor names; a value by the entry that the mark rests on."""
    for one in built.ranking.ranked:
        if not one.floor:
            continue
        names = f"{', '.join(one.floor)}: {_name(one, patient)}"
        said = frozenset(r.source for r in one.reasons if r.source and r.key.startswith("floor."))
        yield names, said or _of(_entry(one.key, patient))


def _entry(key: str, patient: Patient) -> Series | Item:
    return patient.series.get(key) or patient.entries[key]


def _name(one: Ranked, patient: Patient) -> str:
    return _entry(one.key, patient).label


def _listed(lists: dict[str, Wanted], patient: Patient, *, general: bool) -> Iterable[str]:
    """Every value and entry of what a list names; where the visit is not known, what is taken and what is active."""
    for key, names in patient.matches.items():
        if lists.keys().isdisjoint(names):
            continue
        row = patient.series.get(key)
        if row is None:
            yield from _of(patient.entries[key])
            continue
        for point in (*row.points, *row.undated):
            yield from (m.source.token for m in (point.record, *point.also))
    if general:
        yield from _of_all(entry for entry in patient.entries.values() if _stands(entry))
