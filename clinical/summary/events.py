"""What happened since the patient was last seen: the facts behind the "since" block and the one-liner."""

from __future__ import annotations

from datetime import datetime

import msgspec

from clinical.records import (
    Administration,
    Encounter,
    FhirTime,
    Frozen,
    Item,
    Point,
    Problem,
    Report,
    Series,
)
from clinical.summary import delta, fmt, medicines, microbiology, names, problems, studies, values
from clinical.summary.desk import Desk, item_tokens, point_tokens
from clinical.summary.view_model import Part
from clinical.summary.visit_parts import CLASS_WORDS, NO_VISIT, Whole, alone, wholes

_NAMED = 2  # results of one moment that are named
_FINDING = 48  # characters of a report


class Event(Frozen, frozen=True):
    """One change. kind: "encounter", "medicine", "problem", "report". when: for the order, newest first."""

    kind: str
    at: datetime
    key: str
    parts: tuple[Part, ...]
    time: FhirTime | None
    sources: tuple[str, ...]
    short: str


def all_events(desk: Desk) -> list[Event]:
    """Changes since the patient was last seen, newest first; [] when there is no such day."""
    if desk.last_seen is None:
        return []
    found = [*_encounters(desk), *_medicines(desk), *_problems(desk), *_documents(desk)]
    return sorted(found, key=lambda event: (-event.at.timestamp(), event.kind, event.key))


def _event(
    kind: str, item: Item, parts: tuple[Part, ...], time: FhirTime | None, short: str
) -> list[Event]:
    if time is None:
        return []
    return [
        Event(
            kind=kind,
            at=time.start,
            key=item.key,
            parts=parts,
            time=time,
            sources=item_tokens(item),
            short=short,
        )
    ]


def _encounters(desk: Desk) -> list[Event]:
    found = []
    for one in wholes(desk.chart.encounters):
        if is_today(desk, one.record) or desk.opened_visit in one.references:
            continue
        # Of a stay that is known already its parts are told that came since: the move to the ICU.
        told = [one] if desk.is_new(one.record.period) else list(alone(one.items[1:]))
        for each in told:
            if desk.is_new(each.record.period) and each.record.status not in NO_VISIT:
                found += _encounter(desk, each)
    return found


def _encounter(desk: Desk, one: Whole) -> list[Event]:
    record = one.record
    why = ", ".join(reason.text for reason in record.reasons[:1] if reason.text)
    kind = CLASS_WORDS.get(record.class_code) or (record.types[0].text if record.types else "Visit")
    place = desk.name(record.source.server)
    text = f"{kind}, {place}: {why}" if why else f"{kind}, {place}"
    day = desk.when_short(record.period)
    short = f"{kind} {day}" + (f" ({names.lower_first(names.problem(why))})" if why else "")
    found = _event("encounter", one.item, (Part(text=text),), record.period, short)
    return [msgspec.structs.replace(event, sources=one.tokens) for event in found]


def is_opened(desk: Desk, record: Encounter) -> bool:
    """Whether it is the visit that the chart was opened for."""
    return (record.source.server, record.source.reference) == desk.opened_visit


def in_stay(desk: Desk) -> bool:
    """Whether the chart was opened in a hospital stay or at the ED: somebody sees the patient, though no visit came before."""
    return bool(desk.visit.encounter) and desk.visit.setting != "clinic"


def is_today(desk: Desk, record: Encounter) -> bool:
    """Whether it is the visit that the chart was opened for, or another of this day."""
    if is_opened(desk, record):
        return True
    return record.period is not None and fmt.date_of(record.period, desk.zone) == desk.today


def _medicines(desk: Desk) -> list[Event]:
    found = []
    for item in desk.chart.medications:
        course = medicines.course(desk, item)
        if not course.happened or course.lead.avoid:
            continue
        name = _told(course)
        plain = names.lower_first(names.product(course.lead.concept.text))
        verb = _verb(course)
        parts: tuple[Part, ...] = (
            Part(text=verb, verb=True),
            Part(text=f" {names.lower_first(name)}"),
        )
        if course.before is not None:
            parts = (
                *parts,
                Part(text=f", was {medicines.was(course.before, course.lead)}", muted=True),
            )
        found += _event("medicine", item, parts, course.since, f"{plain} {verb.lower()}")
    return found


def _verb(course: medicines.Course) -> str:
    if course.happened == "changed" and course.before is not None:
        return medicines.direction(course.before, course.lead).capitalize()
    if course.happened == "stopped":
        return medicines.ended_as(course.lead)
    return "Started" if course.happened == "new" else "Changed"


def _told(course: medicines.Course) -> str:
    """A new medicine by its product, since its dose stands in the list beside it; a change with the dose."""
    product, _ = medicines.product_and_dose(course.lead)
    before = course.before
    other = before is not None and medicines.was(before, course.lead).startswith(
        medicines.product_and_dose(before)[0]
    )
    return product if course.happened == "new" or other else medicines.text(course.lead)


def _problems(desk: Desk) -> list[Event]:
    found = []
    for item in desk.chart.problems:
        record = item.lead
        if (
            not isinstance(record, Problem)
            or not problems.is_listed(record)
            or not problems.is_active(record)
        ):
            continue
        time = record.recorded or record.onset
        if desk.is_new(time):
            parts = (
                Part(text="New problem", verb=True),
                Part(text=f" {names.lower_first(names.problem(item.label))}"),
            )
            found += _event(
                "problem",
                item,
                parts,
                time,
                f"new problem {names.lower_first(names.problem(item.label))}",
            )
    return found


def _documents(desk: Desk) -> list[Event]:
    found = []
    chart = desk.chart
    for item in (*chart.cultures, *chart.reports, *chart.documents, *chart.studies):
        entry = desk.ranked.get(item.key)
        time = studies.time_of(item.lead)
        if (
            desk.is_new(time)
            and entry is not None
            and (entry.importance in ("must", "should") or entry.floor)
        ):
            name = names.test(item.label) or "report"
            new = microbiology.result(item) if item.kind == "microbiology" else "new report"
            word = "pending" if studies.is_pending(item.lead) else new
            found += _event("report", item, (Part(text=f"{name}: {word}"),), time, f"{name} {word}")
    return found


def new_papers(desk: Desk) -> list[Event]:
    """New reports and notes that the visit does not list: their row is closed, so that they came is said here.

    Finished reports of results alone are left out; their results are counted.
    """
    found = []
    for item in (*desk.chart.reports, *desk.chart.documents, *desk.chart.studies):
        entry, time = desk.ranked.get(item.key), studies.time_of(item.lead)
        listed = entry is not None and (entry.importance in ("must", "should") or entry.floor)
        if listed or not desk.is_new(time) or only_results(item):
            continue
        name = names.test(item.label) or "report"
        word = "new note" if item.kind == "document" else "new report"
        found += _event("report", item, (Part(text=f"{name}: {word}"),), time, f"{name} {word}")
    return found


def changed_results(desk: Desk) -> list[Series]:
    """Rows of this visit or of the floor with a new value, most relevant first."""
    found = []
    for entry in desk.in_order(("series",)):
        row = desk.series[entry.key]
        listed = entry.importance in ("must", "should") or entry.floor
        if row.latest.record.status == "registered":
            continue
        if listed and desk.is_new(row.latest.record.taken or row.latest.record.issued):
            found.append(row)
    return found


def is_changed(desk: Desk, row: Series) -> bool:
    """The new value differs from the one it is compared with."""
    before = delta.compared_with(desk, row)
    return before is not None and before.value != row.latest.record.value


# ---- since arrival (ED, ward) ---------------------------------------------------------------------------------


def since_arrival(desk: Desk) -> list[Event]:
    """What happened after the patient arrived: medicines given, reports, results that came back; newest first."""
    started = desk.visit.started
    if started is None:
        return []
    found = [
        *_given(desk, started.start),
        *_reported(desk, started.start),
        *_rounds(desk, started.start),
    ]
    return sorted(found, key=lambda event: (-event.at.timestamp(), event.kind, event.key))


def _given(desk: Desk, start: datetime) -> list[Event]:
    found = []
    for item in desk.chart.administrations:
        record = item.lead
        if not isinstance(record, Administration) or record.at is None or record.at.start < start:
            continue
        amount = ""
        if record.dose is not None and record.dose.value is not None:
            amount = f" {fmt.dose(record.dose)}"
        verb = "Not given" if record.status == "not-done" else "Given"
        name = names.lower_first(names.product(record.concept.text)) or "medicine not named"
        parts = (
            Part(text=verb, verb=True),
            Part(text=f" {name}{amount or ' ' + record.dose_text}".rstrip()),
        )
        found += _event("medicine", item, parts, record.at, f"{name} {verb.lower()}")
    return found


def _reported(desk: Desk, start: datetime) -> list[Event]:
    found = []
    for item in (*desk.chart.cultures, *desk.chart.reports, *desk.chart.studies):
        time = studies.time_of(item.lead)
        if time is None or not time.zone_known or time.start < start or only_results(item):
            continue
        name = names.test(item.label) or "report"
        word = ", preliminary" if studies.is_pending(item.lead) else ""
        culture = item.kind == "microbiology"
        said = microbiology.result(item) if culture else studies.finding(item.lead)
        tail = f": {fmt.cut(said, _FINDING)}" if said and said != "pending" else ""
        text = f"{name}{word}{tail}"
        found += _event("report", item, (Part(text=text),), time, f"{name}{word}")
    return found


def only_results(item: Item) -> bool:
    """A finished report that says nothing beyond its results, which are told by their values."""
    record = item.lead
    return (
        isinstance(record, Report)
        and bool(record.results)
        and not record.conclusion
        and not studies.is_pending(record)
    )


def _rounds(desk: Desk, start: datetime) -> list[Event]:
    """Results by the moment they were collected: one or two by name, more as "8 results, 2 abnormal"."""
    rounds: dict[datetime, list[tuple[Series, Point]]] = {}
    for row in desk.chart.series:
        if row.category != "laboratory":
            continue
        for point in reversed(row.points):
            taken = point.record.taken
            if taken is None or taken.start < start:
                break
            if taken.zone_known and point.record.status != "registered":
                rounds.setdefault(taken.start, []).append((row, point))
    return [_round(desk, at, sorted(found, key=_by_key)) for at, found in rounds.items()]


def _by_key(found: tuple[Series, Point]) -> str:
    return found[0].key


def _round(desk: Desk, at: datetime, found: list[tuple[Series, Point]]) -> Event:
    points = [point for _, point in found]
    abnormal = sum(1 for point in points if desk.judge.level(point.record))
    if len(found) <= _NAMED:
        parts = tuple(part for row, point in found for part in _value(desk, row, point))[1:]
    else:
        text = fmt.plural(len(points), "result") + (f", {abnormal} abnormal" if abnormal else "")
        parts = (Part(text=text),)
    return Event(
        kind="result",
        at=at,
        key=f"round-{at.isoformat()}",
        parts=parts,
        time=points[0].record.taken,
        sources=tuple(dict.fromkeys(token for point in points for token in point_tokens(point))),
        short="".join(part.text for part in parts),
    )


def _value(desk: Desk, row: Series, point: Point) -> tuple[Part, ...]:
    shown = values.shown(desk.judge, point.record)
    value = f"{shown.text} {shown.flag}".strip()
    return (
        Part(text=", "),
        Part(text=f"{desk.called(row)} "),
        Part(text=value, level=shown.level, strong=bool(shown.level)),
    )
