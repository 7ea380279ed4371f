"""An exam that was not completed is never drawn like one that was."""

from __future__ import annotations

import pytest

from clinical.records import Due, Item, Procedure
from clinical.summary import facts, opened, problems, studies
from tests.clinical.reconcile.builders import NOW, at, concept, problem, source
from tests.clinical.summary import anna
from tests.clinical.summary.ranked import ranking

CHART = anna.chart()
DESK = opened.desk_for(CHART, ranking(CHART), site=anna.SITE, viewer=anna.VIEWER, as_of=NOW)


def colonoscopy(status: str, reason: str = "", outcome: str = "") -> Item:
    lead = Procedure(
        source=source("Procedure/1"), concept=concept("Colonoscopy"), status=status, performed=at("2026-03-01"),
        status_reason=reason, outcome=outcome,
    )  # fmt: skip
    return Item(key="p1", kind="procedure", label="Colonoscopy", lead=lead, members=(lead,))


@pytest.mark.parametrize(
    ("status", "line"),
    [
        ("completed", "Two polyps removed"),
        ("stopped", "stopped, poor preparation, Two polyps removed"),
        ("preparation", "in preparation, poor preparation, Two polyps removed"),
        ("on-hold", "on hold, poor preparation, Two polyps removed"),
        ("in-progress", "in progress, poor preparation, Two polyps removed"),
        ("not-done", "not done, poor preparation, Two polyps removed"),
        ("unknown", "status unknown, poor preparation, Two polyps removed"),
        ("", "status not stated, poor preparation, Two polyps removed"),
    ],
)
def test_an_exam_says_what_keeps_it_from_being_done(status: str, line: str) -> None:
    item = colonoscopy(status, "poor preparation", "Two polyps removed")
    assert studies.exam_row(DESK, [item], Due()).lines == (line,)


def test_a_long_reason_does_not_hide_that_it_was_not_done() -> None:
    reason = "The patient had eaten in the morning and asked for another appointment in the spring, by phone"
    assert studies.exam_row(DESK, [colonoscopy("not-done", reason)], Due()).lines == ("not done",)
    assert studies.exam_row(DESK, [colonoscopy("completed", "", reason)], Due()).lines == ()


@pytest.mark.parametrize(
    ("name", "site", "said"),
    [
        ("Knee replacement", "Left knee", "Knee replacement, left knee"),
        ("Knee replacement", "", "Knee replacement"),
        ("CT of left knee", "Left knee", "CT of left knee"),
    ],
)
def test_a_procedure_and_a_problem_say_where_they_are(name: str, site: str, said: str) -> None:
    lead = Procedure(source=source("Procedure/1"), concept=concept(name), status="completed", performed=at("2026-03-01"), body_site=site)  # fmt: skip
    item = Item(key="p1", kind="procedure", label=name, lead=lead, members=(lead,))
    assert anna.text(studies.exam_row(DESK, [item], Due()).parts) == said
    assert ("Body site", site) in facts.of_item(DESK, item) or not site
    ill = problem(1, name, body_site=site)
    row = problems.row(DESK, Item(key="c1", kind="problem", label=name, lead=ill, members=(ill,)))
    assert anna.text(row.parts) == said
