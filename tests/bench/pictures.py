"""Pictures of every role, setting, width and state, of the authored patients: `./bench pictures`.

They go to pictures-out/ in the project's folder, which no commit takes.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from tests.bench import application, team
from tests.bench.browsing import CHROMIUM, FLAGS
from tests.bench.figures import Report
from tests.bench.questions import until_complete

OUT = application.ROOT / "pictures-out"
WIDTHS = {"1920": (1920, 1080), "1440": (1440, 900), "1280x600": (1280, 600), "768": (768, 1024),
          "400": (400, 900), "320": (320, 800)}  # fmt: skip
# setting: patient, EHR, who looks
CHARTS = {
    "clinic": ("t2dm-ckd", "mercy", "physician"),
    "ed": ("ed-chest-pain", "mercy", "ed-physician"),
    "ward": ("ward-sepsis", "mercy", "hospitalist"),
    "pharmacist": ("heart-failure", "mercy", "pharmacist"),
    "nurse": ("ward-sepsis", "mercy", "nurse"),
    "new-patient": ("new-patient", "mercy", "physician"),
    "twenty-years": ("twenty-years", "mercy", "physician"),
    "pregnancy": ("pregnancy-28w", "mercy", "obstetrician"),
    "child": ("well-child-4y", "mercy", "pediatrician"),
    "deceased": ("deceased", "mercy", "physician"),
    "other-ehr": ("depression", "lakeside", "psychiatrist"),
}
Step = Callable[[Any], None]


@dataclass(frozen=True)
class Studio:
    """Where pictures are taken. ehrs: address by name."""

    browser: Any
    ehrs: dict[str, str]
    report: Report

    @contextmanager
    def chart(self, setting: str, size: str = "1440", scheme: str = "light") -> Iterator[Any]:
        patient, ehr, who = CHARTS[setting]
        width, height = WIDTHS[size]
        context = self.browser.new_context(
            viewport={"width": width, "height": height}, color_scheme=scheme
        )
        page = context.new_page()
        page.goto(f"{self.ehrs[ehr]}/launch-app?patient={patient}&encounter=visit-{patient}&user={who}")  # fmt: skip
        until_complete(page)
        if setting == "nurse" and "/nurse" not in page.url:
            page.goto(f"{page.url.partition('#')[0]}nurse")
            until_complete(page)
        yield page
        context.close()

    def take(self, page: Any, name: str, *, full: bool = False) -> None:
        page.screenshot(path=OUT / f"{name}.png", full_page=full)


def pictures(report: Report) -> None:
    """Makes the folder anew."""
    if not CHROMIUM.exists():
        report.missing("pictures", "Chromium is not installed")
        return
    from playwright.sync_api import sync_playwright

    shutil.rmtree(OUT, ignore_errors=True)
    OUT.mkdir()
    with (
        tempfile.TemporaryDirectory(prefix="visit-lens-bench-") as folder,
        application.sandboxes(application.environment(Path(folder))) as ehrs,
        sync_playwright() as play,
    ):
        browser = play.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        studio = Studio(browser, ehrs, report)
        for part in (_settings, _widths, _states, _rest, _failing):
            part(studio)
        with _guarded(studio, "rules"):
            team.pictures(browser, OUT)
        browser.close()
    report.note(f"{len(list(OUT.glob('*')))} pictures in {OUT.name}/")


def _settings(studio: Studio) -> None:
    for setting in CHARTS:
        for scheme in ("light", "dark"):
            with _guarded(studio, setting), studio.chart(setting, scheme=scheme) as page:
                studio.take(page, f"{setting}-1440-{scheme}")


def _widths(studio: Studio) -> None:
    for setting in ("clinic", "ed", "nurse"):
        for size in WIDTHS:
            with _guarded(studio, f"{setting} {size}"), studio.chart(setting, size) as page:
                studio.take(page, f"{setting}-{size}")
                studio.take(page, f"{setting}-{size}-whole", full=True)


def _states(studio: Studio) -> None:
    """What a reader opens in a chart, one picture each."""
    for name, step in STATES.items():
        for scheme in ("light", "dark"):
            with _guarded(studio, name), studio.chart("clinic", scheme=scheme) as page:
                step(page)
                page.wait_for_timeout(500)
                studio.take(page, f"state-{name}-{scheme}")


def _open_row(page: Any) -> None:
    page.locator("#block-labs a.o").first.click()
    page.wait_for_selector(".opened .vals")


def _explore(page: Any) -> None:
    _open_row(page)
    page.get_by_role("button", name="Zoom and compare").click()
    page.wait_for_selector(".plot .main-svg", timeout=60_000)
    page.locator(".explore-bar select").select_option(index=1)


def _find(page: Any) -> None:
    page.keyboard.press("/")
    page.keyboard.type("pot")
    page.wait_for_selector(".hit")


def _nothing(page: Any) -> None:
    page.keyboard.press("/")
    page.keyboard.type("ferritin")
    page.wait_for_selector("#found > *")


def _by_date(page: Any) -> None:
    page.get_by_text("By date and panel").click()
    page.wait_for_selector(".sheet")
    page.locator(".sheet").first.scroll_into_view_if_needed()


def _note(page: Any) -> None:
    page.locator(".plan a.ref").click()
    page.wait_for_selector(".opened .note")


def _wrong(page: Any) -> None:
    _open_row(page)
    page.get_by_text("Wrong here?").click()
    page.locator(".wrong").scroll_into_view_if_needed()


def _keys(page: Any) -> None:
    page.keyboard.press("?")


def _groups(page: Any) -> None:
    page.locator("details.grp").evaluate_all("all => all.forEach((one) => { one.open = true; })")


STATES: dict[str, Step] = {
    "row-open": _open_row, "explore": _explore, "find": _find, "find-nothing": _nothing, "by-date": _by_date,
    "note": _note, "wrong-here": _wrong, "keys": _keys, "groups-open": _groups,
    "print": lambda page: page.emulate_media(media="print"),
}  # fmt: skip


def _rest(studio: Studio) -> None:
    """The door, the board, what was left out, and a page printed."""
    with _guarded(studio, "other pages"), studio.chart("clinic") as page:
        chart = page.url.partition("#")[0]
        page.pdf(path=OUT / "print.pdf", format="A4", landscape=True, print_background=True)
        for name, address in (("left-out", f"{chart}left-out"), ("labs", f"{chart}labs"), ("door", chart[: chart.index("/c/")] + "/")):  # fmt: skip
            page.goto(address)
            studio.take(page, name, full=True)
        page.context.clear_cookies()
        page.goto(chart)
        studio.take(page, "signed-off")
    with _guarded(studio, "board"), studio.chart("nurse") as page:
        root = page.url[: page.url.index("/c/")]
        for name in ("ward/", "ward/hand-over"):
            page.goto(f"{root}/{name}")
            page.wait_for_timeout(4000)
            studio.take(page, name.strip("/").replace("/", "-"), full=True)


def _failing(studio: Studio) -> None:
    """Half of one EHR, and then all of it, does not answer."""
    faults = f"{studio.ehrs['lakeside']}/sandbox/faults"
    for name, types in (("failed-in-part", "AllergyIntolerance,Observation"), ("failed", "")):
        requests.post(
            faults, json={"reset": True, "server_error": True, "only_types": types}, timeout=10
        )
        for scheme in ("light", "dark"):
            with _guarded(studio, name), studio.chart("clinic", scheme=scheme) as page:
                studio.take(page, f"{name}-{scheme}")
    requests.post(faults, json={"reset": True}, timeout=10)


@contextmanager
def _guarded(studio: Studio, name: str) -> Iterator[None]:
    """A picture that could not be taken is said and does not cost the others."""
    try:
        yield
    except Exception as error:  # noqa: BLE001  # whatever the browser raised
        studio.report.missing(f"picture of {name}", str(error).splitlines()[0][:120])
