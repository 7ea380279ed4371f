"""The pull of one snapshot: one process runs it, in threads of its own; every other one reads what it has written.

A web process hands its pulls to a process beside it, where there is one (`beside`).
"""

from __future__ import annotations

import logging
import os
import secrets
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import connections as databases
from django.db.models import F, Q
from django.utils import timezone

from summary_app.summary.models import Pull
from summary_app.summary.services import beside, live, runs
from summary_app.summary.services.runs import Task
from summary_app.summary.services.unbegun import give_back

_log = logging.getLogger(__name__)
LOST_AFTER = timedelta(seconds=8)  # without a heartbeat another process takes the pull over
_threads: set[threading.Thread] = set()
_threads_lock = threading.Lock()


def me() -> str:
    """This process, in the column `claimed_by`. Changes after a fork."""
    return f"{os.getpid()}-{_NONCE}"


_NONCE = secrets.token_hex(8)


def start(
    task: Task,
    *,
    elsewhere: bool = True,
    lost_only: bool = False,
    claimed: int | None = None,
    with_plan: Callable[[], object] = lambda: None,
) -> bool:
    """Begins the pull unless one is under way anywhere. False: it was, and is joined.

    elsewhere: by the process beside this one, if there is one. lost_only: also not when one has come to its end.
    claimed: the run that was claimed for it already. with_plan: writes what may be seen only with the plan of the pull,
    in one transaction with it; called in any case. A pull that cannot begin has failed, as the page then says; nothing
    is raised for it.
    """
    run = _claim(task.snapshot.pk, lost_only=lost_only) if claimed is None else claimed
    if run is None:
        with_plan()
        return False
    try:
        begun = runs.begin(task, run)
        if not (elsewhere and beside.take(begun, _again)):
            _spawn(lambda: runs.carry_out(begun), f"pull-{task.snapshot.pk}")
    except Exception as error:  # noqa: BLE001  # whatever it is, the claim must not outlive it
        give_back(task.snapshot, task.reader.wire, run, error)
        with_plan()
        return True
    try:
        runs.write_plan(begun, with_plan)  # while the EHR is already being asked
    finally:
        beside.plan_is_written(begun)
    return True


def run_here(task: Task) -> bool:
    """The same, waiting for its end: for jobs."""
    run = _claim(task.snapshot.pk)
    if run is None:
        return False
    try:
        begun = runs.begin(task, run)
        runs.write_plan(begun)
    except Exception as error:  # noqa: BLE001  # see above
        give_back(task.snapshot, task.reader.wire, run, error)
        return True
    runs.carry_out(begun)
    return True


def _again(begun: runs.Begun) -> None:
    """The process that it was handed to did not bring it to its end: everything is read here, from the beginning.

    Until that has begun, the page goes on to say that the EHR is being asked.
    """
    snapshot = begun.task.snapshot
    try:
        # In one step: given up first, it could be handed over once more by a page that waits for it.
        run = _claim(snapshot.pk, instead_of=begun.run)
        if run is None:
            _drop(begun)  # somebody has taken it over
        else:
            start(begun.task, elsewhere=False, claimed=run)
    except Exception as error:  # noqa: BLE001  # after its time the claim is lost by itself
        _drop(begun)
        _log.error("a pull was not begun again: %s", type(error).__name__)
    finally:
        databases.close_all()


def _drop(begun: runs.Begun) -> None:
    """What this process knows is as that run left it, and is read from the database; not what a later run here has begun."""
    snapshot_id = begun.task.snapshot.pk
    if live.peek(snapshot_id) is begun.current and begun.current.run == begun.run:
        live.drop(snapshot_id)


def is_lost(state: str, heartbeat: datetime | None, *, now: datetime) -> bool:
    """Whether a pull under way has no process any more."""
    return state == Pull.State.RUNNING and (heartbeat is None or heartbeat < now - LOST_AFTER)


def wait_for_all(seconds: float) -> bool:
    """Waits until no pull runs in this process (at its end, and between tests). False: some still do."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        with _threads_lock:
            alive = [each for each in _threads if each.is_alive()]
        if not alive and not beside.busy():
            return True
        if not alive:
            time.sleep(0.01)
            continue
        alive[0].join(max(0.0, until - time.monotonic()))
    return False


def spawn(job: Callable[[], None], name: str) -> None:
    """A thread of this area: it keeps no database connection, and its faults are logged by kind only."""
    _spawn(job, name)


def _spawn(job: Callable[[], None], name: str) -> None:
    def body() -> None:
        try:
            job()
        except Exception as error:  # noqa: BLE001  # its words might hold what was being read
            _log.error("%s ended with %s", name, type(error).__name__)
        finally:
            databases.close_all()
            with _threads_lock:
                _threads.discard(threading.current_thread())

    thread = threading.Thread(target=body, name=name, daemon=True)
    with _threads_lock:
        _threads.add(thread)
    try:
        thread.start()
    except RuntimeError:  # no more threads: it will never take itself off
        with _threads_lock:
            _threads.discard(thread)
        raise


def _claim(
    snapshot_id: int, *, lost_only: bool = False, instead_of: int | None = None
) -> int | None:
    """The number of our run, or None when somebody else's is under way. instead_of: a run that may be taken over."""
    now = timezone.now()
    free = ~Q(state=Pull.State.RUNNING) | Q(heartbeat=None) | Q(heartbeat__lt=now - LOST_AFTER)
    if instead_of is not None:
        free |= Q(state=Pull.State.RUNNING, run=instead_of)
    if lost_only:
        free &= Q(state__in=(Pull.State.IDLE, Pull.State.RUNNING))
    taken = Pull.objects.filter(free, snapshot_id=snapshot_id).update(
        state=Pull.State.RUNNING,
        claimed_by=me(),
        heartbeat=now,
        started=now,
        trouble="",
        run=F("run") + 1,
    )
    if not taken:
        return None
    return Pull.objects.values_list("run", flat=True).get(snapshot_id=snapshot_id)


__all__ = ["LOST_AFTER", "Task", "is_lost", "me", "run_here", "spawn", "start", "wait_for_all"]
