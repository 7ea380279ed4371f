"""What the nurse's screens draw in Python, see `markup`. Filters, not tags: `{{ sheet|sheet_rows }}`."""

from __future__ import annotations

from collections.abc import Iterable

from django import template
from django.urls import reverse
from django.utils.safestring import SafeString

from clinical.vitals.board import BoardLine
from clinical.vitals.growth_chart import GrowthChart
from clinical.vitals.sheet_model import Cell, Panel, Sheet
from summary_app.templatetags import ward_board, ward_growth, ward_sheet
from summary_app.templatetags.markup import esc, markup

register = template.Library()


@register.filter
def sheet_rows(sheet: Sheet) -> SafeString:
    """Every row of the flow sheet: the score, the signs of the chart, and what else was recorded."""
    rows = (*sheet.rows, *sheet.more_rows)
    score = ward_sheet.score_row(sheet.panel, ward_sheet.last_scores(sheet))
    drawn = [ward_sheet.sheet_row(row, ward_sheet.last_sets(row, sheet)) for row in rows]
    return markup([score, *drawn])


@register.filter
def visit_rows(sheet: Sheet) -> SafeString:
    """The same without the last sets, without signs of which nothing is known (see `not_recorded`), and without a trend
    of the score where there is only one."""
    rows = [row for row in (*sheet.rows, *sheet.more_rows) if row.at]
    drawn = [ward_sheet.sheet_row(row, "") for row in rows]
    trend = len(sheet.panel.trend.dots) > 1
    return markup([ward_sheet.score_row(sheet.panel, "", trend=trend), *drawn])


@register.filter
def not_recorded(sheet: Sheet) -> str:
    """ "Oxygen, Consciousness: none recorded", in the words of how the sources answered; "" when every sign is there."""
    silent = [row for row in (*sheet.rows, *sheet.more_rows) if not row.at]
    return f"{', '.join(row.name for row in silent)}: {silent[0].latest}" if silent else ""


@register.filter
def sheet_cells(cells: Iterable[Cell]) -> SafeString:
    """The last sets of one row."""
    return markup([ward_sheet.cells(cells)])


@register.filter
def ladder(panel: Panel, level: str) -> SafeString:
    """The four bars of the score. level: colours them; "" on paper."""
    return markup([ward_sheet.ladder(panel.ladder, level)])


@register.filter
def score_trend(panel: Panel) -> SafeString:
    """The score over the window."""
    return markup([ward_sheet.score_trend(panel.trend)])


@register.filter
def growth_svg(chart: GrowthChart) -> SafeString:
    """A growth chart."""
    return markup([ward_growth.growth_svg(chart)])


@register.filter
def board_lines(lines: Iterable[BoardLine], token: object) -> SafeString:
    """Lines of the board. token: of its forms, as the page's context has it."""
    action, said = esc(reverse("board-open")), esc(str(token))
    return markup([ward_board.board_line(line, action, said) for line in lines])
