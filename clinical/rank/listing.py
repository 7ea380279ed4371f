"""The list of today's visit: the packs of its contexts merged, and for the general context the patient's own packs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from clinical.rank.conditions import holds
from clinical.rank.entries import active_problem, has_icd
from clinical.rank.library import GENERAL, Importance, Item, Library, Listed, Pack, Terms
from clinical.rank.patient import Patient
from clinical.records import Visit

_MOST_BORROWED = 4
_ORDER: dict[Importance, int] = {"must": 0, "should": 1, "background": 2}


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """One item as this visit wants it. share: 0 first of its list, 1 last. borrowed: from the patient's own problems.

    unsure: its condition could not be checked. words: why it is on the list.
    """

    item: Item
    importance: Importance
    terms: Terms
    rule: str
    share: float
    words: str
    borrowed: bool = False


def wanted(visit: Visit, library: Library, patient: Patient) -> dict[str, Wanted]:
    """Item id -> how this visit wants it: the highest importance of any of its packs, the first pack among equals."""
    found: dict[str, Wanted] = {}
    for pack, borrowed in packs_of(visit, library, patient):
        for one in _of_pack(pack, library, patient, borrowed):
            known = found.get(one.item.id)
            if known is None or _ORDER[one.importance] < _ORDER[known.importance]:
                found[one.item.id] = one
    return found


def packs_of(visit: Visit, library: Library, patient: Patient) -> list[tuple[Pack, bool]]:
    """The packs of the visit; in the general context also those of the patient's problems (True: borrowed)."""
    own = [(library.packs[one], False) for one in visit.contexts if one in library.packs]
    if GENERAL not in visit.contexts:
        return own
    return own + [(pack, True) for pack in _borrowed(library, patient)]


def _borrowed(library: Library, patient: Patient) -> Sequence[Pack]:
    """Packs of a lasting condition that is on the problem list, those with most on the chart first."""
    found = [
        pack
        for pack in library.packs.values()
        if pack.cue.problems
        and (pack.applies is None or holds(pack.applies, patient) is not False)
        and any(
            has_icd(entry, pack.cue.problems)
            for entry in patient.chart.problems
            if active_problem(entry)
        )
    ]
    found.sort(key=lambda pack: (-_on_chart(pack, patient), pack.id))
    return found[:_MOST_BORROWED]


def _on_chart(pack: Pack, patient: Patient) -> int:
    return sum(1 for one in pack.listed if one.importance == "must" and one.item in patient.owners)


def _of_pack(pack: Pack, library: Library, patient: Patient, borrowed: bool) -> Iterable[Wanted]:
    lengths = {name: sum(1 for one in pack.listed if one.importance == name) for name in _ORDER}
    for one in pack.listed:
        if borrowed and one.importance == "background":
            continue
        importance, words = _importance(one, pack, patient)
        yield Wanted(
            item=library.items[one.item],
            importance=importance,
            terms=one.terms,
            rule=pack.rule,
            share=one.place / lengths[one.importance],
            words=words,
            borrowed=borrowed,
        )


_LIST_WORDS: dict[Importance, str] = {
    "must": "must be seen at this visit", "should": "should be seen at this visit", "background": "background of this visit",
}  # fmt: skip


def _importance(one: Listed, pack: Pack, patient: Patient) -> tuple[Importance, str]:
    """Its importance for this patient and why. A condition that does not hold makes it background."""
    words = f"{_LIST_WORDS[one.importance]} ({pack.title.lower() if pack.title[1:2].islower() else pack.title})"
    if one.terms.applies is None:
        return one.importance, words
    answer = holds(one.terms.applies, patient)
    if answer is False:
        return "background", f"{_LIST_WORDS['background']}: {one.terms.applies_words} does not hold"
    return one.importance, words if answer else f"{words}; whether it applies is not known"
