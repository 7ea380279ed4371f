"""Geometry of the 96x20 trend lines: one time window for a whole table, true time, honest breaks (look part 6)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

import msgspec

from clinical import units
from clinical.judgement import Abnormality, runs_backwards
from clinical.records import (
    Component,
    Frozen,
    Observation,
    Point,
    Quantity,
    Series,
)
from clinical.summary import values
from clinical.summary.level import Judge
from clinical.summary.view_model import Level, Spark

WIDTH, HEIGHT = 96.0, 20.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 3.0, 93.0, 3.0, 17.0

DIASTOLIC = "8462-4"
SYSTOLIC = "8480-6"
_CLOCKS = timedelta(minutes=5)  # a time so far ahead of ours is now
_FINAL = frozenset({"final", "amended", "corrected"})


class Window(Frozen, frozen=True):
    """The time axis of a table. start, end: aware UTC. words: heading of the column ("24 months")."""

    start: datetime
    end: datetime
    words: str

    def x(self, moment: datetime) -> float:
        """Place of a moment on the axis, in pixels."""
        share = (moment - self.start) / (self.end - self.start)
        return round(_LEFT + share * (_RIGHT - _LEFT), 1)


class Dot(Frozen, frozen=True):
    """One plottable value. hollow: preliminary. open_end: "<" or ">" for a bound. flag: "H" …"""

    at: datetime
    value: float
    level: Level = ""
    hollow: bool = False
    open_end: str = ""
    flag: str = ""


class Track(Frozen, frozen=True):
    """Values that share one line; `breaks`: indexes after which the line stops and starts again."""

    dots: tuple[Dot, ...]
    breaks: frozenset[int] = frozenset()


def window(as_of: datetime, setting: str) -> Window:
    """24 months for a clinic; the last day in the ED, the last five on a ward."""
    if setting == "ed":
        return Window(start=as_of - timedelta(hours=24), end=as_of, words="24 hours")
    if setting == "ward":
        return Window(start=as_of - timedelta(days=5), end=as_of, words="5 days")
    return Window(start=as_of - timedelta(days=730), end=as_of, words="24 months")


def tracks(judge: Judge, row: Series, win: Window) -> tuple[Track, ...]:
    """One track, or two for a blood pressure. Only values in the unit of the latest one are drawn."""
    return tuple(
        Track(
            dots=tuple(_judged(judge, plot, code) for plot in line.plots),
            breaks=line.breaks,
        )
        for code, line in _lines(judge, row, win)
    )


class _Plot(msgspec.Struct, frozen=True, gc=False):
    """A plottable value before anybody asks for its level: of a thousand on a trend line one is judged."""

    record: Observation
    at: datetime
    value: float
    hollow: bool
    open_end: str


class _Line(NamedTuple):
    """As a Track."""

    plots: list[_Plot]
    breaks: frozenset[int]


def _judged(judge: Judge, plot: _Plot, code: str) -> Dot:
    judged = _flag(judge, plot.record, code)
    return Dot(
        at=plot.at,
        value=plot.value,
        level=judged.level,
        hollow=plot.hollow,
        open_end=plot.open_end,
        flag=judged.flag,
    )


def _lines(judge: Judge, row: Series, win: Window) -> list[tuple[str, _Line]]:
    """Code of the part ("" for a whole value) and what is drawn of it."""
    codes = (SYSTOLIC, DIASTOLIC) if row.latest.record.components else ("",)
    found = [(code, _line(judge, row, win, code)) for code in codes]
    return [(code, line) for code, line in found if line.plots]


def _line(judge: Judge, row: Series, win: Window, code: str) -> _Line:
    target = _target(judge, row, code)
    # A mapping that nobody confirmed is no ground for a conversion that needs the analyte.
    codes = tuple(found for _, found in row.codes) if row.mapping != "suggested" else ()
    plots: list[_Plot] = []
    breaks: set[int] = set()
    places = {found.after for found in row.breaks}
    end, latest = win.end, win.end + _CLOCKS
    for index in range(_first_inside(row.points, win.start), len(row.points)):
        record = row.points[index].record
        quantity = _measured(record, code) if code else record.value.quantity
        taken, doubtful, value = record.taken, judge.doubt(record), None
        if quantity and target and taken and not doubtful and taken.start <= latest:
            value = value_in(quantity, target, codes)
        if quantity and taken and value is not None:
            at, hollow = taken.start, record.status not in _FINAL
            open_end = _open_end(quantity) if quantity.comparator else ""
            # A time that is a little ahead of ours stands at the end.
            plots.append(_Plot(record, min(at, end), float(value), hollow, open_end))
        elif plots and not doubtful:
            breaks.add(len(plots) - 1)
        if index in places and plots:
            breaks.add(len(plots) - 1)
    return _Line(plots, frozenset(breaks))


def _open_end(quantity: Quantity) -> str:
    found = (quantity.comparator or "")[:1]
    return found if found in "<>" else ""


def _first_inside(points: Sequence[Point], start: datetime) -> int:
    low, high = 0, len(points)
    while low < high:
        middle = (low + high) // 2
        taken = points[middle].record.taken
        if taken is not None and taken.start < start:
            low = middle + 1
        else:
            high = middle
    return low


def _target(judge: Judge, row: Series, code: str) -> Quantity | None:
    """The newest value with a number, as the site reads it: everything is drawn in its unit."""
    for point in reversed(row.points):
        quantity = _measured(point.record, code)
        if quantity is not None and quantity.value is not None:
            return quantity if code else judge.read_as(point.record)
    return None


def _measured(record: Observation, code: str) -> Quantity | None:
    if not code:
        return record.value.quantity
    part = _part(record, code)
    return part.value.quantity if part is not None else None


def _part(record: Observation, code: str) -> Component | None:
    for part in record.components:
        if any(coding.code == code for coding in part.concept.codings):
            return part
    return None


def _flag(judge: Judge, record: Observation, code: str) -> Abnormality:
    part = _part(record, code) if code else None
    if part is None:
        return judge.flag(record)
    own = judge.part(record, part)
    # A flag on the pair as a whole is drawn on its upper line.
    return own if own.level or code == DIASTOLIC else judge.flag(record)


def value_in(quantity: Quantity, target: Quantity, codes: Sequence[str]) -> Decimal | None:
    """The number in the unit of `target`; None when it may not share a line with it."""
    if quantity.code == target.code and quantity.unit == target.unit:
        return quantity.value
    to = units.ucum(target)
    if not to or units.ucum(quantity) == to:
        return quantity.value if to else None
    converted = units.convert(quantity, to, codes=codes)
    return None if isinstance(converted, units.Refused) else converted.value


def draw(
    judge: Judge,
    row: Series,
    win: Window,
    *,
    last_seen: datetime | None,
    ticks: Sequence[datetime] = (),
) -> Spark | None:
    """The trend line of one row; None when nothing of it can be drawn (text results, no time)."""
    lines = _lines(judge, row, win)
    since = (
        win.x(last_seen) if last_seen is not None and win.start <= last_seen <= win.end else None
    )
    if not lines:
        return _undrawn(judge, row, win, since)
    low, high = ends(judge, row.latest.record, _target(judge, row, ""))
    found = [line for _, line in lines]
    bottom, top = _scale(found, low, high)
    last = [_judged(judge, line.plots[-1], code) for code, line in lines]
    return Spark(
        band=_band(low, high, bottom, top),
        segments=tuple(part for line in found for part in _segments(line, win, bottom, top)),
        dots=tuple(
            (win.x(d.at), _y(d.value, bottom, top), d.level, d.hollow)
            for d in last
            if not d.open_end
        ),
        ticks=tuple(sorted({win.x(t) for t in ticks if win.start <= t <= win.end})),
        open_ends=tuple(
            (win.x(d.at), _y(d.value, bottom, top), d.open_end)
            for line in found
            for d in line.plots
            if d.open_end
        ),
        since=since,
        words=_words(found[0].plots),
    )


def _undrawn(judge: Judge, row: Series, win: Window, since: float | None) -> Spark | None:
    """A line without a value: that all are older than the window is said, since an empty place looks like none."""
    numbers = [p.record for p in row.points if p.record.value.quantity or _measured(p.record, SYSTOLIC)]  # fmt: skip
    latest = row.points[-1].record if row.points else None
    if not numbers or latest is not numbers[-1]:
        return None
    if latest.taken is None or latest.taken.start >= win.start or judge.doubt(latest):
        return Spark(since=since, words="") if latest.value.quantity is not None else None
    count = f"{len(numbers)} values, all" if len(numbers) > 1 else "one value,"
    return Spark(since=since, words=f"{count} older than {win.words}", older=True)


def ends(
    judge: Judge, record: Observation, target: Quantity | None
) -> tuple[float | None, float | None]:
    """Low and high of a point's own range in the unit of `target`; None for an end that may not be read in it.

    (None, None) for a range that runs backwards: there is no band between its ends.
    """
    usual = judge.range(record)
    codes = [coding.code for coding in record.concept.codings]
    if usual is None or target is None or runs_backwards(usual, codes=codes):
        return None, None
    found: list[float | None] = []
    for sent in (usual.low, usual.high):
        end = values.end_as_read(judge, sent, record)
        value = value_in(end, target, codes) if end is not None else None
        found.append(_float(value))
    return found[0], found[1]


def _float(value: Decimal | None) -> float | None:
    return float(value) if value is not None else None


def _scale(found: Sequence[_Line], low: float | None, high: float | None) -> tuple[float, float]:
    """From the values and the edge of the range that is nearest to them."""
    values = [plot.value for line in found for plot in line.plots]
    bottom, top = min(values), max(values)
    edges = [edge for edge in (low, high) if edge is not None]
    inside = [edge for edge in edges if bottom <= edge <= top]
    if edges and not inside:
        nearest = min(edges, key=lambda edge: min(abs(edge - bottom), abs(edge - top)))
        bottom, top = min(bottom, nearest), max(top, nearest)
    if bottom == top:
        pad = abs(bottom) * 0.1 or 1.0
        bottom, top = bottom - pad, top + pad
    return bottom, top


def _y(value: float, bottom: float, top: float) -> float:
    return round(_BOTTOM - (value - bottom) / (top - bottom) * (_BOTTOM - _TOP), 1)


def _band(
    low: float | None, high: float | None, bottom: float, top: float
) -> tuple[float, float] | None:
    if low is None and high is None:
        return None
    upper = HEIGHT if high is not None and high < bottom else 0.0
    lower = 0.0 if low is not None and low > top else HEIGHT
    if high is not None and bottom <= high <= top:
        upper = _y(high, bottom, top)
    if low is not None and bottom <= low <= top:
        lower = _y(low, bottom, top)
    return (upper, round(lower - upper, 1)) if lower > upper else None


def _segments(line: _Line, win: Window, bottom: float, top: float) -> list[str]:
    """Each unbroken part as "x,y x,y". Places as in Window.x and _y, without a call for each of many values."""
    parts: list[str] = []
    current: list[str] = []
    start, span, last = win.start, win.end - win.start, len(line.plots) - 1
    wide, high, tall = _RIGHT - _LEFT, top - bottom, _BOTTOM - _TOP
    for index, plot in enumerate(line.plots):
        if not plot.hollow or index == last:
            x = _LEFT + (plot.at - start) / span * wide
            y = _BOTTOM - (plot.value - bottom) / high * tall
            current.append(f"{x:.1f},{y:.1f}")
        if index in line.breaks:
            parts.append(" ".join(current))
            current = []
    parts.append(" ".join(current))
    return [part for part in parts if " " in part]


def _words(plots: Sequence[_Plot]) -> str:
    first, last, count = plots[0], plots[-1], len(plots)
    if count == 1:
        return "one value in this time"
    way = (
        "rising" if last.value > first.value else "falling" if last.value < first.value else "level"
    )
    return f"{count} values, {way} from {first.value:g} to {last.value:g}"
