"""Paths of single resources, and which resources are pointed to without being there."""

from __future__ import annotations

from urllib.parse import quote

from clinical.fhir.wire import Entry


def read_path(resource: str, identifier: str) -> str:
    """The path of one resource. An id of dots only would lead elsewhere and becomes one that nobody has.

    >>> read_path("Patient", "a/../b")
    'Patient/a%2F..%2Fb'
    """
    safe = identifier if identifier.strip(".") else "-"
    return f"{resource}/{quote(safe, safe='')}"


def medications_missing(entries: tuple[Entry, ...], base: str) -> list[str]:
    """Paths of the Medications that these entries point to at this server and that are not among them.

    A reference to another server is left alone: its Medication/1 is another drug than ours.
    """
    known = {entry.reference for entry in entries}
    wanted: dict[str, None] = {}
    for entry in entries:
        reference = getattr(entry.resource, "medicationReference", None)
        target = (reference.reference or "") if reference is not None else ""
        kind, _, identifier = (
            target.removeprefix(f"{base}/").partition("/_history/")[0].partition("/")
        )
        if kind == "Medication" and identifier and f"Medication/{identifier}" not in known:
            wanted[read_path("Medication", identifier)] = None
    return list(wanted)
