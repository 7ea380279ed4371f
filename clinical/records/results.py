"""What was measured, reported, written and pictured."""

from __future__ import annotations

from .core import Identifier
from .parts import Concept, FhirTime, Quantity, Reference, ReferenceRange, Source
from .states import Frozen


class Value(Frozen, frozen=True):
    """Exactly one of these as sent, or none (then look at `absent`).

    other: a type that is shown as text and not plotted (Range, Ratio, Period, SampledData, dateTime …).
    """

    quantity: Quantity | None = None
    concept: Concept | None = None
    string: str | None = None
    boolean: bool | None = None
    integer: int | None = None
    other: str | None = None


class Component(Frozen, frozen=True):
    concept: Concept
    value: Value = Value()
    absent: str = ""
    interpretation: tuple[str, ...] = ()
    ranges: tuple[ReferenceRange, ...] = ()


class Observation(Frozen, frozen=True, tag="observation", tag_field="record"):
    """An Observation of any category.

    category: the FHIR category code (laboratory, vital-signs, survey, social-history, …), "" when not sent.
    taken: effective[x]; None = time unknown (listed, not plotted). issued: when it was released.
    absent: dataAbsentReason code. interpretation: v3 codes as sent ("H", "HH", "L", "POS", …).
    pending: registered. usable: final, amended or corrected. specimen, method, body_site, device: words as sent.
    members: hasMember and derivedFrom references (a panel without a value is not missing data).
    about_other: `focus` names somebody or something else than the patient.
    """

    source: Source
    concept: Concept
    category: str = ""
    status: str = ""
    value: Value = Value()
    absent: str = ""
    interpretation: tuple[str, ...] = ()
    ranges: tuple[ReferenceRange, ...] = ()
    components: tuple[Component, ...] = ()
    taken: FhirTime | None = None
    issued: FhirTime | None = None
    specimen: str = ""
    specimen_ref: str = ""
    method: str = ""
    body_site: str = ""
    device: str = ""
    performers: tuple[Reference, ...] = ()
    members: tuple[str, ...] = ()
    derived_from: tuple[str, ...] = ()
    encounter: str = ""
    based_on: tuple[str, ...] = ()
    identifiers: tuple[Identifier, ...] = ()
    notes: tuple[str, ...] = ()
    about_other: bool = False
    taken_text: str = ""  # the time as sent, when it could not be read


class Report(Frozen, frozen=True, tag="report", tag_field="record"):
    """A DiagnosticReport. results: references of its Observations. attachments: see Attachment."""

    source: Source
    concept: Concept
    category: str = ""
    status: str = ""
    taken: FhirTime | None = None
    issued: FhirTime | None = None
    conclusion: str = ""
    conclusion_codes: tuple[Concept, ...] = ()
    results: tuple[str, ...] = ()
    performers: tuple[Reference, ...] = ()
    encounter: str = ""
    based_on: tuple[str, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    identifiers: tuple[Identifier, ...] = ()


class Attachment(Frozen, frozen=True):
    """content_type as sent. text: decoded when it is plain text and was sent inline. url: as sent, never followed
    to another origin. data: base64 as sent, when inline and not plain text. size: bytes if known."""

    content_type: str = ""
    title: str = ""
    text: str = ""
    url: str = ""
    data: str = ""
    size: int | None = None
    created: FhirTime | None = None


class Document(Frozen, frozen=True, tag="document", tag_field="record"):
    """A DocumentReference. type: e.g. progress note. written: `date`, else context.period start."""

    source: Source
    concept: Concept
    category: str = ""
    status: str = ""
    doc_status: str = ""
    written: FhirTime | None = None
    period: FhirTime | None = None
    authors: tuple[Reference, ...] = ()
    description: str = ""
    attachments: tuple[Attachment, ...] = ()
    encounter: tuple[str, ...] = ()
    identifiers: tuple[Identifier, ...] = ()


class Study(Frozen, frozen=True, tag="study", tag_field="record"):
    """An ImagingStudy."""

    source: Source
    concept: Concept
    status: str = ""
    started: FhirTime | None = None
    modality: str = ""
    reasons: tuple[Concept, ...] = ()
    based_on: tuple[str, ...] = ()
    identifiers: tuple[Identifier, ...] = ()
