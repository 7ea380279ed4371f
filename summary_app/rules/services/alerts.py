"""Stop criteria that are met or near, of every roll-out that holds: told on the first page of the rules.

What is met is also written down when it is first seen, and told to the team on the front door and in the log.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime

from summary_app.rules import queries
from summary_app.rules.models import CriterionMet, Replay, Rollout
from summary_app.rules.services import adoption, allowed, criteria, reports, shadowing
from summary_app.rules.services.criteria import Criterion

log = logging.getLogger(__name__)
_TOLD = ("met", "near")


@dataclass(frozen=True)
class Alert:
    rollout: Rollout
    lines: tuple[Criterion, ...]

    @property
    def met(self) -> bool:
        return any(one.state == "met" for one in self.lines)


def figures(rollout: Rollout) -> dict[str, float]:
    """What is known now: of the newest finished replay, of the silent comparison, and of use since it began."""
    found = {**adoption.figures(rollout), **shadowing.figures(rollout)}
    done = next(
        (
            one
            for one in queries.replays(rollout.version_id)
            if one.state == Replay.State.DONE and not one.tried  # its charts are not forgotten yet
        ),
        None,
    )
    if done is not None:
        report = reports.of(done, reader_id=done.made_by_id)
        found["floor_hits"] = float(report.total.floor_lost)
        if report.worst_change is not None:
            found["recall_change"] = report.worst_change
    return found


def alerts(*, now: datetime) -> tuple[Alert, ...]:
    """Those that are met first."""
    found = []
    for rollout in queries.open_rollouts():
        if rollout.stop_criteria:
            lines = criteria.judge(rollout, figures(rollout), now=now)
            told = tuple(one for one in lines if one.state in _TOLD)
            if told:
                found.append(Alert(rollout, told))
    return tuple(sorted(found, key=lambda one: not one.met))


def write_down(*, now: datetime) -> None:
    """Each criterion that is met, once. A silent roll-out is not in use, and is not judged by its use."""
    for one in alerts(now=now):
        for line in one.lines:
            if line.state != "met" or line.value is None:
                continue
            _, made = CriterionMet.objects.get_or_create(
                rollout=one.rollout,
                name=line.name,
                defaults={"limit": line.limit, "value": line.value, "at": now},
            )
            if made:
                log.warning(
                    "Stop criterion met by %s: %s %.1f (%s %g)",
                    one.rollout, line.words, line.value, line.how, line.limit,
                )  # fmt: skip


def for_the_door(user: object) -> int:
    """How many criteria were met, for somebody with a role in the rules; 0 for everybody else."""
    return queries.criteria_met() if allowed.roles_of(user) else 0
