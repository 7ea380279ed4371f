"""The first screen against lists of what a visit needs, by a scorer from outside the project (`--tools DIR`).

DIR holds make_patients.py, which writes patients from the lists in the folder above it, and score.py, which opens
each in Chromium and measures what is on the screen.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests.bench.application import ROOT, environment, sandbox
from tests.bench.figures import Report

# figure of the scorer: its words, bar, and whether it is a lower bound
BARS = {
    "must_see_recall": ("must-see items seen without a click", 1.0, True),
    "must_see_fold": ("must-see items above the fold, 1440x900", 0.95, True),
    "should_see_recall": ("should-see items within one click", 0.98, True),
    "screen_precision": ("precision of what is seen", 0.8, True),
    "floor_violations": ("safety-floor facts not above the fold", 0.0, False),
    "context_detected": ("visits recognised", 1.0, True),
}


def gold(tools: Path, report: Report) -> None:
    tools = tools.resolve()
    with tempfile.TemporaryDirectory(prefix="visit-lens-bench-") as folder:
        patients, answers = Path(folder) / "patients", Path(folder) / "answers.json"
        _run(tools / "make_patients.py", str(tools.parent), str(patients))
        (patients / answers.name).rename(answers)  # the sandbox loads every file of the folder
        with sandbox(environment(Path(folder)), patients) as launch:
            result = Path(folder) / "result.json"
            words = ("--launch", launch, "--answers", str(answers), "--json", str(result))
            said = _run(tools / "score.py", *words)
        _say(said, json.loads(result.read_text()), report)


def _run(script: Path, *words: str) -> str:
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-m", "tests.bench.scorer", str(script), *words],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    if done.returncode:
        raise SystemExit(f"{script.name} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout


def _say(said: str, scored: dict[str, Any], report: Report) -> None:
    """said: the table per visit, ending in a line of totals. scored: `overall` by figure, and every patient."""
    for line in said.strip().splitlines()[:-1]:
        report.note(line)
    for patient in scored["patients"]:
        missed = [
            *patient["must_see_missed"],
            *patient["should_see_missed"],
            *patient["floor_missed"],
        ]
        if missed:
            report.note(f"{patient['context']}-{patient['variant']} missed: {', '.join(missed)}")
    for name, (words, bar, least) in BARS.items():
        report.line(f"gold: {words}", float(scored["overall"][name]), bar, "", least=least)
