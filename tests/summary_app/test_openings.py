"""The way from a sign-in to the first question: one after the other, and nobody waits for ever."""

from __future__ import annotations

import threading

import pytest

from summary_app.summary.services import openings


def test_one_opening_begins_after_the_other() -> None:
    order: list[str] = []
    inside, go_on = threading.Event(), threading.Event()

    def first() -> None:
        with openings.one_at_a_time():
            inside.set()
            go_on.wait(20)
            order.append("first")

    def second() -> None:
        with openings.one_at_a_time():
            order.append("second")

    threads = [threading.Thread(target=first), threading.Thread(target=second)]
    threads[0].start()
    assert inside.wait(20)
    threads[1].start()
    go_on.set()
    for each in threads:
        each.join(20)
    assert order == ["first", "second"]


def test_one_that_hangs_holds_up_nobody_and_its_place_is_given_back_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(openings, "_PATIENCE", 0.01)
    with openings.one_at_a_time():
        with openings.one_at_a_time():  # out of patience
            pass
        assert openings._beginning.locked()
    assert not openings._beginning.locked()


def test_one_that_fails_gives_its_place_back() -> None:
    with pytest.raises(KeyError), openings.one_at_a_time():
        raise KeyError
    assert not openings._beginning.locked()
