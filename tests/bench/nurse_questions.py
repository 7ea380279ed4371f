"""The questions that a nurse asks, asked of the nurse's own screens in a real browser: the lens, and the board.

`./bench nurse-questions --questions FILE`: of the list the ones with "nurse" among `asked_by`; the answers are the
sandbox's own. A must-see one may cost no click and no key, in a large window no scroll either; any other one click.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml
from django.utils import timezone

from sandbox.patients.answers import Answer, answers
from tests.bench import application
from tests.bench.asking import Cost
from tests.bench.browsing import CHROMIUM, FLAGS
from tests.bench.figures import Report
from tests.bench.questions import SIZES, Asked, at_every_size, until_complete

_MOST_CLICKS = 1
_LARGE = "1440x900"
_BOARD = ""  # key of the patient of a question about many


def nurse_questions(listed: Path, report: Report, only: Sequence[str] = ()) -> None:
    """Every figure of the nurse's questions. only: ids, for work on a few of them."""
    if not CHROMIUM.exists():
        report.missing("nurse-questions", "Chromium is not installed")
        return
    every = yaml.safe_load(listed.read_text())["questions"]
    known = {each["id"]: each for each in every if "nurse" in each["asked_by"]}
    if only:
        known = {key: known[key] for key in only}
    keyed = [one for one in answers(timezone.now()) if one.question in known]
    without = sorted(set(known) - {one.question for one in keyed})
    if without:
        report.note(f"without an answer among the authored patients: {', '.join(without)}")
    with tempfile.TemporaryDirectory(prefix="visit-lens-bench-") as folder:
        env = application.environment(Path(folder))
        with application.sandboxes(env) as ehrs:
            say(list(ask_all(ehrs, keyed, known)), report)


def say(asked: list[Asked], report: Report) -> None:
    for size in SIZES:
        must = [one for one in asked if one.must and one.size == size]
        unclicked = sum(_unclicked(one.cost) for one in must) / max(1, len(must))
        report.line(f"must-see questions of a nurse without a click, {size}", unclicked, 1.0, "", least=True)  # fmt: skip
        glance = sum(_free(one.cost) for one in must) / max(1, len(must))
        name = f"must-see questions of a nurse at a glance, {size}"
        if size == _LARGE:
            report.line(name, glance, 1.0, "", least=True)
        else:
            report.seen(name, glance, "")
        for one in must:
            if not _free(one.cost):
                report.note(_line(one))
    first = [one for one in asked if one.size == _LARGE]
    others = [one for one in first if not one.must]
    most = max((one.cost.clicks + one.cost.keys for one in others if one.cost.seen), default=0)
    report.line("clicks or keys of any other question of a nurse, at most", most, _MOST_CLICKS, "")
    bad = [one for one in first if one.cost.wrong or not one.cost.seen]
    report.line("wrong or missing answers to a nurse", len(bad), 0, "")
    for one in others:
        if one.cost.clicks + one.cost.keys > _MOST_CLICKS or one in bad:
            report.note(_line(one))


def _unclicked(made: Cost) -> bool:
    return made.seen and not (made.clicks or made.keys or made.wrong)


def _free(made: Cost) -> bool:
    """At a glance: without a scroll either."""
    return _unclicked(made) and not made.scrolls


def _line(one: Asked) -> str:
    made = one.cost
    said = f"{made.clicks} clicks, {made.scrolls} scrolls, {made.keys} keys"
    trouble = "not found" if not made.seen else "another value" if made.wrong else said
    return f"{one.id} {one.words} {trouble}: {'; '.join(one.missing)}"


def ask_all(ehrs: dict[str, str], keyed: list[Answer], known: dict[str, Any]) -> Iterator[Asked]:
    by_page: dict[tuple[str, str], list[Answer]] = {}
    for one in keyed:
        by_page.setdefault((one.server, one.patient), []).append(one)
    for (server, patient), group in by_page.items():
        with opened(ehrs[server], patient) as page:
            yield from at_every_size(page, group, known)


@contextmanager
def opened(ehr: str, patient: str) -> Iterator[Any]:
    """The lens of a patient at rest, or the board."""
    from playwright.sync_api import sync_playwright

    key = patient or "ward-sepsis"
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
        page.goto(f"{ehr}/launch-app?patient={key}&encounter=visit-{key}&user=nurse")
        until_complete(page)
        if "/nurse" not in page.url:
            page.goto(f"{page.url.partition('#')[0]}nurse")
            until_complete(page)
        if patient == _BOARD:
            page.goto(page.url[: page.url.index("/c/")] + "/ward/")
            page.wait_for_selector("#watch-board[data-asking=no]", state="attached")
        yield page
        browser.close()
