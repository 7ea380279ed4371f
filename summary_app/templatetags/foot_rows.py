"""The foot of the page: history, what each source answered, and what became of everything that was read."""

from __future__ import annotations

from django.utils.translation import gettext as _

from clinical.summary.view_model import LedgerLine, ListRow, Part, State
from summary_app.templatetags.markup import esc, sourced
from summary_app.templatetags.state_signs import state_sign


def history_row(row: ListRow) -> str:
    """One line of the history: its heading, then what it says; the second part is the link when there is one."""
    words = "".join(
        _history_part(part, row.href if place == 1 else "") for place, part in enumerate(row.parts)
    )
    state = state_sign(row.state) if row.state else ""
    return f'<li data-k="{esc(row.key)}"{sourced(row.sources)}>{words}{state}</li>'


def _history_part(part: Part, href: str) -> str:
    if href:
        return f'<a class="j" href="{esc(href)}">{esc(part.text)}</a>'
    if not (part.strong or part.muted):
        return esc(part.text)
    kind = f"{'strong ' if part.strong else ''}{'m' if part.muted else ''}"
    return f'<span class="{kind}">{esc(part.text)}</span>'


def answer_row(section: str, cells: tuple[tuple[str, State], ...]) -> str:
    """What every source answered for one section, in the order of the head of the table."""
    states = "".join([f"<td>{state_sign(state)}</td>" for _name, state in cells])
    return f'<tr><th scope="row">{esc(section)}</th>{states}</tr>'


def ledger_row(line: LedgerLine) -> str:
    """How many entries of a section were treated in one way."""
    abnormal = f", {line.abnormal} {esc(_('abnormal'))}" if line.abnormal else ""
    reason = f"{esc(line.reason)}{abnormal}"
    return (
        f'<tr><th scope="row">{esc(line.section)}</th><td>{reason}</td><td>{line.count}</td></tr>'
    )
