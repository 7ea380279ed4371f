"""Searches as FHIR R4 means them."""

from __future__ import annotations

import socket
from typing import Any

import pytest

from sandbox import pages

from .conftest import App, Json, Start

CATEGORY = "http://terminology.hl7.org/CodeSystem/observation-category"
LOINC = "http://loinc.org"


def observation(id_: str, **more: Any) -> Json:
    return {
        "resourceType": "Observation",
        "id": id_,
        "status": "final",
        "subject": {"reference": "Patient/p1"},
        **more,
    }


def coded(*pairs: tuple[str | None, str]) -> Json:
    return {
        "coding": [
            {"system": system, "code": code} if system else {"code": code} for system, code in pairs
        ]
    }


RECORDS: list[Json] = [
    {
        "resourceType": "Patient",
        "id": "p1",
        "active": True,
        "name": [{"family": "Muñoz", "given": ["Ana", "María"]}, {"text": "Nana"}],
        "birthDate": "1961-02-03",
        "gender": "female",
        "identifier": [{"system": "urn:a", "value": "7"}, {"value": "8"}],
    },
    {"resourceType": "Patient", "id": "p2", "birthDate": "1961", "gender": "male"},
    {"resourceType": "Practitioner", "id": "d1", "name": [{"family": "Sample"}]},
    observation(
        "year",
        effectiveDateTime="2026",
        category=[coded((CATEGORY, "laboratory"))],
        code=coded((LOINC, "4548-4"), ("urn:local", "A1C")),
    ),
    observation(
        "day",
        effectiveDateTime="2026-05-02",
        category=[coded((CATEGORY, "laboratory")), coded(("urn:x", "chem"))],
        code=coded((LOINC, "2160-0")),
        status="amended",
        encounter={"reference": "Encounter/e1"},
    ),
    observation(
        "moment",
        effectiveDateTime="2026-05-02T23:30:00-05:00",
        category=[coded((CATEGORY, "vital-signs"))],
        code=coded((None, "8867-4")),
        meta={"lastUpdated": "2026-05-04T00:00:00Z", "tag": [{"code": "t"}]},
    ),
    observation(
        "period",
        effectivePeriod={"start": "2026-05-01", "end": "2026-05-03"},
        code={"text": "only words"},
        component=[{"code": coded((LOINC, "8480-6"))}],
    ),
    observation("open", effectivePeriod={"start": "2026-05-10T08:00:00Z"}),
    observation("undated", effectiveDateTime="last week", valueString="Éclair"),
    observation("odd", code=[[1]], category="laboratory", effectivePeriod=7),
    observation("other", subject={"reference": "Patient/p2"}, effectiveDateTime="2026-05-02"),
    {
        "resourceType": "Encounter",
        "id": "e1",
        "status": "finished",
        "class": {"code": "AMB"},
        "subject": {"reference": "Patient/p1"},
        "participant": [{"individual": {"reference": "Practitioner/d1"}}],
        "location": [{"location": {"reference": "Location/l1"}}],
        "period": {"start": "2026-05-02T08:00:00Z", "end": "2026-05-02T09:00:00Z"},
    },
    {"resourceType": "Location", "id": "l1", "name": "Room 1"},
    {
        "resourceType": "Appointment",
        "id": "a1",
        "status": "booked",
        "start": "2026-06-01T08:00:00Z",
        "participant": [
            {"actor": {"reference": "Patient/p1"}},
            {"actor": {"reference": "Practitioner/d1"}},
        ],
    },
    {
        "resourceType": "MedicationRequest",
        "id": "m1",
        "status": "on-hold",
        "intent": "order",
        "authoredOn": "2026-04-01",
        "subject": {"reference": "Patient/p1"},
        "medicationReference": {"reference": "Medication/x1"},
        "requester": {"reference": "Practitioner/d1"},
    },
    {
        "resourceType": "MedicationRequest",
        "id": "m2",
        "status": "active",
        "intent": "plan",
        "authoredOn": "2026-03",
        "subject": {"reference": "Patient/p1"},
        "medicationReference": {"reference": "#inside"},
    },
    {"resourceType": "Medication", "id": "x1", "code": coded(("urn:rx", "860975"))},
    {
        "resourceType": "Provenance",
        "id": "v1",
        "target": [{"reference": "MedicationRequest/m1/_history/2"}],
    },
    {
        "resourceType": "Condition",
        "id": "c1",
        "subject": {"reference": "Patient/p1"},
        "clinicalStatus": coded(("urn:cs", "active")),
        "recordedDate": "2020-01-01",
    },
    {
        "resourceType": "ImagingStudy",
        "id": "i1",
        "status": "available",
        "started": "2026-01-01",
        "subject": {"reference": "Patient/p1"},
    },
    {"resourceType": "Claim", "id": "k1", "patient": {"reference": "Patient/p1"}},
]


@pytest.fixture(scope="module")
def ehr(private_key: str) -> Any:
    from sandbox.faults import Faults
    from sandbox.server import Sandbox
    from sandbox.store import Store

    from .conftest import APP, Clock

    clock = Clock()
    sandbox = Sandbox(
        Store(RECORDS),
        name="mercy",
        title="Mercy",
        app_url=APP,
        clock=clock,
        faults=Faults(reads_without_token=True),
    )
    sandbox.start()
    app = App(sandbox, clock, private_key)
    yield app
    app.http.close()
    sandbox.stop()


def ids(answer: Any, mode: str = "match") -> list[str]:
    assert answer.status_code == 200, answer.text
    return [
        entry["resource"]["id"]
        for entry in answer.json().get("entry", [])
        if entry["search"]["mode"] == mode
    ]


OBSERVATIONS = {"year", "day", "moment", "period", "open", "undated", "odd"}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        # patient
        ("Observation?patient=p1", OBSERVATIONS),
        ("Observation?patient=Patient/p1", OBSERVATIONS),
        ("Observation?subject=Patient/p1", OBSERVATIONS),
        ("Observation?subject=p1", OBSERVATIONS),
        ("Observation?subject:Patient=p1", OBSERVATIONS),
        ("Observation?patient=p1,p2", OBSERVATIONS | {"other"}),
        ("Observation?patient=p1&patient=p2", set()),
        ("Observation?patient=Practitioner/p1", set()),
        ("Observation?patient=http://elsewhere.example/fhir/Patient/p1", set()),
        ("Observation?patient=nobody", set()),
        # tokens
        ("Observation?patient=p1&category=laboratory", {"year", "day", "odd"}),
        (f"Observation?patient=p1&category={CATEGORY}|laboratory", {"year", "day", "odd"}),
        ("Observation?patient=p1&category=urn:other|laboratory", {"odd"}),
        (
            "Observation?patient=p1&category=laboratory,vital-signs",
            {"year", "day", "moment", "odd"},
        ),
        ("Observation?patient=p1&category=laboratory&category=chem", {"day"}),
        ("Observation?patient=p1&code=|8867-4", {"moment"}),
        ("Observation?patient=p1&code=|4548-4", set()),
        (f"Observation?patient=p1&code={LOINC}|", {"year", "day"}),
        ("Observation?patient=p1&code=A1C", {"year"}),
        ("Observation?patient=p1&code=4548-4,2160-0", {"year", "day"}),
        ("Observation?patient=p1&code:not=4548-4&category=laboratory", {"day", "odd"}),
        ("Observation?patient=p1&code=8480-6", set()),
        ("Observation?patient=p1&combo-code=8480-6", {"period"}),
        ("Observation?patient=p1&category:missing=true", {"period", "open", "undated"}),
        ("Observation?patient=p1&status=amended", {"day"}),
        ("Observation?patient=p1&status=amended,final&code=2160-0", {"day"}),
        ("Observation?_tag=t", {"moment"}),
        ("Condition?patient=p1&clinical-status=active", {"c1"}),
        ("Condition?patient=p1&clinical-status=resolved", set()),
        # dates
        ("Observation?patient=p1&date=2026", {"year", "day", "moment", "period"}),
        ("Observation?patient=p1&date=2026-05-02", {"day"}),
        ("Observation?patient=p1&date=eq2026-05-03", {"moment"}),
        (
            "Observation?patient=p1&date=ge2026-05-03T00:00:00Z",
            {"year", "moment", "period", "open"},
        ),
        ("Observation?patient=p1&date=gt2026-05-03T23:59:59Z", {"year", "open"}),
        ("Observation?patient=p1&date=lt2026-05-02", {"year", "period"}),
        ("Observation?patient=p1&date=le2026-05-02", {"year", "day", "period"}),
        ("Observation?patient=p1&date=sa2026-05-02", {"moment", "open"}),
        ("Observation?patient=p1&date=eb2026-05-03", {"day"}),
        ("Observation?patient=p1&date=ne2026-05-02", {"year", "moment", "period", "open"}),
        ("Observation?patient=p1&date=ge2026-05-02&date=lt2026-05-03", {"year", "day", "period"}),
        ("Observation?patient=p1&date=2026-05-02,2026-05-03", {"day", "moment"}),
        (
            "Observation?patient=p1&date=ge2026-05-02T23:30:00-05:00",
            {"year", "moment", "period", "open"},
        ),
        ("Observation?patient=p1&_lastUpdated=ge2026-05-03", {"moment"}),
        ("MedicationRequest?patient=p1&authoredon=ge2026-03-15", {"m1", "m2"}),
        ("MedicationRequest?patient=p1&authoredon=ge2026-04", {"m1"}),
        ("ImagingStudy?patient=p1&started=ge2025", {"i1"}),
        ("Condition?patient=p1&recorded-date=2020", {"c1"}),
        # references and statuses
        ("Observation?encounter=e1", {"day"}),
        ("Observation?encounter=Encounter/e1", {"day"}),
        ("Encounter?patient=p1&participant=Practitioner/d1", {"e1"}),
        ("Encounter?location=l1", {"e1"}),
        ("Encounter?class=AMB&date=2026-05-02", {"e1"}),
        ("Appointment?patient=p1", {"a1"}),
        ("Appointment?practitioner=d1&date=ge2026-06-01&date=lt2026-06-02", {"a1"}),
        ("Appointment?actor=Practitioner/d1", {"a1"}),
        ("MedicationRequest?patient=p1&status=active,on-hold&intent=order,plan", {"m1", "m2"}),
        ("MedicationRequest?patient=p1&status=active,on-hold&intent=order", {"m1"}),
        ("MedicationRequest?requester=Practitioner/d1", {"m1"}),
        ("Provenance?target=MedicationRequest/m1", {"v1"}),
        ("Claim?patient=p1", {"k1"}),
        # patients
        ("Patient?_id=p1", {"p1"}),
        ("Patient?_id=p1,p2", {"p1", "p2"}),
        ("Patient?identifier=urn:a|7", {"p1"}),
        ("Patient?identifier=urn:b|7", set()),
        ("Patient?identifier=|8", {"p1"}),
        ("Patient?identifier=7", {"p1"}),
        ("Patient?name=munoz", {"p1"}),
        ("Patient?name=nan", {"p1"}),
        ("Patient?family=mu", {"p1"}),
        ("Patient?family:exact=mu", set()),
        ("Patient?family:exact=Muñoz", {"p1"}),
        ("Patient?given:contains=ARI", {"p1"}),
        ("Patient?birthdate=1961-02-03", {"p1"}),
        ("Patient?birthdate=1961", {"p1", "p2"}),
        ("Patient?birthdate=1961-02-03&gender=male", set()),
        ("Patient?gender=female&active=true", {"p1"}),
    ],
)
def test_a_search_finds_what_it_should(ehr: App, query: str, expected: set[str]) -> None:
    assert set(ids(ehr.get(query))) == expected


@pytest.mark.parametrize(
    "query",
    [
        "Observation?date=soon",
        "Observation?date=2026-05-02T10:00:00 05:00",
        "Observation?date=xx2026",
        "Observation?date=2026-02-30",
        "Observation?date:not=2026",
        "Observation?category=",
        "Observation?code:in=http://x.example/ValueSet/1",
        "Observation?category:missing=perhaps",
        "Observation?_count=many",
        "Observation?_include=Observation:nothing",
        "Observation?subject:shape=p1",
        "Patient?name:sounds=x",
    ],
)
def test_what_cannot_be_understood_is_refused(ehr: App, query: str) -> None:
    answer = ehr.get(query)
    assert answer.status_code == 400
    assert answer.json()["issue"][0]["severity"] == "error"


def test_a_parameter_that_is_not_known_is_said_to_be_ignored(ehr: App) -> None:
    answer = ehr.get("Observation?patient=p1&colour=red&code=A1C")
    assert ids(answer) == ["year"]
    bundle = answer.json()
    warning = bundle["entry"][-1]
    assert warning["search"]["mode"] == "outcome"
    assert "colour" in warning["resource"]["issue"][0]["diagnostics"]
    own = next(link["url"] for link in bundle["link"] if link["relation"] == "self")
    assert "colour" not in own
    assert "code=A1C" in own
    strict = ehr.get("Observation?patient=p1&colour=red", Prefer="handling=strict")
    assert strict.status_code == 400
    assert ids(ehr.get("Observation?patient=p1&code=A1C", Prefer="handling=strict")) == ["year"]


def test_sorting(ehr: App) -> None:
    newest = ids(ehr.get("Observation?patient=p1&_sort=-date"))
    assert newest[:4] == ["open", "moment", "day", "period"]
    assert set(newest[-2:]) == {"undated", "odd"}
    oldest = ids(ehr.get("Observation?patient=p1&_sort=date"))
    assert oldest[:5] == ["year", "period", "day", "moment", "open"]
    assert ids(ehr.get("MedicationRequest?patient=p1&_sort=status,-authoredon")) == ["m2", "m1"]


def test_what_comes_along(ehr: App) -> None:
    query = "MedicationRequest?patient=p1&_include=MedicationRequest:medication&_revinclude=Provenance:target"
    answer = ehr.get(query)
    assert set(ids(answer)) == {"m1", "m2"}
    assert ids(answer, "include") == ["x1", "v1"]
    assert answer.json()["total"] == 2
    several = ehr.get("MedicationRequest?patient=p1&_include=MedicationRequest:requester")
    assert ids(several, "include") == ["d1"]


def test_pages_follow_each_other_and_lose_nothing(ehr: App) -> None:
    answer = ehr.get("Observation?patient=p1&_count=3&_sort=-date")
    seen = ids(answer)
    while following := [
        link["url"] for link in answer.json()["link"] if link["relation"] == "next"
    ]:
        answer = ehr.get(following[0])
        assert len(ids(answer)) <= 3
        seen += ids(answer)
    assert len(seen) == len(OBSERVATIONS)
    assert seen == ids(ehr.get("Observation?patient=p1&_sort=-date"))


def test_a_next_link_says_nothing_and_ends(ehr: App) -> None:
    first = ehr.get("Observation?patient=p1&_count=1").json()
    following = next(link["url"] for link in first["link"] if link["relation"] == "next")
    assert "p1" not in following
    before = ehr.clock.now
    ehr.clock.now += pages.LIFE_SECONDS + 1
    assert ehr.get(following).status_code == 410
    ehr.clock.now = before
    assert ehr.get(following + "x").status_code == 410


def test_counting_only(ehr: App) -> None:
    for query in ("_count=0", "_summary=count"):
        found = ehr.get(f"Observation?patient=p1&{query}").json()
        assert found["total"] == len(OBSERVATIONS)
        assert "entry" not in found


def test_a_search_can_be_posted(ehr: App) -> None:
    answer = ehr.http.post(
        ehr.url("/fhir/Observation/_search"), data={"patient": "p1", "code": "A1C"}, timeout=10
    )
    assert ids(answer) == ["year"]


def test_reading(ehr: App) -> None:
    assert ehr.get("Observation/odd").json() == next(r for r in RECORDS if r.get("id") == "odd")
    assert ehr.get("Observation/none").status_code == 404
    assert ehr.get("Observation/a b").status_code == 404
    assert ehr.get("nonsense").status_code == 404
    assert ehr.get("").status_code == 404
    assert ehr.http.put(ehr.url("/fhir/Patient/p1"), json={}, timeout=10).status_code == 405
    assert ehr.http.head(ehr.url("/fhir/Patient/p1"), timeout=10).content == b""


def test_a_document_is_given_as_json_or_as_itself_to_its_own_patient(start: Start) -> None:
    url = {"attachment": {"url": "Binary/b1"}}
    app = start(
        [
            {"resourceType": "Practitioner", "id": "physician"},
            {"resourceType": "Patient", "id": "p1"},
            {"resourceType": "Patient", "id": "p2"},
            {
                "resourceType": "DocumentReference",
                "id": "d",
                "subject": {"reference": "Patient/p1"},
                "content": [url],
            },
            {"resourceType": "Binary", "id": "b1", "contentType": "text/plain", "data": "SGk="},
        ]
    )
    scope = "launch patient/Binary.r"
    token = app.signed_in("p1", scope=scope)["access_token"]
    assert app.get("Binary/b1", token, Accept="application/fhir+json").json()["data"] == "SGk="
    own = app.get("Binary/b1", token, Accept="*/*")
    assert (own.content, own.headers["Content-Type"]) == (b"Hi", "text/plain")
    assert app.get("Binary/b1", app.signed_in("p2", scope=scope)["access_token"]).status_code == 403


def test_the_server_declares_what_it_can_do(ehr: App) -> None:
    statement = ehr.get("metadata").json()
    declared = {each["type"]: each for each in statement["rest"][0]["resource"]}
    assert statement["fhirVersion"] == "4.0.1"
    assert {"Claim", "Observation", "Binary"} <= set(declared)
    names = {each["name"] for each in declared["Observation"]["searchParam"]}
    assert {"patient", "category", "code", "date", "_lastUpdated"} <= names
    assert "Provenance:target" in declared["Observation"]["searchRevInclude"]


def test_only_its_own_name_is_served(ehr: App) -> None:
    assert ehr.get("metadata", Host="ehr.example").status_code == 421


@pytest.mark.parametrize(
    "line",
    [
        b"GET http://[::1/fhir HTTP/1.1",
        b"GET /fhir/Patient?" + b"a=1&" * 2000 + b" HTTP/1.1",
        b"GET /fhir/Patient?name=%ff%fe%00 HTTP/1.1",
        b"POST /auth/token HTTP/1.1\r\nContent-Length: many",
        b"POST /auth/token HTTP/1.1\r\nContent-Length: 99999999",
        b"BREW /fhir HTTP/1.1",
    ],
)
def test_a_request_that_makes_no_sense_is_answered_and_the_server_lives(
    ehr: App, line: bytes
) -> None:
    host, _, port = ehr.sandbox.root.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=10) as wire:
        wire.sendall(line + f"\r\nHost: {host}:{port}\r\nConnection: close\r\n\r\n".encode())
        answer = b"".join(iter(lambda: wire.recv(65536), b""))
    status = int(answer.split(b" ", 2)[1])
    assert status == 200 if b"name" in line else 400 <= status <= 501
    assert b"failed" not in answer
    assert ehr.get("Patient/p1").status_code == 200


def test_a_form_with_too_many_fields_is_refused(ehr: App) -> None:
    fields = [("patient", "p1")] * 2000
    answer = ehr.http.post(ehr.url("/fhir/Observation/_search"), data=fields, timeout=10)
    assert answer.status_code == 400
