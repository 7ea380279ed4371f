"""Paths of single resources, and which resources are pointed to without being there."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote

from clinical import resources as fhir
from clinical.fhir.entries import Entry


def read_path(resource: str, identifier: str) -> str:
    """The path of one resource. An id of dots only would lead elsewhere and becomes one that nobody has.

    >>> read_path("Patient", "a/../b")
    'Patient/a%2F..%2Fb'
    """
    safe = identifier if identifier.strip(".") else "-"
    return f"{resource}/{quote(safe, safe='')}"


def medications_missing(entries: tuple[Entry, ...], base: str) -> list[str]:
    """Paths of the Medications that these entries point to at this server and that are not among them.

    So too of the ingredients of a Medication without a code: a mixture may be called by nothing else. A reference to
    another server is left alone: its Medication/1 is another drug than ours.
    """
    known = {entry.reference for entry in entries}
    wanted: dict[str, None] = {}
    for target in (target for entry in entries for target in _medications(entry.resource)):
        kind, _, identifier = (
            target.removeprefix(f"{base}/").partition("/_history/")[0].partition("/")
        )
        if kind == "Medication" and identifier and f"Medication/{identifier}" not in known:
            wanted[read_path("Medication", identifier)] = None
    return list(wanted)


def _medications(resource: fhir.Resource | None) -> Iterator[str]:
    """The references to Medications in one resource, as sent."""
    sent = [getattr(resource, "medicationReference", None)]
    if isinstance(resource, fhir.Medication) and resource.code is None:
        sent += [one.itemReference for one in resource.ingredient or () if one is not None]
    yield from (one.reference for one in sent if one is not None and one.reference)
