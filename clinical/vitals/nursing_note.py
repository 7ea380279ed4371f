"""The latest nursing note: found by its type or its title, shown by its beginning."""

from __future__ import annotations

import re
from datetime import datetime, tzinfo

from clinical.codes import LOINC
from clinical.records import Chart, Document, Frozen

from .words import moment_words

_NURSE_NOTE = frozenset({"34746-8", "28651-8", "78390-2"})
_NOTE_LENGTH = 280


class Note(Frozen, frozen=True):
    """The latest nursing note. text: its beginning when it was sent as text, "" otherwise. at: when it was written."""

    title: str
    at: str
    text: str
    sources: tuple[str, ...]


def latest_note(chart: Chart, *, as_of: datetime, zone: tzinfo) -> Note | None:
    """The newest document whose type or title says that it is a nurse's."""
    found = [
        record
        for item in chart.documents
        for record in item.members
        if isinstance(record, Document) and _is_nursing(record) and record.written is not None
    ]
    if not found:
        return None
    newest = max(
        found, key=lambda one: (one.written.start if one.written else as_of, one.source.token)
    )
    text = next((a.text for a in newest.attachments if a.text), "").strip()
    shown = text if len(text) <= _NOTE_LENGTH else f"{text[:_NOTE_LENGTH].rsplit(' ', 1)[0]} …"
    at = newest.written.start if newest.written is not None else as_of
    return Note(
        title=newest.concept.text or newest.description,
        at=moment_words(at, zone, as_of),
        text=shown,
        sources=(newest.source.token,),
    )


def _is_nursing(record: Document) -> bool:
    if any(one.system == LOINC and one.code in _NURSE_NOTE for one in record.concept.codings):
        return True
    return bool(
        re.search(r"\bnurs(e|ing)\b", f"{record.concept.text} {record.description}", re.IGNORECASE)
    )
