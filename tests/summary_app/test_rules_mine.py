"""Preferences inside the bounds of the team, the order of a department, and changes that reach every process."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.utils import timezone

from summary_app.models import (
    ChartContext,
    Connection,
    Department,
    DepartmentOrder,
    Preference,
    RulesState,
    User,
)
from summary_app.rules.services import drafts, in_force, life, places, preferring
from summary_app.rules.services.allowed import Refused
from tests.summary_app.conftest import Launch, Opened
from tests.summary_app.ehr import SmartEhr
from tests.summary_app.rules import changed, person


@pytest.fixture
def opened(mercy: SmartEhr, connect: Callable[..., Connection], launch: Launch) -> Opened:
    connect(mercy)
    found = launch(mercy)
    found.until_complete()
    found.client.post(f"/c/{found.ctx}/visit", {"visit": "diabetes"})
    return found


def user_of(opened: Opened) -> User:
    return ChartContext.objects.get(pk=opened.ctx).user


def why(opened: Opened) -> str:
    page = opened.client.get(opened.url)
    keys = [row.key for block in page.context["summary"].blocks for row in block.rows]
    parts = [opened.client.get(f"/c/{opened.ctx}/row/{key}").content.decode() for key in keys]
    return page.content.decode() + "".join(parts)


def test_a_pin_holds_with_the_next_look_and_can_be_taken_back(opened: Opened) -> None:
    assert "pinned by you" not in why(opened)
    opened.client.post("/rules/mine", {"item": "lab.hba1c", "way": "pin"})
    assert "pinned by you" in why(opened)
    assert "HbA1c" in opened.client.get("/rules/mine").content.decode()
    opened.client.post("/rules/mine", {"item": "lab.hba1c", "way": ""})
    assert "pinned by you" not in why(opened)


def test_the_order_of_a_department_holds_for_its_people(opened: Opened) -> None:
    endo = Department.objects.create(name="Endocrinology")
    endo.people.add(user_of(opened))
    DepartmentOrder.objects.create(department=endo, context="diabetes", items="lab.hba1c")
    places.forget()
    life.steps.in_force_changed()
    assert "in the order of your department" in why(opened)


def test_the_bounds_of_the_team_hold(db: None) -> None:
    RulesState.objects.create(pk=1, most_pinned=2, most_lowered=1, never_lowered="lab.potassium")
    ann, now = person("ann"), timezone.now()
    for item in ("lab.hba1c", "lab.ldl"):
        preferring.set_way(ann, item, "pin", now=now)
    for item, way, words in (
        ("lab.hdl", "pin", "At most 2"), ("lab.potassium", "lower", "nobody lowers"),
        ("lab.nope", "pin", "no such item"), ("lab.hdl", "sideways", "no such item"),
    ):  # fmt: skip
        with pytest.raises(Refused, match=words):
            preferring.set_way(ann, item, way, now=now)
    preferring.set_way(ann, "lab.hdl", "lower", now=now)
    assert Preference.objects.count() == 3
    RulesState.objects.update(never_lowered="lab.potassium lab.hdl")
    preferring.forget()
    assert preferring.of(ann.pk, "", ()).ways == {"lab.hba1c": "pin", "lab.ldl": "pin"}


def test_nobody_signed_off_has_preferences(db: None) -> None:
    assert Client().get("/rules/mine").status_code == 401
    assert Client().post("/rules/mine", {"item": "lab.hdl", "way": "pin"}).status_code == 401


def test_a_why_leads_those_who_may_edit_to_the_rule(opened: Opened) -> None:
    assert "/rules/of?rule=" not in why(opened)
    person(user_of(opened).username, "author")
    assert "/rules/of?rule=diabetes%20v1%20lab.hba1c" in why(opened)
    answer = opened.client.get("/rules/of", {"rule": "diabetes v1 lab.hba1c"})
    assert answer.headers["Location"] == "/rules/diabetes/?item=lab.hba1c"
    assert (
        "show HbA1c as must-see" in opened.client.get(answer.headers["Location"]).content.decode()
    )
    assert opened.client.get("/rules/of", {"rule": "safety floor v1"}).status_code == 404


def test_a_process_that_knew_an_older_state_looks_again(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What another process did: its rows are there, and nobody told this one."""
    ann, rob, pia = person("ann", "author"), person("rob", "reviewer"), person("pia", "publisher")
    now = timezone.now()
    in_force.forget()
    old = in_force.standing()
    made = drafts.start(ann, "diabetes", number=1, now=now)
    made = drafts.save(ann, made, changed(made, "lab.hba1c", interval_months=4), saved=1, now=now)
    life.ask(ann, made, why="", now=now)
    life.approve(rob, made, why="", now=now)
    rollout = life.publish(pia, made, life.Scope(), why="", now=now)
    clock = [1000.0]
    monkeypatch.setattr(in_force.time, "monotonic", lambda: clock[0])
    monkeypatch.setattr(in_force, "_kept", (999.0, old))
    assert in_force.standing().rollouts == ()
    clock[0] += 2.0
    assert [one.number for one in in_force.standing().rollouts] == [2]
    held = in_force.standing()
    life.roll_back(pia, rollout, now=now)
    monkeypatch.setattr(in_force, "_kept", (clock[0], held))
    clock[0] += 2.0
    assert in_force.standing().rollouts == ()
