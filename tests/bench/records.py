"""Benchmark patients: EHR-like resources of about 2 KB, written as files that a sandbox EHR loads.

Everything is derived from a seed; no file of this module's output is kept in the repository.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

LOINC = "http://loinc.org"
UCUM = "http://unitsofmeasure.org"
REGIONAL = "http://visit-lens.example/identity/regional-id"
CATEGORY = "http://terminology.hl7.org/CodeSystem/observation-category"

# (LOINC, name, unit, low, high): twenty common analytes, enough for a first screen.
ANALYTES = (
    ("2345-7", "Glucose [Mass/volume] in Serum or Plasma", "mg/dL", 70, 99),
    ("2160-0", "Creatinine [Mass/volume] in Serum or Plasma", "mg/dL", 0.5, 1.1),
    ("2823-3", "Potassium [Moles/volume] in Serum or Plasma", "mmol/L", 3.5, 5.1),
    ("2951-2", "Sodium [Moles/volume] in Serum or Plasma", "mmol/L", 136, 145),
    ("2075-0", "Chloride [Moles/volume] in Serum or Plasma", "mmol/L", 98, 107),
    ("4548-4", "Hemoglobin A1c/Hemoglobin.total in Blood", "%", 4.0, 5.6),
    ("718-7", "Hemoglobin [Mass/volume] in Blood", "g/dL", 12.0, 15.5),
    ("6690-2", "Leukocytes [#/volume] in Blood by Automated count", "10*3/uL", 4.0, 11.0),
    ("777-3", "Platelets [#/volume] in Blood by Automated count", "10*3/uL", 150, 400),
    (
        "1742-6",
        "Alanine aminotransferase [Enzymatic activity/volume] in Serum or Plasma",
        "U/L",
        7,
        56,
    ),
    (
        "1920-8",
        "Aspartate aminotransferase [Enzymatic activity/volume] in Serum or Plasma",
        "U/L",
        10,
        40,
    ),
    ("1751-7", "Albumin [Mass/volume] in Serum or Plasma", "g/dL", 3.5, 5.0),
    ("17861-6", "Calcium [Mass/volume] in Serum or Plasma", "mg/dL", 8.6, 10.3),
    ("2093-3", "Cholesterol [Mass/volume] in Serum or Plasma", "mg/dL", 100, 200),
    ("2085-9", "Cholesterol in HDL [Mass/volume] in Serum or Plasma", "mg/dL", 40, 80),
    ("2571-8", "Triglyceride [Mass/volume] in Serum or Plasma", "mg/dL", 50, 150),
    ("3016-3", "Thyrotropin [Units/volume] in Serum or Plasma", "m[IU]/L", 0.4, 4.0),
    ("14959-1", "Microalbumin/Creatinine [Mass Ratio] in Urine", "mg/g", 0, 30),
    ("3094-0", "Urea nitrogen [Mass/volume] in Serum or Plasma", "mg/dL", 7, 20),
    ("2028-9", "Carbon dioxide, total [Moles/volume] in Serum or Plasma", "mmol/L", 22, 29),
)
VITALS = (
    ("8867-4", "Heart rate", "/min", 50, 100),
    ("9279-1", "Respiratory rate", "/min", 12, 20),
    ("8310-5", "Body temperature", "Cel", 36.1, 38.0),
    ("29463-7", "Body weight", "kg", 60, 90),
)


@dataclass(frozen=True)
class Shape:
    """How large a patient is. years: over how long the observations are spread. elsewhere: at the second EHR."""

    key: str
    observations: int
    years: float = 1.0
    seed: int = 1
    elsewhere: int | None = None


def stamp(day: datetime) -> str:
    return day.strftime("%Y-%m-%dT%H:%M:%S+00:00")


def observation(patient: str, number: int, when: datetime, rng: random.Random) -> dict[str, Any]:
    """One Observation as EHRs send it: two codings, identifiers, performers, a range, an interpretation."""
    vital = number % 10 == 9
    code, name, unit, low, high = rng.choice(VITALS if vital else ANALYTES)
    value = round(rng.uniform(low * 0.8, high * 1.2), 1)
    flag = "H" if value > high else "L" if value < low else "N"
    category = "vital-signs" if vital else "laboratory"
    return {
        "resourceType": "Observation",
        "id": f"{patient}-o{number}",
        "meta": {
            "versionId": "1",
            "lastUpdated": stamp(when),
            "profile": ["http://hl7.org/fhir/us/core/StructureDefinition/us-core-observation-lab"],
        },
        "identifier": [
            {
                "use": "official",
                "system": "urn:oid:1.2.840.114350.1.13.0.1.7.2.798268",
                "value": f"{number:09d}",
            },
            {
                "system": "urn:oid:1.2.840.114350.1.13.0.1.7.3.798268.50",
                "value": f"ACC-{number // 12:07d}",
            },
        ],
        "basedOn": [
            {"reference": f"ServiceRequest/{patient}-s{number // 12}", "display": "Ordered panel"}
        ],
        "status": "final",
        "category": [
            {
                "coding": [{"system": CATEGORY, "code": category, "display": category.title()}],
                "text": category.title(),
            }
        ],
        "code": {
            "coding": [
                {"system": LOINC, "code": code, "display": name},
                {
                    "system": "urn:oid:1.2.840.114350.1.13.0.1.7.5.737384.0",
                    "code": f"123{code.replace('-', '')}",
                    "display": name.upper(),
                },
            ],
            "text": name.split(" [")[0],
        },
        "subject": {"reference": f"Patient/{patient}", "display": "Benchmark, Patient"},
        "encounter": {
            "reference": f"Encounter/{patient}-visit",
            "identifier": {
                "system": "urn:oid:1.2.840.114350.1.13.0.1.7.3.698084.8",
                "value": f"V{number:06d}",
            },
        },
        "effectiveDateTime": stamp(when),
        "issued": stamp(when + timedelta(hours=2)),
        "performer": [{"reference": "Organization/lab", "display": "Benchmark laboratory"}],
        "valueQuantity": {"value": value, "unit": unit, "system": UCUM, "code": unit},
        "interpretation": [
            {
                "coding": [
                    {
                        "system": "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation",
                        "code": flag,
                    }
                ]
            }
        ],
        "referenceRange": [
            {
                "low": {"value": low, "unit": unit, "system": UCUM, "code": unit},
                "high": {"value": high, "unit": unit, "system": UCUM, "code": unit},
                "text": f"{low} - {high} {unit}",
            }
        ],
    }


def patient_of(key: str, site: str) -> dict[str, Any]:
    """The same person at both sites: same regional identifier, birth date and sex."""
    return {
        "resourceType": "Patient",
        "id": key,
        "active": True,
        "identifier": [
            {
                "system": f"http://{site}.example/mrn",
                "value": f"{site[0].upper()}-{key}",
                "type": {
                    "coding": [
                        {"system": "http://terminology.hl7.org/CodeSystem/v2-0203", "code": "MR"}
                    ]
                },
            },
            {"system": REGIONAL, "value": f"R-{key}"},
        ],
        "name": [{"use": "official", "family": "Benchmark", "given": ["Anna"]}],
        "gender": "female",
        "birthDate": "1958-02-03",
    }


def background(key: str, today: date) -> list[dict[str, Any]]:
    """What a chart holds beside results: problems, medicines, an allergy, today's visit, a report, a note."""
    subject = {"reference": f"Patient/{key}"}
    now = datetime(today.year, today.month, today.day, tzinfo=UTC)
    problems = (
        ("E11.22", "Type 2 diabetes with diabetic chronic kidney disease"),
        ("I10", "Hypertension"),
    )
    drugs = (
        "Metformin 1000 mg tablet",
        "Lisinopril 20 mg tablet",
        "Atorvastatin 40 mg tablet",
        "Apixaban 5 mg tablet",
    )
    status = "http://terminology.hl7.org/CodeSystem/condition-clinical"
    found: list[dict[str, Any]] = [
        {
            "resourceType": "Condition",
            "id": f"{key}-c{i}",
            "subject": subject,
            "clinicalStatus": {"coding": [{"system": status, "code": "active"}]},
            "category": [
                {
                    "coding": [
                        {
                            "system": "http://terminology.hl7.org/CodeSystem/condition-category",
                            "code": "problem-list-item",
                        }
                    ]
                }
            ],
            "code": {
                "coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": c}],
                "text": t,
            },
        }
        for i, (c, t) in enumerate(problems)
    ]
    found += [
        {
            "resourceType": "MedicationRequest",
            "id": f"{key}-m{i}",
            "subject": subject,
            "status": "active",
            "intent": "order",
            "medicationCodeableConcept": {"text": drug},
            "authoredOn": stamp(now - timedelta(days=200 + i)),
            "dosageInstruction": [{"text": "1 tablet by mouth daily"}],
        }
        for i, drug in enumerate(drugs)
    ]
    found.append(
        {
            "resourceType": "AllergyIntolerance",
            "id": f"{key}-a",
            "patient": subject,
            "code": {"text": "Penicillin"},
            "criticality": "high",
        }
    )
    found.append(
        {
            "resourceType": "Encounter",
            "id": f"{key}-visit",
            "status": "in-progress",
            "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "AMB"},
            "subject": subject,
            "reasonCode": [
                {
                    "coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "E11.9"}],
                    "text": "Diabetes",
                }
            ],
            "period": {"start": stamp(now + timedelta(minutes=1))},
        }
    )
    return found + further(key, now)


def further(key: str, now: datetime) -> list[dict[str, Any]]:
    """Reports, notes, vaccinations, procedures, a score and a smoking status: so that no search comes back empty."""
    subject = {"reference": f"Patient/{key}"}
    found: list[dict[str, Any]] = []
    for i in range(8):
        when = stamp(now - timedelta(days=30 * i + 3))
        found += [
            {
                "resourceType": "DiagnosticReport",
                "id": f"{key}-r{i}",
                "status": "final",
                "subject": subject,
                "code": {
                    "text": (
                        "Chest X-ray",
                        "Echocardiogram",
                        "Retinal photograph",
                        "Abdominal ultrasound",
                    )[i % 4]
                },
                "effectiveDateTime": when,
                "conclusion": "No acute finding.",
            },
            {
                "resourceType": "DocumentReference",
                "id": f"{key}-d{i}",
                "status": "current",
                "subject": subject,
                "type": {"coding": [{"system": LOINC, "code": "11506-3"}], "text": "Progress note"},
                "date": when,
                "content": [
                    {"attachment": {"contentType": "text/plain", "data": "Tm8gY2hhbmdlLg=="}}
                ],
            },
            {
                "resourceType": "Immunization",
                "id": f"{key}-i{i}",
                "status": "completed",
                "patient": subject,
                "vaccineCode": {
                    "coding": [{"system": "http://hl7.org/fhir/sid/cvx", "code": "150"}],
                    "text": "Influenza",
                },
                "occurrenceDateTime": stamp(now - timedelta(days=365 * i + 20)),
            },
            {
                "resourceType": "Procedure",
                "id": f"{key}-p{i}",
                "status": "completed",
                "subject": subject,
                "code": {
                    "text": (
                        "Colonoscopy",
                        "Cataract extraction",
                        "Cholecystectomy",
                        "Skin biopsy",
                    )[i % 4]
                },
                "performedDateTime": stamp(now - timedelta(days=400 * i + 40)),
            },
        ]
    for code, name, category, value in (
        (
            "44261-6",
            "Patient Health Questionnaire 9 item total score",
            "survey",
            {"valueInteger": 4},
        ),
        (
            "72166-2",
            "Tobacco smoking status",
            "social-history",
            {"valueCodeableConcept": {"text": "Former smoker"}},
        ),
    ):
        found.append(
            {
                "resourceType": "Observation",
                "id": f"{key}-{category}",
                "status": "final",
                "category": [{"coding": [{"system": CATEGORY, "code": category}]}],
                "code": {"coding": [{"system": LOINC, "code": code}], "text": name},
                "subject": subject,
                "effectiveDateTime": stamp(now - timedelta(days=20)),
                **value,
            }
        )
    return found


def observations(shape: Shape, site: str, today: date) -> list[dict[str, Any]]:
    """The observations of one patient at one site, the newest first."""
    rng = random.Random(f"{shape.key}/{site}/{shape.seed}")
    end = datetime(today.year, today.month, today.day, tzinfo=UTC) - timedelta(hours=1)
    step = shape.years * 365 * 86400 / max(shape.observations, 1)
    return [
        observation(shape.key, n, end - timedelta(seconds=step * n + rng.uniform(0, step)), rng)
        for n in range(shape.observations)
    ]


def chart(shape: Shape, site: str, today: date) -> list[dict[str, Any]]:
    """Everything that a site holds about one patient."""
    return [
        patient_of(shape.key, site),
        *background(shape.key, today),
        *observations(shape, site, today),
    ]
