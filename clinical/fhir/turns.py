"""Whose turn it is to work hard. In one process only one thread computes at a time; the most urgent goes first.

Without it, what is read for later slows down what somebody is waiting for. Nothing may be waited for during a turn.
"""

from __future__ import annotations

import heapq
import itertools
import threading
from collections.abc import Iterator
from contextlib import contextmanager

PAGE = 0  # a page that is being made; the tiers of a pull come after it, in their order


class Turns:
    """One at a time; lowest priority number first, then in the order of asking."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._busy = False
        self._waiting: list[tuple[int, int, threading.Event]] = []
        self._count = itertools.count()

    @contextmanager
    def take(self, priority: int) -> Iterator[None]:
        self._wait(priority)
        try:
            yield
        finally:
            self._next()

    def _wait(self, priority: int) -> None:
        with self._lock:
            if not self._busy:
                self._busy = True
                return
            mine = threading.Event()
            heapq.heappush(self._waiting, (priority, next(self._count), mine))
        mine.wait()

    def _next(self) -> None:
        """Hands the turn over, or lays it down."""
        with self._lock:
            if self._waiting:
                heapq.heappop(self._waiting)[2].set()
            else:
                self._busy = False


TURNS = Turns()
