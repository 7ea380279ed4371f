"""Lists of patients: whose they are, who is on them, and who cannot be shown and why."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from clinical.fhir import rosters, scopes
from clinical.fhir.capability import Capability
from clinical.fhir.rosters import KINDS, Roster, Rosters, search_for, why_not
from clinical.fhir.wire import read_page
from clinical.records import FetchState

BASE = "https://ehr.example/fhir"
NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
ME = "Practitioner/me"
PAST, AHEAD = "2026-11-25", "2026-12-24"
Json = dict[str, Any]


def read(*resources: Json, base: str = BASE) -> Rosters:
    """Through the bytes of an answer, as in use."""
    kind = resources[0]["resourceType"]
    entries = [
        {"fullUrl": f"{base}/{kind}/{one.get('id')}", "resource": one, "search": {"mode": "match"}}
        for one in resources
    ]
    body = json.dumps({"resourceType": "Bundle", "type": "searchset", "entry": entries}).encode()
    return rosters.read(read_page(body, expected=kind).entries, {ME}, base=BASE, as_of=NOW)


def one(*resources: Json) -> Roster:
    (found,) = read(*resources).found
    return found


def reference(target: str, **more: Any) -> Json:
    return {"reference": target, **more}


def a_list(*entries: Json, **more: Any) -> Json:
    return {
        "resourceType": "List", "id": "5", "status": "current", "mode": "working", "title": "Nights",
        "source": reference(ME), "entry": list(entries), **more,
    }  # fmt: skip


def item(target: str = "Patient/p1", **more: Any) -> Json:
    return {"item": reference(target), **more}


def a_group(*members: Json, **more: Any) -> Json:
    return {
        "resourceType": "Group", "id": "7", "type": "person", "actual": True, "name": "Bay 2",
        "managingEntity": reference(ME), "member": list(members), **more,
    }  # fmt: skip


def a_team(identifier: str, patient: str = "Patient/p1", **more: Any) -> Json:
    return {
        "resourceType": "CareTeam", "id": identifier, "status": "active",
        "subject": reference(patient), "participant": [{"member": reference(ME)}], **more,
    }  # fmt: skip


# ---- who is on it ------------------------------------------------------------------------------------------------


def test_a_list_names_each_patient_once_in_its_order() -> None:
    found = one(a_list(item("Patient/p2"), item("Patient/p1"), item("Patient/p2")))
    assert (found.key, found.title, found.members) == ("List/5", "Nights", ("p2", "p1"))
    assert found.left_out == ()


@pytest.mark.parametrize(
    "target",
    ["Patient/p1", f"{BASE}/Patient/p1", "Patient/p1/_history/3", f"{BASE}/Patient/p1|2"],
)
def test_the_ways_in_which_this_server_names_its_patient(target: str) -> None:
    assert one(a_list(item(target))).members == ("p1",)


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        ({"item": {"display": "Somebody"}}, "named in words only"),
        ({"item": {"identifier": {"value": "12"}}}, "named by an identifier only"),
        ({"item": {}}, "not named"),
        ({}, "not named"),
        (item("https://other.example/fhir/Patient/p1"), "at another server"),
        (item("Practitioner/5"), "not a patient"),
        ({"item": reference("Patient/p1", type="Group")}, "not a patient"),
        (item("urn:uuid:0c3"), "named in a way that cannot be followed"),
        (item("#p"), "named in a way that cannot be followed"),
        (item("Patient/p1/../p2"), "named in a way that cannot be followed"),
        (item("Patient?identifier=x|1"), "named in a way that cannot be followed"),
        (item(deleted=True), "no longer on it"),
        (item(modifierExtension=[{"url": "x"}]), "with a modifier we do not know"),
    ],
)
def test_who_cannot_be_shown_is_counted_with_the_reason(entry: Json, reason: str) -> None:
    found = one(a_list(item("Patient/p9"), entry))
    assert found.members == ("p9",)
    assert found.left_out == ((reason, 1),)


def test_members_of_a_group_who_have_left_or_are_not_listed_are_counted() -> None:
    members = [
        {"entity": reference("Patient/p1")},
        {"entity": reference("Patient/p2"), "inactive": True},
        {"entity": reference("Patient/p3"), "period": {"start": "2026-11-01", "end": PAST}},
        {"entity": reference("Patient/p4"), "period": {"start": "2026-11-01", "end": AHEAD}},
        {"entity": reference("Patient/p5"), "period": {"end": "some day"}},
    ]
    found = one(a_group(*members, quantity=8))
    assert found.members == ("p1", "p4")
    assert dict(found.left_out) == {"no longer on it": 3, "counted by the list but not on it": 3}


def test_care_teams_of_one_person_are_one_list() -> None:
    found = one(a_team("a"), a_team("b", "Patient/p2"), a_team("c"))
    assert (found.key, found.members, found.long_term) == ("CareTeam", ("p1", "p2"), True)


# ---- whose it is -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("resource", "reason"),
    [
        (a_list(item(), source=reference("Practitioner/other")), "of somebody else"),
        (a_list(item(), source=None), "of somebody else"),
        (a_group({"entity": reference("Patient/p1")}, managingEntity=reference("Practitioner/other")), "of somebody else"),
        (a_team("a", participant=[{"member": reference("Practitioner/other")}]), "of somebody else"),
        (a_team("a", participant=[{"member": reference(f"https://other.example/{ME}")}]), "of somebody else"),
        (a_team("a", participant=[{"member": reference(ME), "period": {"end": PAST}}]), "not in force"),
        (a_team("a", status="inactive"), "not in force"),
        (a_team("a", period={"start": "2026-01-01", "end": PAST}), "not in force"),
        (a_list(item(), status="retired"), "not in force"),
        (a_list(item(), mode="changes"), "not in force"),
        (a_group(active=False), "not in force"),
        (a_group(actual=False), "not of patients"),
        (a_group(type="device"), "not of patients"),
        (a_list(item("MedicationRequest/1"), subject=reference("Patient/p1")), "not of patients"),
        (a_list(item(), modifierExtension=[{"url": "not"}]), "with a modifier we do not know"),
        (a_team("a", implicitRules="https://x"), "with a modifier we do not know"),
        (a_team("a", participant=[{"member": reference(ME), "modifierExtension": [{"url": "x"}]}]), "with a modifier we do not know"),
    ],
)  # fmt: skip
def test_a_list_that_is_not_this_persons_is_set_aside_and_counted(
    resource: Json, reason: str
) -> None:
    assert read(resource) == Rosters(found=(), aside=((reason, 1),))


def test_a_server_that_ignores_whose_lists_were_asked_for_gives_away_nobody() -> None:
    """Planted: the answer holds everybody's lists."""
    others = [a_list(item(f"Patient/q{n}"), id=f"o{n}", source=reference("Practitioner/other")) for n in range(3)]  # fmt: skip
    found = read(a_list(item("Patient/p1")), *others)
    assert [each.members for each in found.found] == [("p1",)]
    assert found.aside == (("of somebody else", 3),)


# ---- whether it is asked for -------------------------------------------------------------------------------------

LIST = next(kind for kind in KINDS if kind.resource == "List")
SEARCH = frozenset({"search-type"})


def test_only_what_is_declared_is_asked_for() -> None:
    offers = Capability(types={"List": SEARCH}, parameters={"List": frozenset({"source"})})
    by_kind = {kind.resource: why_not(kind, offers, None) for kind in KINDS}
    assert by_kind.pop("List") is None
    assert {state for state, _ in filter(None, by_kind.values())} == {FetchState.NOT_SUPPORTED}
    assert [kind.resource for kind in rosters.offered(offers)] == ["List"]
    assert not rosters.offered(Capability())


def test_a_kind_that_cannot_be_searched_by_person_is_not_asked_for() -> None:
    offers = Capability(types={"List": SEARCH}, parameters={"List": frozenset({"code"})})
    assert why_not(LIST, offers, None) == (
        FetchState.NOT_SUPPORTED,
        "they cannot be searched by source",
    )


def test_without_the_scope_it_is_not_permitted() -> None:
    offers = Capability(types={"List": SEARCH})
    found = why_not(LIST, offers, scopes.parse(["system/Encounter.rs", "system/List.r"]))
    assert found is not None
    assert found[0] is FetchState.NOT_AUTHORISED
    assert why_not(LIST, offers, scopes.parse(["system/List.rs"])) is None


def test_a_search_always_names_the_person() -> None:
    for kind in KINDS:
        search = search_for(kind, [ME, "PractitionerRole/2"], 50)
        every = (search.params, *search.fallbacks)
        assert all((kind.person, f"{ME},PractitionerRole/2") in params for params in every)
