"""How many of the scheduled visits were opened here, counted per day and department before the rows that say so are deleted."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction

from summary_app.access import queries as access
from summary_app.feedback import queries as feedback
from summary_app.rules import queries
from summary_app.rules.models import Rollout, UseCount, VisitCount
from summary_app.summary.services import schedule

KEPT = timedelta(days=400)
LEAST_VISITS = 20  # of fewer, a share says nothing


def count(*, now: datetime) -> None:
    """Today as far as it has gone, and yesterday to its end: schedules and openings are kept for two days. Safe to repeat."""
    today = now.astimezone(ZoneInfo(settings.VISIT_LENS_ZONE)).date()
    for day in (today - timedelta(days=1), today):
        _count(day, now)
    VisitCount.objects.filter(day__lt=today - KEPT).delete()


def figures(rollout: Rollout) -> dict[str, float]:
    """For the stop criteria, since the roll-out began, where it holds. What rests on too few visits is left out.

    A silent roll-out has none: nobody sees it. Scheduled visits are counted for departments, not for roles or contexts: a schedule names neither.
    """
    if rollout.shadow:
        return {}
    departments = [one.name for one in rollout.departments.all()]
    roles, context = rollout.roles.split(), rollout.version.rule_set.context
    since = rollout.starts.date()
    found = {
        "confirmed_omissions": float(feedback.omissions(context, departments, since=rollout.starts))
    }
    scheduled, opened = queries.visit_counts(departments, since=since)
    if scheduled >= LEAST_VISITS:
        found["opened_percent"] = 100 * opened / scheduled
    shown, searched = (
        queries.uses_where(kind, context, departments, roles, since=since)
        for kind in (UseCount.Kind.VISIT, UseCount.Kind.SEARCH)
    )
    if shown >= LEAST_VISITS:
        found["search_percent"] = 100 * min(searched, shown) / shown
    return found


def _count(day: date, now: datetime) -> None:
    """A visit counts once it has begun; it was opened when anybody opened that chart here on that day."""
    zone = ZoneInfo(settings.VISIT_LENS_ZONE)
    start = datetime(day.year, day.month, day.day, tzinfo=zone)
    end = datetime.combine(day + timedelta(days=1), datetime.min.time(), tzinfo=zone)
    places = _departments()
    found: dict[str, list[int]] = {}
    for visit in schedule.attended(start, end, until=now):
        where = {places.get((visit.connection_id, one), "") for one in visit.practitioners}
        line = found.setdefault(min(where - {""}, default=""), [0, 0])
        line[0] += 1
        line[1] += visit.opened
    with transaction.atomic():
        for name, (scheduled, were) in found.items():
            VisitCount.objects.update_or_create(
                day=day, department=name, defaults={"scheduled": scheduled, "opened": were}
            )


def _departments() -> Mapping[tuple[int, str], str]:
    """(connection, reference of a practitioner there) -> the department where that person works."""
    of_person = {
        person.pk: one.name for one in queries.departments() for person in one.people.all()
    }
    return {key: of_person[user] for key, user in access.people().items() if user in of_person}
