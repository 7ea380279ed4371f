"""The words inside an entry that the search field also reads: what a note, a reaction or an answer says."""

from __future__ import annotations

from collections.abc import Iterator

from clinical.records import Allergy, CarePlan, Document, Item, Report, Series, Value
from clinical.summary import terms, together


def of_item(item: Item) -> str:
    """Folded. A note or report as far as it was sent as plain text; the reactions and notes of an allergy; what a care
    plan says beside its title; else ""."""
    lead = item.lead
    if isinstance(lead, Document):
        return terms.folded(" ".join([lead.description, *(a.text for a in lead.attachments)]))
    if isinstance(lead, Report):
        return terms.folded(" ".join([lead.conclusion, *(a.text for a in lead.attachments)]))
    if isinstance(lead, CarePlan):
        return terms.folded(" ".join([lead.description, *lead.activities]))
    said = [word for one in item.members if isinstance(one, Allergy) for word in _reactions(one)]
    return terms.folded(" ".join(dict.fromkeys(said)))


def of_series(row: Series) -> str:
    """Folded. What the newest result says in words, with each of its parts and all answers of its moment."""
    said: list[str] = []
    for point in (*together.beside(row), row.latest):
        said += _worded(point.record.value)
        for part in point.record.components:
            said += [part.concept.text, *_worded(part.value)]
    return terms.folded(" ".join(said))


def _reactions(record: Allergy) -> Iterator[str]:
    for reaction in record.reactions:
        yield from (one.text for one in reaction.manifestations)
        yield reaction.text
    yield from record.notes


def _worded(value: Value) -> Iterator[str]:
    if value.concept is not None:
        yield value.concept.text
    if value.string:
        yield value.string
