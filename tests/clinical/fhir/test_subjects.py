from __future__ import annotations

import json
from typing import Any

import pytest

from clinical.fhir.subjects import Subject
from clinical.fhir.wire import read_resource

BASE = "https://ehr.example/fhir"


def judged(resource: dict[str, Any], *, expected: str = "", full_url: str = "") -> str:
    entry = read_resource(json.dumps(resource).encode(), full_url=full_url)
    kind = expected or resource["resourceType"]
    return Subject("1", BASE).judge(entry, expected=kind)


def appointment(*actors: str) -> dict[str, Any]:
    participants = [{"actor": {"reference": actor}} for actor in actors]
    return {"resourceType": "Appointment", "id": "a", "participant": participants}


@pytest.mark.parametrize(
    ("resource", "verdict"),
    [
        (appointment("Practitioner/1", "Patient/1"), "own"),
        (appointment("Patient/2", "Patient/1"), "own"),
        (appointment("Patient/2"), "foreign"),
        (appointment("Practitioner/1"), "unclear"),
        ({"resourceType": "Patient", "id": "1"}, "own"),
        ({"resourceType": "Patient", "id": "2"}, "foreign"),
        ({"resourceType": "Flag", "subject": {"reference": "urn:uuid:1"}}, "unclear"),
        ({"resourceType": "Flag", "subject": {"reference": "#p"}}, "unclear"),
        ({"resourceType": "Flag", "subject": {"identifier": {"value": "1"}}}, "unclear"),
        ({"resourceType": "Flag", "subject": {"reference": "Location/1"}}, "foreign"),
        ({"resourceType": "Device", "patient": {"reference": "Patient/1"}}, "own"),
        ({"resourceType": "Flag", "status": [], "subject": {"reference": "Patient/2"}}, "foreign"),
        ({"resourceType": "Flag", "status": [], "subject": {"reference": "Patient/1"}}, "own"),
        ({"resourceType": "Flag", "status": [], "subject": "Patient/2"}, "own"),
        ({"resourceType": "Nonsense", "patient": {"reference": "Patient/9"}}, "foreign"),
    ],
)
def test_whose_it_is(resource: dict[str, Any], verdict: str) -> None:
    assert judged(resource) == verdict


def test_what_is_about_nobody_may_come_along() -> None:
    drug = {"resourceType": "Medication", "id": "m"}
    assert judged(drug, expected="MedicationRequest") == "own"


def test_what_came_along_about_another_patient_is_foreign() -> None:
    other = {"resourceType": "Encounter", "id": "e", "subject": {"reference": "Patient/2"}}
    assert judged(other, expected="Observation") == "foreign"


def test_a_server_behind_another_name_is_believed_about_itself_only() -> None:
    inside = "http://internal:8080/fhir"
    flag = {"resourceType": "Flag", "id": "f", "subject": {"reference": f"{inside}/Patient/1"}}
    assert judged(flag, full_url=f"{inside}/Flag/f") == "own"
    assert judged(flag, full_url=f"{BASE}/Flag/f") == "foreign"


@pytest.mark.parametrize("raw", [b"{", b"[]", b"7", b'{"subject":NaN}'])
def test_what_cannot_be_read_at_all_is_kept_to_be_counted(raw: bytes) -> None:
    assert Subject("1", BASE).judge(read_resource(raw), expected="Flag") == "own"
