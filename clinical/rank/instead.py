"""A general visit whose list finds no result at all: the newest ones are shown instead, with their age.

"0 of 25 results" would leave the reader with nothing, although nobody has said that these are not for the visit.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from clinical.rank.entries import stamp
from clinical.rank.library import GENERAL
from clinical.records import Chart, Ranked, Reason, Visit

MOST = 8  # rows: a first screen, and no more than a list for a visit has
_WHY = Reason(
    key="newest",
    points=0.0,
    words="among the newest results; what was retrieved has none that a general visit asks for",
    rule="general",
)


def newest_instead(ranked: Sequence[Ranked], chart: Chart, visit: Visit) -> list[Ranked]:
    """The same entries in their order; of laboratory rows the newest are placed when the list has placed none."""
    labs = {row.key: row for row in chart.series if row.category == "laboratory"}
    found = [one for one in ranked if one.kind == "series" and one.key in labs]
    if visit.contexts != (GENERAL,) or any(one.importance in ("must", "should") for one in found):
        return list(ranked)
    found.sort(key=lambda one: (stamp(labs[one.key].latest.record.taken), one.score), reverse=True)
    raised = {one.key for one in found[:MOST]}
    return [
        replace(one, importance="should", reasons=(*one.reasons, _WHY))
        if one.key in raised
        else one
        for one in ranked
    ]
