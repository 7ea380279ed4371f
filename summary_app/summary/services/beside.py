"""The pull processes of this web process: Python computes in one thread at a time, and pages must not wait for readings.

Each carries out the runs of some EHRs and ends with the web process. Where there is none, or none yet, or no more, the
web process reads by itself.
"""

from __future__ import annotations

import logging
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import msgspec

from clinical.fhir.turns import TURNS
from clinical.records import Record, SectionRecords
from summary_app.summary.services import frames, live, memory, store

if TYPE_CHECKING:
    from summary_app.summary.services.runs import Begun

_log = logging.getLogger(__name__)
_SILENT = (
    15.0  # seconds after which a process that says nothing is given up; it says something every two
)
_START_AGAIN = 30.0  # seconds between two starts
_MODULE = "config.pull_process"


@dataclass(frozen=True)
class _Handed:
    """again: has it carried out here, from the beginning. came: every record of the run, by its number."""

    begun: Begun
    again: Callable[[Begun], None]
    came: list[Record] = field(default_factory=list)

    def section(self, frame: frames.Came) -> SectionRecords:
        known = self.begun.current.received(frame.state.search, frame.digest)
        if known is None:
            found = store.unpack(frame.packed)
            self.came.extend(found.records)
            if not frame.numbers:
                return found
            records = tuple(self.came[number] for number in frame.numbers)
            return msgspec.structs.replace(found, records=records)
        numbers = frame.numbers or range(len(self.came), len(self.came) + len(known.records))
        for number, record in zip(numbers, known.records, strict=True):
            if number >= len(self.came):
                self.came.append(record)
        return msgspec.structs.replace(known, state=frame.state)


class PullProcess:
    """One process and what was handed to it. Safe in any thread."""

    def __init__(self) -> None:
        self.owner = os.getpid()
        self.started = time.monotonic()
        self.ready = threading.Event()
        self._handed: dict[tuple[int, int], _Handed] = {}
        self._lock = threading.Lock()
        self._over = False
        self.holding = False  # a first screen is being read there
        self._imposed = False
        ours, theirs = socket.socketpair()
        self._channel = frames.Channel(ours, seconds=_SILENT)
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603  # our own interpreter and module
                [sys.executable, "-m", _MODULE, str(theirs.fileno())],
                pass_fds=(theirs.fileno(),), stdin=subprocess.DEVNULL,
            )  # fmt: skip
        threading.Thread(target=self._listen, name="pull-process", daemon=True).start()

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def over(self) -> bool:
        return self._over or self.owner != os.getpid()

    def take(self, begun: Begun, again: Callable[[Begun], None]) -> bool:
        """Hands the run over; False when it cannot be."""
        order = frames.Order(
            *_key(begun),
            user=begun.task.reader.user_id,
            version=begun.version,
            plan=begun.plan,
            opened=begun.task.opened,
        )
        with self._lock:
            if self.over or not self.ready.is_set():
                return False
            self._handed[order.key] = _Handed(begun, again)
        try:
            self._channel.send(order)
        except OSError:
            with self._lock:
                return self._handed.pop(order.key, None) is None  # else it is begun anew already
        return True

    def plan_is_written(self, begun: Begun) -> None:
        with self._lock:
            known = _key(begun) in self._handed
        if known:
            try:
                self._channel.send(frames.PlanWritten(*_key(begun)))
            except OSError as error:
                _log.warning("the pull process is gone: %s", type(error).__name__)

    def impose(self, on: bool) -> None:
        """Whether a first screen is being made elsewhere: what is for later waits there too."""
        with self._lock:
            if self._over or on == self._imposed:
                return
            self._imposed = on
            try:
                self._channel.send(frames.Holding(on))
            except OSError as error:
                _log.warning("the pull process is gone: %s", type(error).__name__)

    def busy(self) -> bool:
        with self._lock:
            return bool(self._handed)

    def stop(self) -> None:
        """Ends it; what it was reading is read here."""
        self._process.kill()
        self._process.wait()

    # ---- what it says

    def _listen(self) -> None:
        try:
            while (frame := self._channel.receive()) is not None:
                self._heed(frame)
        except Exception as error:  # noqa: BLE001  # its words might hold what was read
            _log.error("the pull process is given up: %s", type(error).__name__)
        finally:
            self._give_up()

    def _heed(self, frame: frames.Frame) -> None:
        if isinstance(frame, frames.Alive):
            self.ready.set()
            return
        if isinstance(frame, frames.Holding):
            self.holding = frame.on
            _hold_together()
            return
        with self._lock:
            handed = self._handed.get(frame.key)
        if handed is None:
            return
        current = handed.begun.current
        if current.run != frame.run:
            self._forget(frame.key)  # another process has taken the pull over meanwhile
        elif isinstance(frame, frames.Came):
            current.receive(handed.section(frame), frame.version, digest=frame.digest)
        elif isinstance(frame, frames.Ended):
            current.ended(frame.gone, frame.version)
        elif isinstance(frame, frames.Stored):
            self._forget(frame.key)
            live.announce(frame.snapshot)  # only now is the reading over for everybody who waits
            _give_back_soon(current)
        elif isinstance(frame, frames.Refused):
            self._forget(frame.key)
            _aside(handed.again, handed.begun)

    def _forget(self, key: tuple[int, int]) -> None:
        with self._lock:
            self._handed.pop(key, None)

    def _give_up(self) -> None:
        self._process.kill()
        self._process.wait()
        self._channel.close()
        with self._lock:
            self._over, self.holding = True, False
            left, self._handed = list(self._handed.values()), {}
        _hold_together()
        for each in left:
            _aside(each.again, each.begun)


def _key(begun: Begun) -> tuple[int, int]:
    return begun.task.snapshot.pk, begun.run


def _aside(job: Callable[[Begun], None], begun: Begun) -> None:
    threading.Thread(target=job, args=(begun,), name="pull-again", daemon=True).start()


_giving_back = threading.Lock()
_to_slim: list[live.Live] = []


def _give_back_soon(current: live.Live) -> None:
    """In a thread of its own: it waits for first screens."""
    _to_slim.append(current)
    if _giving_back.acquire(blocking=False):
        threading.Thread(target=_give_back, name="give-back", daemon=True).start()


def _give_back() -> None:
    try:
        while _to_slim:
            memory.give_back(_to_slim.pop().slim)
    finally:
        _giving_back.release()


# ---- those of this process ------------------------------------------------------------------------------------

_mine: list[PullProcess] = []
_wanted = 0
_starting = threading.Lock()
_holding = threading.Lock()


def begin(count: int) -> None:
    """Starts so many; to be called once, by a web process. Until one is ready, the web process reads by itself."""
    global _wanted
    _wanted = count
    if count:
        TURNS.hold.watch(_hold_together)
    _start()


def end() -> None:
    """Stops them for good; what they were reading is read here."""
    global _wanted
    with _starting:
        _wanted = 0
        for each in _mine:
            each.stop()
        _mine.clear()


def take(begun: Begun, again: Callable[[Begun], None]) -> bool:
    """Hands the run over. False: it has to be carried out here. again: called when the process did not bring it to its end."""
    mine = _of(begun)
    if mine is None:
        return False
    if mine.take(begun, again):
        return True
    if mine.over and time.monotonic() - mine.started > _START_AGAIN:
        threading.Thread(target=_start, name="start-pull-process", daemon=True).start()
    return False


def plan_is_written(begun: Begun) -> None:
    mine = _of(begun)
    if mine is not None:
        mine.plan_is_written(begun)


def busy() -> bool:
    return any(each.busy() for each in list(_mine))


def mine() -> tuple[PullProcess, ...]:
    return tuple(_mine)


def _hold_together() -> None:
    """While one process makes a first screen, what is for later waits in all of them: they share the processors."""
    with _holding:
        found = tuple(_mine)
        TURNS.hold.impose(any(each.holding for each in found))
        for each in found:
            each.impose(TURNS.hold.own or any(o.holding for o in found if o is not each))


def _of(begun: Begun) -> PullProcess | None:
    """Of the EHR: always the same one, which knows what that EHR can do and how many requests are under way."""
    found = tuple(_mine)
    return found[begun.task.snapshot.connection_id % len(found)] if found else None


def _start() -> None:
    with _starting:
        for place in range(_wanted):
            if place < len(_mine) and not _mine[place].over:
                continue
            try:
                new = PullProcess()
            except OSError as error:
                _log.error("no pull process could be started: %s", type(error).__name__)
                return
            _mine[place : place + 1] = [new]
