"""Entries that have no row of their own kind: a visit, a care plan, an order, a relative, as one line."""

from __future__ import annotations

from collections.abc import Iterator

from clinical.records import CarePlan, Encounter, Item
from clinical.summary import history, rows
from clinical.summary.desk import Desk, item_tokens
from clinical.summary.view_model import ListRow, Part
from clinical.summary.visit_parts import CLASS_WORDS

# What each kind of item is called.
ABOUT = {
    "problem": "problem", "allergy": "allergy", "medication": "medication", "administration": "medicine given",
    "microbiology": "culture", "report": "report", "document": "note", "study": "imaging", "procedure": "procedure",
    "immunization": "vaccine", "encounter": "visit", "appointment": "appointment", "order": "order",
    "care_plan": "care plan", "goal": "goal", "device": "implant", "flag": "flag", "consent": "consent",
    "family_history": "family history",
}  # fmt: skip
_CATEGORIES = {"assess-plan": "assessment and plan"}  # US Core; every other word as sent
_MOST = 3  # activities of a care plan that are said


def row(desk: Desk, item: Item) -> ListRow:
    """What is known of it, its date where it is a visit or a care plan, and its sources."""
    ranked = desk.ranked.get(item.key)
    when = desk.names(item.members)
    if isinstance(item.lead, Encounter | CarePlan):
        when = f"{desk.when_short(item.lead.period) or 'no date'}, {when}"
    return ListRow(
        key=item.key,
        parts=(Part(text=words(item)),),
        when=when,
        sources=item_tokens(item),
        score=ranked.score if ranked is not None else None,
        reasons=rows.reasons(ranked),
    )


def words(item: Item) -> str:
    """A relative with what is recorded of them, else the name, else what kind of entry it is."""
    if isinstance(item.lead, Encounter):
        return _visit(item.lead)
    if isinstance(item.lead, CarePlan):
        return _care_plan(item.lead)
    return history.family_words(item) or item.label or ABOUT.get(item.kind, item.kind)


def _visit(record: Encounter) -> str:
    """ "ED visit: fall on same level": what sort of visit, and why it was."""
    kind = CLASS_WORDS.get(record.class_code) or next((t.text for t in record.types if t.text), "")
    why = ", ".join(reason.text for reason in record.reasons if reason.text)
    return ": ".join(part for part in (kind or "Visit", why) if part)


def _care_plan(record: CarePlan) -> str:
    """ "Care plan: respiratory therapy; breathing exercises, active": many are sent without a title."""
    told = "; ".join(dict.fromkeys(" ".join(part.split()) for part in _told(record) if part))
    named = f"Care plan: {told}" if told else "Care plan, no title sent"
    return f"{named}, {record.status}" if record.status else named


def _told(record: CarePlan) -> Iterator[str]:
    yield record.title
    if not record.title and any(letter.isalpha() for letter in record.category):  # else a code
        yield _CATEGORIES.get(record.category, record.category)
    yield record.description
    yield from record.activities[:_MOST]
    if len(record.activities) > _MOST:
        yield f"{len(record.activities) - _MOST} more"
