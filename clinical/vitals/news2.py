"""NEWS2: points, sum and band of one set of measurements, with what is missing. A decision aid.

Source: Royal College of Physicians, National Early Warning Score (NEWS) 2, London 2017, chart 1. Nothing is imputed
or carried over: a missing part has no points, and the sum is then a least.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import Literal, NamedTuple

from clinical.records import Frozen

from .reading import Reading

Scale = Literal[1, 2]
PARTS = (
    "respiration", "spo2", "oxygen", "systolic", "pulse", "consciousness", "temperature",
)  # fmt: skip

# Bands in the order of the ladder; "one part" is a single part that scores 3 in a sum under 5.
Band = Literal["", "low", "one part", "medium", "high"]
BANDS: tuple[Band, ...] = ("", "low", "one part", "medium", "high")
BAND_WORDS: dict[str, str] = {
    "": "", "low": "low", "one part": "one part scores 3", "medium": "medium", "high": "high",
}  # fmt: skip


class Step(NamedTuple):
    """Values up to and including `top` score `points`; the last step of a table has no top."""

    top: Decimal | None
    points: int


def _steps(*pairs: tuple[str, int]) -> tuple[Step, ...]:
    return tuple(Step(Decimal(top) if top else None, points) for top, points in pairs)


# Read upwards: the first step whose top is not below the rounded value.
TABLE: dict[str, tuple[Step, ...]] = {
    "respiration": _steps(("8", 3), ("11", 1), ("20", 0), ("24", 2), ("", 3)),
    "spo2": _steps(("91", 3), ("93", 2), ("95", 1), ("", 0)),
    "systolic": _steps(("90", 3), ("100", 2), ("110", 1), ("219", 0), ("", 3)),
    "pulse": _steps(("40", 3), ("50", 1), ("90", 0), ("110", 1), ("130", 2), ("", 3)),
    "temperature": _steps(("35.0", 3), ("36.0", 1), ("38.0", 0), ("39.0", 1), ("", 2)),
}
# Scale 2; above 92 % the points depend on oxygen, see `_spo2_scale_2`.
_SCALE_2_LOW = _steps(("83", 3), ("85", 2), ("87", 1), ("92", 0))
_SCALE_2_ON_OXYGEN = _steps(("94", 1), ("96", 2), ("", 3))
_OXYGEN_POINTS = 2
_NOT_ALERT_POINTS = 3
_WHOLE, _TENTH = Decimal(1), Decimal("0.1")
_MOST = {
    "respiration": 3, "spo2": 3, "oxygen": 2, "systolic": 3, "pulse": 3, "consciousness": 3, "temperature": 3,
}  # fmt: skip

# The values that score 0, for the grey band of a trend: (low, high), None = no bound on that side.
ZERO: dict[str, tuple[Decimal | None, Decimal | None]] = {
    "respiration": (Decimal(12), Decimal(20)),
    "spo2": (Decimal(96), None),
    "systolic": (Decimal(111), Decimal(219)),
    "pulse": (Decimal(51), Decimal(90)),
    "temperature": (Decimal("36.1"), Decimal("38.0")),
}
ZERO_SPO2_SCALE_2 = (Decimal(88), Decimal(92))


class Part(Frozen, frozen=True):
    """One of the seven. points: None when it is missing or cannot be scored; then `why` says so, and `most` is what
    it could add (least is always 0). reading: what was measured, also when it does not count."""

    key: str
    points: int | None
    most: int  # the points themselves when they are known
    why: str = ""
    reading: Reading | None = None


class Score(Frozen, frozen=True):
    """The score of one set. at, since: newest and oldest measurement in it. scale: of the saturation.

    least: sum of what was measured; most: with everything missing at its worst; equal when complete.
    band: what `least` has reached; possible: what `most` could reach. measured: how many of the seven have points.
    """

    at: datetime
    since: datetime
    scale: Scale
    parts: tuple[Part, ...]
    least: int
    most: int
    band: Band
    possible: Band
    measured: int

    @property
    def complete(self) -> bool:
        return self.measured == len(self.parts)

    @property
    def missing(self) -> tuple[Part, ...]:
        return tuple(part for part in self.parts if part.points is None)

    def part(self, key: str) -> Part:
        return self.parts[PARTS.index(key)]


def score(readings: Mapping[str, Reading], *, scale: Scale) -> Score:
    """The score of the readings of one set, by sign; signs that are not a part are ignored.

    readings: at least one of them among `PARTS`. A reading that is not usable is a missing part with its reason.
    """
    oxygen = readings.get("oxygen")
    air = oxygen.air if oxygen is not None and oxygen.usable else None
    parts = tuple(_part(key, readings.get(key), scale, air) for key in PARTS)
    times = [reading.at for key, reading in readings.items() if key in _MOST]
    points = [part.points for part in parts if part.points is not None]
    least, most = sum(points), sum([part.most for part in parts])
    worst, could = max(points, default=0), max([part.most for part in parts])
    return Score(
        at=max(times),
        since=min(times),
        scale=scale,
        parts=parts,
        least=least,
        most=most,
        band=band_of(least, worst),
        possible=band_of(most, could),
        measured=len(points),
    )


def band_of(total: int, worst_part: int) -> Band:
    """The band of a sum and its highest part."""
    if total >= 7:
        return "high"
    if total >= 5:
        return "medium"
    return "one part" if worst_part == 3 else "low"


def _part(key: str, reading: Reading | None, scale: Scale, air: bool | None) -> Part:
    if reading is None:
        return Part(key=key, points=None, most=_MOST[key], why="not recorded")
    if not reading.usable:
        return Part(key=key, points=None, most=_MOST[key], why=reading.unusable, reading=reading)
    if key == "oxygen":
        points = 0 if reading.air else _OXYGEN_POINTS
        return Part(key=key, points=points, most=points, reading=reading)
    if key == "consciousness":
        points = 0 if reading.letter == "A" else _NOT_ALERT_POINTS
        return Part(key=key, points=points, most=points, reading=reading)
    return _measured(key, reading, scale, air)


def _measured(key: str, reading: Reading, scale: Scale, air: bool | None) -> Part:
    assert reading.value is not None  # noqa: S101  a usable number
    if key == "spo2" and scale == 2:
        known, most = _spo2_scale_2(rounded(key, reading.value), air)
        why = "" if known is not None else "oxygen status not recorded"
        return Part(key=key, points=known, most=most, why=why, reading=reading)
    points = points_of(key, reading.value)
    return Part(key=key, points=points, most=points, reading=reading)


def rounded(key: str, value: Decimal) -> Decimal:
    """As the chart is written: temperature to a tenth, the others whole; a half goes up.

    >>> rounded("temperature", Decimal("38.05")), rounded("pulse", Decimal("90.5"))
    (Decimal('38.1'), Decimal('91'))
    """
    return value.quantize(_TENTH if key == "temperature" else _WHOLE, ROUND_HALF_UP)


@lru_cache(maxsize=4096)
def points_of(key: str, value: Decimal) -> int:
    """The points of a number by the table of scale 1; the same few numbers come again and again."""
    return _points(TABLE[key], rounded(key, value))


def _points(steps: tuple[Step, ...], value: Decimal) -> int:
    return next(step.points for step in steps if step.top is None or value <= step.top)


def _spo2_scale_2(value: Decimal, air: bool | None) -> tuple[int | None, int]:
    """(points, most): above 92 % air scores 0, oxygen more; not known which, then it is open."""
    if value <= 92:
        points = _points(_SCALE_2_LOW, value)
        return points, points
    on_oxygen = _points(_SCALE_2_ON_OXYGEN, value)
    if air is None:
        return None, on_oxygen
    return (0, 0) if air else (on_oxygen, on_oxygen)
