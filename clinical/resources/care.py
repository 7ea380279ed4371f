"""Problems, allergies, procedures, immunizations, orders, plans, devices, flags, consents (FHIR R4, only what is read)."""

from __future__ import annotations

import msgspec

from .datatypes import (
    NOTHING,
    Annotations,
    Attachment,
    BackboneElement,
    CodeableConcept,
    Concepts,
    Identifiers,
    Period,
    Primitive,
    Quantity,
    Range,
    Ratio,
    Raw,
    Reference,
    References,
    Resource,
    Strings,
    Timing,
)


class ConditionStage(BackboneElement, frozen=True):
    summary: CodeableConcept | None = None
    type: CodeableConcept | None = None


class Condition(Resource):
    identifier: Identifiers | None = None
    clinicalStatus: CodeableConcept | None = None
    verificationStatus: CodeableConcept | None = None
    category: Concepts | None = None
    severity: CodeableConcept | None = None
    code: CodeableConcept | None = None
    bodySite: Concepts | None = None
    subject: Reference | None = None
    encounter: Reference | None = None
    onsetDateTime: str | None = None
    onsetAge: Quantity | None = None
    onsetPeriod: Period | None = None
    onsetRange: Range | None = None
    onsetString: str | None = None
    abatementDateTime: str | None = None
    abatementAge: Quantity | None = None
    abatementPeriod: Period | None = None
    abatementRange: Range | None = None
    abatementString: str | None = None
    abatementBoolean: bool | None = None
    recordedDate: str | None = None
    recorder: Reference | None = None
    asserter: Reference | None = None
    stage: tuple[ConditionStage | None, ...] | None = None
    evidence: tuple[BackboneElement | None, ...] | None = None
    note: Annotations | None = None


class AllergyReaction(BackboneElement, frozen=True):
    substance: CodeableConcept | None = None
    manifestation: Concepts | None = None
    description: str | None = None
    onset: str | None = None
    severity: str | None = None
    exposureRoute: CodeableConcept | None = None
    note: Annotations | None = None


class AllergyIntolerance(Resource):
    identifier: Identifiers | None = None
    clinicalStatus: CodeableConcept | None = None
    verificationStatus: CodeableConcept | None = None
    type: str | None = None
    category: Strings | None = None
    criticality: str | None = None
    code: CodeableConcept | None = None
    patient: Reference | None = None
    encounter: Reference | None = None
    onsetDateTime: str | None = None
    onsetAge: Quantity | None = None
    onsetPeriod: Period | None = None
    onsetRange: Range | None = None
    onsetString: str | None = None
    recordedDate: str | None = None
    recorder: Reference | None = None
    asserter: Reference | None = None
    lastOccurrence: str | None = None
    note: Annotations | None = None
    reaction: tuple[AllergyReaction | None, ...] | None = None


class ProcedurePerformer(BackboneElement, frozen=True):
    function: CodeableConcept | None = None
    actor: Reference | None = None


class Procedure(Resource):
    identifier: Identifiers | None = None
    basedOn: References | None = None
    partOf: References | None = None
    status: str | None = None
    status_ext: Primitive | None = msgspec.field(default=None, name="_status")
    statusReason: CodeableConcept | None = None
    category: CodeableConcept | None = None
    code: CodeableConcept | None = None
    subject: Reference | None = None
    encounter: Reference | None = None
    performedDateTime: str | None = None
    performed_date_time_ext: Primitive | None = msgspec.field(
        default=None, name="_performedDateTime"
    )
    performedPeriod: Period | None = None
    performedString: str | None = None
    performedAge: Quantity | None = None
    performedRange: Range | None = None
    performer: tuple[ProcedurePerformer | None, ...] | None = None
    reasonCode: Concepts | None = None
    reasonReference: References | None = None
    bodySite: Concepts | None = None
    outcome: CodeableConcept | None = None
    report: References | None = None
    note: Annotations | None = None
    focalDevice: tuple[BackboneElement | None, ...] | None = None


class ImmunizationProtocol(BackboneElement, frozen=True):
    series: str | None = None
    targetDisease: Concepts | None = None
    doseNumberPositiveInt: int | None = None
    doseNumberString: str | None = None
    seriesDosesPositiveInt: int | None = None
    seriesDosesString: str | None = None


class Immunization(Resource):
    identifier: Identifiers | None = None
    status: str | None = None
    status_ext: Primitive | None = msgspec.field(default=None, name="_status")
    statusReason: CodeableConcept | None = None
    vaccineCode: CodeableConcept | None = None
    patient: Reference | None = None
    encounter: Reference | None = None
    occurrenceDateTime: str | None = None
    occurrence_date_time_ext: Primitive | None = msgspec.field(
        default=None, name="_occurrenceDateTime"
    )
    occurrenceString: str | None = None
    recorded: str | None = None
    primarySource: bool | None = None
    lotNumber: str | None = None
    isSubpotent: bool | None = None
    note: Annotations | None = None
    performer: tuple[BackboneElement | None, ...] | None = None
    education: tuple[BackboneElement | None, ...] | None = None
    reaction: tuple[BackboneElement | None, ...] | None = None
    protocolApplied: tuple[ImmunizationProtocol | None, ...] | None = None


class ServiceRequest(Resource):
    identifier: Identifiers | None = None
    basedOn: References | None = None
    status: str | None = None
    status_ext: Primitive | None = msgspec.field(default=None, name="_status")
    intent: str | None = None
    category: Concepts | None = None
    priority: str | None = None
    doNotPerform: bool | None = None
    code: CodeableConcept | None = None
    orderDetail: Concepts | None = None
    subject: Reference | None = None
    encounter: Reference | None = None
    occurrenceDateTime: str | None = None
    occurrencePeriod: Period | None = None
    occurrenceTiming: Timing | None = None
    authoredOn: str | None = None
    requester: Reference | None = None
    reasonCode: Concepts | None = None
    reasonReference: References | None = None
    note: Annotations | None = None


class CarePlanDetail(BackboneElement, frozen=True):
    kind: str | None = None
    code: CodeableConcept | None = None
    status: str | None = None
    doNotPerform: bool | None = None
    description: str | None = None


class CarePlanActivity(BackboneElement, frozen=True):
    reference: Reference | None = None
    detail: CarePlanDetail | None = None


class CarePlan(Resource):
    identifier: Identifiers | None = None
    status: str | None = None
    status_ext: Primitive | None = msgspec.field(default=None, name="_status")
    intent: str | None = None
    category: Concepts | None = None
    title: str | None = None
    description: str | None = None
    subject: Reference | None = None
    encounter: Reference | None = None
    period: Period | None = None
    activity: tuple[CarePlanActivity | None, ...] | None = None
    note: Annotations | None = None


class GoalTarget(BackboneElement, frozen=True):
    measure: CodeableConcept | None = None
    detailQuantity: Quantity | None = None
    detailRange: Range | None = None
    detailCodeableConcept: CodeableConcept | None = None
    detailString: str | None = None
    detailBoolean: bool | None = None
    detailInteger: Raw = NOTHING
    detailRatio: Ratio | None = None
    dueDate: str | None = None


class Goal(Resource):
    identifier: Identifiers | None = None
    lifecycleStatus: str | None = None
    lifecycle_status_ext: Primitive | None = msgspec.field(default=None, name="_lifecycleStatus")
    achievementStatus: CodeableConcept | None = None
    category: Concepts | None = None
    priority: CodeableConcept | None = None
    description: CodeableConcept | None = None
    subject: Reference | None = None
    startDate: str | None = None
    target: tuple[GoalTarget | None, ...] | None = None
    note: Annotations | None = None


class DeviceName(BackboneElement, frozen=True):
    name: str | None = None
    type: str | None = None


class DeviceUdi(BackboneElement, frozen=True):
    deviceIdentifier: str | None = None
    carrierHRF: str | None = None


class Device(Resource):
    identifier: Identifiers | None = None
    status: str | None = None
    status_ext: Primitive | None = msgspec.field(default=None, name="_status")
    statusReason: Concepts | None = None
    type: CodeableConcept | None = None
    deviceName: tuple[DeviceName | None, ...] | None = None
    manufacturer: str | None = None
    modelNumber: str | None = None
    serialNumber: str | None = None
    distinctIdentifier: str | None = None
    expirationDate: str | None = None
    udiCarrier: tuple[DeviceUdi | None, ...] | None = None
    patient: Reference | None = None
    safety: Concepts | None = None
    note: Annotations | None = None


class ConsentProvision(BackboneElement, frozen=True):
    type: str | None = None
    period: Period | None = None
    code: Concepts | None = None
    provision: tuple[ConsentProvision | None, ...] | None = None


class ConsentVerification(BackboneElement, frozen=True):
    verified: bool | None = None
    verificationDate: str | None = None


class Consent(Resource):
    identifier: Identifiers | None = None
    status: str | None = None
    status_ext: Primitive | None = msgspec.field(default=None, name="_status")
    scope: CodeableConcept | None = None
    category: Concepts | None = None
    patient: Reference | None = None
    dateTime: str | None = None
    performer: References | None = None
    sourceAttachment: Attachment | None = None
    sourceReference: Reference | None = None
    policyRule: CodeableConcept | None = None
    verification: tuple[ConsentVerification | None, ...] | None = None
    provision: ConsentProvision | None = None


class Flag(Resource):
    identifier: Identifiers | None = None
    status: str | None = None
    status_ext: Primitive | None = msgspec.field(default=None, name="_status")
    category: Concepts | None = None
    code: CodeableConcept | None = None
    subject: Reference | None = None
    period: Period | None = None
    encounter: Reference | None = None
    author: Reference | None = None
