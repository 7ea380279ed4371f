"""What a clinician or a department wants first on their own screen, laid over a ranking. It never touches the floor."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from msgspec.structs import replace

from clinical.rank import score
from clinical.rank.library import Base, Importance, Library
from clinical.rank.matching import match
from clinical.records import Chart, Ranked, Ranking, Reason

RULE = "preference"
_ORDER = (
    40.0  # what the first of a department's order gains; less than the step between importances
)


class Preferences(Base, frozen=True):
    """ways: item id -> "pin" or "lower", of the person. order: item ids that the department wants first."""

    ways: Mapping[str, Literal["pin", "lower"]] = {}
    order: tuple[str, ...] = ()


NONE = Preferences()


def prefer(ranking: Ranking, chart: Chart, wanted: Preferences, library: Library) -> Ranking:
    """The ranking with these preferences, each as a reason. An item of the floor can be pinned, never lowered."""
    if not wanted.ways and not wanted.order:
        return ranking
    matches = match(chart, library)
    ranked = [_preferred(one, matches.get(one.key, ()), wanted) for one in ranking.ranked]
    ranked.sort(key=lambda one: (-one.score, one.key))
    return replace(ranking, ranked=tuple(ranked))


def _preferred(one: Ranked, items: tuple[str, ...], wanted: Preferences) -> Ranked:
    ways = {wanted.ways[item] for item in items if item in wanted.ways}
    if "pin" in ways:
        return _moved(one, "must", "pinned by you")
    if "lower" in ways and not one.floor and one.importance in ("must", "should"):
        return _moved(one, "background", "lowered by you")
    places = [wanted.order.index(item) for item in items if item in wanted.order]
    if places and one.importance in ("must", "should"):
        points = round(_ORDER * (1 - min(places) / len(wanted.order)), 2)
        return _with(one, points, "in the order of your department")
    return one


def _moved(one: Ranked, to: Importance, words: str) -> Ranked:
    before = score.IMPORTANCE[one.importance] if one.importance else 0.0
    return replace(_with(one, score.IMPORTANCE[to] - before, words), importance=to)


def _with(one: Ranked, points: float, words: str) -> Ranked:
    reason = Reason(key="preference", points=round(points, 2), words=words, rule=RULE)
    return replace(one, score=round(one.score + points, 2), reasons=(*one.reasons, reason))
