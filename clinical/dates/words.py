"""The words for a time: date, clock, zone, how long ago."""

from __future__ import annotations

from datetime import date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from clinical.records import FhirTime

from .age import full_months
from .plausible import plot_time
from .reading import parse_time

_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


@lru_cache(maxsize=64)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def local(when: FhirTime, zone: str) -> datetime:
    """The start on the clock of the site; a date, or a time whose zone is not known, stays as sent (rule 36)."""
    return when.start.astimezone(_zone(zone)) if when.zone_known else when.start


def format_date(when: FhirTime | None, zone: str) -> str:
    """ "03-Feb-2026", "Feb-2026", "2026"; a period "03-Feb-2026 to 05-Feb-2026" or "since 03-Feb-2026"; "" for None."""
    if when is None:
        return ""
    if when.precision == "period":
        return _period_words(when, zone)
    day = local(when, zone)
    if when.precision == "year":
        return f"{day.year:04d}"
    if when.precision == "month":
        return f"{_MONTHS[day.month - 1]}-{day.year:04d}"
    return _day_words(day)


def format_time(when: FhirTime | None, zone: str) -> str:
    """ "14:05" on the clock of the site; "" when no time of day was sent, or for a period."""
    if when is None or when.precision not in ("minute", "second"):
        return ""
    return f"{local(when, zone):%H:%M}"


def zone_label(when: FhirTime | None, zone: str) -> str:
    """ "CST", to stand beside a time; "zone not stated" when the source sent none; "" without a time of day."""
    if not format_time(when, zone) or when is None:
        return ""
    return local(when, zone).tzname() or "" if when.zone_known else "zone not stated"


def ago(when: FhirTime | datetime, as_of: datetime) -> str:
    """How long before `as_of`: "now", "12 min", "2 h", "11 d", "7 mo", "3 y"; "in 2 h" ahead of it.

    Never finer than the precision sent: a date alone is "today" or whole days, a month alone whole months. Days are
    counted on the calendar of `as_of`'s own zone, so pass it in the zone of the site.
    """
    if isinstance(when, FhirTime):
        if when.precision in ("year", "month", "day") or (
            when.precision == "period" and not when.zone_known
        ):
            return _calendar_ago(when, as_of)
        when = plot_time(when)
    seconds = (as_of - when).total_seconds()
    words = _span(when, as_of) if seconds >= 0 else _span(as_of, when)
    if words == "now":
        return words
    return words if seconds >= 0 else f"in {words}"


def _span(first: datetime, last: datetime) -> str:
    gap = last - first
    minutes = int(gap.total_seconds() // 60)
    if minutes < 1:
        return "now"
    if minutes < 60:
        return f"{minutes} min"
    if minutes < 48 * 60:
        return f"{minutes // 60} h"
    return _days_words(first.astimezone(last.tzinfo).date(), last.date(), gap.days)


def _days_words(first: date, last: date, days: int) -> str:
    months = full_months(first, last)
    if months < 2:
        return f"{days} d"
    return f"{months} mo" if months < 24 else f"{months // 12} y"


def _calendar_ago(when: FhirTime, as_of: datetime) -> str:
    first, last = plot_time(when).date(), as_of.date()
    if when.precision == "year":
        return _count(last.year - first.year, "y", "this year")
    if when.precision == "month":
        months = (last.year - first.year) * 12 + last.month - first.month
        return (
            _count(months, "mo", "this month")
            if abs(months) < 24
            else _count(months // 12, "y", "")
        )
    if first == last:
        return "today"
    early, late = sorted((first, last))
    words = _days_words(early, late, (late - early).days)
    return words if first < last else f"in {words}"


def _count(number: int, unit: str, none: str) -> str:
    if number == 0:
        return none
    return f"{number} {unit}" if number > 0 else f"in {-number} {unit}"


def _period_words(when: FhirTime, zone: str) -> str:
    first, _, last = when.text.partition("/")
    start, end = format_date(parse_time(first), zone), format_date(parse_time(last), zone)
    if not end:
        return f"since {start}"
    if not start:
        return f"until {end}"
    return start if start == end else f"{start} to {end}"


def _day_words(day: datetime) -> str:
    # strftime pads years differently from system to system, and knows other languages' months
    return f"{day.day:02d}-{_MONTHS[day.month - 1]}-{day.year:04d}"
