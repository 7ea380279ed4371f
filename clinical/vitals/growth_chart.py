"""A growth chart as geometry: the published centile lines, and the child's own points on true ages.

One chart per measure over the ages that were measured. A line stops where its table stops, and WHO and CDC are not
joined where they meet at 24 months: the step between them is real.
"""

from __future__ import annotations

from collections.abc import Sequence

from clinical.records import Frozen

from . import lms
from .growth import Measured
from .lms import SWITCH_DAYS, Sex

WIDTH, HEIGHT = 420.0, 220.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 34.0, 384.0, 8.0, 196.0
_STEPS = 36  # places of a line on which its value is looked up
_SHORTEST = 180.0  # days of age that a chart shows at least
_MONTH, _YEAR = lms.DAYS_PER_MONTH, 365.25
FOR_AGE = ("weight", "length", "head", "bmi")


class CentileLine(Frozen, frozen=True):
    """One published line. segments: polyline points, one per reference. label: "50", at (x, y) of its end."""

    label: str
    segments: tuple[str, ...]
    x: float
    y: float


class GrowthDot(Frozen, frozen=True):
    """One measurement, at its corrected age where that is used. outside: no table covers it."""

    x: float
    y: float
    outside: bool = False


class GrowthChart(Frozen, frozen=True):
    """ticks: (x, "6 mo"); levels: (y, "12"). own: the child's points joined. switch: x of the change of reference."""

    lines: tuple[CentileLine, ...]
    dots: tuple[GrowthDot, ...]
    own: str
    ticks: tuple[tuple[float, str], ...]
    levels: tuple[tuple[float, str], ...]
    switch: float | None
    words: str


class _Scale(Frozen, frozen=True):
    youngest: float
    oldest: float
    lowest: float
    highest: float

    def x(self, days: float) -> float:
        share = (days - self.youngest) / (self.oldest - self.youngest)
        return round(_LEFT + share * (_RIGHT - _LEFT), 1)

    def y(self, value: float) -> float:
        share = (value - self.lowest) / (self.highest - self.lowest)
        return round(_BOTTOM - share * (_BOTTOM - _TOP), 1)


def growth_chart(measure: str, sex: Sex, rows: Sequence[Measured]) -> GrowthChart | None:
    """None for a measure without lines over age, or when no line covers these ages.

    rows: of this measure, oldest first. Ages before term are not drawn.
    """
    shown = [one for one in rows if _age(one) >= 0]
    if measure not in FOR_AGE or not shown:
        return None
    first, last = _ages(shown)
    curves = {line: _curve(measure, sex, line, first, last) for line in lms.LINES}
    values = [value for curve in curves.values() for part in curve for _, value in part]
    if not values:
        return None
    own = [one.value for one in shown]
    scale = _Scale(youngest=first, oldest=last, lowest=min(*values, *own), highest=max(*values, *own))  # fmt: skip
    dots = tuple(
        GrowthDot(x=scale.x(_age(one)), y=scale.y(one.value), outside=one.place is None)
        for one in shown
    )
    return GrowthChart(
        lines=tuple(_line(label, curve, scale) for label, curve in curves.items() if curve),
        dots=dots,
        own=" ".join(f"{dot.x},{dot.y}" for dot in dots),
        ticks=_ticks(scale),
        levels=_levels(scale),
        switch=scale.x(SWITCH_DAYS) if first < SWITCH_DAYS < last else None,
        words=_words(shown),
    )


def _age(one: Measured) -> float:
    return float(one.age_days if one.corrected_days is None else one.corrected_days)


def _ages(shown: Sequence[Measured]) -> tuple[float, float]:
    """From the first to the last age, with some room after it, and never a sliver."""
    first, last = min(map(_age, shown)), max(map(_age, shown))
    last += max(0.05 * (last - first), 15.0)
    short = max(0.0, _SHORTEST - (last - first))
    return max(0.0, first - short / 2), last + short / 2


def _curve(
    measure: str, sex: Sex, centile: float, first: float, last: float
) -> list[list[tuple[float, float]]]:
    """(age, value) of one line, in one part for each reference."""
    step = (last - first) / _STEPS
    ages = [first + step * place for place in range(_STEPS + 1)]
    parts = []
    for inside in (
        [age for age in ages if age < SWITCH_DAYS],
        [age for age in ages if age >= SWITCH_DAYS],
    ):
        found = [
            (age, value)
            for age in inside
            if (value := lms.value_at(measure, sex, age, centile)) is not None
        ]
        if len(found) > 1:
            parts.append(found)
    return parts


def _line(centile: float, curve: list[list[tuple[float, float]]], scale: _Scale) -> CentileLine:
    segments = tuple(
        " ".join(f"{scale.x(age)},{scale.y(value)}" for age, value in part) for part in curve
    )
    age, value = curve[-1][-1]
    return CentileLine(label=f"{centile:g}", segments=segments, x=scale.x(age), y=scale.y(value))


def _ticks(scale: _Scale) -> tuple[tuple[float, str], ...]:
    """Months under two years, else years, so that at most seven labels stand on the axis."""
    span = scale.oldest - scale.youngest
    months = next((m for m in (1, 3, 6, 12, 24, 48) if span <= 7 * m * _MONTH), 48)
    found = []
    for number in range(0, 241, months):
        age = number * _MONTH
        if scale.youngest <= age <= scale.oldest:
            years = number / 12
            found.append((scale.x(age), f"{number} mo" if number < 24 else f"{years:g} y"))
    return tuple(found)


def _levels(scale: _Scale) -> tuple[tuple[float, str], ...]:
    span = scale.highest - scale.lowest
    step = next((s for s in (0.5, 1, 2, 5, 10, 20, 50) if span <= 6 * s), 50.0)
    first = int(scale.lowest / step) + 1
    marks = [(first + place) * step for place in range(8)]
    return tuple((scale.y(mark), f"{mark:g}") for mark in marks if mark <= scale.highest)


def _words(shown: Sequence[Measured]) -> str:
    newest = shown[-1]
    where = f"centile {newest.place.centile:.0f}" if newest.place is not None else newest.why
    noun = "measurement" if len(shown) == 1 else "measurements"
    return f"{len(shown)} {noun} on published centile lines, newest {newest.value:.1f}, {where}"
