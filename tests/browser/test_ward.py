"""The nurse lens and the board in a real browser: keys, windows, the content policy, and nothing wider than its screen."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Literal

import pytest
from playwright.sync_api import Page, expect

from summary_app.models import Connection
from tests.browser import axe
from tests.browser.conftest import Desk, blocked
from tests.clinical.fhir.fake_ehr import running
from tests.summary_app.conftest import Launch, Opened
from tests.summary_app.test_ward import BACKEND, WardEhr, _resources

pytestmark = pytest.mark.browser


@pytest.fixture
def opened(connect: Callable[..., Connection], launch: Launch) -> Iterator[Opened]:
    from summary_app.ward.services import rounds, units

    units.forget()
    rounds.forget()
    with running(WardEhr(_resources())) as ehr:
        connect(ehr, **BACKEND)
        made = launch(ehr)
        made.url = f"/c/{made.ctx}/nurse"
        yield made


def _board(page: Page) -> None:
    page.goto("/ward/?show=5 West")
    page.wait_for_selector("#watch-board[data-asking=no]", state="attached")


def _stay(page: Page) -> Page:
    """The lens of somebody in a bed, from the board."""
    _board(page)
    page.get_by_role("button", name="SUMMERFIELD, Test").click()
    page.wait_for_url("**/nurse")
    page.wait_for_selector("#since-shift")
    return page


def test_one_key_leads_to_the_summary_and_back(opened: Opened, desk: Desk) -> None:
    page = desk.open(opened)
    page.keyboard.press("n")
    page.wait_for_url("**/c/*/")
    page.keyboard.press("n")
    page.wait_for_url("**/nurse")
    assert blocked(page) == []


def test_another_window_is_put_in_place_and_keeps_the_focus(opened: Opened, desk: Desk) -> None:
    page = desk.open(opened)
    page.click("#window-4h")
    expect(page.locator("#window-4h")).to_have_attribute("aria-current", "true")
    expect(page.locator("#window-4h")).to_be_focused()
    assert page.url.endswith("/nurse")
    assert blocked(page) == []


def test_since_my_shift_began_is_one_key(opened: Opened, desk: Desk) -> None:
    page = _stay(desk.open(opened))
    page.keyboard.press("s")
    expect(page.locator("#since-shift")).to_be_focused()


def test_a_line_of_the_board_opens_that_patient(opened: Opened, desk: Desk) -> None:
    page = desk.open(opened)
    _board(page)
    assert blocked(page) == []
    expect(page.locator(".ward-line")).to_have_count(3)
    page.get_by_role("button", name="SUMMERFIELD, Test").click()
    page.wait_for_url("**/nurse")
    expect(page.locator("h1")).to_contain_text("SUMMERFIELD")


def test_m_sorts_by_silence_and_h_leads_to_the_hand_over(opened: Opened, desk: Desk) -> None:
    page = desk.open(opened)
    _board(page)
    page.keyboard.press("m")
    page.wait_for_url("**sort=silence")
    expect(page.locator(".ward-line .who").first).to_have_text("AUTUMNAL, Test")
    page.keyboard.press("h")
    page.wait_for_url("**/hand-over**")
    expect(page.locator("article")).to_have_count(3)
    assert blocked(page) == []


@pytest.mark.parametrize("width", [320, 360, 768, 1024, 1280, 1440, 1920])
def test_nothing_is_wider_than_its_screen(opened: Opened, desk: Desk, width: int) -> None:
    page = desk.open(opened, viewport={"width": width, "height": 800})
    for address in ("", "/ward/?show=5 West", "/ward/hand-over?show=5 West"):
        if address:
            page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, address


def test_the_pages_work_without_scripts(opened: Opened, desk: Desk) -> None:
    page = desk.open(opened, whole=False, java_script_enabled=False)
    page.wait_for_selector("#vitals")
    page.click("#window-8h")
    expect(page.locator("#window-8h")).to_have_attribute("aria-current", "true")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_lens_board_and_hand_over(
    scheme: Literal["light", "dark"], opened: Opened, desk: Desk
) -> None:
    page = desk.open(opened, color_scheme=scheme)
    assert violations(page) == [], "lens of a visit"
    assert violations(_stay(page)) == [], "lens of a stay"
    _board(page)
    assert violations(page) == []
    page.goto("/ward/hand-over?show=5 West")
    assert violations(page) == []


def violations(page: Page) -> list[str]:
    return [
        f"{rule['id']}: {node['html'][:160]} {node['failureSummary'][:200]}"
        for rule in axe.violations(page)
        for node in rule["nodes"]
    ]


def test_a_second_tab_with_another_patient_is_said(opened: Opened, desk: Desk) -> None:
    page = desk.open(opened)
    _board(page)
    context = page.context
    page.get_by_role("button", name="SUMMERFIELD, Test").click()
    page.wait_for_url("**/nurse", wait_until="load")
    other = context.new_page()
    other.goto(opened.url, wait_until="load")
    expect(other.locator("#notices")).to_contain_text("Another patient's chart is open")
    expect(page.locator("#notices")).to_contain_text("Another patient's chart is open")
