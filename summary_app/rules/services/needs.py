"""What must be there before a version may reach a department: a named clinician, and a replay on its own charts."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

from django.db.models import QuerySet

from summary_app.connections import queries as connections
from summary_app.rules import queries
from summary_app.rules.models import Department, Replay, ReplayChart, RuleSetVersion

LEAST_CHARTS = 50


def missing(version: RuleSetVersion, departments: Sequence[Department]) -> list[str]:
    """What is still to be done for these departments (none: the whole site), in sentences; [] = it may be published.

    The whole site is every department: each that treats patients vouches for itself.
    """
    reached = departments or queries.departments()
    found = [line for one in reached if one.live for line in _of(version, one)]
    if not departments and site_is_live():
        found += _of(version, None)
    return found


def before_live(department: Department, name: str) -> list[str]:
    """What the versions in force there lack before this department, of this name, treats patients; [] = nothing."""
    there = Department(pk=department.pk, name=name, live=True)
    found: dict[str, None] = {}
    for one in queries.open_rollouts():
        scope = {each.pk for each in one.departments.all()}
        if not one.shadow and (not scope or there.pk in scope):
            title = f"{one.version.rule_set.context} v{one.version.number}"
            found.update(dict.fromkeys(f"{title}: {line}" for line in _of(one.version, there)))
    return list(found)


def site_is_live() -> bool:
    """A site whose EHRs are all test systems has no patients."""
    return any(not one.test for one in connections.active())


def _of(version: RuleSetVersion, department: Department | None) -> Iterable[str]:
    place = department.name if department is not None else "The whole site"
    signed = {one.department_id for one in queries.sign_offs(version.pk)}
    key = department.pk if department is not None else None
    if key not in signed:
        yield f"{place}: no named clinician has signed off."
    charts = replayed(version, department)
    if charts < LEAST_CHARTS:
        yield f"{place}: replayed on {charts} of its own charts, {LEAST_CHARTS} are needed."
    if floor_hits(version):
        yield f"{place}: the replay found floor items that it would hide."


def replayed(version: RuleSetVersion, department: Department | None) -> int:
    """Charts of that department on which this very text was tried."""
    found = _charts(version)
    if department is not None:
        found = found.filter(department=department.name)
    return found.values("context").distinct().count()


def floor_hits(version: RuleSetVersion) -> int:
    return sum(
        int(one.get("floor_lost", 0)) for one in _charts(version).values_list("result", flat=True)
    )


def text_hash(version: RuleSetVersion) -> str:
    return hashlib.sha256(version.text.encode()).hexdigest()


def _charts(version: RuleSetVersion) -> QuerySet[ReplayChart]:
    return ReplayChart.objects.filter(
        replay__version=version,
        replay__text_hash=text_hash(version),
        replay__state__in=(Replay.State.DONE, Replay.State.STOPPED, Replay.State.RUNNING),
        state=ReplayChart.State.DONE,
    )
