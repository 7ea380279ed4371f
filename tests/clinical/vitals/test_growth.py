"""Centiles against 2,000 values reckoned by another library, ages corrected for prematurity, centile spaces crossed."""

from __future__ import annotations

import csv
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from clinical.records import Chart, Value
from clinical.vitals import lms
from clinical.vitals.growth import Growth, growth
from clinical.vitals.signs import readings_of
from tests.clinical.vitals.builders import chart, concept, observation, patient, quantity, vital

BORN = datetime(2025, 1, 15, tzinfo=UTC)
NOW = BORN + timedelta(days=700)
# Reckoned by rcpchgrowth 4.6 (WHO under 24 months, CDC from then on); only its numbers are used.
REFERENCE = Path(__file__).with_name("growth_reference.csv")


def test_two_thousand_measurements_within_a_tenth_of_a_centile() -> None:
    count, far = 0, []
    with REFERENCE.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            sex: lms.Sex = "male" if row["sex"] == "male" else "female"
            place = lms.for_age(row["measure"], sex, int(row["days"]), float(row["value"]))
            assert place is not None, row
            apart = abs(place.centile - lms.centile_of(float(row["z"])))
            count += 1
            if apart > 0.1:
                far.append((row, place, apart))
    assert count == 2000
    assert far == []


@pytest.mark.parametrize(
    ("measure", "sex", "days", "median"),
    [("weight", "male", 0, 3.3464), ("length", "female", 0, 49.1477), ("weight", "female", 365, 8.9462)],
)  # fmt: skip
def test_the_published_median_is_the_fiftieth_centile(
    measure: str, sex: lms.Sex, days: int, median: float
) -> None:
    place = lms.for_age(measure, sex, days, median)
    assert place is not None
    assert place.centile == pytest.approx(50.0, abs=0.2)
    assert lms.value_at(measure, sex, days, 50.0) == pytest.approx(median, rel=0.002)


def test_outside_the_tables_there_is_no_centile() -> None:
    assert lms.for_age("head", "male", 5 * 365, 50.0) is None
    assert lms.for_age("weight", "male", 21 * 366, 70.0) is None
    assert lms.weight_for_length("male", 40.0, 3.0) is None
    assert lms.for_age("weight", "male", -3, 2.0) is None


def child(*records: object, sex: str = "female") -> Chart:
    return chart(*records, who=patient("2025-01-15", sex=sex))  # type: ignore[arg-type]


def grown(found: Chart) -> Growth:
    result = growth(found, readings_of(found), as_of=NOW)
    assert isinstance(result, Growth)
    return result


def at(days: int) -> datetime:
    return BORN + timedelta(days=days, hours=9)


def test_an_early_birth_is_counted_from_term_until_two_years() -> None:
    early = observation(concept("76516-4"), Value(quantity=quantity(30, "wk")), at(0))
    plain = grown(child(vital("weight", "6.0", at(120))))
    corrected = grown(child(vital("weight", "6.0", at(120)), early))
    (one,) = plain.by_measure["weight"]
    (other,) = corrected.by_measure["weight"]
    assert one.corrected_days is None
    assert (other.age_days, other.corrected_days) == (120, 50)
    assert other.place is not None
    assert one.place is not None
    assert other.place.centile > one.place.centile
    assert corrected.gestation == early.source


def test_a_birth_at_term_is_not_corrected() -> None:
    term = observation(concept("76516-4"), Value(quantity=quantity(38, "wk")), at(0))
    (one,) = grown(child(vital("weight", "6.0", at(120)), term)).by_measure["weight"]
    assert one.corrected_days is None


def test_before_term_there_is_no_line_and_it_says_so() -> None:
    early = observation(concept("76516-4"), Value(quantity=quantity(28, "wk")), at(0))
    (one,) = grown(child(vital("weight", "1.2", at(20)), early)).by_measure["weight"]
    assert one.place is None
    assert one.why == "before term: no line"


def crossed(*centiles: float) -> list[int]:
    """Of a girl weighed every 30 days, by the centiles that she was on."""
    days = [200 + 30 * n for n in range(len(centiles))]
    weights = [lms.value_at("weight", "female", day, c) for day, c in zip(days, centiles, strict=True)]  # fmt: skip
    found = grown(child(*(vital("weight", f"{w:.5f}", at(day)) for w, day in zip(weights, days, strict=True))))  # fmt: skip
    return [one.crossed for one in found.by_measure["weight"]]


@pytest.mark.parametrize(
    ("centiles", "moves"),
    [
        ((75.2, 74.0), [0, 0]),  # over a line, but hardly moved
        ((74.0, 26.0), [0, -1]),  # 1.9 spaces
        ((75.01, 24.99), [0, -2]),
        ((60.0, 36.0), [0, 0]),
        ((62.5, 36.0), [0, -1]),  # from midway to midway
        ((36.0, 63.0), [0, 1]),
        ((75.0, 66.0, 57.0, 49.0), [0, 0, 0, -1]),  # slowly
        ((50.0, 70.0, 44.0, 43.0), [0, 0, -1, 0]),  # from the highest place; then counted anew
        ((1.0, 0.6), [0, 0]),
        ((2.0, 0.05), [0, -3]),  # under the lowest line its space goes on
    ],
)
def test_only_a_whole_space_between_the_lines_counts(
    centiles: tuple[float, ...], moves: list[int]
) -> None:
    assert crossed(*centiles) == moves


def test_crossing_spaces_is_counted_with_its_direction() -> None:
    found = grown(child(vital("weight", "8.0", at(180)), vital("weight", "7.6", at(300))))
    first, second = found.by_measure["weight"]
    assert first.crossed == 0
    assert second.crossed <= -2


def test_weight_and_length_of_one_day_make_weight_for_length() -> None:
    length = observation(concept("8302-2"), Value(quantity=quantity(70, "cm")), at(250))
    found = grown(child(vital("weight", "8.1", at(250)), length))
    (one,) = found.by_measure["weight-for-length"]
    assert one.place is not None
    assert one.place.reference == "WHO 2006"
    assert len(one.sources) == 2


@pytest.mark.parametrize(
    ("who", "words"),
    [
        (patient(None), "birth date is not known"),
        (patient("2025-01"), "birth date is not known"),
        (patient("1990-01-01"), "older than 20"),
        (patient("2025-01-15", sex="unknown"), "recorded sex"),
    ],
)
def test_without_what_the_references_need_it_says_why(who: object, words: str) -> None:
    found = chart(vital("weight", "8", at(250)), who=who)  # type: ignore[arg-type]
    result = growth(found, readings_of(found), as_of=NOW)
    assert isinstance(result, str)
    assert words in result
