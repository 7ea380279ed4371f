"""Warnings a source wants seen. Source: https://hl7.org/fhir/R4/flag.html"""

from __future__ import annotations

from clinical import resources as fhir
from clinical.records import Flag, NotShown

from .reading import Reading


def flag(resource: fhir.Flag, reading: Reading) -> Flag | NotShown:
    """One Flag; an inactive one is kept under its status (servers do not filter by it)."""
    if resource.status == "entered-in-error":
        return reading.not_shown(
            resource, "entered-in-error", "the source marked it as entered in error"
        )
    refused = reading.refusal(resource)
    if refused is not None:
        return refused
    return Flag(
        source=reading.source(resource),
        concept=reading.concept(resource.code),
        status=resource.status or "",
        category=next((code for one in resource.category or () if (code := reading.code(one))), ""),
        period=reading.period(resource.period),
        author=reading.reference(resource.author, resource),
    )
