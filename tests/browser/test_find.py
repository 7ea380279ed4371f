"""Find anything in a browser: from anywhere, by keyboard only, with value and trend in the list."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from summary_app.models import Connection
from tests.browser.axe import violations
from tests.browser.conftest import Desk, blocked
from tests.clinical.fhir.fake_ehr import Asked, FakeEhr, Reply, reply
from tests.summary_app.conftest import Launch, Opened
from tests.summary_app.ehr import SmartEhr

pytestmark = pytest.mark.browser
Connect = Callable[..., Connection]


@pytest.fixture
def opened(mercy: SmartEhr, connect: Connect, launch: Launch) -> Opened:
    connect(mercy)
    mercy.grant.encounter = "e1"
    return launch(mercy)


def look_for(page: Page, words: str) -> None:
    page.keyboard.press("/")
    page.keyboard.type(words)
    answer = page.locator(f'#found[data-answers="{words}"]')  # not that to the first letters of it
    expect(answer.locator(".hit, .nothing p").first).to_be_visible()


def test_slash_finds_a_value_with_its_trend(opened: Opened, desk: Desk) -> None:
    page = desk.open(opened)
    look_for(page, "pot")
    first = page.locator(".hit").first
    expect(first).to_contain_text("Potassium")
    expect(first).to_contain_text("5.9 H")
    expect(first).to_contain_text("on this page")
    expect(first.locator("polyline")).to_have_count(1)
    expect(page.locator("#say")).to_contain_text("found")
    assert "pot" not in page.url
    assert blocked(page) == []


def test_enter_leads_to_the_row_where_it_stands(opened: Opened, desk: Desk) -> None:
    page = desk.open(opened)
    page.keyboard.press("Control+k")
    page.keyboard.type("potassium")
    page.keyboard.press("Enter")
    expect(page.locator("#chart .opened .vals")).to_contain_text("5.9 H")
    expect(page.locator("#block-labs tr.is-open a.o")).to_be_focused()
    expect(page.locator("#found")).to_be_hidden()


def test_what_was_left_out_opens_in_its_group(opened: Opened, desk: Desk) -> None:
    page = desk.open(opened)
    look_for(page, "zinc")
    expect(page.locator(".hit").first).to_contain_text("left out")
    page.keyboard.press("ArrowDown")
    expect(page.locator(".hit a.o").first).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#block-labs details[open] .opened .vals")).to_contain_text("40")
    expect(page.locator("#found")).to_be_hidden()


def test_an_answer_that_comes_after_the_first_step_down_keeps_the_reader_in_the_list(
    opened: Opened, desk: Desk
) -> None:
    page = desk.open(opened)
    look_for(page, "pot")
    page.keyboard.press("ArrowDown")
    expect(page.locator(".hit a.o").first).to_be_focused()
    page.locator(".hit").first.evaluate("each => each.dataset.old = '1'")
    page.locator("#q").evaluate("field => field.dispatchEvent(new Event('input'))")
    expect(page.locator(".hit[data-old]")).to_have_count(0)
    expect(page.locator(".hit a.o").first).to_be_focused()


def test_what_has_no_row_on_the_page_opens_in_the_list(
    mercy: SmartEhr, opened: Opened, desk: Desk
) -> None:
    mercy.resources.append(
        {
            "resourceType": "Goal",
            "id": "g1",
            "lifecycleStatus": "active",
            "subject": {"reference": "Patient/p1"},
            "description": {"text": "Walks to the market again"},
        }
    )
    page = desk.open(opened)
    look_for(page, "market")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator("#found .opened .sent")).to_contain_text("Goal/g1")
    page.keyboard.press("Escape")
    expect(page.locator("#found .opened")).to_have_count(0)
    expect(page.locator(".hit a.o").first).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(page.locator("#q")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#found")).to_be_hidden()


def test_escape_closes_and_leads_back(opened: Opened, desk: Desk) -> None:
    page = desk.open(opened)
    page.locator("#block-labs a.o").first.focus()
    look_for(page, "hb")
    page.keyboard.press("Escape")
    expect(page.locator("#found")).to_be_hidden()
    expect(page.locator("#block-labs a.o").first).to_be_focused()
    assert page.input_value("#q") == ""


def test_the_last_question_is_the_one_answered(opened: Opened, desk: Desk) -> None:
    page = desk.open(opened)
    held: list[object] = []

    def hold(route: object) -> None:
        held.append(route)

    page.route("**/find", hold)
    page.keyboard.press("/")
    page.keyboard.type("zinc")
    page.wait_for_timeout(150)
    page.unroute("**/find", hold)
    page.locator("#q").fill("potassium")
    expect(page.locator(".hit").first).to_contain_text("Potassium")
    assert held, "the first question was never sent"
    expect(page.locator("#notices")).to_be_empty()


def test_not_on_record_is_not_the_same_as_not_retrieved(
    mercy: SmartEhr, connect: Connect, launch: Launch, desk: Desk
) -> None:
    connect(mercy)
    page = desk.open(launch(mercy))
    look_for(page, "pacemaker")
    expect(page.locator("#found")).to_contain_text("nothing found")
    expect(page.locator("#found")).to_contain_text("Nothing recorded")

    def failing(_: FakeEhr, asked: Asked) -> Reply | None:
        return reply({"resourceType": "OperationOutcome", "issue": []}, 500) if asked.path == "Device" else None  # fmt: skip

    page.keyboard.press("Escape")
    mercy.hook = failing
    other = desk.open(launch(mercy))
    look_for(other, "pacemaker")
    expect(other.locator("#found")).to_contain_text("Not retrieved")
    expect(other.locator("#found")).not_to_contain_text("Nothing recorded")


def test_without_javascript_it_is_a_plain_form(opened: Opened, desk: Desk) -> None:
    opened.until_complete()
    page = desk.open(opened, whole=False, java_script_enabled=False)
    page.fill("#q", "zinc")
    page.press("#q", "Enter")
    expect(page.locator("h1")).to_contain_text("WINTERBOURNE")
    expect(page.locator("main")).to_contain_text("left out")
    assert "zinc" not in page.url
    page.get_by_role("link", name="Zinc").click()
    expect(page.locator(".opened .vals")).to_contain_text("40")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [400, 1280])
def test_axe_finds_nothing_in_the_list(scheme: str, width: int, opened: Opened, desk: Desk) -> None:
    page = desk.open(opened, color_scheme=scheme, viewport={"width": width, "height": 800})
    look_for(page, "hemoglobin")
    rules = [rule["id"] for rule in violations(page)]
    look_for_nothing(page)
    rules += [rule["id"] for rule in violations(page)]
    assert rules == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def look_for_nothing(page: Page) -> None:
    page.locator("#q").fill("xyzzy")
    expect(page.locator("#found .nothing")).to_contain_text("xyzzy")
