"""Stop criteria that rest on use: figures from planted rows, and the team that is told when one is met."""

from __future__ import annotations

import logging
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from summary_app.models import (
    ChartContext,
    Connection,
    CriterionMet,
    Department,
    Feedback,
    Identity,
    Rollout,
    ScheduledVisit,
    UseCount,
    User,
    VisitCount,
)
from summary_app.rules import tasks
from summary_app.rules.services import adoption, alerts, criteria, drafts, places
from tests.summary_app.rules import person

NOW = datetime(2026, 11, 26, 18, 0, tzinfo=UTC)  # noon at the site
CRITERIA = {"opened_percent": 50.0, "search_percent": 30.0, "confirmed_omissions": 1.0}


@pytest.fixture
def site(db: None) -> Connection:
    places.forget()
    return Connection.objects.create(
        key="mercy", name="Mercy", base_url="https://mercy.example", test=True
    )


def doctor(name: str, site: Connection, department: str = "") -> User:
    who = person(name)
    Identity.objects.create(
        user=who, connection=site, issuer="https://mercy.example", reference=f"Practitioner/{name}"
    )
    if department:
        Department.objects.get_or_create(name=department)[0].people.add(who)
    return who


def visit(site: Connection, number: int, start: datetime, who: str = "") -> None:
    ScheduledVisit.objects.create(
        connection=site, reference=f"Appointment/{number}-{start:%d%H}", patient=f"p{number}", start=start, seen=start,
        practitioners=f"Practitioner/{who}" if who else "",
    )  # fmt: skip


def opening(site: Connection, number: int, user: User, created: datetime) -> None:
    ChartContext.objects.create(
        id=f"{number}-{created:%d%H}", user=user, connection=site, patient=f"p{number}", role="physician",
        created=created, expires=created + timedelta(hours=12),
    )  # fmt: skip


def rollout(*, departments: tuple[str, ...] = (), days: int = 30, **more: Any) -> Rollout:
    ann = person("ann", "author")
    version = drafts.start(ann, "diabetes", number=1, now=NOW)
    made = Rollout.objects.create(
        version=version, starts=NOW - timedelta(days=days), made_by=ann, made=NOW, stop_criteria=CRITERIA, **more
    )  # fmt: skip
    made.departments.set(Department.objects.filter(name__in=departments))
    return made


def used(kind: str, number: int, day: date, **more: str) -> None:
    where = {"context": "diabetes", "role": "physician", "department": "", **more}
    UseCount.objects.create(day=day, kind=kind, number=number, **where)


def states(one: Rollout) -> dict[str, tuple[float | None, str]]:
    found = criteria.judge(one, alerts.figures(one), now=NOW)
    return {each.name: (each.value, each.state) for each in found}


def test_visits_are_counted_by_department_and_day(site: Connection) -> None:
    alice = doctor("alice", site, "Endocrinology")
    doctor("ben", site, "Cardiology")
    morning = NOW - timedelta(hours=3)
    for number in range(4):
        visit(site, number, morning, "alice")
    visit(site, 7, morning, "ben")
    visit(site, 8, morning)
    visit(site, 9, NOW + timedelta(hours=2), "alice")  # has not begun
    visit(site, 10, NOW - timedelta(days=1), "alice")
    opening(site, 0, alice, morning - timedelta(hours=1))
    opening(site, 1, alice, morning + timedelta(hours=1))
    opening(site, 2, alice, morning - timedelta(days=1))  # on another day
    opening(site, 8, alice, morning)
    opening(site, 10, alice, NOW - timedelta(days=1))
    for _ in range(2):
        adoption.count(now=NOW)
    rows = {
        (row.day.day, row.department): (row.scheduled, row.opened)
        for row in VisitCount.objects.all()
    }
    assert rows == {
        (26, "Endocrinology"): (4, 2), (26, "Cardiology"): (1, 0), (26, ""): (1, 1), (25, "Endocrinology"): (1, 1),
    }  # fmt: skip


def test_the_day_is_the_day_of_the_site(site: Connection) -> None:
    """Six in the evening at the site is the next day by UTC."""
    alice = doctor("alice", site)
    evening = datetime(2026, 11, 27, 0, 30, tzinfo=UTC)
    visit(site, 1, evening)
    opening(site, 1, alice, NOW)
    adoption.count(now=evening + timedelta(hours=1))
    assert [(row.day, row.opened) for row in VisitCount.objects.all()] == [(date(2026, 11, 26), 1)]


def test_figures_hold_where_the_version_holds_and_since_then(site: Connection) -> None:
    doctor("alice", site, "Endocrinology")
    day = NOW.date() - timedelta(days=2)
    VisitCount.objects.create(day=day, department="Endocrinology", scheduled=40, opened=10)
    VisitCount.objects.create(day=day, department="Cardiology", scheduled=40, opened=40)
    VisitCount.objects.create(
        day=day - timedelta(days=60), department="Endocrinology", scheduled=99, opened=99
    )
    used("visit", 50, day, department="Endocrinology")
    used("search", 20, day, department="Endocrinology")
    used("search", 50, day, department="Cardiology")
    used("visit", 50, day, context="anaemia", department="Endocrinology")
    used("visit", 50, day, role="nurse", department="Endocrinology")
    one = rollout(departments=("Endocrinology",), roles="physician")
    assert states(one) == {
        "opened_percent": (25.0, "met"), "search_percent": (40.0, "met"), "confirmed_omissions": (0.0, "clear"),
    }  # fmt: skip
    everywhere = rollout()
    assert states(everywhere)["opened_percent"] == (62.5, "clear")


def test_too_few_visits_and_too_early_are_not_yet(site: Connection) -> None:
    day = NOW.date() - timedelta(days=2)
    VisitCount.objects.create(day=day, department="", scheduled=19, opened=0)
    used("visit", 19, day)
    used("search", 19, day)
    assert states(rollout()) == {
        "opened_percent": (None, "not yet"), "search_percent": (None, "not yet"), "confirmed_omissions": (0.0, "clear"),
    }  # fmt: skip
    VisitCount.objects.update(scheduled=400)
    assert states(rollout(days=27))["opened_percent"] == (None, "not yet")
    assert states(rollout(days=28))["opened_percent"] == (0.0, "met")


def test_a_silent_version_is_not_judged_by_use(site: Connection) -> None:
    VisitCount.objects.create(day=NOW.date(), department="", scheduled=400, opened=0)
    assert set(states(rollout(shadow=True)).values()) == {(None, "not yet")}


def test_what_is_met_is_written_down_once_and_told_on_the_front_door(
    site: Connection, caplog: pytest.LogCaptureFixture
) -> None:
    one = rollout()
    Feedback.objects.create(
        key="series-1", kind="series", reason="higher", visit="ckd, diabetes", at=timezone.now(), omission=True
    )  # fmt: skip
    with caplog.at_level(logging.WARNING):
        for _ in range(2):
            alerts.write_down(now=NOW)
    assert caplog.text.count("Stop criterion met") == 1
    met = CriterionMet.objects.get()
    assert (met.rollout, met.name, met.value, met.limit) == (one, "confirmed_omissions", 1.0, 1.0)
    client, stranger = Client(), Client()
    client.force_login(person("pia", "publisher"))
    stranger.force_login(person("eve"))
    assert "1 stop criterion met" in client.get("/").content.decode()
    assert "Confirmed omissions" in client.get("/rules/").content.decode()
    assert "criterion" not in stranger.get("/").content.decode()
    Rollout.objects.update(ended=NOW)
    assert "criterion" not in client.get("/").content.decode()


def test_the_sweep_does_all_of_it(site: Connection) -> None:
    visit(site, 1, timezone.now() - timedelta(minutes=1))
    tasks.look_at_use()
    assert VisitCount.objects.get().scheduled == 1
