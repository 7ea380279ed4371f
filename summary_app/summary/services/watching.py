"""Waiting for news of an opening: cheap when there are none, prompt when there are.

A page asks again and again; the answer "nothing new" must cost next to nothing. Whoever was let through the door a
moment ago is told so on the strength of that; anything else goes through the door again.
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from summary_app.access import door
from summary_app.summary import queries
from summary_app.summary.models import Pull
from summary_app.summary.services import bells, live, openings, pulling

LONGEST = 20.0  # seconds that one question may wait
_TICKET_SECONDS = 5.0
_TICKETS = 4096
# How often the database is looked at while another process pulls, and while everything is read in this one.
_LOOK, _LOOK_HERE = 0.1, 0.5
# Seconds in which news gather: until the first are on the page, and after. What ends a wave never waits.
_FIRST, _LATER = 0.0, 0.6
# Seconds for which a finished first wave waits for that of another EHR, so that both go out at once: one that has said
# nothing yet, and one that is answering. A page made in between would hold up what is being worked through.
_SILENT_WAVE, _OTHER_WAVE = 0.15, 0.4
# While charts of others are being read too: a page that is made in between would hold up theirs.
_FIRST_CROWDED, _LATER_CROWDED, _WAVE_CROWDED = 0.6, 1.2, 0.8

_OPENING_HOLDS = timedelta(seconds=1)  # somebody who was let through this long ago may see the page
_STILL_SO = 1.0  # seconds for which an answer from the database holds, while nothing changes in this process


@dataclass(frozen=True)
class Standing:
    """version: of everything known. complete: nothing is under way. landmarks: see `live.Live.milestone`.
    waiting: an EHR is still in its first wave. silent: one of these has not answered anything. answered: something has
    come of what is being read. all_answered: nothing is left to be asked, of readings here. revision: of the opening
    itself, as it was last looked at. waited: a finished wave has waited for the silent ones.
    """

    version: int
    complete: bool
    landmarks: int
    waiting: bool = False
    silent: bool = False
    answered: bool = False
    all_answered: bool = False
    revision: int = 0
    closed: bool = False
    waited: bool = False

    def holds_for(self, opening: door.Opening, *, waited: timedelta) -> bool:
        """Whether the opening, looked at before the wait, need not be looked at again."""
        return not self.closed and waited < _OPENING_HOLDS and opening.revision == self.revision


_NOTHING = Standing(0, False, 0)
_tickets: OrderedDict[bytes, tuple[float, int]] = OrderedDict()
_known: OrderedDict[str, _Known] = OrderedDict()
_last_answers: OrderedDict[str, tuple[float, Standing]] = OrderedDict()
_lock = threading.Lock()


def version_in(text: str) -> int:
    """The version that a page says it has; -1 when it says none."""
    return int(text) if text.isdecimal() and len(text) < 12 else -1


def let_through(session_key: str, opening: door.Opening) -> None:
    """Remembers for a few seconds that this session may know whether there are news of this opening."""
    with _lock:
        _tickets[_name(session_key, opening.id)] = (
            time.monotonic() + _TICKET_SECONDS,
            opening.user_id,
        )
        while len(_tickets) > _TICKETS:
            _tickets.popitem(last=False)


def forget(user_id: int) -> None:
    """At sign-off: every session of this person goes through the door again. Another process forgets by itself."""
    with _lock:
        for name in [each for each, (_, owner) in _tickets.items() if owner == user_id]:
            del _tickets[name]


def nothing_new(session_key: str, context_id: str, since: int) -> bool:
    """Whether it is certain, by one small query at most, that the page is complete and as the reader has it."""
    now = time.monotonic()
    with _lock:
        until, user_id = _tickets.get(_name(session_key, context_id), (0.0, 0))
        known = _known.get(context_id)
    if until < now or (known is not None and any(map(_runs_here, known.snapshots))):
        return False
    if known is None or known.looked < now - _STILL_SO or known.tick != bells.tick(known.keys):
        known = _look(context_id, known, now)
    return (
        known is not None
        and known.owner == user_id
        and known.found.complete
        and known.found.version == since
    )


@dataclass(frozen=True)
class _Known:
    """How an opening stood when the database was last asked. looked: monotonic. keys: of what can change it."""

    looked: float
    tick: int
    owner: int
    found: Standing
    snapshots: tuple[int, ...]
    keys: tuple[bells.Key, ...]


def _look(context_id: str, before: _Known | None, now: float) -> _Known | None:
    """None for an opening that is closed or unknown."""
    keys = before.keys if before is not None else (context_id,)
    tick = bells.tick(keys)
    rows = queries.standings(context_id)
    if not rows or rows[0].closed:
        return None
    snapshots = _snapshots(rows)
    if keys != (context_id, *snapshots):
        keys, tick = (context_id, *snapshots), -1  # what came before them may have been missed
    known = _Known(now, tick, rows[0].user_id, _standing(rows), snapshots, keys)
    with _lock:
        _known[context_id] = known
        while len(_known) > _TICKETS:
            _known.popitem(last=False)
    return known


def _snapshots(rows: Iterable[queries.Standing]) -> tuple[int, ...]:
    return tuple(row.snapshot_id for row in rows if row.snapshot_id is not None)


def _runs_here(snapshot_id: int) -> bool:
    current = live.peek(snapshot_id)
    return current is not None and current.here


def wait_for_news(
    opening: door.Opening, since: int, *, seconds: float = LONGEST, now: datetime
) -> Standing | None:
    """Waits until the page should be shown anew, and says how it stands; None when nothing has changed in that time.

    The first results go out at once; everything else gathers a little, except where a wave of searches has ended.
    """
    until = time.monotonic() + seconds
    rows = _Rows(opening.id)
    _take_over(opening, rows.all(), now)
    before = _last_answer(opening.id)
    landmarks = before.landmarks if before is not None else None
    changed_at = landmark_at = 0.0
    while True:
        keys = rows.keys
        tick, found = bells.tick(keys), _standing(rows.all())
        if rows.keys != keys:
            continue
        landmarks = found.landmarks if landmarks is None else landmarks
        if found.version != since:
            changed_at = changed_at or time.monotonic()
            if landmarks != found.landmarks:
                landmark_at = landmark_at or time.monotonic()
            crowded = live.others_run(rows.snapshots)
            due = _due(found, before or _NOTHING, changed_at, landmark_at, crowded=crowded)
            left = due - time.monotonic()
            if found.complete or left <= 0:
                _answered(opening.id, found, before, ended=bool(landmark_at))
                return found
            bells.wait(keys, tick, left)
        elif found.complete or time.monotonic() >= until:
            return None
        else:
            bells.wait(keys, tick, min(_LOOK, max(0.0, until - time.monotonic())))


def _due(
    found: Standing, shown: Standing, changed_at: float, landmark_at: float, *, crowded: bool
) -> float:
    """When the page should be shown anew (monotonic). landmark_at: 0 when no wave has ended since.

    An EHR that says nothing is waited for once: what another one brings after that would come late each time.
    """
    if found.all_answered and not shown.all_answered:
        return changed_at
    first = found.answered and not shown.answered
    if crowded:
        gather, answering = _FIRST_CROWDED if first else _LATER_CROWDED, _WAVE_CROWDED
        if shown.answered and not shown.waiting:
            landmark_at = 0.0  # the first screen is out: an EHR that is done is no landmark
    else:
        gather, answering = _FIRST if first else _LATER, _OTHER_WAVE
    if not landmark_at:
        return changed_at + gather
    other = answering if not found.silent else 0.0 if shown.waited else _SILENT_WAVE
    return min(changed_at + gather, landmark_at + other * found.waiting)


class _Rows:
    """What the database says of an opening; looked at now and then while every reading runs in this process."""

    def __init__(self, context_id: str) -> None:
        self.keys: tuple[bells.Key, ...] = (context_id,)  # of what can change it
        self.snapshots: tuple[int, ...] = ()
        self._context_id = context_id
        self._rows: list[queries.Standing] = []
        self._looked, self._tick, self._told = 0.0, -1, -1

    def all(self) -> list[queries.Standing]:
        if self._is_due(time.monotonic()):
            self._tick, self._told = bells.tick(self.keys), bells.tick((self._context_id,))
            self._rows, self._looked = queries.standings(self._context_id), time.monotonic()
            self.snapshots = _snapshots(self._rows)
            self.keys = (self._context_id, *self.snapshots)
        return self._rows

    def _is_due(self, now: float) -> bool:
        waited = now - self._looked
        if waited >= _LOOK_HERE or bells.tick((self._context_id,)) != self._told:
            return True
        if all(map(_is_known, self._rows)):
            return False
        return waited >= _LOOK or bells.tick(self.keys) != self._tick


def _is_known(row: queries.Standing) -> bool:
    """Whether a change of it would be seen without a look at the database: it is read here, or by nobody."""
    if row.snapshot_id is None:
        return row.how != "looking"
    current = live.peek(row.snapshot_id)
    if current is None or current.here:
        return current is not None
    return row.state != Pull.State.RUNNING and row.version == current.version


def _last_answer(context_id: str) -> Standing | None:
    """What the page shows, if it was told a moment ago: the first results of a reading go out at once."""
    with _lock:
        last, standing = _last_answers.get(context_id, (0.0, None))
    return standing if time.monotonic() - last < _TICKET_SECONDS else None


def _answered(context_id: str, standing: Standing, before: Standing | None, *, ended: bool) -> None:
    """ended: whether a wave has, and may have waited for another one."""
    waited = (ended and standing.silent) or (before is not None and before.waited)
    standing = replace(standing, waited=waited)
    with _lock:
        _last_answers[context_id] = (time.monotonic(), standing)
        _last_answers.move_to_end(context_id)
        while len(_last_answers) > _TICKETS:
            _last_answers.popitem(last=False)


def _standing(rows: list[queries.Standing]) -> Standing:
    version = revision = rows[0].revision if rows else 0
    complete, landmarks, waiting, silent, answered = True, 0, False, False, False
    asked = some = False
    for row in rows:
        current = live.peek(row.snapshot_id) if row.snapshot_id is not None else None
        known = current.version if current is not None else 0
        version += max(known, row.version)  # memory is ahead of the database, never behind for long
        landmarks += current.milestone if current is not None else 0
        if current is not None and current.in_first_wave:
            waiting, silent = True, silent or not current.answered
        here = current is not None and current.here
        running = row.state == Pull.State.RUNNING or here
        # Of a pull in another process, what the database has and this one has not read yet is an answer too.
        unread = running and not here and row.version > known
        answered = answered or unread or (current is not None and current.answered)
        complete = complete and not running and row.how != "looking"
        some = some or here
        answered_here = current is not None and current.all_answered
        asked = asked or row.how == "looking" or (running and not answered_here)
    closed = bool(rows and rows[0].closed)
    return Standing(
        version,
        complete,
        landmarks,
        waiting,
        silent,
        answered,
        some and not asked,
        revision,
        closed,
    )


def _take_over(opening: door.Opening, rows: list[queries.Standing], now: datetime) -> None:
    if any(pulling.is_lost(row.state, row.heartbeat, now=now) for row in rows):
        openings.keep_going(opening)


def _name(session_key: str, context_id: str) -> bytes:
    return hashlib.sha256(f"{session_key}/{context_id}".encode()).digest()
