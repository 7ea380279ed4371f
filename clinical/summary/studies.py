"""Exams, vaccines, reports and notes as rows."""

from __future__ import annotations

from collections.abc import Sequence

from clinical.judgement import standing
from clinical.records import (
    Device,
    Document,
    Due,
    FhirTime,
    Immunization,
    Item,
    Observation,
    Procedure,
    Record,
    Report,
    Study,
)
from clinical.summary import names
from clinical.summary.desk import Desk, item_tokens
from clinical.summary.rows import reasons
from clinical.summary.view_model import Glyph, ListRow, Part

_PENDING = frozenset({"registered", "partial", "preliminary"})
_ONE_LINE = 90  # characters


def time_of(record: Record) -> FhirTime | None:
    """The moment an exam, report, vaccine or note belongs to."""
    if isinstance(record, Procedure):
        return record.performed
    if isinstance(record, Immunization):
        return record.given
    if isinstance(record, Report):
        return record.taken or record.issued
    if isinstance(record, Observation):
        return record.taken
    if isinstance(record, Document):
        return record.written or record.period
    if isinstance(record, Device):
        return record.implanted
    return record.started if isinstance(record, Study) else None


def is_pending(record: Record) -> bool:
    """Registered or preliminary: its last word is still to come."""
    return isinstance(record, Report | Observation) and record.status in _PENDING


def finding(record: Record) -> str:
    """What a report concluded, verbatim, what became of a procedure, that a device is not active; "" when it does not say."""
    if isinstance(record, Report):
        if record.status == "registered":
            return "pending"
        return f"“{record.conclusion}”" if record.conclusion else ""
    if isinstance(record, Procedure | Immunization) and (word := standing.event(record)):
        words = (word, record.status_reason, getattr(record, "outcome", ""))
        return ", ".join(filter(None, words))
    if isinstance(record, Document):
        return record.description
    if isinstance(record, Device):
        return "" if record.status == "active" else record.status or "status not stated"
    return record.outcome if isinstance(record, Procedure) else ""


def exam_row(desk: Desk, items: Sequence[Item], due: Due) -> ListRow:
    """One exam or vaccine with all its dates; the newest leads. items: newest first."""
    newest = items[0]
    entry = desk.ranked.get(newest.key)
    label = names.test(names.problem(newest.label)) or "exam not named"
    if isinstance(newest.lead, Procedure):
        label = names.at_site(label, newest.lead.body_site)
    overdue = due.state in ("due", "overdue")
    words = f"{label}, {due.words}" if overdue and due.words else label
    said = finding(newest.lead)
    if len(said) >= _ONE_LINE:
        said = standing.standing(
            newest.lead, desk.as_of
        )  # what does not fit stands in the opened row
    tokens = tuple(dict.fromkeys(token for item in items for token in item_tokens(item)))
    earlier = len(items) - 1
    glyph: Glyph = "clock" if overdue else "pending" if is_pending(newest.lead) else ""
    return ListRow(
        key=newest.key,
        parts=(Part(text=words),),
        glyph=glyph,
        when=desk.when_short(time_of(newest.lead)),
        lines=(said,) if said else (),
        sources=tokens,
        score=entry.score if entry is not None else None,
        reasons=(*reasons(entry), *((f"{earlier} earlier",) if earlier else ())),
    )


def _status(record: Record) -> str:
    """ " (preliminary)", " (superseded)": what keeps a report or note from being the last word."""
    if isinstance(record, Report) and is_pending(record):
        return f" ({record.status})"
    if isinstance(record, Document):
        words = [w for w in (record.status, record.doc_status) if w not in ("current", "final", "")]
        return f" ({', '.join(words)})" if words else ""
    return ""


def report_row(desk: Desk, item: Item) -> ListRow:
    """A report or note: date, name, what it concluded."""
    record = item.lead
    entry = desk.ranked.get(item.key)
    said = finding(record)
    status = _status(record)
    parts = [Part(text=f"{desk.when_short(time_of(record)) or 'no date'}  ", muted=True)]
    parts.append(
        Part(text=f"{names.test(item.label) or 'not named'}{status}", href=f"#row-{item.key}")
    )
    if said:
        parts.append(Part(text=f": {said}"))
    return ListRow(
        key=item.key,
        parts=tuple(parts),
        glyph="pending" if is_pending(record) else "",
        when=desk.name(record.source.server),
        sources=item_tokens(item),
        score=entry.score if entry is not None else None,
        reasons=reasons(entry),
    )
