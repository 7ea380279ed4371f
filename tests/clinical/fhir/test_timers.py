"""What is done a little later."""

from __future__ import annotations

import math
import os
import queue
import subprocess
import sys
import threading
import time
from functools import partial

import pytest

from clinical.fhir.timers import Timers


def _raise() -> None:
    raise ValueError("planted")


def test_what_is_due_first_is_done_first_whatever_was_asked_for_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("clinical.fhir.timers._IDLE_SECONDS", 3600.0)
    timers, done = Timers(), queue.SimpleQueue[str]()
    timers.after(3600.0, partial(done.put, "late"))
    time.sleep(0.05)  # its thread waits for that one
    timers.after(0.2, partial(done.put, "second"))
    timers.after(0.05, partial(done.put, "first"))
    assert [done.get(timeout=10), done.get(timeout=10)] == ["first", "second"]


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


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
def test_a_process_that_was_forked_off_begins_with_nothing_due_and_a_thread_of_its_own() -> None:
    code = """
import os, threading
from clinical.fhir.timers import TIMERS
TIMERS.after(3600.0, os.abort)
child = os.fork()
if child:
    os._exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
done = threading.Event()
none_due = not TIMERS._due
TIMERS.after(0.0, done.set)
os._exit(0 if none_due and done.wait(10) else 1)
"""
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=60).returncode == 0  # noqa: S603


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_thread_that_dies_leaves_what_is_due_to_the_next() -> None:
    def die() -> None:
        raise SystemExit  # ends a thread, and is said nowhere

    timers, done = Timers(), threading.Event()
    timers.after(0.0, die)
    for _ in range(1000):
        if not timers._running:
            break
        time.sleep(0.01)
    timers.after(math.inf, done.clear)  # not an error either: it is never due
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
