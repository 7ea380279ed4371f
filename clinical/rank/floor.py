"""The safety floor: what no pack, role or preference may hide. Data and limits stand in floor.toml.

Every mark is made from the chart alone; packs are not asked. What is shown by the page itself (identity, gaps,
restricted data) carries no mark here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from typing import NamedTuple
from weakref import WeakKeyDictionary

from clinical import codes
from clinical.judgement import code_status, consents
from clinical.rank import conflicts
from clinical.rank.entries import (
    active_problem,
    current_medicine,
    has_icd,
    numeric,
    texts_of,
)
from clinical.rank.floor_results import abnormal_marks, pending_marks
from clinical.rank.library import Floor, Library
from clinical.rank.marks import Mark, Open
from clinical.rank.patient import Patient
from clinical.rank.pregnancy import pregnancy_problems, pregnancy_results
from clinical.rank.texts import Finder, split
from clinical.records import Allergy, Concept, Consent, Device, Flag, Observation, Order
from clinical.records import Item as Entry

_MONTH = timedelta(days=30.4375)
_ENDED = frozenset({"inactive", "resolved"})
_FLAG_OVER = frozenset({"inactive", "entered-in-error"})
_DEVICE_OVER = frozenset({"inactive", "entered-in-error"})
ANTIPLATELET = "antiplatelet"  # part of the id for anticoagulants
_LONG_ANTIPLATELET = ("Z7902",)
_HARMLESS = ("low risk", "no risk", "negative", "not at risk", "none")


class Finders(NamedTuple):
    """Phrases of the floor, ready for use. medicines: floor id per ingredient. words, never: floor id per phrase."""

    medicines: Finder
    words: Finder
    never: Finder


_finders: WeakKeyDictionary[Library, Finders] = WeakKeyDictionary()


def _finders_of(library: Library) -> Finders:
    found = _finders.get(library)
    if found is None:
        rules = library.floor.rules.values()
        medicines = Finder((r.id, one) for r in rules for one in r.ingredients)
        words = Finder((r.id, one) for r in rules for one in r.words)
        never = Finder((r.id, one) for r in rules for one in r.not_words)
        found = _finders[library] = Finders(medicines, words, never)
    return found


def marks(patient: Patient, opened: Open) -> dict[str, list[Mark]]:
    """Key of an entry or row -> its marks, strongest first, each floor id once."""
    found: dict[str, list[Mark]] = {}
    for make in _MAKERS:
        for key, mark in make(patient, opened):
            found[key] = _with(found.get(key, []), mark)
    points = patient.library.floor.rules
    for known in found.values():
        known.sort(key=lambda mark: (-points[mark.id].points, mark.id))
    return found


def _with(known: list[Mark], mark: Mark) -> list[Mark]:
    """Each id once; of facts that belong side by side every pair is said."""
    same = next((one for one in known if one.id == mark.id), None)
    if same is None:
        return [*known, mark]
    if mark.id != conflicts.ID or mark.words in same.words:
        return known
    joined = Mark(mark.id, f"{same.words}; {mark.words}")
    return [joined if one is same else one for one in known]


Made = Iterator[tuple[str, Mark]]


def _allergies(patient: Patient, _: Open) -> Made:
    """Every allergy that any source holds to be active or unconfirmed, and every "no known"."""
    for entry in patient.chart.allergies:
        if any(isinstance(one, Allergy) and one.clinical not in _ENDED for one in entry.members):
            yield entry.key, Mark("allergies", "allergies are always shown")


def _problems(patient: Patient, _: Open) -> Made:
    rules = [
        rule for rule in patient.library.floor.rules.values() if rule.icd and rule.id != "pregnancy"
    ]
    for entry in patient.chart.problems:
        if not active_problem(entry):
            continue
        for rule in rules:
            if has_icd(entry, rule.icd):
                part = ANTIPLATELET if has_icd(entry, _LONG_ANTIPLATELET) else ""
                yield entry.key, Mark(rule.id, f"{rule.label}: always shown", part=part)


def _medicines(patient: Patient, _: Open) -> Made:
    floor = patient.library.floor
    finders = _finders_of(patient.library)
    thinners: dict[str, str] = {}
    for entry in patient.chart.medications:
        if not current_medicine(entry):
            continue
        found = _named(entry, finders, patient.library)
        listed = set(patient.matches.get(entry.key, ()))
        found |= {rule.id for rule in floor.rules.values() if listed.intersection(rule.items)}
        anticoagulant = bool(listed.intersection(floor.rules["anticoag"].items))
        if "anticoag" in found:
            thinners[entry.key] = "" if anticoagulant else ANTIPLATELET
        if not anticoagulant:
            found.discard("anticoag")
        for name in sorted(found):
            yield entry.key, Mark(name, f"{floor.rules[name].label}: always shown")
    if len(thinners) > 1:  # one antiplatelet alone is no floor item; two antithrombotics are
        for key, part in thinners.items():
            yield key, Mark("anticoag", "two antithrombotics together: always shown", part=part)


def _named(entry: Entry, finders: Finders, library: Library) -> set[str]:
    """Floor ids of the ingredients that a medicine names; not of an eye drop or a cream."""
    texts = [*texts_of(entry)]
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
    found: set[str] = set()
    never: set[str] = set()
    for words in map(split, texts):
        found |= finders.medicines.owners(words)
        never |= finders.never.owners(words)
    return found - never


def _pregnancy(patient: Patient, _: Open) -> Made:
    keys = [*(entry.key for entry in pregnancy_problems(patient)), *pregnancy_results(patient)]
    for key in keys:
        yield key, Mark("pregnancy", "pregnancy on record: always shown")


def _worded(patient: Patient, _: Open) -> Made:
    """Flags, devices, orders, documents, procedures and problems whose words belong to the floor."""
    finders = _finders_of(patient.library)
    rules = patient.library.floor.rules
    for entry in _with_words(patient):
        for text in texts_of(entry):
            if code_status.is_negated(text):
                continue
            words = split(text)
            for name in sorted(finders.words.owners(words) - finders.never.owners(words)):
                yield entry.key, Mark(name, f"{rules[name].label}: always shown")


def _code_status(patient: Patient, _: Open) -> Made:
    """What is about code status by a code alone, and orders not to resuscitate that are written as "do not perform"."""
    label = patient.library.floor.rules["code_status"].label
    for entry in _with_words(patient):
        if any(_is_code_status(record) for record in entry.members):
            yield entry.key, Mark("code_status", f"{label}: always shown")


def _is_code_status(record: object) -> bool:
    concept = getattr(record, "concept", None)
    if isinstance(record, Consent):
        return consents.belongs(record)
    if not isinstance(concept, Concept):
        return False
    avoid = isinstance(record, Order) and record.avoid
    return code_status.is_coded(concept) or (avoid and code_status.is_withheld([concept.text]))


def _with_words(patient: Patient) -> Iterable[Entry]:
    chart = patient.chart
    yield from (one for one in chart.flags if not _all(one, Flag, _FLAG_OVER))
    yield from (one for one in chart.problems if active_problem(one))
    yield from (
        *chart.consents,
        *chart.documents,
        *chart.procedures,
        *chart.allergies,
        *chart.goals,
    )
    for entry in chart.orders:
        if any(
            getattr(one, "status", "") in ("active", "on-hold", "completed", "unknown", "")
            for one in entry.members
        ):
            yield entry


def _all(entry: Entry, kind: type, statuses: Iterable[str]) -> bool:
    return all(
        isinstance(one, kind) and getattr(one, "status", "") in statuses for one in entry.members
    )


def _flags(patient: Patient, _: Open) -> Made:
    """A flag of a kind that is about safety, whatever its words; those that the floor knows by words stand there."""
    words = _finders_of(patient.library).words
    for entry in patient.chart.flags:
        known = any(words.owners(split(text)) for text in texts_of(entry))
        for record in entry.members:
            if not isinstance(record, Flag) or record.status in _FLAG_OVER:
                continue
            category = record.category.lower()
            if "infection" in category or "isolation" in category:
                yield entry.key, Mark("isolation", "infection-control flag: always shown")
            elif not known and ("behav" in category or "safety" in category):
                yield entry.key, Mark("suicide_risk", "safety flag: always shown", part="flag")


def _devices(patient: Patient, _: Open) -> Made:
    never = _finders_of(patient.library).never
    for entry in patient.chart.devices:
        outside = any("devices" in never.owners(split(text)) for text in texts_of(entry))
        if not outside and not _all(entry, Device, _DEVICE_OVER):
            yield entry.key, Mark("devices", "implanted device: always shown")


def _results(patient: Patient, _: Open) -> Made:
    """Results of the floor by code: code status, organisms, answers about self-harm."""
    rules = {
        r.id: r for r in patient.library.floor.rules.values() if r.loinc and r.id != "pregnancy"
    }
    by_code = {code: rule.id for rule in rules.values() for code in rule.loinc}
    for row in patient.chart.series:
        names = {
            by_code[code] for system, code in row.codes if system == codes.LOINC and code in by_code
        }
        for name in names:
            latest = row.latest.record
            if _in_window(patient, latest, rules[name].window_months) and _positive(latest, name):
                yield row.key, Mark(name, f"{rules[name].label}: always shown")


def _in_window(patient: Patient, latest: Observation, months: int | None) -> bool:
    if months is None or latest.taken is None:
        return True
    return latest.taken.start >= patient.as_of - _MONTH * months


def _positive(latest: Observation, name: str) -> bool:
    """Zero, negative and low risk are answers too, and no reason to alarm; everything else is shown."""
    if name == "code_status":
        return True
    number = numeric(latest)
    if number is not None and number.value is not None:
        return number.value > 0
    value = latest.value
    if value.boolean is not None:
        return value.boolean
    said = (value.concept.text if value.concept is not None else value.string or "").lower()
    words = (*_HARMLESS, "not detected", "not isolated") if name == "isolation" else _HARMLESS
    return bool(said) and not any(word in said for word in words) and said not in ("no", "0")


def _conflicts(patient: Patient, _: Open) -> Made:
    yield from conflicts.marks(patient)


_MAKERS: tuple[Callable[[Patient, Open], Made], ...] = (
    abnormal_marks, pending_marks, _allergies, _problems, _medicines, _pregnancy, _worded, _code_status, _flags, _devices, _results,
    _conflicts,
)  # fmt: skip


def page_ids(floor: Floor) -> tuple[str, ...]:
    """The ids that the page itself fulfils."""
    return tuple(sorted(rule.id for rule in floor.rules.values() if rule.by == "page"))
