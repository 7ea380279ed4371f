"""The order of a ward, and why each patient stands where they stand. Pure.

1. See now: a score of at least 7, or a new critical result. 2. See soon: at least 5, a part that scores 3, a missing
part that could still make it either, no usable set, or nothing read at all. 3. Then: those without a score for this
patient, and complete scores of 0 to 4. A new critical result counts before the score. Among patients alike in that, one who is unmeasured
or incomplete never stands below one who is complete with the same or a lower score.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Literal

from clinical.records import Frozen

from .judge import Level
from .news2 import Band
from .sheet_model import Rung, ScoreTrend

Group = Literal["now", "soon", "then"]
GROUPS: tuple[Group, ...] = ("now", "soon", "then")
Standing = Literal["scored", "incomplete", "unmeasured", "not for this patient"]


class Place(Frozen, frozen=True):
    """What decides where a patient stands.

    critical: a critical result of this shift or handed over with it, that is not known to be acknowledged. least: what
    was reached (of an unmeasured patient the last known score, only to keep a high one high). worst_part: the highest
    part. possible: the band that the missing parts could reach. unmeasured_for: since the newest set, None = never.
    late: how far past interval and grace.
    """

    standing: Standing
    least: int = 0
    worst_part: int = 0
    possible: Band = ""
    critical: bool = False
    overdue: bool = False
    late: timedelta = timedelta(0)
    unmeasured_for: timedelta | None = None
    unmeasured_as: int = 5
    bed: str = ""


def rank_score(place: Place) -> int:
    """The score a patient is ranked with: an unmeasured one as the unit's policy says, never below the last one."""
    if place.standing == "unmeasured":
        return max(place.unmeasured_as, place.least)
    return place.least


def group_of(place: Place) -> Group:
    if place.critical or (place.standing != "not for this patient" and rank_score(place) >= 7):
        return "now"
    if place.standing == "not for this patient":
        return "then"
    if place.standing == "unmeasured":
        return "soon"
    reached = place.least >= 5 or place.worst_part == 3
    could = place.standing == "incomplete" and place.possible in ("one part", "medium", "high")
    return "soon" if reached or could else "then"


_CERTAINTY = {"unmeasured": 0, "incomplete": 1, "not for this patient": 2, "scored": 3}


def order_key(place: Place) -> tuple[object, ...]:
    """Ascending: the first is seen first."""
    group = GROUPS.index(group_of(place))
    score, certainty = rank_score(place), _CERTAINTY[place.standing]
    # "Not scored is not low": in the last group those without a score come before every score.
    unscored = 0 if place.standing == "not for this patient" else 1
    punctual = 0 if place.overdue else 1
    return (
        not place.critical,
        group,
        unscored if group == 2 else 0,
        -score,
        min(certainty, 2) if place.standing != "scored" else 2 + punctual,
        -place.late.total_seconds(),
        _bed_key(place.bed),
    )


def by_silence(place: Place) -> tuple[object, ...]:
    """The other order: longest without a set first; never measured before all."""
    silent = place.unmeasured_for
    return (silent is not None, -(silent.total_seconds() if silent else 0.0), _bed_key(place.bed))


def _bed_key(bed: str) -> tuple[int, str]:
    digits = "".join(ch for ch in bed if ch.isdigit())
    return (int(digits) if digits else 10_000, bed)


# ---- the lines as printed ----------------------------------------------------------------------------------------


class BoardLine(Frozen, frozen=True):
    """One patient. key: opaque, for the link. why: (bold, rest). news: critical results in words. late: overdue signs.

    stale_words: when its source did not answer this time ("Lakeside 01:58, out of date"). place: for sorting.
    """

    key: str
    place: Place
    bed: str
    name: str
    about: str  # "68 M · 02-May-1958 · COPD, day 3"
    prefix: str
    number: str
    level: Level
    ladder: tuple[Rung, Rung, Rung, Rung] | None
    trend: ScoreTrend
    change: str
    measured: str
    late: tuple[str, ...] = ()
    news: tuple[str, ...] = ()
    why: tuple[str, str] = ("", "")
    isolation: tuple[str, bool] = ("", False)
    code: tuple[str, bool] = ("", False)
    stale_words: str = ""
    sources: tuple[str, ...] = ()
    source: str = ""


class BoardGroup(Frozen, frozen=True):
    key: Group
    heading: str
    aside: str
    lines: tuple[BoardLine, ...]


HEADINGS: dict[Group, tuple[str, str]] = {
    "now": ("See now", "high, or a new critical result"),
    "soon": (
        "See soon",
        "5–6, a part scoring 3, a missing part that could, not measured or not read",
    ),
    "then": ("Then", "0–4 and complete, or no score for this patient; overdue first"),
}


def grouped(lines: Iterable[BoardLine]) -> tuple[BoardGroup, ...]:
    """The lines under their headings, worst first; empty groups are left out."""
    ordered = sorted(lines, key=lambda line: order_key(line.place))
    found = []
    for key in GROUPS:
        inside = tuple(line for line in ordered if group_of(line.place) == key)
        if inside:
            heading, aside = HEADINGS[key]
            found.append(BoardGroup(key=key, heading=heading, aside=aside, lines=inside))
    return tuple(found)


def silent_first(lines: Iterable[BoardLine]) -> tuple[BoardLine, ...]:
    return tuple(sorted(lines, key=lambda line: by_silence(line.place)))
