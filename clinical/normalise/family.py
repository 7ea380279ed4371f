"""What relatives had. Source: https://hl7.org/fhir/R4/familymemberhistory.html"""

from __future__ import annotations

from clinical import resources as fhir
from clinical.records import Concept, FamilyHistory, NotShown

from .moments import age_words, moment
from .reading import Reading


def family_history(
    resource: fhir.FamilyMemberHistory, reading: Reading
) -> FamilyHistory | NotShown:
    """One relative; never a problem of the patient (rule 53). "health-unknown" and "partial" stay in `status`."""
    if resource.status == "entered-in-error":
        return reading.not_shown(
            resource, "entered-in-error", "the source marked it as entered in error"
        )
    refused = reading.refusal(resource, resource.condition)
    if refused is not None:
        return refused
    return FamilyHistory(
        source=reading.source(resource),
        relationship=reading.text(resource.relationship) or (resource.name or ""),
        status=resource.status or "",
        conditions=tuple(
            _condition(one, reading) for one in resource.condition or () if one is not None
        ),
        deceased=_deceased(resource),
        notes=_notes(resource, reading),
    )


def _condition(sent: fhir.FamilyCondition, reading: Reading) -> tuple[Concept, str]:
    when, said = moment(
        reading,
        period=sent.onsetPeriod,
        age=sent.onsetAge,
        span=sent.onsetRange,
        words=sent.onsetString,
    )
    parts = [when.text if when is not None else said]
    if sent.contributedToDeath:
        parts.append("contributed to death")
    if sent.outcome is not None:
        parts.append(reading.text(sent.outcome))
    return reading.concept(sent.code), ", ".join(part for part in parts if part)


def _deceased(resource: fhir.FamilyMemberHistory) -> bool:
    if resource.deceasedBoolean is not None:
        return resource.deceasedBoolean
    return any(
        (
            resource.deceasedAge,
            resource.deceasedRange,
            resource.deceasedDate,
            resource.deceasedString,
        )
    )


def _notes(resource: fhir.FamilyMemberHistory, reading: Reading) -> tuple[str, ...]:
    notes = reading.notes(resource.note)
    if resource.deceasedAge is not None and age_words(resource.deceasedAge):
        notes += (f"Died at {age_words(resource.deceasedAge)}",)
    if resource.dataAbsentReason is not None:
        notes += (f"Not known: {reading.text(resource.dataAbsentReason)}",)
    return notes
