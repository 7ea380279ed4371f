"""The visit bar: the last stay and the visits before it, the line of vitals for a short frame; why a medicine ended."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from clinical.records import Document, Encounter, FhirTime, Procedure, Section
from clinical.summary.view_model import VisitBar
from tests.clinical.reconcile.builders import at, concept, medication, section, source
from tests.clinical.summary.anna import VIEWER, everything, summary, text, without


def period(first: str, last: str) -> FhirTime:
    begin, end = at(first), at(last)
    return msgspec.structs.replace(
        begin, end=end.start, precision="period", text=f"{first}/{last}", zone_known=True
    )


def visit(number: int, first: str, last: str, kind: str = "IMP", **more: Any) -> Encounter:
    return Encounter(
        source=source(f"Encounter/{number}"),
        status=more.pop("status", "finished"),
        class_code=kind,
        reasons=(concept("Heart failure"),),
        period=period(first, last),
    )


def bar(*records: Encounter | Document) -> VisitBar:
    visits = [one for one in records if isinstance(one, Encounter)]
    notes = [one for one in records if isinstance(one, Document)]
    parts = [*everything(), section(Section.ENCOUNTERS, *visits)]
    return summary([*parts, section(Section.DOCUMENTS, *notes)]).visit


STAY = visit(1, "2026-10-02T12:00:00Z", "2026-10-05T12:00:00Z")


def test_the_last_stay_is_told_with_its_days_its_reason_and_its_note() -> None:
    note = Document(
        source=source("DocumentReference/7"), concept=concept("Discharge summary"), status="current",
        written=at("2026-10-05T12:00:00Z"), encounter=("Encounter/1",),
    )  # fmt: skip
    found = bar(STAY, note).stays
    assert (
        text(found)
        == "Last hospital stay 02-Oct to 05-Oct, Mercy: heart failure · discharge summary"
    )
    assert found[0].sources == ("mercy/Encounter/1",)
    assert found[-1].sources == ("mercy/DocumentReference/7",)


def test_visits_of_the_year_before_it_are_named_or_counted() -> None:
    others = [visit(n, f"2026-0{n}-02T12:00:00Z", f"2026-0{n}-02T18:00:00Z", "EMER") for n in (3, 4, 5, 6)]  # fmt: skip
    old = visit(9, "2025-03-02T12:00:00Z", "2025-03-02T18:00:00Z", "EMER")
    assert text(bar(STAY, old, *others).stays).endswith(
        "· before it ED visit 02-Jun, Mercy, ED visit 02-May, Mercy and 2 more in 12 months"
    )


def test_both_ends_of_an_older_stay_are_told_to_the_day() -> None:
    old = visit(9, "2025-03-02T12:00:00Z", "2025-03-04T18:00:00Z")
    assert text(bar(old).stays).startswith("Last hospital stay 02-Mar-2025 to 04-Mar-2025, Mercy")


def test_an_office_visit_and_a_cancelled_stay_are_no_stay() -> None:
    office = visit(2, "2026-10-02T12:00:00Z", "2026-10-02T13:00:00Z", "AMB")
    off = visit(3, "2026-10-02T12:00:00Z", "2026-10-03T13:00:00Z", status="cancelled")
    assert text(bar(office, off).stays).startswith("No hospital stay or ED visit")


def test_a_stay_without_a_date_is_named_instead_of_none() -> None:
    made = visit(4, "2026-10-02T12:00:00Z", "2026-10-03T13:00:00Z", status="in-progress")
    undated = msgspec.structs.replace(made, period=None)
    assert text(bar(undated).stays) == "Hospital stay without a date, in-progress, Mercy"
    cancelled = msgspec.structs.replace(undated, status="cancelled")
    assert text(bar(cancelled).stays).startswith("No hospital stay or ED visit")


def test_a_stay_that_is_over_with_an_end_ahead_is_told_and_marked() -> None:
    for first in ("2026-11-20T12:00:00Z", "2026-11-23T09:00:00Z"):  # the second began today
        said = text(bar(visit(8, first, "2026-12-20T12:00:00Z"), STAY).stays)
        assert said.startswith("Last hospital stay ")
        assert "to 20-Dec-2026 (implausible end: in the future), Mercy: heart failure" in said
        assert said.endswith("before it hospital stay 02-Oct to 05-Oct, Mercy")
    running = visit(1, "2026-11-20T12:00:00Z", "2026-12-20T12:00:00Z", status="in-progress")
    assert "implausible" not in text(bar(running).stays)  # a planned end
    whole_day = period("2026-11-20T12:00:00Z", "2026-11-24T00:00:00Z")
    today = msgspec.structs.replace(whole_day, text="2026-11-20T12:00:00Z/2026-11-23")
    assert "implausible" not in text(bar(msgspec.structs.replace(STAY, period=today)).stays)


def test_a_stay_that_begins_ahead_is_never_the_last_one() -> None:
    ahead = visit(8, "2129-04-06T12:00:00Z", "2129-04-08T12:00:00Z")
    told = "ospital stay 06-Apr-2129 to 08-Apr-2129, Mercy, implausible: in the future"
    assert text(bar(ahead).stays) == f"H{told}"
    said = text(bar(ahead, STAY).stays)
    assert said == f"Last hospital stay 02-Oct to 05-Oct, Mercy: heart failure · H{told}"


def test_a_visit_that_ended_this_morning_is_no_visit_of_the_last_2_years_that_is_missing() -> None:
    morning = visit(1, "2026-11-23T06:00:00Z", "2026-11-23T09:00:00Z", "EMER")
    assert text(bar(morning).stays).startswith("Last ED visit ")


NEVER_SEEN = msgspec.structs.replace(VIEWER, last_seen=None)
MORNING = visit(3, "2026-11-23T06:00:00Z", "2026-11-23T09:00:00Z", "EMER")
NOT_STATED = visit(4, "2026-10-02T12:00:00Z", "2026-10-02T12:30:00Z", "AMB", status="")


@pytest.mark.parametrize("earlier", [MORNING, NOT_STATED])
@pytest.mark.parametrize("setting", ["ward", "clinic"])
def test_no_visit_before_is_not_said_over_one_of_this_morning_or_without_a_status(
    earlier: Encounter, setting: str
) -> None:
    this = visit(2, "2026-11-23T10:00:00Z", "2026-11-24T12:00:00Z", status="in-progress")
    parts = [*everything(), section(Section.ENCOUNTERS, this, earlier)]
    found = summary(parts, viewer=NEVER_SEEN, encounter="2", setting=setting)
    assert found.visit.last_seen == "Last seen: not known"
    assert "2 years" not in text(found.one_liner)
    alone = [*everything(), section(Section.ENCOUNTERS, this)]
    none = summary(alone, viewer=NEVER_SEEN, encounter="2", setting=setting)
    assert none.visit.last_seen.endswith("in the last 2 years")


def test_a_stay_whose_id_ends_as_that_of_the_visit_does_is_told() -> None:
    visits = [visit(12, "2026-10-02T12:00:00Z", "2026-10-05T12:00:00Z"), visit(2, "2026-11-20T12:00:00Z", "2026-11-21T12:00:00Z")]  # fmt: skip
    found = summary([*everything(), section(Section.ENCOUNTERS, *visits)], encounter="2")
    assert text(found.visit.stays) == "Last hospital stay 02-Oct to 05-Oct, Mercy: heart failure"


def test_a_stay_of_another_source_with_the_id_of_the_visit_is_told() -> None:
    here = visit(2, "2026-11-20T12:00:00Z", "2026-11-21T12:00:00Z")
    there = msgspec.structs.replace(
        visit(2, "2026-10-02T12:00:00Z", "2026-10-05T12:00:00Z"),
        source=source("Encounter/2", "lakeside"),
    )
    elsewhere = section(Section.ENCOUNTERS, there, server="lakeside")
    parts = [*everything(), section(Section.ENCOUNTERS, here), elsewhere]
    assert text(summary(parts, encounter="2").visit.stays) == (
        "Last hospital stay 02-Oct to 05-Oct, Lakeside: heart failure"
    )


def test_none_is_never_said_over_a_source_that_failed() -> None:
    failed = without(everything(), "mercy", Section.ENCOUNTERS)
    assert summary(failed).visit.stays == ()


def test_the_must_see_vitals_stand_in_one_line_with_what_moved() -> None:
    digest = summary().visit.digest
    assert text(digest) == "Blood pressure 148/86 mmHg H +12/+4"
    assert digest[0].sources == ("mercy/Observation/21",)


def test_a_medicine_that_was_stopped_says_since_when_and_why() -> None:
    ended = medication(
        5, "Empagliflozin 10 MG", "daily", status="stopped", authored=at("2026-02-01"),
        ends=at("2026-07-13"), status_reason="Mycotic infection",
    )  # fmt: skip
    silent = medication(6, "Glipizide 5 MG", "daily", status="stopped", authored=at("2026-02-01"))
    found = summary([*everything(), section(Section.MEDICATIONS, ended, silent)])
    said = [text(row.parts) for one in found.blocks for group in one.groups for row in group.rows if hasattr(row, "parts")]  # fmt: skip
    assert any("Empagliflozin 10 mg" in one and "since 01-Feb; why: Mycotic infection" in one for one in said)  # fmt: skip
    assert any("Glipizide 5 mg" in one and "why: not recorded" in one for one in said)


def test_a_medicine_that_was_begun_four_times_in_two_years_was_not_begun_twice() -> None:
    days = ["2020-03-08", "2020-01-17", "2019-12-11", "2019-06-25", "2019-06-25"]
    courses = [
        medication(f"v{n}", "Vicodin", "", "1310197", status="stopped", authored=at(day))
        for n, day in enumerate(days)
    ]
    found = summary([*everything(), section(Section.MEDICATIONS, *courses)])
    said = [text(row.parts) for one in found.blocks for group in one.groups for row in group.rows if hasattr(row, "parts")]  # fmt: skip
    assert "Stopped: Vicodin; on 4 days: 2020, 2019; why: not recorded" in said


def test_other_procedures_stand_newest_first_and_those_without_a_date_last() -> None:
    days = {1: "2019-03-01", 2: "2025-02-01", 3: "", 4: "2021-07-01"}
    done = [
        Procedure(
            source=source(f"Procedure/{n}"), concept=concept(f"Exam {n}"), status="completed",
            performed=at(day) if day else None,
        )
        for n, day in days.items()
    ]  # fmt: skip
    found = summary([*everything(), section(Section.PROCEDURES, *done)])
    (group,) = [g for b in found.blocks for g in b.groups if "other procedure" in g.label]
    assert [text(row.parts) for row in group.rows] == ["Exam 2", "Exam 4", "Exam 1", "Exam 3"]


def test_what_several_entries_of_a_slot_say_is_said_once_with_their_number() -> None:
    done = [
        Procedure(
            source=source(f"Procedure/{n}"), concept=concept(name), status="completed",
            performed=at(f"2026-03-0{n}"),
        )
        for n, name in enumerate(("Hemodialysis", "Hemodialysis", "Kidney transplant"), 1)
    ]  # fmt: skip
    floor = dict.fromkeys(("Hemodialysis", "Kidney transplant"), ("floor.organ_function_immuno",))
    found = summary([*everything(), section(Section.PROCEDURES, *done)], floor=floor)
    slot = next(one for one in found.safety if one.key == "organ")
    assert {line.text for line in slot.lines} == {"Hemodialysis (2 entries)", "Kidney transplant"}
    twice = next(line for line in slot.lines if "entries" in line.text)
    assert set(twice.sources) == {"mercy/Procedure/1", "mercy/Procedure/2"}
    assert all(line.state is None for line in slot.lines)
