"""What is done a little later."""

from __future__ import annotations

import queue
import threading
import time
from functools import partial

import pytest

from clinical.fhir.timers import Timers


def _raise() -> None:
    raise ValueError("planted")


def test_what_is_due_first_is_done_first_whatever_was_asked_for_first() -> None:
    timers, done = Timers(), queue.SimpleQueue[str]()
    timers.after(0.3, partial(done.put, "late"))
    timers.after(0.05, partial(done.put, "soon"))
    assert [done.get(timeout=10), done.get(timeout=10)] == ["soon", "late"]


def test_an_error_in_one_takes_no_other_with_it(caplog: pytest.LogCaptureFixture) -> None:
    timers, done = Timers(), threading.Event()
    timers.after(0.0, _raise)
    timers.after(0.02, done.set)
    assert done.wait(10)
    assert "what was due ended with ValueError" in caplog.text


def test_its_thread_ends_when_nothing_is_due_and_another_takes_its_place(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("clinical.fhir.timers._IDLE_SECONDS", 0.01)
    timers = Timers()
    for _ in range(2):
        done = threading.Event()
        timers.after(0.0, done.set)
        assert done.wait(10)
        for _ in range(1000):
            if not timers._running:
                break
            time.sleep(0.01)
        assert not timers._running


def test_a_process_that_was_forked_off_begins_with_nothing_due() -> None:
    timers, done = Timers(), threading.Event()
    timers._running = True  # as it says of the thread of the process it was forked off from
    timers.forget()
    timers.after(0.0, done.set)
    assert done.wait(10)


def test_where_no_thread_can_be_had_it_is_said_and_tried_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def none_left(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    timers, done = Timers(), threading.Event()
    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", none_left)
        with pytest.raises(RuntimeError):
            timers.after(0.0, done.set)
    timers.after(0.0, done.set)
    assert done.wait(10)
