"""Several values of one moment: a question that takes several answers, and a test that was reported more than once."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from clinical.records import Concept, Observation, Record, Section, SectionRecords, Value
from clinical.summary import opened
from clinical.summary.view_model import LabRow, ListRow
from tests.clinical.reconcile.builders import at, lab, patient, section
from tests.clinical.summary import anna
from tests.clinical.summary.ranked import ranking

ASKED = "2026-11-12T09:00:00Z"
QUESTION = "Unable to get when it was really needed in past 1 year [PRAPARE]"


def answer(number: int, words: str, when: str | None = ASKED, **more: Any) -> Observation:
    more = {"category": "social-history", **more}
    one = lab(number, QUESTION, "93031-3", None, when=when, **more)
    return msgspec.structs.replace(one, value=Value(concept=Concept(text=words)))


def parts(*records: Record, where: Section = Section.LABS) -> list[SectionRecords]:
    return [section(Section.PATIENT, patient()), section(where, *records)]


def row(*records: Observation, listed: str = "Potassium") -> LabRow:
    """The row of this test on a page whose visit lists it."""
    found = anna.summary(parts(*records), listing={listed: ("must", "lab.one")}, floor={}, due={})
    return next(r for block in found.blocks for r in block.rows if isinstance(r, LabRow))


def closed(*records: Observation) -> str:
    """The line of the same row where the visit does not list it."""
    found = anna.summary(parts(*records), listing={}, floor={}, due={})
    groups = (group for block in found.blocks for group in block.groups)
    (line,) = (r for group in groups for r in group.rows if isinstance(r, ListRow))
    return anna.text(line.parts)


def social(*records: Observation) -> ListRow:
    found = anna.summary(
        parts(*records, where=Section.SOCIAL),
        listing={QUESTION: ("must", "social.need")},
        floor={},
        due={},
    )
    return next(r for r in found.history if r.key == "history-social")


def test_every_answer_of_one_question_is_said_and_leads_to_its_entry() -> None:
    found = social(answer(1, "Food"), answer(2, "Clothing"), answer(3, "Utilities"))
    assert anna.text(found.parts).endswith(": Food; Clothing; Utilities")
    assert {f"mercy/Observation/{number}" for number in (1, 2, 3)} <= set(found.sources)


def test_answers_of_an_earlier_day_are_not_among_them_nor_what_is_not_final_yet() -> None:
    earlier = answer(1, "Housing", "2025-11-12T09:00:00Z")
    open_ = answer(4, "Phone", status="preliminary")
    found = social(earlier, answer(2, "Food"), answer(3, "Clothing"), open_)
    assert anna.text(found.parts).endswith(": Food; Clothing")


def test_the_same_answer_twice_and_from_two_sources_is_said_once() -> None:
    twins = (answer(8, "Food", server="lakeside"), answer(9, "Clothing", server="lakeside"))
    found = social(answer(1, "Food"), answer(2, "Clothing"), answer(3, "food"), *twins)
    assert anna.text(found.parts).endswith(": Food; Clothing")


def test_a_row_of_a_table_says_them_all_under_the_gravest_of_their_flags() -> None:
    asked = {"category": "laboratory"}
    both = (answer(1, "Detected", interpretation=("A",), **asked), answer(2, "Trace", **asked))
    found = row(*both, listed=QUESTION)
    assert (found.value, found.flag, found.level, found.second) == ("Trace; Detected", "A", "ab", "")  # fmt: skip
    assert "Trace; Detected A" in closed(*both)


@pytest.mark.parametrize(
    ("when", "told"),
    [
        (ASKED, "also at this time: 4.2 mmol/L"),
        ("2026-11-12", "also then: 4.2 mmol/L"),
    ],
)
def test_two_numbers_of_one_moment_are_both_on_the_row_and_the_flagged_one_leads(
    when: str, told: str
) -> None:
    both = (lab(1, value="6.9", when=when, flag="HH"), lab(2, value="4.2", when=when))
    found = row(*both)
    assert (found.value, found.flag, found.second) == ("6.9", "HH", told)
    assert f"({told})" in closed(*both)


def test_the_change_is_counted_from_another_moment() -> None:
    before = lab(1, value="4.0", when="2026-08-01T09:00:00Z")
    found = row(before, lab(2, value="4.2"), lab(3, value="6.0", flag="H"))
    assert found.since == "+2.0"


def test_what_was_measured_in_something_else_says_so_and_many_are_counted() -> None:
    urine = lab(1, value="40", specimen="Urine", flag="")
    assert row(urine, lab(2, value="4.2", flag="H")).second == (
        "also at this time: 40 mmol/L (Urine)"
    )
    many = [lab(n, value=f"4.{n}") for n in range(1, 7)]
    assert row(*many).second == "also at this time: 4.5 mmol/L, 4.4 mmol/L, 4.3 mmol/L and 2 more"


def test_a_value_that_is_corrected_or_told_twice_is_one() -> None:
    same = (lab(1), lab(2), lab(3, server="lakeside"))
    assert row(*same).second == ""
    days = (lab(1, when="2026-11-12"), lab(2, when="2026-11-12"))
    assert row(*days).second == ""
    without = (lab(1), lab(2, value=None, absent="not-performed"))
    assert (row(*without).value, row(*without).second) == ("4.2", "")


def test_where_sources_differ_only_that_is_said() -> None:
    found = row(lab(1), lab(2, value="5.9"), lab(3, value="6.4", server="lakeside"))
    assert found.second.startswith("sources differ: ")
    assert all(value in found.second for value in ("4.2", "5.9", "6.4"))


def test_the_safety_line_says_every_answer_of_a_moment() -> None:
    asked = [answer(1, "Full code"), answer(2, "Do not intubate")]
    found = anna.summary(
        parts(*asked, where=Section.SOCIAL),
        listing={},
        floor={QUESTION: ("floor.code_status",)},
        due={},
    )
    lines = [line for slot in found.safety for line in slot.lines]
    (line,) = (one for one in lines if "Full code" in one.text)
    assert "Full code; Do not intubate" in line.text
    assert set(line.sources) == {"mercy/Observation/1", "mercy/Observation/2"}


def test_the_opened_row_lists_each_of_them() -> None:
    chart = anna.chart(parts(answer(1, "Food"), answer(2, "Clothing"), where=Section.SOCIAL))
    more: dict[str, Any] = {"site": anna.SITE, "viewer": anna.VIEWER, "as_of": anna.NOW}
    shown = opened.opened(chart, ranking(chart), chart.series[0].key, **more)
    assert shown is not None
    assert sorted(line.value for line in shown.values) == ["Clothing", "Food"]


def test_answers_without_a_date_are_all_said_too_but_not_with_those_released_later() -> None:
    both = answer(1, "Food", None), answer(2, "Clothing", None)
    assert anna.text(social(*both).parts).endswith(": Food; Clothing")
    later = answer(3, "Housing", None, issued=at(ASKED))
    assert anna.text(social(answer(1, "Food", None), later).parts).endswith(": Housing")
    numbers = lab(1, value="4.2", when=None), lab(2, value="4.4", when=None)
    assert row(*numbers).second == "also undated: 4.2 mmol/L"


def test_what_another_source_says_of_the_moment_is_a_conflict_and_not_said_twice() -> None:
    found = row(lab(1, value="4.2", when=ASKED), lab(2, value="4.9", when=ASKED, server="lakeside"))
    assert "Lakeside" in found.second
    assert "also" not in found.second
    line = closed(lab(1, value="4.2", when=ASKED), lab(2, value="4.9", when=ASKED, server="lakeside"))  # fmt: skip
    assert "also" not in line
