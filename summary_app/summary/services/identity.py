"""Whether two Patient records are of one person: by trusted identifier, birth date and sex; never by name."""

from __future__ import annotations

from collections.abc import Collection
from typing import Literal

from clinical.records import Patient, SectionRecords

Verdict = Literal["same", "different", "unsure"]


def patient_of(section: SectionRecords | None) -> Patient | None:
    """The Patient that a search for one brought, if it brought one that can be used."""
    for record in section.records if section is not None else ():
        if isinstance(record, Patient) and not record.replaced_by:
            return record
    return None


def trusted(patient: Patient, systems: Collection[str]) -> tuple[tuple[str, str], ...]:
    """(system, value) of the identifiers that may link: those of a trusted system, with a value."""
    return tuple(
        (each.system, each.value)
        for each in patient.identifiers
        if each.system in systems and each.value
    )


def compare(ours: Patient, theirs: Patient, *, systems: Collection[str]) -> tuple[Verdict, str]:
    """same: a trusted identifier and birth date and sex are equal. different: birth date or sex is stated on both
    sides and differs, or one of the two is test data. unsure: anything else. The words say what decided; they hold no
    data of the patient.
    """
    if ours.source.test != theirs.source.test:
        return "different", "one of the two records is marked as test data"
    birth = _birth(ours), _birth(theirs)
    if all(birth) and birth[0] != birth[1]:
        return "different", "the birth dates differ"
    if ours.sex and theirs.sex and ours.sex != theirs.sex:
        return "different", "the recorded sex differs"
    shared = set(trusted(ours, systems)) & set(trusted(theirs, systems))
    if not shared:
        return "unsure", "no trusted identifier is the same"
    if not all(birth) or not ours.sex or not theirs.sex:
        return "unsure", "birth date or sex is not recorded on both sides"
    return "same", ""


def _birth(patient: Patient) -> str:
    """The whole date; a year or a month alone proves nothing."""
    birth = patient.birth
    return birth.text[:10] if birth is not None and birth.precision not in ("year", "month") else ""
