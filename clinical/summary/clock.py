"""The clock of an ED visit: serial results, ECG, imaging, medicines given and vital signs on one time axis (look part 6).

A row that stands here stands nowhere else on the page. One assay per line: another assay is named, never joined.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec

from clinical.records import FhirTime, Section, Series
from clinical.summary import (
    clock_axis,
    clock_events,
    clock_lanes,
    fmt,
    names,
    rows,
    spark,
    tables,
)
from clinical.summary.clock_axis import Axis
from clinical.summary.clock_events import Event
from clinical.summary.desk import Desk, point_tokens
from clinical.summary.view_model import Block, Clock, ClockLine, LabRow, Part

HEADING = "Since arrival"
_MOST = {"labs": 3, "vitals": 3}
_SERIAL = 2  # values that make a line
_MOST_LINES = 40
_ALWAYS = ("given",)
_ORDER = ("ecg", "imaging", "reports", "done", "given")
_FED_BY = (
    Section.LABS, Section.VITALS, Section.REPORTS, Section.IMAGING, Section.PROCEDURES, Section.ADMINISTRATIONS,
)  # fmt: skip


class Serial(msgspec.Struct, frozen=True):
    """A row of results or vital signs that has more than one value on the axis."""

    row: Series
    tracks: tuple[spark.Track, ...]


class Plan(msgspec.Struct, frozen=True):
    """What goes on the clock."""

    axis: Axis
    labs: tuple[Serial, ...]
    vitals: tuple[Serial, ...]
    events: tuple[Event, ...]
    undrawn: dict[str, Counter[str]]

    @property
    def keys(self) -> frozenset[str]:
        """Keys of the rows that have their place here."""
        return frozenset(one.row.key for one in (*self.labs, *self.vitals))


def arrival(desk: Desk) -> datetime | None:
    """When an ED patient came; None elsewhere, where it is not known to the minute, or too long ago for hours."""
    started = desk.visit.started
    if desk.visit.setting != "ed" or started is None or not started.zone_known:
        return None
    since = desk.as_of - started.start
    return started.start if since.total_seconds() >= 0 and since <= clock_axis.LONGEST else None


def plan(desk: Desk) -> Plan | None:
    """What of this chart goes on the clock; None where there is no clock."""
    arrived = arrival(desk)
    if arrived is None:
        return None
    found, undrawn = clock_events.collect(desk, arrived - clock_axis.BEFORE)
    first = min((one.at for one in found if not one.early), default=arrived)
    axis = clock_axis.axis(arrived, desk.as_of, first)
    return Plan(
        axis=axis,
        labs=tuple(_serial(desk, axis, "labs")),
        vitals=tuple(_serial(desk, axis, "vitals")),
        events=tuple(found),
        undrawn=undrawn,
    )


def _serial(desk: Desk, axis: Axis, block: str) -> list[Serial]:
    """The most relevant rows of this visit that have a line to draw."""
    found: list[Serial] = []
    for entry in desk.in_order(("series",)):
        row = desk.series[entry.key]
        wanted = entry.importance in ("must", "should") or entry.floor
        if not wanted or tables.block_of(row, entry) != block or len(found) == _MOST[block]:
            continue
        drawn = clock_lanes.tracks(desk, row, axis)
        if drawn and len(drawn[0].dots) >= _SERIAL:
            found.append(Serial(row, drawn))
    return found


def build(desk: Desk, made: Plan) -> Block:
    """The block: results with their values, then events, then vital signs."""
    labs = [_value_row(desk, one, made.axis, tall=True) for one in made.labs]
    vitals = [_value_row(desk, one, made.axis, tall=False) for one in made.vitals]
    events = [
        clock_events.row(
            desk, lane, [e for e in made.events if e.lane == lane], made.undrawn.get(lane, {}), made.axis
        )
        for lane in _lanes(desk, made)
    ]  # fmt: skip
    desk.taken.update(made.keys)
    lines = _lines(desk, made)
    axis = made.axis
    return Block(
        key="clock",
        heading=HEADING,
        rows=(*labs, *events, *vitals),
        states=desk.states.gap_states(_FED_BY),
        clock=Clock(
            ticks=clock_axis.ticks(axis, desk.zone),
            now=axis.x(axis.now),
            arrived=axis.x(axis.arrived),
            arrival=fmt.clock(axis.arrived, desk.zone),
            words=f"arrived {fmt.clock(axis.arrived, desk.zone)}, {clock_axis.lasted(axis.now - axis.arrived)} ago",
            lines=lines[-_MOST_LINES:],
            more=max(0, len(lines) - _MOST_LINES),
        ),
    )


def _lanes(desk: Desk, made: Plan) -> list[str]:
    """The lanes with events; that of the medicines given also without; that of the ECG where the visit asks for one."""
    filled = {one.lane for one in made.events} | set(made.undrawn) | set(_ALWAYS)
    listed = {name for entry in desk.ranking.ranked for name in entry.listed}
    if clock_events.LISTED_ECG in listed | {one.item for one in desk.ranking.absent}:
        filled.add("ecg")
    return [lane for lane in _ORDER if lane in filled]


def _value_row(desk: Desk, one: Serial, axis: Axis, *, tall: bool) -> LabRow:
    window = spark.Window(start=axis.start, end=axis.now, words="")
    row = rows.lab_row(desk, one.row, window)
    lane = clock_lanes.lane(desk, one.row, one.tracks, axis, tall=tall)
    undrawn = _undrawn(desk, one, axis)
    others = _other_assays(desk, one.row) if tall else []
    aside = [_apart(desk, others)] if others else []
    if undrawn:
        aside.append(f"{fmt.plural(undrawn, 'value')} not on the line, see the row opened")
    return msgspec.structs.replace(
        row,
        spark=None,
        lane=lane,
        since=clock_lanes.change(one.tracks) if tall else row.since,
        second=" · ".join(filter(None, (row.second, *aside))),
        sources=(*row.sources, *(token for each in others for token in point_tokens(each.latest))),
    )


def _undrawn(desk: Desk, one: Serial, axis: Axis) -> int:
    """Values of the time shown that may not share the line, have no time of day, or cannot be right."""
    inside = [
        point.record
        for point in one.row.points
        if point.record.taken is not None and _is_inside(desk, point.record.taken, axis)
    ]
    counted = len([r for r in inside if r.status != "registered"])
    return max(0, counted - len(one.tracks[0].dots))


def _is_inside(desk: Desk, taken: FhirTime, axis: Axis) -> bool:
    if taken.zone_known:
        return axis.start <= taken.start <= axis.now + clock_events.CLOCKS
    first, last = (each.astimezone(desk.zone).date() for each in (axis.start, axis.now))
    return first <= fmt.date_of(taken, desk.zone) <= last


def _other_assays(desk: Desk, row: Series) -> list[Series]:
    """What bears the same name and may not share the line."""
    name = names.test(row.label)
    return [
        other
        for other in desk.chart.series
        if other.key != row.key and other.points and names.test(other.label) == name
    ]


def _apart(desk: Desk, others: Sequence[Series]) -> str:
    """ "03-Jan: other assay, apart"."""
    dates = ", ".join(desk.when_short(each.latest.record.taken) for each in others)
    return f"{dates}: other assay, apart"


# ---- the same in words


def _lines(desk: Desk, made: Plan) -> tuple[ClockLine, ...]:
    """Every moment with what was measured, seen or given at it, oldest first."""
    at: dict[datetime, list[tuple[Part, tuple[str, ...]]]] = {}
    for one in (*made.labs, *made.vitals):
        for moment, part in _values(desk, one):
            at.setdefault(moment, []).append((part, ()))
    for event in made.events:
        said = f"Given: {event.words}" if event.lane == "given" else f"{event.name}: {event.words}"
        at.setdefault(event.at, []).append((Part(text=said), event.sources))
    return tuple(_line(desk, made.axis, moment, at[moment]) for moment in sorted(at))


def _line(
    desk: Desk, axis: Axis, moment: datetime, told: Sequence[tuple[Part, tuple[str, ...]]]
) -> ClockLine:
    return ClockLine(
        time=clock_axis.time_words(moment, desk.as_of, desk.zone),
        after=clock_axis.after(axis, moment),
        parts=tuple(part for part, _ in told),
        sources=tuple(dict.fromkeys(token for _, tokens in told for token in tokens)),
    )


def _values(desk: Desk, one: Serial) -> Iterable[tuple[datetime, Part]]:
    """A pair is one value: "Blood pressure 148/86"."""
    name = desk.called(one.row)
    upper = one.tracks[0]
    lower: dict[datetime, list[spark.Dot]] = {}
    for dot in one.tracks[1].dots if len(one.tracks) > 1 else ():
        lower.setdefault(dot.at, []).append(dot)
    for dot in upper.dots:
        # Both parts stand in the order of their values: the first of a moment belongs to the first.
        under = next(iter(lower.get(dot.at, ())), None)
        lower[dot.at] = lower.get(dot.at, [])[1:]
        flags = " ".join(filter(None, (dot.flag, under.flag if under else "")))
        number = f"{dot.open_end}{dot.value:g}" + (f"/{under.value:g}" if under else "")
        words = " ".join(filter(None, (number, flags, "preliminary" if dot.hollow else "")))
        level = dot.level or (under.level if under else "")
        yield dot.at, Part(text=f"{name} {words}", level=level)
