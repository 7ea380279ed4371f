"""Whose turn it is: one at a time, the most urgent first, and nobody waits for ever."""

from __future__ import annotations

import threading

import pytest

from clinical.fhir.turns import PAGE, Turns


def test_the_most_urgent_of_those_who_wait_goes_first() -> None:
    turns, order = Turns(), []
    asked = [threading.Event() for _ in range(4)]

    def work(place: int, priority: int) -> None:
        asked[place].set()
        with turns.take(priority):
            order.append(priority)

    threads = [
        threading.Thread(target=work, args=(place, priority))
        for place, priority in enumerate((2, 1, 2, PAGE))
    ]
    with turns.take(2):
        for place, thread in enumerate(threads):
            thread.start()
            asked[place].wait(5)
            while len(turns._waiting) <= place:
                threading.Event().wait(0.001)
    for thread in threads:
        thread.join(5)
    assert order == [PAGE, 1, 2, 2]


def test_only_one_at_a_time() -> None:
    turns, inside, most = Turns(), [], []

    def work() -> None:
        for _ in range(200):
            with turns.take(1):
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
    with pytest.raises(ValueError, match="bad"), turns.take(1):
        raise ValueError("bad")
    with turns.take(1):
        assert turns._busy
    assert not turns._busy
