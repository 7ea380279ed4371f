"""The figure of a row that is explored: valid for Plotly, honest like every other line."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import plotly.graph_objects as go
import pytest

from clinical.summary.desk import Desk
from clinical.summary.explore import DARK, LIGHT, explore
from clinical.summary.opened import desk_for
from tests.clinical.reconcile.builders import NOW
from tests.clinical.summary import anna
from tests.clinical.summary.ranked import ranking

TOKENS = Path(__file__).resolve().parents[3] / "static" / "visit-lens" / "tokens.css"


def desk(parts: Any = None) -> Desk:
    chart = anna.chart(parts)
    ranked = ranking(chart, anna.LISTING, floor=anna.FLOOR, due=anna.DUE)
    return desk_for(chart, ranked, site=anna.SITE, viewer=anna.VIEWER, as_of=NOW)


def key_of(found: Desk, label: str) -> str:
    return next(row.key for row in found.chart.series if row.label == label)


@pytest.mark.parametrize("label", ["Potassium", "Hemoglobin A1c", "LDL", "Blood pressure", "Chloride"])  # fmt: skip
@pytest.mark.parametrize("beside", ["", "Potassium"])
@pytest.mark.parametrize("palette", [LIGHT, DARK])
def test_every_figure_is_valid_for_plotly(label: str, beside: str, palette: Any) -> None:
    made = desk()
    other = key_of(made, beside) if beside else ""
    found = explore(made, key_of(made, label), other, palette=palette)
    assert found is not None
    go.Figure(found.figure)  # raises ValueError for anything that Plotly does not know


def test_points_keep_value_time_level_and_words() -> None:
    made = desk()
    found = explore(made, key_of(made, "Potassium"))
    assert found is not None
    trace = found.figure["data"][0]
    assert trace["y"] == [4.8, 5.9]
    assert trace["marker"]["color"] == [LIGHT.ink, LIGHT.abnormal]
    assert "5.9 H" in trace["text"][1]
    assert "3.5–5.1" in trace["text"][1]


def test_two_analytes_share_the_time_and_nothing_else() -> None:
    made = desk()
    found = explore(made, key_of(made, "Potassium"), key_of(made, "Hemoglobin A1c"))
    assert found is not None
    axes = {trace["yaxis"] for trace in found.figure["data"] if trace["yaxis"] != "y3"}
    assert axes == {"y", "y2"}
    assert {trace.get("xaxis", "x") for trace in found.figure["data"]} == {"x"}
    assert all(shape["yref"] != "y2" for shape in found.figure["layout"]["shapes"])
    symbols = [
        trace["marker"]["symbol"] for trace in found.figure["data"] if trace["yaxis"] == "y2"
    ]
    assert {one.split("-")[0] for each in symbols for one in each} == {"square"}


def test_markup_of_a_source_is_text() -> None:
    parts = [
        anna.replace(part, records=tuple(
            anna.replace(r, source=anna.replace(r.source), concept=anna.replace(r.concept, text="<a href='x'>K</a>"))
            if getattr(r, "concept", None) and r.concept.text == "Potassium" else r
            for r in part.records
        ))
        for part in anna.mercy()
    ]  # fmt: skip
    made = desk(parts)
    key = next(r.key for r in made.chart.series if any(c == "2823-3" for _, c in r.codes))
    found = explore(made, key)
    assert found is not None
    assert "<a" not in str(found.figure)
    assert "&lt;a" in str(found.figure)


def test_a_row_without_numbers_and_an_unknown_row_have_no_figure() -> None:
    made = desk()
    assert explore(made, key_of(made, "BMP")) is None
    assert explore(made, "series-000000000000") is None


def test_the_row_itself_is_no_choice_and_every_choice_can_be_drawn() -> None:
    made = desk()
    key = key_of(made, "Potassium")
    found = explore(made, key)
    assert found is not None
    assert key not in dict(found.choices)
    assert {"A1c", "LDL"} <= set(dict(found.choices).values())
    for other, _ in found.choices:
        assert explore(made, other) is not None


def test_colours_are_those_of_the_page() -> None:
    light, dark = TOKENS.read_text(encoding="utf-8").split("prefers-color-scheme: dark", 1)
    names = {"ink": "ink", "muted": "muted", "canvas": "canvas", "line": "line", "band": "band",
             "since": "since", "ab": "abnormal", "crit": "critical"}  # fmt: skip
    for sheet, palette in ((light, LIGHT), (dark, DARK)):
        for token, field in names.items():
            value = re.search(rf"--{token}: (#[0-9a-f]+);", sheet)
            assert value is not None
            assert value[1] == getattr(palette, field)
