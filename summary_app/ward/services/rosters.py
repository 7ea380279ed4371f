"""The lists of patients that an EHR keeps of a person: care teams, lists, groups. Kept for five minutes.

Asked for only where the EHR declares them, and only by this person. What fails leaves the last answer standing.
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections import OrderedDict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.utils import timezone

from clinical.errors import SourceError
from clinical.fhir import rosters as fhir_rosters
from clinical.fhir import scopes
from clinical.fhir.capability import Capability
from clinical.fhir.fetched import Fetched
from clinical.fhir.pull import pull
from clinical.fhir.rosters import KINDS, RosterKind, Rosters
from clinical.records import FetchState
from summary_app.connections.models import Connection
from summary_app.connections.services import wire
from summary_app.summary.services import rights

_FRESH = timedelta(minutes=5)  # who is whose patient changes with the shift, not with the minute
_FAILED_FRESH = timedelta(minutes=1)
_KEPT = 256
GOOD = (FetchState.OK, FetchState.OK_EMPTY)


@dataclass(frozen=True)
class OnList:
    """One roster as the board uses it. key: stands in addresses and says nothing."""

    key: str
    title: str
    members: tuple[str, ...]
    left_out: tuple[tuple[str, int], ...]
    long_term: bool


@dataclass(frozen=True)
class Told:
    """What one kind of list is known to hold. state, reason: of the last time it was asked for, or why it was not.

    at: of the answer that is shown; older than the last attempt when that failed. aside: lists that were not used.
    """

    kind: str
    state: FetchState
    reason: str = ""
    lists: tuple[OnList, ...] = ()
    aside: tuple[tuple[str, int], ...] = ()
    at: datetime | None = None


_Key = tuple[int | None, int, tuple[str, ...]]
_known: OrderedDict[_Key, tuple[datetime, tuple[Told, ...]]] = OrderedDict()
_unread: dict[tuple[int, str], tuple[float, str]] = {}
_lock = threading.Lock()


def forget() -> None:
    with _lock:
        _unread.clear()
        _known.clear()


def ask_again(connections: Collection[int]) -> None:
    """What failed at these EHRs is asked with the next look. What is known of before stays."""
    with _lock:
        for place in [one for one in _unread if one[0] in connections]:
            del _unread[place]
        for key, (at, found) in _known.items():
            if key[1] in connections and _life(found) is _FAILED_FRESH:
                _known[key] = (at - _FRESH, found)


def capability_of(connection: Connection) -> tuple[Capability | None, str]:
    """What the EHR offers, or None with the reason. After a failure nobody waits for it again for a minute."""
    key, now = (connection.pk, connection.base_url), time.monotonic()
    with _lock:
        until, reason = _unread.get(key, (now, ""))
    if until > now:
        return None, reason
    try:
        return wire.capability(connection), ""
    except SourceError as error:
        with _lock:
            _unread[key] = (now + _FAILED_FRESH.total_seconds(), error.reason)
        return None, error.reason


def wanted(capability: Capability | None) -> tuple[str, ...]:
    """The resource types of lists that this EHR offers: the rights to ask for."""
    return tuple(kind.resource for kind in fhir_rosters.offered(capability)) if capability else ()


def told(
    connection: Connection,
    reader: rights.Reader,
    capability: Capability | None,
    problem: str,
    people: Sequence[str],
    *,
    as_of: datetime,
) -> tuple[Told, ...]:
    """One per kind of list. capability: None when it could not be read, for the reason in `problem`."""
    key = (reader.user_id, connection.pk, tuple(people))
    with _lock:
        known = _known.get(key)
    if known is not None and as_of - known[0] < _life(known[1]):
        return known[1]
    if capability is None:
        found = tuple(Told(kind.words, FetchState.FAILED, problem) for kind in KINDS)
    else:
        found = _asked(connection, reader, capability, people, as_of)
    made = tuple(_with_earlier(one, known[1] if known is not None else ()) for one in found)
    with _lock:
        _known[key] = (as_of, made)
        _known.move_to_end(key)
        while len(_known) > _KEPT:
            _known.popitem(last=False)
    return made


def _life(found: Iterable[Told]) -> timedelta:
    failed = any(one.state is FetchState.FAILED for one in found)
    return _FAILED_FRESH if failed else _FRESH


def _with_earlier(one: Told, before: Iterable[Told]) -> Told:
    """A failure leaves the answer before it standing; a refusal does not."""
    earlier = next((each for each in before if each.kind == one.kind), None)
    if one.state is not FetchState.FAILED or one.lists or earlier is None:
        return one
    return replace(one, lists=earlier.lists, aside=earlier.aside, at=earlier.at)


def _asked(
    connection: Connection,
    reader: rights.Reader,
    capability: Capability,
    people: Sequence[str],
    as_of: datetime,
) -> tuple[Told, ...]:
    granted = scopes.parse(reader.scopes) if reader.scopes is not None else None
    refused = {kind.resource: fhir_rosters.why_not(kind, capability, granted) for kind in KINDS}
    size = reader.wire.limits.page_size
    searches = [
        fhir_rosters.search_for(kind, people, size)
        for kind in KINDS
        if refused[kind.resource] is None
    ]
    fetched: dict[str, Fetched] = {}

    def take(one: Fetched) -> None:
        fetched[one.search.resource] = one

    if searches:
        pull(reader.wire, searches, "", take, now=timezone.now, background=True)
    return tuple(
        _told(connection, kind, fetched[kind.resource], people, reader.wire.base, as_of)
        if kind.resource in fetched
        else _not_asked(kind, refused[kind.resource])
        for kind in KINDS
    )


def _not_asked(kind: RosterKind, why: tuple[FetchState, str] | None) -> Told:
    state, reason = why or (FetchState.FAILED, "it did not come")
    return Told(kind.words, state, reason)


def _told(
    connection: Connection,
    kind: RosterKind,
    fetched: Fetched,
    people: Sequence[str],
    base: str,
    as_of: datetime,
) -> Told:
    state = fetched.state
    found: Rosters = fhir_rosters.read(fetched.matches, people, base=base, as_of=as_of)
    lists = tuple(
        OnList(_key(connection, one.key), one.title, one.members, one.left_out, one.long_term)
        for one in found.found
    )
    usable = state.state in (*GOOD, FetchState.PARTIAL)
    return Told(
        kind.words, state.state, state.reason, lists, found.aside, state.at if usable else None
    )


def _key(connection: Connection, roster: str) -> str:
    digest = hashlib.sha256(f"list/{connection.key}/{roster}".encode()).hexdigest()
    return f"list-{digest[:16]}"
