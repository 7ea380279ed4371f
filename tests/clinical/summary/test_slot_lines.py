"""What several entries of one slot say: put together only where nothing of one of them is lost."""

from __future__ import annotations

import pytest

from clinical.summary.slot_lines import once
from clinical.summary.view_model import SlotLine

DNR = SlotLine(text="DNR", strong=True, sources=("mercy/Flag/1",))
AGAIN = SlotLine(text="dnr", strong=True, sources=("mercy/Flag/2",))


def test_the_same_words_are_said_once_with_the_sources_of_both() -> None:
    (line,) = once([[DNR], [AGAIN]])
    assert line.text == "DNR (2 entries)"
    assert line.sources == ("mercy/Flag/1", "mercy/Flag/2")


@pytest.mark.parametrize(
    "other",
    [
        [SlotLine(text="DNR", strong=True, differs=True)],
        [SlotLine(text="DNR", strong=False)],
        [SlotLine(text="DNR", strong=True, level="crit")],
        [SlotLine(text="DNR", strong=True), SlotLine(text="12-Oct, Lakeside")],
    ],
)
def test_an_entry_that_says_more_or_otherwise_keeps_its_own_lines(other: list[SlotLine]) -> None:
    assert once([[DNR], other]) == (DNR, *other)
