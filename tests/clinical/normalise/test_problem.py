"""Problems: rules 5, 6, 7, 37, 52, 56 of fhir-rules part 3."""

from __future__ import annotations

from typing import Any

import pytest

from .builders import concept, condition, hidden, quantity, shown, status


def verification(code: str) -> dict[str, Any]:
    return {"verificationStatus": status(code, "condition-ver-status")}


def test_a_problem_entered_in_error_is_hidden_and_needs_no_clinical_status() -> None:
    sent = condition(**verification("entered-in-error"), clinicalStatus=None)
    assert hidden(sent).reason == "entered-in-error"


@pytest.mark.parametrize("code", ["refuted", "unconfirmed", "provisional", "differential"])
def test_a_doubt_about_a_problem_is_kept_for_its_label(code: str) -> None:
    assert shown(condition(**verification(code))).verification == code


@pytest.mark.parametrize(
    "code", ["active", "recurrence", "relapse", "remission", "inactive", "resolved"]
)
def test_every_clinical_status_is_kept(code: str) -> None:
    assert shown(condition(clinicalStatus=status(code, "condition-clinical"))).clinical == code


def test_a_missing_status_is_not_stated_and_not_resolved() -> None:
    assert shown(condition(clinicalStatus=None)).clinical == ""


def test_a_suppressed_status_is_not_stated() -> None:
    unknown = concept("unknown", system="http://terminology.hl7.org/CodeSystem/data-absent-reason")
    assert shown(condition(clinicalStatus=unknown)).clinical == ""


def test_an_active_problem_with_an_end_keeps_both() -> None:
    found = shown(condition(abatementDateTime="2020-05"))
    assert (found.clinical, found.abatement.text) == ("active", "2020-05")


def test_a_diagnosis_of_a_visit_is_never_promoted_to_the_problem_list() -> None:
    sent = condition(category=[status("encounter-diagnosis", "condition-category")])
    assert shown(sent).category == "encounter-diagnosis"


def test_a_problem_in_two_categories_is_on_the_list() -> None:
    sent = [
        status("encounter-diagnosis", "condition-category"),
        status("problem-list-item", "condition-category"),
    ]
    assert shown(condition(category=sent)).category == "problem-list-item"


def test_a_standard_category_beside_a_local_code_is_found() -> None:
    coding = [{"system": "urn:x", "code": "9"}, {"code": "problem-list-item"}]
    assert shown(condition(category=[{"coding": coding}])).category == "problem-list-item"


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({"onsetString": "in childhood"}, "in childhood"),
        ({"onsetAge": quantity(40, "a")}, "at 40 y"),
        ({"onsetRange": {"low": quantity(40, "a"), "high": quantity(45, "a")}}, "40 a to 45 a"),
        ({"onsetDateTime": "around 1990"}, "around 1990"),
    ],
)
def test_an_onset_that_is_no_date_is_kept_in_words(sent: dict[str, Any], words: str) -> None:
    found = shown(condition(**sent))
    assert (found.onset, found.onset_text) == (None, words)


def test_a_year_alone_is_not_the_first_of_january() -> None:
    found = shown(condition(onsetDateTime="2012")).onset
    assert (found.precision, found.start.year, found.end.year) == ("year", 2012, 2013)


def test_side_and_stage_are_not_lost() -> None:
    found = shown(
        condition(
            bodySite=[concept(text="Left breast")], stage=[{"summary": concept(text="Stage IIA")}]
        )
    )
    assert (found.body_site, found.stage) == ("Left breast", "Stage IIA")


def test_a_local_code_without_words_is_shown_as_itself() -> None:
    found = shown(condition(code={"coding": [{"system": "urn:local", "code": "E11.9"}]}))
    assert (found.concept.text, found.concept.codings[0].code) == ("E11.9", "E11.9")
