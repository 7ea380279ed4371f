"""Growth charts: the lines are those of the tables, the points stand where they were measured, nothing is joined that
is not one reference."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import pytest

from clinical.records import Chart, Value
from clinical.vitals import lms
from clinical.vitals.growth import growth
from clinical.vitals.growth_chart import GrowthChart, growth_chart
from clinical.vitals.growth_view import GrowthView, growth_view
from clinical.vitals.signs import readings_of

from .builders import NOW, chart, concept, observation, patient, quantity, vital

CODES = {"length": ("8302-2", "cm"), "head": ("9843-4", "cm")}


def _child(years: float, *measured: tuple[str, float, float], **more: object) -> Chart:
    """(sign, value, days ago) of a boy of this age."""
    birth = (NOW - timedelta(days=years * 365.25)).date().isoformat()
    records = [
        vital("weight", value, NOW - timedelta(days=days))
        if sign == "weight"
        else observation(
            concept(CODES[sign][0]),
            Value(quantity=quantity(value, CODES[sign][1])),
            NOW - timedelta(days=days),
        )
        for sign, value, days in measured
    ]
    return chart(*records, who=patient(birth, sex="male", **more))


def _view(found: Chart) -> GrowthView:
    made = growth_view(found, readings_of(found), as_of=NOW)
    assert made is not None
    return made


def _chart(found: Chart, measure: str = "weight") -> GrowthChart:
    rows = growth(found, readings_of(found), as_of=NOW)
    assert not isinstance(rows, str)
    made = growth_chart(measure, rows.sex, rows.by_measure[measure])
    assert made is not None
    return made


THREE = _child(3, ("weight", 9.4, 800), ("weight", 12.1, 400), ("weight", 14.2, 2))


def test_every_printed_line_is_there_and_the_higher_ones_lie_higher() -> None:
    drawn = _chart(THREE)
    assert [line.label for line in drawn.lines] == [f"{line:g}" for line in lms.LINES]
    assert all(low.y > high.y for low, high in pairwise(drawn.lines))


def test_lines_of_two_references_are_not_joined() -> None:
    drawn = _chart(THREE)
    assert drawn.switch is not None
    for line in drawn.lines:
        who, cdc = line.segments
        assert float(who.split()[-1].split(",")[0]) < drawn.switch
        assert float(cdc.split()[0].split(",")[0]) >= drawn.switch


def test_a_child_on_the_median_stands_on_the_median() -> None:
    value = lms.value_at("weight", "male", 365, 50.0)
    assert value is not None
    birth_days = 365
    found = _child(birth_days / 365.25, ("weight", round(value, 4), 0))
    drawn = _chart(found)
    median = next(line for line in drawn.lines if line.label == "50")
    points = [tuple(map(float, place.split(","))) for place in median.segments[0].split()]
    near = min(points, key=lambda place: abs(place[0] - drawn.dots[0].x))
    assert near[1] == pytest.approx(drawn.dots[0].y, abs=1.0)


def test_points_stand_in_the_order_of_age_and_inside_the_picture() -> None:
    drawn = _chart(THREE)
    assert len(drawn.dots) == 3
    assert all(one.x < other.x for one, other in pairwise(drawn.dots))
    assert all(0 <= dot.y <= 220 for dot in drawn.dots)
    assert drawn.words.startswith("3 measurements on published centile lines, newest 14.2")
    assert 2 <= len(drawn.ticks) <= 7
    assert 2 <= len(drawn.levels) <= 8


def test_the_newest_of_a_school_child_has_years_on_its_axis() -> None:
    old = _child(12, ("weight", 22.0, 2000), ("weight", 41.0, 3))
    assert next(words for _, words in _chart(old).ticks).endswith("y")


def test_a_measurement_that_no_table_covers_is_drawn_hollow_and_says_why() -> None:
    found = _child(4, ("head", 47.0, 800), ("head", 50.5, 2))
    drawn = _chart(found, "head")
    assert [dot.outside for dot in drawn.dots] == [False, True]
    assert drawn.words.endswith("outside the published tables")


def test_the_view_has_a_chart_beside_every_table_over_age() -> None:
    found = _child(3, ("weight", 14.2, 2), ("length", 95.0, 2), ("weight", 10.8, 500), ("length", 80.0, 500))  # fmt: skip
    view = _view(found)
    charts = {table.name: table.chart is not None for table in view.tables}
    assert charts == {
        "Weight": True, "Length or height": True, "BMI (calc)": True, "Weight for length (calc)": False,
    }  # fmt: skip
    (weight, *_) = view.tables
    assert [line.value for line in weight.lines] == ["14.2", "10.8"]
    assert weight.lines[0].centile.endswith(("th", "st", "nd", "rd"))
    assert weight.lines[0].age == "3.0 y"


def test_without_a_recorded_sex_there_is_no_chart_and_the_reason_is_said() -> None:
    birth = (NOW - timedelta(days=900)).date().isoformat()
    found = chart(vital("weight", 12, NOW), who=patient(birth, sex=""))
    view = _view(found)
    assert view.tables == ()
    assert "male or female" in view.refused


def test_an_adult_has_no_growth() -> None:
    found = chart(vital("weight", 71, NOW))
    assert growth_view(found, readings_of(found), as_of=NOW) is None
