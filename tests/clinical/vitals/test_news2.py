"""NEWS2: every cell and boundary of the published chart, missing parts, and 10,000 sets against a second reckoning."""

from __future__ import annotations

import random
from datetime import timedelta
from decimal import Decimal
from itertools import pairwise

import pytest

from clinical.vitals.assess import assess
from clinical.vitals.news2 import PARTS, score
from clinical.vitals.policy import DEFAULT
from clinical.vitals.reading import Reading
from clinical.vitals.signs import readings_of
from tests.clinical.vitals.builders import NOW, ago, chart, full_set, vital
from tests.clinical.vitals.slow_news2 import CHART, HIGHEST, slow_band, slow_score

RECORD = vital("pulse", 70, NOW)


def reading(key: str, value: object) -> Reading:
    if key == "oxygen":
        return Reading(sign=key, at=NOW, record=RECORD, air=not value)
    if key == "consciousness":
        return Reading(sign=key, at=NOW, record=RECORD, letter=str(value))
    return Reading(sign=key, at=NOW, record=RECORD, value=Decimal(str(value)))


def points(values: dict, key: str, scale: int = 1) -> int | None:
    made = {name: reading(name, value) for name, value in values.items()}
    return score(made, scale=scale).part(key).points  # type: ignore[arg-type]


def _edges() -> list[tuple[str, int, int]]:
    """Both ends of every row of the chart, and one inside."""
    return [
        (column, value, worth)
        for column, low, high, worth in CHART
        for value in {low, high, (low + high) // 2}
    ]


@pytest.mark.parametrize(("column", "value", "worth"), _edges())
def test_every_cell_of_the_chart_at_both_ends(column: str, value: int, worth: int) -> None:
    key = column.split("-")[0]
    scale = 2 if column.startswith("spo2-2") else 1
    measured = Decimal(value) / 10 if key == "temperature" else Decimal(value)
    values: dict = {key: measured}
    if column == "spo2-2-air":
        values["oxygen"] = False
    if column == "spo2-2-oxygen":
        values["oxygen"] = True
    assert points(values, key, scale) == worth


@pytest.mark.parametrize(("letter", "worth"), [("A", 0), ("C", 3), ("V", 3), ("P", 3), ("U", 3)])
def test_anything_but_alert_scores_three(letter: str, worth: int) -> None:
    assert points({"consciousness": letter}, "consciousness") == worth


def test_the_chart_has_no_gap_and_no_overlap() -> None:
    for column in {name for name, *_ in CHART}:
        rows = sorted((low, high) for name, low, high, _ in CHART if name == column)
        assert all(one[1] + 1 == other[0] for one, other in pairwise(rows))


@pytest.mark.parametrize(
    ("key", "value", "worth"),
    [
        ("temperature", "35.04", 3), ("temperature", "35.05", 1), ("temperature", "38.04", 0),
        ("temperature", "38.05", 1), ("temperature", "39.05", 2), ("respiration", "20.4", 0),
        ("respiration", "20.5", 2), ("pulse", "90.5", 1), ("systolic", "90.5", 2), ("spo2", "95.5", 0),
    ],
)  # fmt: skip
def test_values_are_rounded_before_they_are_banded(key: str, value: str, worth: int) -> None:
    assert points({key: value}, key) == worth


def _random_value(key: str, dice: random.Random) -> object:
    if key == "oxygen":
        return dice.random() < 0.5
    if key == "consciousness":
        return dice.choice("ACVPU")
    low, high = {
        "respiration": (3, 60), "spo2": (60, 100), "systolic": (50, 260), "pulse": (20, 200), "temperature": (33, 42),
    }[key]  # fmt: skip
    places = dice.choice([0, 1, 2]) if key == "temperature" else dice.choice([0, 0, 1])
    return Decimal(str(round(dice.uniform(low, high), places)))


def test_ten_thousand_random_sets_against_a_second_reckoning() -> None:
    dice = random.Random(2017)
    different = []
    for _ in range(10_000):
        scale = dice.choice([1, 2])
        values = {key: _random_value(key, dice) for key in HIGHEST if dice.random() < 0.9}
        if not values:
            continue
        found = score({key: reading(key, value) for key, value in values.items()}, scale=scale)  # type: ignore[arg-type]
        least, most, parts = slow_score(values, scale)
        mine = (found.least, found.most, [part.points for part in found.parts], found.band)
        if mine != (least, most, parts, slow_band(least, parts)):
            different.append((values, scale, mine))
    assert different == []


def test_missing_parts_lower_nothing_and_raise_only_the_most() -> None:
    dice = random.Random(7)
    for _ in range(500):
        values = {key: _random_value(key, dice) for key in HIGHEST}
        whole = score({k: reading(k, v) for k, v in values.items()}, scale=1)
        left_out = dice.choice(list(HIGHEST))
        less = score({k: reading(k, v) for k, v in values.items() if k != left_out}, scale=1)
        assert not less.complete
        assert less.least <= whole.least <= less.most


def test_the_reckoning_over_a_chart_is_the_same_as_over_its_values() -> None:
    dice = random.Random(99)
    for _ in range(200):
        values = {key: _random_value(key, dice) for key in HIGHEST}
        as_sent = dict(values, oxygen=2 if values["oxygen"] else 0)
        found = chart(full_set(ago(10), **as_sent))
        assessed = assess(found, readings_of(found), policy=DEFAULT, as_of=NOW)
        assert assessed.current is not None
        assert assessed.current.score is not None
        least, most, _ = slow_score(values, 1)
        assert (assessed.current.score.least, assessed.current.score.most) == (least, most)


@pytest.mark.parametrize("key", PARTS)
def test_a_part_that_is_not_usable_is_missing_with_its_reason(key: str) -> None:
    values = {k: reading(k, v) for k, v in {
        "respiration": 16, "spo2": 97, "oxygen": False, "systolic": 120, "pulse": 70,
        "consciousness": "A", "temperature": "36.8"}.items()}  # fmt: skip
    values[key] = Reading(sign=key, at=NOW, record=RECORD, unusable="preliminary")
    found = score(values, scale=1)
    assert found.part(key).points is None
    assert found.part(key).why == "preliminary"
    assert (found.measured, found.least, found.most) == (6, 0, HIGHEST[key])


def test_a_set_is_dated_by_its_newest_and_its_oldest_measurement() -> None:
    found = chart(full_set(ago(30), temperature=None), vital("temperature", "37.9", ago(20)))
    assessed = assess(found, readings_of(found), policy=DEFAULT, as_of=NOW)
    assert assessed.current is not None
    assert assessed.current.score is not None
    assert assessed.current.score.complete
    assert assessed.current.score.at - assessed.current.score.since == timedelta(minutes=10)
