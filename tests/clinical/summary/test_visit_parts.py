"""A stay that is sent in parts (the ICU within the stay) is one stay, with the days of the whole of it."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from clinical.records import Document, Encounter, Section
from clinical.summary.view_model import ListRow, Summary
from tests.clinical.normalise.builders import other, shown
from tests.clinical.reconcile.builders import at, concept, medication, section, source
from tests.clinical.safety.test_rules import block, every_row
from tests.clinical.summary.anna import everything, summary, text
from tests.clinical.summary.test_short_frame import STAY, bar, visit

WHOLE = visit(5, "2026-10-02T22:00:00Z", "2026-10-10T12:00:00Z", "EMER")
ICU = msgspec.structs.replace(
    visit(6, "2026-10-03T01:00:00Z", "2026-10-05T15:00:00Z", "ACUTE"), part_of="Encounter/5"
)


def changed(record: Encounter, **more: Any) -> Encounter:
    return msgspec.structs.replace(record, **more)


def page(*visits: Encounter, encounter: str = "", **more: Any) -> Summary:
    parts = [*everything(), section(Section.ENCOUNTERS, *visits)]
    return summary(parts, encounter=encounter, **more)


def test_a_stay_lasts_until_the_discharge_and_not_until_the_end_of_its_icu_part() -> None:
    found = bar(WHOLE, ICU).stays
    assert text(found) == "Last hospital stay 02-Oct to 10-Oct, Mercy: heart failure"
    assert found[0].sources == ("mercy/Encounter/5", "mercy/Encounter/6")


def test_a_part_of_a_stay_is_no_earlier_stay() -> None:
    assert "before it" not in text(bar(ICU, WHOLE).stays)
    other = text(bar(WHOLE, ICU, visit(7, "2026-09-01T12:00:00Z", "2026-09-01T18:00:00Z", "EMER")).stays)  # fmt: skip
    assert other.endswith("before it ED visit 01-Sep, Mercy")


def test_an_elective_visit_from_which_somebody_was_discharged_is_the_stay_of_its_icu_part() -> None:
    elective = changed(WHOLE, class_code="AMB", disposition="HOME")
    assert text(bar(elective, ICU).stays).startswith("Last hospital stay 02-Oct to 10-Oct, Mercy")


@pytest.mark.parametrize(
    "outer",
    [
        changed(WHOLE, class_code="AMB"),  # an account of appointments: nobody was discharged
        changed(WHOLE, status="cancelled"),
        changed(WHOLE, period=None),
        changed(visit(5, "2026-10-02T22:00:00Z", "2026-10-03T12:00:00Z", "EMER")),  # over before
        changed(WHOLE, source=source("Encounter/5", "lakeside")),  # the same id of another source
        changed(WHOLE, period=ICU.period, part_of="Encounter/6"),  # each a part of the other
    ],
)
def test_a_part_whose_whole_cannot_be_one_stay_keeps_its_own_days(outer: Encounter) -> None:
    assert "ospital stay 02-Oct to 05-Oct, Mercy" in text(bar(outer, ICU).stays)


def test_a_part_of_the_visit_that_the_page_is_for_is_no_stay_before_it() -> None:
    running = changed(WHOLE, status="in-progress", class_code="IMP")
    found = page(running, ICU, STAY, encounter="5")
    assert text(found.visit.stays) == "Last hospital stay 02-Oct to 05-Oct, Mercy: heart failure"
    assert found.visit.stays[0].sources == ("mercy/Encounter/1",)


def test_the_discharge_note_of_the_whole_is_found_and_that_of_its_part() -> None:
    for at_visit in ("Encounter/5", "Encounter/6"):
        note = Document(
            source=source("DocumentReference/7"), concept=concept("Discharge summary"), status="current",
            written=at("2026-10-10T12:00:00Z"), encounter=(at_visit,),
        )  # fmt: skip
        assert text(bar(WHOLE, ICU, note).stays).endswith(" · discharge summary")


def test_orders_of_the_icu_are_not_of_an_ended_stay_while_the_stay_goes_on() -> None:
    order = medication(1, "Heparin 5000 UNT", "q8h", category="inpatient", encounter="Encounter/6")
    said = {}
    for status in ("in-progress", "finished"):
        parts = [
            section(Section.ENCOUNTERS, changed(WHOLE, status=status), ICU),
            section(Section.MEDICATIONS, order),
        ]
        said[status] = block(summary(parts), "medications").aside
    assert said["in-progress"] == "1 active"
    assert said["finished"] != "1 active"


def test_a_stay_that_came_since_is_told_once_and_a_move_within_a_known_one_is_told() -> None:
    def since(*visits: Encounter) -> list[str]:
        found = block(page(*visits), "since")
        rows = [row.parts for row in every_row(found) if isinstance(row, ListRow)]
        return [text(parts) for parts in rows if "stay" in text(parts)]

    assert since(WHOLE, ICU) == ["Hospital stay, Mercy: Heart failure"]
    known = changed(WHOLE, period=visit(5, "2026-08-01T12:00:00Z", "2026-10-10T12:00:00Z").period)
    assert since(known, ICU) == ["Hospital stay, Mercy: Heart failure"]


def test_what_a_visit_is_a_part_of_is_read() -> None:
    assert shown(other("Encounter", partOf={"reference": "Encounter/5"})).part_of == "Encounter/5"
    assert shown(other("Encounter")).part_of == ""
