"""Reading rule sets and what belongs to them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, datetime
from typing import NamedTuple

from django.db.models import Count, Max, Prefetch, Q, Sum

from clinical.codes import ICD10CM
from summary_app.rules.models import (
    CodeSeen,
    Comment,
    CriterionMet,
    Department,
    DepartmentOrder,
    Preference,
    Replay,
    ReplayChart,
    Rollout,
    RuleSetVersion,
    RulesState,
    ShadowCount,
    SignOff,
    Transition,
    UseCount,
    UsedBy,
    VisitCount,
)


class Standing(NamedTuple):
    """What is in force, as the rows say it. revision 0: nobody has touched anything yet."""

    revision: int
    stopped: bool


def standing() -> Standing:
    found = RulesState.objects.values_list("revision", "stopped").first()
    return Standing(*found) if found is not None else Standing(0, False)


def bounds() -> RulesState:
    return RulesState.objects.first() or RulesState()


def open_rollouts() -> list[Rollout]:
    """Every roll-out that has not ended, with its version and departments, the newest first."""
    found = Rollout.objects.filter(ended=None).select_related("version__rule_set")
    return list(found.prefetch_related("departments").order_by("-starts", "-pk"))


def versions(context: str) -> list[RuleSetVersion]:
    found = RuleSetVersion.objects.filter(rule_set__context=context)
    return list(found.select_related("rule_set", "author", "reviewer").order_by("-number"))


def version(context: str, number: int) -> RuleSetVersion | None:
    found = RuleSetVersion.objects.filter(rule_set__context=context, number=number)
    return found.select_related("rule_set", "author", "reviewer").first()


def last_number(context: str) -> int:
    """The highest number that was given; 1 is the shipped one."""
    found = RuleSetVersion.objects.filter(rule_set__context=context).aggregate(Max("number"))
    return int(found["number__max"] or 1)


def unfinished() -> list[RuleSetVersion]:
    """Drafts, and what waits for somebody, of all contexts."""
    found = RuleSetVersion.objects.filter(state__in=("draft", "in_review", "approved"))
    return list(found.select_related("rule_set", "author"))


def rollouts_of(version_id: int) -> list[Rollout]:
    found = Rollout.objects.filter(version_id=version_id).select_related(
        "made_by", "version__rule_set"
    )
    return list(found.prefetch_related("departments"))


def rollout(rollout_id: int) -> Rollout | None:
    return Rollout.objects.select_related("version__rule_set").filter(pk=rollout_id).first()


def comments(version_id: int) -> list[Comment]:
    return list(Comment.objects.filter(version_id=version_id).select_related("by"))


def steps(version_id: int) -> list[Transition]:
    return list(Transition.objects.filter(version_id=version_id).select_related("by"))


def sign_offs(version_id: int) -> list[SignOff]:
    return list(SignOff.objects.filter(version_id=version_id).select_related("department", "by"))


def shipped_sign_offs(department_ids: Collection[int | None]) -> list[SignOff]:
    """Of shipped packs, for these departments; None = the whole site."""
    there = Q(department_id__in=[one for one in department_ids if one is not None])
    if None in department_ids:
        there |= Q(department=None)
    return list(SignOff.objects.filter(there, version=None).select_related("by"))


def shipped_sign_offs_of(context: str, text_hash: str) -> list[SignOff]:
    found = SignOff.objects.filter(version=None, context=context, text_hash=text_hash)
    return list(found.select_related("department"))


def sign_offs_in(department: str, contexts: Collection[str]) -> list[SignOff]:
    """Of versions and shipped packs of these contexts, for that department ("" = not known) or the whole site."""
    there = Q(department=None) | Q(department__name=department)
    what = Q(version=None, context__in=contexts) | Q(version__rule_set__context__in=contexts)
    return list(SignOff.objects.filter(there, what).select_related("version__rule_set"))


def steps_called(names: Collection[str]) -> list[Transition]:
    return list(Transition.objects.filter(action__in=names).select_related("by"))


def departments() -> list[Department]:
    people = Prefetch("people")
    return list(Department.objects.prefetch_related(people))


def orders(department: str, contexts: Iterable[str]) -> tuple[str, ...]:
    """Item ids that a department wants first in any of these contexts, in order, each once."""
    rows = DepartmentOrder.objects.filter(department__name=department, context__in=list(contexts))
    return tuple(dict.fromkeys(item for row in rows.order_by("pk") for item in row.items.split()))


def preferences(user_id: int) -> dict[str, str]:
    """Item id -> way."""
    return dict(Preference.objects.filter(user_id=user_id).values_list("item", "way"))


def replays(version_id: int | None) -> list[Replay]:
    """None: those of the shipped packs."""
    return list(Replay.objects.filter(version_id=version_id).select_related("made_by"))


def replay(replay_id: int) -> Replay | None:
    found = Replay.objects.select_related("version__rule_set", "made_by")
    return found.filter(pk=replay_id).first()


def shadow_counts(rollout_id: int) -> list[ShadowCount]:
    return list(ShadowCount.objects.filter(rollout_id=rollout_id).order_by("day", "pk"))


def replay_charts(replay_id: int) -> list[ReplayChart]:
    return list(ReplayChart.objects.filter(replay_id=replay_id).order_by("pk"))


def seen(keys: Iterable[tuple[str, str]], *, since: date) -> dict[tuple[str, str], dict[str, int]]:
    """(system, code) -> connection name -> charts that carried it since then."""
    wanted = set(keys)
    rows = (
        CodeSeen.objects.filter(code__in={code for _, code in wanted}, week__gte=since)
        .values_list("system", "code", "connection__name")
        .annotate(total=Sum("charts"))
    )
    found: dict[tuple[str, str], dict[str, int]] = {}
    for system, code, name, total in rows:
        if (system, code) in wanted:
            found.setdefault((system, code), {})[name] = total
    return found


class Seen(NamedTuple):
    system: str
    code: str
    name: str
    charts: int


def seen_like(words: str, *, since: date, most: int) -> list[Seen]:
    """Codes that were seen, by the beginning of the code or a part of the name; the commonest first, then the shortest."""
    rows = CodeSeen.objects.filter(week__gte=since)
    for word in words.split():
        bare = word.upper().replace(".", "")  # ICD-10-CM codes are kept without their dot
        icd = rows.filter(system=ICD10CM, code__startswith=bare)
        rows = rows.filter(name__icontains=word) | rows.filter(code__startswith=word) | icd
    found = rows.values("system", "code").annotate(total=Sum("charts"), called=Max("name"))
    return [
        Seen(one["system"], one["code"], one["called"], one["total"])
        for one in found.order_by("-total", "code")[:most]
    ]


def counting_began() -> datetime | date | None:
    """The first week for which codes were counted; None when nothing was counted yet."""
    return CodeSeen.objects.order_by("week").values_list("week", flat=True).first()


class Uses(NamedTuple):
    """How often one kind of use was counted for an item of a context, by people of one role."""

    context: str
    item: str
    kind: str
    role: str
    number: int


def uses(*, since: date) -> list[Uses]:
    rows = UseCount.objects.filter(day__gte=since).values("context", "item", "kind", "role")
    return [
        Uses(one["context"], one["item"], one["kind"], one["role"], one["total"])
        for one in rows.annotate(total=Sum("number")).order_by("context", "item", "kind", "role")
    ]


def users_of_items(*, since: date) -> dict[tuple[str, str], int]:
    """(context, item) -> different clinicians who looked for it."""
    rows = UsedBy.objects.filter(last__gte=since).values("context", "item").annotate(n=Count("pk"))
    return {(one["context"], one["item"]): one["n"] for one in rows}


def uses_where(
    kind: str, context: str, departments: Collection[str], roles: Collection[str], *, since: date
) -> int:
    """How often one kind was counted since then. departments, roles: none = all."""
    rows = UseCount.objects.filter(kind=kind, context=context, day__gte=since)
    if departments:
        rows = rows.filter(department__in=departments)
    if roles:
        rows = rows.filter(role__in=roles)
    return int(rows.aggregate(total=Sum("number"))["total"] or 0)


def visit_counts(departments: Collection[str], *, since: date) -> tuple[int, int]:
    """(scheduled, opened) since then. departments: none = all."""
    rows = VisitCount.objects.filter(day__gte=since)
    if departments:
        rows = rows.filter(department__in=departments)
    found = rows.aggregate(scheduled=Sum("scheduled"), opened=Sum("opened"))
    return int(found["scheduled"] or 0), int(found["opened"] or 0)


def criteria_met() -> int:
    """How many stop criteria of roll-outs that still hold were met."""
    return CriterionMet.objects.filter(rollout__ended=None).count()
