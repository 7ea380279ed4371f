"""Notes and reports opened in place, in a browser."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from summary_app.models import Connection
from tests.browser.axe import violations
from tests.browser.conftest import Desk, blocked
from tests.summary_app.conftest import Launch, Opened
from tests.summary_app.ehr import SmartEhr

pytestmark = pytest.mark.browser
HOSTILE = (
    "<h2>Plan</h2><p onclick='x()'>Recheck <b>potassium</b></p><script>top.document.title='run'</script>"
    "<img src='https://elsewhere.example/pixel'>"
)


def note(identifier: str, title: str, kind: str, content: str) -> dict[str, Any]:
    return {
        "resourceType": "DocumentReference",
        "id": identifier,
        "status": "current",
        "date": "2026-11-01T10:00:00Z",
        "type": {"text": title},
        "subject": {"reference": "Patient/p1"},
        "content": [{"attachment": {"contentType": kind, "title": title,
                                    "data": base64.b64encode(content.encode()).decode()}}],
    }  # fmt: skip


@pytest.fixture
def opened(mercy: SmartEhr, connect: Callable[..., Connection], launch: Launch) -> Opened:
    mercy.resources += [
        note("d1", "Outside letter", "text/html", HOSTILE),
        note("d2", "Telephone note", "text/plain", "PLAN:\nCall <b>back</b> tomorrow"),
    ]
    connect(mercy)
    mercy.grant.encounter = "e1"
    return launch(mercy)


def open_note(page: Page, words: str) -> None:
    page.keyboard.press("/")
    page.keyboard.type(words)
    expect(page.locator(".hit").first).to_contain_text(words, ignore_case=True)
    page.keyboard.press("Enter")
    expect(page.locator(".opened .paper")).to_be_visible()


def test_html_is_shown_in_its_frame_and_runs_nothing(opened: Opened, desk: Desk) -> None:
    page = desk.open(opened)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    title = page.title()
    open_note(page, "outside letter")
    inside = page.frame_locator(".paper iframe")
    expect(inside.locator("b")).to_have_text("potassium")
    assert inside.locator("main").evaluate("el => getComputedStyle(el.ownerDocument.body).paddingLeft") == "12px"  # fmt: skip
    assert page.title() == title
    assert not [url for url in asked if "elsewhere" in url]
    assert blocked(page) == []


def test_plain_text_is_text(opened: Opened, desk: Desk) -> None:
    page = desk.open(opened)
    open_note(page, "telephone note")
    expect(page.locator(".note")).to_have_text("PLAN:\nCall <b>back</b> tomorrow")
    assert [rule["id"] for rule in violations(page)] == []


def test_the_last_plan_leads_to_its_note_and_stays_after_a_reload(
    opened: Opened, desk: Desk
) -> None:
    page = desk.open(opened)
    link = page.locator(".plan a.ref")
    link.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".opened .note")).to_contain_text("Call <b>back</b> tomorrow")
    assert page.url.split("#")[0].endswith(opened.url)
    page.reload()
    expect(page.locator(".opened .note")).to_contain_text("Call <b>back</b> tomorrow")
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    expect(page.locator("#found")).to_be_hidden()
