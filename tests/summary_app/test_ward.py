"""The nurse lens, the board and the hand-over through a real sign-in, with EHRs on loopback."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone

from summary_app.access.models import AccessLog
from summary_app.models import Connection, Token, UnitPolicy
from summary_app.ward.services import rounds, units
from tests.clinical.fhir.fake_ehr import (
    Asked,
    FakeEhr,
    Json,
    Reply,
    entry,
    reply,
    running,
    searchset,
)
from tests.summary_app.conftest import Launch, Opened
from tests.summary_app.ehr import SmartEhr, patient

LOINC, SNOMED = "http://loinc.org", "http://snomed.info/sct"
BACKEND = {
    "backend_client_id": "visit-lens-backend",
    "backend_policy": "Signed by the nursing director.",
    "backend_for_clinicians": True,
    "roles": "Practitioner/alice nurse",
}
NAMES = {"p1": "Winterbourne", "p2": "Summerfield", "p3": "Autumnal"}


def _at(minutes: float) -> str:
    return (timezone.now() - timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%SZ")


def vital(who: str, code: str, value: float, unit: str, minutes: float, **more: Any) -> Json:
    return {
        "resourceType": "Observation",
        "id": f"{who}-{code}-{int(minutes)}",
        "status": "final",
        "category": [{"coding": [{"code": "vital-signs"}]}],
        "code": {"coding": [{"system": LOINC, "code": code}], "text": code},
        "subject": {"reference": f"Patient/{who}"},
        "effectiveDateTime": _at(minutes),
        "meta": {"lastUpdated": _at(minutes)},
        "valueQuantity": {
            "value": value,
            "unit": unit,
            "code": unit,
            "system": "http://unitsofmeasure.org",
        },
        **more,
    }


def a_set(who: str, minutes: float, *, pulse: float = 72, alert: bool = True) -> list[Json]:
    quantities = [("9279-1", 16, "/min"), ("59408-5", 97, "%"), ("3151-8", 0, "L/min"), ("8867-4", pulse, "/min"), ("8310-5", 36.8, "Cel")]  # fmt: skip
    made = [vital(who, code, value, unit, minutes) for code, value, unit in quantities]
    pressure = vital(who, "85354-9", 0, "", minutes)
    del pressure["valueQuantity"]
    pressure["component"] = [
        {"code": {"coding": [{"system": LOINC, "code": code}]}, "valueQuantity": {"value": value, "unit": "mm[Hg]", "code": "mm[Hg]", "system": "http://unitsofmeasure.org"}}
        for code, value in (("8480-6", 124), ("8462-4", 76))
    ]  # fmt: skip
    made.append(pressure)
    if alert:
        aware = vital(who, "67775-7", 0, "", minutes)
        del aware["valueQuantity"]
        aware["valueCodeableConcept"] = {"coding": [{"system": SNOMED, "code": "248234008"}]}
        made.append(aware)
    return made


def stay(who: str, bed: str, nurse: str = "alice") -> Json:
    return {
        "resourceType": "Encounter",
        "id": f"stay-{who}",
        "status": "in-progress",
        "class": {"code": "IMP"},
        "subject": {"reference": f"Patient/{who}"},
        "participant": [{"individual": {"reference": f"Practitioner/{nurse}"}}],
        "reasonCode": [{"text": "Pneumonia"}],
        "period": {"start": _at(3000)},
        "location": [{"location": {"reference": f"Location/{bed}"}, "status": "active"}],
    }


def place(bed: str) -> Json:
    return {
        "resourceType": "Location",
        "id": bed,
        "name": f"5 West bed {bed.removeprefix('bed-')}",
        "partOf": {"reference": "Location/west", "display": "5 West"},
    }


class WardEhr(SmartEhr):
    """Sends the beds along with the encounters, as `_include` asks for. no_tokens: it is too busy to grant any."""

    no_tokens = False

    def answer(self, asked: Asked) -> Reply:
        if not (self.no_tokens and asked.path == "auth/token"):
            return super().answer(asked)
        self.asked.append(asked)
        return reply({}, 503)

    def included(self, asked: Asked, part: list[Json]) -> list[Json]:
        if asked.one("_include") != "Encounter:location":
            return super().included(asked, part)
        places = [r for r in self.resources if r["resourceType"] == "Location"]
        return [entry(self, each, mode="include") for each in places]


def _resources() -> list[Json]:
    people = [
        patient(who, name=[{"family": name, "given": ["Test"]}], birthDate="1958-02-03")
        for who, name in NAMES.items()
    ]  # fmt: skip
    stays = [stay("p1", "bed-01"), stay("p2", "bed-02"), stay("p3", "bed-03", nurse="other")]
    beds = [place(f"bed-0{n}") for n in (1, 2, 3)]
    return [*people, *stays, *beds, *a_set("p1", 20), *a_set("p2", 30, pulse=135, alert=False)]


@pytest.fixture
def ehr() -> Iterator[WardEhr]:
    units.forget()
    rounds.forget()
    with running(WardEhr(_resources())) as server:
        yield server


@pytest.fixture
def nurse(ehr: WardEhr, connect: Callable[..., Connection], launch: Launch) -> Opened:
    connect(ehr, **BACKEND)
    return launch(ehr)


def until_read(client: Client, url: str = "/ward/?show=5 West") -> Any:
    """The board once nobody is being asked any more."""
    for _ in range(100):
        response = client.get(url)
        assert response.status_code == 200
        if not response.context["board"].asking:
            return response
        time.sleep(0.05)
    raise AssertionError("the board was never complete")


def lines(response: Any) -> list[Any]:
    board = response.context["board"]
    return [line for group in board.groups for line in group.lines] or list(board.silent)


def lens_until_complete(opened: Opened) -> Any:
    for _ in range(100):
        response = opened.client.get(f"/c/{opened.ctx}/nurse")
        if response.context["summary"].complete:
            return response
        time.sleep(0.05)
    raise AssertionError("the lens was never complete")


# ---- the lens ----------------------------------------------------------------------------------------------------


def test_the_role_decides_which_lens_opens_first(
    ehr: WardEhr, connect: Callable[..., Connection], launch: Launch
) -> None:
    connect(ehr, **BACKEND)
    assert launch(ehr).response.headers["Location"].endswith("/nurse")
    ehr.grant.user = "Practitioner/bob"
    assert launch(ehr).response.headers["Location"].endswith("/")


def test_the_lens_shows_the_score_with_its_parts_and_their_sources(nurse: Opened) -> None:
    page = lens_until_complete(nurse)
    text = page.content.decode()
    assert page.context["sheet"].panel.headline == "0"
    assert 'data-source="mercy/Observation/p1-9279-1-20"' in text
    assert "Not a monitor" in text
    assert 'data-key="n"' in text
    assert AccessLog.objects.filter(what="nurse", patient="p1").exists()


def test_another_window_is_a_piece_of_the_page(nurse: Opened) -> None:
    lens_until_complete(nurse)
    piece = nurse.client.get(f"/c/{nurse.ctx}/nurse?window=4h", headers={"HX-Request": "true"})
    assert "<html" not in piece.content.decode()
    assert piece.context["sheet"].window == "4h"
    assert piece.headers["X-Ctx"] == nurse.ctx
    odd = nurse.client.get(f"/c/{nurse.ctx}/nurse?window=<script>")
    assert (
        odd.context["sheet"].window == "all"
    )  # as if none had been asked for: no stay is on record


def test_at_a_visit_the_lens_shows_what_the_visit_needs_and_every_value_there_is(
    ehrs: Callable[..., SmartEhr], connect: Callable[..., Connection], launch: Launch
) -> None:
    known = vital("p1", "29463-7", 71.5, "kg", 300 * 1440)
    sugar = vital(
        "p1", "2345-7", 250, "mg/dL", 900, category=[{"coding": [{"code": "laboratory"}]}]
    )
    made = ehrs(
        [patient("p1", birthDate="1958-02-03"), *a_set("p1", 20, alert=False), known, sugar]
    )
    connect(made, **BACKEND)
    page = lens_until_complete(launch(made))
    text = page.content.decode()
    assert page.context["sheet"].window == "all"
    assert page.context["lens"].visit
    for place in (
        "block-labs",
        "block-medications",
        "block-attention",
        "sign-pulse",
        "sign-weight",
    ):
        assert f'id="{place}"' in text, place
    assert 'id="sign-consciousness"' not in text  # said in words instead
    assert "Consciousness, Pain: none in 13 months" in text  # older ones were not asked for
    assert "No hospital stay or ED visit in the last 2 years" in text
    assert "Lines, drains</span>" in text  # what is not recorded stands together
    assert "none recorded as devices" in text
    assert 'id="since-shift"' not in text
    assert "71.5" in text


def test_a_visit_without_any_vital_sign_has_an_honest_state_and_no_empty_chart(
    ehrs: Callable[..., SmartEhr], connect: Callable[..., Connection], launch: Launch
) -> None:
    made = ehrs([patient("p1", birthDate="1958-02-03")])
    connect(made, **BACKEND)
    none = lens_until_complete(launch(made)).content.decode()
    place = none[none.index('<section id="vitals">') :].partition("</section>")[0]
    assert "<b>Nothing recorded</b>" in place
    assert 'class="ax"' not in none
    made.hook = _failing
    failed = lens_until_complete(launch(made)).content.decode()
    place = failed[failed.index('<section id="vitals">') :].partition("</section>")[0]
    assert "<b>Not retrieved</b>" in place
    assert "none recorded" not in place


def test_vital_signs_that_could_not_be_read_are_not_called_none_recorded(
    ehr: WardEhr, connect: Callable[..., Connection], launch: Launch
) -> None:
    connect(ehr, **BACKEND)
    ehr.hook = _failing
    page = lens_until_complete(launch(ehr))
    latest = {row.latest for row in page.context["sheet"].rows}
    assert all(words.startswith("not retrieved") for words in latest), latest
    assert page.context["sheet"].panel.headline == "not measured"


def _failing(ehr: FakeEhr, asked: Asked) -> Reply | None:
    vital_signs = "vital-signs" in asked.one("category") or not asked.one("category")
    return reply({}, 500) if asked.path == "Observation" and vital_signs else None


def test_the_lens_is_for_its_own_reader_only(nurse: Opened, ehr: WardEhr, launch: Launch) -> None:
    ehr.grant.user = "Practitioner/mallory"
    stranger = launch(ehr)
    assert stranger.client.get(f"/c/{nurse.ctx}/nurse").status_code == 404
    assert stranger.client.get(f"/c/{nurse.ctx}/nurse/updates").status_code == 404
    refused = AccessLog.objects.filter(what="nurse", outcome=AccessLog.Outcome.REFUSED)
    assert refused.count() == 1
    assert Client().get(f"/c/{nurse.ctx}/nurse").status_code == 401


def test_nothing_in_the_pages_breaks_the_content_policy(nurse: Opened) -> None:
    pages = [
        lens_until_complete(nurse),
        until_read(nurse.client),
        nurse.client.get("/ward/hand-over?show=5 West"),
    ]
    for page in pages:
        text = page.content.decode()
        assert "style=" not in text
        assert not re.search(r"<script(?![^>]*\bsrc=)", text)
        assert not re.search(r"\son[a-z]+=", text)
        assert "Content-Security-Policy" in page.headers


# ---- the board ---------------------------------------------------------------------------------------------------


def test_the_board_lists_the_unit_worst_first_with_what_is_missing(nurse: Opened) -> None:
    found = lines(until_read(nurse.client))
    assert [line.name for line in found] == ["AUTUMNAL, Test", "SUMMERFIELD, Test", "WINTERBOURNE, Test"]  # fmt: skip
    unmeasured, incomplete, low = found
    assert (incomplete.prefix, incomplete.number) == ("at least", "3")
    assert unmeasured.number == "not measured"
    assert unmeasured.why[0] == "Never measured here."
    assert (low.number, low.bed) == ("0", "01")


def test_my_patients_are_those_i_take_part_in_the_care_of(nurse: Opened) -> None:
    until_read(nurse.client)
    mine = until_read(nurse.client, "/ward/")
    assert mine.context["board"].chosen == "mine"
    assert {line.name for line in lines(mine)} == {"SUMMERFIELD, Test", "WINTERBOURNE, Test"}


def test_picked_by_hand_when_the_assignment_is_wrong(nurse: Opened) -> None:
    keys = {line.name: line.key for line in lines(until_read(nurse.client))}
    answer = nurse.client.post("/ward/pick", {"bed": [keys["AUTUMNAL, Test"], "nobody"]})
    assert answer.status_code == 302
    picked = until_read(nurse.client, answer.headers["Location"])
    assert [line.name for line in lines(picked)] == ["AUTUMNAL, Test"]


def test_every_patient_on_the_board_is_written_down_once_an_hour(nurse: Opened) -> None:
    start = timezone.now()
    until_read(nurse.client)
    until_read(nurse.client)
    entries = AccessLog.objects.filter(what="ward", outcome=AccessLog.Outcome.GRANTED)
    assert sorted(entries.values_list("patient", flat=True)) == ["", "p1", "p2", "p3"]
    with time_machine.travel(start + timedelta(minutes=61), tick=True):
        nurse.client.session.flush()
        assert nurse.client.get("/ward/").status_code == 401
    assert entries.filter(patient="p1").count() == 1


def test_the_look_is_written_down_before_the_ehr_is_asked(nurse: Opened, ehr: WardEhr) -> None:
    seen: list[int] = []

    def hook(_: FakeEhr, asked: Asked) -> None:
        if asked.path == "Encounter" and not asked.one("patient"):
            seen.append(1)

    ehr.hook = hook
    before = AccessLog.objects.filter(what="ward").count()
    until_read(nurse.client)
    assert seen
    assert before == 0
    assert AccessLog.objects.filter(what="ward", patient="").count() == 1


def _per_patient(ehr: WardEhr, since: int) -> dict[str, int]:
    counts: dict[str, int] = {}
    for asked in ehr.asked[since:]:
        who = asked.one("patient") or (asked.path.removeprefix("Patient/") if asked.path.startswith("Patient/") else "")  # fmt: skip
        if who:
            counts[who] = counts.get(who, 0) + 1
    return counts


def test_a_refresh_costs_one_request_per_patient_and_minute(nurse: Opened, ehr: WardEhr) -> None:
    lens_until_complete(nurse)
    until_read(nurse.client)
    mark = len(ehr.asked)
    for _ in range(3):
        until_read(nurse.client)
    assert _per_patient(ehr, mark) == {}
    _later(timedelta(seconds=61))
    for _ in range(4):
        until_read(nurse.client, "/ward/updates?show=5 West")
    assert _per_patient(ehr, mark) == {"p1": 1, "p2": 1, "p3": 1}


def _later(span: timedelta) -> None:
    """What was read, read that much longer ago."""
    for kept in rounds._kept.values():
        for name in ("tried", "fresh", "whole"):
            moment: datetime | None = getattr(kept, name)
            if moment is not None:
                setattr(kept, name, moment - span)
    for key, listing in units._known.items():
        moments = {
            name: moment - span
            for name in ("at", "tried", "since")
            if (moment := getattr(listing, name)) is not None
        }
        units._known[key] = replace(listing, **moments)


def test_what_is_new_appears_with_the_next_refresh(nurse: Opened, ehr: WardEhr) -> None:
    until_read(nurse.client)
    ehr.resources += a_set("p1", 1, pulse=140)
    _later(timedelta(seconds=61))
    found = {line.name: line for line in lines(until_read(nurse.client))}
    assert found["WINTERBOURNE, Test"].number == "3"


def test_nothing_is_lost_when_the_ehr_stops_answering(nurse: Opened, ehr: WardEhr) -> None:
    before = {line.name: line.number for line in lines(until_read(nurse.client))}
    ehr.hook = lambda *_: reply({}, 503)
    _later(timedelta(seconds=61))
    board = until_read(nurse.client)
    after = {line.name: line.number for line in lines(board)}
    assert after == before
    assert all("out of date" in line.stale_words for line in lines(board))
    assert not board.context["board"].sources[0].whole
    assert "3 patients out of date" in board.content.decode()


def _silent(ehr: FakeEhr, asked: Asked) -> Reply | None:
    """It does not say who lies where; "metadata" and all else is there."""
    return reply({}, 503) if asked.path == "Encounter" else None


def _questions(ehr: WardEhr, mark: int) -> int:
    return sum(asked.path == "Encounter" for asked in ehr.asked[mark:])


def test_a_silent_ehr_is_asked_once_a_minute_and_never_called_empty(
    nurse: Opened, ehr: WardEhr
) -> None:
    """Planted: it has not answered once, so there is no earlier answer to keep."""
    ehr.hook = _silent
    nurse.client.get("/ward/")
    first, mark = _told_since(), len(ehr.asked)
    for _ in range(3):
        board = nurse.client.get("/ward/updates")
    assert _questions(ehr, mark) == 0
    _later(timedelta(seconds=61))
    board = nurse.client.get("/ward/updates")
    assert _questions(ehr, mark) > 0
    (source,) = board.context["board"].sources
    (beds,) = [way for way in source.ways if way.kind == "beds"]
    assert beds.gap
    assert beds.words.startswith("not retrieved (")
    assert _told_since() == first - timedelta(seconds=61), "since the first failure, not the last"
    assert ", since " in source.words
    assert " since " in beds.words
    assert "Read again now" in board.content.decode()


def _told_since() -> datetime:
    (listing,) = units._known.values()
    assert listing.since is not None
    return listing.since


def test_read_again_asks_a_silent_ehr_at_once(nurse: Opened, ehr: WardEhr) -> None:
    ehr.hook = _silent
    nurse.client.get("/ward/")
    ehr.hook = None
    assert not nurse.client.get("/ward/updates").context["board"].everybody
    answer = nurse.client.post("/ward/again", {"show": "5 West"}, follow=True)
    assert answer.redirect_chain[0][0] == "/ward/?show=5+West"
    assert len(answer.context["board"].everybody) == 3
    assert "Read again now" not in answer.content.decode()
    assert units._known
    assert all(one.since is None for one in units._known.values())


def test_rights_that_cannot_be_had_are_asked_for_once_a_minute_and_at_a_click(
    nurse: Opened, ehr: WardEhr
) -> None:
    ehr.no_tokens = True
    Token.objects.filter(user=None).delete()

    def tries_of(look: Callable[[], Any]) -> int:
        mark = len(ehr.asked)
        look()
        return sum(asked.path == "auth/token" for asked in ehr.asked[mark:])

    (source,) = nurse.client.get("/ward/").context["board"].sources
    assert source.silent
    assert ", since " in source.words
    assert tries_of(lambda: nurse.client.get("/ward/updates")) == 0
    assert tries_of(lambda: nurse.client.post("/ward/again", follow=True)) > 0
    ehr.no_tokens = False
    answer = nurse.client.post("/ward/again", follow=True)
    assert len(answer.context["board"].everybody) == 3
    assert not units._no_rights


def test_read_again_leaves_what_did_answer_alone(nurse: Opened, ehr: WardEhr) -> None:
    nurse.client.get("/ward/")
    mark = len(ehr.asked)
    assert nurse.client.get("/ward/again").status_code == 405
    nurse.client.post("/ward/again", follow=True)
    assert not [a for a in ehr.asked[mark:] if a.path == "Encounter" and not a.one("patient")]


def test_a_patient_whose_vital_signs_were_not_retrieved_is_not_called_unmeasured(
    nurse: Opened, ehr: WardEhr
) -> None:
    ehr.hook = _failing
    found = lines(until_read(nurse.client))
    assert {line.number for line in found} == {"not retrieved"}
    assert all(line.why[0] == "Not retrieved from Mercy Hospital." for line in found)


def test_who_is_being_asked_for_is_not_said_to_have_failed(nurse: Opened, ehr: WardEhr) -> None:
    come = threading.Event()

    def late(_: FakeEhr, asked: Asked) -> Reply | None:
        if asked.path == "Observation":
            come.wait(5)
        return None

    ehr.hook = late
    try:
        found = lines(nurse.client.get("/ward/?show=5 West"))
    finally:
        come.set()
    assert found
    for line in found:
        assert (line.number, line.measured) == ("asking", "asking")
        assert (line.code[0], line.isolation[0]) == ("asking", "asking")
        assert line.why == ("Mercy Hospital is being asked.", "")
    assert all(line.number != "asking" for line in lines(until_read(nurse.client)))


def test_of_whom_nothing_was_read_stands_above_those_who_are_well(
    nurse: Opened, ehr: WardEhr
) -> None:
    ehr.hook = lambda _, asked: (
        reply({}, 500) if "p3" in asked.path + asked.one("patient") else None
    )
    page = until_read(nurse.client)
    group = next(
        group.key
        for group in page.context["board"].groups
        for line in group.lines
        if line.number == "not retrieved"
    )
    assert group == "soon"
    assert any(group.key == "then" for group in page.context["board"].groups)


def _order_of_three_years_ago(ehr: FakeEhr, asked: Asked) -> Reply | None:
    """As an EHR that keeps to `authored` answers: the order is in force, and long out of that window."""
    standing = not asked.one("authored")
    if asked.path != "ServiceRequest" or asked.one("patient") != "p1":
        return None
    order = {
        "resourceType": "ServiceRequest", "id": "dnr", "status": "active", "intent": "order",
        "subject": {"reference": "Patient/p1"}, "authoredOn": _at(3 * 365 * 1440),
        "code": {"text": "Do not attempt resuscitation"},
    }  # fmt: skip
    return reply(searchset([entry(ehr, order)] if standing else []))


def test_an_order_in_force_for_years_stands_on_the_board(nurse: Opened, ehr: WardEhr) -> None:
    ehr.hook = _order_of_three_years_ago
    found = {line.name: line.code for line in lines(until_read(nurse.client))}
    assert found["WINTERBOURNE, Test"] == ("Do not attempt resuscitation", True)
    assert found["SUMMERFIELD, Test"] == ("none recorded", False)


def test_orders_that_were_not_retrieved_leave_the_code_status_not_retrieved(
    nurse: Opened, ehr: WardEhr
) -> None:
    ehr.hook = lambda _, asked: reply({}, 500) if asked.path == "ServiceRequest" else None
    found = lines(until_read(nurse.client))
    assert all(line.code[0].startswith("not retrieved") for line in found)
    assert all(line.isolation[0].startswith("not retrieved") for line in found)


def test_a_directive_of_years_ago_stands_on_the_board(nurse: Opened, ehr: WardEhr) -> None:
    def directive(ehr: FakeEhr, asked: Asked) -> Reply | None:
        wanted = asked.path == "DocumentReference" and asked.one("patient") == "p1"
        if not wanted or "93037-0" not in asked.one("type"):
            return None
        form = {
            "resourceType": "DocumentReference", "id": "polst", "status": "current", "date": _at(3 * 365 * 1440),
            "subject": {"reference": "Patient/p1"}, "content": [],
            "type": {"coding": [{"system": "http://loinc.org", "code": "93037-0"}]},
        }  # fmt: skip
        return reply(searchset([entry(ehr, form)]))

    ehr.hook = directive
    found = {line.name: line.code for line in lines(until_read(nurse.client))}
    assert found["WINTERBOURNE, Test"] == ("Portable medical order form", False)
    assert found["SUMMERFIELD, Test"] == ("none recorded", False)


def test_an_order_that_stands_in_a_consent_alone_stands_on_the_board(
    nurse: Opened, ehr: WardEhr
) -> None:
    ehr.resources.append({
        "resourceType": "Consent", "id": "c", "status": "active", "patient": {"reference": "Patient/p1"},
        "category": [{"text": "Living will"}], "dateTime": _at(3 * 365 * 1440),
        "provision": {"code": [{"text": "Do not resuscitate"}]},
    })  # fmt: skip
    found = {line.name: line.code for line in lines(until_read(nurse.client))}
    assert found["WINTERBOURNE, Test"] == ("Do not resuscitate (Living will)", True)
    assert found["SUMMERFIELD, Test"] == ("none recorded", False)


def test_an_ehr_that_does_not_offer_consents_is_never_just_none_recorded(
    nurse: Opened, ehr: WardEhr
) -> None:
    ehr.hook = lambda _, asked: reply({}, 404) if asked.path == "Consent" else None
    found = lines(until_read(nurse.client))
    assert {line.code for line in found} == {
        ("nothing recorded in what was read at Mercy Hospital: consents not offered", False)
    }


def test_consents_that_the_sign_in_does_not_cover_are_never_just_none_recorded(
    nurse: Opened, ehr: WardEhr, monkeypatch: pytest.MonkeyPatch
) -> None:
    granted = ehr._granted

    def without(scopes: dict[str, str], *, refresh: bool) -> Any:
        kept = " ".join(one for one in scopes["scope"].split() if "/Consent." not in one)
        return granted(scopes | {"scope": kept}, refresh=refresh)

    monkeypatch.setattr(ehr, "_granted", without)
    found = lines(until_read(nurse.client))
    assert all(line.code[0].startswith("not permitted Mercy Hospital") for line in found), found


@pytest.mark.parametrize("kind", ["DocumentReference", "Condition", "Consent"])
def test_directives_or_problems_that_were_not_retrieved_leave_the_code_status_not_retrieved(
    nurse: Opened, ehr: WardEhr, kind: str
) -> None:
    ehr.hook = lambda _, asked: reply({}, 500) if asked.path == kind else None
    found = lines(until_read(nurse.client))
    assert all(line.code[0].startswith("not retrieved") for line in found)
    assert all(line.isolation[0] == "none recorded" for line in found)


NEGATED = {"modifierExtension": [{"url": "https://example.org/negated", "valueBoolean": True}]}
REVIEW = "nothing recorded in what could be read Mercy Hospital: 1 entry needs review"


def _coded(resource: str, who: str, text: str, **more: Any) -> Json:
    about = "patient" if resource in ("Consent", "Device", "AllergyIntolerance") else "subject"
    made = {"resourceType": resource, "id": "u1", "status": "active", "code": {"text": text}}
    return {**made, about: {"reference": f"Patient/{who}"}, **NEGATED, **more}


UNREAD = [
    (("code", "isolation"), _coded("Flag", "p1", "DNR")),
    (("code", "isolation"), _coded("ServiceRequest", "p1", "DNR", intent="order")),
    (("code",), _coded("Consent", "p1", "DNR", dateTime="2025-01-01")),
    (("code",), _coded("Condition", "p1", "DNR", status=None)),
]


@pytest.mark.parametrize(("places", "body"), UNREAD, ids=[b["resourceType"] for _, b in UNREAD])
def test_what_was_not_understood_is_not_none_recorded_on_the_board(
    nurse: Opened, ehr: WardEhr, places: tuple[str, ...], body: Json
) -> None:
    ehr.resources.append({key: value for key, value in body.items() if value is not None})
    found = {line.name: line for line in lines(until_read(nurse.client))}
    own, other = found["WINTERBOURNE, Test"], found["SUMMERFIELD, Test"]
    assert own.code == (REVIEW, False)
    assert own.isolation == ((REVIEW if "isolation" in places else "none recorded"), False)
    assert (other.code, other.isolation) == (("none recorded", False),) * 2


def test_a_patient_whose_vital_signs_were_not_understood_was_not_never_measured(
    nurse: Opened, ehr: WardEhr
) -> None:
    ehr.resources[:] = [
        one | NEGATED if one["resourceType"] == "Observation" else one for one in ehr.resources
    ]
    found = [one for one in lines(until_read(nurse.client)) if "WINTERBOURNE" in one.name]
    assert found
    for line in found:
        assert (line.measured, line.late) == ("not known", ())
        assert "need review" in line.why[1]
    sheet = nurse.client.get("/ward/hand-over?show=5 West").context["sheet"].patients
    (own,) = [one for one in sheet if "WINTERBOURNE" in one.name]
    assert "need review" in own.assessment[0]


SLOTS = [
    ("falls", "fall risk", _coded("Flag", "p1", "Fall risk")),
    ("skin", "skin risk", _coded("Flag", "p1", "Skin integrity")),
    ("diet", "diet", _coded("ServiceRequest", "p1", "Diabetic diet", intent="order")),
    ("lines", "lines", _coded("Device", "p1", "", type={"text": "PICC line"})),
    ("drains", "drains", _coded("Device", "p1", "", type={"text": "Chest drain"})),
]


@pytest.mark.parametrize("understood", [True, False])
def test_what_was_not_understood_is_not_none_in_the_nursing_line(
    ehr: WardEhr, connect: Callable[..., Connection], launch: Launch, understood: bool
) -> None:
    connect(ehr, **BACKEND)
    for key, _, body in SLOTS:
        one = {k: v for k, v in body.items() if not understood or k != "modifierExtension"}
        ehr.resources.append(one | {"id": key})
    slots = lens_until_complete(launch(ehr)).context["lens"].slots
    if understood:
        assert {key for key, _, _ in SLOTS} <= {slot.key for slot in slots if slot.facts}
        return
    said = {name: slot.nothing for _, name, _ in SLOTS for slot in slots if name in slot.label.lower()}  # fmt: skip
    review = REVIEW.partition(":")[0]
    assert said == {
        "fall risk": f"{review}: 2 entries need review",
        "skin risk": f"{review}: 2 entries need review",
        "diet": f"{review}: 1 entry needs review",
        "lines": f"{review}: 2 entries need review",
        "drains": f"{review}: 2 entries need review",
    }


def test_full_code_beside_orders_that_were_not_retrieved_says_so(
    nurse: Opened, ehr: WardEhr
) -> None:
    ehr.resources.append({
        "resourceType": "Flag", "id": "full", "status": "active",
        "subject": {"reference": "Patient/p1"}, "code": {"text": "Full code"},
    })  # fmt: skip
    ehr.hook = lambda _, asked: reply({}, 500) if asked.path == "ServiceRequest" else None
    found = {line.name: line.code for line in lines(until_read(nurse.client))}
    words, strong = found["WINTERBOURNE, Test"]
    assert words.startswith("Full code (not retrieved")
    assert not strong


def test_full_code_beside_an_entry_that_was_not_understood_never_says_nothing_recorded(
    nurse: Opened, ehr: WardEhr
) -> None:
    ehr.resources.append(_coded("Flag", "p1", "Full code", id="full", modifierExtension=[]))
    ehr.resources.append(_coded("Flag", "p1", "DNR"))
    found = {line.name: line.code for line in lines(until_read(nurse.client))}
    words, strong = found["WINTERBOURNE, Test"]
    assert words.startswith("Full code (incomplete Mercy Hospital: ")
    assert "nothing recorded" not in words
    assert not strong


def test_without_a_policy_nobody_is_shown(
    ehr: WardEhr, connect: Callable[..., Connection], launch: Launch
) -> None:
    connect(ehr, roles="Practitioner/alice nurse")
    ehr.grant.scopes = "launch openid fhirUser patient/*.rs"
    opened = launch(ehr)
    page = opened.client.get("/ward/")
    assert lines(page) == []
    assert "no policy" in page.content.decode()
    assert not any(name in page.content.decode() for name in ("WINTERBOURNE", "SUMMERFIELD"))


def test_somebody_whom_the_ehr_does_not_know_has_no_board_there(
    nurse: Opened, ehrs: Callable[..., SmartEhr], connect: Callable[..., Connection]
) -> None:
    other = ehrs([patient("q1"), stay("q1", "bed-01")])
    connect(other, key="lakeside", **{**BACKEND, "roles": ""})
    board = until_read(nurse.client)
    assert [one.name for one in board.context["board"].sources] == ["Mercy Hospital"]
    assert other.asked == []


def test_a_line_opens_a_chart_of_its_own_written_down_as_such(nurse: Opened) -> None:
    found = {line.name: line for line in lines(until_read(nurse.client))}
    key = found["SUMMERFIELD, Test"].key
    answer = nurse.client.post("/ward/open", {"key": key})
    assert answer.status_code == 302
    context = answer.headers["Location"].split("/")[2]
    assert context != nurse.ctx
    assert AccessLog.objects.filter(what="open", patient="p2", context=context).exists()
    page = lens_until_complete(Opened(nurse.client, answer))
    assert page.context["summary"].strip.name.startswith("SUMMERFIELD")
    assert nurse.client.post("/ward/open", {"key": "nobody"}).status_code == 404


def test_no_patient_is_named_in_an_address(nurse: Opened) -> None:
    page = until_read(nurse.client)
    # The token of the forms is chance, and holds any two letters now and then.
    text = page.content.decode().replace(str(page.context["csrf_token"]), "")
    addresses = re.findall(r'(?:href|action|data-url|value)="([^"]*)"', text)
    assert addresses
    assert not any("p1" in each or "Winterbourne" in each for each in addresses)


# ---- the hand-over -----------------------------------------------------------------------------------------------


def test_requests_are_not_all_there_is_where_orders_were_not_retrieved(
    nurse: Opened, ehr: WardEhr
) -> None:
    ehr.hook = lambda _, asked: reply({}, 500) if asked.path == "ServiceRequest" else None
    until_read(nurse.client)
    sheet = nurse.client.get("/ward/hand-over?show=5 West")
    shown = [one for one in sheet.context["sheet"].patients if one.requests]
    assert shown
    told = sheet.content.decode().count(
        "More may be missing here: not retrieved from Mercy Hospital"
    )
    assert told == len(shown)


def test_the_hand_over_holds_the_same_patients_in_the_same_order(nurse: Opened) -> None:
    board = until_read(nurse.client)
    sheet = nurse.client.get("/ward/hand-over?show=5 West")
    shown = sheet.context["sheet"].patients
    assert [one.name for one in shown] == [line.name for line in lines(board)]
    text = sheet.content.decode()
    assert "Not a monitor" in text
    assert "Alice Example MD" in text
    assert shown[1].panel.headline == "at least 3"
    assert any("consciousness" in line.text for line in shown[1].requests)


# ---- the unit's policy -------------------------------------------------------------------------------------------


def test_the_policy_of_the_unit_decides_what_is_late_and_what_is_to_be_done(nurse: Opened) -> None:
    assert not {line.late for line in lines(until_read(nurse.client)) if line.number == "0"} - {()}
    UnitPolicy.objects.create(unit="5 West", version="v3", minutes_low=10, grace_low=5, reviewed_by="N. Director", at_low="Round hourly.")  # fmt: skip
    found = {line.bed: line for line in lines(until_read(nurse.client))}
    assert found["01"].late[0].startswith("full set")
    page = lens_until_complete(nurse).context["sheet"].panel
    assert (
        page.escalation != "Round hourly."
    )  # the stay of the lens names no unit: the default holds
    UnitPolicy.objects.create(unit="", version="v1", at_low="Round hourly.")
    page = lens_until_complete(nurse).context["sheet"].panel
    assert page.escalation == "Round hourly."
    assert page.policy == "every other unit v1, set by this site (not yet reviewed by a clinician)"


def test_an_unmeasured_patient_is_ranked_as_the_policy_says(nurse: Opened) -> None:
    UnitPolicy.objects.create(unit="5 West", version="v3", unmeasured_as=7)
    board = until_read(nurse.client).context["board"]
    now = next(group for group in board.groups if group.key == "now")
    assert [line.name for line in now.lines] == ["AUTUMNAL, Test"]


@pytest.mark.parametrize("shifts", ["7 19", "6", "0 8 16"])
def test_shift_hours_that_can_be_read(shifts: str) -> None:
    UnitPolicy(unit="x", version="1", shifts=shifts).full_clean(validate_unique=False)


@pytest.mark.parametrize("shifts", ["", "24", "seven", "7,19"])
def test_shift_hours_that_cannot(shifts: str) -> None:
    with pytest.raises(ValidationError):
        UnitPolicy(unit="x", version="1", shifts=shifts).full_clean(validate_unique=False)
