"""Results by panel and date: nothing lost, nothing joined that may not be, two dates side by side."""

from __future__ import annotations

from typing import Any

from clinical.records import Section
from clinical.summary.desk import Desk
from clinical.summary.lab_sheet import LabSheet, SheetRow, lab_sheet
from clinical.summary.opened import desk_for
from tests.clinical.reconcile.builders import NOW, lab, section
from tests.clinical.summary import anna
from tests.clinical.summary.ranked import ranking


def desk(*more: Any, setting: str = "clinic") -> Desk:
    parts = [*anna.everything(), *([section(Section.LABS, *more)] if more else [])]
    chart = anna.chart(parts)
    ranked = ranking(chart, anna.LISTING, floor=anna.FLOOR, due=anna.DUE)
    ranked = anna.replace(ranked, visit=anna.replace(ranked.visit, setting=setting))
    return desk_for(chart, ranked, site=anna.SITE, viewer=anna.VIEWER, as_of=NOW)


def sheet(found: Desk, **more: Any) -> LabSheet:
    return lab_sheet(found, salt="an opening", **more)


def row(found: LabSheet, name: str) -> SheetRow:
    return next(r for panel in found.panels for r in panel.rows if r.name == name)


def test_every_dated_value_has_its_cell_newest_date_first() -> None:
    found = sheet(desk())
    assert [column.day for column in found.columns][:3] == ["23-Nov-2026", "12-Nov-2026", "12-Aug-2026"]  # fmt: skip
    potassium = row(found, "Potassium")
    assert [[v.text for v in cell] for cell in potassium.cells][:3] == [["5.9"], [], ["4.8"]]
    assert (potassium.cells[0][0].flag, potassium.cells[0][0].level) == ("H", "ab")
    assert potassium.cells[2][0].sources[0] == "mercy/Observation/1"


def test_panels_in_their_order_and_the_rest_last() -> None:
    found = sheet(desk())
    assert [panel.name for panel in found.panels] == ["Chemistry", "Diabetes", "Lipids", "Other"]
    assert [r.name for r in found.panels[0].rows] == ["Potassium", "Chloride"]


def test_two_values_of_one_day_both_stand_in_the_cell() -> None:
    again = lab(90, value="4.4", when="2026-11-23T12:00:00Z", low="3.5", high="5.1")
    cell = row(sheet(desk(again)), "Potassium").cells[0]
    assert [(v.text, v.flag) for v in cell] == [("5.9", "H"), ("4.4", "")]
    assert all(v.clock for v in cell)


def test_in_the_ed_every_moment_is_a_column() -> None:
    again = lab(90, value="4.4", when="2026-11-23T12:00:00Z")
    found = sheet(desk(again, setting="ed"))
    assert [(c.day, c.clock) for c in found.columns][:2] == [("23-Nov-2026", "08:10"), ("23-Nov-2026", "06:00")]  # fmt: skip


def test_a_value_without_a_usable_time_is_counted_in_its_row() -> None:
    undated = lab(90, value="4.4", when="2031-11-23T20:10:00Z")
    assert row(sheet(desk(undated)), "Potassium").aside == "1 value without a usable time"


def test_paging_reaches_every_date_once() -> None:
    made = desk()
    seen: list[str] = []
    start = ""
    for _ in range(20):
        found = sheet(made, most=2, start=start)
        seen += [column.token for column in found.columns]
        start = found.earlier
        if not start:
            break
    assert seen == [column.token for column in found.choices]
    assert found.later


def test_tokens_hold_for_one_opening_only() -> None:
    made = desk()
    one, other = sheet(made), lab_sheet(made, salt="another opening")
    assert {c.token for c in one.choices}.isdisjoint(c.token for c in other.choices)
    assert "2026" not in "".join(c.token for c in one.choices)


def test_any_two_dates_stand_side_by_side_in_either_order() -> None:
    made = desk()
    tokens = {c.day: c.token for c in sheet(made).choices}
    new, old = tokens["23-Nov-2026"], tokens["12-Aug-2026"]
    found = sheet(made, before=new, after=old)
    assert found.before is not None
    assert found.before.day == "12-Aug-2026"
    potassium = next(c for c in found.compared if c.name == "Potassium")
    assert (potassium.before[0].text, potassium.after[0].text, potassium.change) == ("4.8", "5.9", "+1.1")  # fmt: skip
    assert sheet(made, before=new, after=new).compared == ()
    assert sheet(made, before="nothing", after=new).compared == ()


def test_no_change_is_counted_over_a_break() -> None:
    serum = lab(91, value="4.2", when="2026-08-20T13:00:00Z", specimen="Serum")
    plasma = lab(92, value="5.2", when="2026-08-28T13:00:00Z", specimen="Plasma")
    made = desk(serum, plasma)
    tokens = {c.day: c.token for c in sheet(made).choices}
    found = sheet(made, before=tokens["20-Aug-2026"], after=tokens["28-Aug-2026"])
    (potassium,) = [c for c in found.compared if c.name == "Potassium"]
    assert potassium.change == "not comparable"
