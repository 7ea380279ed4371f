"""Labs, vitals and scores for this visit, and the closed groups of what is not for it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from clinical import units
from clinical.records import Absent, Quantity, Ranked, Section, Series
from clinical.summary import absent_items, fmt, names, rows, sections, spark
from clinical.summary.desk import Desk
from clinical.summary.fold import Draft, Row
from clinical.summary.view_model import Group, ListRow, Part, State

_LAB_PREFIX = ("lab.",)
_VITAL_PREFIX = ("vital.", "quest.")
_MOST_ABSENT_ROWS = 2
_READ_WITH = {"Creatinine": "eGFR", "Hematocrit": "Hemoglobin", "AST": "ALT"}
_IN_PAGE = (
    30  # rows of the closed group that stand in the page, abnormal ones first; all come on opening
)


def block_of(row: Series, entry: Ranked | None) -> str:
    """ "labs" or "vitals": by what the visit lists it as, else by its category.

    A measurement is a row of its own also where the visit lists it as an examination: a positive stool test may have
    no report beside it.
    """
    listed = entry.listed if entry is not None else ()
    if any(name.startswith(_LAB_PREFIX) for name in listed):
        return "labs"
    if any(name.startswith(_VITAL_PREFIX) for name in listed):
        return "vitals"
    return (
        "labs" if row.category in ("laboratory", "", "imaging", "procedure", "exam") else "vitals"
    )


class Table:
    """One of the two tables: its series in the order of the ranking, sorted by what becomes of them."""

    def __init__(self, desk: Desk, key: str) -> None:
        self.desk, self.key = desk, key
        self.must: list[Series] = []
        self.should: list[Series] = []
        self.rest: list[Series] = []
        self.clocked: list[Series] = []  # on the clock of an ED visit
        self.not_matched: set[str] = set()  # called like a listed item, under a code of its own
        for entry in desk.in_order(("series",)):
            row = desk.series[entry.key]
            if block_of(row, entry) != key:
                continue
            if row.key in desk.clocked:
                self.clocked.append(row)
            elif entry.importance == "must" or _floor_row(desk, entry):
                self.must.append(row)
            elif entry.importance == "should":
                self.should.append(row)
            else:
                self.rest.append(row)

    @property
    def all(self) -> list[Series]:
        return [*self.must, *self.should, *self.rest]


def _floor_row(desk: Desk, entry: Ranked) -> bool:
    return desk.floor(entry.key, "critical_values", "new_abnormal", "pending")


def draft(
    desk: Desk,
    table: Table,
    window: spark.Window,
    *,
    ticks: dict[str, Sequence[tuple[datetime, str]]],
) -> Draft:
    """The table as a draft: must-see and floor rows open, should-see as room allows, the rest closed."""
    absent = _not_there(table, [a for a in desk.ranking.absent if _absent_block(a) == table.key])
    must, should = (
        [_row(desk, row, window, ticks, table) for row in found]
        for found in (_side_by_side(table.must), table.should)
    )
    must += _absent_rows(desk, [a for a in absent if a.importance == "must"])
    should += _absent_rows(desk, [a for a in absent if a.importance == "should"])
    desk.taken.update(row.key for row in (*table.must, *table.should))
    return Draft(
        key=table.key, fixed=tuple(must), more=tuple(should), rest=_closed(desk, table.rest)
    )


def _not_there(table: Table, absent: Sequence[Absent]) -> list[Absent]:
    """The absent items that no row of this table is called by ("Blood lead" is "Lead in Blood").

    "Nothing recorded: potassium" beside a potassium under the source's own code, or a LOINC code that the list does not
    know, would be a lie: such a row is brought out of the closed group to where the item would stand, as it was sent,
    and is marked as not matched.
    """
    found = []
    for one in absent:
        name = names.same_test(one.label)
        own = [row for row in table.all if names.same_test(row.label) == name]
        table.not_matched.update(row.key for row in own)
        place = table.must if one.importance == "must" else table.should
        place += [row for row in own if row in table.rest]
        table.rest = [row for row in table.rest if row not in own]
        if not own:
            found.append(one)
    return found


def _side_by_side(found: Sequence[Series]) -> list[Series]:
    """The rows in their order, but what is read together stands together: two assays of one name, creatinine and eGFR."""
    read: dict[str, list[Series]] = {}
    for row in found:
        name = names.test(row.label)
        read.setdefault(_READ_WITH.get(name, name), []).append(row)
    return [row for together in read.values() for row in together]


def _row(
    desk: Desk,
    row: Series,
    window: spark.Window,
    ticks: dict[str, Sequence[tuple[datetime, str]]],
    table: Table,
) -> Row:
    return rows.lab_row(
        desk,
        row,
        window,
        ticks=ticks.get(row.key, ()),
        mark=rows.NOT_MATCHED if row.key in table.not_matched else "",
    )


def _absent_block(absent: Absent) -> str:
    prefix = absent.item.split(".", 1)[0]
    return {"lab": "labs", "vital": "vitals", "quest": "vitals"}.get(prefix, "")


def _absent_rows(desk: Desk, absent: Sequence[Absent]) -> list[Row]:
    """A few get a row each; many share one line per answer, since they say the same."""
    if len(absent) <= _MOST_ABSENT_ROWS:
        return [absent_items.row(desk, one) for one in absent]
    return list(absent_lines(desk, absent))


def absent_lines(desk: Desk, absent: Sequence[Absent]) -> list[ListRow]:
    """Absent items that share an answer in one line: "Nothing recorded at Mercy: A, B, C"."""
    by_state: dict[State, list[str]] = {}
    for one in absent:
        by_state.setdefault(absent_items.state(desk, one), []).append(names.test(one.label))
    return [
        ListRow(
            key=f"absent-{index}-{absent[0].item.replace('.', '-')}",
            parts=(Part(text=", ".join(labels)),),
            glyph=state.glyph,
            state=state,
            sources=state.sources,
        )
        for index, (state, labels) in enumerate(by_state.items())
    ]


def _closed(desk: Desk, rest: Sequence[Series]) -> tuple[Group, ...]:
    """The results that are not for this visit: counted, with what is abnormal; listed on opening (`left_out`)."""
    if not rest:
        return ()
    abnormal = [row for row in rest if desk.judge.level(row.latest.record)]
    fresh = sum(
        1 for row in abnormal if desk.is_new(row.latest.record.issued or row.latest.record.taken)
    )
    words = f"{len(rest)} not for this visit"
    if abnormal:
        words += f", {len(abnormal)} abnormal, {f'{fresh} new' if fresh else 'none new'}"
    listed = sorted(rest, key=lambda row: not desk.judge.level(row.latest.record))[:_IN_PAGE]
    return (
        Group(
            label=words,
            rows=tuple(rows.series_line(desk, row) for row in listed),
            count=len(rest),
            abnormal=len(abnormal),
            open=bool(fresh),
        ),
    )


def foot(table: Table) -> str:
    """ "9 of 214 results · 13 months, older only if the visit lists them": rows for this visit of all rows there are, how many have a
    code that is not mapped, and how far back they were asked for where that is not the whole record."""
    timed = len(table.clocked)
    shown = len(table.must) + len(table.should) + timed
    words = f"{shown} of {fmt.plural(len(table.all) + timed, 'result')}"
    words += f", {timed} on the clock" if timed else ""
    own = sum(1 for row in table.all if row.mapping == "unmapped")
    words += f", {own} under codes of the source's own" if own else ""
    return " · ".join(filter(None, (words, _asked(table))))


def _asked(table: Table) -> str:
    desk, fed_by = table.desk, sections_of(table.key)
    back = absent_items.asked_back(fed_by, desk.visit.setting)
    if not back or not table.all or desk.states.asked_whole(fed_by):
        return ""
    return f"{back}, older only if the visit lists them"


def pressure_mean(desk: Desk) -> str:
    """ "BP mean of last 5: 142/84", over final readings; "" with fewer than three."""
    for row in desk.chart.series:
        latest = row.latest.record
        if not latest.components or row.label != "Blood pressure":
            continue
        plausible = [p.record for p in row.points[-5:] if not desk.judge.doubt(p.record)]
        pairs = [pair for record in plausible if (pair := _pressure(record)) is not None]
        if len(pairs) >= 3:
            high = round(sum(pair[0] for pair in pairs) / len(pairs))
            low = round(sum(pair[1] for pair in pairs) / len(pairs))
            return f"BP mean of last {len(pairs)}: {high}/{low}"
    return ""


def _pressure(record: object) -> tuple[float, float] | None:
    found: dict[str, float] = {}
    if getattr(record, "status", "") not in ("final", "amended", "corrected"):
        return None
    for part in getattr(record, "components", ()):
        quantity = part.value.quantity
        for coding in part.concept.codings:
            if _is_plain_pressure(quantity):
                found[coding.code] = float(quantity.value)
    if "8480-6" in found and "8462-4" in found:
        return found["8480-6"], found["8462-4"]
    return None


def _is_plain_pressure(quantity: Quantity | None) -> bool:
    if quantity is None or quantity.value is None or quantity.comparator:
        return False
    return units.ucum(quantity) == "mm[Hg]"


def sections_of(key: str) -> tuple[Section, ...]:
    """What feeds a table."""
    return sections.LABS if key == "labs" else sections.VITALS
