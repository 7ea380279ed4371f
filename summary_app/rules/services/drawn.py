"""The two screens of a preview side by side, with the lines that join them: plain figures for the template. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from summary_app.rules.services.effects import BlockEffect, Effect, Line

ROW = 30
_GAP = 34  # the heading "Left out"
WIDTH = 84


class Join(NamedTuple):
    """One line between the two lists. kind: "same", "moved", "appears", "vanishes". path: of an SVG."""

    kind: str
    path: str


class Drawn(NamedTuple):
    """One section. out_before, out_after: rows under "Left out" on that side. heights in pixels."""

    key: str
    heading: str
    before: tuple[Line, ...]
    after: tuple[Line, ...]
    out_before: tuple[Line, ...]
    out_after: tuple[Line, ...]
    joins: tuple[Join, ...]
    height: int


def drawings(found: Effect, *, always: str = "labs") -> tuple[Drawn, ...]:
    """The sections that change, and `always` even if it does not; that one first."""
    wanted = [block for block in found.blocks if block.changed or block.key == always]
    wanted.sort(key=lambda block: (not block.changed, block.key != always))
    return tuple(_drawn(block) for block in wanted)


def _drawn(block: BlockEffect) -> Drawn:
    come = tuple(line for line in block.after if line.fate == "appears")
    gone = tuple(line for line in block.before if line.fate == "vanishes")
    left = {line.key: _y(place) for place, line in enumerate(block.before)}
    right = {line.key: _y(place) for place, line in enumerate(block.after)}
    left |= {line.key: _under(block.before, place) for place, line in enumerate(come)}
    right |= {line.key: _under(block.after, place) for place, line in enumerate(gone)}
    joins = [_join(line.fate, left[line.key], right[line.key]) for line in (*block.after, *gone)]
    rows = max(len(block.before) + len(come), len(block.after) + len(gone))
    height = rows * ROW + (_GAP if come or gone else 0)
    return Drawn(
        block.key, block.heading, block.before, block.after, come, gone, tuple(joins), height
    )


def _y(place: int) -> int:
    return place * ROW + ROW // 2


def _under(rows: Sequence[Line], place: int) -> int:
    return len(rows) * ROW + _GAP + _y(place)


def _join(kind: str, left: int, right: int) -> Join:
    half = WIDTH // 2
    if left == right:
        return Join(kind, f"M4 {left}H{WIDTH - 4}")
    return Join(kind, f"M4 {left}C{half} {left} {half} {right} {WIDTH - 4} {right}")


def sentence(found: Effect) -> str:
    """What the draft does to this chart, in words; the floor always comes last.

    >>> sentence(Effect((), 1, 4, 1, 7, 0, (0, 0), (0, 0)))
    '1 appears, 4 move, 1 goes to “left out”. Floor untouched: 0 of 7 items changed.'
    """
    parts = []
    if found.appear:
        parts.append(f"{found.appear} {'appears' if found.appear == 1 else 'appear'}")
    if found.move:
        parts.append(f"{found.move} {'moves' if found.move == 1 else 'move'}")
    if found.vanish:
        parts.append(f"{found.vanish} {'goes' if found.vanish == 1 else 'go'} to “left out”")
    said = ", ".join(parts) or "Nothing changes on this chart"
    if found.floor_lost:
        return f"{said}. FLOOR CHANGED: {found.floor_lost} of {found.floor} items."
    return f"{said}. Floor untouched: 0 of {found.floor} items changed."
