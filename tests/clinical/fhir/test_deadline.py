"""What ends an exchange that takes too long, and what of an exchange stays behind."""

from __future__ import annotations

import gc
import math
import threading
import time
import weakref

from clinical.fhir.budget import MinuteBudget
from clinical.fhir.deadline import Exchange, Watchdog


class _Sock:
    """Not a socket: the watchdog must survive what it cannot shut."""


class _Connection:
    def __init__(self) -> None:
        self.sock = _Sock()


def test_an_exchange_that_is_over_is_held_by_nobody() -> None:
    dog = Watchdog()
    with Exchange(dog, time.monotonic() + 3600) as exchange:
        time.sleep(0.1)  # the watchdog has seen it
    gone = weakref.ref(exchange)
    del exchange
    gc.collect()
    assert gone() is None


def test_the_earliest_end_comes_first_whatever_was_begun_before() -> None:
    dog = Watchdog()
    ended = threading.Event()

    class Noticed(Exchange):
        def expire(self) -> None:
            super().expire()
            ended.set()

    late = Exchange(dog, time.monotonic() + 3600)
    with late:
        soon = Noticed(dog, time.monotonic() + 0.05)
        with soon:
            soon.uses(_Connection())
            assert ended.wait(10)
        assert soon.expired
        assert not late.expired


def test_an_exchange_that_ended_in_time_does_not_expire_later() -> None:
    dog = Watchdog()
    with Exchange(dog, time.monotonic() + 0.05) as early:
        pass
    with Exchange(dog, time.monotonic() + 0.1) as other:
        for _ in range(1000):
            if other.expired:
                break
            time.sleep(0.01)
    assert other.expired
    assert not early.expired


def test_a_budget_without_a_limit_keeps_no_account() -> None:
    budget = MinuteBudget(0)
    for _ in range(50):
        assert budget.take(until=math.inf) == 0
    assert not budget._sent
