"""The rows of the page: most of its markup, and the same in every list. Drawn in Python, see `markup`."""

from __future__ import annotations

from collections.abc import Sequence

from django import template
from django.utils.safestring import SafeString

from clinical.summary.view_model import Group, LabRow, ListRow, Spark, State
from summary_app.templatetags.lab_rows import table_row
from summary_app.templatetags.list_rows import list_row
from summary_app.templatetags.markup import esc, markup
from summary_app.templatetags.sparks import spark_line
from summary_app.templatetags.state_signs import state_sign

register = template.Library()


@register.simple_tag
def lab_rows(rows: Sequence[LabRow | ListRow], base: str) -> SafeString:
    """Rows of a table that keep its grid. base: address of the page."""
    address = esc(base)
    return markup([table_row(row, address) for row in rows])


@register.simple_tag
def list_rows(rows: Sequence[ListRow], base: str) -> SafeString:
    """Rows of a list."""
    address = esc(base)
    return markup([list_row(row, address) for row in rows])


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
