"""Moving the records of loaded patients in time, so that a patient's last record falls on today.

A death after the last record is the last that is known, and falls on today itself: it never lies ahead. Everything of a patient moves by the same number of whole days, the birth date too: ages and distances stay.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from sandbox.store import Held, Store
from sandbox.values import Json, at

_FULL = re.compile(r"\d{4}-\d\d-\d\d(?:T\d\d:\d\d.*)?")
_PARTIAL = re.compile(r"\d{4}(?:-\d\d)?")
_DATE_NAMES = re.compile(
    r"date|time|start|end|recorded|issued|authored|created|sent|event", re.IGNORECASE
)
_NEVER = frozenset(
    [
        "value",
        "code",
        "valueString",
        "valueCode",
        "valueId",
        "valueUri",
        "display",
        "text",
        "div",
        "reference",
        "url",
        "system",
        "id",
        "data",
        "lotNumber",
        "version",
        "versionId",
        "title",
        "description",
    ]
)

# Where a record says when it was; the first that is there counts. Only what has happened, nothing planned.
_WHEN = tuple(
    tuple(path.split("."))
    for path in [
        "effectiveDateTime",
        "effectivePeriod.start",
        "effectiveInstant",
        "performedDateTime",
        "performedPeriod.start",
        "occurrenceDateTime",
        "authoredOn",
        "authored",
        "recordedDate",
        "onsetDateTime",
        "period.start",
        "date",
        "started",
        "dateAsserted",
        "whenHandedOver",
        "issued",
    ]
)
_HAPPENED = (
    "AllergyIntolerance",
    "Condition",
    "DiagnosticReport",
    "DocumentReference",
    "Encounter",
    "ImagingStudy",
    "Immunization",
    "MedicationAdministration",
    "MedicationDispense",
    "MedicationRequest",
    "MedicationStatement",
    "Observation",
    "Procedure",
)


@dataclass(frozen=True)
class Shifted:
    """patients: moved. undated: patients without a date, left as they are. kept: dates that no calendar has, moved."""

    patients: int
    undated: int
    kept: int


def shift(store: Store, references: Collection[str], today: date) -> Shifted:
    """Moves the patients among these references, with everything that is about them."""
    moved = undated = kept = 0
    for patient in store.of_type("Patient"):
        if patient.reference not in references:
            continue
        records = [
            held
            for kind in store.types
            for held in store.of_patient(kind, patient.id)
            if held.reference in references and held.patients[0] == patient.id
        ]
        last = max((day for held in records for day in _day(held)), default=None)
        if last is None:
            undated += 1
            continue
        mover = _Mover(today.toordinal() - last.toordinal())
        for held in records:
            mover.move(held.content)
            held.forget()
        moved, kept = moved + 1, kept + mover.kept
    return Shifted(moved, undated, kept)


def _day(held: Held) -> Iterator[date]:
    if held.type == "Patient":
        yield from _death(held.content.get("deceasedDateTime"))
    if held.type not in _HAPPENED:
        return
    for path in _WHEN:
        for text in at(held.content, path):
            found = _calendar(text)
            if found is not None:
                yield found
                return


def _death(text: Any) -> Iterator[date]:
    """A month or year counts as the day by which it is moved."""
    partial = isinstance(text, str) and _PARTIAL.fullmatch(text)
    found = _calendar(_middle(text) if partial else text)
    if found is not None:
        yield found


def _middle(partial: str) -> str:
    """A day amid a year or month, by which it is moved."""
    return f"{partial}-07-01" if len(partial) == 4 else f"{partial}-15"


def _calendar(text: Any) -> date | None:
    """The day of a whole date; None for partial dates and what is no date."""
    if not isinstance(text, str) or not _FULL.fullmatch(text):
        return None
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None


class _Mover:
    """Moves dates by so many days. kept: dates that could not be moved."""

    def __init__(self, days: int) -> None:
        self.days = days
        self.kept = 0
        self._known: dict[str, str] = {}

    def move(self, content: Json) -> None:
        for name, value in content.items():
            if isinstance(value, dict):
                self.move(value)
            elif isinstance(value, list):
                content[name] = [self._item(name, each) for each in value]
            elif isinstance(value, str):
                content[name] = self._text(name, value)

    def _item(self, name: str, value: Any) -> Any:
        if isinstance(value, dict):
            self.move(value)
            return value
        return self._text(name, value) if isinstance(value, str) else value

    def _text(self, name: str, text: str) -> str:
        if name in _NEVER or not text[:4].isdecimal() or len(text) < 4:
            return text
        if _FULL.fullmatch(text):
            return self._day(text[:10]) + text[10:]
        if _PARTIAL.fullmatch(text) and _DATE_NAMES.search(name):
            return self._day(_middle(text))[: len(text)]
        return text

    def _day(self, text: str) -> str:
        found = self._known.get(text)
        if found is None:
            try:
                day = date.fromordinal(date.fromisoformat(text).toordinal() + self.days)
                found = day.isoformat()
            except (ValueError, OverflowError):
                self.kept += 1
                return text
            self._known[text] = found
        return found
