"""Resources as a source would send them, with only what a test is about; and the reading of them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import msgspec

from clinical import resources as fhir
from clinical.normalise import Reading, read
from clinical.records import NotShown, Record, Section

LOINC = "http://loinc.org"
SNOMED = "http://snomed.info/sct"
UCUM = "http://unitsofmeasure.org"
BASE = "https://ehr.example/fhir"

Json = dict[str, Any]


def concept(code: str = "", *, system: str = LOINC, display: str = "", text: str = "") -> Json:
    coding = {"system": system, "code": code, "display": display}
    found: Json = (
        {"coding": [{key: value for key, value in coding.items() if value}]} if code else {}
    )
    return {**found, "text": text} if text else found


def status(code: str, kind: str) -> Json:
    return concept(code, system=f"http://terminology.hl7.org/CodeSystem/{kind}")


def quantity(value: float | str, unit: str = "mmol/L", **more: Any) -> Json:
    return {"value": value, "unit": unit, "system": UCUM, "code": unit, **more}


def observation(**changes: Any) -> Json:
    """A final potassium of 4.1 with a time; a change of None leaves the element out."""
    return _with(
        {
            "resourceType": "Observation",
            "id": "o1",
            "status": "final",
            "category": [
                concept(
                    "laboratory",
                    system="http://terminology.hl7.org/CodeSystem/observation-category",
                )
            ],
            "code": concept("2823-3", display="Potassium"),
            "subject": {"reference": "Patient/p1"},
            "effectiveDateTime": "2026-02-03T08:00:00Z",
            "valueQuantity": quantity(4.1),
        },
        changes,
    )


def allergy(**changes: Any) -> Json:
    return _with(
        {
            "resourceType": "AllergyIntolerance",
            "id": "a1",
            "patient": {"reference": "Patient/p1"},
            "clinicalStatus": status("active", "allergyintolerance-clinical"),
            "verificationStatus": status("confirmed", "allergyintolerance-verification"),
            "code": concept("764146007", system=SNOMED, text="Penicillin"),
        },
        changes,
    )


def condition(**changes: Any) -> Json:
    return _with(
        {
            "resourceType": "Condition",
            "id": "c1",
            "subject": {"reference": "Patient/p1"},
            "clinicalStatus": status("active", "condition-clinical"),
            "verificationStatus": status("confirmed", "condition-ver-status"),
            "category": [status("problem-list-item", "condition-category")],
            "code": concept("44054006", system=SNOMED, text="Type 2 diabetes"),
        },
        changes,
    )


def request(**changes: Any) -> Json:
    return _with(
        {
            "resourceType": "MedicationRequest",
            "id": "m1",
            "status": "active",
            "intent": "order",
            "subject": {"reference": "Patient/p1"},
            "authoredOn": "2026-01-05",
            "medicationCodeableConcept": concept(text="Metformin 500 mg tablet"),
            "dosageInstruction": [{"text": "1 tablet twice a day"}],
        },
        changes,
    )


def patient(**changes: Any) -> Json:
    return _with(
        {
            "resourceType": "Patient",
            "id": "p1",
            "name": [{"use": "official", "family": "Dahl", "given": ["Ingrid", "Marie"]}],
            "gender": "female",
            "birthDate": "1968-04-09",
        },
        changes,
    )


def other(kind: str, **changes: Any) -> Json:
    """Any other resource type, with an id and nothing else."""
    return {"resourceType": kind, "id": "x1", **changes}


def absent(reason: str = "unknown") -> list[Json]:
    """The extension that says why something is missing."""
    return [
        {
            "url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason",
            "valueCode": reason,
        }
    ]


def decode(resource: Json | str) -> fhir.Resource:
    """As the wire does it. A str keeps digits that Python's JSON would change."""
    text = resource if isinstance(resource, str) else json.dumps(resource)
    kind = fhir.RESOURCE_TYPES[json.loads(text)["resourceType"]]
    return msgspec.json.decode(text.encode(), type=kind)


def reading(included: Mapping[str, Json] | None = None) -> Reading:
    came_along = {key: decode(one) for key, one in (included or {}).items()}
    return Reading(Section.LABS, "mercy", came_along, base=BASE)


def outcome(resource: Json | str, included: Mapping[str, Json] | None = None) -> Record | NotShown:
    return read(decode(resource), reading(included))


def shown(resource: Json | str, included: Mapping[str, Json] | None = None) -> Any:
    """The record; the test fails when there is none."""
    found = outcome(resource, included)
    assert not isinstance(found, NotShown), found
    return found


def hidden(resource: Json | str, included: Mapping[str, Json] | None = None) -> NotShown:
    """The reason; the test fails when it is shown."""
    found = outcome(resource, included)
    assert isinstance(found, NotShown), found
    return found


def _with(resource: Json, changes: Json) -> Json:
    return {key: value for key, value in {**resource, **changes}.items() if value is not None}
