"""Text to FhirTime."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from typing import Literal

from clinical.records import FhirTime

_SHAPE = re.compile(
    r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2})"
    r"(?:[T ]([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\.([0-9]+))?)?(Z|[+-][0-9]{2}:?[0-9]{2})?)?)?)?"
)
_LATEST = datetime.max.replace(tzinfo=UTC)


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
        end = quick + _SECOND if quick <= _LAST_SECOND else _LATEST
        return FhirTime(start=quick, end=end, precision="second", text=text, zone_known=True)
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
_LAST_SECOND = _LATEST - _SECOND


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
        found = datetime.fromisoformat(text)
        return found if found.tzinfo is UTC else found.astimezone(UTC)
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
