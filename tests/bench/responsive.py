"""The screen in a reader's hand: first paint, the longest task while it fills, opening a row, exploring a chart."""

from __future__ import annotations

import statistics
import time
from typing import Any
from urllib.parse import urlencode

from tests.bench.application import World
from tests.bench.browsing import CHROMIUM, FLAGS
from tests.bench.figures import Report

_OPENINGS = 20
_ROWS = 20
_WATCH = """() => {
  window.__tasks = [];
  new PerformanceObserver(list => { for (const e of list.getEntries()) window.__tasks.push(e.duration); })
    .observe({type: 'longtask', buffered: true});
}"""
_PAINT = "() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? -1"
# From the click until the chart of the row has been painted. A task is told only when it takes 50 ms.
_OPEN = """link => new Promise((done, failed) => {
  const began = performance.now(), late = setTimeout(() => failed(new Error('no chart')), 5000);
  const look = () => document.querySelector('.open-row .opened .pic svg')
    ? (clearTimeout(late), requestAnimationFrame(() => setTimeout(() => done(performance.now() - began))))
    : requestAnimationFrame(look);
  link.click();
  look();
})"""
_EXPLORE = """button => new Promise((done, failed) => {
  const late = setTimeout(() => failed(new Error('no plot')), 15000);
  const look = () => document.querySelector('.explored .plot .main-svg')
    ? (clearTimeout(late), setTimeout(done, 400))
    : requestAnimationFrame(look);
  window.__tasks.length = 0;
  button.click();
  look();
})"""


def screen(world: World, report: Report) -> None:
    if not CHROMIUM.exists():
        report.missing("screen", "Chromium is not installed")
        return
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
        page.add_init_script(f"({_WATCH})()")
        _filling(page, world, report)
        _paint_beside_a_hanging_ehr(page, world, report)
        _rows(page, world, report)
        browser.close()


def _filling(page: Any, world: World, report: Report) -> None:
    longest = []
    for _ in range(_OPENINGS):
        _launch(page, world)
        _until_complete(page)
        longest.append(max(page.evaluate("window.__tasks"), default=0.0) / 1000)
    report.milliseconds("longest task while the first screen fills", longest, 50)
    told = sum(each > 0 for each in longest)
    report.note(f"{told} of {len(longest)} openings had a task of 50 ms or more, as it was here")


def _paint_beside_a_hanging_ehr(page: Any, world: World, report: Report) -> None:
    world.lakeside.set(hangs=True)
    try:
        paints = []
        for _ in range(_OPENINGS):
            _launch(page, world)
            page.wait_for_timeout(300)
            paints.append(page.evaluate(_PAINT) / 1000)
    finally:
        world.lakeside.set()
    if min(paints) < 0:
        report.missing("first paint from the EHR's click", "nothing was painted in time")
        return
    report.milliseconds("first paint from the EHR's click, beside an EHR that hangs", paints, 1000)


def _rows(page: Any, world: World, report: Report) -> None:
    _launch(page, world)
    _until_complete(page)
    links = page.query_selector_all("#block-labs tr.r a.o")
    for link in links[:2]:  # warm
        link.evaluate(_OPEN)
        page.keyboard.press("Escape")
    taken = []
    while len(taken) < _ROWS:
        for link in links[: _ROWS - len(taken)]:
            taken.append(link.evaluate(_OPEN) / 1000)
            page.keyboard.press("Escape")
            page.wait_for_timeout(60)
    report.milliseconds("from the click on a row to its chart", taken, 200)
    _explore(page, report)


def _explore(page: Any, report: Report) -> None:
    tasks = []
    for place in range(3):
        page.reload(wait_until="load")  # the library is loaded anew with each page
        page.query_selector_all("#block-labs tr.r a.o")[place].evaluate(_OPEN)
        page.query_selector("[data-explore]").evaluate(_EXPLORE)
        tasks.append(max(page.evaluate("window.__tasks"), default=0.0))
    report.line(
        "longest task of exploring a chart, after the click",
        statistics.median(tasks) / report.slowness,
        1500,
        "ms",
    )


def _launch(page: Any, world: World) -> None:
    launch = f"{world.fresh('k1000')}~reader~{time.monotonic_ns()}"
    query = urlencode({"iss": world.mercy.base, "launch": launch})
    page.goto(f"{world.web}/launch/mercy/?{query}", wait_until="domcontentloaded")


def _until_complete(page: Any) -> None:
    until = time.monotonic() + 30
    while page.evaluate("document.documentElement.dataset.summary") != "complete":
        if time.monotonic() > until:
            raise ValueError("the page did not become complete in the browser")
        page.wait_for_timeout(50)
    page.wait_for_timeout(200)
