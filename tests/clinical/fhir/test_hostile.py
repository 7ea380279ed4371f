"""The pull against servers that were met in the field, and worse: no false "none", no endless paging, no loss."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from clinical.fhir.searches import instant

from .conftest import AS_OF, PATIENT, pulled
from .fake_ehr import Asked, FakeEhr, Json, Reply, entry, observation, reply, searchset
from .test_pull import labs

Start = Callable[..., FakeEhr]


def without(asked: Asked, *names: str) -> Asked:
    query = [(name, value) for name, value in asked.query if name not in names]
    return Asked(asked.method, asked.path, query, asked.headers, asked.body)


def test_it_ignores_the_patient_and_sends_other_peoples_rows(start: Start) -> None:
    others = labs(40, first=500, patient="2")
    ehr = start([PATIENT, *labs(10), *others])
    ehr.hook = lambda ehr, asked: (
        ehr.ordinary(without(asked, "patient")) if asked.path == "Observation" else None
    )
    found = pulled(ehr, "labs.recent")["labs.recent"]
    assert {e.id for e in found.entries} == {f"o{n}" for n in range(10)}
    assert found.state.foreign == 40
    assert found.state.state == "partial"
    assert "40 entries about somebody else" in found.state.reason
    assert not found.state.cut_short


def test_only_other_peoples_rows_is_not_none(start: Start) -> None:
    ehr = start([PATIENT, *labs(4, patient="2")])
    ehr.hook = lambda ehr, asked: ehr.ordinary(without(asked, "patient"))
    found = pulled(ehr, "labs.recent")
    assert found.state("labs.recent") == "partial"
    assert not found["labs.recent"].entries


def self_pointing(ehr: FakeEhr, asked: Asked) -> Reply:
    here = f"{ehr.base}/{asked.path}?" + "&".join(f"{k}={v}" for k, v in asked.query)
    result = entry(ehr, observation(1, "2026-06-01"))
    return reply(searchset([result], link=[{"relation": "next", "url": here}]))


def test_its_next_link_points_to_itself(start: Start) -> None:
    ehr = start(hook=self_pointing)
    found = pulled(ehr, "allergies", "labs.recent", "vitals.recent")
    assert found["labs.recent"].state.received == 1
    assert found.state("labs.recent") == "partial"
    assert "circle" in found["labs.recent"].state.reason
    assert len(ehr.asked) < 12


def test_its_pages_go_on_forever_under_new_names(start: Start) -> None:
    def endless(ehr: FakeEhr, asked: Asked) -> Reply:
        link = [{"relation": "next", "url": f"{ehr.base}/more/{len(ehr.asked)}"}]
        return reply(searchset([entry(ehr, observation(1, "2026-06-01"))], link=link))

    ehr = start(hook=endless)
    found = pulled(ehr, "problems")
    assert found.state("problems") == "partial"
    assert len(ehr.asked) < 5


def test_its_pages_go_on_forever_with_ever_new_rows(start: Start) -> None:
    def endless(ehr: FakeEhr, asked: Asked) -> Reply:
        number = len(ehr.asked)
        link = [{"relation": "next", "url": f"{ehr.base}/more/{number}"}]
        problem = {
            "resourceType": "Condition",
            "id": f"c{number}",
            "subject": {"reference": "Patient/1"},
        }
        return reply(searchset([entry(ehr, problem)], link=link))

    ehr = start(hook=endless)
    found = pulled(ehr, "problems", limits={"pages_per_search": 6})
    assert found["problems"].state.received == 6
    assert "only the first 6 pages" in found["problems"].state.reason


def test_more_comes_than_a_pull_may_bring(start: Start) -> None:
    ehr = start([PATIENT, *labs(40, days=0)], cap=10)
    found = pulled(ehr, "labs.recent", limits={"pull_bytes": 5_000})
    assert found.state("labs.recent") == "partial"
    assert "MB came in" in found["labs.recent"].state.reason


def test_every_search_with_a_system_finds_nothing(start: Start) -> None:
    def bare_only(ehr: FakeEhr, asked: Asked) -> Reply | None:
        return reply(searchset([])) if any("|" in value for _, value in asked.query) else None

    ehr = start([PATIENT, *labs(5)], hook=bare_only)
    found = pulled(ehr, "labs.recent", "labs.latest", plan={"visit_codes": ["2160-0"]})
    assert found["labs.recent"].state.received == 5
    assert found["labs.latest"].state.received == 5


def test_every_search_without_a_system_finds_nothing(start: Start) -> None:
    def with_system_only(ehr: FakeEhr, asked: Asked) -> Reply | None:
        return reply(searchset([])) if asked.one("code") and "|" not in asked.one("code") else None

    ehr = start([PATIENT, *labs(5)], hook=with_system_only)
    found = pulled(ehr, "labs.recent", "labs.latest", plan={"visit_codes": ["2160-0"]})
    assert found["labs.latest"].state.received == 5
    assert found.order.count("labs.latest") == 1


def test_no_search_by_code_finds_anything(start: Start) -> None:
    def no_codes(ehr: FakeEhr, asked: Asked) -> Reply | None:
        return reply(searchset([])) if asked.one("code") else None

    ehr = start([PATIENT, *labs(5)], hook=no_codes)
    found = pulled(ehr, "labs.recent", "labs.latest", plan={"visit_codes": ["2160-0", "4548-4"]})
    assert found.state("labs.latest") == "partial"
    assert "asked by code" in found["labs.latest"].state.reason


def test_a_code_that_nobody_has_seen_may_well_not_be_there(start: Start) -> None:
    found = pulled(
        start([PATIENT, *labs(5)]), "labs.recent", "labs.latest", plan={"visit_codes": ["9-9"]}
    )
    assert found.state("labs.latest") == "ok_empty"


@pytest.mark.parametrize("honoured", ["first", "last", "none"])
def test_it_honours_only_one_of_two_dates(start: Start, honoured: str) -> None:
    def one_bound(ehr: FakeEhr, asked: Asked) -> Reply | None:
        dates = asked.all("date")
        if len(dates) < 2:
            return None
        query = [pair for pair in asked.query if pair[0] != "date"]
        if honoured != "none":
            query.append(("date", dates[0 if honoured == "first" else -1]))
        return ehr.ordinary(Asked(asked.method, asked.path, query, asked.headers, asked.body))

    ehr = start([PATIENT, *labs(400)], cap=50, hook=one_bound)
    found = pulled(ehr, "labs.recent")
    assert found.ids("labs.recent") == {f"o{n}" for n in range(400)}
    assert found.state("labs.recent") == "ok"
    assert len(ehr.asked) < 40


def test_it_refuses_two_dates(start: Start) -> None:
    def refuse(ehr: FakeEhr, asked: Asked) -> Reply | None:
        return Reply(400) if len(asked.all("date")) > 1 else None

    found = pulled(start([PATIENT, *labs(400)], cap=50, hook=refuse), "labs.recent")
    assert found["labs.recent"].state.received == 400
    assert found.state("labs.recent") == "ok"


def test_its_windows_bring_less_than_it_announced(start: Start) -> None:
    """A server whose date search passes over some rows: its own chain of pages is read as well."""

    def short(ehr: FakeEhr, asked: Asked) -> Reply | None:
        if len(asked.all("date")) < 2:
            return None
        found = ehr.search(asked)[::2]
        return reply(searchset([entry(ehr, each) for each in found]))

    found = pulled(start([PATIENT, *labs(300)], cap=50, hook=short), "labs.recent")
    assert found["labs.recent"].state.received == 300


def test_parts_are_enough_once_a_server_has_shown_that_they_bring_everything(start: Start) -> None:
    ehr = start([PATIENT, *labs(300)])
    for whole in (1, 0):
        ehr.asked.clear()
        found = pulled(ehr, "labs.recent")
        assert found.ids("labs.recent") == {f"o{n}" for n in range(300)}
        assert sum(len(asked.all("date")) < 2 for asked in ehr.asked) == 1 + whole


def test_its_parts_pass_over_rows_of_the_whole(start: Start) -> None:
    """Nothing is lost the first time, and from then on it is asked for the whole range."""

    def short(ehr: FakeEhr, asked: Asked) -> Reply | None:
        if len(asked.all("date")) < 2:
            return None
        return reply(searchset([entry(ehr, each) for each in ehr.search(asked)[::2]]))

    ehr = start([PATIENT, *labs(300)], hook=short)
    for requests in (5, 1):
        ehr.asked.clear()
        found = pulled(ehr, "labs.recent")
        assert found.ids("labs.recent") == {f"o{n}" for n in range(300)}
        assert len(ehr.asked) == requests


def test_it_ignores_sort_and_include(start: Start) -> None:
    ehr = start([PATIENT, *reversed(labs(300))], cap=50)
    ehr.hook = lambda ehr, asked: (
        ehr.ordinary(without(asked, "_sort", "_include")) if asked.query else None
    )
    found = pulled(ehr, "labs.recent")
    assert found.ids("labs.recent") == {f"o{n}" for n in range(300)}


def test_it_ignores_the_category(start: Start) -> None:
    vitals = labs(6, first=100, category="vital-signs")
    odd = labs(2, first=200, category="Access Lines")
    ehr = start([PATIENT, *labs(5), *vitals, *odd])
    ehr.hook = lambda ehr, asked: ehr.ordinary(without(asked, "category")) if asked.query else None
    found = pulled(ehr, "labs.recent", "vitals.recent")
    assert found.ids("labs.recent") == {f"o{n}" for n in (0, 1, 2, 3, 4, 200, 201)}
    assert found["labs.recent"].elsewhere == 6
    assert {f"o{n}" for n in range(100, 106)} <= found.ids("vitals.recent")


@pytest.mark.parametrize("parameter", ["_sort", "_count", "date", "_include", "status", "intent"])
def test_it_refuses_a_parameter(start: Start, parameter: str) -> None:
    def refuse(ehr: FakeEhr, asked: Asked) -> Reply | None:
        return Reply(400, b"no") if asked.all(parameter) else None

    request: Json = {
        "resourceType": "MedicationRequest",
        "id": "r1",
        "status": "active",
        "intent": "order",
        "subject": {"reference": "Patient/1"},
    }
    ehr = start([PATIENT, request, *labs(5)], hook=refuse)
    undivided = {"concurrency": 8}
    found = pulled(ehr, "labs.recent", "medications.active", plan=undivided)
    assert found["labs.recent"].state.received == 5
    assert found["medications.active"].state.received == 1
    asked = len(ehr.asked)
    pulled(ehr, "labs.recent", "medications.active", plan=undivided)
    assert len(ehr.asked) - asked == 2, "what was refused once is not asked again"


def test_it_refuses_several_codes_at_once(start: Start) -> None:
    def refuse(ehr: FakeEhr, asked: Asked) -> Reply | None:
        return Reply(400) if "," in asked.one("code") else None

    ehr = start([PATIENT, *labs(5)], hook=refuse)
    found = pulled(ehr, "labs.latest", plan={"visit_codes": ["2160-0", "4548-4", "718-7"]})
    assert found["labs.latest"].state.received == 5
    assert found.state("labs.latest") == "ok"


def test_it_forbids_what_would_come_along(start: Start) -> None:
    def forbid(ehr: FakeEhr, asked: Asked) -> Reply | None:
        return Reply(403) if asked.all("_include") else None

    found = pulled(start(hook=forbid), "medications.active", "allergies")
    assert found.state("medications.active") == "ok_empty"


def test_breaking_the_glass_is_not_tried_again_and_again(start: Start) -> None:
    ehr = start(hook=lambda ehr, asked: Reply(403))
    assert pulled(ehr, "problems").state("problems") == "restricted"
    assert len(ehr.asked) == 1


def chain(ehr: FakeEhr, asked: Asked, broken: Reply) -> Reply | None:
    return broken if asked.path.startswith("_page/") else None


@pytest.mark.parametrize(
    "broken", [Reply(500), Reply(200, b"<html>"), Reply(200, b'{"resourceType":"Bundle","entry":[')]
)
def test_a_page_lost_in_the_middle_leaves_the_rest_and_says_so(start: Start, broken: Reply) -> None:
    problems = [
        {"resourceType": "Condition", "id": f"c{n}", "subject": {"reference": "Patient/1"}}
        for n in range(30)
    ]
    ehr = start([PATIENT, *problems], cap=10, hook=lambda e, a: chain(e, a, broken))
    found = pulled(ehr, "problems")["problems"]
    assert found.state.received == 10
    assert found.state.state == "partial"
    assert found.state.reason.startswith("Incomplete: 10 entries read from Mercy Hospital")
    assert found.state.cut_short


def test_a_next_link_that_has_expired_begins_again_once(start: Start) -> None:
    problems = [
        {"resourceType": "Condition", "id": f"c{n}", "subject": {"reference": "Patient/1"}}
        for n in range(30)
    ]
    gone: list[str] = []

    def expire(ehr: FakeEhr, asked: Asked) -> Reply | None:
        if asked.path.startswith("_page/") and not gone:
            gone.append(asked.path)
            return Reply(410)
        return None

    found = pulled(start([PATIENT, *problems], cap=10, hook=expire), "problems")
    assert found["problems"].state.received == 30
    assert found.state("problems") == "ok"


def test_a_next_link_to_another_server_is_not_followed(start: Start) -> None:
    evil = start()

    def away(ehr: FakeEhr, asked: Asked) -> Reply:
        link = [{"relation": "next", "url": evil.base + "/Condition?page=2"}]
        problem = {"resourceType": "Condition", "id": "c", "subject": {"reference": "Patient/1"}}
        return reply(searchset([entry(ehr, problem)], link=link))

    found = pulled(start(hook=away), "problems", token=lambda: "t0ken")
    assert found["problems"].state.received == 1
    assert found.state("problems") == "partial"
    assert "another server" in found["problems"].state.reason
    assert not evil.asked


def test_a_drug_reference_to_another_place_is_not_followed(start: Start) -> None:
    evil = start()
    request = {
        "resourceType": "MedicationRequest",
        "id": "r1",
        "status": "active",
        "subject": {"reference": "Patient/1"},
        "medicationReference": {"reference": f"{evil.base}/Medication/m1"},
    }
    ehr = start([PATIENT, request])
    found = pulled(ehr, "medications.active")
    assert found.state("medications.active") == "ok"
    assert not evil.asked
    assert not ehr.paths("Medication/"), "Medication/m1 of this server would be another drug"


def test_the_same_page_twice_counts_once(start: Start) -> None:
    first = [observation(n, instant(AS_OF - timedelta(days=n))) for n in range(20)]

    def overlap(ehr: FakeEhr, asked: Asked) -> Reply:
        if asked.path == "again":
            return reply(searchset([entry(ehr, each) for each in first[5:]]))
        link = [{"relation": "next", "url": f"{ehr.base}/again"}]
        return reply(searchset([entry(ehr, each) for each in first[:10]], link=link))

    found = pulled(start(hook=overlap), "problems", "labs.recent")
    assert found["labs.recent"].state.received == 20


def test_plain_text_and_html_errors_are_survived(start: Start) -> None:
    for body in (b"ORA-00942: table or view does not exist", b"<html>500</html>", b""):
        found = pulled(start(hook=lambda e, a, body=body: Reply(500, body)), "allergies")
        assert found.state("allergies") == "failed"
        assert "HTTP 500" in found["allergies"].state.reason
        assert "ORA" not in found["allergies"].state.reason


def test_a_next_link_that_is_no_address_ends_the_search_with_what_is_here(start: Start) -> None:
    def nonsense(ehr: FakeEhr, asked: Asked) -> Reply:
        link = [{"relation": "next", "url": "http://[nowhere/Condition?page=2"}]
        problem = {"resourceType": "Condition", "id": "c", "subject": {"reference": "Patient/1"}}
        return reply(searchset([entry(ehr, problem)], link=link))

    found = pulled(start(hook=nonsense), "problems", limits={"pull_seconds": 3.0})
    assert found["problems"].state.received == 1
    assert found.state("problems") == "partial"
    assert "next page" in found["problems"].state.reason
