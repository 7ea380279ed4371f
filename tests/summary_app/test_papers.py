"""Notes and reports opened in place: what is shown, how, with whose rights, and what is said instead."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from summary_app.models import AccessLog, Connection
from summary_app.summary.services.cleaning import DEEPEST, LARGEST, Refused, clean
from tests.summary_app.conftest import Launch, Opened
from tests.summary_app.ehr import SmartEhr, lab, patient

Connect = Callable[..., Connection]
Json = dict[str, Any]
PDF = b"%PDF-1.4\n%%EOF\n"
HOSTILE = """<html><head><title>t</title><style>p{background:url(//evil.example)}</style></head>
<body onload=alert(1)><p style="color:red" onclick=x>Plan: <b>recheck</b></p><script>alert(1)</script>
<img src=//evil.example/pixel><a href=javascript:alert(1)>link</a><form action=//evil.example><input></form>
<iframe src=//evil.example></iframe><svg><script>1</script></svg><table><tr><td colspan=2>K</table></body></html>"""


def packed(text: str | bytes) -> str:
    return base64.b64encode(text.encode() if isinstance(text, str) else text).decode()


def note(identifier: str, attachment: Json) -> Json:
    return {
        "resourceType": "DocumentReference",
        "id": identifier,
        "status": "current",
        "date": "2026-11-01T10:00:00Z",
        "type": {"text": f"Note {identifier}"},
        "subject": {"reference": "Patient/p1"},
        "author": [{"display": "Dr Lee"}],
        "content": [{"attachment": attachment}],
    }


def binary(identifier: str, kind: str, content: bytes) -> Json:
    return {"resourceType": "Binary", "id": identifier, "contentType": kind, "data": packed(content)}  # fmt: skip


class Reading:
    """One clinician with a chart that holds one note."""

    def __init__(self, opened: Opened) -> None:
        self.opened, self.client = opened, opened.client
        self.summary = opened.until_complete().context["summary"]

    def key(self) -> str:
        found = self.client.post(f"{self.opened.url}find", {"q": "note"}).context["found"]
        return str(found.hits[0].row.key)

    def row(self) -> str:
        return self.client.get(f"{self.opened.url}row/{self.key()}").content.decode()

    def paper(self, place: int = 0) -> Any:
        return self.client.get(f"{self.opened.url}paper/{self.key()}/{place}")


@pytest.fixture
def reading(
    ehrs: Callable[..., SmartEhr], connect: Connect, launch: Launch
) -> Callable[..., Reading]:
    def make(*resources: Json, **fields: Any) -> Reading:
        ehr = ehrs([patient("p1"), lab("a1", "p1", 8.1), *resources])
        connect(ehr, **fields)
        found = Reading(launch(ehr))
        found.ehr = ehr  # type: ignore[attr-defined]
        return found

    return make


def test_plain_text_stands_in_the_row_word_for_word(reading: Callable[..., Reading]) -> None:
    text = "PLAN:\n  recheck <b>BMP</b> & call"
    row = reading(note("n1", {"contentType": "text/plain", "data": packed(text)})).row()
    assert "recheck &lt;b&gt;BMP&lt;/b&gt; &amp; call" in row
    assert "Dr Lee" in row
    assert "<iframe" not in row


def test_html_is_cleaned_and_stands_in_a_sandboxed_frame(reading: Callable[..., Reading]) -> None:
    found = reading(note("n1", {"contentType": "text/html", "data": packed(HOSTILE)}))
    assert "<iframe sandbox src=" in found.row()
    answer = found.paper()
    body = answer.content.decode()
    assert "<b>recheck</b>" in body
    assert '<td colspan="2">K' in body
    for bad in (
        "<script",
        "onclick",
        "onload",
        "style=",
        "evil.example",
        "javascript:",
        "<img",
        "<form",
        "<a ",
    ):
        assert bad not in body.lower(), bad  # fmt: skip
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert policy.endswith("sandbox")
    assert "frame-ancestors 'self'" in policy
    assert answer.headers["Cache-Control"] == "no-store"


def test_the_ehr_that_frames_a_chart_may_frame_its_papers(reading: Callable[..., Reading]) -> None:
    found = reading(
        note("n1", {"contentType": "text/html", "data": packed("<p>x</p>")}),
        embed_origins="https://ehr.example",
    )
    policy = found.paper().headers["Content-Security-Policy"]
    assert "frame-ancestors 'self' https://ehr.example" in policy


def test_a_binary_by_reference_is_fetched_with_the_clinicians_token(
    reading: Callable[..., Reading],
) -> None:
    found = reading(
        note("n1", {"contentType": "application/pdf", "url": "Binary/b1"}),
        binary("b1", "application/pdf", PDF),
    )
    ehr = found.ehr  # type: ignore[attr-defined]
    assert not [a for a in ehr.asked if a.path == "Binary/b1"], (
        "fetched before anybody asked for it"
    )
    answer = found.paper()
    assert answer.content == PDF
    assert answer.headers["Content-Type"] == "application/pdf"
    (asked,) = [a for a in ehr.asked if a.path == "Binary/b1"]
    assert asked.headers["authorization"].removeprefix("Bearer ") in ehr.tokens
    assert AccessLog.objects.filter(what="paper", outcome="granted").count() == 1


@pytest.mark.parametrize(
    "url", ["https://elsewhere.example/fhir/Binary/1", "//elsewhere.example/1", "/other/Binary/1", "../other/1", "file:///etc/passwd"],
)  # fmt: skip
def test_another_server_or_path_is_never_asked(url: str, reading: Callable[..., Reading]) -> None:
    found = reading(note("n1", {"contentType": "application/pdf", "url": url}))
    ehr = found.ehr  # type: ignore[attr-defined]
    before = len(ehr.asked)
    answer = found.paper()
    assert "lies on another server" in answer.content.decode()
    assert len(ehr.asked) == before


def test_a_file_that_is_gone_is_not_retrieved_and_not_empty(
    reading: Callable[..., Reading],
) -> None:
    found = reading(note("n1", {"contentType": "text/html", "url": "Binary/none"}))
    assert "Not retrieved" in found.paper().content.decode()


@pytest.mark.parametrize(
    ("attachment", "words"),
    [
        ({"contentType": "application/rtf", "data": packed("{\\rtf1 x}")}, "unparsed, not summarised"),
        ({"contentType": "application/hl7-v3+xml", "data": packed("<ClinicalDocument/>")}, "unparsed, not summarised"),
        ({"contentType": "text/plain"}, "neither its content nor where it lies"),
        ({"data": packed("x")}, "unparsed, not summarised"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_says_so(
    attachment: Json, words: str, reading: Callable[..., Reading]
) -> None:
    row = reading(note("n1", attachment)).row()
    assert words in row
    assert "<iframe" not in row


def test_what_only_claims_to_be_a_pdf_is_saved_and_not_shown(
    reading: Callable[..., Reading],
) -> None:
    found = reading(note("n1", {"contentType": "application/pdf", "data": packed(HOSTILE)}))
    answer = found.paper()
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["Content-Security-Policy"].endswith("sandbox")


def test_text_in_another_character_set_than_it_says_is_not_guessed(
    reading: Callable[..., Reading],
) -> None:
    found = reading(note("n1", {"contentType": "text/html; charset=utf-8", "data": packed(b"\xff\xfe\x00K")}))  # fmt: skip
    assert "no text in the character set" in found.paper().content.decode()


def test_nobody_else_and_no_other_place(reading: Callable[..., Reading]) -> None:
    found = reading(note("n1", {"contentType": "text/html", "data": packed("<p>x</p>")}))
    key = found.key()
    assert found.paper(1).status_code == 404
    address = f"{found.opened.url}paper/{key}/0"
    assert Client().get(address).status_code == 401
    assert found.client.get(address.replace(key, "document-000000000000")).status_code == 404


def test_a_result_leads_to_its_report_and_the_report_to_its_results(
    reading: Callable[..., Reading],
) -> None:
    report = {
        "resourceType": "DiagnosticReport",
        "id": "r1",
        "status": "final",
        "code": {"text": "Diabetes panel"},
        "subject": {"reference": "Patient/p1"},
        "effectiveDateTime": "2026-11-01T10:00:00Z",
        "result": [{"reference": "Observation/a1"}],
    }
    found = reading(report)
    hits = found.client.post(f"{found.opened.url}find", {"q": "a1c"}).context["found"].hits
    row = found.client.get(f"{found.opened.url}row/{hits[0].row.key}")
    (beside,) = row.context["opened"].beside
    assert beside[1].startswith("Diabetes panel")
    back = found.client.get(f"{found.opened.url}row/{beside[0]}").context["opened"].beside
    assert [key for key, _ in back] == [hits[0].row.key]


def test_the_cleaner_refuses_what_would_take_it_long() -> None:
    assert clean("<p>a</p>" * 1000)
    with pytest.raises(Refused):
        clean("<div>" * (DEEPEST + 1))
    with pytest.raises(Refused):
        clean("a" * (LARGEST + 1))
