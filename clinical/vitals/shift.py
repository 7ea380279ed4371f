"""When the present shift began."""

from __future__ import annotations

from datetime import datetime, timedelta, tzinfo

from .policy import Policy


def shift_start(as_of: datetime, policy: Policy, zone: tzinfo) -> datetime:
    """The last of the unit's shift hours that has passed, on the clock of the site; aware, in the zone of `as_of`."""
    local = as_of.astimezone(zone)
    for days in (0, 1):
        for hour in sorted(policy.shifts, reverse=True):
            begin = (local - timedelta(days=days)).replace(
                hour=hour, minute=0, second=0, microsecond=0
            )
            if begin <= local:
                return begin.astimezone(as_of.tzinfo)
    raise ValueError("a unit has at least one shift")
