"""Charts before the visit: from the schedule to a warm opening, within the limits and the rights."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from summary_app.models import AccessLog, Connection, Job, ScheduledVisit, Snapshot
from summary_app.summary.services import live, pages, preparing, pulling
from tests.clinical.fhir.fake_ehr import Asked, FakeEhr, Reply
from tests.summary_app.conftest import Launch
from tests.summary_app.ehr import Grant, Json, SmartEhr, lab, patient

Connect = Callable[..., Connection]


def appointment(identifier: str, who: str, start: datetime, **more: object) -> Json:
    return {
        "resourceType": "Appointment",
        "id": identifier,
        "status": "booked",
        "start": start.isoformat(),
        "end": (start + timedelta(minutes=20)).isoformat(),
        "reasonCode": [{"text": "Diabetes follow-up"}],
        "participant": [
            {"actor": {"reference": f"Patient/{who}", "display": "Winterbourne, Anna"}, "status": "accepted"},
            {"actor": {"reference": "Practitioner/alice"}, "status": "accepted"},
        ],
        **more,
    }  # fmt: skip


def noon() -> datetime:
    here = timezone.now().astimezone(ZoneInfo("America/Chicago"))
    return here.replace(hour=12, minute=0, second=0, microsecond=0)


class Schedule(SmartEhr):
    """Gives the appointments of a day to whoever asks for a date."""

    def search(self, asked: Asked) -> list[Json]:
        if asked.path != "Appointment" or asked.one("patient"):
            return super().search(asked)
        low, high = (bound[2:] for bound in asked.all("date"))
        found = [each for each in self.resources if each["resourceType"] == "Appointment"]
        return [each for each in found if low <= each["start"] < high]


@pytest.fixture(autouse=True)
def morning() -> Iterator[None]:
    """No day of the site ends while a test runs."""
    with time_machine.travel(noon() - timedelta(hours=3), tick=True):
        yield


@pytest.fixture
def clinic(connect: Connect) -> object:
    from tests.clinical.fhir.fake_ehr import running

    ehr = Schedule([patient("p1"), lab("a1", "p1", 8.1), appointment("today", "p1", noon())])
    with running(ehr):
        connect(ehr, backend_client_id="visit-lens-backend")
        yield ehr


def prepare() -> None:
    for job_id in preparing.plan(now=timezone.now()):
        preparing.run(job_id)


def test_todays_charts_are_prepared_with_our_own_rights(clinic: Schedule) -> None:
    prepare()
    assert Job.objects.get().state == Job.State.DONE
    snapshot = Snapshot.objects.get()
    assert (snapshot.user, snapshot.patient) == (None, "p1")
    assert AccessLog.objects.get().what == "prepare"
    form = clinic.forms[0]
    assert form["grant_type"] == "client_credentials"
    assert "system/Patient.rs" in form["scope"]
    assert "client_assertion" in form


def test_a_second_sweep_prepares_nothing_twice(clinic: Schedule) -> None:
    prepare()
    asked = len([each for each in clinic.asked if each.path == "Patient/p1"])
    prepare()
    assert len([each for each in clinic.asked if each.path == "Patient/p1"]) == asked
    assert Job.objects.count() == 1


def test_a_prepared_chart_opens_warm_once_the_clinicians_own_token_has_read_the_patient(
    clinic: Schedule, launch: Launch
) -> None:
    prepare()
    live.forget()
    gate = threading.Event()

    def hold(_: FakeEhr, asked: Asked) -> Reply | None:
        if asked.path == "Observation":
            gate.wait(20)
        return None

    clinic.hook = hold
    opened = launch(clinic)
    try:
        page = opened.client.get(opened.url)
        while "8.1" not in str(page.context["summary"].blocks):
            news = opened.client.get(page.context["poll_url"])
            page = news if news.status_code == 200 else page
        assert not page.context["summary"].complete
    finally:
        gate.set()
    assert opened.until_complete().context["summary"].complete


def test_a_prepared_chart_is_not_shown_to_somebody_who_may_not_read_the_patient(
    clinic: Schedule, launch: Launch
) -> None:
    prepare()
    clinic.hook = lambda _, asked: Reply(403) if asked.path.startswith("Patient/") else None
    clinic.grant = Grant(scopes="launch openid fhirUser patient/Patient.rs")
    page = launch(clinic).until_complete()
    assert "8.1" not in str(page.context["summary"].blocks)
    assert "WINTERBOURNE" not in page.content.decode()


def test_a_prepared_section_is_not_shown_without_the_scope_for_it(
    clinic: Schedule, launch: Launch
) -> None:
    prepare()
    clinic.grant = Grant(scopes="launch openid fhirUser patient/Patient.rs patient/Condition.rs")
    page = launch(clinic).until_complete()
    assert "8.1" not in str(page.context["summary"].blocks)


def test_restricted_entries_of_a_prepared_chart_wait_for_the_clinicians_own_reading(
    clinic: Schedule, launch: Launch
) -> None:
    clinic.resources[1] = lab("a1", "p1", 8.1, meta={"security": [{"code": "R"}]})
    prepare()
    gate = threading.Event()

    def hold(_: FakeEhr, asked: Asked) -> Reply | None:
        if asked.path == "Observation":
            gate.wait(20)
        return None

    clinic.hook = hold
    opened = launch(clinic)
    try:
        page = opened.client.get(opened.url)
        while "WINTERBOURNE" not in page.content.decode():
            page = opened.client.get(page.context["poll_url"])
        assert "8.1" not in str(page.context["summary"].blocks)
    finally:
        gate.set()
    assert "8.1" in str(opened.until_complete().context["summary"].blocks)


def test_a_job_that_fails_waits_longer_each_time_and_ends(clinic: Schedule) -> None:
    clinic.hook = lambda _, asked: Reply(500) if asked.path.startswith("Patient/") else None
    now = timezone.now()
    for attempt in range(1, 6):
        prepare()
        job = Job.objects.get()
        if attempt < 5:
            assert job.state == Job.State.WAITING
            assert job.not_before > now + timedelta(seconds=15 * 2**attempt - 1)
            Job.objects.update(not_before=now)
    assert job.state == Job.State.FAILED
    assert job.words


def test_a_job_whose_worker_was_lost_is_done_by_another(clinic: Schedule) -> None:
    (job_id,) = preparing.plan(now=timezone.now())
    past = timezone.now() - timedelta(seconds=1)
    Job.objects.update(state=Job.State.RUNNING, lease=past)
    assert preparing.plan(now=timezone.now()) == [job_id]
    preparing.run(job_id)
    assert Job.objects.get().state == Job.State.DONE


def test_a_job_under_way_is_left_to_its_worker(clinic: Schedule) -> None:
    (job_id,) = preparing.plan(now=timezone.now())
    Job.objects.update(state=Job.State.RUNNING, lease=timezone.now() + timedelta(minutes=1))
    preparing.run(job_id)
    assert Snapshot.objects.count() == 0


@pytest.mark.parametrize("change", [{"status": "cancelled"}, {"participant": []}], ids=str)
def test_visits_that_do_not_take_place_are_not_prepared(
    clinic: Schedule, change: dict[str, object]
) -> None:
    clinic.resources[2].update(change)
    prepare()
    assert Job.objects.count() == 0


def test_my_patients_today_are_mine_only(clinic: Schedule, launch: Launch) -> None:
    prepare()
    opened = launch(clinic)
    opened.until_complete()
    shown = opened.client.get("/")
    (visit,) = shown.context["visits"]
    assert (visit.time, visit.who, visit.why) == (
        "12:00",
        "Winterbourne, Anna",
        "Diabetes follow-up",
    )
    assert visit.prepared
    clinic.grant = Grant(user="Practitioner/bob", name="Bob Example RN")
    other = launch(clinic)
    other.until_complete()
    assert other.client.get("/").context["visits"] == ()
    assert Client().get("/").context["visits"] == ()


def test_names_of_the_schedule_are_not_readable_in_the_database(clinic: Schedule) -> None:
    prepare()
    row = ScheduledVisit.objects.values().get()
    assert "Winterbourne" not in str(row)
    assert b"Winterbourne" not in bytes(row["sealed"])


def test_an_ehr_without_a_backend_registration_is_left_alone(
    mercy: SmartEhr, connect: Connect
) -> None:
    connect(mercy)
    assert preparing.plan(now=timezone.now()) == []
    assert mercy.asked == []


def test_a_refused_backend_registration_stops_nothing(clinic: Schedule, launch: Launch) -> None:
    clinic.tokens.clear()
    clinic._token = lambda _: Reply(401, b'{"error":"invalid_client"}')  # type: ignore[method-assign]
    prepare()
    assert Job.objects.count() == 0
    assert pulling.wait_for_all(5)
    assert pages.site().name("mercy") == "Mercy Hospital"
