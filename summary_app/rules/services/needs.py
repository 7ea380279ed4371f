"""What must be there before a version may reach a department: a named clinician, and a replay on its own charts."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import QuerySet

from summary_app.connections import queries as connections
from summary_app.rules import queries
from summary_app.rules.models import Department, Replay, ReplayChart, RuleSetVersion
from summary_app.rules.services import shipped

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
    """What the packs in force there lack before this department, of this name, treats patients; [] = nothing.

    The shipped ones count always: each is one click away from a version that stands above it.
    """
    there = Department(pk=department.pk, name=name, live=True)
    found: dict[str, None] = dict.fromkeys(_of_shipped(there) if site_is_live() else ())
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


def _of_shipped(department: Department) -> Iterable[str]:
    """As `_of`, of all shipped packs at once; here a sign-off for the whole site counts too."""
    unsigned, every = shipped.unsigned(department.pk), len(shipped.hashes())
    if len(unsigned) == every:
        yield f"{department.name}: no named clinician has signed off the {every} shipped packs."
    elif unsigned:
        names = ", ".join(shipped.titles(unsigned))
        yield f"{department.name}: no named clinician has signed off {len(unsigned)} of the {every} shipped packs: {names}."
    charts = replayed(None, department)
    if charts < LEAST_CHARTS:
        yield f"{department.name}: the shipped packs were replayed on {charts} of its own charts, {LEAST_CHARTS} are needed."
    if floor_hits(None):
        yield f"{department.name}: the replay of the shipped packs found floor items that they would hide."


def replayed(version: RuleSetVersion | None, department: Department | None) -> int:
    """Charts of that department on which this very text was tried. version: None = the shipped packs together.

    Of replays whose charts are forgotten the largest counts: two of them may have had the same charts.
    """
    found = _charts(version)
    if department is not None:
        found = found.filter(department=department.name)
    return max(
        found.values("context").distinct().count(),
        *(_charts_in(one, department) for one in _forgotten(version)),
        0,
    )


def _charts_in(tried: dict[str, Any], department: Department | None) -> int:
    charts = tried["charts"]
    return charts.get(department.name, 0) if department is not None else sum(charts.values())


def floor_hits(version: RuleSetVersion | None) -> int:
    fresh = _charts(version).values_list("result", flat=True)
    return sum(int(one.get("floor_lost", 0)) for one in (*fresh, *_forgotten(version)))


def text_hash(version: RuleSetVersion | None) -> str:
    """Of what a replay tries. None: the shipped packs."""
    if version is None:
        return shipped.set_hash()
    return hashlib.sha256(version.text.encode()).hexdigest()


def _forgotten(version: RuleSetVersion | None) -> list[dict[str, Any]]:
    """What is left of replays of this text whose charts are forgotten (Replay.tried)."""
    found = Replay.objects.filter(version=version, text_hash=text_hash(version))
    return [one for one in found.values_list("tried", flat=True) if one]


def _charts(version: RuleSetVersion | None) -> QuerySet[ReplayChart]:
    return ReplayChart.objects.filter(
        replay__version=version,
        replay__text_hash=text_hash(version),
        replay__state__in=(Replay.State.DONE, Replay.State.STOPPED, Replay.State.RUNNING),
        state=ReplayChart.State.DONE,
    )
