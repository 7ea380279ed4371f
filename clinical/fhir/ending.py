"""How a search ended, as exactly one state with its reason: the difference between "none" and "not known"."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from clinical.errors import SourceError
from clinical.fhir import faults
from clinical.fhir.collected import Collected
from clinical.fhir.connection import Connection
from clinical.fhir.searches import Search
from clinical.records import FetchState, SearchState


def state_of(
    search: Search,
    found: Collected,
    *,
    connection: Connection,
    fault: SourceError | None,
    notes: Sequence[str],
    at: datetime,
) -> SearchState:
    """The SearchState of a search that has ended. fault: what ended it early. notes: why it may be incomplete."""
    state, reason, remedy = _judge(search, found, connection, fault, list(notes))
    more = fault is not None or bool(notes or found.verdicts or found.left_out)
    return SearchState(
        server=connection.key,
        search=search.key,
        section=search.section,
        state=state,
        at=at,
        reason=reason,
        remedy=remedy,
        received=found.received,
        unreadable=found.unreadable,
        foreign=found.foreign,
        cut_short=more and state == FetchState.PARTIAL,
    )


def _judge(
    search: Search,
    found: Collected,
    connection: Connection,
    fault: SourceError | None,
    notes: list[str],
) -> tuple[FetchState, str, str]:
    if search.read and search.resource == "Patient" and found.foreign and not found.received:
        words = "gave another patient's record than the one asked for; the two may have been merged"
        return FetchState.FAILED, f"{connection.name} {words}.", _MERGED
    verdict = min(found.verdicts, key=lambda each: _WORST.index(each.state), default=None)
    if fault is not None and not found.matches:
        return _of_fault(search, fault), fault.reason, fault.remedy
    if verdict is not None and not found.matches and verdict.state != FetchState.PARTIAL:
        remedy = faults.AT_SOURCE if verdict.state == FetchState.RESTRICTED else faults.LATER
        return verdict.state, f"{connection.name}: {verdict.words}.", remedy
    if verdict is not None:
        notes.insert(0, verdict.words)
    notes += _set_aside(found)
    if fault is not None:
        return FetchState.PARTIAL, _incomplete(connection, found, notes, fault), fault.remedy
    if notes:
        return FetchState.PARTIAL, _incomplete(connection, found, notes, None), faults.AT_SOURCE_TOO
    return (FetchState.OK if found.received else FetchState.OK_EMPTY), "", ""


_MERGED = "Open the summary once more from the patient's present chart."
_WORST = (FetchState.RESTRICTED, FetchState.FAILED, FetchState.PARTIAL)


def _of_fault(search: Search, fault: SourceError) -> FetchState:
    """A search that is not found is a type that the server does not have; a record not found is a failure."""
    if isinstance(fault, faults.Answered) and fault.status == 404 and not search.read:
        return FetchState.NOT_SUPPORTED
    return FetchState(fault.state)


def _set_aside(found: Collected) -> list[str]:
    words = []
    if found.unreadable:
        words.append(f"{_count(found.unreadable, 'entry', 'entries')} could not be read")
    if found.foreign:
        words.append(
            f"{_count(found.foreign, 'entry', 'entries')} about somebody else came too and "
            f"{'was' if found.foreign == 1 else 'were'} set aside"
        )
    if found.left_out:
        words.append(
            f"{_count(found.left_out, 'entry', 'entries')} beyond the limit of a page were left out"
        )
    return words


def _incomplete(
    connection: Connection, found: Collected, notes: list[str], fault: SourceError | None
) -> str:
    received = _count(found.received, "entry", "entries")
    sentence = f"Incomplete: {received} read from {connection.name}"
    if notes:
        sentence += "; " + "; ".join(dict.fromkeys(notes))
    sentence += "."
    return f"{sentence} {fault.reason}" if fault is not None else sentence


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"
