"""A draft replayed on stored charts, as two workers do it; and the same again, with both killed half-way and others going on."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.bench.application import ROOT, environment
from tests.bench.figures import Report

CHARTS = 1000
WORKERS = 2
BAR = 60.0  # seconds for CHARTS charts on two cores
_LOST = 300.0  # seconds in which a lease must have ended by itself
_SUMS = ("gained", "lost", "floor", "floor_lost", "wanted", "found_before", "found_after")


def replay(charts: int, report: Report) -> None:
    """charts: how many are stored; the bar is for a thousand, and a smaller number is scaled up to it."""
    with tempfile.TemporaryDirectory(prefix="visit-lens-replay-") as folder:
        site = Stored(Path(folder))
        began = time.monotonic()
        site.run("prepare", str(charts))
        report.note(f"{charts} charts stored in {time.monotonic() - began:.0f} s (not counted)")
        first = site.new_replay()
        seconds, cpu = _whole(site, first)
        scaled = seconds * CHARTS / charts / report.slowness
        words = "" if charts == CHARTS else f", from {charts}"
        report.line(f"replay of 1,000 charts of 1,000 observations{words}", scaled, BAR, "s")
        report.note(
            f"{seconds:.1f} s, two workers; {1000 * cpu / charts:.0f} ms of CPU time a chart"
        )
        second = site.new_replay()
        waited = _killed(site, second, charts)
        report.note(f"both workers killed half-way; the last leases ended {waited:.0f} s later")
        _compare(site, first, second, charts, report)


class Stored:
    """The folder of a site with stored charts, its processes, and a look into its database."""

    def __init__(self, folder: Path) -> None:
        self.env = environment(folder)
        self._database = folder / "visit-lens.sqlite3"

    def run(self, *words: str) -> str:
        done = subprocess.run(  # noqa: S603
            [sys.executable, "-m", "tests.bench.stored", *words],
            env=self.env, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        return done.stdout

    def new_replay(self) -> int:
        return int(self.run("replay"))

    @contextmanager
    def workers(self, number: int) -> Iterator[list[subprocess.Popen[str]]]:
        """Two that have loaded everything; they begin when they are told to."""
        words = [sys.executable, "-m", "tests.bench.stored", "work", str(number)]
        found = [
            subprocess.Popen(  # noqa: S603
                words, env=self.env, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
            )
            for _ in range(WORKERS)
        ]  # fmt: skip
        try:
            for one in found:
                if one.stdout is None or one.stdout.readline() != "ready\n":
                    raise RuntimeError("a worker did not start")
            yield found
        finally:
            for one in found:
                one.kill()
                one.communicate()

    def ask(self, sql: str, *values: object) -> list[tuple[object, ...]]:
        with sqlite3.connect(self._database, timeout=30) as database:
            return database.execute(sql, values).fetchall()

    def tried(self, number: int) -> int:
        sql = "SELECT COUNT(*) FROM summary_app_replaychart WHERE replay_id = ? AND state = 'done'"
        return int(str(self.ask(sql, number)[0][0]))

    def sums(self, number: int) -> tuple[int, ...]:
        """What the charts of a replay add up to, charts first."""
        parts = ", ".join(f"SUM(json_extract(result, '$.{name}'))" for name in _SUMS)
        sql = f"SELECT COUNT(*), {parts} FROM summary_app_replaychart WHERE replay_id = ? AND state = 'done'"  # noqa: S608
        return tuple(int(str(each or 0)) for each in self.ask(sql, number)[0])

    def state(self, number: int) -> str:
        return str(self.ask("SELECT state FROM summary_app_replay WHERE id = ?", number)[0][0])

    def free_leases(self, number: int) -> bool:
        sql = (
            "SELECT COUNT(*) FROM summary_app_replaychart WHERE replay_id = ? AND state = 'running' "
            "AND lease > strftime('%Y-%m-%d %H:%M:%f', 'now')"
        )
        return self.ask(sql, number)[0][0] == 0


def _whole(site: Stored, number: int) -> tuple[float, float]:
    """Seconds from the start of the two to the end of the last; CPU seconds of both, without their loading."""
    with site.workers(number) as workers:
        began = time.monotonic()
        _go(workers)
        for one in workers:
            if one.wait():
                raise RuntimeError("a worker ended with an error")
        seconds = time.monotonic() - began
        cpu = sum(float(one.stdout.read()) for one in workers if one.stdout is not None)
    return seconds, cpu


def _killed(site: Stored, number: int, charts: int) -> float:
    """Both are killed half-way, two others go on; what was leased is taken up when its lease has ended. Seconds of waiting."""
    with site.workers(number) as workers:
        _go(workers)
        _until(lambda: site.tried(number) >= charts // 2, 20 * BAR)
        for one in workers:
            one.send_signal(signal.SIGKILL)
            one.wait()
    _go_on(site, number)
    began = time.monotonic()
    if site.state(number) == "running":  # as the sweep does once a minute
        _until(lambda: site.free_leases(number), _LOST)
        _go_on(site, number)
    return time.monotonic() - began


def _go_on(site: Stored, number: int) -> None:
    with site.workers(number) as workers:
        _go(workers)
        for one in workers:
            one.wait()


def _go(workers: list[subprocess.Popen[str]]) -> None:
    for one in workers:
        if one.stdin is not None:
            one.stdin.write("go\n")
            one.stdin.flush()


def _until(is_so: Callable[[], bool], seconds: float) -> None:
    until = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > until:
            raise RuntimeError("a replay stands still")
        time.sleep(0.05)


def _compare(site: Stored, first: int, second: int, charts: int, report: Report) -> None:
    whole, again = site.sums(first), site.sums(second)
    report.line("replay: charts tried", whole[0], charts, "", least=True)
    report.line("replay: charts that show an item less", whole[2], 1, "", least=True)
    report.line("replay: charts tried after the kill", again[0], charts, "", least=True)
    differing = sum(a != b for a, b in zip(whole, again, strict=True))
    report.line("replay: sums that differ after the kill", differing, 0, "")
    finished = [site.state(number) == "done" for number in (first, second)]
    report.line("replay: replays that came to their end", sum(finished), 2, "", least=True)
