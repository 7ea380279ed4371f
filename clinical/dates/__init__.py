"""FHIR dates and times at the precision they were sent with, and the words for them.

A partial date is an interval, never its first day: "2024" may mean any instant of that year. Pure: the present moment
and the zone of the site are arguments. Source: https://hl7.org/fhir/R4/datatypes.html#dateTime
"""

from __future__ import annotations

from .age import Age, age_on, full_months
from .plausible import CLOCK_SKEW, implausible, plot_time
from .reading import parse_period, parse_time
from .words import ago, format_date, format_time, local, zone_label

__all__ = [
    "CLOCK_SKEW",
    "Age",
    "age_on",
    "ago",
    "format_date",
    "format_time",
    "full_months",
    "implausible",
    "local",
    "parse_period",
    "parse_time",
    "plot_time",
    "zone_label",
]
