"""How often one EHR may be asked: some allow 250 calls a minute for a whole practice."""

from __future__ import annotations

import threading
import time
from collections import deque
from typing import Protocol

MINUTE = 60.0
BACKGROUND_SHARE = 0.5  # of the budget; openings by people may use all of it


class Budget(Protocol):
    """Grants requests. An application with many processes gives one that counts across them."""

    def take(self, *, until: float, background: bool = False) -> float:
        """Waits for one request's turn. Returns 0, or the seconds it would take when that is beyond `until`."""

    def hold(self, seconds: float) -> None:
        """The server asked for a pause: nothing is granted for so long."""


class MinuteBudget:
    """At most `per_minute` requests in any minute of this process; 0 = no limit."""

    def __init__(self, per_minute: int = 0) -> None:
        self._limit = per_minute
        self._sent: deque[float] = deque()
        self._not_before = 0.0
        self._free = threading.Condition()

    def take(self, *, until: float, background: bool = False) -> float:
        with self._free:
            while (wait := self._wait(background)) > 0:
                if time.monotonic() + wait > until:
                    return wait
                self._free.wait(wait)
            if self._limit:
                self._sent.append(time.monotonic())
            return 0.0

    def hold(self, seconds: float) -> None:
        with self._free:
            self._not_before = max(self._not_before, time.monotonic() + seconds)

    def _wait(self, background: bool) -> float:
        """Seconds until a request may go out; 0 = now."""
        now = time.monotonic()
        while self._sent and now - self._sent[0] >= MINUTE:
            self._sent.popleft()
        pause = self._not_before - now
        limit = max(1, int(self._limit * BACKGROUND_SHARE)) if background else self._limit
        if self._limit and len(self._sent) >= limit:
            pause = max(pause, self._sent[len(self._sent) - limit] + MINUTE - now)
        return max(0.0, pause)
