"""Whose turn it is to work hard. In one process only one thread computes at a time; the most urgent goes first.

Without it, what is read for later slows down what somebody is waiting for. Nothing may be waited for during a turn.
"""

from __future__ import annotations

import itertools
import math
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import NamedTuple
from weakref import WeakMethod

from clinical.fhir.timers import TIMERS

_PATIENCE = 10.0  # a third of what a connection gives one reading, unless it is set otherwise


class Turn(NamedTuple):
    """Who computes before whom: the smaller goes first.

    later: 1 for what no first screen waits for, -1 for a page that needs nothing more. opened: seconds, when the chart
    was opened: six first screens that are made one after the other are all there sooner than six side by side.
    tier: 0 for the page, else of the search. step: within a search, what others wait for goes first.
    """

    later: int
    opened: float
    tier: int
    step: int = 0


AT_ONCE = Turn(-1, 0.0, 0)


def page_turn(opened: float) -> Turn:
    """Of a page whose chart is still being read."""
    return Turn(0, opened, 0)


def reading_turn(opened: float, tier: int, step: int = 0) -> Turn:
    """Of what a search brought. opened: math.inf when nobody has the chart open."""
    return Turn(int(tier > 1 or math.isinf(opened)), opened, tier, step)


class Hold:
    """While a first screen is read or made, what is for later does not begin. Nobody has to keep to it for long."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._reasons: dict[int, float] = {}  # with the moment at which each expires (monotonic)
        self._openings: dict[int, float] = {}  # of these reasons: first screens of which opening
        self._count = itertools.count()
        self._callbacks: list[WeakMethod[Callable[[], None]]] = []
        self._imposed = False
        self._watcher: Callable[[], None] | None = None

    @property
    def on(self) -> bool:
        return self._imposed or bool(self._reasons)

    @property
    def own(self) -> bool:
        """Whether this process has a reason of its own."""
        return bool(self._reasons)

    def beside(self, opened: float) -> bool:
        """Whether this process reads first screens of another opening. opened: as in Turn."""
        with self._changed:
            return any(each != opened for each in self._openings.values())

    def impose(self, on: bool) -> None:
        """Whether another process of the same charts has a reason."""
        with self._changed:
            ended = self._imposed and not on
            self._imposed = on
            self._changed.notify_all()
        if ended and not self.on:
            self._call()

    def watch(self, watcher: Callable[[], None]) -> None:
        """watcher: called whenever `own` may have changed; for the processes that hold together."""
        self._watcher = watcher

    def _tell_watcher(self, *, changed: bool) -> None:
        if changed and self._watcher is not None:
            self._watcher()

    def begin(self, *, at_most: float | None = None, opened: float | None = None) -> int:
        """A reason to hold, until `end`. at_most: seconds after which it expires, and everybody is called in any case.
        opened: of the opening whose first screen is read.

        Where no thread can be had that would end it, nothing is held up.
        """
        with self._changed:
            reason, first = next(self._count), not self._reasons
            self._reasons[reason] = time.monotonic() + at_most if at_most is not None else math.inf
            if opened is not None:
                self._openings[reason] = opened
        self._tell_watcher(changed=first)
        if at_most is not None:
            self._expire_in(at_most, reason)
        return reason

    def prolong(self, reason: int, seconds: float) -> None:
        """It expires so many seconds from now, if it has not ended yet."""
        with self._changed:
            if reason in self._reasons:
                self._reasons[reason] = time.monotonic() + seconds

    def end(self, reason: int, *, after: float = 0.0) -> None:
        """after: seconds; what follows from the work that has ended may be a reason of its own."""
        if after:
            with suppress(RuntimeError):  # no thread to be had: too early is better than never
                TIMERS.after(after, partial(self.end, reason))
                return
        if self._without(reason):
            self._call()

    def call_in(self, seconds: float) -> None:
        """Everybody is called then, whatever holds: somebody gives way no longer."""
        self._expire_in(seconds, next(self._count))

    def _expire_in(self, seconds: float, reason: int) -> None:
        try:
            TIMERS.after(seconds, partial(self._expire, reason))
        except RuntimeError:  # too early is better than never
            self._without(reason)

    def _expire(self, reason: int) -> None:
        with self._changed:
            left = self._reasons.get(reason, 0.0) - time.monotonic()
        if left > 0:
            self._expire_in(left, reason)
            return
        self._without(reason)
        self._call()

    def _without(self, reason: int) -> bool:
        """Whether nothing holds any more."""
        with self._changed:
            last = self._reasons.pop(reason, None) is not None and not self._reasons
            self._openings.pop(reason, None)
            self._changed.notify_all()
        self._tell_watcher(changed=last)
        return not self.on

    def _call(self) -> None:
        with self._changed:
            callbacks = [found for each in self._callbacks if (found := each()) is not None]
        for callback in callbacks:
            callback()

    @contextmanager
    def during(self, *, after: float = 0.0) -> Iterator[None]:
        """For work of several turns that somebody waits for. after: as in `end`."""
        reason = self.begin()
        try:
            yield
        finally:
            self.end(reason, after=after)

    def wait(self, at_most: float) -> None:
        """Until nothing is a reason to hold, or so many seconds."""
        until = time.monotonic() + at_most
        with self._changed:
            while self.on and (left := until - time.monotonic()) > 0:
                self._changed.wait(left)

    def tell(self, callback: Callable[[], None]) -> None:
        """callback: a bound method, called when the hold ends; its owner may go away at any time."""
        with self._changed:
            self._callbacks = [each for each in self._callbacks if each() is not None]
            self._callbacks.append(WeakMethod(callback))


class Turns:
    """One at a time; the most urgent first, then in the order of asking. patience: seconds after which whoever has
    waited longest goes first, however many more urgent ones keep coming: the time for a reading runs meanwhile.
    """

    def __init__(self, *, patience: float = _PATIENCE) -> None:
        self._lock = threading.Lock()
        self._busy = False
        self._patience = patience
        # Each with a lock that is held until it is its turn: less work than an event.
        self._waiting: list[tuple[Turn, int, float, threading.Lock]] = []
        self._count = itertools.count()
        self.hold = Hold()

    @contextmanager
    def take(self, turn: Turn) -> Iterator[None]:
        self._wait(turn)
        try:
            yield
        finally:
            self._next()

    def _wait(self, turn: Turn) -> None:
        with self._lock:
            if not self._busy:
                self._busy = True
                return
            mine = threading.Lock()
            mine.acquire()
            self._waiting.append((turn, next(self._count), time.monotonic(), mine))
        mine.acquire()

    def _next(self) -> None:
        """Hands the turn over, or lays it down."""
        with self._lock:
            if not self._waiting:
                self._busy = False
                return
            longest = self._waiting[0]
            chosen = (
                longest if time.monotonic() - longest[2] > self._patience else min(self._waiting)
            )
            self._waiting.remove(chosen)
        chosen[3].release()


TURNS = Turns()
