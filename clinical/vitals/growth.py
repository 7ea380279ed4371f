"""Growth of a child: each measurement with its z-score and centile, at the corrected age where birth was early.

An age is corrected to 40 weeks for births before 37 weeks, until 24 months (AAP 2004). Lines are compared only inside
one reference, since WHO and CDC differ where they meet. A fall or rise is counted in centile spaces: the distance
between two printed lines, or an equal one that begins midway between lines (RCPCH, UK-WHO growth charts, fact sheet
for health staff). Not yet reviewed by a clinician.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from datetime import date, datetime

import msgspec

from clinical import units
from clinical.codes import LOINC
from clinical.records import Chart, Frozen, Observation, Source

from . import lms
from .lms import LINES, Place, Sex
from .reading import USABLE, Reading, Readings

GESTATION_AT_BIRTH = "76516-4"
_TERM_DAYS, _EARLY_DAYS, _CORRECT_UNTIL = 280, 259, 730.5
_OLDEST_DAYS = 20 * 365.25
MEASURES = ("weight", "length", "head", "bmi", "weight-for-length")
NAMES = {
    "weight": "Weight", "length": "Length or height", "head": "Head circumference", "bmi": "BMI (calc)",
    "weight-for-length": "Weight for length (calc)",
}  # fmt: skip
UNITS = {"weight": "kg", "length": "cm", "head": "cm", "bmi": "kg/m²", "weight-for-length": "kg"}


class Measured(Frozen, frozen=True):
    """One measurement. age_days: since birth; corrected_days: since term, when corrected. place: None where no table
    covers it, then `why`. crossed: whole centile spaces moved, downwards below 0."""

    measure: str
    value: float
    on: date
    age_days: int
    corrected_days: int | None
    place: Place | None
    why: str
    sources: tuple[Source, ...]
    crossed: int = 0


class Growth(Frozen, frozen=True):
    """by_measure: oldest first. early_by: days before 40 weeks when ages are corrected; gestation: as recorded."""

    sex: Sex
    birth: date
    by_measure: dict[str, tuple[Measured, ...]]
    early_by: int = 0
    gestation: Source | None = None


def growth(chart: Chart, readings: Readings, *, as_of: datetime) -> Growth | str:
    """The child's growth, or why there is none in words.

    Entry errors and preliminary values are left to the flow sheet.
    """
    patient = chart.patients[0] if chart.patients else None
    birth = patient.birth if patient is not None else None
    if patient is None or birth is None or birth.precision in ("year", "month"):
        return "the birth date is not known to the day"
    born = birth.start.date()
    if (as_of.date() - born).days > _OLDEST_DAYS:
        return "older than 20 years"
    sex = patient.sex_for_clinical_use or patient.sex
    if sex not in ("male", "female"):
        return "the references need a recorded sex of male or female"
    early, source = _early_by(chart)
    kind: Sex = "male" if sex == "male" else "female"
    found = [
        *_simple(readings, kind, born, early, as_of),
        *_composed(readings, kind, born, early, as_of),
    ]
    by_measure = {
        name: _with_crossings([one for one in found if one.measure == name]) for name in MEASURES
    }
    return Growth(
        sex=kind,
        birth=born,
        by_measure={name: rows for name, rows in by_measure.items() if rows},
        early_by=early,
        gestation=source,
    )


def _early_by(chart: Chart) -> tuple[int, Source | None]:
    """Days before 40 weeks when the birth was before 37; 0 when nothing is recorded, then nothing is corrected."""
    for row in chart.series:
        if (LOINC, GESTATION_AT_BIRTH) not in row.codes:
            continue
        for point in reversed((*row.undated, *row.points)):
            days = _days(point.record)
            if days is not None and 154 <= days < _EARLY_DAYS:
                return _TERM_DAYS - days, point.record.source
    return 0, None


def _days(record: Observation) -> int | None:
    quantity = record.value.quantity
    if quantity is None or quantity.value is None or record.status not in USABLE:
        return None
    converted = units.convert(quantity, "d")
    if isinstance(converted, units.Refused) or converted.value is None:
        return None
    return int(converted.value)


def _usable(readings: Readings, sign: str, as_of: datetime) -> list[Reading]:
    return [r for r in readings.of(sign) if r.usable and r.value is not None and r.at <= as_of]


def _simple(
    readings: Readings, sex: Sex, born: date, early: int, as_of: datetime
) -> Iterable[Measured]:
    for name in ("weight", "length", "head"):
        for one in _usable(readings, name, as_of):
            age, corrected = _ages(one, born, early)
            at = age if corrected is None else corrected
            value = float(one.value or 0)
            place = lms.for_age(name, sex, at, value)
            yield _measured(name, value, one, age, corrected, place, one.sources)


def _composed(
    readings: Readings, sex: Sex, born: date, early: int, as_of: datetime
) -> Iterable[Measured]:
    """BMI from 24 months and weight for length before, from weight and length of one day."""
    lengths = {one.at.date(): one for one in _usable(readings, "length", as_of)}
    for weight in _usable(readings, "weight", as_of):
        length = lengths.get(weight.at.date())
        if length is None or not length.value or weight.value is None:
            continue
        age, corrected = _ages(weight, born, early)
        kilograms, centimetres = float(weight.value), float(length.value)
        sources = (*weight.sources, *length.sources)
        if age < lms.SWITCH_DAYS:
            place = lms.weight_for_length(sex, centimetres, kilograms)
            name, value = "weight-for-length", kilograms
        else:
            name, value = "bmi", kilograms / (centimetres / 100) ** 2
            place = lms.for_age("bmi", sex, age, value)
        yield _measured(name, value, weight, age, corrected, place, sources)


def _ages(reading: Reading, born: date, early: int) -> tuple[int, int | None]:
    age = (reading.at.date() - born).days
    corrected = age - early if early and age < _CORRECT_UNTIL else None
    return age, corrected


def _measured(
    name: str,
    value: float,
    reading: Reading,
    age: int,
    corrected: int | None,
    place: Place | None,
    sources: tuple[Source, ...],
) -> Measured:
    why = ""
    if place is None:
        before_term = corrected is not None and corrected < 0
        why = "before term: no line" if before_term else "outside the published tables"
    return Measured(
        measure=name,
        value=value,
        on=reading.at.date(),
        age_days=age,
        corrected_days=corrected,
        place=place,
        why=why,
        sources=sources,
    )


def _with_crossings(found: Sequence[Measured]) -> tuple[Measured, ...]:
    """How many whole centile spaces a measurement lies from the highest or lowest place since the last such move.

    Not only from the one before it: a slow fall in small steps is a fall.
    """
    ordered = sorted(found, key=lambda one: (one.on, one.value))
    marked: list[Measured] = []
    reference, since = "", list[float]()  # the highest and the lowest
    for one in ordered:
        crossed = 0
        if one.place is not None:
            if one.place.reference != reference:
                reference, since = one.place.reference, []
            here = _position(one.place.z)
            crossed = max((_spaces(there, here) for there in since), key=abs, default=0)
            since = [here] if crossed else [max([here, *since]), min([here, *since])]
        marked.append(msgspec.structs.replace(one, crossed=crossed))
    return tuple(marked)


_EDGES = tuple(lms.z_of(line) for line in LINES)
_ROUNDING = 1e-6  # from one line exactly to the next is a whole space


def _spaces(before: float, after: float) -> int:
    """Whole spaces from one position to another: from just above a line to just below it is none."""
    whole = int(abs(after - before) + _ROUNDING)
    return whole if after > before else -whole


def _position(z: float) -> float:
    """Where z lies among the printed lines, in spaces above the lowest one; outside them the outermost space goes on."""
    place = min(max(bisect_right(_EDGES, z), 1), len(_EDGES) - 1)
    low, high = _EDGES[place - 1], _EDGES[place]
    return place - 1 + (z - low) / (high - low)
