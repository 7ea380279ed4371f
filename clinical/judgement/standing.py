"""What keeps an entry from holding now, or from having happened, in words: nothing that is over reads as in force.

Statuses are those of FHIR R4: EventStatus, RequestStatus, DocumentReferenceStatus, CompositionStatus, FlagStatus.
"""

from __future__ import annotations

from datetime import datetime

from clinical.judgement import consents
from clinical.records import (
    Consent,
    Document,
    Flag,
    Immunization,
    Item,
    Order,
    Procedure,
    Record,
)

_EVENT = {
    "not-done": "not done", "preparation": "in preparation", "in-progress": "in progress", "on-hold": "on hold",
    "stopped": "stopped", "unknown": "status unknown", "": "status not stated",
}  # fmt: skip
_REQUEST = {
    "completed": "completed", "revoked": "revoked", "on-hold": "on hold", "unknown": "status unknown",
    "": "status not stated",
}  # fmt: skip
OVER = frozenset({"not done", "completed", "revoked", "superseded", "ended", "inactive"})


def standing(record: Record, as_of: datetime) -> str:
    """ "not done", "completed", "superseded": what stands in brackets behind its words; "" for what holds, or was done."""
    if isinstance(record, Consent):
        return consents.standing(record, as_of)
    if isinstance(record, Procedure | Immunization):
        return event(record)
    if isinstance(record, Order):
        return _REQUEST.get(record.status, "")
    if isinstance(record, Document):
        draft = record.doc_status == "preliminary"
        return "superseded" if record.status == "superseded" else "preliminary" if draft else ""
    if isinstance(record, Flag):
        inactive = record.status == "inactive"
        return "inactive" if inactive else "ended" if ended(record, as_of) else ""
    return ""


def event(record: Procedure | Immunization) -> str:
    """What keeps it from being read as done; "" when it is."""
    return _EVENT.get(record.status, "")


def of_item(item: Item, as_of: datetime) -> str:
    """Of all entries of an item: where one source's holds, the item does."""
    found = [standing(record, as_of) for record in item.members]
    return standing(item.lead, as_of) if all(found) else ""


def is_over(item: Item, as_of: datetime) -> bool:
    """Whether no entry of it holds any more, or what it names never took place. What is only in doubt is not over."""
    return all(_is_over(record, as_of) for record in item.members)


def _is_over(record: Record, as_of: datetime) -> bool:
    if isinstance(record, Consent):
        return bool(consents.over(record, as_of))
    return standing(record, as_of) in OVER


def ended(flag: Flag, as_of: datetime) -> bool:
    """Whether the period for which it was meant is over."""
    period = flag.period
    return (
        period is not None
        and period.precision == "period"
        and period.end is not None
        and period.end <= as_of
    )
