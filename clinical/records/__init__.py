"""The nouns that every stage shares: what a FHIR resource becomes once it has been read.

Frozen msgspec structs (`gc=False`: ten thousand of them cost the garbage collector nothing). They hold what the
source said, unchanged: units as sent, decimals as sent, dates at the precision sent. `None` means the source did
not say; it never means zero, normal or none. Reading a record needs no clock and no setting.
"""

from __future__ import annotations

from .care import (
    Appointment,
    CarePlan,
    Consent,
    Device,
    Encounter,
    FamilyHistory,
    Flag,
    Goal,
    Immunization,
    Order,
    Participant,
    Procedure,
    Provision,
)
from .chart import Break, Chart, Conflict, Item, Point, Series
from .core import (
    Administration,
    Allergy,
    Identifier,
    Medication,
    Patient,
    PatientName,
    Problem,
    Reaction,
)
from .parts import Coding, Concept, FhirTime, Quantity, Reference, ReferenceRange, Source
from .ranking import Absent, Due, Ranked, Ranking, Reason, Visit
from .results import Attachment, Component, Document, Observation, Report, Study, Value
from .sections import NotShown, Record, SectionRecords
from .states import FetchState, Frozen, SearchState, Section

__all__ = [
    "Absent",
    "Administration",
    "Allergy",
    "Appointment",
    "Attachment",
    "Break",
    "CarePlan",
    "Chart",
    "Coding",
    "Component",
    "Concept",
    "Conflict",
    "Consent",
    "Device",
    "Document",
    "Due",
    "Encounter",
    "FamilyHistory",
    "FetchState",
    "FhirTime",
    "Flag",
    "Frozen",
    "Goal",
    "Identifier",
    "Immunization",
    "Item",
    "Medication",
    "NotShown",
    "Observation",
    "Order",
    "Participant",
    "Patient",
    "PatientName",
    "Point",
    "Problem",
    "Procedure",
    "Provision",
    "Quantity",
    "Ranked",
    "Ranking",
    "Reaction",
    "Reason",
    "Record",
    "Reference",
    "ReferenceRange",
    "Report",
    "SearchState",
    "Section",
    "SectionRecords",
    "Series",
    "Source",
    "Study",
    "Value",
    "Visit",
]
