"""Whose record a resource says it is."""

from __future__ import annotations

from . import datatypes, people

_BY_PATIENT = frozenset(
    {"AllergyIntolerance", "Immunization", "Device", "FamilyMemberHistory", "Consent"}
)


def subject_of(resource: datatypes.Resource) -> str | None:
    """The reference of the patient this resource is about, as sent; None when it names none.

    A Patient is about itself ("Patient/1"). A subject given by identifier only comes back as
    "Patient?identifier=system|value", which equals no "Patient/1": it cannot be checked here. An appointment
    may have several patients: this is the first of them (`subjects_of` has all).
    """
    found = subjects_of(resource)
    return found[0] if found else None


def subjects_of(resource: datatypes.Resource) -> tuple[str, ...]:
    """Every patient the resource names; () when it names none."""
    if isinstance(resource, people.Patient):
        return (f"Patient/{resource.id}",) if resource.id else ()
    if isinstance(resource, people.Appointment):
        actors = (part.actor for part in resource.participant or () if part is not None)
        return tuple(_target(actor) for actor in actors if actor and _is_patient(actor))
    element = "patient" if type(resource).__name__ in _BY_PATIENT else "subject"
    reference = getattr(resource, element, None)
    target = _target(reference) if reference is not None else ""
    return (target,) if target else ()


def _target(reference: datatypes.Reference) -> str:
    if reference.reference:
        return reference.reference
    if reference.identifier is None or not reference.identifier.value:
        return ""
    return f"Patient?identifier={reference.identifier.system or ''}|{reference.identifier.value}"


def _is_patient(actor: datatypes.Reference) -> bool:
    if actor.type:
        return actor.type == "Patient"
    return "Patient/" in (actor.reference or "")
