"""What the nurse's screens draw in Python: hostile text in any field stays text, and every mark says what it must."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from django.utils.safestring import SafeString

from clinical.vitals.board import BoardLine, Place
from clinical.vitals.growth_chart import GrowthChart
from clinical.vitals.sheet_model import Cell, Panel, Row, ScoreDot, ScoreTrend, Sheet
from clinical.vitals.trend import Dot, Trend
from summary_app.templatetags import ward as tags
from summary_app.templatetags import ward_sheet
from tests.summary_app.test_rows import HOSTILE, PLAIN, Drawn, Shape, struct_of

SHEET = struct_of(Sheet, "x", rows=(), more_rows=())
PLACE = Place(standing="scored")


def _sheet(row: Row) -> SafeString:
    return tags.sheet_rows(msgspec.structs.replace(SHEET, rows=(row,)))


def _growth(chart: GrowthChart) -> SafeString:
    return tags.growth_svg(chart)


KINDS: dict[str, tuple[type[Any], Drawn, tuple[dict[str, Any], ...]]] = {
    "row": (
        Row,
        _sheet,
        ({}, {"state": "overdue"}, {"state": "stale"}, {"cells": ()}, {"at": "", "unit": ""}),
    ),
    "cell": (Cell, lambda cell: tags.sheet_cells([cell, cell]), ({}, {"note": "", "level": ""})),
    "score": (Sheet, tags.sheet_rows, ({}, {"rows": (), "more_rows": ()})),
    "ladder": (Panel, lambda panel: tags.ladder(panel, HOSTILE), ({"ladder": ("flat",) * 4},)),
    "growth": (GrowthChart, _growth, ({}, {"dots": (), "switch": None})),
    "trend of the score": (Panel, tags.score_trend, ({},)),
    "line": (
        BoardLine,
        lambda line: tags.board_lines([line], "token"),
        ({"place": PLACE}, {"place": PLACE, "ladder": None, "number": "7"}),
    ),
}
CASES = [
    pytest.param(struct, drawn, fixed, id=f"{name} {number}")
    for name, (struct, drawn, every) in KINDS.items()
    for number, fixed in enumerate(every)
]


@pytest.mark.parametrize(("struct", "drawn", "fixed"), CASES)
def test_hostile_text_in_every_field_stays_text(
    struct: type[Any], drawn: Drawn, fixed: dict[str, Any]
) -> None:
    html = drawn(struct_of(struct, HOSTILE, **fixed))
    plain = Shape(drawn(struct_of(struct, PLAIN, **fixed)))
    hostile = Shape(html)
    assert isinstance(html, SafeString)
    assert "<script" not in html
    assert hostile.tags == plain.tags
    if (
        "ladder" not in fixed or fixed["ladder"] is None
    ):  # the level of the ladder is hostile in both
        assert "".join(hostile.said) == "".join(plain.said).replace(PLAIN, HOSTILE)
        assert PLAIN in "".join(plain.said)


def test_the_token_of_a_form_is_text_too() -> None:
    line = struct_of(BoardLine, PLAIN, place=PLACE)
    assert HOSTILE in Shape(tags.board_lines([line], HOSTILE)).said


def test_only_the_newest_of_the_last_sets_looks_like_it() -> None:
    html = tags.sheet_cells([Cell(text="18"), Cell(text="22", level="ab", flag="H")])
    assert html == (
        '<td class="ce value">18<span class="fl"></span></td>'
        '<td class="ce value last ab">22<span class="fl">H</span></td>'
    )


def test_a_sign_without_sets_keeps_the_grid_of_the_table() -> None:
    row = struct_of(Row, PLAIN, cells=(), earlier="", key="glucose", state="current")
    six = msgspec.structs.replace(SHEET, rows=(row,), blank=(0, 1), columns=SHEET.columns[:1] * 4)
    none = msgspec.structs.replace(six, columns=(), blank=tuple(range(6)))
    drawn = [tags.sheet_rows(sheet).rpartition('id="sign-glucose"')[2] for sheet in (six, none)]
    assert drawn[0].count('class="ce"') == 6
    assert 'colspan="6"' in drawn[1]


def test_every_mark_of_a_trend_is_drawn() -> None:
    found = Trend(
        band=(5.0, 10.0), segments=("4,5 9,6",), dots=(Dot(x=4, y=5), Dot(x=9, y=6, hollow=True)),
        errors=(7.0,), silence=(9.0, 244.0, 6.0), peak=(4.0, 5.0, "peak 38.8"), letters=((4.0, "V"),),
        bars=((4.0, 9.0),), lines=((9.0, 20.0),), shift=50.0, words="rising",
    )  # fmt: skip
    html = ward_sheet.trend(found)
    for kind in ("bd", "sh", "air", "o2", "si", "er", "lt ab", "pk right", " ho"):
        assert f'class="{kind}"' in html, kind
    assert 'r="2.2"' in html
    assert 'r="3.2"' in html  # the newest is larger
    assert "peak 38.8" in html


@pytest.mark.parametrize(("width", "shift"), [(248, True), (88, False)])
def test_the_small_trend_of_the_score_has_no_shift(width: int, shift: bool) -> None:
    found = ScoreTrend(guides=(20.0, 12.0), dots=(ScoreDot(x=4, y=9, open=True),), shift=30.0)
    html = ward_sheet.score_trend(found, width=width)
    assert ('class="sh"' in html) is shift
    assert f'viewBox="0 0 {width} 44"' in html
    assert 'class="up "' in html  # a least points upwards


def test_the_bars_of_the_ladder_say_reached_possible_and_not() -> None:
    html = ward_sheet.ladder(("full", "full", "dashed", "flat"), "ab")
    assert html.count('class="full"') == 2
    assert html.count('class="dashed"') == 1
    assert html.count("<path") == 1
