"""Elements that may be a date, a period, an age, a range or words: onset[x], abatement[x], performed[x] …"""

from __future__ import annotations

from clinical import resources as fhir
from clinical.records import FhirTime

from .quantities import quantity_words, range_words
from .reading import Reading

_AGE_UNITS = {"a": "y", "mo": "mo", "wk": "wk", "d": "d", "h": "h"}


def moment(
    reading: Reading,
    *,
    date_time: str | None = None,
    period: fhir.Period | None = None,
    age: fhir.Quantity | None = None,
    span: fhir.Range | None = None,
    words: str | None = None,
) -> tuple[FhirTime | None, str]:
    """(when, in words). Words are given for what has no place on a calendar, and for a date that cannot be read."""
    if date_time:
        found = reading.time(date_time)
        return found, "" if found is not None else date_time
    if period is not None:
        found = reading.period(period)
        unread = "" if found is not None else f"{period.start or '?'} to {period.end or '?'}"
        return found, "" if unread == "? to ?" else unread
    if age is not None:
        return None, f"at {age_words(age)}" if age_words(age) else ""
    if span is not None:
        return None, range_words(span)
    return None, words or ""


def age_words(age: fhir.Quantity | None) -> str:
    """ "40 y" from an Age of 40 a."""
    if age is None:
        return ""
    unit = _AGE_UNITS.get(age.code or age.unit or "", age.unit or age.code or "")
    return quantity_words(fhir.Quantity(value=age.value, comparator=age.comparator, unit=unit))
