"""Encounters. Source: https://hl7.org/fhir/R4/encounter.html"""

from __future__ import annotations

from clinical import resources as fhir
from clinical.records import Encounter, NotShown, Participant

from .reading import Reading


def encounter(resource: fhir.Encounter, reading: Reading) -> Encounter | NotShown:
    """One Encounter. A cancelled one is kept under its status: it did not take place, but it was planned."""
    if resource.status == "entered-in-error":
        return reading.not_shown(
            resource, "entered-in-error", "the source marked it as entered in error"
        )
    stay = resource.hospitalization
    refused = reading.refusal(
        resource,
        resource.participant,
        resource.location,
        resource.diagnosis,
        resource.statusHistory,
        resource.classHistory,
        (stay,),
    )
    if refused is not None:
        return refused
    facility = reading.reference(resource.serviceProvider, resource)
    return Encounter(
        source=reading.source(resource),
        status=resource.status or "",
        class_code=_class_code(resource.class_),
        types=reading.concepts(resource.type),
        service=reading.optional(resource.serviceType),
        priority=reading.text(resource.priority),
        reasons=reading.concepts(resource.reasonCode),
        reason_refs=reading.targets(resource.reasonReference),
        period=reading.period(resource.period),
        participants=_participants(resource, reading),
        location=_location(resource, reading),
        facility=facility.display if facility is not None else "",
        disposition=reading.text(stay.dischargeDisposition) if stay is not None else "",
        appointments=reading.targets(resource.appointment),
        identifiers=reading.identifiers(*resource.identifier or ()),
        part_of=reading.target(resource.partOf),
    )


def _class_code(sent: fhir.Coding | None) -> str:
    return (sent.code or sent.display or "") if sent is not None else ""


def _participants(resource: fhir.Encounter, reading: Reading) -> tuple[Participant, ...]:
    found = []
    for one in resource.participant or ():
        who = reading.reference(one.individual, resource) if one is not None else None
        if one is not None and who is not None:
            role = ", ".join(kind.text for kind in reading.concepts(one.type))
            found.append(Participant(reference=who, role=role))
    return tuple(found)


def _location(resource: fhir.Encounter, reading: Reading) -> str:
    """Where the patient is, or was last: an active place, else one not left yet, else the one entered last."""
    places = [one for one in resource.location or () if one is not None]
    if not places:
        return ""
    _, last = max(enumerate(places), key=lambda pair: (*_currency(pair[1]), pair[0]))
    named = reading.reference(last.location, resource)
    return named.display if named is not None else ""


def _currency(place: fhir.EncounterLocation) -> tuple[bool, bool, str]:
    period = place.period
    open_ended = period is None or not period.end
    return place.status == "active", open_ended, (period.start or "") if period is not None else ""
