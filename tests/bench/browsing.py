"""P10: a real browser on every page, with the content security policy watched, and what moves while a page fills."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from tests.bench.application import World
from tests.bench.figures import Report

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
_WATCH = """() => {
  window.__violations = [];
  document.addEventListener('securitypolicyviolation', e => window.__violations.push(e.violatedDirective + ' ' + e.blockedURI));
  window.__shift = 0;
  new PerformanceObserver(list => { for (const e of list.getEntries()) if (!e.hadRecentInput) window.__shift += e.value; })
    .observe({type: 'layout-shift', buffered: true});
}"""


def p10(world: World, report: Report) -> None:
    if not CHROMIUM.exists():
        report.missing("P10", "Chromium is not installed")
        return
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
        page.add_init_script(f"({_WATCH})()")
        walk = _Walk(page, world)
        walk.go()
        browser.close()
    report.line(f"P10 violations on {walk.pages} pages", len(walk.violations), 0, "")
    for each in sorted(set(walk.violations)):
        report.note(each)
    report.line("layout shift while a cold page fills", walk.shift, 0.02, "")


class _Walk:
    """Every page that a clinician can reach from a chart."""

    def __init__(self, page: Any, world: World) -> None:
        self._page, self._world = page, world
        self.violations: list[str] = []
        self.shift = 0.0
        self.pages = 0

    def go(self) -> None:
        page, world = self._page, self._world
        query = {
            "iss": world.mercy.base,
            "launch": f"{world.fresh('k1000')}~walker~{time.monotonic_ns()}",
        }
        page.goto(f"{world.web}/launch/mercy/?{urlencode(query)}", wait_until="domcontentloaded")
        self._until_complete()
        self.shift = page.evaluate("window.__shift")
        chart = page.url
        self._look()
        self._open_rows()
        self._look()
        links = page.eval_on_selector_all("a[href]", "all => all.map(a => a.href)")
        own = [each for each in dict.fromkeys(links) if each.startswith(chart) and "#" not in each]
        for url in [
            *_one_of_each(own, chart),
            f"{world.web}/",
            f"{world.web}/admin/login/",
            f"{chart}nowhere",
        ]:
            page.goto(url, wait_until="load")
            page.wait_for_timeout(150)
            self._look()

    def _until_complete(self) -> None:
        """Asked from outside: a waiting function inside the page is what the policy forbids."""
        until = time.monotonic() + 30
        while self._page.evaluate("document.documentElement.dataset.summary") != "complete":
            if time.monotonic() > until:
                raise ValueError("the page did not become complete in the browser")
            self._page.wait_for_timeout(50)
        self._page.wait_for_timeout(300)

    def _open_rows(self) -> None:
        """The first rows, the chart inside them, and every closed group."""
        self._page.eval_on_selector_all(
            "details:not([open])", "all => all.forEach(d => d.open = true)"
        )
        for handle in self._page.query_selector_all("[hx-get*='/row/']")[:4]:
            if handle.is_visible():
                handle.click()
                self._page.wait_for_timeout(250)

    def _look(self) -> None:
        self.pages += 1
        found = self._page.evaluate("window.__violations")
        self.violations += [
            f"{self._page.url.rpartition('/c/')[2][23:] or 'page'}: {each}" for each in found
        ]


def _one_of_each(urls: list[str], chart: str) -> list[str]:
    """One address of each kind: row, what was left out, as sent."""
    kinds: dict[str, str] = {}
    for url in urls:
        kinds.setdefault(url.removeprefix(chart).partition("/")[0].partition("?")[0], url)
    return list(kinds.values())
