"""Lines and drains kept as procedures: placed, when, and never that they are still in."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from clinical.records import Chart, Procedure, Section
from clinical.vitals.nursing import Slot, nursing_line
from clinical.vitals.placed import kind_of
from clinical.vitals.signs import readings_of
from tests.clinical.reconcile.builders import at, concept, section, source
from tests.clinical.summary import anna
from tests.clinical.vitals.builders import NOW

LINES = (
    "20 Gauge", "Arterial Line", "PICC Line", "Insertion of PICC line", "Foley", "Foley catheter placement",
    "Insertion of urinary catheter", "Central venous catheter placement", "Peripheral IV insertion", "Multi Lumen",
    "Insertion of peripheral venous cannula", "Dialysis Catheter", "Insertion of nasogastric tube",
)  # fmt: skip
DRAINS = (
    "Chest Tube",
    "Insertion of chest drain",
    "Jackson-Pratt drain",
    "Placement of wound drain",
)
NEITHER = (
    "Catheter ablation of tissue of heart", "Removal of central venous catheter", "PICC line removal", "Foley removed",
    "Cardiac catheterization", "Arterial line discontinued", "Chest tube removal", "Insertion of pacemaker",
    "PICC line dressing", "Urinary catheter care", "Flushing of central venous catheter", "Family updated by RN",
    "Drainage of abscess", "Unsuccessful insertion of PICC line", "Chest X-Ray", "Hemodialysis", "Portable chest film",
    "Central line tip culture", "Transport", "Education about Foley catheter", "Exchange of nephrostomy tube",
)  # fmt: skip


@pytest.mark.parametrize("name", LINES)
def test_a_line_that_was_placed_is_known(name: str) -> None:
    assert kind_of(name) == "line"


@pytest.mark.parametrize("name", DRAINS)
def test_a_drain_that_was_placed_is_known(name: str) -> None:
    assert kind_of(name) == "drain"


@pytest.mark.parametrize("name", NEITHER)
def test_taking_out_and_everything_else_is_not_placing(name: str) -> None:
    assert kind_of(name) is None


def done(name: str, day: str | None, number: int = 1, status: str = "completed") -> Procedure:
    when = at(day) if day else None
    return Procedure(source=source(f"Procedure/{number}"), concept=concept(name), performed=when, status=status)  # fmt: skip


def slots(*procedures: Procedure) -> dict[str, Slot]:
    chart: Chart = anna.chart([anna.mercy()[0], section(Section.PROCEDURES, *procedures)])
    made = nursing_line(
        chart, readings_of(chart), as_of=NOW, zone=ZoneInfo("America/Chicago"), nothing=lambda *_, **__: "none recorded"
    )  # fmt: skip
    return {slot.key: slot for slot in made}


def test_what_was_placed_is_told_with_its_day_and_that_nobody_recorded_the_rest() -> None:
    found = slots(done("20 Gauge", "2026-11-22"), done("Chest Tube", None, 2))
    (line,), (drain,) = found["lines"].facts, found["drains"].facts
    assert (line.text, line.since) == (
        "20 Gauge",
        "placed 22-Nov, whether still in is not recorded",
    )
    assert line.sources == ("mercy/Procedure/1",)
    assert drain.since == "placed on an unknown day, whether still in is not recorded"


def test_the_newest_of_a_name_is_told_and_what_is_old_only_when_it_is_meant_to_last() -> None:
    found = slots(
        done("20 Gauge", "2026-11-20"),
        done("20 Gauge", "2026-11-22", 2),
        done("18 Gauge", "2019-01-01", 3),
        done("Placement of implanted port", "2019-01-01", 4),
        done("Arterial Line", "2026-11-22", 5, status="not-done"),
    )
    told = [(fact.text, fact.sources) for fact in found["lines"].facts]
    assert told == [
        ("20 Gauge", ("mercy/Procedure/2", "mercy/Procedure/1")),
        ("Placement of implanted port", ("mercy/Procedure/4",)),
    ]
    since = found["lines"].facts[0].since
    assert since == "placed 22-Nov (1 more of them before), whether still in is not recorded"
    assert found["drains"].nothing == "none recorded as devices"


def test_a_line_that_is_dated_ahead_is_told_with_its_date() -> None:
    (fact,) = slots(done("Arterial Line", "2026-12-24"))["lines"].facts
    assert fact.text == "Arterial Line"
    assert fact.since == "placed 24-Dec (in the future), whether still in is not recorded"


def test_of_many_the_newest_are_named_and_the_others_counted() -> None:
    many = [done(f"{n} Gauge", "2026-11-22", n) for n in (14, 16, 18, 20, 22)]
    facts = slots(*many)["lines"].facts
    assert [fact.text for fact in facts][-1] == "2 more placed"
    assert len({token for fact in facts for token in fact.sources}) == 5
