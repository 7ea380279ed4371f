"""Bad input, one row each: which source, what happened, what to do; the rest stays, and nothing stored is lost.

Mercy opens the chart, Lakeside is the other EHR. A chart that was read before stays readable, as an earlier copy.
"""

from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from summary_app.connections.services import wire
from summary_app.models import Connection, ContextSource, Token
from summary_app.summary.services import pulling
from tests.clinical.fhir.fake_ehr import Asked, FakeEhr, Reply, reply, running, searchset
from tests.clinical.fhir.test_session import certificate
from tests.summary_app.conftest import Launch, Opened
from tests.summary_app.ehr import Grant, SmartEhr, lab, patient
from tests.summary_app.hostile import plain
from tests.summary_app.test_sources import POLICY, URATE, Lakeside

Connect = Callable[..., Connection]
HTML = b"<!doctype html><html><title>Maintenance</title></html>"
HUGE = b'{"resourceType":"Bundle"' + b" " * 50_000_000 + b"}"
BAD: dict[str, tuple[Reply, str, str]] = {
    "not FHIR": (Reply(200, b'{"hello": 1}'), "JSON that is not FHIR", "Ask the administrator"),
    "HTML": (Reply(200, HTML), "a web page (HTML)", "sign in again"),
    "cut JSON": (Reply(200, b'{"resourceType":"Bund'), "breaks off in the middle", "Try again"),
    "50 MB": (Reply(200, HUGE), "more than 20 MB", "lower the page size"),
    "nothing": (Reply(200, b""), "answered with nothing", "Try again"),
    "500": (Reply(500, b"ORA-00942"), "a fault of its own (HTTP 500)", "Try again in a moment."),
    "401": (reply({"resourceType": "OperationOutcome"}, 401), "does not accept your sign-in", "Sign in again"),
}  # fmt: skip


@pytest.fixture
def lakeside(ehrs: Callable[..., SmartEhr]) -> Any:
    with running(Lakeside([patient("q9"), lab("b1", "q9", 7.3, code=URATE)])) as found:
        yield found


@pytest.fixture
def two(mercy: SmartEhr, lakeside: SmartEhr, connect: Connect) -> None:
    connect(mercy, name="Mercy")
    connect(lakeside, "lakeside", **POLICY, name="Lakeside")


def read(opened: Opened) -> str:
    """The text of the chart once nothing is awaited any more."""
    page = opened.until_complete()
    assert page.status_code == 200
    assert pulling.wait_for_all(20)
    html = opened.client.get(opened.url).content.decode()
    return plain(html[html.index('<div id="chart">') : html.index('<div id="poll"')])


def again(opened: Opened, server: str) -> str:
    assert opened.client.post(f"{opened.url}sources/{server}/retry").status_code == 302
    return read(opened)


def everything_else(answer: Reply) -> Callable[[Any, Asked], Reply | None]:
    """The bad answer for all but the Patient and the way to sign in."""
    good = ("Patient", "metadata", ".well-known", "auth")
    return lambda _, asked: None if asked.path.startswith(good) else answer


@pytest.mark.parametrize("bad", BAD)
@pytest.mark.parametrize("where", ["mercy", "lakeside"])
def test_an_answer_that_cannot_be_used(
    bad: str, where: str, mercy: SmartEhr, lakeside: SmartEhr, two: None, launch: Launch
) -> None:
    """First on a new chart, then, after a good reading, on a stored one."""
    answer, happened, remedy = BAD[bad]
    ehr, gone, stays = (mercy, "8.1", "7.3") if where == "mercy" else (lakeside, "7.3", "8.1")
    ehr.hook = everything_else(answer)
    opened = launch(mercy)
    text = read(opened)
    said(text, where.title(), happened, remedy)
    assert gone not in text
    assert stays in text
    ehr.hook = None
    assert gone in again(opened, where)
    ehr.hook = everything_else(answer)
    text = again(opened, where)
    said(text, where.title(), happened, remedy, "Out of date: shown is what was read")
    assert gone in text
    assert stays in text


def said(text: str, *words: str) -> None:
    for each in words:
        assert each in text
    assert "None known" not in text
    assert "No known" not in text


def test_an_empty_bundle_is_nothing_recorded_and_no_more(
    mercy: SmartEhr, lakeside: SmartEhr, two: None, launch: Launch
) -> None:
    lakeside.hook = everything_else(reply(searchset([])))
    text = read(launch(mercy))
    said(text, "Nothing recorded at Mercy or Lakeside")
    assert "8.1" in text
    assert "not retrieved" not in text


def test_a_patient_id_that_the_ehr_does_not_know(
    mercy: SmartEhr, two: None, launch: Launch
) -> None:
    mercy.grant = Grant(patient="nobody")
    text = read(launch(mercy))
    said(
        text,
        "Mercy does not have what was asked for.",
        "Check in the EHR that the record is still there.",
    )
    assert "8.1" not in text
    assert "7.3" not in text


def test_scopes_that_are_missing(mercy: SmartEhr, two: None, launch: Launch) -> None:
    mercy.grant = Grant(scopes="launch openid fhirUser patient/Patient.rs patient/Observation.rs")
    text = read(launch(mercy))
    said(
        text,
        "Not permitted Mercy: The sign-in does not cover allergies (AllergyIntolerance).",
        "have this scope granted",
    )
    assert "8.1" in text
    assert "7.3" in text


def test_a_sign_in_that_ended_for_good_keeps_the_chart_however_often_it_is_tried(
    mercy: SmartEhr, two: None, launch: Launch
) -> None:
    opened = launch(mercy)
    assert "8.1" in read(opened)
    mercy.tokens.clear()
    for _ in range(3):
        text = again(opened, "mercy")
        assert "8.1" in text
        assert "7.3" in text
        assert "out of date" in text.lower()
    assert Token.objects.filter(user__isnull=False).count() == 0
    assert ContextSource.objects.get(connection__key="mercy").snapshot_id is not None


def refused(ehr: SmartEhr, connection: Connection) -> None:
    ehr._token = lambda asked: reply({"error": "invalid_client"}, 401)  # type: ignore[method-assign]


def unreachable(ehr: SmartEhr, connection: Connection) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    Connection.objects.filter(pk=connection.pk).update(base_url=f"http://127.0.0.1:{port}/fhir")


SHUT = {
    "refused registration": (refused, "registration"),
    "unreachable": (unreachable, "nothing answers at its address"),
}


@pytest.mark.parametrize("kind", SHUT)
def test_the_other_ehr_cannot_be_signed_in_to(
    kind: str, mercy: SmartEhr, lakeside: SmartEhr, two: None, launch: Launch
) -> None:
    """Its chart of before stays as an earlier copy; without one, Mercy's stays alone."""
    change, words = SHUT[kind]
    opened = launch(mercy)
    assert "7.3" in read(opened)
    Token.objects.filter(user=None).delete()
    wire.forget()
    change(lakeside, Connection.objects.get(key="lakeside"))
    for text in (again(opened, "lakeside"), read(launch(mercy))):
        said(text, "Lakeside", words, "Out of date: shown is what was read")
        assert "7.3" in text
        assert "8.1" in text


def test_a_certificate_signed_by_itself(
    mercy: SmartEhr, connect: Connect, launch: Launch, tmp_path: Path
) -> None:
    connect(mercy, name="Mercy")
    with running(FakeEhr(tls=certificate(tmp_path, days=10))) as other:
        base = other.base.replace("http://127.0.0.1", "https://localhost")
        connect(other, "lakeside", **POLICY, name="Lakeside", base_url=base)
        text = read(launch(mercy))
        assert not other.asked
    said(
        text,
        "Lakeside could not be reached safely: its certificate is signed by itself.",
        "Ask the administrator",
    )
    assert "8.1" in text


def test_a_base_url_that_is_wrong_is_said_at_the_launch(mercy: SmartEhr, connect: Connect) -> None:
    mercy.check_tokens = False  # what is not there is 404 for everybody
    connect(mercy, name="Mercy", base_url=f"{mercy.base}/R5")
    answer = Client().get("/launch/mercy/", {"iss": f"{mercy.base}/R5", "launch": "one"})
    assert answer.status_code == 400
    words = plain(answer.content.decode())
    assert "Mercy" in words
    assert "Ask the administrator" in words
