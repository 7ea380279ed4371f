"""Lanes of the clock that hold events: ECG, imaging, other reports, procedures, medicines given. Nothing is guessed:
what has no time of day is counted beside its lane and not drawn."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

import msgspec

from clinical.records import (
    Administration,
    FhirTime,
    Frozen,
    Item,
    Procedure,
    Report,
    Section,
    Study,
)
from clinical.summary import clock_axis, events, fmt, names, studies
from clinical.summary.clock_axis import Axis
from clinical.summary.desk import Desk, item_tokens
from clinical.summary.view_model import Lane, LaneEvent, ListRow, Part, State

_ECG = re.compile(r"\b(?:ecg|ekg)\b|electrocardiogra", re.IGNORECASE)
NAMES = {"ecg": "ECG", "imaging": "Imaging", "reports": "Reports", "done": "Procedures", "given": "Given"}  # fmt: skip
SECTIONS: dict[str, tuple[Section, ...]] = {
    "ecg": (Section.REPORTS, Section.PROCEDURES),
    "imaging": (Section.REPORTS, Section.IMAGING),
    "reports": (Section.REPORTS,),
    "done": (Section.PROCEDURES,),
    "given": (Section.ADMINISTRATIONS,),
}
_SHORT = 26  # characters of a finding that stand beside its tick
_ASIDE = 40  # characters that stand at the right of a lane
_LINE, _LEAST = 20, 24
# A report of the same moment says more than the study or the procedure that it is about.
_TELLS = {"report": 0, "microbiology": 0, "study": 1, "procedure": 2, "administration": 0}
_RUNS = "in-progress"
_NOT_DONE = frozenset({"not-done", "cancelled", "entered-in-error"})
LISTED_ECG = "proc.ecg"
CLOCKS = timedelta(minutes=5)  # a time so far ahead of ours is now
_DAY_ONLY, _NO_TIME, _TO_COME = "with a day and no time", "without any time", "with a time to come"
_NO_END = "begun before and without an end"
# Categories of pictures: HL7 v2 table 0074 and the LOINC part that US Core names.
_PICTURES = frozenset(
    {"RAD", "RUS", "RX", "CT", "NMR", "NMS", "OUS", "VUS", "CUS", "XRC", "LP29684-5"}
)


class Event(Frozen, frozen=True):
    """One mark. key: of the item behind it. name: what it is called. label: beside the tick. words: in full.

    rank: how much it tells (`_TELLS`). taken: ranks of the things of the same moment that it stands for.
    early: it began before the axis and lasts into it. runs: it has not ended.
    """

    lane: str
    key: str
    time: FhirTime
    name: str
    label: str
    words: str
    open: bool
    sources: tuple[str, ...]
    rank: int = 0
    taken: tuple[int, ...] = ()
    early: bool = False
    runs: bool = False

    @property
    def at(self) -> datetime:
        """When it began."""
        return self.time.start


def collect(desk: Desk, since: datetime) -> tuple[list[Event], dict[str, Counter[str]]]:
    """Events from `since` to now, and infusions that last into it, oldest first; and what of each lane cannot be drawn: how many, by the reason."""
    found: dict[tuple[str, datetime], list[Event]] = {}
    undrawn: dict[str, Counter[str]] = {}
    chart = desk.chart
    for item in sorted(
        (*chart.cultures, *chart.reports, *chart.studies, *chart.procedures, *chart.administrations),
        key=lambda item: (_TELLS.get(item.kind, 3), item.key),
    ):  # fmt: skip
        lane, time = lane_of(desk, item), _time(item)
        if not lane:
            continue
        early = _is_early(item, time, since)
        if why := _why_undrawn(desk, lane, time, since) or (early and _why_no_bar(item, time)):
            undrawn.setdefault(lane, Counter())[why] += 1
        elif time is not None and (early or _is_seen(time, since, desk.as_of)):
            one = _event(desk, item, lane, time)
            one = _early(desk, one) if early else one
            _add(found.setdefault((lane, time.start), []), one, item)
    told = [one for events_ in found.values() for one in events_]
    return sorted(told, key=lambda one: (one.at, one.lane, one.key)), undrawn


def _why_undrawn(desk: Desk, lane: str, time: FhirTime | None, since: datetime) -> str:
    """Why a thing of this visit has no place on the axis; "" when it has one, or is of before.

    Undated findings may be of any year; a dose comes from a search of the last days.
    """
    if time is None:
        return _NO_TIME if lane == "given" else ""
    if not time.zone_known:
        is_now = fmt.date_of(time, desk.zone) >= since.astimezone(desk.zone).date()
        return _DAY_ONLY if is_now else ""
    return _TO_COME if time.start > desk.as_of + CLOCKS else ""


def _is_early(item: Item, time: FhirTime | None, since: datetime) -> bool:
    """A medicine given over a time that began before `since` and is not known to have ended before it."""
    record = item.lead
    if not isinstance(record, Administration) or record.status in _NOT_DONE:
        return False
    if time is None or time.precision != "period" or time.start >= since:
        return False
    return time.end is None or time.end > since


def _why_no_bar(item: Item, time: FhirTime | None) -> str:
    """Why what began before the axis cannot be drawn on it: its beginning or end has no time of day, or it is over and
    nobody says since when."""
    if time is None or not time.zone_known:
        return _DAY_ONLY
    if time.end is None:
        return "" if getattr(item.lead, "status", "") == _RUNS else _NO_END
    return "" if "T" in time.text.rpartition("/")[2] else _DAY_ONLY


def _early(desk: Desk, one: Event) -> Event:
    """Its mark stands at the left edge, so label and words say when it began."""
    began = clock_axis.time_words(one.at, desk.as_of, desk.zone)
    end = one.time.end
    until = f"until {clock_axis.time_words(end, desk.as_of, desk.zone)}" if end else "still running"
    return msgspec.structs.replace(
        one,
        label=f"since {began} {one.label}",
        words=f"{one.words}, begun before this time line, {until}",
        early=True,
    )


def _is_seen(time: FhirTime, since: datetime, as_of: datetime) -> bool:
    return since <= time.start <= as_of + CLOCKS


def _add(there: list[Event], one: Event, item: Item) -> None:
    """there: of the same lane and moment. A study or procedure of the moment of a report is what that report is
    about, each report of one; two reports, procedures or medicines of one moment are two."""
    rank = _TELLS.get(item.kind, 3)
    for index, before in enumerate(there):
        if before.rank < rank and rank not in before.taken:
            sources = tuple(dict.fromkeys((*before.sources, *one.sources)))
            there[index] = msgspec.structs.replace(
                before, sources=sources, taken=(*before.taken, rank)
            )
            return
    there.append(msgspec.structs.replace(one, rank=rank))


def lane_of(desk: Desk, item: Item) -> str:
    """The lane that an item belongs to; "" when its results say everything that it has to say."""
    if item.kind == "administration":
        return "given"
    entry = desk.ranked.get(item.key)
    listed = entry.listed if entry is not None else ()
    if LISTED_ECG in listed or _ECG.search(item.label):
        return "ecg"
    record = item.lead
    if isinstance(record, Study) or (isinstance(record, Report) and record.category in _PICTURES):
        return "imaging"
    if isinstance(record, Procedure):
        return "done"
    return "" if events.only_results(item) else "reports"


def _time(item: Item) -> FhirTime | None:
    record = item.lead
    return record.at if isinstance(record, Administration) else studies.time_of(record)


def _event(desk: Desk, item: Item, lane: str, time: FhirTime) -> Event:
    record = item.lead
    if isinstance(record, Administration):
        name, words = _given(record)
        open_, label = record.status in _NOT_DONE, _ingredient(name)
    else:
        name, said = names.test(item.label) or "report", studies.finding(record).strip("“”")
        open_ = studies.is_pending(record) or getattr(record, "status", "") in _NOT_DONE
        words = _in_full("prelim" if studies.is_pending(record) else "", said)
        label = (
            words
            if len(words) <= _SHORT
            else clock_axis.time_words(time.start, desk.as_of, desk.zone)
        )
    return Event(
        lane=lane,
        key=item.key,
        time=time,
        name=name,
        label=label,
        words=words,
        open=open_,
        sources=item_tokens(item),
        runs=lane == "given" and time.end is None and getattr(record, "status", "") == _RUNS,
    )


def _ingredient(product: str) -> str:
    """The words before the first number: "aspirin" of "aspirin 324 mg chewable"."""
    plain = re.split(r"\s(?=[\d.,])", product, maxsplit=1)[0].strip()
    return plain or product


def _in_full(status: str, said: str) -> str:
    quoted = f"“{said}”" if said and said != "pending" else said
    return f"{status} {quoted}".strip() or "no words came with it"


def _given(record: Administration) -> tuple[str, str]:
    """Name and dose; "not given" leads where it was not."""
    name = names.lower_first(names.product(record.concept.text)) or "medicine not named"
    dose = record.dose_text
    if record.dose is not None and record.dose.value is not None:
        dose = fmt.dose(record.dose)
    no = "not given: " if record.status in _NOT_DONE else ""
    product = name if dose and dose.lower() in name.lower() else f"{name} {dose}".strip()
    route = f", {record.route}" if record.route else ""
    state = f", {record.status}" if record.status not in ("completed", "not-done", "") else ""
    return f"{no}{product}", f"{no}{product}{route}{state}"


def row(
    desk: Desk, lane: str, found: Sequence[Event], undrawn: Mapping[str, int], axis: Axis
) -> ListRow:
    """One lane as a row; without any event its honest state. undrawn: how many are not drawn, by the reason."""
    marks = clock_axis.placed([_mark(one, axis) for one in found])
    lines = max((mark.line for mark in marks), default=0) + 1
    told = "; ".join(
        f"{clock_axis.time_words(one.at, desk.as_of, desk.zone)} {one.words}" for one in found
    )
    drawn = Lane(
        height=max(_LEAST, lines * _LINE + 4),
        now=axis.x(axis.now),
        arrived=axis.x(axis.arrived),
        events=marks,
        words=f"{NAMES[lane]}: {told or 'no event drawn'}",
    )
    aside = _not_told(undrawn, marks)
    return ListRow(
        key=f"clock-{lane}",
        parts=(Part(text=NAMES[lane]), *_in_words(desk, lane, found)),
        state=None if found or undrawn else _nothing(desk, lane),
        when=f"{len(found)} since arrival{_before(desk, found)}"
        if lane == "ecg" and found
        else _aside(found),
        lines=(aside,) if aside else (),
        sources=tuple(dict.fromkeys(token for one in found for token in one.sources)),
        lane=drawn,
    )


def _not_told(undrawn: Mapping[str, int], marks: Iterable[LaneEvent]) -> str:
    """What the lane itself does not tell."""
    told = [f"{number} more {why}" for why, number in undrawn.items()]
    if unlabelled := sum(not mark.label for mark in marks):
        told.append(f"{fmt.plural(unlabelled, 'mark')} without room for a name")
    return ", ".join(told)


def _nothing(desk: Desk, lane: str) -> State:
    """That a dose of before the axis is on record is not "nothing recorded"."""
    earlier = lane == "given" and bool(desk.chart.administrations)
    return desk.states.nothing(SECTIONS[lane], "since arrival" if earlier else "")


def _mark(one: Event, axis: Axis) -> LaneEvent:
    end = one.time.end if one.time.precision == "period" else None
    end = axis.now if one.runs else end
    return LaneEvent(
        x=axis.x(min(one.at, axis.now)),
        label=one.label,
        end=axis.x(min(end, axis.now)) if end is not None and end > one.at else None,
        open=one.open,
        early=one.early,
    )


def _in_words(desk: Desk, lane: str, found: Iterable[Event]) -> list[Part]:
    """What the ticks do not say: the words of an ECG or a picture, in full behind the link to their own entry."""
    told = []
    for one in found:
        if lane != "given" and one.label != one.words:
            told.append(
                Part(
                    text=clock_axis.time_words(one.at, desk.as_of, desk.zone),
                    href=one.key,
                    sources=one.sources,
                )
            )
            told.append(Part(text=one.words))
    return told


def _before(desk: Desk, found: Sequence[Event]) -> str:
    """ ", before it 15-May": the ECG to compare with."""
    earlier = [
        time
        for item in desk.chart.reports
        if lane_of(desk, item) == "ecg" and (time := studies.time_of(item.lead)) is not None
        and time.start < found[0].at and item.key not in {one.key for one in found}
    ]  # fmt: skip
    if not earlier:
        return ""
    return f", before it {desk.when_short(max(earlier, key=lambda time: time.start))}"


def _aside(found: Sequence[Event]) -> str:
    """Each by its name where there is room for all of them, else how many."""
    told = ", ".join(dict.fromkeys(one.name for one in found))
    return told if len(told) <= _ASIDE else fmt.plural(len(found), "time")
