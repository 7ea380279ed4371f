"""Two tabs with two patients: what belongs to one chart is refused by the server and dropped by the page of the other."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Route, expect

from tests.browser.conftest import Desk
from tests.browser.patients import boris
from tests.browser.test_page import POTASSIUM, look
from tests.summary_app.conftest import Launch, Opened
from tests.summary_app.ehr import SmartEhr


@pytest.fixture
def both(mercy: SmartEhr, connect: Any, launch: Launch) -> tuple[Opened, Opened]:
    """The charts of Anna and Boris, opened by one clinician in one browser."""
    connect(mercy)
    mercy.resources += boris()
    first = launch(mercy)
    mercy.grant.patient = "p2"
    return first, launch(mercy, client=first.client)


def test_the_other_charts_answers_are_dropped(both: tuple[Opened, Opened], desk: Desk) -> None:
    """The real answers about the other patient arrive in this tab, as through something that mixes them up."""
    first, second = both
    other = second.until_complete().content.decode()
    assert "QUIMBY" in other
    page = desk.open(first)
    sent: list[str] = []

    def mixed_up(route: Route) -> None:
        sent.append(route.request.url)
        route.fulfill(
            status=200, headers={"X-Ctx": second.ctx}, content_type="text/html", body=other
        )

    page.route(re.compile(r"/updates\?|/row/"), mixed_up)
    look(page)
    page.click(f"{POTASSIUM} a.o")
    page.wait_for_timeout(500)
    assert any("/row/" in url for url in sent)
    assert any("/updates" in url for url in sent)
    expect(page.locator("#strip")).to_contain_text("WINTERBOURNE")
    assert "QUIMBY" not in page.content()


def test_an_entry_or_row_of_one_chart_is_not_in_the_other(both: tuple[Opened, Opened]) -> None:
    """Under the other chart's address: 404, for row keys and for entries as sent."""
    first, second = both
    first.until_complete()
    page = second.until_complete().content.decode()
    row = re.search(rf'href="{second.url}(row/[\w-]+)"', page)
    assert row is not None
    for path in (row[1], "as-sent/mercy/Condition/c9", "as-sent/mercy/Patient/p2"):
        assert second.client.get(second.url + path).status_code == 200, path
        assert first.client.get(first.url + path).status_code == 404, path
