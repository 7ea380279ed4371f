"""The lines of the board: forty of them, new every minute."""

from __future__ import annotations

from clinical.vitals.board import BoardLine
from summary_app.templatetags.markup import esc, glyph, sourced
from summary_app.templatetags.ward_sheet import ladder, overdue_words, score_trend


def board_line(line: BoardLine, action: str, token: str) -> str:
    """One patient. action: where the form of the name leads; token: of the form, against foreign posts. Both escaped."""
    key = esc(line.key)
    rungs = ladder(line.ladder, line.level) if line.ladder else ""
    words = " words" if len(line.number) > 2 else ""
    return (
        f'<tr class="ward-line" id="line-{key}" data-k="{key}"{sourced(line.sources)}>'
        f'<td class="bed{" words" if len(line.bed) > 4 else ""}">{esc(line.bed)}</td>'
        f'<th scope="row"><form method="post" action="{action}">'
        f'<input type="hidden" name="csrfmiddlewaretoken" value="{token}">'
        f'<input type="hidden" name="key" value="{key}"><button class="who">{esc(line.name)}</button></form>'
        f'<span class="m">{esc(line.about)}</span></th>'
        f'<td class="num"><span class="m">{esc(line.prefix)}</span> '
        f'<b class="{esc(line.level)}{words}">{esc(line.number)}</b></td>'
        f'<td class="lad">{rungs}</td><td class="tre">{score_trend(line.trend, width=88)}</td>'
        f'<td class="chg">{esc(line.change)}</td><td class="mea">{esc(line.measured)}</td>'
        f'<td class="ovd">{_late_and_new(line)}</td>'
        f'<td class="why"><b>{esc(line.why[0])}</b> {esc(line.why[1])}</td>'
        f'<td class="iso">{_stressed(line.isolation)}<br>{_stressed(line.code)}</td></tr>'
    )


def _late_and_new(line: BoardLine) -> str:
    alert = glyph("alert")
    new = [f'<span class="newcrit">{alert}{esc(words)}</span> ' for words in line.news]
    return "".join([*map(overdue_words, line.late), *new])


def _stressed(words: tuple[str, bool]) -> str:
    return f'<span class="{"strong" if words[1] else "m"}">{esc(words[0])}</span>'
