"""Items: what is the same thing in two sources, what leads, what is said where they differ."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinical.reconcile import reconcile
from clinical.records import (
    Chart,
    Coding,
    Concept,
    Document,
    Identifier,
    Procedure,
    Quantity,
    Reaction,
    Record,
    Section,
)
from tests.clinical.reconcile.builders import (
    ICD10,
    SNOMED,
    allergy,
    amount,
    at,
    concept,
    medication,
    nka,
    problem,
    section,
    source,
)


def chart(*records: Record) -> Chart:
    return reconcile([section(Section.ALLERGIES, *records)], launch_server="mercy")


def anaphylaxis() -> Reaction:
    return Reaction(manifestations=(concept("Anaphylaxis", "39579001", SNOMED),), severity="severe")


def test_a_severe_allergy_leads_over_the_mild_entry_of_another_source() -> None:
    mild = allergy(2, server="lakeside", criticality="low", notes=("minor reaction",))
    severe = allergy(1, criticality="high", reactions=(anaphylaxis(),))
    (item,) = chart(mild, severe).allergies
    assert item.lead == severe
    assert item.members == (severe, mild)
    (conflict,) = item.conflicts
    assert conflict.what == "severity"
    assert conflict.sides == (("mercy", "high, Anaphylaxis (severe)"), ("lakeside", "low"))


def test_two_kinds_of_document_under_one_identifier_stay_two() -> None:
    """Seen in published examples: a living will and a visit summary with the same oid. Merged, one hides the other."""
    same = (Identifier(system="urn:ietf:rfc:3986", value="urn:oid:2.16.840.1.113883.19.5"),)
    will, summary, copy = (
        Document(
            source=source(f"DocumentReference/{n}", server),
            concept=concept(text, code),
            status="current",
            identifiers=same,
        )
        for n, server, text, code in (
            (1, "mercy", "Patient Living Will", "86533-7"),
            (2, "mercy", "Summary of episode note", "34133-9"),
            (3, "lakeside", "Patient Living Will", "86533-7"),
        )
    )
    found = reconcile(
        [
            section(Section.DOCUMENTS, will, summary),
            section(Section.DOCUMENTS, copy, server="lakeside"),
        ],
        launch_server="mercy",
    ).documents
    assert sorted(len(item.members) for item in found) == [1, 2]
    assert {item.label for item in found} == {"Patient Living Will", "Summary of episode note"}


def test_a_missing_criticality_is_not_low() -> None:
    (item,) = chart(allergy(1, criticality="low"), allergy(2, server="lakeside")).allergies
    assert item.lead.source.server == "lakeside"
    assert item.conflicts[0].sides[0] == ("lakeside", "severity not stated")


def test_refuted_in_one_source_and_active_in_another_stays_active_and_is_marked() -> None:
    (item,) = chart(allergy(1, verification="refuted"), allergy(2, server="lakeside")).allergies
    assert item.lead.source.server == "lakeside"
    assert [c.what for c in item.conflicts] == ["status"]
    assert item.conflicts[0].sides[1] == ("mercy", "refuted")


def test_no_known_allergies_never_cancels_a_real_one() -> None:
    items = {
        item.lead.negation: item for item in chart(nka(1, server="lakeside"), allergy(2)).allergies
    }
    assert set(items) == {"", "none-known"}
    assert items["none-known"].conflicts[0].sides == (
        ("mercy", "Penicillin"),
        ("lakeside", "No known allergies"),
    )
    assert items[""].conflicts == ()


def test_a_denial_is_contradicted_only_by_what_it_denies() -> None:
    def denied(scope: str, **real: object) -> bool:
        denial = msgspec.structs.replace(nka(1, server="lakeside"), negation_scope=scope)
        items = chart(denial, allergy(2, **real)).allergies  # type: ignore[arg-type]
        return any(item.conflicts for item in items)

    assert denied("all")
    assert denied("drug", categories=("medication",))
    assert denied("drug")  # what it is was not stated
    assert not denied("food", categories=("medication",))
    assert not denied("latex", categories=("medication",))


def test_a_class_is_not_its_member() -> None:
    assert (
        len(chart(allergy(1, "Penicillins", "000476"), allergy(2, "Amoxicillin", "723")).allergies)
        == 2
    )


def test_equal_words_join_only_when_no_code_contradicts() -> None:
    text_only = allergy(1, "Penicillin", "", server="lakeside")
    assert len(chart(text_only, allergy(2)).allergies) == 1
    assert len(chart(allergy(1, "Penicillin", "7984"), allergy(2)).allergies) == 2


def test_a_dose_that_differs_between_sources_is_a_conflict_and_both_stay() -> None:
    here = medication(1, "Metformin 1000 MG Oral Tablet", "1 tablet twice daily", "861004")
    there = medication(
        2, "Metformin hydrochloride 500 MG Oral Tablet", "1 tablet twice daily", server="lakeside"
    )
    (item,) = chart(here, there).medications
    assert set(item.members) == {here, there}
    (conflict,) = item.conflicts
    assert conflict.what == "dose"
    assert {server for server, _ in conflict.sides} == {"mercy", "lakeside"}


def test_another_wording_of_the_same_dose_is_no_conflict() -> None:
    here = medication(1, "Lisinopril 20 MG Oral Tablet", "Take 1 tablet by mouth once daily")
    there = medication(2, "lisinopril 20 mg tablet", "1 tablet every day", server="lakeside")
    (item,) = chart(here, there).medications
    assert item.conflicts == ()


@pytest.mark.parametrize(
    ("here", "there", "differ"),
    [
        (("Apixaban 5 MG Oral Tablet", "Take 1 tablet (5 mg) by mouth twice daily"), ("apixaban 5 mg", "5 mg by mouth twice a day"), False),
        (("Sertraline 50 MG", "1 tablet daily"), ("Sertraline 50 MG", "50 mg once daily"), False),
        (("Metformin 500 MG", "2 tablets daily"), ("Metformin 1000 MG", "1 tablet daily"), False),
        (("Warfarin 5 MG", "1 tablet daily"), ("Warfarin 5 MG", "0.5 tablet daily"), True),
        (("Warfarin 5 MG", "5 mg daily"), ("Warfarin 2.5 MG", "2.5 mg daily"), True),
        (("Warfarin 5 MG", "1 tablet daily"), ("Warfarin 2.5 MG", "1 tablet daily"), True),
        (("Methotrexate 2.5 MG", "7.5 mg weekly"), ("Methotrexate 2.5 MG", "7.5 mg daily"), True),
        (("Levothyroxine 0.05 MG", "50 mcg daily"), ("Levothyroxine 0.05 MG", "25 mcg daily"), True),
        (("Insulin glargine", "10 units nightly"), ("Insulin glargine", "100 units nightly"), True),
    ],
)  # fmt: skip
def test_doses_are_compared_by_amount_and_frequency(
    here: tuple[str, str], there: tuple[str, str], differ: bool
) -> None:
    (item,) = chart(medication(1, *here), medication(2, *there, server="lakeside")).medications
    assert bool(item.conflicts) is differ


@pytest.mark.parametrize(
    ("here", "there", "differ"),
    [
        (amount("4", "mg"), amount("8", "mg"), True),
        (amount("4", "mg"), amount("4.0", "mg"), False),
        (amount("1", "g"), amount("1000", "mg"), False),
        (amount("1", "g"), amount("500", "mg"), True),
        (amount("1", "TAB"), amount("2", "TAB"), True),
        (amount("1", "TAB"), amount("4", "mg"), False),
        (amount("4", "mg"), None, False),
        (amount("4", "mg"), amount("4", "mL"), False),
    ],
)
def test_the_same_words_with_another_coded_dose_are_another_dose(
    here: Quantity | None, there: Quantity | None, differ: bool
) -> None:
    words = ("Hydromorphone", "4 mg Tablet, by mouth daily")
    own = medication(1, *words, dose_quantity=here)
    elsewhere = medication(2, *words, server="lakeside", dose_quantity=there)
    beside = medication(3, *words, dose_quantity=there)
    for other in (elsewhere, beside):
        (item,) = chart(own, other).medications
        assert set(item.members) == {own, other}
        assert [conflict.what for conflict in item.conflicts] == ["dose"] * differ
        said = {side for conflict in item.conflicts for side in conflict.sides}
        assert not differ or len(said) == 2, said


def test_two_strengths_side_by_side_at_one_source_are_no_conflict() -> None:
    both = [
        medication(n, f"Levothyroxine {n}5 MCG", "1 tablet daily", dose_quantity=amount(f"{n}5", "ug"))
        for n in (2, 7)
    ]  # fmt: skip
    assert all(item.conflicts == () for item in chart(*both).medications)


@given(st.text(alphabet="0123456789., mgtabletdaily/-½", max_size=40))
def test_no_dose_text_breaks_the_comparison(text: str) -> None:
    here = medication(1, f"Drug {text}", text)
    assert chart(here, medication(2, "Drug", text, server="lakeside")).medications


def test_the_same_numbers_at_other_times_of_day_are_another_dose() -> None:
    here = medication(1, "Insulin glargine", "10 units in the morning, 20 units in the evening")
    there = medication(
        2, "Insulin glargine", "20 units in the morning, 10 units in the evening", server="lakeside"
    )
    (item,) = chart(here, there).medications
    assert [conflict.what for conflict in item.conflicts] == ["dose"]


def test_active_here_and_stopped_there_shows_both_with_dates() -> None:
    here = medication(1, "Glipizide 5 MG Oral Tablet", "daily")
    there = medication(
        2, "Glipizide 5 MG", "daily", server="lakeside", status="stopped", ends=at("2026-08-12")
    )
    (item,) = chart(there, here).medications
    assert item.lead == here
    assert item.conflicts[0].sides == (("mercy", "active"), ("lakeside", "stopped 12-Aug-2026"))


def test_do_not_give_is_never_joined_with_the_medicine_itself() -> None:
    given, banned = medication(1, "Ibuprofen 400 MG"), medication(2, "Ibuprofen 400 MG", avoid=True)
    assert len(chart(given, banned).medications) == 2


def test_a_problem_resolved_in_one_source_stays_active_and_is_marked() -> None:
    active = problem(1, "Hypertension", "38341003")
    resolved = problem(
        2, "Essential hypertension", "38341003", server="lakeside", clinical="resolved"
    )
    (item,) = chart(resolved, active).problems
    assert item.lead == active
    assert item.conflicts[0].sides == (("mercy", "active"), ("lakeside", "resolved"))


def test_problems_join_by_one_shared_code_of_several() -> None:
    both = Concept(
        codings=(Coding(system=SNOMED, code="44054006"), Coding(system=ICD10, code="E11.9")),
        text="T2DM",
    )
    coded = problem(1, "x", "44054006")
    other = problem(2, "y", server="lakeside")
    merged = chart(coded, _with_concept(other, both)).problems
    assert len(merged) == 1


def _with_concept(record: Record, what: Concept) -> Record:
    return msgspec.structs.replace(record, concept=what)


def test_the_diagnosis_of_a_visit_is_never_promoted_to_the_problem_list() -> None:
    listed = problem(1, "Sinusitis", "36971009")
    visit = problem(
        2, "Sinusitis", "36971009", category="encounter-diagnosis", encounter="Encounter/9"
    )
    assert len(chart(listed, visit).problems) == 2


def _knee(number: int, site: str, server: str = "mercy") -> Procedure:
    return Procedure(
        source=source(f"Procedure/{number}", server), concept=concept("Knee replacement", "609588000", SNOMED),
        status="completed", performed=at("2026-03-01"), body_site=site,
    )  # fmt: skip


def test_the_same_procedure_on_the_left_and_on_the_right_is_two() -> None:
    left, right, copy = (
        _knee(1, "Left knee"),
        _knee(2, "Right knee"),
        _knee(3, "left knee", "lakeside"),
    )
    found = reconcile([section(Section.PROCEDURES, left, right, copy)], launch_server="mercy")
    assert sorted(len(item.members) for item in found.procedures) == [1, 2]
    no_site = [section(Section.PROCEDURES, _knee(1, ""), _knee(2, "", "lakeside"))]
    assert len(reconcile(no_site, launch_server="mercy").procedures) == 1


@pytest.mark.parametrize("category", ["problem-list-item", "encounter-diagnosis"])
def test_the_same_problem_on_the_left_and_on_the_right_is_two(category: str) -> None:
    more = {"category": category, "encounter": "Encounter/1"}
    left = problem(1, "Closed fracture of hip", "359817006", body_site="Left hip", **more)
    right = problem(2, "Closed fracture of hip", "359817006", body_site="Right hip", **more)
    found = reconcile([section(Section.PROBLEMS, left, right, left)], launch_server="mercy")
    assert len(found.problems) == 2
