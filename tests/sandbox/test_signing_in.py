"""SMART App Launch 2.2 and Backend Services: what a sandbox EHR grants, and what it refuses."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from clinical.errors import LaunchRefused
from clinical.fhir import identity, keys
from clinical.fhir.discovery import read_configuration

from .conftest import APP, App, Json


def issues(answer: Any) -> list[str]:
    return [issue["code"] for issue in answer.json()["issue"]]


def test_a_launch_leads_to_a_token_for_the_patient_and_the_visit_of_the_chart(app: App) -> None:
    tokens = app.signed_in("p1", encounter="e1", user="nurse")
    assert (tokens["patient"], tokens["encounter"]) == ("p1", "e1")
    assert tokens["need_patient_banner"] is True
    assert tokens["token_type"] == "Bearer"
    assert app.get("Patient/p1", tokens["access_token"]).json()["id"] == "p1"


def test_the_id_token_says_who_signed_in_and_is_signed(app: App) -> None:
    tokens = app.signed_in("p1", user="nurse")
    found = read_configuration(
        app.get(".well-known/smart-configuration").content, name="Mercy Hospital"
    )
    told = {
        "issuer": found.issuer,
        "client_id": "visit-lens",
        "nonce": "n-1",
        "fhir_base": app.sandbox.base,
        "now": datetime.fromtimestamp(app.clock(), UTC),
        "name": "Mercy Hospital",
    }
    published = app.get(found.jwks_uri).json()
    who = identity.validate(tokens["id_token"], published, **told)
    assert (who.reference, who.name) == ("Practitioner/nurse", "Dr nurse")
    assert "d" not in published["keys"][0]
    with pytest.raises(LaunchRefused):
        identity.validate(tokens["id_token"], published, **{**told, "nonce": "other"})


def test_discovery_is_complete(app: App) -> None:
    found = app.get(".well-known/smart-configuration").json()
    assert found["code_challenge_methods_supported"] == ["S256"]
    assert {"permission-v2", "launch-ehr", "client-confidential-asymmetric"} <= set(
        found["capabilities"]
    )
    statement = app.get("metadata").json()
    uris = statement["rest"][0]["security"]["extension"][0]["extension"]
    assert {"url": "token", "valueUri": found["token_endpoint"]} in uris
    assert app.get(app.url("/.well-known/openid-configuration")).json()["issuer"] == found["issuer"]


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"aud": "http://127.0.0.1:1/fhir"}, "invalid_request"),
        ({"launch": "made-up"}, "invalid_request"),
        ({"scope": "launch system/*.rs patient/Patient.cud"}, None),
        ({"scope": "nothing"}, "invalid_scope"),
    ],
)
def test_a_wrong_authorization_request_goes_back_with_an_error(
    app: App, changed: dict[str, str], error: str | None
) -> None:
    back = app.authorized(**{"launch": app.launched(), **changed})
    assert back.get("error", [None])[0] == error
    assert back["state"] == ["s-1"]


@pytest.mark.parametrize(
    "changed",
    [{"redirect_uri": "http://127.0.0.1:8000/elsewhere/"}, {"client_id": "somebody"}],
)
def test_nobody_is_sent_to_an_address_that_is_not_registered(
    app: App, changed: dict[str, str]
) -> None:
    with pytest.raises(AssertionError, match="not registered"):
        app.authorized(**{"launch": app.launched(), **changed})


def test_a_launch_is_used_once_and_ends(app: App) -> None:
    word = app.launched()
    assert "code" in app.authorized(launch=word)
    assert app.authorized(launch=word)["error"] == ["invalid_request"]
    late = app.launched()
    app.clock.now += 301
    assert app.authorized(launch=late)["error"] == ["invalid_request"]


@pytest.mark.parametrize(
    "query",
    [
        "patient=nobody",
        "patient=p1&user=nobody",
        "patient=p1&encounter=nothing",
        "patient=p1&encounter=e2",
    ],
)
def test_what_does_not_belong_together_is_not_launched(app: App, query: str) -> None:
    assert app.get(app.url(f"/launch-app?{query}")).status_code == 404


@pytest.mark.parametrize(
    "changed",
    [
        {"code_verifier": "x" * 64},
        {"code_verifier": ""},
        {"redirect_uri": f"{APP}/callback/lakeside/"},
        {"code": "made-up"},
    ],
)
def test_a_code_is_not_exchanged_without_its_proofs(app: App, changed: dict[str, str]) -> None:
    code = app.authorized(launch=app.launched())["code"][0]
    answer = app.exchanged(**{"code": code, **changed})
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")


def test_a_code_that_is_used_twice_ends_the_sign_in(app: App) -> None:
    code = app.authorized(launch=app.launched())["code"][0]
    token = app.exchanged(code).json()["access_token"]
    assert app.get("Patient/p1", token).status_code == 200
    assert app.exchanged(code).json()["error"] == "invalid_grant"
    assert app.get("Patient/p1", token).status_code == 401


def test_a_code_lives_for_a_minute(app: App) -> None:
    code = app.authorized(launch=app.launched())["code"][0]
    app.clock.now += 61
    assert app.exchanged(code).json()["error"] == "invalid_grant"


def renew(app: App, token: str, **more: str) -> Any:
    return app.post("/auth/token", {"grant_type": "refresh_token", "refresh_token": token, **more})


def test_a_refresh_token_rotates_and_keeps_the_context(app: App) -> None:
    first = app.signed_in("p1", encounter="e1")
    app.clock.now += 901
    assert app.get("Patient/p1", first["access_token"]).status_code == 401
    second = renew(app, first["refresh_token"]).json()
    assert (second["patient"], second["encounter"]) == ("p1", "e1")
    assert second["refresh_token"] != first["refresh_token"]
    assert app.get("Patient/p1", second["access_token"]).status_code == 200


def test_a_refresh_token_that_is_used_twice_ends_the_sign_in(app: App) -> None:
    first = app.signed_in("p1")
    second = renew(app, first["refresh_token"]).json()
    assert renew(app, first["refresh_token"]).json()["error"] == "invalid_grant"
    assert app.get("Patient/p1", second["access_token"]).status_code == 401
    assert renew(app, second["refresh_token"]).json()["error"] == "invalid_grant"


def test_a_refresh_ends_after_a_shift_and_adds_no_scope(app: App) -> None:
    tokens = app.signed_in("p1")
    more = renew(app, tokens["refresh_token"], scope="patient/Condition.rs")
    assert more.json()["error"] == "invalid_scope"
    late = app.signed_in("p1")
    app.clock.now += 12 * 3600 + 1
    assert renew(app, late["refresh_token"]).json()["error"] == "invalid_grant"


def test_without_a_scope_for_it_there_is_no_refresh_token(app: App) -> None:
    assert "refresh_token" not in app.signed_in("p1", scope="launch patient/Patient.rs")


@pytest.mark.parametrize(
    "changed",
    [
        {"audience": "http://127.0.0.1:1/auth/token"},
        {"client": "somebody"},
        {"ago": 3600},
        {"ago": -3600},
        {"key": keys.new_key("test-1")},
        {"key": keys.new_key("unknown")},
        {"jti": ""},
    ],
)
def test_an_application_that_proves_itself_badly_gets_no_token(app: App, changed: Json) -> None:
    form = {
        "grant_type": "client_credentials",
        "scope": "system/*.rs",
        "client_assertion": app.assertion(**{"client": "visit-lens-backend", **changed}),
    }
    answer = app.post("/auth/token", form)
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


def test_an_assertion_is_used_once(app: App) -> None:
    form = {
        "grant_type": "client_credentials",
        "scope": "system/*.rs",
        "client_assertion": app.assertion("visit-lens-backend"),
    }
    assert app.post("/auth/token", form).status_code == 200
    assert app.post("/auth/token", form).status_code == 401


def test_each_application_has_its_own_grants(app: App) -> None:
    code = app.authorized(launch=app.launched())["code"][0]
    form = {"grant_type": "authorization_code", "code": code, "code_verifier": app.verifier}
    answer = app.post("/auth/token", form, client="visit-lens-backend")
    assert answer.json()["error"] == "unauthorized_client"
    answer = app.post("/auth/token", {"grant_type": "client_credentials", "scope": "system/*.rs"})
    assert answer.json()["error"] == "unauthorized_client"
    answer = app.post("/auth/token", {"grant_type": "password"})
    assert answer.json()["error"] == "unsupported_grant_type"


def test_a_system_token_reads_every_patient(app: App) -> None:
    token = app.system()
    for patient in ("p1", "p2"):
        assert app.get(f"Patient/{patient}", token).status_code == 200
    app.clock.now += 301
    assert app.get("Patient/p1", token).status_code == 401


def test_a_token_that_is_given_back_is_of_no_use(app: App) -> None:
    tokens = app.signed_in("p1")
    asked = app.post("/auth/introspect", {"token": tokens["access_token"]}).json()
    assert (asked["active"], asked["patient"]) == (True, "p1")
    assert app.post("/auth/revoke", {"token": tokens["refresh_token"]}).status_code == 200
    assert app.post("/auth/introspect", {"token": tokens["access_token"]}).json() == {
        "active": False
    }
    assert app.get("Patient/p1", tokens["access_token"]).status_code == 401
    assert app.post("/auth/revoke", {"token": "unknown"}).status_code == 200


def test_a_token_of_another_application_is_not_shown(app: App) -> None:
    answer = app.post("/auth/introspect", {"token": app.system()})
    assert answer.json() == {"active": False}


def test_a_standalone_sign_in_lets_the_user_choose_the_patient(app: App) -> None:
    back = app.authorized(scope="launch/patient patient/Patient.rs")
    word = back["request"][0]
    page = app.get(app.url(f"/auth/choose?request={word}&q=sample"))
    assert "Anna Sample" in page.text
    assert "Anna Testcase" not in page.text
    chosen = app.get(app.url(f"/auth/chosen?request={word}&patient=p2&user=physician"))
    code = parse_qs(urlsplit(chosen.headers["Location"]).query)["code"][0]
    assert app.exchanged(code).json()["patient"] == "p2"
    again = app.get(app.url(f"/auth/chosen?request={word}&patient=p2&user=physician"))
    assert again.status_code == 400


def test_without_a_token_only_the_public_parts_answer(app: App) -> None:
    answer = app.get("Patient/p1")
    assert (answer.status_code, issues(answer)) == (401, ["login"])
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert app.get("Observation?patient=p1", "made-up").status_code == 401
    assert app.get("metadata").status_code == 200


def test_a_token_for_one_patient_shows_nothing_of_another(app: App) -> None:
    token = app.signed_in("p1")["access_token"]
    for path in ("Patient/p2", "Observation/o2-1", "Observation?patient=p2", "Encounter/e2"):
        assert app.get(path, token).status_code == 403, path
    everything = app.get("Observation", token).json()
    assert {entry["resource"]["subject"]["reference"] for entry in everything["entry"]} == {
        "Patient/p1"
    }
    assert app.get("Patient?identifier=urn:example:person|P-2", token).json()["total"] == 0


@pytest.mark.parametrize(
    ("scope", "path", "status"),
    [
        ("patient/Patient.r", "Patient/p1", 200),
        ("patient/Patient.s", "Patient/p1", 403),
        ("patient/Patient.r", "Patient?_id=p1", 403),
        ("patient/Patient.read", "Patient?_id=p1", 200),
        ("patient/Patient.rs", "Observation?patient=p1", 403),
        ("patient/*.rs", "Observation?patient=p1", 200),
        ("patient/Observation.rs?category=laboratory", "Observation/o1-1", 200),
        ("patient/Observation.rs?category=laboratory", "Observation/o1-3", 403),
        ("patient/Observation.rs?colour=red", "Observation/o1-1", 403),
    ],
)
def test_scopes_are_enforced_on_every_request(app: App, scope: str, path: str, status: int) -> None:
    token = app.signed_in("p1", scope=f"launch {scope}")["access_token"]
    answer = app.get(path, token)
    assert answer.status_code == status
    if status == 403:
        assert issues(answer) == ["forbidden"]


def test_a_scope_for_a_category_shows_that_category_only(app: App) -> None:
    token = app.signed_in("p1", scope="launch patient/Observation.rs?category=laboratory")
    found = app.get("Observation?patient=p1", token["access_token"]).json()
    assert {entry["resource"]["id"] for entry in found["entry"]} == {"o1-1", "o1-2"}


def test_what_comes_along_needs_its_own_scope(app: App) -> None:
    path = "MedicationRequest?patient=p1&_include=MedicationRequest:medication&_revinclude=Provenance:target"
    whole = app.get(path, app.signed_in("p1")["access_token"]).json()
    assert [entry["resource"]["id"] for entry in whole["entry"]] == ["mr1", "m1", "pr1"]
    narrow = app.signed_in("p1", scope="launch patient/MedicationRequest.rs")
    assert len(app.get(path, narrow["access_token"]).json()["entry"]) == 1


def test_a_next_link_is_of_no_use_to_somebody_else(app: App) -> None:
    token = app.signed_in("p1")["access_token"]
    first = app.get("Observation?patient=p1&_count=1", token).json()
    following = next(link["url"] for link in first["link"] if link["relation"] == "next")
    assert app.get(following, app.signed_in("p1")["access_token"]).status_code == 410
    assert app.get(following, token).status_code == 200
