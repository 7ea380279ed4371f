"""Small builders of records for tests: only what a test is about is spelled out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from clinical.records import (
    Allergy,
    Coding,
    Component,
    Concept,
    FetchState,
    FhirTime,
    Medication,
    Observation,
    Patient,
    PatientName,
    Problem,
    Quantity,
    Record,
    ReferenceRange,
    SearchState,
    Section,
    SectionRecords,
    Source,
    Value,
)

LOINC = "http://loinc.org"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
SNOMED = "http://snomed.info/sct"
ICD10 = "http://hl7.org/fhir/sid/icd-10-cm"
NOW = datetime(2026, 11, 23, 16, 31, tzinfo=UTC)


def at(text: str) -> FhirTime:
    """A FhirTime from "2026-11-23" or "2026-11-23T08:10:00Z"."""
    if len(text) == 10:
        start = datetime.fromisoformat(text).replace(tzinfo=UTC)
        return FhirTime(start=start, end=start + timedelta(days=1), precision="day", text=text)
    start = datetime.fromisoformat(text).astimezone(UTC)
    end = start + timedelta(seconds=1)
    return FhirTime(start=start, end=end, precision="second", text=text, zone_known=True)


def source(reference: str, server: str = "mercy", **more: Any) -> Source:
    return Source(server=server, reference=reference, **more)


def concept(text: str, code: str = "", system: str = LOINC) -> Concept:
    codings = (Coding(system=system, code=code, display=text),) if code else ()
    return Concept(codings=codings, text=text)


def amount(value: str, unit: str, **more: Any) -> Quantity:
    return Quantity(
        value=Decimal(value), unit=unit, code=unit, system="http://unitsofmeasure.org", **more
    )


def lab(
    number: int | str,
    name: str = "Potassium",
    code: str = "2823-3",
    value: str | None = "4.2",
    unit: str = "mmol/L",
    when: str | None = "2026-11-12T09:00:00Z",
    *,
    server: str = "mercy",
    flag: str = "",
    low: str = "",
    high: str = "",
    **more: Any,
) -> Observation:
    ranges = ()
    if low or high:
        ranges = (
            ReferenceRange(
                low=amount(low, unit) if low else None, high=amount(high, unit) if high else None
            ),
        )
    fields: dict[str, Any] = {
        "category": "laboratory",
        "status": "final",
        "value": Value(quantity=amount(value, unit)) if value is not None else Value(),
        "interpretation": (flag,) if flag else (),
        "ranges": ranges,
        "taken": at(when) if when else None,
        "issued": at(when) if when else None,
    }
    fields.update(more)
    return Observation(
        source=source(f"Observation/{number}", server), concept=concept(name, code), **fields
    )


def pressure(
    number: int | str, high: str, low: str, when: str, *, server: str = "mercy", **more: Any
) -> Observation:
    parts = tuple(
        Component(concept=concept(name, code), value=Value(quantity=amount(value, "mm[Hg]")))
        for name, code, value in (("Systolic", "8480-6", high), ("Diastolic", "8462-4", low))
    )
    return Observation(
        source=source(f"Observation/{number}", server),
        concept=concept("Blood pressure panel", "85354-9"),
        category="vital-signs",
        status="final",
        components=parts,
        taken=at(when),
        **more,
    )


def allergy(
    number: int | str,
    text: str = "Penicillin",
    code: str = "7980",
    *,
    server: str = "mercy",
    **more: Any,
) -> Allergy:
    fields: dict[str, Any] = {"clinical": "active", "verification": "confirmed"}
    fields.update(more)
    return Allergy(
        source=source(f"AllergyIntolerance/{number}", server),
        concept=concept(text, code, RXNORM),
        **fields,
    )


def nka(number: int | str, *, server: str = "mercy", **more: Any) -> Allergy:
    return Allergy(
        source=source(f"AllergyIntolerance/{number}", server),
        concept=concept("No known allergies", "716186003", SNOMED),
        negation="none-known",
        clinical="active",
        verification="confirmed",
        **more,
    )


def problem(
    number: int | str, text: str, code: str = "", *, server: str = "mercy", **more: Any
) -> Problem:
    fields: dict[str, Any] = {
        "category": "problem-list-item",
        "clinical": "active",
        "verification": "confirmed",
    }
    fields.update(more)
    return Problem(
        source=source(f"Condition/{number}", server), concept=concept(text, code, SNOMED), **fields
    )


def medication(
    number: int | str,
    text: str,
    dose: str = "",
    code: str = "",
    *,
    server: str = "mercy",
    **more: Any,
) -> Medication:
    fields: dict[str, Any] = {
        "kind": "request",
        "status": "active",
        "intent": "order",
        "authored": at("2026-08-12"),
    }
    fields.update(more)
    return Medication(
        source=source(f"MedicationRequest/{number}", server),
        concept=concept(text, code, RXNORM),
        dose_text=dose,
        **fields,
    )


def patient(number: str = "p1", *, server: str = "mercy", **more: Any) -> Patient:
    fields: dict[str, Any] = {
        "name": PatientName(family="Testcase", given="Anna", prefix="Ms", use="official"),
        "birth": at("1958-02-03"),
        "sex": "female",
        "active": True,
    }
    fields.update(more)
    return Patient(source=source(f"Patient/{number}", server), **fields)


def section(
    name: Section,
    *records: Record,
    server: str = "mercy",
    state: FetchState | None = None,
    search: str = "",
    **more: Any,
) -> SectionRecords:
    """The records of one search; its state follows from whether there are any, unless it is given."""
    fetched = state or (FetchState.OK if records else FetchState.OK_EMPTY)
    fields: dict[str, Any] = {"at": NOW, "received": len(records)}
    not_shown = more.pop("not_shown", ())
    fields.update(more)
    return SectionRecords(
        state=SearchState(
            server=server, search=search or str(name), section=name, state=fetched, **fields
        ),
        records=tuple(records),
        not_shown=not_shown,
    )
