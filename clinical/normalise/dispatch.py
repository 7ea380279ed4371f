"""Which normaliser reads which resource type."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import msgspec

from clinical import resources as fhir
from clinical.errors import ResourceUnreadable
from clinical.records import NotShown, Record, Section

from . import (
    administration,
    allergy,
    appointment,
    consent,
    device,
    document,
    encounter,
    family,
    flag,
    immunization,
    medication,
    observation,
    order,
    patient,
    plan,
    problem,
    procedure,
    report,
    study,
)
from .reading import Reading

Normaliser = Callable[[Any, Reading], Record | NotShown]

NORMALISERS: dict[type[fhir.Resource], Normaliser] = {
    fhir.AllergyIntolerance: allergy.allergy,
    fhir.Appointment: appointment.appointment,
    fhir.CarePlan: plan.care_plan,
    fhir.Condition: problem.problem,
    fhir.Consent: consent.consent,
    fhir.Device: device.device,
    fhir.DiagnosticReport: report.report,
    fhir.DocumentReference: document.document,
    fhir.Encounter: encounter.encounter,
    fhir.FamilyMemberHistory: family.family_history,
    fhir.Flag: flag.flag,
    fhir.Goal: plan.goal,
    fhir.ImagingStudy: study.study,
    fhir.Immunization: immunization.immunization,
    fhir.MedicationAdministration: administration.administration,
    fhir.MedicationRequest: medication.request,
    fhir.MedicationStatement: medication.statement,
    fhir.Observation: observation.observation,
    fhir.Patient: patient.patient,
    fhir.Procedure: procedure.procedure,
    fhir.ServiceRequest: order.order,
}

# Read for the words in other resources, for who is whose patient, or for how the answer came about; never a record
# of their own.
SUPPORTING = {
    fhir.CareTeam,
    fhir.Group,
    fhir.List,
    fhir.Medication,
    fhir.Practitioner,
    fhir.PractitionerRole,
    fhir.Organization,
    fhir.Location,
    fhir.Specimen,
    fhir.OperationOutcome,
    fhir.Provenance,
}


def records_of(
    section: Section,
    server: str,
    resources: Sequence[fhir.Resource],
    included: Mapping[str, fhir.Resource] | None = None,
    *,
    base: str = "",
) -> tuple[list[Record], list[NotShown]]:
    """Every resource as a record, or as a NotShown with its reason; one bad resource costs one resource.

    server: key of the EHR connection. included: what references may be resolved to, by "Medication/5" (and by the
    urn or URL used, if any). base: the FHIR base URL of that server; without it no absolute reference is followed.
    Order of the input is kept. Supporting types (Practitioner, Specimen …) are not records and are passed over.
    """
    return divided(each_of(section, server, resources, included, base=base))


def each_of(
    section: Section,
    server: str,
    resources: Sequence[fhir.Resource],
    included: Mapping[str, fhir.Resource] | None = None,
    *,
    base: str = "",
) -> list[Record | NotShown | None]:
    """The same, but one answer for each resource, in their order: None for a supporting type."""
    reading = Reading(section, server, included, base=base)
    return [
        read(resource, reading) if type(resource) not in SUPPORTING else None
        for resource in resources
    ]


def divided(found: Iterable[Record | NotShown | None]) -> tuple[list[Record], list[NotShown]]:
    """(records, what is not shown) of what `each_of` found."""
    records: list[Record] = []
    hidden: list[NotShown] = []
    for one in found:
        if isinstance(one, NotShown):
            hidden.append(one)
        elif one is not None:
            records.append(one)
    return records, hidden


def read(resource: fhir.Resource, reading: Reading) -> Record | NotShown:
    """One resource as a record, or why it is not shown. Never raises for what a source may send."""
    normaliser = NORMALISERS.get(type(resource))
    if normaliser is None:
        if type(resource) is fhir.Outline:  # a bug of ours; the result counts as lost, not as empty
            return reading.not_shown(resource, "unreadable", "only an outline of it is held")
        return reading.not_shown(resource, "other", "this kind of record is not used here")
    try:
        return normaliser(resource, reading)
    except ResourceUnreadable as error:
        return reading.not_shown(resource, "unreadable", error.reason)
    except (ValueError, ArithmeticError, msgspec.MsgspecError) as error:
        return reading.not_shown(resource, "unreadable", f"it cannot be read ({error})")
