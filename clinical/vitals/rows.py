"""The rows of the flow sheet: latest value with its age, trend of the window, the last sets."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from datetime import datetime, timedelta, tzinfo
from itertools import islice
from operator import attrgetter

from clinical.records import Frozen

from . import trend
from .assess import Scored
from .judge import NONE, Flagged, Judge, Level
from .news2 import PARTS, ZERO, ZERO_SPO2_SCALE_2, Band, Score
from .policy import Age, Policy, age_of, age_words, expected, span_words
from .reading import Reading, Readings
from .sheet_model import Cell, Row
from .terms import BY_KEY, Sign
from .trend import Axis, Trend
from .words import how, moment_words, taken_at, value_words

CHART_ROWS = (
    "respiration", "spo2", "oxygen", "systolic", "diastolic", "pulse", "consciousness", "temperature",
)  # fmt: skip
MORE_ROWS = ("pain", "glucose", "lactate", "weight")
_EARLIER = 4
_at = attrgetter("at")
_MOST_SOURCES = 60


class Desk(Frozen, frozen=True):
    """What every row needs. columns: the last sets. score: of now, None without one. scale: of the saturation.
    scored: whether NEWS2 is meant for this patient; without it there is no range that scores 0. usual: what is usual
    at a child's age, in words by sign."""

    readings: Readings
    axis: Axis
    columns: tuple[Scored, ...]
    score: Score | None
    scale: int
    band: Band
    policy: Policy
    as_of: datetime
    nothing: str
    usual: dict[str, str]
    scored: bool = True


def is_silent(readings: Readings) -> bool:
    """Whether no entry of any sign of the sheet came, not even one without a time or one that cannot be right."""
    signs = (*CHART_ROWS, *MORE_ROWS)
    return not any(readings.of(key) or readings.undated.get(key) for key in signs)


def row(desk: Desk, key: str, judge: Judge, zone: tzinfo) -> Row:
    """One row, also for a sign without any value: then `latest` says what is known about that."""
    sign = BY_KEY[key]
    known = _until(desk.readings.of(key), desk.as_of)
    latest = _latest(known)
    wanted = expected(desk.policy, key, desk.band)
    age = age_of(latest, wanted, desk.as_of)
    flagged = judge(latest) if latest is not None else NONE
    gap = _gap(desk.policy, key)
    part = desk.score.part(key) if desk.score is not None and key in PARTS else None
    return Row(
        key=key,
        name=sign.name,
        unit=sign.unit_words if latest is None or key != "oxygen" else "",
        how=", ".join(
            one for one in (how(latest.record) if latest else "", desk.usual.get(key, "")) if one
        ),
        latest=value_words(latest) if latest is not None else desk.nothing,
        flag=flagged.flag,
        level=_level(latest, key, flagged) if latest is not None else "",
        state=age.state,
        taken=_taken(latest, age, zone, desk.as_of),
        at=taken_at(latest, zone, desk.as_of) if latest is not None else "",
        points="" if part is None else "–" if part.points is None else str(part.points),
        trend=_trend(desk, key, known, judge, gap, age.state == "overdue"),
        cells=_cells(desk, key, known, judge) if key in CHART_ROWS else (),
        earlier="" if key in CHART_ROWS else _earlier(desk, sign, known, judge, zone),
        marks=tuple(_marks(latest, known, desk, zone)) if latest is not None else (),
        sources=_sources(desk, known, latest),
        peak=_peak(desk, key, known, judge, zone),
    )


def _taken(latest: Reading | None, age: Age, zone: tzinfo, as_of: datetime) -> str:
    """How long ago; the day itself where no time of day was sent: hours would be made up."""
    if latest is None:
        return ""
    if latest.timed:
        return age_words(age)
    words = taken_at(latest, zone, as_of)
    return words if age.state == "current" else f"{age.state} {words}"


def _peak(desk: Desk, key: str, known: Sequence[Reading], judge: Judge, zone: tzinfo) -> str:
    """The highest temperature of the window with its time, and its site where the newest has another one; "" when it
    was no fever or is the newest itself."""
    if key != "temperature":
        return ""
    start = bisect_left(known, desk.axis.start, key=_at)
    usable = [one for one in known[start:] if one.usable and one.value is not None and one.timed]
    highest = max(usable, key=lambda one: one.value or 0, default=None)
    if highest is None or highest is usable[-1] or judge(highest).flag != "H":
        return ""
    site = how(highest.record)
    words = f"peak {value_words(highest)} at {moment_words(highest.at, zone, desk.as_of)}"
    return f"{words}, {site}" if site and site != how(usable[-1].record) else words


def _sources(desk: Desk, known: Sequence[Reading], latest: Reading | None) -> tuple[str, ...]:
    """Tokens of the printed value first, then of every value on its line, newest first."""
    start = bisect_left(known, desk.axis.start, key=_at)
    newest = known[max(start, len(known) - _MOST_SOURCES) :]
    drawn = [*([latest] if latest is not None else []), *reversed(newest)][:_MOST_SOURCES]
    return tuple(dict.fromkeys(source.token for reading in drawn for source in reading.sources))


def _gap(policy: Policy, key: str) -> timedelta | None:
    """The pause after which a line stops: of the unit's widest interval, since the band was another one earlier."""
    usual = policy.by_sign.get(key) or policy.by_band[""]
    return usual.every + usual.grace if usual.every is not None else None


def _until(readings: Sequence[Reading], as_of: datetime) -> Sequence[Reading]:
    return readings[: bisect_right(readings, as_of, key=_at)]


def _latest(known: Sequence[Reading]) -> Reading | None:
    """The newest value that may be printed: usable, or preliminary and said to be so."""
    for reading in reversed(known):
        if reading.implausible:
            continue
        if reading.usable or (reading.preliminary and value_words(reading)):
            return reading
    return None


def _trend(
    desk: Desk,
    key: str,
    known: Sequence[Reading],
    judge: Judge,
    gap: timedelta | None,
    silent: bool,
) -> Trend:
    axis = desk.axis
    start = bisect_left(known, axis.start, key=_at)
    inside = [reading for reading in known[start:] if reading.timed]
    if key == "consciousness":
        return trend.letters([one for one in inside if one.usable], axis)
    if key == "oxygen":
        usable = [one for one in inside if one.usable]
        return trend.oxygen(usable, axis, holds=gap or axis.end - axis.start)
    low, high = _zero(key, desk.scale) if desk.scored else (None, None)
    drawn = [one for one in inside if one.usable or one.implausible or one.preliminary]
    return trend.line(drawn, axis, zero=(low, high), judge=judge, gap=gap, silent=silent)


def _zero(key: str, scale: int) -> tuple[float | None, float | None]:
    bounds = ZERO.get(key, (None, None))
    if key == "spo2" and scale == 2:
        bounds = ZERO_SPO2_SCALE_2
    low, high = bounds
    return (float(low) if low is not None else None, float(high) if high is not None else None)


def _cells(desk: Desk, key: str, known: Sequence[Reading], judge: Judge) -> tuple[Cell, ...]:
    return tuple(_cell(_in_set(one, key, known), key, judge) for one in desk.columns)


def _in_set(one: Scored, key: str, known: Sequence[Reading]) -> Reading | None:
    if key in PARTS:
        return one.set.chosen.get(key)
    begin = min(reading.at for reading in one.set.chosen.values())
    first = bisect_left(known, begin, key=_at)
    last = bisect_right(known, one.at, key=_at)
    found = [reading for reading in known[first:last] if reading.timed]
    usable = [reading for reading in found if reading.usable]
    best = usable or found
    return best[-1] if best else None


def _cell(reading: Reading | None, key: str, judge: Judge) -> Cell:
    if reading is None:
        return Cell(text="none" if key in PARTS else "–", kind="none")
    if reading.implausible:
        return Cell(text=f"{value_words(reading)} ×", kind="error", note=reading.unusable)
    words = value_words(reading)
    if not words:
        return Cell(text="none", kind="none", note=reading.unusable)
    short = reading.letter if key == "consciousness" else words.removesuffix("/min")
    flagged = judge(reading)
    level = _level(reading, key, flagged)
    return Cell(text=short, flag=flagged.flag, level=level, note=reading.unusable)


def _level(reading: Reading, key: str, flagged: Flagged) -> Level:
    """Oxygen and consciousness have no limits: given oxygen, and all but alert, is not usual."""
    if key not in ("oxygen", "consciousness") or not reading.usable:
        return flagged.level
    return "ab" if reading.air is False or reading.letter not in ("", "A") else ""


def _earlier(desk: Desk, sign: Sign, known: Sequence[Reading], judge: Judge, zone: tzinfo) -> str:
    """ "1.4 at 16:20, 2.6 H at 23:40": the last values, for what is not measured with every set."""
    shown = (one for one in reversed(known) if not one.implausible and value_words(one))
    words = []
    for one in reversed(list(islice(shown, _EARLIER))):
        flag = judge(one).flag
        text = f"{value_words(one)} {flag}".strip()
        text += " preliminary" if one.preliminary else ""
        when = moment_words(one.at, zone, desk.as_of) if one.timed else "that day"
        words.append(f"{text} at {when}")
    return ", ".join(words)


def _marks(latest: Reading, known: Sequence[Reading], desk: Desk, zone: tzinfo) -> list[str]:
    found = []
    if latest.preliminary:
        found.append("preliminary")
    if latest.corrected:
        found.append("corrected")
    if not latest.timed:
        found.append("time of day not recorded")
    late = latest.charted_late
    if late is not None:
        found.append(f"charted {span_words(timedelta(hours=late))} late")
    first = bisect_left(known, latest.at, key=_at)
    after = bisect_right(known, latest.at, key=_at)
    same = [one for one in known[first:after] if one is not latest and value_words(one)]
    if same:
        others = ", ".join(value_words(one) for one in same)
        joint = "at" if latest.timed else "on"
        found.append(f"also {others} {joint} {taken_at(latest, zone, desk.as_of)}")
    newer = [one for one in known[after:] if not one.usable and not one.implausible]
    if newer:
        found.append(f"{taken_at(newer[-1], zone, desk.as_of)}: {newer[-1].unusable}")
    return found
