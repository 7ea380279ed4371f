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

from tests.bench.application import ROOT, environment, sandbox
from tests.bench.figures import Report

# figure of the scorer: bar, and whether it is a lower bound
BARS = {
    "must_see_recall": (1.0, True),
    "screen_precision": (0.8, True),
    "context_detected": (1.0, True),
    "floor_violations": (0.0, False),
}


def gold(tools: Path, report: Report) -> None:
    tools = tools.resolve()
    with tempfile.TemporaryDirectory(prefix="visit-lens-bench-") as folder:
        patients = Path(folder) / "patients"
        _run(tools / "make_patients.py", str(tools.parent), str(patients))
        with sandbox(environment(Path(folder)), patients) as launch:
            result = Path(folder) / "result.json"
            answers = str(patients / "answers.json")
            said = _run(
                tools / "score.py", "--launch", launch, "--answers", answers, "--json", str(result)
            )
        _say(said, report)


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


def _say(said: str, report: Report) -> None:
    """The scorer's last line: RESULT name=value …"""
    last = said.strip().splitlines()[-1]
    found = dict(each.split("=", 1) for each in last.removeprefix("RESULT").split())
    for line in said.strip().splitlines()[:-1]:
        report.note(line)
    for name, (bar, least) in BARS.items():
        report.line(f"gold {name}", float(json.loads(found[name])), bar, "", least=least)
