"""Problems, encounter diagnoses and health concerns. Source: https://hl7.org/fhir/R4/condition.html"""

from __future__ import annotations

from clinical import resources as fhir
from clinical.records import NotShown, Problem

from .moments import moment
from .reading import Reading

# When a Condition is in several categories, the list a clinician keeps comes first; a diagnosis of a visit is never
# promoted to it (rule 52).
CATEGORY_ORDER = ("problem-list-item", "health-concern", "encounter-diagnosis")


def problem(resource: fhir.Condition, reading: Reading) -> Problem | NotShown:
    """One Condition. Missing clinicalStatus stays "" ("status not stated", treated as active for safety, rule 6).

    Refuted ones are records: a list must show them as refuted. entered-in-error needs no clinicalStatus (rule 7).
    """
    verification = reading.code(resource.verificationStatus)
    if verification == "entered-in-error":
        return reading.not_shown(
            resource, "entered-in-error", "the source marked it as entered in error"
        )
    refused = reading.refusal(resource, resource.stage, resource.evidence)
    if refused is not None:
        return refused
    onset, onset_text = moment(
        reading,
        date_time=resource.onsetDateTime,
        period=resource.onsetPeriod,
        age=resource.onsetAge,
        span=resource.onsetRange,
        words=resource.onsetString,
    )
    abatement, abatement_text = moment(
        reading,
        date_time=resource.abatementDateTime,
        period=resource.abatementPeriod,
        age=resource.abatementAge,
        span=resource.abatementRange,
        words=resource.abatementString or ("abated" if resource.abatementBoolean else None),
    )
    return Problem(
        source=reading.source(resource),
        concept=reading.concept(resource.code),
        category=_category(resource.category, reading),
        clinical=reading.code(resource.clinicalStatus),
        verification=verification,
        severity=reading.text(resource.severity),
        body_site=", ".join(one.text for one in reading.concepts(resource.bodySite)),
        stage=_stage(resource, reading),
        onset=onset,
        onset_text=onset_text,
        abatement=abatement,
        abatement_text=abatement_text,
        recorded=reading.time(resource.recordedDate),
        encounter=reading.target(resource.encounter),
        recorder=reading.reference(resource.recorder or resource.asserter, resource),
        notes=reading.notes(resource.note),
        identifiers=reading.identifiers(*resource.identifier or ()),
    )


def _category(sent: fhir.Concepts | None, reading: Reading) -> str:
    found = [code for one in sent or () if (code := _category_code(one, reading))]
    for wanted in CATEGORY_ORDER:
        if wanted in found:
            return wanted
    return reading.share(found[0]) if found else ""


def _category_code(sent: fhir.CodeableConcept | None, reading: Reading) -> str:
    """One concept may carry several codings; a standard one says more than a local one."""
    codes = [coding.code for coding in reading.concept(sent).codings]
    return next((code for code in codes if code in CATEGORY_ORDER), reading.code(sent))


def _stage(resource: fhir.Condition, reading: Reading) -> str:
    stages = (reading.text(one.summary) for one in resource.stage or () if one is not None)
    return ", ".join(stage for stage in stages if stage)
