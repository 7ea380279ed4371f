"""One line per figure: name, value, bar, ok or short. Milliseconds are judged after scaling by a calibration."""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field

# What the two calibrations took on the machine where the bars were set (2 cores, Python 3.11), in milliseconds.
CPU_LOOP_MS = 25.0
STATIC_PAGE_MS = 2.0


def cpu_loop() -> None:
    total = 0
    for number in range(300_000):
        total += number * number % 7
    if total < 0:
        raise ValueError(total)


def median_ms(work: Callable[[], object], runs: int = 20) -> float:
    """Median wall time of `work` in milliseconds."""
    times = []
    for _ in range(runs):
        begin = time.perf_counter()
        work()
        times.append((time.perf_counter() - begin) * 1000)
    return statistics.median(times)


def median_cpu_ms(work: Callable[[], object], runs: int = 20) -> float:
    """Median CPU time of this process in `work`, in milliseconds."""
    times = []
    for _ in range(runs):
        begin = time.process_time()
        work()
        times.append((time.process_time() - begin) * 1000)
    return statistics.median(times)


@dataclass
class Report:
    """Prints figures as they come and remembers what fell short."""

    short: list[str] = field(default_factory=list)
    slowness: float = 1.0  # of this machine at this moment, against the one where the bars were set

    def line(
        self, name: str, value: float, bar: float, unit: str = "x", *, least: bool = False
    ) -> None:
        """value must not exceed bar (or, with `least`, must not be below it)."""
        good = value >= bar if least else value <= bar
        if not good:
            self.short.append(name)
        sign = "≥" if least else "≤"
        sys.stdout.write(
            f"{name:<64} {value:>9.2f} {unit:<3} {sign} {bar:>8.2f}  {'ok' if good else 'short'}\n"
        )
        sys.stdout.flush()

    def calibrate(self, static_page: Callable[[], object] | None = None) -> None:
        """Measures how slow this machine is now: a fixed loop, and a fixed page of a server if there is one."""
        found = [median_ms(cpu_loop, 9) / CPU_LOOP_MS]
        if static_page is not None:
            found.append(median_ms(static_page, 30) / STATIC_PAGE_MS)
        self.slowness = max(1.0, statistics.mean(found))
        self.note(
            f"this machine takes {self.slowness:.2f} × the time of the one the bars were set on"
        )

    def milliseconds(self, name: str, seconds: list[float], bar: float) -> None:
        """The median of at least twenty, divided by how slow this machine is."""
        if len(seconds) < 20:
            raise ValueError(f"{name}: {len(seconds)} measurements are too few")
        self.line(name, statistics.median(seconds) * 1000 / self.slowness, bar, "ms")

    def seen(self, name: str, value: float, unit: str = "x") -> None:
        """A figure without a bar."""
        sys.stdout.write(f"{name:<64} {value:>9.2f} {unit}\n")
        sys.stdout.flush()

    def missing(self, name: str, why: str) -> None:
        """A figure that could not be measured is not a good one."""
        self.short.append(name)
        sys.stdout.write(f"{name:<64} not measured: {why}\n")
        sys.stdout.flush()

    def note(self, text: str) -> None:
        sys.stdout.write(f"  {text}\n")
        sys.stdout.flush()

    def verdict(self) -> int:
        words = f"short: {', '.join(self.short)}" if self.short else "every bar holds"
        sys.stdout.write(f"\n{words}\n")
        return 1 if self.short else 0
