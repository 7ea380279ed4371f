"""Things to be done a little later, by one thread for all of them: to start a thread for each costs more than most do."""

from __future__ import annotations

import heapq
import itertools
import logging
import os
import threading
import time
from collections.abc import Callable

_IDLE_SECONDS = 10.0
_log = logging.getLogger(__name__)


class Timers:
    """Its thread lives only while something is due."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Everything that is due; for a process that has been forked off, which has none of the threads."""
        self._due: list[tuple[float, int, Callable[[], object]]] = []
        self._count = itertools.count()
        self._changed = threading.Condition()
        self._running = False

    def after(self, seconds: float, job: Callable[[], object]) -> None:
        """job: short, and waits for nothing: others are due after it. Raises RuntimeError when no thread can be had."""
        with self._changed:
            if not self._running:
                threading.Thread(target=self._run, name="timers", daemon=True).start()
                self._running = True
            entry = (time.monotonic() + seconds, next(self._count), job)
            heapq.heappush(self._due, entry)
            if self._due[0] is entry:
                self._changed.notify()

    def _run(self) -> None:
        try:
            while (job := self._next()) is not None:
                try:
                    job()
                except Exception as error:  # noqa: BLE001  # the others are due all the same
                    _log.error("what was due ended with %s", type(error).__name__)
                del job
        except BaseException:
            with self._changed:
                self._running = False  # the next one begins another thread, which sees to the rest
            raise

    def _next(self) -> Callable[[], object] | None:
        with self._changed:
            while True:
                wait = self._due[0][0] - time.monotonic() if self._due else _IDLE_SECONDS
                if wait <= 0:
                    return heapq.heappop(self._due)[2]
                if not self._changed.wait(min(wait, _IDLE_SECONDS)) and not self._due:
                    self._running = False
                    return None


TIMERS = Timers()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=TIMERS.forget)
