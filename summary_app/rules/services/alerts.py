"""Stop criteria that are met or near, of every roll-out that holds: told on the first page of the rules."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from summary_app.rules import queries
from summary_app.rules.models import Replay, Rollout
from summary_app.rules.services import criteria, reports, shadowing
from summary_app.rules.services.criteria import Criterion

_TOLD = ("met", "near")


@dataclass(frozen=True)
class Alert:
    rollout: Rollout
    lines: tuple[Criterion, ...]

    @property
    def met(self) -> bool:
        return any(one.state == "met" for one in self.lines)


def figures(rollout: Rollout) -> dict[str, float]:
    """What is known now: of the newest finished replay of its version, and of its silent comparison."""
    found = shadowing.figures(rollout)
    done = next(
        (one for one in queries.replays(rollout.version_id) if one.state == Replay.State.DONE), None
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
