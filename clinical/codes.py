"""Code systems by their URI, and small questions about coded concepts."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from clinical.records import Coding, Concept

LOINC = "http://loinc.org"
SNOMED = "http://snomed.info/sct"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
NDC = "http://hl7.org/fhir/sid/ndc"
UNII = "http://fdasis.nlm.nih.gov"
ATC = "http://www.whocc.no/atc"
CVX = "http://hl7.org/fhir/sid/cvx"
ICD10CM = "http://hl7.org/fhir/sid/icd-10-cm"
ICD10 = "http://hl7.org/fhir/sid/icd-10"
ICD9CM = "http://hl7.org/fhir/sid/icd-9-cm"
CPT = "http://www.ama-assn.org/go/cpt"
UCUM = "http://unitsofmeasure.org"

ACT_CODE = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
ACT_REASON = "http://terminology.hl7.org/CodeSystem/v3-ActReason"
CONFIDENTIALITY = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality"
OBSERVATION_VALUE = "http://terminology.hl7.org/CodeSystem/v3-ObservationValue"
INTERPRETATION = "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation"
OBSERVATION_CATEGORY = "http://terminology.hl7.org/CodeSystem/observation-category"
CONDITION_CATEGORY = "http://terminology.hl7.org/CodeSystem/condition-category"
CONDITION_CLINICAL = "http://terminology.hl7.org/CodeSystem/condition-clinical"
CONDITION_VERIFICATION = "http://terminology.hl7.org/CodeSystem/condition-ver-status"
ALLERGY_CLINICAL = "http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical"
ALLERGY_VERIFICATION = "http://terminology.hl7.org/CodeSystem/allergyintolerance-verification"
US_CORE_CATEGORY = "http://hl7.org/fhir/us/core/CodeSystem/us-core-category"
US_CORE_CONDITION_CATEGORY = "http://hl7.org/fhir/us/core/CodeSystem/condition-category"
CONSENT_CATEGORY = "http://terminology.hl7.org/CodeSystem/consentcategorycodes"
DIAGNOSTIC_SERVICE = "http://terminology.hl7.org/CodeSystem/v2-0074"
DATA_ABSENT_REASON = "http://terminology.hl7.org/CodeSystem/data-absent-reason"
DATA_ABSENT_EXTENSION = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"

# The same system under the other names it travels by: OIDs of CDA and v2 converters, retired URIs.
SYSTEM_ALIASES: dict[str, str] = {
    "urn:oid:2.16.840.1.113883.6.1": LOINC,
    "urn:oid:2.16.840.1.113883.6.96": SNOMED,
    "urn:oid:2.16.840.1.113883.6.88": RXNORM,
    "urn:oid:2.16.840.1.113883.6.69": NDC,
    "urn:oid:2.16.840.1.113883.4.9": UNII,
    "urn:oid:2.16.840.1.113883.12.292": CVX,
    "urn:oid:2.16.840.1.113883.6.59": CVX,
    "urn:oid:2.16.840.1.113883.6.90": ICD10CM,
    "urn:oid:2.16.840.1.113883.6.3": ICD10,
    "urn:oid:2.16.840.1.113883.6.103": ICD9CM,
    "urn:oid:2.16.840.1.113883.6.12": CPT,
    "urn:oid:2.16.840.1.113883.6.8": UCUM,
    "http://www.loinc.org": LOINC,
    "https://loinc.org": LOINC,
    "http://www.nlm.nih.gov/research/umls/rxnorm/": RXNORM,
    "http://hl7.org/fhir/v2/0078": INTERPRETATION,
    "http://terminology.hl7.org/CodeSystem/v2-0078": INTERPRETATION,
    "http://hl7.org/fhir/v3/ObservationInterpretation": INTERPRETATION,
    "http://hl7.org/fhir/observation-category": OBSERVATION_CATEGORY,
    "http://hl7.org/fhir/condition-category": CONDITION_CATEGORY,
}


def system_uri(system: str | None) -> str | None:
    """The system under its own URI; a system we do not know comes back as sent."""
    return SYSTEM_ALIASES.get(system, system) if system else None


def codes_of(concept: Concept | None, system: str) -> tuple[str, ...]:
    """The concept's codes in one system, in the order sent."""
    if concept is None:
        return ()
    return tuple(coding.code for coding in concept.codings if coding.system == system)


def has_code(concept: Concept | None, system: str, codes: Collection[str]) -> bool:
    """Whether one of the concept's codings is in `codes` of that system. A code without a system matches nothing."""
    if concept is None:
        return False
    return any(coding.system == system and coding.code in codes for coding in concept.codings)


def first_code(concepts: Iterable[Concept], system: str) -> str:
    """The first code of that system in any of the concepts, or ""."""
    for concept in concepts:
        for coding in concept.codings:
            if coding.system == system:
                return coding.code
    return ""


def key_of(coding: Coding) -> str:
    """ "system|code", the way packs and tables name a code."""
    return f"{coding.system or ''}|{coding.code}"
