"""What happened since the shift began: critical results first, then the newest.

What came shortly before it is told too when nobody may have acted on it yet: who comes on at seven has to see the
potassium of half past six.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Container, Iterable, Iterator, Sequence
from datetime import datetime, timedelta, tzinfo
from operator import attrgetter

from msgspec.structs import replace

from clinical.judgement import abnormal, choose_range
from clinical.judgement.dose import unit_words
from clinical.records import Administration, Chart, FhirTime, Frozen, Observation, Series, Value

from .assess import Assessment
from .fluids import Fluids
from .judge import Level
from .panel import level_of, score_cell
from .reading import USABLE, Readings
from .sheet_model import Event
from .words import moment_words, oxygen_words

MOST = 12
BEFORE = timedelta(hours=12)  # the shift before this one: what it may have handed over
_AS_LATE = timedelta(days=3)  # no result is looked for that was released so long after it was taken
_FLUID = re.compile(
    r" (?:in|of) (?!.*\b(?:blood|serum|plasma)\b)([^\[\]]+?)(?: by .*)?$", re.IGNORECASE
)
_GAS = frozenset({"Partial pressure", "Partial Pressure"})
_CULTURE = re.compile(r"^Bacteria identified in (\w+) by Culture$", re.IGNORECASE)


class Happened(Frozen, frozen=True):
    at: datetime
    text: str
    level: Level = ""
    sources: tuple[str, ...] = ()


def since_shift(
    chart: Chart,
    readings: Readings,
    found: Assessment,
    fluids: Fluids | None,
    *,
    shift: datetime,
    as_of: datetime,
    zone: tzinfo,
) -> tuple[tuple[Event, ...], int]:
    """The events to print, and how many more there are."""
    happened = [
        *critical(chart, shift, as_of),
        *_less(results(chart, shift, as_of)),
        *_before(_less(cultures(chart, shift - BEFORE, as_of)), shift),
        *_scores(found, shift),
        *_oxygen(readings, shift, as_of),
        *_given(chart, shift, as_of),
        *_urine(fluids, as_of),
    ]
    happened.sort(key=lambda one: (one.level != "crit", -one.at.timestamp(), one.text))
    shown = tuple(
        Event(
            time=moment_words(one.at, zone, as_of),
            text=one.text,
            level=one.level,
            sources=one.sources,
        )
        for one in happened[:MOST]
    )
    return shown, max(0, len(happened) - MOST)


def results(chart: Chart, since: datetime, as_of: datetime) -> Iterator[Happened]:
    """Flagged laboratory results that came since then, by their time of release, else of taking."""
    for row in chart.series:
        if row.category != "laboratory":
            continue
        for place in range(len(row.points) - 1, -1, -1):
            record = row.points[place].record
            at = known_since(record)
            if at is None or not since <= at <= as_of:
                if record.taken is not None and record.taken.start < since - _AS_LATE:
                    break
                continue
            judged = abnormal(record, choose_range(record.ranges))
            if judged.level:
                text = _result_words(row, place, judged.flag)
                yield Happened(at=at, text=text, level=judged.level, sources=(record.source.token,))


def critical(chart: Chart, shift: datetime, as_of: datetime) -> list[Happened]:
    """Critical results of this shift, and of the one before it those that nothing known by now follows up."""
    begin = shift - BEFORE
    told = (*results(chart, begin, as_of), *cultures(chart, begin, as_of))
    found = [one for one in told if one.level == "crit"]
    early = {token for one in found if one.at < shift for token in one.sources}
    if early:
        done = {*_remeasured(chart, early, begin, as_of), *_read_on(chart, early, as_of)}
        found = [one for one in found if one.at >= shift or done.isdisjoint(one.sources)]
    return list(_before(found, shift))


def _remeasured(
    chart: Chart, early: Container[str], since: datetime, as_of: datetime
) -> Iterator[str]:
    """Of these results, those after which the same was measured again. A specimen without a value (cancelled, still to
    come), a preliminary value and another one of the same moment do not make a critical value a thing of the past; nor
    do words ("hemolyzed, please repeat") after a number.
    """
    for row in chart.series:
        newer: dict[bool, FhirTime] = {}  # True: a number. False: whatever it is
        for point in reversed(row.points):
            taken, token = point.record.taken, point.record.source.token
            if taken is None:
                continue
            if token not in early and taken.start < since - _AS_LATE:
                break
            number = _is_number(point.record)
            after = newer.get(number)
            if after and token in early and taken.end is not None and taken.end <= after.start:
                yield token
            for kind in {number, False} if _settles(point.record, as_of) else ():
                newer.setdefault(kind, taken)


def _is_number(record: Observation) -> bool:
    quantity = record.value.quantity
    return record.value.integer is not None or (quantity is not None and quantity.value is not None)


def _settles(record: Observation, as_of: datetime) -> bool:
    at = known_since(record)
    return record.status in USABLE and record.value != Value() and at is not None and at <= as_of


def _read_on(chart: Chart, early: Container[str], as_of: datetime) -> Iterator[str]:
    """Of these, preliminary words of a culture that the laboratory has replaced. What is final stays: a second organism,
    or an antibiotic, is more to know and no answer.
    """
    for item in chart.cultures:
        members = [each for each in item.members if isinstance(each, Observation)]
        settled = [each for each in members if _settles(each, as_of)]
        for first in members:
            if first.status in USABLE or first.source.token not in early:
                continue
            if any(_replaces(each, first) for each in settled):
                yield first.source.token


def _replaces(settled: Observation, first: Observation) -> bool:
    """Under the same name and known later: "no growth" of the day before is no answer to what grew since."""
    at, since = known_since(settled), known_since(first)
    later = at is not None and since is not None and at > since
    return later and settled.concept.text == first.concept.text


def _less(happened: Iterable[Happened]) -> Iterator[Happened]:
    return (one for one in happened if one.level != "crit")


def _before(happened: Iterable[Happened], shift: datetime) -> Iterator[Happened]:
    """What is older than the shift says so."""
    for one in happened:
        early = one.at < shift
        yield replace(one, text=f"{one.text} (before this shift)") if early else one


def cultures(chart: Chart, since: datetime, as_of: datetime) -> Iterator[Happened]:
    """Cultures that said something since then, flagged or not, in the laboratory's words."""
    for item in chart.cultures:
        for record in item.members:
            if not isinstance(record, Observation):
                continue
            at, said, level = known_since(record), _value(record), abnormal(record, None).level
            if not said and level == "crit" and record is not item.lead:
                said = record.concept.text  # an organism that is the code, and has no value
            if at is None or not said or not since <= at <= as_of:
                continue
            status = "" if record.status == "final" else f", {record.status}"
            text = f"{_culture_name(item.label)}: {said}{status}"
            yield Happened(at=at, text=text, level=level, sources=(record.source.token,))


def _culture_name(label: str) -> str:
    """ "Blood culture" of "Bacteria identified in Blood by Culture"."""
    return _CULTURE.sub(r"\1 culture", short_name(label))


def known_since(record: Observation) -> datetime | None:
    """When a result could first be seen."""
    when = record.issued or record.taken
    return when.start if when is not None and when.precision in ("minute", "second") else None


def _result_words(row: Series, place: int, flag: str) -> str:
    record = row.points[place].record
    before = _value(row.points[place - 1].record) if place else ""
    now = f"{_value(record)} {flag}".strip()
    unit = record.value.quantity.unit if record.value.quantity is not None else ""
    way = f"{before} → {now}" if before else now
    status = "" if record.status == "final" else f", {record.status}"
    return f"{short_name(row.label)} {way} {unit}".strip() + status


def short_name(label: str) -> str:
    """ "Lactate" of "Lactate [Moles/volume] in Serum or Plasma"; of another fluid than blood with its name, and a gas
    of the blood as one: "Glucose, urine", "Oxygen, partial pressure" beside the oxygen that is given."""
    name, _, rest = label.partition(" [")
    kind, _, place = rest.partition("]")
    found = _FLUID.match(place)
    more = found.group(1).lower() if found is not None else ""
    return ", ".join(filter(None, (name, "partial pressure" if kind in _GAS else "", more)))


def _value(record: Observation) -> str:
    quantity = record.value.quantity
    if quantity is not None and quantity.value is not None:
        return f"{quantity.comparator or ''}{quantity.value:f}"
    if record.value.concept is not None:
        return record.value.concept.text
    return record.value.string or record.value.other or ""


def _scores(found: Assessment, shift: datetime) -> Iterator[Happened]:
    before = found.at(shift)
    last = score_cell(before).text if before is not None and before.score is not None else ""
    for one in found.scored[bisect_right(found.scored, shift, key=attrgetter("set.at")) :]:
        if one.score is None or not one.score.measured:
            continue
        text = score_cell(one).text
        if text != last:
            words = f"NEWS2 {last} → {text}" if last else f"NEWS2 {text}"
            yield Happened(at=one.at, text=words, level="ab" if level_of(one.score) else "")
        last = text


def _oxygen(readings: Readings, shift: datetime, as_of: datetime) -> Iterator[Happened]:
    every = readings.of("oxygen")
    begin = bisect_right(every, shift, key=attrgetter("at"))
    before = next((one for one in reversed(every[:begin]) if one.usable), None)
    last = oxygen_words(before) if before is not None else ""
    for reading in every[begin:]:
        if not reading.usable or reading.at > as_of:
            continue
        words = oxygen_words(reading)
        if last and words != last:
            text = "Oxygen stopped, air" if reading.air else f"Oxygen {last} → {words}"
            if last == "air":
                text = f"Oxygen started, {words}"
            tokens = tuple(source.token for source in reading.sources)
            yield Happened(at=reading.at, text=text, sources=tokens)
        last = words


def _given(chart: Chart, shift: datetime, as_of: datetime) -> Iterator[Happened]:
    for item in chart.administrations:
        for record in item.members:
            if not isinstance(record, Administration) or record.at is None:
                continue
            at = record.at.start
            if shift <= at <= as_of:
                yield Happened(at=at, text=given_words(record), sources=(record.source.token,))


def given_since(
    chart: Chart, words: Sequence[str], since: datetime, as_of: datetime
) -> list[tuple[datetime, Administration]]:
    """Doses of medicines with one of these words in their name, oldest first; also those that are said not to be given."""
    found = [
        (record.at.start, record)
        for item in chart.administrations
        for record in item.members
        if isinstance(record, Administration)
        and record.at is not None
        and any(word in record.concept.text.lower() for word in words)
        and since <= record.at.start <= as_of
    ]
    return sorted(found, key=lambda dose: (dose[0], dose[1].source.token))


def doses_words(
    given: Sequence[tuple[datetime, Administration]], zone: tzinfo, as_of: datetime
) -> list[str]:
    """One text for each medicine: "Insulin lispro 4 units given at 07:14, 2 units not given at 11:02"."""
    found: dict[str, list[str]] = {}
    for at, record in given:
        words = f"{_how_given(record)} at {moment_words(at, zone, as_of)}"
        found.setdefault(record.concept.text, []).append(words)
    return [f"{name} {', '.join(doses)}" for name, doses in found.items()]


def given_words(record: Administration) -> str:
    """ "Acetaminophen 1 g given", "Acetaminophen not given: nausea"."""
    return f"{record.concept.text} {_how_given(record)}"


def _how_given(record: Administration) -> str:
    dose = record.dose
    amount = ""
    if dose is not None and dose.value is not None:
        amount = f"{dose.value:f} {unit_words(dose.unit)}".strip()
    amount = amount or record.dose_text
    if record.status == "not-done":
        said = "not given" + (f": {record.reason}" if record.reason else "")
    else:
        said = "given" if record.status == "completed" else record.status or "status not stated"
    return f"{amount} {said}".strip()


def _urine(fluids: Fluids | None, as_of: datetime) -> Sequence[Happened]:
    urine = fluids.urine if fluids is not None else None
    if urine is None or fluids is None or urine.hours_in_a_row < 2:
        return ()
    low = [hour for hour in fluids.hours if not hour.running][-urine.hours_in_a_row :]
    at = low[-1].start + timedelta(hours=1) if low else as_of
    text = f"Urine under the limit, {urine.hours_in_a_row} h in a row"
    return (Happened(at=at, text=text, level="ab"),)
