"""Small look-ups of the templates. They choose between what is there; no clinical word is made here."""

from __future__ import annotations

import re

from django import template

from clinical.summary.view_model import Summary
from clinical.summary.wording import KEY, Wording

register = template.Library()

_DATE = re.compile(r"(?<=\b\d\d)-(?=[A-Z][a-z]{2}\b)|(?<=\b[A-Z][a-z]{2})-(?=\d{4}\b)")
_GAPS = frozenset(
    {"not-retrieved", "not-permitted", "withheld", "out-of-date", "incomplete", "asking"}
)


@register.filter
def whole(text: str) -> str:
    """The text with dates that no line break can split ("04-Nov"): a word joiner, which is never seen."""
    return _DATE.sub("-\u2060", text)


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
