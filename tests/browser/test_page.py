"""The chart in a browser: it fills, opens, closes, keeps its place, and never shows another patient's."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from playwright.sync_api import Page, Route, expect

from summary_app.models import Connection
from tests.browser.conftest import Desk, blocked, complete
from tests.browser.patients import anna, boris
from tests.clinical.fhir.fake_ehr import Asked, FakeEhr, Reply, reply
from tests.summary_app.conftest import Launch
from tests.summary_app.ehr import SmartEhr

pytestmark = pytest.mark.browser
Connect = Callable[..., Connection]

POTASSIUM = "#block-labs tr:has(a.o:text-is('Potassium'))"
WIDTHS = (320, 400, 599, 768, 900, 1062, 1280, 1440, 1920)


@pytest.fixture
def opened(mercy: SmartEhr, connect: Connect, launch: Launch) -> object:
    connect(mercy)
    mercy.grant.encounter = "e1"
    return launch(mercy)


def sideways(page: Page) -> int:
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))  # fmt: skip


def cut(page: Page) -> list[str]:
    """Text that runs out of the window or out of its own box."""
    return list(
        page.evaluate(
            """() => Array.from(document.querySelectorAll("#chart :is(td, th, .x, .w, .l, .ln, .st, h1, h2, p, li)"))
              .filter((el) => el.checkVisibility() && !el.closest(".vh, .lab > thead, .mini")
                && (el.getBoundingClientRect().right > innerWidth + 1 || el.getBoundingClientRect().left < -1))
              .map((el) => el.textContent.trim().slice(0, 60))"""
        )
    )


def look(page: Page) -> None:
    """The page asks for news now, and has what came."""
    with page.expect_response(lambda r: "/updates" in r.url):
        page.evaluate("htmx.trigger('#poll', 'look')")


def test_the_page_fills_until_every_source_has_answered(
    mercy: SmartEhr, connect: Connect, launch: Launch, desk: Desk
) -> None:
    connect(mercy)
    mercy.latency = (0.2, 0.0)
    page = desk.open(launch(mercy))
    expect(page.locator("h1")).to_contain_text("WINTERBOURNE, Anna")
    expect(page.locator(POTASSIUM)).to_contain_text("5.9")
    expect(page.locator("#safety .loud")).to_contain_text("Penicillin")
    assert page.title().startswith("WINTERBOURNE, Anna")
    assert not page.locator(".st-asking").count()
    assert blocked(page) == []


def test_nothing_moves_while_it_fills(
    mercy: SmartEhr, connect: Connect, launch: Launch, desk: Desk
) -> None:
    connect(mercy)
    mercy.latency = (0.3, 0.001)
    page = desk.open(launch(mercy))
    assert page.evaluate("window.moved") <= 0.02


def test_a_row_opens_in_its_place_and_escape_closes_it(opened: object, desk: Desk) -> None:
    page = desk.open(opened)
    page.click(f"{POTASSIUM} a.o")
    expect(page.locator(".opened .vals")).to_contain_text("5.9 H")
    expect(page.locator(".opened svg.oc")).to_be_visible()
    assert page.locator(f"{POTASSIUM} a.o").get_attribute("aria-expanded") == "true"
    assert blocked(page) == []
    page.keyboard.press("Escape")
    expect(page.locator(".opened")).to_have_count(0)
    expect(page.locator(f"{POTASSIUM} a.o")).to_be_focused()


def test_an_open_row_survives_reload(opened: object, desk: Desk) -> None:
    page = desk.open(opened)
    page.click(f"{POTASSIUM} a.o")
    expect(page.locator(".opened .vals")).to_be_visible()
    page.reload()
    expect(page.locator(".opened .vals")).to_contain_text("5.9 H")


def test_what_needs_attention_leads_to_the_row(opened: object, desk: Desk) -> None:
    page = desk.open(opened)
    link = page.locator("#block-attention a.o").first
    key = str(link.get_attribute("href")).rsplit("/", 1)[1]
    link.click()
    expect(page.locator(f"#row-{key} ~ .open-row .vals").first).to_contain_text("H")
    expect(page.locator(f"#row-{key} a.o")).to_be_focused()


def test_open_rows_open_groups_and_focus_survive_an_update(
    mercy: SmartEhr, opened: object, desk: Desk
) -> None:
    page = desk.open(opened)
    page.click(f"{POTASSIUM} a.o")
    expect(page.locator(".opened .vals")).to_be_visible()
    group = page.locator("#block-labs details.grp").first
    group.locator("summary").click()
    page.focus(f"{POTASSIUM} a.o")
    mercy.resources[:] = [r for r in mercy.resources if r["id"] != "2823-3-200"]
    opened.client.post(f"{opened.url}sources/mercy/retry")
    for _ in range(40):
        look(page)
        if (
            "3.5" in page.locator(POTASSIUM).inner_text()
            and page.locator(f"{POTASSIUM} polyline").count()
        ):
            break
    complete(page)
    expect(page.locator(".opened .vals")).to_contain_text("5.9 H")
    assert group.evaluate("el => el.open")
    expect(page.locator(f"{POTASSIUM} a.o")).to_be_focused()


def test_an_answer_for_another_chart_is_never_shown(opened: object, desk: Desk) -> None:
    page = desk.open(opened)
    page.route("**/updates*", lambda route: route.fulfill(
        status=200, headers={"X-Ctx": "somebody-elses"}, content_type="text/html",
        body='<div id="strip" data-part>SOMEBODY ELSE</div><div id="poll" data-part data-ctx="somebody-elses"></div>'))  # fmt: skip
    look(page)
    page.wait_for_timeout(200)
    expect(page.locator("#strip")).to_contain_text("WINTERBOURNE")
    assert "SOMEBODY ELSE" not in page.content()


def test_a_new_result_does_not_move_rows_that_were_read(opened: object, desk: Desk) -> None:
    page = desk.open(opened)
    page.wait_for_timeout(3100)  # a section counts as read after three seconds
    first = page.locator("#block-labs tbody tr").first.inner_text()
    page.evaluate(
        """() => {
          const chart = document.getElementById("chart").cloneNode(true);
          const body = chart.querySelector("#block-labs tbody");
          const row = body.querySelector("tr").cloneNode(true);
          row.dataset.k = "series-ffffffffffff";
          row.id = "row-series-ffffffffffff";
          row.querySelector("a.o").textContent = "Sodium";
          body.prepend(row);
          VisitLens.merge(chart.innerHTML, false);
        }"""
    )
    assert page.locator("#block-labs tbody tr").first.inner_text() == first
    expect(page.locator("#notices")).to_contain_text("New in Labs")
    page.click("#notices button")
    expect(page.locator("#block-labs tbody tr").first).to_contain_text("Sodium")
    expect(page.locator("#notices")).to_be_empty()


_ORDER = "Array.from(document.querySelectorAll('#main .block'), (block) => block.id)"
_RESHAPED = """() => {
  const chart = document.getElementById("chart").cloneNode(true), main = chart.querySelector("#main");
  const first = main.querySelector(".block"), added = first.cloneNode(true);
  added.id = "block-added";
  added.querySelector("h2").textContent = "Rota";
  first.parentElement.prepend(added);
  main.dataset.order = `added ${main.dataset.order}`;
  chart.querySelector("#strip").dataset.newer = "yes";
  return VisitLens.merge(chart.innerHTML, false);
}"""


def test_sections_that_were_read_keep_their_place_until_the_reader_asks(
    opened: object, desk: Desk
) -> None:
    page = desk.open(opened)
    complete(page)
    page.wait_for_timeout(3100)  # a section counts as read after three seconds
    before = page.evaluate(_ORDER)
    page.evaluate(_RESHAPED)
    assert page.evaluate(_ORDER) == before
    expect(page.locator("#strip[data-newer]")).to_have_count(1)  # who it is is never held back
    expect(page.locator("#notices")).to_contain_text("New in Rota")
    page.click("#notices button")
    assert page.evaluate(_ORDER) == ["block-added", *before]
    expect(page.locator("#notices")).to_be_empty()
    with page.expect_request(lambda r: "/updates" in r.url):
        page.evaluate("htmx.trigger('#poll', 'look')")


def test_that_a_chart_may_not_be_shown_any_more_is_never_held_back(
    opened: object, desk: Desk
) -> None:
    page = desk.open(opened)
    complete(page)
    page.wait_for_timeout(3100)
    page.evaluate(
        """() => {
          const chart = document.getElementById("chart").cloneNode(true);
          chart.querySelector("#main").outerHTML = '<main id="main" class="stop" data-part><p>Not this patient</p></main>';
          chart.querySelector("#safety").remove();
          return VisitLens.merge(chart.innerHTML, false);
        }"""
    )
    assert page.locator("#main").inner_text() == "Not this patient"
    expect(page.locator("#safety")).to_have_count(0)


def test_two_tabs_with_two_patients_say_so_and_name_nobody(
    mercy: SmartEhr, connect: Connect, launch: Launch, desk: Desk
) -> None:
    connect(mercy)
    mercy.resources += boris()
    first = launch(mercy)
    mercy.grant.patient = "p2"
    second = launch(mercy, client=first.client)
    context = desk.context(second)
    one, two = context.new_page(), context.new_page()
    one.goto(first.url)
    complete(one)
    expect(one.locator("#notices")).to_be_empty()
    two.goto(second.url)
    complete(two)
    for page in (one, two):
        expect(page.locator("#notices")).to_contain_text("Another patient's chart is open")
    assert "QUIMBY" not in one.content()
    assert "WINTERBOURNE" not in two.content()
    two.close()
    expect(one.locator("#notices")).to_be_empty()


def test_the_visit_can_be_changed_in_place(opened: object, desk: Desk) -> None:
    page = desk.open(opened)
    before = page.locator("#visit").get_attribute("data-visit-context")
    assert before == "diabetes"
    page.click("details.choice summary")
    choice = page.locator(".menu button[name=visit]:not([aria-current])").first
    wanted = choice.get_attribute("value")
    choice.click()
    expect(page.locator(f"#visit[data-visit-context='{wanted}']")).to_be_visible()
    complete(page)
    assert page.url.endswith(opened.url)


def test_a_step_while_the_page_is_asking_does_not_end_its_asking(
    opened: object, desk: Desk
) -> None:
    """The element that asked is gone when its answer comes, so that answer reaches nobody."""
    page = desk.open(opened)
    complete(page)
    asked: list[Route] = []
    page.route("**/updates*", lambda route: asked.append(route))  # no answer for now
    page.evaluate("htmx.trigger('#poll', 'look')")

    def still_filling(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, body=answer.text().replace(" data-complete", ""))

    page.route("**/c/**", lambda route: still_filling(route) if route.request.method == "POST" else route.fallback())  # fmt: skip
    page.click("details.choice summary")
    choice = page.locator(".menu button[name=visit]:not([aria-current])").first
    wanted = choice.get_attribute("value")
    with page.expect_request(lambda r: "/updates" in r.url and r.method == "GET", timeout=5000):
        choice.click()
        expect(page.locator(f"#visit[data-visit-context='{wanted}']")).to_be_visible()
    for route in asked:
        route.abort()


def test_a_source_that_fails_is_said_and_can_be_tried_again(
    mercy: SmartEhr, connect: Connect, launch: Launch, desk: Desk
) -> None:
    def failing(_: FakeEhr, asked: Asked) -> Reply | None:
        return reply({"resourceType": "OperationOutcome", "issue": []}, 500) if asked.path == "AllergyIntolerance" else None  # fmt: skip

    connect(mercy)
    mercy.hook = failing
    page = desk.open(launch(mercy))
    expect(page.locator("#safety .slot-allergies.hatched")).to_contain_text("Not retrieved")
    assert "None known" not in page.locator(".slot-allergies").inner_text()
    mercy.hook = None
    page.click(".chip button")
    expect(page.locator("#safety .slot-allergies")).to_contain_text("Penicillin")
    expect(page.locator("#safety .slot-allergies.hatched")).to_have_count(0)


def test_when_the_session_ends_the_chart_leaves_the_screen(opened: object, desk: Desk) -> None:
    page = desk.open(opened)
    page.context.clear_cookies()
    with page.expect_navigation():
        page.evaluate("htmx.trigger('#poll', 'look')")
    expect(page.locator("h1")).to_have_text("You are signed off")
    assert "WINTERBOURNE" not in page.content()


def test_signing_off_from_a_chart(opened: object, desk: Desk) -> None:
    page = desk.open(opened)
    page.get_by_role("button", name="Sign off").click()
    expect(page.locator("main")).to_contain_text("Open a chart from your EHR")
    page.goto(opened.url)
    expect(page.locator("h1")).to_have_text("You are signed off")


def test_no_answer_from_the_site_is_said(opened: object, desk: Desk) -> None:
    page = desk.open(opened)
    page.route("**/updates*", lambda route: route.abort())
    page.evaluate("htmx.trigger('#poll', 'look')")
    expect(page.locator("#notices")).to_contain_text("No answer from Visit Lens")
    page.unroute("**/updates*")
    look(page)
    expect(page.locator("#notices")).to_be_empty()


@pytest.mark.parametrize("width", WIDTHS)
def test_no_width_scrolls_sideways_or_cuts_text(
    width: int, ehrs: Callable[..., SmartEhr], connect: Connect, launch: Launch, desk: Desk
) -> None:
    long = [{"family": "Wolfeschlegelsteinhausenbergerdorff", "given": ["Anna-Magdalena", "Wilhelmina"]}]  # fmt: skip
    ehr = ehrs(anna(name=long))
    ehr.grant.encounter = "e1"
    connect(ehr)
    page = desk.open(launch(ehr), viewport={"width": width, "height": 800})
    assert sideways(page) <= 0
    assert cut(page) == []
    page.click(f"{POTASSIUM} a.o")
    expect(page.locator(".opened .vals")).to_be_visible()
    assert sideways(page) <= 0


def test_without_javascript_everything_is_a_plain_page(opened: object, desk: Desk) -> None:
    opened.until_complete()
    page = desk.open(opened, whole=False, java_script_enabled=False)
    expect(page.locator("h1")).to_contain_text("WINTERBOURNE")
    page.click(f"{POTASSIUM} a.o")
    expect(page.locator(".opened .vals")).to_contain_text("5.9 H")
    expect(page.locator("h1")).to_contain_text("WINTERBOURNE")
    page.get_by_role("link", name="Back to the chart").click()
    page.get_by_role("link", name="Everything that is not on this page").click()
    expect(page.locator("main")).to_contain_text("Zinc")
    page.get_by_role("link", name="Back to the chart").click()
    page.click("details.choice summary")
    page.locator(".menu button[name=visit]:not([aria-current])").first.click()
    assert page.locator("#visit").get_attribute("data-visit-context") != "diabetes"


def test_the_keyboard_reaches_opens_and_closes(opened: object, desk: Desk) -> None:
    page = desk.open(opened)
    page.keyboard.press("Tab")
    expect(page.locator(".skips a").first).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#block-labs")).to_be_focused()
    page.keyboard.press("Tab")
    first = page.evaluate("document.activeElement.textContent")
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.textContent") != first
    page.keyboard.press("ArrowUp")
    assert page.evaluate("document.activeElement.textContent") == first
    page.keyboard.press("Enter")
    expect(page.locator(".opened .vals")).to_be_visible()
    page.keyboard.press("Tab")
    assert page.evaluate("Boolean(document.activeElement.closest('.opened'))")
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.textContent") == first
    page.keyboard.press("?")
    expect(page.locator("#keys dl").first).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#keys dl").first).to_be_hidden()


def test_the_first_view_is_small(opened: object, desk: Desk) -> None:
    page = desk.open(opened)
    html = opened.client.get(opened.url).content
    static = page.evaluate(
        "performance.getEntriesByType('resource').map((e) => new URL(e.name).pathname)"
    )
    files = {path.removeprefix(settings.STATIC_URL) for path in static if path.startswith(settings.STATIC_URL)}  # fmt: skip
    assert any(name.endswith(".css") for name in files)
    assert not any("plotly" in name for name in files)
    sizes = [len(gzip.compress(Path(str(finders.find(name))).read_bytes())) for name in files]
    assert len(gzip.compress(html)) + sum(sizes) <= 60_000
