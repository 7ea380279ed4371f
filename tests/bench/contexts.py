"""The first screen of the contexts that no list from outside covers, on the authored patients.

`./bench contexts`: every authored patient whose visit is one of these contexts is opened in Chromium at 1440x900, in
the product, in a plain screen (newest first) and in one that is ordered like the International Patient Summary. What
is asked for is worked out from the records (tests.bench.asked_for), not from the page.
"""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.bench import application
from tests.bench.asked_for import Asked, asked_for
from tests.bench.browsing import CHROMIUM, FLAGS
from tests.bench.figures import Report
from tests.bench.places import Score, look, score
from tests.bench.questions import until_complete
from tests.clinical import authored

# The lists of these come from outside and have a section of their own (gold).
_ELSEWHERE = frozenset({
    "annual_wellness", "asthma_copd", "depression", "diabetes", "ed_chest_pain", "heart_failure", "prenatal",
    "rheumatoid_dmard",
})  # fmt: skip
# Who comes for what: server, patient, the context that must be recognised first, the one that is reported.
_VISITS = (
    ("mercy", "af-warfarin", "atrial_fibrillation", ""),
    ("lakeside", "after-hospital", "post_discharge", ""),
    ("mercy", "chemo-cycle-3", "chemotherapy", ""),
    ("lakeside", "child-asthma", "asthma", ""),
    ("mercy", "cirrhosis", "cirrhosis", ""),
    ("mercy", "copd-hypercapnia", "copd", ""),
    ("mercy", "epilepsy", "epilepsy", ""),
    ("mercy", "gout", "gout", ""),
    ("lakeside", "hiv-hepatitis", "hepatitis_c_hiv", ""),
    ("lakeside", "hypothyroid", "hypothyroidism", ""),
    ("mercy", "iron-deficiency", "anaemia", ""),
    ("lakeside", "lipids", "lipids", ""),
    ("mercy", "medicines-review", "medication_review", ""),
    ("mercy", "new-patient", "general", ""),
    ("lakeside", "osteoporosis", "osteoporosis", ""),
    ("mercy", "preop-knee", "preoperative", ""),
    ("lakeside", "same-name", "general", ""),
    ("mercy", "stroke", "stroke_followup", ""),
    ("mercy", "traps", "diabetes", "hypertension"),
    ("mercy", "twenty-years", "ckd", ""),
    ("mercy", "ward-appendix", "ward_round", ""),
    ("mercy", "ward-cellulitis", "ward_round", ""),
    ("mercy", "ward-gallbladder", "ward_round", ""),
    ("mercy", "ward-gi-bleed", "ward_round", ""),
    ("mercy", "ward-heart-failure", "heart_failure_ward", ""),
    ("mercy", "ward-hip", "ward_round", ""),
    ("mercy", "ward-ketoacidosis", "diabetes", "ward_round"),
    ("mercy", "ward-pregnant", "prenatal", "ward_round"),
    ("mercy", "ward-sepsis", "ed_sepsis", ""),
    ("mercy", "well-child-4y", "well_child", ""),
)
_SCREENS = {
    "": "config.wsgi", "newest first": "tests.bench.unranked", "IPS order": "tests.bench.ips",
}  # fmt: skip
# words of the figure: how it is read from a score, its bar
_SHARES: dict[str, tuple[Callable[[Score], float | None], float]] = {
    "must-see items seen without a click": (lambda s: s.must, 1.0),
    "must-see items above the fold, 1440x900": (lambda s: s.fold, 0.95),
    "should-see items within one click": (lambda s: s.should, 0.98),
    "precision of the rows above the fold": (lambda s: s.precision, 0.8),
}


@dataclass(frozen=True)
class Visit:
    """One authored patient and what the visit asks for. context: the one that is reported."""

    server: str
    patient: str
    first: str
    context: str
    asked: Asked


@dataclass(frozen=True)
class Opened:
    visit: Visit
    score: Score
    recognised: bool


def contexts(report: Report, only: Collection[str] = (), pictures: Path | None = None) -> None:
    """Six figures for the product, the same of the two other screens as notes.

    only: ids of patients, none = all. pictures: a folder for screenshots.
    """
    if not CHROMIUM.exists():
        report.missing("contexts", "Chromium is not installed")
        return
    visits = [
        Visit(server, patient, first, context or first, asked_for(server, patient, first))
        for server, patient, first, context in _VISITS
        if not only or patient in only
    ]
    found = {
        name: list(_screen(module, visits, pictures if not name else None))
        for name, module in _SCREENS.items()
    }
    _say(found, report)
    _say_contexts(found, report)


def _say(found: dict[str, list[Opened]], report: Report) -> None:
    for words, (read, bar) in _SHARES.items():
        report.line(f"contexts: {words}", _mean(found[""], read), bar, "", least=True)
        report.note(_beside(found, lambda one, read=read: f"{_mean(one, read):.2f}"))  # type: ignore[misc]
    report.line("contexts: safety-floor facts not above the fold", _floor(found[""]), 0, "")
    report.note(_beside(found, lambda one: str(_floor(one))))
    recognised = statistics.mean(one.recognised for one in found[""])
    report.line("contexts: visits recognised", recognised, 1.0, "", least=True)


def _beside(found: dict[str, list[Opened]], said: Callable[[list[Opened]], str]) -> str:
    return "; ".join(f"{name}: {said(opened)}" for name, opened in found.items() if name)


def _say_contexts(found: dict[str, list[Opened]], report: Report) -> None:
    """Every context with its figures, then what fell short in the product."""
    known = {one.visit.context for one in found[""]}
    for context in sorted(known):
        for name, opened in found.items():
            report.note(f"{context:<20} {name or 'product':<13} {_figures(opened, context)}")
    authors = {context or first for _, _, first, context in _VISITS}
    without = sorted(set(authored.LIBRARY.packs) - authors - _ELSEWHERE)
    report.note(f"without an authored patient: {', '.join(without) or 'none'}")
    for one in found[""]:
        words = [*one.score.missed, *(f"not listed: {text}" for text in one.score.unlisted)]
        if not one.recognised:
            words.insert(0, "the visit was taken for another one")
        if words:
            report.note(f"{one.visit.context}, {one.visit.patient}: {'; '.join(words)}")


def _figures(opened: list[Opened], context: str) -> str:
    own = [one for one in opened if one.visit.context == context]
    shares = (f"{_mean(own, read):.2f}" for read, _ in _SHARES.values())
    names = ("must", "fold", "should", "precision")
    said = " ".join(f"{name} {share}" for name, share in zip(names, shares, strict=True))
    return f"{said} floor {_floor(own)} ({len(own)})"


def _mean(opened: list[Opened], read: Callable[[Score], float | None]) -> float:
    """Mean over the patients of whom something is asked; 0 when there is none."""
    shares = [share for one in opened if (share := read(one.score)) is not None]
    return statistics.mean(shares) if shares else 0.0


def _floor(opened: list[Opened]) -> int:
    return sum(one.score.floor for one in opened)


# ---- in the browser -------------------------------------------------------------------------------------------


def _screen(module: str, visits: list[Visit], pictures: Path | None) -> Iterator[Opened]:
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory(prefix="visit-lens-bench-") as folder:
        env = application.environment(Path(folder))
        with application.sandboxes(env, module=module) as ehrs, sync_playwright() as play:
            browser = play.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
            for visit in visits:
                yield _open(browser, ehrs[visit.server], visit, pictures)
            browser.close()


def _open(browser: Any, ehr: str, visit: Visit, pictures: Path | None) -> Opened:
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    name = visit.patient
    page.goto(f"{ehr}/launch-app?patient={name}&encounter=visit-{name}&user=physician")
    until_complete(page)
    seen = look(page)
    if pictures is not None:
        page.screenshot(path=str(pictures / f"{name}.png"))
    context.close()
    return Opened(visit, score(visit.asked, seen), recognised=seen.context == visit.first)
