"""What counts as a reading: units, statuses, entry errors, oxygen and consciousness; nothing is assumed."""

from __future__ import annotations

from decimal import Decimal

import pytest

from clinical.codes import LOINC, SNOMED
from clinical.records import Component, Concept, Observation, Quantity, Value
from clinical.vitals.reading import Reading
from clinical.vitals.signs import readings_of
from tests.clinical.vitals.builders import (
    ago,
    chart,
    concept,
    observation,
    oxygen,
    pressure,
    quantity,
    vital,
)


def only(sign: str, *records: Observation) -> Reading:
    (found,) = readings_of(chart(*records)).of(sign)
    return found


def test_fahrenheit_is_converted_before_anything_else() -> None:
    found = only("temperature", vital("temperature", "100.4", ago(5), unit="[degF]"))
    assert found.usable
    assert found.value == Decimal("38.0")


def test_beats_and_breaths_are_per_minute() -> None:
    assert only("pulse", vital("pulse", 88, ago(5), unit="{beats}/min")).value == 88
    assert only("respiration", vital("respiration", 18, ago(5), unit="{breaths}/min")).usable


@pytest.mark.parametrize("unit", ["", "Cel", "furlong"])
def test_a_unit_that_is_missing_or_of_another_kind_makes_a_value_unusable(unit: str) -> None:
    what = Value(quantity=Quantity(value=Decimal(88), unit=unit))
    found = only("pulse", observation(concept("8867-4"), what, ago(5)))
    assert not found.usable
    assert "unit" in found.unusable


@pytest.mark.parametrize("status", ["preliminary", "registered", "unknown", ""])
def test_only_final_amended_and_corrected_values_count(status: str) -> None:
    assert not only("pulse", vital("pulse", 88, ago(5), status=status)).usable
    assert only("pulse", vital("pulse", 88, ago(5), status="corrected")).usable


def test_a_bound_is_not_a_value() -> None:
    found = only("spo2", vital("spo2", 90, ago(5), comparator="<"))
    assert not found.usable
    assert "bound" in found.unusable


def test_fahrenheit_entered_as_celsius_is_an_entry_error_and_never_fixed() -> None:
    found = only("temperature", vital("temperature", "98.6", ago(5)))
    assert found.implausible
    assert "°F" in found.unusable
    assert found.value == Decimal("98.6")


def test_a_pressure_upside_down_makes_both_halves_doubtful() -> None:
    found = readings_of(chart(pressure(70, 110, ago(5))))
    assert [r.implausible for s in ("systolic", "diastolic") for r in found.of(s)] == [True, True]


def test_half_a_pressure_is_half() -> None:
    found = readings_of(chart(pressure(118, None, ago(5))))
    assert found.of("systolic")[0].usable
    assert found.of("diastolic") == ()


@pytest.mark.parametrize(("flow", "air"), [(0, True), (2, False), ("0.5", False)])
def test_a_flow_of_zero_is_air_and_any_other_is_oxygen(flow: object, air: bool) -> None:
    assert only("oxygen", oxygen(flow, ago(5))).air is air


def test_oxygen_as_components_of_the_saturation() -> None:
    parts = (
        Component(concept=concept("3151-8"), value=Value(quantity=quantity(3, "L/min"))),
        Component(concept=concept("3150-0"), value=Value(quantity=quantity(32, "%"))),
    )
    record = observation(concept("59408-5"), Value(quantity=quantity(94, "%")), ago(5), components=parts)  # fmt: skip
    found = readings_of(chart(record))
    assert found.of("spo2")[0].value == 94
    assert (found.of("oxygen")[0].air, found.of("oxygen")[0].flow) == (False, 3)


def test_flow_and_concentration_that_contradict_each_other_say_nothing() -> None:
    parts = (
        Component(concept=concept("3151-8"), value=Value(quantity=quantity(0, "L/min"))),
        Component(concept=concept("3150-0"), value=Value(quantity=quantity(40, "%"))),
    )
    record = observation(concept("59408-5"), Value(quantity=quantity(94, "%")), ago(5), components=parts)  # fmt: skip
    found = readings_of(chart(record)).of("oxygen")[0]
    assert found.air is None
    assert not found.usable


def test_a_saturation_without_oxygen_says_nothing_about_oxygen() -> None:
    assert readings_of(chart(vital("spo2", 97, ago(5)))).of("oxygen") == ()


@pytest.mark.parametrize(
    ("answer", "letter"),
    [
        (Value(concept=concept("130987000", "confused", SNOMED)), "C"),
        (Value(concept=concept("LA17108-4", "", LOINC)), "V"),
        (Value(string=" Alert "), "A"),
        (Value(string="alert and oriented x1"), ""),
        (Value(concept=Concept(text="sleeping")), ""),
        (Value(quantity=quantity(15, "{score}")), ""),
    ],
)
def test_consciousness_is_what_was_said_and_nothing_else(answer: Value, letter: str) -> None:
    found = only("consciousness", observation(concept("67775-7"), answer, ago(5)))
    assert found.letter == letter
    assert found.usable is bool(letter)


def test_a_coma_score_is_no_level_of_consciousness() -> None:
    coma = observation(concept("9269-2"), Value(quantity=quantity(15, "{score}")), ago(5))
    assert readings_of(chart(coma)).of("consciousness") == ()


def test_a_day_without_a_time_is_kept_and_stands_in_no_set() -> None:
    assert not only("pulse", vital("pulse", 88, "2026-11-23")).timed


def test_what_carries_no_time_is_counted() -> None:
    found = readings_of(chart(vital("pulse", 88, ago(3)), observation(concept("8867-4"), Value(quantity=quantity(90, "/min")), None)))  # fmt: skip
    assert found.undated == {"pulse": 1}


def test_a_refused_measurement_says_why() -> None:
    refused = observation(concept("8867-4"), Value(), ago(5), absent="asked-declined")
    assert only("pulse", refused).unusable == "asked declined"


def test_the_same_measurement_of_two_sources_is_one_reading_with_both() -> None:
    at = ago(5)
    found = only("pulse", vital("pulse", 88, at), vital("pulse", 88, at, server="lakeside"))
    assert {source.server for source in found.sources} == {"mercy", "lakeside"}


def test_readings_are_in_time_order_whatever_order_they_came_in() -> None:
    records = [vital("pulse", 60 + n, ago(n)) for n in (30, 2, 90, 11)]
    found = readings_of(chart(*records)).of("pulse")
    assert [r.value for r in found] == [150, 90, 71, 62]
