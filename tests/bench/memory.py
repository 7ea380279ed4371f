"""Memory of the process that serves pages and of those that read for it, opening the patient with ten thousand observations."""

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
    """In processes that have just been started, and have opened small charts only; the one that grows most counts."""
    prime(world)
    processes = _all(psutil.Process(world.web_pid))
    before = _held(processes)
    patient = world.fresh("k10000")
    browser = open_chart(world, patient)
    browser.fill()
    first = _held(processes)
    added = _more(first, before)
    report.line("memory added by the 10,000-observation patient", max(added), 150, "MB")
    for _ in range(FURTHER):
        again = open_chart(world, patient, session=browser.session)
        again.fill()
    further = _more(_held(processes), first)
    report.line(f"memory added by {FURTHER} further opens", max(further), 20, "MB")
    report.note(
        f"the process that serves pages, then those that read for it: {_words(before)} MB before, "
        f"{_words(added)} and {_words(further)} MB more"
    )


def _held(processes: list[psutil.Process]) -> list[float]:
    """MB of each, once the threads of the last opening have let go of it."""
    time.sleep(1.5)
    return [each.memory_info().rss / _MB for each in processes]


def _more(now: list[float], before: list[float]) -> list[float]:
    return [one - other for one, other in zip(now, before, strict=True)]


def _words(sizes: list[float]) -> str:
    return ", ".join(f"{size:.0f}" for size in sizes)


def _all(process: psutil.Process) -> list[psutil.Process]:
    """The web process, then its pull processes."""
    return [process, *process.children()]
