"""Which readings are one set of observations: one moment, or moments within half an hour that complete each other.

A set reaches back from its newest reading by at most 30 minutes, and only as far as it gains a part that was still
missing; a full set stays alone. So a repeated pulse does not hide the full set ten minutes before it, and two full
sets half an hour apart stay two.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from operator import itemgetter

from clinical.records import Frozen

from .news2 import PARTS
from .reading import Reading, Readings

WITHIN = timedelta(minutes=30)


class ObservationSet(Frozen, frozen=True):
    """at: the newest reading of a part. chosen: by part, the reading that counts. repeats: how many more there are."""

    at: datetime
    chosen: dict[str, Reading]
    repeats: int = 0


Moment = tuple[datetime, list[Reading]]


def sets_of(readings: Readings) -> tuple[ObservationSet, ...]:
    """All sets, oldest first. Readings without a time of day stand in none."""
    moments = _moments(readings)
    found: list[ObservationSet] = []
    end = len(moments)
    while end:
        start = _reach(moments, end)
        found.append(_set(moments[start:end]))
        end = start
    found.reverse()
    return tuple(found)


def _moments(readings: Readings) -> list[Moment]:
    by_time: dict[datetime, list[Reading]] = {}
    for sign in PARTS:
        for reading in readings.of(sign):
            if reading.timed:
                by_time.setdefault(reading.at, []).append(reading)
    return sorted(by_time.items(), key=itemgetter(0))


def _reach(moments: Sequence[Moment], end: int) -> int:
    """Index of the oldest moment of the set whose newest is `moments[end - 1]`."""
    newest = moments[end - 1][0]
    have = _parts(moments[end - 1])
    if len(have) == len(PARTS):
        return end - 1
    start = index = end - 1
    while len(have) < len(PARTS) and index > 0 and newest - moments[index - 1][0] <= WITHIN:
        index -= 1
        gained = _parts(moments[index]) - have
        if gained:
            have |= gained
            start = index
    return start


def _parts(moment: Moment) -> set[str]:
    return {reading.sign for reading in moment[1] if not reading.unusable}


def _set(moments: Sequence[Moment]) -> ObservationSet:
    """The newest usable reading of each part counts; of several at one moment see `_of_one_moment`."""
    chosen: dict[str, Reading] = {}
    count = 0
    for _, readings in moments:
        count += len(readings)
        once = {reading.sign: reading for reading in readings}
        if len(moments) == 1 and len(once) == len(readings):
            return ObservationSet(at=moments[0][0], chosen=once)
        for sign, several in _by_sign(readings).items():
            reading = _of_one_moment(several)
            if reading.usable or sign not in chosen or not chosen[sign].usable:
                chosen[sign] = reading
    return ObservationSet(at=moments[-1][0], chosen=chosen, repeats=count - len(chosen))


def _by_sign(readings: Sequence[Reading]) -> dict[str, list[Reading]]:
    found: dict[str, list[Reading]] = {}
    for reading in readings:
        found.setdefault(reading.sign, []).append(reading)
    return found


def _of_one_moment(several: Sequence[Reading]) -> Reading:
    """Of readings of one part at one moment the usable one that scores most: two values, the worse is taken."""
    usable = [one for one in several if one.usable]
    if len(usable) < 2:
        return usable[0] if usable else several[0]
    return max(usable, key=_alarm)


def _alarm(reading: Reading) -> tuple[int, str, str]:
    from .news2 import score

    source = reading.record.source
    return score({reading.sign: reading}, scale=1).least, source.server, source.reference
