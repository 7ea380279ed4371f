"""Small look-ups of the templates. They choose between what is there; no clinical word is made here."""

from __future__ import annotations

import re

from django import template

from clinical.summary import fold
from clinical.summary.view_model import LabRow, ListRow, Summary
from clinical.summary.wording import KEY, Wording

register = template.Library()

_ABOUT = re.compile(r"^(?:attention|pending|overdue|differs|together|since)-")
_KEY = re.compile(r"^[a-z-]+-[0-9a-f]{12}$")
_DATE = re.compile(r"(?<=\b\d\d)-(?=[A-Z][a-z]{2}\b)|(?<=\b[A-Z][a-z]{2})-(?=\d{4}\b)")
_GAPS = frozenset(
    {"not-retrieved", "not-permitted", "withheld", "out-of-date", "incomplete", "asking"}
)


@register.filter
def opens(row: ListRow) -> str:
    """Key of the series or item that a row of a list opens; "" when there is nothing behind it."""
    key = _ABOUT.sub("", row.key)
    return key if _KEY.match(key) else ""


@register.filter
def stands_for(row: ListRow) -> str:
    """The key when this row is the item's own place on the page, "" when it only speaks of it."""
    return row.key if _KEY.match(row.key) and not _ABOUT.match(row.key) else ""


@register.filter
def whole(text: str) -> str:
    """The text with dates that no line break can split ("04-Nov"): a word joiner, which is never seen."""
    return _DATE.sub("-\u2060", text)


@register.filter
def worded(row: LabRow) -> bool:
    """Whether a result is said in words, so that its name may take the column of the numbers."""
    return row.state is None and fold.is_worded(row)


@register.filter
def has_gaps(summary: Summary) -> bool:
    """Whether any source has answered any listed section otherwise than in full."""
    return summary.complete and any(
        state.glyph in _GAPS for _, cells in summary.answers for _, state in cells
    )


@register.filter
def heading_of(summary: Summary, key: str) -> str:
    """Heading of a block; "" when the page has no such block."""
    return next((block.heading for block in summary.blocks if block.key == key), "")


@register.filter
def aside_of(summary: Summary, key: str) -> str:
    """What stands beside the heading of a block."""
    return next((block.aside for block in summary.blocks if block.key == key), "")


@register.simple_tag
def words_for_gaps() -> tuple[Wording, ...]:
    """The key: every honest state with its sign and what it means."""
    return KEY
