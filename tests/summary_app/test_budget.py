"""The request budget of an EHR, counted over all processes."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
import time_machine

from summary_app.connections.services.budget import SharedBudget
from summary_app.models import Connection, RequestMinute
from summary_app.summary.services import pulling
from tests.summary_app.conftest import Launch
from tests.summary_app.ehr import SmartEhr


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(datetime(2026, 11, 24, 9, 0, tzinfo=UTC), tick=False) as clock:
        yield clock


@pytest.fixture
def city(db: None) -> Connection:
    return Connection.objects.create(key="city", name="City", base_url="https://city.example/fhir")


def grants(budget: SharedBudget, wanted: int, *, background: bool = False) -> int:
    """How many of so many requests are granted at once."""
    now = time.monotonic()
    return sum(not budget.take(until=now, background=background) for _ in range(wanted))


def test_two_processes_share_one_budget(city: Connection, clock: object) -> None:
    one, other = (SharedBudget(city.pk, 10) for _ in range(2))
    assert grants(one, 6) + grants(other, 6) == 10
    assert RequestMinute.objects.get().sent == 10


def test_jobs_leave_half_of_it_to_people(city: Connection, clock: object) -> None:
    budget = SharedBudget(city.pk, 10)
    assert grants(budget, 10, background=True) == 5
    assert grants(budget, 10) == 5


def test_it_fills_up_again_as_the_minute_passes(
    city: Connection, clock: time_machine.Traveller
) -> None:
    budget = SharedBudget(city.pk, 10)
    assert grants(budget, 10) == 10
    clock.shift(60)  # the last minute counts in full still
    assert grants(budget, 10) == 0
    clock.shift(30)
    assert grants(budget, 10) == 5
    clock.shift(300)
    assert grants(budget, 20) == 10


def test_the_wait_is_said_when_it_is_too_long(city: Connection, clock: object) -> None:
    budget = SharedBudget(city.pk, 1)
    assert budget.take(until=time.monotonic()) == 0
    assert 0 < budget.take(until=time.monotonic()) <= 60


def test_a_pause_that_the_ehr_asked_for_is_kept(city: Connection) -> None:
    budget = SharedBudget(city.pk, 10)
    budget.hold(30)
    assert 29 < budget.take(until=time.monotonic()) <= 30


def test_an_opening_beyond_the_budget_says_so_and_keeps_what_came(
    mercy: SmartEhr, connect: Callable[..., Connection], launch: Launch
) -> None:
    connect(mercy, requests_per_minute=4, pull_seconds=5.0)
    page = launch(mercy).until_complete()
    assert "allows only so many requests" in str(page.context["summary"])
    assert len([each for each in mercy.asked if "auth" not in each.path]) <= 5
    assert pulling.wait_for_all(20)
