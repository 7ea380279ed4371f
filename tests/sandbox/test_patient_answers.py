"""The answer key: every question once, every entry it names exists and is about that patient."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from sandbox.patients import resources
from sandbox.patients.answers import Answer, answers
from sandbox.patients.lookup import Records

NOW = datetime(2026, 11, 26, 16, 20, tzinfo=UTC)


@pytest.fixture(scope="module")
def key() -> tuple[Answer, ...]:
    return answers(NOW)


def test_every_question_has_one_answer(key: tuple[Answer, ...]) -> None:
    ids = [answer.question for answer in key]
    assert len(ids) == len(set(ids)) == 48
    assert all(answer.facts for answer in key)


def test_every_entry_exists_and_is_of_that_patient(key: tuple[Answer, ...]) -> None:
    whose = {
        f"{server}/{r['resourceType']}/{r['id']}": (r.get("subject") or r.get("patient") or {}).get(
            "reference"
        )
        for server in ("mercy", "lakeside")
        for r in resources(server, NOW)
    }
    for answer in key:
        for fact in answer.facts:
            assert fact.says
            for source in fact.sources:
                assert source in whose, (answer.question, source)
                if answer.patient:  # the unit board is about several
                    assert whose[source] == f"Patient/{answer.patient}", (answer.question, source)


def test_an_answer_of_nothing_recorded_is_true(key: tuple[Answer, ...]) -> None:
    """Where a fact names no entry, the record really holds none: no Rh immune globulin, no RSV vaccine."""
    empty = {
        answer.patient: fact.says for answer in key for fact in answer.facts if not fact.sources
    }
    assert set(empty) == {"pregnancy-28w", "annual-wellness"}
    given = {
        (r["patient"]["reference"], coding["code"])
        for server in ("mercy", "lakeside")
        for r in resources(server, NOW)
        if r["resourceType"] == "Immunization"
        for coding in r["vaccineCode"]["coding"]
    }
    assert not {("Patient/pregnancy-28w", code) for code in ("156", "157", "159")} & given
    assert not {("Patient/annual-wellness", code) for code in ("303", "304", "305")} & given


def test_the_words_of_an_answer_hold_the_number_of_its_entry(key: tuple[Answer, ...]) -> None:
    by = {q.question: q for q in key}
    records = Records(NOW)
    values = {
        f"{server}/Observation/{r['id']}": r["valueQuantity"]["value"]
        for server, found in records.all.items()
        for r in found
        if r["resourceType"] == "Observation" and "valueQuantity" in r and "traps" not in r["id"]
    }
    for question in ("q01", "q02", "q05", "q11", "q13", "q24", "q44", "n05"):
        fact = by[question].facts[0]
        assert f"{values[fact.sources[0]]:g}" in fact.says, question


def test_the_answers_move_with_the_clock_but_name_the_same_entries(key: tuple[Answer, ...]) -> None:
    assert answers(NOW + timedelta(days=90, hours=7)) == key


def test_a_missing_entry_is_an_error_not_an_empty_answer() -> None:
    records = Records(NOW)
    with pytest.raises(KeyError):
        records.of("mercy/new-patient", "AllergyIntolerance")
    with pytest.raises(KeyError):
        records.newest("mercy/heart-failure", "4548-4")
