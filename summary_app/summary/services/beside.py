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
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import msgspec

from clinical.fhir.turns import TURNS
from clinical.records import Record, SectionRecords
from summary_app.summary.services import bells, frames, quiet, store

if TYPE_CHECKING:
    from summary_app.summary.services.runs import Begun

_log = logging.getLogger(__name__)
_STARTS = 60.0  # seconds that a process may take until it is ready
_SILENT = 15.0  # and after which one that says nothing is given up; it says something every two
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
        self._imposed = False  # one is being made elsewhere
        self._imposing = threading.Event()
        ours, theirs = socket.socketpair()
        self._channel = frames.Channel(ours, seconds=_STARTS)
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603  # our own interpreter and module
                [sys.executable, "-m", _MODULE, str(theirs.fileno())],
                pass_fds=(theirs.fileno(),), stdin=subprocess.DEVNULL,
            )  # fmt: skip
        threading.Thread(target=self._listen, name="pull-process", daemon=True).start()
        threading.Thread(target=self._impose, name="pull-process-hold", daemon=True).start()

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
        except Exception as error:  # noqa: BLE001  # whatever it is, the run can be carried out here
            _log.warning("a run was not handed over: %s", type(error).__name__)
            with self._lock:
                return self._handed.pop(order.key, None) is None  # then it is begun anew already
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
        """Whether a first screen is being made elsewhere: what is for later waits there too. Never waits for the process."""
        if on != self._imposed:
            self._imposed = on
            self._imposing.set()

    def _impose(self) -> None:
        """In a thread of its own: a process that does not listen must hold nobody up."""
        said = False
        while not self.over:
            self._imposing.wait()
            self._imposing.clear()
            if self._imposed == said:
                continue
            said = self._imposed
            try:
                self._channel.send(frames.Holding(said))
            except OSError:
                return  # `_listen` learns of it too

    def busy(self) -> bool:
        with self._lock:
            return bool(self._handed) and not self.over

    def stop(self) -> None:
        """Ends it; what it was reading is read here."""
        self._over = True
        self._process.kill()
        self._process.wait()

    # ---- what it says

    def _listen(self) -> None:
        try:
            while (frame := self._channel.receive()) is not None:
                self._heed(frame)
        except Exception as error:  # noqa: BLE001  # its words might hold what was read
            if not self._over:
                _log.error("the pull process is given up: %s", type(error).__name__)
        finally:
            self._give_up()

    def _heed(self, frame: frames.Frame) -> None:
        if isinstance(frame, frames.Alive):
            if not self.ready.is_set():
                self._channel.gives_up_after(_SILENT)
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
            self._forget(frame.key)  # a later run has begun meanwhile
        elif isinstance(frame, frames.Came):
            section = handed.section(frame)
            current.receive(section, frame.version, run=frame.run, digest=frame.digest)
        elif isinstance(frame, frames.Ended):
            current.ended(frame.gone, frame.version, run=frame.run)
        elif isinstance(frame, frames.Stored):
            self._forget(frame.key)
            bells.announce(frame.snapshot)  # only now is the reading over for everybody who waits
            quiet.give_back_soon(current.slim)
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
        self._imposing.set()  # ends that thread
        _hold_together()
        for each in left:
            _aside(each.again, each.begun)


def _key(begun: Begun) -> tuple[int, int]:
    return begun.task.snapshot.pk, begun.run


def _aside(job: Callable[[Begun], None], begun: Begun) -> None:
    try:
        threading.Thread(target=job, args=(begun,), name="pull-again", daemon=True).start()
    except RuntimeError:  # no more threads
        _log.error("a pull was not begun again: after its time the claim is lost by itself")


# ---- those of this process ------------------------------------------------------------------------------------

_mine: dict[int, PullProcess] = {}  # by place
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
        for each in mine():
            each.stop()
        _mine.clear()


def take(begun: Begun, again: Callable[[Begun], None]) -> bool:
    """Hands the run over. False: it has to be carried out here. again: called when the process did not bring it to its end."""
    if not _wanted:
        return False
    # An EHR is always read by the same one, which knows what it can do and how many requests are under way.
    found = _mine.get(begun.task.snapshot.connection_id % _wanted)
    if found is not None and found.take(begun, again):
        return True
    if found is None or (found.over and _may_start_again(found)):
        with suppress(RuntimeError):  # no more threads: at the next opening
            threading.Thread(target=_start, name="start-pull-process", daemon=True).start()
    return False


def _may_start_again(gone: PullProcess) -> bool:
    """At once after a fork: those of the parent are none of ours."""
    return gone.owner != os.getpid() or time.monotonic() - gone.started > _START_AGAIN


def plan_is_written(begun: Begun) -> None:
    for each in mine():
        each.plan_is_written(begun)


def busy() -> bool:
    return any(each.busy() for each in mine())


def mine() -> tuple[PullProcess, ...]:
    return tuple(_mine.values())


def _hold_together() -> None:
    """While one process makes a first screen, what is for later waits in all of them: they share the processors."""
    with _holding:
        found = [each for each in mine() if not each.over]
        TURNS.hold.impose(any(each.holding for each in found))
        for each in found:
            each.impose(TURNS.hold.own or any(o.holding for o in found if o is not each))


def _start() -> None:
    with _starting:
        for place in range(_wanted):
            known = _mine.get(place)
            if known is not None and not known.over:
                continue
            try:
                _mine[place] = PullProcess()
            except OSError as error:
                _log.error("no pull process could be started: %s", type(error).__name__)
                return
