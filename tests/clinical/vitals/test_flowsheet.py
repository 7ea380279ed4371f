"""The flow sheet: rows, ages, gaps, entry errors, fluids by hour, what is due, and 5,000 readings."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from clinical.codes import RXNORM
from clinical.records import Administration, Chart, Identifier, Source, Value
from clinical.vitals.flowsheet import WINDOWS, flowsheet, ward
from clinical.vitals.nursing import nursing_line
from clinical.vitals.policy import DEFAULT, age_at, age_words, expected
from clinical.vitals.pregnancy import gestational_age, weight_gain
from clinical.vitals.sheet_model import Row, Sheet
from clinical.vitals.signs import readings_of
from clinical.vitals.trend import Axis, thinned
from tests.clinical.vitals.builders import (
    NOW,
    ago,
    chart,
    concept,
    flag,
    full_set,
    observation,
    patient,
    pressure,
    quantity,
    source,
    time,
    vital,
)

ZONE = ZoneInfo("America/Chicago")


def sheet(found: Chart, window: str = "24h") -> Sheet:
    return flowsheet(ward(found, as_of=NOW, zone=ZONE), window=window, zone=ZONE)


def row(shown: Sheet, key: str) -> Row:
    return next(one for one in (*shown.rows, *shown.more_rows) if one.key == key)


ANNA = {"respiration": 22, "spo2": 94, "oxygen": 2, "systolic": 112, "pulse": 104, "consciousness": None, "temperature": "37.9"}  # fmt: skip


def anna() -> Chart:
    return chart(
        full_set(ago(54), **ANNA),
        full_set(ago(124), **(ANNA | {"consciousness": "A", "respiration": 21})),
        full_set(ago(369)),
        vital("temperature", "98.6", ago(849)),
        vital("weight", 72, ago(900)),
    )


def test_a_missing_part_makes_the_score_a_least_with_what_it_could_be() -> None:
    panel = sheet(anna()).panel
    assert panel.headline == "at least 6"
    assert panel.count == "6 of 7 parts"
    assert panel.ladder == ("full", "full", "full", "dashed")
    assert (panel.band_words, panel.possible_words) == ("medium", "or high")
    missing = next(part for part in panel.parts if part.key == "consciousness")
    assert (missing.points, missing.value, missing.missing) == ("0 or 3", "none", True)
    assert "The score is 6 or 9." in panel.sentences[0]


def test_rows_follow_the_published_chart_with_the_diastolic_after_the_systolic() -> None:
    assert [one.key for one in sheet(anna()).rows] == [
        "respiration", "spo2", "oxygen", "systolic", "diastolic", "pulse", "consciousness", "temperature",
    ]  # fmt: skip


def test_a_missing_sign_shows_its_last_value_as_overdue_and_none_in_the_set() -> None:
    consciousness = row(sheet(anna()), "consciousness")
    assert consciousness.latest == "Alert"
    assert (consciousness.state, consciousness.points) == ("overdue", "–")
    assert consciousness.cells[-1].text == "none"
    assert consciousness.cells[-2].text == "A"


def test_an_entry_error_is_a_cross_and_listed_with_its_reason_and_never_a_point() -> None:
    shown = sheet(anna())
    temperature = row(shown, "temperature")
    assert len(temperature.trend.errors) == 1
    assert temperature.trend.total == 4
    assert len(temperature.trend.dots) == 3
    (error,) = shown.errors
    assert (error.what, error.value) == ("Temperature", "98.6 Cel")
    assert "°F" in error.reason
    assert row(sheet(anna()), "temperature").latest == "37.9"


def test_without_any_value_it_says_what_is_known_about_that() -> None:
    shown = flowsheet(ward(chart(), as_of=NOW, zone=ZONE), zone=ZONE, nothing="not retrieved")
    assert {one.latest for one in shown.rows} == {"not retrieved"}
    assert shown.panel.headline == "not measured"
    assert all(one.state == "never" for one in shown.rows)


def test_a_set_too_old_is_not_measured_and_the_last_score_is_only_named() -> None:
    panel = sheet(chart(full_set(ago(560), pulse=120))).panel
    assert panel.headline == "not measured"
    assert panel.ladder == ("dashed", "dashed", "dashed", "dashed")
    assert panel.sentences[0] == "Not measured for 9 h 20. Last score 2 at 16:54, too old to use."


def test_for_a_child_there_is_no_score_and_no_adult_limit() -> None:
    shown = sheet(chart(full_set(ago(10), pulse=130), who=patient("2019-01-01")))
    assert shown.panel.headline == "no score"
    assert "under 16. Not scored is not low." in shown.panel.sentences[0]
    assert row(shown, "pulse").flag == ""
    assert "for adults" in shown.limits_words


def test_the_flag_of_the_source_comes_before_the_limits_of_the_unit() -> None:
    told = vital("pulse", 80, ago(5), interpretation=("HH",))
    assert (row(sheet(chart(told)), "pulse").flag, row(sheet(chart(told)), "pulse").level) == ("HH", "crit")  # fmt: skip
    assert row(sheet(chart(vital("pulse", 104, ago(5)))), "pulse").flag == "H"


def test_systolic_and_diastolic_are_judged_apart() -> None:
    shown = sheet(chart(pressure(112, 58, ago(5), body_site="right arm", method="cuff")))
    assert (row(shown, "systolic").flag, row(shown, "diastolic").flag) == ("", "L")
    assert row(shown, "systolic").how == "right arm, cuff"


def test_charted_late_corrected_preliminary_and_repeated_are_marked() -> None:
    late = vital("pulse", 80, ago(240), issued=time(ago(60)))
    assert row(sheet(chart(late)), "pulse").marks == ("charted 3 h 00 late",)
    assert row(sheet(chart(vital("pulse", 80, ago(9), status="corrected"))), "pulse").marks == ("corrected",)  # fmt: skip
    shown = row(sheet(chart(vital("pulse", 80, ago(9), status="preliminary"))), "pulse")
    assert shown.marks == ("preliminary",)
    assert shown.trend.dots[0].hollow
    twice = chart(vital("pulse", 80, ago(9)), vital("pulse", 96, ago(9)))
    assert len(row(sheet(twice), "pulse").marks) == 1


def test_a_long_pause_breaks_the_line_and_silence_is_dotted_to_now() -> None:
    found = [vital("pulse", 80 + n, ago(60 * n + 400)) for n in (0, 1, 2, 12, 13)]
    trend = row(sheet(chart(*found)), "pulse").trend
    assert len(trend.segments) == 2
    assert trend.silence is not None
    fresh = row(sheet(chart(vital("pulse", 80, ago(10)))), "pulse").trend
    assert fresh.silence is None


def test_oxygen_is_a_bar_only_as_long_as_it_is_known() -> None:
    shown = row(sheet(chart(full_set(ago(300)), full_set(ago(200), oxygen=2))), "oxygen")
    assert len(shown.trend.lines) == len(shown.trend.bars) == 1
    old = row(sheet(chart(full_set(ago(1200), oxygen=2))), "oxygen").trend.bars[0]
    assert old[0] + old[1] < 200


@pytest.mark.parametrize(
    ("label", "said"),
    [
        ("Lactate [Moles/volume] in Serum or Plasma", "Lactate"),
        ("Glucose [Mass/volume] in Capillary blood by Glucometer", "Glucose"),
        ("Glucose [Mass/volume] in Urine by Test strip", "Glucose, urine"),
        ("Protein [Mass/volume] in Cerebral spinal fluid", "Protein, cerebral spinal fluid"),
        ("Oxygen [Partial pressure] in Arterial blood", "Oxygen, partial pressure"),
        ("Potassium", "Potassium"),
    ],
)
def test_a_result_of_another_fluid_and_a_gas_of_the_blood_are_named_as_such(
    label: str, said: str
) -> None:
    result = observation(concept("1", label), Value(quantity=quantity("4.4", "mmol/L")), ago(300), category="laboratory", interpretation=("HH",))  # fmt: skip
    assert f"{said} 4.4 HH mmol/L" in [event.text for event in sheet(chart(result)).events]


def test_the_decision_for_scale_two_ends_with_one_full_stop() -> None:
    decision = flag("Oxygen target 88-92 %. Use scale 2.", "2026-11-22T11:20:00Z")
    said = " ".join(sheet(chart(full_set(ago(10), spo2=90), decision)).panel.sentences)
    assert "Use scale 2." in said
    assert ".." not in said


def test_an_annotation_of_a_unit_is_written_without_its_braces() -> None:
    given = Administration(
        source=source(kind="MedicationAdministration"),
        concept=concept("161", "Ipratropium", RXNORM),
        status="completed",
        at=time(ago(30)),
        dose=quantity(1, "{vial}"),
    )
    assert "Ipratropium 1 vial given" in [one.text for one in sheet(chart(given)).events]


@pytest.mark.parametrize(("letter", "level"), [("A", ""), ("C", "ab"), ("U", "ab")])
def test_the_latest_consciousness_is_coloured_as_in_its_set(letter: str, level: str) -> None:
    shown = row(sheet(chart(full_set(ago(20), consciousness=letter))), "consciousness")
    assert (shown.level, shown.cells[-1].level) == (level, level)


@pytest.mark.parametrize("window", [key for key, _, _ in WINDOWS])
def test_every_window_holds_the_same_latest_values(window: str) -> None:
    shown = sheet(anna(), window)
    assert [one.latest for one in shown.rows] == [one.latest for one in sheet(anna()).rows]
    assert shown.ticks


def test_a_time_line_of_days_is_marked_with_days() -> None:
    """An hour that comes again says nothing: "00 00 00"."""
    for window in ("72h", "all"):
        words = [text for _, text in sheet(anna(), window).ticks]
        assert words == ["22-Nov", "23-Nov"]  # the next one would not fit before now
    early = flowsheet(
        ward(anna(), as_of=NOW + timedelta(hours=17), zone=ZONE), window="72h", zone=ZONE
    )
    assert [text for _, text in early.ticks] == [
        "23-Nov",
        "24-Nov",
    ]  # 22-Nov would stick out at the left
    hours = [text for _, text in sheet(anna(), "24h").ticks]
    assert len(set(hours)) == len(hours)


@pytest.mark.parametrize("window", [key for key, _, _ in WINDOWS])
def test_without_any_sign_there_is_no_time_line_and_the_score_says_how_it_was_answered(
    window: str,
) -> None:
    empty = ward(chart(vital("urine", 50, ago(60))), as_of=NOW, zone=ZONE)
    found = flowsheet(empty, window=window, zone=ZONE, nothing="not retrieved from Mercy")
    assert found.silent
    assert found.ticks == ()
    assert found.panel.sentences[0] == "Vital signs: not retrieved from Mercy."


def test_signs_that_make_no_set_are_not_called_none_on_record() -> None:
    found = sheet(chart(vital("pulse", 80, "2026-11-20")))
    assert not found.silent
    assert found.panel.sentences[0] == "What is on record makes no set of vital signs."


def test_what_is_ahead_of_now_is_counted_and_not_drawn() -> None:
    shown = sheet(chart(vital("pulse", 80, ago(5)), vital("pulse", 180, ago(-90))))
    assert row(shown, "pulse").latest == "80"
    assert "1 dated in the future" in shown.left_out


# ---- fluids ------------------------------------------------------------------------------------------------------


def hourly(volumes: list[int | None], **more: Any) -> list[Any]:
    """Urine charted at the end of each of the last full hours, oldest first."""
    last = NOW.replace(minute=0)
    count = len(volumes)
    return [
        vital("urine", volume, last - timedelta(hours=count - 1 - place), **more)
        for place, volume in enumerate(volumes)
        if volume is not None
    ]


def test_urine_by_full_hour_with_the_limit_of_this_weight() -> None:
    shown = sheet(chart(hourly([40, 35, 28, 30, 22, 20]), vital("weight", 72, ago(900))))
    assert shown.fluids is not None
    assert shown.fluids.urine == "175"
    assert shown.fluids.urine_words == "in 6 h, 0.41 mL/kg/h calc"
    assert shown.fluids.urine_flag == "L"
    assert [cell.flag for cell in shown.fluids.urine_cells] == ["", "L", "L", "L", "L", "L"]
    assert shown.fluids.limit_words == "dashed line 0.5 mL/kg/h = 36 mL (calc)"
    assert any(event.text == "Urine under the limit, 5 h in a row" for event in shown.events)


def test_an_hour_without_an_entry_is_not_an_hour_without_urine() -> None:
    shown = sheet(chart(hourly([40, None, 40, None, 40, 40]), vital("weight", 72, ago(900))))
    assert shown.fluids is not None
    assert shown.fluids.urine_words == "in 6 h, 4 of them charted, 0.56 mL/kg/h calc"
    assert shown.fluids.urine_cells[1].kind == "none"
    assert shown.fluids.urine_flag == ""


def test_the_running_hour_is_never_low() -> None:
    shown = sheet(chart(hourly([40, 40]), vital("urine", 2, ago(5)), vital("weight", 72, ago(900))))
    assert shown.fluids is not None
    assert [bar.running for bar in shown.fluids.bars] == [False, False, True]
    assert not any(bar.level for bar in shown.fluids.bars)


def test_without_a_weight_there_is_no_limit() -> None:
    shown = sheet(chart(hourly([2, 2, 2])))
    assert shown.fluids is not None
    assert shown.fluids.limit is None
    assert "no weight on record" in shown.fluids.urine_words
    assert shown.fluids.urine_flag == ""


def test_a_total_and_its_kinds_are_not_added_together() -> None:
    at = NOW.replace(minute=0)
    shown = sheet(chart(vital("fluid-in", 125, at), vital("oral", 100, at), vital("oral", 80, at - timedelta(hours=1))))  # fmt: skip
    assert shown.fluids is not None
    assert [cell.text for cell in shown.fluids.in_cells[-2:]] == ["80", "125"]


def test_the_balance_counts_from_the_start_of_the_fluid_day_in_every_window() -> None:
    records = chart(hourly([40] * 8), *(vital("fluid-in", 100, NOW.replace(minute=0) - timedelta(hours=n)) for n in range(8)))  # fmt: skip
    for window in ("4h", "24h"):
        shown = sheet(records, window)
        assert shown.fluids is not None
        assert (shown.fluids.balance, shown.fluids.since) == ("+480", "07:00")
        assert shown.fluids.balance_cells[-1].text == "+480"


# ---- what is due, what happened ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("minutes", "state", "words"),
    [
        (54, "current", "54 min"),
        (240, "current", "4 h 00"),
        (241, "stale", "stale 4 h 01"),
        (300, "stale", "stale 5 h 00"),
        (364, "overdue", "overdue 1 h 04"),
    ],
)
def test_current_stale_and_overdue_by_interval_and_grace(
    minutes: int, state: str, words: str
) -> None:
    age = age_at(ago(minutes), expected(DEFAULT, "set", "low"), NOW)
    assert age.state == state
    shown = age_words(age) if state != "overdue" else "overdue 1 h 04"
    assert shown == words
    assert age_at(None, expected(DEFAULT, "set", ""), NOW).state == "never"


def test_overdue_counts_from_interval_and_grace() -> None:
    age = age_at(ago(240 + 60 + 64), expected(DEFAULT, "set", "low"), NOW)
    assert age_words(age) == "overdue 1 h 04"


def test_a_higher_score_asks_for_more_frequent_sets() -> None:
    low = sheet(chart(full_set(ago(70))))
    medium = sheet(chart(full_set(ago(70), pulse=140, respiration=23)))
    assert row(low, "pulse").state == "current"
    assert row(medium, "pulse").state == "stale"
    assert low.due[-1].text == "full set, every 4 h 00"


def test_due_now_names_what_is_overdue() -> None:
    due = sheet(anna()).due
    assert due[0].when == "now"
    assert due[0].overdue
    assert "consciousness" in due[0].text


def test_events_since_the_shift_stand_critical_first_then_newest() -> None:
    lactate = Value(quantity=quantity("4.4", "mmol/L"))
    result = observation(concept("2524-7", "Lactate"), lactate, ago(300), category="laboratory", interpretation=("HH",))  # fmt: skip
    given = Administration(
        source=source(kind="MedicationAdministration"),
        concept=concept("161", "Acetaminophen", RXNORM),
        status="completed",
        at=time(ago(30)),
        dose=quantity(1, "g"),
    )
    refused = Administration(
        source=source(kind="MedicationAdministration"),
        concept=concept("161", "Acetaminophen", RXNORM),
        status="not-done",
        at=time(ago(20)),
        reason="nausea",
    )
    shown = sheet(chart(full_set(ago(369)), full_set(ago(54), **ANNA), result, given, refused))
    texts = [event.text for event in shown.events]
    assert texts[0] == "Lactate 4.4 HH mmol/L"
    assert texts[1] == "Acetaminophen not given: nausea"
    assert "Acetaminophen 1 g given" in texts
    assert "NEWS2 0 → ≥6" in texts
    assert "Oxygen started, 2 L/min" in texts


# ---- many readings, same input same output -----------------------------------------------------------------------


def test_five_thousand_readings_keep_their_peaks_and_a_small_picture() -> None:
    dice = random.Random(5)
    values = [dice.randint(70, 90) for _ in range(5000)]
    values[3210] = 171
    found = chart(*(vital("pulse", value, ago(n * 0.28)) for n, value in enumerate(values)))
    trend = row(sheet(found), "pulse").trend
    assert trend.total == 5000
    assert sum(part.count(" ") + 1 for part in trend.segments) <= 4 * 125
    assert len(trend.dots) <= 3
    assert any(dot.y == 5.0 for dot in trend.dots)


def test_thinning_keeps_the_lowest_and_the_highest_of_every_column() -> None:
    dice = random.Random(3)
    places = [(round(n * 0.02, 1), dice.random(), n) for n in range(9000)]
    kept = {place[2] for place in thinned(places)}
    for column in {int(x / 2) for x, _, _ in places}:
        inside = [place for place in places if int(place[0] / 2) == column]
        assert min(inside, key=lambda p: p[1])[2] in kept
        assert max(inside, key=lambda p: p[1])[2] in kept


def test_the_order_of_arrival_changes_nothing() -> None:
    records = [*full_set(ago(54), **ANNA), *full_set(ago(200)), *hourly([40, 30, 20])]
    first = sheet(chart(*records))
    for seed in range(4):
        random.Random(seed).shuffle(records)
        assert sheet(chart(*records)) == first


def test_the_axis_ends_at_now() -> None:
    axis = Axis(start=ago(240), end=NOW)
    assert axis.x(NOW) > axis.x(ago(1)) > axis.x(ago(240))


# ---- pregnancy ---------------------------------------------------------------------------------------------------


def test_gestational_age_by_its_basis_with_the_ultrasound_first() -> None:
    by_scan = observation(concept("11778-8"), Value(other="2027-03-10"), ago(60 * 24 * 60), method="ultrasound")  # fmt: skip
    by_period = observation(concept("8665-2"), Value(other="2026-06-10"), ago(60 * 24 * 90))
    found = gestational_age(chart(by_scan, by_period), NOW.date())
    assert found is not None
    assert found.words == "24 w 6 d"
    assert found.dating.basis == "ultrasound"
    assert (len(found.others), found.differs) == (1, 7)


def test_a_recorded_gestational_age_grows_with_the_days() -> None:
    age = observation(concept("18185-9"), Value(quantity=quantity(20, "wk")), NOW - timedelta(days=10))  # fmt: skip
    found = gestational_age(chart(age), NOW.date())
    assert found is not None
    assert found.words == "21 w 3 d"


@pytest.mark.parametrize("answer", ["2027-03", "soon", "2020-01-01"])
def test_a_dating_that_cannot_be_says_nothing(answer: str) -> None:
    due = observation(concept("11778-8"), Value(other=answer), ago(60 * 24 * 60))
    assert gestational_age(chart(due), NOW.date()) is None


def test_weight_gain_since_the_pregnancy_began() -> None:
    due = observation(concept("11778-8"), Value(other="2027-03-10"), ago(60 * 24 * 60))
    weights = [vital("weight", value, NOW - timedelta(days=days)) for value, days in ((60, 900), (62, 150), ("68.5", 2))]  # fmt: skip
    found = chart(due, *weights)
    age = gestational_age(found, NOW.date())
    assert age is not None
    gain = weight_gain(readings_of(found), age.dating, until=NOW)
    assert gain is not None
    assert gain.kilograms == pytest.approx(6.5)


def test_a_culture_that_came_during_the_shift_is_an_event_in_the_words_of_the_laboratory() -> None:
    culture = observation(
        concept("600-7", "Bacteria identified in Blood by Culture"),
        Value(string="Gram-positive cocci"),
        ago(60 * 12),
        category="laboratory",
        status="preliminary",
        issued=time(ago(10)),
        interpretation=("AA",),
    )
    (event,) = [e for e in sheet(chart(culture)).events if "culture" in e.text]
    assert event.text == "Blood culture: Gram-positive cocci, preliminary"
    assert event.level == "crit"
    assert event.sources == (culture.source.token,)


def test_who_comes_on_sees_the_critical_culture_of_just_before_and_not_the_older_one() -> None:
    def culture(came: float) -> Any:
        return observation(
            concept("600-7", "Bacteria identified in Blood by Culture"),
            Value(string="Gram-positive cocci"),
            ago(60 * 40),
            category="laboratory",
            issued=time(ago(came)),
            interpretation=("AA",),
        )

    (event,) = [e for e in sheet(chart(culture(450))).events if "culture" in e.text]
    assert event.text == "Blood culture: Gram-positive cocci (before this shift)"
    assert event.level == "crit"
    assert not [e for e in sheet(chart(culture(60 * 20))).events if "culture" in e.text]


def test_an_organism_of_just_before_the_shift_is_handed_over_whatever_came_after_it() -> None:
    """It is part of the culture, not its head; a second organism and an antibiotic do not answer it."""

    def part(number: int, text: str, came: float, said: str = "", **more: Any) -> Any:
        return observation(
            concept(f"local-{number}", text, "urn:mercy"),
            Value(string=said) if said else Value(),
            ago(60 * 40),
            category="laboratory",
            issued=time(ago(came)),
            source=Source(server="mercy", reference=f"Observation/c{number}"),
            **more,
        )

    culture = part(1, "Blood culture", 460, members=("Observation/c2", "Observation/c3"))
    first = part(2, "Organism", 450, "Escherichia coli", interpretation=("AA",))
    second = part(3, "Staphylococcus aureus", 440, interpretation=("AA",))
    rated = part(4, "Ampicillin [Susceptibility]", 20, "R", derived_from=("Observation/c2",))
    told = [e.text for e in sheet(chart(culture, first, second, rated)).events if e.level == "crit"]
    assert told == [
        "Blood culture: Staphylococcus aureus (before this shift)",
        "Blood culture: Escherichia coli (before this shift)",
    ]


def test_preliminary_words_of_a_culture_give_way_to_final_ones_and_are_told_once() -> None:
    def culture(came: float, status: str, said: str, **more: Any) -> Any:
        return observation(
            concept("600-7", "Bacteria identified in Blood by Culture"),
            Value(string=said),
            ago(60 * 40),
            category="laboratory",
            status=status,
            issued=time(ago(came)),
            identifiers=(Identifier(system="urn:lab", value="C1"),),
            **more,
        )

    early = culture(450, "preliminary", "Gram-positive cocci", interpretation=("AA",))
    final = culture(30, "final", "Staphylococcus epidermidis, probable contaminant")
    told = [e for e in sheet(chart(early, final)).events if "culture" in e.text]
    assert [(e.text, e.level) for e in told] == [
        ("Blood culture: Staphylococcus epidermidis, probable contaminant", "")
    ]
    (alone,) = [e for e in sheet(chart(early)).events if "culture" in e.text]
    assert alone.text == "Blood culture: Gram-positive cocci, preliminary (before this shift)"
    other = culture(30, "preliminary", "Gram-positive cocci, second bottle")
    assert len([e for e in sheet(chart(early, other)).events if "culture" in e.text]) == 2
    before = culture(500, "final", "No growth")
    assert [e.level for e in sheet(chart(before, early)).events if "Gram" in e.text] == ["crit"]


def test_a_day_without_a_time_stays_that_day_and_gets_no_clock_and_an_old_one_its_year() -> None:
    """West of Greenwich the midnight of a bare date is the evening before it."""
    found = chart(
        vital("weight", 62, "2019-05-04"),
        vital("pulse", 71, "2026-11-20"),
        vital("pulse", 74, "2026-11-20"),
        vital("spo2", 96, "2019-05-04T08:30:00Z"),
    )
    shown = flowsheet(ward(found, as_of=NOW, zone=ZONE, days=None), window="all", zone=ZONE)
    weight, pulse, spo2 = (row(shown, key) for key in ("weight", "pulse", "spo2"))
    assert weight.at == "04-May-2019"
    assert weight.taken.removeprefix("overdue ") == "04-May-2019"
    assert pulse.marks == ("time of day not recorded", "also 71 on 20-Nov")
    assert (spo2.at, spo2.taken[-3:]) == ("04-May-2019 03:30", "7 y")
    words = {"nothing": lambda *_, **__: "none recorded"}
    slots = nursing_line(found, readings_of(found), as_of=NOW, zone=ZONE, **words)
    told = {slot.key: [fact.since for fact in slot.facts] for slot in slots}
    assert told["weight"] == ["04-May-2019"]
