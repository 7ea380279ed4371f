"""axe finds nothing on any page or state, light and dark."""

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
SCHEMES = ("light", "dark")


@pytest.fixture
def opened(mercy: SmartEhr, connect: Callable[..., Connection], launch: Launch) -> Opened:
    connect(mercy)
    mercy.grant.encounter = "e1"
    return launch(mercy)


def found(page: Page) -> list[str]:
    """Violations with the place of each. The check is run outside the page's own scripts."""
    return [
        f"{rule['id']}: {node['html'][:160]} {node['failureSummary'][:200]}"
        for rule in violations(page)
        for node in rule["nodes"]
    ]


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_chart_at_rest_and_with_an_open_row(scheme: str, opened: Opened, desk: Desk) -> None:
    page = desk.open(opened, color_scheme=scheme)
    assert found(page) == []
    page.locator("#block-labs a.o", has_text="Potassium").first.click()
    expect(page.locator(".opened .vals")).to_be_visible()
    page.keyboard.press("?")
    page.locator("details.grp").evaluate_all("all => all.forEach((each) => { each.open = true; })")
    page.click("details.choice summary")
    page.wait_for_timeout(200)
    assert found(page) == []
    assert blocked(page) == []


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("width", [400, 768])
def test_narrow(scheme: str, width: int, opened: Opened, desk: Desk) -> None:
    page = desk.open(opened, color_scheme=scheme, viewport={"width": width, "height": 800})
    assert found(page) == []


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_source_that_failed(
    scheme: str, mercy: SmartEhr, connect: Callable[..., Connection], launch: Launch, desk: Desk
) -> None:
    def failing(_: FakeEhr, asked: Asked) -> Reply | None:
        if asked.path in ("Patient/p1", "metadata", "Encounter"):
            return None
        return reply({"resourceType": "OperationOutcome", "issue": []}, 500)

    connect(mercy)
    mercy.hook = failing
    page = desk.open(launch(mercy), color_scheme=scheme)
    expect(page.locator("#answers-column")).to_contain_text("Not retrieved")
    assert found(page) == []


@pytest.mark.parametrize("scheme", SCHEMES)
def test_the_other_pages(scheme: str, opened: Opened, desk: Desk) -> None:
    opened.until_complete()
    page = desk.open(opened, color_scheme=scheme)
    row = page.locator("#block-labs a.o").first.get_attribute("href")
    for address in (str(row), f"{opened.url}left-out", "/", "/c/nothing/"):
        page.goto(address)
        assert found(page) == [], address
        assert blocked(page) == [], address
    page.context.clear_cookies()
    for address in (opened.url, "/"):
        page.goto(address)
        assert found(page) == [], address
