"""The scores of a chart over time: sets, exclusions, scale, the source's own scores, and how the newest stands."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from datetime import datetime
from operator import attrgetter
from typing import Literal

from clinical.records import Chart, Frozen

from .applicable import Decision, Exclusions, scale_at, scale_decisions
from .news2 import PARTS, Score, score
from .policy import Policy
from .reading import Reading, Readings
from .sets import WITHIN, ObservationSet, sets_of

_RECHECK_PARTS = 3
Standing = Literal["scored", "incomplete", "unmeasured", "not for this patient"]


class Scored(Frozen, frozen=True):
    """One set with its score; score None: NEWS2 was not meant for this patient then (`not_for` says why).

    own: the source's own NEWS2 nearest to the set, within half an hour.
    """

    set: ObservationSet
    score: Score | None
    decision: Decision
    not_for: str = ""
    own: Reading | None = None

    @property
    def at(self) -> datetime:
        return self.set.at

    @property
    def differs(self) -> bool:
        """The source's own total is not ours, and ours is complete."""
        if self.score is None or not self.score.complete or self.own is None:
            return False
        return self.own.usable and self.own.value is not None and self.own.value != self.score.least


class Assessment(Frozen, frozen=True):
    """standing: of now. scored: all sets, oldest first. current: the newest set, if it is young enough to be used.

    last: the newest set whatever its age. rechecks: sets of few parts after the current one, which they do not replace. not_for: why there is no score for this patient now. decision: for now.
    """

    standing: Standing
    scored: tuple[Scored, ...]
    current: Scored | None
    last: Scored | None
    decision: Decision
    not_for: str = ""
    own: Reading | None = None
    rechecks: tuple[Scored, ...] = ()

    @property
    def least(self) -> int:
        """What was reached by the current set, or by a recheck after it."""
        reached = [one.score.least for one in self._counted() if one.score is not None]
        return max(reached, default=0)

    @property
    def worst_part(self) -> int:
        scores = [one.score for one in self._counted() if one.score is not None]
        return max((part.points or 0 for score in scores for part in score.parts), default=0)

    def _counted(self) -> tuple[Scored, ...]:
        return (self.current, *self.rechecks) if self.current is not None else ()

    def at(self, moment: datetime) -> Scored | None:
        """The newest set not later than this moment."""
        found = bisect_right(self.scored, moment, key=attrgetter("set.at"))
        return self.scored[found - 1] if found else None


class Scorer:
    """The sets of one chart with their scores, each worked out when it is first asked for.

    Nothing here depends on the present moment: one scorer serves a chart for as long as it does not change.
    """

    def __init__(self, chart: Chart, readings: Readings) -> None:
        self.sets = sets_of(readings)
        self.decisions = scale_decisions(chart)
        self.own = tuple(one for one in readings.of("news2") if one.timed)
        self.excluded = Exclusions(chart)
        self._known: dict[int, Scored] = {}

    def between(self, since: datetime | None, until: datetime) -> tuple[Scored, ...]:
        """Sets from `since` to `until`, oldest first; the last one before that when there are none."""
        end = bisect_right(self.sets, until, key=_at)
        start = bisect_left(self.sets, since, hi=end, key=_at) if since is not None else 0
        return tuple(self._scored(place) for place in range(min(start, max(0, end - 1)), end))

    def _scored(self, place: int) -> Scored:
        known = self._known.get(place)
        if known is None:
            one = self.sets[place]
            known = _scored(one, self.decisions, self.own, self.excluded)
            self._known[place] = known
        return known


_at = attrgetter("at")
_set_at = attrgetter("set.at")


def assess(
    chart: Chart,
    readings: Readings,
    *,
    policy: Policy,
    as_of: datetime,
    since: datetime | None = None,
    scorer: Scorer | None = None,
) -> Assessment:
    """The scores of this chart as of a moment; measurements later than it are left to the flow sheet.

    since: sets older than this are not scored (they are many, and the window does not show them). scorer: of the same
    chart, from an earlier moment.
    """
    scorer = scorer or Scorer(chart, readings)
    scored = scorer.between(since, as_of)
    reason = scorer.excluded.exactly(as_of)
    last = scored[-1] if scored else None
    current = _current(scored, policy, as_of)
    return Assessment(
        standing=_standing(current, reason),
        scored=scored,
        current=current,
        last=last,
        decision=scale_at(scorer.decisions, as_of),
        not_for=reason,
        own=scorer.own[-1] if scorer.own else None,
        rechecks=_after(scored, current),
    )


def _current(scored: Sequence[Scored], policy: Policy, as_of: datetime) -> Scored | None:
    """The newest set, if it is young enough. A few parts measured again do not replace the fuller set before them
    while that one is inside its own interval and grace: one repeated pressure must not hide a score of eight."""
    last = scored[-1] if scored else None
    if last is None or as_of - last.at > policy.usable:
        return None
    for one in reversed(scored):
        if _measured(one) > _RECHECK_PARTS:
            return one if _holds(one, policy, as_of) else last
    return last


def _measured(one: Scored) -> int:
    return sum(reading.usable for key, reading in one.set.chosen.items() if key in PARTS)


def _holds(one: Scored, policy: Policy, as_of: datetime) -> bool:
    band = one.score.band if one.score is not None else ""
    wanted = policy.by_band.get(band) or policy.by_band[""]
    return wanted.every is None or as_of - one.at <= wanted.every + wanted.grace


def _after(scored: Sequence[Scored], current: Scored | None) -> tuple[Scored, ...]:
    if current is None:
        return ()
    return tuple(scored[bisect_right(scored, current.at, key=_set_at) :])


def _scored(
    one: ObservationSet,
    decisions: Sequence[Decision],
    own: Sequence[Reading],
    excluded: Exclusions,
) -> Scored:
    decision = scale_at(decisions, one.at)
    reason = excluded.at(one.at)
    return Scored(
        set=one,
        score=None if reason else score(one.chosen, scale=decision.scale),
        decision=decision,
        not_for=reason,
        own=_nearest(own, one.at),
    )


def _nearest(own: Sequence[Reading], at: datetime) -> Reading | None:
    """The source's score within half an hour of the set; of several the nearest, then the later."""
    if not own:
        return None
    place = bisect_right(own, at, key=attrgetter("at"))
    near = [one for one in own[max(0, place - 1) : place + 1] if abs(one.at - at) <= WITHIN]
    return min(near, key=lambda one: (abs(one.at - at), -one.at.timestamp())) if near else None


def _standing(current: Scored | None, reason: str) -> Standing:
    if reason:
        return "not for this patient"
    if current is None or current.score is None or current.score.measured == 0:
        return "unmeasured"
    return "scored" if current.score.complete else "incomplete"
