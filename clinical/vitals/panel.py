"""The score in words and as a trend: what was reached, what is missing, what it could still be."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from datetime import datetime, tzinfo
from operator import attrgetter

from .assess import Assessment, Scored
from .judge import Level
from .news2 import BAND_WORDS, BANDS, Band, Part, Score
from .policy import Age, Policy, span_words
from .sheet_model import Cell, Panel, PartView, Rung, ScoreDot, ScoreTrend
from .trend import WIDTH, Axis
from .words import clock, moment_words, number, value_words

LABELS = {
    "respiration": "Resp", "spo2": "SpO₂", "oxygen": "O₂", "systolic": "Sys", "pulse": "Pulse",
    "consciousness": "Consc", "temperature": "Temp",
}  # fmt: skip
FULL = {
    "respiration": "respiration", "spo2": "SpO₂", "oxygen": "oxygen status", "systolic": "systolic pressure",
    "pulse": "pulse", "consciousness": "consciousness", "temperature": "temperature",
}  # fmt: skip
_TOP, _BOTTOM, _HIGHEST = 6.0, 38.0, 12.0
_DOTS_AT_MOST = 60
_at = attrgetter("set.at")


def level_of(score: Score | None) -> Level:
    """crit from 7, abnormal from 5 or with a part at 3; by what was reached, never by what is possible."""
    if score is None or not score.measured:
        return ""
    return {"high": "crit", "medium": "ab", "one part": "ab"}.get(score.band, "")  # type: ignore[return-value]


def ladder(score: Score | None) -> tuple[Rung, Rung, Rung, Rung]:
    """low, one part scoring 3, medium, high: reached, still possible, or not."""
    if score is None:
        return ("dashed", "dashed", "dashed", "dashed")
    reached = BANDS.index(score.band) if score.measured else 0
    possible = BANDS.index(score.possible)
    rungs: list[Rung] = [
        "full" if step <= reached else "dashed" if step <= possible else "flat"
        for step in range(1, 5)
    ]
    return rungs[0], rungs[1], rungs[2], rungs[3]


def panel(
    found: Assessment,
    *,
    policy: Policy,
    axis: Axis,
    columns: Sequence[Scored],
    age: Age,
    as_of: datetime,
    zone: tzinfo,
    unscored: str,
) -> Panel:
    """columns: the sets of the flow sheet's last columns. age: of the newest set. unscored: why there is none."""
    score = found.current.score if found.current is not None else None
    prefix, number_words = headline(found)
    band: Band = score.band if score is not None and score.measured else ""
    return Panel(
        headline=f"{prefix} {number_words}".strip(),
        prefix=prefix,
        number=number_words,
        level=level_of(score),
        band=band,
        band_words=BAND_WORDS[band],
        possible_words=_possible(score),
        ladder=ladder(score) if not found.not_for else ("flat", "flat", "flat", "flat"),
        parts=tuple(part_view(part) for part in score.parts) if score is not None else (),
        sentences=tuple(_sentences(found, unscored, as_of, zone)),
        change=change_words(found, axis.shift),
        escalation=policy.escalation.get(band, ""),
        policy=f"{policy.version}, {policy.source}"
        + ("" if policy.reviewed else " (not yet reviewed by a clinician)"),
        trend=score_trend(found.scored, axis, overdue=age.state == "overdue"),
        cells=tuple(score_cell(one) for one in columns),
        count=f"{score.measured} of 7 parts" if score is not None and not score.complete else "",
        age=span_words(as_of - found.last.at) if found.last is not None else "",
        sources=_sources(found.current),
    )


def unscored_words(nothing: str, *, silent: bool) -> str:
    """Why no set is scored. nothing: how the sources answered where no sign came at all (silent)."""
    return (
        f"Vital signs: {nothing}." if silent else "What is on record makes no set of vital signs."
    )


def headline(found: Assessment) -> tuple[str, str]:
    """("at least", "6"), ("", "6"), ("", "not measured"), ("", "no score")."""
    if found.standing == "not for this patient":
        return "", "no score"
    score = found.current.score if found.current is not None else None
    if score is None or not score.measured:
        return "", "not measured"
    return ("" if score.complete else "at least"), str(score.least)


def part_view(part: Part) -> PartView:
    label = LABELS[part.key]
    if part.points is None:
        return PartView(
            key=part.key,
            label=label,
            points=could_be(part),
            value="none" if part.reading is None else part.why,
            missing=True,
        )
    value = value_words(part.reading) if part.reading is not None else ""
    return PartView(
        key=part.key,
        label=label,
        points=str(part.points),
        value=f"{value} %" if part.key == "spo2" else value,
        level="ab" if part.points else "",
    )


def could_be(part: Part) -> str:
    """What a missing part can add: "0 or 3" where nothing lies between, else "0 to 3"."""
    if part.key in ("consciousness", "oxygen"):
        return f"0 or {part.most}"
    return f"0 to {part.most}" if part.most > 1 else "0 or 1"


def _possible(score: Score | None) -> str:
    if score is None or score.possible == score.band or not score.measured:
        return ""
    return f"or {BAND_WORDS[score.possible]}"


def _sentences(found: Assessment, unscored: str, as_of: datetime, zone: tzinfo) -> list[str]:
    if found.not_for:
        return [
            f"No NEWS2 for this patient: {found.not_for}. Not scored is not low.",
            *_own(found, zone),
        ]
    last = found.last
    if last is None:
        return [unscored, *_own(found, zone)]
    if found.current is None:
        return [_too_old(last, as_of, zone), *_own(found, zone)]
    return [
        *_missing(found.current, zone),
        _set_words(found.current, as_of, zone),
        *_rechecked(found, zone),
        *_scale(found),
        *_own(found, zone),
    ]


def _too_old(last: Scored, as_of: datetime, zone: tzinfo) -> str:
    words = f"Not measured for {span_words(as_of - last.at)}."
    if last.score is not None and last.score.measured:
        least = "" if last.score.complete else "at least "
        words += f" Last score {least}{last.score.least} at {moment_words(last.at, zone, as_of)}, too old to use."
    return words


def _missing(one: Scored, zone: tzinfo) -> list[str]:
    score = one.score
    if score is None or score.complete:
        return []
    names = [f"{FULL[part.key]} ({part.why})" for part in score.missing]
    range_words = f"{score.least} to {score.most}"
    if len(score.missing) == 1 and score.missing[0].key in ("consciousness", "oxygen"):
        range_words = f"{score.least} or {score.most}"
    when = clock(one.at, zone)
    words = f"Incomplete, {score.measured} of 7. Missing at {when}: {', '.join(names)}."
    return [f"{words} The score is {range_words}. Nothing is carried over."]


def _set_words(one: Scored, as_of: datetime, zone: tzinfo) -> str:
    score = one.score
    words = f"Set of {moment_words(one.at, zone, as_of)}, {span_words(as_of - one.at)} old"
    if score is not None and score.since != score.at:
        words += f", measured from {clock(score.since, zone)}"
    return f"{words}, scale {score.scale if score is not None else 1}."


def _rechecked(found: Assessment, zone: tzinfo) -> list[str]:
    """What was measured again after the set; it is named with its points and not added to the sum."""
    said = []
    for one in found.rechecks:
        for part in one.score.parts if one.score is not None else ():
            if part.reading is not None and part.points is not None:
                value = value_words(part.reading)
                said.append(f"{FULL[part.key]} {value} ({part.points}) at {clock(one.at, zone)}")
    return [f"Measured again since: {', '.join(said)}."] if said else []


def _scale(found: Assessment) -> list[str]:
    decision = found.current.decision if found.current is not None else found.decision
    if decision.unusable:
        return [f"Scale 1: {decision.unusable}, so it decides nothing."]
    if decision.scale == 2:
        return [f"Scale 2, recorded by {decision.author}: {decision.words.rstrip('.')}."]
    return []


def _own(found: Assessment, zone: tzinfo) -> list[str]:
    """The source's own total, whether or not it agrees with ours."""
    own = found.own
    if own is None or own.value is None:
        return []
    words = f"The source's own NEWS2: {number(own.value, 0)} at {clock(own.at, zone)}"
    near = found.current
    return [f"{words}, which differs." if near is not None and near.differs else f"{words}."]


def change_words(found: Assessment, shift: datetime | None) -> str:
    """ "↑ 2", "↓ 1", "same" since the shift began; "" when either end is unknown or only a least."""
    now = found.current.score if found.current is not None else None
    before = found.at(shift) if shift is not None else None
    then = before.score if before is not None else None
    if (
        now is None
        or then is None
        or not now.measured
        or not then.measured
        or before is found.current
    ):
        return ""
    step = now.least - then.least
    if step == 0:
        return "same" if now.complete and then.complete else ""
    return f"↑ {step}" if step > 0 else f"↓ {-step}"


def score_cell(one: Scored) -> Cell:
    score = one.score
    if score is None:
        return Cell(text="–", kind="none", note=one.not_for)
    if not score.measured:
        return Cell(text="none", kind="none")
    text = str(score.least) if score.complete else f"≥{score.least}"
    return Cell(text=text, level=level_of(score), note="" if score.complete else "incomplete")


def _sources(one: Scored | None) -> tuple[str, ...]:
    if one is None:
        return ()
    tokens = [source.token for reading in one.set.chosen.values() for source in reading.sources]
    return tuple(dict.fromkeys(tokens))


def score_trend(
    scored: Sequence[Scored], axis: Axis, *, overdue: bool, width: float = WIDTH
) -> ScoreTrend:
    """One scale from 0 to 12, or to the highest; an incomplete sum is an open dot on a dotted line."""
    first = bisect_left(scored, axis.start, key=_at)
    last = bisect_right(scored, axis.end, key=_at)
    inside = scored[first:last]
    found = [(one, one.score) for one in inside if one.score is not None and one.score.measured]
    top = max([_HIGHEST, *(float(score.least) for _, score in found)])
    scale = width / WIDTH
    lefts = axis.places([one.set.at for one, _ in found])
    heights = [_y(score.least, top) for _, score in found]
    places = [(round(left * scale, 1), y) for left, y in zip(lefts, heights, strict=True)]
    solid, dotted = _joined(places, [score.complete for _, score in found])
    drawn = list(zip(places, found, strict=True))
    dots = tuple(
        ScoreDot(x=x, y=y, level=level_of(score), open=not score.complete)
        for (x, y), (_, score) in (drawn if len(drawn) <= _DOTS_AT_MOST else drawn[-1:])
    )
    silent = overdue and places
    return ScoreTrend(
        guides=(_y(5, top), _y(7, top)),
        segments=solid,
        dotted=dotted,
        dots=dots,
        silence=(places[-1][0], round(axis.x(axis.end) * scale, 1), places[-1][1])
        if silent
        else None,
        shift=axis.shift_x,
        words=", ".join(score_cell(one).text for one, _ in found[-6:]) or "no scores",
    )


def _y(value: float, top: float) -> float:
    return round(_BOTTOM - value / top * (_BOTTOM - _TOP), 1)


def _joined(
    places: Sequence[tuple[float, float]], complete: Sequence[bool]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Solid between two complete sets, dotted where one of them is a least."""
    solid: list[str] = []
    dotted: list[str] = []
    run: list[str] = []
    for index, (x, y) in enumerate(places):
        point = f"{x},{y}"
        if index and complete[index] and complete[index - 1]:
            run.append(point)
            continue
        if len(run) > 1:
            solid.append(" ".join(run))
        if index:
            before = places[index - 1]
            dotted.append(f"{before[0]},{before[1]} {point}")
        run = [point]
    if len(run) > 1:
        solid.append(" ".join(run))
    return tuple(solid), tuple(dotted)
