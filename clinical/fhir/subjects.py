"""Is this resource about the patient who was asked for? Servers ignore `patient=`, so every entry is looked at."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from clinical import resources as fhir
from clinical.fhir.entries import Entry

Belonging = Literal["own", "foreign", "unclear"]
_SUBJECTS = ("subject", "patient", "beneficiary", "individual")


class Subject:
    """The patient of one pull at one server. Identity is (FHIR base, id): Patient/1 elsewhere is somebody else."""

    def __init__(self, patient_id: str, base: str) -> None:
        self._id = patient_id
        self._base = base
        self._own = {f"Patient/{patient_id}", f"{base}/Patient/{patient_id}"}

    def judge(self, entry: Entry, *, expected: str) -> Belonging:
        """own: about this patient, or of a kind that is about nobody. unclear: says nothing that can be checked.

        expected: the type that was asked for; entries of other types came along with it.
        """
        if entry.resource is None:
            return self._judge_raw(entry)
        if isinstance(
            entry.resource, fhir.Observation
        ):  # most of what comes, nearly always plainly the patient's
            named = entry.resource.subject
            if named is not None and named.reference in self._own:
                return "own"
        if isinstance(entry.resource, fhir.Appointment) and any(
            self._same(each, entry) for each in fhir.subjects_of(entry.resource)
        ):
            return "own"
        subject = fhir.subject_of(entry.resource)
        if subject is None:
            return "unclear" if entry.type == expected else "own"
        if subject in self._own or self._same(subject, entry):
            return "own"
        if "?" in subject or subject.startswith(("urn:", "#")):
            return "unclear"
        return "foreign" if "Patient/" in subject else _not_a_patient(entry, expected)

    def _same(self, reference: str, entry: Entry) -> bool:
        """Also an absolute reference under the base by which the server itself names this entry."""
        plain = reference.partition("/_history/")[0].partition("|")[0]
        if plain in self._own:
            return True
        base, found, _ = entry.full_url.rpartition(f"/{entry.type}/")
        return bool(found) and plain == f"{base}/Patient/{self._id}"

    def _judge_raw(self, entry: Entry) -> Belonging:
        """For a resource that could not be read: foreign only if it plainly names another patient."""
        try:
            content: Any = msgspec.json.decode(entry.raw)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return "own"
        if not isinstance(content, dict):
            return "own"
        for name in _SUBJECTS:
            holder = content.get(name)
            reference = holder.get("reference") if isinstance(holder, dict) else None
            if isinstance(reference, str) and "Patient/" in reference:
                return "own" if self._same(reference, entry) else "foreign"
        return "own"


def _not_a_patient(entry: Entry, expected: str) -> Belonging:
    """Subjects may be groups, devices or locations; such an entry is not about this patient."""
    return "foreign" if entry.type == expected else "own"
