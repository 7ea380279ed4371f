"""The nouns that every stage shares: what a FHIR resource becomes once it has been read.

Frozen msgspec structs (`gc=False`: ten thousand of them cost the garbage collector nothing). They hold what the
source said, unchanged: units as sent, decimals as sent, dates at the precision sent. `None` means the source did
not say; it never means zero, normal or none. Reading a record needs no clock and no setting.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Literal

import msgspec


class Frozen(msgspec.Struct, frozen=True, gc=False, omit_defaults=True, kw_only=True):
    """Base of the records."""


# ---- how a question to a source ended --------------------------------------------------------------------------


class FetchState(StrEnum):
    """Exactly one per source and search; the wording stands in `clinical.summary.wording`."""

    NOT_CONNECTED = "not_connected"  # never asked: the patient is not linked there
    NOT_AUTHORISED = "not_authorised"  # never asked: the granted scopes do not cover it
    NOT_SUPPORTED = "not_supported"  # never asked: the server does not offer it
    FETCHING = "fetching"
    FAILED = "failed"
    RESTRICTED = "restricted"  # 403, break-the-glass
    PARTIAL = "partial"  # page lost, cap hit, warning, entries set aside
    OK_EMPTY = "ok_empty"  # all pages read, nothing matched: never "none known"
    OK_NEGATED = "ok_negated"  # an explicit "no known …" and nothing else
    OK = "ok"


class Section(StrEnum):
    """What a search is for. Several searches may feed one section; the section's state is its worst search's."""

    PATIENT = "patient"
    ENCOUNTERS = "encounters"
    APPOINTMENTS = "appointments"
    ALLERGIES = "allergies"
    PROBLEMS = "problems"
    MEDICATIONS = "medications"
    ADMINISTRATIONS = "administrations"
    LABS = "labs"
    VITALS = "vitals"
    SURVEYS = "surveys"
    SOCIAL = "social"
    REPORTS = "reports"
    DOCUMENTS = "documents"
    IMAGING = "imaging"
    PROCEDURES = "procedures"
    IMMUNIZATIONS = "immunizations"
    ORDERS = "orders"
    CARE_PLANS = "care_plans"
    DEVICES = "devices"
    FLAGS = "flags"
    FAMILY = "family"


class SearchState(Frozen, frozen=True):
    """How one search at one source ended.

    server: key of the EHR connection. search: key of the search in the plan, e.g. "labs.recent".
    at: when it ended (UTC). reason: one sentence for a clinician; empty when all is well. remedy: what to do.
    received: entries about this patient that were read. unreadable, foreign: entries set aside because they could
    not be read, or were about somebody else. stale: these entries are of an earlier reading (then `at` is its time).
    """

    server: str
    search: str
    section: Section
    state: FetchState
    at: datetime | None = None
    reason: str = ""
    remedy: str = ""
    received: int = 0
    unreadable: int = 0
    foreign: int = 0
    stale: bool = False


# ---- small shared parts ---------------------------------------------------------------------------------------


class Source(Frozen, frozen=True):
    """Where a record came from. server: connection key. reference: "Observation/123".

    updated: meta.lastUpdated as sent. restricted: meta.security carries a confidentiality or sensitivity label
    (or one we do not know). test: labelled as test data.
    """

    server: str
    reference: str
    updated: str | None = None
    restricted: bool = False
    test: bool = False
    narrative: bool = False  # text.status additional: its narrative holds more than its data

    @property
    def token(self) -> str:
        """What stands in `data-source`: "mercy/Observation/123"."""
        return f"{self.server}/{self.reference}"


class Coding(Frozen, frozen=True):
    """One FHIR Coding. system is None when the source sent none: such a code matches nothing by itself."""

    system: str | None
    code: str
    display: str | None = None


class Concept(Frozen, frozen=True):
    """A CodeableConcept. text: what a person reads, `text`, else a display, else the bare code; "" if nothing at all."""

    codings: tuple[Coding, ...] = ()
    text: str = ""


class FhirTime(Frozen, frozen=True):
    """A FHIR date, dateTime, instant or Period at the precision it was sent with.

    start: first instant it can mean, aware UTC (a date without a zone is held as UTC midnight and never converted).
    end: first instant after it (exclusive); None for a period that is still open.
    text: as sent. zone_known: False for date-only values.
    """

    start: datetime
    end: datetime | None
    precision: Literal["year", "month", "day", "minute", "second", "period"]
    text: str
    zone_known: bool = False


class Quantity(Frozen, frozen=True):
    """value with its precision as sent. unit: text for people; code and system: UCUM when the source says so."""

    value: Decimal | None
    comparator: Literal["<", "<=", ">", ">=", "ad"] | None = None
    unit: str = ""
    code: str = ""
    system: str = ""


class ReferenceRange(Frozen, frozen=True):
    """One range as sent. A range may have one end only, or only text."""

    low: Quantity | None = None
    high: Quantity | None = None
    text: str = ""
    type: Concept | None = None
    applies_to: tuple[Concept, ...] = ()
    age_low: Quantity | None = None
    age_high: Quantity | None = None


class Reference(Frozen, frozen=True):
    """target: "Practitioner/5" in the same source when it can be followed there, else "". display: words as sent."""

    target: str = ""
    display: str = ""


# ---- records --------------------------------------------------------------------------------------------------


class Identifier(Frozen, frozen=True):
    system: str
    value: str
    type_code: str = ""  # v2-0203, e.g. "MR"
    label: str = ""


class PatientName(Frozen, frozen=True):
    family: str
    given: str
    prefix: str = ""
    use: str = ""
    text: str = ""


class Patient(Frozen, frozen=True, tag="patient", tag_field="record"):
    """name: the official name in force; preferred: a "usual" name or name to use if it differs.

    birth: None when not sent. sex: administrative gender as sent. deceased: False when the source says nothing;
    deceased_at: when it gave a date. replaced_by: this record was merged into that one and must not be used.
    """

    source: Source
    name: PatientName | None = None
    preferred: str = ""
    birth: FhirTime | None = None
    sex: str = ""
    identifiers: tuple[Identifier, ...] = ()
    active: bool | None = None
    deceased: bool = False
    deceased_at: FhirTime | None = None
    replaced_by: str = ""
    links: tuple[str, ...] = ()
    sex_for_clinical_use: str = ""  # the patient-sexParameterForClinicalUse code, "" when not sent
    birth_text: str = ""  # the birth date as sent, when it could not be read, or why it is absent


class Problem(Frozen, frozen=True, tag="problem", tag_field="record"):
    """A Condition. category: problem-list-item, encounter-diagnosis, health-concern (or as sent).

    clinical, verification: codes as sent, "" when not stated (shown as "status not stated").
    """

    source: Source
    concept: Concept
    category: str = ""
    clinical: str = ""
    verification: str = ""
    severity: str = ""
    body_site: str = ""
    stage: str = ""
    onset: FhirTime | None = None
    onset_text: str = ""
    abatement: FhirTime | None = None
    abatement_text: str = ""
    recorded: FhirTime | None = None
    encounter: str = ""
    recorder: Reference | None = None
    notes: tuple[str, ...] = ()
    identifiers: tuple[Identifier, ...] = ()


class Reaction(Frozen, frozen=True):
    manifestations: tuple[Concept, ...] = ()
    substance: Concept | None = None
    severity: str = ""  # mild, moderate, severe: of that past event
    onset: FhirTime | None = None
    text: str = ""


class Allergy(Frozen, frozen=True, tag="allergy", tag_field="record"):
    """An AllergyIntolerance. criticality (future risk) and reaction severity (a past event) are never mixed.

    negation: "none-known" (asserted, with scope words in concept.text), "not-asked", or "" for a real entry.
    """

    source: Source
    concept: Concept
    negation: Literal["", "none-known", "not-asked"] = ""
    negation_scope: str = ""  # of "none-known": "all", "drug", "food", "environment", "latex"
    clinical: str = ""
    verification: str = ""
    type: str = ""
    categories: tuple[str, ...] = ()
    criticality: str = ""  # low, high, unable-to-assess, "" = not stated
    reactions: tuple[Reaction, ...] = ()
    onset: FhirTime | None = None
    recorded: FhirTime | None = None
    last_occurrence: FhirTime | None = None
    recorder: Reference | None = None
    notes: tuple[str, ...] = ()
    identifiers: tuple[Identifier, ...] = ()


class Medication(Frozen, frozen=True, tag="medication", tag_field="record"):
    """A MedicationRequest or MedicationStatement (`kind`): what was prescribed, or what was reported.

    dose_text: dosageInstruction.text verbatim, several joined by "; "; composed from the structured parts only when
    no text was sent (then dose_composed). ends: the earliest end the record itself implies; None = none stated.
    avoid: doNotPerform. reported: a report of what is taken, not a prescription.
    """

    source: Source
    kind: Literal["request", "statement"]
    concept: Concept
    resolved: bool = True
    status: str = ""
    intent: str = ""
    category: str = ""
    avoid: bool = False
    reported: bool = False
    dose_text: str = ""
    dose_composed: bool = False
    as_needed: bool = False
    dose_quantity: Quantity | None = None
    max_dose: str = ""
    as_needed_for: str = ""
    route: str = ""
    form: str = ""
    authored: FhirTime | None = None
    starts: FhirTime | None = None
    ends: FhirTime | None = None
    encounter: str = ""
    requester: Reference | None = None
    reasons: tuple[Concept, ...] = ()
    based_on: tuple[str, ...] = ()
    status_reason: str = ""
    notes: tuple[str, ...] = ()
    identifiers: tuple[Identifier, ...] = ()


class Administration(Frozen, frozen=True, tag="administration", tag_field="record"):
    """A MedicationAdministration. given: status as sent ("not-done" is not given)."""

    source: Source
    concept: Concept
    status: str = ""
    at: FhirTime | None = None
    dose: Quantity | None = None
    dose_text: str = ""
    route: str = ""
    request: str = ""
    reason: str = ""
    identifiers: tuple[Identifier, ...] = ()


class Value(Frozen, frozen=True):
    """Exactly one of these as sent, or none (then look at `absent`).

    other: a type that is shown as text and not plotted (Range, Ratio, Period, SampledData, dateTime …).
    """

    quantity: Quantity | None = None
    concept: Concept | None = None
    string: str | None = None
    boolean: bool | None = None
    integer: int | None = None
    other: str | None = None


class Component(Frozen, frozen=True):
    concept: Concept
    value: Value = Value()
    absent: str = ""
    interpretation: tuple[str, ...] = ()
    ranges: tuple[ReferenceRange, ...] = ()


class Observation(Frozen, frozen=True, tag="observation", tag_field="record"):
    """An Observation of any category.

    category: the FHIR category code (laboratory, vital-signs, survey, social-history, …), "" when not sent.
    taken: effective[x]; None = time unknown (listed, not plotted). issued: when it was released.
    absent: dataAbsentReason code. interpretation: v3 codes as sent ("H", "HH", "L", "POS", …).
    pending: registered. usable: final, amended or corrected. specimen, method, body_site, device: words as sent.
    members: hasMember and derivedFrom references (a panel without a value is not missing data).
    about_other: `focus` names somebody or something else than the patient.
    """

    source: Source
    concept: Concept
    category: str = ""
    status: str = ""
    value: Value = Value()
    absent: str = ""
    interpretation: tuple[str, ...] = ()
    ranges: tuple[ReferenceRange, ...] = ()
    components: tuple[Component, ...] = ()
    taken: FhirTime | None = None
    issued: FhirTime | None = None
    specimen: str = ""
    specimen_ref: str = ""
    method: str = ""
    body_site: str = ""
    device: str = ""
    performers: tuple[Reference, ...] = ()
    members: tuple[str, ...] = ()
    derived_from: tuple[str, ...] = ()
    encounter: str = ""
    based_on: tuple[str, ...] = ()
    identifiers: tuple[Identifier, ...] = ()
    notes: tuple[str, ...] = ()
    about_other: bool = False
    taken_text: str = ""  # the time as sent, when it could not be read


class Report(Frozen, frozen=True, tag="report", tag_field="record"):
    """A DiagnosticReport. results: references of its Observations. attachments: see Attachment."""

    source: Source
    concept: Concept
    category: str = ""
    status: str = ""
    taken: FhirTime | None = None
    issued: FhirTime | None = None
    conclusion: str = ""
    conclusion_codes: tuple[Concept, ...] = ()
    results: tuple[str, ...] = ()
    performers: tuple[Reference, ...] = ()
    encounter: str = ""
    based_on: tuple[str, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    identifiers: tuple[Identifier, ...] = ()


class Attachment(Frozen, frozen=True):
    """content_type as sent. text: decoded when it is plain text and was sent inline. url: as sent, never followed
    to another origin. data: base64 as sent, when inline and not plain text. size: bytes if known."""

    content_type: str = ""
    title: str = ""
    text: str = ""
    url: str = ""
    data: str = ""
    size: int | None = None
    created: FhirTime | None = None


class Document(Frozen, frozen=True, tag="document", tag_field="record"):
    """A DocumentReference. type: e.g. progress note. written: `date`, else context.period start."""

    source: Source
    concept: Concept
    category: str = ""
    status: str = ""
    doc_status: str = ""
    written: FhirTime | None = None
    period: FhirTime | None = None
    authors: tuple[Reference, ...] = ()
    description: str = ""
    attachments: tuple[Attachment, ...] = ()
    encounter: tuple[str, ...] = ()
    identifiers: tuple[Identifier, ...] = ()


class Study(Frozen, frozen=True, tag="study", tag_field="record"):
    """An ImagingStudy."""

    source: Source
    concept: Concept
    status: str = ""
    started: FhirTime | None = None
    modality: str = ""
    reasons: tuple[Concept, ...] = ()
    based_on: tuple[str, ...] = ()
    identifiers: tuple[Identifier, ...] = ()


class Procedure(Frozen, frozen=True, tag="procedure", tag_field="record"):
    source: Source
    concept: Concept
    status: str = ""
    performed: FhirTime | None = None
    performed_text: str = ""
    status_reason: str = ""
    reasons: tuple[Concept, ...] = ()
    outcome: str = ""
    body_site: str = ""
    performers: tuple[Reference, ...] = ()
    report: tuple[str, ...] = ()
    identifiers: tuple[Identifier, ...] = ()


class Immunization(Frozen, frozen=True, tag="immunization", tag_field="record"):
    """status "not-done" is not given. primary: primarySource (False = reported by somebody else)."""

    source: Source
    concept: Concept
    status: str = ""
    given: FhirTime | None = None
    given_text: str = ""
    lot: str = ""
    dose_number: str = ""
    status_reason: str = ""
    primary: bool | None = None
    subpotent: bool = False
    identifiers: tuple[Identifier, ...] = ()


class Participant(Frozen, frozen=True):
    reference: Reference
    role: str = ""


class Encounter(Frozen, frozen=True, tag="encounter", tag_field="record"):
    """class_code: v3-ActCode (AMB, IMP, EMER, …). location: current bed or room in words."""

    source: Source
    status: str = ""
    class_code: str = ""
    types: tuple[Concept, ...] = ()
    service: Concept | None = None
    priority: str = ""
    reasons: tuple[Concept, ...] = ()
    reason_refs: tuple[str, ...] = ()
    period: FhirTime | None = None
    participants: tuple[Participant, ...] = ()
    location: str = ""
    facility: str = ""
    disposition: str = ""
    appointments: tuple[str, ...] = ()
    identifiers: tuple[Identifier, ...] = ()


class Appointment(Frozen, frozen=True, tag="appointment", tag_field="record"):
    source: Source
    status: str = ""
    service: Concept | None = None
    specialty: Concept | None = None
    type: Concept | None = None
    reasons: tuple[Concept, ...] = ()
    reason_refs: tuple[str, ...] = ()
    description: str = ""
    comment: str = ""
    start: FhirTime | None = None
    end: FhirTime | None = None
    participants: tuple[Participant, ...] = ()


class Order(Frozen, frozen=True, tag="order", tag_field="record"):
    """A ServiceRequest. avoid: doNotPerform. occurrence: when it is wanted."""

    source: Source
    concept: Concept
    status: str = ""
    intent: str = ""
    category: str = ""
    priority: str = ""
    avoid: bool = False
    authored: FhirTime | None = None
    occurrence: FhirTime | None = None
    requester: Reference | None = None
    reasons: tuple[Concept, ...] = ()
    encounter: str = ""
    notes: tuple[str, ...] = ()
    identifiers: tuple[Identifier, ...] = ()


class CarePlan(Frozen, frozen=True, tag="care_plan", tag_field="record"):
    source: Source
    title: str = ""
    status: str = ""
    intent: str = ""
    category: str = ""
    period: FhirTime | None = None
    description: str = ""
    activities: tuple[str, ...] = ()


class Goal(Frozen, frozen=True, tag="goal", tag_field="record"):
    source: Source
    concept: Concept
    lifecycle: str = ""
    achievement: str = ""
    start: FhirTime | None = None
    due: FhirTime | None = None
    targets: tuple[str, ...] = ()


class Device(Frozen, frozen=True, tag="device", tag_field="record"):
    source: Source
    concept: Concept
    status: str = ""
    name: str = ""
    model: str = ""
    udi: str = ""
    implanted: FhirTime | None = None
    expires: FhirTime | None = None
    safety: tuple[Concept, ...] = ()
    notes: tuple[str, ...] = ()


class Flag(Frozen, frozen=True, tag="flag", tag_field="record"):
    source: Source
    concept: Concept
    status: str = ""
    category: str = ""
    period: FhirTime | None = None
    author: Reference | None = None


class FamilyHistory(Frozen, frozen=True, tag="family_history", tag_field="record"):
    """About a relative, never about the patient. conditions: (what, age or date in words)."""

    source: Source
    relationship: str
    status: str = ""
    conditions: tuple[tuple[Concept, str], ...] = ()
    deceased: bool = False
    notes: tuple[str, ...] = ()


Record = (
    Patient
    | Problem
    | Allergy
    | Medication
    | Administration
    | Observation
    | Report
    | Document
    | Study
    | Procedure
    | Immunization
    | Encounter
    | Appointment
    | Order
    | CarePlan
    | Goal
    | Device
    | Flag
    | FamilyHistory
)


class NotShown(Frozen, frozen=True):
    """A resource that was received and is deliberately not shown, or could not be read. The ledger counts it.

    reason: a short word from: unreadable, entered-in-error, withdrawn, refuted, not-this-patient, not-understood
    (modifier extension or implicit rules), proposal, duplicate-version, other. detail: one sentence.
    """

    source: Source
    section: Section
    reason: str
    detail: str = ""


class SectionRecords(Frozen, frozen=True):
    """What one search at one source became: the unit that is fetched, normalised, stored and merged."""

    state: SearchState
    records: tuple[Record, ...] = ()
    not_shown: tuple[NotShown, ...] = ()


# ---- one record from many sources -----------------------------------------------------------------------------


class Conflict(Frozen, frozen=True):
    """Sources differ where it could change care. what: "dose", "criticality", "status" …

    sides: (server, what it says in words), worst first.
    """

    what: str
    sides: tuple[tuple[str, str], ...]


class Item(Frozen, frozen=True):
    """One thing a clinician would name, with every contributing record.

    kind: the record tag ("problem", "allergy", …). key: stable whatever the order of arrival.
    lead: the record whose words are shown (the worst where sources differ). members: all of them, lead included,
    in a stable order.
    """

    kind: str
    key: str
    label: str
    lead: Record
    members: tuple[Record, ...]
    conflicts: tuple[Conflict, ...] = ()


class Point(Frozen, frozen=True):
    """One measurement. record: whose value is shown. also: the same measurement from other sources."""

    record: Observation
    also: tuple[Observation, ...] = ()


class Break(Frozen, frozen=True):
    """The line may not go on from point `after` (an index into points) to the next. why: "unit", "method" …"""

    after: int
    why: str
    before_words: str
    after_words: str


class Series(Frozen, frozen=True):
    """All measurements of one analyte or vital sign that a clinician reads as one row, oldest first.

    Points without a time, or with one that cannot be right, stand in `undated`. codes: every (system, code) met, and the LOINC code of a mapping. mapping:
    "" when the sources' own codes said so; else "suggested" by name, "confirmed" by a person, or "unmapped".
    """

    key: str
    label: str
    category: str
    codes: tuple[tuple[str, str], ...]
    points: tuple[Point, ...]
    undated: tuple[Point, ...] = ()
    breaks: tuple[Break, ...] = ()
    mapping: str = ""
    conflicts: tuple[Conflict, ...] = ()  # different values for the same moment

    @property
    def latest(self) -> Point:
        """The newest point; an undated one only when there is no other."""
        return self.points[-1] if self.points else self.undated[-1]


class Chart(Frozen, frozen=True):
    """The reconciled record of one patient. patients: one per source, the launching one first."""

    patients: tuple[Patient, ...]
    series: tuple[Series, ...] = ()
    problems: tuple[Item, ...] = ()
    allergies: tuple[Item, ...] = ()
    medications: tuple[Item, ...] = ()
    administrations: tuple[Item, ...] = ()
    cultures: tuple[Item, ...] = ()  # kind "microbiology": lead is the Observation that is the test
    reports: tuple[Item, ...] = ()
    documents: tuple[Item, ...] = ()
    studies: tuple[Item, ...] = ()
    procedures: tuple[Item, ...] = ()
    immunizations: tuple[Item, ...] = ()
    encounters: tuple[Item, ...] = ()
    appointments: tuple[Item, ...] = ()
    orders: tuple[Item, ...] = ()
    care_plans: tuple[Item, ...] = ()
    goals: tuple[Item, ...] = ()
    devices: tuple[Item, ...] = ()
    flags: tuple[Item, ...] = ()
    family: tuple[Item, ...] = ()
    states: tuple[SearchState, ...] = ()
    not_shown: tuple[NotShown, ...] = ()


# ---- the visit and the ranking --------------------------------------------------------------------------------


class Visit(Frozen, frozen=True):
    """What today's visit is taken to be.

    contexts: ids of packs, strongest first; ("general",) when nothing was recognised. basis: what it was taken
    from, in words ("from appointment reason E11.9"), the strongest one; basis_also: what else it was taken from. sure: False = "we do not know", the general context.
    setting: "clinic", "ward", "ed". chosen: by the clinician.
    """

    contexts: tuple[str, ...]
    titles: tuple[str, ...]
    basis: str
    sure: bool
    basis_also: tuple[str, ...] = ()
    setting: Literal["clinic", "ward", "ed"] = "clinic"
    chosen: bool = False
    encounter: str = ""
    started: FhirTime | None = None


class Reason(Frozen, frozen=True):
    """One part of a score. words: for a clinician. rule: "diabetes v3 lab.hba1c", or "safety floor".

    source: token of the one entry that it rests on, where a row has several ("" = the row as a whole).
    """

    key: str
    points: float
    words: str
    rule: str = ""
    source: str = ""


class Due(Frozen, frozen=True):
    """state: never (nothing on record), unknown (not retrieved), due, overdue. words: "overdue 3 months"."""

    state: Literal["", "never", "unknown", "due", "overdue"] = ""
    since: datetime | None = None
    words: str = ""


class Ranked(Frozen, frozen=True):
    """One Item or Series placed by the visit. key: its key. kind: "series" or the item's kind.

    listed: pack item ids it matches. importance: must, should, background, or "" when not listed.
    floor: safety-floor ids it must be shown for, whatever the rules say.
    """

    key: str
    kind: str
    score: float
    reasons: tuple[Reason, ...]
    importance: Literal["must", "should", "background", ""] = ""
    listed: tuple[str, ...] = ()
    floor: tuple[str, ...] = ()
    due: Due = Due()


class Absent(Frozen, frozen=True):
    """A listed item of this visit for which nothing is on the chart. sections: where it would have come from."""

    item: str
    label: str
    kind: str
    importance: Literal["must", "should"]
    sections: tuple[Section, ...]
    due: Due = Due()
    reasons: tuple[Reason, ...] = ()


class Ranking(Frozen, frozen=True):
    """Total order: score descending, then key. Every Item and Series of the chart is in `ranked` exactly once."""

    visit: Visit
    ranked: tuple[Ranked, ...]
    absent: tuple[Absent, ...] = ()
    choices: tuple[
        tuple[str, str], ...
    ] = ()  # (context id, title) that the visit can be changed to
