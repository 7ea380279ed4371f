"""Invented patients for the browser: enough of each section to fill a screen, dates counted from today."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from django.utils import timezone

from tests.summary_app.ehr import MRN, patient

Json = dict[str, Any]
LOINC, SNOMED, RXNORM = (
    "http://loinc.org",
    "http://snomed.info/sct",
    "http://www.nlm.nih.gov/research/umls/rxnorm",
)
ICD = "http://hl7.org/fhir/sid/icd-10-cm"

# name, LOINC, unit, low, high, values oldest first (days ago: value)
_LABS = (
    ("Potassium", "2823-3", "mmol/L", 3.5, 5.1, {400: 4.3, 200: 4.8, 0: 5.9}),
    ("Hemoglobin A1c", "4548-4", "%", 4.0, 5.6, {380: 8.9, 190: 8.6, 11: 8.1}),
    ("Creatinine", "2160-0", "mg/dL", 0.5, 1.0, {380: 1.0, 190: 1.15, 11: 1.31}),
    ("eGFR", "33914-3", "mL/min/{1.73_m2}", 60.0, None, {380: 58, 190: 52, 11: 44}),
    ("LDL cholesterol", "13457-7", "mg/dL", None, None, {200: 71}),
    ("Hemoglobin", "718-7", "g/dL", 12.0, 15.5, {380: 12.4, 11: 11.4}),
    ("Zinc", "5763-8", "ug/dL", 60.0, 120.0, {300: 40}),
)


def moment(days: float) -> str:
    at: datetime = timezone.now() - timedelta(days=days, minutes=40)
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def day(days: float) -> str:
    return moment(days)[:10]


def coded(text: str, system: str, code: str) -> Json:
    return {"coding": [{"system": system, "code": code, "display": text}], "text": text}


def observation(identifier: str, owner: str, category: str, code: Json, **more: Any) -> Json:
    return {
        "resourceType": "Observation",
        "id": identifier,
        "status": "final",
        "category": [
            {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/observation-category", "code": category}]}
        ],
        "code": code,
        "subject": {"reference": f"Patient/{owner}"},
        **more,
    }  # fmt: skip


def quantity(value: float, unit: str) -> Json:
    return {"value": value, "unit": unit, "code": unit, "system": "http://unitsofmeasure.org"}


def labs(owner: str) -> list[Json]:
    found = []
    for name, code, unit, low, high, points in _LABS:
        limits = {k: quantity(v, unit) for k, v in (("low", low), ("high", high)) if v is not None}
        for days, value in points.items():
            more: Json = {"referenceRange": [limits]} if limits else {}
            found.append(
                observation(f"{code}-{days}", owner, "laboratory", coded(name, LOINC, code),
                            effectiveDateTime=moment(days), valueQuantity=quantity(value, unit), **more)
            )  # fmt: skip
    return found


def pressure(owner: str, identifier: str, days: float, high: int, low: int) -> Json:
    parts = [
        {"code": coded("Systolic", LOINC, "8480-6"), "valueQuantity": quantity(high, "mm[Hg]")},
        {"code": coded("Diastolic", LOINC, "8462-4"), "valueQuantity": quantity(low, "mm[Hg]")},
    ]
    code = coded("Blood pressure", LOINC, "85354-9")
    return observation(identifier, owner, "vital-signs", code, effectiveDateTime=moment(days), component=parts)  # fmt: skip


def problem(owner: str, identifier: str, text: str, code: str) -> Json:
    return {
        "resourceType": "Condition",
        "id": identifier,
        "subject": {"reference": f"Patient/{owner}"},
        "code": coded(text, SNOMED, code),
        "category": [{"coding": [{"code": "problem-list-item"}]}],
        "clinicalStatus": {"coding": [{"code": "active"}]},
        "verificationStatus": {"coding": [{"code": "confirmed"}]},
        "onsetDateTime": day(4000),
    }


def medicine(owner: str, identifier: str, text: str, code: str, dose: str, days: float) -> Json:
    return {
        "resourceType": "MedicationRequest",
        "id": identifier,
        "status": "active",
        "intent": "order",
        "subject": {"reference": f"Patient/{owner}"},
        "medicationCodeableConcept": coded(text, RXNORM, code),
        "authoredOn": day(days),
        "dosageInstruction": [{"text": dose}],
    }


def allergy(owner: str) -> Json:
    return {
        "resourceType": "AllergyIntolerance",
        "id": "al1",
        "patient": {"reference": f"Patient/{owner}"},
        "code": coded("Penicillin", SNOMED, "764146007"),
        "criticality": "high",
        "clinicalStatus": {"coding": [{"code": "active"}]},
        "reaction": [{"manifestation": [coded("Anaphylaxis", SNOMED, "39579001")]}],
    }


def visit(owner: str, identifier: str, text: str, code: str) -> Json:
    return {
        "resourceType": "Encounter",
        "id": identifier,
        "status": "in-progress",
        "class": {"code": "AMB"},
        "subject": {"reference": f"Patient/{owner}"},
        "period": {"start": moment(0)},
        "reasonCode": [coded(text, ICD, code)],
    }


def anna(owner: str = "p1", **more: Any) -> list[Json]:
    """Type 2 diabetes, known for years."""
    return [
        patient(owner, **more),
        visit(owner, "e1", "Type 2 diabetes mellitus", "E11.9"),
        *labs(owner),
        pressure(owner, "bp1", 200, 136, 82),
        pressure(owner, "bp2", 0, 148, 86),
        problem(owner, "c1", "Type 2 diabetes mellitus", "44054006"),
        problem(owner, "c2", "Hypertension", "38341003"),
        medicine(owner, "m1", "Metformin 1000 MG Oral Tablet", "861004", "1 tablet twice daily", 3000),
        medicine(owner, "m2", "Apixaban 5 MG Oral Tablet", "1364445", "1 tablet twice daily", 900),
        allergy(owner),
    ]  # fmt: skip


def boris(owner: str = "p2") -> list[Json]:
    """Another person entirely."""
    return [
        {
            **patient(owner),
            "name": [{"family": "Quimby", "given": ["Boris"]}],
            "gender": "male",
            "birthDate": "1955-06-17",
            "identifier": [{"system": MRN, "value": "987-65-4321"}],
        },
        visit(owner, "e2", "Hypertension", "I10"),
        problem(owner, "c9", "Gout", "90560007"),
    ]
