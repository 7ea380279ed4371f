"""Small questions about the entries of a chart: when, whether current, by which codes and words, which number."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal

from clinical import codes, units
from clinical.records import (
    Coding,
    Concept,
    FhirTime,
    Medication,
    Observation,
    Problem,
    Quantity,
)
from clinical.records import Item as Entry

_CURRENT = frozenset({"active", "on-hold", "unknown", ""})
_ACTIVE = frozenset({"active", "recurrence", "relapse", ""})
USABLE = frozenset({"final", "amended", "corrected", "preliminary", "", "unknown"})
_TIMES = (
    "performed", "given", "taken", "written", "started", "issued", "implanted", "authored", "onset", "recorded", "period",
)  # fmt: skip
_DONE = frozenset(
    {
        "completed",
        "final",
        "amended",
        "corrected",
        "available",
        "current",
        "in-progress",
        "",
        "unknown",
    }
)


def moment(entry: Entry) -> FhirTime | None:
    """When an entry happened: the newest of its members."""
    times = [time for record in entry.members if (time := _time(record)) is not None]
    return max(times, key=lambda time: (time.start, time.text), default=None)


def _time(record: object) -> FhirTime | None:
    for name in _TIMES:
        found = getattr(record, name, None)
        if found is not None:
            return found  # type: ignore[no-any-return]
    return None


def current_medicine(entry: Entry) -> bool:
    """Prescribed or reported now, by any source. "Do not give" is no medicine."""
    return any(
        isinstance(record, Medication) and record.status in _CURRENT and not record.avoid
        for record in entry.members
    )


def active_problem(entry: Entry) -> bool:
    """Active by any source, or its status is not stated."""
    return any(
        isinstance(record, Problem)
        and record.clinical in _ACTIVE
        and record.verification not in ("refuted", "entered-in-error")
        for record in entry.members
    )


def is_done(entry: Entry) -> bool:
    """Something that took place: not refused, planned, cancelled or still pending."""
    return any(getattr(record, "status", "") in _DONE for record in entry.members)


def texts_of(entry: Entry) -> list[str]:
    """Every way the members name the entry."""
    found = [entry.label]
    for record in entry.members:
        concept = getattr(record, "concept", None)
        if isinstance(concept, Concept):
            found += [concept.text, *(coding.display or "" for coding in concept.codings)]
        for name in ("description", "name", "title"):
            found.append(getattr(record, name, "") or "")
    return [text for text in dict.fromkeys(found) if text]


def codings(entry: Entry) -> list[Coding]:
    return [
        coding
        for record in entry.members
        if isinstance(getattr(record, "concept", None), Concept)
        for coding in record.concept.codings  # type: ignore[union-attr]
    ]


def has_icd(entry: Entry, prefixes: Sequence[str]) -> bool:
    """Whether a member carries an ICD-10-CM code that begins with one of these (undotted) prefixes."""
    if not prefixes:
        return False
    wanted = tuple(prefixes)
    return any(
        coding.code.replace(".", "").upper().startswith(wanted)
        for coding in codings(entry)
        if coding.system == codes.ICD10CM
        or (coding.system == codes.ICD10 and any(len(prefix) == 3 for prefix in wanted))
    )


def loinc_of(concept: Concept) -> tuple[str, ...]:
    return codes.codes_of(concept, codes.LOINC)


def numeric(record: Observation) -> Quantity | None:
    """Its number, when it has one and may be used as one."""
    if record.status not in USABLE or record.absent:
        return None
    if record.value.integer is not None:
        return Quantity(value=Decimal(record.value.integer))
    quantity = record.value.quantity
    return quantity if quantity is not None and quantity.value is not None else None


def in_unit(number: Quantity, unit: str, loinc: tuple[str, ...]) -> Quantity | None:
    """The number in a unit; as it is when the units are the same word; None when it may not be converted."""
    if unit in (number.code, number.unit):
        return number
    converted = units.convert(number, unit, codes=loinc)
    return None if isinstance(converted, units.Refused) else converted


def stamp(time: FhirTime | None) -> datetime:
    """For sorting: the start, or the beginning of time."""
    return time.start if time is not None else datetime.min.replace(tzinfo=UTC)
