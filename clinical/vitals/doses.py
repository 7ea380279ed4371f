"""Doses whose time a source has stated, and whether it has recorded them.

A time is never computed from a frequency: only moments that the order itself names (Timing.event) count. A dose that
was recorded settles the stated time that is nearest to it, if it is near; what is in doubt stays in view. "No dose
recorded" is said only as of the answer about doses, and never over a dose that may be this one: given without an
order, or of the same medicine under another order. The bounds are ours, not yet reviewed by a clinician.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta, tzinfo
from itertools import pairwise

from clinical.judgement.dose import told
from clinical.records import Administration, Chart, Concept, FetchState, Medication, Section

from .sheet_model import DueLine
from .words import clock, moment_words

BACK, AHEAD = timedelta(hours=12), timedelta(hours=8)
_EARLY, _LATE = timedelta(hours=2), timedelta(hours=12)
_DAYS = timedelta(hours=36)  # a day of which the zone is not known
_NAMED = 3
_IN_FORCE = frozenset({"active", ""})
_WHOLE = (FetchState.OK, FetchState.OK_EMPTY)


def dose_lines(chart: Chart, *, as_of: datetime, zone: tzinfo) -> tuple[DueLine, ...]:
    """Stated and not recorded, of the last 12 and the next 8 hours, by time. () when no order states a time."""
    found: list[tuple[datetime, str, DueLine]] = []
    for order in _orders(chart):
        times = sorted({each.start for each in order.due})
        open_ = _open(times, _recorded(chart, order))
        for at in (each for each in open_ if as_of - BACK <= each <= as_of + AHEAD):
            found.append((at, order.source.token, _line(chart, order, at, as_of, zone)))
    return tuple(line for *_, line in sorted(found, key=lambda one: one[:2]))


def _orders(chart: Chart) -> Iterable[Medication]:
    """Orders in force that are neither reported, nor as needed, nor forbidden."""
    for item in chart.medications:
        for record in item.members:
            if isinstance(record, Medication) and record.due and record.kind == "request":
                aside = record.avoid or record.reported or record.as_needed
                if record.status in _IN_FORCE and not aside:
                    yield record


def _recorded(chart: Chart, order: Medication) -> list[datetime]:
    """When doses of this order were recorded, given or said not to be given."""
    return [
        record.at.start
        for record in _doses_of(chart, order.source.server)
        if record.at is not None
        and record.at.zone_known
        and record.request == order.source.reference
    ]


def _doses_of(chart: Chart, server: str) -> Iterable[Administration]:
    for item in chart.administrations:
        for record in item.members:
            if isinstance(record, Administration) and record.source.server == server:
                yield record


def _doubtful(chart: Chart, order: Medication, at: datetime) -> list[Administration]:
    """Doses near a stated time that may be this one, by time; those without a time of day last."""
    found = [
        record
        for record in _doses_of(chart, order.source.server)
        if _may_be_of(record, order) and _is_near(record, at)
    ]
    return sorted(found, key=lambda one: (not _timed(one), one.at.start if one.at else at))


def _may_be_of(record: Administration, order: Medication) -> bool:
    """One that names no order may be of any; one that names another, of the same medicine only."""
    if not record.request or record.request == order.source.reference:
        return not record.request or not _timed(record)
    ours, theirs = order.concept, record.concept
    if ours.text and ours.text.casefold() == theirs.text.casefold():
        return True
    return bool(_codes(ours) & _codes(theirs))


def _codes(concept: Concept) -> set[tuple[str, str]]:
    return {(one.system, one.code) for one in concept.codings if one.system and one.code}


def _timed(record: Administration) -> bool:
    return record.at is not None and record.at.zone_known


def _is_near(record: Administration, at: datetime) -> bool:
    """Without a time of day it may have been then, if it was that day or the one beside it."""
    if record.at is None:
        return True
    if not record.at.zone_known:
        return abs(record.at.start - at) <= _DAYS
    return -_EARLY <= record.at.start - at <= _LATE


def _dose_words(record: Administration, zone: tzinfo, as_of: datetime) -> str:
    name = record.concept.text or "medicine not named"
    if record.at is None or not record.at.zone_known:
        return f"{name} without a time"
    return f"{name} {moment_words(record.at.start, zone, as_of)}"


def _open(times: Sequence[datetime], recorded: Iterable[datetime]) -> list[datetime]:
    """The stated times that no recorded dose settles."""
    gaps = [later - earlier for earlier, later in pairwise(times)]
    half = min(gaps) / 2 if gaps else _LATE
    settled = set()
    for dose in recorded:
        nearest = min(times, key=lambda at: (abs(at - dose), at), default=None)
        if nearest is not None and -min(_EARLY, half) <= dose - nearest <= min(_LATE, half):
            settled.add(nearest)
    return [at for at in times if at not in settled]


def _line(chart: Chart, order: Medication, at: datetime, as_of: datetime, zone: tzinfo) -> DueLine:
    text = ", ".join(part for part in (order.concept.text, told(order)) if part)
    when = moment_words(at, zone, as_of)
    if at > as_of:
        return DueLine(when=when, text=text, sources=(order.source.token,))
    read = _read_at(chart, order.source.server)
    if read is None:
        said = "given or not: not retrieved"
    elif read < at:
        said = f"doses last read {clock(read, zone)}"
    elif doubtful := _doubtful(chart, order, at):
        doses = ", ".join(_dose_words(each, zone, as_of) for each in doubtful[:_NAMED])
        more = f" and {len(doubtful) - _NAMED} more" if len(doubtful) > _NAMED else ""
        said = f"none recorded under this order as of {clock(read, zone)}; may be it: {doses}{more}"
    else:
        said = f"no dose recorded for this time as of {clock(read, zone)}"
    return DueLine(when=when, text=f"{text}: {said}", sources=(order.source.token,))


def _read_at(chart: Chart, server: str) -> datetime | None:
    """When this source last answered in full what was given; None when it did not."""
    states = [
        s for s in chart.states if s.server == server and s.section is Section.ADMINISTRATIONS
    ]
    if not states or any(s.state not in _WHOLE for s in states):
        return None
    times = [s.at for s in states if s.at is not None]
    return min(times) if len(times) == len(states) else None
