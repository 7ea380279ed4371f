"""Gestational age by what was recorded, and whether a patient is pregnant at a moment.

The estimated date of delivery stands 280 days after the first day of the last period (ACOG Committee Opinion 700). An
estimate made by ultrasound comes before one made from the last period; among equals the one recorded last counts.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from clinical import units
from clinical.codes import ICD10CM, LOINC, SNOMED
from clinical.dates import parse_time
from clinical.records import Chart, FhirTime, Frozen, Observation, Problem, Source

from .reading import USABLE, Reading, Readings

TERM_DAYS = 280
_LONGEST_DAYS = 310  # a pregnancy that would be older has ended, or the date is wrong
_STATUS_HOLDS = timedelta(days=294)
# LOINC: how the date of delivery was estimated, the most reliable first; then the last period itself.
_BASES: tuple[tuple[str, str], ...] = (
    ("11781-2", "by ultrasound"),
    ("11780-4", "by ovulation date"),
    ("11778-8", "basis not stated"),
    ("11779-6", "from the last period"),
)
_AGES = (
    "18185-9",
    "11884-4",
    "11885-1",
)  # an age in weeks or days, true on the day it was recorded
_LAST_PERIOD = "8665-2"
_DATING = frozenset({code for code, _ in _BASES} | set(_AGES) | {_LAST_PERIOD})
_STATUS = "82810-3"
_PREGNANT = frozenset({(SNOMED, "77386006"), (LOINC, "LA15173-0")})
_NOT_PREGNANT = frozenset({(SNOMED, "60001007"), (LOINC, "LA26683-5")})
# ICD-10-CM chapters of a present pregnancy: supervision, state, and weeks of gestation.
_CODES_NOW = ("Z34", "Z33.1", "Z3A", "O09", "O1", "O2", "O3", "O4")


class Dating(Frozen, frozen=True):
    """One basis of the age. due: estimated date of delivery. basis: in words. recorded: when it was written down."""

    due: date
    basis: str
    recorded: FhirTime | None
    source: Source

    def days(self, on: date) -> int:
        """Days since the (calculated) first day of the last period."""
        return TERM_DAYS - (self.due - on).days


class GestationalAge(Frozen, frozen=True):
    """weeks, days: completed, by `dating`. others: further datings on record, in order of trust. differs: how many
    days the furthest of them is away."""

    weeks: int
    days: int
    dating: Dating
    others: tuple[Dating, ...] = ()
    differs: int = 0

    @property
    def words(self) -> str:
        """ "24 w 3 d"."""
        return f"{self.weeks} w {self.days} d"


class Evidence(Frozen, frozen=True):
    """What a chart says about pregnancy at any time. statuses: (pregnant or not, when that was recorded)."""

    statuses: tuple[tuple[bool, datetime], ...] = ()
    datings: tuple[Dating, ...] = ()
    problems: tuple[Problem, ...] = ()


class Change(Frozen, frozen=True):
    """Weight then and now, and their difference. first, last: the readings."""

    first: Reading
    last: Reading
    kilograms: float


def gestational_age(chart: Chart, on: date) -> GestationalAge | None:
    """The age on a day; None without a dating that can hold on that day."""
    datings = [d for d in _datings(chart) if _can_hold(d, on)]
    if not datings:
        return None
    lead = datings[0]
    weeks, days = divmod(lead.days(on), 7)
    apart = [abs((one.due - lead.due).days) for one in datings[1:]]
    return GestationalAge(
        weeks=weeks,
        days=days,
        dating=lead,
        others=tuple(datings[1:]),
        differs=max(apart, default=0),
    )


def pregnant(chart: Chart, moment: datetime) -> bool:
    """Whether anything on record says so for this moment: a status, a dating in its time, or a problem.

    A later "not pregnant" ends what was recorded before it.
    """
    return pregnant_by(evidence(chart), moment)


def evidence(chart: Chart) -> Evidence:
    """Everything that can say so, read once: many moments are asked about."""
    return Evidence(
        statuses=tuple(_statuses(chart)),
        datings=tuple(_datings(chart)),
        problems=tuple(_problems(chart)),
    )


def pregnant_by(found: Evidence, moment: datetime) -> bool:
    """The same as `pregnant`, from what was read before."""
    status = _status(found, moment)
    if status is not None:
        return status
    on = moment.date()
    return any(_can_hold(dating, on) for dating in found.datings) or any(
        _holds(problem, moment) for problem in found.problems
    )


def _can_hold(dating: Dating, on: date) -> bool:
    return 0 <= dating.days(on) <= _LONGEST_DAYS


def weight_gain(readings: Readings, dating: Dating, *, until: datetime) -> Change | None:
    """From the first weight since the last period (or up to 60 days before it) to the newest."""
    begin = dating.due - timedelta(days=TERM_DAYS + 60)
    found = [
        one
        for one in readings.of("weight")
        if one.usable and one.value is not None and begin <= one.at.date() and one.at <= until
    ]
    if len(found) < 2 or found[0].value is None or found[-1].value is None:
        return None
    return Change(first=found[0], last=found[-1], kilograms=float(found[-1].value - found[0].value))


def _datings(chart: Chart) -> list[Dating]:
    found = [entry for record in _observations(chart, _DATING) for entry in _dated_by(record)]
    found.sort(key=lambda entry: (entry[0], -entry[1], entry[2].source.token))
    return [dating for _, _, dating in found]


def _dated_by(record: Observation) -> Iterable[tuple[int, float, Dating]]:
    """(how far it is trusted, when it was recorded, the dating) of an observation that dates a pregnancy."""
    codes = {one.code for one in record.concept.codings if one.system == LOINC}
    day = _day(record)
    if day is not None:
        for place, (code, words) in enumerate(_BASES):
            if code in codes:
                ultrasound = "ultrasound" in record.method.lower()
                yield 0 if ultrasound else place, _recorded(record), _dating(record, day, words)
        if _LAST_PERIOD in codes:
            due = day + timedelta(days=TERM_DAYS)
            yield len(_BASES) + 1, _recorded(record), _dating(record, due, "last period")
    days = _age_days(record) if codes & set(_AGES) else None
    if days is not None and record.taken is not None:
        due = record.taken.start.date() + timedelta(days=TERM_DAYS - days)
        yield len(_BASES), _recorded(record), _dating(record, due, "recorded gestational age")


def _age_days(record: Observation) -> int | None:
    quantity = record.value.quantity
    if quantity is None or quantity.value is None or quantity.comparator:
        return None
    converted = units.convert(quantity, "d")
    if isinstance(converted, units.Refused) or converted.value is None:
        return None
    return int(converted.value)


def _dating(record: Observation, due: date, words: str) -> Dating:
    method = record.method
    basis = (
        method
        if method and words == "basis not stated"
        else f"{words}, {method}"
        if method
        else words
    )
    return Dating(due=due, basis=basis, recorded=record.taken, source=record.source)


def _recorded(record: Observation) -> float:
    return record.taken.start.timestamp() if record.taken is not None else 0.0


def _observations(chart: Chart, wanted: frozenset[str]) -> Iterable[Observation]:
    """Usable observations of the rows that carry one of these LOINC codes: few of many thousand."""
    for row in chart.series:
        if any(system == LOINC and code in wanted for system, code in row.codes):
            for point in (*row.points, *row.undated):
                if point.record.status in USABLE:
                    yield point.record


def _day(record: Observation) -> date | None:
    """A whole date that was sent as the answer; a month alone dates no pregnancy."""
    text = record.value.other or record.value.string
    found = parse_time(text) if text else None
    if found is None or found.precision in ("year", "month"):
        return None
    # The day as written: a clock and zone behind it do not move a date of delivery.
    return date.fromisoformat(found.text.strip()[:10])


def _statuses(chart: Chart) -> Iterable[tuple[bool, datetime]]:
    for record in _observations(chart, frozenset({_STATUS})):
        if any(o.system == LOINC and o.code == _STATUS for o in record.concept.codings):
            said = _said(record)
            if said is not None and record.taken is not None:
                yield said, record.taken.start


def _status(found: Evidence, moment: datetime) -> bool | None:
    """The newest pregnancy status that can still hold at this moment; None without one."""
    newest: tuple[bool, datetime] | None = None
    for said, at in found.statuses:
        holds = at <= moment and (not said or moment - at <= _STATUS_HOLDS)
        if holds and (newest is None or at > newest[1]):
            newest = (said, at)
    return newest[0] if newest is not None else None


def _said(record: Observation) -> bool | None:
    concept = record.value.concept
    pairs = (
        {(one.system or "", one.code) for one in concept.codings} if concept is not None else set()
    )
    if pairs & _PREGNANT:
        return True
    return False if pairs & _NOT_PREGNANT else None


def _problems(chart: Chart) -> Iterable[Problem]:
    for item in chart.problems:
        for record in item.members:
            if isinstance(record, Problem) and _names_pregnancy(record):
                yield record


def _holds(record: Problem, moment: datetime) -> bool:
    """Active, and not begun longer ago than a pregnancy lasts: lists keep such entries for years."""
    if record.verification in ("refuted", "entered-in-error", "differential"):
        return False
    begun = record.onset or record.recorded
    recent = begun is None or timedelta(0) <= moment - begun.start <= _STATUS_HOLDS
    return record.clinical in ("active", "recurrence", "") and recent


def _names_pregnancy(record: Problem) -> bool:
    return any(
        (one.system, one.code) in _PREGNANT
        or (one.system == ICD10CM and one.code.startswith(_CODES_NOW))
        for one in record.concept.codings
    )
