"""What was done, planned and worn: procedures, immunizations, visits, orders, plans, devices."""

from __future__ import annotations

from .core import Identifier
from .parts import Concept, FhirTime, Reference, Source
from .results import Attachment
from .states import Frozen


class Procedure(Frozen, frozen=True, tag="procedure", tag_field="record"):
    """category: what kind of procedure the source says that it is, None when it says nothing."""

    source: Source
    concept: Concept
    category: Concept | None = None
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
    """class_code: v3-ActCode (AMB, IMP, EMER, …). location: current bed or room in words.

    part_of: "Encounter/5" of the visit that it is a part of, in the same source; "" for none.
    """

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
    part_of: str = ""


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


class Provision(Frozen, frozen=True):
    """One rule of a consent. type: "permit", "deny" or, when not said, "". what: the treatments or orders it names."""

    type: str = ""
    what: tuple[Concept, ...] = ()
    period: FhirTime | None = None


class Consent(Frozen, frozen=True, tag="consent", tag_field="record"):
    """What the patient laid down about treatment: an order not to resuscitate, a living will, a refusal of blood.

    concept: every code of its categories and rules; its text says which way they go ("Refused: Blood transfusion").
    provisions: its rules, the base one first, then the exceptions. period: of the base rule. unclear: whether it
    permits or refuses cannot be told. document: "DocumentReference/5" in the same source, where it is written.
    verification: "verified", "not verified", "" when nothing is said.
    """

    source: Source
    concept: Concept
    status: str = ""
    scope: str = ""
    categories: tuple[Concept, ...] = ()
    provisions: tuple[Provision, ...] = ()
    unclear: bool = False
    period: FhirTime | None = None
    written: FhirTime | None = None
    document: str = ""
    verification: str = ""
    attachments: tuple[Attachment, ...] = ()
    identifiers: tuple[Identifier, ...] = ()


class FamilyHistory(Frozen, frozen=True, tag="family_history", tag_field="record"):
    """About a relative, never about the patient. conditions: (what, age or date in words)."""

    source: Source
    relationship: str
    status: str = ""
    conditions: tuple[tuple[Concept, str], ...] = ()
    deceased: bool = False
    notes: tuple[str, ...] = ()
