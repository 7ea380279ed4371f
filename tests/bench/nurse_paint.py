"""The nurse lens with 5,000 readings in a browser: first paint, and another window until it is painted."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import requests

from tests.bench.browser import NotComplete
from tests.bench.browsing import CHROMIUM, FLAGS
from tests.bench.figures import Report

_OPENINGS, _ROUNDS = 24, 5
_PAINT_MS, _WINDOW_MS = 300.0, 100.0
_FIRST = "() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? -1"
# From the click until the sheet of that window stands there and has been painted.
_CHANGE = """link => new Promise((done, failed) => {
  const began = performance.now(), late = setTimeout(() => failed(new Error('no sheet')), 10000);
  const old = document.getElementById('vitals');
  const look = () => {
    const sheet = document.getElementById('vitals');
    if (!sheet || sheet === old) return requestAnimationFrame(look);
    clearTimeout(late);
    requestAnimationFrame(() => setTimeout(() => done([performance.now() - began,
      document.querySelector('.windows [aria-current]').dataset.window])));
  };
  link.click();
  look();
})"""


def painted(session: requests.Session, lens: str, windows: tuple[str, ...], report: Report) -> None:
    """session: signed in, the chart read to its end. lens: address of its lens."""
    if not CHROMIUM.exists():
        report.missing("nurse: first paint with 5,000 readings", "Chromium is not installed")
        return
    with _page(session, lens) as page:
        paints = [_first_paint(page, f"{lens}?window=24h") for _ in range(_OPENINGS + 2)][2:]
        report.milliseconds("nurse: first paint of the lens with 5,000 readings", paints, _PAINT_MS)
        took: dict[str, list[float]] = {key: [] for key in windows}
        for _ in range(_ROUNDS):
            for key in windows:
                took[key].append(_change(page, key))
    every = [one for several in took.values() for one in several]
    report.milliseconds("nurse: from the click on a window to its paint", every, _WINDOW_MS)
    medians = ", ".join(f"{k} {statistics.median(v) * 1000:.0f} ms" for k, v in took.items())
    report.note(f"as measured, by window: {medians}")


@contextmanager
def _page(session: requests.Session, lens: str) -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        context = browser.new_context(viewport={"width": 1440, "height": 900})
        cookies = [(each.name, each.value or "") for each in session.cookies]
        context.add_cookies(
            [{"name": name, "value": value, "url": lens} for name, value in cookies]
        )
        yield context.new_page()
        browser.close()


def _first_paint(page: Any, url: str) -> float:
    """Seconds from the navigation to the first content that was painted; files of the page are in the cache."""
    page.goto(url, wait_until="load")
    until = time.monotonic() + 10
    while (found := float(page.evaluate(_FIRST))) < 0:
        if time.monotonic() > until:
            raise NotComplete("nothing of the lens was painted")
        page.wait_for_timeout(20)
    if not page.locator("#vitals").count():
        raise NotComplete(f"{page.url} shows no flow sheet")
    return found / 1000


def _change(page: Any, key: str) -> float:
    page.wait_for_timeout(150)  # at rest
    taken, shown = page.locator(f"#window-{key}").evaluate(_CHANGE)
    if shown != key:  # the page asked for the next minute in between
        return _change(page, key)
    return float(taken) / 1000
