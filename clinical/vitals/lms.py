"""z-scores and centiles by the LMS method (Cole and Green 1992) over published tables.

Sources of the numbers, as published: WHO Child Growth Standards 2006, expanded tables by day (length, weight, head
circumference, BMI for age) and weight for length by millimetre; CDC Growth Charts 2000, LMS parameters by month
(stature, weight, BMI for age from 24 months, head circumference to 36 months) with the extended BMI method of 2022. Both are free of charge to use with
this citation. WHO is used under 24 months and CDC from then on, as CDC advises (MMWR 2010;59(RR-9)). The numbers are
in `growth_tables/*.csv`. Not yet reviewed by a clinician.
"""

from __future__ import annotations

import csv
import math
from bisect import bisect_right
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Literal, NamedTuple

Sex = Literal["male", "female"]
Reference = Literal["WHO 2006", "CDC 2000"]
_FOLDER = Path(__file__).parent / "growth_tables"
_FILES = {
    "who": ("who_2006_birth_to_24_months.csv", "days"),
    "cdc": ("cdc_2000_24_months_to_20_years.csv", "months"),
    "wfl": ("who_2006_weight_for_length.csv", "cm"),
}
# Spread of the half-normal tail of BMI by age in years: Wei et al., Ann Hum Biol 2020;47:514; CDC 2022.
_SIGMA: dict[Sex, tuple[float, float, float]] = {
    "male": (0.3728, 0.5196, -0.0091),
    "female": (0.8334, 0.3712, -0.0011),
}
DAYS_PER_MONTH = 30.4375  # 365.25 / 12
SWITCH_DAYS = 730.5  # 24 months
TERM_DAYS = 280
LINES = (2.0, 5.0, 10.0, 25.0, 50.0, 75.0, 90.0, 95.0, 98.0)


class Row(NamedTuple):
    """One row of a table: x is the age or the length."""

    x: float
    power: float
    median: float
    spread: float


class Place(NamedTuple):
    """Where a measurement stands. centile: 0 to 100."""

    reference: Reference
    z: float
    centile: float


@lru_cache(maxsize=1)
def _tables() -> dict[tuple[str, str, str], tuple[Row, ...]]:
    found: dict[tuple[str, str, str], list[Row]] = {}
    for table, (name, x) in _FILES.items():
        with (_FOLDER / name).open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                key = (table, row["measure"], row["sex"])
                numbers = (float(row[column]) for column in (x, "L", "M", "S"))
                found.setdefault(key, []).append(Row(*numbers))
    return {key: tuple(rows) for key, rows in found.items()}


def for_age(measure: str, sex: Sex, age_days: float, value: float) -> Place | None:
    """Where a "weight", "length", "head" or "bmi" stands at an age; None outside the published tables.

    Length is lying under 24 months and standing from then on. value: kg, cm or kg/m²; above 0.
    """
    reference, row = _at_age(measure, sex, age_days)
    if row is None or value <= 0:
        return None
    if reference == "CDC 2000" and measure == "bmi":
        return _extended_bmi(sex, age_days / 365.25, value, row)
    z = _z(value, row)
    return Place(reference, z, centile_of(z))


def _extended_bmi(sex: Sex, years: float, value: float, row: Row) -> Place:
    """Above the 95th centile the LMS values do not tell children apart; CDC's extended method of 2022 does."""
    z = _z(value, row)
    if centile_of(z) <= 95.0:
        return Place("CDC 2000", z, centile_of(z))
    a, b, c = _SIGMA[sex]
    sigma = a + b * years + c * years * years
    centile = 90.0 + 10.0 * centile_of((value - _value(z_of(95.0), row)) / sigma) / 100.0
    return Place("CDC 2000", z_of(centile), centile)


def weight_for_length(sex: Sex, length: float, weight: float) -> Place | None:
    """WHO, for lying lengths of 45 to 110 cm."""
    row = _between(_tables().get(("wfl", "weight-for-length", sex), ()), length)
    if row is None or weight <= 0:
        return None
    z = _z(weight, row)
    return Place("WHO 2006", z, centile_of(z))


def value_at(measure: str, sex: Sex, age_days: float, centile: float) -> float | None:
    """The value on a centile line, for drawing it; None outside the tables."""
    _, row = _at_age(measure, sex, age_days)
    return _value(z_of(centile), row) if row is not None else None


def _at_age(measure: str, sex: Sex, age_days: float) -> tuple[Reference, Row | None]:
    if age_days < SWITCH_DAYS:
        return "WHO 2006", _between(_tables().get(("who", measure, sex), ()), age_days)
    name = "height" if measure == "length" else measure
    rows = _tables().get(("cdc", name, sex), ())
    return "CDC 2000", _between(rows, age_days / DAYS_PER_MONTH)


def _between(rows: Sequence[Row], x: float) -> Row | None:
    """The row at x, on the straight line between two rows."""
    if not rows or not rows[0].x <= x <= rows[-1].x + 1:
        return None
    after = min(bisect_right(rows, (x, math.inf, math.inf, math.inf)), len(rows) - 1)
    low, high = rows[max(after - 1, 0)], rows[after]
    if low.x == high.x:
        return low
    share = min((x - low.x) / (high.x - low.x), 1.0)
    return Row(
        x,
        low.power + share * (high.power - low.power),
        low.median + share * (high.median - low.median),
        low.spread + share * (high.spread - low.spread),
    )


def _z(value: float, row: Row) -> float:
    if abs(row.power) < 1e-9:
        return math.log(value / row.median) / row.spread
    ratio: float = (value / row.median) ** row.power
    return (ratio - 1.0) / (row.power * row.spread)


def _value(z: float, row: Row) -> float:
    if abs(row.power) < 1e-9:
        return row.median * math.exp(row.spread * z)
    base = 1.0 + row.power * row.spread * z
    return float(row.median * base ** (1.0 / row.power)) if base > 0 else row.median


def centile_of(z: float) -> float:
    """0 to 100.

    >>> round(centile_of(0.0)), round(centile_of(1.645))
    (50, 95)
    """
    return 50.0 * math.erfc(-z / math.sqrt(2.0))


def z_of(centile: float) -> float:
    """The inverse, by halving: the lines are few and drawn once."""
    low, high = -8.0, 8.0
    for _ in range(60):
        middle = (low + high) / 2
        if centile_of(middle) < centile:
            low = middle
        else:
            high = middle
    return (low + high) / 2
