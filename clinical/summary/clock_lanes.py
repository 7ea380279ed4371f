"""Lanes of the clock that hold values: what is drawn of a row of results or vital signs, and in which words."""

from __future__ import annotations

from collections.abc import Container, Sequence
from datetime import datetime
from itertools import pairwise

from clinical.records import FhirTime, Series
from clinical.summary import clock_axis, fmt, openchart, spark, values
from clinical.summary.clock_axis import Axis
from clinical.summary.desk import Desk
from clinical.summary.view_model import Lane, LanePoint

_TALL, _PAIR, _LOW = 72, 44, 24
_TOP_TALL, _MARGIN = 22.0, 8.0
_LABEL_APART = 44.0  # px between two labelled points at the narrowest width


class Scale:
    """Values from bottom to top of one lane."""

    def __init__(self, found: Sequence[float], top: float, bottom: float) -> None:
        self.top, self.bottom = top, bottom
        low, high = min(found), max(found)
        pad = 0.0 if high > low else abs(high) * 0.1 or 1.0
        self.low, self.high = low - pad, high + pad

    def y(self, value: float) -> float:
        """Px from the upper edge, inside the lane."""
        share = (value - self.low) / (self.high - self.low)
        return round(self.bottom - min(max(share, 0.0), 1.0) * (self.bottom - self.top), 1)


def tracks(desk: Desk, row: Series, axis: Axis) -> tuple[spark.Track, ...]:
    """What of a row may be drawn between the edges of the axis: a day without a time has no place on it."""
    window = spark.Window(start=axis.start, end=axis.now, words="")
    days = {_day(point.record.taken) for point in row.points} - {None}
    found = spark.tracks(desk.judge, row, window)
    timed = found if not days else tuple(_without(track, days) for track in found)
    return tuple(track for track in timed if track.dots)


def _day(taken: FhirTime | None) -> datetime | None:
    """Where a value would be drawn of which only the day is known."""
    return taken.start if taken is not None and not taken.zone_known else None


def _without(track: spark.Track, moments: Container[datetime | None]) -> spark.Track:
    """The line stops where a dot is left out."""
    dots: list[spark.Dot] = []
    breaks: set[int] = set()
    for index, dot in enumerate(track.dots):
        left_out = dot.at in moments
        if not left_out:
            dots.append(dot)
        if dots and (left_out or index in track.breaks):
            breaks.add(len(dots) - 1)
    return spark.Track(dots=tuple(dots), breaks=frozenset(breaks))


def lane(desk: Desk, row: Series, found: Sequence[spark.Track], axis: Axis, *, tall: bool) -> Lane:
    """tall: a result, with its range and its values said; else a vital sign, with its first value said."""
    height = _TALL if tall else _PAIR if len(found) > 1 else _LOW
    ranges = [one for one in openchart.ranges(desk, row) if one[0] <= axis.now] if tall else []
    in_force = _in_force(ranges, axis)
    numbers = [dot.value for track in found for dot in track.dots]
    scale = Scale(
        [*numbers, *_nearest(in_force, numbers)],
        _TOP_TALL if tall else _MARGIN,
        height - _MARGIN,
    )
    return Lane(
        height=height,
        now=axis.x(axis.now),
        arrived=axis.x(axis.arrived),
        bands=tuple(_bands(axis, scale, in_force, height)),
        edges=_edges(scale, in_force),
        segments=tuple(s for track in found for s in _segments(axis, scale, track)),
        points=tuple(p for track in found for p in _points(axis, scale, track, tall=tall)),
        words=_words(desk, row, found),
    )


def _in_force(found: Sequence[openchart.Range], axis: Axis) -> list[openchart.Range]:
    before = [one for one in found if one[0] < axis.start][-1:]
    return [*before, *(one for one in found if one[0] >= axis.start)]


def _nearest(found: Sequence[openchart.Range], numbers: Sequence[float]) -> list[float]:
    """The edge of the range in force that lies nearest to the values: it is always seen."""
    edges = [edge for edge in (found[-1][1:] if found else ()) if edge is not None]
    low, high = min(numbers), max(numbers)
    return sorted(edges, key=lambda edge: min(abs(edge - low), abs(edge - high)))[:1]


def _bands(
    axis: Axis, scale: Scale, found: Sequence[openchart.Range], height: float
) -> list[tuple[float, float, float, float]]:
    bands = []
    for index, (start, end, low, high) in enumerate(openchart.runs(found, axis.end)):
        top = scale.y(high) if high is not None and high <= scale.high else 0.0
        bottom = scale.y(low) if low is not None and low >= scale.low else float(height)
        outside = (low is not None and low > scale.high) or (high is not None and high < scale.low)
        left = axis.x(start) if index else 0.0
        if not outside and bottom > top and axis.x(end) > left:
            bands.append((left, top, round(axis.x(end) - left, 1), round(bottom - top, 1)))
    return bands


def _edges(scale: Scale, found: Sequence[openchart.Range]) -> tuple[tuple[float, str], ...]:
    ends = [edge for edge in (found[-1][1:] if found else ()) if edge is not None]
    return tuple((scale.y(e), f"{e:g}") for e in ends if scale.low <= e <= scale.high)


def _segments(
    axis: Axis, scale: Scale, track: spark.Track
) -> list[tuple[float, float, float, float]]:
    """A preliminary value that is not the last one has its dot, and the line goes past it."""
    last = len(track.dots) - 1
    drawn = [i for i, dot in enumerate(track.dots) if not dot.hollow or i == last]
    return [
        (*_place(axis, scale, track.dots[one]), *_place(axis, scale, track.dots[two]))
        for one, two in pairwise(drawn)
        if not track.breaks.intersection(range(one, two))
    ]


def _place(axis: Axis, scale: Scale, dot: spark.Dot) -> tuple[float, float]:
    return axis.x(dot.at), scale.y(dot.value)


def _points(axis: Axis, scale: Scale, track: spark.Track, *, tall: bool) -> list[LanePoint]:
    """Every value of a result; of a vital sign the first one, in words, and the last."""
    last = len(track.dots) - 1
    kept = range(len(track.dots)) if tall else sorted({0, last})
    said = _labelled(axis, track) if tall else {0}
    points = []
    for index in kept:
        dot = track.dots[index]
        x, y = _place(axis, scale, dot)
        begins = not tall and index == 0 and last > 0
        side = "before" if begins else "end" if x > 84 else "start" if x < 12 else "middle"
        label = f"{dot.open_end}{dot.value:g}" + (f" {dot.flag}" if tall and dot.level else "")
        points.append(
            LanePoint(
                x, y, dot.level, dot.hollow, dot.open_end, label if index in said else "", side
            )
        )
    return points


def _labelled(axis: Axis, track: spark.Track) -> set[int]:
    """The last value, and those before it that leave its label room."""
    said: set[int] = set()
    free = float("inf")
    for index in range(len(track.dots) - 1, -1, -1):
        at = axis.x(track.dots[index].at) * clock_axis.NARROWEST / 100
        if free - at >= _LABEL_APART:
            said.add(index)
            free = at
    return said


def _words(desk: Desk, row: Series, found: Sequence[spark.Track]) -> str:
    """Every drawn value with its time, for a screen reader; a pair is told in two."""
    told = [", ".join(said(desk, dot) for dot in track.dots) for track in found]
    unit = values.shown(desk.judge, row.latest.record).unit
    return f"{desk.called(row)} {unit}: {'; then '.join(told)}".replace("  ", " ")


def said(desk: Desk, dot: spark.Dot) -> str:
    """ "15:06 41 H", "15:06 41 H preliminary"."""
    parts = (
        clock_axis.time_words(dot.at, desk.as_of, desk.zone),
        f"{dot.open_end}{dot.value:g}",
        dot.flag,
    )
    return " ".join(filter(None, (*parts, "preliminary" if dot.hollow else "")))


def change(found: Sequence[spark.Track]) -> str:
    """ "+55 in 123 min": between the last two values of one line that may be compared."""
    dots = found[0].dots
    if len(found) > 1 or len(dots) < 2 or len(dots) - 2 in found[0].breaks:
        return ""
    before, last = dots[-2], dots[-1]
    if before.open_end or last.open_end:
        return ""
    by = round(last.value - before.value, 6)
    sign = "+" if by > 0 else fmt.MINUS if by < 0 else "±"
    minutes = int((last.at - before.at).total_seconds() // 60)
    time = f"{minutes} min" if minutes < 300 else clock_axis.lasted(last.at - before.at)
    return f"{sign}{abs(by):g} in {time}"
