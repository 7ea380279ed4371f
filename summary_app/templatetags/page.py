"""Small look-ups of the templates. They choose between what is there; no clinical word is made here."""

from __future__ import annotations

from collections.abc import Sequence

from django import template

from clinical.summary import attention, since
from clinical.summary.view_model import Block, Summary
from clinical.summary.wording import KEY, Wording

register = template.Library()

_GAPS = frozenset(
    {"not-retrieved", "not-permitted", "withheld", "out-of-date", "incomplete", "asking"}
)


@register.filter
def has_gaps(summary: Summary) -> bool:
    """Whether any source has answered any listed section otherwise than in full."""
    return summary.complete and any(
        state.glyph in _GAPS for _, cells in summary.answers for _, state in cells
    )


@register.filter
def change_heading(summary: Summary) -> str:
    """Over the column of changes; "" when the page does not say since when."""
    return next((since.column(block) for block in summary.blocks if block.key == "since"), "")


@register.filter
def aside_of(summary: Summary, key: str) -> str:
    """What stands beside the heading of a block."""
    return next((block.aside for block in summary.blocks if block.key == key), "")


@register.filter
def short_count(block: Block) -> str:
    """Rows of what needs attention that stand in a short frame, of all; "" when they are the same as elsewhere."""
    return attention.in_short_frame(block) if block.key == "attention" else ""


@register.filter
def blocks_in(summary: Summary, column: Sequence[str]) -> list[Block]:
    """The blocks that a column has, in its order."""
    return [block for key in column for block in summary.blocks if block.key == key]


@register.filter
def is_asking(block: Block, summary: Summary) -> bool:
    """Whether more of this block may still come. What needs attention may come from any source."""
    if not summary.complete and block.key in ("attention", "since"):
        return True
    return any(state.glyph == "asking" for state in block.states)


@register.simple_tag
def words_for_gaps() -> tuple[Wording, ...]:
    """The key: every honest state with its sign and what it means."""
    return KEY
