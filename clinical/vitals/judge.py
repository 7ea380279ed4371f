"""H and L of a reading: the source's own word and range first, else the unit's limits for adults."""

from __future__ import annotations

from typing import Literal

from clinical.judgement import abnormal, choose_range
from clinical.records import Frozen

from .policy import Limits
from .reading import Reading

Level = Literal["", "ab", "crit"]


class Flagged(Frozen, frozen=True):
    """flag: "H", "L", "HH" …; "" for none. level colours it. ours: judged by the unit's limits, not by the source."""

    flag: str = ""
    level: Level = ""
    ours: bool = False


NONE = Flagged()


class Judge:
    """limits: of the unit; empty for whom they are not meant (children, pregnancy), then only the source speaks."""

    def __init__(self, limits: dict[str, Limits], *, sex: str = "") -> None:
        self.limits, self._sex = limits, sex

    def __call__(self, reading: Reading) -> Flagged:
        holder = reading.part if reading.part is not None else reading.record
        if reading.implausible or reading.unusable:
            return NONE
        if holder.interpretation or holder.ranges:
            told = abnormal(holder, choose_range(holder.ranges, sex=self._sex))
            if told.known:
                return Flagged(flag=told.flag, level=told.level)
        return self._by_limits(reading)

    def _by_limits(self, reading: Reading) -> Flagged:
        limits = self.limits.get(reading.sign)
        if limits is None or reading.value is None:
            return NONE
        value = float(reading.value)
        if limits.high is not None and value > limits.high:
            return Flagged(flag="H", level="ab", ours=True)
        if limits.low is not None and value < limits.low:
            return Flagged(flag="L", level="ab", ours=True)
        return NONE
