"""Laboratory results by panel and date: analytes down, dates across, two dates side by side.

A column is a day in the clinic and a moment in the ED or on a ward. A cell holds every value of its column, newest
first. Values whose time is unknown or cannot be right have no column; the row says how many there are.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from functools import lru_cache
from hashlib import blake2s
from importlib.resources import files

from clinical.records import Frozen, Observation, Series
from clinical.summary import delta, fmt, tables, values
from clinical.summary.desk import Desk, point_tokens
from clinical.summary.view_model import Level

IN_PAGE, ON_ITS_OWN = 6, 14
_OTHER = "Other"


class Column(Frozen, frozen=True):
    """token: names the column in an address without saying when it was. day: "15-Nov-2026". clock: "" in the clinic."""

    token: str
    day: str
    clock: str


class CellValue(Frozen, frozen=True):
    """unit: only when it is not the row's. note: "prelim", "corrected" …"""

    text: str
    flag: str
    level: Level
    unit: str
    note: str
    clock: str
    sources: tuple[str, ...]


class SheetRow(Frozen, frozen=True):
    """cells: one per column, () where nothing was measured. aside: what has no column, in words."""

    key: str
    name: str
    unit: str
    range: str
    cells: tuple[tuple[CellValue, ...], ...]
    aside: str = ""


class SheetPanel(Frozen, frozen=True):
    name: str
    rows: tuple[SheetRow, ...]


class Compared(Frozen, frozen=True):
    """One analyte at two dates. change: "" when the two may not be compared."""

    key: str
    name: str
    unit: str
    before: tuple[CellValue, ...]
    after: tuple[CellValue, ...]
    change: str


class LabSheet(Frozen, frozen=True):
    """columns: newest first. choices: every date there is. earlier, later: tokens for the next page, "" = none."""

    columns: tuple[Column, ...]
    panels: tuple[SheetPanel, ...]
    choices: tuple[Column, ...]
    earlier: str = ""
    later: str = ""
    empty_rows: int = 0  # analytes without a value in these columns
    before: Column | None = None
    after: Column | None = None
    compared: tuple[Compared, ...] = ()


Slot = tuple[str, str]  # (day as sorted, clock as sorted)


class _Sheet:
    """The values of every laboratory series, put into their columns once."""

    def __init__(self, desk: Desk, salt: str) -> None:
        self.desk, self._salt = desk, salt
        self.by_moment = desk.visit.setting != "clinic"
        self.series = list(_laboratory(desk))
        self.cells: dict[str, dict[Slot, list[int]]] = {row.key: self._places(row) for row in self.series}  # fmt: skip
        found = {slot for cells in self.cells.values() for slot in cells}
        self.slots = sorted(found, reverse=True)
        self.tokens = {self.token(slot): slot for slot in self.slots}

    def _places(self, row: Series) -> dict[Slot, list[int]]:
        cells: dict[Slot, list[int]] = {}
        for place in reversed(range(len(row.points))):
            slot = self._slot(row.points[place].record)
            if slot is not None:
                cells.setdefault(slot, []).append(place)
        return cells

    def _slot(self, record: Observation) -> Slot | None:
        if record.taken is None or self.desk.judge.doubt(record):
            return None
        if not record.taken.zone_known:
            return record.taken.start.strftime("%Y-%m-%d"), ""
        local = record.taken.start.astimezone(self.desk.zone)
        return f"{local:%Y-%m-%d}", f"{local:%H:%M}" if self.by_moment else ""

    def token(self, slot: Slot) -> str:
        return blake2s("/".join(slot).encode(), key=self._salt.encode()[:32], digest_size=6).hexdigest()  # fmt: skip

    def column(self, slot: Slot) -> Column:
        day = fmt.day(date.fromisoformat(slot[0]))
        return Column(token=self.token(slot), day=day, clock=slot[1])

    def row(self, row: Series, slots: Sequence[Slot]) -> SheetRow:
        unit = values.shown(self.desk.judge, row.latest.record).unit
        return SheetRow(
            key=row.key,
            name=self.desk.called(row),
            unit=unit,
            range=values.range_text(self.desk.judge, row.latest.record),
            cells=tuple(self.cell(row, slot, unit) for slot in slots),
            aside=self._aside(row),
        )

    def cell(self, row: Series, slot: Slot, unit: str) -> tuple[CellValue, ...]:
        return tuple(self._value(row, place, unit) for place in self.cells[row.key].get(slot, ()))

    def _value(self, row: Series, place: int, unit: str) -> CellValue:
        point = row.points[place]
        shown = values.shown(self.desk.judge, point.record)
        taken = point.record.taken
        clock = taken is not None and taken.zone_known and not self.by_moment
        return CellValue(
            text=shown.text,
            flag=shown.flag,
            level=shown.level,
            unit=shown.unit if shown.unit != unit else "",
            note=shown.status,
            clock=fmt.clock(taken.start, self.desk.zone) if clock and taken is not None else "",
            sources=point_tokens(point),
        )

    def _aside(self, row: Series) -> str:
        placed = sum(len(places) for places in self.cells[row.key].values())
        left = len(row.points) + len(row.undated) - placed
        return f"{fmt.plural(left, 'value')} without a usable time" if left else ""


def lab_sheet(
    desk: Desk, *, salt: str, most: int = ON_ITS_OWN, start: str = "", before: str = "", after: str = ""
) -> LabSheet:  # fmt: skip
    """The sheet, from the column `start` on (token; "" = the newest).

    salt: makes the tokens of this opening. before, after: tokens of two dates to compare, in either order; a token
    that is not known compares nothing.
    """
    sheet = _Sheet(desk, salt)
    first = sheet.slots.index(sheet.tokens[start]) if start in sheet.tokens else 0
    slots = sheet.slots[first : first + most]
    kept = [row for row in sheet.series if any(slot in sheet.cells[row.key] for slot in slots)]
    older, newer = _pair(sheet, before, after)
    return LabSheet(
        columns=tuple(sheet.column(slot) for slot in slots),
        panels=tuple(_panels(sheet, kept, slots)),
        choices=tuple(sheet.column(slot) for slot in sheet.slots),
        earlier=sheet.token(sheet.slots[first + most]) if first + most < len(sheet.slots) else "",
        later=sheet.token(sheet.slots[max(0, first - most)]) if first else "",
        empty_rows=len(sheet.series) - len(kept),
        before=sheet.column(older) if older else None,
        after=sheet.column(newer) if newer else None,
        compared=tuple(_compared(sheet, older, newer)) if older and newer else (),
    )


def _laboratory(desk: Desk) -> Iterator[Series]:
    for entry in desk.in_order(("series",)):
        row = desk.series[entry.key]
        if tables.block_of(row, entry) == "labs":
            yield row


def _pair(sheet: _Sheet, one: str, other: str) -> tuple[Slot | None, Slot | None]:
    found = sorted({sheet.tokens[token] for token in (one, other) if token in sheet.tokens})
    return (found[0], found[1]) if len(found) == 2 else (None, None)


def _compared(sheet: _Sheet, older: Slot, newer: Slot) -> Iterator[Compared]:
    """Every analyte measured at one of the two dates at least; the change is from the last value to the last value."""
    for row in sheet.series:
        cells = sheet.cells[row.key]
        if older not in cells and newer not in cells:
            continue
        unit = values.shown(sheet.desk.judge, row.latest.record).unit
        yield Compared(
            key=row.key,
            name=sheet.desk.called(row),
            unit=unit,
            before=sheet.cell(row, older, unit),
            after=sheet.cell(row, newer, unit),
            change=_change(sheet, row, cells.get(older, []), cells.get(newer, [])),
        )


def _change(sheet: _Sheet, row: Series, older: Sequence[int], newer: Sequence[int]) -> str:
    """Only between usable values, and never over a break of unit, method or specimen."""
    if not older or not newer:
        return ""
    one, two = older[0], newer[0]
    if any(one <= found.after < two for found in row.breaks):
        return "not comparable"
    records = row.points[one].record, row.points[two].record
    if any(r.status not in ("final", "amended", "corrected", "preliminary") for r in records):
        return ""
    return delta.words(sheet.desk.judge, *records)


# ---- panels ---------------------------------------------------------------------------------------------------


@lru_cache(maxsize=1)
def _known() -> tuple[tuple[str, tuple[str, ...]], ...]:
    text = files("clinical.summary").joinpath("panels.toml").read_text(encoding="utf-8")
    return tuple((one["name"], tuple(one["loinc"])) for one in tomllib.loads(text)["panel"])


def _panels(sheet: _Sheet, rows: Iterable[Series], slots: Sequence[Slot]) -> Iterator[SheetPanel]:
    """Panels in their own order; what belongs to none comes last, in the order of the visit."""
    placed: dict[str, list[tuple[int, Series]]] = {name: [] for name, _ in _known()}
    placed[_OTHER] = []
    for row in rows:
        name, place = _panel_of(row)
        placed[name].append((place, row))
    for name, found in placed.items():
        if found:
            ordered = [row for _, row in sorted(found, key=lambda pair: pair[0])]
            yield SheetPanel(name=name, rows=tuple(sheet.row(row, slots) for row in ordered))


def _panel_of(row: Series) -> tuple[str, int]:
    codes = {code for _, code in row.codes}
    for name, loinc in _known():
        for place, code in enumerate(loinc):
            if code in codes:
                return name, place
    return _OTHER, 0
