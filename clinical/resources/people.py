"""Patients, the people and places around them, visits (FHIR R4, only the elements this product reads)."""

from __future__ import annotations

import msgspec

from .datatypes import (
    Annotations,
    BackboneElement,
    CodeableConcept,
    Coding,
    Concepts,
    Extensions,
    HumanName,
    Identifiers,
    Period,
    Primitive,
    Quantity,
    Range,
    Reference,
    References,
    Resource,
)


class PatientLink(BackboneElement, frozen=True):
    other: Reference | None = None
    type: str | None = None


class Patient(Resource):
    extension: Extensions | None = None
    identifier: Identifiers | None = None
    active: bool | None = None
    name: tuple[HumanName | None, ...] | None = None
    gender: str | None = None
    gender_ext: Primitive | None = msgspec.field(default=None, name="_gender")
    birthDate: str | None = None
    birth_date_ext: Primitive | None = msgspec.field(default=None, name="_birthDate")
    deceasedBoolean: bool | None = None
    deceasedDateTime: str | None = None
    deceased_boolean_ext: Primitive | None = msgspec.field(default=None, name="_deceasedBoolean")
    deceased_date_time_ext: Primitive | None = msgspec.field(default=None, name="_deceasedDateTime")
    contact: tuple[BackboneElement | None, ...] | None = None
    communication: tuple[BackboneElement | None, ...] | None = None
    link: tuple[PatientLink | None, ...] | None = None


class Practitioner(Resource):
    identifier: Identifiers | None = None
    name: tuple[HumanName | None, ...] | None = None


class PractitionerRole(Resource):
    practitioner: Reference | None = None
    organization: Reference | None = None
    code: Concepts | None = None
    specialty: Concepts | None = None


class Organization(Resource):
    identifier: Identifiers | None = None
    name: str | None = None


class Location(Resource):
    name: str | None = None
    description: str | None = None
    physicalType: CodeableConcept | None = None
    partOf: Reference | None = None


class EncounterParticipant(BackboneElement, frozen=True):
    type: Concepts | None = None
    period: Period | None = None
    individual: Reference | None = None


class EncounterLocation(BackboneElement, frozen=True):
    location: Reference | None = None
    status: str | None = None
    physicalType: CodeableConcept | None = None
    period: Period | None = None


class EncounterHospitalization(BackboneElement, frozen=True):
    admitSource: CodeableConcept | None = None
    dischargeDisposition: CodeableConcept | None = None


class Encounter(Resource):
    """class_ is the element `class`."""

    identifier: Identifiers | None = None
    status: str | None = None
    status_ext: Primitive | None = msgspec.field(default=None, name="_status")
    class_: Coding | None = msgspec.field(default=None, name="class")
    type: Concepts | None = None
    serviceType: CodeableConcept | None = None
    priority: CodeableConcept | None = None
    subject: Reference | None = None
    participant: tuple[EncounterParticipant | None, ...] | None = None
    appointment: References | None = None
    period: Period | None = None
    reasonCode: Concepts | None = None
    reasonReference: References | None = None
    statusHistory: tuple[BackboneElement | None, ...] | None = None
    classHistory: tuple[BackboneElement | None, ...] | None = None
    diagnosis: tuple[BackboneElement | None, ...] | None = None
    hospitalization: EncounterHospitalization | None = None
    location: tuple[EncounterLocation | None, ...] | None = None
    serviceProvider: Reference | None = None
    partOf: Reference | None = None


class AppointmentParticipant(BackboneElement, frozen=True):
    type: Concepts | None = None
    actor: Reference | None = None
    status: str | None = None
    period: Period | None = None


class Appointment(Resource):
    identifier: Identifiers | None = None
    status: str | None = None
    status_ext: Primitive | None = msgspec.field(default=None, name="_status")
    cancelationReason: CodeableConcept | None = None
    serviceCategory: Concepts | None = None
    serviceType: Concepts | None = None
    specialty: Concepts | None = None
    appointmentType: CodeableConcept | None = None
    reasonCode: Concepts | None = None
    reasonReference: References | None = None
    description: str | None = None
    start: str | None = None
    end: str | None = None
    comment: str | None = None
    participant: tuple[AppointmentParticipant | None, ...] | None = None


class FamilyCondition(BackboneElement, frozen=True):
    code: CodeableConcept | None = None
    outcome: CodeableConcept | None = None
    contributedToDeath: bool | None = None
    onsetAge: Quantity | None = None
    onsetRange: Range | None = None
    onsetPeriod: Period | None = None
    onsetString: str | None = None
    note: Annotations | None = None


class FamilyMemberHistory(Resource):
    identifier: Identifiers | None = None
    status: str | None = None
    status_ext: Primitive | None = msgspec.field(default=None, name="_status")
    dataAbsentReason: CodeableConcept | None = None
    patient: Reference | None = None
    date: str | None = None
    name: str | None = None
    relationship: CodeableConcept | None = None
    sex: CodeableConcept | None = None
    deceasedBoolean: bool | None = None
    deceasedAge: Quantity | None = None
    deceasedRange: Range | None = None
    deceasedDate: str | None = None
    deceasedString: str | None = None
    note: Annotations | None = None
    condition: tuple[FamilyCondition | None, ...] | None = None
