"""Clinical notes and other documents. Source: https://hl7.org/fhir/R4/documentreference.html"""

from __future__ import annotations

from clinical import resources as fhir
from clinical.records import Concept, Document, FhirTime, NotShown

from .attachments import attachments
from .reading import Reading


def document(resource: fhir.DocumentReference, reading: Reading) -> Document | NotShown:
    """One DocumentReference; a superseded one is kept under that status. Missing: no date stays missing.

    Its own security labels count like those of meta.security.
    """
    if "entered-in-error" in (resource.status, resource.docStatus):
        return reading.not_shown(
            resource, "entered-in-error", "the source marked it as entered in error"
        )
    context = resource.context
    refused = reading.refusal(resource, resource.content, resource.relatesTo, (context,))
    if refused is not None:
        return refused
    period = reading.period(context.period) if context is not None else None
    content = (one.attachment for one in resource.content or () if one is not None)
    master = resource.masterIdentifier
    return Document(
        source=reading.source(resource, resource.securityLabel),
        concept=_kind(resource, reading),
        category=next((code for one in resource.category or () if (code := reading.code(one))), ""),
        status=resource.status or "",
        doc_status=resource.docStatus or "",
        written=reading.time(resource.date) or _first_day(period, context, reading),
        period=period,
        authors=reading.references(resource.author, resource),
        description=resource.description or "",
        attachments=attachments(content, reading),
        encounter=reading.targets(context.encounter) if context is not None else (),
        identifiers=reading.identifiers(master, *resource.identifier or ()),
    )


def _kind(resource: fhir.DocumentReference, reading: Reading) -> Concept:
    """What sort of document: its type, else its category, its description, its title."""
    found = reading.concept(resource.type)
    if found.text:
        return found
    category = reading.concepts(resource.category)
    return category[0] if category else Concept(text=resource.description or _title(resource))


def _title(resource: fhir.DocumentReference) -> str:
    parts = (one.attachment for one in resource.content or () if one is not None)
    return next((part.title for part in parts if part is not None and part.title), "")


def _first_day(
    period: FhirTime | None, context: fhir.DocumentContext | None, reading: Reading
) -> FhirTime | None:
    """The start of the time it is about, when nobody said when it was written."""
    if period is None or context is None or context.period is None:
        return None
    return reading.time(context.period.start)
