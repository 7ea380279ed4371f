"""A version that runs silently: each finished page is ranked with it once more, and the differences are counted.

Done after the page was made (see `behind`); what comes while that is busy is counted as skipped.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from django.db import transaction

from clinical import rank
from clinical.pipeline import Built
from clinical.rank.library import Library
from clinical.rank.matching import match
from clinical.rank.ruleset_file import RuleSetInvalid
from clinical.records import Ranking
from summary_app.access.door import Opening
from summary_app.rules import queries
from summary_app.rules.models import Rollout, ShadowCount
from summary_app.rules.services import behind, in_force
from summary_app.rules.services.in_force import RolloutOf, Where

log = logging.getLogger(__name__)
_MOST_ITEMS = 100


@dataclass(frozen=True)
class ShadowReport:
    """days: (day, percent that differ). items: (label or id, openings where only the draft shows it, only the present one)."""

    openings: int
    differing: int
    skipped: int
    days: tuple[tuple[str, float], ...]
    items: tuple[tuple[str, int, int], ...]

    @property
    def percent(self) -> float | None:
        return 100 * self.differing / self.openings if self.openings else None

    @property
    def line(self) -> str:
        """Points of the share of each day, 300 wide and 60 high, zero at the bottom; "" for fewer than two days."""
        step = 300 / max(len(self.days) - 1, 1)
        points = (
            f"{place * step:.0f},{self.at(share)}" for place, (_, share) in enumerate(self.days)
        )
        return " ".join(points) if len(self.days) > 1 else ""

    def at(self, share: float) -> int:
        """Where a share stands in that picture, in points from its top. The picture holds twenty percent at least."""
        most = max((20.0, *(day for _, day in self.days)))
        return round(60 - 60 * share / most)


def limit_at(rollout: Rollout, found: ShadowReport) -> int | None:
    """Where the limit of its stop criterion stands; None without one, or above the picture."""
    limit = rollout.stop_criteria.get("shadow_percent")
    place = found.at(float(limit)) if limit is not None else -1
    return place if place >= 0 else None


def note(opening: Opening, built: Built, where: Where, *, as_of: datetime) -> None:
    """Once for each finished page. Returns at once."""
    for shadow in in_force.shadows_of(where, now=as_of):
        held = in_force.rules_for(where, now=as_of).library
        try:
            silent = in_force.with_shadow(shadow, where, now=as_of).library
        except RuleSetInvalid as error:
            log.error("A silent version cannot be used: %s", error)
            continue
        work = partial(compare, opening, built, where, shadow, held, silent, as_of)
        if not behind.later(work):
            _count(shadow, where, built.ranking, as_of, skipped=1)


def compare(
    opening: Opening,
    built: Built,
    where: Where,
    shadow: RolloutOf,
    held: Library,
    silent: Library,
    as_of: datetime,
) -> None:
    """Ranks the chart with the silent version and counts what differs among must-see and floor rows."""
    visit = rank.recognise(
        built.chart, encounter_id=opening.encounter, as_of=as_of, library=silent,
        chosen=opening.visit_choice or None, role=opening.role,
    )  # fmt: skip
    other = rank.rank(
        built.chart,
        visit=visit,
        library=silent,
        last_seen=built.viewer.last_seen,
        role=opening.role,
        as_of=as_of,
    )
    mine, theirs = _fixed(built.ranking), _fixed(other)
    matches = match(built.chart, silent)
    only = Counter({f"+{name}": 1 for name in _items(theirs - mine, matches)})
    only.update({f"-{name}": 1 for name in _items(mine - theirs, matches)})
    _count(
        shadow, where, built.ranking, as_of, openings=1, differing=int(mine != theirs), items=only
    )


def report(rollout: Rollout) -> ShadowReport:
    rows = queries.shadow_counts(rollout.pk)
    items: Counter[str] = Counter()
    for row in rows:
        items.update(row.items)
    names = sorted(
        {name[1:] for name in items}, key=lambda n: (-(items[f"+{n}"] + items[f"-{n}"]), n)
    )
    by_day: dict[str, list[int]] = {}
    for row in rows:
        found = by_day.setdefault(f"{row.day:%d-%b}", [0, 0])
        found[0] += row.openings
        found[1] += row.differing
    return ShadowReport(
        openings=sum(row.openings for row in rows),
        differing=sum(row.differing for row in rows),
        skipped=sum(row.skipped for row in rows),
        days=tuple((day, 100 * b / a) for day, (a, b) in by_day.items() if a),
        items=tuple((_label(name), items[f"+{name}"], items[f"-{name}"]) for name in names[:10]),
    )


def figures(rollout: Rollout) -> dict[str, float]:
    """For the stop criteria: disagreement on the last day that has any openings."""
    days = report(rollout).days
    return {"shadow_percent": days[-1][1]} if days else {}


def _fixed(ranking: Ranking) -> frozenset[str]:
    return frozenset(one.key for one in ranking.ranked if one.importance == "must" or one.floor)


def _items(keys: frozenset[str], matches: Mapping[str, tuple[str, ...]]) -> set[str]:
    return {matches[key][0] if matches.get(key) else "no item" for key in keys}


def _label(name: str) -> str:
    item = rank.load().items.get(name)
    return item.label if item is not None else name


def _count(
    shadow: RolloutOf, where: Where, ranking: Ranking, as_of: datetime, *,
    openings: int = 0, differing: int = 0, skipped: int = 0, items: Counter[str] | None = None,
) -> None:  # fmt: skip
    with transaction.atomic():
        row, _made = ShadowCount.objects.select_for_update().get_or_create(
            rollout_id=shadow.id,
            day=as_of.date(),
            department=where.department,
            context=" and ".join(ranking.visit.titles)[:200],
        )
        row.openings += openings
        row.differing += differing
        row.skipped += skipped
        row.items = dict((Counter(row.items) + (items or Counter())).most_common(_MOST_ITEMS))
        row.save()
