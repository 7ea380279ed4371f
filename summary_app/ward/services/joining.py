"""Who is known at two EHRs stands on the board once: only by a trusted identifier with equal birth date and sex.

Anything less stays two lines. So does everybody whom a rule would join with two records of one EHR: one of those two
may be somebody else.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations

from clinical.reconcile import reconcile
from clinical.records import Patient
from summary_app.summary.services import identity
from summary_app.ward.services.rounds import Kept, Known

_KEPT = 200
_pairs: OrderedDict[tuple[str, str], tuple[Kept, Kept, Kept]] = OrderedDict()
_lock = threading.Lock()


def joined(known: Sequence[Known]) -> tuple[Known, ...]:
    """The same in their order; the second line of a person is taken into the first, whose `others` holds it."""
    same = _same(known)
    gone: set[int] = set()
    made: dict[int, Known] = {}
    for place, others in same.items():
        if place in gone or len(others) != 1 or same[others[0]] != [place]:
            continue
        if known[place].bed.connection.pk == known[others[0]].bed.connection.pk:
            continue
        lead, second = _order(known, place, others[0])
        together = _together(known[lead], known[second])
        if together is not None:
            gone.update((place, others[0]))
            made[lead] = together
    return tuple(made.get(p, one) for p, one in enumerate(known) if p in made or p not in gone)


def _same(known: Sequence[Known]) -> dict[int, list[int]]:
    """For each place the places of the same person, of one EHR too: then it is joined with nobody."""
    people = {place: found for place, one in enumerate(known) if (found := _patient(one))}
    by_identifier: dict[tuple[str, str], list[int]] = {}
    for place, patient in people.items():
        for pair in identity.trusted(patient, known[place].bed.connection.identifier_systems):
            by_identifier.setdefault(pair, []).append(place)
    same: dict[int, list[int]] = {}
    pairs = {pair for places in by_identifier.values() for pair in combinations(places, 2)}
    for one, other in sorted(pairs):
        if _is_same(known[one], people[one], known[other], people[other]):
            same.setdefault(one, []).append(other)
            same.setdefault(other, []).append(one)
    return same


def _order(known: Sequence[Known], first: int, second: int) -> tuple[int, int]:
    """Who lies in a bed leads."""
    in_bed = known[first].bed.encounter is not None or known[second].bed.encounter is None
    return (first, second) if in_bed else (second, first)


def _patient(one: Known) -> Patient | None:
    if one.kept is None or one.chart is None:
        return None
    return identity.patient_of(one.kept.sections.get("patient"))


def _is_same(one: Known, ours: Patient, other: Known, theirs: Patient) -> bool:
    systems = set(one.bed.connection.identifier_systems) & set(
        other.bed.connection.identifier_systems
    )
    return bool(systems) and identity.compare(ours, theirs, systems=systems)[0] == "same"


def _together(lead: Known, second: Known) -> Known | None:
    """None while nothing is kept of one of them: they stay two lines."""
    if lead.kept is None or second.kept is None:
        return None
    bed = replace(
        lead.bed,
        mine=lead.bed.mine or second.bed.mine,
        lists=lead.bed.lists | second.bed.lists,
    )
    kept = _kept(lead, lead.kept, second, second.kept)
    return replace(
        lead,
        bed=bed,
        chart=kept.chart[1] if kept.chart is not None else lead.chart,
        asking=lead.asking or second.asking,
        kept=kept,
        others=(second,),
    )


def _kept(lead: Known, ours: Kept, second: Known, theirs: Kept) -> Kept:
    """The chart of both, made again only when something new came from either."""
    key = (lead.bed.key, second.bed.key)
    with _lock:
        found = _pairs.get(key)
        if found is None or found[0] is not ours or found[1] is not theirs:
            found = _pairs[key] = (ours, theirs, Kept())
        _pairs.move_to_end(key)
        while len(_pairs) > _KEPT:
            _pairs.popitem(last=False)
    kept = found[2]
    with ours.lock:
        version, sections = ours.version, tuple(ours.sections.values())
    with theirs.lock:
        version = (version << 32) + theirs.version
        sections = (*sections, *theirs.sections.values())
    with kept.lock:
        if kept.chart is None or kept.chart[0] != version:
            chart = reconcile(sections, launch_server=lead.bed.connection.key)
            kept.chart = (version, chart)
    return kept
