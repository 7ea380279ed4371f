"""A value as it is printed: never with a unit, a range or a change that nobody sent."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from clinical.records import (
    Concept,
    Observation,
    Quantity,
    ReferenceRange,
    Section,
    SectionRecords,
    Value,
)
from clinical.summary import names, spark, values
from clinical.summary.level import Judge
from clinical.summary.view_model import LabRow
from tests.clinical.reconcile.builders import amount, at, lab, patient, pressure, section
from tests.clinical.summary import anna


def number(value: str, unit: str = "") -> Value:
    return Value(quantity=Quantity(value=amount(value, "x").value, unit=unit))


def unit_of(record: Observation) -> str:
    return values.shown(Judge(None), record).unit


@pytest.mark.parametrize(
    ("name", "code", "expected"),
    [
        ("Body weight", "29463-7", "no unit"),
        ("Temperature", "8310-5", "no unit"),
        ("pH", "2744-1", ""),
        ("INR", "6301-6", ""),
    ],
)
def test_a_number_whose_unit_is_missing_says_so(name: str, code: str, expected: str) -> None:
    record = msgspec.structs.replace(lab(1, name, code), value=number("180"))
    assert unit_of(record) == expected


def test_a_pressure_without_a_unit_is_not_given_one() -> None:
    record = pressure(1, "148", "86", "2026-11-12T09:00:00Z")
    bare = msgspec.structs.replace(
        record,
        components=tuple(
            msgspec.structs.replace(part, value=number(value))
            for part, value in zip(record.components, ("148", "86"), strict=True)
        ),
    )
    assert unit_of(record) == "mmHg"
    assert unit_of(bare) == "no unit"


def range_of(value_unit: str, **fields: Any) -> str:
    record = lab(1, value="5.4", unit=value_unit)
    return values.range_text(Judge(None), msgspec.structs.replace(record, ranges=_ranges(**fields)))


def _ranges(low: str, high: str, unit: str, kind: str = "") -> tuple[ReferenceRange, ...]:
    return (
        ReferenceRange(
            low=amount(low, unit),
            high=amount(high, unit),
            type=Concept(text=kind) if kind else None,
        ),
    )


def test_a_range_in_another_unit_is_printed_with_it() -> None:
    assert range_of("mmol/L", low="70", high="99", unit="mg/dL") == "70–99 mg/dL"
    assert range_of("mmol/L", low="3.9", high="5.5", unit="mmol/L") == "3.9–5.5"


def test_a_therapeutic_range_is_named_and_gives_no_flag() -> None:
    record = msgspec.structs.replace(
        lab(1, value="25"), ranges=_ranges("10", "20", "mmol/L", "therapeutic")
    )
    assert values.range_text(Judge(None), record) == "therapeutic: 10–20"
    assert values.shown(Judge(None), record).flag == ""


@pytest.mark.parametrize(("value", "flag"), [("2.9", ""), ("4.2", ""), ("6.3", "H"), ("4.2", "N")])
def test_a_range_sent_the_wrong_way_round_is_shown_as_sent_and_decides_nothing(
    value: str, flag: str
) -> None:
    """Only what the laboratory said of the value itself counts."""
    found = row(lab(1, value=value, low="5.1", high="3.5", flag=flag))
    assert found.range == "5.1–3.5 (runs backwards)"
    assert (found.flag, found.level) == (flag.strip("N"), "ab" if flag == "H" else "")
    assert "disagree" not in found.comment
    assert found.spark.band is None


def test_the_ends_of_a_range_are_compared_in_one_unit() -> None:
    record = lab(1, "Glucose", "2345-7", "90", "mg/dL")
    mixed = ReferenceRange(low=amount("70", "mg/dL"), high=amount("5.5", "mmol/L"))
    wrong = ReferenceRange(low=amount("5.5", "mmol/L"), high=amount("70", "mg/dL"))
    for sent, told, flag in ((mixed, "70–5.5", "N"), (wrong, "5.5–70 (runs backwards)", "")):
        given = msgspec.structs.replace(record, ranges=(sent,))
        assert values.range_text(Judge(None), given).replace(" mmol/L", "") == told
        assert Judge(None).flag(given).range_flag == flag


def test_the_sex_for_clinical_use_chooses_the_range_and_the_gender_only_without_it() -> None:
    ranges = tuple(
        ReferenceRange(high=amount(high, "mmol/L"), applies_to=(Concept(text=sex),))
        for sex, high in (("female", "4"), ("male", "6"))
    )
    record = msgspec.structs.replace(lab(1, value="5"), ranges=ranges)
    flags = [
        Judge(patient(sex=sex, sex_for_clinical_use=use)).flag(record).flag
        for sex, use in (("male", ""), ("male", "female-typical"), ("male", "specified"))
    ]
    assert flags == ["", "H", ""]
    assert not Judge(patient(sex="male", sex_for_clinical_use="specified")).flag(record).known


# ---- what cannot be right -------------------------------------------------------------------------------------


def row(*records: Observation, **more: Any) -> LabRow:
    """The first row of labs or vitals on a page that holds these."""
    parts: list[SectionRecords] = [
        section(Section.PATIENT, patient(**more)),
        section(Section.LABS, *records),
    ]
    label = records[0].concept.text
    listing = {label: ("must", "lab.x")}
    page = anna.summary(parts, listing=listing, floor={})
    rows = [r for b in page.blocks for r in b.rows if isinstance(r, LabRow)]
    return next(r for r in rows if r.key)


def test_each_half_of_a_pressure_has_its_limits() -> None:
    assert "systolic pressure above 300" in Judge(None).doubt(
        pressure(1, "1200", "80", "2026-01-01")
    )
    assert "diastolic pressure below 10" in Judge(None).doubt(pressure(1, "120", "8", "2026-01-01"))
    assert Judge(None).doubt(pressure(1, "120", "80", "2026-01-01")) == ""


def test_a_result_before_birth_or_in_the_future_is_listed_and_not_drawn() -> None:
    early = row(lab(1, when="1950-01-01T09:00:00Z"))
    assert "Implausible: its time is before birth" in early.comment
    late = row(lab(1, when="2027-11-12T09:00:00Z"))
    assert "Implausible: its time is in the future" in late.comment
    for found in (early, late):
        assert found.value == "4.2"
        assert found.spark is None or not found.spark.dots
    dead = row(lab(1, when="2026-11-12T09:00:00Z"), deceased=True, deceased_at=at("2026-01-01"))
    assert "after death" in dead.comment


def test_a_weight_that_jumps_within_a_week_suspects_pounds() -> None:
    weights = [
        lab(n, "Body weight", "29463-7", value, "kg", when, category="vital-signs")
        for n, value, when in (
            (1, "82", "2026-11-10T09:00:00Z"),
            (2, "181", "2026-11-12T09:00:00Z"),
        )
    ]
    assert "lb entered as kg is suspected" in row(*weights).comment
    later = lab(3, "Body weight", "29463-7", "181", "kg", "2026-11-21T09:00:00Z")
    assert row(weights[0], later).comment == ""


def test_a_unit_that_cannot_belong_to_the_test_is_said_and_not_drawn() -> None:
    found = row(lab(1, "Glucose", "2345-7", "150", "mm[Hg]"))
    assert found.value == "150"
    assert "mm[Hg] does not belong to this test" in found.comment
    assert found.spark is None or found.spark.dots == ()
    assert row(lab(1, "ALT", "1742-6", "0.5", "ukat/L")).comment == ""


def test_no_change_is_counted_over_a_jump_that_suspects_pounds() -> None:
    weights = [
        lab(n, "Body weight", "29463-7", value, "kg", when, category="vital-signs")
        for n, value, when in (
            (1, "82", "2026-11-10T09:00:00Z"),
            (2, "181", "2026-11-12T09:00:00Z"),
        )
    ]
    assert row(*weights).since == ""


def test_a_mean_pressure_is_not_called_a_blood_pressure() -> None:
    assert names.test("Blood pressure panel mean systolic and mean diastolic") != "Blood pressure"
    assert names.test("Blood pressure systolic and diastolic") == "Blood pressure"


# ---- changes --------------------------------------------------------------------------------------------------


def test_no_change_is_counted_across_a_break() -> None:
    before = lab(1, value="4.8", when="2026-08-01T09:00:00Z", specimen="Serum")
    after = lab(2, value="5.9", when="2026-11-12T09:00:00Z", specimen="Plasma")
    assert row(before, after).since == "other specimen"
    assert row(before, msgspec.structs.replace(after, specimen="Serum")).since == "+1.1"


def test_no_change_is_counted_against_an_entry_error() -> None:
    fine = lab(1, "Temperature", "8310-5", "37.0", "Cel", "2026-08-01T09:00:00Z")
    wrong = lab(2, "Temperature", "8310-5", "98.6", "Cel", "2026-08-02T09:00:00Z")
    now = lab(3, "Temperature", "8310-5", "38.1", "Cel", "2026-11-12T09:00:00Z")
    assert row(fine, wrong, now).since == "+1.1"
    late = lab(4, "Temperature", "8310-5", "98.6", "Cel", "2026-11-13T09:00:00Z")
    assert row(fine, late).since == ""


def test_a_bound_is_no_number_to_count_with() -> None:
    before = lab(1, value="4.8", when="2026-08-01T09:00:00Z")
    bound = lab(2, when="2026-11-12T09:00:00Z", value=None)
    after = msgspec.structs.replace(
        bound, value=Value(quantity=amount("5.9", "mmol/L", comparator=">"))
    )
    assert row(before, after).since == ""
    assert row(before, after).value == ">5.9"


@pytest.mark.parametrize(("low", "high", "band"), [("3.5", "5.1", (3.5, 5.1)), ("5.1", "3.5", (None, None))])  # fmt: skip
def test_no_band_is_drawn_for_a_range_that_runs_backwards(
    low: str, high: str, band: tuple[float | None, float | None]
) -> None:
    record = lab(1, low=low, high=high)
    assert spark.ends(Judge(None), record, record.value.quantity) == band
