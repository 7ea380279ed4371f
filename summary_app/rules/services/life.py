"""The life of a version: asked for, given back, approved, published, rolled back, retired. Each step is checked and kept.

`check_x` says whether a person may take step x on a version now; `x` takes it. Both raise Refused with the reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction

from clinical.rank.ruleset_file import RuleSetInvalid
from summary_app.access.models import User
from summary_app.rules import queries
from summary_app.rules.models import Comment, Department, Rollout, RuleSetVersion, SignOff, State
from summary_app.rules.services import back, needs, reading, steps
from summary_app.rules.services.allowed import Refused


@dataclass(frozen=True)
class Scope:
    """Where and when a version is to hold. departments, roles, settings: empty = all of them."""

    departments: tuple[Department, ...] = ()
    roles: tuple[str, ...] = ()
    settings: tuple[str, ...] = ()
    percentage: int = 100
    starts: datetime | None = None
    shadow: bool = False
    stop_criteria: Mapping[str, float] = field(default_factory=dict)


def check_ask(user: User, version: RuleSetVersion, *, now: datetime) -> None:
    steps.check(user, "ask", version, now=now)
    try:
        reading.read(version.text)
    except RuleSetInvalid as error:
        raise Refused(f"It cannot be read: {error}") from None


def ask(user: User, version: RuleSetVersion, *, why: str, now: datetime) -> None:
    """The draft is finished and somebody else shall look at it."""
    check_ask(user, version, now=now)
    _move(user, "ask", version, State.IN_REVIEW, why, now=now, asked=now)


def give_back(user: User, version: RuleSetVersion, *, why: str, now: datetime) -> None:
    """Back to its writers; what was approved is approved no longer."""
    steps.check(user, "give_back", version, now=now)
    if version.rollouts.filter(ended=None).exists():
        raise Refused("It runs silently somewhere. End that first.")
    _move(user, "give_back", version, State.DRAFT, why, now=now, approved=None, reviewer=None)


def check_approve(user: User, version: RuleSetVersion, *, now: datetime) -> None:
    steps.check(user, "approve", version, now=now)


def approve(user: User, version: RuleSetVersion, *, why: str, now: datetime) -> None:
    check_approve(user, version, now=now)
    _move(user, "approve", version, State.APPROVED, why, now=now, approved=now, reviewer=user)


def sign_off(
    user: User,
    version: RuleSetVersion,
    department: Department | None,
    *,
    clinician: str,
    now: datetime,
) -> SignOff:
    """A named clinician of that department vouches for the version there."""
    steps.check(user, "sign_off", version, now=now)
    if not clinician.strip():
        raise Refused("Name the clinician who signs off.")
    with transaction.atomic():
        made = SignOff.objects.create(
            version=version,
            department=department,
            clinician=clinician.strip()[:200],
            by=user,
            at=now,
        )
        place = department.name if department is not None else "the whole site"
        why = f"{made.clinician} for {place}"
        steps.write_down(user, "sign_off", version, version.state, version.state, why, now=now)
    return made


def comment(
    user: User, version: RuleSetVersion, text: str, *, now: datetime, item: str = ""
) -> Comment:
    steps.check(user, "comment", version, now=now)
    if not text.strip():
        raise Refused("Nothing was written.")
    return Comment.objects.create(
        version=version, item=item[:80], by=user, at=now, text=text.strip()[:2000]
    )


# ---- in force -----------------------------------------------------------------------------------------------------


def check_publish(user: User, version: RuleSetVersion, scope: Scope, *, now: datetime) -> None:
    steps.check(user, "shadow" if scope.shadow else "publish", version, now=now)
    if not scope.shadow:
        missing = needs.missing(version, scope.departments)
        if missing:
            raise Refused(" ".join(missing))


def publish(
    user: User, version: RuleSetVersion, scope: Scope, *, why: str, now: datetime
) -> Rollout:
    """The version holds in that scope from its date. A shadow is computed beside and seen by nobody."""
    check_publish(user, version, scope, now=now)
    with transaction.atomic():
        made = _rollout(user, version, scope, now=now)
        action = "shadow" if scope.shadow else "publish"
        state = version.state if scope.shadow else State.PUBLISHED
        more = {} if scope.shadow or version.published else {"published": now}
        _move(user, action, version, state, why, now=now, **more)
        steps.in_force_changed()
    return made


def end(user: User, rollout: Rollout, *, why: str, now: datetime) -> None:
    """A roll-out ends by itself: what held in its place before holds again."""
    action = "shadow" if rollout.shadow else "roll_back"
    steps.check(user, action, rollout.version, now=now)
    with transaction.atomic():
        _end_once(user, rollout, why, now)
        steps.write_down(
            user, "end", rollout.version, rollout.version.state, rollout.version.state, why, now=now
        )
        steps.in_force_changed()


def roll_back(
    user: User, rollout: Rollout, *, to: int | None = None, why: str = "", now: datetime
) -> None:
    """One click. Without `to` what held there before holds again; with it that earlier version does, 1 is the shipped pack.

    Other places keep what they have: the shipped pack, which cannot stand above a roll-out that reaches further, is refused.
    """
    version = rollout.version
    steps.check(user, "roll_back", version, now=now)
    if rollout.shadow:
        raise Refused("It runs silently and holds nowhere: end it instead.")
    earlier = back.chosen(rollout, to)
    with transaction.atomic():
        _end_once(user, rollout, why or "rolled back", now)
        # Looked for only now: what somebody else published or ended meanwhile counts.
        beside = back.beside(rollout) if to == reading.SHIPPED else []
        ending = [rollout, *beside]
        words = f"back to {back.words(rollout, to)}. {why}".strip()
        _end(user, beside, why or "rolled back", now)
        if earlier is not None:
            again = _rollout(user, earlier, _scope_of(rollout), now=now)
            again.departments.set(rollout.departments.all())
        for one in {one.version_id: one.version for one in ending}.values():
            state = State.PUBLISHED if _still_open(one) else State.RETIRED
            if one.pk == version.pk or state != one.state:
                _move(user, "roll_back", one, state, words, now=now)
        if earlier is not None and earlier.state != State.PUBLISHED:
            _move(user, "roll_back", earlier, State.PUBLISHED, words, now=now)
        steps.in_force_changed()


def retire(user: User, version: RuleSetVersion, *, why: str, now: datetime) -> None:
    """It holds nowhere any more."""
    steps.check(user, "retire", version, now=now)
    with transaction.atomic():
        _end(user, queries.rollouts_of(version.pk), why or "retired", now)
        _move(user, "retire", version, State.RETIRED, why, now=now)
        steps.in_force_changed()


def stop_all(user: User, *, why: str, now: datetime) -> None:
    """The switch: no rule holds anywhere; newest first, and the floor."""
    steps.check(user, "stop", None, now=now)
    with transaction.atomic():
        steps.set_stopped(True)
        steps.write_down(user, "stop", None, "", "", why, now=now)


def resume(user: User, *, why: str, now: datetime) -> None:
    steps.check(user, "resume", None, now=now)
    with transaction.atomic():
        steps.set_stopped(False)
        steps.write_down(user, "resume", None, "", "", why, now=now)


# ---- parts --------------------------------------------------------------------------------------------------------


def _move(
    user: User,
    action: str,
    version: RuleSetVersion,
    to: str,
    why: str,
    *,
    now: datetime,
    **fields: object,
) -> None:
    """From the state it was seen in, or not at all: two people cannot both take the same step."""
    before = version.state
    with transaction.atomic():
        mine = RuleSetVersion.objects.filter(pk=version.pk, state=before)
        if not mine.update(state=to, **fields):
            raise Refused("Somebody else has just changed this version. Reload it.")
        steps.write_down(user, action, version, before, to, why, now=now)
    version.refresh_from_db()


def _rollout(user: User, version: RuleSetVersion, scope: Scope, *, now: datetime) -> Rollout:
    if not 1 <= scope.percentage <= 100:
        raise Refused("A percentage is from 1 to 100.")
    made = Rollout.objects.create(
        version=version,
        roles=" ".join(scope.roles),
        settings=" ".join(scope.settings),
        percentage=scope.percentage,
        starts=max(scope.starts or now, now),
        shadow=scope.shadow,
        stop_criteria=dict(scope.stop_criteria),
        made_by=user,
        made=now,
    )
    made.departments.set(scope.departments)
    return made


def _scope_of(rollout: Rollout) -> Scope:
    return Scope(
        roles=tuple(rollout.roles.split()),
        settings=tuple(rollout.settings.split()),
        percentage=rollout.percentage,
        stop_criteria=rollout.stop_criteria,
    )


def _end_once(user: User, rollout: Rollout, why: str, now: datetime) -> None:
    """Two people, or one old page, cannot end the same roll-out twice. Raises Refused."""
    if not _end(user, [rollout], why, now):
        raise Refused("This roll-out has ended already. Reload the page.")


def _end(user: User, rollouts: Iterable[Rollout], why: str, now: datetime) -> int:
    """How many of them were still open."""
    keys = [one.pk for one in rollouts]
    return Rollout.objects.filter(pk__in=keys, ended=None).update(
        ended=now, ended_by=user, end_why=why[:300]
    )


def _still_open(version: RuleSetVersion) -> bool:
    return version.rollouts.filter(ended=None, shadow=False).exists()
