"""A ward of forty patients at two EHRs, and one patient with 5,000 readings: what the figures of the nurse's screens
are measured on. Everything is derived from a seed; times are those of the process that serves them.
"""

from __future__ import annotations

import random
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from tests.bench.prepared import PLACEHOLDER
from tests.bench.records import CATEGORY, LOINC, REGIONAL, UCUM, observation, patient_of, stamp

LONG, BED = "v5000", "bed"  # keys of the charts
BEDS = 20  # at each EHR
UNIT = "6B"
_SETS = 625  # of eight readings
_SNOMED = "http://snomed.info/sct"
_ALERT, _VOICE = ("248234008", "Alert"), ("300202002", "Responds to voice")
_PANEL = {"code": "85354-9", "name": "Blood pressure panel"}
_MEASURED = (
    ("9279-1", "Respiratory rate", "/min", 10, 26),
    ("59408-5", "Oxygen saturation in Arterial blood by Pulse oximetry", "%", 90, 99),
    ("3151-8", "Inhaled oxygen flow rate", "L/min", 0, 3),
    ("8867-4", "Heart rate", "/min", 45, 130),
    ("8310-5", "Body temperature", "Cel", 36, 39),
)


def charts(site: str, now: datetime) -> dict[str, list[dict[str, Any]]]:
    """By key: the patient with 5,000 readings of five days, and the one who lies in every bed."""
    rng = random.Random(f"ward/{site}")
    days = now - timedelta(minutes=9)
    long = [reading for n in range(_SETS) for reading in _set(n, days - n * timedelta(minutes=11.5), rng)]  # fmt: skip
    bed = [reading for n in range(18) for reading in _set(n, days - n * timedelta(hours=4), rng)]
    labs = [observation(PLACEHOLDER, 10 * n, now - timedelta(hours=6 * n), rng) for n in range(60)]
    here = long if site == "mercy" else []
    return {
        LONG: [patient_of(PLACEHOLDER, site), *here],
        BED: [_lying(site), *bed, *labs],
    }


def _lying(site: str) -> dict[str, Any]:
    """Somebody whom only this EHR knows: who is known at both would stand on the board once."""
    found = patient_of(PLACEHOLDER, site)
    others = [each for each in found["identifier"] if each["system"] != REGIONAL]
    return found | {
        "identifier": [*others, {"system": REGIONAL, "value": f"R-{site}-{PLACEHOLDER}"}]
    }


def places(now: datetime) -> list[dict[str, Any]]:
    """The stays in progress with their beds, as a search with `_include=Encounter:location` brings them."""
    return [
        resource for number in range(1, BEDS + 1) for resource in (_stay(number, now), _bed(number))
    ]


def _stay(number: int, now: datetime) -> dict[str, Any]:
    return {
        "resourceType": "Encounter",
        "id": f"{BED}.{number}-stay",
        "status": "in-progress",
        "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "IMP"},
        "subject": {"reference": f"Patient/{BED}.{number}"},
        "reasonCode": [{"text": "Pneumonia"}],
        "period": {"start": stamp(now - timedelta(days=3))},
        "location": [{"location": {"reference": f"Location/place-{number}"}, "status": "active"}],
    }


def _bed(number: int) -> dict[str, Any]:
    return {
        "resourceType": "Location",
        "id": f"place-{number}",
        "name": f"{UNIT} bed {number:02d}",
        "partOf": {"reference": "Location/unit", "display": UNIT},
    }


def _set(number: int, at: datetime, rng: random.Random) -> Iterable[dict[str, Any]]:
    """Eight readings in seven resources."""
    for code, name, unit, low, high in _MEASURED:
        yield _vital(number, at, code, name, valueQuantity=_quantity(rng.randint(low, high), unit))
    systolic = rng.randint(88, 160)
    parts = [
        {"code": _code(code, name), "valueQuantity": _quantity(value, "mm[Hg]")}
        for code, name, value in (
            ("8480-6", "Systolic blood pressure", systolic),
            ("8462-4", "Diastolic blood pressure", systolic - 40),
        )
    ]
    yield _vital(number, at, _PANEL["code"], _PANEL["name"], component=parts)
    answer, words = _VOICE if rng.random() < 0.1 else _ALERT
    coded = {"coding": [{"system": _SNOMED, "code": answer}], "text": words}
    yield _vital(number, at, "67775-7", "Level of responsiveness", valueCodeableConcept=coded)


def _vital(number: int, at: datetime, code: str, name: str, **value: Any) -> dict[str, Any]:
    return {
        "resourceType": "Observation",
        "id": f"{PLACEHOLDER}-v{code}-{number}",
        "meta": {"lastUpdated": stamp(at)},
        "status": "final",
        "category": [{"coding": [{"system": CATEGORY, "code": "vital-signs"}]}],
        "code": _code(code, name),
        "subject": {"reference": f"Patient/{PLACEHOLDER}"},
        "effectiveDateTime": stamp(at),
        "issued": stamp(at + timedelta(minutes=2)),
        "performer": [{"reference": "Practitioner/nina"}],
        **value,
    }


def _code(code: str, name: str) -> dict[str, Any]:
    return {"coding": [{"system": LOINC, "code": code, "display": name}], "text": name}


def _quantity(value: int, unit: str) -> dict[str, Any]:
    return {"value": value, "unit": unit, "system": UCUM, "code": unit}
