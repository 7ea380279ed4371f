"""Orders and referrals. Source: https://hl7.org/fhir/R4/servicerequest.html"""

from __future__ import annotations

from clinical import resources as fhir
from clinical.records import FhirTime, NotShown, Order

from .moments import moment
from .reading import Reading

PROPOSALS = frozenset({"proposal", "option"})


def order(resource: fhir.ServiceRequest, reading: Reading) -> Order | NotShown:
    """One ServiceRequest. doNotPerform (a DNR order, for one) is kept as `avoid`; revoked under its status."""
    if resource.status == "entered-in-error":
        return reading.not_shown(
            resource, "entered-in-error", "the source marked it as entered in error"
        )
    if resource.status == "draft" or resource.intent in PROPOSALS:
        return reading.not_shown(resource, "proposal", "it is only proposed, not ordered")
    refused = reading.refusal(resource, (resource.occurrenceTiming,))
    if refused is not None:
        return refused
    return Order(
        source=reading.source(resource),
        concept=reading.concept(resource.code),
        status=resource.status or "",
        intent=resource.intent or "",
        category=next((code for one in resource.category or () if (code := reading.code(one))), ""),
        priority=resource.priority or "",
        avoid=resource.doNotPerform is True,
        authored=reading.time(resource.authoredOn),
        occurrence=_occurrence(resource, reading),
        requester=reading.reference(resource.requester, resource),
        reasons=reading.concepts(resource.reasonCode),
        encounter=reading.target(resource.encounter),
        notes=_notes(resource, reading),
        identifiers=reading.identifiers(*resource.identifier or ()),
    )


def _occurrence(resource: fhir.ServiceRequest, reading: Reading) -> FhirTime | None:
    """When it is wanted; of a repeated one the time it is bound to, if any."""
    timing = resource.occurrenceTiming
    bounds = (
        timing.repeat.boundsPeriod if timing is not None and timing.repeat is not None else None
    )
    when, _ = moment(
        reading,
        date_time=resource.occurrenceDateTime,
        period=resource.occurrencePeriod or bounds,
    )
    return when


def _notes(resource: fhir.ServiceRequest, reading: Reading) -> tuple[str, ...]:
    details = tuple(one.text for one in reading.concepts(resource.orderDetail))
    return details + reading.notes(resource.note)
