"""Code systems and small datatypes of FHIR R4 as plain dicts."""

from __future__ import annotations

import base64
from typing import Any

Resource = dict[str, Any]

LOINC = "http://loinc.org"
SNOMED = "http://snomed.info/sct"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
ICD10CM = "http://hl7.org/fhir/sid/icd-10-cm"
CVX = "http://hl7.org/fhir/sid/cvx"
UCUM = "http://unitsofmeasure.org"
PERSON = "https://sandbox.visit-lens.example/person"
TERMINOLOGY = "http://terminology.hl7.org/CodeSystem/"
OBSERVATION_CATEGORY = TERMINOLOGY + "observation-category"
INTERPRETATION = TERMINOLOGY + "v3-ObservationInterpretation"
DIAGNOSTIC_SECTION = TERMINOLOGY + "v2-0074"
ACT_CODE = TERMINOLOGY + "v3-ActCode"
ABSENT = TERMINOLOGY + "data-absent-reason"
US_CORE_CATEGORY = "http://hl7.org/fhir/us/core/CodeSystem/us-core-documentreference-category"
ICD, SCT = ICD10CM, SNOMED


def coding(system: str, code: str, display: str = "") -> Resource:
    """One Coding; display is left out when empty."""
    made = {"system": system, "code": code}
    return made | {"display": display} if display else made


def concept(text: str, *codings: tuple[str, str]) -> Resource:
    """A CodeableConcept whose codings all carry `text` as their display; without codings it is words only."""
    made: Resource = {"text": text}
    if codings:
        made["coding"] = [coding(system, code, text) for system, code in codings]
    return made


def coded(system: str, code: str, display: str = "") -> Resource:
    """A CodeableConcept of one coding and no text, as status and category fields are sent."""
    return {"coding": [coding(system, code, display)]}


def quantity(value: float, unit: str, code: str = "", comparator: str = "") -> Resource:
    """A Quantity in UCUM; unit is what is printed, code the UCUM code (the same when empty)."""
    made: Resource = {"value": value, "unit": unit, "system": UCUM, "code": code or unit}
    return made | {"comparator": comparator} if comparator else made


def reference(kind: str, key: str, display: str = "") -> Resource:
    """A relative reference inside the same server."""
    made = {"reference": f"{kind}/{key}"}
    return made | {"display": display} if display else made


def slug(text: str, most: int = 24) -> str:
    """A part of an id made of words: letters, digits and dashes only."""
    kept = "".join(c if c.isascii() and c.isalnum() else " " for c in text.lower())
    return "-".join(kept.split())[:most].rstrip("-")


def encoded(text: str) -> str:
    """Text as the base64 of an Attachment."""
    return base64.b64encode(text.encode()).decode()
