"""The authored patients of the sandbox as charts and pages, without a server: every resource read as an EHR would send it."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any, NamedTuple

from clinical import rank
from clinical.fhir.entries import Entry
from clinical.fhir.wire import read_page
from clinical.pipeline import Built, build_summary, section_records
from clinical.records import FetchState, SearchState, Section, SectionRecords
from clinical.summary import Site, Viewer
from sandbox.patients import resources

NOW = datetime(2026, 11, 26, 16, 20, 31, tzinfo=UTC)
LIBRARY = rank.load()
SERVERS = ("mercy", "lakeside")
SITE = Site(zone="America/Chicago", names={"mercy": "Mercy", "lakeside": "Lakeside"})
VIEWER = Viewer(practitioners=dict.fromkeys(SERVERS, ("Practitioner/physician",)))
_SECTIONS = {
    "Patient": Section.PATIENT,
    "Encounter": Section.ENCOUNTERS,
    "Appointment": Section.APPOINTMENTS,
    "AllergyIntolerance": Section.ALLERGIES,
    "Condition": Section.PROBLEMS,
    "MedicationRequest": Section.MEDICATIONS,
    "MedicationStatement": Section.MEDICATIONS,
    "MedicationAdministration": Section.ADMINISTRATIONS,
    "DiagnosticReport": Section.REPORTS,
    "DocumentReference": Section.DOCUMENTS,
    "ImagingStudy": Section.IMAGING,
    "Procedure": Section.PROCEDURES,
    "Immunization": Section.IMMUNIZATIONS,
    "ServiceRequest": Section.ORDERS,
    "CarePlan": Section.CARE_PLANS,
    "Goal": Section.CARE_PLANS,
    "Device": Section.DEVICES,
    "Flag": Section.FLAGS,
    "Consent": Section.CONSENTS,
    "FamilyMemberHistory": Section.FAMILY,
}
_MEASURED = {
    "vital-signs": Section.VITALS,
    "survey": Section.SURVEYS,
    "social-history": Section.SOCIAL,
}
Body = dict[str, Any]


class Answer(NamedTuple):
    """One finished search."""

    state: SearchState
    entries: list[Entry]


def sent_by(server: str, patient: str) -> list[Body]:
    """Every resource of this patient as that server would send it."""
    return _by_patient(server)[patient]


@cache
def _by_patient(server: str) -> Mapping[str, list[Body]]:
    found: dict[str, list[Body]] = defaultdict(list)
    for body in resources(server, NOW):
        found[_whose(body)].append(body)
    return found


def _whose(body: Body) -> str:
    if body["resourceType"] == "Patient":
        return str(body["id"])
    named = [body.get("subject"), body.get("patient")]
    named += [one.get("actor") for one in body.get("participant", ()) if isinstance(one, dict)]
    for one in named:
        target = (one or {}).get("reference", "")
        if target.startswith("Patient/"):
            return str(target.removeprefix("Patient/"))
    return ""


def patients() -> list[tuple[str, str]]:
    """(server, id of the patient) of every chart that can be opened."""
    return [
        (server, str(body["id"]))
        for server in SERVERS
        for body in resources(server, NOW)
        if body["resourceType"] == "Patient"
    ]


def sections(server: str, patient: str) -> list[SectionRecords]:
    """Everything of this patient from both servers, as answered searches; what nobody sent is an empty answer."""
    return [part for one in _sources(server, patient) for part in _answered(one, patient)]


def _sources(server: str, patient: str) -> Iterator[str]:
    yield server
    yield from (one for one in SERVERS if one != server and patient in _by_patient(one))


_PAGE = 5000


def _entries(server: str, patient: str) -> Iterator[Entry]:
    every = _by_patient(server)[patient]
    for start in range(0, len(every), _PAGE):
        page = [{"resource": one} for one in every[start : start + _PAGE]]
        body = {"resourceType": "Bundle", "type": "searchset", "entry": page}
        yield from read_page(json.dumps(body).encode()).entries


def _answered(server: str, patient: str) -> Iterator[SectionRecords]:
    found: dict[Section, list[Entry]] = {
        one: [] for one in (*_SECTIONS.values(), *_MEASURED.values(), Section.LABS)
    }
    for entry in _entries(server, patient):
        section = _section(entry)
        if section is not None:
            found[section].append(entry)
    for section, entries in found.items():
        state = FetchState.OK if entries else FetchState.OK_EMPTY
        asked = SearchState(server=server, search=section, section=section, state=state, at=NOW)
        yield section_records(Answer(asked, entries))


def _section(entry: Entry) -> Section | None:
    if entry.type != "Observation":
        return _SECTIONS.get(entry.type)
    sent = getattr(entry.resource, "category", None) or ()
    codes = [coding.code for one in sent for coding in one.coding or ()]
    return next((_MEASURED[code] for code in codes if code in _MEASURED), Section.LABS)


def built(server: str, patient: str, *, choice: str | None = None) -> Built:
    """The page of one patient, opened from this server at NOW."""
    return build_summary(
        sections(server, patient),
        visit_choice=choice,
        site=SITE,
        viewer=VIEWER,
        library=LIBRARY,
        launch_server=server,
        encounter_id=f"visit-{patient}",
        as_of=NOW,
    )
