"""One measurement of one bedside sign, and all of a chart."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from clinical.records import Component, Frozen, Observation, Source

USABLE = frozenset({"final", "amended", "corrected"})
_LATE_MINUTES = 60.0


class Reading(Frozen, frozen=True):
    """One measurement of one sign.

    at: when it was taken. value: in the sign's unit, None when there is no usable number. letter: A, C, V, P or U.
    flow, concentration: of oxygen; `air` True = recorded on air, False = on oxygen, None = not known.
    unusable: why it counts for nothing ("" = it counts). implausible: it is taken for an entry error.
    timed: False for a day without a time: it stands in no set and on no line. part: the component, if it is one.
    """

    sign: str
    at: datetime
    record: Observation
    value: Decimal | None = None
    letter: str = ""
    air: bool | None = None
    flow: Decimal | None = None
    concentration: Decimal | None = None
    unusable: str = ""
    implausible: bool = False
    comparator: str = ""
    timed: bool = True
    part: Component | None = None
    also: tuple[Observation, ...] = ()

    @property
    def usable(self) -> bool:
        return not self.unusable

    @property
    def preliminary(self) -> bool:
        return self.record.status == "preliminary"

    @property
    def corrected(self) -> bool:
        return self.record.status in ("corrected", "amended")

    @property
    def charted_late(self) -> float | None:
        """Hours between taking and release, when that is more than one; None otherwise or when not stated."""
        issued = self.record.issued
        if issued is None or not issued.zone_known:
            return None
        minutes = (issued.start - self.at).total_seconds() / 60
        return minutes / 60 if minutes > _LATE_MINUTES else None

    @property
    def sources(self) -> tuple[Source, ...]:
        return (self.record.source, *(one.source for one in self.also))


class Readings(Frozen, frozen=True):
    """All readings of a chart. of: by sign, oldest first. undated: how many values carry no time at all, by sign.

    without_clock: how many carry a day but no time of day.
    """

    by_sign: dict[str, tuple[Reading, ...]]
    undated: dict[str, int]
    without_clock: int = 0

    def of(self, sign: str) -> tuple[Reading, ...]:
        return self.by_sign.get(sign, ())

    def latest(self, sign: str, *, until: datetime | None = None) -> Reading | None:
        """The newest usable reading, not later than `until`."""
        for reading in reversed(self.of(sign)):
            if reading.usable and (until is None or reading.at <= until):
                return reading
        return None


def status_words(record: Observation) -> str:
    """Why a record of this status does not count; "" when it does."""
    return "" if record.status in USABLE else (record.status or "status not stated")
