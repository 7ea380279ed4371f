"""FHIR dates and times at the precision they were sent with, and the words for them.

A partial date is an interval, never its first day: "2024" may mean any instant of that year. Pure: the present moment
and the zone of the site are arguments. Source: https://hl7.org/fhir/R4/datatypes.html#dateTime
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone
from functools import lru_cache
from typing import Literal
from zoneinfo import ZoneInfo

import msgspec

from clinical.records import FhirTime

_SHAPE = re.compile(
    r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2})"
    r"(?:[T ]([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\.([0-9]+))?)?(Z|[+-][0-9]{2}:?[0-9]{2})?)?)?)?"
)
_LATEST = datetime.max.replace(tzinfo=UTC)
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

CLOCK_SKEW = timedelta(
    minutes=5
)  # rule 38: this far ahead of us, a time is a clock that is off, not the future


# ---- reading ----------------------------------------------------------------------------------------------------


def parse_time(text: str | None) -> FhirTime | None:
    """A date, dateTime or instant; None when there is none or it cannot be read (the caller keeps the text).

    A time without an offset stays on the wall clock it was sent with, held as UTC, zone_known False. A space where
    the T belongs, and an offset without its colon, are read: they can mean only one thing.

    >>> parse_time("2026-02").end.isoformat()
    '2026-03-01T00:00:00+00:00'
    >>> parse_time("03/04/05") is None
    True
    """
    if not text:
        return None
    quick = _read_usual(text)
    if quick is not None:
        return FhirTime(
            start=quick, end=_after(quick, _SECOND), precision="second", text=text, zone_known=True
        )
    found = _SHAPE.fullmatch(text.strip())
    if found is None:
        return None
    try:
        return _from_parts(found, text)
    except (ValueError, OverflowError):  # 31 February, hour 25, an instant before year 1
        return None


def parse_period(start: str | None, end: str | None) -> FhirTime | None:
    """A Period as one interval; None when neither end can be read.

    end None = still open. Only an end: the interval of that end. Ends in the wrong order: the interval they span.
    """
    first, last = parse_time(start), parse_time(end)
    if first is None and last is None:
        return None
    if end and last is None:  # closed, but nobody can say when: calling it open would be a lie
        return None
    lower = first or last
    assert lower is not None  # noqa: S101  one of the two was read, see above
    if start == end:  # a moment written as a period
        return lower
    if last is not None and last.start < lower.start:
        lower, last = last, lower
    return FhirTime(
        start=lower.start,
        end=last.end if last is not None else None,
        precision="period",
        text=f"{start or ''}/{end or ''}",
        zone_known=lower.zone_known,
    )


_SECOND = timedelta(seconds=1)


def _read_usual(text: str) -> datetime | None:
    """The two shapes nearly all servers send, "…T10:00:00Z" and "…T10:00:00+01:00", without a regular expression."""
    size = len(text)
    if size == 20:
        if text[19] != "Z":
            return None
    elif size != 25 or text[22] != ":":
        return None
    if text[10] != "T" or text[7] != "-" or text[16] != ":" or text[11:13] == "24":
        return None
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _from_parts(found: re.Match[str], text: str) -> FhirTime:
    year, month, day, hour = found.group(1, 2, 3, 4)
    if hour is not None:
        return _with_clock(found, text)
    start = datetime(int(year), int(month or 1), int(day or 1), tzinfo=UTC)
    if day is not None:
        return FhirTime(
            start=start, end=_after(start, timedelta(days=1)), precision="day", text=text
        )
    if month is not None:
        return FhirTime(start=start, end=_next_month(start), precision="month", text=text)
    return FhirTime(start=start, end=_next_year(start), precision="year", text=text)


def _with_clock(found: re.Match[str], text: str) -> FhirTime:
    year, month, day, hour, minute, second, fraction, zone = found.groups()
    whole = min(int(second or 0), 59)  # FHIR allows the leap second 60; Python's clock does not
    micro = int(fraction[:6].ljust(6, "0")) if fraction else 0
    local = datetime(
        int(year), int(month), int(day), int(hour), int(minute), whole, micro, tzinfo=_offset(zone)
    )
    start = local.astimezone(UTC)
    width = timedelta(minutes=1) if second is None else _SECOND
    if fraction:
        width = timedelta(microseconds=max(1, 10 ** (6 - min(len(fraction), 6))))
    precision: Literal["minute", "second"] = "minute" if second is None else "second"
    return FhirTime(
        start=start,
        end=_after(start, width),
        precision=precision,
        text=text,
        zone_known=zone is not None,
    )


def _offset(zone: str | None) -> timezone:
    if zone is None or zone == "Z":
        return UTC
    digits = zone[1:].replace(":", "")
    away = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(-away if zone[0] == "-" else away)


def _after(start: datetime, width: timedelta) -> datetime:
    return start + width if start <= _LATEST - width else _LATEST


def _next_month(start: datetime) -> datetime:
    if start.month == 12:
        return _next_year(start.replace(month=1))
    return start.replace(month=start.month + 1)


def _next_year(start: datetime) -> datetime:
    return start.replace(year=start.year + 1) if start.year < 9999 else _LATEST


# ---- questions --------------------------------------------------------------------------------------------------


def plot_time(when: FhirTime) -> datetime:
    """Where it stands on a time axis: a closed period at its end (rule 39), everything else at its start."""
    if when.precision == "period" and when.end is not None:
        ends = (parse_time(part) for part in when.text.split("/"))
        return max([when.start, *(one.start for one in ends if one is not None)])
    return when.start


def implausible(
    when: FhirTime,
    *,
    as_of: datetime,
    birth: FhirTime | None = None,
    death: FhirTime | None = None,
) -> str:
    """Why this cannot be when something happened, in words; "" when it can (rule 38).

    Only when the whole interval is wrong: "2026" is not in the future during 2026. A day is given the width of the
    time zones around it.
    """
    if when.start > as_of + _slack(when):
        return "in the future"
    if birth is not None and when.end is not None and when.end <= birth.start - _slack(when, birth):
        return "before birth"
    if death is not None and death.end is not None and when.start > death.end + _slack(when, death):
        return "after death"
    return ""


def _slack(*times: FhirTime) -> timedelta:
    """How far two times may be apart and still agree: more when one of them does not know its zone."""
    return CLOCK_SKEW if all(one.zone_known for one in times) else timedelta(hours=14)


class Age(msgspec.Struct, frozen=True):
    """How old somebody born between two days (both included) is on a day.

    The two differ only for a partial birth date, and then the age is an "about".
    """

    born_from: date
    born_to: date
    on: date

    @property
    def about(self) -> bool:
        return self.born_from != self.born_to

    @property
    def months(self) -> int:
        """Completed months; of the middle of the interval when the birth date is partial."""
        return full_months(self._born(), self.on)

    @property
    def years(self) -> int:
        return self.months // 12

    @property
    def days(self) -> int:
        return (self.on - self._born()).days

    @property
    def words(self) -> str:
        """ "57 y", "14 mo", "12 d", "about 57 y": months and days below two years (fhir-rules part 9, rule 5)."""
        prefix = "about " if self.about else ""
        if self.years >= 2:
            return f"{prefix}{self.years} y"
        return f"{prefix}{self.months} mo" if self.months >= 2 else f"{prefix}{self.days} d"

    def _born(self) -> date:
        return self.born_from + (self.born_to - self.born_from) / 2


def age_on(birth: FhirTime | None, day: date | datetime | FhirTime) -> Age | None:
    """The age on a day; None without a birth date, or when that day is before the birth.

    A datetime counts on the calendar of its own zone; a FhirTime on the day it starts, in UTC.
    """
    if birth is None:
        return None
    on = _calendar_day(day)
    last = (birth.end - timedelta(microseconds=1)).date() if birth.end else birth.start.date()
    age = Age(born_from=birth.start.date(), born_to=min(last, max(on, birth.start.date())), on=on)
    return age if age.born_from <= on else None


def full_months(born: date, on: date) -> int:
    """Completed calendar months between two days.

    >>> full_months(date(2024, 1, 31), date(2024, 2, 29))
    0
    """
    months = (on.year - born.year) * 12 + on.month - born.month
    return months - 1 if on.day < born.day else months


def _calendar_day(day: date | datetime | FhirTime) -> date:
    if isinstance(day, FhirTime):
        return day.start.date()
    return day.date() if isinstance(day, datetime) else day


# ---- words ------------------------------------------------------------------------------------------------------


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
