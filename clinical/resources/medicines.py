"""Medicines: ordered, reported, given (FHIR R4, only the elements this product reads)."""

from __future__ import annotations

import msgspec

from .datatypes import (
    NOTHING,
    Annotations,
    BackboneElement,
    CodeableConcept,
    Concepts,
    Dosages,
    Identifier,
    Identifiers,
    Period,
    Primitive,
    Quantity,
    Ratio,
    Raw,
    Reference,
    References,
    Resource,
)


class MedicationIngredient(BackboneElement, frozen=True):
    itemCodeableConcept: CodeableConcept | None = None
    itemReference: Reference | None = None
    isActive: bool | None = None
    strength: Ratio | None = None


class Medication(Resource):
    identifier: Identifiers | None = None
    code: CodeableConcept | None = None
    status: str | None = None
    form: CodeableConcept | None = None
    ingredient: tuple[MedicationIngredient | None, ...] | None = None


class DispenseRequest(BackboneElement, frozen=True):
    initialFill: BackboneElement | None = None
    validityPeriod: Period | None = None
    numberOfRepeatsAllowed: Raw = NOTHING
    quantity: Quantity | None = None
    expectedSupplyDuration: Quantity | None = None


class MedicationRequest(Resource):
    identifier: Identifiers | None = None
    status: str | None = None
    status_ext: Primitive | None = msgspec.field(default=None, name="_status")
    statusReason: CodeableConcept | None = None
    intent: str | None = None
    category: Concepts | None = None
    priority: str | None = None
    doNotPerform: bool | None = None
    reportedBoolean: bool | None = None
    reportedReference: Reference | None = None
    medicationCodeableConcept: CodeableConcept | None = None
    medicationReference: Reference | None = None
    subject: Reference | None = None
    encounter: Reference | None = None
    authoredOn: str | None = None
    requester: Reference | None = None
    reasonCode: Concepts | None = None
    reasonReference: References | None = None
    basedOn: References | None = None
    groupIdentifier: Identifier | None = None
    courseOfTherapyType: CodeableConcept | None = None
    note: Annotations | None = None
    dosageInstruction: Dosages | None = None
    dispenseRequest: DispenseRequest | None = None
    substitution: BackboneElement | None = None
    priorPrescription: Reference | None = None


class MedicationStatement(Resource):
    identifier: Identifiers | None = None
    basedOn: References | None = None
    status: str | None = None
    status_ext: Primitive | None = msgspec.field(default=None, name="_status")
    statusReason: Concepts | None = None
    category: CodeableConcept | None = None
    medicationCodeableConcept: CodeableConcept | None = None
    medicationReference: Reference | None = None
    subject: Reference | None = None
    context: Reference | None = None
    effectiveDateTime: str | None = None
    effectivePeriod: Period | None = None
    dateAsserted: str | None = None
    informationSource: Reference | None = None
    derivedFrom: References | None = None
    reasonCode: Concepts | None = None
    note: Annotations | None = None
    dosage: Dosages | None = None


class AdministrationDosage(BackboneElement, frozen=True):
    text: str | None = None
    site: CodeableConcept | None = None
    route: CodeableConcept | None = None
    method: CodeableConcept | None = None
    dose: Quantity | None = None
    rateRatio: Ratio | None = None
    rateQuantity: Quantity | None = None


class MedicationAdministration(Resource):
    identifier: Identifiers | None = None
    status: str | None = None
    status_ext: Primitive | None = msgspec.field(default=None, name="_status")
    statusReason: Concepts | None = None
    category: CodeableConcept | None = None
    medicationCodeableConcept: CodeableConcept | None = None
    medicationReference: Reference | None = None
    subject: Reference | None = None
    context: Reference | None = None
    effectiveDateTime: str | None = None
    effectivePeriod: Period | None = None
    performer: tuple[BackboneElement | None, ...] | None = None
    reasonCode: Concepts | None = None
    request: Reference | None = None
    note: Annotations | None = None
    dosage: AdministrationDosage | None = None
