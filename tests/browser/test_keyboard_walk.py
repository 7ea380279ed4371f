"""Every function of a chart with the keyboard alone, in one walk; and what axe says of every state on the way."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from summary_app.models import Connection, Feedback
from tests.browser.axe import violations
from tests.browser.conftest import Desk, blocked, complete
from tests.browser.test_papers import note
from tests.summary_app.conftest import Launch, Opened
from tests.summary_app.ehr import SmartEhr

pytestmark = pytest.mark.browser


@pytest.fixture
def opened(mercy: SmartEhr, connect: Callable[..., Connection], launch: Launch) -> Opened:
    mercy.resources += [
        note("d1", "Outside letter", "text/html", "<p>Seen <b>here</b></p>"),
        note("d2", "Telephone note", "text/plain", "PLAN:\nCall back"),
    ]
    connect(mercy)
    mercy.grant.encounter = "e1"
    return launch(mercy)


class Walk:
    """Hands on the keyboard. Every stop is checked by axe."""

    def __init__(self, page: Page) -> None:
        self.page = page
        page.mouse.move(0, 0)

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def tab_to(self, target: Locator, most: int = 120) -> None:
        """Only by Tab: a thing that Tab does not reach is not reachable."""
        for _ in range(most):
            if target.evaluate("el => el === document.activeElement"):
                return
            self.press("Tab")
        raise AssertionError(f"{target} was not reached in {most} steps")

    def stop(self, where: str) -> None:
        rules = [
            f"{where} {rule['id']}: {node['html'][:160]}"
            for rule in violations(self.page)
            for node in rule["nodes"]
        ]
        assert rules == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_walk_through_every_function(scheme: str, opened: Opened, desk: Desk) -> None:
    page = desk.open(opened, color_scheme=scheme)
    walk = Walk(page)

    walk.press("/")
    page.keyboard.type("potassium")
    expect(page.locator(".hit").first).to_be_visible()
    walk.press("Enter")
    opened_row = page.locator("#block-labs .opened")
    expect(opened_row.locator(".vals")).to_be_visible()

    zoom = opened_row.get_by_role("button", name="Zoom and compare")
    walk.tab_to(zoom)
    walk.press("Enter")
    expect(page.locator(".plot .main-svg").first).to_be_visible(timeout=30_000)
    beside = page.locator(".explore-bar select")
    beside.focus()
    walk.press("ArrowDown")
    expect(page.locator(".plot .y2title")).to_have_count(1)
    walk.stop("zoom and compare")

    page.locator(".wrong summary").focus()
    walk.press("Enter")
    walk.tab_to(page.locator(".wrong input[type=radio]").first)
    walk.press("Space")
    walk.stop("wrong here?")
    walk.tab_to(page.locator(".wrong button"))
    walk.press("Enter")
    expect(page.locator(".noted")).to_be_visible()
    assert Feedback.objects.get().reason == "not-for-visit"
    walk.press("Escape")
    expect(page.locator(".opened")).to_have_count(0)

    by_date = page.locator("details[data-k=labs-by-date] > summary")
    walk.tab_to(by_date)
    walk.press("Enter")
    expect(page.locator(".sheet").first).to_be_visible()
    select = page.locator(".compare select[name=before]")
    walk.tab_to(select)
    walk.press("ArrowDown", "Tab", "Tab", "Enter")
    expect(page.locator(".two-dates")).to_be_visible()
    walk.stop("by date")

    walk.press("/")
    page.keyboard.type("outside letter")
    walk.press("Enter")
    expect(page.frame_locator(".paper iframe").locator("b")).to_have_text("here")
    walk.stop("a note in its frame")
    walk.press("Escape", "Escape")

    choice = page.locator("details.choice > summary")
    choice.focus()
    walk.press("Enter")
    walk.tab_to(page.locator(".menu button:not([aria-current])").first)
    walk.press("Enter")
    expect(page.locator("#visit[data-visit-context=diabetes]")).to_have_count(0)
    complete(page)

    walk.press("?")
    walk.stop("keys")
    walk.press("Escape")
    leave = page.get_by_role("button", name="Sign off")
    leave.focus()
    assert blocked(page) == []
    walk.press("Enter")
    expect(page.locator("main")).to_contain_text("Open a chart from your EHR")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_of_their_own(scheme: str, opened: Opened, desk: Desk) -> None:
    opened.until_complete()
    page = desk.open(opened, color_scheme=scheme)
    walk = Walk(page)
    for address in ("labs", "find", "left-out"):
        page.goto(f"{opened.url}{address}")
        expect(page.locator("h1")).to_contain_text("WINTERBOURNE")
        walk.stop(address)
        assert blocked(page) == [], address


def test_two_hundred_per_cent_zoom_of_1280(opened: Opened, desk: Desk) -> None:
    """Zoom halves the window in CSS pixels: nothing scrolls sideways, nothing is covered, everything opens."""
    page = desk.open(opened, viewport={"width": 640, "height": 360}, device_scale_factor=2)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    walk = Walk(page)
    walk.press("/")
    page.keyboard.type("potassium")
    expect(page.locator('#found[data-answers="potassium"] .hit').first).to_be_visible()
    box, name = page.locator(".hit").first.bounding_box(), page.locator("h1").bounding_box()
    assert box is not None
    assert name is not None
    assert box["y"] >= name["y"] + name["height"], "the name of the patient is covered"
    walk.press("Enter")
    expect(page.locator(".opened .vals")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    walk.stop("zoom 200 %")
