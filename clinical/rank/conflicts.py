"""Facts that belong side by side: a medicine and an allergy, two of one group, a pregnancy and a harmful medicine.

No judgement is made; the two are said together (floor id adverse_reaction_meds).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from weakref import WeakKeyDictionary

from clinical import codes
from clinical.rank.entries import current_medicine, texts_of
from clinical.rank.library import Library
from clinical.rank.marks import Mark
from clinical.rank.patient import Patient
from clinical.rank.texts import Finder, Words, split
from clinical.records import Allergy
from clinical.records import Item as Entry

ID = "adverse_reaction_meds"
_ENDED = frozenset({"inactive", "resolved"})
_TERATOGENS = "med.teratogen"
# Words of a product that are no ingredient: an allergy to "tablet" is no allergy.
_COMMON = frozenset(
    [
        "oral",
        "tablet",
        "tablets",
        "capsule",
        "injection",
        "solution",
        "mg",
        "ml",
        "mcg",
        "unit",
        "units",
        "extended",
        "release",
        "acid",
        "sodium",
        "potassium",
        "calcium",
        "inhaler",
        "cream",
        "ointment",
        "drug",
        "drugs",
        "medication",
        "vaccine",
        "oil",
        "food",
        "extract",
        "human",
        "acetate",
        "hydrochloride",
    ]
)
Made = Iterator[tuple[str, Mark]]
_members: WeakKeyDictionary[Library, Finder] = WeakKeyDictionary()
_known: WeakKeyDictionary[Library, frozenset[str]] = WeakKeyDictionary()
_allergens: WeakKeyDictionary[Library, Finder] = WeakKeyDictionary()


def marks(patient: Patient) -> Made:
    """One mark for each pair, on the medicine."""
    current = [entry for entry in patient.chart.medications if current_medicine(entry)]
    words = {entry.key: _words(entry, patient.library) for entry in current}
    groups = {entry.key: _groups(words[entry.key], patient.library) for entry in current}
    yield from _with_allergies(patient, current, words, groups)
    yield from _twice(patient, current, groups)
    yield from _in_pregnancy(patient, current)


def _words(entry: Entry, library: Library) -> tuple[Words, ...]:
    texts = texts_of(entry)
    for record in entry.members:
        concept = getattr(record, "concept", None)
        for coding in concept.codings if concept is not None else ():
            row = (
                library.codes.get((codes.RXNORM, coding.code))
                if coding.system == codes.RXNORM
                else None
            )
            if row is not None:
                texts.append(row.name)
    return tuple(split(text) for text in dict.fromkeys(texts))


def _groups(words: Sequence[Words], library: Library) -> set[str]:
    finder = _members.get(library)
    if finder is None:
        finder = _members[library] = Finder(
            (g.name, one) for g in library.floor.groups for one in g.ingredients
        )
    return {name for one in words for name in finder.owners(one)}


def _allergy_groups(words: Sequence[Words], library: Library) -> set[str]:
    finder = _allergens.get(library)
    if finder is None:
        pairs = ((g.name, one) for g in library.floor.groups for one in g.allergens)
        finder = _allergens[library] = Finder(pairs, abbreviations=False)
    return {name for one in words for name in finder.owners(one)}


def _with_allergies(
    patient: Patient,
    current: Sequence[Entry],
    words: dict[str, tuple[Words, ...]],
    groups: dict[str, set[str]],
) -> Made:
    for allergy in patient.chart.allergies:
        if not _holds(allergy):
            continue
        said = tuple(split(text) for text in texts_of(allergy))
        concerned = _allergy_groups(said, patient.library)
        named = {word for one in said for word in one.plain if len(word) > 3} - _COMMON
        for entry in current:
            own = {word for one in words[entry.key] for word in one.plain}
            if concerned & groups[entry.key] or _same_substance(
                named, own, patient.library, words[entry.key]
            ):
                yield (
                    entry.key,
                    Mark(ID, f"Allergy to {_name(allergy)} and {_name(entry)} on the list"),
                )


def _holds(allergy: Entry) -> bool:
    return any(
        isinstance(one, Allergy) and not one.negation and one.clinical not in _ENDED
        for one in allergy.members
    )


def _same_substance(
    named: set[str], own: set[str], library: Library, words: Sequence[Words]
) -> bool:
    """An ingredient of ours that both name, in the same words."""
    shared = named & own
    if not shared:
        return False
    return bool(shared & _ingredients(library)) or any(
        one.plain and one.plain[0] in shared for one in words
    )


def _ingredients(library: Library) -> frozenset[str]:
    found = _known.get(library)
    if found is None:
        parts = (
            part
            for item in library.items.values()
            for one in item.ingredients
            for part in one.split()
        )
        found = _known[library] = frozenset(parts) - _COMMON
    return found


def _twice(patient: Patient, current: Sequence[Entry], groups: dict[str, set[str]]) -> Made:
    for group in patient.library.floor.groups:
        if not group.duplicates:
            continue
        same = sorted(entry.key for entry in current if group.name in groups[entry.key])
        if len(same) > 1:
            both = " and ".join(sorted(_name(patient.entries[key]) for key in same))
            yield same[0], Mark(ID, f"Two of one group ({group.name}): {both}")


def _in_pregnancy(patient: Patient, current: Sequence[Entry]) -> Made:
    if not patient.pregnant():
        return
    for entry in current:
        if _TERATOGENS in patient.matches.get(entry.key, ()):
            yield entry.key, Mark(ID, f"Pregnancy on record and {_name(entry)} on the list")


def _name(entry: Entry) -> str:
    return entry.label or "one not named"
