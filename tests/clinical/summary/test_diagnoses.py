"""A record without a problem list: its diagnoses of visits stand open, and nobody calls them active."""

from __future__ import annotations

from typing import Any

import msgspec

from clinical.records import Problem, Section, SectionRecords
from clinical.summary.view_model import Block, ListRow
from tests.clinical.reconcile.builders import concept, section, source
from tests.clinical.summary import anna
from tests.clinical.summary.test_short_frame import visit

OLD, LAST = (
    visit(1, "2026-02-02T12:00:00Z", "2026-02-05T12:00:00Z"),
    visit(2, "2026-10-02T12:00:00Z", "2026-10-05T12:00:00Z"),
)
TOLD = ("Pneumonia", "Hyponatremia")
UNTOLD = "Sprain of ankle"


def diagnosis(number: int, name: str, encounter: int, **more: Any) -> Problem:
    return Problem(
        source=source(f"Condition/d{number}"), concept=concept(name), category="encounter-diagnosis",
        encounter=f"Encounter/{encounter}", **more,
    )  # fmt: skip


def parts(*more: Problem, status: str = "") -> list[SectionRecords]:
    kept = [one for one in anna.everything() if one.state.section != Section.PROBLEMS]
    found = [diagnosis(n, name, 2, clinical=status) for n, name in enumerate(TOLD)]
    found.append(diagnosis(9, UNTOLD, 1, clinical=status))
    return [*kept, section(Section.PROBLEMS, *found, *more), section(Section.ENCOUNTERS, OLD, LAST)]


def problems(made: list[SectionRecords]) -> Block:
    return next(one for one in anna.summary(made).blocks if one.key == "problems")


def opened(block: Block) -> list[str]:
    return [anna.text(row.parts) for row in block.rows if isinstance(row, ListRow)]


def one_liner(made: list[SectionRecords]) -> str:
    return anna.text(anna.summary(made).one_liner)


def test_the_diagnoses_of_the_last_visit_stand_open_and_their_status_is_said_once() -> None:
    block = problems(parts())
    assert sorted(opened(block)) == sorted(TOLD)
    assert block.aside == "of the visit 02-Oct, status not recorded"
    (group,) = block.groups
    assert group.label == "1 diagnosis of earlier visits"
    assert UNTOLD in anna.text(group.rows[0].parts)  # type: ignore[union-attr]


def test_the_one_liner_says_how_many_and_the_first_but_never_that_they_are_active() -> None:
    said = one_liner(parts())
    assert "with 3 diagnoses of visits, status not recorded: " in said
    assert "pneumonia" in said
    assert "sprain" not in said
    assert "active" not in said


def test_a_diagnosis_of_two_visits_counts_for_the_last_one() -> None:
    again = diagnosis(10, UNTOLD, 2)
    assert sorted(opened(problems(parts(again)))) == sorted([*TOLD, UNTOLD])


def test_where_the_visits_have_no_date_none_is_called_the_last() -> None:
    made = [one for one in parts() if one.state.section != Section.ENCOUNTERS]
    block = problems(made)
    assert sorted(opened(block)) == sorted([*TOLD, UNTOLD])
    assert block.aside == "of visits, status not recorded"


def test_a_visit_that_begins_ahead_is_not_the_last_one() -> None:
    ahead = msgspec.structs.replace(OLD, period=visit(1, "2129-01-01", "2129-01-02").period)
    made = [one for one in parts() if one.state.section != Section.ENCOUNTERS]
    block = problems([*made, section(Section.ENCOUNTERS, ahead, LAST)])
    assert sorted(opened(block)) == sorted(TOLD)


def test_beside_a_problem_list_a_diagnosis_of_a_visit_stays_closed() -> None:
    listed = Problem(
        source=source("Condition/77"), concept=concept("Asthma"), category="problem-list-item",
        clinical="active",
    )  # fmt: skip
    block = problems(parts(listed))
    assert not set(TOLD) & set(opened(block))
    assert block.aside == "for this visit"
    assert "diagnoses of visits" not in one_liner(parts(listed))


def test_a_status_that_was_sent_is_not_said_to_be_missing() -> None:
    assert problems(parts(status="resolved")).aside == "for this visit"
    assert "not recorded" not in one_liner(parts(status="resolved"))


def test_a_state_stands_after_the_diseases() -> None:
    states = ("Long-term (current) use of aspirin", "Bariatric surgery status")
    others = [diagnosis(20 + n, name, 2) for n, name in enumerate((*states, "Renal dialysis status"))]  # fmt: skip
    said = opened(problems(parts(*others)))
    assert set(said[-2:]) == set(states)
    assert "aspirin" not in one_liner(parts(*others))


def test_a_diagnosis_that_is_only_suspected_is_not_one_without_a_status() -> None:
    assert problems(parts(diagnosis(10, "Sepsis", 2, verification="provisional"))).aside == "for this visit"  # fmt: skip
