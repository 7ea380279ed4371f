"""Dates as a FHIR search sees them: each value is an interval as long as its precision.

FHIR R4, search.html#prefix. Times without a zone count as UTC.
"""

from __future__ import annotations

import calendar
import re
from datetime import date

Interval = tuple[float, float]  # seconds since 1970, from (included) to (excluded)
ALWAYS = float("inf")
DAY = 86_400.0
PREFIXES = ("eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap")

_EPOCH = date(1970, 1, 1).toordinal()
_SHAPE = re.compile(
    r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)?)?)?)?"
)


def interval(text: object) -> Interval | None:
    """The interval that a date, dateTime or instant stands for; None when it is none.

    >>> interval("1970-01-01")
    (0.0, 86400.0)
    >>> interval("1970-01-01T01:00:00+01:00")
    (0.0, 1.0)
    >>> interval("soon") is None
    True
    """
    match = _SHAPE.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        return None
    year, month, day, hour, minute, second, fraction, zone = match.groups()
    try:
        start, end = _days(int(year), month, day)
    except ValueError:
        return None
    if hour is None:
        return start, end
    if int(hour) > 23 or int(minute) > 59 or int(second or 0) > 60:
        return None
    moment = start + int(hour) * 3600 + int(minute) * 60 - _offset(zone)
    if second is None:
        return moment, moment + 60
    moment += int(second) + float(fraction or 0)
    return moment, moment + (10.0 ** (1 - len(fraction)) if fraction else 1)


def _days(year: int, month: str | None, day: str | None) -> Interval:
    first = date(year, int(month or 1), int(day or 1))
    if day:
        length = 1
    elif month:
        length = calendar.monthrange(year, int(month))[1]
    else:
        length = 365 + calendar.isleap(year)
    start = (first.toordinal() - _EPOCH) * DAY
    return start, start + length * DAY


def _offset(zone: str | None) -> int:
    if zone is None or zone == "Z":
        return 0
    seconds = int(zone[1:3]) * 3600 + int(zone[4:6]) * 60
    return -seconds if zone[0] == "-" else seconds


def of_element(value: object) -> Interval | None:
    """The interval of a date, a Period or a Timing; None when it has none. An open end reaches for ever."""
    if not isinstance(value, dict):
        return interval(value)
    if "event" in value or "repeat" in value:
        return _of_timing(value)
    start, end = interval(value.get("start")), interval(value.get("end"))
    if start is None and end is None:
        return None
    return start[0] if start else -ALWAYS, end[1] if end else ALWAYS


def _of_timing(value: dict[str, object]) -> Interval | None:
    events = value.get("event")
    found = [interval(each) for each in events] if isinstance(events, list) else []
    known = [each for each in found if each is not None]
    if known:
        return min(each[0] for each in known), max(each[1] for each in known)
    repeat = value.get("repeat")
    return of_element(repeat.get("boundsPeriod")) if isinstance(repeat, dict) else None


def compare(prefix: str, wanted: Interval, held: Interval, now: float) -> bool:
    """Whether a held interval matches a wanted one. prefix: one of PREFIXES. now: for `ap`, a tenth of the distance."""
    inside = wanted[0] <= held[0] and held[1] <= wanted[1]
    match prefix:
        case "eq":
            return inside
        case "ne":
            return not inside
        case "gt":
            return held[1] > wanted[1]
        case "lt":
            return held[0] < wanted[0]
        case "ge":
            return held[1] > wanted[1] or inside
        case "le":
            return held[0] < wanted[0] or inside
        case "sa":
            return held[0] >= wanted[1]
        case "eb":
            return held[1] <= wanted[0]
    slack = abs(now - wanted[0]) / 10
    return held[0] < wanted[1] + slack and held[1] > wanted[0] - slack
