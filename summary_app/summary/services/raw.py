"""Entries exactly as they were sent."""

from __future__ import annotations

from summary_app.access import door
from summary_app.summary import queries
from summary_app.summary.services import pages, store


def as_sent(opening: door.Opening, server: str, kind: str, identifier: str) -> list[bytes]:
    """Every version of one entry, as JSON bytes; empty when it was not received, or may not be shown.

    Only entries of sources whose records are on the page now: what is held back is held back here too.
    """
    source = next((s for s in opening.sources if s.key == server), None)
    if source is None or source.snapshot_id is None or not _may_show(opening, server):
        return []
    snapshot = queries.snapshot(source.snapshot_id)
    return store.read_raw(snapshot, kind, identifier) if snapshot is not None else []


def _may_show(opening: door.Opening, server: str) -> bool:
    """A source that is held back has no records among the sections; an unreadable entry counts as one."""
    pages.refresh(opening)
    return any(
        section.state.server == server and (section.records or section.not_shown)
        for section in pages.sections_of(opening)
    )
