"""The clock of an ED visit: one row per lane, all lanes on one time axis. See `clinical.summary.view_model.Lane`.

x is per cent and y is px, so that a lane is as wide as its column and its words keep their size.
"""

from __future__ import annotations

from collections.abc import Iterator

from clinical.summary.view_model import (
    Clock,
    ClockLine,
    LabRow,
    Lane,
    LaneEvent,
    LanePoint,
    ListRow,
    Part,
)
from summary_app.templatetags.markup import esc, level_word, marks, sourced
from summary_app.templatetags.state_signs import state_sign

_AXIS_BASE = 19


def clock_row(row: LabRow | ListRow, base: str) -> str:
    """One lane with what stands at its sides. base: address of the page, already escaped."""
    return _values(row, base) if isinstance(row, LabRow) else _events(row, base)


def axis_line(clock: Clock) -> str:
    """The times over the lanes: arrival and now in ink, full hours between them."""
    hours = "".join(
        f'<text class="m" x="{x}%" y="{_AXIS_BASE}">{esc(text)}</text>' for x, text in clock.ticks
    )
    return (
        f'<svg class="lane axis" width="100%" height="24" role="img" aria-label="{esc(clock.words)}">{hours}'
        f'<text x="{clock.arrived}%" y="{_AXIS_BASE}">{esc(clock.arrival)}</text>'
        f'<text x="{clock.now}%" y="{_AXIS_BASE}">now</text></svg>'
    )  # fmt: skip


def clock_line(line: ClockLine) -> str:
    """Everything of one moment in words."""
    words = "; ".join(_said(part) for part in line.parts)
    return (
        f"<tr{sourced(line.sources)}><td>{esc(line.time)}</td><td>{esc(line.after)}</td>"
        f"<td>{words}</td></tr>"
    )


def _said(part: Part) -> str:
    return (
        f'<span class="{esc(part.level)}">{esc(part.text)}</span>' if part.level else esc(part.text)
    )


def _values(row: LabRow, base: str) -> str:
    level, tall = esc(row.level), " tall" if row.lane and row.lane.height > 60 else ""
    status = f" <b>{esc(row.status)}</b>" if row.status else ""
    unit = f"{esc(row.unit)}{status}"
    under = f'<td role="cell" class="under">{esc(row.comment)}</td>' if row.comment else ""
    beside = _beside(row) if tall else esc(row.second)
    return (
        f'<tr id="{esc(row.anchor)}" class="r{level_word(row.level)}{tall}" role="row"{marks(row)}>'
        f'<th role="rowheader" scope="row" class="n"><a class="o" href="{base}row/{esc(row.key)}">{esc(row.name)}</a></th>'
        f'<td role="cell" class="t">{lane_of(row)}</td>'
        f'<td role="cell" class="v {level}">{_pair(row)}</td>'
        f'<td role="cell" class="f {level}">{esc(row.flag)}</td>'
        f'<td role="cell" class="u">{unit}{", " if unit else ""}<span class="nb">{esc(row.age)}</span></td>'
        f'<td role="cell" class="rg">{esc(row.range)}</td>'
        f'<td role="cell" class="s">{beside}</td>{under}</tr>'
    )  # fmt: skip


def _beside(row: LabRow) -> str:
    """Under the latest value: how it changed, when it was taken and where, what may not share the line."""
    change = f"<b>{esc(row.since)}</b> · " if row.since else ""
    second = f"<span>{esc(row.second)}</span>" if row.second else ""
    return f"<span>{change}{esc(row.date.removeprefix('today '))} {esc(row.source)}</span>{second}"


def _pair(row: LabRow) -> str:
    if not row.value_parts:
        return esc(row.value)
    return "".join(
        f'<b class="{esc(part.level)}">{esc(part.text)}</b>'
        if part.level
        else f'<span class="pl">{esc(part.text)}</span>'
        for part in row.value_parts
    )


def _events(row: ListRow, base: str) -> str:
    name, told = row.parts[0], row.parts[1:]
    words = "".join([_event_words(part, base) for part in told])
    words += "".join([f"<span>{esc(line)}</span> " for line in row.lines])
    state = f'<td role="cell" class="sta">{state_sign(row.state)}</td>' if row.state else ""
    lane = "" if state else f'<td role="cell" class="t">{lane_of(row)}</td>'
    under = f'<td role="cell" class="under">{words}</td>' if words else ""
    return (
        f'<tr class="r ev" role="row"{marks(row)}><th role="rowheader" scope="row" class="n">{esc(name.text)}</th>'
        f'{lane}{state}<td role="cell" class="w">{esc(row.when)}</td>{under}</tr>'
    )


def _event_words(part: Part, base: str) -> str:
    if not part.href:
        return f"{esc(part.text)} "
    link = f'<a class="o ref" href="{base}row/{esc(part.href)}">{esc(part.text)}</a>'
    return f"<span{sourced(part.sources)}>{link}</span> "


def lane_of(row: LabRow | ListRow) -> str:
    """The drawing of one lane; "" where there is none."""
    if row.lane is None:
        return ""
    lane = row.lane
    return (
        f'<svg class="lane" width="100%" height="{lane.height}" role="img" aria-label="{esc(lane.words)}">'
        f"{''.join(_drawn(lane))}</svg>"
    )


def _drawn(lane: Lane) -> Iterator[str]:
    """From the back to the front: band, arrival, now, lines, edges of the range, events, values."""
    for x, y, width, height in lane.bands:
        yield f'<rect class="bd" x="{x}%" y="{y}" width="{width}%" height="{height}"/>'
    for kind, x in (("sn", lane.arrived), ("nw", lane.now)):
        yield f'<line class="{kind}" x1="{x}%" x2="{x}%" y1="-3" y2="{lane.height + 2}"/>'
    for x1, y1, x2, y2 in lane.segments:
        yield f'<line class="tr" x1="{x1}%" y1="{y1}" x2="{x2}%" y2="{y2}"/>'
    for y, text in lane.edges:
        yield f'<text class="m eg" x="0" y="{y}" dx="-4" dy="5">{esc(text)}</text>'
    for event in lane.events:
        yield _event(event)
    for point in lane.points:
        yield _point(point)


def _event(one: LaneEvent) -> str:
    """A tick with its label; dotted while its last word is to come, or when it was not done. What began before the time
    line has no tick: its bar comes in from the left with an open end."""
    top = one.line * 20 + 4
    if one.early:
        return f"{_from_before(one, top + 8)}{_label(one, top)}"
    lasting = (
        f'<line class="ba" x1="{one.x}%" x2="{one.end}%" y1="{top + 8}" y2="{top + 8}"/>'
        if one.end
        else ""
    )
    return (
        f'{lasting}<line class="ti{" open" if one.open else ""}" x1="{one.x}%" x2="{one.x}%" y1="{top}" y2="{top + 15}"/>'
        f"{_label(one, top)}"
    )


def _label(one: LaneEvent, top: int) -> str:
    dx = -6 if one.side == "end" else 6
    return f'<text class="le {esc(one.side)}" x="{one.x}%" y="{top + 13}" dx="{dx}">{esc(one.label)}</text>'


def _from_before(one: LaneEvent, y: int) -> str:
    """An arrow head left of the time line, and a bar from it to where it ended."""
    return (
        f'<line class="ba" x1="-9" x2="{one.end or one.x}%" y1="{y}" y2="{y}"/>'
        f'<path class="ba" fill="none" d="M-4 {y - 5}l-5 5 5 5"/>'
    )


def _point(one: LanePoint) -> str:
    kind = esc(" ".join(filter(None, (one.level, "ho" if one.hollow else ""))))
    dot = f'<circle class="{kind}" cx="{one.x}%" cy="{one.y}" r="3"/>'
    if one.side == "before":
        return (
            f'<text class="pt end" x="{one.x}%" y="{one.y}" dx="-5" dy="5">{esc(one.label)}</text>'
        )
    if one.bound:
        # A mark above or below the dot: the true value lies further that way.
        down = one.bound == "<"
        dot += f'<text class="bo" x="{one.x}%" y="{one.y}" dy="{16 if down else -6}">{"↓" if down else "↑"}</text>'
    if not one.label:
        return dot
    return f'{dot}<text class="pt {esc(one.level)} {esc(one.side)}" x="{one.x}%" y="{one.y}" dy="-7">{esc(one.label)}</text>'
