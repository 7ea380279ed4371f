"""The rows and lines of the page: most of its markup, and the same in every list. Drawn in Python, see `markup`.

Filters, not tags: `{{ block.rows|list_rows:base }}`. base: address of the page.
"""

from __future__ import annotations

from collections.abc import Iterable

from django import template
from django.utils.safestring import SafeString

from clinical.summary.view_model import (
    Clock,
    ClockLine,
    Group,
    LabRow,
    LedgerLine,
    ListRow,
    Part,
    Slot,
    SlotLine,
    Spark,
    State,
    VisitBar,
)
from summary_app.templatetags import clock_rows as clock
from summary_app.templatetags import foot_rows, head_lines
from summary_app.templatetags.lab_rows import table_row
from summary_app.templatetags.list_rows import list_row
from summary_app.templatetags.markup import esc, markup
from summary_app.templatetags.sparks import spark_line
from summary_app.templatetags.state_signs import state_sign

register = template.Library()


@register.filter
def lab_rows(rows: Iterable[LabRow | ListRow], base: str) -> SafeString:
    """Rows of a table that keep its grid."""
    address = esc(base)
    return markup([table_row(row, address) for row in rows])


@register.filter
def list_rows(rows: Iterable[ListRow], base: str) -> SafeString:
    """Rows of a list."""
    address = esc(base)
    return markup([list_row(row, address) for row in rows])


@register.filter
def clock_rows(rows: Iterable[LabRow | ListRow], base: str) -> SafeString:
    """Lanes of the clock of an ED visit."""
    address = esc(base)
    return markup([clock.clock_row(row, address) for row in rows])


@register.filter
def time_axis(found: Clock) -> SafeString:
    """The times over the lanes."""
    return markup([clock.axis_line(found)])


@register.filter
def clock_lines(lines: Iterable[ClockLine]) -> SafeString:
    """The clock in words, a row for each moment."""
    return markup([clock.clock_line(line) for line in lines])


@register.filter
def is_table(group: Group) -> bool:
    """Whether results are among the rows, so that they need the grid of a table."""
    return any(isinstance(row, LabRow) for row in group.rows)


@register.filter
def sign(state: State) -> SafeString:
    """An honest state in sign and words."""
    return markup([state_sign(state)])


@register.filter
def trend(spark: Spark) -> SafeString:
    """The small trend line of a row."""
    return markup([spark_line(spark)])


@register.filter
def safety_lines(lines: Iterable[SlotLine]) -> SafeString:
    """The lines of one slot of the safety line."""
    return markup([head_lines.slot_line(line) for line in lines])


@register.filter
def short_lines(slots: Iterable[Slot]) -> SafeString:
    """The safety line of a page that is scrolled."""
    return markup([head_lines.short_line(slot, line) for slot in slots for line in slot.lines])


@register.filter
def one_line(parts: tuple[Part, ...], base: str) -> SafeString:
    """The one-liner with its links."""
    return markup([head_lines.one_line(parts, esc(base))])


@register.filter
def visit_choices(visit: VisitBar, base: str) -> SafeString:
    """A button for every kind of visit there is."""
    return markup([head_lines.choices_of_visit(visit, esc(base))])


@register.filter
def history_rows(rows: Iterable[ListRow]) -> SafeString:
    """The lines of the history."""
    return markup([foot_rows.history_row(row) for row in rows])


@register.filter
def answer_rows(answers: Iterable[tuple[str, tuple[tuple[str, State], ...]]]) -> SafeString:
    """Rows of the table of what each source answered."""
    return markup([foot_rows.answer_row(section, cells) for section, cells in answers])


@register.filter
def ledger_rows(lines: Iterable[LedgerLine]) -> SafeString:
    """Rows of the table of what was read."""
    return markup([foot_rows.ledger_row(line) for line in lines])
