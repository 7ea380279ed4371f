"""The pull against servers that behave."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from clinical.fhir.fetched import Fetched
from clinical.fhir.pull import pull
from clinical.fhir.searches import instant
from clinical.fhir.transport import Transport
from clinical.fhir.turns import AT_ONCE, TURNS

from .conftest import AS_OF, PATIENT, Pulled, connection_to, pulled, searches
from .fake_ehr import Asked, FakeEhr, Json, Reply, entry, observation, outcome, reply, searchset

Start = Callable[..., FakeEhr]


def labs(number: int, *, days: int = 380, first: int = 0, **more: Any) -> list[Json]:
    """Laboratory results spread evenly over so many days, newest first."""
    return [
        observation(
            first + place,
            instant(AS_OF - timedelta(days=days) * (place / number)),
            **more,
        )
        for place in range(number)
    ]


def request(name: str, **more: Any) -> Json:
    return {
        "resourceType": "MedicationRequest",
        "id": name,
        "status": "active",
        "intent": "order",
        "subject": {"reference": "Patient/1"},
        **more,
    }


def test_every_search_of_the_plan_ends_in_exactly_one_state(start: Start) -> None:
    ehr = start([PATIENT, *labs(30)])
    found = pulled(ehr, plan={"visit_codes": ["2160-0"]})
    planned = {search.key for search in searches(visit_codes=["2160-0"])}
    assert planned <= set(found.order)
    assert len(found.order) == len(set(found.order))
    assert found.state("labs.recent") == "ok"
    assert found.state("allergies") == "ok_empty"
    assert found["labs.recent"].state.received == 30


def test_the_returned_states_are_those_delivered(start: Start) -> None:
    ehr = start()
    found = Pulled()
    states = pull(connection_to(ehr), searches(), "1", found.take, now=lambda: AS_OF)
    assert {state.search for state in states} == set(found.order)
    assert {state.at for state in states} == {AS_OF}
    assert {state.server for state in states} == {"mercy"}


def test_allergies_are_asked_for_first_and_the_first_tier_before_the_second(start: Start) -> None:
    ehr = start()
    pulled(ehr, limits={"concurrency": 1})
    first = [search.resource for search in searches() if search.tier == 1]
    asked = [each.path.partition("?")[0].partition("/")[0] for each in ehr.asked]
    # The long search goes out in parts, and whole beside them until the server is known.
    assert list(dict.fromkeys(asked))[: len(set(first))] == list(dict.fromkeys(first))
    assert first[0] == "AllergyIntolerance"


@pytest.mark.parametrize("totals", [True, False])
@pytest.mark.parametrize("cap", [7, 50, 100])
def test_a_long_search_comes_whole_whatever_the_page_size(
    start: Start, cap: int, totals: bool
) -> None:
    ehr = start([PATIENT, *labs(300)], cap=cap)
    ehr.totals = totals
    found = pulled(ehr, "labs.recent", limits={"pages_per_search": 200})
    assert found.ids("labs.recent") == {f"o{n}" for n in range(300)}
    assert found.state("labs.recent") == "ok"
    assert found["labs.recent"].state.received == 300


def test_pages_are_read_side_by_side_not_one_after_the_other(start: Start) -> None:
    ehr = start([PATIENT, *labs(400)], cap=100)
    arrivals = threading.Semaphore(0)
    both = threading.Event()

    def meet(ehr: FakeEhr, asked: Asked) -> None:
        if len(asked.all("date")) > 1:
            if arrivals.acquire(blocking=False):
                both.set()
            arrivals.release()
            both.wait(10)

    ehr.hook = meet
    found = pulled(ehr, "labs.recent", limits={"request_seconds": 30})
    assert both.is_set()
    assert found["labs.recent"].state.received == 400


def test_records_on_a_bound_come_once(start: Start) -> None:
    same = labs(400, days=0)
    ehr = start([PATIENT, *same], cap=100)
    found = pulled(ehr, "labs.recent")
    assert found["labs.recent"].state.received == 400


def test_results_of_the_future_are_among_them(start: Start) -> None:
    later = observation(999, instant(AS_OF + timedelta(days=40_000)))
    ehr = start([PATIENT, later, *labs(300)], cap=100)
    assert "o999" in pulled(ehr, "labs.recent").ids("labs.recent")


def test_dense_days_are_divided_again(start: Start) -> None:
    ward = labs(500, days=4, first=1000)
    ehr = start([PATIENT, *labs(60), *ward], cap=50)
    assert pulled(ehr, "labs.recent")["labs.recent"].state.received == 560


def test_the_latest_ever_is_asked_by_code_and_divided_too(start: Start) -> None:
    ehr = start([PATIENT, *labs(400, days=5000)], cap=100)
    found = pulled(ehr, "labs.latest", plan={"visit_codes": ["2160-0"]})
    assert found["labs.latest"].state.received == 400
    assert any(len(asked.all("date")) for asked in ehr.asked)


def test_drugs_that_did_not_come_along_are_read(start: Start) -> None:
    drug = {"resourceType": "Medication", "id": "m1", "code": {"text": "Metformin"}}
    other = request("r2", medicationReference={"reference": "Medication/m2"})
    ehr = start(
        [PATIENT, drug, request("r1", medicationReference={"reference": "Medication/m1"}), other]
    )
    ehr.included = lambda asked, part: []  # type: ignore[method-assign]
    found = pulled(ehr, "medications.active")["medications.active"]
    assert [e.reference for e in found.entries if e.mode == "include"] == ["Medication/m1"]
    assert found.state.received == 2
    assert found.state.state == "ok", "a drug that is not found leaves the request as it is"


def test_the_ingredients_of_a_mixture_without_a_code_are_read_once_each(start: Start) -> None:
    mixture = {
        "resourceType": "Medication", "id": "m1",
        "ingredient": [{"itemReference": {"reference": f"Medication/{name}"}} for name in ("i1", "i2", "gone")],
    }  # fmt: skip
    named = [
        {"resourceType": "Medication", "id": name, "code": {"text": name}} for name in ("i1", "i2")
    ]
    ehr = start(
        [
            PATIENT,
            mixture,
            *named,
            request("r1", medicationReference={"reference": "Medication/m1"}),
        ]
    )
    found = pulled(ehr, "medications.active")["medications.active"]
    drugs = [e.reference for e in found.entries if e.mode == "include"]
    assert sorted(drugs) == ["Medication/i1", "Medication/i2", "Medication/m1"]
    assert len(ehr.paths("Medication/gone")) == 1
    assert found.state.state == "ok"


def test_included_drugs_are_not_read_again(start: Start) -> None:
    drug = {"resourceType": "Medication", "id": "m1", "code": {"text": "Metformin"}}
    ehr = start([PATIENT, drug, request("r1", medicationReference={"reference": "Medication/m1"})])
    found = pulled(ehr, "medications.active")["medications.active"]
    assert len(found.entries) == 2
    assert len(ehr.asked) == 1


def test_the_encounter_of_the_launch_is_read_when_the_search_lacks_it(start: Start) -> None:
    visit = {"resourceType": "Encounter", "id": "e1", "subject": {"reference": "Patient/1"}}
    ehr = start(
        [PATIENT, visit], hook=lambda ehr, asked: reply(searchset([])) if asked.query else None
    )
    found = pulled(ehr, "encounters", plan={"encounter_id": "e1"})
    assert found.state("encounters") == "ok_empty"
    assert found.ids("encounters.launch") == {"e1"}


def test_the_encounter_of_the_launch_is_not_read_twice(start: Start) -> None:
    visit = {
        "resourceType": "Encounter",
        "id": "e1",
        "subject": {"reference": "Patient/1"},
        "effectiveDateTime": "2026-06-15",
    }
    found = pulled(start([PATIENT, visit]), "encounters", plan={"encounter_id": "e1"})
    assert found.order == ["encounters"]


def test_nothing_in_the_window_asks_for_the_whole_record(start: Start) -> None:
    ehr = start([PATIENT, observation(1, "2019-01-01")])
    found = pulled(ehr, "labs.recent")
    assert found.state("labs.recent") == "ok_empty"
    assert found.ids("labs.ever") == {"o1"}


def test_observations_without_a_category_are_found(start: Start) -> None:
    bare = observation(1, "2026-06-01")
    del bare["category"]
    found = pulled(start([PATIENT, bare, observation(2, "2026-06-01")]), "vitals.recent")
    assert found.order == ["vitals.recent", "vitals.ever", "observations.uncategorised"]
    assert found.ids("observations.uncategorised") == {"o1", "o2"}


def test_two_categories_go_out_as_one_request(start: Start) -> None:
    ehr = start(
        [
            PATIENT,
            observation(1, "2026-01-01", category="social-history"),
            observation(2, "2026-01-01", category="survey"),
        ]
    )
    found = pulled(ehr, "social", "surveys")
    assert found.ids("social") == {"o1"}
    assert found.ids("surveys") == {"o2"}
    assert len(ehr.asked) == 1


def test_a_list_of_categories_that_is_not_understood_is_asked_one_by_one(start: Start) -> None:
    def one_word(ehr: FakeEhr, asked: Asked) -> Reply | None:
        return reply(searchset([])) if "," in asked.one("category") else None

    ehr = start([PATIENT, observation(1, "2026-01-01", category="survey")], hook=one_word)
    found = pulled(ehr, "social", "surveys")
    assert found.ids("surveys") == {"o1"}
    assert found.state("social") == "ok_empty"


def test_an_empty_answer_is_not_a_failure_and_a_failure_not_empty(start: Start) -> None:
    def half(ehr: FakeEhr, asked: Asked) -> Reply | None:
        return Reply(500) if asked.path == "Condition" else None

    found = pulled(start(hook=half), "allergies", "problems")
    assert found.state("allergies") == "ok_empty"
    assert found.state("problems") == "failed"
    assert "Mercy Hospital" in found["problems"].state.reason


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        (reply(outcome("information", "informational")), "ok_empty"),
        (reply(outcome("error", "exception")), "failed"),
        (reply(outcome("error", "forbidden")), "restricted"),
        (reply(outcome("warning", "incomplete")), "partial"),
        (reply(outcome("warning", "x", details={"coding": [{"code": "4101"}]})), "ok_empty"),
        (reply(outcome("warning", "x", details={"coding": [{"code": "4131"}]})), "restricted"),
        (reply(searchset([{"resource": outcome("fatal", "timeout")}])), "failed"),
        (reply(searchset([{"resource": outcome("warning", "suppressed")}])), "partial"),
        (Reply(404), "not_supported"),
        (Reply(403), "restricted"),
        (Reply(200, b"<html>Sign in</html>"), "failed"),
        (Reply(200, b'{"resourceType":"Bundle","entry":[{'), "failed"),
        (reply({}), "failed"),
        (reply(searchset([])), "ok_empty"),
        (reply({"resourceType": "Bundle"}), "ok_empty"),
    ],
)
def test_what_an_answer_without_records_means(start: Start, answer: Reply, state: str) -> None:
    found = pulled(start(hook=lambda ehr, asked: answer), "allergies")
    assert found.state("allergies") == state
    assert bool(found["allergies"].state.reason) is (state != "ok_empty")


def test_a_patient_who_is_not_there(start: Start) -> None:
    found = pulled(start([]), "patient")
    assert found.state("patient") == "failed"
    assert "does not have what was asked for" in found["patient"].state.reason


def test_a_record_that_was_merged_into_another_is_not_taken_for_it(start: Start) -> None:
    ehr = start(hook=lambda ehr, asked: reply({"resourceType": "Patient", "id": "2"}))
    found = pulled(ehr, "patient")
    assert found.state("patient") == "failed"
    assert "another patient" in found["patient"].state.reason
    assert not found["patient"].entries


def test_one_bad_entry_is_counted_and_stays_reachable(start: Start) -> None:
    bad = observation(50, "2026-06-01", valueQuantity="Smith")
    found = pulled(start([PATIENT, bad, *labs(20)]), "labs.recent")["labs.recent"]
    assert (found.state.received, found.state.unreadable) == (20, 1)
    assert found.state.state == "partial"
    assert "1 entry could not be read" in found.state.reason
    assert any(e.id == "o50" and b"Smith" in e.raw and e.problem for e in found.entries)
    assert "Smith" not in found.state.reason


def test_an_entry_that_names_nobody_is_not_shown_as_the_patients(start: Start) -> None:
    loose = observation(1, "2026-06-01")
    del loose["subject"]
    ehr = start(hook=lambda ehr, asked: reply(searchset([entry(ehr, loose)])))
    found = pulled(ehr, "labs.recent")["labs.recent"]
    assert not found.matches
    assert found.state.unreadable == 1
    assert found.state.state == "partial"


@pytest.mark.parametrize(
    ("reference", "own"),
    [
        ("Patient/1", True),
        ("{base}/Patient/1", True),
        ("Patient/1/_history/3", True),
        ("Patient/2", False),
        ("Patient/11", False),
        ("https://other.example/fhir/Patient/1", False),
        ("Group/1", False),
    ],
)
def test_whose_record_it_is_goes_by_server_and_id(start: Start, reference: str, own: bool) -> None:
    ehr = start()
    result = observation(1, "2026-06-01", subject={"reference": reference.format(base=ehr.base)})
    ehr.hook = lambda ehr, asked: reply(searchset([entry(ehr, result)]))
    state = pulled(ehr, "labs.recent")["labs.recent"].state
    assert (state.received, state.foreign) == ((1, 0) if own else (0, 1))


def test_a_time_limit_delivers_what_there_is(start: Start) -> None:
    release = threading.Event()

    def stall(ehr: FakeEhr, asked: Asked) -> None:
        if asked.path == "Condition":
            release.wait(10)

    found = pulled(start(hook=stall), "allergies", "problems", limits={"pull_seconds": 0.5})
    release.set()
    assert found.state("allergies") == "ok_empty"
    assert found.state("problems") == "failed"
    assert found["problems"].state.remedy


class Clock:
    """The clock of the pull. `run_out`: the time of the opening is over from now on."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def monotonic(self) -> float:
        return time.monotonic() + self.ahead

    def run_out(self) -> None:
        self.ahead = 3600.0


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr("clinical.fhir.pull.time", clock)
    return clock


def pulled_until(last: str, clock: Clock, ehr: FakeEhr, *keys: str, **plan: Any) -> Pulled:
    """As `pulled`; the time of the opening is over once the answer to this search has been delivered."""
    found = Pulled()

    def take(fetched: Fetched) -> None:
        found.take(fetched)
        if fetched.search.key == last:
            clock.run_out()

    pull(connection_to(ehr), searches(*keys, **plan), "1", take, now=lambda: AS_OF)
    return found


@pytest.mark.parametrize(
    ("key", "not_asked"), [("labs.recent", "labs.ever"), ("vitals.recent", "vitals.ever")]
)
def test_what_there_was_no_time_to_ask_for_has_failed_and_is_not_none(
    start: Start, clock: Clock, key: str, not_asked: str
) -> None:
    """Nothing within the window, and the time was over before the whole record could be asked for."""
    ehr = start([PATIENT, observation(1, "2019-01-01")])
    found = pulled_until(key, clock, ehr, key)
    assert found.order == [key, not_asked]
    assert found.state(not_asked) == "failed"
    state = found[not_asked].state
    assert state.section == found[key].state.section
    assert "did not answer in full" in state.reason
    assert state.remedy


def test_the_encounter_of_the_launch_for_which_there_was_no_time_has_failed(
    start: Start, clock: Clock
) -> None:
    found = pulled_until("encounters", clock, start(), "encounters", encounter_id="e1")
    assert found.state("encounters.launch") == "failed"


def test_an_empty_list_of_categories_that_could_not_be_asked_one_by_one_is_not_none(
    start: Start, clock: Clock
) -> None:
    ehr = start(hook=lambda ehr, asked: reply(searchset([])))
    found = Pulled()

    def now() -> Any:  # the list has ended, and nobody has looked at what it brought
        clock.run_out()
        return AS_OF

    pull(connection_to(ehr), searches("social", "surveys"), "1", found.take, now=now)
    assert len(ehr.asked) == 1
    assert [found.state("social"), found.state("surveys")] == ["failed", "failed"]
    assert "did not answer in full" in found["surveys"].state.reason


def test_an_empty_list_of_categories_is_believed_where_lists_are_known(
    start: Start, clock: Clock
) -> None:
    ehr = start()
    connection = connection_to(ehr)
    found = Pulled()
    transport = Transport(connection)
    transport.knows_lists = True

    def now() -> Any:
        clock.run_out()
        return AS_OF

    chosen = searches("social", "surveys")
    pull(connection, chosen, "1", found.take, now=now, transport=transport)
    assert [found.state("social"), found.state("surveys")] == ["ok_empty", "ok_empty"]


def test_a_hung_server_does_not_hold_up_another(start: Start) -> None:
    release = threading.Event()
    hung = start(hook=lambda ehr, asked: release.wait(10) and None)
    healthy = start()
    done = threading.Event()

    def other() -> None:
        pulled(hung, limits={"pull_seconds": 5})
        done.set()

    thread = threading.Thread(target=other)
    thread.start()
    assert pulled(healthy).state("patient") == "ok"
    assert not done.is_set()
    release.set()
    thread.join(10)


def test_pulls_of_one_connection_run_side_by_side(start: Start) -> None:
    meeting = threading.Barrier(12, timeout=10)

    def meet(ehr: FakeEhr, asked: Asked) -> None:
        if asked.path in ("AllergyIntolerance", "Condition"):
            meeting.wait()

    ehr = start(hook=meet)
    results: list[Pulled] = []
    threads = [
        threading.Thread(target=lambda: results.append(pulled(ehr, "allergies", "problems")))
        for _ in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert [found.state("problems") for found in results] == ["ok_empty"] * 6


def read_by_page(ehr: FakeEhr, on_page: Callable[..., None], **limits: Any) -> Pulled:
    """The laboratory results of a year, asked for in one piece at first."""
    found = Pulled()
    wanted = [msgspec.structs.replace(each, cuts=()) for each in searches("labs.recent")]
    connection = connection_to(ehr, limits=limits)
    pull(connection, wanted, "1", found.take, now=lambda: AS_OF, on_page=on_page)
    return found


def test_what_a_page_leads_to_is_sent_before_the_page_is_worked_through(start: Start) -> None:
    further, in_time = threading.Event(), []

    def notice(ehr: FakeEhr, asked: Asked) -> Reply | None:
        if len(ehr.asked) > 1:
            further.set()
        return None

    def on_page(search: Any, brought: Any) -> None:
        in_time.append(further.wait(5))

    found = read_by_page(start([PATIENT, *labs(25)], cap=10, hook=notice), on_page)
    assert found["labs.recent"].state.received == 25
    assert in_time
    assert all(in_time)


def test_a_bug_in_working_a_page_through_ends_nothing_and_is_raised(start: Start) -> None:
    def on_page(search: Any, brought: Any) -> None:
        raise ValueError("a bug of ours")

    found = Pulled()
    ehr = start([PATIENT, *labs(25)], cap=10)
    wanted = searches("labs.recent")
    with pytest.raises(ValueError, match="a bug of ours"):
        pull(connection_to(ehr), wanted, "1", found.take, now=lambda: AS_OF, on_page=on_page)
    assert found.state("labs.recent") == "ok"
    assert found["labs.recent"].state.received == 25


def test_a_page_that_takes_longer_than_the_opening_is_delivered_once(start: Start) -> None:
    release, worked = threading.Event(), threading.Event()

    def on_page(search: Any, brought: Any) -> None:
        release.wait(5)
        worked.set()

    ehr = start([PATIENT, *labs(25)], cap=10)
    try:
        found = read_by_page(ehr, on_page, pull_seconds=0.3)
    finally:
        release.set()
    assert worked.wait(5)
    with TURNS.take(AT_ONCE):  # it has been given back
        assert found.order == ["labs.recent"]
        assert found.state("labs.recent") == "partial"


def test_a_bug_in_dealing_with_a_page_ends_that_search_at_once(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    def divide(*_: Any, **__: Any) -> tuple[()]:
        raise ValueError("a bug of ours")

    monkeypatch.setattr("clinical.fhir.windows.divide", divide)
    found = Pulled()
    ehr = start([PATIENT, *labs(25)], cap=10)
    wanted = searches("labs.recent", "allergies")
    with pytest.raises(ValueError, match="a bug of ours"):
        pull(connection_to(ehr), wanted, "1", found.take, now=lambda: AS_OF)
    assert found.state("allergies") == "ok_empty"
    assert found.state("labs.recent") == "partial"
    assert "was not read to the end" in found["labs.recent"].state.reason


def test_an_error_of_the_receiver_is_raised_after_all_has_been_delivered(start: Start) -> None:
    seen: list[str] = []

    def receive(fetched: Fetched) -> None:
        seen.append(fetched.search.key)
        if fetched.search.key == "allergies":
            raise ValueError("a bug of ours")

    with pytest.raises(ValueError, match="a bug of ours"):
        pull(connection_to(start()), searches(), "1", receive, now=lambda: AS_OF)
    assert {search.key for search in searches()} <= set(seen)


def test_a_connection_without_a_usable_address_fails_in_every_search() -> None:
    from clinical.fhir.connection import Connection

    found = Pulled()
    broken = Connection("mercy", "Mercy Hospital", "not a url")
    pull(broken, searches(), "1", found.take, now=lambda: AS_OF)
    assert {str(each.state.state) for each in found.results.values()} == {"failed"}
    assert len(found.results) == len(searches())


# ---- what is for later waits for a first wave


def test_a_pull_without_a_first_wave_does_not_wait_for_one(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("clinical.fhir.pull._SILENT", 8.0)
    monkeypatch.setattr("clinical.fhir.workers.GIVES_WAY", 8.0)
    found = pulled(start(), "family", "goals", limits={"pull_seconds": 2})
    assert [found.state("family"), found.state("goals")] == ["ok_empty", "ok_empty"]


@pytest.mark.parametrize("answer", [None, Reply(500), Reply(200, b"{")])
def test_a_pull_that_is_over_holds_nobody_up(
    start: Start, monkeypatch: pytest.MonkeyPatch, answer: Reply | None
) -> None:
    monkeypatch.setattr("clinical.fhir.pull._SILENT", 30.0)
    pulled(start(hook=lambda ehr, asked: answer))
    TURNS.hold.wait(5)
    assert not TURNS.hold.on


def test_a_pull_that_could_not_begin_holds_nobody_up(monkeypatch: pytest.MonkeyPatch) -> None:
    from clinical.fhir.connection import Connection

    monkeypatch.setattr("clinical.fhir.pull._SILENT", 30.0)
    broken = Connection("mercy", "Mercy Hospital", "not a url")
    pull(broken, searches(), "1", Pulled().take, now=lambda: AS_OF)
    TURNS.hold.wait(5)
    assert not TURNS.hold.on


def test_an_empty_search_by_code_is_delivered_when_a_list_of_categories_ends_last(
    start: Start,
) -> None:
    asked_by_code = threading.Event()

    def list_last(ehr: FakeEhr, asked: Asked) -> Reply | None:
        if asked.one("code"):
            asked_by_code.set()
        elif "," in asked.one("category"):
            asked_by_code.wait(5)
            time.sleep(0.1)
        return None

    ehr = start([PATIENT, observation(1, "2026-01-01", category="survey")], hook=list_last)
    found = pulled(ehr, "social", "surveys", "labs.latest", plan={"visit_codes": ["718-7"]})
    assert found.state("surveys") == "ok"
    assert found.state("labs.latest") == "ok_empty"
