"""A launch, from the EHR's call to a page; and everything that is refused on the way."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest
from django.test import Client
from django.utils import timezone

from summary_app.models import AccessLog, Connection, PendingLaunch, Token, User
from tests.clinical.fhir.fake_ehr import Reply, reply
from tests.summary_app.conftest import Launch
from tests.summary_app.ehr import Grant, SmartEhr

Connect = Callable[..., Connection]


def test_a_launch_leads_to_a_page_with_the_patients_results(
    mercy: SmartEhr, connect: Connect, launch: Launch
) -> None:
    connect(mercy)
    opened = launch(mercy)
    assert opened.response.status_code == 302
    page = opened.until_complete()
    assert page.context["summary"].strip.name == "WINTERBOURNE, Anna"
    assert "8.1" in str(page.context["summary"].blocks)
    assert User.objects.get().shown_name == "Alice Example MD"
    assert PendingLaunch.objects.count() == 0
    assert AccessLog.objects.order_by("pk")[0].what == "open"


def test_the_way_to_the_sign_in_carries_what_smart_asks_for(
    mercy: SmartEhr, connect: Connect
) -> None:
    connect(mercy)
    away = Client().get("/launch/mercy/", {"iss": mercy.base, "launch": "xyz"})
    sent = dict(parse_qsl(urlsplit(away.headers["Location"]).query))
    assert sent["aud"] == mercy.base
    assert sent["launch"] == "xyz"
    assert sent["code_challenge_method"] == "S256"
    assert sent["redirect_uri"].endswith("/callback/mercy/")
    assert "launch openid fhirUser online_access" in sent["scope"]
    assert "patient/Observation.rs" in sent["scope"]
    assert "*" not in sent["scope"]


def test_the_same_person_is_the_same_user_and_another_is_not(
    mercy: SmartEhr, connect: Connect, launch: Launch
) -> None:
    connect(mercy)
    launch(mercy).until_complete()
    launch(mercy).until_complete()
    assert User.objects.count() == 1
    mercy.grant = Grant(user="Practitioner/bob", name="Alice Example MD")
    launch(mercy).until_complete()
    assert User.objects.count() == 2  # the same name is no reason to be the same person


def test_the_role_is_the_one_set_for_the_person(
    mercy: SmartEhr, connect: Connect, launch: Launch
) -> None:
    connect(mercy, roles="Practitioner/alice nurse")
    opened = launch(mercy)
    page = opened.until_complete()
    assert User.objects.get().role == "nurse"
    assert page.context["summary"].role == "nurse"


def test_a_disabled_user_is_refused(mercy: SmartEhr, connect: Connect, launch: Launch) -> None:
    connect(mercy)
    launch(mercy).until_complete()
    User.objects.update(is_active=False)
    refused = launch(mercy)
    assert refused.response.status_code == 400
    assert b"disabled" in refused.response.content


def test_the_session_is_a_new_one_after_signing_in(
    mercy: SmartEhr, connect: Connect, launch: Launch
) -> None:
    connect(mercy)
    browser = Client()
    session = browser.session
    session["planted"] = "by somebody"
    session.save()
    before = session.session_key
    launch(mercy, client=browser).until_complete()
    assert browser.session.session_key != before


# ---- refused before anything is asked of the network ------------------------------------------------------------

BAD_LAUNCHES: list[tuple[str, Any]] = [
    ("nothing at all", {}),
    ("no launch", {"iss": "{base}"}),
    ("no issuer", {"launch": "x"}),
    ("two issuers", {"iss": ["{base}", "{base}"], "launch": "x"}),
    ("two launches", {"iss": "{base}", "launch": ["x", "y"]}),
    ("another server", {"iss": "https://evil.example/fhir", "launch": "x"}),
    ("a path beside it", {"iss": "{base}/other", "launch": "x"}),
    ("a user name in it", {"iss": "http://a@127.0.0.1/fhir", "launch": "x"}),
    ("a query in it", {"iss": "{base}?x=1", "launch": "x"}),
    ("the address of cloud metadata", {"iss": "http://169.254.169.254/", "launch": "x"}),
    ("no address", {"iss": "javascript:alert(1)", "launch": "x"}),
]


@pytest.mark.parametrize(("name", "query"), BAD_LAUNCHES, ids=[name for name, _ in BAD_LAUNCHES])
def test_a_bad_launch_is_refused_and_nothing_is_asked(
    mercy: SmartEhr, connect: Connect, name: str, query: dict[str, Any]
) -> None:
    connect(mercy)
    filled = {
        key: [v.format(base=mercy.base) for v in value]
        if isinstance(value, list)
        else value.format(base=mercy.base)
        for key, value in query.items()
    }
    answer = Client().get("/launch/mercy/", filled)
    assert answer.status_code == 400
    assert answer.content.strip()
    assert mercy.asked == []
    assert PendingLaunch.objects.count() == 0


def test_an_unknown_or_inactive_connection_is_refused(mercy: SmartEhr, connect: Connect) -> None:
    connect(mercy, active=False)
    for key in ("mercy", "unknown"):
        answer = Client().get(f"/launch/{key}/", {"iss": mercy.base, "launch": "x"})
        assert answer.status_code == 400
    assert mercy.asked == []


def test_only_a_test_system_may_be_on_this_machine(mercy: SmartEhr, connect: Connect) -> None:
    connect(mercy, test=False)
    answer = Client().get("/launch/mercy/", {"iss": mercy.base, "launch": "x"})
    assert answer.status_code == 400
    assert b"https" in answer.content
    assert mercy.asked == []


def test_a_launch_value_is_used_once(mercy: SmartEhr, connect: Connect) -> None:
    connect(mercy)
    query = {"iss": mercy.base, "launch": "once"}
    assert Client().get("/launch/mercy/", query).status_code == 302
    again = Client().get("/launch/mercy/", query)
    assert again.status_code == 400
    assert b"used before" in again.content


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"code_challenge_methods_supported": ["plain"]}, b"PKCE"),
        ({"code_challenge_methods_supported": None}, b"PKCE"),
        ({"authorization_endpoint": None}, b"names no address"),
        ({"authorization_endpoint": "https://evil.example/a"}, b"not on this connection"),
        ({"token_endpoint": "https://evil.example/t"}, b"not on this connection"),
        ({"jwks_uri": "https://evil.example/k"}, b"not on this connection"),
    ],
)
def test_an_ehr_whose_sign_in_must_not_be_used(
    mercy: SmartEhr, connect: Connect, changes: dict[str, Any], words: bytes
) -> None:
    connect(mercy)
    mercy.configuration = changes
    answer = Client().get("/launch/mercy/", {"iss": mercy.base, "launch": "x"})
    assert answer.status_code == 400
    assert words in answer.content


def test_an_ehr_that_answers_with_a_web_page_is_named(mercy: SmartEhr, connect: Connect) -> None:
    connect(mercy)
    mercy.hook = None
    mercy._configuration = lambda _: Reply(200, b"<html>maintenance</html>")  # type: ignore[method-assign]
    answer = Client().get("/launch/mercy/", {"iss": mercy.base, "launch": "x"})
    assert answer.status_code == 400
    assert b"Mercy Hospital" in answer.content
    assert b"maintenance" not in answer.content


def test_an_ehr_that_is_not_there_is_named(mercy: SmartEhr, connect: Connect) -> None:
    connect(mercy, base_url="http://127.0.0.1:9/fhir")
    answer = Client().get("/launch/mercy/", {"iss": "http://127.0.0.1:9/fhir", "launch": "x"})
    assert answer.status_code == 400
    assert b"Mercy Hospital" in answer.content


def test_a_connection_without_a_client_id_says_so(mercy: SmartEhr, connect: Connect) -> None:
    connect(mercy, client_id="")
    answer = Client().get("/launch/mercy/", {"iss": mercy.base, "launch": "x"})
    assert answer.status_code == 400
    assert b"client id" in answer.content


# ---- refused on the way back ------------------------------------------------------------------------------------


def away(mercy: SmartEhr, browser: Client, value: str = "x") -> dict[str, str]:
    """Sent to the sign-in; what the EHR would send back."""
    answer = browser.get("/launch/mercy/", {"iss": mercy.base, "launch": value})
    return mercy.authorize(answer.headers["Location"])


def refused(answer: Any, words: bytes = b"") -> None:
    assert answer.status_code == 400
    assert words in answer.content
    assert answer.content.strip()
    assert "sessionid" not in answer.cookies
    assert not AccessLog.objects.filter(what="open").exists()
    assert not Token.objects.exists()


@pytest.mark.parametrize(
    "back",
    [
        {"state": ""},
        {"state": "guessed"},
        {"state": ["{state}", "{state}"]},
        {"code": ""},
        {"code": ["a", "b"]},
        {"code": "guessed"},
        {"error": "access_denied"},
        {"iss": "https://evil.example"},
    ],
    ids=str,
)
def test_a_way_back_that_is_not_right_is_refused(
    mercy: SmartEhr, connect: Connect, back: dict[str, Any]
) -> None:
    connect(mercy)
    browser = Client()
    sent = away(mercy, browser)
    changed: dict[str, Any] = {**sent}
    for name, value in back.items():
        values = value if isinstance(value, list) else [value]
        changed[name] = [v.format(**sent) for v in values]
    answer = browser.get("/callback/mercy/", changed)
    refused(answer)
    assert sent["state"].encode() not in answer.content
    assert sent["code"].encode() not in answer.content


def test_another_browser_cannot_finish_a_launch(mercy: SmartEhr, connect: Connect) -> None:
    connect(mercy)
    sent = away(mercy, Client())
    refused(Client().get("/callback/mercy/", sent), b"does not belong")
    assert PendingLaunch.objects.count() == 0


def test_another_connection_cannot_finish_it(
    mercy: SmartEhr, ehrs: Callable[..., SmartEhr], connect: Connect
) -> None:
    connect(mercy)
    connect(ehrs(), "lakeside")
    browser = Client()
    refused(browser.get("/callback/lakeside/", away(mercy, browser)))


def test_a_way_back_is_used_once(mercy: SmartEhr, connect: Connect, launch: Launch) -> None:
    connect(mercy)
    browser = Client()
    sent = away(mercy, browser)
    assert browser.get("/callback/mercy/", sent).status_code == 302
    assert browser.get("/callback/mercy/", sent).status_code == 400


def test_a_launch_that_took_too_long_is_refused(mercy: SmartEhr, connect: Connect) -> None:
    connect(mercy)
    browser = Client()
    sent = away(mercy, browser)
    PendingLaunch.objects.update(began=timezone.now() - timedelta(minutes=11))
    refused(browser.get("/callback/mercy/", sent), b"ten minutes")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"access_token": None}, b"token"),
        ({"token_type": "mac"}, b"kind of token"),
        ({"patient": None}, b"which patient"),
        ({"id_token": None}, b"who signed in"),
        ({"id_token": "not.a.token"}, b"proof of identity"),
    ],
)
def test_a_token_answer_that_is_not_accepted(
    mercy: SmartEhr, connect: Connect, changes: dict[str, Any], words: bytes
) -> None:
    connect(mercy)
    mercy.grant = Grant(changes=changes)
    browser = Client()
    refused(browser.get("/callback/mercy/", away(mercy, browser)), words)


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://evil.example"},
        {"aud": "another-app"},
        {"exp": 1_000_000},
        {"nonce": "another"},
        {"fhirUser": "Patient/p1"},
        {"fhirUser": "RelatedPerson/1"},
        {"fhirUser": "https://evil.example/fhir/Practitioner/1"},
        {"fhirUser": ""},
        {"sub": ""},
    ],
    ids=str,
)
def test_a_proof_of_identity_that_is_not_accepted(
    mercy: SmartEhr, connect: Connect, claims: dict[str, Any]
) -> None:
    connect(mercy)
    mercy.grant = Grant(claims=claims)
    browser = Client()
    refused(browser.get("/callback/mercy/", away(mercy, browser)))


def test_keys_that_the_ehr_changed_are_read_again(
    mercy: SmartEhr, connect: Connect, launch: Launch
) -> None:
    from clinical.fhir import keys

    connect(mercy)
    launch(mercy).until_complete()
    mercy.key = keys.new_key("ehr-1")
    launch(mercy).until_complete()


def test_a_refused_registration_is_a_sentence(mercy: SmartEhr, connect: Connect) -> None:
    connect(mercy)
    mercy._token = lambda _: reply(
        {"error": "invalid_client", "error_description": "secret words"}, 401
    )  # type: ignore[method-assign]
    browser = Client()
    answer = browser.get("/callback/mercy/", away(mercy, browser))
    refused(answer, b"registration")
    assert b"secret words" not in answer.content


# ---- who we are -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "secret"), [("asymmetric", ""), ("secret", "s3cret"), ("public", "")]
)
def test_the_token_request_proves_who_we_are_as_set_up(
    mercy: SmartEhr, connect: Connect, launch: Launch, kind: str, secret: str
) -> None:
    connect(mercy, authorization=kind, secret=secret)
    launch(mercy).until_complete()
    form = mercy.forms[0]
    asked = next(each for each in mercy.asked if each.path == "auth/token")
    assert ("client_assertion" in form) == (kind == "asymmetric")
    assert asked.headers.get("authorization", "").startswith("Basic ") == (kind == "secret")
    assert ("client_id" in form) == (kind == "public")
    assert "s3cret" not in str(form)


def test_public_keys_hold_no_private_part(connect: Connect) -> None:
    answer = Client().get("/jwks.json")
    (key,) = answer.json()["keys"]
    assert set(key) >= {"kty", "crv", "x", "y", "kid"}
    assert "d" not in key


def test_a_standalone_launch_asks_for_the_patient(mercy: SmartEhr, connect: Connect) -> None:
    connect(mercy)
    browser = Client()
    answer = browser.get("/connect/mercy/")
    scope = parse_qs(urlsplit(answer.headers["Location"]).query)["scope"][0]
    assert "launch/patient" in scope
    back = mercy.authorize(answer.headers["Location"])
    assert browser.get("/callback/mercy/", back).status_code == 302
