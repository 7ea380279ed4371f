"""An EHR whose pages are short is asked in shorter parts of time: nothing is lost, and nobody is asked more than allowed."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest

from clinical.fhir.catalogue import CATALOGUE
from clinical.fhir.connection import Limits
from clinical.fhir.pull import pull
from clinical.fhir.searches import PAGE_SIZE, instant, plan_for

from .conftest import AS_OF, PATIENT, Pulled, connection_to, pulled, searches
from .fake_ehr import Asked, FakeEhr, Reply, entry, observation, outcome, reply, searchset

Start = Callable[..., FakeEhr]
PARTS = next(kind.parts for kind in CATALOGUE if kind.key == "labs.recent")
USUAL = 1 + len(next(kind.cuts for kind in CATALOGUE if kind.key == "labs.recent"))
SHORT_CUT = instant(AS_OF - timedelta(days=400) / PARTS)


def labs(number: int, days: int = 395) -> list[dict[str, Any]]:
    step = timedelta(days=days) / number
    return [observation(n, instant(AS_OF - step * n)) for n in range(number)]


def asked_again(ehr: FakeEhr, **limits: int) -> list[Asked]:
    """What a second opening asks, once the first has shown how this EHR answers."""
    assert pulled(ehr, "labs.recent", limits=limits)["labs.recent"].state.received
    before = len(ehr.asked)
    found = pulled(ehr, "labs.recent", limits=limits)
    assert found["labs.recent"].state.received == sum(
        each["resourceType"] == "Observation" for each in ehr.resources
    )
    assert found.state("labs.recent") == "ok"
    return ehr.asked[before:]


def bounds(asked: list[Asked]) -> set[str]:
    return {bound[2:] for each in asked for bound in each.all("date")}


def test_where_pages_are_known_to_be_short_every_part_fits_one(start: Start) -> None:
    asked = asked_again(start([PATIENT, *labs(PARTS * 8)], cap=10))
    assert len(asked) == PARTS
    assert all(each.one("_count") == str(PAGE_SIZE) for each in asked)
    assert SHORT_CUT in bounds(asked)


def test_where_pages_are_long_the_parts_stay_few(start: Start) -> None:
    assert len(asked_again(start([PATIENT, *labs(300)], cap=1000))) == USUAL
    long_chart = asked_again(start([PATIENT, *labs(1400)], cap=260))
    assert SHORT_CUT not in bounds(long_chart)


def test_an_ehr_that_counts_requests_is_not_asked_more_often(start: Start) -> None:
    few = asked_again(start([PATIENT, *labs(20)], cap=10), requests_per_minute=10_000)
    assert SHORT_CUT not in bounds(few)


def test_a_longer_page_takes_back_what_was_learned(start: Start) -> None:
    ehr = start([PATIENT, *labs(600)], cap=10)
    asked_again(ehr, pages_per_search=200)
    ehr.cap = 1000
    asked_again(ehr, pages_per_search=200)
    asked = asked_again(ehr, pages_per_search=200)
    assert len(asked) <= PARTS


def test_parts_leave_room_for_the_rest_of_the_first_screen() -> None:
    for allowed in range(1, 33):
        plan = [each for each in searches(concurrency=allowed) if each.tier == 1]
        for cuts in ("cuts", "short_cuts"):
            sent = len(plan) + sum(len(getattr(each, cuts)) for each in plan)
            assert sent <= max(allowed, len(plan))
    parts = next(each.short_cuts for each in searches() if each.key == "labs.recent")
    assert len(parts) == PARTS - 1
    assert list(parts) == sorted(parts, reverse=True)


class Crowd:
    """Counts the requests under way; each waits long enough for one more than `allowed` to come."""

    def __init__(self, allowed: int) -> None:
        self.most = 0
        self._allowed, self._under_way = allowed, 0
        self._lock, self._too_many = threading.Lock(), threading.Event()

    def __call__(self, ehr: FakeEhr, asked: Asked) -> Reply | None:
        with self._lock:
            self._under_way += 1
            self.most = max(self.most, self._under_way)
            if self._under_way > self._allowed:
                self._too_many.set()
        self._too_many.wait(0.2)
        with self._lock:
            self._under_way -= 1
        return None


def test_what_is_for_later_never_takes_all_that_an_opening_may_send(start: Start) -> None:
    crowd = Crowd(3)
    ehr = start([PATIENT], hook=crowd)
    later = [each.key for each in searches() if each.tier == 2]
    assert len(later) > 6
    pulled(ehr, *later, limits={"concurrency": 20, "later": 3})
    assert crowd.most == 3


# ---- servers that do not give with two bounds what they give with one


def passes_over_two_bounds(ehr: FakeEhr, asked: Asked) -> Reply | None:
    two = len(asked.all("date")) > 1
    return reply(searchset([])) if two else None


def days_only(ehr: FakeEhr, asked: Asked) -> Reply | None:
    """A bound is rounded so that its own day is left out on both sides."""
    if len(asked.all("date")) < 2 or asked.path != "Observation":
        return None
    since, until = sorted(asked.all("date"))
    found = [
        each
        for each in ehr.resources
        if since[2:12] < str(each.get("effectiveDateTime", ""))[:10] < until[2:12]
        and each["subject"]["reference"] == f"Patient/{asked.one('patient')}"
    ]
    return reply(searchset([entry(ehr, each) for each in found]))


def openings(ehr: FakeEhr, patients: str, **limits: int) -> list[tuple[str, int]]:
    """The state, and how much was received, of one opening after the other."""
    found = []
    for patient in patients:
        allowed = limits.get("concurrency", Limits.concurrency)
        plan = plan_for(server="mercy", patient_id=patient, as_of=AS_OF, concurrency=allowed)
        labs_only = [each for each in plan.searches if each.key == "labs.recent"]
        got = Pulled()
        connection = connection_to(ehr, limits={"pages_per_search": 200, **limits})
        pull(connection, labs_only, patient, got.take, now=lambda: AS_OF)
        found.append((got.state("labs.recent"), got["labs.recent"].state.received))
    return found


def of_second(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    about = {"reference": "Patient/2"}
    return [{**each, "id": f"second-{each['id']}", "subject": about} for each in rows]


@pytest.mark.parametrize("totals", [True, False])
def test_a_patient_with_recent_results_only_proves_no_windows(start: Start, totals: bool) -> None:
    rows = [*labs(8, days=20), *of_second(labs(60))]
    ehr = start([PATIENT, *rows], cap=10, hook=passes_over_two_bounds)
    ehr.totals = totals
    assert openings(ehr, "12") == [("ok", 8), ("ok", 60)]


@pytest.mark.parametrize("concurrency", [1, 8, 12, 20, 32])
def test_without_a_number_of_results_the_parts_are_held_against_all_pages(
    start: Start, concurrency: int
) -> None:
    ehr = start([PATIENT, *labs(60)], cap=10, hook=passes_over_two_bounds)
    ehr.totals = False
    assert openings(ehr, "11", concurrency=concurrency) == [("ok", 60), ("ok", 60)]


def test_what_lies_at_a_cut_is_not_lost_where_bounds_are_rounded_to_days(start: Start) -> None:
    """What the first patient has shows nothing: there is no result on the day of a cut."""
    cuts = [AS_OF - timedelta(days=400) / PARTS * n for n in range(1, PARTS)]
    on_cuts = [
        observation(1000 + 10 * n + hours, instant(cut + timedelta(hours=hours)))
        for n, cut in enumerate(cuts)
        for hours in (0, 3)
    ]
    few = [observation(n, instant(AS_OF - timedelta(days=40 + 29 * n))) for n in range(12)]
    ehr = start([PATIENT, *few, *of_second([*labs(40), *on_cuts])], cap=10, hook=days_only)
    expected = ("ok", 40 + len(on_cuts))
    assert openings(ehr, "122") == [("ok", 12), expected, expected]


def test_many_results_of_one_day_are_not_divided_into_hours(start: Start) -> None:
    burst = [observation(n, instant(AS_OF - timedelta(days=100, minutes=n))) for n in range(45)]
    ehr = start([PATIENT, *labs(60), *of_second(burst)], cap=10)
    assert openings(ehr, "12") == [("ok", 60), ("ok", 45)]
    same = [{**each, "effectiveDateTime": burst[0]["effectiveDateTime"]} for each in burst]
    other = start([PATIENT, *labs(60), *of_second(same)], cap=10)
    assert openings(other, "12") == [("ok", 60), ("ok", 45)]
    lengths = [bounds_of(each) for ehr in (ehr, other) for each in ehr.asked]
    assert min(length for length in lengths if length) >= timedelta(days=3)


def bounds_of(asked: Asked) -> timedelta | None:
    if len(asked.all("date")) < 2:
        return None
    since, until = (datetime.fromisoformat(each[2:]) for each in sorted(asked.all("date")))
    return until - since


def test_an_empty_page_that_another_one_follows_is_no_circle(start: Start) -> None:
    def empty_first(ehr: FakeEhr, asked: Asked) -> Reply | None:
        """Two empty pages lead to what should have been on the first."""
        if len(asked.all("again")) == 2:
            return None
        query = urlencode([*asked.query, ("again", "1")])
        link = {"relation": "next", "url": f"{ehr.base}/{asked.path}?{query}"}
        return reply(searchset([], link=[link]))

    ehr = start([PATIENT, *labs(40)], cap=10, hook=empty_first)
    assert openings(ehr, "1") == [("ok", 40)]


# ---- an EHR that says that it is asked too much; work that nobody waits for


def test_an_ehr_that_has_said_too_many_is_asked_in_few_parts_again(start: Start) -> None:
    refused: list[Asked] = []

    def once(ehr: FakeEhr, asked: Asked) -> Reply | None:
        if SHORT_CUT not in bounds([asked]) or refused:
            return None
        refused.append(asked)
        return reply(outcome("error", "throttled"), 429)

    ehr = start([PATIENT, *labs(PARTS * 8)], cap=10, hook=once)
    asked_again(ehr)
    assert refused
    assert SHORT_CUT not in bounds(asked_again(ehr))


def test_what_nobody_waits_for_never_takes_all_that_an_opening_may_send(start: Start) -> None:
    crowd = Crowd(3)
    ehr = start([PATIENT], hook=crowd)
    connection = connection_to(ehr, limits={"concurrency": 20, "later": 3})
    first = [each for each in searches() if each.tier == 1]
    pull(connection, first, "1", Pulled().take, now=lambda: AS_OF, background=True)
    assert crowd.most == 3
