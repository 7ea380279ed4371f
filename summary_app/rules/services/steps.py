"""Checks of a person's step, and the record of it: taken or refused, who, when, why."""

from __future__ import annotations

from datetime import datetime

from django.db.models import F

from summary_app.access.models import User
from summary_app.rules.models import RuleSetVersion, RulesState, Transition
from summary_app.rules.services import allowed, in_force
from summary_app.rules.services.allowed import Refused


def check(user: User, action: str, version: RuleSetVersion | None, *, now: datetime) -> None:
    """Raises Refused with the reason; the refusal is written down."""
    reason = allowed.why_not(action, user, version, now=now)
    if reason:
        state = version.state if version is not None else ""
        write_down(user, action, version, state, state, reason, now=now, refused=True)
        raise Refused(reason)


def write_down(
    user: User,
    action: str,
    version: RuleSetVersion | None,
    before: str,
    after: str,
    why: str,
    *,
    now: datetime,
    refused: bool = False,
) -> None:
    Transition.objects.create(
        version=version,
        action=action[:20],
        from_state=before,
        to_state=after,
        by=user,
        at=now,
        why=why[:1000],
        refused=refused,
    )


def in_force_changed() -> None:
    """Every process sees another revision at its next look. Inside the transaction of the change."""
    RulesState.objects.get_or_create(pk=1)
    RulesState.objects.filter(pk=1).update(revision=F("revision") + 1)
    in_force.forget()


def set_stopped(stopped: bool) -> None:
    RulesState.objects.get_or_create(pk=1)
    RulesState.objects.filter(pk=1).update(revision=F("revision") + 1, stopped=stopped)
    in_force.forget()
