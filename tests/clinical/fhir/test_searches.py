from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinical import rank
from clinical.fhir import scopes
from clinical.fhir.capability import Capability
from clinical.fhir.catalogue import CATALOGUE, SETTINGS
from clinical.fhir.searches import Plan, path_of, plan_for, uses
from clinical.records import FetchState

AS_OF = datetime(2026, 6, 15, 12, tzinfo=UTC)
CODES = tuple(f"{number}-1" for number in range(40))


def plan(**kind: object) -> Plan:
    return plan_for(**{"server": "mercy", "patient_id": "p 1", "as_of": AS_OF, **kind})  # type: ignore[arg-type]


@pytest.mark.parametrize("setting", SETTINGS)
@pytest.mark.parametrize("role", ["physician", "nurse", "cmio", ""])
def test_the_first_screen_needs_one_wave_and_the_rest_two(setting: str, role: str) -> None:
    made = plan(setting=setting, role=role, visit_codes=CODES, report_codes=CODES, encounter_id="e")
    first = [search for search in made.searches if search.tier == 1]
    rest = [search for search in made.searches if search.tier == 2]
    requests = {search.together or search.key for search in rest}
    assert len(first) == 8
    assert len(requests) <= 20
    assert made.searches[:8] == tuple(first)
    assert not made.not_asked


def test_the_latest_of_every_item_is_asked_for_in_one_url_that_every_server_reads() -> None:
    library = rank.load()
    codes = rank.visit_codes(library, rank.all_contexts(library))
    made = plan(visit_codes=codes, patient_id="p" * 64)
    (latest,) = [search for search in made.searches if search.key.startswith("labs.latest")]
    assert latest.codes == codes
    assert len(path_of(latest.resource, latest.params)) <= 2000


@pytest.mark.parametrize("code", ["38483-4", "62238-1", "4549-2", "18262-6", "8480-6", "11579-0"])
def test_second_codes_that_many_laboratories_send_are_asked_for_whatever_their_age(
    code: str,
) -> None:
    library = rank.load()
    assert code in rank.visit_codes(library, rank.all_contexts(library))


def test_advance_directives_are_asked_for_whatever_their_age() -> None:
    (found,) = [one for one in plan().searches if one.key == "documents.directives"]
    assert found.since is None
    assert {"42348-3", "11485-0", "84095-9", "93037-0"} <= set(
        dict(found.params)["type"].split(",")
    )
    assert not any(name == "date" for name, _ in found.params)


def test_consents_are_asked_for_whole_and_no_first_screen_waits_for_them() -> None:
    (found,) = [one for one in plan().searches if one.key == "consents"]
    assert (found.resource, found.since, found.tier) == ("Consent", None, 2)
    assert {name for name, _ in found.params} == {"patient", "_count"}
    assert ("Consent", "s") in uses()


@pytest.mark.parametrize(
    ("more", "state", "words"),
    [
        ({"granted_scopes": ["patient/Flag.rs"]}, FetchState.NOT_AUTHORISED, "The sign-in does not cover consents (Consent)."),
        ({"capability": Capability(types={"Flag": frozenset({"search-type"})})}, FetchState.NOT_SUPPORTED, "This source does not offer consents (Consent)."),
    ],
)  # fmt: skip
def test_consents_that_cannot_be_asked_for_are_said(
    more: dict[str, object], state: FetchState, words: str
) -> None:
    (found,) = [one for one in plan(**more).not_asked if one.search == "consents"]
    assert (found.state, found.reason) == (state, words)


def test_reports_of_wanted_examinations_are_asked_for_whatever_their_age() -> None:
    library = rank.load()
    codes = rank.report_codes(library, rank.all_contexts(library))
    (found,) = [one for one in plan(report_codes=codes).searches if one.key == "reports.coded"]
    assert {"38269-7", "30657-1", "18746-8"} <= set(dict(found.params)["code"].split(","))
    assert "11524-6" in codes
    assert "600-7" not in codes
    assert found.since is None
    assert not any(name == "date" for name, _ in found.params)
    assert all(("patient", "p 1") in params for params in found.fallbacks)
    assert "reports.coded" not in {one.key for one in plan().searches}


def test_orders_in_force_are_asked_for_whatever_their_age() -> None:
    (found,) = [one for one in plan().searches if one.key == "orders.standing"]
    assert found.since is None
    assert dict(found.params)["status"] == "active,on-hold"
    assert not any(name == "authored" for name, _ in found.params)


def test_what_the_eighth_is_depends_on_where_and_who() -> None:
    def eighth(**kind: object) -> set[str]:
        return {search.key for search in plan(**kind).searches if search.tier == 1}

    assert "reports" in eighth(setting="clinic")
    assert "administrations" in eighth(setting="ward")
    assert "administrations" in eighth(setting="clinic", role="nurse")


def test_every_search_names_the_patient_also_after_a_refusal() -> None:
    for search in plan(visit_codes=CODES).searches:
        for params in (search.params, *search.fallbacks):
            assert search.read or ("patient", "p 1") in params
            if search.category:
                assert any(name == "category" for name, _ in params)


def test_dates_are_sent_to_the_second_with_a_zone() -> None:
    labs = next(search for search in plan().searches if search.key == "labs.recent")
    assert dict(labs.params)["date"] == "ge2025-05-11T12:00:00Z"


def test_codes_are_sent_bare() -> None:
    for search in plan(visit_codes=CODES).searches:
        assert not any("|" in value for _, value in search.params)


def test_what_is_not_granted_is_not_asked_and_says_so() -> None:
    made = plan(granted_scopes=["patient/Patient.r", "patient/AllergyIntolerance.rs", "openid"])
    assert [search.key for search in made.searches] == ["allergies", "patient"]
    assert {state.state for state in made.not_asked} == {"not_authorised"}
    assert len(made.not_asked) == len(plan().searches) - 2
    assert all(state.reason and state.remedy for state in made.not_asked)


def test_a_scope_for_one_category_covers_only_that() -> None:
    laboratory = "patient/Observation.rs?category=http://x/observation-category|laboratory"
    made = plan(granted_scopes=[laboratory], visit_codes=CODES)
    assert [search.key for search in made.searches] == ["labs.recent", "labs.latest"]


def test_what_a_server_does_not_offer_is_not_asked() -> None:
    offers = Capability(types={"Patient": frozenset({"read"}), "Observation": frozenset()})
    made = plan(capability=offers)
    assert {search.resource for search in made.searches} == {"Patient", "Observation"}
    assert {state.state for state in made.not_asked} == {"not_supported"}


def test_a_server_that_declares_nothing_is_asked_everything() -> None:
    assert not plan(capability=Capability()).not_asked


def test_scopes_asked_are_exactly_what_a_pull_sends() -> None:
    sent = {(search.resource, "r" if search.read else "s") for search in plan().searches}
    resolved = {("Medication", "r"), ("Encounter", "r")}
    beds = {("Location", "r")}  # what the encounters of a ward point to
    assert set(uses()) == sent | resolved | beds
    assert len(CATALOGUE) == len({kind.key for kind in CATALOGUE})


def test_scopes_in_both_versions() -> None:
    new = scopes.wanted(uses(), level="patient", capabilities=["permission-v2"])
    old = scopes.wanted(uses(), level="patient", capabilities=["permission-v1"])
    assert "patient/Observation.rs" in new
    assert "patient/Encounter.rs" in new
    assert "patient/Patient.r" in new
    assert "patient/Observation.read" in old
    assert not any("*" in scope for scope in new + old)


@pytest.mark.parametrize(
    ("granted", "covers"),
    [
        ("patient/Observation.read", True),
        ("user/*.rs", True),
        ("system/Observation.cruds", True),
        ("patient/Observation.r", False),
        ("patient/Observation.sr", False),
        ("patient/Observation.write", False),
        ("patient/Condition.rs", False),
        ("patient/Observation.rs?category=survey", False),
        ("patient/Observation.rs?code=http://loinc.org|1-8", True),
        ("launch/patient", False),
    ],
)
def test_what_a_granted_scope_covers(granted: str, covers: bool) -> None:
    assert scopes.allows(scopes.parse([granted]), "Observation", "s", ("laboratory",)) is covers


@given(st.lists(st.text(max_size=60)))
def test_reading_scopes_never_fails(granted: list[str]) -> None:
    assert len(scopes.parse(granted)) <= len(granted)


@given(
    st.lists(
        st.tuples(st.sampled_from(["patient", "date", "code"]), st.text(min_size=1, max_size=20))
    )
)
def test_a_path_says_what_was_meant_and_nothing_else(params: list[tuple[str, str]]) -> None:
    kind, _, query = path_of("Observation", tuple(params)).partition("?")
    assert kind == "Observation"
    assert sorted(parse_qsl(query, keep_blank_values=True)) == sorted(params)
