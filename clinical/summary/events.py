"""What happened since the patient was last seen: the facts behind the "since" block and the one-liner."""

from __future__ import annotations

from datetime import datetime

from clinical.records import (
    Administration,
    Encounter,
    FhirTime,
    Frozen,
    Item,
    Point,
    Problem,
    Series,
)
from clinical.summary import delta, fmt, medicines, microbiology, names, problems, studies
from clinical.summary.desk import Desk, item_tokens
from clinical.summary.view_model import Part

CLASS_WORDS = {
    "EMER": "ED visit",
    "IMP": "Hospital stay",
    "ACUTE": "Hospital stay",
    "NONAC": "Hospital stay",
    "OBSENC": "Observation stay",
}


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
    for item in desk.chart.encounters:
        record = item.lead
        if (
            not isinstance(record, Encounter)
            or _is_today(desk, record)
            or not desk.is_new(record.period)
        ):
            continue
        if record.status in ("planned", "cancelled", "entered-in-error"):
            continue
        why = ", ".join(reason.text for reason in record.reasons[:1] if reason.text)
        kind = CLASS_WORDS.get(record.class_code) or (
            record.types[0].text if record.types else "Visit"
        )
        place = desk.name(record.source.server)
        text = f"{kind}, {place}: {why}" if why else f"{kind}, {place}"
        day = desk.when_short(record.period)
        short = f"{kind} {day}" + (f" ({names.lower_first(names.problem(why))})" if why else "")
        found += _event("encounter", item, (Part(text=text),), record.period, short)
    return found


def _is_today(desk: Desk, record: Encounter) -> bool:
    if desk.visit.encounter and record.source.reference.endswith(
        desk.visit.encounter.removeprefix("Encounter/")
    ):
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
        verb = {"new": "Started", "changed": "Changed", "stopped": "Stopped"}[course.happened]
        parts: tuple[Part, ...] = (
            Part(text=verb, verb=True),
            Part(text=f" {names.lower_first(name)}"),
        )
        if course.before is not None:
            parts = (*parts, Part(text=f", was {medicines.text(course.before)}", muted=True))
        found += _event("medicine", item, parts, course.since, f"{plain} {verb.lower()}")
    return found


def _told(course: medicines.Course) -> str:
    """A new medicine by its product, since its dose stands in the list beside it; a change with the dose."""
    product, _ = medicines.product_and_dose(course.lead)
    return product if course.happened == "new" else medicines.text(course.lead)


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
            amount = f" {fmt.quantity_value(record.dose)} {fmt.unit_of(record.dose)}".rstrip()
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
        if time is None or not time.zone_known or time.start < start:
            continue
        name = names.test(item.label) or "report"
        word = ", preliminary" if studies.is_pending(item.lead) else ""
        found += _event("report", item, (Part(text=f"{name}{word}"),), time, f"{name}{word}")
    return found


def _rounds(desk: Desk, start: datetime) -> list[Event]:
    """Results by the moment they were collected: "8 results, 2 abnormal"."""
    rounds: dict[datetime, list[Point]] = {}
    for row in desk.chart.series:
        if row.category != "laboratory":
            continue
        for point in reversed(row.points):
            taken = point.record.taken
            if taken is None or taken.start < start:
                break
            if taken.zone_known and point.record.status != "registered":
                rounds.setdefault(taken.start, []).append(point)
    found = []
    for at, points in rounds.items():
        abnormal = sum(1 for point in points if desk.judge.level(point.record))
        text = fmt.plural(len(points), "result") + (f", {abnormal} abnormal" if abnormal else "")
        time = points[0].record.taken
        key = f"round-{at.isoformat()}"
        found.append(
            Event(
                kind="result",
                at=at,
                key=key,
                parts=(Part(text=text),),
                time=time,
                sources=(),
                short=text,
            )
        )
    return found
