"""Numbers, units, dates and ages in the words of the screen. Pure text work; the zone and the moment are arguments."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, tzinfo
from decimal import Context, Decimal
from functools import lru_cache

from clinical.judgement.dose import unit_words
from clinical.records import FhirTime, Quantity

_MONTHS = ("", "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
MINUS = "\N{MINUS SIGN}"
AHEAD = "in the future"  # the age of what is dated after now
_DAY = timedelta(days=1)
_SUPERSCRIPT = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")

_UNITS = {
    "mm[Hg]": "mmHg", "Cel": "°C", "[degF]": "°F", "[lb_av]": "lb", "[in_i]": "in", "[ft_i]": "ft",
    "{1.73_m2}": "1.73 m²", "mL/min/1.73m2": "mL/min/1.73 m²", "mL/min/1.73.m2": "mL/min/1.73 m²",
    "{score}": "", "{ratio}": "", "1": "", "[pH]": "", "{INR}": "", "{index_val}": "", "{class}": "", "kg/m2": "kg/m²",
    "ug/L": "µg/L", "ug/mL": "µg/mL", "ug/dL": "µg/dL", "umol/L": "µmol/L", "uL": "µL", "m[IU]/L": "mIU/L",
    "m[IU]/mL": "mIU/mL", "u[IU]/mL": "µIU/mL", "[IU]/L": "IU/L", "[IU]/mL": "IU/mL", "meq/L": "mEq/L",
    "{beats}/min": "/min", "{breaths}/min": "/min", "mosm/kg": "mOsm/kg", "mL/min/{1.73_m2}": "mL/min/1.73 m²",
}  # fmt: skip
_MOST_DIGITS = 10
_POWER = re.compile(r"10(?:\*|\^)(-?\d+)")
_ANNOTATION = re.compile(r"\{([^}]*)\}")


# ---- values ---------------------------------------------------------------------------------------------------


def number(value: Decimal) -> str:
    """The digits as sent: 5.10 stays 5.10, never an exponent. A minus is a real minus sign.

    More than ten digits with a long fraction are what a program left, not what was measured: they are rounded, and
    stand in full in the entry as sent.

    >>> number(Decimal("5.10")), number(Decimal("167.67633900195196")), number(Decimal("0.8307405777897082"))
    ('5.10', '167.68', '0.8307')
    """
    text = format(_measured(value), "f")
    return MINUS + text[1:] if text.startswith("-") else text


def _measured(value: Decimal) -> Decimal:
    _, digits, exponent = value.as_tuple()
    if len(digits) <= _MOST_DIGITS or not isinstance(exponent, int) or exponent > -5:
        return value
    return round(value, 2) if abs(value) >= 10 else Context(prec=4).plus(value)


def quantity_value(quantity: Quantity) -> str:
    """Comparator and digits: "<0.01"; "" when there is no number."""
    if quantity.value is None:
        return ""
    comparator = quantity.comparator or ""
    return f"{'≥' if comparator == '>=' else '≤' if comparator == '<=' else comparator}{number(quantity.value)}"


@lru_cache(maxsize=2048)
def unit(code: str, text: str = "") -> str:
    """A unit for people. The UCUM code is preferred where it is known, else the text as sent.

    >>> unit("10*3/uL"), unit("mm[Hg]"), unit("mL/min/{1.73_m2}"), unit("", "K/uL")
    ('10³/µL', 'mmHg', 'mL/min/1.73 m²', 'K/uL')
    """
    raw = code or text
    if raw in _UNITS:
        return _UNITS[raw]
    shown = _POWER.sub(lambda found: "10" + found.group(1).translate(_SUPERSCRIPT), raw)
    shown = _ANNOTATION.sub(lambda found: found.group(1).replace("_", " "), shown)
    if shown.endswith("/uL"):
        shown = shown[:-2] + "µL" if code else shown
    return shown.replace("[IU]", "IU").replace("[iU]", "IU").replace("mm[Hg]", "mmHg")


def unit_of(quantity: Quantity) -> str:
    """The unit of a quantity for people; its code only counts when it is a UCUM code."""
    ucum = quantity.code if quantity.system.endswith("unitsofmeasure.org") else ""
    return unit(ucum, quantity.unit or quantity.code)


def dose(quantity: Quantity) -> str:
    """ "2 units", "50 mcg": what was given, with the unit as a dose is written."""
    return f"{quantity_value(quantity)} {unit_words(unit_of(quantity))}".strip()


def signed(value: Decimal) -> str:
    """A change: "+1.1", "−8", "±0"."""
    if value == 0:
        return "±0"
    return f"+{number(value)}" if value > 0 else number(value)


# ---- times ----------------------------------------------------------------------------------------------------


def day(value: date) -> str:
    """dd-Mmm-yyyy.

    >>> day(date(1958, 2, 3))
    '03-Feb-1958'
    """
    return f"{value.day:02d}-{_MONTHS[value.month]}-{value.year:04d}"


def short_day(value: date, today: date) -> str:
    """Without the year when that leaves no doubt: within the last eleven months."""
    if timedelta(0) <= today - value < timedelta(days=330):
        return f"{value.day:02d}-{_MONTHS[value.month]}"
    return day(value)


def date_of(time: FhirTime, zone: tzinfo) -> date:
    """The calendar day: in the site's zone for a moment, as sent for a date (which has no zone)."""
    return time.start.astimezone(zone).date() if time.zone_known else time.start.date()


def begins_as(time: FhirTime) -> str:
    """The precision of a time; of a period that of its beginning: "2024-03" alone has no first of March."""
    if time.precision != "period":
        return time.precision
    first, _, last = time.text.partition("/")
    return {4: "year", 7: "month"}.get(len(first or last), time.precision)


def when(time: FhirTime | None, as_of: datetime, zone: tzinfo) -> str:
    """ "today 08:10", "11-Nov 23:40", "10-Nov-2026", "Nov-2026", "2026"; "time unknown" when nothing was sent."""
    if time is None:
        return "time unknown"
    precision = begins_as(time)
    if precision == "year":
        return f"{time.start.year:04d}"
    if precision == "month":
        return f"{_MONTHS[time.start.month]}-{time.start.year:04d}"
    return _last_hours(time, as_of, zone) or day(date_of(time, zone))


def _last_hours(time: FhirTime, as_of: datetime, zone: tzinfo) -> str:
    """With the time of day where it is of today or of the last 24 hours: to a night shift midnight is no border. Else ""."""
    on, today = date_of(time, zone), as_of.astimezone(zone).date()
    if on == today:
        at = f" {clock(time.start, zone if time.zone_known else UTC)}" if _has_clock(time) else ""
        return f"today{at}"
    if on < today and _has_clock(time) and within_a_day(time, as_of):
        return f"{short_day(on, today)} {clock(time.start, zone)}"
    return ""


def within_a_day(time: FhirTime, as_of: datetime) -> bool:
    """Whether it was in the last 24 hours; of a time without a zone nobody knows."""
    return time.zone_known and timedelta(0) <= as_of - time.start < _DAY


def when_short(time: FhirTime | None, as_of: datetime, zone: tzinfo) -> str:
    """For narrow columns: the day without its year when recent, month and year when older, the year when long ago."""
    if time is None:
        return ""
    if begins_as(time) in ("year", "month"):
        return when(time, as_of, zone)
    if recent := _last_hours(time, as_of, zone):
        return recent
    on, today = date_of(time, zone), as_of.astimezone(zone).date()
    if on > today or (today - on).days < 330:
        return short_day(on, today)
    return f"{_MONTHS[on.month]}-{on.year:04d}" if (today - on).days < 3 * 365 else f"{on.year:04d}"


def _has_clock(time: FhirTime) -> bool:
    return time.precision in ("minute", "second") or (
        time.precision == "period" and time.zone_known
    )


def clock(moment: datetime, zone: tzinfo) -> str:
    """hh:mm in the site's zone."""
    return moment.astimezone(zone).strftime("%H:%M")


def ago(time: FhirTime | None, as_of: datetime, zone: tzinfo) -> str:
    """How long ago, in the largest unit that still says something: "19 min", "2 h", "11 d", "7 mo", "3 y"."""
    if time is None:
        return ""
    if time.precision in ("minute", "second", "period") and time.zone_known:
        seconds = (as_of - time.start).total_seconds()
        if seconds < -300:
            return AHEAD
        if seconds < 3600:
            return f"{max(0, int(seconds // 60))} min"
        if seconds < 48 * 3600:
            return f"{int(seconds // 3600)} h"
    days = (as_of.astimezone(zone).date() - date_of(time, zone)).days
    if days < 0:
        return AHEAD
    if time.precision == "year":
        return f"{as_of.year - time.start.year} y"
    return span(days)


def span(days: int) -> str:
    """A number of days in words.

    >>> span(0), span(11), span(205), span(548), span(1200)
    ('0 d', '11 d', '6 mo', '18 mo', '3 y')
    """
    if days < 60:
        return f"{days} d"
    months = int(days / 30.44)
    return f"{months} mo" if months < 24 else f"{int(days / 365.25)} y"


def age_words(birth: FhirTime | None, on: date) -> str:
    """ "68 y", "about 68 y" for a partial date, months under two years, days under two months; "" if not known."""
    if birth is None:
        return ""
    born = birth.start.date()
    if born > on:
        return ""
    if birth.precision in ("year", "month"):
        return f"about {on.year - born.year} y"
    months = (on.year - born.year) * 12 + on.month - born.month - (on.day < born.day)
    if months >= 24:
        return f"{months // 12} y"
    return f"{months} mo" if months >= 2 else f"{(on - born).days} d"


def years_old(birth: FhirTime | None, on: date) -> int | None:
    """Whole years; None when the date is missing, too coarse to say, or in the future."""
    if birth is None or birth.precision == "year":
        return None
    born = birth.start.date()
    years = on.year - born.year - ((on.month, on.day) < (born.month, born.day))
    return years if years >= 0 else None


def birth_words(birth: FhirTime | None) -> str:
    """The date of birth at the precision given; "Not known" when there is none."""
    if birth is None:
        return "Not known"
    born = birth.start.date()
    if birth.precision == "year":
        return f"{born.year:04d}"
    return f"{_MONTHS[born.month]}-{born.year:04d}" if birth.precision == "month" else day(born)


def joined(words: list[str]) -> str:
    """ "Mercy", "Mercy and Lakeside", "Mercy, Lakeside and City".

    >>> joined(["Mercy", "Lakeside"])
    'Mercy and Lakeside'
    """
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} and {words[-1]}"


def cut(text: str, most: int) -> str:
    """At most `most` characters, cut between words and marked as cut.

    >>> cut("Escherichia coli", 12)
    'Escherichia…'
    """
    text = " ".join(text.split())
    return text if len(text) <= most else f"{text[: most - 1].rsplit(' ', 1)[0].rstrip(' ,;')}…"


def plural(count: int, noun: str, several: str = "") -> str:
    """ "1 result", "3 results"."""
    return f"{count} {noun if count == 1 else several or noun + 's'}"
