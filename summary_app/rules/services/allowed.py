"""Who may do what with rules, and in which state. One pure table; a test walks over all of it.

The four roles are Django permissions, and have nothing to do with the right to see a patient.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.auth.models import Group, Permission
from django.db.models import Q, QuerySet

from summary_app.access.models import User
from summary_app.rules.models import RuleSetVersion, State

AUTHOR, REVIEWER, PUBLISHER, VIEWER = "author", "reviewer", "publisher", "viewer"
ROLES = (AUTHOR, REVIEWER, PUBLISHER, VIEWER)
PERMISSIONS = {
    AUTHOR: "author_rules",
    REVIEWER: "review_rules",
    PUBLISHER: "publish_rules",
    VIEWER: "read_rules",
}
GROUPS = {role: f"Rule {role}s" for role in ROLES}
ALONE = timedelta(
    hours=24
)  # what a site with one clinician waits in place of a second pair of eyes
ANY = frozenset(State.values)
_RULES: dict[str, tuple[frozenset[str], frozenset[str]]] = {
    "read": (frozenset(ROLES), ANY),
    "export": (frozenset(ROLES), ANY),
    "comment": (frozenset(ROLES), ANY),
    "replay": (frozenset({AUTHOR, REVIEWER, PUBLISHER}), ANY),
    "start": (frozenset({AUTHOR}), ANY),
    "answer": (frozenset({AUTHOR}), ANY),
    "write": (frozenset({AUTHOR}), frozenset({State.DRAFT})),
    "ask": (frozenset({AUTHOR}), frozenset({State.DRAFT})),
    "give_back": (frozenset({AUTHOR, REVIEWER}), frozenset({State.IN_REVIEW, State.APPROVED})),
    "approve": (frozenset({REVIEWER}), frozenset({State.IN_REVIEW})),
    "sign_off": (
        frozenset({REVIEWER, PUBLISHER}),
        frozenset({State.IN_REVIEW, State.APPROVED, State.PUBLISHED}),
    ),
    "shadow": (frozenset({PUBLISHER}), frozenset({State.IN_REVIEW, State.APPROVED})),
    "publish": (frozenset({PUBLISHER}), frozenset({State.APPROVED, State.PUBLISHED})),
    "roll_back": (frozenset({PUBLISHER}), frozenset({State.PUBLISHED})),
    "retire": (frozenset({PUBLISHER}), frozenset({State.APPROVED, State.PUBLISHED})),
    "stop": (frozenset({AUTHOR, REVIEWER, PUBLISHER}), ANY),
    "resume": (frozenset({PUBLISHER}), ANY),
}
ACTIONS = tuple(_RULES)


class Refused(Exception):
    """Not allowed; the message says why, in words for the person."""


@dataclass(frozen=True)
class Case:
    """What a decision rests on. wrote: this person wrote a part of it. alone: nobody else here may review."""

    state: str
    wrote: bool = False
    alone: bool = False
    asked: datetime | None = None


def refusal(action: str, roles: frozenset[str], case: Case, *, now: datetime) -> str:
    """Why not, in words; "" when it is allowed."""
    who, states = _RULES[action]
    if not roles:
        return "You have no role in the rules here. Ask the administrator."
    if not who & roles:
        return f"This needs the role of {' or '.join(sorted(who))}."
    if case.state not in states:
        return f"This version is {State(case.state).label}."
    if action == "approve" and case.wrote:
        return _by_the_writer(case, now)
    return ""


def _by_the_writer(case: Case, now: datetime) -> str:
    """Four eyes; where there are only two, a night between the writing and the second look."""
    if not case.alone:
        return "Somebody who did not write it must approve it."
    if case.asked is None or now - case.asked < ALONE:
        return "Nobody else here may review: approve it 24 hours after you asked for the review."
    return ""


def roles_of(user: object) -> frozenset[str]:
    """The roles of a person; none for somebody signed off or disabled."""
    if not isinstance(user, User) or not user.is_active:
        return frozenset()
    return frozenset(
        role for role, name in PERMISSIONS.items() if user.has_perm(f"summary_app.{name}")
    )


def case_of(user: User, version: RuleSetVersion) -> Case:
    return Case(
        state=version.state,
        wrote=version.author_id == user.pk or version.writers.filter(pk=user.pk).exists(),
        alone=not _reviewers().exclude(pk=user.pk).exists(),
        asked=version.asked,
    )


def why_not(action: str, user: object, version: RuleSetVersion | None, *, now: datetime) -> str:
    """Why this person may not do this now; "" when they may. version: None for what concerns all rules."""
    roles = roles_of(user)
    if version is None or not isinstance(user, User):
        return refusal(action, roles, Case(State.PUBLISHED), now=now)
    return refusal(action, roles, case_of(user, version), now=now)


def make_groups(**_: object) -> None:
    """The four groups that an administrator puts people into. Safe to run again."""
    for role, name in GROUPS.items():
        group, _made = Group.objects.get_or_create(name=name)
        codename = PERMISSIONS[role]
        found = Permission.objects.filter(
            codename=codename, content_type__app_label="summary_app"
        ).first()
        if found is not None:
            group.permissions.add(found)


def give(user: User, roles: Iterable[str]) -> None:
    """Exactly these roles, by the groups that an administrator uses as well."""
    wanted = [GROUPS[role] for role in roles]
    user.groups.remove(*Group.objects.filter(name__in=GROUPS.values()))
    user.groups.add(*Group.objects.filter(name__in=wanted))


def _reviewers() -> QuerySet[User]:
    codename = PERMISSIONS[REVIEWER]
    mine = Q(user_permissions__codename=codename) | Q(groups__permissions__codename=codename)
    return User.objects.filter(mine | Q(is_superuser=True), is_active=True).distinct()
