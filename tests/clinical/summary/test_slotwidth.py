"""The widths of the safety line's slots."""

from __future__ import annotations

from clinical.summary import slotwidth
from clinical.summary.view_model import Slot, SlotLine, State


def slot(key: str, *texts: str, label: str = "Label") -> Slot:
    return Slot(key=key, label=label, lines=tuple(SlotLine(text=t, strong=True) for t in texts))


def empty(key: str) -> Slot:
    state = State(glyph="nothing-recorded", word="Nothing recorded", detail="at Mercy")
    return Slot(key=key, label=key, lines=(SlotLine(state=state),))


LONG = "Enoxaparin 40 mg/0.4 mL prefilled syringe, 40 mg under the skin daily at bedtime"


def test_few_slots_take_three_lines_in_the_room_there_is() -> None:
    found = slotwidth.fit([slot("allergies", "Latex: anaphylaxis"), slot("a", LONG), empty("b")])
    assert all(slotwidth.lines_at(s, s.width - 28) <= 3 for s in found)
    assert sum(s.width for s in found) <= slotwidth.ROOM + 28


def test_many_long_slots_share_the_room_and_stay_as_low_as_they_can() -> None:
    slots = [slot(str(n), LONG, LONG) for n in range(5)] + [empty("e"), empty("f")]
    found = slotwidth.fit(slots)
    assert sum(s.width for s in found) <= slotwidth.ROOM + 28
    height = max(slotwidth.lines_at(s, s.width - 28) for s in found)
    lower = sum(slotwidth._least(s, height - 1) for s in slots) + 28 * (len(slots) - 1)
    assert lower > slotwidth.ROOM


def test_a_longer_text_is_never_given_less_than_a_shorter_one() -> None:
    short, long = slotwidth.fit([slot("a", "Apixaban 5 mg"), slot("b", LONG)])
    assert long.width >= short.width


def test_the_words_of_a_state_keep_their_line() -> None:
    (found,) = slotwidth.fit([empty("implant")])
    wanted = slotwidth.text_width("Nothing recorded")
    assert found.width - 28 >= wanted


def test_nothing_else_of_a_slot_changes() -> None:
    one = slot("a", LONG)
    (found,) = slotwidth.fit([one])
    assert (found.key, found.label, found.lines, found.hatched) == ("a", "Label", one.lines, False)
