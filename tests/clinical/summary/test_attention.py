"""What needs attention, each thing once."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from clinical.records import (
    FetchState,
    Observation,
    Record,
    SearchState,
    Section,
    SectionRecords,
    Value,
)
from clinical.summary import attention as attention_of
from clinical.summary.view_model import Block, Group, ListRow, Summary
from tests.clinical.reconcile.builders import concept, lab, patient, section
from tests.clinical.summary import anna
from tests.clinical.summary.test_lab_sheet import desk


def attention(found: Summary) -> Block:
    return next(block for block in found.blocks if block.key == "attention")


def told(found: Summary) -> list[str]:
    block = attention(found)
    rows = [*block.rows, *(row for group in block.groups for row in group.rows)]
    return [anna.text(row.parts) for row in rows if isinstance(row, ListRow)]


def preliminary(parts: list[SectionRecords]) -> list[SectionRecords]:
    """The same chart with its flagged potassium still preliminary."""

    def soften(record: Record) -> Record:
        flagged = isinstance(record, Observation) and record.concept.text == "Potassium"
        if isinstance(record, Observation) and flagged and record.notes:
            return msgspec.structs.replace(record, status="preliminary")
        return record

    return [msgspec.structs.replace(s, records=tuple(map(soften, s.records))) for s in parts]


def test_an_abnormal_preliminary_result_is_said_once() -> None:
    found = anna.summary(preliminary(anna.everything()))
    said = [line for line in told(found) if line.startswith("Potassium")]
    assert len(said) == 1
    assert said[0].endswith(", preliminary")


def test_products_that_differ_are_named_without_their_doses() -> None:
    rows = attention(anna.summary()).rows
    row = next(r for r in rows if isinstance(r, ListRow) and "dose differs" in anna.text(r.parts))
    assert row.lines == ("Mercy: Metformin 1000 mg · Lakeside: Metformin 500 mg",)


def test_a_source_that_was_never_asked_is_not_shown_as_answered() -> None:
    unlinked = SectionRecords(
        state=SearchState(
            server="lakeside",
            search="patient.link",
            section=Section.PATIENT,
            state=FetchState.NOT_CONNECTED,
        )
    )
    found = anna.summary([*anna.mercy(), unlinked])
    chip = next(c for c in found.visit.sources if c.server == "lakeside")
    assert (chip.state, chip.glyph) == ("none", "not-available")
    assert chip.words == "not asked, patient not linked"


def _quiet(*more: SectionRecords) -> ListRow:
    """The one row of a chart in which nothing needs attention."""
    parts = [section(Section.PATIENT, patient()), *more]
    (row,) = attention(anna.summary(parts, floor={}, due={})).rows
    assert isinstance(row, ListRow)
    return row


WATCHED = (
    Section.ALLERGIES, Section.MEDICATIONS, Section.PROBLEMS, Section.LABS, Section.VITALS, Section.FLAGS,
    Section.DEVICES, Section.REPORTS, Section.DOCUMENTS,
)  # fmt: skip


def test_nothing_flagged_is_said_where_all_was_read() -> None:
    row = _quiet(*(section(one) for one in WATCHED))
    assert row.state is not None
    assert (row.state.word, row.state.detail) == ("Nothing new flagged", "at Mercy")


def test_what_was_not_read_is_named_beside_nothing_flagged() -> None:
    row = _quiet(*(section(one) for one in WATCHED[:-1]))
    assert row.state is not None
    assert row.state.word == "Nothing new flagged in what was read"
    assert row.state.detail == "not read: Mercy notes (not available)"


def test_lab_values_that_nobody_judged_are_counted_beside_nothing_flagged() -> None:
    labs = [
        lab(1, value="4.2"),
        lab(2, "Creatinine", "2160-0", "3.4", "mg/dL"),
        lab(3, "Sodium", "2951-2", "140", low="135", high="145"),
        lab(4, "Chloride", "2075-0", "101", flag="N"),
        lab(5, "BMP", "51990-0", None),
    ]
    row = _quiet(*(section(one) for one in WATCHED if one != Section.LABS), section(Section.LABS, *labs))  # fmt: skip
    assert row.state is not None
    assert row.state.detail == "at Mercy; 2 of 4 lab values without range or flag"


def test_lab_results_in_words_that_nobody_judged_are_counted_beside_nothing_flagged() -> None:
    def said(number: int, name: str, code: str, value: Value, **more: Any) -> Observation:
        return msgspec.structs.replace(lab(number, name, code, None, **more), value=value)

    labs = [
        lab(1, "Sodium", "2951-2", "140", low="135", high="145"),
        said(2, "WBC in urine", "5821-4", Value(string=">182*."), low="0", high="5"),
        said(3, "H. pylori antibody", "5177-3", Value(concept=concept("Positive"))),
        said(4, "Nitrite", "5802-4", Value(string="NEG."), flag="N"),
        lab(5, "BMP", "51990-0", None),
    ]
    row = _quiet(*(section(one) for one in WATCHED if one != Section.LABS), section(Section.LABS, *labs))  # fmt: skip
    assert row.state is not None
    assert row.state.detail == "at Mercy; 2 lab results in words, not judged"


def test_a_value_in_one_line_says_what_is_implausible_of_it() -> None:
    ahead = lab(31, "Magnesium", "19123-9", "0.8", when="2031-01-02T09:00:00Z")
    found = anna.summary([*anna.everything(), section(Section.LABS, ahead)])
    said = [
        anna.text(row.parts)
        for block in found.blocks
        for group in block.groups
        for row in group.rows
        if isinstance(row, ListRow)
    ]
    assert "Magnesium 0.8 mmol/L implausible: its time is in the future" in said


def test_a_source_that_was_never_asked_is_not_among_what_was_read() -> None:
    unlinked = SearchState(
        server="lakeside",
        search="patient.link",
        section=Section.PATIENT,
        state=FetchState.NOT_CONNECTED,
    )
    row = _quiet(*(section(one) for one in WATCHED), SectionRecords(state=unlinked))
    assert row.state is not None
    assert row.state.detail == "not read: Lakeside (not available)"
    assert row.state.glyph == "partly"


def _block(*levels: str, closed: int = 0) -> Block:
    rows = tuple(ListRow(key=f"attention-{n}", parts=(), level=one) for n, one in enumerate(levels))  # type: ignore[arg-type]
    groups = (Group(label="", rows=(), count=closed),) if closed else ()
    return Block(key="attention", heading="Needs attention", rows=rows, groups=groups)


@pytest.mark.parametrize(
    ("block", "words"),
    [
        (_block("ab", "ab", "ab", "", "", ""), "4 of 6"),
        (_block("crit", "ab", "ab", "", closed=2), "3 of 6"),  # a critical one is never left out
        (_block("ab", "", closed=2), ""),
        (_block("crit", "crit", ""), ""),
    ],
)
def test_a_short_frame_says_how_many_of_the_rows_it_shows(block: Block, words: str) -> None:
    assert attention_of.in_short_frame(block) == words


def test_the_number_beside_the_heading_agrees_with_the_rows_under_it() -> None:
    for most in (1, 2, 4, 7):
        block = attention_of.build(desk(), most)
        closed = sum(group.count for group in block.groups)
        shown = len(block.rows)
        assert block.aside == (f"{shown} of {shown + closed}" if closed else str(shown))
