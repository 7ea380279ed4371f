"""The vitals flow sheet of one chart at one moment: pure, same input same output."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from datetime import date, datetime, timedelta, tzinfo
from operator import attrgetter

from clinical.dates import age_on
from clinical.records import Chart, Frozen

from . import fluid_view
from .assess import Assessment, Scored, Scorer, assess
from .beside import with_medicines
from .child_ranges import SOURCE, usual_of
from .doses import dose_lines
from .events import since_shift
from .fluids import Fluids, fluids
from .judge import Judge
from .news2 import PARTS, Band
from .panel import FULL, panel, unscored_words
from .policy import DEFAULT, SET, Age, Policy, age_at, age_of, expected, span_words
from .pregnancy import pregnant
from .reading import Reading, Readings
from .rows import CHART_ROWS, MORE_ROWS, Desk, is_silent, row
from .sheet_model import Column, DueLine, EntryError, Row, Sheet
from .shift import shift_start
from .signs import readings_of
from .terms import BY_KEY
from .trend import Axis
from .words import clock, day, moment_words, value_words

WINDOWS: tuple[tuple[str, str, timedelta | None], ...] = (
    ("4h", "4 h", timedelta(hours=4)),
    ("8h", "8 h", timedelta(hours=8)),
    ("24h", "24 h", timedelta(hours=24)),
    ("72h", "72 h", timedelta(hours=72)),
    ("all", "All", None),
)
COLUMNS = 6
_ADULT_YEARS = 16
_SKEW = timedelta(minutes=5)
_YEAR_DAYS, _LABEL_WIDTH = 330, 44.0
_at = attrgetter("at")


class Ward(Frozen, frozen=True):
    """One chart as the ward looks at it: made once per change of the chart, used by lens, board and hand-over.

    scorer: holds what does not depend on the moment, for the next look at the same chart. band: of the current set, "" without one; the intervals hang on it.
    """

    chart: Chart
    readings: Readings
    scorer: Scorer
    found: Assessment
    policy: Policy
    as_of: datetime
    shift: datetime

    @property
    def band(self) -> Band:
        score = self.found.current.score if self.found.current is not None else None
        return score.band if score is not None and score.measured else ""

    def set_age(self) -> Age:
        """How the newest set stands against the interval of its band."""
        last = self.found.last
        at = last.at if last is not None else None
        return age_at(at, expected(self.policy, SET, self.band), self.as_of)

    def sign_age(self, key: str) -> Age:
        latest = self.readings.latest(key, until=self.as_of)
        return age_of(latest, expected(self.policy, key, self.band), self.as_of)


def ward(
    chart: Chart,
    *,
    as_of: datetime,
    zone: tzinfo,
    policy: Policy = DEFAULT,
    days: int | None = 5,
    before: Ward | None = None,
) -> Ward:
    """days: how far back sets are scored; None = all of them. before: an earlier look; when the chart is still the
    same one, its readings and scores serve again."""
    same = before is not None and before.chart is chart
    readings = before.readings if before is not None and same else readings_of(chart)
    scorer = before.scorer if before is not None and same else Scorer(chart, readings)
    since = as_of - timedelta(days=days) if days is not None else None
    found = assess(chart, readings, policy=policy, as_of=as_of, since=since, scorer=scorer)
    begin = shift_start(as_of, policy, zone)
    return Ward(
        chart=chart, readings=readings, scorer=scorer, found=found, policy=policy, as_of=as_of,
        shift=begin,
    )  # fmt: skip


def flowsheet(
    seen: Ward, *, window: str = "24h", zone: tzinfo, nothing: str = "none recorded"
) -> Sheet:
    """window: a key of `WINDOWS`, anything else is 24 hours. nothing: what to say where a sign has no value."""
    window = window if window in {key for key, _, _ in WINDOWS} else "24h"
    axis = Axis(start=_start(seen, window), end=seen.as_of, shift=seen.shift)
    shown = seen.found.scored[-COLUMNS:]
    desk = _desk(seen, axis, shown, nothing)
    judge = judge_for(seen.chart, seen.policy, seen.as_of)
    fluid = fluids_of(seen, zone, since=max(axis.start, seen.as_of - timedelta(days=3)))
    events, more = since_shift(
        seen.chart, seen.readings, seen.found, fluid, shift=seen.shift, as_of=seen.as_of, zone=zone
    )
    rows = tuple(row(desk, key, judge, zone) for key in CHART_ROWS)
    silent = is_silent(seen.readings)
    return Sheet(
        window=window,
        windows=tuple((key, words) for key, words, _ in WINDOWS),
        as_of=f"{seen.as_of.astimezone(zone):%H:%M}",
        zone=seen.as_of.astimezone(zone).tzname() or "",
        shift=clock(seen.shift, zone),
        shift_x=axis.shift_x,
        ticks=() if silent else _ticks(axis, zone),
        columns=_columns(shown, seen.shift, zone),
        blank=tuple(range(COLUMNS - len(shown))),
        panel=panel(
            seen.found, policy=seen.policy, axis=axis, columns=shown, age=seen.set_age(),
            as_of=seen.as_of, zone=zone, unscored=unscored_words(nothing, silent=silent),
        ),
        rows=rows,
        more_rows=_more(seen.chart, desk, judge, zone),
        fluids=fluid_view.view(fluid, seen.policy, axis, zone, seen.shift) if fluid is not None else None,
        errors=_errors(seen, axis, zone),
        events=events,
        due=(*due_lines(seen, zone), *dose_lines(seen.chart, as_of=seen.as_of, zone=zone)),
        left_out=tuple(_left_out(seen, more)),
        limits_words=_limits_words(judge, seen.policy, usual=bool(desk.usual)),
        silent=silent,
    )  # fmt: skip


def _desk(seen: Ward, axis: Axis, shown: Sequence[Scored], nothing: str) -> Desk:
    current = seen.found.current
    return Desk(
        readings=seen.readings,
        axis=axis,
        columns=tuple(shown),
        score=current.score if current is not None else None,
        scale=seen.found.decision.scale,
        band=seen.band,
        policy=seen.policy,
        as_of=seen.as_of,
        nothing=nothing,
        scored=not seen.found.not_for,
        usual=usual_of(seen.chart, seen.as_of),
    )


def judge_for(chart: Chart, policy: Policy, as_of: datetime) -> Judge:
    """The unit's limits are for adults who are not pregnant; for others only the source's own flags and ranges."""
    patient = chart.patients[0] if chart.patients else None
    age = age_on(patient.birth, as_of) if patient is not None else None
    adult = age is not None and not age.about and age.years >= _ADULT_YEARS
    sex = patient.sex_for_clinical_use or patient.sex if patient is not None else ""
    limits = policy.limits if adult and not pregnant(chart, as_of) else {}
    return Judge(limits, sex=sex)


def _start(seen: Ward, window: str) -> datetime:
    length = {key: span for key, _, span in WINDOWS}[window]
    if length is not None:
        return seen.as_of - length
    times = [seen.readings.of(key)[0].at for key in CHART_ROWS if seen.readings.of(key)]
    return min([seen.as_of - timedelta(hours=72), *times])


def _ticks(axis: Axis, zone: tzinfo) -> tuple[tuple[float, str], ...]:
    """Whole hours, or days, so that five or six labels stand on the axis. An hour says nothing once it comes again."""
    length = axis.end - axis.start
    step = next((h for h in (1, 2, 4) if length <= timedelta(hours=6 * h)), None)
    if step is None:
        return _day_ticks(axis, zone)
    local = axis.start.astimezone(zone).replace(minute=0, second=0, microsecond=0)
    found = []
    while local.astimezone(axis.end.tzinfo) <= axis.end:
        if local.hour % step == 0 and local.astimezone(axis.end.tzinfo) >= axis.start:
            found.append((axis.x(local.astimezone(axis.end.tzinfo)), f"{local:%H}"))
        local += timedelta(hours=1)
    return tuple(found)


def _day_ticks(axis: Axis, zone: tzinfo) -> tuple[tuple[float, str], ...]:
    """Fewer than of hours: a date is wider, and two must not touch."""
    days = max(1, (axis.end - axis.start).days)
    every = -(-days // 4)
    first = axis.start.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    marks = [first + timedelta(days=every * step) for step in range(1, 5)]
    utc = [(mark, mark.astimezone(axis.end.tzinfo)) for mark in marks]
    words = _month if days > _YEAR_DAYS else day
    first_x, last_x = _LABEL_WIDTH / 2, axis.x(axis.end) - _LABEL_WIDTH / 2  # a label stays inside
    places = [(axis.x(at), words(mark.date())) for mark, at in utc if at >= axis.start]
    return tuple((x, text) for x, text in places if first_x <= x <= last_x)


def _month(on: date) -> str:
    """ "Feb-25": a day alone says nothing where the axis is longer than a year."""
    return f"{day(on)[3:]}-{on.year % 100:02d}"


def _columns(shown: Sequence[Scored], shift: datetime, zone: tzinfo) -> tuple[Column, ...]:
    found: list[Column] = []
    last_day = ""
    crossed = False
    for one in shown:
        local = one.at.astimezone(zone)
        today = day(local.date())
        first = not crossed and one.at >= shift
        crossed = crossed or first
        found.append(
            Column(time=f"{local:%H:%M}", day=today if today != last_day else "", shift=first)
        )
        last_day = today
    return tuple(found)


def _more(chart: Chart, desk: Desk, judge: Judge, zone: tzinfo) -> tuple[Row, ...]:
    """Pain is always there; the rest when it was ever recorded."""
    shown = [key for key in MORE_ROWS if key == "pain" or desk.readings.of(key)]
    rows = (row(desk, key, judge, zone) for key in shown)
    return tuple(with_medicines(chart, one, desk.as_of, zone) for one in rows)


def _errors(seen: Ward, axis: Axis, zone: tzinfo) -> tuple[EntryError, ...]:
    found: list[Reading] = []
    for several in seen.readings.by_sign.values():
        first = bisect_left(several, axis.start, key=_at)
        last = bisect_right(several, axis.end, key=_at)
        found += [reading for reading in several[first:last] if reading.implausible]
    found.sort(key=lambda reading: reading.at)
    return tuple(
        EntryError(
            what=BY_KEY[one.sign].name,
            value=_as_sent(one),
            time=moment_words(one.at, zone, seen.as_of),
            reason=one.unusable,
            sources=tuple(source.token for source in one.sources),
        )
        for one in found
    )


def _as_sent(reading: Reading) -> str:
    holder = reading.part if reading.part is not None else reading.record
    quantity = holder.value.quantity
    if quantity is None or quantity.value is None:
        return value_words(reading)
    return f"{quantity.value:f} {quantity.unit or quantity.code}".strip()


def due_lines(seen: Ward, zone: tzinfo) -> tuple[DueLine, ...]:
    """What is due now and next, by the unit's policy. A sign that was never measured is due now when a set is."""
    if expected(seen.policy, SET, seen.band).every is None:
        return (DueLine(when="–", text="no interval: not on a stay in a unit"),)
    late = [key for key in (*PARTS, "pain") if _is_late(seen, key)]
    found: list[DueLine] = []
    overdue = [key for key in late if seen.sign_age(key).state in ("overdue", "never")]
    if overdue:
        names = ", ".join(FULL.get(key, BY_KEY[key].name.lower()) for key in overdue)
        found.append(DueLine(when="now", text=names, overdue=True))
    soon = [key for key in late if key not in overdue]
    if soon:
        names = ", ".join(FULL.get(key, BY_KEY[key].name.lower()) for key in soon)
        found.append(DueLine(when="now", text=names))
    whole = seen.set_age()
    every = expected(seen.policy, SET, seen.band).every
    if whole.due is not None and whole.due > seen.as_of and every is not None:
        text = f"full set, every {span_words(every)}"
        found.append(DueLine(when=clock(whole.due, zone), text=text))
    weight = seen.sign_age("weight")
    if weight.state == "overdue" and weight.late is not None:
        found.append(
            DueLine(when="now", text=f"weight, late {span_words(weight.late)}", overdue=True)
        )
    return tuple(found)


def _is_late(seen: Ward, key: str) -> bool:
    state = seen.sign_age(key).state
    if key == "pain":
        return state in ("stale", "overdue")
    return state != "current"


def _left_out(seen: Ward, more_events: int) -> list[str]:
    """What stands on no line, counted: future times, days without a time, entries without any time."""
    until = seen.as_of + _SKEW
    signs = seen.readings.by_sign.values()
    ahead = sum(len(several) - bisect_right(several, until, key=_at) for several in signs)
    no_clock = seen.readings.without_clock
    undated = sum(seen.readings.undated.values())
    wrong = sum(
        entry.reason == "entered-in-error" and entry.section == "vitals"
        for entry in seen.chart.not_shown
    )
    counts = (
        (ahead, "dated in the future"),
        (no_clock, "with a day but no time, in no set"),
        (undated, "without any time"),
        (wrong, "withdrawn by the source as entered in error"),
        (more_events, "more events of this shift or just before it"),
    )
    return [f"{count} {words}" for count, words in counts if count]


def _limits_words(judge: Judge, policy: Policy, *, usual: bool) -> str:
    if not judge.limits:
        words = (
            "H and L by the source's own flags and ranges only; the unit's limits are for adults."
        )
        if usual:
            words += (
                f" Usual at this age: {SOURCE}; a range, no score, not yet reviewed by a clinician."
            )
        return words
    reviewed = "" if policy.reviewed else ", not yet reviewed by a clinician"
    return f"H and L by the source's own flags and ranges, else by the adult limits of {policy.version}{reviewed}."


def fluids_of(seen: Ward, zone: tzinfo, *, since: datetime | None = None) -> Fluids | None:
    """Urine and fluids; since: of the hours wanted, the fluid day and the urine hours come along in any case."""
    start = since or seen.as_of - timedelta(hours=12)
    return fluids(seen.readings, policy=seen.policy, start=start, as_of=seen.as_of, zone=zone)


__all__ = ["WINDOWS", "Ward", "due_lines", "flowsheet", "fluids_of", "judge_for", "ward"]
