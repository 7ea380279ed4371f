"""FHIR R4 datatypes, only the elements this product reads.

Every element is optional: a source that leaves one out, or sends null for it, costs nothing here. An element of the
wrong JSON type makes msgspec refuse that one resource. Numbers stay `msgspec.Raw`: their digits are the precision,
and a number sent as a JSON string must be seen as a defect instead of being read as one.
`xxx_ext` holds the extensions of the primitive element xxx (in JSON: `_xxx`).
"""

from __future__ import annotations

import msgspec

Raw = msgspec.Raw
NOTHING = msgspec.Raw()  # what a Raw element is when it was not sent
Strings = tuple[str | None, ...]


class Element(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """Base of the datatypes: hashable wherever no Raw is inside, so that equal pieces are read once.

    cache_hash: for those of which thousands of results hold the same few.
    """


class Extension(Element, frozen=True):
    url: str | None = None
    valueCode: str | None = None
    valueString: str | None = None
    valueDateTime: str | None = None
    valueCodeableConcept: CodeableConcept | None = None
    extension: Extensions | None = None


Extensions = tuple[Extension | None, ...]


class Primitive(Element, frozen=True):
    """The part of a primitive element that is not its value: `_birthDate`, `_valueString` …"""

    extension: Extensions | None = None


class BackboneElement(Element, frozen=True):
    """A part of a resource that may carry modifier extensions; used bare where only those matter."""

    modifierExtension: Extensions | None = None


class Coding(Element, frozen=True):
    system: str | None = None
    code: str | None = None
    display: str | None = None


class CodeableConcept(Element, frozen=True, cache_hash=True):
    coding: tuple[Coding | None, ...] | None = None
    text: str | None = None
    extension: Extensions | None = None


Concepts = tuple[CodeableConcept | None, ...]


class Period(Element, frozen=True):
    start: str | None = None
    end: str | None = None


class Identifier(Element, frozen=True):
    use: str | None = None
    type: CodeableConcept | None = None
    system: str | None = None
    value: str | None = None
    period: Period | None = None


Identifiers = tuple[Identifier | None, ...]


class Reference(Element, frozen=True, cache_hash=True):
    reference: str | None = None
    type: str | None = None
    identifier: Identifier | None = None
    display: str | None = None
    extension: Extensions | None = None


References = tuple[Reference | None, ...]


class Quantity(Element, frozen=True):
    """Also Age, Duration, Count and SimpleQuantity. value: the JSON token as sent."""

    value: Raw = NOTHING
    comparator: str | None = None
    unit: str | None = None
    system: str | None = None
    code: str | None = None
    value_ext: Primitive | None = msgspec.field(default=None, name="_value")
    extension: Extensions | None = None


class Range(Element, frozen=True):
    low: Quantity | None = None
    high: Quantity | None = None


class Ratio(Element, frozen=True):
    numerator: Quantity | None = None
    denominator: Quantity | None = None


class SampledData(Element, frozen=True):
    origin: Quantity | None = None
    period: Raw = NOTHING
    dimensions: Raw = NOTHING
    data: str | None = None


class Annotation(Element, frozen=True):
    text: str | None = None
    time: str | None = None


Annotations = tuple[Annotation | None, ...]


class Attachment(Element, frozen=True):
    contentType: str | None = None
    data: str | None = None
    url: str | None = None
    size: int | str | None = None
    title: str | None = None
    creation: str | None = None


class HumanName(Element, frozen=True):
    use: str | None = None
    text: str | None = None
    family: str | None = None
    given: Strings | None = None
    prefix: Strings | None = None
    suffix: Strings | None = None
    period: Period | None = None


class Narrative(Element, frozen=True):
    """Only whether it adds something to the data (`additional`); the words are looked at in the raw resource."""

    status: str | None = None


class Meta(Element, frozen=True):
    versionId: str | None = None
    lastUpdated: str | None = None
    source: str | None = None
    security: tuple[Coding | None, ...] | None = None
    tag: tuple[Coding | None, ...] | None = None


class TimingRepeat(Element, frozen=True):
    boundsPeriod: Period | None = None
    boundsDuration: Quantity | None = None
    boundsRange: Range | None = None
    count: Raw = NOTHING
    frequency: Raw = NOTHING
    frequencyMax: Raw = NOTHING
    period: Raw = NOTHING
    periodMax: Raw = NOTHING
    periodUnit: str | None = None
    dayOfWeek: Strings | None = None
    timeOfDay: Strings | None = None
    when: Strings | None = None


class Timing(BackboneElement, frozen=True):
    event: Strings | None = None
    repeat: TimingRepeat | None = None
    code: CodeableConcept | None = None


class DoseAndRate(Element, frozen=True):
    doseQuantity: Quantity | None = None
    doseRange: Range | None = None
    rateQuantity: Quantity | None = None
    rateRange: Range | None = None
    rateRatio: Ratio | None = None


class Dosage(BackboneElement, frozen=True):
    sequence: int | None = None
    text: str | None = None
    patientInstruction: str | None = None
    additionalInstruction: Concepts | None = None
    timing: Timing | None = None
    asNeededBoolean: bool | None = None
    asNeededCodeableConcept: CodeableConcept | None = None
    site: CodeableConcept | None = None
    route: CodeableConcept | None = None
    method: CodeableConcept | None = None
    doseAndRate: tuple[DoseAndRate | None, ...] | None = None
    maxDosePerPeriod: Ratio | None = None
    maxDosePerAdministration: Quantity | None = None


Dosages = tuple[Dosage | None, ...]


class Resource(msgspec.Struct, gc=False, kw_only=True):
    """What every resource may carry. The class name is the FHIR resource type."""

    id: str | None = None
    meta: Meta | None = None
    implicitRules: str | None = None
    modifierExtension: Extensions | None = None
    contained: tuple[Raw, ...] | None = None
    text: Narrative | None = None
