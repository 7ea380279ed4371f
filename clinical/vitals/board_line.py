"""One patient's line of the board, made from the ward's view of the chart."""

from __future__ import annotations

from datetime import date, datetime, timedelta, tzinfo

from clinical.dates import age_on
from clinical.records import Encounter, Patient

from .board import BoardLine, Place
from .events import Happened
from .events import critical as critical_results
from .flowsheet import Ward, judge_for
from .news2 import PARTS, Score
from .nursing import Fact, code_status, isolation
from .panel import FULL, change_words, headline, ladder, level_of, score_trend
from .policy import SET, expected, span_words
from .reading import Reading
from .trend import Axis
from .words import moment_words, value_words

TREND = timedelta(hours=12)
TREND_WIDTH = 88.0
_LATE_SIGNS = (*PARTS, "pain")


def board_line(
    seen: Ward,
    encounter: Encounter | None,
    *,
    key: str,
    zone: tzinfo,
    bed: str,
    nothing: str,
    code_nothing: str = "",
    stale_words: str = "",
) -> BoardLine:
    """bed: as the unit calls it. nothing: what to say where no flag is recorded. code_nothing: the same of a code
    status, of which more kinds of entries speak; "" = `nothing`.
    """
    found = seen.found
    score = found.current.score if found.current is not None else None
    critical = critical_results(seen.chart, seen.shift, seen.as_of)
    prefix, number = headline(found)
    axis = Axis(start=seen.as_of - TREND, end=seen.as_of, shift=seen.shift)
    set_age = seen.set_age()
    patient = seen.chart.patients[0] if seen.chart.patients else None
    return BoardLine(
        key=key,
        place=place_of(seen, critical=bool(critical), bed=bed),
        bed=bed,
        name=name_of(patient),
        about=about(patient, encounter, seen.as_of, zone),
        prefix=prefix,
        number=number,
        level=level_of(score),
        ladder=None if found.standing == "not for this patient" else ladder(score),
        trend=score_trend(
            found.scored, axis, overdue=set_age.state == "overdue", width=TREND_WIDTH
        ),
        change=change_words(found, seen.shift),
        measured=span_words(set_age.age) if set_age.age is not None else "never",
        late=late_words(seen),
        news=tuple(f"{one.text} {moment_words(one.at, zone, seen.as_of)}" for one in critical),
        why=why(seen, critical, zone, stale_words),
        isolation=_words(isolation(seen.chart, seen.as_of, zone), nothing),
        code=_words(tuple(code_status(seen.chart, seen.as_of, zone)), code_nothing or nothing),
        stale_words=stale_words,
        sources=_sources(seen, critical),
        source=patient.source.server if patient is not None else "",
    )


def place_of(seen: Ward, *, critical: bool, bed: str) -> Place:
    found = seen.found
    last = found.last.score if found.last is not None else None
    current = found.current.score if found.current is not None else None
    score = current or last
    age = seen.set_age()
    return Place(
        standing=found.standing,
        least=max(found.least, score.least if score is not None else 0),
        worst_part=found.worst_part,
        possible=current.possible if current is not None else "",
        critical=critical,
        overdue=age.state == "overdue" or bool(late_words(seen)),
        late=age.late or timedelta(0),
        unmeasured_for=age.age,
        unmeasured_as=seen.policy.unmeasured_as,
        bed=bed,
    )


def late_words(seen: Ward) -> tuple[str, ...]:
    """ "full set 5 h 20", "temperature, consciousness 6 h 05", "weight 20 h 14": what is overdue, and by how long."""
    whole = seen.set_age()
    if whole.state == "never":
        return ("full set, never measured",)
    if whole.state == "overdue" and whole.late is not None:
        return (f"full set {span_words(whole.late)}",)
    late = [(key, age) for key in _LATE_SIGNS if (age := seen.sign_age(key)).state == "overdue"]
    words = []
    if late:
        names = ", ".join(FULL.get(key, key) for key, _ in late)
        longest = max(age.late for _, age in late if age.late is not None)
        words.append(f"{names} {span_words(longest)}")
    weight = seen.sign_age("weight")
    if weight.state == "overdue" and weight.late is not None:
        words.append(f"weight {span_words(weight.late)}")
    return tuple(words)


def why(seen: Ward, critical: list[Happened], zone: tzinfo, stale: str) -> tuple[str, str]:
    """(the key that decided the place, the rest of the sentence)."""
    bold, rest = _score_why(seen, zone)
    if critical:
        names = ", ".join(one.text for one in critical)
        lead = "New critical" if any(one.at >= seen.shift for one in critical) else "Critical"
        low = bold == "Low."
        bold = f"{lead} result." if low else f"{lead} result, and {bold[0].lower()}{bold[1:]}"
        rest = f"{names}. Acknowledged in the EHR: not known. {rest}".strip()
    return bold, f"{rest} {stale}; newer values may exist.".strip() if stale else rest


def _score_why(seen: Ward, zone: tzinfo) -> tuple[str, str]:
    found = seen.found
    if found.standing == "not for this patient":
        return f"No NEWS2: {found.not_for}.", f"{_abnormal(seen)} Not scored is not low.".strip()
    if found.standing == "unmeasured" or found.current is None or found.current.score is None:
        return _unmeasured(seen, zone)
    score = found.current.score
    if not score.complete:
        missing = " and ".join(FULL[part.key] for part in score.missing)
        return (
            f"Incomplete, at least {score.least}.",
            f"Missing: {missing}; it could be {score.most}.",
        )
    parts = _threes(score)
    scale = f" Scale 2, recorded by {found.current.decision.author}." if score.scale == 2 else ""
    next_set = _next(seen, zone)
    if score.band == "high":
        return "High.", f"{parts}{scale} {next_set}".strip()
    if score.band == "medium":
        return "Medium.", f"{parts}{scale} {next_set}".strip()
    if score.band == "one part":
        return f"One part scores 3: {_names_of_threes(score)}.", f"{scale} {next_set}".strip()
    return "Low.", scale.strip()


def _unmeasured(seen: Ward, zone: tzinfo) -> tuple[str, str]:
    last = seen.found.last
    if last is None:
        return "Never measured here.", f"Ranked as {seen.policy.unmeasured_as} until measured."
    bold = f"Not measured for {span_words(seen.as_of - last.at)}."
    if last.score is None or not last.score.measured:
        return bold, f"Ranked as {seen.policy.unmeasured_as} until measured."
    rank = max(seen.policy.unmeasured_as, last.score.least)
    least = "" if last.score.complete else "at least "
    return (
        bold,
        f"Last score {least}{last.score.least}, too old to use; ranked as {rank} until measured.",
    )


def _threes(score: Score) -> str:
    words = _names_of_threes(score)
    return f"{words[:1].upper()}{words[1:]} scores 3." if words else ""


def _names_of_threes(score: Score) -> str:
    found = [part for part in score.parts if part.points == 3 and part.reading is not None]
    words = [f"{FULL[part.key]} {value_words(part.reading)}" for part in found if part.reading]
    return ", ".join(words)


def _next(seen: Ward, zone: tzinfo) -> str:
    due = seen.set_age().due
    every = expected(seen.policy, SET, seen.band).every
    if due is None or every is None:
        return ""
    late = due < seen.as_of
    return f"Full set {'was ' if late else ''}due {moment_words(due, zone, seen.as_of)}."


def _abnormal(seen: Ward) -> str:
    """The values of the last set that their own source or the unit's limits call abnormal."""
    judge = judge_for(seen.chart, seen.policy, seen.as_of)
    last = seen.found.last
    flagged: list[Reading] = []
    for key in PARTS if last is not None else ():
        reading = last.set.chosen.get(key) if last is not None else None
        if reading is not None and reading.usable and judge(reading).flag:
            flagged.append(reading)
    words = [
        f"{FULL[one.sign].capitalize()} {value_words(one)} {judge(one).flag}" for one in flagged
    ]
    return f"{', '.join(words)}." if words else ""


def name_of(patient: Patient | None) -> str:
    """ "TESTCASE, Anna"; "Name not known" when the source sent none."""
    name = patient.name if patient is not None else None
    if name is None:
        return "Name not known"
    return (
        ", ".join(one for one in (name.family.upper(), name.given) if one)
        or name.text
        or "Name not known"
    )


def about(
    patient: Patient | None, encounter: Encounter | None, as_of: datetime, zone: tzinfo
) -> str:
    """ "75 F · 14-Mar-1951 · Pneumonia, day 3"."""
    parts = []
    if patient is not None:
        age = age_on(patient.birth, as_of)
        sex = {"female": "F", "male": "M"}.get(patient.sex, patient.sex or "sex not recorded")
        parts.append(
            f"{age.words.removesuffix(' y')} {sex}" if age is not None else f"age not known {sex}"
        )
        parts.append(birth_words(patient))
    reason = reason_words(encounter, as_of, zone)
    return " · ".join([*parts, reason] if reason else parts)


def birth_words(patient: Patient) -> str:
    birth = patient.birth
    if birth is None:
        return "birth date not known"
    if birth.precision in ("year", "month"):
        return birth.text
    return _long_day(birth.start.date())


def _long_day(on: date) -> str:
    months = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
    return f"{on.day:02d}-{months[on.month - 1]}-{on.year}"


def reason_words(encounter: Encounter | None, as_of: datetime, zone: tzinfo) -> str:
    if encounter is None:
        return ""
    reason = next((one.text for one in encounter.reasons if one.text), "")
    started = encounter.period
    if started is None:
        return reason
    days = (as_of.astimezone(zone).date() - started.start.astimezone(zone).date()).days + 1
    return f"{reason}, day {days}" if reason else f"day {days}"


def _words(facts: tuple[Fact, ...], nothing: str) -> tuple[str, bool]:
    if not facts:
        return nothing, False
    return "; ".join(fact.text for fact in facts), any(fact.strong for fact in facts)


def _sources(seen: Ward, critical: list[Happened]) -> tuple[str, ...]:
    found = seen.found.last
    tokens = [token for one in critical for token in one.sources]
    if found is not None:
        tokens += [s.token for reading in found.set.chosen.values() for s in reading.sources]
    patient = seen.chart.patients[0] if seen.chart.patients else None
    if patient is not None:
        tokens.append(patient.source.token)
    return tuple(dict.fromkeys(tokens))
