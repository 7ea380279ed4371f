"""Who this is: an age that is not of today after death, and a pregnancy that is not "nothing recorded"."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from clinical.records import Record, Section, Value
from clinical.summary.view_model import Summary
from tests.clinical.reconcile.builders import at, concept, lab, patient, problem, section
from tests.clinical.summary import anna


def page(born: str, *records: Record, **who: Any) -> Summary:
    replaced = (Section.PATIENT, Section.LABS)
    parts = [part for part in anna.mercy() if part.state.section not in replaced]
    person = section(Section.PATIENT, patient(birth=at(born), **who))
    return anna.summary([*parts, person, section(Section.LABS, *records)])


def status(words: str, when: str) -> Record:
    made = lab(90, "Pregnancy status", "82810-3", None, "", when)
    return msgspec.structs.replace(made, value=Value(concept=concept(words)))


def line(found: Summary) -> dict[str, list[str]]:
    return {slot.key: [one.text for one in slot.lines if one.text] for slot in found.safety}


@pytest.mark.parametrize(
    ("words", "when", "shown"),
    [
        ("Pregnant", "2023-02-11T10:00:00Z", "Pregnancy status: Pregnant, 2023"),
        ("Not pregnant", "2026-11-02T10:00:00Z", "Pregnancy status: Not pregnant, 02-Nov"),
    ],
)
def test_an_old_pregnancy_and_a_no_are_told_with_their_date_and_not_as_nothing(
    words: str, when: str, shown: str
) -> None:
    slots = line(page("1991-05-05", status(words, when)))
    assert slots["pregnancy"] == [shown]
    assert "pregnancy" not in "".join(slots["nothing"])


def test_an_old_problem_that_names_a_pregnancy_stands_beside_it() -> None:
    old = problem(91, "Twin pregnancy", onset=at("2021-06-01"))
    slots = line(page("1991-05-05", old))
    assert slots["pregnancy"] == ["Twin pregnancy, 2021"]


def test_without_any_answer_nothing_is_recorded_and_a_man_is_not_asked() -> None:
    assert "pregnancy" in "".join(line(page("1991-05-05"))["nothing"])
    man = line(page("1991-05-05", status("Not pregnant", "2026-11-02T10:00:00Z"), sex="male"))
    assert "pregnancy" not in man
    assert "pregnancy" not in "".join(man["nothing"])


@pytest.mark.parametrize(
    ("when", "said"),
    [
        ({"deceased_at": at("2019-08-01"), "deceased": True}, "Woman who died at 78 y"),
        ({"deceased": True}, "Woman who died"),
        ({}, "85-year-old woman"),
    ],
)
def test_nobody_who_died_has_the_age_of_today(when: dict[str, Any], said: str) -> None:
    told = anna.text(page("1941-04-01", **when).one_liner)
    assert said in told
    assert not when or "year-old" not in told
