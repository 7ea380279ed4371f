"""The opened row: every value, every contributing entry, and why it stands where it stands."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from clinical.dates import parse_time
from clinical.records import Chart, Item, Observation, Point, Ranked, Ranking, Record, Series
from clinical.summary import (
    facts,
    fmt,
    lists,
    medicines,
    microbiology,
    names,
    openchart,
    papers,
    plain,
    problems,
    rows,
    studies,
    tables,
    values,
)
from clinical.summary.desk import Desk, point_tokens
from clinical.summary.inputs import Site, Viewer
from clinical.summary.states import States
from clinical.summary.view_model import Group, ListRow, Part
from clinical.summary.view_opened import Member, Opened, ValueLine, Why

NEWEST = 12
_MEMBERS = 60


def desk_for(
    chart: Chart, ranking: Ranking, *, site: Site, viewer: Viewer, as_of: datetime
) -> Desk:
    """The lookups of one opening; `viewer` with its last_seen as used for the page (Built.viewer)."""
    first = chart.patients[0].source.server if chart.patients else ""
    states = States(chart.states, site, ZoneInfo(site.zone), first, chart.not_shown)
    return Desk(chart, ranking, site=site, viewer=viewer, as_of=as_of, states=states)


def opened(
    chart: Chart,
    ranking: Ranking,
    key: str,
    *,
    site: Site,
    viewer: Viewer,
    as_of: datetime,
    everything: bool = False,
) -> Opened | None:
    """The opened row of one series or item; None when the chart holds no such key.

    everything: all values instead of the newest twelve.
    """
    desk = desk_for(chart, ranking, site=site, viewer=viewer, as_of=as_of)
    if key in desk.series:
        return _series(desk, desk.series[key], everything=everything)
    if key in desk.items:
        return _item(desk, desk.items[key])
    return None


def _as_of(desk: Desk) -> str:
    local = desk.as_of.astimezone(desk.zone)
    return f"{fmt.day(local.date())} {local.strftime('%H:%M')} {local.tzname() or ''}".strip()


# ---- series ---------------------------------------------------------------------------------------------------


def _series(desk: Desk, row: Series, *, everything: bool) -> Opened:
    points = [*row.points[::-1], *row.undated]
    shown = points if everything else points[:NEWEST]
    lines = tuple(
        _line(desk, row, len(row.points) - 1 - index, point) for index, point in enumerate(shown)
    )
    entry = desk.ranked.get(row.key)
    records = [record for point in shown for record in (point.record, *point.also)]
    return Opened(
        key=row.key,
        heading=desk.called(row),
        as_of=_as_of(desk),
        chart=openchart.build(desk, row),
        values=lines,
        count=len(points),
        first=desk.when(row.points[0].record.taken) if row.points else "",
        facts=facts.of_series(row),
        why=why(entry),
        score=f"{entry.score:.0f}" if entry is not None else "",
        members=_members(desk, records),
        differs=_conflicts(desk, row),
        beside=papers.reports_with(desk, records),
        copy_text=_copy(desk, row, lines),
    )


def _line(desk: Desk, row: Series, index: int, point: Point) -> ValueLine:
    record = point.record
    shown = values.shown(desk.judge, record)
    return ValueLine(
        date=desk.when(record.taken),
        value=shown.text,
        flag=shown.flag,
        level=shown.level,
        unit=shown.unit,
        range=values.range_text(desk.judge, record),
        status=_status(desk, point, shown.status),
        source=desk.names((record, *point.also)),
        sources=point_tokens(point),
        note=_note(desk, record),
        divide=_divide(row, index),
        plotted=_is_plotted(desk, record),
    )


def _is_plotted(desk: Desk, record: Observation) -> bool:
    has_number = record.value.quantity is not None or bool(record.components)
    return record.taken is not None and has_number and not desk.judge.doubt(record)


def _note(desk: Desk, record: Observation) -> str:
    """Why the value or its time cannot be right, the value as reported if shown otherwise, the laboratory's words."""
    doubt, sent = desk.judge.doubt(record), values.reported(desk.judge, record)
    parts = [
        f"Implausible: {doubt}." if doubt else "",
        f"Reported: {sent}." if sent else "",
        f"“{record.notes[0]}”" if record.notes else "",
    ]
    return " ".join(part for part in parts if part)


def _status(desk: Desk, point: Point, status: str) -> str:
    """A correction says what it corrected, when that is known."""
    if point.record.status not in ("corrected", "amended"):
        return status
    record = point.record
    earlier = (r for r in point.also if r.source.server == record.source.server)
    before = next(
        (values.was(desk.judge, r, record) for r in earlier if r.value != record.value), ""
    )
    return f"{status}, was {before}" if before else status


def _divide(row: Series, index: int) -> str:
    for found in row.breaks:
        if found.after == index - 1:
            return f"{found.after_words} above · {found.before_words} below"
    return ""


def _conflicts(desk: Desk, row: Series) -> tuple[str, ...]:
    return tuple(
        " · ".join(f"{desk.name(server)} {said}" for server, said in found.sides)
        for found in row.conflicts
    )


def _copy(desk: Desk, row: Series, lines: Sequence[ValueLine]) -> str:
    """Plain text for the clipboard, with "as of" and the sources."""
    head = f"{desk.called(row)}, as of {_as_of(desk)}"
    body = [
        " ".join(
            part
            for part in (
                line.date,
                line.value,
                line.flag,
                line.unit,
                f"({line.range}, {line.source})",
            )
            if part
        )
        for line in lines
    ]
    return "\n".join([head, *body])


# ---- items ----------------------------------------------------------------------------------------------------


def _item(desk: Desk, item: Item) -> Opened:
    entry = desk.ranked.get(item.key)
    return Opened(
        key=item.key,
        heading=names.product(item.label) if item.kind == "medication" else _heading(item),
        as_of=_as_of(desk),
        count=len(item.members),
        facts=(*papers.facts(desk, item), *facts.of_item(desk, item)),
        papers=papers.papers(desk, item),
        beside=papers.results_of(desk, item) if item.kind == "report" else (),
        why=why(entry),
        score=f"{entry.score:.0f}" if entry is not None else "",
        members=_members(desk, item.members),
        differs=tuple(
            f"{found.what}: "
            + " · ".join(f"{desk.name(server)} {said}" for server, said in found.sides)
            for found in item.conflicts
        ),
        copy_text=f"{item.label}, as of {_as_of(desk)} ({desk.names(item.members)})",
    )


def _heading(item: Item) -> str:
    return item.label or plain.words(item)


def _members(desk: Desk, records: Sequence[Record]) -> tuple[Member, ...]:
    found = []
    for record in records[:_MEMBERS]:
        source = record.source
        kind, _, name = source.reference.partition("/")
        found.append(
            Member(
                source=desk.name(source.server),
                reference=source.reference,
                as_sent=(source.server, kind, name),
                updated=_updated(desk, source.updated or ""),
                words=_member_words(desk, record),
            )
        )
    return tuple(found)


def _updated(desk: Desk, sent: str) -> str:
    """When the source last changed the entry, as the page writes times; as sent when that cannot be read."""
    time = parse_time(sent)
    if time is None:
        return sent
    clock = fmt.clock(time.start, desk.zone) if time.zone_known else ""
    day = fmt.day(fmt.date_of(time, desk.zone))
    return f"{day} {clock}".strip()


def _member_words(desk: Desk, record: Record) -> str:
    status = str(getattr(record, "status", "") or getattr(record, "clinical", ""))
    moment = next(
        (
            getattr(record, name)
            for name in (
                "taken",
                "authored",
                "recorded",
                "written",
                "performed",
                "given",
                "onset",
                "period",
            )
            if getattr(record, name, None) is not None
        ),
        None,
    )
    return ", ".join(
        part for part in (status, desk.when(moment) if moment is not None else "") if part
    )


def why(entry: Ranked | None) -> tuple[Why, ...]:
    """The parts of a score, the weightiest first."""
    if entry is None:
        return ()
    ordered = sorted(entry.reasons, key=lambda reason: (-reason.points, reason.key))
    return tuple(Why(words=r.words, rule=r.rule, points=f"{r.points:+.0f}") for r in ordered)


# ---- what was left out ----------------------------------------------------------------------------------------


def left_out(
    chart: Chart, ranking: Ranking, block: str = "", *, site: Site, viewer: Viewer, as_of: datetime
) -> tuple[Group, ...]:
    """Everything that has no row of its own on the first screen, by block; abnormal first, then by relevance.

    block: only this one ("labs", "vitals", "medications", "problems", "exams", "reports"); "" = all.
    """
    desk = desk_for(chart, ranking, site=site, viewer=viewer, as_of=as_of)
    found: dict[str, list[ListRow]] = {}
    for entry in ranking.ranked:
        if entry.importance in ("must", "should") or entry.floor:
            continue
        place, row = _left(desk, entry)
        if place and (not block or place == block):
            found.setdefault(place, []).append(row)
    for one in chart.not_shown if not block or block == "not-shown" else ():
        name = f"{desk.name(one.source.server)} {one.source.reference}"
        parts = (Part(text=name), Part(text=f", {one.reason}: {one.detail}", muted=True))
        found.setdefault("not-shown", []).append(
            ListRow(key=f"not-shown-{len(found)}", parts=parts, sources=(one.source.token,))
        )
    return tuple(_group(place, found[place]) for place in sorted(found))


def _left(desk: Desk, entry: Ranked) -> tuple[str, ListRow]:
    if entry.kind == "series":
        row = desk.series[entry.key]
        return tables.block_of(row, entry), rows.series_line(desk, row)
    item = desk.items[entry.key]
    if entry.kind == "medication":
        return "medications", medicines.row(desk, medicines.course(desk, item))
    if entry.kind == "problem":
        return "problems", problems.row(desk, item)
    if entry.kind == "microbiology":
        return "reports", microbiology.row(desk, item)
    if entry.kind in ("procedure", "immunization"):
        return "exams", lists.plain_row(desk, item)
    if entry.kind in ("report", "document", "study"):
        return "reports", studies.report_row(desk, item)
    return "other", plain.row(desk, item)


def _group(place: str, found: Sequence[ListRow]) -> Group:
    ordered = tuple(sorted(found, key=lambda row: not row.level))
    abnormal = sum(1 for row in ordered if row.level)
    return Group(label=place.replace("-", " "), rows=ordered, count=len(ordered), abnormal=abnormal)
