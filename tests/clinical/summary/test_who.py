"""Who this is: an age that is not of today after death, and a pregnancy that is not "nothing recorded"."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from clinical.dates import parse_period, parse_time
from clinical.records import Record, Section, Value
from clinical.summary import fmt, names
from clinical.summary.view_model import Summary
from tests.clinical.reconcile.builders import NOW, at, concept, lab, patient, problem, section
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
        ("Pregnant", "2023-02-11T10:00:00Z", "Pregnant, 2023"),
        ("Not pregnant", "2026-11-02T10:00:00Z", "Not pregnant, 02-Nov"),
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


@pytest.mark.parametrize(
    ("first", "last", "words"),
    [("2026-03", None, "Mar-2026"), ("2026", "2026-05-04", "2026"), (None, "2025-04", "Apr-2025")],
)
def test_the_beginning_of_a_period_is_never_finer_than_it_was_sent(
    first: str | None, last: str | None, words: str
) -> None:
    time = parse_period(first, last)
    assert fmt.when(time, NOW, UTC) == fmt.when_short(time, NOW, UTC) == words


@pytest.mark.parametrize(
    ("sent", "words", "short"),
    [
        ("2026-11-28T00:05:00Z", "today 00:05", "today 00:05"),
        ("2026-11-28T05:00:00Z", "today 05:00", "today 05:00"),  # a clock that is ahead of ours
        ("2026-11-27T23:46:00Z", "27-Nov 23:46", "27-Nov 23:46"),
        ("2026-11-27T00:41:00Z", "27-Nov 00:41", "27-Nov 00:41"),
        ("2026-11-27T00:40:00Z", "27-Nov-2026", "27-Nov"),  # a whole day ago
        ("2026-11-27", "27-Nov-2026", "27-Nov"),  # no time of day was sent
        ("2026-11-27T23:46:00", "27-Nov-2026", "27-Nov"),  # in a zone that nobody knows
    ],
)
def test_after_midnight_the_results_of_the_night_keep_their_time_of_day(
    sent: str, words: str, short: str
) -> None:
    now, time = datetime(2026, 11, 28, 0, 40, tzinfo=UTC), parse_time(sent)
    assert fmt.when(time, now, UTC) == words
    assert fmt.when_short(time, now, UTC) == short


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("cefdinir 25 MG/ML Oral Suspension", "Cefdinir 25 mg/mL"),
        ("salmeterol 0.05 MG/ACTUAT Dry Powder", "Salmeterol 0.05 mg/actuation Dry Powder"),
        ("potassium chloride 10 MEQ Oral Tablet", "Potassium chloride 10 mEq"),
        ("clonidine 0.1 MG/HR Patch", "Clonidine 0.1 mg/h Patch"),
        ("insulin lispro 100 UNT/ML", "Insulin lispro 100 unit/mL"),
    ],
)
def test_a_unit_is_written_small_also_behind_the_stroke(sent: str, shown: str) -> None:
    assert names.product(sent) == shown


def test_no_code_status_is_not_said_over_problems_that_were_not_read() -> None:
    """A problem (ICD-10-CM Z66) can be where it stands."""
    found = anna.summary(anna.without(anna.mercy(), "mercy", Section.PROBLEMS))
    slot = next(slot for slot in found.safety if slot.key == "code-status")
    assert slot.hatched
    assert "Nothing recorded" not in [one.state.word for one in slot.lines if one.state is not None]
