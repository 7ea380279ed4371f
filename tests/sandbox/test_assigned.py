"""Whose patients they are at Lakeside: declared, searched by person, within the scopes, and read as the board reads."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import urlencode

import pytest

from clinical.fhir import rosters
from clinical.fhir.capability import read_capability
from clinical.fhir.rosters import KINDS, RosterKind, Rosters
from clinical.fhir.wire import read_page
from sandbox.patients import resources

from .conftest import App, Start

NURSE = "Practitioner/nurse"


@pytest.fixture
def lakeside(start: Start) -> App:
    kept = ("List", "CareTeam", "Practitioner", "Patient")
    made = resources("lakeside", datetime.now(UTC))  # noqa: TID251  the sandbox's records follow the clock
    return start([each for each in made if each["resourceType"] in kept])


def asked(app: App, kind: RosterKind, person: str, scope: str) -> Rosters:
    query = urlencode(rosters.search_for(kind, [person], 100).params)
    answer = app.get(f"{kind.resource}?{query}", app.system(scope), Prefer="handling=strict")
    assert answer.status_code == 200, answer.text
    page = read_page(answer.content, expected=kind.resource)
    return rosters.read(page.entries, {person}, base=app.sandbox.base, as_of=datetime.now(UTC))  # noqa: TID251


def test_it_declares_what_the_board_asks_for(lakeside: App) -> None:
    offered = rosters.offered(read_capability(lakeside.get("metadata").content))
    assert [kind.resource for kind in offered] == ["CareTeam", "List", "Group"]


def test_the_nurse_finds_her_list_and_her_care_teams(lakeside: App) -> None:
    teams, lists, groups = (asked(lakeside, k, NURSE, f"system/{k.resource}.rs") for k in KINDS)
    (mine,) = lists.found
    assert mine.title == "Observation room"
    assert mine.members == ("ra-methotrexate", "heart-failure", "ed-chest-pain")
    assert dict(mine.left_out) == {"no longer on it": 1, "named in words only": 1}
    assert [one.members for one in teams.found] == [("annual-wellness", "heart-failure")]
    assert groups == Rosters()


def test_nobody_else_finds_them(lakeside: App) -> None:
    found = [asked(lakeside, k, "Practitioner/cmio", f"system/{k.resource}.rs") for k in KINDS]
    assert found == [Rosters()] * 3


def test_without_the_scope_the_lists_are_refused(lakeside: App) -> None:
    answer = lakeside.get(f"List?source={NURSE}", lakeside.system("system/Patient.rs"))
    assert answer.status_code == 403
