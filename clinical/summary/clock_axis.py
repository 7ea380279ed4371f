"""The time axis of an ED visit: from arrival, or what was given on the way, to now. Pure geometry.

x is per cent of the width, so that a lane may be as wide as it likes; y is px. Labels are laid out for the narrowest
lane there is, so that they never lie on each other.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta, tzinfo

from msgspec.structs import replace

from clinical.records import Frozen
from clinical.summary import fmt
from clinical.summary.view_model import LaneEvent

LONGEST = timedelta(hours=72)  # a longer stay is no matter of hours
BEFORE = timedelta(hours=2)  # the ambulance
NARROWEST = 270.0  # px of a lane on a phone of 320
_LEAD, _ROOM = 0.02, 0.05  # shares of the axis before the first moment and after now
_LETTER, _GAP = 7.2, 10.0
_TICK_APART = 15.0
_MOST_TICKS = 5
_MOST_LINES = 8  # of labels in one lane
_STEPS = tuple(timedelta(minutes=m) for m in (15, 30, 60, 120, 180, 240, 360, 720, 1440))


class Axis(Frozen, frozen=True):
    """start, end: the edges. arrived, now: aware UTC."""

    start: datetime
    end: datetime
    arrived: datetime
    now: datetime

    def x(self, moment: datetime) -> float:
        """Per cent of the width."""
        share = (moment - self.start) / (self.end - self.start)
        return round(min(max(share, 0.0), 1.0) * 100, 1)


def axis(arrived: datetime, now: datetime, first: datetime) -> Axis:
    """first: the earliest moment that has to be on it."""
    begin = min(arrived, first)
    span = max(now - begin, timedelta(minutes=15))
    return Axis(start=begin - span * _LEAD, end=now + span * _ROOM, arrived=arrived, now=now)


def ticks(found: Axis, zone: tzinfo) -> tuple[tuple[float, str], ...]:
    """Full hours of the site's clock, where they leave the words at arrival and now their room."""
    taken = [found.x(found.arrived), found.x(found.now)]
    kept = []
    for moment, text in _steps(found, zone):
        x = found.x(moment)
        if all(abs(x - other) >= _TICK_APART for other in taken):
            taken.append(x)
            kept.append((x, text))
    return tuple(kept)


def _steps(found: Axis, zone: tzinfo) -> Iterator[tuple[datetime, str]]:
    span = found.now - found.start
    step = next((one for one in _STEPS if span / one <= _MOST_TICKS), _STEPS[-1])
    local = found.start.astimezone(zone)
    moment = local.replace(hour=0, minute=0, second=0, microsecond=0).astimezone(found.start.tzinfo)
    while moment < found.now:
        if moment > found.start:
            at = moment.astimezone(zone)
            whole_day = step >= timedelta(days=1)
            yield moment, fmt.day(at.date())[:6] if whole_day else at.strftime("%H:%M")
        moment += step


def lasted(span: timedelta) -> str:
    """ "45 min", "3 h 54 min".

    >>> lasted(timedelta(minutes=125)), lasted(timedelta(minutes=9))
    ('2 h 05 min', '9 min')
    """
    minutes = int(span.total_seconds() // 60)
    hours, rest = divmod(minutes, 60)
    return f"{hours} h {rest:02d} min" if hours else f"{rest} min"


def time_words(moment: datetime, now: datetime, zone: tzinfo) -> str:
    """ "15:06"; with its day where that time of day has come again since: "22-Nov 15:06"."""
    clock = fmt.clock(moment, zone)
    if now - moment < timedelta(hours=24):
        return clock
    return f"{fmt.day(moment.astimezone(zone).date())[:6]} {clock}"


def after(found: Axis, moment: datetime) -> str:
    """Time since arrival: "+1 h 05 min"; before it: "−15 min"."""
    if moment < found.arrived:
        return f"{fmt.MINUS}{lasted(found.arrived - moment)}"
    return f"+{lasted(moment - found.arrived)}"


def width(text: str) -> float:
    """Px that a label takes, its distance to the next one included."""
    return len(text) * _LETTER + _GAP


def placed(events: Sequence[LaneEvent]) -> tuple[LaneEvent, ...]:
    """Each label on the first line where it has room at the narrowest width. events: in the order of time.

    Past the last line a tick stands without its label, so that no lane outgrows the page; the lane counts those.
    """
    lines: list[float] = []  # where the last label of each line ends
    found = []
    for one in events:
        at, need = one.x * NARROWEST / 100, width(one.label)
        side = "end" if at + need > NARROWEST else "start"
        left = at - need if side == "end" else at
        line = next((i for i, end in enumerate(lines) if end <= left), len(lines))
        if line == _MOST_LINES:
            found.append(replace(one, label="", side=side, line=line - 1))
            continue
        right = at + _GAP if side == "end" else at + need
        lines[line : line + 1] = [right]
        found.append(replace(one, side=side, line=line))
    return tuple(found)
