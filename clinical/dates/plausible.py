"""Where a time stands on an axis, and whether it can be at all (rules 38 and 39)."""

from __future__ import annotations

from datetime import datetime, timedelta

from clinical.records import FhirTime

from .reading import parse_time

CLOCK_SKEW = timedelta(
    minutes=5
)  # rule 38: this far ahead of us, a time is a clock that is off, not the future
_ANY_ZONE = timedelta(hours=14)


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


def _slack(one: FhirTime, other: FhirTime | None = None) -> timedelta:
    """How far two times may be apart and still agree: more when one of them does not know its zone."""
    known = one.zone_known and (other is None or other.zone_known)
    return CLOCK_SKEW if known else _ANY_ZONE
