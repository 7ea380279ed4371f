"""A later chart takes over what is made of the very same entries, and nothing else: the page is the same without."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal

import msgspec
import pytest

from clinical.pipeline import Built, build_summary
from clinical.reconcile import Worked, reconciled
from clinical.records import Record, SectionRecords, Series
from tests.clinical import authored

SERVER, PATIENT = "mercy", "t2dm-ckd"


@pytest.fixture(scope="module")
def parts() -> list[SectionRecords]:
    return authored.sections(SERVER, PATIENT)


def page(parts: Sequence[SectionRecords], before: Built | None, minutes: int) -> Built:
    return build_summary(
        parts,
        site=authored.SITE,
        viewer=authored.VIEWER,
        library=authored.LIBRARY,
        launch_server=SERVER,
        encounter_id=f"visit-{PATIENT}",
        as_of=authored.NOW + timedelta(minutes=minutes),
        before=before,
    )


def written(built: Built) -> bytes:
    return msgspec.json.encode((built.chart, built.ranking, built.summary))


def worked(
    parts: Sequence[SectionRecords],
    before: Worked | None = None,
    minutes: int = 0,
    server: str = SERVER,
) -> Worked:
    as_of = authored.NOW + timedelta(minutes=minutes)
    return reconciled(parts, launch_server=server, as_of=as_of, before=before)


def numbered(row: Series) -> bool:
    quantity = row.latest.record.value.quantity
    return quantity is not None and quantity.value is not None


def changed(parts: Sequence[SectionRecords], old: Record, new: Record) -> list[SectionRecords]:
    return [
        msgspec.structs.replace(
            part, records=tuple(new if record is old else record for record in part.records)
        )
        for part in parts
    ]


def test_a_chart_that_grows_is_the_same_page_with_and_without_the_earlier_ones(
    parts: list[SectionRecords],
) -> None:
    before = None
    for minutes, count in enumerate((len(parts) // 3, 2 * len(parts) // 3, len(parts), len(parts))):
        here = parts[:count]
        before = page(here, before, minutes)
        assert written(before) == written(page(here, None, minutes))


def test_rows_and_items_of_the_same_entries_are_taken_over(parts: list[SectionRecords]) -> None:
    first = worked(parts)
    second = worked(parts, first, minutes=5)
    assert second.chart == first.chart
    assert all(one is two for one, two in zip(first.chart.series, second.chart.series, strict=True))
    assert second.chart.problems is first.chart.problems


def test_an_entry_that_only_gained_a_figure_makes_its_row_anew(parts: list[SectionRecords]) -> None:
    first = worked(parts)
    row = next(row for row in first.chart.series if numbered(row))
    old = row.latest.record
    quantity = old.value.quantity
    assert quantity is not None
    text = f"{quantity.value:f}"
    value = Decimal(f"{text}0" if "." in text else f"{text}.0")
    longer = msgspec.structs.replace(quantity, value=value)
    new = msgspec.structs.replace(old, value=msgspec.structs.replace(old.value, quantity=longer))
    assert new == old
    again = changed(parts, old, new)
    second = worked(again, first)
    assert repr(second.chart) == repr(worked(again).chart) != repr(first.chart)


def test_a_time_that_was_in_the_future_comes_onto_the_line_when_it_is_past(
    parts: list[SectionRecords],
) -> None:
    first = worked(parts)
    row = next(row for row in first.chart.series if numbered(row))
    old = row.latest.record
    assert old.taken is not None
    soon = authored.NOW + timedelta(hours=1)
    time = msgspec.structs.replace(
        old.taken, start=soon, end=soon, text=soon.isoformat(), precision="second", zone_known=True
    )
    again = changed(parts, old, msgspec.structs.replace(old, taken=time))
    early = worked(again)
    late = worked(again, early, minutes=120)
    assert late.chart == worked(again, minutes=120).chart != early.chart


def test_another_launching_server_takes_nothing_over(parts: list[SectionRecords]) -> None:
    first = worked(parts)
    second = worked(parts, first, server="lakeside")
    assert second.chart == worked(parts, server="lakeside").chart
    assert second.chart.problems is not first.chart.problems
