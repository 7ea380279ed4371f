"""Appointments. Source: https://hl7.org/fhir/R4/appointment.html"""

from __future__ import annotations

from clinical import resources as fhir
from clinical.records import Appointment, Concept, NotShown, Participant

from .reading import Reading


def appointment(resource: fhir.Appointment, reading: Reading) -> Appointment | NotShown:
    """One Appointment; cancelled and missed ones are kept under their status. `end` is the end of the slot."""
    if resource.status == "entered-in-error":
        return reading.not_shown(
            resource, "entered-in-error", "the source marked it as entered in error"
        )
    refused = reading.refusal(resource, resource.participant)
    if refused is not None:
        return refused
    return Appointment(
        source=reading.source(resource),
        status=resource.status or "",
        service=_first(resource.serviceType, reading) or _first(resource.serviceCategory, reading),
        specialty=_first(resource.specialty, reading),
        type=reading.optional(resource.appointmentType),
        reasons=reading.concepts(resource.reasonCode),
        reason_refs=reading.targets(resource.reasonReference),
        description=resource.description or "",
        comment=resource.comment or "",
        start=reading.time(resource.start),
        end=reading.time(resource.end),
        participants=_participants(resource, reading),
    )


def _first(sent: fhir.Concepts | None, reading: Reading) -> Concept | None:
    found = reading.concepts(sent)
    return found[0] if found else None


def _participants(resource: fhir.Appointment, reading: Reading) -> tuple[Participant, ...]:
    found = []
    for one in resource.participant or ():
        who = reading.reference(one.actor, resource) if one is not None else None
        if one is not None and who is not None:
            role = ", ".join(kind.text for kind in reading.concepts(one.type))
            found.append(Participant(reference=who, role=role))
    return tuple(found)
