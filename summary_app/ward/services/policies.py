"""The policy of a unit: its own, else the one for every other unit, else the product's default."""

from __future__ import annotations

from datetime import timedelta

from clinical.vitals.policy import DEFAULT, Expected, Policy
from summary_app.ward import queries
from summary_app.ward.models import UnitPolicy


class Policies:
    """All of them, read once for a page."""

    def __init__(self) -> None:
        self._by_unit = {row.unit: _policy(row) for row in queries.policies()}

    def of(self, unit: str) -> Policy:
        return self._by_unit.get(unit) or self._by_unit.get("") or DEFAULT

    def of_place(self, words: str) -> Policy:
        """Of a bed by its words ("6B bed 03"): the unit with the longest name that they begin with."""
        fitting = [unit for unit in self._by_unit if unit and words.startswith(unit)]
        return self.of(max(fitting, key=len, default=""))


def _policy(row: UnitPolicy) -> Policy:
    """What the row does not decide is the default's."""
    wider, closer = timedelta(minutes=row.grace_low), timedelta(minutes=row.grace_high)
    low = Expected(every=timedelta(minutes=row.minutes_low), grace=wider)
    own = {
        "low": row.at_low, "one part": row.at_one_part, "medium": row.at_medium, "high": row.at_high,
    }  # fmt: skip
    return Policy(
        version=f"{row} {row.version}",
        source=f"reviewed by {row.reviewed_by}" if row.reviewed_by else "set by this site",
        reviewed=bool(row.reviewed_by),
        by_band={
            "": low,
            "low": low,
            "one part": Expected(every=timedelta(minutes=row.minutes_one_part), grace=closer),
            "medium": Expected(every=timedelta(minutes=row.minutes_medium), grace=closer),
            "high": Expected(every=timedelta(minutes=row.minutes_high), grace=closer),
        },
        by_sign={
            **DEFAULT.by_sign,
            "pain": Expected(every=timedelta(minutes=row.minutes_pain), grace=wider),
            "weight": Expected(
                every=timedelta(minutes=row.minutes_weight), grace=timedelta(hours=4)
            ),
        },
        limits=DEFAULT.limits,
        escalation={band: words or DEFAULT.escalation[band] for band, words in own.items()},
        usable=timedelta(minutes=row.usable_minutes),
        unmeasured_as=row.unmeasured_as,
        urine_low=float(row.urine_low),
        day_starts=row.day_starts,
        shifts=tuple(int(hour) for hour in row.shifts.split()),
    )
