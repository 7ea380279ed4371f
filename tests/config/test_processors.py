"""What a process says to the system about itself, and what becomes of it where the system does not listen."""

from __future__ import annotations

import os
import threading

import pytest

from config import processors

pytestmark = pytest.mark.skipif(not hasattr(os, "SCHED_BATCH"), reason="Linux only")


def test_threads_that_follow_interrupt_nobody_either() -> None:
    found: list[int] = []

    def begun() -> None:
        processors.interrupt_nobody()
        later = threading.Thread(target=lambda: found.append(os.sched_getscheduler(0)))
        later.start()
        later.join()

    one = threading.Thread(target=begun)  # not the thread of the other tests
    one.start()
    one.join()
    assert found == [os.SCHED_BATCH]


def test_a_system_that_does_not_permit_it_is_no_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []

    def refuses(pid: int, policy: int, param: os.sched_param) -> None:
        asked.append(policy)
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "sched_setscheduler", refuses)
    processors.interrupt_nobody()
    assert asked == [os.SCHED_BATCH]
