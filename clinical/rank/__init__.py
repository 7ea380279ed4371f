"""Relevance: which visit this is, what it asks for, and which of a chart comes first, with a reason for every point.

Pure: no clock, no settings. Packs, items and codes are data (docs/packs.md); above all of them stands the safety floor.
"""

from __future__ import annotations

from datetime import datetime
from functools import cache
from pathlib import Path

from clinical.rank import files
from clinical.rank.asking import report_codes, visit_codes
from clinical.rank.library import Library
from clinical.rank.newest import newest_first
from clinical.rank.preferring import Preferences, prefer
from clinical.rank.ranking import rank as rank_by_rules
from clinical.rank.recognise import recognise
from clinical.records import Chart, Ranking, Visit


@cache
def load() -> Library:
    """The library of this installation, read once. Raises PackInvalid when a file cannot be used."""
    return files.read(Path(__file__).parent)


def rank(
    chart: Chart,
    *,
    visit: Visit,
    library: Library,
    last_seen: datetime | None,
    role: str,
    as_of: datetime,
) -> Ranking:
    """The chart for a visit (`ranking.rank`); newest first under the floor while the rules are stopped."""
    found = rank_by_rules(
        chart, visit=visit, library=library, last_seen=last_seen, role=role, as_of=as_of
    )
    return newest_first(found, chart) if library.stopped else found


def all_contexts(library: Library) -> tuple[str, ...]:
    """Ids of all contexts, in order."""
    return tuple(sorted(library.packs))


__all__ = [
    "Library",
    "Preferences",
    "all_contexts",
    "load",
    "prefer",
    "rank",
    "recognise",
    "report_codes",
    "visit_codes",
]
