"""The nurse's screens: the lens of a patient with 5,000 readings, and the board of a ward at two EHRs."""

from __future__ import annotations

import html
import re
import statistics
import time

import requests

from tests.bench import nurse_paint, ward
from tests.bench.application import Sent, World
from tests.bench.browser import NotComplete, open_chart
from tests.bench.figures import Report

_WINDOWS = ("4h", "8h", "24h", "72h", "all")
_ROUNDS = 6
_LENS_MS, _WINDOW_MS = 60.0, 100.0
_AT_ONCE = 10  # requests of one pull under way at an EHR, as connections are set up without a word
_ASKING = re.compile(r'data-asking="(yes|no)"')
_LINES = re.compile(r'class="ward-line"')
_NOT_READ = re.compile(r"not retrieved</")
_SECONDS = 120.0


def nurse(world: World, report: Report) -> None:
    _lens(world, report)
    _board(world, report)


# ---- the lens ------------------------------------------------------------------------------------------------


def _lens(world: World, report: Report) -> None:
    """Asked as the page asks for its own parts; the answer of the server is the server part."""
    opening = open_chart(world, world.fresh(ward.LONG), clinician="nina")
    opening.session.headers["HX-Request"] = "true"
    lens = opening.url if opening.url.endswith("nurse") else f"{opening.url}nurse"
    _until_complete(opening.session, lens)
    took: dict[str, list[float]] = {key: [] for key in _WINDOWS}
    for _ in range(_ROUNDS):
        for key in _WINDOWS:
            took[key].append(_seconds(opening.session, f"{lens}?window={key}"))
    day = [_seconds(opening.session, f"{lens}?window=24h") for _ in range(20)]
    report.milliseconds("nurse: lens with 5,000 readings, server part", day, _LENS_MS)
    every = [one for several in took.values() for one in several]
    report.milliseconds("nurse: another window of 5,000 readings", every, _WINDOW_MS)
    medians = ", ".join(f"{k} {statistics.median(v) * 1000:.0f} ms" for k, v in took.items())
    report.note(f"as measured, by window: {medians}")
    del opening.session.headers["HX-Request"]
    nurse_paint.painted(opening.session, lens, _WINDOWS, report)


def _until_complete(session: requests.Session, lens: str) -> None:
    until = time.monotonic() + _SECONDS
    while 'data-complete="yes"' not in session.get(lens, timeout=30).text:
        if time.monotonic() > until:
            raise NotComplete(f"{lens} did not become complete")
        time.sleep(0.3)


def _seconds(session: requests.Session, url: str) -> float:
    began = time.perf_counter()
    answer = session.get(url, timeout=30)
    taken = time.perf_counter() - began
    if answer.status_code != 200 or 'id="vitals"' not in answer.text:
        raise NotComplete(f"{answer.status_code} instead of a flow sheet")
    return taken


# ---- the board -----------------------------------------------------------------------------------------------


def _board(world: World, report: Report) -> None:
    session = open_chart(world, world.fresh("k50"), clinician="nina").session
    address = f"{world.web}/ward/?show={ward.UNIT}"
    time.sleep(3)  # the chart that was opened for the sign-in is read to its end
    for ehr in world.ehrs:
        ehr.log()
    began = time.monotonic()
    seconds, page = _until_read(session, address, began)
    logs = {ehr.name: ehr.log() for ehr in world.ehrs}
    bar = max(_needed(log) for log in logs.values())
    report.line("nurse: board of 40 patients, complete", seconds, 1.3 * bar, "s")
    report.line(
        "nurse: patients on the board", len(_LINES.findall(page)), 2 * ward.BEDS, "", least=True
    )
    report.line("nurse: patients who were not retrieved", len(_NOT_READ.findall(page)), 0, "")
    for name, log in logs.items():
        report.note(f"{name}: {len(log)} requests, median {_median(log) * 1000:.0f} ms")
    _refreshed(world, session, address, report)


def _needed(log: list[Sent]) -> float:
    return len(log) / _AT_ONCE * _median(log)


def _median(log: list[Sent]) -> float:
    return statistics.median(each.seconds for each in log)


def _until_read(session: requests.Session, address: str, began: float) -> tuple[float, str]:
    """Seconds until nobody on the board is being asked any more, asked for as the board itself does."""
    url, text = address, ""
    while time.monotonic() - began < _SECONDS:
        text = html.unescape(session.get(url, timeout=60).text)
        found = _ASKING.search(text)
        if found is None:
            raise NotComplete(f"not a board: {text[:200]}")
        if found[1] == "no":
            return time.monotonic() - began, text
        time.sleep(0.5)
    raise NotComplete("the board is still being read")


def _refreshed(world: World, session: requests.Session, address: str, report: Report) -> None:
    """What one more minute costs each EHR, and how long the board itself takes when nothing is new."""
    time.sleep(61)
    for ehr in world.ehrs:
        ehr.log()
    _until_read(session, address, time.monotonic())
    took = [_page_seconds(session, address) for _ in range(20)]
    for ehr in world.ehrs:
        asked = [each for each in ehr.log() if "patient=" in each.target]
        name = f"nurse: refresh, requests per patient and minute at {ehr.name}"
        report.line(name, len(asked) / ward.BEDS, 1.0, "")
    report.milliseconds("nurse: the board of 40 patients again", took, 200.0)


def _page_seconds(session: requests.Session, address: str) -> float:
    began = time.perf_counter()
    session.get(address, timeout=60).raise_for_status()
    return time.perf_counter() - began
