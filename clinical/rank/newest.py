"""What is shown while the rules of a site are stopped: everything newest first, under the safety floor."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from msgspec.structs import replace

from clinical.rank.entries import moment, stamp
from clinical.rank.matching import entries
from clinical.records import Chart, Ranked, Ranking, Reason

RULE = "rules stopped"
_POINTS = 100.0  # far below what any floor item gives
_ROWS = frozenset(
    {"series", "report", "procedure", "immunization", "document", "study", "microbiology"}
)


def newest_first(ranking: Ranking, chart: Chart) -> Ranking:
    """The same entries, those of the floor first and in their order, the others by their time alone."""
    times = _times(chart)
    order = sorted(times, key=lambda key: (times[key], key))
    places = {key: place for place, key in enumerate(order, start=1)}
    ranked = [_placed(one, places, len(order)) for one in ranking.ranked]
    ranked.sort(key=lambda one: (-one.score, one.key))
    visit = replace(
        ranking.visit, basis="the rules are stopped: newest first, and the safety floor", sure=False
    )
    return replace(ranking, visit=visit, ranked=tuple(ranked), absent=())


def _times(chart: Chart) -> dict[str, datetime]:
    found = {row.key: stamp(row.latest.record.taken) for row in chart.series}
    found.update((entry.key, stamp(moment(entry))) for entry in entries(chart))
    return found


def _placed(one: Ranked, places: Mapping[str, int], count: int) -> Ranked:
    floor = tuple(reason for reason in one.reasons if reason.key.startswith("floor."))
    points = round(_POINTS * places.get(one.key, 0) / max(count, 1), 2)
    newest = Reason(
        key="newest", points=points, words="newest first, while the rules are stopped", rule=RULE
    )
    return replace(
        one,
        score=round(points + sum(reason.points for reason in floor), 2),
        reasons=(*floor, newest),
        importance="should" if one.kind in _ROWS else one.importance,
        listed=(),
    )
