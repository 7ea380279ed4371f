"""Four eyes, roles and states: the whole truth table, and every step of a version's life written down."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import combinations, product

import pytest

from summary_app.models import (
    Department,
    Replay,
    ReplayChart,
    Rollout,
    RuleSetVersion,
    Transition,
    User,
)
from summary_app.rules.admin import DepartmentForm
from summary_app.rules.models import Frozen, State
from summary_app.rules.services import allowed, back, before, drafts, in_force, life, needs
from summary_app.rules.services.allowed import ACTIONS, ROLES, Case, Refused, refusal
from summary_app.rules.services.in_force import Where
from summary_app.rules.services.life import Scope
from tests.summary_app.rules import changed, person

NOW = datetime(2026, 11, 26, 9, 0, tzinfo=UTC)
HERE = Where("Endocrinology", "physician", "clinic", 40)

# action -> (roles that may, states in which they may); written out again on purpose, from the words of the guide.
TABLE = {
    "read": ("author reviewer publisher viewer", "draft in_review approved published retired"),
    "export": ("author reviewer publisher viewer", "draft in_review approved published retired"),
    "comment": ("author reviewer publisher viewer", "draft in_review approved published retired"),
    "replay": ("author reviewer publisher", "draft in_review approved published retired"),
    "start": ("author", "draft in_review approved published retired"),
    "answer": ("author", "draft in_review approved published retired"),
    "stop": ("author reviewer publisher", "draft in_review approved published retired"),
    "resume": ("publisher", "draft in_review approved published retired"),
    "write": ("author", "draft"),
    "ask": ("author", "draft"),
    "give_back": ("author reviewer", "in_review approved"),
    "approve": ("reviewer", "in_review"),
    "sign_off": ("reviewer publisher", "in_review approved published"),
    "shadow": ("publisher", "in_review approved"),
    "publish": ("publisher", "approved published"),
    "roll_back": ("publisher", "published"),
    "retire": ("publisher", "approved published"),
}


def test_every_role_action_and_state_has_its_answer() -> None:
    assert set(TABLE) == set(ACTIONS)
    every = [
        frozenset(some) for size in range(len(ROLES) + 1) for some in combinations(ROLES, size)
    ]
    wrong = []
    for roles, action, state, wrote in product(every, ACTIONS, State.values, (False, True)):
        who, states = (set(words.split()) for words in TABLE[action])
        wanted = bool(who & roles) and state in states and not (action == "approve" and wrote)
        answer = refusal(action, roles, Case(state, wrote=wrote), now=NOW)
        if (answer == "") != wanted:
            wrong.append((sorted(roles), action, state, wrote, answer))
    assert wrong == []
    assert len(every) * len(ACTIONS) * len(State.values) * 2 == 16 * 17 * 5 * 2


@pytest.mark.parametrize(
    ("alone", "hours", "may"),
    [(False, 48, False), (True, 23, False), (True, 24, True), (True, None, False)],
)
def test_one_clinician_alone_waits_a_day(alone: bool, hours: int | None, may: bool) -> None:
    asked = None if hours is None else NOW - timedelta(hours=hours)
    case = Case(State.IN_REVIEW, wrote=True, alone=alone, asked=asked)
    assert (refusal("approve", frozenset({"reviewer"}), case, now=NOW) == "") is may


@pytest.fixture
def ann(db: None) -> User:
    return person("ann", "author")


@pytest.fixture
def rob(db: None) -> User:
    return person("rob", "reviewer")


@pytest.fixture
def pia(db: None) -> User:
    return person("pia", "publisher")


@pytest.fixture(autouse=True)
def fresh() -> None:
    in_force.forget()


def draft(ann: User, months: int = 4) -> RuleSetVersion:
    made = drafts.start(ann, "diabetes", number=1, now=NOW)
    return drafts.save(
        ann, made, changed(made, "lab.hba1c", interval_months=months), saved=1, now=NOW
    )


def published(
    ann: User, rob: User, pia: User, months: int = 4, scope: Scope | None = None
) -> Rollout:
    made = draft(ann, months)
    life.ask(ann, made, why="HbA1c more often", now=NOW)
    life.approve(rob, made, why="agreed", now=NOW)
    return life.publish(pia, made, scope or Scope(), why="", now=NOW)


def interval(where: Where = HERE, now: datetime = NOW) -> float | None:
    library = in_force.rules_for(where, now=now).library
    found = {one.item: one.terms.interval for one in library.packs["diabetes"].listed}
    return found["lab.hba1c"]


def test_a_version_goes_from_draft_to_published_and_back(ann: User, rob: User, pia: User) -> None:
    assert interval() == 6
    rollout = published(ann, rob, pia)
    assert interval() == 4
    assert in_force.rules_for(HERE, now=NOW).versions == {"diabetes": 2}
    second = published(ann, rob, pia, months=5)
    assert interval() == 5
    life.roll_back(pia, second, now=NOW)
    assert interval() == 4
    second.version.refresh_from_db()
    assert second.version.state == State.RETIRED
    life.roll_back(
        pia, Rollout.objects.filter(version=rollout.version, ended=None).latest("pk"), to=1, now=NOW
    )
    assert interval() == 6
    steps = list(
        Transition.objects.filter(refused=False).order_by("pk").values_list("action", "to_state")
    )
    assert ("approve", "approved") in steps
    assert [one for one in steps if one[0] == "roll_back"] == [
        ("roll_back", "retired"),
        ("roll_back", "retired"),
    ]


def test_the_reasons_name_the_version(ann: User, rob: User, pia: User) -> None:
    published(ann, rob, pia)
    assert in_force.rules_for(HERE, now=NOW).library.packs["diabetes"].rule == "diabetes v2"


def test_a_refused_step_changes_nothing_and_is_written_down(ann: User, rob: User) -> None:
    made = draft(ann)
    for step in (
        lambda: life.ask(rob, made, why="", now=NOW),
        lambda: life.approve(ann, made, why="", now=NOW),
        lambda: life.publish(rob, made, Scope(), why="", now=NOW),
        lambda: life.stop_all(person("eve"), why="", now=NOW),
    ):
        with pytest.raises(Refused):
            step()
    made.refresh_from_db()
    assert made.state == State.DRAFT
    assert Transition.objects.filter(refused=True).count() == 4
    assert not Rollout.objects.exists()


def test_whoever_wrote_a_word_of_it_cannot_approve_it(ann: User) -> None:
    both = person("bo", "author", "reviewer")
    person("rob", "reviewer")
    made = draft(ann)
    drafts.save(
        both, made, changed(made, "lab.uacr", lookback_months=24), saved=made.saved, now=NOW
    )
    life.ask(ann, made, why="", now=NOW)
    with pytest.raises(Refused, match="did not write"):
        life.approve(both, made, why="", now=NOW)


def test_what_is_in_review_is_not_written_any_more(ann: User) -> None:
    made = draft(ann)
    life.ask(ann, made, why="", now=NOW)
    before = made.text
    with pytest.raises(Refused, match="in review"):
        drafts.save(
            ann, made, changed(made, "lab.hba1c", interval_months=9), saved=made.saved, now=NOW
        )
    made.refresh_from_db()
    assert made.text == before
    made.text = before.replace("HbA1c", "A1c") + "\n"
    with pytest.raises(Frozen):
        made.save()


def test_two_who_save_at_once_are_told(ann: User) -> None:
    made = draft(ann)
    seen = made.saved
    drafts.save(ann, made, changed(made, "lab.hba1c", interval_months=9), saved=seen, now=NOW)
    with pytest.raises(drafts.SomebodySaved):
        drafts.save(ann, made, changed(made, "lab.hba1c", interval_months=8), saved=seen, now=NOW)


def test_the_record_of_steps_is_only_added_to(ann: User) -> None:
    draft(ann)
    step = Transition.objects.latest("pk")
    for change in (step.save, step.delete, Transition.objects.all().delete):
        with pytest.raises(Frozen):
            change()
    with pytest.raises(Frozen):
        Transition.objects.all().update(why="")


# ---- where it holds -----------------------------------------------------------------------------------------------


def test_a_roll_out_holds_where_its_scope_says(ann: User, rob: User, pia: User) -> None:
    endo = Department.objects.create(name="Endocrinology", live=False)
    scope = Scope(
        departments=(endo,), roles=("physician",), settings=("clinic",), percentage=50,
        starts=NOW + timedelta(days=1),
    )  # fmt: skip
    published(ann, rob, pia, scope=scope)
    later = NOW + timedelta(days=2)
    assert interval(now=later) == 4
    assert interval(now=NOW) == 6
    for other in (
        HERE._replace(department="Cardiology"), HERE._replace(role="nurse"), HERE._replace(setting="ward"),
        HERE._replace(bucket=50),
    ):  # fmt: skip
        assert interval(other, now=later) == 6


def test_rolling_back_one_department_leaves_the_others(ann: User, rob: User, pia: User) -> None:
    endo, renal = (Department.objects.create(name=name, live=False) for name in ("Endocrinology", "Nephrology"))  # fmt: skip
    here, there = HERE._replace(department="Endocrinology"), HERE._replace(department="Nephrology")
    published(ann, rob, pia, months=4, scope=Scope(departments=(endo,)))
    second = published(ann, rob, pia, months=5, scope=Scope(departments=(renal,)))
    life.roll_back(pia, second, now=NOW)
    assert interval(there) == 6, "version 2 never held in Nephrology"
    assert interval(here) == 4
    assert "v1" in Transition.objects.filter(action="roll_back").latest("pk").why


def test_the_shipped_one_comes_back_only_where_it_was_asked_for(ann: User, rob: User, pia: User) -> None:  # fmt: skip
    endo, renal = (Department.objects.create(name=name, live=False) for name in ("Endocrinology", "Nephrology"))  # fmt: skip
    wide = published(ann, rob, pia, months=4, scope=Scope(departments=(endo,)))
    life.publish(pia, wide.version, Scope(departments=(renal,)), why="", now=NOW)
    life.roll_back(pia, wide, to=1, now=NOW)
    assert interval(HERE._replace(department="Endocrinology")) == 6
    assert interval(HERE._replace(department="Nephrology")) == 4
    wide.version.refresh_from_db()
    assert wide.version.state == State.PUBLISHED


def test_what_never_held_in_a_live_department_does_not_come_back_there(ann: User, rob: User, pia: User) -> None:  # fmt: skip
    endo, renal = (Department.objects.create(name=name, live=False) for name in ("Endocrinology", "Nephrology"))  # fmt: skip
    published(ann, rob, pia, months=4, scope=Scope(departments=(endo,)))
    second = published(ann, rob, pia, months=5, scope=Scope(departments=(renal,)))
    assert [one.number for one in back.choices(second)] == [2]
    Department.objects.update(live=True)
    assert back.choices(second) == ()
    with pytest.raises(Refused, match="never held there with patients"):
        life.roll_back(pia, second, to=2, now=NOW)
    assert interval(HERE._replace(department="Nephrology")) == 5


def test_the_shipped_one_for_one_department_takes_nothing_from_the_others(ann: User, rob: User, pia: User) -> None:  # fmt: skip
    """Planted: "as shipped" in one department ended the roll-out of the whole site."""
    endo = Department.objects.create(name="Endocrinology", live=False)
    published(ann, rob, pia, months=4)
    own = published(ann, rob, pia, months=5, scope=Scope(departments=(endo,)))
    with pytest.raises(Refused, match="v2 holds there too, and elsewhere"):
        life.roll_back(pia, own, to=1, now=NOW)
    assert interval(HERE._replace(department="Nephrology")) == 4
    assert interval(HERE._replace(department="Endocrinology")) == 5
    assert Rollout.objects.filter(ended=None).count() == 2


def test_what_held_only_before_patients_came_does_not_come_back_unsigned(ann: User, rob: User, pia: User) -> None:  # fmt: skip
    endo = Department.objects.create(name="Endocrinology", live=False)
    first = published(ann, rob, pia, months=4, scope=Scope(departments=(endo,)))
    second = published(ann, rob, pia, months=5, scope=Scope(departments=(endo,)))
    life.end(pia, first, why="", now=NOW)
    assert [one.number for one in back.choices(second)] == [2]
    endo.live = True
    endo.save()
    before.went_live(pia, endo, now=NOW + timedelta(hours=1))
    assert back.choices(second) == ()
    with pytest.raises(Refused, match="no named clinician"):
        life.roll_back(pia, second, to=2, now=NOW + timedelta(hours=2))


def test_a_roll_out_is_rolled_back_once(ann: User, rob: User, pia: User) -> None:
    """Planted: a second click, or a page of last month, would put the earlier version above what holds now."""
    endo, renal = (Department.objects.create(name=name, live=False) for name in ("Endocrinology", "Nephrology"))  # fmt: skip
    published(ann, rob, pia, months=4)
    old = published(ann, rob, pia, months=5, scope=Scope(departments=(endo,)))
    life.publish(pia, old.version, Scope(departments=(renal,)), why="", now=NOW)
    stale = Rollout.objects.get(pk=old.pk)
    life.roll_back(pia, old, to=2, now=NOW)
    count = Rollout.objects.count()
    for again in (lambda: life.roll_back(pia, stale, to=2, now=NOW), lambda: life.end(pia, stale, why="", now=NOW)):  # fmt: skip
        with pytest.raises(Refused, match="ended already"):
            again()
    assert Rollout.objects.count() == count


def test_a_silent_roll_out_is_never_the_way_to_one_that_holds(ann: User, rob: User, pia: User) -> None:  # fmt: skip
    published(ann, rob, pia, months=4)
    made = draft(ann, 5)
    life.ask(ann, made, why="", now=NOW)
    life.approve(rob, made, why="", now=NOW)
    silent = life.publish(pia, made, Scope(shadow=True), why="", now=NOW)
    life.publish(pia, made, Scope(), why="", now=NOW)
    silent.refresh_from_db()
    with pytest.raises(Refused, match="silently"):
        life.roll_back(pia, silent, to=2, now=NOW)


def test_a_version_that_was_taken_back_does_not_return_by_itself(ann: User, rob: User, pia: User) -> None:  # fmt: skip
    first = published(ann, rob, pia, months=4)
    life.roll_back(pia, first, now=NOW)
    second = published(ann, rob, pia, months=5)
    life.roll_back(pia, second, now=NOW)
    assert interval() == 6
    third = published(ann, rob, pia, months=3)
    life.roll_back(pia, third, to=2, now=NOW)
    assert interval() == 4


def test_buckets_are_stable_and_even() -> None:
    found = [in_force.bucket_of(f"opening-{number}") for number in range(5000)]
    assert found == [in_force.bucket_of(f"opening-{number}") for number in range(5000)]
    assert 0.45 < sum(one < 50 for one in found) / 5000 < 0.55
    assert (min(found), max(found)) == (0, 99)


def test_a_page_kept_under_other_rules_is_not_used(ann: User, rob: User, pia: User) -> None:
    before = in_force.stamp("one", NOW)
    rollout = published(ann, rob, pia, scope=Scope(starts=NOW + timedelta(days=1)))
    after = in_force.stamp("one", NOW)
    started = in_force.stamp("one", NOW + timedelta(days=2))
    life.roll_back(pia, rollout, now=NOW)
    assert len({before, after, started, in_force.stamp("one", NOW)}) == 4


def test_the_stop_switch_leaves_the_floor_and_nothing_listed(ann: User, pia: User) -> None:
    life.stop_all(ann, why="an omission was reported", now=NOW)
    held = in_force.rules_for(HERE, now=NOW)
    assert held.stopped
    assert held.library.stopped
    assert not any(pack.listed for pack in held.library.packs.values())
    assert held.library.floor.rules
    with pytest.raises(Refused):
        life.resume(ann, why="", now=NOW)
    life.resume(pia, why="corrected", now=NOW)
    assert interval() == 6


def test_a_version_that_this_release_cannot_read_gives_way_to_the_shipped_one(
    ann: User, rob: User, pia: User
) -> None:
    rollout = published(ann, rob, pia)
    broken = rollout.version.text.replace('"lab.hba1c"', '"lab.gone"', 1)
    RuleSetVersion.objects.filter(pk=rollout.version.pk).update(text=broken)
    in_force.forget()
    assert interval() == 6
    assert in_force.rules_for(HERE, now=NOW).versions == {}


# ---- what must be there first -------------------------------------------------------------------------------------


def replayed(
    version: RuleSetVersion, department: str, count: int, by: User, floor_lost: int = 0
) -> None:
    made = Replay.objects.create(
        version=version,
        text_hash=needs.text_hash(version),
        made_by=by,
        made=NOW,
        state="done",
        total=count,
    )
    ReplayChart.objects.bulk_create(
        ReplayChart(
            replay=made, context=f"c{number}", state="done", department=department,
            result={"floor_lost": floor_lost},
        )
        for number in range(count)
    )  # fmt: skip


def test_a_live_department_needs_a_named_clinician_and_fifty_charts(
    ann: User, rob: User, pia: User
) -> None:
    endo = Department.objects.create(name="Endocrinology")
    made = draft(ann)
    life.ask(ann, made, why="", now=NOW)
    life.approve(rob, made, why="", now=NOW)
    scope = Scope(departments=(endo,))
    replayed(made, "Endocrinology", 49, ann)
    with pytest.raises(Refused, match="no named clinician") as refused:
        life.publish(pia, made, scope, why="", now=NOW)
    assert "49 of its own charts" in str(refused.value)
    life.sign_off(rob, made, endo, clinician="Dr Example, endocrinologist", now=NOW)
    replayed(made, "Endocrinology", 50, ann)
    life.publish(pia, made, scope, why="", now=NOW)
    assert interval() == 4
    with pytest.raises(Refused, match="Cardiology"):
        life.publish(
            pia,
            made,
            Scope(departments=(Department.objects.create(name="Cardiology"),)),
            why="",
            now=NOW,
        )


def test_the_whole_site_is_every_live_department(ann: User, rob: User, pia: User) -> None:
    Department.objects.create(name="Endocrinology")
    made = draft(ann)
    life.ask(ann, made, why="", now=NOW)
    life.approve(rob, made, why="", now=NOW)
    with pytest.raises(Refused, match="Endocrinology: no named clinician"):
        life.publish(pia, made, Scope(), why="", now=NOW)
    assert interval() == 6


def test_a_department_with_untried_rules_does_not_go_live(ann: User, rob: User, pia: User) -> None:
    endo = Department.objects.create(name="Endocrinology", live=False)
    made = published(ann, rob, pia, scope=Scope(departments=(endo,))).version
    sent = {"name": "Endocrinology", "matches": "", "people": [], "live": "on"}
    form = DepartmentForm(sent, instance=Department.objects.get())
    assert "diabetes v2: Endocrinology: no named clinician has signed off." in form.errors["live"]
    life.sign_off(rob, made, endo, clinician="Dr Example", now=NOW)
    replayed(made, "Endocrinology", 50, ann)
    assert DepartmentForm(sent, instance=Department.objects.get()).is_valid()


def test_one_floor_item_lost_blocks_it(ann: User, rob: User, pia: User) -> None:
    endo = Department.objects.create(name="Endocrinology")
    made = draft(ann)
    life.ask(ann, made, why="", now=NOW)
    life.approve(rob, made, why="", now=NOW)
    life.sign_off(rob, made, endo, clinician="Dr Example", now=NOW)
    replayed(made, "Endocrinology", 60, ann, floor_lost=1)
    with pytest.raises(Refused, match="floor"):
        life.publish(pia, made, Scope(departments=(endo,)), why="", now=NOW)


def test_a_replay_of_another_text_does_not_count(ann: User) -> None:
    made = draft(ann)
    replayed(made, "Endocrinology", 60, ann)
    assert needs.replayed(made, None) == 60
    drafts.save(ann, made, changed(made, "lab.hba1c", interval_months=7), saved=made.saved, now=NOW)
    assert needs.replayed(made, None) == 0


def test_the_groups_carry_the_roles(db: None) -> None:
    allowed.make_groups()
    one = User.objects.create(username="grouped")
    from django.contrib.auth.models import Group

    one.groups.add(Group.objects.get(name="Rule reviewers"))
    assert allowed.roles_of(User.objects.get(pk=one.pk)) == {"reviewer"}
    one.is_active = False
    assert allowed.roles_of(one) == frozenset()
