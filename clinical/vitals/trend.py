"""Geometry of one row of the flow sheet: true time, one scale per row, honest gaps. Pure numbers, no words of style.

All rows share one time axis. Many readings are thinned per two pixels to their first, lowest, highest and last, so
no peak is lost and the picture stays small.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import groupby, pairwise
from operator import itemgetter

from clinical.records import Frozen

from .judge import Flagged, Level
from .reading import Reading

WIDTH, HEIGHT = 248.0, 30.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 4.0, 244.0, 5.0, 25.0
_DOTS_AT_MOST = 60
_LETTER_WIDTH = 11.0


class Axis(Frozen, frozen=True):
    """The window as a time axis. shift: when the present shift began, if it lies inside."""

    start: datetime
    end: datetime
    shift: datetime | None = None

    def x(self, moment: datetime) -> float:
        share = (moment - self.start) / (self.end - self.start)
        return round(_LEFT + share * (_RIGHT - _LEFT), 1)

    def places(self, moments: Iterable[datetime]) -> list[float]:
        """`x` of many moments."""
        start, length = self.start, (self.end - self.start).total_seconds()
        each = (_RIGHT - _LEFT) / length
        return [round(_LEFT + (moment - start).total_seconds() * each, 1) for moment in moments]

    @property
    def shift_x(self) -> float | None:
        inside = self.shift is not None and self.start <= self.shift <= self.end
        return self.x(self.shift) if inside and self.shift is not None else None


class Dot(Frozen, frozen=True):
    x: float
    y: float
    level: Level = ""
    hollow: bool = False


class Trend(Frozen, frozen=True):
    """band: (y, height) of the values that score 0. segments: polyline point strings. errors: x of implausible values.

    silence: (x1, x2, y): nothing measured since the last point although it was expected. peak: (x, y, text).
    letters: (x, letter, missing). bars: (x, width, level) of oxygen; lines: (x1, x2) of air. shown, total: how many
    readings are drawn as dots, and how many there are.
    """

    band: tuple[float, float] | None = None
    segments: tuple[str, ...] = ()
    dots: tuple[Dot, ...] = ()
    errors: tuple[float, ...] = ()
    silence: tuple[float, float, float] | None = None
    peak: tuple[float, float, str] | None = None
    letters: tuple[tuple[float, str], ...] = ()
    bars: tuple[tuple[float, float], ...] = ()
    lines: tuple[tuple[float, float], ...] = ()
    shift: float | None = None
    total: int = 0
    words: str = ""


_Place = tuple[float, float, int]  # x, value, index of the reading


def line(
    readings: Sequence[Reading],
    axis: Axis,
    *,
    zero: tuple[float | None, float | None] = (None, None),
    judge: Callable[[Reading], Flagged],
    gap: timedelta | None = None,
    silent: bool = False,
) -> Trend:
    """A line of numbers. gap: a longer pause breaks the line. silent: the next value is overdue.

    readings: in time order, all inside the window. Entry errors are crosses, and break the line.
    """
    errors = tuple(axis.x(r.at) for r in readings if r.implausible)
    good = [r for r in readings if r.value is not None and not r.implausible and not r.comparator]
    if not good:
        return Trend(errors=errors, shift=axis.shift_x, total=len(readings), words="no values")
    values = [float(r.value or 0) for r in good]
    bottom, top = _scale(values, zero)
    places = list(zip(axis.places([r.at for r in good]), values, range(len(good)), strict=True))
    drawn = _dotted(places)
    last = places[-1]
    return Trend(
        band=_band(zero, bottom, top),
        segments=_segments(good, places, _breaks(readings, good, gap), bottom, top),
        dots=tuple(_dot(good[i], x, _y(value, bottom, top), judge) for x, value, i in drawn),
        errors=errors,
        silence=(last[0], axis.x(axis.end), _y(last[1], bottom, top)) if silent else None,
        peak=_peak(places, good, judge, bottom, top),
        shift=axis.shift_x,
        total=len(readings),
        words=_words(values),
    )


def _dot(reading: Reading, x: float, y: float, judge: Callable[[Reading], Flagged]) -> Dot:
    return Dot(x=x, y=y, level=judge(reading).level, hollow=reading.preliminary)


def _scale(values: Sequence[float], zero: tuple[float | None, float | None]) -> tuple[float, float]:
    """The values, and the nearer edge of the band, so that the reader sees on which side of it they lie."""
    bottom, top = min(values), max(values)
    low, high = zero
    if low is not None and bottom > low:
        bottom = low if high is None or top > high or bottom - low < (top - bottom) else bottom
    bottom = min(bottom, low) if low is not None and top < low else bottom
    if low is not None and top < low:
        top = low
    if high is not None and bottom > high:
        bottom = high
    if bottom == top:
        pad = abs(bottom) * 0.1 or 1.0
        bottom, top = bottom - pad, top + pad
    return bottom, top


def _y(value: float, bottom: float, top: float) -> float:
    return round(_BOTTOM - (value - bottom) / (top - bottom) * (_BOTTOM - _TOP), 1)


def _band(
    zero: tuple[float | None, float | None], bottom: float, top: float
) -> tuple[float, float] | None:
    low, high = zero
    if low is None and high is None:
        return None
    upper = 0.0 if high is None or high >= top else max(0.0, _y(high, bottom, top))
    lower = HEIGHT if low is None or low <= bottom else min(HEIGHT, _y(low, bottom, top))
    return (upper, round(lower - upper, 1)) if lower > upper else None


def _breaks(
    readings: Sequence[Reading], good: Sequence[Reading], gap: timedelta | None
) -> frozenset[int]:
    """Indexes of `good` after which the line stops: an entry error stands between, or the pause is too long."""
    times = [one.at for one in good]
    found = set()
    if gap is not None:
        found = {i for i, (one, after) in enumerate(pairwise(times)) if after - one > gap}
    for error in [r.at for r in readings if r.implausible]:
        first, last = bisect_left(times, error), bisect_right(times, error)
        # Between two values, or at the very moment of one or several: then on both sides of them.
        found.update(range(max(0, first - 1), min(last, len(times) - 1)))
    return frozenset(found)


def _segments(
    good: Sequence[Reading],
    places: Sequence[_Place],
    breaks: frozenset[int],
    bottom: float,
    top: float,
) -> tuple[str, ...]:
    parts: list[str] = []
    begin = 0
    for end in [*sorted(index + 1 for index in breaks), len(places)]:
        final = [place for place in places[begin:end] if not good[place[2]].preliminary]
        parts.append(_points(final, bottom, top))
        begin = end
    return tuple(part for part in parts if " " in part)


def _points(places: Sequence[_Place], bottom: float, top: float) -> str:
    return " ".join(f"{x},{_y(value, bottom, top)}" for x, value, _ in thinned(places))


def thinned(places: Sequence[_Place]) -> list[_Place]:
    """Per column of two pixels the first, lowest, highest and last, in time order."""
    if len(places) <= int(WIDTH):
        return list(places)
    kept: list[_Place] = []
    for _, several in groupby(places, key=_column):
        column = list(several)
        if len(column) < 3:
            kept.extend(column)
            continue
        low, high = min(column, key=_value), max(column, key=_value)
        kept.extend(sorted({column[0], low, high, column[-1]}, key=_index))
    return kept


def _column(place: _Place) -> int:
    return int(place[0] / 2)


_value: Callable[[_Place], float] = itemgetter(1)
_index: Callable[[_Place], int] = itemgetter(2)


def _dotted(places: Sequence[_Place]) -> list[_Place]:
    """Every value while they can be told apart; of many only the lowest, the highest and the newest."""
    if len(places) <= _DOTS_AT_MOST:
        return list(places)
    return sorted({min(places, key=_value), max(places, key=_value), places[-1]}, key=_index)


def _peak(
    places: Sequence[_Place],
    good: Sequence[Reading],
    judge: Callable[[Reading], Flagged],
    bottom: float,
    top: float,
) -> tuple[float, float, str] | None:
    """The highest value of a temperature, when it was a fever and is not the newest."""
    highest = max(places, key=_value)
    reading = good[highest[2]]
    if reading.sign != "temperature" or highest[2] == len(good) - 1 or judge(reading).flag != "H":
        return None
    return highest[0], _y(highest[1], bottom, top), f"peak {highest[1]:.1f}"


def _words(values: Sequence[float]) -> str:
    first, last = values[0], values[-1]
    if len(values) == 1:
        return f"one value, {last:g}"
    way = "rising" if last > first else "falling" if last < first else "level"
    return f"{len(values)} values, {way} from {first:g} to {last:g}, {min(values):g} to {max(values):g}"


# ---- consciousness and oxygen: no curves -------------------------------------------------------------------------


def letters(readings: Sequence[Reading], axis: Axis) -> Trend:
    """The letters at their times; where they would overlap a change is kept before a repetition."""
    found: list[tuple[float, str]] = []
    for reading in readings:
        if not reading.letter:
            continue
        x = axis.x(reading.at)
        if found and x - found[-1][0] < _LETTER_WIDTH:
            if found[-1][1] == reading.letter or (len(found) > 1 and found[-2][1] != found[-1][1]):
                continue
            found.pop()
        found.append((x, reading.letter))
    words = ", ".join(letter for _, letter in found) or "no values"
    return Trend(letters=tuple(found), shift=axis.shift_x, total=len(readings), words=words)


def oxygen(readings: Sequence[Reading], axis: Axis, *, holds: timedelta) -> Trend:
    """Air as a line, oxygen as a bar, each from its reading to the next one, but no longer than `holds`."""
    bars: list[tuple[float, float]] = []
    lines: list[tuple[float, float]] = []
    for air, begin, end in _stretches(readings, axis, holds):
        if air:
            lines.append((begin, end))
        else:
            bars.append((begin, round(max(end - begin, 2.0), 1)))
    told = [("air" if r.air else "oxygen") for r in readings if r.air is not None]
    words = f"{told[0]}, now {told[-1]}" if told else "no values"
    return Trend(
        bars=tuple(bars), lines=tuple(lines), shift=axis.shift_x, total=len(readings), words=words
    )


def _stretches(
    readings: Sequence[Reading], axis: Axis, holds: timedelta
) -> Iterator[tuple[bool, float, float]]:
    """(on air, from x, to x): readings that say the same and follow each other without a pause are one stretch."""
    known: tuple[bool, datetime, datetime] | None = None
    for index, reading in enumerate(readings):
        if reading.air is None:
            continue
        after = readings[index + 1].at if index + 1 < len(readings) else axis.end
        until = min(after, reading.at + holds, axis.end)
        if known is not None and known[0] == reading.air and known[2] == reading.at:
            known = (reading.air, known[1], until)
            continue
        if known is not None:
            yield known[0], axis.x(known[1]), axis.x(known[2])
        known = (reading.air, reading.at, until)
    if known is not None:
        yield known[0], axis.x(known[1]), axis.x(known[2])
