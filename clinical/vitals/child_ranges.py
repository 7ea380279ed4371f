"""What is usual for a child of an age: ranges beside the value, never points and never a flag.

The numbers are those of Advanced Paediatric Life Support (APLS) for respiration and heart rate, as printed in Fleming
et al., Lancet 2011;377:1011-1018, web appendix, box 1. That review found that ranges of courses and measured centiles
differ, so nothing is judged by them here. In `child_ranges.csv`; not yet reviewed by a clinician.
"""

from __future__ import annotations

import csv
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from clinical.dates import age_on
from clinical.records import Chart

VERSION = "1"
SOURCE = "APLS, as printed in Fleming et al., Lancet 2011, web appendix"
_FILE = Path(__file__).with_name("child_ranges.csv")


class Usual(NamedTuple):
    """From `from_year` until the birthday `below_year`: low to high, in the sign's unit."""

    sign: str
    from_year: int
    below_year: int
    low: int
    high: int


@lru_cache(maxsize=1)
def table() -> tuple[Usual, ...]:
    """Every range there is."""
    with _FILE.open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file)
        next(rows)
        return tuple(Usual(sign, *map(int, numbers)) for sign, *numbers in rows)


def usual_of(chart: Chart, as_of: datetime) -> dict[str, str]:
    """By sign, in words: "usual 25–30 at 4 y". Empty for adults, and where the age is not known to the year."""
    patient = chart.patients[0] if chart.patients else None
    age = age_on(patient.birth, as_of) if patient is not None else None
    if age is None or age.about:
        return {}
    return {
        one.sign: f"usual {one.low}–{one.high} at {age.words}"
        for one in table()
        if one.from_year <= age.years < one.below_year
    }
