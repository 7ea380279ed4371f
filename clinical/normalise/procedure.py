"""Procedures. Source: https://hl7.org/fhir/R4/procedure.html"""

from __future__ import annotations

from clinical import resources as fhir
from clinical.records import NotShown, Procedure

from . import words
from .moments import moment
from .reading import Reading


def procedure(resource: fhir.Procedure, reading: Reading) -> Procedure | NotShown:
    """One Procedure; "not-done" is kept with its reason and is not a procedure that took place (rule 51)."""
    if resource.status == "entered-in-error":
        return reading.not_shown(
            resource, "entered-in-error", "the source marked it as entered in error"
        )
    refused = reading.refusal(resource, resource.performer, resource.focalDevice)
    if refused is not None:
        return refused
    performed, said = moment(
        reading,
        date_time=resource.performedDateTime,
        period=resource.performedPeriod,
        age=resource.performedAge,
        span=resource.performedRange,
        words=resource.performedString or words.absent_primitive(resource.performed_date_time_ext),
    )
    actors = tuple(one.actor for one in resource.performer or () if one is not None)
    return Procedure(
        source=reading.source(resource),
        concept=reading.concept(resource.code),
        category=reading.concept(resource.category) if resource.category is not None else None,
        status=resource.status or "",
        performed=performed,
        performed_text=said,
        status_reason=reading.text(resource.statusReason),
        reasons=reading.concepts(resource.reasonCode),
        outcome=reading.text(resource.outcome),
        body_site=", ".join(one.text for one in reading.concepts(resource.bodySite)),
        performers=reading.references(actors, resource),
        report=reading.targets(resource.report),
        identifiers=reading.identifiers(*resource.identifier or ()),
    )
