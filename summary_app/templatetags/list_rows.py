"""A row of a list: problems, medicines, reports, what needs attention, and every gap in what was retrieved."""

from __future__ import annotations

import re

from django.utils.translation import gettext as _

from clinical.summary.view_model import ListRow, Part
from summary_app.templatetags.markup import esc, glyph, level_word, marks
from summary_app.templatetags.state_signs import leading_state

_ABOUT = re.compile(r"^(?:attention|pending|overdue|differs|together|since)-")
_KEY = re.compile(r"^[a-z-]+-[0-9a-f]{12}$")
_WIDE = 12  # characters of "new 06-Nov" and a little; "changed 15-Oct" takes more room
_GAP = "gap-"  # begins the key of a row about a source; the key of the source follows


def opens(row: ListRow) -> str:
    """Key of the series or item that a row of a list opens; "" when there is nothing behind it."""
    key = _ABOUT.sub("", row.key)
    return key if _KEY.match(key) else ""


def list_row(row: ListRow, base: str) -> str:
    """The row with everything under it. base: address of the page, already escaped."""
    key = opens(row)
    gap = row.key.startswith(_GAP)
    # An id only where the row is the item's own place on the page; elsewhere it only speaks of the item.
    own = f' id="row-{esc(key)}"' if key and key == row.key else ""
    sign = glyph(row.glyph) if row.glyph and not row.state else ""
    state = leading_state(row.state, goes_on=bool(row.parts) and not gap) if row.state else ""
    kind = " sr" if row.state else " gl" if row.glyph else ""
    return (
        f'<li class="r{kind}{level_word(row.level)}"{own}{marks(row)}>'
        f'{sign}<span class="x">{state}{"" if gap else _words(row, key, base)}</span>'
        f"{_beside_and_under(row)}{_gap(row, base) if gap else ''}</li>"
    )


def _words(row: ListRow, key: str, base: str) -> str:
    words = "".join(map(part_of_text, row.parts))
    if key:
        kind = "o ref" if row.href else "o"
        return f'<a class="{kind}" href="{base}row/{esc(key)}">{words}</a>'
    return f'<a class="j" href="{esc(row.href)}">{words}</a>' if row.href else words


def part_of_text(part: Part) -> str:
    """A run of text, in a span of its own only when it looks unlike its neighbours."""
    if not (part.level or part.strong or part.verb or part.muted):
        return esc(part.text)
    strong = " strong" if part.strong else ""
    verb = " verb" if part.verb else ""
    muted = " m" if part.muted else ""
    return f'<span class="{esc(part.level)}{strong}{verb}{muted}">{esc(part.text)}</span>'


def _beside_and_under(row: ListRow) -> str:
    wide = " ww" if len(row.when) > _WIDE else ""
    when = f'<span class="w{wide}">{esc(row.when)}</span>' if row.when else ""
    differs = f'<span class="l">{glyph("differs")}{esc(row.differs)}</span>' if row.differs else ""
    lines = "".join([f'<span class="l">{esc(line)}</span>' for line in row.lines])
    return f"{when}{differs}{lines}"


def _gap(row: ListRow, base: str) -> str:
    words = "".join(esc(part.text) for part in row.parts)
    again = ""
    if row.state is not None and row.state.retry:
        server = esc(row.key.removeprefix(_GAP))
        again = f' <button form="post" formaction="{base}sources/{server}/retry">{esc(_("Try now"))}</button>'
    return f'<span class="l">{words}{again}</span>'
