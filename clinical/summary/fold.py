"""What fits above the fold: must-see rows always stand open, should-see rows as long as there is room.

Heights are estimates in lines of 24 px at 1440x900; the page is right at any size, this only decides what starts
closed. What does not fit goes into a closed group of its block, one click away.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from clinical.records import Frozen
from clinical.summary.view_model import Group, LabRow, Lane, ListRow

Row = LabRow | ListRow
ON_THE_LINE = "On the line:"

COLUMN_LINES = 26  # what strip, safety line, visit bar and brief leave of 900 px
HEADING_LINES = 1.5
_CHARACTERS = {"side": 42, "middle": 95}
# Characters of a result's name, of one that has the column of the digits too, and of a line under a row.
_NAME, _NAME_AND_VALUE, _UNDER = 18, 31, 115


class Draft(Frozen, frozen=True):
    """A block before it is laid out. fixed: rows that stand open whatever happens. more: rows that may, best first.

    rest: closed groups that follow.
    """

    key: str
    fixed: tuple[Row, ...] = ()
    more: tuple[Row, ...] = ()
    more_label: str = "more for this visit"
    rest: tuple[Group, ...] = ()
    extra_lines: float = 0.0


def lines_of(row: Row, column: str) -> float:
    """How many lines of 24 px a row takes."""
    if row.lane is not None:
        return _lane_lines(row, row.lane)
    if isinstance(row, LabRow):
        under = -(-len(row.comment) // _UNDER) + -(-len(row.second) // _UNDER)
        return 1.0 + 0.83 * (_wrapped_name(row) + under)
    width = _CHARACTERS[column]
    text = sum(len(part.text) for part in row.parts) + len(row.when) + (3 if row.glyph else 0) + 1
    if row.state is not None:
        text += len(row.state.word) + len(row.state.detail)
    wrapped = max(0, -(-text // width) - 1)
    under = sum(-(-len(line) // width) for line in (*row.lines, row.differs) if line)
    return 1.0 + 0.83 * (wrapped + under)


def _lane_lines(row: Row, lane: Lane) -> float:
    """A row of the clock: its lane, and what is said under it."""
    if isinstance(row, LabRow):
        under = -(-len(row.comment) // _UNDER)
    elif row.state is not None:
        under = 0
    else:
        under = -(-sum(len(part.text) + 3 for part in row.parts[1:]) // _UNDER)
    return lane.height / 24 + 0.2 + 0.83 * under


def _wrapped_name(row: LabRow) -> int:
    """Further lines of a long name; a result in words leaves its name the column of the values."""
    width = _NAME_AND_VALUE if is_worded(row) else _NAME
    return max(0, -(-len(row.name) // width) - 1)


def is_worded(row: LabRow) -> bool:
    """A result in words ("Negative"), or none at all: nothing to align its digits with, and no line to draw."""
    return not (row.unit or row.flag or row.spark or row.value_parts)


def _height(drafts: Sequence[Draft], column: str) -> float:
    return sum(
        HEADING_LINES + d.extra_lines + len(d.rest) + sum(lines_of(row, column) for row in d.fixed)
        for d in drafts
    )


def _plainer(row: Row) -> Row:
    """A row without the medicine changes under it; what the laboratory wrote stays."""
    if not isinstance(row, LabRow) or ON_THE_LINE not in row.comment:
        return row
    return msgspec.structs.replace(row, comment=row.comment.split(ON_THE_LINE)[0].strip())


def _plain(draft: Draft) -> Draft:
    fixed, more = tuple(map(_plainer, draft.fixed)), tuple(map(_plainer, draft.more))
    return msgspec.structs.replace(draft, fixed=fixed, more=more)


def lay_out(
    drafts: Sequence[Draft], column: str
) -> dict[str, tuple[tuple[Row, ...], tuple[Group, ...]]]:
    """(open rows, closed groups) per block of one column."""
    left = COLUMN_LINES - _height(drafts, column)
    if left < sum(lines_of(_plainer(row), column) for d in drafts for row in d.more):
        # Before a row of this visit is closed, the words under the trend lines go to the opened row.
        drafts = [_plain(draft) for draft in drafts]
        left = COLUMN_LINES - _height(drafts, column)
    found = {}
    for draft in drafts:
        opened: list[Row] = []
        closed: list[Row] = []
        for row in draft.more:
            need = lines_of(row, column)
            if not closed and left - need >= 0:
                opened.append(row)
                left -= need
            else:
                closed.append(row)
        groups = draft.rest
        if closed:
            abnormal = sum(1 for row in closed if row.level)
            label = f"{len(closed)} {draft.more_label}"
            groups = (
                Group(label=label, rows=tuple(closed), count=len(closed), abnormal=abnormal),
                *groups,
            )
        found[draft.key] = ((*draft.fixed, *opened), groups)
    return found
