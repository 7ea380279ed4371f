"""Whose turn it is: one at a time, the most urgent first, and nobody waits for ever."""

from __future__ import annotations

import math
import threading
from collections.abc import Sequence

import pytest

from clinical.fhir.timers import Timers
from clinical.fhir.turns import AT_ONCE, Hold, Turn, Turns, page_turn, reading_turn

LATER = reading_turn(1.0, 2)
NOBODY = reading_turn(math.inf, 1)


def order_of(turns: Turns, asked_for: Sequence[Turn]) -> list[Turn]:
    """Who had a turn after whom, when all of them asked one after the other while it was taken."""
    order: list[Turn] = []

    def work(turn: Turn) -> None:
        with turns.take(turn):
            order.append(turn)

    threads = [threading.Thread(target=work, args=(turn,)) for turn in asked_for]
    with turns.take(LATER):
        for place, thread in enumerate(threads):
            thread.start()
            while len(turns._waiting) <= place:
                threading.Event().wait(0.001)
    for thread in threads:
        thread.join(5)
    return order


def test_the_most_urgent_of_those_who_wait_goes_first() -> None:
    first, second = reading_turn(1.0, 1), reading_turn(2.0, 1)
    asked = (NOBODY, LATER, second, page_turn(2.0), first, AT_ONCE)
    assert order_of(Turns(), asked) == [AT_ONCE, first, page_turn(2.0), second, LATER, NOBODY]


def test_among_equals_the_first_to_ask_goes_first_and_what_leads_further_before_all() -> None:
    page, leads, works = (reading_turn(1.0, 1, step) for step in (1, 0, 2))
    assert order_of(Turns(), (works, page, LATER, leads, page)) == [leads, page, page, works, LATER]


def test_whoever_has_waited_too_long_is_not_passed_over_any_more() -> None:
    """Else a stream of openings would hold up what is for later until its time is over, as if the EHR had failed."""
    asked = (NOBODY, LATER, reading_turn(1.0, 1), AT_ONCE)
    assert order_of(Turns(patience=-1.0), asked) == list(asked)


def test_only_one_at_a_time() -> None:
    turns, inside, most = Turns(), [], []

    def work() -> None:
        for _ in range(200):
            with turns.take(LATER):
                inside.append(1)
                most.append(len(inside))
                inside.pop()

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert set(most) == {1}
    assert len(most) == 1200


def test_a_turn_that_ends_with_a_fault_is_handed_over() -> None:
    turns = Turns()
    with pytest.raises(ValueError, match="bad"), turns.take(LATER):
        raise ValueError("bad")
    with turns.take(LATER):
        assert turns._busy
    assert not turns._busy


# ---- hold


class Rung:
    def __init__(self) -> None:
        self.bell = threading.Semaphore(0)

    def ring(self) -> None:
        self.bell.release()


def test_a_hold_lasts_until_its_last_reason_has_ended() -> None:
    hold, rung = Hold(), Rung()
    hold.tell(rung.ring)
    one, two = hold.begin(), hold.begin()
    hold.end(one)
    assert hold.on
    assert not rung.bell.acquire(timeout=0)
    hold.end(two)
    assert not hold.on
    assert rung.bell.acquire(timeout=0)


def test_a_reason_of_which_nothing_is_heard_expires_and_one_that_is_prolonged_lasts() -> None:
    hold, rung = Hold(), Rung()
    hold.tell(rung.ring)
    silent, answering = hold.begin(at_most=0.01), hold.begin(at_most=0.01)
    hold.prolong(answering, 60)
    assert rung.bell.acquire(timeout=5)  # everybody looks anew, although the other reason holds
    assert hold.on
    hold.end(silent)
    assert hold.on
    hold.end(answering)
    assert not hold.on


def test_what_another_process_holds_for_holds_here_and_is_no_reason_of_our_own() -> None:
    hold, rung = Hold(), Rung()
    hold.tell(rung.ring)
    said: list[bool] = []
    hold.watch(lambda: said.append(hold.own))
    hold.impose(True)
    assert (hold.on, hold.own, said) == (True, False, [])
    one = hold.begin()
    two = hold.begin()
    hold.end(one)
    hold.end(two)
    assert said == [True, False]
    assert hold.on
    assert not rung.bell.acquire(timeout=0)  # nothing may begin yet
    hold.impose(False)
    assert not hold.on
    assert rung.bell.acquire(timeout=0)


def test_what_another_process_holds_for_ends_without_a_call_while_we_hold_too() -> None:
    hold, rung = Hold(), Rung()
    hold.tell(rung.ring)
    with hold.during():
        hold.impose(True)
        hold.impose(False)
        assert not rung.bell.acquire(timeout=0)
    assert rung.bell.acquire(timeout=0)


def test_an_end_that_comes_later_leaves_room_for_what_follows() -> None:
    hold = Hold()
    hold.end(hold.begin(), after=0.02)
    assert hold.on
    with hold.during():
        hold.wait(0.1)
        assert hold.on
    hold.wait(5)
    assert not hold.on


def test_whoever_is_gone_is_not_called() -> None:
    hold, rung = Hold(), Rung()
    bell = rung.bell
    hold.tell(rung.ring)
    hold.end(hold.begin())
    assert bell.acquire(timeout=0)
    del rung
    hold.end(hold.begin())
    assert not bell.acquire(timeout=0)


def test_a_hold_that_nothing_could_end_does_not_begin(monkeypatch: pytest.MonkeyPatch) -> None:
    def none_left(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    hold = Hold()
    monkeypatch.setattr("clinical.fhir.turns.TIMERS", Timers())
    monkeypatch.setattr(threading.Thread, "start", none_left)
    reason = hold.begin(at_most=60.0)
    assert not hold.on
    hold.call_in(1.0)
    hold.end(reason)
    assert not hold.on
