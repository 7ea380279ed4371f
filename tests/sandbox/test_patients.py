"""The authored patients: valid FHIR, references that lead somewhere, nothing in the future, the same every time."""

from __future__ import annotations

import base64
import importlib
import json
import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import pytest
from fhirclient.models.fhirabstractbase import FHIRValidationError

from sandbox.patients import UNREADABLE, WRONG_ON_PURPOSE, resources
from sandbox.patients.terms import PERSON

NOW = datetime(2026, 11, 26, 16, 20, 31, tzinfo=UTC)
SERVERS = ("mercy", "lakeside")
ID = re.compile(r"[A-Za-z0-9\-.]{1,64}")
# Fields that may lie ahead: they say what is planned.
PLANNED = ("occurrenceDateTime", "valueDateTime", "dueDate", "boundsPeriod", "expirationDate")
MOMENT = re.compile(r"\d{4}(-\d\d(-\d\d(T.*)?)?)?$")


@cache
def made(server: str, now: datetime = NOW) -> list[dict[str, Any]]:
    return resources(server, now)


@pytest.fixture(params=SERVERS)
def server(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_every_resource_says_what_it_is(server: str) -> None:
    for resource in made(server):
        assert resource["resourceType"]
        assert ID.fullmatch(resource["id"]), resource["id"]


def test_no_id_twice(server: str) -> None:
    counts = Counter((r["resourceType"], r["id"]) for r in made(server))
    assert [key for key, count in counts.items() if count > 1] == []


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("reference"), str):
            yield value["reference"]
        for inner in value.values():
            yield from _references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _references(inner)


def test_references_lead_somewhere(server: str) -> None:
    known = {f"{r['resourceType']}/{r['id']}" for r in made(server)}
    lost = {
        (r["id"], target)
        for r in made(server)
        if f"{r['resourceType']}/{r['id']}" not in WRONG_ON_PURPOSE
        for target in _references(r)
        if not target.startswith("#") and target not in known
    }
    assert lost == set()


def test_clinical_resources_are_about_a_patient_of_this_server(server: str) -> None:
    patients = {f"Patient/{r['id']}" for r in made(server) if r["resourceType"] == "Patient"}
    aside = {
        "Patient",
        "Organization",
        "Practitioner",
        "Location",
        "List",
        "Provenance",
        "Appointment",
        "Medication",
    }
    for resource in made(server):
        if resource["resourceType"] in aside:
            continue
        whose = (resource.get("subject") or resource.get("patient") or {}).get("reference")
        assert whose in patients, (resource["resourceType"], resource["id"])


def test_every_patient_has_a_visit_today() -> None:
    visits = {r["id"]: r for s in SERVERS for r in made(s) if r["id"].startswith("visit-")}
    for name in SERVERS:
        for patient in (r for r in made(name) if r["resourceType"] == "Patient"):
            visit = visits[f"visit-{patient['id']}"]
            assert visit["reasonCode"][0]["text"]
            assert visit["location"]


def test_every_clinic_visit_has_its_appointment(server: str) -> None:
    booked = {r["id"] for r in made(server) if r["resourceType"] == "Appointment"}
    for visit in (r for r in made(server) if r["id"].startswith("visit-")):
        if visit["class"]["code"] in ("AMB", "VR"):
            assert f"appt-{visit['subject']['reference'].removeprefix('Patient/')}" in booked


def _moments(value: Any, field: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for name, inner in value.items():
            if name not in PLANNED:
                yield from _moments(inner, name)
    elif isinstance(value, list):
        for inner in value:
            yield from _moments(inner, field)
    elif isinstance(value, str) and field.lower().endswith(
        ("date", "datetime", "start", "end", "issued", "recorded", "authoredon", "started")
    ):
        yield field, value


@pytest.mark.parametrize(
    "now",
    [
        NOW,
        datetime(2026, 1, 1, 6, 0, 30, tzinfo=UTC),
        datetime(2028, 2, 29, 23, 59, 59, tzinfo=UTC),
        datetime(2026, 11, 1, 7, 30, tzinfo=UTC),  # the hour that happens twice in Chicago
    ],
)
def test_nothing_recorded_lies_ahead(server: str, now: datetime) -> None:
    for resource in made(server, now):
        if f"{resource['resourceType']}/{resource['id']}" in WRONG_ON_PURPOSE:
            continue
        if (
            resource["resourceType"] in ("Appointment", "Goal")
            or resource.get("status") == "planned"
        ):
            continue
        for field, text in _moments(resource):
            assert MOMENT.match(text), (resource["id"], field, text)
            if "T" in text:
                assert datetime.fromisoformat(text) <= now, (resource["id"], field, text)
            else:
                assert text <= now.date().isoformat()[: len(text)], (resource["id"], field, text)


def test_the_same_now_gives_the_same_bytes(server: str) -> None:
    again = resources(server, NOW)
    assert json.dumps(again) == json.dumps(made(server))


def test_dates_move_with_now(server: str) -> None:
    ids = [r["id"] for r in made(server)]
    later = resources(server, NOW + timedelta(days=365))
    assert [r["id"] for r in later] == ids
    assert json.dumps(later) != json.dumps(made(server))


def test_a_now_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        resources("mercy", NOW.replace(tzinfo=None))


def test_every_resource_is_valid_but_those_of_the_traps(server: str) -> None:
    """fhirclient's models are strict: an unknown field, a wrong type or a missing one raises."""
    wrong = {}
    for resource in made(server):
        kind = resource["resourceType"]
        model = getattr(importlib.import_module(f"fhirclient.models.{kind.lower()}"), kind)
        try:
            model(json.loads(json.dumps(resource)))
        except FHIRValidationError as error:
            wrong[f"{kind}/{resource['id']}"] = str(error)[:400]
    here = {f"{r['resourceType']}/{r['id']}" for r in made(server)}
    assert {key: words for key, words in wrong.items() if key not in UNREADABLE} == {}
    assert set(wrong) == UNREADABLE & here


def test_all_patients_are_marked_as_test_data(server: str) -> None:
    for patient in (r for r in made(server) if r["resourceType"] == "Patient"):
        assert patient["meta"]["security"][0]["code"] == "HTEST"


def test_the_clinicians_of_the_launch_are_there(server: str) -> None:
    people = {r["id"] for r in made(server) if r["resourceType"] == "Practitioner"}
    assert {"physician", "nurse", "cmio"} <= people


def _people(server: str) -> dict[str, dict[str, Any]]:
    found = {}
    for patient in (r for r in made(server) if r["resourceType"] == "Patient"):
        for identifier in patient["identifier"]:
            if identifier.get("system") == PERSON:
                found[identifier["value"]] = patient
    return found


def test_who_is_known_to_both_has_one_identifier_birth_date_and_sex() -> None:
    mercy, lakeside = _people("mercy"), _people("lakeside")
    both = set(mercy) & set(lakeside)
    assert len(both) >= 3
    for person in both:
        assert mercy[person]["birthDate"] == lakeside[person]["birthDate"]
        assert mercy[person]["gender"] == lakeside[person]["gender"]


def test_notes_can_be_read_and_some_have_a_plan(server: str) -> None:
    notes = [r for r in made(server) if r["resourceType"] == "DocumentReference"]
    texts = [
        base64.b64decode(r["content"][0]["attachment"]["data"]).decode()
        for r in notes
        if "data" in r["content"][0]["attachment"]
    ]
    assert all(text.strip() for text in texts)
    assert sum("PLAN:" in text for text in texts) >= 3


def test_the_long_record_is_long() -> None:
    long = [
        r
        for r in made("mercy")
        if r["resourceType"] == "Observation"
        and r["subject"]["reference"] == "Patient/twenty-years"
    ]
    assert len(long) >= 10_000
    first = min(r["effectiveDateTime"] for r in long)
    assert first < (NOW - timedelta(days=19 * 365)).isoformat()
    assert len({r["code"]["coding"][0]["code"] for r in long}) >= 25


def test_who_only_looks_like_another_has_another_identifier_and_birth_date() -> None:
    anna = next(r for r in made("mercy") if r["id"] == "t2dm-ckd")
    other = next(r for r in made("lakeside") if r["id"] == "same-name")
    assert (other["name"][0]["family"], other["gender"]) == (
        anna["name"][0]["family"],
        anna["gender"],
    )
    assert other["birthDate"] != anna["birthDate"]
    assert {i["value"] for i in other["identifier"] if i["system"] == PERSON}.isdisjoint(
        i["value"] for i in anna["identifier"] if i["system"] == PERSON
    )
    assert other["identifier"][0]["value"] == anna["identifier"][0]["value"]  # the trap
