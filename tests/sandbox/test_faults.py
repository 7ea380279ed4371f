"""Quirks and faults: each does what its name says, for whom it is meant, and can be seen and switched off."""

from __future__ import annotations

import threading
from typing import Any

import pytest
import requests

from sandbox.faults import HUGE, NONE, WORDS, Faults, changed
from sandbox.wire import FhirError, Request, split

from .conftest import App

LABS = "Observation?patient=p1&category=laboratory"


@pytest.fixture
def token(app: App) -> str:
    return app.system()


def entries(answer: Any) -> list[Any]:
    assert answer.status_code == 200, answer.text
    return [entry["resource"] for entry in answer.json().get("entry", [])]


def link(answer: Any, relation: str) -> str:
    return next((e["url"] for e in answer.json()["link"] if e["relation"] == relation), "")


def test_the_page_cap_holds_whatever_is_asked_for(app: App, token: str) -> None:
    app.switch(page_cap=1)
    answer = app.get(f"{LABS}&_count=50", token)
    assert len(entries(answer)) == 1
    assert link(answer, "next")


def test_ignored_parameters_are_ignored_in_silence(app: App, token: str) -> None:
    app.switch(ignored_parameters=["category"])
    answer = app.get(LABS, token, Prefer="handling=strict")
    assert {each["id"] for each in entries(answer)} == {"o1-1", "o1-2", "o1-3"}
    assert all(each["resourceType"] == "Observation" for each in entries(answer))


def test_observations_need_a_category_or_a_code(app: App, token: str) -> None:
    app.switch(needs_category_or_code=True)
    assert app.get("Observation?patient=p1", token).status_code == 400
    assert len(entries(app.get("Observation?patient=p1&code=4548-4", token))) == 1
    assert app.get("Encounter?patient=p1", token).status_code == 200


def test_only_the_last_date_bound_counts(app: App, token: str) -> None:
    query = "Observation?patient=p1&date=ge2026-05-02&date=lt2026-05-03"
    assert [each["id"] for each in entries(app.get(query, token))] == ["o1-2"]
    app.switch(last_date_bound_only=True)
    assert [each["id"] for each in entries(app.get(query, token))] == ["o1-1", "o1-2"]


def test_sort_and_include_can_be_ignored(app: App, token: str) -> None:
    app.switch(ignores_sort=True, ignores_include=True)
    found = entries(app.get("Observation?patient=p1&_sort=-date", token))
    assert [each["id"] for each in found] == ["o1-1", "o1-2", "o1-3"]
    query = "MedicationRequest?patient=p1&_include=MedicationRequest:medication"
    assert len(entries(app.get(query, token))) == 1


def test_other_peoples_rows(app: App) -> None:
    own = app.signed_in("p1")["access_token"]
    app.switch(foreign_rows=True, only_types=["Observation"])
    about = {each["subject"]["reference"] for each in entries(app.get(LABS, own))}
    assert about == {"Patient/p1", "Patient/p2"}
    assert len(entries(app.get("Encounter?patient=p1", own))) == 1


def test_a_code_with_its_system_finds_nothing(app: App, token: str) -> None:
    app.switch(empty_for_systems=True)
    assert entries(app.get("Observation?patient=p1&code=http://loinc.org|4548-4", token)) == []
    assert len(entries(app.get("Observation?patient=p1&code=4548-4", token))) == 1


def test_lists_are_refused(app: App, token: str) -> None:
    app.switch(refuses_lists=True)
    assert app.get("Observation?patient=p1&code=4548-4,2160-0", token).status_code == 400
    assert app.get(LABS, token).status_code == 200


def test_too_many_requests(app: App, token: str) -> None:
    app.switch(too_many_requests=True, retry_after=7)
    answer = app.get(LABS, token)
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "7")
    assert answer.json()["resourceType"] == "OperationOutcome"
    app.switch(retry_after=-1)
    assert "Retry-After" not in app.get(LABS, token).headers


@pytest.mark.parametrize(
    ("fault", "status", "kind"),
    [
        ("server_error", 500, "text/plain"),
        ("forbidden", 403, "application/fhir+json"),
        ("html", 200, "text/html"),
        ("not_fhir", 200, "application/json"),
        ("outcome_only", 200, "application/fhir+json"),
    ],
)
def test_other_answers_than_the_right_one(
    app: App, token: str, fault: str, status: int, kind: str
) -> None:
    app.switch(**{fault: True})
    answer = app.get(LABS, token)
    assert answer.status_code == status
    assert answer.headers["Content-Type"].startswith(kind)
    assert b"o1-1" not in answer.content


def test_json_that_is_cut(app: App, token: str) -> None:
    whole = app.get(LABS, token).content
    app.switch(cut_json=True)
    answer = app.get(LABS, token)
    assert answer.content == whole[: len(whole) // 2]
    with pytest.raises(requests.exceptions.JSONDecodeError):
        answer.json()


def test_a_server_that_hangs_up(app: App, token: str) -> None:
    app.switch(short_body=True)
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        app.get(LABS, token)


def test_a_page_of_fifty_megabytes_is_still_json(app: App, token: str) -> None:
    app.switch(huge_page=True)
    answer = app.get(LABS, token)
    assert len(answer.content) >= HUGE
    assert len(entries(answer)) == 2


def test_a_server_that_hangs_lets_go_when_it_stops(app: App, token: str) -> None:
    app.switch(hang=True)
    failed = threading.Event()

    def ask() -> None:
        try:
            requests.get(
                app.url(f"/fhir/{LABS}"), headers={"Authorization": f"Bearer {token}"}, timeout=30
            )
        except requests.exceptions.ConnectionError:
            failed.set()

    asking = threading.Thread(target=ask)
    asking.start()
    assert not failed.wait(0.3)
    app.sandbox.stopping.set()
    asking.join(10)
    assert failed.is_set()


def test_latency_is_added_for_the_answer_and_for_each_entry(app: App, token: str) -> None:
    app.switch(latency_ms=120, latency_per_entry_ms=20)
    headers = {"Host": app.sandbox.root.removeprefix("http://"), "Authorization": f"Bearer {token}"}
    path, query = split(f"/fhir/{LABS}")
    answer = app.sandbox.answer(Request("GET", path, query, headers))
    assert answer.delay == pytest.approx(0.12 + 2 * 0.02)


def test_next_links_that_lead_astray(app: App, token: str) -> None:
    app.switch(next_to_itself=True)
    answer = app.get(LABS, token)
    assert link(answer, "next") == link(answer, "self")
    assert len(entries(app.get(link(answer, "next"), token))) == 2
    app.switch(reset=True, next_to_other_host=True)
    assert not link(app.get(LABS, token), "next").startswith(app.sandbox.root)


def test_entries_that_cannot_be_read_stand_among_those_that_can(app: App, token: str) -> None:
    app.switch(unreadable_entries=1)
    found = entries(app.get(LABS, token))
    assert [each["status"] for each in found] == ["final", "final"]
    raw = app.get(LABS, token).text
    assert raw.count('"status":17') == 1


def test_expired_tokens_and_a_refresh_that_is_refused(app: App) -> None:
    tokens = app.signed_in("p1")
    app.switch(expired_tokens=True, refused_refresh=True)
    answer = app.get(LABS, tokens["access_token"])
    assert answer.status_code == 401
    assert "invalid_token" in answer.headers["WWW-Authenticate"]
    form = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    assert app.post("/auth/token", form).json()["error"] == "invalid_grant"
    app.switch(reset=True)
    assert app.get(LABS, tokens["access_token"]).status_code == 200


def test_a_registration_that_is_refused(app: App) -> None:
    app.switch(refused_registration=True)
    form = {"grant_type": "client_credentials", "scope": "system/*.rs"}
    answer = app.post("/auth/token", form, client="visit-lens-backend")
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


def test_an_outcome_in_place_of_nothing(app: App, token: str) -> None:
    app.switch(outcome_when_empty=True)
    (only,) = app.get("Condition?patient=p1", token).json()["entry"]
    assert only["search"]["mode"] == "outcome"
    assert only["resource"]["issue"][0]["details"]["coding"][0]["code"] == "4101"
    assert all(each["resourceType"] == "Observation" for each in entries(app.get(LABS, token)))


def test_scopes_that_are_never_granted(app: App) -> None:
    app.switch(lost_scopes=["Observation"])
    tokens = app.signed_in("p1")
    assert "patient/Observation.rs" not in tokens["scope"].split()
    assert app.get(LABS, tokens["access_token"]).status_code == 403


def test_reading_without_a_token(app: App) -> None:
    assert app.get("Patient/p1").status_code == 401
    app.switch(reads_without_token=True)
    assert app.get("Patient/p1").status_code == 200


def test_faults_for_some_types_only(app: App, token: str) -> None:
    app.switch(server_error=True, only_types=["Observation"])
    assert app.get(LABS, token).status_code == 500
    assert app.get("Encounter?patient=p1", token).status_code == 200
    assert app.get("metadata").status_code == 200


def test_faults_for_some_requests_only(app: App, token: str) -> None:
    app.switch(server_error=True, for_requests=2)
    assert [app.get(LABS, token).status_code for _ in range(3)] == [500, 500, 200]


def test_faults_on_a_following_page_are_those_of_its_type(app: App, token: str) -> None:
    following = link(app.get(f"{LABS}&_count=1", token), "next")
    app.switch(server_error=True, only_types=["Observation"])
    assert app.get(following, token).status_code == 500


def test_faults_are_shown_and_can_be_set_from_the_page(app: App) -> None:
    assert "No faults are switched on" in app.get(app.url("/")).text
    form = {"latency_ms": "5", "only_types": "Observation, Encounter", "html": "on", "hang": ""}
    answer = app.http.post(app.url("/sandbox/faults"), data=form, timeout=10)
    assert answer.url == app.url("/sandbox/faults")
    told = app.get(app.url("/sandbox/faults"), Accept="application/json").json()
    assert told == {"latency_ms": 5, "only_types": ["Observation", "Encounter"], "html": True}
    assert WORDS["html"] in app.get(app.url("/")).text
    assert app.get(app.url("/sandbox/faults?hang=on")).status_code == 302
    assert app.sandbox.board.all.hang
    app.switch(reset=True)
    assert app.sandbox.board.all == NONE


@pytest.mark.parametrize("wish", [{"unheard_of": True}, {"latency_ms": "slow"}, {"only_types": 3}])
def test_a_fault_that_does_not_exist_is_refused(wish: dict[str, Any]) -> None:
    with pytest.raises(FhirError):
        changed(Faults(), wish)
