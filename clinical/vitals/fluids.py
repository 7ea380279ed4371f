"""Urine by full hour, fluid in and out, and the balance since a named hour.

What was charted at a moment belongs to the hour that ends then; a period to the hour it began in. An hour without an
entry is not an hour without urine. A total and its kinds are never added together.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta, tzinfo
from decimal import Decimal
from operator import attrgetter

from clinical.records import Frozen

from .policy import Policy
from .reading import Reading, Readings

_HOUR = timedelta(hours=1)
_MOST_SOURCES = 60


class Hour(Frozen, frozen=True):
    """One clock hour. Volumes in mL, None where nothing was charted. running: it is not over yet."""

    start: datetime
    urine: Decimal | None = None
    fluid_in: Decimal | None = None
    fluid_out: Decimal | None = None
    running: bool = False
    low: bool = False

    @property
    def balance(self) -> Decimal | None:
        if self.fluid_in is None and self.fluid_out is None:
            return None
        return (self.fluid_in or Decimal(0)) - (self.fluid_out or Decimal(0))


class Urine(Frozen, frozen=True):
    """The last full hours together. hours: how many; charted: how many of them have an entry.

    per_kg_hour: over the charted hours, None without a weight. weight: the reading used. low: under the limit.
    hours_in_a_row: latest full hours under the limit without a pause.
    """

    total: Decimal
    hours: int
    charted: int
    per_kg_hour: Decimal | None = None
    weight: Reading | None = None
    low: bool = False
    hours_in_a_row: int = 0


class Fluids(Frozen, frozen=True):
    """hours: from the window, the fluid day or the urine hours on, whichever begins first, oldest first. limit: mL per hour that counts as low, None without a weight.

    since: the hour from which in, out and balance are added up; None each when nothing was charted since.
    """

    hours: tuple[Hour, ...]
    urine: Urine | None
    limit: Decimal | None
    since: datetime
    fluid_in: Decimal | None
    fluid_out: Decimal | None
    urine_sources: tuple[str, ...] = ()  # tokens of what the hours were added up from, newest first
    in_sources: tuple[str, ...] = ()
    out_sources: tuple[str, ...] = ()

    @property
    def balance(self) -> Decimal | None:
        if self.fluid_in is None and self.fluid_out is None:
            return None
        return (self.fluid_in or Decimal(0)) - (self.fluid_out or Decimal(0))


def fluids(
    readings: Readings, *, policy: Policy, start: datetime, as_of: datetime, zone: tzinfo
) -> Fluids | None:
    """None when neither urine nor fluids were ever charted."""
    signs = ("urine", "fluid-in", "fluid-in-part", "fluid-out", "fluid-out-part")
    if not any(readings.of(sign) for sign in signs):
        return None
    weight = readings.latest("weight", until=as_of)
    limit = _limit(weight, policy)
    day = day_start(as_of, policy, zone)
    hours = _hours(readings, min(start, day, as_of - policy.urine_hours * _HOUR), as_of, limit)
    today = [hour for hour in hours if hour.start >= day]
    return Fluids(
        hours=tuple(hours),
        urine=_urine(hours, policy, weight),
        limit=limit,
        since=day,
        fluid_in=_sum(hour.fluid_in for hour in today),
        fluid_out=_sum(hour.fluid_out for hour in today),
        urine_sources=_tokens(readings, hours, "urine"),
        in_sources=_tokens(readings, hours, "fluid-in", "fluid-in-part"),
        out_sources=_tokens(readings, hours, "fluid-out", "fluid-out-part"),
    )


def _tokens(readings: Readings, hours: Sequence[Hour], *signs: str) -> tuple[str, ...]:
    since = hours[0].start if hours else None
    inside = [
        reading
        for sign in signs
        for reading in (_from(readings.of(sign), since) if since is not None else ())
    ]
    inside.sort(key=lambda reading: reading.at, reverse=True)
    found = (source.token for reading in inside[:_MOST_SOURCES] for source in reading.sources)
    return tuple(dict.fromkeys(found))


def day_start(as_of: datetime, policy: Policy, zone: tzinfo) -> datetime:
    """When the fluid day began."""
    local = as_of.astimezone(zone)
    begin = local.replace(hour=policy.day_starts, minute=0, second=0, microsecond=0)
    return (begin if begin <= local else begin - timedelta(days=1)).astimezone(as_of.tzinfo)


def _limit(weight: Reading | None, policy: Policy) -> Decimal | None:
    if weight is None or weight.value is None:
        return None
    return weight.value * Decimal(str(policy.urine_low))


def _hours(
    readings: Readings, start: datetime, as_of: datetime, limit: Decimal | None
) -> list[Hour]:
    begin = _whole(start)
    sums = {sign: _by_hour(_from(readings.of(sign), begin)) for sign in
            ("urine", "fluid-in", "fluid-in-part", "fluid-out", "fluid-out-part")}  # fmt: skip
    found = []
    hour = begin
    while hour < as_of:
        urine = sums["urine"].get(hour)
        out = _first(sums["fluid-out"].get(hour), _add(urine, sums["fluid-out-part"].get(hour)))
        running = hour + _HOUR > as_of
        found.append(
            Hour(
                start=hour,
                urine=urine,
                fluid_in=_first(sums["fluid-in"].get(hour), sums["fluid-in-part"].get(hour)),
                fluid_out=out,
                running=running,
                low=not running and urine is not None and limit is not None and urine < limit,
            )
        )
        hour += _HOUR
    return found


def _from(readings: Sequence[Reading], since: datetime) -> Sequence[Reading]:
    """Those from a moment on. A period stands at its end, so that none of an hour within it is left out."""
    return readings[bisect_left(readings, since, key=attrgetter("at")) :]


def _by_hour(readings: Sequence[Reading]) -> dict[datetime, Decimal]:
    found: dict[datetime, Decimal] = {}
    for reading in readings:
        if reading.usable and reading.timed and reading.value is not None:
            hour = _hour_of(reading)
            found[hour] = found.get(hour, Decimal(0)) + reading.value
    return found


def _hour_of(reading: Reading) -> datetime:
    taken = reading.record.taken
    if taken is not None and taken.precision == "period":
        return _whole(taken.start)
    return _whole(reading.at - timedelta(microseconds=1))


def _whole(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0)


def _first(one: Decimal | None, other: Decimal | None) -> Decimal | None:
    return one if one is not None else other


def _add(one: Decimal | None, other: Decimal | None) -> Decimal | None:
    if one is None or other is None:
        return one if other is None else other
    return one + other


def _sum(values: Iterable[Decimal | None]) -> Decimal | None:
    found = [one for one in values if one is not None]
    return sum(found, Decimal(0)) if found else None


def _urine(hours: Sequence[Hour], policy: Policy, weight: Reading | None) -> Urine | None:
    full = [hour for hour in hours if not hour.running][-policy.urine_hours :]
    charted = [hour for hour in full if hour.urine is not None]
    if not charted:
        return None
    total = sum((hour.urine for hour in charted if hour.urine is not None), Decimal(0))
    rate = None
    if weight is not None and weight.value:
        rate = (total / weight.value / len(charted)).quantize(Decimal("0.01"))
    row = 0
    for hour in reversed([hour for hour in hours if not hour.running]):
        if not hour.low:
            break
        row += 1
    return Urine(
        total=total,
        hours=len(full),
        charted=len(charted),
        per_kg_hour=rate,
        weight=weight,
        low=rate is not None and rate < Decimal(str(policy.urine_low)),
        hours_in_a_row=row,
    )
