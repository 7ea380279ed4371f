"""The nursing line: what is not recorded is said once, and never in the words of another answer."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from clinical.records import Chart, Section
from clinical.vitals import words
from clinical.vitals.nursing import CODE_ALSO, Fact, Slot, nursing_line, told_once
from clinical.vitals.signs import readings_of
from tests.clinical.vitals.builders import NOW

NONE = "none recorded"
ZONE = ZoneInfo("America/Chicago")
LINES = Slot(key="lines", label="Lines", nothing=NONE)
FALLS = Slot(key="falls", label="Fall risk", facts=(Fact(text="High fall risk", strong=True),))
DRAINS = Slot(key="drains", label="Drains", nothing=NONE)
DIET = Slot(key="diet", label="Diet", nothing="not retrieved from Mercy, server error")
CODE = Slot(key="code", label="Code", nothing=NONE)
ISOLATION = Slot(key="isolation", label="Isolation", facts=(Fact(text="Contact isolation"),))


def test_what_is_not_recorded_stands_together() -> None:
    found = told_once((LINES, FALLS, DRAINS), said=())
    assert [(one.label, one.nothing) for one in found] == [("Lines, drains", NONE), ("Fall risk", "")]  # fmt: skip


def test_not_retrieved_is_never_put_among_none_recorded() -> None:
    found = told_once((LINES, DIET, DRAINS), said=())
    assert [(one.label, one.nothing) for one in found] == [("Lines, drains", NONE), ("Diet", DIET.nothing)]  # fmt: skip


def test_what_the_safety_line_says_already_is_left_to_it_unless_something_is_recorded() -> None:
    found = told_once((CODE, ISOLATION, LINES), said=("code", "isolation"))
    assert [one.label for one in found] == ["Isolation", "Lines"]
    assert [one.label for one in told_once((CODE, LINES), said=())] == ["Code, lines"]
    assert all(one.key != "code" for one in told_once((CODE, LINES), said=()))


@pytest.mark.parametrize(
    ("said", "told"), [(NONE, f"{NONE} as devices"), ("not retrieved from Mercy", "not retrieved from Mercy")]
)  # fmt: skip
def test_lines_and_drains_are_only_said_not_to_be_recorded_as_devices(said: str, told: str) -> None:
    slots = nursing_line(
        Chart(patients=()), readings_of(Chart(patients=())), as_of=NOW, zone=ZONE, nothing=lambda *_, **__: said
    )  # fmt: skip
    by_key = {slot.key: slot.nothing for slot in slots}
    assert (by_key.pop("lines"), by_key.pop("drains")) == (told, told)
    assert set(by_key.values()) == {said}


def test_less_is_told_with_a_minus_and_not_with_a_hyphen() -> None:
    """Words after a hyphen wrap apart from it: "balance -370" would read as 370 on its line."""
    assert words.signed(-370) == "−370"
    assert words.signed(Decimal("-3.24"), 1) == "−3.2"
    assert words.signed(1524) == "+1,524"
    assert words.signed(Decimal("-0.04"), 1) == "+0.0"


def test_what_was_placed_and_could_not_be_read_is_asked_after_where_no_line_is_recorded() -> None:
    asked: dict[Section, set[Section]] = {}

    def nothing(*sections: Section, also: Iterable[Section] = ()) -> str:
        for section in sections:
            asked.setdefault(section, set()).update(also)
        return NONE

    empty = Chart(patients=())
    nursing_line(empty, readings_of(empty), as_of=NOW, zone=ZONE, nothing=nothing)
    assert Section.PROCEDURES in asked[Section.DEVICES]
    assert Section.LABS in asked[Section.VITALS]
    assert set(CODE_ALSO) <= asked[Section.CONSENTS]
