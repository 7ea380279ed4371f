"""Immunizations. Source: https://hl7.org/fhir/R4/immunization.html"""

from __future__ import annotations

from clinical import resources as fhir
from clinical.records import Immunization, NotShown

from . import words
from .moments import moment
from .reading import Reading


def immunization(resource: fhir.Immunization, reading: Reading) -> Immunization | NotShown:
    """One Immunization; "not-done" is kept with its reason and is not a dose given (rule 51)."""
    if resource.status == "entered-in-error":
        return reading.not_shown(
            resource, "entered-in-error", "the source marked it as entered in error"
        )
    refused = reading.refusal(
        resource,
        resource.protocolApplied,
        resource.performer,
        resource.reaction,
        resource.education,
    )
    if refused is not None:
        return refused
    given, said = moment(
        reading,
        date_time=resource.occurrenceDateTime,
        words=resource.occurrenceString
        or words.absent_primitive(resource.occurrence_date_time_ext),
    )
    return Immunization(
        source=reading.source(resource),
        concept=reading.concept(resource.vaccineCode),
        status=resource.status or "",
        given=given,
        given_text=said,
        lot=resource.lotNumber or "",
        dose_number=_dose_number(resource),
        status_reason=reading.text(resource.statusReason),
        primary=resource.primarySource,
        subpotent=resource.isSubpotent is True,
        identifiers=reading.identifiers(*resource.identifier or ()),
    )


def _dose_number(resource: fhir.Immunization) -> str:
    for one in resource.protocolApplied or ():
        if one is not None and one.doseNumberPositiveInt is not None:
            return str(one.doseNumberPositiveInt)
        if one is not None and one.doseNumberString:
            return one.doseNumberString
    return ""
