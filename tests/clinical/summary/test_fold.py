"""What stands open above the fold, and what gives way first."""

from __future__ import annotations

from clinical.summary.fold import COLUMN_LINES, HEADING_LINES, Draft, is_worded, lay_out, lines_of
from clinical.summary.view_model import LabRow, ListRow, Part, Spark


def lab(key: str, *, name: str = "Potassium", unit: str = "mmol/L", comment: str = "") -> LabRow:
    return LabRow(
        key=key,
        anchor=f"row-{key}",
        name=name,
        value="4.1" if unit else "Negative",
        flag="",
        level="",
        unit=unit,
        status="",
        since="",
        spark=Spark() if unit else None,
        date="12-Nov-2026",
        age="11 d",
        range="",
        source="Mercy",
        sources=(f"mercy/Observation/{key}",),
        comment=comment,
    )


def test_a_result_in_words_leaves_its_name_the_column_of_the_digits() -> None:
    name = "Hepatitis B surface antigen"
    words, digits = lab("a", name=name, unit=""), lab("b", name=name)
    assert is_worded(words)
    assert not is_worded(digits)
    assert lines_of(words, "middle") == 1.0
    assert lines_of(digits, "middle") > 1.5


def test_words_under_a_trend_line_go_before_a_row_of_the_visit_is_closed() -> None:
    said = "Lab comment: “haemolysed” On the line: lisinopril started 12-Aug."
    room = int(COLUMN_LINES - HEADING_LINES)
    fixed = tuple(lab(f"f{n}", comment=said) for n in range(room // 2))
    needed = sum(lines_of(row, "middle") for row in fixed)
    more = tuple(lab(f"m{n}", comment=said) for n in range(int(room - needed) + 1))
    rows, groups = lay_out([Draft(key="labs", fixed=fixed, more=more)], "middle")["labs"]
    assert [row.key for row in rows[: len(fixed)]] == [row.key for row in fixed]
    assert all(isinstance(row, LabRow) and "On the line" not in row.comment for row in rows)
    assert all(isinstance(row, LabRow) and "haemolysed" in row.comment for row in rows)
    assert len(rows) + sum(group.count for group in groups) == len(fixed) + len(more)


def test_with_room_the_words_stay_and_nothing_is_closed() -> None:
    row = lab("a", comment="On the line: lisinopril started 12-Aug.")
    note = ListRow(key="n", parts=(Part(text="Echo"),))
    laid = lay_out([Draft(key="labs", fixed=(row,), more=(note,))], "middle")["labs"]
    assert laid == ((row, note), ())


def test_must_see_rows_stand_open_however_many_there_are() -> None:
    fixed = tuple(lab(f"f{n}") for n in range(60))
    more = (lab("late"),)
    rows, groups = lay_out([Draft(key="labs", fixed=fixed, more=more)], "middle")["labs"]
    assert len(rows) == 60
    assert [(group.count, group.label) for group in groups] == [(1, "1 more for this visit")]
