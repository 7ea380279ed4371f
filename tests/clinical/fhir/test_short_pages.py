"""An EHR whose pages are short is asked in shorter parts of time: nothing is lost, and nobody is asked more than allowed."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from clinical.fhir.catalogue import CATALOGUE
from clinical.fhir.searches import PAGE_SIZE, instant

from .conftest import AS_OF, PATIENT, pulled, searches
from .fake_ehr import Asked, FakeEhr, Reply, observation

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


def test_what_is_for_later_never_takes_all_that_an_opening_may_send(start: Start) -> None:
    lock = threading.Lock()
    under_way, most = [0], [0]
    too_many = threading.Event()

    def count(ehr: FakeEhr, asked: Asked) -> Reply | None:
        with lock:
            under_way[0] += 1
            most[0] = max(most[0], under_way[0])
            if under_way[0] > 3:
                too_many.set()
        too_many.wait(0.2)  # long enough for a fourth to come
        with lock:
            under_way[0] -= 1
        return None

    ehr = start([PATIENT], hook=count)
    later = [each.key for each in searches() if each.tier == 2]
    assert len(later) > 6
    pulled(ehr, *later, limits={"concurrency": 20, "later": 3})
    assert most == [3]
