"""The live preview of a rule on the patient with 10,000 observations: from the last key to the changed preview, in Chromium."""

from __future__ import annotations

import re
from typing import Any

from tests.bench.application import World
from tests.bench.browser import NotComplete, Opening, open_chart
from tests.bench.browsing import CHROMIUM, FLAGS
from tests.bench.figures import Report

PAUSE = 0.250  # seconds: the form in templates/rules/_sentence.html
_BAR_MS = 1000.0
_RUNS = 24
_CONTEXT, _ITEM = "diabetes", "lab.hba1c"
_AUTHOR = "tuner"
_PLACES = ("12", "3", "15", "2")  # typed in turn into "at place"
_PACES = (
    80,
    350,
)  # ms between keys; at the slower one the preview of the key before is still being made
_TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
# From each key until the preview that answers it has been painted; the words of it stand beside the time.
_WATCH = """() => {
  window.__seen = [];
  let key = 0;
  document.getElementById('place').addEventListener('keydown', () => { key = performance.now(); }, true);
  document.addEventListener('htmx:afterSwap', event => {
    if (event.target.id !== 'preview') return;
    const last = key;
    requestAnimationFrame(() => setTimeout(() => window.__seen.push({
      last, ms: performance.now() - last, newest: last === key,
      words: [...document.querySelectorAll('#preview .pair, #preview .diff, #preview .bad')].map(e => e.textContent).join(),
    })));
  });
}"""


def preview(world: World, report: Report) -> None:
    if not CHROMIUM.exists():
        report.missing("preview", "Chromium is not installed")
        return
    from playwright.sync_api import sync_playwright

    opening, draft = _draft(world)
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        context = browser.new_context(viewport={"width": 1440, "height": 900})
        context.add_cookies(
            [
                {"name": one.name, "value": one.value or "", "url": world.web}
                for one in opening.session.cookies
            ]
        )
        page = context.new_page()
        page.goto(draft)
        if not page.query_selector("#preview .pair"):
            raise NotComplete("the page of the draft shows no chart")
        page.evaluate(_WATCH)
        _typed(page, "7", _PACES[0])  # warm
        seconds = [
            _typed(page, _PLACES[n % len(_PLACES)], _PACES[n % len(_PACES)]) for n in range(_RUNS)
        ]
        browser.close()
    # The pause is the form's own and no work of the machine.
    scaled = [each + PAUSE * (report.slowness - 1) for each in seconds]
    report.milliseconds("preview of a rule: from the last key to it", scaled, _BAR_MS)
    report.seen("preview of a rule: the slowest, as it was here", max(seconds) * 1000, "ms")


def _draft(world: World) -> tuple[Opening, str]:
    """A chart that an author has open, as a visit of that context; and the address of a draft with one rule in focus."""
    opening = open_chart(world, world.fresh("k10000"), clinician=_AUTHOR)
    opening.fill()
    _make_author(opening.url.rstrip("/").rpartition("/")[2])
    _post(opening, f"{opening.url}visit", visit=_CONTEXT)
    answer = _post(opening, f"{world.web}/rules/{_CONTEXT}/start", number="1")
    return opening, f"{answer.split('?')[0]}?item={_ITEM}"


def _post(opening: Opening, url: str, **fields: str) -> str:
    """The address to which the answer leads."""
    found = _TOKEN.search(opening.page) or _TOKEN.search(opening.session.get(opening.url).text)
    if found is None:
        raise NotComplete("the page of a chart has no token for its forms")
    fields["csrfmiddlewaretoken"] = found[1]
    answer = opening.session.post(url, data=fields, headers={"Referer": opening.url}, timeout=60)
    answer.raise_for_status()
    return str(answer.url)


def _make_author(ctx: str) -> None:
    from django.contrib.auth.models import Permission

    from summary_app.models import ChartContext

    user = ChartContext.objects.select_related("user").get(pk=ctx).user
    user.user_permissions.add(Permission.objects.get(codename="author_rules"))


def _typed(page: Any, place: str, pace: int) -> float:
    """Seconds from the last key of this number to its preview. Raises when the preview did not change."""
    before = page.evaluate("window.__seen.at(-1)?.words ?? ''")
    page.evaluate("window.__seen.length = 0")
    field = page.locator("#place")
    field.click(click_count=3)
    field.press_sequentially(place, delay=pace)
    for _ in range(400):
        found = page.evaluate("window.__seen.find(one => one.newest)")
        if found:
            break
        page.wait_for_timeout(25)
    else:
        raise NotComplete("the preview did not follow the keys")
    page.wait_for_timeout(200)
    if found["words"] == before:
        raise NotComplete(f"the preview stayed as it was after {place!r}")
    return float(found["ms"]) / 1000
