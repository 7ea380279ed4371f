"""The top of the page: safety line, its short form for a page that is scrolled, the one-liner, the visits to choose from."""

from __future__ import annotations

import re
from itertools import groupby

from django.utils.translation import gettext as _

from clinical.summary.view_model import Part, Slot, SlotLine, VisitBar
from summary_app.templatetags.markup import esc, glyph, sourced
from summary_app.templatetags.state_signs import state_sign

_DATE = re.compile(r"(?<=\b\d\d)-(?=[A-Z][a-z]{2}\b)|(?<=\b[A-Z][a-z]{2})-(?=\d{4}\b)")
_ROW = "#row-"  # begins the address of a row of this page
_CURRENT = ' aria-current="true"'


def whole(text: str) -> str:
    """The text with dates that no line break can split ("04-Nov"): a word joiner, which is never seen."""
    return _DATE.sub("-\u2060", text)


def slot_line(line: SlotLine) -> str:
    """One line of a slot of the safety line."""
    if line.state:
        return f"{state_sign(line.state)} "
    loud = " loud" if line.loud else " strong" if line.strong else ""
    level = f" {esc(line.level)}" if line.level else ""
    score = "" if line.score is None else f' data-score="{line.score}"'
    differs = (
        f'{glyph("differs")}<span class="vh">{esc(_("Sources differ:"))} </span>'
        if line.differs
        else ""
    )
    return f'<span class="ln{loud}{level}"{sourced(line.sources)}{score}>{differs}{esc(whole(line.text))}</span> '


def short_line(slot: Slot, line: SlotLine) -> str:
    """What stays of it beside the name of a scrolled page: what is loud or strong, and what is not known."""
    if line.loud or line.strong:
        return f'<span class="{"loud" if line.loud else ""}">{esc(line.text)}</span>'
    if line.state is None or slot.key == "nothing":
        return ""
    sign = f'<svg class="g"><use href="#g-{esc(line.state.glyph)}"/></svg>'
    return f"<span>{sign} {esc(slot.label or line.state.word)}</span>"


def one_line(parts: tuple[Part, ...], base: str) -> str:
    """The one-liner; neighbours that lead to the same place are one link. base: escaped address of the page."""
    runs = groupby(parts, key=lambda part: part.href)
    return "".join(_run(href, "".join(map(_said, run)), base) for href, run in runs)


def _run(href: str, words: str, base: str) -> str:
    if not href:
        return words
    address = f"{base}row/{esc(href[len(_ROW) :])}" if href.startswith(_ROW) else esc(href)
    return f'<a class="ref" href="{address}">{words}</a>'


def _said(part: Part) -> str:
    if not (part.level or part.strong or part.sources):
        return esc(part.text)
    kind = f"{esc(part.level)}{' strong' if part.strong else ''}"
    return f'<span class="{kind}"{sourced(part.sources)}>{esc(part.text)}</span>'


def choices_of_visit(visit: VisitBar, base: str) -> str:
    """A button for every kind of visit. base: escaped address of the page."""
    return "".join(
        f'<button form="post" formaction="{base}visit" name="visit" value="{esc(key)}"'
        f"{_CURRENT if key in visit.contexts else ''}>{esc(title)}</button>"
        for key, title in visit.choices
    )
