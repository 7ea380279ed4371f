"""Markup that is drawn in Python because a page has so much of it that a template is too slow for it.

Every text of a chart goes through `esc` where it is put between tags or quotes. Pieces are plain `str` until a tag
hands them to its template through `markup`: nothing else in this project says of a text that it is markup.
"""

from __future__ import annotations

from collections.abc import Iterable
from html import escape as esc  # what Django's own ends in; both quotes too

from django.utils.safestring import SafeString

from clinical.summary.view_model import LabRow, ListRow

__all__ = ["esc", "glyph", "level_word", "marks", "markup", "sourced"]


def markup(pieces: Iterable[str]) -> SafeString:
    """Finished pieces as markup. Safe because every piece is written here in tags, or went through `esc`: the tests
    put hostile text into every field of everything that is drawn."""
    return SafeString("".join(pieces))


def sourced(sources: Iterable[str]) -> str:
    """What a fact was taken from; nothing when it was taken from no entry."""
    tokens = " ".join(sources)
    return f' data-source="{esc(tokens)}"' if tokens else ""


def marks(row: LabRow | ListRow) -> str:
    """What a row says of itself to the page: its key, its entries, its score."""
    score = "" if row.score is None else f' data-score="{row.score}"'
    return f' data-k="{esc(row.key)}"{sourced(row.sources)}{score}'


def level_word(level: str) -> str:
    """Class of a row whose value is abnormal."""
    return f" is-{esc(level)}" if level else ""


def glyph(name: str) -> str:
    """One sign of templates/_glyphs.html. Its word always stands beside it."""
    return f'<svg class="g" aria-hidden="true"><use href="#g-{esc(name)}"/></svg>'
