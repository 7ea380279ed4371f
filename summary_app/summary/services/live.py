"""What this process knows of the snapshots that people are looking at: records in memory, and who waits for more.

A `Live` is filled by this process's own pull, which runs here or beside, or from the database when the pull is another
one's. Nothing here survives the process; everything is in the snapshot too.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable
from operator import is_

import msgspec

from clinical.pipeline import ReadBefore
from clinical.records import FetchState, Record, SearchState, SectionRecords
from clinical.records.sharing import share_all
from summary_app.summary.services import bells, memory

_RECORDS_KEPT = 40_000  # in all snapshots that nobody reads at the moment
_changed = threading.Condition(threading.RLock())
_running: set[int] = set()  # snapshots that are read for this process, here or in one beside it
_encode = msgspec.msgpack.Encoder().encode
_GOOD = frozenset({FetchState.OK, FetchState.OK_EMPTY, FetchState.OK_NEGATED})


class Live:
    """One snapshot. All methods are safe in any thread.

    version: as in the Pull row. here: the pull is this process's own: it runs here, or beside. milestone: counts what a
    page should show at once (the first wave has ended, the pull has ended). before: what the last pull here has read.
    """

    def __init__(self, snapshot_id: int) -> None:
        self.snapshot_id = snapshot_id
        self.version = 0
        self.run = 0
        self.here = False
        self.milestone = 0
        self.before = ReadBefore()
        self.planned: dict[str, SearchState] = {}
        self._parts: dict[str, SectionRecords] = {}
        self._fresh: set[str] = set()
        self._urgent: set[str] = set()
        self._to_slim: set[str] = set()
        self._digests: dict[str, bytes] = {}  # of what came from the process beside
        self._stored: dict[str, Callable[[], SectionRecords | None]] = {}

    # ---- the pull that runs here

    def begin(
        self, run: int, version: int, planned: Iterable[SearchState], urgent: Iterable[str]
    ) -> None:
        """planned: one state `fetching` for each search. urgent: keys of the first wave."""
        with _changed:
            self.run, self.version, self.here = run, version, True
            _running.add(self.snapshot_id)
            self.planned = {state.search: state for state in planned}
            self._urgent = set(urgent)
            self._fresh = set()
            _tell(self.snapshot_id)

    def add(self, part: SectionRecords) -> tuple[SectionRecords, int]:
        """Takes in what one search brought; returns what is to be kept of it, and the new version.

        Raises whatever reading an earlier answer raises (see `knows_of`); then nothing was taken in.
        """
        before = self._earlier(part)
        with _changed:
            kept = _kept(before, part)
            self._take(kept)
            # What is held from now on is not what another process has sent.
            self._digests.pop(part.state.search, None)
            self.version += 1
            _tell(self.snapshot_id)
            return kept, self.version

    def knows_of(self, stored: dict[str, Callable[[], SectionRecords | None]]) -> None:
        """What an earlier reading has left in the database, by search: read only where an answer has to be held against it."""
        self._stored = stored

    def _earlier(self, part: SectionRecords) -> SectionRecords | None:
        known = self._parts.get(part.state.search)
        if known is not None or part.state.state in _GOOD:
            return known
        read = self._stored.get(part.state.search)
        return read() if read is not None else None

    def _take(self, part: SectionRecords) -> None:
        key = part.state.search
        self._parts[key] = part
        self._fresh.add(key)
        if key in self._urgent:
            self._urgent.discard(key)
            self.milestone += not self._urgent

    def end(self) -> tuple[tuple[str, ...], int]:
        """The pull is over: what it did not ask for again is gone. Returns those searches, and the new version."""
        with _changed:
            held = dict.fromkeys((*self._parts, *self._stored))
            gone = tuple(key for key in held if key not in self._fresh)
            self._end(gone, self.version + 1)
            return gone, self.version

    def _end(self, gone: Iterable[str], version: int) -> None:
        for key in gone:
            self._parts.pop(key, None)
        self.planned = {}
        self._urgent = set()
        self.here = False
        _running.discard(self.snapshot_id)
        self.version = version
        self.milestone += 1
        _tell(self.snapshot_id)

    # ---- the pull that the process beside this one runs

    def receive(self, part: SectionRecords, version: int, *, run: int, digest: bytes) -> None:
        """Takes in what is to be kept of what one search brought there: equal records stay the same objects.

        run: of which it is; nothing is taken in for one that is not the present one any more. digest: of everything
        but the state.
        """
        before = self._parts.get(part.state.search)
        part = _with_known(before, part)
        with _changed:
            if before is None or part.records is not before.records:
                self._to_slim.add(part.state.search)
            if run != self.run or not self.here:
                return
            self._take(part)
            self._digests[part.state.search] = digest
            self.version = max(self.version, version)
            _tell(self.snapshot_id)

    def received(self, search: str, digest: bytes) -> SectionRecords | None:
        """What has come of this search before, if it was the same. digest: b"" = not known."""
        with _changed:
            known = self._parts.get(search)
            return known if digest and digest == self._digests.get(search) else None

    def ended(self, gone: Iterable[str], version: int, *, run: int) -> None:
        """The pull is over there; run: as for `receive`. What it has not brought, and only this process knows, is gone too."""
        with _changed:
            if run == self.run and self.here:
                unread = [key for key in self._parts if key not in self._fresh]
                self._end((*gone, *unread), max(self.version, version))

    def lay_down(self) -> None:
        """The pull that was this process's is so no more, whatever became of it: another one begins."""
        with _changed:
            self.here = False
            _running.discard(self.snapshot_id)

    def slim(self) -> None:
        """Holds equal parts once of what has come since the last time."""
        with _changed:
            new = [self._parts[key] for key in self._to_slim if key in self._parts]
            self._to_slim.clear()
        share_all(record for part in new for record in part.records)

    # ---- what another process wrote

    def load(
        self,
        *,
        run: int,
        version: int,
        planned: dict[str, SearchState],
        parts: Iterable[tuple[int, SectionRecords]],
        gone: Iterable[str] = (),
    ) -> None:
        """parts: with the run in which each was read. planned: of the pull under way, else empty."""
        with _changed:
            if self.here or version <= self.version:
                return
            if run != self.run:
                self._fresh = set()
            for part_run, part in parts:
                self._parts[part.state.search] = part
                if part_run == run:
                    self._fresh.add(part.state.search)
            for key in gone:
                self._parts.pop(key, None)
            self.run, self.version, self.planned = run, version, planned
            self.before = ReadBefore()  # its records are not those of the parts any more
            self._digests = {}
            self.milestone += not planned
            _tell(self.snapshot_id)

    # ---- reading

    def sections(self) -> list[SectionRecords]:
        """All that is known: what was just read, what is of an earlier reading, and what is still being asked."""
        with _changed:
            waiting = {key: s for key, s in self.planned.items() if key not in self._fresh}
            found = [_aged(part) if key in waiting else part for key, part in self._parts.items()]
            found += [
                SectionRecords(state=state)
                for key, state in waiting.items()
                if key not in self._parts
            ]
        return found

    def part(self, search: str) -> SectionRecords | None:
        """What this search has brought in the present run."""
        with _changed:
            return self._parts.get(search) if search in self._fresh or not self.planned else None

    @property
    def in_first_wave(self) -> bool:
        """Whether the pull that runs here still waits for something that the first screen needs."""
        return self.here and bool(self._urgent)

    @property
    def all_answered(self) -> bool:
        """Whether the pull that runs here has nothing left to ask; it may still be on its way to the database."""
        return self.here and bool(self.planned) and self._fresh.issuperset(self.planned)

    @property
    def answered(self) -> bool:
        """Whether a search of the pull under way has ended. What is not asked for is known from the start, and no answer."""
        return not self._fresh.isdisjoint(self.planned)

    def known(self) -> tuple[str, ...]:
        with _changed:
            return tuple(self._parts)

    @property
    def size(self) -> int:
        return sum(len(part.records) + len(part.not_shown) for part in self._parts.values())


def _aged(part: SectionRecords) -> SectionRecords:
    state = msgspec.structs.replace(part.state, state=FetchState.FETCHING, stale=True)
    return msgspec.structs.replace(part, state=state)


def _kept(old: SectionRecords | None, new: SectionRecords) -> SectionRecords:
    """The new answer; where it failed, or brought less because it broke off, the last good one with its own time."""
    if old is None or not old.records or new.state.state in _GOOD:
        return new
    broke_off = new.state.state == FetchState.PARTIAL and len(new.records) < len(old.records)
    if new.state.state != FetchState.FAILED and not broke_off:
        return new
    state = msgspec.structs.replace(
        new.state, at=old.state.at, stale=True, received=old.state.received
    )
    return msgspec.structs.replace(old, state=state)


def _with_known(old: SectionRecords | None, new: SectionRecords) -> SectionRecords:
    """With the records of the earlier answer where they are the same: what was made of them holds on."""
    if old is None or not old.records or new.records is old.records:
        return new
    known = {record.source.reference: record for record in old.records}
    records = tuple(_same(known.get(r.source.reference), r) for r in new.records)
    if len(records) == len(old.records) and all(map(is_, records, old.records)):
        records = old.records
    return msgspec.structs.replace(new, records=records)


def _same(before: Record | None, record: Record) -> Record:
    """By what is written: 1.0 and 1.00 are equal numbers, and not the same value."""
    if before is record or before is None or before != record:
        return record
    return before if _encode(before) == _encode(record) else record


# ---- all of them ----------------------------------------------------------------------------------------------

_lives: OrderedDict[int, Live] = OrderedDict()


def of(snapshot_id: int) -> Live:
    """The Live of this snapshot in this process; empty when it was not known yet."""
    with _changed:
        found = _lives.get(snapshot_id)
        if found is None:
            found = _lives[snapshot_id] = Live(snapshot_id)
            _thin_out()
        _lives.move_to_end(snapshot_id)
        return found


def peek(snapshot_id: int) -> Live | None:
    return _lives.get(snapshot_id)


def drop(snapshot_id: int) -> None:
    with _changed:
        _lives.pop(snapshot_id, None)
        _running.discard(snapshot_id)
        _tell(snapshot_id)


def forget() -> None:
    """Everything is read from the database again."""
    with _changed:
        _lives.clear()
        _running.clear()


def _thin_out() -> None:
    total = 0
    for snapshot_id in reversed(list(_lives)):
        each = _lives[snapshot_id]
        total += each.size
        newest = snapshot_id == next(reversed(_lives))
        if total > _RECORDS_KEPT and not each.here and not newest:
            memory.later(_lives.pop(snapshot_id))


def others_run(snapshots: Collection[int]) -> bool:
    """Whether charts of others are being read for this process too."""
    with _changed:
        return not _running.issubset(snapshots)


def wait_until_quiet(seconds: float) -> bool:
    """Until no chart is being read for this process, at most so long. Whether it came to that."""
    with _changed:
        return _changed.wait_for(lambda: not _running, seconds)


def _tell(key: bells.Key) -> None:
    bells.announce(key)
    _changed.notify_all()


def wait_for_part(snapshot_id: int, search: str, *, seconds: float) -> SectionRecords | None:
    """What a search of a pull of this process brings, as soon as it is there; None after so many seconds."""
    until = time.monotonic() + seconds
    with _changed:
        while (found := of(snapshot_id).part(search)) is None:  # made anew where it was dropped
            left = until - time.monotonic()
            if left <= 0:
                return None
            _changed.wait(left)
        return found
