"""Units that a site prefers: what is shown changes, what was reported and how it is judged does not."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from clinical import units
from clinical.records import Observation, ReferenceRange, Section, Value
from clinical.summary import Site, summarise, values
from clinical.summary.level import Judge
from clinical.summary.opened import opened
from clinical.summary.view_model import LabRow
from clinical.summary.view_opened import Opened
from tests.clinical.reconcile.builders import NOW, amount, lab, patient, section
from tests.clinical.summary import anna
from tests.clinical.summary.ranked import ranking

EUROPE = Site(
    zone="America/Chicago",
    names=anna.SITE.names,
    units=units.preferred({"glucose": "mmol/L", "creatinine": "umol/L", "temperature": "Cel"}),
)


def shown(*records: Observation, site: Site = EUROPE) -> tuple[LabRow, Opened]:
    parts = [section(Section.PATIENT, patient()), section(Section.LABS, *records)]
    chart = anna.chart(parts)
    ranked = ranking(chart, {records[0].concept.text: ("must", "lab.x")})
    page = summarise(chart, ranked, states=chart.states, site=site, viewer=anna.VIEWER, as_of=NOW)
    row = next(r for b in page.blocks for r in b.rows if isinstance(r, LabRow))
    found = opened(chart, ranked, row.key, site=site, viewer=anna.VIEWER, as_of=NOW)
    assert found is not None
    return row, found


def glucose(value: str = "90", unit: str = "mg/dL", **more: Any) -> Observation:
    code = "2345-7" if unit == "mg/dL" else "14749-6"
    return lab(more.pop("number", 1), "Glucose", code, value, unit, **more)


def test_the_preferred_unit_is_shown_and_the_reported_one_kept() -> None:
    row, found = shown(glucose(low="70", high="99"))
    assert (row.value, row.unit, row.range) == ("5.00", "mmol/L", "3.89–5.50")
    assert found.values[0].note == "Reported: 90 mg/dL."
    assert shown(glucose(), site=anna.SITE)[0].value == "90"


def test_a_value_that_is_already_in_it_is_left_exactly_as_it_was() -> None:
    row, found = shown(glucose("5.10", "mmol/L"))
    assert (row.value, row.unit, found.values[0].note) == ("5.10", "mmol/L", "")


def test_the_flag_is_that_of_the_reported_value() -> None:
    just_above, _ = shown(glucose("99.4", low="70", high="99.4"))
    assert (just_above.flag, just_above.level) == ("", "")
    above, _ = shown(glucose("99.5", low="70", high="99.4"))
    assert (above.flag, above.level) == ("H", "ab")


def test_two_units_of_one_row_are_read_in_one() -> None:
    before = glucose("90", number=1, when="2026-08-01T09:00:00Z")
    after = glucose("7.0", "mmol/L", number=2, when="2026-11-12T09:00:00Z")
    row, found = shown(before, after)
    assert row.since == "+2.00"
    assert [line.value for line in found.values] == ["7.0", "5.00"]
    assert row.spark is not None
    assert row.spark.words == "2 values, rising from 5 to 7"


def test_a_comparator_stays() -> None:
    record = glucose("20")
    bound = msgspec.structs.replace(
        record, value=Value(quantity=amount("20", "mg/dL", comparator="<"))
    )
    assert shown(bound)[0].value == "<1.11"


def test_what_may_not_be_converted_stays_as_reported() -> None:
    odd = lab(1, "Creatinine", "2160-0", "1.3", "mg/g")
    row, _ = shown(odd)
    assert (row.value, row.unit) == ("1.3", "mg/g")
    unknown = lab(1, "Vitamin X", "99999-9", "1.3", "mg/dL")
    assert shown(unknown)[0].unit == "mg/dL"


def test_the_band_is_drawn_in_the_unit_of_the_line() -> None:
    near, _ = shown(glucose("98", low="70", high="99"))
    same, _ = shown(glucose("98", low="70", high="99"), site=anna.SITE)
    assert near.spark is not None
    assert same.spark is not None
    assert near.spark.band is not None
    assert near.spark.band == pytest.approx(same.spark.band, abs=0.4)


def test_a_band_in_a_unit_that_cannot_be_read_is_not_drawn() -> None:
    odd = msgspec.structs.replace(
        lab(1, "Vitamin X", "99999-9", "50", "mg/dL"),
        ranges=(ReferenceRange(low=amount("1", "mmol/L"), high=amount("60", "mmol/L")),),
    )
    row, _ = shown(odd, site=anna.SITE)
    assert row.range == "1–60 mmol/L"
    assert row.spark is not None
    assert row.spark.band is None


@pytest.mark.parametrize(
    ("choice", "words"),
    [
        ({"glucose": "mm[Hg]"}, "cannot be given in"),
        ({"glucose": "K/uL"}, "cannot be given in"),
        ({"sugar": "mmol/L"}, "is none of"),
        ({"temperature": "C"}, "cannot be given in"),
    ],
)
def test_a_choice_that_makes_no_sense_is_refused(choice: dict[str, str], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        units.preferred(choice)


def test_an_earlier_value_beside_a_later_one_is_in_its_unit() -> None:
    judge = Judge(None)
    before = lab(1, "Creatinine", "2160-0", "1.3", "mg/dL")
    after = lab(2, "Creatinine", "14682-9", "150", "umol/L")
    assert values.was(judge, before, after) == "115"
    odd = lab(3, "Creatinine", "2160-0", "1.3", "mg/g")
    assert values.was(judge, odd, after) == "1.3 mg/g"
