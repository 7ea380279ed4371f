"""For whom NEWS2 is not meant, and which saturation scale was decided for a patient.

Not under 16, not in pregnancy, not at the end of life (RCP 2017, "NEWS2 should not be used"). Scale 2 needs a
decision on record, with author and time; a diagnosis never stands for one. The lists of codes and words are data,
not yet reviewed by a clinician.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime

from clinical.codes import ICD10CM, SNOMED
from clinical.dates import age_on, full_months
from clinical.records import (
    Chart,
    Concept,
    FhirTime,
    Flag,
    Frozen,
    Goal,
    Observation,
    Order,
    Problem,
    Reference,
    Source,
)

from .news2 import Scale
from .pregnancy import evidence, pregnant_by

_ADULT_MONTHS = 16 * 12

# Comfort care, hospice, end-of-life care: as codes, and as words of a flag, an order or a problem.
END_OF_LIFE_CODES = frozenset(
    {(SNOMED, "133918004"), (SNOMED, "385763009"), (SNOMED, "385736008"), (ICD10CM, "Z51.5")}
)
_END_OF_LIFE_WORDS = re.compile(
    r"\b(comfort (care|measures)( only)?|hospice|end[- ]of[- ]life|last days of life|actively dying)\b",
    re.IGNORECASE,
)
_TARGET = re.compile(
    r"\b88\s*%?\s*(?:-|–|to)\s*92\b|\b(?:spo2|spo₂|news2)\s+scale\s*2\b", re.IGNORECASE
)
_OTHER_TARGET = re.compile(
    r"\b9[24]\s*%?\s*(?:-|–|to)\s*9[68]\b|\b(?:spo2|spo₂|news2)\s+scale\s*1\b", re.IGNORECASE
)
_NEGATED = re.compile(r"\b(not?|never|stop|stopped|discontinue|avoid)\b", re.IGNORECASE)
_OVER = frozenset({"inactive", "revoked", "entered-in-error", "draft", "cancelled", "rejected"})


class Decision(Frozen, frozen=True):
    """Which scale was decided, by whom and since when. source: None when nothing was decided (then scale 1).

    unusable: a note of 88 to 92 % that was found but names no author or no time, so it decides nothing.
    """

    scale: Scale = 1
    since: datetime | None = None
    until: datetime | None = None
    time: FhirTime | None = None
    author: str = ""
    words: str = ""
    source: Source | None = None
    unusable: str = ""


class _Note(Frozen, frozen=True):
    text: str
    source: Source
    time: FhirTime | None
    author: Reference | None
    until: datetime | None = None


def scale_decisions(chart: Chart) -> tuple[Decision, ...]:
    """Every recorded decision for a saturation target, oldest first; notes that decide nothing last."""
    found = [decision for note in _notes(chart) if (decision := _decision(note)) is not None]
    return tuple(sorted(found, key=_when))


def scale_at(decisions: Iterable[Decision], moment: datetime) -> Decision:
    """The newest decision in force at a moment; scale 1 when there is none."""
    chosen, unusable = Decision(), ""
    for one in decisions:
        if one.since is None:
            unusable = one.unusable
        elif one.since <= moment and (one.until is None or moment < one.until):
            chosen = one
    if chosen.source is None and unusable:
        return Decision(unusable=unusable)
    return chosen


def not_for(chart: Chart, moment: datetime) -> str:
    """Why NEWS2 is not meant for this patient at this moment, in words; "" when it is."""
    return Exclusions(chart).exactly(moment)


class Exclusions:
    """Why NEWS2 is not meant for a patient, at any moment: what can say so is looked up in the chart once."""

    def __init__(self, chart: Chart) -> None:
        self._patients = chart.patients
        self._births = [one.birth for one in chart.patients if one.birth is not None]
        self._pregnancy = evidence(chart)
        items = (*chart.flags, *chart.orders, *chart.problems)
        records = (record for item in items for record in item.members)
        self._end_of_life = [record for record in records if _says_end_of_life(record)]
        self._known: dict[datetime, str] = {}

    def at(self, moment: datetime) -> str:
        """As `exactly`, where the answer of one moment stands for its whole hour: for many sets of long ago."""
        hour = moment.replace(minute=0, second=0, microsecond=0)
        if hour not in self._known:
            self._known[hour] = self.exactly(moment)
        return self._known[hour]

    def exactly(self, moment: datetime) -> str:
        """In words; "" when it is meant for them."""
        return (
            _too_young(self._births, moment)
            or ("died" if any(_dead(patient, moment) for patient in self._patients) else "")
            or ("pregnant" if pregnant_by(self._pregnancy, moment) else "")
            or (
                "end-of-life care"
                if any(_in_force(record, moment) for record in self._end_of_life)
                else ""
            )
        )


def _when(decision: Decision) -> tuple[bool, float, str]:
    since = decision.since
    token = decision.source.token if decision.source is not None else ""
    return since is None, since.timestamp() if since is not None else 0.0, token


def _too_young(births: Iterable[FhirTime], moment: datetime) -> str:
    ages = [age for birth in births if (age := age_on(birth, moment)) is not None]
    if not ages:
        return "age not known"
    youngest = min(full_months(age.born_to, age.on) for age in ages)
    oldest = max(full_months(age.born_from, age.on) for age in ages)
    if oldest < _ADULT_MONTHS:
        return "under 16"
    return "age not known exactly" if youngest < _ADULT_MONTHS else ""


def _dead(patient: object, moment: datetime) -> bool:
    when = getattr(patient, "deceased_at", None)
    if when is not None:
        return bool(when.start <= moment)
    return bool(getattr(patient, "deceased", False))


def _in_force(record: object, moment: datetime) -> bool:
    if isinstance(record, Flag):
        return record.status not in _OVER and _covers(record.period, moment)
    if isinstance(record, Order):
        begun = record.authored is None or record.authored.start <= moment
        return record.status not in _OVER and not record.avoid and begun
    if isinstance(record, Problem):
        settled = record.verification in (
            "refuted",
            "entered-in-error",
            "differential",
            "provisional",
        )
        return record.clinical not in ("inactive", "resolved", "remission") and not settled
    return False


def _covers(period: FhirTime | None, moment: datetime) -> bool:
    if period is None:
        return True
    return period.start <= moment and (
        not _ends(period) or period.end is None or moment < period.end
    )


def _ends(period: FhirTime) -> bool:
    """A moment or a day alone is a beginning; only a period with an end is over."""
    return period.precision == "period"


def _says_end_of_life(record: object) -> bool:
    concept = getattr(record, "concept", Concept())
    if any((one.system, one.code) in END_OF_LIFE_CODES for one in concept.codings):
        return True
    text = concept.text
    return bool(_END_OF_LIFE_WORDS.search(text)) and not _NEGATED.search(text)


# ---- what was decided about the saturation ---------------------------------------------------------------------


def _notes(chart: Chart) -> Iterable[_Note]:
    for item in chart.flags:
        yield from (_of_flag(one) for one in item.members if isinstance(one, Flag))
    for item in chart.orders:
        for one in item.members:
            if isinstance(one, Order) and not one.avoid and one.status not in _OVER:
                text = " ".join((one.concept.text, *one.notes))
                yield _Note(text=text, source=one.source, time=one.authored, author=one.requester)
    for item in chart.goals:
        for one in item.members:
            if isinstance(one, Goal) and one.lifecycle not in _OVER:
                text = " ".join((one.concept.text, *one.targets))
                yield _Note(text=text, source=one.source, time=one.start, author=None)
    yield from _observed(chart)


def _of_flag(flag: Flag) -> _Note:
    period = flag.period
    over = flag.status in _OVER
    until = period.end if period is not None and _ends(period) else None
    begin = period.start if period is not None else None
    return _Note(
        text=flag.concept.text,
        source=flag.source,
        time=period,
        author=flag.author,
        until=begin if over and until is None else until,
    )


def _observed(chart: Chart) -> Iterable[_Note]:
    for row in chart.series:
        for point in (*row.points, *row.undated):
            record = point.record
            if record.value.quantity is not None or record.components:
                continue  # a measured saturation is no decision
            text = _saturation_words(record)
            if text and record.status in ("final", "amended", "corrected"):
                author = record.performers[0] if record.performers else None
                yield _Note(text=text, source=record.source, time=record.taken, author=author)


def _saturation_words(record: Observation) -> str:
    """What an observation says in words; "" when its answer is not words."""
    value = record.value
    answer = value.string or value.other or (value.concept.text if value.concept else "")
    return f"{record.concept.text} {answer}" if answer else ""


def _decision(note: _Note) -> Decision | None:
    two, one = _TARGET.search(note.text), _OTHER_TARGET.search(note.text)
    if two is None and one is None:
        return None
    if two is not None and (one is not None or _NEGATED.search(note.text)):
        return None  # both targets in one note, or a denial: it decides nothing
    author = (note.author.display or note.author.target) if note.author is not None else ""
    if not author or note.time is None:
        lacking = "author" if not author else "time"
        said = "names no author" if lacking == "author" else "carries no time"
        return (
            Decision(words=note.text, source=note.source, unusable=f"a target of 88 to 92 % {said}")
            if two
            else None
        )
    return Decision(
        scale=2 if two is not None else 1,
        since=note.time.start,
        until=note.until,
        time=note.time,
        author=author,
        words=note.text,
        source=note.source,
    )
