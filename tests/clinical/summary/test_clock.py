"""The clock of an ED visit: true time, one assay per line, nothing joined or left out in silence."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace

from clinical.dates import parse_period
from clinical.records import (
    Administration,
    FetchState,
    Observation,
    Quantity,
    Record,
    Report,
    Section,
    Study,
    Value,
)
from clinical.summary.view_model import Block, LabRow, Lane, ListRow, Part, Summary
from summary_app.templatetags.clock_rows import lane_of
from tests.clinical import authored
from tests.clinical.reconcile.builders import at, concept, lab, pressure, section, source
from tests.clinical.summary import anna

ARRIVED = "2026-11-23T12:20:00Z"
TROPONIN = "Troponin I"
LISTING = {**anna.LISTING, TROPONIN: ("must", "lab.troponin"), "EKG": ("must", "proc.ecg")}


def block(found: Summary, key: str) -> Block:
    return next(one for one in found.blocks if one.key == key)


def troponin(key: int, value: str, when: str, **more: Any) -> Observation:
    return lab(key, TROPONIN, "89579-7", value, "ng/L", when, high="34", **more)


SERIAL = (
    troponin(60, "18", "2026-11-23T12:30:00Z"),
    troponin(61, "41", "2026-11-23T14:00:00Z", flag="H"),
    troponin(62, "96", "2026-11-23T16:00:00Z", flag="HH"),
)


def ed(
    *records: Record, kind: Section = Section.LABS, started: str = ARRIVED, **more: Any
) -> Summary:
    parts = [*anna.everything(), section(kind, *records, search="more")]
    return anna.summary(parts, listing=LISTING, setting="ed", started=at(started), **more)


def lane(found: Summary, name: str) -> Lane:
    rows = block(found, "clock").rows
    row = next(r for r in rows if (r.name if isinstance(r, LabRow) else r.parts[0].text) == name)
    assert row.lane is not None
    return row.lane


def given(key: int, when: str, *, status: str = "completed") -> Administration:
    return Administration(
        source=source(f"MedicationAdministration/{key}"),
        concept=concept(f"Aspirin {key} MG"),
        status=status,
        at=at(when),
    )


def ecg(key: int, when: str, said: str, status: str = "final") -> Report:
    return Report(
        source=source(f"DiagnosticReport/{key}"), concept=concept("EKG"), status=status, taken=at(when),
        conclusion=said,
    )  # fmt: skip


def test_serial_results_stand_on_the_clock_and_nowhere_else() -> None:
    found = ed(*SERIAL)
    drawn = lane(found, TROPONIN)
    assert [point.label for point in drawn.points] == ["18", "41 H", "96 HH"]
    assert [point.level for point in drawn.points] == ["", "ab", "crit"]
    assert len(drawn.segments) == 2
    assert TROPONIN not in {getattr(r, "name", "") for r in block(found, "labs").rows}
    assert block(found, "labs").foot.startswith("5 of 6 results, 1 on the clock · ")


def test_every_lane_has_one_time_axis() -> None:
    found = ed(
        *SERIAL, pressure(70, "168", "94", "2026-11-23T12:30:00Z"), given(1, "2026-11-23T14:00:00Z")
    )
    clock = block(found, "clock").clock
    assert clock is not None
    drawn = [lane(found, TROPONIN), lane(found, "Given")]
    assert {(one.arrived, one.now) for one in drawn} == {(clock.arrived, clock.now)}
    assert lane(found, "Given").events[0].x == lane(found, TROPONIN).points[1].x
    assert clock.arrived < lane(found, TROPONIN).points[0].x < clock.now < 100


def test_the_change_between_the_last_two_is_said_with_its_time() -> None:
    row = block(ed(*SERIAL), "clock").rows[0]
    assert isinstance(row, LabRow)
    assert row.since == "+55 in 120 min"


def test_a_bound_and_a_preliminary_value_look_it_and_are_not_subtracted() -> None:
    found = ed(
        anna.replace(
            SERIAL[0],
            value=Value(
                quantity=anna.replace(SERIAL[0].value.quantity, value=Decimal(3), comparator="<")
            ),
        ),
        troponin(61, "41", "2026-11-23T14:00:00Z", status="preliminary"),
    )
    first, last = lane(found, TROPONIN).points
    assert (first.bound, first.label) == ("<", "<3")
    assert last.hollow
    row = block(found, "clock").rows[0]
    assert isinstance(row, LabRow)
    assert (row.since, row.status) == ("", "prelim calc")


def test_a_value_of_another_unit_is_not_joined_and_is_counted() -> None:
    other = lab(63, TROPONIN, "89579-7", "7", "{arbitrary}", "2026-11-23T13:00:00Z")
    found = ed(*SERIAL, other)
    rows = [r for r in block(found, "clock").rows if isinstance(r, LabRow) and r.name == TROPONIN]
    assert len(rows) == 1
    assert len(lane(found, TROPONIN).points) == 3
    assert "apart" in rows[0].second or "not on the line" in rows[0].second


def test_the_range_of_its_own_points_is_the_band_and_its_edge_is_named() -> None:
    drawn = lane(ed(*SERIAL), TROPONIN)
    (band,) = drawn.bands
    assert [text for _, text in drawn.edges] == ["34"]
    above = [point.y for point in drawn.points if point.level]
    assert all(y < band[1] for y in above)
    assert drawn.points[0].y > band[1]


def test_without_a_range_there_is_no_band() -> None:
    bare = [anna.replace(record, ranges=()) for record in SERIAL]
    drawn = lane(ed(*bare), TROPONIN)
    assert drawn.bands == ()
    assert drawn.edges == ()


def test_an_ecg_is_a_tick_with_its_words_in_full() -> None:
    said = "New ST depression V4-V6. Machine read, not yet over-read."
    found = ed(ecg(81, "2026-11-23T12:40:00Z", said, "preliminary"), kind=Section.REPORTS)
    row = next(r for r in block(found, "clock").rows if r.key == "clock-ecg")
    assert isinstance(row, ListRow)
    assert row.parts[1:] == (
        Part(text="06:40", href=row.parts[1].href, sources=("mercy/DiagnosticReport/81",)),
        Part(text=f"prelim “{said}”"),
    )
    assert lane(found, "ECG").events[0].open


def test_no_medicine_given_is_said_by_who_answered_and_never_over_a_failed_source() -> None:
    row = next(r for r in block(ed(*SERIAL), "clock").rows if r.key == "clock-given")
    assert isinstance(row, ListRow)
    assert row.state is not None
    silent = ed(*SERIAL)
    failing = anna.summary(
        [*anna.failed("mercy", Section.ADMINISTRATIONS), section(Section.LABS, *SERIAL, search="more")],
        listing=LISTING, setting="ed", started=at(ARRIVED),
    )  # fmt: skip
    state = next(r for r in block(failing, "clock").rows if r.key == "clock-given").state
    assert state is not None
    assert state.word == "Not retrieved"
    assert next(r for r in block(silent, "clock").rows if r.key == "clock-given").state != state


def test_what_was_not_given_says_so() -> None:
    found = ed(given(1, "2026-11-23T14:00:00Z", status="not-done"), kind=Section.ADMINISTRATIONS)
    (event,) = lane(found, "Given").events
    assert event.open
    assert event.label.startswith("not given: aspirin")


@pytest.mark.parametrize(
    ("unit", "said"), [("[iU]", "4 units"), ("U", "4 units"), ("ug", "4 mcg"), ("mg", "4 mg")]
)
def test_a_dose_that_was_given_has_its_unit_written_out(unit: str, said: str) -> None:
    one = replace(given(1, "2026-11-23T14:00:00Z"), dose=Quantity(value=Decimal(4), unit=unit))
    found = ed(one, kind=Section.ADMINISTRATIONS)
    assert f"aspirin 1 mg {said}" in given_row(found).parts[-1].text + lane(found, "Given").words
    told = "".join(part.text for row in block(found, "since").rows for part in row.parts)
    assert f"Given aspirin 1 mg {said}" in told


def test_what_has_a_day_and_no_time_is_counted_and_not_drawn() -> None:
    found = ed(given(1, "2026-11-23"), kind=Section.ADMINISTRATIONS)
    row = next(r for r in block(found, "clock").rows if r.key == "clock-given")
    assert isinstance(row, ListRow)
    assert lane(found, "Given").events == ()
    assert row.lines == ("1 more with a day and no time",)
    assert row.state is None


def given_row(found: Summary) -> ListRow:
    row = next(r for r in block(found, "clock").rows if r.key == "clock-given")
    assert isinstance(row, ListRow)
    return row


def test_a_dose_with_a_time_to_come_is_not_nothing_recorded() -> None:
    """Planted: two clocks that differ, or a time that was typed wrongly."""
    soon, later = (ed(given(1, f"2026-11-23T{when}:00Z"), kind=Section.ADMINISTRATIONS) for when in ("16:33", "18:00"))  # fmt: skip
    (event,) = lane(soon, "Given").events
    assert event.x == lane(soon, "Given").now
    assert given_row(later).lines == ("1 more with a time to come",)
    assert given_row(later).state is None


def test_a_dose_without_any_time_is_counted() -> None:
    untimed = Administration(
        source=source("MedicationAdministration/1"), concept=concept("Aspirin"), status="completed"
    )
    row = given_row(ed(untimed, kind=Section.ADMINISTRATIONS))
    assert row.lines == ("1 more without any time",)
    assert row.state is None


def infusion(start: str, end: str | None, status: str = "in-progress") -> Administration:
    return Administration(
        source=source("MedicationAdministration/9"),
        concept=concept("Heparin 25 UNT/ML"),
        status=status,
        at=parse_period(start, end),
    )


def infused(*period: str | None, status: str = "in-progress", beside: Record | None = None) -> ListRow:  # fmt: skip
    records = [infusion(period[0] or "", period[1], status), *([beside] if beside else [])]
    return given_row(ed(*records, kind=Section.ADMINISTRATIONS))


def test_an_infusion_begun_before_that_still_runs_is_drawn_from_the_left_edge_to_now() -> None:
    row = infused("2026-11-23T02:00:00Z", None, beside=given(1, "2026-11-23T14:00:00Z"))
    assert row.lane is not None
    early, later = row.lane.events
    assert (early.x, early.end) == (0.0, row.lane.now)
    assert (early.early, later.early) == (True, False)
    assert later.end is None
    assert later.x > row.lane.arrived
    assert row.lane.arrived < 5, "the axis still begins at the arrival"
    assert early.label.startswith("since ")
    assert early.label.endswith("heparin")
    assert "in-progress, begun before this time line, still running" in row.lane.words


def test_what_began_before_the_time_line_has_no_mark_of_a_beginning_on_it() -> None:
    """A tick at the left edge reads as begun at the arrival."""
    row = infused("2026-11-23T02:00:00Z", None)
    drawn = lane_of(row)
    assert 'class="ti' not in drawn
    assert '<line class="ba" x1="-9"' in drawn
    assert "begun before this time line, still running" in drawn
    here = lane_of(infused("2026-11-23T14:00:00Z", None))
    assert 'class="ti' in here
    assert 'x1="-' not in here


def test_an_infusion_begun_before_and_over_ends_where_it_ended() -> None:
    row = infused("2026-11-23T02:00:00Z", "2026-11-23T14:00:00Z", status="completed")
    assert row.lane is not None
    (mark,) = row.lane.events
    assert mark.x == 0.0
    assert row.lane.arrived < (mark.end or 0.0) < row.lane.now
    assert "begun before this time line, until " in row.lane.words


@pytest.mark.parametrize(
    ("start", "end", "status", "why"),
    [
        ("2026-11-23T02:00:00Z", None, "completed", "begun before and without an end"),
        ("2026-11-23T02:00:00Z", None, "on-hold", "begun before and without an end"),
        ("2026-11-22", None, "in-progress", "with a day and no time"),
        ("2026-11-23T02:00:00Z", "2026-11-23", "completed", "with a day and no time"),
    ],
)
def test_an_infusion_whose_bar_nobody_can_draw_is_counted(
    start: str, end: str | None, status: str, why: str
) -> None:
    row = infused(start, end, status=status)
    assert row.lines == (f"1 more {why}",)
    assert row.lane is not None
    assert not row.lane.events


def test_an_infusion_that_ended_before_is_of_before() -> None:
    row = infused("2026-11-23T02:00:00Z", "2026-11-23T08:00:00Z", status="completed")
    assert row.lane is not None
    assert not row.lane.events
    assert not row.lines


def test_an_infusion_begun_here_that_still_runs_reaches_to_now() -> None:
    row = infused("2026-11-23T14:00:00Z", None)
    assert row.lane is not None
    (mark,) = row.lane.events
    assert (mark.end, mark.label) == (row.lane.now, "heparin")


def test_a_dose_of_long_before_leaves_nothing_recorded_since_arrival_only() -> None:
    found = given_row(ed(given(1, "2026-11-23T08:00:00Z"), kind=Section.ADMINISTRATIONS)).state
    assert found is not None
    assert "since arrival" in found.detail


def test_two_reports_of_one_moment_are_two_and_a_study_is_its_report() -> None:
    """Planted: head and neck of one trauma scan carry one time."""
    when = at("2026-11-23T13:00:00Z")
    first, second = (
        Report(
            source=source(f"DiagnosticReport/{key}"), concept=concept(name), status="final", taken=when,
            category="RAD", conclusion=said,
        )
        for key, name, said in ((901, "CT head", "Subdural haematoma."), (902, "CT cervical spine", "No fracture."))
    )  # fmt: skip
    study = Study(source=source("ImagingStudy/1"), concept=concept("CT"), status="available", started=when)  # fmt: skip
    found = ed(first, second, study, kind=Section.REPORTS)
    assert {event.label for event in lane(found, "Imaging").events} == {
        "“Subdural haematoma.”", "“No fracture.”",
    }  # fmt: skip


def test_a_result_of_a_day_without_a_time_is_not_drawn_at_midnight() -> None:
    found = ed(
        troponin(60, "18", "2026-11-22T21:00:00Z"),
        troponin(61, "900", "2026-11-23"),
        troponin(62, "96", "2026-11-23T16:00:00Z"),
        troponin(63, "97", "2026-11-23T16:20:00Z"),
        started="2026-11-22T20:00:00Z",
    )
    drawn = lane(found, TROPONIN)
    assert len(drawn.points) == 3
    assert len(drawn.segments) == 1, "the line stops at what is left out"
    assert "900" not in drawn.words
    row = next(r for r in block(found, "clock").rows if isinstance(r, LabRow))
    assert "1 value not on the line" in row.second


def test_a_time_a_little_ahead_of_ours_leaves_no_negative_count() -> None:
    found = ed(
        troponin(60, "18", "2026-11-23T16:28:00Z"),
        troponin(61, "41", "2026-11-23T16:34:00Z"),
        started="2026-11-23T16:25:00Z",
    )
    row = next(r for r in block(found, "clock").rows if isinstance(r, LabRow))
    assert "not on the line" not in row.second


def test_a_time_of_day_that_has_come_twice_is_told_with_its_day() -> None:
    found = ed(
        troponin(60, "18", "2026-11-22T13:00:00Z"),
        troponin(61, "41", "2026-11-23T13:00:00Z"),
        given(1, "2026-11-22T13:05:00Z"),
        started="2026-11-22T12:20:00Z",
    )
    assert "22-Nov 07:00 18, 07:00 41" in lane(found, TROPONIN).words
    assert lane(found, "Given").words.startswith("Given: 22-Nov 07:05")
    clock = block(found, "clock").clock
    assert clock is not None
    assert [one.time for one in clock.lines] == ["22-Nov 07:00", "22-Nov 07:05", "07:00"]


def test_two_pressures_of_one_moment_keep_their_own_lower_values() -> None:
    when = "2026-11-23T13:00:00Z"
    found = ed(
        pressure(1, "148", "86", when), pressure(2, "130", "70", when),
        pressure(3, "120", "60", "2026-11-23T14:00:00Z"), kind=Section.VITALS,
    )  # fmt: skip
    clock = block(found, "clock").clock
    assert clock is not None
    told = " ".join(part.text for line in clock.lines for part in line.parts)
    assert "148/86" in told
    assert "130/70" in told


def test_the_words_hold_every_value_and_event_in_the_order_of_time() -> None:
    found = ed(*SERIAL, given(1, "2026-11-23T12:10:00Z"))
    clock = block(found, "clock").clock
    assert clock is not None
    told = [(one.after, "; ".join(part.text for part in one.parts)) for one in clock.lines]
    assert told[0][0] == "−10 min"
    assert told[0][1].startswith("Given: aspirin")
    assert [words for _, words in told if TROPONIN in words] == [
        f"{TROPONIN} 18", f"{TROPONIN} 41 H", f"{TROPONIN} 96 HH",
    ]  # fmt: skip
    assert clock.words == "arrived 06:20, 4 h 11 min ago"


@pytest.mark.parametrize("more", [{"setting": "clinic"}, {"started": at("2026-11-23")}, {"started": at("2026-11-01T10:00:00Z")}])  # fmt: skip
def test_no_clock_without_an_arrival_to_the_minute_and_a_stay_of_hours(
    more: dict[str, Any],
) -> None:
    options = {"setting": "ed", "started": at(ARRIVED), **more}
    parts = [*anna.everything(), section(Section.LABS, *SERIAL, search="more")]
    found = anna.summary(parts, listing=LISTING, **options)
    assert all(one.key != "clock" for one in found.blocks)
    assert TROPONIN in {getattr(r, "name", "") for r in block(found, "labs").rows}


def test_labels_of_events_never_lie_on_each_other_on_a_phone() -> None:
    found = ed(
        *(given(n, f"2026-11-23T14:{n:02d}:00Z") for n in range(1, 6)), kind=Section.ADMINISTRATIONS
    )
    lines = [event.line for event in lane(found, "Given").events]
    assert len(set(lines)) == len(lines)


def test_many_doses_do_not_outgrow_the_page_and_none_is_lost_in_silence() -> None:
    found = ed(
        *(given(n, f"2026-11-23T{13 + n // 60}:{n % 60:02d}:00Z") for n in range(100)),
        kind=Section.ADMINISTRATIONS,
    )
    drawn = lane(found, "Given")
    named = sum(bool(event.label) for event in drawn.events)
    assert len(drawn.events) == 100
    assert drawn.height < 200
    assert given_row(found).lines == (f"{100 - named} marks without room for a name",)
    assert 8 <= named < 100


def test_the_chest_pain_of_the_sandbox() -> None:
    found = authored.built("mercy", "ed-chest-pain").summary
    rows = block(found, "clock").rows
    names = [r.name if isinstance(r, LabRow) else r.parts[0].text for r in rows]
    assert names == [
        "Troponin I.cardiac, high sensitivity", "ECG", "Imaging", "Given", "Blood pressure", "Pulse", "SpO₂",
    ]  # fmt: skip
    assert isinstance(rows[0], LabRow)
    assert rows[0].second == "03-Jan: other assay, apart"
    assert FetchState.FAILED not in {
        s.state for s in authored.built("mercy", "ed-chest-pain").chart.states
    }
