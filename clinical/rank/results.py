"""What a row of measurements says by itself: abnormal or critical now, and changed as the pack means it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from clinical.dates import Age, age_on
from clinical.judgement import Abnormality, abnormal, choose_range
from clinical.rank.entries import in_unit, loinc_of, numeric
from clinical.rank.library import Change, Limits
from clinical.records import Component, Observation, Patient, Quantity, ReferenceRange, Series

_ORDER = {"crit": 0, "ab": 1, "": 2}
NOTHING = Abnormality()


class Judge:
    """Whether a value is abnormal: the laboratory's word first, then its own range. Each record is judged once."""

    def __init__(self, person: Patient | None) -> None:
        self._sex = person.sex if person is not None else ""
        self._birth = person.birth if person is not None else None
        # By identity, with the record beside it so that its place is not given to another.
        self._known: dict[int, tuple[Observation, Abnormality]] = {}

    def of(self, record: Observation) -> Abnormality:
        """The judgement on an observation; on its worst part when it has none of its own."""
        known = self._known.get(id(record))
        if known is None:
            known = self._known[id(record)] = record, self._judged(record)
        return known[1]

    def _judged(self, record: Observation) -> Abnormality:
        own = NOTHING
        if record.interpretation or record.ranges:
            chosen = self._choose(record.ranges, record)
            own = abnormal(record, chosen, codes=loinc_of(record.concept))
        if own.level or not record.components:
            return own
        parts = [self._part(record, part) for part in record.components]
        worst = min(parts, key=lambda found: (_ORDER[found.level], found.flag))
        return worst if worst.level or worst.known else own

    def range_of(self, record: Observation) -> ReferenceRange | None:
        """The range of its own that fits the person; None when it has none or there is no choice."""
        return self._choose(record.ranges, record)

    def _part(self, record: Observation, part: Component) -> Abnormality:
        if not part.interpretation and not part.ranges:
            return NOTHING
        return abnormal(part, self._choose(part.ranges, record), codes=loinc_of(part.concept))

    def _choose(
        self, ranges: tuple[ReferenceRange, ...], record: Observation
    ) -> ReferenceRange | None:
        return choose_range(ranges, sex=self._sex, age=self._age(record)) if ranges else None

    def _age(self, record: Observation) -> Age | None:
        if record.taken is None or self._birth is None:
            return None
        return age_on(self._birth, record.taken)


def beyond_limits(record: Observation, limits: Sequence[Limits]) -> str:
    """Which critical limit a value is surely beyond, in words; "" when none, or it cannot be compared."""
    number = numeric(record)
    if number is None:
        return ""
    for limit in limits:
        value = in_unit(number, limit.unit, loinc_of(record.concept)) if limit.unit else number
        if value is not None and value.value is not None:
            said = _beyond(value.value, value.comparator, limit)
            if said:
                return f"{said} {limit.unit}".strip()
    return ""


def toward_limits(record: Observation, limits: Sequence[Limits], judge: Judge) -> Decimal:
    """How far a value has gone from the end of its range to the critical limit: 0 inside the range, 1 at the limit."""
    number, chosen = numeric(record), judge.range_of(record)
    if number is None or chosen is None:
        return Decimal(0)
    return max((_toward(number, chosen, one, record) for one in limits), default=Decimal(0))


def _toward(
    number: Quantity, chosen: ReferenceRange, limit: Limits, record: Observation
) -> Decimal:
    def read(found: Quantity | None) -> Decimal | None:
        if found is None or found.value is None or not limit.unit:
            return found.value if found is not None else None
        # The ends of a range are often sent without a unit: they are meant in that of the value.
        whole = found if found.unit or found.code else _like(found, number)
        same = in_unit(whole, limit.unit, loinc_of(record.concept))
        return same.value if same is not None else None

    value, low, high = read(number), read(chosen.low), read(chosen.high)
    top = limit.above if limit.above is not None else limit.from_
    if value is None:
        return Decimal(0)
    if high is not None and top is not None and high < top and value > high:
        return min((value - high) / (top - high), Decimal(1))
    if low is not None and limit.below is not None and low > limit.below and value < low:
        return min((low - value) / (low - limit.below), Decimal(1))
    return Decimal(0)


def _like(found: Quantity, other: Quantity) -> Quantity:
    return Quantity(value=found.value, unit=other.unit, code=other.code, system=other.system)


def _beyond(number: Decimal, comparator: str | None, limit: Limits) -> str:
    """comparator: as sent with the number; ">8" is not surely below anything."""
    upward = comparator in (None, ">", ">=")
    downward = comparator in (None, "<", "<=")
    if limit.below is not None and downward and _under(number, comparator, limit.below):
        return f"below {limit.below}"
    if limit.above is not None and upward and _over(number, comparator, limit.above):
        return f"above {limit.above}"
    if limit.from_ is not None and upward and number >= limit.from_:
        return f"{limit.from_} or more"
    return ""


def _under(number: Decimal, comparator: str | None, bound: Decimal) -> bool:
    """ "<2.8" is surely below 2.8."""
    return number < bound or (number == bound and comparator == "<")


def _over(number: Decimal, comparator: str | None, bound: Decimal) -> bool:
    return number > bound or (number == bound and comparator == ">")


def change(row: Series, wanted: Change, since: datetime | None) -> str:
    """The change of the newest number in words, "fell 22 %", when it is one that the pack means; else "".

    It is compared with the last value before `since` (the last visit), else with the one before it; never across a
    break of the line, and never with a bound.
    """
    pair = _pair(row, since)
    if pair is None:
        return ""
    before, now = pair
    if wanted.within_days is not None and (now.at - before.at).days > wanted.within_days:
        return ""
    if wanted.percent is not None:
        return _share(_number(before, now.unit), _number(now, now.unit), wanted)
    return _amount(before, now, wanted)


class Dated(NamedTuple):
    """A number that was measured at a time."""

    quantity: Quantity
    at: datetime
    record: Observation

    @property
    def unit(self) -> str:
        return self.quantity.code or self.quantity.unit


def _number(found: Dated, unit: str) -> Decimal | None:
    """The value in this unit; as reported where none is asked for, None where it cannot be converted."""
    if not unit:
        return found.quantity.value
    same = in_unit(found.quantity, unit, loinc_of(found.record.concept))
    return same.value if same is not None else None


def _pair(row: Series, since: datetime | None) -> tuple[Dated, Dated] | None:
    now = before = None
    for one in _newest_first(row):
        if now is None:
            if one.record is not row.latest.record:
                return None
            now = one
        elif since is None or one.at <= since:
            return one, now
        else:
            before = before or one
    return (before, now) if before is not None and now is not None else None


def _newest_first(row: Series) -> Iterator[Dated]:
    """The numbers after the last break. Read from the end: of a thousand points two are wanted."""
    last_break = max((found.after for found in row.breaks), default=-1)
    for index in range(len(row.points) - 1, last_break, -1):
        record = row.points[index].record
        number = numeric(record)
        if number is not None and number.comparator is None and record.taken is not None:
            yield Dated(number, record.taken.start, record)


def _way(before: Decimal, now: Decimal, wanted: Change) -> str:
    """ "rose" or "fell"; "" when it did not move, or not the way that is meant."""
    moved = now - before
    if moved == 0 or (wanted.way == "rise" and moved < 0) or (wanted.way == "fall" and moved > 0):
        return ""
    return "rose" if moved > 0 else "fell"


def _share(before: Decimal | None, now: Decimal | None, wanted: Change) -> str:
    """A change in per cent of the earlier value."""
    if not before or now is None or not (way := _way(before, now, wanted)):
        return ""
    share = abs(now - before) / abs(before) * 100
    return f"{way} {share:.0f} %" if share >= (wanted.percent or 0) else ""


def _amount(before: Dated, now: Dated, wanted: Change) -> str:
    """A change, judged in the unit of the limit and told in the unit of the row.

    What cannot be converted to the unit of the limit is not judged.
    """
    unit = wanted.unit or now.unit
    was, is_now = _number(before, unit), _number(now, unit)
    if was is None or is_now is None or not (way := _way(was, is_now, wanted)):
        return ""
    if abs(is_now - was) < (wanted.by or 0):
        return ""
    told = _number(before, now.unit), now.quantity.value
    if told[0] is None or told[1] is None:
        return f"{way} {_plain(abs(is_now - was))} {unit}".strip()
    return f"{way} {_plain(abs(told[1] - told[0]))} {now.quantity.unit or now.unit}".strip()


def _plain(number: Decimal) -> str:
    """At most three figures behind the point: a conversion gives more than was measured."""
    return f"{round(number, 3).normalize():f}"
