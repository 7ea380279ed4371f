"""Growth of a child and dates of a pregnancy as the nurse's screen prints them."""

from __future__ import annotations

from datetime import datetime, tzinfo

from clinical.dates import age_on
from clinical.records import Chart, Frozen

from . import lms
from .growth import NAMES, UNITS, Growth, Measured, growth
from .growth_chart import GrowthChart, growth_chart
from .pregnancy import GestationalAge, gestational_age, pregnant, weight_gain
from .reading import Reading, Readings
from .words import day, signed, value_words

_CHILD_YEARS = 20
_LATEST = 8


class GrowthLine(Frozen, frozen=True):
    """One measurement. centile: "35th", "below 0.1", or why there is none. crossed: "↓ 2 spaces"."""

    on: str
    age: str
    value: str
    centile: str
    z: str
    crossed: str = ""
    sources: tuple[str, ...] = ()


class GrowthTable(Frozen, frozen=True):
    """lines: newest first; count: how many there are in all. chart: of all of them; None for a measure without lines
    over age."""

    name: str
    unit: str
    lines: tuple[GrowthLine, ...]
    count: int
    chart: GrowthChart | None = None


class GrowthView(Frozen, frozen=True):
    """refused: why there are no centiles for this child, "" when there are."""

    tables: tuple[GrowthTable, ...] = ()
    corrected: str = ""
    refused: str = ""
    reference: str = (
        "WHO 2006 under 24 months, CDC 2000 from then on (BMI above the 95th: CDC 2022); calc, "
        "not yet reviewed by a clinician"
    )


class PregnancyView(Frozen, frozen=True):
    """facts: (label, words). differs: two datings disagree. trends: (label, "122/78 at 03-Nov, …")."""

    age: str
    basis: str
    due: str
    differs: str = ""
    facts: tuple[tuple[str, str], ...] = ()
    sources: tuple[str, ...] = ()


def growth_view(chart: Chart, readings: Readings, *, as_of: datetime) -> GrowthView | None:
    """None for an adult, or when nothing was measured."""
    patient = chart.patients[0] if chart.patients else None
    age = age_on(patient.birth, as_of) if patient is not None else None
    if age is None or age.years >= _CHILD_YEARS:
        return None
    found = growth(chart, readings, as_of=as_of)
    if isinstance(found, str):
        return GrowthView(refused=found)
    tables = tuple(_table(name, found.sex, rows) for name, rows in found.by_measure.items())
    return GrowthView(tables=tables, corrected=_corrected(found)) if tables else None


def _corrected(found: Growth) -> str:
    if not found.early_by:
        return ""
    weeks, days = divmod(lms.TERM_DAYS - found.early_by, 7)
    return f"Ages under 24 months are corrected: born at {weeks} w {days} d."


def _table(name: str, sex: lms.Sex, rows: tuple[Measured, ...]) -> GrowthTable:
    return GrowthTable(
        name=NAMES[name],
        unit=UNITS[name],
        lines=tuple(_line(one) for one in reversed(rows[-_LATEST:])),
        count=len(rows),
        chart=growth_chart(name, sex, rows),
    )


def _line(one: Measured) -> GrowthLine:
    place = one.place
    age = _age(one.age_days)
    if one.corrected_days is not None:
        age += f" ({_age(max(one.corrected_days, 0))} corrected)"
    spaces = abs(one.crossed)
    crossed = f"{'↑' if one.crossed > 0 else '↓'} {spaces} {'space' if spaces == 1 else 'spaces'}"
    return GrowthLine(
        on=f"{day(one.on)}-{one.on.year}",
        age=age,
        value=f"{one.value:.1f}",
        centile=centile_words(place.centile) if place is not None else one.why,
        z=signed(place.z, 2) if place is not None else "",
        crossed=crossed if one.crossed else "",
        sources=tuple(source.token for source in one.sources),
    )


def centile_words(centile: float) -> str:
    """ "35th", "1st", "below 0.1", "above 99.9".

    >>> centile_words(35.2), centile_words(91.4), centile_words(0.04), centile_words(12.0)
    ('35th', '91st', 'below 0.1', '12th')
    """
    if centile < 0.1:
        return "below 0.1"
    if centile > 99.9:
        return "above 99.9"
    if centile < 1 or centile > 99:
        return f"{centile:.1f}"
    whole = round(centile)
    ending = "th" if 11 <= whole % 100 <= 13 else {1: "st", 2: "nd", 3: "rd"}.get(whole % 10, "th")
    return f"{whole}{ending}"


def _age(days: int) -> str:
    if days < 60:
        return f"{days} d"
    months = int(days / lms.DAYS_PER_MONTH)
    return f"{months} mo" if months < 24 else f"{days / 365.25:.1f} y"


def pregnancy_view(
    chart: Chart, readings: Readings, *, as_of: datetime, zone: tzinfo
) -> PregnancyView | None:
    """None unless something says that the patient is pregnant now."""
    if not pregnant(chart, as_of):
        return None
    found = gestational_age(chart, as_of.astimezone(zone).date())
    if found is None:
        return PregnancyView(age="pregnant, age not dated", basis="", due="")
    due = found.dating.due
    return PregnancyView(
        age=found.words,
        basis=_basis(found),
        due=f"{day(due)}-{due.year}",
        differs=f"Other datings on record differ by up to {found.differs} d."
        if found.differs
        else "",
        facts=tuple(_facts(found, readings, as_of, zone)),
        sources=tuple(one.source.token for one in (found.dating, *found.others)),
    )


def _basis(found: GestationalAge) -> str:
    recorded = found.dating.recorded
    when = f", recorded {day(recorded.start.date())}-{recorded.start.year}" if recorded else ""
    return f"{found.dating.basis}{when}"


def _facts(
    found: GestationalAge, readings: Readings, as_of: datetime, zone: tzinfo
) -> list[tuple[str, str]]:
    facts = []
    gain = weight_gain(readings, found.dating, until=as_of)
    if gain is not None:
        since = gain.first.at.astimezone(zone).date()
        facts.append(
            ("Weight gain", f"{signed(gain.kilograms, 1)} kg since {day(since)}-{since.year}")
        )
    for label, sign in (("Blood pressure", "systolic"), ("Fundal height", "fundal-height")):
        shown = [one for one in readings.of(sign) if one.usable and one.at <= as_of][-4:]
        words = ", ".join(
            f"{_value(one, readings)} {day(one.at.astimezone(zone).date())}" for one in shown
        )
        if words:
            facts.append((label, words))
    return facts


def _value(reading: Reading, readings: Readings) -> str:
    """The pair for a pressure, the value with its unit otherwise."""
    if reading.sign != "systolic":
        return f"{value_words(reading)} cm"
    other = [one for one in readings.of("diastolic") if one.record is reading.record and one.usable]
    return f"{value_words(reading)}/{value_words(other[0]) if other else '?'}"
