"""The pull: every search of a plan, side by side, each delivered the moment it ends."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import partial

import msgspec

from clinical.errors import SourceError
from clinical.fhir import faults
from clinical.fhir.connection import Connection
from clinical.fhir.doubt import Witness, doubtful, with_system
from clinical.fhir.fetched import Fetched
from clinical.fhir.grouping import groups, merged, parted
from clinical.fhir.reading import Reading
from clinical.fhir.searches import Plan, Search
from clinical.fhir.session import Session
from clinical.fhir.steps import Circumstances, OnPage
from clinical.fhir.subjects import Subject
from clinical.fhir.transport import Transport
from clinical.fhir.turns import TURNS
from clinical.fhir.workers import GIVES_WAY, Lane
from clinical.records import FetchState, SearchState

OnResult = Callable[[Fetched], None]
_DELIVERY_SECONDS = 5.0
_SILENT = 0.5  # seconds for which later work waits for a first wave of which nothing has come yet
_PAGE_FOLLOWS = 0.05  # seconds after the first wave in which the page that shows it is begun


def pull(
    connection: Connection,
    plan: Plan | Sequence[Search],
    patient_id: str,
    on_result: OnResult,
    *,
    now: Callable[[], datetime],
    deadline: float | None = None,
    background: bool = False,
    transport: Transport | None = None,
    on_page: OnPage | None = None,
    opened: float = math.inf,
) -> tuple[SearchState, ...]:
    """Reads all searches of the plan from one connection. Returns their states when the last has ended.

    on_result: called once per search, in the thread that read its last page, first tier first as far as the server
    lets; what it raises is raised again here, after everything has ended. patient_id: entries about anybody else are set
    aside. now: the clock, aware. deadline: seconds for all of it (default: the connection's); what has not ended by then
    is delivered as failed or partial. on_page: called in the same way with each page of a search that may need many, so
    that its entries can be worked through before the last is here (and only outlines of them held); nobody has looked yet
    whose they are. background: nobody waits, so nothing is tried twice. opened: seconds, when the chart was opened; infinite
    when nobody has it open (see `turns`). Searches of `plan.not_asked` are not delivered. Never raises SourceError: every
    failure of the source is a state.
    """
    searches = plan.searches if isinstance(plan, Plan) else tuple(plan)
    seconds = connection.limits.pull_seconds if deadline is None else deadline
    hurried = not background and any(search.tier == 1 for search in searches)
    run = _Run(on_result, on_page, hurried=hurried, opened=opened)
    try:
        session = Session(
            connection,
            until=time.monotonic() + seconds,
            background=background,
            transport=transport,
        )
    except SourceError as error:
        return run.all_failed(searches, connection, error, now())
    return run.go(searches, session, patient_id, now)


def pull_one(
    connection: Connection,
    search: Search,
    *,
    now: Callable[[], datetime],
    patient_id: str = "",
    background: bool = False,
) -> Fetched:
    """One search by itself. patient_id: whose entries are taken; "" = it is not about one patient."""
    found: list[Fetched] = []
    lone = msgspec.structs.replace(search, otherwise=(), together="")
    pull(connection, (lone,), patient_id, found.append, now=now, background=background)
    return found[0]


class _Run:
    """One pull under way."""

    def __init__(
        self, on_result: OnResult, on_page: OnPage | None, *, hurried: bool, opened: float
    ) -> None:
        self._on_result, self._on_page, self._opened = on_result, on_page, opened
        self._first_wave = TURNS.hold.begin(at_most=_SILENT, opened=opened) if hurried else None
        self._answers = False
        self._states: list[SearchState] = []
        self._readings: set[Reading] = set()
        self._dealing = 0
        self._crashes: list[Exception] = []
        self._changed = threading.Condition()
        self._witness = Witness(())
        self._unproven: list[Fetched] = []
        self._session: Session
        self._around: Circumstances
        self._lane: Lane | None = None

    def go(
        self,
        searches: Sequence[Search],
        session: Session,
        patient_id: str,
        now: Callable[[], datetime],
    ) -> tuple[SearchState, ...]:
        limits = session.connection.limits
        calm = min(limits.concurrency, limits.later)
        lane = session.transport.workers.lane(
            calm if session.background or session.transport.crowded else limits.concurrency
        )
        lane.keep_free(lane.width - calm)
        self._lane = lane
        subject = Subject(patient_id, session.connection.base) if patient_id else None
        self._session = session
        self._around = Circumstances(
            session, lane, subject, now, self._crashed, self._on_page, self._opened
        )
        self._witness = Witness(tuple(searches))
        try:
            for group in groups(searches):
                self._begin_group(group)
            self._wait(session.until)
            self._cut_off(session)
        finally:
            lane.close()
            self._end_first_wave()
            del self._around  # breaks the circle of references: what was read is free at once
        return self._result()

    def all_failed(
        self,
        searches: Sequence[Search],
        connection: Connection,
        error: SourceError,
        at: datetime,
    ) -> tuple[SearchState, ...]:
        for search in searches:
            self._deliver(Fetched(search, failed_state(search, connection, error, at)))
        self._end_first_wave()
        return self._result()

    def _begin_group(self, group: tuple[Search, ...]) -> None:
        """One request for the group, unless this server does not understand lists of categories."""
        transport = self._session.transport
        if len(group) == 1 or not transport.takes_lists:
            for search in group:
                self._begin(search)
        else:
            self._add(Reading(merged(group), self._around, partial(self._ended_group, group)))

    def _begin(self, search: Search) -> None:
        self._add(Reading(search, self._around, self._ended))

    def _add(self, reading: Reading) -> None:
        with self._changed:
            self._readings.add(reading)
        reading.start()

    def _ended_group(self, group: tuple[Search, ...], reading: Reading, fetched: Fetched) -> None:
        """An empty answer to a list may mean that the list was read as one word: then each is asked by itself."""
        transport = self._session.transport
        with self._ending(reading):
            empty = fetched.state.state == FetchState.OK_EMPTY
            if fetched.state.received:
                transport.knows_lists = True
            if not transport.knows_lists and (empty or self._in_time()):
                transport.takes_lists = empty
                self._follow(group, fetched)
            else:
                for part in parted(fetched, group):
                    self._witness.sees(part)
                    self._deliver(part)
            self._prove()

    def _ended(self, reading: Reading, fetched: Fetched) -> None:
        """In a worker's thread: delivers, then sends the searches that this result calls for."""
        unproven = bool(fetched.search.codes) and fetched.state.state == FetchState.OK_EMPTY
        with self._ending(reading, fetched if unproven else None):
            self._witness.sees(fetched)
            if not unproven:
                self._deliver(fetched)
            self._follow(follow_ups(fetched), fetched)
            self._prove()

    def _follow(self, searches: Sequence[Search], after: Fetched) -> None:
        """Sends what this result calls for; those for which no time is left have failed: what was never asked for is not "none"."""
        connection, at = self._session.connection, after.state.at or self._around.now()
        for search in searches:
            if self._in_time():
                self._begin(search)
            else:
                state = failed_state(search, connection, _late(connection), at)
                self._deliver(Fetched(search, state))

    @contextmanager
    def _ending(self, reading: Reading, unproven: Fetched | None = None) -> Iterator[None]:
        """While a result is being dealt with, the pull is not over although nothing is being read."""
        with self._changed:
            self._readings.discard(reading)
            self._dealing += 1
            if unproven is not None:
                self._unproven.append(unproven)
        try:
            yield
        finally:
            with self._changed:
                self._dealing -= 1
                self._changed.notify_all()
            self._look_at_first_wave()

    def _look_at_first_wave(self) -> None:
        """Lets what is for later begin, once nothing of the first tier is being read any more."""
        with self._changed:
            under_way = self._dealing or any(each.search.tier == 1 for each in self._readings)
            if under_way and self._first_wave is not None and not self._answers:
                self._answers = True
                TURNS.hold.prolong(self._first_wave, GIVES_WAY)
            if under_way:
                return
        self._end_first_wave(after=_PAGE_FOLLOWS)

    def _end_first_wave(self, *, after: float = 0.0) -> None:
        with self._changed:
            ended, self._first_wave = self._first_wave, None
        if ended is not None:
            if self._lane is not None:
                self._lane.may_send(others=TURNS.hold.beside(self._opened))
            TURNS.hold.end(ended, after=after)

    def _prove(self) -> None:
        """Once the other searches have spoken, an empty search by code is believed, asked anew, or called doubtful."""
        with self._changed:
            if any(not reading.search.codes for reading in self._readings):
                return
            waiting, self._unproven = self._unproven, []
        for fetched in waiting:
            again = with_system(fetched.search) if self._witness.doubts(fetched) else None
            if again is not None and self._in_time():
                self._begin(again)
            elif self._witness.doubts(fetched):
                self._deliver(doubtful(fetched, self._session.connection.name))
            else:
                self._deliver(fetched)

    def _in_time(self) -> bool:
        return time.monotonic() < self._session.until

    def _deliver(self, fetched: Fetched) -> None:
        with self._changed:
            self._states.append(fetched.state)
        try:
            self._on_result(fetched)
        except Exception as error:  # noqa: BLE001  # the other searches go on; raised again at the end
            self._crashed(error)

    def _crashed(self, error: Exception) -> None:
        with self._changed:
            self._crashes.append(error)

    def _wait(self, until: float) -> None:
        with self._changed:
            while (self._readings or self._dealing) and (left := until - time.monotonic()) > 0:
                self._changed.wait(left)

    def _cut_off(self, session: Session) -> None:
        fault = _late(session.connection)
        for _ in range(2):  # what was still being dealt with may have sent a last search meanwhile
            with self._changed:
                left = list(self._readings)
            for reading in left:
                reading.cut_off(fault)
            with self._changed:  # what ended just before is being delivered by its own thread
                self._changed.wait_for(lambda: not self._dealing, _DELIVERY_SECONDS)

    def _result(self) -> tuple[SearchState, ...]:
        with self._changed:
            if self._crashes:
                raise self._crashes[0]
            return tuple(self._states)


def follow_ups(fetched: Fetched) -> tuple[Search, ...]:
    """The searches that this result calls for: what was expected is not in it, or nothing was found at all."""
    search, state = fetched.search, fetched.state
    if search.expects:
        found = any(entry.id == search.expects for entry in fetched.entries)
        return () if found else search.otherwise
    return search.otherwise if state.state == FetchState.OK_EMPTY else ()


def _late(connection: Connection) -> SourceError:
    return SourceError(
        f"{connection.name} did not answer in full in the time of one opening.",
        remedy=faults.LATER,
    )


def failed_state(
    search: Search, connection: Connection, error: SourceError, at: datetime
) -> SearchState:
    """The state of a search that was not even sent."""
    return SearchState(
        server=connection.key,
        search=search.key,
        section=search.section,
        state=FetchState(error.state),
        at=at,
        reason=error.reason,
        remedy=error.remedy,
    )
