"""The chart of an opened row: 438 px, stepped bands with each point's own range, breaks, medicine lanes (look part 6)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta, tzinfo

from clinical.judgement.dose import told
from clinical.records import Medication, Series
from clinical.summary import fmt, medicines, names, spark, ticks, values
from clinical.summary.desk import Desk
from clinical.summary.view_opened import ChartBreak, ChartDot, Lane, OpenChart

WIDTH, HEIGHT = 438.0, 170.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 44.0, 428.0, 24.0, 146.0
_MOST_LANES = 5


class Axes:
    """True time left to right; values from bottom to top with every range inside."""

    def __init__(self, start: datetime, end: datetime, low: float, high: float) -> None:
        self.start, self.end = start, end
        pad = (high - low) * 0.08 or abs(high) * 0.1 or 1.0
        self.low, self.high = low - pad, high + pad

    def x(self, moment: datetime) -> float:
        share = (moment - self.start) / (self.end - self.start)
        return round(_LEFT + min(max(share, 0.0), 1.0) * (_RIGHT - _LEFT), 1)

    def y(self, value: float) -> float:
        share = (value - self.low) / (self.high - self.low)
        return round(_BOTTOM - share * (_BOTTOM - _TOP), 1)


Range = tuple[datetime, float | None, float | None]


def build(desk: Desk, row: Series) -> OpenChart | None:
    """The chart of what can share the latest value's unit, on the axis of the setting; None when nothing can be plotted."""
    found, aside = _plotted(desk, row)
    if not found:
        return None
    first = found[0].dots[0].at
    start = first - (desk.as_of - first) * 0.02 - _lead(desk, first)
    found_ranges = _in_force(ranges(desk, row), start)
    heights = [d.value for t in found for d in t.dots] + [
        e for _, low, high in found_ranges for e in (low, high) if e is not None
    ]
    axes = Axes(start, desk.as_of, min(heights), max(heights))
    seen = desk.last_seen
    return OpenChart(
        width=WIDTH,
        height=HEIGHT,
        unit=values.shown(desk.judge, row.latest.record).unit,
        bands=_bands(axes, found_ranges),
        segments=tuple(part for track in found for part in _segments(axes, track)),
        dots=tuple(dot for track in found for dot in _dots(axes, track)),
        breaks=_breaks(axes, row),
        y_labels=_edges(axes, found_ranges),
        x_labels=_dates(axes, desk.zone),
        since=axes.x(seen) if seen is not None and axes.start <= seen <= axes.end else None,
        lanes=tuple(_lanes(desk, axes, row)),
        words=f"{desk.called(row)}: {'; '.join(filter(None, (_count(found), aside)))}",
        aside=aside,
    )


def _plotted(desk: Desk, row: Series) -> tuple[tuple[spark.Track, ...], str]:
    """What is drawn, and what is not: the window of the setting where it holds a line, else every value.

    The last day in the ED, the last five on a ward, 24 months in a clinic: an old value would press the new ones together.
    """
    first = next(
        (p.record.taken.start for p in row.points if p.record.taken is not None), desk.as_of
    )
    window = spark.Window(start=first - timedelta(days=1), end=desk.as_of, words="all")
    every = spark.tracks(desk.judge, row, window)
    suited = spark.window(desk.as_of, desk.visit.setting)
    near = spark.tracks(desk.judge, row, suited)
    if not near or len(near[0].dots) < 2:
        return every, ""
    older = len(every[0].dots) - len(near[0].dots)
    return near, f"{suited.words}, {fmt.plural(older, 'older value')} in the list" if older else ""


def _count(found: Sequence[spark.Track]) -> str:
    return fmt.plural(len(found[0].dots), "value")


def _lead(desk: Desk, first: datetime) -> timedelta:
    """Room before the first value, so that it does not stand on the edge."""
    return timedelta(hours=1) if desk.as_of - first >= timedelta(days=1) else timedelta(minutes=5)


def _in_force(found: Sequence[Range], start: datetime) -> list[Range]:
    """The ranges of the axis: that of the last value before it still holds where it begins."""
    before = [one for one in found if one[0] < start][-1:]
    return [*before, *(one for one in found if one[0] >= start)]


def ranges(desk: Desk, row: Series) -> list[Range]:
    """The range in force at each point, from that point's own entry only."""
    target = desk.judge.read_as(row.latest.record)
    found: list[Range] = []
    for point in row.points:
        taken = point.record.taken
        low, high = spark.ends(desk.judge, point.record, target)
        if taken is not None and (low is not None or high is not None):
            found.append((taken.start, low, high))
    return found


def runs(
    found: Sequence[Range], end: datetime
) -> Iterator[tuple[datetime, datetime, float | None, float | None]]:
    """Runs of the same range as (from, to, low, high); a run reaches to the next change, the last one to `end`."""
    index = 0
    while index < len(found):
        start, low, high = found[index]
        after = index + 1
        while after < len(found) and found[after][1:] == (low, high):
            after += 1
        yield start, found[after][0] if after < len(found) else end, low, high
        index = after


def _bands(axes: Axes, found: Sequence[Range]) -> tuple[tuple[float, float, float, float], ...]:
    """One band per run; the first one begins at the left edge."""
    bands = []
    for index, (start, end, low, high) in enumerate(runs(found, axes.end)):
        top = axes.y(high) if high is not None else _TOP
        bottom = axes.y(low) if low is not None else _BOTTOM
        left, right = axes.x(start) if index else _LEFT, axes.x(end)
        if bottom > top and right > left:
            bands.append((left, top, round(right - left, 1), round(bottom - top, 1)))
    return tuple(bands)


def _edges(axes: Axes, found: Sequence[Range]) -> tuple[tuple[float, str], ...]:
    if not found:
        return ()
    _, low, high = found[-1]
    return tuple((axes.y(edge), f"{edge:g}") for edge in (high, low) if edge is not None)


def _segments(axes: Axes, track: spark.Track) -> list[str]:
    parts: list[list[str]] = [[]]
    for index, dot in enumerate(track.dots):
        parts[-1].append(f"{axes.x(dot.at)},{axes.y(dot.value)}")
        if index in track.breaks:
            parts.append([])
    return [" ".join(part) for part in parts if len(part) > 1]


def _dots(axes: Axes, track: spark.Track) -> list[ChartDot]:
    last = len(track.dots) - 1
    return [
        ChartDot(
            x=axes.x(dot.at),
            y=axes.y(dot.value),
            level=dot.level,
            hollow=dot.hollow,
            label=f"{dot.open_end}{dot.value:g}" if dot.level or index in (0, last) else "",
            bound=dot.open_end,
        )
        for index, dot in enumerate(track.dots)
    ]


def _breaks(axes: Axes, row: Series) -> tuple[ChartBreak, ...]:
    found = []
    for one in row.breaks:
        before, after = row.points[one.after].record.taken, row.points[one.after + 1].record.taken
        if before is not None and after is not None:
            middle = before.start + (after.start - before.start) / 2
            if after.start < axes.start:
                continue  # between values that are older than the axis
            found.append(
                ChartBreak(x=axes.x(middle), before=one.before_words, after=one.after_words)
            )
    return tuple(found)


def _dates(axes: Axes, zone: tzinfo) -> tuple[tuple[float, str], ...]:
    """Four dates or times of the site's clock along the axis, in words that fit its length."""
    span = axes.end - axes.start
    found = []
    for step in range(4):
        moment = (axes.start + span * (step * 2 + 1) / 8).astimezone(zone)
        text = (
            moment.strftime("%H:%M")
            if span < timedelta(days=3)
            else fmt.day(moment.date())[3:]
            if span > timedelta(days=120)
            else fmt.day(moment.date())[:6]
        )
        found.append((axes.x(moment), text))
    return tuple(found)


def _lanes(desk: Desk, axes: Axes, row: Series) -> list[Lane]:
    """Medicines that act on this analyte, each with its starts, changes and stops on the same axis."""
    acting = ticks.acting_on(row)
    found = []
    for item in desk.chart.medications:
        records = [r for r in medicines.members(item) if not r.avoid]
        if acting and any(part in item.label.lower() for part in acting):
            lane = _lane(desk, axes, records)
            if lane is not None:
                found.append(lane)
    return found[:_MOST_LANES]


def _lane(desk: Desk, axes: Axes, records: Sequence[Medication]) -> Lane | None:
    dated = [
        (time.start, r)
        for r in records
        if (time := medicines.began(r)) is not None and time.start <= desk.as_of
    ]
    if not dated:
        return None
    dated.sort(key=lambda pair: (pair[0], pair[1].source.token))
    ends = [r.ends.start for _, r in dated if r.ends is not None and r.ends.start <= desk.as_of]
    current = any(r.status in medicines.CURRENT for _, r in dated)
    last = axes.end if current or not ends else max(ends)
    if last < axes.start:
        return None  # it was over before the axis begins
    return Lane(
        name=names.product(dated[-1][1].concept.text),
        starts=tuple((axes.x(at), told(r)) for at, r in dated if at >= axes.start),
        stops=tuple(axes.x(end) for end in ends if end >= axes.start),
        bars=((axes.x(dated[0][0]), axes.x(last)),) if current else (),
    )
