"""The threads of one connection, shared fairly between its pulls.

Every pull has a lane of its own width; free threads serve the lanes in turn. Threads are daemons and go away when
idle, so a server that hangs holds up neither another connection nor the end of the process.
"""

from __future__ import annotations

import heapq
import itertools
import logging
import math
import threading
import time
from collections import deque
from collections.abc import Callable

from clinical.fhir.turns import TURNS

Job = Callable[[], None]
URGENT = 2  # priorities up to this one use the slots that are kept free
LATE = 9  # of work on what has come already, after every request
GIVES_WAY = 4.0  # seconds after its beginning in which a pull leaves its later jobs for the first screens of others
_OTHERS_FIRST = 0.1  # seconds by which later requests wait for first screens of others
_IDLE_SECONDS = 10.0
_log = logging.getLogger(__name__)


class Lane:
    """The jobs of one pull: at most `width` of them run at once, lowest priority number first."""

    def __init__(self, workers: Workers, width: int) -> None:
        self.width = width
        self.running = 0
        self.kept_free = 0
        self.waiting: list[tuple[int, int, Job]] = []
        self._workers = workers
        self._count = itertools.count()
        self._gives_way_until = time.monotonic() + GIVES_WAY
        self._sends_from = math.inf

    def put(self, job: Job, *, priority: int) -> None:
        """job must not raise: it reports its own failure."""
        self._workers.add(self, (priority, next(self._count), job))

    def keep_free(self, slots: int) -> None:
        """Jobs of a later tier leave so many more slots alone (negative: fewer): an urgent search may need them."""
        self._workers.keep_free(self, slots)

    def runnable(self) -> bool:
        """Whether its next job may start now."""
        if not self.waiting:
            return False
        if self.waiting[0][0] <= URGENT:
            return self.running < self.width
        early = self.waiting[0][0] >= LATE or time.monotonic() < self._sends_from
        return not (early and self.gives_way) and self.running < self.width - self.kept_free

    @property
    def gives_way(self) -> bool:
        """Whether its later work waits for a first screen."""
        return TURNS.hold.on and time.monotonic() < self._gives_way_until

    def may_send(self, *, others: bool) -> None:
        """Its own first wave is over: what is for later may be asked for.

        others: first screens of others are being read, and served first; it waits here.
        """
        self._sends_from = time.monotonic() + _OTHERS_FIRST * others
        self._workers.resume()
        if others:
            TURNS.hold.call_in(_OTHERS_FIRST + 0.01)

    def close(self) -> None:
        """Forgets the jobs that have not started."""
        self._workers.drop(self)


class Workers:
    """At most `size` threads."""

    def __init__(self, size: int, *, name: str) -> None:
        self._size = size
        self._name = name
        self._threads = 0
        self._lanes: deque[Lane] = deque()
        # One bell for each idle thread, a lock that is held until it rings. Whoever rings takes it away, so that no two
        # jobs count on one thread.
        self._bells: list[threading.Lock] = []
        self._lock = threading.Lock()
        TURNS.hold.tell(self.resume)

    def lane(self, width: int) -> Lane:
        lane = Lane(self, width)
        with self._lock:
            self._lanes.append(lane)
        TURNS.hold.call_in(GIVES_WAY + 0.01)
        return lane

    def add(self, lane: Lane, job: tuple[int, int, Job]) -> None:
        with self._lock:
            if lane not in self._lanes:
                return  # the pull is over; nobody waits for this job any more
            heapq.heappush(lane.waiting, job)
            self._call(lane)

    def drop(self, lane: Lane) -> None:
        with self._lock:
            lane.waiting.clear()
            if lane in self._lanes:
                self._lanes.remove(lane)

    def keep_free(self, lane: Lane, slots: int) -> None:
        with self._lock:
            lane.kept_free += slots
            for _ in range(-slots):
                self._call(lane)

    def resume(self) -> None:
        """After a hold: as many threads as there are jobs that may start now."""
        with self._lock:
            for lane in self._lanes:
                for _ in range(min(len(lane.waiting), lane.width - lane.running)):
                    self._call(lane)

    def _call(self, lane: Lane) -> None:
        """An idle thread, or a new one, for a job of this lane that may start now."""
        if not lane.runnable():
            return
        if self._bells:
            self._bells.pop().release()
        elif self._threads < self._size:
            self._begin_thread()

    def _begin_thread(self) -> None:
        """Raises RuntimeError when the system has none to give and there is no other that would come to the job."""
        self._threads += 1
        try:
            threading.Thread(target=self._run, name=self._name, daemon=True).start()
        except RuntimeError:
            self._threads -= 1
            if not self._threads:
                raise

    def _run(self) -> None:
        while (taken := self._take()) is not None:
            lane, job = taken
            try:
                job()
            except Exception as error:  # noqa: BLE001  # the thread belongs to all pulls of the connection
                # Only the kind of error: its words might hold what was being read.
                _log.error("a job of %s ended with %s", self._name, type(error).__name__)
            finally:
                with self._lock:
                    lane.running -= 1
            del taken, lane, job  # an idle thread must not keep a patient's record alive

    def _take(self) -> tuple[Lane, Job] | None:
        """The next job, waited for; None when this thread has been idle for too long."""
        while True:
            with self._lock:
                found = self._next()
                if found is not None:
                    return found
                bell = threading.Lock()
                bell.acquire()
                self._bells.append(bell)
            bell.acquire(timeout=_IDLE_SECONDS)
            with self._lock:
                if bell in self._bells:  # nobody rang
                    self._bells.remove(bell)
                    self._threads -= 1
                    return None

    def _next(self) -> tuple[Lane, Job] | None:
        lane = self._next_lane()
        if lane is None:
            return None
        lane.running += 1
        self._lanes.remove(lane)
        self._lanes.append(lane)  # its turn comes again after the others'
        return lane, heapq.heappop(lane.waiting)[2]

    def _next_lane(self) -> Lane | None:
        for lane in self._lanes:
            if lane.runnable():
                return lane
        return None
