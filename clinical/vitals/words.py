"""Numbers and times as the ward prints them."""

from __future__ import annotations

from datetime import date, datetime, timedelta, tzinfo
from decimal import ROUND_HALF_UP, Decimal

from clinical.records import FhirTime, Observation

from .reading import Reading
from .terms import BY_KEY, LETTER_WORDS

_SAME_YEAR = timedelta(days=330)
_MONTHS = ("", "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def clock(moment: datetime, zone: tzinfo) -> str:
    """hh:mm on the clock of the site."""
    return f"{moment.astimezone(zone):%H:%M}"


def day(on: date) -> str:
    """ "23-Nov"."""
    return f"{on.day:02d}-{_MONTHS[on.month]}"


def dated(on: date, today: date) -> str:
    """ "23-Nov"; with the year from eleven months away, when the day alone could be taken for this year's."""
    return day(on) if abs(today - on) < _SAME_YEAR else f"{day(on)}-{on.year:04d}"


def moment_words(moment: datetime, zone: tzinfo, as_of: datetime) -> str:
    """ "20:05", with its day when that is a whole day away or more."""
    local = moment.astimezone(zone)
    if abs(as_of - moment) < timedelta(hours=24):
        return f"{local:%H:%M}"
    return f"{dated(local.date(), as_of.astimezone(zone).date())} {local:%H:%M}"


def taken_at(reading: Reading, zone: tzinfo, as_of: datetime) -> str:
    """The moment of a reading, or its day alone, as sent, where no time of day was sent (a day has no zone)."""
    taken = reading.record.taken
    if reading.timed or taken is None:
        return moment_words(reading.at, zone, as_of)
    return day_words(taken, zone, as_of)


def day_words(time: FhirTime, zone: tzinfo, as_of: datetime) -> str:
    """ "23-Nov" for a date or a moment, never a day off: a date is not moved into the zone of the site."""
    local = time.start.astimezone(zone) if time.zone_known else time.start
    return dated(local.date(), as_of.astimezone(zone).date())


def number(value: Decimal, decimals: int) -> str:
    """Rounded half up for the narrow columns; the value as sent stays in the opened row."""
    return f"{value.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP):f}"


def signed(value: Decimal | float, decimals: int = 0) -> str:
    """A change or a balance: "+1,524", "−3.2"; zero has a plus."""
    return f"{value:+z,.{decimals}f}".replace("-", "−")


def value_words(reading: Reading) -> str:
    """ "22", "< 90", "2 L/min", "28 %", "air", "Alert"; "" when there is nothing to print."""
    if reading.sign == "oxygen":
        return oxygen_words(reading)
    if reading.sign == "consciousness":
        return LETTER_WORDS.get(reading.letter, "")
    if reading.value is None:
        return ""
    text = number(reading.value, BY_KEY[reading.sign].decimals)
    return f"{reading.comparator} {text}" if reading.comparator else text


def oxygen_words(reading: Reading) -> str:
    if reading.air:
        return "air"
    parts = []
    if reading.flow is not None:
        parts.append(f"{_plain(reading.flow)} L/min")
    if reading.concentration is not None:
        parts.append(f"{_plain(reading.concentration)} %")
    return ", ".join(parts) or ("oxygen" if reading.air is False else "")


def _plain(value: Decimal) -> str:
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def how(record: Observation) -> str:
    """Limb, position, method and device as sent: "right arm, cuff"."""
    return ", ".join(one for one in (record.body_site, record.method, record.device) if one)
