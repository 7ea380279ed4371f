"""Charts for the tests of the ward: small, and every resource goes through the real reconciliation."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

from clinical.codes import LOINC, SNOMED
from clinical.dates import parse_time
from clinical.reconcile import reconcile
from clinical.records import (
    Chart,
    Coding,
    Component,
    Concept,
    FetchState,
    Flag,
    Observation,
    Order,
    Patient,
    Problem,
    Quantity,
    Record,
    Reference,
    SearchState,
    Section,
    SectionRecords,
    Source,
    Value,
)

NOW = datetime(2026, 11, 24, 8, 14, tzinfo=UTC)
_numbers = count(1)

CODES = {
    "respiration": ("9279-1", "/min"),
    "spo2": ("59408-5", "%"),
    "pulse": ("8867-4", "/min"),
    "temperature": ("8310-5", "Cel"),
    "pain": ("72514-3", "{score}"),
    "weight": ("29463-7", "kg"),
    "urine": ("9187-6", "mL"),
    "fluid-in": ("9103-3", "mL"),
    "oral": ("9000-1", "mL"),
    "lactate": ("2524-7", "mmol/L"),
    "glucose": ("41653-7", "mg/dL"),
}
ACVPU = {
    "A": "248234008",
    "C": "130987000",
    "V": "300202002",
    "P": "450847001",
    "U": "422768004",
}


def ago(minutes: float) -> datetime:
    return NOW - timedelta(minutes=minutes)


def source(server: str = "mercy", kind: str = "Observation") -> Source:
    return Source(server=server, reference=f"{kind}/{next(_numbers)}")


def time(at: datetime | str) -> Any:
    return parse_time(at if isinstance(at, str) else at.isoformat().replace("+00:00", "Z"))


def concept(code: str, text: str = "", system: str = LOINC) -> Concept:
    return Concept(codings=(Coding(system=system, code=code),), text=text or code)


def quantity(value: object, unit: str, comparator: Any = None) -> Quantity:
    return Quantity(
        value=Decimal(str(value)),
        unit=unit,
        code=unit,
        system="http://unitsofmeasure.org",
        comparator=comparator,
    )


def vital(kind: str, value: object, at: datetime | str, **more: Any) -> Observation:
    code, unit = CODES[kind]
    unit = more.pop("unit", unit)
    measured = Value(quantity=quantity(value, unit, more.pop("comparator", None)))
    return observation(concept(code), measured, at, **more)


def observation(what: Concept, value: Value, at: datetime | str | None, **more: Any) -> Observation:
    return Observation(
        source=more.pop("source", None) or source(more.pop("server", "mercy")),
        concept=what,
        category=more.pop("category", "vital-signs"),
        status=more.pop("status", "final"),
        value=value,
        taken=time(at) if at is not None else None,
        **more,
    )


def pressure(systolic: object, diastolic: object, at: datetime, **more: Any) -> Observation:
    parts = tuple(
        Component(concept=concept(code), value=Value(quantity=quantity(value, "mm[Hg]")))
        for code, value in (("8480-6", systolic), ("8462-4", diastolic))
        if value is not None
    )
    return observation(concept("85354-9"), Value(), at, components=parts, **more)


def oxygen(flow: object, at: datetime, **more: Any) -> Observation:
    return observation(concept("3151-8"), Value(quantity=quantity(flow, "L/min")), at, **more)


def conscious(letter: str, at: datetime, **more: Any) -> Observation:
    answer = Value(concept=concept(ACVPU[letter], letter, SNOMED))
    return observation(concept("67775-7"), answer, at, **more)


def full_set(at: datetime, **other: Any) -> list[Observation]:
    """A set that scores 0; other: values to put in place, None leaves the part out."""
    values = {
        "respiration": 16, "spo2": 97, "oxygen": 0, "systolic": 120, "pulse": 70,
        "consciousness": "A", "temperature": "36.8",
    } | other  # fmt: skip
    made: list[Observation] = []
    for key, value in values.items():
        if value is None:
            continue
        if key == "oxygen":
            made.append(oxygen(value, at))
        elif key == "systolic":
            made.append(pressure(value, min(70, int(Decimal(str(value))) - 20), at))
        elif key == "consciousness":
            made.append(conscious(str(value), at))
        else:
            made.append(vital(key, value, at))
    return made


def patient(birth: str | None = "1951-03-14", **more: Any) -> Patient:
    return Patient(
        source=Source(server="mercy", reference="Patient/1"),
        birth=parse_time(birth) if birth else None,
        sex=more.pop("sex", "female"),
        **more,
    )


def chart(*records: Record | list[Observation], who: Patient | None = None) -> Chart:
    flat: list[Record] = []
    for one in records:
        flat.extend(one if isinstance(one, list) else [one])
    state = SearchState(
        server="mercy", search="vitals.recent", section=Section.VITALS, state=FetchState.OK, at=NOW
    )
    found = SectionRecords(state=state, records=(who or patient(), *flat))
    return reconcile([found], launch_server="mercy")


def flag(text: str, start: str | None, author: str = "Dr Example", **more: Any) -> Flag:
    return Flag(
        source=source(kind="Flag"),
        concept=Concept(text=text),
        status=more.pop("status", "active"),
        period=more.pop("period", parse_time(start) if start else None),
        author=Reference(display=author) if author else None,
        **more,
    )


def order(text: str, at: str | None, by: str = "Dr Example", **more: Any) -> Order:
    return Order(
        source=source(kind="ServiceRequest"),
        concept=more.pop("concept", Concept(text=text)),
        status=more.pop("status", "active"),
        intent="order",
        authored=parse_time(at) if at else None,
        requester=Reference(display=by) if by else None,
        **more,
    )


def problem(system: str, code: str, text: str = "", **more: Any) -> Problem:
    return Problem(
        source=source(kind="Condition"),
        concept=concept(code, text, system),
        clinical=more.pop("clinical", "active"),
        verification=more.pop("verification", "confirmed"),
        **more,
    )
