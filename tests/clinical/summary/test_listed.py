"""A visit that asks for six things and one that asks for thirty-three: all of them stand there, and nothing else does."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import msgspec
import pytest

from clinical.pipeline import Built, build_summary
from clinical.rank.library import Library, Listed, Pack, Terms
from clinical.records import Ranked
from clinical.summary import names
from clinical.summary.view_model import LabRow, ListRow
from tests.clinical import authored

CHARTS = (
    ("mercy", "t2dm-ckd"),
    ("lakeside", "t2dm-ckd"),
    ("mercy", "heart-failure"),
    ("mercy", "ed-chest-pain"),
    ("mercy", "ward-sepsis"),
    ("mercy", "traps"),
    ("lakeside", "depression"),
)
SIZES = (6, 33)


def _pack(size: int) -> Pack:
    """The first items of the diabetes context, each asked for without a condition, so that none gives way."""
    whole = authored.LIBRARY.packs["diabetes"]
    wanted = [one for one in whole.listed if one.importance != "background"][:size]
    listed = tuple(
        Listed(item=one.item, importance="must", place=place, terms=Terms())
        for place, one in enumerate(wanted)
    )
    return msgspec.structs.replace(whole, id=f"asks_{size}", listed=listed, applies=None)


PACKS = {size: _pack(size) for size in SIZES}
LIBRARY = Library(
    items=authored.LIBRARY.items,
    packs={**authored.LIBRARY.packs, **{pack.id: pack for pack in PACKS.values()}},
    codes=authored.LIBRARY.codes,
    floor=authored.LIBRARY.floor,
)


@cache
def page(server: str, patient: str, size: int) -> Built:
    return build_summary(
        authored.sections(server, patient),
        visit_choice=PACKS[size].id,
        site=authored.SITE,
        viewer=authored.VIEWER,
        library=LIBRARY,
        launch_server=server,
        encounter_id=f"visit-{patient}",
        as_of=authored.NOW,
    )


def open_rows(built: Built) -> Iterator[LabRow | ListRow]:
    return (row for block in built.summary.blocks for row in block.rows)


def told(built: Built) -> set[str]:
    """The sources that the open rows, the safety line and the one-liner stand for."""
    found = {token for row in open_rows(built) for token in row.sources}
    found |= {
        token for slot in built.summary.safety for line in slot.lines for token in line.sources
    }
    return found | {token for part in built.summary.one_liner for token in part.sources}


def one_click(built: Built) -> set[str]:
    """The sources of the rows in closed groups."""
    groups = (group for block in built.summary.blocks for group in block.groups)
    return {token for group in groups for row in group.rows for token in row.sources}


def words(built: Built) -> str:
    """The names of the open rows whose place of a value is taken by an honest state."""
    return " ".join(
        f"{row.key} {row.name if isinstance(row, LabRow) else ''.join(p.text for p in row.parts)}"
        for row in open_rows(built)
        if row.state is not None
    )


def leads(built: Built, entries: list[Ranked]) -> set[str]:
    """The source tokens behind entries of the ranking."""
    keys = {entry.key for entry in entries}
    chart = built.chart
    found = {row.latest.record.source.token for row in chart.series if row.key in keys}
    items = (
        *chart.problems, *chart.medications, *chart.administrations, *chart.procedures, *chart.reports,
        *chart.studies, *chart.documents, *chart.immunizations, *chart.cultures, *chart.family,
    )  # fmt: skip
    return found | {item.lead.source.token for item in items if item.key in keys}


@pytest.mark.parametrize("size", SIZES)
def test_the_two_contexts_ask_for_what_they_say(size: int) -> None:
    assert len(PACKS[size].listed) == size


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(("server", "patient"), CHARTS)
def test_no_listed_item_is_missing(server: str, patient: str, size: int) -> None:
    built = page(server, patient, size)
    assert built.ranking.visit.contexts == (PACKS[size].id,)
    shown, closed, states = told(built), one_click(built), words(built)
    absent = {one.item: one.label for one in built.ranking.absent}
    missing = []
    for one in PACKS[size].listed:
        entries = [entry for entry in built.ranking.ranked if one.item in entry.listed]
        if one.item in absent:
            there = absent_is_said(one.item, absent[one.item], states)
        else:
            # What the ranking itself lowers (a medicine that was stopped, a problem that is over) may be one click away.
            lowered = all(entry.importance == "should" for entry in entries)
            there = bool(leads(built, entries) & (shown | closed if lowered else shown))
        if not there:
            missing.append((one.item, [entry.importance for entry in entries]))
    assert missing == []


def absent_is_said(item: str, label: str, states: str) -> bool:
    return f"absent-{item.replace('.', '-')}" in states or names.test(label) in states


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(("server", "patient"), CHARTS)
def test_nothing_unlisted_stands_open_but_the_floor(server: str, patient: str, size: int) -> None:
    built = page(server, patient, size)
    entries = {entry.key: entry for entry in built.ranking.ranked}
    # What changed since the last visit is told whatever the visit asks for: it has a block of its own.
    rows = [row for block in built.summary.blocks if block.key != "since" for row in block.rows]
    unlisted = [
        row.key
        for row in rows
        if (entry := entries.get(row.key)) is not None and not entry.importance and not entry.floor
    ]
    assert unlisted == []


def test_a_new_note_that_is_not_listed_is_closed_counted_and_told_as_a_change() -> None:
    built = page("mercy", "t2dm-ckd", 6)
    blocks = {block.key: block for block in built.summary.blocks}
    note = next(one for one in built.chart.documents if one.label == "ED discharge summary")
    assert note.key not in {row.key for row in blocks["reports"].rows}
    (group,) = [one for one in blocks["reports"].groups if "not for this visit" in one.label]
    assert group.label.endswith(" new")
    assert note.key in {row.key for row in group.rows}
    since = blocks["since"]
    changes = [*since.rows, *(row for one in since.groups for row in one.rows)]
    assert [row for row in changes if row.key == f"since-{note.key}"]
