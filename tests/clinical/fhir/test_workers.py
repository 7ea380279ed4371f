from __future__ import annotations

import threading
from functools import partial

import pytest

from clinical.fhir.turns import TURNS, Hold
from clinical.fhir.workers import LATE, Workers


def gate() -> tuple[threading.Event, threading.Event]:
    return threading.Event(), threading.Event()


def test_a_lane_never_runs_more_than_its_width() -> None:
    workers = Workers(8, name="t")
    lane = workers.lane(2)
    running: list[int] = []
    most = 0
    lock, done = threading.Lock(), threading.Semaphore(0)

    def job() -> None:
        nonlocal most
        with lock:
            running.append(1)
            most = max(most, len(running))
        with lock:
            running.pop()
        done.release()

    for _ in range(50):
        lane.put(job, priority=1)
    assert all(done.acquire(timeout=10) for _ in range(50))
    assert most <= 2


def test_lanes_take_turns_on_one_thread() -> None:
    workers = Workers(1, name="t")
    first, second = workers.lane(1), workers.lane(1)
    began, go_on = gate()
    order: list[str] = []
    done = threading.Semaphore(0)

    def hold() -> None:
        began.set()
        go_on.wait(10)

    def job(name: str) -> None:
        order.append(name)
        done.release()

    first.put(hold, priority=1)
    assert began.wait(10)
    for number in range(3):
        first.put(lambda n=number: job(f"a{n}"), priority=1)
    for number in range(3):
        second.put(lambda n=number: job(f"b{n}"), priority=1)
    go_on.set()
    assert all(done.acquire(timeout=10) for _ in range(6))
    assert order == ["b0", "a0", "b1", "a1", "b2", "a2"]


def test_urgent_jobs_go_first_and_keep_slots_free() -> None:
    workers = Workers(4, name="t")
    lane = workers.lane(1)
    lane.keep_free(1)
    done = threading.Event()
    order: list[str] = []

    def late() -> None:
        order.append("late")
        done.set()

    urgent = threading.Event()

    def first() -> None:
        order.append("urgent")
        urgent.set()

    lane.put(late, priority=4)
    lane.put(first, priority=1)
    assert urgent.wait(10)
    assert order == ["urgent"]
    lane.keep_free(-1)
    assert done.wait(10)


def test_a_closed_lane_forgets_its_jobs_and_others_go_on() -> None:
    workers = Workers(1, name="t")
    closed, other = workers.lane(1), workers.lane(1)
    began, go_on = gate()
    done = threading.Event()
    order: list[str] = []

    def hold() -> None:
        began.set()
        go_on.wait(10)

    other.put(hold, priority=1)
    assert began.wait(10)
    closed.put(lambda: order.append("closed"), priority=1)
    closed.close()
    closed.put(lambda: order.append("closed"), priority=1)
    other.put(done.set, priority=1)
    go_on.set()
    assert done.wait(10)
    assert order == []


def test_a_job_that_raises_does_not_cost_the_thread() -> None:
    workers = Workers(1, name="t")
    lane = workers.lane(1)
    done = threading.Event()

    def fail() -> None:
        raise ValueError("Mr Smith")

    lane.put(fail, priority=1)
    lane.put(done.set, priority=1)
    assert done.wait(10)


def test_two_jobs_never_count_on_the_same_idle_thread() -> None:
    """The second would wait for the first, and here the first waits for the second."""
    workers = Workers(4, name="t")
    lane = workers.lane(4)
    idle = threading.Event()
    lane.put(idle.set, priority=1)
    assert idle.wait(5)
    for _ in range(200):
        both = threading.Barrier(2)
        done = [threading.Event(), threading.Event()]

        def meet(mine: threading.Event, both: threading.Barrier = both) -> None:
            both.wait(5)
            mine.set()

        for each in done:
            lane.put(partial(meet, each), priority=1)
        assert all(each.wait(5) for each in done)
    lane.close()


def test_later_jobs_wait_for_the_first_screens_of_others_and_urgent_ones_do_not() -> None:
    workers = Workers(4, name="t")
    lane = workers.lane(4)
    urgent, later = threading.Event(), threading.Event()
    reason = TURNS.hold.begin()
    try:
        lane.put(later.set, priority=4)
        lane.put(urgent.set, priority=1)
        assert urgent.wait(10)
        assert not later.is_set()
    finally:
        TURNS.hold.end(reason)
    assert later.wait(10)


def test_what_is_for_later_is_asked_for_after_the_own_first_screen_and_worked_through_after_those_of_others() -> None:  # fmt: skip
    workers = Workers(4, name="t")
    lane = workers.lane(4)
    asked, worked = threading.Event(), threading.Event()
    reason = TURNS.hold.begin()
    try:
        lane.put(worked.set, priority=LATE)
        lane.put(asked.set, priority=4)
        assert not asked.wait(0.05)
        lane.may_send(others=False)
        assert asked.wait(10)
        assert lane.gives_way
        assert not worked.wait(0.05)
    finally:
        TURNS.hold.end(reason)
    assert worked.wait(10)
    assert not lane.gives_way


@pytest.mark.parametrize(("seconds", "meanwhile"), [(3600.0, False), (0.01, True)])
def test_requests_for_later_let_the_first_screens_of_others_go_before(
    monkeypatch: pytest.MonkeyPatch, seconds: float, *, meanwhile: bool
) -> None:
    monkeypatch.setattr("clinical.fhir.workers._OTHERS_FIRST", seconds)
    lane = Workers(4, name="t").lane(4)
    asked = threading.Event()
    with TURNS.hold.during():
        lane.put(asked.set, priority=4)
        lane.may_send(others=True)
        assert asked.wait(10 if meanwhile else 0.05) is meanwhile
    assert asked.wait(10)


def test_another_ehr_of_the_same_opening_is_nobody_else() -> None:
    hold = Hold()
    for _ in range(2):
        hold.begin(opened=7.0)
    page = hold.begin()
    assert not hold.beside(7.0)
    other = hold.begin(opened=8.0)
    assert hold.beside(7.0)
    hold.end(other)
    hold.end(page)
    assert not hold.beside(7.0)


def test_a_lane_gives_way_for_a_short_time_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("clinical.fhir.workers.GIVES_WAY", 0.05)
    workers = Workers(4, name="t")
    later = threading.Event()
    with TURNS.hold.during():
        workers.lane(4).put(later.set, priority=4)
        assert later.wait(10)


def test_a_thread_that_could_not_be_had_is_asked_for_again(monkeypatch: pytest.MonkeyPatch) -> None:
    def none_left(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    workers, done = Workers(1, name="t"), threading.Event()
    lane = workers.lane(1)
    with monkeypatch.context() as patched:
        patched.setattr(threading.Thread, "start", none_left)
        with pytest.raises(RuntimeError):
            lane.put(done.set, priority=1)
    lane.put(done.set, priority=1)
    assert done.wait(10)
