"""A person's word on what a code means."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from summary_app.quality.models import CodeMapping
from summary_app.quality.services import decisions


def confirm(mapping: CodeMapping, *, by: Any, now: datetime) -> bool:
    """Confirms what was entered, else what is suggested. False when there is neither."""
    meaning = mapping.loinc or mapping.suggested
    if not meaning:
        return False
    mapping.loinc = meaning
    _decide(mapping, CodeMapping.State.CONFIRMED, by=by, now=now)
    return True


def reject(mapping: CodeMapping, *, by: Any, now: datetime) -> None:
    """It stays a row of its own and nothing is suggested for it any more."""
    mapping.loinc = ""
    _decide(mapping, CodeMapping.State.REJECTED, by=by, now=now)


def reopen(mapping: CodeMapping, *, by: Any, now: datetime) -> None:
    """Takes a decision back: what is suggested, if anything, counts as a suggestion again."""
    state = CodeMapping.State.SUGGESTED if mapping.suggested else CodeMapping.State.UNMAPPED
    _decide(mapping, state, by=by, now=now)


def _decide(mapping: CodeMapping, state: str, *, by: Any, now: datetime) -> None:
    mapping.state = state
    mapping.decided_by = by
    mapping.decided = now
    mapping.save()
    decisions.forget()
