"""An honest state: its sign, its word, and what there is to say about it."""

from __future__ import annotations

from clinical.summary.view_model import State
from summary_app.templatetags.markup import esc, glyph, sourced


def state_sign(state: State) -> str:
    """The state by itself, with the entries that it was taken from."""
    sign = glyph(state.glyph) if state.glyph else ""
    return f'<span class="st st-{esc(state.glyph)}"{sourced(state.sources)}>{sign}{_words(state)}</span>'


def leading_state(state: State, *, goes_on: bool) -> str:
    """The state at the head of a row that has entries of its own. goes_on: words of the row follow."""
    colon = '<span class="m">:</span> ' if goes_on else ""
    return (
        f'<span class="st st-{esc(state.glyph)}">{glyph(state.glyph)}{_words(state)}</span>{colon}'
    )


def _words(state: State) -> str:
    detail = f' <span class="m">{esc(state.detail)}</span>' if state.detail else ""
    return f"<b>{esc(state.word)}</b>{detail}"
