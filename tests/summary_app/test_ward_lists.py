"""The board's patients from lists, groups and care teams: each state said, nobody lost, nobody twice, nobody else's."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from summary_app.access.models import AccessLog, Identity
from summary_app.connections.services import wire
from summary_app.models import Connection
from summary_app.ward.services import rosters, rounds, units
from tests.clinical.fhir.fake_ehr import Asked, FakeEhr, Json, Reply, outcome, reply, running
from tests.summary_app.conftest import Launch, Opened
from tests.summary_app.ehr import MRN, patient
from tests.summary_app.test_ward import (
    BACKEND,
    NAMES,
    WardEhr,
    _later,
    a_set,
    lines,
    place,
    stay,
    until_read,
)

ALICE = {"reference": "Practitioner/alice"}
OFFERED = ("Patient", "Observation", "List", "CareTeam", "Group")


class ListEhr(WardEhr):
    """offered: resource types of its capability statement. refuses: types whose scope its tokens do not get."""

    offered: tuple[str, ...] = OFFERED
    refuses: tuple[str, ...] = ()
    invalid_scope = False
    turned_away = 0

    def ordinary(self, asked: Asked) -> Reply:
        if asked.path != "metadata":
            return super().ordinary(asked)
        types = [{"type": kind, "interaction": [{"code": "search-type"}]} for kind in self.offered]
        statement = {"resourceType": "CapabilityStatement", "fhirVersion": "4.0.1"}
        return reply({**statement, "rest": [{"mode": "server", "resource": types}]})

    def _token(self, asked: Asked) -> Reply:
        if self.invalid_scope and any(kind in asked.body.decode() for kind in ("List", "CareTeam")):
            self.turned_away += 1
            return reply({"error": "invalid_scope"}, 400)
        return super()._token(asked)

    def _granted(self, scopes: dict[str, str], *, refresh: bool) -> Json:
        kept = [s for s in scopes["scope"].split() if not any(f"/{r}." in s for r in self.refuses)]
        return super()._granted({"scope": " ".join(kept)}, refresh=refresh)


def a_list(*targets: str, **more: Any) -> Json:
    return {
        "resourceType": "List", "id": "nights", "status": "current", "mode": "working",
        "title": "Night list", "source": ALICE,
        "entry": [{"item": {"reference": target}} for target in targets], **more,
    }  # fmt: skip


def a_team(who: str, member: Json = ALICE) -> Json:
    return {
        "resourceType": "CareTeam", "id": f"team-{who}", "status": "active",
        "subject": {"reference": f"Patient/{who}"}, "participant": [{"member": member}],
    }  # fmt: skip


def _people() -> list[Json]:
    return [patient(who, name=[{"family": name, "given": ["Test"]}]) for who, name in NAMES.items()]


@pytest.fixture
def ehr() -> Iterator[ListEhr]:
    units.forget()
    rounds.forget()
    wire.forget()
    resources = [*_people(), a_list("Patient/p1", "Patient/p2"), *a_set("p1", 20)]
    with running(ListEhr(resources)) as server:
        yield server


@pytest.fixture
def nurse(ehr: ListEhr, connect: Callable[..., Connection], launch: Launch) -> Opened:
    connect(ehr, **BACKEND)
    return launch(ehr)


def mine(nurse: Opened) -> Any:
    return until_read(nurse.client, "/ward/")


def names(page: Any) -> list[str]:
    return sorted(line.name.partition(",")[0] for line in lines(page))


def ways(page: Any) -> dict[str, str]:
    (source,) = page.context["board"].sources
    return {way.kind: way.words for way in source.ways}


# ---- who stands on the board -------------------------------------------------------------------------------------


def test_an_ehr_without_beds_gives_its_list(nurse: Opened, ehr: ListEhr) -> None:
    page = mine(nurse)
    assert names(page) == ["SUMMERFIELD", "WINTERBOURNE"]
    assert ways(page)["beds"] == "not offered"
    assert ways(page)["lists"] == "Night list: 2 patients"
    assert not any(a.path == "Encounter" and not a.one("patient") for a in ehr.asked)
    found = {line.name: line for line in lines(page)}
    assert found["WINTERBOURNE, Test"].number == "0"
    assert found["SUMMERFIELD, Test"].number == "not measured"


def test_the_bed_and_reason_of_somebody_on_a_list_come_from_their_own_stay(
    nurse: Opened, ehr: ListEhr
) -> None:
    ehr.resources += [stay("p1", "bed-01"), place("bed-01")]
    found = {line.name: line for line in lines(mine(nurse))}
    assert found["WINTERBOURNE, Test"].bed == "5 West bed 01"
    assert "Pneumonia" in found["WINTERBOURNE, Test"].about
    assert found["SUMMERFIELD, Test"].bed == "bed not stated"


def test_a_patient_in_a_bed_on_a_list_and_of_a_care_team_stands_there_once(
    nurse: Opened, ehr: ListEhr
) -> None:
    ehr.offered = (*OFFERED, "Encounter")
    ehr.resources += [stay("p1", "bed-01", nurse="other"), place("bed-01"), a_team("p1")]
    page = mine(nurse)
    assert names(page) == ["SUMMERFIELD", "WINTERBOURNE"]
    assert {choice.key: choice.count for choice in page.context["board"].choices}["5 West"] == 1


def test_a_care_team_of_years_makes_nobody_mine_who_lies_in_no_bed(
    nurse: Opened, ehr: ListEhr
) -> None:
    ehr.resources += [a_team("p3"), stay("p1", "bed-01"), place("bed-01")]
    assert "AUTUMNAL" in names(mine(nurse))  # this EHR cannot say who lies in a bed
    ehr.offered = (*OFFERED, "Encounter")
    wire.forget()
    units.forget()
    page = mine(nurse)
    assert "AUTUMNAL" not in names(page)
    teams = next(c for c in page.context["board"].choices if c.words == "My care teams")
    assert names(until_read(nurse.client, f"/ward/?show={teams.key}")) == ["AUTUMNAL"]


def test_two_patients_of_one_name_and_birth_date_stay_two(nurse: Opened, ehr: ListEhr) -> None:
    """Planted: only the id tells them apart."""
    ehr.resources[1] = patient("p2", name=[{"family": "Winterbourne", "given": ["Test"]}])
    assert names(mine(nurse)) == ["WINTERBOURNE", "WINTERBOURNE"]


def test_lists_of_other_people_are_counted_and_show_nobody(nurse: Opened, ehr: ListEhr) -> None:
    """Planted: the server ignores whose lists were asked for."""
    ehr.resources.append(a_list("Patient/p3", id="other", source={"reference": "Practitioner/bob"}))
    ehr.resources.append(a_team("p3", {"reference": "Practitioner/bob"}))
    page = mine(nurse)
    assert names(page) == ["SUMMERFIELD", "WINTERBOURNE"]
    assert ways(page)["lists"].endswith("lists not used: 1 of somebody else")
    assert ways(page)["care teams"] == "none of yours; lists not used: 1 of somebody else"
    asked = [a.one("source") for a in ehr.asked if a.path == "List"]
    assert set(asked) == {"Practitioner/alice"}


def test_everybody_shown_from_a_list_is_written_down(nurse: Opened) -> None:
    mine(nurse)
    entries = AccessLog.objects.filter(what="ward", outcome=AccessLog.Outcome.GRANTED)
    assert set(entries.values_list("patient", flat=True)) == {"", "p1", "p2"}


def test_no_patient_of_a_list_is_named_in_an_address(nurse: Opened) -> None:
    text = mine(nurse).content.decode()
    key = next(c.key for c in mine(nurse).context["board"].choices if c.words == "Night list")
    assert "nights" not in key
    assert "show=nights" not in text


# ---- who cannot be shown -----------------------------------------------------------------------------------------


def test_members_who_cannot_be_shown_are_counted_on_the_board_and_the_hand_over(
    nurse: Opened, ehr: ListEhr
) -> None:
    entry = ehr.resources[3]["entry"]
    entry += [{"item": {"display": "Walk-in"}}, {"item": {"reference": "Device/1"}}]
    page = mine(nurse)
    said = "Night list (Mercy Hospital): 1 named in words only, 1 not a patient"
    assert page.context["board"].left_out == said
    assert f"Not shown here · {said}." in page.content.decode()
    assert "Walk-in" not in page.content.decode()
    sheet = nurse.client.get("/ward/hand-over").content.decode()
    assert f"{said}." in sheet


def test_a_member_whom_the_rights_do_not_cover_keeps_a_line_that_says_so(
    nurse: Opened, ehr: ListEhr
) -> None:
    def hook(_: FakeEhr, asked: Asked) -> Reply | None:
        about = asked.one("patient") == "p2" or asked.path == "Patient/p2"
        return reply(outcome("error", "forbidden"), 403) if about else None

    ehr.hook = hook
    page = mine(nurse)
    line = next(line for line in lines(page) if line.name == "Name not known")
    assert line.number == "not permitted"
    assert line.why[0] == "Not permitted by Mercy Hospital."
    assert "SUMMERFIELD" not in page.content.decode()


# ---- how the sources answered ------------------------------------------------------------------------------------


def test_not_offered_not_permitted_and_not_retrieved_are_three_states(
    nurse: Opened, ehr: ListEhr
) -> None:
    ehr.offered = ("Patient", "Observation", "List", "CareTeam")
    ehr.refuses = ("CareTeam",)
    ehr.hook = lambda _, asked: reply({}, 500) if asked.path == "List" else None
    page = mine(nurse)
    found = ways(page)
    assert found["groups"] == "not offered"
    assert found["care teams"] == "not permitted (the sign-in does not cover CareTeam)"
    assert found["lists"].startswith("not retrieved (")
    (source,) = page.context["board"].sources
    assert not source.whole
    assert "lists not retrieved" in source.words
    assert "My patients ≥ 0" in page.content.decode()
    assert {way.kind: way.gap for way in source.ways}["groups"] is False


def test_what_the_ehr_offers_could_not_be_read(nurse: Opened, ehr: ListEhr) -> None:
    """Then who lies where is asked for as ever, and the lists say that they were not retrieved."""
    ehr.resources += [stay("p1", "bed-01"), place("bed-01")]
    tries: list[str] = []

    def hook(_: FakeEhr, asked: Asked) -> Reply | None:
        if asked.path != "metadata":
            return None
        tries.append(asked.path)
        return reply({}, 503)

    ehr.hook = hook
    page = mine(nurse)
    first = len(tries)
    page = mine(nurse)
    assert len(tries) == first, "a board does not wait for it with every look"
    assert names(page) == ["WINTERBOURNE"]
    assert {words.partition(" (")[0] for kind, words in ways(page).items() if kind != "beds"} == {
        "not retrieved"
    }


def test_an_ehr_that_offers_no_list_at_all_says_so(nurse: Opened, ehr: ListEhr) -> None:
    ehr.offered = ("Patient", "Observation")
    page = mine(nurse)
    assert lines(page) == []
    assert "it offers no list of patients" in page.context["board"].sources[0].words


def test_nobody_is_lost_when_the_lists_stop_answering(nurse: Opened, ehr: ListEhr) -> None:
    before = names(mine(nurse))
    ehr.hook = lambda *_: reply({}, 503)
    _much_later()
    page = mine(nurse)
    assert names(page) == before
    assert ways(page)["lists"].startswith("Night list: 2 patients; not retrieved (")
    assert "care teams, lists and groups not retrieved" in page.context["board"].sources[0].words


def test_who_was_taken_off_the_list_is_gone_with_its_next_reading(
    nurse: Opened, ehr: ListEhr
) -> None:
    mine(nurse)
    ehr.resources[3]["entry"][1]["deleted"] = True
    _much_later()
    page = mine(nurse)
    assert names(page) == ["WINTERBOURNE"]
    assert ways(page)["lists"] == "Night list: 1 patient, not shown: 1 no longer on it"


def test_lists_are_asked_for_once_in_five_minutes(nurse: Opened, ehr: ListEhr) -> None:
    mine(nurse)
    first = [a.path for a in ehr.asked if a.path in ("List", "CareTeam", "Group", "metadata")]
    assert sorted(first) == ["CareTeam", "Group", "List", "metadata"]
    mark = len(ehr.asked)
    _later(timedelta(seconds=61))
    mine(nurse)
    assert {a.path for a in ehr.asked[mark:]} == {"Observation"}


# ---- rights ------------------------------------------------------------------------------------------------------


def _wanted(ehr: ListEhr) -> list[set[str]]:
    """The types of list in each request for a token of the product's own."""
    own = [form["scope"] for form in ehr.forms if form["grant_type"] == "client_credentials"]
    kinds = ("List", "CareTeam", "Group")
    return [{kind for kind in kinds if f"system/{kind}.rs" in scope.split()} for scope in own]


def test_the_scopes_asked_for_are_those_of_the_lists_that_are_offered(
    nurse: Opened, ehr: ListEhr
) -> None:
    ehr.offered = ("Patient", "Observation", "List")
    mine(nurse)
    assert _wanted(ehr) == [{"List"}]


def test_an_ehr_without_lists_is_asked_for_no_scope_of_them(nurse: Opened, ehr: ListEhr) -> None:
    ehr.offered = ("Patient", "Observation", "Encounter")
    mine(nurse)
    assert _wanted(ehr) == [set()]


def test_an_ehr_that_refuses_those_scopes_keeps_all_the_others(nurse: Opened, ehr: ListEhr) -> None:
    """Planted: one scope that is not registered makes the whole request fail."""
    ehr.invalid_scope = True
    ehr.offered = (*OFFERED, "Encounter")
    ehr.resources += [stay("p1", "bed-01"), place("bed-01")]
    page = mine(nurse)
    assert names(page) == ["WINTERBOURNE"]
    assert ways(page)["lists"] == "not permitted (the sign-in does not cover List)"


def test_a_stay_of_a_patient_of_another_server_is_nobody_of_this_one(
    nurse: Opened, ehr: ListEhr
) -> None:
    """Planted: its patient has the id that somebody else has here."""
    ehr.offered = ("Patient", "Observation", "Encounter")
    there, unnamed = stay("p2", "bed-02"), stay("p3", "bed-03")
    there["subject"] = {"reference": "https://elsewhere.example/fhir/Patient/p2"}
    unnamed["subject"] = {"display": "Autumnal"}
    ehr.resources += [stay("p1", "bed-01"), there, unnamed, place("bed-01")]
    page = mine(nurse)
    assert {bed.patient for bed in page.context["board"].everybody} == {"p1"}
    said = "1 patient, not shown: 1 at another server, 1 named in words only"
    assert ways(page)["beds"] == said


def test_rights_that_are_not_granted_are_not_asked_for_with_every_look(
    nurse: Opened, ehr: ListEhr
) -> None:
    """Planted: some EHRs leave out in silence what they do not grant."""
    ehr.refuses = ("CareTeam",)
    for _ in range(3):
        page = mine(nurse)
    assert ways(page)["care teams"] == "not permitted (the sign-in does not cover CareTeam)"
    assert _wanted(ehr) == [{"List", "CareTeam", "Group"}]


def test_rights_that_are_refused_are_not_asked_for_with_every_look(
    nurse: Opened, ehr: ListEhr
) -> None:
    ehr.invalid_scope = True
    for _ in range(3):
        mine(nurse)
    assert ehr.turned_away == 1


# ---- who is known at two EHRs ------------------------------------------------------------------------------------


@pytest.fixture
def both(
    nurse: Opened, ehr: ListEhr, connect: Callable[..., Connection]
) -> Iterator[tuple[Opened, ListEhr]]:
    """The nurse is known at a second EHR, whose list holds q1: the same person as p1 of the first."""
    ehr.resources[0] = _known_at_two("p1")
    listed = a_list("Patient/q1", title="Clinic")
    with running(ListEhr([_known_at_two("q1"), listed, *a_set("q1", 5, pulse=135)])) as other:
        made = connect(other, key="lakeside", **BACKEND)
        user = Identity.objects.get(connection__key="mercy").user
        Identity.objects.create(
            user=user, connection=made, issuer=other.base, reference="Practitioner/alice"
        )
        yield nurse, other


def _known_at_two(who: str, **changed: Any) -> Json:
    name = [{"family": "Winterbourne", "given": ["Test"]}]
    proof = [{"system": MRN, "value": "P-1"}]
    return {**patient(who, name=name), "identifier": proof, **changed}


def test_a_person_proven_to_be_known_at_two_ehrs_stands_there_once_with_both_records(
    both: tuple[Opened, ListEhr],
) -> None:
    page = mine(both[0])
    assert names(page) == ["SUMMERFIELD", "WINTERBOURNE"]
    line = next(line for line in lines(page) if line.name.startswith("WINTER"))
    assert line.number == "3"  # the newest set is of the second EHR
    assert "1 patient is known at two EHRs and stands here once" in page.content.decode()


@pytest.mark.parametrize(
    "changed",
    [
        {"birthDate": "1958-02-04"},
        {"identifier": [{"system": "https://not.trusted", "value": "P-1"}]},
    ],
)
def test_anything_less_than_proof_stays_two_lines(
    both: tuple[Opened, ListEhr], changed: Json
) -> None:
    """Planted: one thing differs, or is not enough."""
    nurse, other = both
    other.resources[0] = _known_at_two("q1", **changed)
    assert names(mine(nurse)) == ["SUMMERFIELD", "WINTERBOURNE", "WINTERBOURNE"]


def test_two_records_of_one_ehr_are_joined_with_nobody(both: tuple[Opened, ListEhr]) -> None:
    """Planted: the second EHR has the identifier twice; one of them may be somebody else."""
    nurse, other = both
    other.resources.append(_known_at_two("q2"))
    other.resources[1]["entry"].append({"item": {"reference": "Patient/q2"}})
    assert names(mine(nurse)) == ["SUMMERFIELD", *["WINTERBOURNE"] * 3]


def test_what_one_of_two_ehrs_did_not_give_is_said_on_the_line(
    both: tuple[Opened, ListEhr],
) -> None:
    nurse, other = both
    other.hook = lambda _, asked: reply({}, 500) if asked.path == "Observation" else None
    line = next(line for line in lines(mine(nurse)) if line.name.startswith("WINTER"))
    assert line.number == "0"
    assert "not retrieved" in line.stale_words
    assert "newer values may exist" in line.why[1]


def _much_later() -> None:
    """What was read and listed, six minutes longer ago."""
    span = timedelta(minutes=6)
    _later(span)
    for key, (at, told) in list(rosters._known.items()):
        rosters._known[key] = (at - span, told)
