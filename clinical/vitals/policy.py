"""How often each sign is expected on a unit, and what a value's age makes of it. Data with source and status.

The intervals by score follow the RCP's NEWS2 thresholds and triggers (2017, chart 4): at least 12-hourly at 0, 4- to
6-hourly at 1 to 4, hourly at 5 or more or a single 3, continuous at 7 or more (here: every 30 minutes, by hand).
Everything else is a choice of this product; a unit sets its own. Not yet reviewed by a clinician.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal

import msgspec

from clinical.records import Frozen

from .news2 import Band
from .reading import Reading

Currency = Literal["current", "stale", "overdue", "never"]
SET = "set"  # key of the full set, beside the keys of signs


class Expected(Frozen, frozen=True):
    """A sign is expected every `every`, and late after `grace` more. every None: nothing is expected."""

    every: timedelta | None
    grace: timedelta


class Limits(Frozen, frozen=True):
    """H above `high`, L below `low`, in the sign's unit. Adults who are not pregnant only."""

    low: float | None = None
    high: float | None = None


class Policy(Frozen, frozen=True):
    """What a unit has decided. by_sign: for signs with an interval of their own. by_band: of the full set.

    limits: H and L where the source sends neither flag nor range. usable: how old the newest set may be and still
    give a score. unmeasured_as: the score an unmeasured patient is ranked with. escalation: the unit's wording by
    band. urine_low: mL/kg/h. day_starts: hour of the fluid day; shifts: hours at which shifts begin.
    """

    version: str
    source: str
    reviewed: bool
    by_band: dict[str, Expected]
    by_sign: dict[str, Expected]
    limits: dict[str, Limits]
    escalation: dict[str, str]
    usable: timedelta = timedelta(hours=6)
    unmeasured_as: int = 5
    urine_low: float = 0.5
    urine_hours: int = 6
    day_starts: int = 7
    shifts: tuple[int, ...] = (7, 19)


def _expected(hours: float, grace_minutes: float) -> Expected:
    return Expected(every=timedelta(hours=hours), grace=timedelta(minutes=grace_minutes))


DEFAULT = Policy(
    version="default 1",
    source="RCP NEWS2 2017, charts 1 and 4; KDIGO 2012 (urine); otherwise a choice of this product",
    reviewed=False,
    by_band={
        "": _expected(4, 60),
        "low": _expected(4, 60),
        "one part": _expected(1, 15),
        "medium": _expected(1, 15),
        "high": _expected(0.5, 15),
    },
    by_sign={
        "pain": _expected(4, 60),
        "weight": _expected(24, 240),
        "glucose": Expected(every=None, grace=timedelta(0)),
        "lactate": Expected(every=None, grace=timedelta(0)),
        "urine": Expected(every=None, grace=timedelta(0)),
    },
    limits={
        "respiration": Limits(12, 20),
        "spo2": Limits(96, None),
        "systolic": Limits(111, 219),
        "diastolic": Limits(60, 90),
        "pulse": Limits(51, 90),
        "temperature": Limits(36.1, 38.0),
    },
    escalation={
        "low": "Continue the routine of this unit.",
        "one part": "Full set every hour. Tell the nurse in charge and the covering physician.",
        "medium": "Full set every hour. Tell the nurse in charge and the covering physician now.",
        "high": "Emergency assessment: call the team that responds to deterioration.",
    },
)


_IN_DAYS, _IN_YEARS = 14, 730  # from so many days on hours, and then days, say nothing more


class Age(Frozen, frozen=True):
    """How a value stands. late: how far past interval and grace (or past the interval, when stale).

    due: when the next one is or was expected; None when nothing is expected or nothing was ever measured.
    """

    state: Currency
    age: timedelta | None = None
    late: timedelta | None = None
    due: datetime | None = None


def without_intervals(policy: Policy) -> Policy:
    """For somebody who does not stay on a unit: nothing is expected of them at any interval."""
    never = Expected(every=None, grace=timedelta(0))
    return msgspec.structs.replace(
        policy,
        by_band=dict.fromkeys(policy.by_band, never),
        by_sign=dict.fromkeys(policy.by_sign, never),
    )


def expected(policy: Policy, sign: str, band: Band | Literal[""]) -> Expected:
    """The interval of a sign while the patient's score stands in `band`; the shortest that applies."""
    return policy.by_sign.get(sign) or policy.by_band.get(band) or policy.by_band[""]


def age_of(reading: Reading | None, wanted: Expected, as_of: datetime) -> Age:
    """current, stale (past the interval), overdue (past the grace too), or never measured."""
    return age_at(reading.at if reading is not None else None, wanted, as_of)


def age_at(at: datetime | None, wanted: Expected, as_of: datetime) -> Age:
    if at is None:
        return Age(state="never")
    age = max(timedelta(0), as_of - at)
    if wanted.every is None:
        return Age(state="current", age=age)
    due = at + wanted.every
    if as_of <= due:
        return Age(state="current", age=age, due=due)
    if as_of <= due + wanted.grace:
        return Age(state="stale", age=age, late=as_of - due, due=due)
    return Age(state="overdue", age=age, late=as_of - due - wanted.grace, due=due)


def span_words(length: timedelta) -> str:
    """ "54 min", "6 h 09", "3 d 02 h", "75 d", "12 y": as a nurse says how long.

    >>> span_words(timedelta(minutes=54)), span_words(timedelta(hours=6, minutes=9))
    ('54 min', '6 h 09')
    """
    minutes = int(length.total_seconds() // 60)
    if minutes < 60:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    if hours < 48:
        return f"{hours} h {minutes:02d}"
    days, hours = divmod(hours, 24)
    if days >= _IN_YEARS:
        return f"{days // 365} y"
    if days >= _IN_DAYS:
        return f"{days} d"
    return f"{days} d {hours:02d} h"


def age_words(age: Age) -> str:
    """ "54 min", "stale 6 h 09", "overdue 1 h 04", "never measured".

    Stale carries the age of the value; overdue says for how long the next one has been late.
    """
    if age.state == "never" or age.age is None:
        return "never measured"
    if age.state == "overdue" and age.late is not None:
        return f"overdue {span_words(age.late)}"
    words = span_words(age.age)
    return f"stale {words}" if age.state == "stale" else words
