"""Who the patient is, and what is wrong, dangerous and taken: patient, problems, allergies, medications."""

from __future__ import annotations

from typing import Literal

from .parts import Concept, FhirTime, Quantity, Reference, Source
from .states import Frozen


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
    no text was sent (then dose_composed). due: moments that the order itself names for a dose. ends: the earliest end the record itself implies; None = none stated.
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
    due: tuple[FhirTime, ...] = ()
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
