"""Zoom and compare: the chart library comes with the click that asks for it, once, and breaks no policy."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from summary_app.models import Connection
from tests.browser.axe import violations
from tests.browser.conftest import Desk, blocked
from tests.summary_app.conftest import Launch, Opened
from tests.summary_app.ehr import SmartEhr

pytestmark = pytest.mark.browser
Connect = Callable[..., Connection]


@pytest.fixture
def opened(mercy: SmartEhr, connect: Connect, launch: Launch) -> Opened:
    connect(mercy)
    mercy.grant.encounter = "e1"
    return launch(mercy)


def scripts(page: Page) -> int:
    return page.locator("script[src*=plotly]").count()


def open_row(page: Page, name: str) -> None:
    page.locator("#block-labs a.o", has_text=name).first.click()
    expect(page.locator(".opened .vals").last).to_be_visible()


def span(page: Page) -> float:
    return float(page.evaluate(
        "(([a, b]) => new Date(b) - new Date(a))(document.querySelector('.plot').layout.xaxis.range)"
    ))  # fmt: skip


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_zoom_pan_and_a_second_analyte(scheme: str, opened: Opened, desk: Desk) -> None:
    page = desk.open(opened, color_scheme=scheme)
    open_row(page, "Potassium")
    assert scripts(page) == 0
    page.get_by_role("button", name="Zoom and compare").click()
    expect(page.locator(".plot .main-svg").first).to_be_visible(timeout=30_000)
    bar = page.locator(".explore-bar")  # the button stands far below it
    expect(bar).to_be_in_viewport(ratio=1)
    whole = span(page)
    page.get_by_role("button", name="1 month").click()
    assert span(page) < whole / 3
    before = page.evaluate("document.querySelector('.plot').layout.xaxis.range[0]")
    page.get_by_role("button", name="Earlier").click()
    assert page.evaluate("document.querySelector('.plot').layout.xaxis.range[0]") < before
    page.get_by_role("button", name="All", exact=True).click()
    page.get_by_label("Beside it").select_option(label="Creatinine")
    expect(page.locator(".plot .y2title")).to_contain_text("Creatinine")
    points = page.locator(".plot .overplot .trace, .plot .cartesianlayer .trace").count()
    assert points >= 2
    assert blocked(page) == []
    assert scripts(page) == 1


def test_hover_says_value_date_range_and_source(opened: Opened, desk: Desk) -> None:
    page = desk.open(opened)
    open_row(page, "Potassium")
    page.get_by_role("button", name="Zoom and compare").click()
    expect(page.locator(".plot .main-svg").first).to_be_visible(timeout=30_000)
    point = page.locator(".plot .point").last.bounding_box()
    assert point is not None
    page.mouse.move(point["x"] + point["width"] / 2, point["y"] + point["height"] / 2)
    expect(page.locator(".plot .hovertext")).to_contain_text("5.9 H mmol/L")
    expect(page.locator(".plot .hovertext")).to_contain_text("3.5–5.1 · Mercy")
    assert blocked(page) == []


def test_it_is_loaded_once_and_closes_with_its_row(opened: Opened, desk: Desk) -> None:
    page = desk.open(opened)
    open_row(page, "Potassium")
    page.get_by_role("button", name="Zoom and compare").press("Enter")
    expect(page.locator(".plot .main-svg").first).to_be_visible(timeout=30_000)
    page.get_by_role("button", name="Close zoom").press("Enter")
    expect(page.locator(".plot")).to_have_count(0)
    expect(page.locator(".opened svg.oc")).to_be_visible()
    page.get_by_role("button", name="Zoom and compare").press("Enter")
    expect(page.locator(".plot .main-svg").first).to_be_visible(timeout=30_000)
    assert scripts(page) == 1
    page.keyboard.press("Escape")
    expect(page.locator(".opened")).to_have_count(0)


def test_a_figure_that_does_not_come_is_said_and_the_plain_chart_stays(
    opened: Opened, desk: Desk
) -> None:
    page = desk.open(opened)
    open_row(page, "Potassium")
    page.route("**/explore/**", lambda route: route.abort())
    page.get_by_role("button", name="Zoom and compare").click()
    expect(page.locator("#notices")).to_contain_text("could not be drawn")
    expect(page.locator(".opened svg.oc")).to_be_visible()


def test_without_javascript_nothing_is_offered_that_cannot_work(opened: Opened, desk: Desk) -> None:
    opened.until_complete()
    page = desk.open(opened, whole=False, java_script_enabled=False)
    page.locator("#block-labs a.o", has_text="Potassium").first.click()
    expect(page.locator(".opened svg.oc")).to_be_visible()
    expect(page.locator("[data-explore]")).to_be_hidden()


def test_results_by_date_open_in_place_and_two_dates_are_compared(
    opened: Opened, desk: Desk
) -> None:
    page = desk.open(opened)
    page.get_by_text("By date and panel").click()
    sheet = page.locator("#block-labs .sheet").first
    expect(sheet).to_contain_text("Creatinine")
    expect(sheet.locator("td .ab", has_text="5.9 H")).to_have_count(1)
    page.locator(".compare select[name=before]").select_option(index=3)
    page.locator(".compare button").click()
    expect(page.locator(".two-dates")).to_contain_text("4.8")
    page.locator(".two-dates a.o", has_text="Potassium").click()
    expect(page.locator("#block-labs tr.is-open a.o")).to_have_text("Potassium")
    expect(page.locator(".opened svg.oc")).to_be_visible()
    found = violations(page)
    assert [rule["id"] for rule in found] == [], found
    assert blocked(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_results_by_date_without_javascript(opened: Opened, desk: Desk) -> None:
    opened.until_complete()
    page = desk.open(opened, whole=False, java_script_enabled=False)
    page.get_by_text("By date and panel").click()
    page.get_by_role("link", name="Results by panel and date").click()
    expect(page.locator(".sheet").first).to_contain_text("Creatinine")
    page.locator(".compare select[name=before]").select_option(index=2)
    page.locator(".compare button").click()
    expect(page.locator(".two-dates")).to_contain_text("Potassium")
