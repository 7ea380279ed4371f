"""The pull of one snapshot: one process runs it, in threads of its own; every other one reads what it has written.

The first result is on the page before anything is in the database: memory first, then a write of what has gathered.
"""

from __future__ import annotations

import logging
import math
import os
import queue
import secrets
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connections as databases
from django.db.models import F, Q
from django.utils import timezone

from clinical.errors import SourceError
from clinical.fhir.pull import failed_state, pull
from clinical.fhir.reading import Fetched
from clinical.fhir.searches import Plan, Search, plan_for
from clinical.fhir.turns import TURNS, reading_turn
from clinical.fhir.wire import Entry
from clinical.pipeline import ReadBefore, read_ahead, section_records
from clinical.records import FetchState, SearchState, SectionRecords
from summary_app.rules.services import in_force
from summary_app.summary.models import Pull, Snapshot
from summary_app.summary.services import live, memory, store
from summary_app.summary.services.answers import Answers, keep
from summary_app.summary.services.rights import Reader
from summary_app.summary.services.unbegun import give_back

_log = logging.getLogger(__name__)
LOST_AFTER = timedelta(seconds=8)  # without a heartbeat another process takes the pull over
_HEARTBEAT = 2.0
_GATHER = 0.15  # seconds in which results gather before they are written
_GIVES_WAY = 0.3  # and for which they wait while somebody's first screen is made: not for long, others read them
_threads: set[threading.Thread] = set()
_threads_lock = threading.Lock()


def me() -> str:
    """This process, in the column `claimed_by`. Changes after a fork."""
    return f"{os.getpid()}-{_NONCE}"


_NONCE = secrets.token_hex(8)


@dataclass(frozen=True)
class Task:
    """What to pull. capability is not read at an opening: what a server does not offer, it says itself.

    opened: as in `clinical.fhir.pull.pull`.
    """

    snapshot: Snapshot
    reader: Reader
    encounter: str = ""
    role: str = "physician"
    background: bool = False
    opened: float = math.inf


def start(task: Task) -> bool:
    """Begins the pull in this process unless one is under way anywhere. False: it was, and is joined.

    A pull that cannot begin has failed, as the page then says; nothing is raised for it.
    """
    run = _claim(task.snapshot.pk)
    if run is None:
        return False
    try:
        plan, current, begun = _begin(task, run)
        _spawn(lambda: _run(task, plan, current, begun), f"pull-{task.snapshot.pk}")
    except Exception as error:  # noqa: BLE001  # whatever it is, the claim must not outlive it
        give_back(task.snapshot, task.reader.wire, run, error)
        return True
    _write_plan(task, begun)  # while the EHR is already being asked
    return True


def run_here(task: Task) -> bool:
    """The same, waiting for its end: for jobs."""
    run = _claim(task.snapshot.pk)
    if run is None:
        return False
    try:
        plan, current, begun = _begin(task, run)
        _write_plan(task, begun)
    except Exception as error:  # noqa: BLE001  # see above
        give_back(task.snapshot, task.reader.wire, run, error)
        return True
    _run(task, plan, current, begun)
    return True


def is_lost(state: str, heartbeat: datetime | None, *, now: datetime) -> bool:
    """Whether a pull under way has no process any more."""
    return state == Pull.State.RUNNING and (heartbeat is None or heartbeat < now - LOST_AFTER)


def wait_for_all(seconds: float) -> bool:
    """Waits until no pull runs in this process (at its end, and between tests). False: some still do."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        with _threads_lock:
            alive = [each for each in _threads if each.is_alive()]
        if not alive:
            return True
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


def _claim(snapshot_id: int) -> int | None:
    """The number of our run, or None when somebody else's is under way."""
    now = timezone.now()
    free = ~Q(state=Pull.State.RUNNING) | Q(heartbeat=None) | Q(heartbeat__lt=now - LOST_AFTER)
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


def _plan(task: Task) -> Plan:
    return plan_for(
        server=task.reader.wire.key,
        patient_id=task.snapshot.patient,
        as_of=timezone.now(),
        granted_scopes=task.reader.scopes,
        visit_codes=in_force.codes_asked_for(),
        report_codes=in_force.reports_asked_for(),
        role=task.role,
        encounter_id=task.encounter,
        page_size=task.reader.wire.limits.page_size,
        concurrency=task.reader.wire.limits.concurrency,
    )


def _catch_up(snapshot: Snapshot, current: live.Live, run: int) -> None:
    """What is stored of an earlier reading stays on the page until it is read anew."""
    if run == 1:
        return  # there is no earlier one
    parts, plan = store.read_parts(snapshot, above=current.version)
    row = Pull.objects.get(snapshot=snapshot)
    current.load(
        run=row.run - 1,
        version=row.version,
        planned={},
        parts=parts,
        gone=plan.gone if plan is not None else (),
    )


@dataclass(frozen=True)
class _Begun:
    """A run as it starts. not_asked: for the store, what is not asked for and why. written: whether others can read
    the plan; nothing else of the run is written before.
    """

    run: int
    version: int
    planned: tuple[SearchState, ...]
    not_asked: tuple[store.Piece, ...]
    written: threading.Event


def _begin(task: Task, run: int) -> tuple[Plan, live.Live, _Begun]:
    plan, current = _plan(task), live.of(task.snapshot.pk)
    _catch_up(task.snapshot, current, run)
    server = task.reader.wire.key
    planned = tuple(
        SearchState(server=server, search=each.key, section=each.section, state=FetchState.FETCHING)
        for each in plan.searches
    )
    version = current.version + 1
    current.begin(run, version, planned, (s.key for s in plan.searches if s.tier == 1))
    pieces = tuple(keep(current, SectionRecords(state=state), ()) for state in plan.not_asked)
    begun = _Begun(run, version + len(pieces), planned, pieces, threading.Event())
    return plan, current, begun


def _write_plan(task: Task, begun: _Begun) -> None:
    try:
        store.write(
            task.snapshot,
            begun.not_asked,
            run=begun.run,
            version=begun.version,
            now=timezone.now(),
            plan=store.RunPlan(planned=begun.planned),
        )
    finally:
        begun.written.set()


def _run(task: Task, plan: Plan, current: live.Live, begun: _Begun) -> None:
    """In a thread of its own: reads everything, while a second thread speaks to the EHR."""
    done: queue.SimpleQueue[store.Piece | None] = queue.SimpleQueue()
    fetching = threading.Thread(
        target=_fetch, args=(task, plan, current, done), name="fetch", daemon=True
    )
    try:
        fetching.start()
    except RuntimeError as error:  # no more threads
        begun.written.wait()
        give_back(task.snapshot, task.reader.wire, begun.run, error)
        return
    version = begun.version
    try:
        begun.written.wait()
        version = _write_until_end(task.snapshot, done, begun.run, version)
    finally:
        fetching.join()
        gone, version = current.end()
        store.write(
            task.snapshot,
            (),
            run=begun.run,
            version=version,
            now=timezone.now(),
            plan=store.RunPlan(gone=gone),
            state=Pull.State.DONE,
            finished=timezone.now(),
        )
        live.announce()  # only now is the reading over for everybody who waits
        memory.give_back()


def _fetch(
    task: Task, plan: Plan, current: live.Live, done: queue.SimpleQueue[store.Piece | None]
) -> None:
    wire = task.reader.wire
    before = current.before = ReadBefore(current.before, server=wire.key, base=wire.base)

    def on_page(search: Search, entries: Sequence[Entry]) -> None:
        try:
            read_ahead(search.section, wire.key, entries, base=wire.base, before=before)
        except Exception as error:  # noqa: BLE001  # the whole search is worked through again, and says what is wrong
            _log.error("a page of %s ended with %s", search.key, type(error).__name__)

    def on_result(fetched: Fetched) -> None:
        try:
            with TURNS.take(reading_turn(task.opened, fetched.search.tier)):
                section = section_records(fetched, base=wire.base, before=before)
        except Exception as error:  # noqa: BLE001  # one search must not take the others with it
            _log.error("search %s ended with %s", fetched.search.key, type(error).__name__)
            fault = SourceError(f"What {wire.name} sent could not be worked through.")
            section = SectionRecords(
                state=failed_state(fetched.search, wire, fault, timezone.now())
            )
        answers.take(section, [store.RawEntry(e.type, e.id, e.raw) for e in fetched.entries])

    answers = Answers(current, done, plan.searches)
    try:
        pull(
            wire,
            plan,
            task.snapshot.patient,
            on_result,
            now=timezone.now,
            background=task.background,
            on_page=on_page,
            opened=task.opened,
        )
    except Exception as error:  # noqa: BLE001  # its words might hold what was being read
        _log.error("the pull of %s ended with %s", wire.key, type(error).__name__)
    finally:
        before.end()
        answers.end(wire)


def _write_until_end(
    snapshot: Snapshot, done: queue.SimpleQueue[store.Piece | None], run: int, version: int
) -> int:
    """Writes what has gathered, and a heartbeat when nothing has. Ends with the None that ends the pull."""
    open_ = True
    while open_:
        pieces: list[store.Piece] = []
        until = time.monotonic() + _HEARTBEAT
        while (left := until - time.monotonic()) > 0:
            try:
                piece = done.get(timeout=left)
            except queue.Empty:
                break
            if piece is None:
                open_ = False
                break
            if not pieces:
                until = min(until, time.monotonic() + _GATHER)
            pieces.append(piece)
        version = max([version, *(piece.version for piece in pieces)])
        TURNS.hold.wait(_GIVES_WAY)
        store.write(snapshot, pieces, run=run, version=version, now=timezone.now())
    return version
