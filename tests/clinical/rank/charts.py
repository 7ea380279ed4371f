"""Small charts for the tests of packs: FHIR resources written short, read the way the product reads them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from clinical import resources as fhir
from clinical.normalise import records_of
from clinical.reconcile import reconcile
from clinical.records import Chart, FetchState, SearchState, Section, SectionRecords

NOW = datetime(2026, 11, 26, 9, 0, tzinfo=UTC)
SYSTEMS = {
    "loinc": "http://loinc.org",
    "icd-10-cm": "http://hl7.org/fhir/sid/icd-10-cm",
    "rxnorm": "http://www.nlm.nih.gov/research/umls/rxnorm",
    "cvx": "http://hl7.org/fhir/sid/cvx",
}
_SECTIONS = {
    "Patient": Section.PATIENT,
    "Encounter": Section.ENCOUNTERS,
    "Condition": Section.PROBLEMS,
    "MedicationRequest": Section.MEDICATIONS,
    "Procedure": Section.PROCEDURES,
    "Immunization": Section.IMMUNIZATIONS,
    "AllergyIntolerance": Section.ALLERGIES,
    "ServiceRequest": Section.ORDERS,
    "DiagnosticReport": Section.REPORTS,
    "DocumentReference": Section.DOCUMENTS,
    "Flag": Section.FLAGS,
    "Consent": Section.CONSENTS,
    "Device": Section.DEVICES,
}
_CATEGORIES = {
    "laboratory": Section.LABS,
    "vital-signs": Section.VITALS,
    "survey": Section.SURVEYS,
}
_EMPTY = frozenset(
    [
        Section.PATIENT,
        Section.ENCOUNTERS,
        Section.PROBLEMS,
        Section.MEDICATIONS,
        Section.LABS,
        Section.VITALS,
        Section.SURVEYS,
        Section.PROCEDURES,
        Section.REPORTS,
        Section.DOCUMENTS,
        Section.IMAGING,
        Section.IMMUNIZATIONS,
    ]
)
Body = dict[str, Any]


def day(ago: float) -> str:
    """A time `ago` days before NOW, as FHIR writes it."""
    return (NOW - timedelta(days=ago)).strftime("%Y-%m-%dT%H:%M:%SZ")


def patient(age: float = 60, sex: str = "female") -> Body:
    """age: in years, so many times 365.25 days."""
    born = (NOW - timedelta(days=round(age * 365.25) + 1)).date().isoformat()
    return {
        "resourceType": "Patient",
        "id": "p",
        "gender": sex,
        "birthDate": born,
        "name": [{"family": "Test"}],
    }


def concept(system: str = "", code: str = "", text: str = "") -> Body:
    body: Body = {"text": text} if text else {}
    if code:
        body["coding"] = [{"system": SYSTEMS[system], "code": code}]
    return body


def observation(
    about: Body,
    value: float | None = 1,
    unit: str = "",
    *,
    ago: float = 1,
    kind: str = "laboratory",
) -> Body:
    body: Body = {
        "resourceType": "Observation",
        "status": "final",
        "category": [
            {
                "coding": [
                    {
                        "system": "http://terminology.hl7.org/CodeSystem/observation-category",
                        "code": kind,
                    }
                ]
            }
        ],
        "code": about,
        "subject": {"reference": "Patient/p"},
        "effectiveDateTime": day(ago),
    }
    if value is not None:
        body["valueQuantity"] = {
            "value": value,
            "unit": unit,
            "system": "http://unitsofmeasure.org",
            "code": unit,
        }
    return body


def problem(about: Body) -> Body:
    status = "http://terminology.hl7.org/CodeSystem/condition-clinical"
    return {
        "resourceType": "Condition",
        "clinicalStatus": {"coding": [{"system": status, "code": "active"}]},
        "category": [
            {
                "coding": [
                    {
                        "system": "http://terminology.hl7.org/CodeSystem/condition-category",
                        "code": "problem-list-item",
                    }
                ]
            }
        ],
        "code": about,
        "subject": {"reference": "Patient/p"},
        "recordedDate": day(30),
    }


def medicine(about: Body, *, ago: float = 400) -> Body:
    return {
        "resourceType": "MedicationRequest",
        "status": "active",
        "intent": "order",
        "medicationCodeableConcept": about,
        "subject": {"reference": "Patient/p"},
        "authoredOn": day(ago),
    }


def procedure(about: Body, *, ago: float = 30) -> Body:
    return {
        "resourceType": "Procedure",
        "status": "completed",
        "code": about,
        "subject": {"reference": "Patient/p"},
        "performedDateTime": day(ago),
    }


def immunization(about: Body, *, ago: float = 30) -> Body:
    return {
        "resourceType": "Immunization",
        "status": "completed",
        "vaccineCode": about,
        "patient": {"reference": "Patient/p"},
        "occurrenceDateTime": day(ago),
    }


def encounter(reason: Body | None, kind: str = "AMB") -> Body:
    body: Body = {
        "resourceType": "Encounter",
        "id": "today",
        "status": "in-progress",
        "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": kind},
        "subject": {"reference": "Patient/p"},
        "period": {"start": day(0.01)},
    }
    if reason is not None:
        body["reasonCode"] = [reason]
    return body


def chart(bodies: Iterable[Body]) -> Chart:
    """All sections asked and answered; what is not in `bodies` is on record nowhere."""
    found: dict[Section, list[fhir.Resource]] = {}
    for number, sent in enumerate(bodies):
        body = {"id": f"r{number}", **sent}
        kind = fhir.RESOURCE_TYPES[body["resourceType"]]
        resource = msgspec.json.decode(msgspec.json.encode(body), type=kind)
        found.setdefault(_section(body), []).append(resource)
    parts = []
    for section in sorted(_EMPTY | set(found)):
        records, hidden = records_of(section, "mercy", found.get(section, []), {})
        state = FetchState.OK if records else FetchState.OK_EMPTY
        parts.append(
            SectionRecords(
                state=SearchState(
                    server="mercy", search=f"{section}.all", section=section, state=state, at=NOW
                ),
                records=tuple(records),
                not_shown=tuple(hidden),
            )
        )
    return reconcile(parts, launch_server="mercy", as_of=NOW)


def _section(body: Body) -> Section:
    if body["resourceType"] != "Observation":
        return _SECTIONS[body["resourceType"]]
    return _CATEGORIES[body["category"][0]["coding"][0]["code"]]
