"""Sets of measurements, for whom there is a score, which saturation scale, and the source's own score."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clinical.codes import ICD10CM, SNOMED
from clinical.dates import parse_period
from clinical.records import Chart, Concept, Goal, Value
from clinical.vitals.assess import Assessment, assess
from clinical.vitals.news2 import PARTS
from clinical.vitals.policy import DEFAULT
from clinical.vitals.sets import WITHIN, sets_of
from clinical.vitals.signs import readings_of
from tests.clinical.vitals.builders import (
    NOW,
    ago,
    chart,
    concept,
    flag,
    full_set,
    observation,
    order,
    patient,
    pressure,
    problem,
    quantity,
    source,
    time,
    vital,
)


def assessed(found: Chart) -> Assessment:
    return assess(found, readings_of(found), policy=DEFAULT, as_of=NOW)


def measured(found: Chart) -> list[tuple[float, int]]:
    """(minutes ago, how many parts) of each set, newest first."""
    sets = sets_of(readings_of(found))
    return [((NOW - one.at).total_seconds() / 60, len(one.chosen)) for one in reversed(sets)]


# ---- sets --------------------------------------------------------------------------------------------------------


def test_what_completes_a_set_within_half_an_hour_belongs_to_it() -> None:
    found = chart(full_set(ago(40), temperature=None), vital("temperature", "37.9", ago(10)))
    assert measured(found) == [(10, 7)]


def test_what_comes_a_minute_too_late_does_not() -> None:
    found = chart(full_set(ago(41), temperature=None), vital("temperature", "37.9", ago(10)))
    assert measured(found) == [(10, 1), (41, 6)]


def test_a_repeated_pulse_does_not_hide_the_full_set_before_it() -> None:
    found = chart(full_set(ago(20), pulse=140), vital("pulse", 96, ago(10)))
    (only,) = sets_of(readings_of(found))
    assert only.chosen["pulse"].value == 96
    assert only.repeats == 1


def test_full_sets_every_half_hour_stay_apart() -> None:
    found = chart(*(full_set(ago(30 * n)) for n in range(1, 5)))
    assert measured(found) == [(30, 7), (60, 7), (90, 7), (120, 7)]


def test_a_newer_value_that_cannot_be_used_does_not_replace_a_good_one() -> None:
    found = chart(full_set(ago(20)), vital("temperature", "98.6", ago(10)))
    (only,) = sets_of(readings_of(found))
    assert only.chosen["temperature"].usable


def test_of_two_values_at_one_moment_the_worse_counts() -> None:
    at = ago(5)
    for first, second in ((88, 132), (132, 88)):
        found = chart(vital("pulse", first, at), vital("pulse", second, at, server="lakeside"))
        (only,) = sets_of(readings_of(found))
        assert only.chosen["pulse"].value == 132


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(["respiration", "spo2", "pulse", "temperature"]), st.integers(0, 300)),
        min_size=1, max_size=25,
    )
)  # fmt: skip
def test_every_reading_stands_in_one_set_and_no_set_is_longer_than_half_an_hour(
    taken: list[tuple[str, int]],
) -> None:
    records = [vital(kind, 60 if kind != "temperature" else 37, ago(m)) for kind, m in taken]
    found = chart(*records)
    readings = readings_of(found)
    sets = sets_of(readings)
    total = sum(len(readings.of(key)) for key in PARTS)
    assert sum(len(one.chosen) + one.repeats for one in sets) == total
    for one in sets:
        assert all(one.at - reading.at <= WITHIN for reading in one.chosen.values())


# ---- for whom ----------------------------------------------------------------------------------------------------


def standing(*records: Any, who: Any = None) -> tuple[str, str]:
    found = assessed(chart(full_set(ago(10)), *records, who=who))
    return found.standing, found.not_for


@pytest.mark.parametrize(
    ("birth", "why"),
    [
        ("2010-11-25", "under 16"),
        ("2010-11-24", ""),
        ("2010", "age not known exactly"),
        ("2009", ""),
        (None, "age not known"),
    ],
)
def test_not_under_sixteen_and_not_without_an_age(birth: str | None, why: str) -> None:
    assert standing(who=patient(birth))[1] == why


def pregnancy(code: str, days_ago: int) -> Any:
    answer = Value(concept=concept(code, "", SNOMED))
    return observation(concept("82810-3"), answer, NOW - timedelta(days=days_ago), category="social-history")  # fmt: skip


def test_not_in_pregnancy_but_again_after_it() -> None:
    assert standing(pregnancy("77386006", 30))[1] == "pregnant"
    assert standing(pregnancy("77386006", 400))[1] == ""
    assert standing(pregnancy("77386006", 100), pregnancy("60001007", 5))[1] == ""


def test_a_dating_in_its_time_is_a_pregnancy() -> None:
    due = observation(concept("11778-8"), Value(other="2027-03-01"), NOW - timedelta(days=60))
    over = observation(concept("11778-8"), Value(other="2026-03-01"), NOW - timedelta(days=400))
    assert standing(due)[1] == "pregnant"
    assert standing(over)[1] == ""


def test_a_problem_of_an_old_pregnancy_does_not_count_for_ever() -> None:
    old = problem(ICD10CM, "Z34.02", onset=time("2019-03-01"))
    now = problem(ICD10CM, "Z34.02", onset=time("2026-08-01"))
    assert standing(old)[1] == ""
    assert standing(now)[1] == "pregnant"


@pytest.mark.parametrize(
    ("record", "why"),
    [
        (flag("Comfort measures only", "2026-11-20"), "end-of-life care"),
        (flag("Comfort measures only", "2026-11-20", status="inactive"), ""),
        (flag("Not for comfort care", "2026-11-20"), ""),
        (order("Hospice care", "2026-11-20T10:00:00Z"), "end-of-life care"),
        (order("Hospice care", "2026-11-20T10:00:00Z", status="revoked"), ""),
        (problem(ICD10CM, "Z51.5", "palliative care"), "end-of-life care"),
        (order("Do not resuscitate", "2026-11-20T10:00:00Z"), ""),
        (problem(ICD10CM, "C34.90", "lung cancer"), ""),
    ],
)
def test_not_at_the_end_of_life_but_a_dnr_order_is_no_such_thing(record: Any, why: str) -> None:
    assert standing(record)[1] == why


def test_who_is_not_scored_is_not_called_unmeasured_or_low() -> None:
    found = assessed(chart(full_set(ago(10)), who=patient("2015-01-01")))
    assert found.standing == "not for this patient"
    assert all(one.score is None for one in found.scored)


# ---- how it stands -----------------------------------------------------------------------------------------------


def test_standing_of_a_full_set_a_part_and_an_old_one() -> None:
    assert assessed(chart(full_set(ago(10)))).standing == "scored"
    assert assessed(chart(full_set(ago(10), oxygen=None))).standing == "incomplete"
    assert assessed(chart(full_set(ago(60 * 9)))).standing == "unmeasured"
    assert assessed(chart()).standing == "unmeasured"


def test_a_set_in_the_future_is_not_the_current_one() -> None:
    found = assessed(chart(full_set(ago(50)), full_set(ago(-120), pulse=140)))
    assert found.current is not None
    assert found.current.at == ago(50)


def test_nothing_is_carried_over_from_the_set_before() -> None:
    found = assessed(chart(full_set(ago(120), consciousness="C"), full_set(ago(10), consciousness=None)))  # fmt: skip
    assert found.current is not None
    assert found.current.score is not None
    assert (found.current.score.least, found.current.score.most) == (0, 3)


# ---- scale 2 -----------------------------------------------------------------------------------------------------


def scale(*records: Any) -> tuple[int, str]:
    found = assessed(chart(full_set(ago(10), spo2=90), *records))
    assert found.current is not None
    assert found.current.score is not None
    return found.current.score.scale, found.current.decision.unusable


TARGET = "Target SpO2 88-92 %, NEWS2 SpO2 scale 2"


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        (flag(TARGET, "2026-11-22T11:20:00Z"), 2),
        (flag("Oxygen target 88–92%", "2026-11-22"), 2),
        (order("Titrate oxygen to 88 to 92 %", "2026-11-22T11:20:00Z"), 2),
        (order("Oxygen", "2026-11-22T11:20:00Z", notes=("keep SpO2 88-92",)), 2),
        (order(TARGET, "2026-11-22T11:20:00Z", status="revoked"), 1),
        (order(TARGET, "2026-11-22T11:20:00Z", avoid=True), 1),
        (flag(TARGET, "2026-11-22", status="inactive"), 1),
        (flag(TARGET, None, period=parse_period("2026-11-20", "2026-11-22")), 1),
        (flag("Target is not 88-92 %", "2026-11-22"), 1),
        (flag("Target 94-98 %, formerly 88-92 %", "2026-11-22"), 1),
        (flag("Bed 88, room 92", "2026-11-22"), 1),
        (problem(ICD10CM, "J44.1", "COPD with hypercapnic respiratory failure"), 1),
    ],
)
def test_scale_two_only_on_a_recorded_decision(record: Any, expected: int) -> None:
    assert scale(record)[0] == expected


def test_a_note_without_author_or_time_decides_nothing_and_is_named() -> None:
    assert scale(flag(TARGET, "2026-11-22", author="")) == (
        1,
        "a target of 88 to 92 % names no author",
    )
    assert scale(flag(TARGET, None)) == (1, "a target of 88 to 92 % carries no time")
    goal = Goal(source=source(kind="Goal"), concept=Concept(text=TARGET), start=time("2026-11-22"))
    assert scale(goal)[0] == 1


def test_a_later_decision_for_the_usual_target_ends_scale_two() -> None:
    two = flag(TARGET, "2026-11-20T10:00:00Z")
    one = order("Target SpO2 94-98 %", "2026-11-22T10:00:00Z")
    assert scale(two, one)[0] == 1
    assert scale(one, flag(TARGET, "2026-11-23T10:00:00Z"))[0] == 2


def test_a_decision_does_not_reach_back_before_it_was_made() -> None:
    decision = flag(TARGET, ago(60).isoformat().replace("+00:00", "Z"))
    found = assessed(chart(full_set(ago(120), spo2=90), full_set(ago(10), spo2=90), decision))
    assert [one.score.scale for one in found.scored if one.score is not None] == [1, 2]


# ---- the source's own score --------------------------------------------------------------------------------------


def own(total: object, at: Any) -> Any:
    return observation(concept("1104051000000101", "NEWS2 total", SNOMED), Value(quantity=quantity(total, "{score}")), at)  # fmt: skip


def test_the_own_score_of_the_source_stands_beside_ours_and_a_difference_is_said() -> None:
    same = assessed(chart(full_set(ago(10), pulse=120), own(2, ago(8))))
    other = assessed(chart(full_set(ago(10), pulse=120), own(5, ago(8))))
    assert same.current is not None
    assert other.current is not None
    assert same.current.own is not None
    assert (same.current.differs, other.current.differs) == (False, True)


def test_an_own_score_of_another_hour_is_not_compared() -> None:
    found = assessed(chart(full_set(ago(10)), own(5, ago(90))))
    assert found.current is not None
    assert found.current.own is None
    assert found.own is not None


def test_the_first_version_of_the_score_is_not_taken_for_the_second() -> None:
    first = observation(concept("88330-6", "NEWS"), Value(quantity=quantity(5, "{score}")), ago(8))
    assert assessed(chart(full_set(ago(10)), first)).own is None


# ---- measured again ----------------------------------------------------------------------------------------------


def test_a_repeated_pressure_does_not_hide_the_full_set_that_still_holds() -> None:
    sick = full_set(ago(42), respiration=26, pulse=135, oxygen=2)
    found = assessed(chart(sick, pressure(96, 60, ago(5))))
    assert found.current is not None
    assert found.current.at == ago(42)
    assert found.least == 8
    assert len(found.rechecks) == 1


def test_a_repeated_part_that_is_worse_counts_for_the_place_and_is_not_added() -> None:
    found = assessed(chart(full_set(ago(60)), pressure(84, 50, ago(5))))
    assert found.current is not None
    assert found.current.score is not None
    assert (found.current.score.least, found.least, found.worst_part) == (0, 3, 3)


def test_when_the_full_set_is_overdue_the_newest_parts_are_all_there_is() -> None:
    sick = full_set(ago(120), respiration=26, pulse=135, oxygen=2)
    found = assessed(chart(sick, pressure(96, 60, ago(5))))
    assert found.current is not None
    assert found.current.at == ago(5)
    assert found.standing == "incomplete"
