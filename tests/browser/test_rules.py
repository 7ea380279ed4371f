"""From an idea to a published rule in a real browser, by three people, and back with one click."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Page, expect

from summary_app.models import ChartContext, Connection, Department, Rollout, RuleSetVersion
from tests.browser.axe import violations
from tests.browser.conftest import Desk, blocked
from tests.summary_app.conftest import Launch, Opened
from tests.summary_app.ehr import SmartEhr
from tests.summary_app.rules import person

pytestmark = pytest.mark.browser


class Hands:
    """Counts what a person does: a click, a field filled, a key that does something."""

    def __init__(self) -> None:
        self.count = 0

    def click(self, page: Page, what: str, name: str) -> None:
        self.count += 1
        page.get_by_role(what, name=name, exact=True).first.click()  # type: ignore[arg-type]

    def fill(self, page: Page, label: str, text: str) -> None:
        self.count += 1
        page.get_by_label(label, exact=True).first.fill(text)

    def choose(self, page: Page, label: str, option: str) -> None:
        self.count += 1
        page.get_by_label(label, exact=True).first.select_option(label=option)

    def tick(self, page: Page, label: str) -> None:
        self.count += 1
        page.get_by_label(label, exact=True).first.check()


@pytest.fixture
def chart(mercy: SmartEhr, connect: Callable[..., Connection], launch: Launch) -> Opened:
    """A chart that somebody with the role of an author has open, as a diabetes visit."""
    connect(mercy)
    opened = launch(mercy)
    opened.until_complete()
    opened.client.post(f"/c/{opened.ctx}/visit", {"visit": "diabetes"})
    person(ChartContext.objects.get(pk=opened.ctx).user.username, "author")
    return opened


@pytest.fixture
def at_desk(desk: Desk) -> Callable[..., Page]:
    def go(client: Client, address: str, **options: Any) -> Page:
        context = desk.context(None, **options)
        for name in (settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME):
            if name in client.cookies:
                context.add_cookies(
                    [{"name": name, "value": client.cookies[name].value, "url": desk.address}]
                )
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.goto(address)
        return page

    return go


def signed_in(name: str, *roles: str) -> Client:
    client = Client()
    client.force_login(person(name, *roles))
    return client


def test_an_idea_becomes_a_rule_of_one_department_and_is_taken_back(
    chart: Opened, at_desk: Callable[..., Page]
) -> None:
    Department.objects.create(name="Endocrinology", live=False)
    hands = Hands()
    page = at_desk(chart.client, "/rules/")
    hands.click(page, "link", "Diabetes follow-up")
    hands.click(page, "button", "New draft from it")
    hands.fill(page, "Name, synonym or code", "b12")
    hands.click(page, "link", "Vitamin B12")
    hands.choose(page, "Importance", "must-see")
    expect(page.locator("#differs + ul")).to_contain_text("must-see")
    hands.fill(page, "Due every, months", "12")
    expect(page.locator("#age")).to_contain_text("after the last key")
    hands.click(page, "button", "Save and ask for review")
    page.wait_for_selector("[aria-current=step]:text('in review')")
    assert blocked(page) == []
    review = at_desk(signed_in("rob", "reviewer"), "/rules/diabetes/2/")
    hands.click(review, "button", "Approve")
    review.wait_for_selector("[aria-current=step]:text('approved')")
    publish = at_desk(signed_in("pia", "publisher"), "/rules/diabetes/2/")
    hands.tick(publish, "Endocrinology")
    hands.click(publish, "button", "Publish")
    publish.wait_for_selector("[aria-current=step]:text('published')")
    assert hands.count <= 12
    assert [one.name for one in Rollout.objects.get().departments.all()] == ["Endocrinology"]
    publish.goto("/rules/diabetes/")
    before = hands.count
    hands.click(publish, "button", "Roll back")
    publish.wait_for_selector("text=as shipped, everywhere")
    assert hands.count == before + 1
    assert RuleSetVersion.objects.get().state == "retired"


def test_the_preview_follows_the_keys(chart: Opened, at_desk: Callable[..., Page]) -> None:
    chart.client.post("/rules/diabetes/start", {"number": "1"})
    page = at_desk(chart.client, "/rules/diabetes/2/?item=lab.hba1c")
    assert "Nothing changes on this chart" in page.locator(".sum").inner_text()
    page.get_by_label("Importance", exact=True).select_option(label="not at all")
    page.wait_for_selector(".j-vanishes")
    assert "Floor untouched" in page.locator(".sum").inner_text()
    page.get_by_label("Due every, months", exact=True).fill("often")
    page.wait_for_selector(".bad, .sum")
    assert blocked(page) == []


@pytest.mark.parametrize("width", [320, 768, 1280])
def test_nothing_sticks_out(chart: Opened, at_desk: Callable[..., Page], width: int) -> None:
    chart.client.post("/rules/diabetes/start", {"number": "1"})
    size = {"width": width, "height": 900}
    page = at_desk(chart.client, "/rules/diabetes/2/?item=lab.hba1c", viewport=size)
    for address in ("/rules/diabetes/2/?item=lab.hba1c", "/rules/diabetes/", "/rules/"):
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_pages_pass_axe(chart: Opened, at_desk: Callable[..., Page]) -> None:
    chart.client.post("/rules/diabetes/start", {"number": "1"})
    page = at_desk(chart.client, "/rules/")
    for address in ("/rules/", "/rules/diabetes/", "/rules/diabetes/2/?item=lab.hba1c"):
        page.goto(address)
        assert violations(page) == []
