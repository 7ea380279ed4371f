"""Rules that only the finished page can prove: what a clinician reads, label by label."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from clinical.records import (
    Coding,
    Concept,
    Encounter,
    Identifier,
    Immunization,
    Procedure,
    Section,
    SectionRecords,
    Value,
)
from clinical.summary import Site
from clinical.summary.opened import opened
from clinical.summary.view_model import Block, LabRow, ListRow, Summary
from tests.clinical.reconcile.builders import (
    NOW,
    amount,
    at,
    concept,
    lab,
    medication,
    patient,
    pressure,
    problem,
    section,
    source,
)
from tests.clinical.summary import anna
from tests.clinical.summary.ranked import ranking


def page(*parts: SectionRecords, **more: Any) -> Summary:
    return anna.summary([section(Section.PATIENT, patient()), *parts], floor={}, **more)


def block(found: Summary, key: str) -> Block:
    return next(b for b in found.blocks if b.key == key)


def every_row(found: Block) -> list[ListRow | LabRow]:
    return [*found.rows, *(row for group in found.groups for row in group.rows)]


def medicine(dose: str = "daily", **more: Any) -> str:
    """Everything the row of one medicine says."""
    found = page(section(Section.MEDICATIONS, medication(1, "Digoxin 125 MCG", dose, **more)))
    (row,) = every_row(block(found, "medications"))
    assert isinstance(row, ListRow)
    return " | ".join([anna.text(row.parts), *row.lines])


def result(*records: Any, **more: Any) -> LabRow:
    label = records[0].concept.text
    found = page(section(Section.LABS, *records), listing={label: ("must", "lab.x")}, **more)
    return next(r for b in found.blocks for r in b.rows if isinstance(r, LabRow))


# ---- medicines ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"status": "on-hold"}, "on hold"),
        ({"status": "unknown"}, "status not stated"),
        ({"status": ""}, "status not stated"),
        ({"reported": True}, "reported"),
        ({"resolved": False}, "drug not resolved"),
        ({"dose_composed": True}, "dose put together from its parts"),
        ({"ends": at("2026-01-01")}, "active in record, course likely ended"),
    ],
)
def test_what_is_unusual_about_a_medicine_is_said_beside_it(
    change: dict[str, Any], words: str
) -> None:
    assert words in medicine(**change)
    assert words not in medicine()


def test_the_dose_stands_as_written() -> None:
    assert "daily" in medicine()
    assert "1-2 tabs PRN, max 8/d" in medicine("1-2 tabs PRN, max 8/d")


def test_the_list_is_called_prescribed_or_reported_and_never_taken() -> None:
    found = page(section(Section.MEDICATIONS, medication(1, "Digoxin 125 MCG", "daily")))
    assert block(found, "medications").lead.startswith("As prescribed or reported")


def test_orders_of_an_ended_stay_are_a_group_of_their_own() -> None:
    stay = Encounter(source=source("Encounter/9"), status="finished", class_code="IMP")
    inside = medication(1, "Heparin 5000 UNT", "q8h", category="inpatient", encounter="Encounter/9")
    found = page(
        section(Section.ENCOUNTERS, stay),
        section(Section.MEDICATIONS, inside, medication(2, "Digoxin 125 MCG", "daily")),
    )
    groups = {g.label: g.count for g in block(found, "medications").groups}
    assert groups["1 order of an ended stay"] == 1
    assert block(found, "medications").aside == "1 active"
    running = msgspec.structs.replace(stay, status="in-progress")
    found = page(section(Section.ENCOUNTERS, running), section(Section.MEDICATIONS, inside))
    assert block(found, "medications").aside == "1 active"


@pytest.mark.parametrize(
    ("statuses", "heading", "closed"),
    [
        (("active", "active"), "2 active", "2 more active, none high-alert"),
        (
            ("active", "unknown", "", "on-hold"),
            "1 active, 1 on hold, 2 status not stated",
            "1 more active, 1 on hold, 2 status not stated, none high-alert",
        ),
        (("", "completed"), "1 status not stated", "1 status not stated, none high-alert"),
        (("completed",), "", "1 earlier"),
    ],
)
def test_only_what_is_said_to_be_active_is_counted_as_active(
    statuses: tuple[str, ...], heading: str, closed: str
) -> None:
    names = ("Digoxin", "Metformin", "Lisinopril", "Amlodipine")
    given = [
        medication(place, f"{names[place]} 5 MG", "daily", status=status)
        for place, status in enumerate(statuses)
    ]
    found = block(page(section(Section.MEDICATIONS, *given)), "medications")
    assert found.aside == heading
    assert closed in [group.label for group in found.groups]


# ---- problems and what was not done ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"clinical": ""}, "status not stated"),
        ({"verification": "provisional"}, "provisional"),
        ({"verification": "unconfirmed"}, "unconfirmed"),
        ({"clinical": "remission"}, "remission"),
        ({"abatement": at("2020-01-01")}, "active, but with an end date"),
        ({"category": "encounter-diagnosis"}, "diagnosis of a visit"),
    ],
)
def test_what_is_unusual_about_a_problem_is_said_beside_it(
    change: dict[str, Any], words: str
) -> None:
    found = page(section(Section.PROBLEMS, problem(1, "Asthma", "195967001", **change)))
    (row,) = every_row(block(found, "problems"))
    assert isinstance(row, ListRow)
    assert words in anna.text(row.parts)


def test_not_done_is_never_shown_as_done() -> None:
    vaccine = Immunization(
        source=source("Immunization/1"),
        concept=concept("Influenza vaccine"),
        status="not-done",
        status_reason="patient refused",
        given=at("2026-10-01"),
    )
    scope = Procedure(
        source=source("Procedure/1"),
        concept=concept("Colonoscopy"),
        status="not-done",
        performed=at("2026-10-01"),
    )
    found = page(section(Section.IMMUNIZATIONS, vaccine), section(Section.PROCEDURES, scope))
    said = {
        anna.text(row.parts): row.lines
        for row in every_row(block(found, "exams"))
        if isinstance(row, ListRow)
    }
    assert said["Influenza vaccine"] == ("not done, patient refused",)
    assert said["Colonoscopy"] == ("not done",)


# ---- results --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("preliminary", "prelim"),
        ("corrected", "corrected"),
        ("amended", "amended"),
        ("unknown", "status unknown"),
        ("", "status not stated"),
        ("final", ""),
    ],
)
def test_the_status_of_a_result_is_said(status: str, words: str) -> None:
    assert result(lab(1, status=status)).status == words


def test_a_preliminary_result_is_a_hollow_point_and_on_no_line() -> None:
    early = lab(1, value="4.0", when="2026-10-01T09:00:00Z")
    middle = lab(2, value="4.4", when="2026-11-01T09:00:00Z", status="preliminary")
    late = lab(3, value="4.8", when="2026-11-12T09:00:00Z")
    drawn = result(early, middle, late).spark
    assert drawn is not None
    assert [segment.count(",") for segment in drawn.segments] == [2]
    last = result(early, msgspec.structs.replace(late, status="preliminary")).spark
    assert last is not None
    assert [hollow for *_, hollow in last.dots] == [True]


def test_a_pending_result_has_no_value() -> None:
    assert result(lab(1, value=None, status="registered")).value == "pending"


def test_a_correction_says_what_it_was() -> None:
    first = lab(1, value="5.9", issued=at("2026-11-12T10:00:00Z"))
    fixed = lab(2, value="4.9", status="corrected", issued=at("2026-11-12T12:00:00Z"))
    same = tuple(msgspec.structs.replace(r, identifiers=_name()) for r in (first, fixed))
    made = anna.chart([section(Section.PATIENT, patient()), section(Section.LABS, *same)])
    (row,) = made.series
    found = opened(made, ranking(made), row.key, site=Site(), viewer=anna.VIEWER, as_of=NOW)
    assert found is not None
    assert [(line.value, line.status) for line in found.values] == [("4.9", "corrected, was 5.9")]


def _name() -> tuple[Identifier, ...]:
    return (Identifier(system="urn:lab", value="A1"),)


def test_a_bound_is_drawn_as_a_bound() -> None:
    bound = msgspec.structs.replace(
        lab(1), value=Value(quantity=amount("0.01", "mmol/L", comparator="<"))
    )
    row = result(bound)
    assert row.value == "<0.01"
    assert row.spark is not None
    assert [mark for *_, mark in row.spark.open_ends] == ["<"]
    assert row.spark.dots == ()


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("masked", "withheld by the source"),
        ("not-performed", "not done"),
        ("asked-declined", "declined to answer"),
        ("error", "error, no value"),
        ("", "no value sent"),
    ],
)
def test_a_missing_value_says_why_and_is_never_blank_or_zero(reason: str, words: str) -> None:
    row = result(lab(1, value=None, absent=reason))
    assert (row.value, row.flag, row.level) == (words, "", "")


def test_half_a_pressure_says_that_the_other_half_is_missing() -> None:
    record = pressure(1, "148", "86", "2026-11-12T09:00:00Z")
    half = msgspec.structs.replace(record, components=record.components[:1])
    found = page(section(Section.VITALS, half), listing={"Blood pressure": ("must", "vital.bp")})
    (row,) = block(found, "vitals").rows
    assert isinstance(row, LabRow)
    assert row.value == "148/–"


@pytest.mark.parametrize("said", ["<5", "Neg", "hemolyzed", "see note", "5.1 H", "1e3"])
def test_words_are_never_read_as_a_number(said: str) -> None:
    record = msgspec.structs.replace(lab(1, low="3.5", high="5.1"), value=Value(string=said))
    row = result(record)
    assert (row.value, row.flag, row.spark) == (said, "", None)


def test_the_digits_sent_are_the_digits_shown() -> None:
    assert result(lab(1, value="5.10")).value == "5.10"


def test_the_laboratorys_flag_and_the_range_that_disagree_are_both_said() -> None:
    row = result(lab(1, value="4.2", flag="H", low="3.5", high="5.1"))
    assert row.flag == "H"
    assert "Flag and range disagree" in row.comment


def test_a_band_is_drawn_from_the_latest_points_own_range_only() -> None:
    with_range = lab(1, when="2026-10-01T09:00:00Z", low="3.5", high="5.1")
    without = lab(2, when="2026-11-12T09:00:00Z", server="lakeside")
    row = result(with_range, without)
    assert row.range == "no range"
    assert row.spark is not None
    assert row.spark.band is None


def test_a_value_of_a_type_that_is_not_plotted_is_shown() -> None:
    row = result(msgspec.structs.replace(lab(1), value=Value(other="1:64")))
    assert (row.value, row.spark) == ("1:64", None)


def test_times_are_those_of_the_site() -> None:
    row = result(lab(1, when="2026-11-23T14:10:00Z"))
    assert row.date == "today 08:10"
    assert page().zone in ("CST", "America/Chicago")


@pytest.mark.parametrize(
    ("sent", "words"), [("2024-05-01", "01-May-2024"), ("2026-11-23", "today")]
)
def test_a_date_alone_is_never_moved_by_the_zone(sent: str, words: str) -> None:
    assert result(lab(1, when=sent)).date == words


def test_the_release_time_never_orders_results() -> None:
    old = lab(1, value="4.0", when="2026-10-01T09:00:00Z", issued=at("2026-11-20T09:00:00Z"))
    new = lab(2, value="4.4", when="2026-11-12T09:00:00Z", issued=at("2026-11-12T10:00:00Z"))
    assert result(old, new).value == "4.4"


def test_a_result_without_a_time_says_so_and_is_not_drawn() -> None:
    row = result(lab(1, when=None))
    assert row.date == "time unknown"
    assert row.spark is None or row.spark.dots == ()


# ---- whose data, and what is held back ------------------------------------------------------------------------


def test_restricted_entries_are_counted_and_never_named() -> None:
    secret = msgspec.structs.replace(
        lab(1, "HIV 1 RNA", "20447-9"), source=source("Observation/1", restricted=True)
    )
    found = page(section(Section.LABS, secret))
    (slot,) = [s for s in found.safety if s.key == "restricted"]
    assert slot.lines[0].text == "1 item, Mercy"


def test_measurements_of_somebody_else_are_no_row() -> None:
    fetal = lab(1, "Heart rate", "8867-4", "150", "/min", about_other=True)
    found = page(section(Section.VITALS, fetal))
    assert not [row for b in found.blocks for row in b.rows if isinstance(row, LabRow)]
    assert ("not a result of its own", 1) in {(line.reason, line.count) for line in found.ledger}


def test_unknown_as_a_code_is_no_finding() -> None:
    unknown = Concept(codings=(Coding(system="http://snomed.info/sct", code="x"),), text="Unknown")
    record = msgspec.structs.replace(lab(1), value=Value(concept=unknown))
    assert result(record).level == ""


def test_the_mean_of_pressures_leaves_out_what_cannot_be_right() -> None:
    good = [pressure(n, "120", "80", f"2026-11-1{n}T09:00:00Z") for n in range(4)]
    wrong = pressure(9, "1200", "80", "2026-11-15T09:00:00Z")
    found = page(section(Section.VITALS, *good, wrong))
    assert block(found, "vitals").aside == "BP mean of last 4: 120/80"
