"""Dates relative to now, in the zone of the site."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

SITE_ZONE = ZoneInfo("America/Chicago")
When = int | str


class Clock:
    """Writes FHIR dates that lie so many days, hours or years before `now` (aware; else ValueError).

    An int is days ago, at least 1, at an hour of the working day; a str is a FHIR date and stays as it is.
    """

    def __init__(self, now: datetime) -> None:
        if now.tzinfo is None:
            raise ValueError("now needs a time zone")
        self.now = now.astimezone(SITE_ZONE).replace(microsecond=0)

    def at(self, when: When) -> str:
        """A moment: days ago, at an hour that follows from the day."""
        if isinstance(when, str):
            return when
        return self.days(when, f"{8 + when % 7:02d}:{(when * 17) % 60:02d}")

    def days(self, ago: int, clock: str) -> str:
        """`clock` ("08:10", of the site) so many whole days ago; today only where that is over already."""
        hour, minute = (int(part) for part in clock.split(":"))
        day = (self.now - timedelta(days=ago)).date()
        moment = datetime.combine(day, time(hour, minute), SITE_ZONE)
        if ago < 1:
            raise ValueError("moments of today are given in hours before now")
        return moment.isoformat()

    def hours(self, ago: float, *, ahead: bool = False) -> str:
        """So many hours before now (after now where `ahead`), to the minute."""
        shift = timedelta(minutes=round(ago * 60))
        now = self.now.astimezone(UTC)  # in UTC, or an hour goes astray when the clocks change
        moment = now + shift if ahead else now - shift
        return moment.astimezone(SITE_ZONE).replace(second=0).isoformat()

    def ahead(self, days: int, clock: str = "09:30") -> str:
        """A planned moment in the days to come."""
        hour, minute = (int(part) for part in clock.split(":"))
        day = (self.now + timedelta(days=days)).date()
        return datetime.combine(day, time(hour, minute), SITE_ZONE).isoformat()

    def date(self, when: When) -> str:
        """A day without a time; negative days lie ahead."""
        if isinstance(when, str):
            return when[:10]
        return (self.now - timedelta(days=when)).date().isoformat()

    def month(self, days: int) -> str:
        """A month without a day, as people remember it."""
        return self.date(days)[:7]

    def year(self, ago: int) -> str:
        """A year without a month."""
        return str(self.now.year - ago)

    def born(self, years: int, month: int, day: int) -> str:
        """The birth date of somebody who is `years` old today and has that birthday."""
        today = self.now.date()
        year = today.year - years - ((today.month, today.day) < (month, day))
        return f"{year:04d}-{month:02d}-{day:02d}"

    def later(self, moment: str, minutes: int) -> str:
        """`moment` and so many minutes, but never after now."""
        shifted = datetime.fromisoformat(moment) + timedelta(minutes=minutes)
        return min(shifted, self.now.replace(second=0)).isoformat()

    def shifted(self, moment: str, minutes: int) -> str:
        """`moment` and so many minutes, also ahead of now."""
        return (datetime.fromisoformat(moment) + timedelta(minutes=minutes)).isoformat()

    def utc(self, moment: str) -> str:
        """The same moment as servers in UTC write it."""
        return datetime.fromisoformat(moment).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
