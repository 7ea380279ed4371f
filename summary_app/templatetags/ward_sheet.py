"""Rows, cells and trends of the flow sheet: most of the nurse lens, and new with every window."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from django.utils.translation import gettext as _

from clinical.vitals.sheet_model import Cell, Panel, Row, ScoreTrend, Sheet
from clinical.vitals.trend import Trend
from summary_app.templatetags.markup import esc, glyph, sourced

_BLANK = '<td class="ce"></td>'
_PEAK_WIDTH = 70.0
_CROSS = "M-3.5-3.5 3.5 3.5M3.5-3.5-3.5 3.5"
_ARROW = "M0-4V-10M-2.5-7.6 0-10.4 2.5-7.6"


def cells(several: Iterable[Cell]) -> str:
    """The last sets, oldest first; the newest looks like it."""
    drawn = [_cell(one) for one in several]
    return "".join([*(f"{head}{tail}" for head, tail in drawn[:-1]),
                    *(f"{head} last{tail}" for head, tail in drawn[-1:])])  # fmt: skip


def _cell(cell: Cell) -> tuple[str, str]:
    """What stands before and after the word for the newest."""
    level = f" {esc(cell.level)}" if cell.level else ""
    note = f' title="{esc(cell.note)}"' if cell.note else ""
    text = f'{esc(cell.text)}<span class="fl">{esc(cell.flag)}</span>'
    return f'<td class="ce {esc(cell.kind)}', f'{level}"{note}>{text}</td>'


def sheet_row(row: Row, last: str) -> str:
    """One sign: name, latest, taken, points, trend. last: cells of the last sets, or what came earlier."""
    marks = "".join([f' <span class="mark">{esc(one)}</span>' for one in row.marks])
    how = ", ".join([esc(one) for one in (row.unit, row.how) if one])
    level = f" {esc(row.level)}" if row.level else ""
    none = "" if row.at else " none"
    peak = f'<span class="high">{esc(row.peak)}</span>' if row.peak else ""
    scored = " ab" if row.points not in ("", "0", "–") else ""
    return (
        f'<tr class="row {esc(row.state)}" id="sign-{esc(row.key)}"{sourced(row.sources)}>'
        f'<th scope="row">{esc(row.name)} <span class="m">{how}</span>{marks}</th>'
        f'<td class="v{level}{none}">{esc(row.latest)}<span class="fl">{esc(row.flag)}</span></td>'
        f'<td class="ta">{_taken(row)}{peak}</td><td class="pt{scored}">{esc(row.points)}</td>'
        f'<td class="tc">{trend(row.trend)}</td>{last}</tr>'
    )


def _taken(row: Row) -> str:
    words = esc(row.taken)
    if row.state == "overdue":
        return f'<span class="late">{glyph("clock")}{words}</span>'
    return f'<span class="stale">{words}</span>' if row.state == "stale" else words


def last_sets(row: Row, sheet: Sheet) -> str:
    """Cells of the last sets; one wide cell for what is not measured with every set."""
    if not row.cells and (row.earlier or not sheet.columns or row.key == "pain"):
        return f'<td class="ea" colspan="6">{esc(". ".join(filter(None, (row.earlier, *row.given))))}</td>'
    return _BLANK * (len(sheet.blank) + len(sheet.columns) - len(row.cells)) + cells(row.cells)


def score_row(panel: Panel, last: str, *, trend: bool = True) -> str:
    """NEWS2 above its parts. last: cells of the last sets. trend: False = a low row without one."""
    low, drawn = ("", score_trend(panel.trend)) if trend else (" low", "")
    count = f' <span class="m">· {esc(panel.count)}</span>' if panel.count else ""
    return (
        f'<tr class="row news{low}" id="sign-news2"><th scope="row">NEWS2</th>'
        f'<td class="v {esc(panel.level)}" colspan="2">{esc(panel.headline)}{count}</td><td class="pt"></td>'
        f'<td class="tc">{drawn}</td>{last}</tr>'
    )


def trend(found: Trend) -> str:
    """248 by 30; the number always stands beside it. From the back to the front."""
    drawn = "".join(_drawn(found))
    return (
        '<svg class="tr" viewBox="0 0 248 30" width="248" height="30" role="img"'
        f' aria-label="{esc(found.words)}">{drawn}</svg>'
    )


def _drawn(found: Trend) -> Iterator[str]:
    if found.band:
        yield f'<rect class="bd" width="248" y="{found.band[0]}" height="{found.band[1]}"/>'
    if found.shift is not None:
        yield _shift(found.shift, 30)
    yield from (f'<path class="air" d="M{begin} 15H{end}"/>' for begin, end in found.lines)
    for x, width in found.bars:
        yield f'<rect class="o2" x="{x}" y="10.5" width="{width}" height="9"/>'
    yield from (f'<polyline points="{esc(points)}"/>' for points in found.segments)
    if found.silence:
        yield _silence(found.silence)
    yield from _marked(found)


def _marked(found: Trend) -> Iterator[str]:
    """Dots, crosses, letters and the peak."""
    for place, dot in enumerate(found.dots, 1):
        hollow = " ho" if dot.hollow else ""
        size = 3.2 if place == len(found.dots) else 2.2
        yield f'<circle class="{esc(dot.level)}{hollow}" cx="{dot.x}" cy="{dot.y}" r="{size}"/>'
    for x in found.errors:
        yield f'<path class="er" transform="translate({x} 15)" d="{_CROSS}"/>'
    for x, letter in found.letters:
        level = "" if letter == "A" else " ab"
        yield f'<text class="lt{level}" x="{x}" y="20">{esc(letter)}</text>'
    if found.peak:
        x, y, words = found.peak
        side, away = ("pk right", 5) if x < _PEAK_WIDTH else ("pk", -5)  # it stays inside its cell
        yield f'<text class="{side}" x="{x}" y="{y}" dx="{away}" dy="4">{esc(words)}</text>'


def _shift(x: float, height: int) -> str:
    return f'<path class="sh" d="M{x} 0V{height}"/>'


def _silence(found: tuple[float, float, float]) -> str:
    begin, end, y = found
    return f'<path class="si" d="M{begin} {y}H{end}"/>'


def score_trend(found: ScoreTrend, *, width: int = 248) -> str:
    """The score over time, 44 high, with the lines at 5 and 7. width: 248, or 88 on the board."""
    drawn = "".join(_score_drawn(found, width))
    small = "" if width == 248 else " small"
    return (
        f'<svg class="tr{small}" viewBox="0 0 {width} 44" width="{width}" height="44" role="img"'
        f' aria-label="{esc(found.words)}">{drawn}</svg>'
    )


def _score_drawn(found: ScoreTrend, width: int) -> Iterator[str]:
    for y in found.guides:
        yield f'<path class="gd" d="M0 {y}H{width}"/>'
    if found.shift is not None and width == 248:
        yield _shift(found.shift, 44)
    for points in found.segments:
        yield f'<polyline points="{esc(points)}"/>'
    for points in found.dotted:
        yield f'<polyline class="dt" points="{esc(points)}"/>'
    if found.silence:
        yield _silence(found.silence)
    for place, dot in enumerate(found.dots, 1):
        level, size = esc(dot.level), 3.6 if place == len(found.dots) else 2.4
        hollow = " ho" if dot.open else ""
        yield f'<circle class="{level}{hollow}" cx="{dot.x}" cy="{dot.y}" r="{size}"/>'
        if dot.open:
            yield f'<path class="up {level}" transform="translate({dot.x} {dot.y})" d="{_ARROW}"/>'


def last_scores(sheet: Sheet) -> str:
    """Cells of the scores of the last sets."""
    return _BLANK * len(sheet.blank) + cells(sheet.panel.cells)


_RUNGS = ((1, 15, 6), (10.5, 11, 10), (20, 6, 15), (29.5, 1, 20))  # x, y, height


def ladder(rungs: Iterable[str], level: str) -> str:
    """Four bars: low, one part scoring 3, medium, high. Its word stands beside it wherever there is room."""
    drawn = [
        f'<path d="M{x} 21h7"/>'
        if rung == "flat"
        else f'<rect class="{esc(rung)}" x="{x}" y="{y}" width="7" height="{height}"/>'
        for rung, (x, y, height) in zip(rungs, _RUNGS, strict=True)
    ]
    return (
        f'<svg class="ladder {esc(level)}" viewBox="0 0 38 22" width="38" height="22" aria-hidden="true">'
        f"{''.join(drawn)}</svg>"
    )


def overdue_words(words: str) -> str:
    """Late is a shape, not a colour."""
    said = esc(_("overdue"))
    return f'<span class="late">{glyph("clock")}<span class="vh">{said} </span>{esc(words)}</span> '
