"""What stands under the heading of an opened row: label and words."""

from __future__ import annotations

from clinical.judgement.dose import told
from clinical.records import Consent, Item, Medication, Series
from clinical.summary import microbiology, studies
from clinical.summary.desk import Desk

_MAPPING = {
    "suggested": "suggested by name, specimen and unit; nobody has confirmed it",
    "confirmed": "confirmed by a person at this site",
    "unmapped": "none: the source's own code stands by itself",
}


def _code(system: str, code: str) -> str:
    """A code with its system, unless that is LOINC: a source's own code is only unique there."""
    return code if system == "http://loinc.org" else f"{code} ({system})"


def of_series(row: Series) -> tuple[tuple[str, str], ...]:
    """Codes, specimen, method and mapping of a row."""
    latest = row.latest.record
    codes = ", ".join(_code(system, code) for system, code in row.codes)
    facts = [
        ("As named", row.label),
        ("Codes", codes),
        ("Specimen", latest.specimen),
        ("Method", latest.method),
    ]
    if row.mapping:
        facts.append(("Mapping", _MAPPING[row.mapping]))
    return tuple((label, text) for label, text in facts if text)


def of_item(desk: Desk, item: Item) -> tuple[tuple[str, str], ...]:
    """Status, dose, findings and codes of an item; for a culture what grew."""
    record = item.lead
    facts: list[tuple[str, str]] = []
    for label, name in (
        ("Status", "status"),
        ("Status", "clinical"),
        ("Verified", "verification"),
        ("Dose", "dose_text"),
        ("Body site", "body_site"),
    ):
        text = getattr(record, name, "")
        if label == "Dose" and isinstance(record, Medication):
            text = told(record)
        if text:
            facts.append((label, str(text)))
    if getattr(record, "avoid", False):
        facts.append(("Order", "do NOT give or do"))
    if isinstance(record, Consent) and record.document:
        facts.append(("Written in", _document(desk, record)))
    if item.kind == "microbiology":
        facts += microbiology.facts(item)
    said = studies.finding(record)
    if said:
        facts.append(("Found", said))
    codes = ", ".join(c.code for c in getattr(getattr(record, "concept", None), "codings", ()))
    if codes:
        facts.append(("Codes", codes))
    facts.append(("Sources", desk.names(item.members)))
    return tuple(facts)


def _document(desk: Desk, record: Consent) -> str:
    """The note that a consent points to, by its name when it was retrieved."""
    for item in desk.chart.documents:
        for one in item.members:
            if (one.source.server, one.source.reference) == (record.source.server, record.document):
                return f"{item.label} ({record.document})"
    return record.document
