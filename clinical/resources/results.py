"""Observations, reports, documents and imaging (FHIR R4, only the elements this product reads)."""

from __future__ import annotations

import msgspec

from .datatypes import (
    NOTHING,
    Annotations,
    Attachment,
    BackboneElement,
    CodeableConcept,
    Coding,
    Concepts,
    Extensions,
    Identifier,
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
    SampledData,
    Timing,
)


class ObservationComponent(BackboneElement, frozen=True):
    """referenceRange stays raw: most ranges repeat, so equal ones are read once (`ReferenceRanges`)."""

    code: CodeableConcept | None = None
    valueQuantity: Quantity | None = None
    valueCodeableConcept: CodeableConcept | None = None
    valueString: str | None = None
    valueBoolean: bool | None = None
    valueInteger: int | None = None
    valueRange: Range | None = None
    valueRatio: Ratio | None = None
    valueSampledData: SampledData | None = None
    valueTime: str | None = None
    valueDateTime: str | None = None
    valuePeriod: Period | None = None
    valueDecimal: Raw = NOTHING
    valueDate: Raw = NOTHING
    valueInstant: Raw = NOTHING
    valueCode: Raw = NOTHING
    valueUri: Raw = NOTHING
    valueAttachment: Raw = NOTHING
    valueReference: Raw = NOTHING
    value_string_ext: Primitive | None = msgspec.field(default=None, name="_valueString")
    value_boolean_ext: Primitive | None = msgspec.field(default=None, name="_valueBoolean")
    value_integer_ext: Primitive | None = msgspec.field(default=None, name="_valueInteger")
    value_time_ext: Primitive | None = msgspec.field(default=None, name="_valueTime")
    value_date_time_ext: Primitive | None = msgspec.field(default=None, name="_valueDateTime")
    dataAbsentReason: CodeableConcept | None = None
    interpretation: Concepts | None = None
    referenceRange: Raw = NOTHING


class ReferenceRange(BackboneElement, frozen=True):
    low: Quantity | None = None
    high: Quantity | None = None
    type: CodeableConcept | None = None
    appliesTo: Concepts | None = None
    age: Range | None = None
    text: str | None = None


ReferenceRanges = tuple[ReferenceRange | None, ...]


class Observation(Resource):
    """The eleven R4 value types, and as raw JSON the types other versions and careless servers send."""

    identifier: Identifiers | None = None
    basedOn: References | None = None
    partOf: References | None = None
    status: str | None = None
    status_ext: Primitive | None = msgspec.field(default=None, name="_status")
    category: Concepts | None = None
    code: CodeableConcept | None = None
    subject: Reference | None = None
    focus: References | None = None
    encounter: Reference | None = None
    effectiveDateTime: str | None = None
    effective_date_time_ext: Primitive | None = msgspec.field(
        default=None, name="_effectiveDateTime"
    )
    effectivePeriod: Period | None = None
    effectiveTiming: Timing | None = None
    effectiveInstant: str | None = None
    issued: str | None = None
    performer: References | None = None
    valueQuantity: Quantity | None = None
    valueCodeableConcept: CodeableConcept | None = None
    valueString: str | None = None
    valueBoolean: bool | None = None
    valueInteger: int | None = None
    valueRange: Range | None = None
    valueRatio: Ratio | None = None
    valueSampledData: SampledData | None = None
    valueTime: str | None = None
    valueDateTime: str | None = None
    valuePeriod: Period | None = None
    valueDecimal: Raw = NOTHING
    valueDate: Raw = NOTHING
    valueInstant: Raw = NOTHING
    valueCode: Raw = NOTHING
    valueUri: Raw = NOTHING
    valueAttachment: Raw = NOTHING
    valueReference: Raw = NOTHING
    value_string_ext: Primitive | None = msgspec.field(default=None, name="_valueString")
    value_boolean_ext: Primitive | None = msgspec.field(default=None, name="_valueBoolean")
    value_integer_ext: Primitive | None = msgspec.field(default=None, name="_valueInteger")
    value_time_ext: Primitive | None = msgspec.field(default=None, name="_valueTime")
    value_date_time_ext: Primitive | None = msgspec.field(default=None, name="_valueDateTime")
    dataAbsentReason: CodeableConcept | None = None
    interpretation: Concepts | None = None
    note: Annotations | None = None
    bodySite: CodeableConcept | None = None
    method: CodeableConcept | None = None
    specimen: Reference | None = None
    device: Reference | None = None
    referenceRange: Raw = NOTHING
    hasMember: References | None = None
    derivedFrom: References | None = None
    component: tuple[ObservationComponent | None, ...] | None = None


class Outline(Observation):
    """What is still asked about a result of which a record has been made: whose, of what kind, which version, when.

    A type of its own, so that nothing takes what is missing here for something that was not sent.
    """


class DiagnosticReportMedia(BackboneElement, frozen=True):
    comment: str | None = None
    link: Reference | None = None


class DiagnosticReport(Resource):
    identifier: Identifiers | None = None
    basedOn: References | None = None
    status: str | None = None
    status_ext: Primitive | None = msgspec.field(default=None, name="_status")
    category: Concepts | None = None
    code: CodeableConcept | None = None
    subject: Reference | None = None
    encounter: Reference | None = None
    effectiveDateTime: str | None = None
    effectivePeriod: Period | None = None
    issued: str | None = None
    performer: References | None = None
    resultsInterpreter: References | None = None
    specimen: References | None = None
    result: References | None = None
    imagingStudy: References | None = None
    media: tuple[DiagnosticReportMedia | None, ...] | None = None
    conclusion: str | None = None
    conclusionCode: Concepts | None = None
    presentedForm: tuple[Attachment | None, ...] | None = None


class DocumentRelatesTo(BackboneElement, frozen=True):
    code: str | None = None
    target: Reference | None = None


class DocumentContent(BackboneElement, frozen=True):
    attachment: Attachment | None = None
    format: Coding | None = None


class DocumentContext(BackboneElement, frozen=True):
    encounter: References | None = None
    event: Concepts | None = None
    period: Period | None = None


class DocumentReference(Resource):
    masterIdentifier: Identifier | None = None
    identifier: Identifiers | None = None
    status: str | None = None
    status_ext: Primitive | None = msgspec.field(default=None, name="_status")
    docStatus: str | None = None
    type: CodeableConcept | None = None
    category: Concepts | None = None
    subject: Reference | None = None
    date: str | None = None
    author: References | None = None
    relatesTo: tuple[DocumentRelatesTo | None, ...] | None = None
    description: str | None = None
    securityLabel: Concepts | None = None
    content: tuple[DocumentContent | None, ...] | None = None
    context: DocumentContext | None = None


class ImagingStudySeries(BackboneElement, frozen=True):
    modality: Coding | None = None
    description: str | None = None
    bodySite: Coding | None = None
    started: str | None = None


class ImagingStudy(Resource):
    identifier: Identifiers | None = None
    status: str | None = None
    status_ext: Primitive | None = msgspec.field(default=None, name="_status")
    modality: tuple[Coding | None, ...] | None = None
    subject: Reference | None = None
    encounter: Reference | None = None
    started: str | None = None
    basedOn: References | None = None
    procedureCode: Concepts | None = None
    reasonCode: Concepts | None = None
    note: Annotations | None = None
    description: str | None = None
    series: tuple[ImagingStudySeries | None, ...] | None = None


class SpecimenCollection(BackboneElement, frozen=True):
    collectedDateTime: str | None = None
    bodySite: CodeableConcept | None = None


class Specimen(Resource):
    identifier: Identifiers | None = None
    accessionIdentifier: Identifier | None = None
    status: str | None = None
    type: CodeableConcept | None = None
    subject: Reference | None = None
    collection: SpecimenCollection | None = None
    condition: Concepts | None = None
    note: Annotations | None = None
    extension: Extensions | None = None
