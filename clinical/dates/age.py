"""How old somebody is on a day, as exactly as the birth date allows."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import msgspec

from clinical.records import FhirTime


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
