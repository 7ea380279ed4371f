"""Doses whose time a source has stated, and whether it has recorded them.

A time is never computed from a frequency: only moments that the order itself names (Timing.event) count. A dose that
was recorded settles the stated time that is nearest to it, if it is near; what is in doubt stays in view. "No dose
recorded" is said only as of the answer about doses. The bounds are ours, not yet reviewed by a clinician.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta, tzinfo
from itertools import pairwise

from clinical.records import Administration, Chart, FetchState, Medication, Section

from .sheet_model import DueLine
from .words import clock, moment_words

BACK, AHEAD = timedelta(hours=12), timedelta(hours=8)
_EARLY, _LATE = timedelta(hours=2), timedelta(hours=12)
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
        for item in chart.administrations
        for record in item.members
        if isinstance(record, Administration)
        and record.at is not None
        and record.source.server == order.source.server
        and record.request == order.source.reference
    ]


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
    text = ", ".join(part for part in (order.concept.text, order.dose_text) if part)
    when = moment_words(at, zone, as_of)
    if at > as_of:
        return DueLine(when=when, text=text, sources=(order.source.token,))
    read = _read_at(chart, order.source.server)
    if read is None:
        said = "given or not: not retrieved"
    elif read < at:
        said = f"doses last read {clock(read, zone)}"
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
