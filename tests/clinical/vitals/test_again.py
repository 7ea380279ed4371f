"""A later look at the same chart takes over what does not depend on the moment, and is the same as a fresh look."""

from __future__ import annotations

from datetime import UTC, timedelta
from itertools import pairwise

import pytest

from clinical.codes import ICD10CM
from clinical.records import Administration, Concept, Observation, Quantity, Value
from clinical.vitals.flowsheet import flowsheet, ward
from clinical.vitals.judge import NONE
from clinical.vitals.reading import Reading
from clinical.vitals.sheet_model import Row
from clinical.vitals.signs import readings_of
from clinical.vitals.trend import Axis, line, oxygen

from .builders import NOW, ago, chart, full_set, observation, problem, quantity, source, time, vital
from .builders import concept as coded
from .builders import oxygen as given

DAY = Axis(start=NOW - timedelta(hours=24), end=NOW)


def _many() -> list[Observation]:
    return [one for hour in range(60) for one in full_set(ago(hour * 60 + 7), pulse=60 + hour)]


@pytest.mark.parametrize("window", ["4h", "24h", "all"])
def test_a_later_look_is_the_same_as_a_fresh_one(window: str) -> None:
    found = chart(*_many(), vital("pulse", 88, NOW + timedelta(minutes=3)))
    early = ward(found, as_of=NOW, zone=UTC)
    later = NOW + timedelta(minutes=5)
    again = ward(found, as_of=later, zone=UTC, before=early)
    fresh = ward(found, as_of=later, zone=UTC)
    assert again.readings is early.readings
    assert again.found == fresh.found
    assert again.found.last is not early.found.last  # the pulse that was still to come
    assert flowsheet(again, window=window, zone=UTC) == flowsheet(fresh, window=window, zone=UTC)


def test_another_chart_is_read_anew() -> None:
    before = ward(chart(*full_set(ago(10), pulse=135)), as_of=NOW, zone=UTC)
    other = chart(*full_set(ago(10), pulse=70))
    assert ward(other, as_of=NOW, zone=UTC, before=before).found.least == 0


def test_what_ends_the_score_within_the_hour_ends_it_now() -> None:
    status = observation(
        coded("82810-3"), Value(concept=coded("LA15173-0")), ago(4), category="social-history"
    )
    found = chart(*full_set(ago(10)), status)
    early = ward(found, as_of=ago(8), zone=UTC)
    assert early.found.standing == "scored"
    assert ward(found, as_of=NOW, zone=UTC, before=early).found.not_for == "pregnant"


def test_a_pregnancy_of_the_problem_list_holds_for_its_time_only() -> None:
    old = problem(ICD10CM, "Z34.00", "Supervision of pregnancy")
    assert ward(chart(*full_set(ago(9)), old), as_of=NOW, zone=UTC).found.not_for == "pregnant"


def test_values_that_share_no_concept_object_are_read_alike() -> None:
    one, two = vital("pulse", 88, ago(5)), vital("pulse", 88, ago(6))
    assert one.concept is not two.concept
    assert [r.value for r in readings_of(chart(one, two)).of("pulse")] == [88, 88]


# ---- geometry ----------------------------------------------------------------------------------------------------


def _pulse(minutes: float, value: int = 70, **more: object) -> Reading:
    found = readings_of(chart(vital("pulse", value, ago(minutes)))).of("pulse")[0]
    return Reading(**{**{n: getattr(found, n) for n in found.__struct_fields__}, **more})


def test_many_places_are_the_places_of_each() -> None:
    moments = [ago(minutes) for minutes in range(0, 24 * 60, 7)]
    assert DAY.places(moments) == [DAY.x(moment) for moment in moments]


@pytest.mark.parametrize(
    ("error", "stretches"),
    [(None, [4]), (35.0, [3]), (30.0, [3]), (45.0, [2, 2]), (5.0, [4])],
)
def test_an_entry_error_breaks_the_line_where_it_stands(
    error: float | None, stretches: list[int]
) -> None:
    good = [_pulse(minutes) for minutes in (60, 50, 40, 30)]
    wrong = [_pulse(error, 900, implausible=True)] if error is not None else []
    drawn = line(
        sorted([*good, *wrong], key=lambda one: one.at), DAY, judge=lambda _: NONE, gap=None
    )
    assert [len(part.split()) for part in drawn.segments] == stretches


def test_a_pause_breaks_the_line() -> None:
    readings = [_pulse(minutes) for minutes in (400, 390, 60, 50)]
    drawn = line(readings, DAY, judge=lambda _: NONE, gap=timedelta(hours=1))
    assert [len(part.split()) for part in drawn.segments] == [2, 2]


def _flows(*pairs: tuple[object, float]) -> tuple[Reading, ...]:
    return readings_of(chart([given(flow, ago(at)) for flow, at in pairs])).of("oxygen")


def test_oxygen_that_goes_on_is_one_bar_and_a_pause_stays_a_pause() -> None:
    hour = timedelta(hours=1)
    on = oxygen(_flows((2, 300), (4, 280), (0, 260), (2, 60), (2, 30)), DAY, holds=hour)
    assert len(on.bars) == 2
    assert len(on.lines) == 1
    assert on.bars[0][0] == DAY.x(ago(300))
    assert on.lines == ((DAY.x(ago(260)), DAY.x(ago(200))),)  # held for an hour, not to the next
    assert all(begin < end for begin, end in pairwise(x for x, _ in on.bars))


# ---- what stands in the row itself -------------------------------------------------------------------------------


def _rows(*records: Observation | Administration) -> dict[str, Row]:
    sheet = flowsheet(ward(chart(*records), as_of=NOW, zone=UTC), zone=UTC)
    return {one.key: one for one in (*sheet.rows, *sheet.more_rows)}


def test_the_peak_of_a_fever_is_said_with_its_time_and_site() -> None:
    fever = vital("temperature", "38.8", ago(12 * 60), body_site="mouth")
    row = _rows(fever, vital("temperature", "37.2", ago(30)))["temperature"]
    assert row.peak == "peak 38.8 at 20:14, mouth"
    same = _rows(fever, vital("temperature", "37.2", ago(30), body_site="mouth"))["temperature"]
    assert same.peak == "peak 38.8 at 20:14"  # the row says the site already
    for without in (
        (vital("temperature", "37.2", ago(90)), vital("temperature", "37.0", ago(30))),
        (fever,),  # the newest says it itself
        (vital("temperature", "38.8", ago(30 * 60)), vital("temperature", "37", ago(9))),
    ):
        assert _rows(*without)["temperature"].peak == ""


def doses_of(dose: Quantity, *each: tuple[str, str, float]) -> list[Administration]:
    """One administration for each name, status and minutes before now."""
    return [
        Administration(
            source=source(kind="MedicationAdministration"),
            concept=Concept(text=name),
            status=status,
            at=time(ago(minutes)),
            dose=dose,
        )
        for name, status, minutes in each
    ]


def test_insulin_of_a_day_stands_beside_the_glucose_also_when_it_was_not_given() -> None:
    doses = doses_of(
        quantity(4, "units"),
        ("Insulin lispro", "completed", 60),
        ("Insulin lispro", "not-done", 300),
        ("Insulin glargine", "completed", 3000),
        ("Heparin", "completed", 50),
    )
    row = _rows(vital("glucose", 164, ago(90)), *doses)["glucose"]
    assert row.earlier == "164 at 06:44"
    assert row.given == ("Insulin lispro 4 units not given at 03:14, 4 units given at 07:14",)
    assert {one.source.token for one in doses[:2]} <= set(row.sources)
    assert doses[2].source.token not in row.sources


def test_the_last_analgesic_stands_beside_the_pain_whatever_the_shift() -> None:
    doses = doses_of(
        quantity("2.5", "mg"),
        ("Oxycodone 5 MG Oral Tablet", "completed", 600),
        ("Oxycodone 5 MG Oral Tablet", "completed", 190),
        ("Oxycodone 5 MG Oral Tablet", "not-done", 60),
        ("Enoxaparin", "completed", 20),
    )
    row = _rows(vital("pain", 2, ago(30)), *doses)["pain"]
    (said,) = row.given
    assert said == ("Oxycodone 5 MG Oral Tablet 2.5 mg given at 05:04, 2.5 mg not given at 07:14")
    assert [one.source.token in row.sources for one in doses] == [False, True, True, False]
    assert _rows(doses[0], doses[2])["pain"].given == (
        "Oxycodone 5 MG Oral Tablet 2.5 mg given at 22:14, 2.5 mg not given at 07:14",
    )
    assert _rows(vital("pain", 2, ago(30)), doses[3])["pain"].given == ()
    assert _rows(vital("pain", 2, ago(30)), doses[2])["pain"].given == ()
