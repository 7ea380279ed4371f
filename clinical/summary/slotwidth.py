"""How wide each slot of the safety line should be, so that the whole line takes as few text lines as it can.

Widths are estimates in CSS px at 14 px text in a window of 1280 px, the narrowest in which all slots stand in one row as
wide as they want; a wider one shares out the rest, and the page wraps right at any size. A browser that shares out the
room by the length of each text alone gives it to the slot that needs it least.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import groupby

import msgspec

from clinical.summary.view_model import Slot, SlotLine, State

ROOM = 1300  # 1248 px, and what its narrower padding gives back
STEP = 10
LEAST, MOST = 90, 480
FEWEST_LINES, MOST_LINES = 3, 12
_PADDING = 28
_GLYPH = 21
ASKING = "asking"
_NARROW = frozenset("iljtfrI.,:;'|!()[]-·/ ")
_BOLD = 1.06
_PIECES = re.compile(r"\S+")


def fit(slots: Sequence[Slot]) -> tuple[Slot, ...]:
    """The slots with their widths: the narrowest that keep the line at the fewest text lines that fit the room."""
    room = ROOM - _PADDING * (len(slots) - 1)
    for most in range(FEWEST_LINES, MOST_LINES + 1):
        widths = [_least(slot, most) for slot in slots]
        if sum(widths) <= room:
            break
    return tuple(
        msgspec.structs.replace(slot, width=width + _PADDING)
        for slot, width in zip(slots, widths, strict=True)
    )


def _least(slot: Slot, most: int) -> int:
    """The narrowest width at which a slot takes at most so many lines; MOST when none does."""
    low, high = LEAST // STEP, MOST // STEP
    while low < high:
        middle = (low + high) // 2
        if lines_at(slot, middle * STEP) <= most:
            high = middle
        else:
            low = middle + 1
    return low * STEP


def lines_at(slot: Slot, width: int) -> int:
    """Text lines of a slot at a width, its label among them; more than MOST_LINES when a word does not fit."""
    if text_width(slot.label) > width:
        return MOST_LINES + 1
    lines = slot.lines
    if slot.label and lines and lines[0].state and lines[0].state.glyph == ASKING:
        said = [(slot.label, False), *_said(lines[0].state)]  # beside the label
        count, lines = _wrapped(said, width, indent=_GLYPH), lines[1:]
    else:
        count = 1 if slot.label else 0
    for together, run in groupby(lines, key=lambda line: _runs_on(slot, line)):
        if together:
            count += _wrapped([(line.text, True) for line in run], width)
        else:
            count += sum(_line(line, width, apart=not slot.label) for line in run)
    return count


def _said(state: State) -> list[tuple[str, bool]]:
    return [(text, False) for text in (state.word, state.detail) if text]


def _runs_on(slot: Slot, line: SlotLine) -> bool:
    """Allergies stand one after the other in a line; everything else begins a new one."""
    return slot.key == "allergies" and line.state is None and (line.loud or line.strong)


def _line(line: SlotLine, width: int, *, apart: bool) -> int:
    """apart: what belongs to a state begins a line of its own, as in the slots without a label."""
    if line.state is None:
        return _wrapped([(line.text, line.strong)], width, indent=_GLYPH if line.differs else 0)
    if not apart:
        return _wrapped(_said(line.state), width, indent=_GLYPH)
    said = _wrapped([(line.state.word, False)], width, indent=_GLYPH)
    return said + (_wrapped([(line.state.detail, False)], width) if line.state.detail else 0)


def _wrapped(texts: Sequence[tuple[str, bool]], width: int, indent: int = 0) -> int:
    """Lines of some texts that follow each other, broken between words."""
    count, used = 1, float(indent)
    for text, bold in texts:
        for need in _word_widths(text, bold):
            if need > width:
                return MOST_LINES + 1
            if used and used + 4 + need > width:
                count, used = count + 1, need
            else:
                used += need + (4 if used else 0)
        used += 8
    return count


@lru_cache(maxsize=2048)
def _word_widths(text: str, bold: bool) -> tuple[float, ...]:
    """Of the same text many widths are tried."""
    return tuple(text_width(word, bold=bold) for word in _PIECES.findall(text))


class _Widths(dict[str, float]):
    """Of each character, worked out once."""

    def __missing__(self, c: str) -> float:
        found = 4.1 if c in _NARROW else 11.4 if c in "mwMW" else 9.6 if c.isupper() else 7.6
        self[c] = found
        return found


_WIDTHS = _Widths()


def text_width(text: str, *, bold: bool = False) -> float:
    """Estimated width in px of text at 14 px."""
    return sum(map(_WIDTHS.__getitem__, text)) * (_BOLD if bold else 1.0)
