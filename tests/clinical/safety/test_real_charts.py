"""Records nobody here wrote, all the way to the page: nothing lost, nothing judged wrongly.

Reads the folders below the environment variable VISIT_LENS_DATA; skipped without it.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from clinical.normalise import records_of
from clinical.reconcile import reconcile
from clinical.reconcile.chart import section_of
from clinical.records import (
    Chart,
    FetchState,
    NotShown,
    Observation,
    Record,
    SearchState,
    Section,
    SectionRecords,
)
from clinical.summary import Site, Viewer, summarise
from clinical.summary.level import Judge
from tests.clinical.normalise.test_real_records import FOLDERS, read_folder
from tests.clinical.reconcile.builders import NOW
from tests.clinical.summary.ranked import ranking

DATA = os.environ.get("VISIT_LENS_DATA", "")

pytestmark = pytest.mark.skipif(not DATA, reason="VISIT_LENS_DATA names no folder of records")


def folder(name: str) -> tuple[list[Record], list[NotShown]]:
    path = Path(DATA) / name
    if not path.is_dir():
        pytest.skip(f"no folder {name}")
    every, included = read_folder(path)
    return records_of(Section.LABS, "mercy", every, included)


def charts(records: list[Record], hidden: list[NotShown]) -> Chart:
    """All of it as one patient's chart: more than any real one holds."""
    by_section: dict[Section, list[Record]] = {}
    for record in records:
        by_section.setdefault(section_of(record), []).append(record)
    parts = [
        SectionRecords(
            state=SearchState(server="mercy", search=name, section=name, state=FetchState.OK),
            records=tuple(found),
            not_shown=tuple(hidden) if index == 0 else (),
        )
        for index, (name, found) in enumerate(by_section.items())
    ]
    return reconcile(parts, launch_server="mercy")


@pytest.mark.parametrize("name", FOLDERS)
def test_every_entry_of_a_real_chart_is_counted_once(name: str) -> None:
    records, hidden = folder(name)
    chart = charts(records, hidden)
    made = summarise(
        chart, ranking(chart), states=chart.states, site=Site(), viewer=Viewer(), as_of=NOW
    )
    # The same entry in two files of a folder is one; versions that differ are counted as older ones.
    entries = {(r.source.reference, repr(r)) for r in records}
    aside = {(n.source.reference, n.reason, n.detail, n.section) for n in hidden}
    assert sum(line.count for line in made.ledger) == len(entries) + len(aside)


def slow_flag(record: Observation) -> tuple[bool, str]:
    """(whether anything can be said, "H", "L" or ""), worked out by hand: only a number against its own one range.

    Nothing of the product is used here. A range of one number, other units or a bound says nothing; "0 to 0" says that
    there should be none of it.
    """
    quantity = record.value.quantity
    if quantity is None or quantity.value is None or quantity.comparator or len(record.ranges) != 1:
        return False, ""
    own = record.ranges[0]
    ends: list[Decimal | None] = []
    for end in (own.low, own.high):
        if end is not None and end.unit not in ("", quantity.unit):
            return False, ""
        ends.append(end.value if end is not None else None)
    low, high = ends
    if (low is None and high is None) or (low is not None and low == high != 0):
        return False, ""
    if high is not None and quantity.value > high:
        return True, "H"
    return True, "L" if low is not None and quantity.value < low else ""


def laboratory() -> Iterator[Observation]:
    records, _ = folder("mimic-iv-demo")
    return (r for r in records if isinstance(r, Observation) and r.category == "laboratory")


def test_every_abnormal_decision_on_real_results_is_that_of_plain_arithmetic() -> None:
    judge, seen = Judge(None), Counter[str]()
    for record in laboratory():
        found = judge.flag(record)
        known, flag = slow_flag(record)
        number = record.value.quantity
        if record.interpretation:
            seen["by the laboratory"] += 1
            continue
        if number is not None and number.comparator:
            seen["bound"] += 1
            assert found.flag in ("", "H", "L")
            continue
        seen["judged" if known else "not judged"] += 1
        assert (found.known, found.flag) == (known, flag), record.source.reference
        assert bool(judge.level(record)) is bool(flag), record.source.reference
        if not record.ranges:
            assert not found.known
    assert seen["judged"] > 1000
    assert seen["not judged"] > 50


def test_no_real_result_without_a_range_or_a_word_is_called_normal() -> None:
    judge = Judge(None)
    silent = [r for r in laboratory() if not r.ranges and not r.interpretation]
    assert silent
    assert not [r.source.reference for r in silent if judge.flag(r).known]
