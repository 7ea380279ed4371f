"""Questions of the point of care, asked of the authored patients in a real browser.

`./bench questions --questions FILE`: FILE is a list of questions with `id`, `question` and `importance`; the answers
are the sandbox's own (sandbox.patients.answers). Each is asked of a page at rest at three window sizes, and once more
of the same page with ranking switched off.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from django.utils import timezone

from sandbox.patients.answers import Answer, answers
from tests.bench import application
from tests.bench.asking import Cost, cost
from tests.bench.browsing import CHROMIUM, FLAGS
from tests.bench.figures import Report

SIZES = {"1440x900": (1440, 900, 1.0), "1280x720": (1280, 720, 0.95), "1280x600": (1280, 600, 0.85)}
_MOST_CLICKS = 2


@dataclass(frozen=True)
class Asked:
    """A question at one window size."""

    id: str
    words: str
    must: bool
    size: str
    cost: Cost
    missing: tuple[str, ...] = ()


def questions(listed: Path, report: Report, only: Sequence[str] = ()) -> None:
    """Every figure of the questions, ranked and unranked. only: ids; the page as it is, for work on a few of them."""
    if not CHROMIUM.exists():
        report.missing("questions", "Chromium is not installed")
        return
    known = {each["id"]: each for each in yaml.safe_load(listed.read_text())["questions"]}
    if only:
        known = {key: known[key] for key in only}
    keyed = [one for one in answers(timezone.now()) if one.question in known]
    without = sorted(set(known) - {one.question for one in keyed})
    if without:
        report.note(f"without an answer among the authored patients: {', '.join(without)}")
    pages = (("", "config.wsgi"), (" with ranking off", "tests.bench.unranked"))
    for words, module in pages[:1] if only else pages:
        with tempfile.TemporaryDirectory(prefix="visit-lens-bench-") as folder:
            env = application.environment(Path(folder))
            with application.sandboxes(env, module=module) as ehrs:
                _say(list(_ask_all(ehrs, keyed, known)), words, report)


def _say(asked: list[Asked], words: str, report: Report) -> None:
    for size, (_, _, bar) in SIZES.items():
        must = [one for one in asked if one.must and one.size == size]
        free = [one for one in must if not (one.cost.clicks or one.cost.scrolls or one.cost.keys) and one.cost.seen]  # fmt: skip
        share = len(free) / len(must) if must else 0.0
        name = f"must-see questions answered at a glance, {size}{words}"
        if words:
            report.seen(name, share, "")
        else:
            report.line(name, share, bar, "", least=True)
            for one in must:
                if one not in free:
                    report.note(_line(one))
    first = [one for one in asked if one.size == "1440x900"]
    seconds = sum(one.cost.seconds for one in first) / max(1, len(first))
    report.seen(f"seconds per question (keystroke-level model), 1440x900{words}", seconds, "s")
    if words:
        report.seen(f"questions without an answer{words}", sum(not o.cost.seen for o in first), "")
        return
    others = [one.cost.clicks for one in asked if not one.must and one.cost.seen]
    report.line("clicks of any other question, at most", max(others, default=0), _MOST_CLICKS, "")
    bad = [one for one in first if one.cost.wrong or not one.cost.seen]
    for one in bad:
        report.note(_line(one))
    report.line("wrong or missing answers", len(bad), 0, "")


def _line(one: Asked) -> str:
    made = one.cost
    said = f"{made.clicks} clicks, {made.scrolls} scrolls, {made.keys} keys"
    trouble = "not found" if not made.seen else "another value" if made.wrong else said
    return f"{one.id} {one.size} {one.words} {trouble}: {'; '.join(one.missing)}"


# ---- in the browser -------------------------------------------------------------------------------------------


def _ask_all(ehrs: dict[str, str], keyed: list[Answer], known: dict[str, Any]) -> Iterator[Asked]:
    by_page: dict[tuple[str, str, bool], list[Answer]] = {}
    for one in keyed:
        nurse = one.question.startswith("n")
        by_page.setdefault((one.server, one.patient, nurse), []).append(one)
    for (server, patient, nurse), group in by_page.items():
        with _opened(ehrs[server], patient, nurse=nurse) as page:
            yield from at_every_size(page, group, known)


def at_every_size(page: Any, group: Sequence[Answer], known: dict[str, Any]) -> Iterator[Asked]:
    """The questions of one page, asked at each size of the window."""
    for size, (width, height, _) in SIZES.items():
        page.set_viewport_size({"width": width, "height": height})
        page.wait_for_timeout(150)
        for one in group:
            yield _ask(page, one, known[one.question], size)


def _ask(page: Any, one: Answer, question: dict[str, Any], size: str) -> Asked:
    made, missing = Cost(), []
    for fact in one.facts:
        found = cost(page, fact)
        if not found.seen or found.wrong or found.clicks or found.scrolls or found.keys:
            missing.append(fact.says)
        made += found
    must = question["importance"] == "must_see"
    return Asked(one.question, question["question"], must, size, made, tuple(missing))


@contextmanager
def _opened(ehr: str, patient: str, *, nurse: bool) -> Iterator[Any]:
    """The page as the launch shows it: a nurse's own lens, the board of the ward, or a chart."""
    from playwright.sync_api import sync_playwright

    who, key = "nurse" if nurse else "physician", patient or "ward-sepsis"
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
        page.goto(f"{ehr}/launch-app?patient={key}&encounter=visit-{key}&user={who}")
        until_complete(page)
        if nurse and "/nurse" not in page.url and patient:
            page.goto(f"{page.url.partition('#')[0]}nurse")
            until_complete(page)
        if not patient:
            page.goto(page.url[: page.url.index("/c/")] + "/ward/")
            page.wait_for_timeout(4000)
        yield page
        browser.close()


def until_complete(page: Any) -> None:
    """Waits until every source has answered or was given up. Raises ValueError after a minute."""
    until = time.monotonic() + 60
    while page.evaluate("document.documentElement.dataset.summary") != "complete":
        if time.monotonic() > until:
            raise ValueError(f"{page.url} did not become complete in the browser")
        page.wait_for_timeout(100)
    page.wait_for_timeout(300)
