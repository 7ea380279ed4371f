"""What is usual at a child's age: whole, without gaps, in words beside the value and nowhere in a judgement."""

from __future__ import annotations

from datetime import UTC, timedelta
from itertools import pairwise

import pytest

from clinical.records import Chart
from clinical.vitals.child_ranges import SOURCE, table, usual_of
from clinical.vitals.flowsheet import flowsheet, ward

from .builders import NOW, ago, chart, patient, vital


def _aged(years: float, *records: object) -> Chart:
    birth = (NOW - timedelta(days=years * 365.25)).date().isoformat()
    return chart(*records, who=patient(birth))  # type: ignore[arg-type]


@pytest.mark.parametrize("sign", ["respiration", "pulse"])
def test_the_ages_of_a_table_follow_each_other_until_eighteen(sign: str) -> None:
    rows = [one for one in table() if one.sign == sign]
    assert (rows[0].from_year, rows[-1].below_year) == (0, 18)
    assert all(one.below_year == after.from_year for one, after in pairwise(rows))
    assert all(one.low < one.high for one in rows)
    assert all(one.low >= after.low and one.high >= after.high for one, after in pairwise(rows))


@pytest.mark.parametrize(
    ("years", "respiration", "pulse"),
    [(0.2, "30–40", "110–160"), (1.5, "25–35", "100–150"), (4.01, "25–30", "95–140"),
     (5.01, "20–25", "80–120"), (17.9, "15–20", "60–100")],
)  # fmt: skip
def test_every_age_has_its_range(years: float, respiration: str, pulse: str) -> None:
    found = usual_of(_aged(years), NOW)
    assert f"usual {respiration} at " in found["respiration"]
    assert f"usual {pulse} at " in found["pulse"]


@pytest.mark.parametrize("birth", ["2008-11-23", "1951-03-14", None])
def test_an_adult_and_an_unknown_age_have_none(birth: str | None) -> None:
    assert usual_of(chart(who=patient(birth)), NOW) == {}


def test_the_range_stands_beside_the_value_and_judges_nothing() -> None:
    found = _aged(4.01, vital("pulse", 170, ago(5)), vital("temperature", 37, ago(5)))
    sheet = flowsheet(ward(found, as_of=NOW, zone=UTC), zone=UTC)
    pulse = next(row for row in sheet.rows if row.key == "pulse")
    assert pulse.how == "usual 95–140 at 4 y"
    assert (pulse.flag, pulse.level, pulse.points, pulse.trend.band) == ("", "", "", None)
    assert next(row for row in sheet.rows if row.key == "temperature").how == ""
    assert SOURCE in sheet.limits_words
    assert "no score" in sheet.limits_words
