"""./bench [--list] [section …]: every figure, or those of the sections named."""

from __future__ import annotations

import argparse
import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import django
import requests

from tests.bench import (
    beside,
    browsing,
    cold,
    contexts,
    cpu,
    find,
    gold,
    hostile,
    lost,
    memory,
    nurse,
    nurse_questions,
    pictures,
    preview,
    questions,
    replay,
    responsive,
    ward,
    warm,
)
from tests.bench.application import ROOT, World, environment, world
from tests.bench.figures import Report

ONLINE: dict[str, Callable[[World, Report], None]] = {
    "P1": cold.p1,
    "P2": cold.p2,
    "P3": cold.p3,
    "P5": cold.p5,
    "P6": warm.p6,
    "P8": warm.p8,
    "P10": browsing.p10,
    "screen": responsive.screen,
    "P11": lost.p11,
    "find": find.find,
    "preview": preview.preview,
    "nurse": nurse.nurse,
    "beside": beside.beside,
}
OFFLINE: dict[str, Callable[[Report], None]] = {
    "P4": cpu.p4,
    "P12": cpu.p12,
    "hostile": hostile.hostile,
}
WORDS = {
    "P1": "cold open, two EHRs, one page per search",
    "P2": "cold open of long charts in pages",
    "P3": "first section; a second EHR that hangs",
    "P4": "CPU from bytes to page",
    "P5": "six clinicians at once",
    "P6": "warm open; a poll with nothing new",
    "P8": "what the first view transfers",
    "P10": "violations of the content security policy, layout shift (Chromium)",
    "screen": "first paint, tasks, opening a row, exploring (Chromium)",
    "P11": "one defective resource in one hundred",
    "P12": "ranking 10,000 facts",
    "find": "find anything, from the last key to the answer",
    "preview": "the live preview of a rule, from the last key to it (Chromium)",
    "nurse": "the nurse lens with 5,000 readings, the board of 40 patients at two EHRs",
    "hostile": "1,000 hostile patterns and rule sets: the slowest, what they hide, what they break",
    "memory": "memory of the web process",
    "beside": "fhirclient as documented, on the same servers",
    "gold": "the first screen against lists of what a visit needs (--tools DIR; only when named)",
    "contexts": "the first screen of the other contexts on the authored patients, beside two plainer screens (only when named)",
    "questions": "questions of the point of care, asked of the authored patients (--questions FILE; only when named)",
    "nurse-questions": "the questions of a nurse, asked of the nurse's screens (--questions FILE; only when named)",
    "replay": "a draft on 1,000 stored charts, once whole and once killed half-way (only when named; some 10 minutes)",
    "pictures": "pictures of every role, setting, width and state into pictures-out/ (only when named)",
}
NAMED = (
    "gold",
    "contexts",
    "questions",
    "nurse-questions",
    "replay",
    "pictures",
)  # need a file from outside, are long, or are no figures
SHAPES = ("k50", "k1000", "k10000", "y10000", ward.LONG, *lost.DEFECTS)


def main() -> int:
    options = _options()
    if options.list:
        for name, words in WORDS.items():
            sys.stdout.write(f"{name:<8} {words}\n")
        return 0
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that everything started is ended
    wanted = options.sections or [name for name in WORDS if name not in NAMED]
    report = Report()
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="visit-lens-bench-") as folder:
        env = environment(Path(folder))
        _in_this_process(env)
        report.calibrate()
        if online := [name for name in ONLINE if name in wanted]:
            with world(env, SHAPES) as running:
                _measure(online, running, report)
        for name, offline in OFFLINE.items():
            if name in wanted:
                offline(report)
        if "memory" in wanted:
            with _world_of_its_own() as running:
                memory.memory(running, report)
        for name in NAMED:
            if name in wanted:
                _named(name, options, report)
    report.note(f"{time.monotonic() - began:.0f} s")
    return report.verdict()


def _named(name: str, options: argparse.Namespace, report: Report) -> None:
    if name == "gold":
        gold.gold(options.tools, report)
    elif name == "contexts":
        contexts.contexts(report, options.only)
    elif name == "questions":
        questions.questions(options.questions, report, options.only)
    elif name == "nurse-questions":
        nurse_questions.nurse_questions(options.questions, report, options.only)
    elif name == "replay":
        replay.replay(options.charts, report)
    else:
        pictures.pictures(report)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./bench")
    parser.add_argument(
        "sections",
        nargs="*",
        metavar="section",
        help="default: all but gold, contexts, questions, replay and pictures",
    )
    parser.add_argument("--list", action="store_true", help="name the sections")
    parser.add_argument(
        "--tools", type=Path, help="gold: folder with make_patients.py and score.py"
    )
    parser.add_argument("--questions", type=Path, help="questions: the list, as YAML")
    parser.add_argument(
        "--only",
        nargs="+",
        default=(),
        metavar="ID",
        help="questions, nurse-questions, contexts (patients): these only",
    )
    parser.add_argument(
        "--charts", type=int, default=replay.CHARTS, help="replay: how many charts are stored"
    )
    options = parser.parse_args()
    known = {name.lower(): name for name in WORDS}
    unknown = [each for each in options.sections if each.lower() not in known]
    if unknown:
        parser.error(f"no such section: {', '.join(unknown)} (--list names them)")
    options.sections = [known[each.lower()] for each in options.sections]
    if "gold" in options.sections and options.tools is None:
        parser.error("gold needs --tools DIR")
    asked = {"questions", "nurse-questions"}.intersection(options.sections)
    if asked and options.questions is None:
        parser.error(f"{min(asked)} needs --questions FILE")
    return options


def _in_this_process(env: dict[str, str]) -> None:
    """The product's own code, for the figures that need no server; its templates need the collected static files."""
    os.environ.update(env)
    subprocess.run(
        [sys.executable, "manage.py", "collectstatic", "--noinput", "--verbosity", "0"],
        env=env, cwd=ROOT, check=True,
    )  # fmt: skip
    django.setup()


def _measure(names: list[str], running: World, report: Report) -> None:
    def page() -> None:
        requests.get(f"{running.mercy.origin}/static", timeout=5).raise_for_status()

    report.calibrate(page)
    cold.prime(running)
    for name in names:
        ONLINE[name](running, report)


@contextlib.contextmanager
def _world_of_its_own() -> Iterator[World]:
    with (
        tempfile.TemporaryDirectory(prefix="visit-lens-bench-") as folder,
        world(environment(Path(folder)), SHAPES) as running,
    ):
        yield running


if __name__ == "__main__":
    sys.exit(main())
