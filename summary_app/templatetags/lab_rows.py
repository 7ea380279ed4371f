"""A row of the tables of results and vital signs: name, value, flag, unit, since, trend, date, range, source."""

from __future__ import annotations

from clinical.summary import fold
from clinical.summary.view_model import LabRow, ListRow, Part, State
from summary_app.templatetags.markup import esc, glyph, level_word, marks, sourced
from summary_app.templatetags.sparks import spark_line
from summary_app.templatetags.state_signs import leading_state, state_sign

_LONG = 8  # characters of a value that still leave its letter room
_PARAGRAPH = 60  # and of one that still stands in the line of its name


def table_row(row: LabRow | ListRow, base: str) -> str:
    """One row of the table; what is no result takes the whole width. base: address of the page, already escaped."""
    return lab_row(row, base) if isinstance(row, LabRow) else _across(row)


def lab_row(row: LabRow, base: str) -> str:
    """The row, and under it what the laboratory wrote."""
    more = " more" if row.comment or row.second else ""
    worded = " txt" if row.state is None and fold.is_worded(row) else ""
    name, cells = _with_state(row, row.state) if row.state else _with_value(row, base)
    return (
        f'<tr id="{esc(row.anchor)}" class="r{level_word(row.level)}{worded}{more}" role="row"{marks(row)}>'
        f'<th role="rowheader" scope="row" class="n">{name}</th>{cells}</tr>'
        f"{_under(row) if more else ''}"
    )


def _with_state(row: LabRow, state: State) -> tuple[str, str]:
    """Name and cells of what has no value: nothing to open, and one cell that says why."""
    return esc(row.name), f'<td role="cell" colspan="8" class="sta">{state_sign(state)}</td>'


def _with_value(row: LabRow, base: str) -> tuple[str, str]:
    """Name and cells of a value. Every cell is there, also an empty one: the columns are a grid."""
    name = f'<a class="o" href="{base}row/{esc(row.key)}">{esc(row.name)}</a>'
    level, source = esc(row.level), esc(row.source)
    status = f" <b>{esc(row.status)}</b>" if row.status else ""
    flag, unit, after, long = esc(row.flag), f"{esc(row.unit)}{status}", "", ""
    if len(row.value) > _LONG or fold.is_worded(row):
        # It takes the columns of flag and unit: they, and "prelim", follow it within its own cell.
        long = " long" if len(row.value) > _LONG else ""
        long += " para" if len(row.value) > _PARAGRAPH else ""
        flag, unit, after = "", "", _after(row)
    return name, (
        f'<td role="cell" class="v {level}{long}">{_value(row)}{after}</td>'
        f'<td role="cell" class="f {level}">{flag}</td>'
        f'<td role="cell" class="u{_wide(row)}">{unit}</td>'
        f'<td role="cell" class="s">{esc(row.since)}</td>'
        f'<td role="cell" class="t">{spark_line(row.spark) if row.spark else ""}</td>'
        f'<td role="cell" class="d"><span>{esc(row.date)}<span class="ns">, {source}</span></span>'
        f' <span class="m">{esc(_age(row))}</span></td>'
        f'<td role="cell" class="rg">{esc(row.range)}</td>'
        f'<td role="cell" class="c">{source}</td>'
    )


def _age(row: LabRow) -> str:
    """Just after midnight day and time of day stand before it, and leave no room for the minutes."""
    of_last_night = ":" in row.date and not row.date.startswith("today")
    return "<1 h" if of_last_night and row.age.endswith(" min") else row.age


def _wide(row: LabRow) -> str:
    """The class of a unit that takes the columns beside it, because they are empty. A style sheet that looked for that
    itself would make the browser look at every row anew with each change."""
    return "" if row.since else " u2" if row.spark else " u3"


def _after(row: LabRow) -> str:
    """Flag, unit and status as words behind a value that leaves them no column."""
    flag = f" {esc(row.flag)}" if row.flag else ""
    unit = f' <span class="m">{esc(row.unit)}</span>' if row.unit else ""
    status = f' <span class="pl"><b>{esc(row.status)}</b></span>' if row.status else ""
    return flag + unit + status


def _value(row: LabRow) -> str:
    return "".join(map(_value_part, row.value_parts)) if row.value_parts else esc(row.value)


def _value_part(part: Part) -> str:
    if part.level:
        return f'<b class="{esc(part.level)}">{esc(part.text)}</b>'
    return f'<span class="pl">{esc(part.text)}</span>'


def _under(row: LabRow) -> str:
    second = f'<span class="i2">{glyph("differs")}{esc(row.second)}</span> ' if row.second else ""
    return f'<tr class="cm" role="row"><td role="cell" colspan="9">{second}{esc(row.comment)}</td></tr>'


def _across(row: ListRow) -> str:
    state = leading_state(row.state, goes_on=True) if row.state else ""
    words = "".join(esc(part.text) for part in row.parts)
    return (
        f'<tr class="r" role="row" data-k="{esc(row.key)}"{sourced(row.sources)}>'
        f'<td role="cell" colspan="9" class="all">{state}{words}</td></tr>'
    )
