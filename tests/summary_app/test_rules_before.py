"""Before a department treats patients: the shipped packs are signed off by a named clinician and tried on its own charts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import combinations

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.test import Client, RequestFactory
from django.utils import timezone

from clinical import rank
from summary_app.models import (
    Connection,
    Department,
    Replay,
    ReplayChart,
    SignOff,
    Transition,
    User,
)
from summary_app.rules import guards
from summary_app.rules.admin import DepartmentForm
from summary_app.rules.services import before, in_force, needs, nudging, replaying, reports, shipped
from summary_app.rules.services.allowed import ROLES, Refused
from tests.summary_app.conftest import Launch, Opened
from tests.summary_app.ehr import Grant, SmartEhr, lab, patient
from tests.summary_app.rules import person

NOW = datetime(2026, 11, 26, 9, 0, tzinfo=UTC)
PACKS = len(rank.load().packs)
SENT = {"name": "Endocrinology", "matches": "", "people": [], "live": "on"}


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nudging, "send", lambda replay_id: None)
    in_force.forget()


@pytest.fixture
def hospital(db: None) -> Connection:
    """An EHR that has patients."""
    return Connection.objects.create(key="city", name="City", base_url="https://city.example/fhir")


@pytest.fixture
def endo(hospital: Connection) -> Department:
    return Department.objects.create(name="Endocrinology", live=False)


@pytest.fixture
def rob(db: None) -> User:
    return person("rob", "reviewer")


def tried(department: str, count: int, *, floor_lost: int = 0, text_hash: str = "") -> Replay:
    made = Replay.objects.create(
        text_hash=text_hash or needs.text_hash(None),
        made_by=person("rob", "reviewer"),
        made=NOW,
        state="done",
        total=count,
    )
    ReplayChart.objects.bulk_create(
        ReplayChart(
            replay=made, context=f"c{number}", state="done", department=department,
            result={"floor_lost": floor_lost if not number else 0},
        )
        for number in range(count)
    )  # fmt: skip
    return made


def may_treat(department: Department) -> bool:
    return DepartmentForm(SENT, instance=Department.objects.get(pk=department.pk)).is_valid()


def test_a_department_goes_live_with_a_named_clinician_and_fifty_charts(
    endo: Department, rob: User
) -> None:
    form = DepartmentForm(SENT, instance=endo)
    assert list(form.errors["live"])[:2] == [
        f"Endocrinology: no named clinician has signed off the {PACKS} shipped packs.",
        "Endocrinology: the shipped packs were replayed on 0 of its own charts, 50 are needed.",
    ]
    assert shipped.sign_off(rob, endo, clinician="Dr Example", now=NOW) == PACKS
    assert not may_treat(endo)
    tried("Cardiology", 60)
    tried("Endocrinology", 49)
    assert not may_treat(endo)
    tried("Endocrinology", 50)
    assert may_treat(endo)


def test_the_sign_off_of_the_whole_site_counts_in_each_department(
    endo: Department, rob: User
) -> None:
    other = Department.objects.create(name="Cardiology", live=False)
    tried("Endocrinology", 50)
    shipped.sign_off(rob, other, clinician="Dr Heart", now=NOW)
    assert not may_treat(endo)
    shipped.sign_off(rob, None, clinician="Dr Example", now=NOW)
    assert may_treat(endo)


def test_one_pack_that_changed_since_is_named_and_blocks(endo: Department, rob: User) -> None:
    shipped.sign_off(rob, endo, clinician="Dr Example", now=NOW)
    tried("Endocrinology", 50)
    SignOff.objects.filter(context="diabetes").update(text_hash="of another release")
    title = rank.load().packs["diabetes"].title
    assert needs.before_live(endo, endo.name) == [
        f"Endocrinology: no named clinician has signed off 1 of the {PACKS} shipped packs: {title}."
    ]
    assert before.signed(endo)[0].changed == 1


@pytest.mark.parametrize("fault", ["floor", "another text", "not finished"])
def test_a_trial_with_a_fault_does_not_count(endo: Department, rob: User, fault: str) -> None:
    shipped.sign_off(rob, endo, clinician="Dr Example", now=NOW)
    tried(
        "Endocrinology", 50,
        floor_lost=int(fault == "floor"), text_hash="x" * 64 if fault == "another text" else "",
    )  # fmt: skip
    if fault == "not finished":
        ReplayChart.objects.filter(context="c1").update(state="failed")
    (line,) = needs.before_live(endo, endo.name)
    assert ("floor items" in line) is (fault == "floor")


def test_a_site_of_test_systems_has_no_patients(endo: Department, hospital: Connection) -> None:
    Connection.objects.update(test=True)
    assert may_treat(endo)
    Connection.objects.update(test=False, active=False)
    assert may_treat(endo)
    Connection.objects.update(active=True)
    assert not may_treat(endo)


def test_who_treats_patients_already_stays_so_and_the_page_says_what_is_missing(
    endo: Department, rob: User
) -> None:
    Department.objects.update(live=True)
    assert may_treat(endo), "the form changes another field, not whether it is live"
    client = Client()
    client.force_login(rob)
    page = client.get("/rules/before").content.decode()
    assert f"no named clinician has signed off the {PACKS} shipped packs" in page
    assert "It stays as it is" in page
    client.post("/rules/before/sign-off", {"department": endo.pk, "clinician": "Dr Example, MD"})
    page = client.get("/rules/before").content.decode()
    assert "no named clinician" not in page
    assert "Dr Example, MD" in page
    assert "Dr Example, MD" in client.get("/rules/diabetes/").content.decode()
    flag = "not everything is there that is asked for before"
    assert flag in client.get("/rules/").content.decode(), "it was tried on no chart yet"
    tried("Endocrinology", 50)
    assert flag not in client.get("/rules/").content.decode()


def test_every_role_may_sign_off_the_packs_or_not_and_each_pack_is_written_down(
    endo: Department,
) -> None:
    for roles in ((), ("author", "viewer"), *combinations(ROLES, 1)):
        user = person("-".join(("x", *roles)), *roles)
        steps = Transition.objects.filter(by=user, action="sign_off")
        if {"reviewer", "publisher"} & set(roles):
            shipped.sign_off(user, endo, clinician="Dr Example", now=NOW)
            assert steps.filter(refused=False).count() == PACKS
            assert steps.filter(
                why="diabetes v1, as shipped: Dr Example for Endocrinology"
            ).exists()
        else:
            with pytest.raises(Refused):
                shipped.sign_off(user, endo, clinician="Dr Example", now=NOW)
            assert [one.refused for one in steps] == [True]
            assert not SignOff.objects.filter(by=user).exists()


def test_nobody_without_a_name_signs_off(endo: Department, rob: User) -> None:
    with pytest.raises(Refused, match="Name the clinician"):
        shipped.sign_off(rob, endo, clinician="  ", now=NOW)
    assert not SignOff.objects.exists()


def test_the_admin_leads_to_the_page_and_writes_down_who_treats_patients(
    endo: Department, rob: User
) -> None:
    User.objects.filter(pk=rob.pk).update(is_staff=True, is_superuser=True)
    client = Client()
    client.force_login(User.objects.get(pk=rob.pk))
    address = f"/admin/summary_app/department/{endo.pk}/change/"
    assert f"/rules/before#d{endo.pk}" in client.get(address).content.decode()
    new = client.get("/admin/summary_app/department/add/").content.decode()
    assert 'name="live" id="id_live">' in new, "a new department begins without patients"
    inline = {"departmentorder_set-TOTAL_FORMS": "0", "departmentorder_set-INITIAL_FORMS": "0"}
    client.post(address, {**SENT, **inline})
    assert not Department.objects.get().live
    (refusal,) = before.comings_and_goings()
    assert (refusal.action, refusal.refused, refusal.by_id) == ("live", True, rob.pk)
    assert refusal.why.startswith("Endocrinology: no named clinician has signed")
    assert "<b>refused</b>" in client.get("/rules/before").content.decode()
    client.get(address)
    client.post(address, {**SENT, **inline, "live": ""})
    assert len(before.comings_and_goings()) == 1, "a look, or another change, is no attempt"
    shipped.sign_off(rob, endo, clinician="Dr Example", now=NOW)
    tried("Endocrinology", 50)
    client.post(address, {**SENT, **inline})
    assert Department.objects.get().live
    assert [(one.action, one.why) for one in before.comings_and_goings() if not one.refused] == [
        ("live", "Endocrinology")
    ]


def test_a_step_without_a_person_is_refused_not_written_down(rf: RequestFactory) -> None:
    request = rf.get("/rules/")
    request.user = AnonymousUser()
    with pytest.raises(PermissionDenied):
        guards.person(request)


def test_what_was_tried_stands_when_its_charts_are_forgotten(endo: Department, rob: User) -> None:
    replay = tried("Endocrinology", 50)
    tried("Endocrinology", 0)
    replaying.purge(now=NOW + timedelta(days=8))
    assert not ReplayChart.objects.exists()
    assert list(Replay.objects.values_list("pk", flat=True)) == [replay.pk]
    assert needs.replayed(None, endo) == 50
    assert needs.replayed(None, Department(name="Cardiology")) == 0
    client = Client()
    client.force_login(rob)
    page = client.get(f"/rules/replay/{replay.pk}").content.decode()
    assert "Endocrinology 50" in page
    assert "the shipped packs show" not in page


# ---- on charts ----------------------------------------------------------------------------------------------------


@pytest.fixture
def opened(
    ehrs: Callable[..., SmartEhr], connect: Callable[..., Connection], launch: Launch
) -> Opened:
    ehr = ehrs([patient("p0"), lab("a0", "p0", 8.1)])
    connect(ehr)
    ehr.grant = Grant(patient="p0", user="Practitioner/alice", name="Alice")
    found = launch(ehr)
    found.until_complete()
    found.client.post(f"/c/{found.ctx}/visit", {"visit": "diabetes"})
    return found


def test_the_shipped_packs_are_tried_beside_newest_first_and_the_floor(opened: Opened) -> None:
    client = Client()
    client.force_login(person("rob", "reviewer"))
    address = client.post("/rules/before/replay").headers["Location"]
    replay = Replay.objects.get()
    replaying.run(replay.pk)
    report = reports.of(Replay.objects.get(), reader_id=0)
    assert (report.tried, report.failed) == (1, 0)
    assert "Diabetes" in report.lines[0].visit
    assert report.total.fixed == (0, 1), "HbA1c always stands open, as shipped only"
    assert report.total.floor_lost == 0
    assert report.total.recall is not None
    assert report.total.recall[1] == 100
    assert needs.replayed(None, None) == 1
    page = client.get(address).content.decode()
    assert "the shipped packs show" in page
    assert "against newest first and the floor" in page
    assert Transition.objects.get(action="replay").why == "shipped packs, 1 charts"


def why(opened: Opened) -> str:
    page = opened.client.get(opened.url)
    rows = [row.key for block in page.context["summary"].blocks for row in block.rows]
    found = (opened.client.get(f"/c/{opened.ctx}/row/{key}").content.decode() for key in rows)
    return next(text for text in found if "diabetes v1 lab.hba1c" in text)


def test_the_why_of_a_row_says_what_nobody_has_signed_off(opened: Opened) -> None:
    assert "not yet signed off" not in why(opened), "a test EHR has no patients"
    Connection.objects.update(test=False)
    assert "not yet signed off" in why(opened)
    shipped.sign_off(person("rob", "reviewer"), None, clinician="Dr Example", now=timezone.now())
    assert "not yet signed off" not in why(opened)
    SignOff.objects.filter(context="diabetes").update(text_hash="of another release")
    assert "not yet signed off" in why(opened)
