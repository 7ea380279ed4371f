"""What one search brought, as records."""

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
    Procedure,
)
from .core import Administration, Allergy, Medication, Patient, Problem
from .parts import Source
from .results import Document, Observation, Report, Study
from .states import Frozen, SearchState, Section

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
    | Consent
    | FamilyHistory
)


class NotShown(Frozen, frozen=True):
    """A resource that was received and is deliberately not shown, or could not be read. The ledger counts it.

    reason: a short word from: unreadable, entered-in-error, withdrawn, refuted, not-this-patient, not-understood
    (modifier extension or implicit rules), not-clinical (privacy, research), proposal, duplicate-version, other. detail: one sentence.
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
