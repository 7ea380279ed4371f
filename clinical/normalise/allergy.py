"""Allergies and intolerances. Source: https://hl7.org/fhir/R4/allergyintolerance.html and US Core's notes on it"""

from __future__ import annotations

from typing import Literal

from clinical import codes
from clinical import resources as fhir
from clinical.records import Allergy, Concept, NotShown, Reaction

from . import words
from .moments import moment
from .reading import Reading

ABSENT_UNKNOWN = "http://hl7.org/fhir/uv/ips/CodeSystem/absent-unknown-uv-ips"

# (system, code) -> what is denied. SNOMED CT "No known allergy" and its narrower forms; IPS 1.x had codes of its own.
NONE_KNOWN: dict[tuple[str, str], str] = {
    (codes.SNOMED, "716186003"): "all",
    (codes.SNOMED, "160244002"): "all",  # legacy "no known allergies"
    (codes.SNOMED, "409137002"): "drug",
    (codes.SNOMED, "429625007"): "food",
    (codes.SNOMED, "428607008"): "environment",
    (codes.SNOMED, "1003774007"): "latex",
    (ABSENT_UNKNOWN, "no-known-allergies"): "all",
    (ABSENT_UNKNOWN, "no-known-medication-allergies"): "drug",
    (ABSENT_UNKNOWN, "no-known-food-allergies"): "food",
    (ABSENT_UNKNOWN, "no-known-environmental-allergies"): "environment",
}
NOT_ASKED = frozenset(
    {
        (codes.SNOMED, "1631000175102"),  # patient not asked
        (codes.SNOMED, "1287211007"),  # no information available
        (ABSENT_UNKNOWN, "no-allergy-info"),
        (codes.DATA_ABSENT_REASON, "not-asked"),
        (words.NULL_FLAVOR, "NASK"),
    }
)
_NO_LONGER = frozenset({"inactive", "resolved"})

Negation = Literal["", "none-known", "not-asked"]


def allergy(resource: fhir.AllergyIntolerance, reading: Reading) -> Allergy | NotShown:
    """One AllergyIntolerance. Criticality and reaction severity stay apart and as sent (rule 8).

    "None known" only from a code for it that is confirmed, or whose verification is not stated (rule 1); words alone
    ("NKDA") stay words. Missing status or criticality stays "", which is neither active nor low.
    """
    verification = reading.code(resource.verificationStatus)
    if verification == "entered-in-error":
        return reading.not_shown(
            resource, "entered-in-error", "the source marked it as entered in error"
        )
    refused = reading.refusal(resource, resource.reaction)
    if refused is not None:
        return refused
    concept = _substance(resource, reading)
    clinical = reading.code(resource.clinicalStatus)
    negation, scope = _negation(concept, verification)
    if negation and verification == "refuted":
        return reading.not_shown(
            resource, "refuted", "the source refutes its own statement that none is known"
        )
    if negation and clinical in _NO_LONGER:
        return reading.not_shown(
            resource, "withdrawn", "the statement that none is known no longer holds"
        )
    return _record(resource, reading, concept, verification, clinical, negation, scope)


def _substance(resource: fhir.AllergyIntolerance, reading: Reading) -> Concept:
    """The code; when a converter left it out, the substance that the reactions name, if they agree on it."""
    concept = reading.concept(resource.code)
    if concept.text or concept.codings:
        return concept
    named = {
        found
        for one in resource.reaction or ()
        if one is not None and (found := reading.optional(one.substance)) is not None
    }
    if len(named) == 1:
        return named.pop()
    return Concept(text=" / ".join(sorted(one.text for one in named)))


def _negation(concept: Concept, verification: str) -> tuple[Negation, str]:
    for coding in concept.codings:
        key = (coding.system or "", coding.code)
        if key in NOT_ASKED:
            return "not-asked", ""
        if key in NONE_KNOWN:
            scope = NONE_KNOWN[key]
            # An unconfirmed "none known" is nobody's assertion: it counts as not asked (rules 1 and 2).
            return ("none-known" if verification in ("", "confirmed") else "not-asked"), scope
    return "", ""


def _record(
    resource: fhir.AllergyIntolerance,
    reading: Reading,
    concept: Concept,
    verification: str,
    clinical: str,
    negation: Negation,
    scope: str,
) -> Allergy:
    onset, onset_text = moment(
        reading,
        date_time=resource.onsetDateTime,
        period=resource.onsetPeriod,
        age=resource.onsetAge,
        span=resource.onsetRange,
        words=resource.onsetString,
    )
    notes = reading.notes(resource.note)
    return Allergy(
        source=reading.source(resource),
        concept=concept,
        negation=negation,
        negation_scope=scope,
        clinical=clinical,
        verification=verification,
        type=resource.type or "",
        categories=tuple(one for one in resource.category or () if one),
        criticality=resource.criticality or "",
        reactions=tuple(
            _reaction(one, reading) for one in resource.reaction or () if one is not None
        ),
        onset=onset,
        recorded=reading.time(resource.recordedDate),
        last_occurrence=reading.time(resource.lastOccurrence),
        recorder=reading.reference(resource.recorder or resource.asserter, resource),
        notes=(*notes, f"Onset: {onset_text}") if onset_text else notes,
        identifiers=reading.identifiers(*resource.identifier or ()),
    )


def _reaction(sent: fhir.AllergyReaction, reading: Reading) -> Reaction:
    said = [sent.description, *reading.notes(sent.note)]
    return Reaction(
        manifestations=reading.concepts(sent.manifestation),
        substance=reading.optional(sent.substance),
        severity=sent.severity or "",
        onset=reading.time(sent.onset),
        text="; ".join(part for part in said if part),
    )
