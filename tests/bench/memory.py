"""Memory of the process that serves pages, opening the patient with ten thousand observations."""

from __future__ import annotations

import time

import psutil

from tests.bench.application import World
from tests.bench.browser import open_chart
from tests.bench.cold import prime
from tests.bench.figures import Report

FURTHER = 20
_MB = 1 << 20


def memory(world: World, report: Report) -> None:
    """In a process that has just been started, and has opened small charts only."""
    prime(world)
    process = psutil.Process(world.web_pid)
    before = _held(process)
    patient = world.fresh("k10000")
    browser = open_chart(world, patient)
    browser.fill()
    first = _held(process)
    report.line("memory added by the 10,000-observation patient", (first - before) / _MB, 150, "MB")
    for _ in range(FURTHER):
        again = open_chart(world, patient, session=browser.session)
        again.fill()
    report.line(
        f"memory added by {FURTHER} further opens", (_held(process) - first) / _MB, 20, "MB"
    )
    report.note(f"before: {before / _MB:.0f} MB")


def _held(process: psutil.Process) -> int:
    """Once the threads of the last opening have let go of it."""
    time.sleep(1.5)
    return int(process.memory_info().rss)
