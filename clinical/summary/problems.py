"""Problems: those of this visit first; a diagnosis of one visit is never promoted to the list (rule 52)."""

from __future__ import annotations

from clinical.records import Item, Problem
from clinical.summary import names
from clinical.summary.desk import Desk, item_tokens
from clinical.summary.rows import reasons
from clinical.summary.view_model import ListRow, Part

ACTIVE = frozenset({"active", "recurrence", "relapse", ""})


def is_active(record: Problem) -> bool:
    """Active, or not stated (treated as active, and said)."""
    return record.clinical in ACTIVE and record.verification != "refuted"


def is_listed(record: Problem) -> bool:
    """On a problem list, not only the diagnosis of one visit."""
    return record.category != "encounter-diagnosis"


def lead(item: Item) -> Problem:
    """The leading entry, narrowed for the type checker."""
    if not isinstance(item.lead, Problem):
        raise TypeError(f"not a problem: {item.key}")
    return item.lead


def row(desk: Desk, item: Item) -> ListRow:
    """One problem as a row: words as sent, since when, and what is unusual about it."""
    record = lead(item)
    entry = desk.ranked.get(item.key)
    status = _status(record)
    parts = [Part(text=names.problem(record.concept.text) or "problem not named")]
    if status:
        parts.append(Part(text=f", {status}", muted=True))
    return ListRow(
        key=item.key,
        parts=tuple(parts),
        when=desk.when_short(record.onset or record.recorded) or record.onset_text,
        sources=item_tokens(item),
        score=entry.score if entry is not None else None,
        reasons=reasons(entry),
        differs=_differs(desk, item),
    )


def _status(record: Problem) -> str:
    words = []
    if record.verification and record.verification != "confirmed":
        words.append(record.verification)
    if not record.clinical:
        words.append("status not stated")
    elif record.clinical != "active":
        words.append(record.clinical)
    elif record.abatement is not None or record.abatement_text:
        words.append("active, but with an end date")
    if not is_listed(record):
        words.append("diagnosis of a visit")
    return ", ".join(words)


def _differs(desk: Desk, item: Item) -> str:
    return "; ".join(
        " · ".join(f"{desk.name(server)}: {words}" for server, words in conflict.sides)
        for conflict in item.conflicts
    )
