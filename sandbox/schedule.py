"""Who comes today: visits out of Encounters and Appointments, and the patients of the house."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sandbox.people import name_of
from sandbox.store import Held, Store
from sandbox.values import Json, at, plain, references

_HERE = ("arrived", "triaged", "in-progress", "onleave")
_OFF = ("cancelled", "entered-in-error", "noshow")
_SOON = timedelta(hours=4)  # also after midnight
_LONGEST_STAY = timedelta(days=60)


@dataclass(frozen=True)
class Visit:
    """encounter: "" when only an Appointment is known. Words are "" when nothing is recorded."""

    start: datetime
    patient: Held
    encounter: str
    reason: str
    clinician: str
    place: str
    status: str


def visits(store: Store, now: datetime) -> list[Visit]:
    """The visits of the day of `now` (in its zone), those under way and those about to begin, by time."""
    encounters = list(_of_type(store, "Encounter", now))
    booked = {
        reference
        for held, _ in encounters
        for reference in references(held.content, (("appointment",),))
    }
    taken = {(held.patients, start) for held, start in encounters}
    others = [
        (held, start)
        for held, start in _of_type(store, "Appointment", now)
        if held.reference not in booked and (held.patients, start) not in taken
    ]
    found = [_visit(store, held, start) for held, start in (*encounters, *others)]
    return sorted(
        (visit for visit in found if visit is not None),
        key=lambda visit: (visit.start, visit.patient.id),
    )


def _of_type(store: Store, kind: str, now: datetime) -> Iterator[tuple[Held, datetime]]:
    path = ("start",) if kind == "Appointment" else ("period", "start")
    for held in store.of_type(kind):
        start = _moment(next(at(held.content, path), None), now)
        if start is None or held.content.get("status") in _OFF:
            continue
        ended = kind == "Encounter" and next(at(held.content, ("period", "end")), None)
        here = not ended and held.content.get("status") in _HERE
        if (
            start.date() == now.date()
            or (here and now - _LONGEST_STAY < start <= now)
            or now < start <= now + _SOON
        ):
            yield held, start


def _moment(text: Any, now: datetime) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        return None
    return found.astimezone(now.tzinfo) if found.tzinfo else found.replace(tzinfo=now.tzinfo)


def _visit(store: Store, held: Held, start: datetime) -> Visit | None:
    patient = next((p for id_ in held.patients if (p := store.get("Patient", id_))), None)
    if patient is None:
        return None
    who, where = (
        (("individual",), "location") if held.type == "Encounter" else (("actor",), "actor")
    )
    return Visit(
        start=start,
        patient=patient,
        encounter=held.id if held.type == "Encounter" else "",
        reason=_reason(held.content),
        clinician=_shown(store, held.content, ("participant", *who), "Practitioner"),
        place=_shown(
            store,
            held.content,
            ("location" if where == "location" else "participant", where),
            "Location",
        ),
        status=str(held.content.get("status", "")),
    )


def _reason(content: Json) -> str:
    for path in (("reasonCode",), ("description",), ("type",), ("serviceType",)):
        for value in at(content, path):
            words = value if isinstance(value, str) else _words(value)
            if words:
                return words
    return ""


def _words(concept: Any) -> str:
    texts = (*at(concept, ("text",)), *at(concept, ("coding", "display")))
    return next((text for text in texts if isinstance(text, str) and text), "")


def _shown(store: Store, content: Json, path: tuple[str, ...], kind: str) -> str:
    """The first reference of this type at a path, by its display or its own name."""
    for value in at(content, path):
        reference = next(references(value, ((),)), "")
        if reference.startswith(f"{kind}/"):
            display = value.get("display") if isinstance(value, dict) else None
            held = store.find(reference)
            own = name_of(held.content) if held is not None else ""
            return display if isinstance(display, str) and display else own
    return ""


def patients(store: Store, words: str, most: int) -> tuple[list[Held], int]:
    """At most so many patients whose name, id or identifier holds all the words, by name; and how many there are."""
    wanted = plain(words).split()
    rows = []
    for held in store.of_type("Patient"):
        name = name_of(held.content)
        if wanted:
            identifiers = (str(v) for v in at(held.content, ("identifier", "value")))
            text = plain(" ".join((name, held.id, *identifiers)))
            if not all(word in text for word in wanted):
                continue
        rows.append((plain(name), held.id, held))
    rows.sort(key=lambda row: row[:2])
    return [held for *_, held in rows[:most]], len(rows)
