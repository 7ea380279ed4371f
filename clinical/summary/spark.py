"""Geometry of the 96x20 trend lines: one time window for a whole table, true time, honest breaks (look part 6)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from clinical import units
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
    """One plottable value. hollow: preliminary. open_end: "<" or ">" for a bound."""

    at: datetime
    value: float
    level: Level = ""
    hollow: bool = False
    open_end: str = ""


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
    if row.latest.record.components:
        found = [_track(judge, row, win, code) for code in (SYSTOLIC, DIASTOLIC)]
        return tuple(track for track in found if track.dots)
    track = _track(judge, row, win, "")
    return (track,) if track.dots else ()


def _track(judge: Judge, row: Series, win: Window, code: str) -> Track:
    target = _target(judge, row, code)
    # A mapping that nobody confirmed is no ground for a conversion that needs the analyte.
    codes = tuple(found for _, found in row.codes) if row.mapping != "suggested" else ()
    dots: list[Dot] = []
    breaks: set[int] = set()
    places = {found.after for found in row.breaks}
    first = _first_inside(row.points, win.start)
    for index in range(first, len(row.points)):
        record = row.points[index].record
        dot = _dot(judge, record, code, win, target, codes)
        if dot is not None:
            dots.append(dot)
        elif dots and not judge.doubt(record):
            breaks.add(len(dots) - 1)
        if index in places and dots:
            breaks.add(len(dots) - 1)
    return Track(dots=tuple(dots), breaks=frozenset(breaks))


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


def _level(judge: Judge, record: Observation, code: str) -> Level:
    part = _part(record, code) if code else None
    if part is None:
        return judge.level(record)
    own = judge.part(record, part)
    # A flag on the pair as a whole is drawn on its upper line.
    return own.level if own.level or code == DIASTOLIC else judge.level(record)


def value_in(quantity: Quantity, target: Quantity, codes: Sequence[str]) -> Decimal | None:
    """The number in the unit of `target`; None when it may not share a line with it."""
    if (quantity.code, quantity.unit) == (target.code, target.unit):
        return quantity.value
    to = units.ucum(target)
    if not to or units.ucum(quantity) == to:
        return quantity.value if to else None
    converted = units.convert(quantity, to, codes=codes)
    return None if isinstance(converted, units.Refused) else converted.value


def _dot(
    judge: Judge,
    record: Observation,
    code: str,
    win: Window,
    target: Quantity | None,
    codes: Sequence[str],
) -> Dot | None:
    quantity, taken = _measured(record, code), record.taken
    if (
        quantity is None
        or target is None
        or taken is None
        or taken.start > win.end + timedelta(minutes=5)
    ):
        return None
    value = value_in(quantity, target, codes)
    if value is None or judge.doubt(record):
        return None
    open_end = (quantity.comparator or "")[:1]
    return Dot(
        at=min(taken.start, win.end),
        value=float(value),
        level=_level(judge, record, code),
        hollow=record.status not in ("final", "amended", "corrected"),
        open_end=open_end if open_end in "<>" else "",
    )


def draw(
    judge: Judge,
    row: Series,
    win: Window,
    *,
    last_seen: datetime | None,
    ticks: Sequence[datetime] = (),
) -> Spark | None:
    """The trend line of one row; None when nothing of it can be drawn (text results, no time)."""
    found = tracks(judge, row, win)
    since = (
        win.x(last_seen) if last_seen is not None and win.start <= last_seen <= win.end else None
    )
    if not found:
        has_number = any(p.record.value.quantity is not None for p in row.points[-1:])
        return Spark(since=since, words="") if has_number else None
    low, high = ends(judge, row.latest.record, _target(judge, row, ""))
    bottom, top = _scale(found, low, high)
    last = [track.dots[-1] for track in found]
    return Spark(
        band=_band(low, high, bottom, top),
        segments=tuple(part for track in found for part in _segments(track, win, bottom, top)),
        dots=tuple(
            (win.x(d.at), _y(d.value, bottom, top), d.level, d.hollow)
            for d in last
            if not d.open_end
        ),
        ticks=tuple(sorted({win.x(t) for t in ticks if win.start <= t <= win.end})),
        open_ends=tuple(
            (win.x(d.at), _y(d.value, bottom, top), d.open_end)
            for t in found
            for d in t.dots
            if d.open_end
        ),
        since=since,
        words=_words(found[0]),
    )


def ends(
    judge: Judge, record: Observation, target: Quantity | None
) -> tuple[float | None, float | None]:
    """Low and high of a point's own range in the unit of `target`; None for an end that may not be read in it."""
    usual = judge.range(record)
    if usual is None or target is None:
        return None, None
    codes = [coding.code for coding in record.concept.codings]
    found: list[float | None] = []
    for sent in (usual.low, usual.high):
        end = values.end_as_read(judge, sent, record)
        value = value_in(end, target, codes) if end is not None else None
        found.append(_float(value))
    return found[0], found[1]


def _float(value: Decimal | None) -> float | None:
    return float(value) if value is not None else None


def _scale(found: Sequence[Track], low: float | None, high: float | None) -> tuple[float, float]:
    """From the values and the edge of the range that is nearest to them."""
    values = [dot.value for track in found for dot in track.dots]
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


def _segments(track: Track, win: Window, bottom: float, top: float) -> list[str]:
    parts: list[str] = []
    current: list[str] = []
    for index, dot in enumerate(track.dots):
        if not dot.hollow or index == len(track.dots) - 1:
            current.append(f"{win.x(dot.at)},{_y(dot.value, bottom, top)}")
        if index in track.breaks:
            parts.append(" ".join(current))
            current = []
    parts.append(" ".join(current))
    return [part for part in parts if " " in part]


def _words(track: Track) -> str:
    first, last, count = track.dots[0], track.dots[-1], len(track.dots)
    if count == 1:
        return "one value in this time"
    way = (
        "rising" if last.value > first.value else "falling" if last.value < first.value else "level"
    )
    return f"{count} values, {way} from {first.value:g} to {last.value:g}"
