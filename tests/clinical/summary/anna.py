"""Anna Testcase: an invented patient known to two EHRs, small enough to read."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec

from clinical.reconcile import reconcile
from clinical.records import (
    Attachment,
    Chart,
    Document,
    Due,
    FetchState,
    Identifier,
    Order,
    Ranking,
    Reaction,
    Record,
    Reference,
    Report,
    Section,
    SectionRecords,
)
from clinical.summary import Site, Viewer, summarise
from clinical.summary.view_model import Summary
from tests.clinical.reconcile.builders import (
    NOW,
    SNOMED,
    allergy,
    at,
    concept,
    lab,
    medication,
    patient,
    pressure,
    problem,
    section,
    source,
)
from tests.clinical.summary.ranked import ranking

SITE = Site(zone="America/Chicago", names={"mercy": "Mercy", "lakeside": "Lakeside"})
SEEN = datetime(2026, 8, 12, 15, 0, tzinfo=UTC)
VIEWER = Viewer(
    name="Dr Lee", last_seen=SEEN, last_seen_by="you", practitioners={"mercy": ("Practitioner/1",)}
)

LISTING = {
    "Potassium": ("must", "lab.potassium"),
    "Hemoglobin A1c": ("must", "lab.hba1c"),
    "LDL": ("should", "lab.ldl"),
    "Blood pressure": ("must", "vital.bp"),
    "Metformin 1000 MG Oral Tablet": ("must", "med.metformin"),
    "Dapagliflozin 10 MG": ("must", "med.sglt2"),
    "Apixaban 5 MG": ("should", "med.anticoag"),
    "Type 2 diabetes": ("must", "cond.dm"),
    "Hypertension": ("should", "cond.htn"),
    "Retinal exam": ("must", "proc.eye"),
}
FLOOR = {
    "Potassium": ("floor.critical_values", "floor.new_abnormal"),
    "Apixaban 5 MG": ("floor.anticoag",),
    "Penicillin": ("floor.allergies",),
    "BMP": ("floor.pending",),
}
DUE = {"Retinal exam": Due(state="overdue", words="overdue 3 months")}

NOTE = """Subjective: feels well.

ASSESSMENT AND PLAN:
Recheck BMP in 3 mo; if eGFR stable continue lisinopril 20 mg.
Refer ophthalmology.

Signed: Dr Lee"""


def labs() -> list[Record]:
    return [
        lab(1, value="4.8", when="2026-08-12T13:00:00Z", low="3.5", high="5.1"),
        lab(2, value="5.9", when="2026-11-23T14:10:00Z", flag="H", low="3.5", high="5.1", notes=("Specimen slightly haemolysed.",)),
        lab(3, "Hemoglobin A1c", "4548-4", "8.9", "%", "2026-08-01T09:00:00Z", flag="H"),
        lab(4, "Hemoglobin A1c", "4548-4", "8.1", "%", "2026-11-12T09:00:00Z", flag="H", high="5.6", low="4.0"),
        lab(5, "LDL", "2089-1", "71", "mg/dL", "2026-05-02T09:00:00Z"),
        lab(6, "Chloride", "2075-0", "120", "mmol/L", "2025-05-02T09:00:00Z", high="107"),
        lab(7, "BMP", "51990-0", None, when="2026-11-23T14:10:00Z", status="registered"),
    ]  # fmt: skip


def mercy() -> list[SectionRecords]:
    return [
        section(Section.PATIENT, patient(identifiers=(Identifier(system="urn:mrn", value="00123", type_code="MR"),))),
        section(Section.LABS, *labs()),
        section(Section.VITALS, pressure(20, "136", "82", "2026-08-12T13:00:00Z"), pressure(21, "148", "86", "2026-11-23T16:12:00Z", interpretation=("H",))),
        section(
            Section.ALLERGIES,
            allergy(1, criticality="high", onset=at("1994-01-01"), reactions=(Reaction(manifestations=(concept("Anaphylaxis", "39579001", SNOMED),), severity="severe"),)),
        ),
        section(
            Section.MEDICATIONS,
            medication(1, "Metformin 1000 MG Oral Tablet", "1 tablet twice daily", authored=at("2011-03-01")),
            medication(2, "Dapagliflozin 10 MG", "daily", authored=at("2026-08-13")),
            medication(3, "Apixaban 5 MG", "twice daily", authored=at("2023-03-01"), reasons=(concept("Atrial fibrillation"),)),
            medication(4, "Amoxicillin 500 MG", "three times daily", status="completed", authored=at("2020-03-01")),
        ),
        section(Section.PROBLEMS, problem(1, "Type 2 diabetes", "44054006", onset=at("2009-05-05")), problem(2, "Hypertension", "38341003"), problem(3, "Acute bronchitis", "10509002", clinical="resolved")),
        section(Section.REPORTS, Report(source=source("DiagnosticReport/1"), concept=concept("Retinal exam"), status="final", taken=at("2025-08-14"), conclusion="No retinopathy.")),
        section(Section.DOCUMENTS, Document(source=source("DocumentReference/1"), concept=concept("Progress note"), status="current", written=at("2026-08-12T15:00:00Z"), authors=(Reference(target="Practitioner/1", display="Dr Lee"),), attachments=(Attachment(content_type="text/plain", text=NOTE),))),
        section(Section.ORDERS, Order(source=source("ServiceRequest/1"), concept=concept("Ophthalmology referral"), status="active", authored=at("2026-08-12"))),
        *(section(s) for s in (Section.FLAGS, Section.CONSENTS, Section.DEVICES, Section.PROCEDURES, Section.IMMUNIZATIONS, Section.FAMILY, Section.SOCIAL, Section.SURVEYS, Section.ENCOUNTERS)),
    ]  # fmt: skip


def lakeside() -> list[SectionRecords]:
    return [
        section(Section.PATIENT, patient("T-4471", server="lakeside"), server="lakeside"),
        section(Section.LABS, lab(1, value="4.8", when="2026-08-12T13:00:00Z", server="lakeside"), server="lakeside"),
        section(Section.ALLERGIES, allergy(9, server="lakeside", criticality="low", notes=("minor reaction",)), server="lakeside"),
        section(Section.MEDICATIONS, medication(8, "Metformin 500 MG Oral Tablet", "1 tablet twice daily", server="lakeside", authored=at("2019-01-01")), server="lakeside"),
        *(section(s, server="lakeside") for s in (Section.PROBLEMS, Section.VITALS, Section.FLAGS, Section.CONSENTS, Section.DEVICES, Section.REPORTS, Section.DOCUMENTS, Section.PROCEDURES, Section.IMMUNIZATIONS, Section.FAMILY, Section.SOCIAL, Section.ORDERS)),
    ]  # fmt: skip


def everything() -> list[SectionRecords]:
    return [*mercy(), *lakeside()]


def failed(server: str, *sections: Section) -> list[SectionRecords]:
    """The state of sections at a source that did not answer."""
    return [
        section(s, server=server, state=FetchState.FAILED, reason="server error") for s in sections
    ]


def without(parts: list[SectionRecords], server: str, *sections: Section) -> list[SectionRecords]:
    """The same, with some sections of one source failed."""
    kept = [p for p in parts if not (p.state.server == server and p.state.section in sections)]
    return [*kept, *failed(server, *sections)]


def chart(parts: list[SectionRecords] | None = None) -> Chart:
    return reconcile(everything() if parts is None else parts, launch_server="mercy")


def summary(
    parts: list[SectionRecords] | None = None,
    *,
    viewer: Viewer = VIEWER,
    as_of: datetime = NOW,
    **more: Any,
) -> Summary:
    made = chart(parts)
    options: dict[str, Any] = {"floor": FLOOR, "due": DUE}
    options.update(more)
    listing = options.pop("listing", LISTING)
    ranked: Ranking = ranking(made, listing, **options)
    return summarise(made, ranked, states=made.states, site=SITE, viewer=viewer, as_of=as_of)


def text(parts: tuple[Any, ...]) -> str:
    return "".join(part.text for part in parts)


def replace(record: Any, **more: Any) -> Any:
    return msgspec.structs.replace(record, **more)
