"""One run of a pull: what is asked for is stated, everything is read, shown at once and written as it gathers.

The first result is on the page before anything is in the database: memory first, then a write of what has gathered.
"""

from __future__ import annotations

import logging
import math
import queue
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Protocol

from django.db import connections as databases
from django.db import transaction
from django.utils import timezone

from clinical.errors import SourceError
from clinical.fhir.entries import Entry
from clinical.fhir.fetched import Fetched
from clinical.fhir.pull import failed_state, pull
from clinical.fhir.searches import Plan, Search, plan_for
from clinical.fhir.turns import TURNS, reading_turn
from clinical.pipeline import ReadBefore, read_ahead, section_records
from clinical.records import FetchState, SearchState, SectionRecords
from summary_app.rules.services import in_force
from summary_app.summary import queries
from summary_app.summary.models import Pull, Snapshot
from summary_app.summary.services import bells, live, memory, store
from summary_app.summary.services.answers import Answers, keep
from summary_app.summary.services.rights import Reader
from summary_app.summary.services.unbegun import give_back

_log = logging.getLogger(__name__)
_HEARTBEAT = 2.0
_GATHER = 0.15  # seconds in which results gather before they are written
_GATHER_CROWDED = 1.0  # the same while charts of others are being read here too
_GIVES_WAY = 0.3  # and for which they wait while somebody's first screen is made: not for long, others read them
# Of what this process is reading: when the chart was opened, by snapshot.
_opened: dict[int, float] = {}


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


class NotTold(Exception):
    """An answer could not be held against an earlier one, or could not be told: the run is not to be taken for whole."""


class Told(Protocol):
    """Who learns at once of what a run does, before it is written: the web process that handed it over."""

    def came(self, piece: store.Piece) -> store.Piece:
        """What one search brought; returns it for the database."""

    def ended(self, gone: tuple[str, ...], version: int) -> None:
        """Nothing more comes. gone: see `live.Live.end`."""

    def stored(self) -> None:
        """All of it is in the database."""


@dataclass(frozen=True)
class Begun:
    """A run as it starts. not_asked: for the store, what is not asked for and why. written: whether others can read
    the plan; nothing else of the run is written before.
    """

    task: Task
    plan: Plan
    current: live.Live
    run: int
    version: int
    planned: tuple[SearchState, ...]
    not_asked: tuple[store.Piece, ...]
    written: threading.Event
    told: Told | None = None


def begin(task: Task, run: int, *, plan: Plan | None = None, version: int = 0) -> Begun:
    """plan, version: of a run that another process has begun and handed over; the result is the same as there."""
    current = live.of(task.snapshot.pk)
    newest = 0
    if plan is None:
        plan = _plan(task)
        newest = _catch_up(task.snapshot, current, run)
    else:
        current.knows_of(_stored(task.snapshot, run))
    server = task.reader.wire.key
    planned = tuple(
        SearchState(server=server, search=each.key, section=each.section, state=FetchState.FETCHING)
        for each in plan.searches
    )
    # What others have read goes by the version: it never goes back, also where this process was behind.
    first = version - len(plan.not_asked) if version else max(current.version, newest) + 1
    current.begin(run, first, planned, (s.key for s in plan.searches if s.tier == 1))
    pieces = tuple(keep(current, SectionRecords(state=state), ()) for state in plan.not_asked)
    return Begun(task, plan, current, run, first + len(pieces), planned, pieces, threading.Event())


def handed_over(begun: Begun, *, told: Told, written: threading.Event) -> Begun:
    """As another process has begun it, which writes the plan."""
    return replace(begun, told=told, written=written)


def write_plan(begun: Begun, also: Callable[[], object] = lambda: None) -> None:
    """also: writes what belongs into the same transaction; where it cannot, the plan is written all the same."""
    try:
        with transaction.atomic():
            _write_plan(begun)
            also()
    except Exception:
        _write_plan(begun)
        raise
    finally:
        begun.written.set()


def _write_plan(begun: Begun) -> None:
    store.write(
        begun.task.snapshot,
        begun.not_asked,
        run=begun.run,
        version=begun.version,
        now=timezone.now(),
        plan=store.RunPlan(planned=begun.planned),
    )


def carry_out(begun: Begun) -> None:
    """In a thread of its own: reads everything, while a second thread speaks to the EHR.

    Raises NotTold where somebody is to be told of everything and was not; then nothing says that it is done.
    """
    done: queue.SimpleQueue[store.Piece | None] = queue.SimpleQueue()
    told = begun.told.came if begun.told is not None else None
    answers = Answers(begun.current, done, begun.plan.searches, told)
    fetching = threading.Thread(target=_fetch, args=(begun, answers), name="fetch", daemon=True)
    snapshot = begun.task.snapshot
    try:
        fetching.start()
    except RuntimeError as error:  # no more threads
        if begun.told is not None:
            raise
        begun.written.wait()
        give_back(snapshot, begun.task.reader.wire, begun.run, error)
        return
    version = begun.version
    _opened[snapshot.pk] = begun.task.opened
    try:
        begun.written.wait()
        version = _write_until_end(begun, done)
    finally:
        _opened.pop(snapshot.pk, None)
        fetching.join()
        if begun.told is not None and answers.fault is not None:
            raise NotTold
        gone, version = begun.current.end()
        if begun.told is not None:
            begun.told.ended(gone, version)
        store.write(
            snapshot,
            (),
            run=begun.run,
            version=version,
            now=timezone.now(),
            plan=store.RunPlan(gone=gone),
            state=Pull.State.DONE,
            finished=timezone.now(),
        )
        bells.announce(snapshot.pk)  # only now is the reading over for everybody who waits
        if begun.told is not None:
            begun.told.stored()
        else:
            memory.give_back()


def _fetch(begun: Begun, answers: Answers) -> None:
    task, plan, current = begun.task, begun.plan, begun.current
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
        before.end(last=begun.told is not None)  # a process beside keeps nothing of a run
        answers.end(wire)


def _write_until_end(begun: Begun, done: queue.SimpleQueue[store.Piece | None]) -> int:
    """Writes what has gathered, and a heartbeat when nothing has. Ends with the None that ends the pull."""
    snapshot, run, version = begun.task.snapshot, begun.run, begun.version
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
                crowded = any(each != begun.task.opened for each in tuple(_opened.values()))
                until = min(until, time.monotonic() + (_GATHER_CROWDED if crowded else _GATHER))
            pieces.append(piece)
        version = max([version, *(piece.version for piece in pieces)])
        TURNS.hold.wait(_GIVES_WAY)
        store.write(snapshot, pieces, run=run, version=version, now=timezone.now())
    return version


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


def _catch_up(snapshot: Snapshot, current: live.Live, run: int) -> int:
    """What is stored of an earlier reading stays on the page until it is read anew. Returns the version of the database.

    A run before this one may still be on its way from the process beside: it is over now, whatever comes of it.
    """
    current.lay_down()
    if run == 1:
        return 0  # there is no earlier one
    parts, plan = store.read_parts(snapshot, above=current.version)
    row = Pull.objects.get(snapshot=snapshot)
    current.load(
        run=row.run - 1,
        version=row.version,
        planned=dict(
            current.planned
        ),  # until the new ones are known: the page goes on to say what is asked
        parts=parts,
        gone=plan.gone if plan is not None else (),
    )
    return row.version


def _stored(snapshot: Snapshot, run: int) -> dict[str, Callable[[], SectionRecords | None]]:
    """How to read what an earlier reading has left, by search: it is on the page of the process that handed this over."""
    if run == 1:
        return {}
    names = (name for name in queries.searches(snapshot.pk) if name != store.PLAN)
    return {name: partial(_read_part, snapshot, name) for name in names}


def _read_part(snapshot: Snapshot, search: str) -> SectionRecords | None:
    try:
        return store.read_part(snapshot, search)
    finally:
        databases.close_all()  # a thread that speaks to the EHR keeps no database connection
