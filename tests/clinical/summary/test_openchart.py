"""The axis of an opened row and of a table: hours in the ED, months in a clinic, and what is older is counted."""

from __future__ import annotations

import re

import pytest

from clinical.records import Series
from clinical.summary import openchart
from clinical.summary.view_model import LabRow
from clinical.summary.view_opened import OpenChart
from tests.clinical.summary.test_authored import desk_of, page

LEFT_EDGE = 44.0  # where the axis begins; a mark that is older would be pressed onto it


def _row(patient: str, label: str) -> Series:
    found = page("mercy", patient).chart.series
    return max((r for r in found if r.label.startswith(label)), key=lambda r: len(r.points))


def chart(patient: str, label: str) -> OpenChart:
    drawn = openchart.build(desk_of(page("mercy", patient)), _row(patient, label))
    assert drawn is not None
    return drawn


@pytest.mark.parametrize(
    ("patient", "aside"),
    [("ed-chest-pain", "24 hours"), ("ward-sepsis", "5 days"), ("t2dm-ckd", "24 months")],
)
def test_the_labs_of_a_setting_have_its_time_axis(patient: str, aside: str) -> None:
    labs = next(b for b in page("mercy", patient).summary.blocks if b.key == "labs")
    assert labs.aside == aside


def test_in_the_ed_the_troponins_of_the_stay_are_drawn_by_the_hour_of_the_site() -> None:
    drawn = chart("ed-chest-pain", "Troponin I.cardiac [Mass/volume] in Serum or Plasma by High")
    assert [dot.label for dot in drawn.dots if dot.label][-1] == "96"
    texts = [text for _, text in drawn.x_labels]
    assert all(re.fullmatch(r"\d\d:\d\d", text) for text in texts)
    # 16:20 in UTC is 10:20 at the site: the stay began at 06:20.
    assert "06:00" < texts[0] < texts[-1] < "10:20"
    assert drawn.aside == ""


def test_the_trend_of_one_row_of_the_ed_spans_the_day() -> None:
    labs = next(b for b in page("mercy", "ed-chest-pain").summary.blocks if b.key == "labs")
    row = next(r for r in labs.rows if isinstance(r, LabRow) and r.name == "Creatinine")
    assert row.spark is not None
    assert len(row.spark.dots) == 1


def test_one_value_of_the_stay_is_drawn_beside_the_earlier_ones() -> None:
    drawn = chart("ed-chest-pain", "Potassium")
    assert len(drawn.dots) == 4
    assert drawn.aside == ""


def test_a_clinic_draws_24_months_and_counts_what_is_older() -> None:
    row = _row("twenty-years", "Creatinine")
    drawn = chart("twenty-years", "Creatinine")
    assert drawn.aside.startswith("24 months, ")
    older = int(drawn.aside.split()[2])
    assert older > 0
    assert 2 <= len(drawn.dots) < len(row.points)
    assert len(drawn.dots) + older <= len(row.points)
    assert drawn.aside in drawn.words
    assert all(re.fullmatch(r"[A-Z][a-z]{2}-\d{4}", text) for _, text in drawn.x_labels)


def test_no_medicine_mark_stands_before_the_axis_begins() -> None:
    for patient in ("twenty-years", "t2dm-ckd", "ward-sepsis", "heart-failure"):
        desk = desk_of(page("mercy", patient))
        for row in desk.chart.series[:60]:
            drawn = openchart.build(desk, row)
            for lane in drawn.lanes if drawn is not None else ():
                marks = [*lane.stops, *(x for x, _ in lane.starts)]
                assert all(x > LEFT_EDGE for x in marks), (row.label, lane.name)
                assert lane.bars or marks, (row.label, lane.name)
