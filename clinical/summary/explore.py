"""The figure that a reader explores: one analyte, or two on the same time axis, as a plain Plotly figure.

Plain dictionaries only; what they may hold is Plotly's schema (https://plotly.com/javascript/reference/). Text of
sources is escaped, because Plotly reads some markup. What is plotted, and in which unit, is decided by `spark` as for
every other line: what may not share a line is cut, what cannot be right is not drawn.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from html import escape
from typing import Any

from clinical.judgement.dose import told
from clinical.records import Frozen, Medication, Series
from clinical.summary import fmt, medicines, names, openchart, spark, ticks, values
from clinical.summary.desk import Desk

Json = dict[str, Any]
_MOST_CHOICES = 40
_MOST_LANES = 5
_SPANS = (("1 month", 30), ("6 months", 182), ("2 years", 730), ("10 years", 3652))
_SYMBOL = {"": "circle", "<": "triangle-down", ">": "triangle-up"}


class Palette(Frozen, frozen=True):
    """The colours of the page (static/visit-lens/tokens.css), light or dark."""

    canvas: str
    ink: str
    muted: str
    line: str
    band: str
    since: str
    abnormal: str
    critical: str

    def of(self, level: str) -> str:
        return {"ab": self.abnormal, "crit": self.critical}.get(level, self.ink)


LIGHT = Palette(
    canvas="#f6f7f9", ink="#14181f", muted="#5b6472", line="#e3e6eb", band="#e9ecf1", since="#c3c9d2",
    abnormal="#9a5b00", critical="#b3001b",
)  # fmt: skip
DARK = Palette(
    canvas="#0f1318", ink="#e8ecf2", muted="#9aa6b5", line="#2a313b", band="#262d37", since="#465160",
    abnormal="#ffb84d", critical="#ff6b7a",
)  # fmt: skip


class Explored(Frozen, frozen=True):
    """figure: {"data": …, "layout": …}. choices: (key, name) of what may be laid beside it, most relevant first.

    spans: (words, first day, last day) of the buttons for the time axis, ISO dates. words: for a screen reader.
    """

    figure: Json
    choices: tuple[tuple[str, str], ...] = ()
    spans: tuple[tuple[str, str, str], ...] = ()
    words: str = ""


class Drawn(Frozen, frozen=True):
    """A series with what of it can be drawn."""

    row: Series
    name: str
    unit: str
    tracks: tuple[spark.Track, ...]


def explore(desk: Desk, key: str, beside: str = "", *, palette: Palette = LIGHT) -> Explored | None:
    """The figure of one series, with another one beside it; None when the chart has no such series to draw.

    beside: "" = alone. A second series that cannot be drawn leaves the figure with the first.
    """
    first = _drawn(desk, key)
    if first is None:
        return None
    second = _drawn(desk, beside) if beside and beside != key else None
    start, end = _reach(desk, [d for d in (first, second) if d is not None])
    data = [*_traces(desk, first, palette, axis="y")]
    if second is not None:
        data += _traces(desk, second, palette, axis="y2")
    lanes = list(_lanes(desk, first.row, start, palette))
    layout = _layout(desk, first, second, palette, len(lanes))
    layout["xaxis"]["range"] = [_iso(desk, start), _iso(desk, end)]
    spans = tuple(
        (words, _iso(desk, end - timedelta(days=days)), _iso(desk, end))
        for words, days in _SPANS
        if end - start > timedelta(days=days)
    )
    return Explored(
        figure={"data": [*data, *lanes], "layout": layout},
        choices=tuple(_choices(desk, key)),
        spans=(("All", _iso(desk, start), _iso(desk, end)), *spans),
        words=", ".join(_words(d) for d in (first, second) if d is not None),
    )


def _drawn(desk: Desk, key: str) -> Drawn | None:
    row = desk.series.get(key)
    if row is None:
        return None
    found = spark.tracks(desk.judge, row, _all(desk, row))
    if not found:
        return None
    unit = values.shown(desk.judge, row.latest.record).unit
    return Drawn(row=row, name=desk.called(row), unit=unit, tracks=found)


def _all(desk: Desk, row: Series) -> spark.Window:
    moments = [p.record.taken.start for p in row.points if p.record.taken is not None]
    first = min(moments, default=desk.as_of)
    return spark.Window(start=first - timedelta(days=1), end=desk.as_of, words="all")


def _reach(desk: Desk, drawn: Sequence[Drawn]) -> tuple[datetime, datetime]:
    first = min(track.dots[0].at for each in drawn for track in each.tracks)
    room = max((desk.as_of - first) * 0.03, timedelta(hours=1))
    return first - room, desk.as_of + room


def _words(drawn: Drawn) -> str:
    return f"{drawn.name}: {fmt.plural(len(drawn.tracks[0].dots), 'value')}"


def _choices(desk: Desk, key: str) -> Iterator[tuple[str, str]]:
    count = 0
    for entry in desk.in_order(("series",)):
        row = desk.series[entry.key]
        if entry.key == key or not _has_number(row):
            continue
        count += 1
        if count > _MOST_CHOICES:
            return
        yield entry.key, desk.called(row)


def _has_number(row: Series) -> bool:
    latest = row.latest.record
    return latest.value.quantity is not None or bool(latest.components)


# ---- lines ----------------------------------------------------------------------------------------------------


def _traces(desk: Desk, drawn: Drawn, palette: Palette, *, axis: str) -> Iterator[Json]:
    """One trace per line (two for a blood pressure). Only the second analyte has square points and a dashed line."""
    said = {
        p.record.taken.start: _hover(desk, drawn, p.record)
        for p in drawn.row.points
        if p.record.taken is not None
    }
    for place, track in enumerate(drawn.tracks):
        points = list(_points(desk, track, axis, said, palette))
        x, y, text, symbols, colours = (list(column) for column in zip(*points, strict=True))
        yield {
            "type": "scatter",
            "mode": "lines+markers",
            "name": escape(drawn.name, quote=False) if not place else "",
            "x": x,
            "y": y,
            "text": text,
            "yaxis": axis,
            "connectgaps": False,
            "hovertemplate": "%{text}<extra></extra>",
            "line": {"color": palette.muted, "width": 1.3, "dash": "dot" if axis == "y2" else "solid"},
            "marker": {"color": colours, "symbol": symbols, "size": 7, "line": {"color": colours, "width": 1.5}},
        }  # fmt: skip


def _points(
    desk: Desk, track: spark.Track, axis: str, said: Mapping[datetime, str], palette: Palette
) -> Iterator[tuple[str, float | None, str, str, str]]:
    """x, y, words, symbol and colour of each point; one without a value where the line ends and starts again."""
    for index, dot in enumerate(track.dots):
        at = _iso(desk, dot.at)
        yield at, dot.value, said.get(dot.at, ""), _symbol(dot, axis), palette.of(dot.level)
        if index in track.breaks:
            yield at, None, "", "circle", palette.ink


def _symbol(dot: spark.Dot, axis: str) -> str:
    shape = _SYMBOL[dot.open_end]
    if axis == "y2" and not dot.open_end:
        shape = "square"
    return f"{shape}-open" if dot.hollow else shape


def _hover(desk: Desk, drawn: Drawn, record: Any) -> str:
    shown = values.shown(desk.judge, record)
    value = " ".join(part for part in (shown.text, shown.flag, shown.unit, shown.status) if part)
    lines = (
        f"{drawn.name} {value}",
        desk.when(record.taken),
        f"{values.range_text(desk.judge, record)} · {desk.name(record.source.server)}",
    )
    return "<br>".join(escape(line, quote=False) for line in lines)


def _lanes(desk: Desk, row: Series, start: datetime, palette: Palette) -> Iterator[Json]:
    """Medicines that act on the first analyte: a bar while on the list, a mark at every start or change."""
    acting, count = ticks.acting_on(row), 0
    for item in desk.chart.medications if acting else ():
        if not any(part in item.label.lower() for part in acting) or count == _MOST_LANES:
            continue
        lane = _lane(desk, [r for r in medicines.members(item) if not r.avoid], start, palette)
        if lane is not None:
            count += 1
            yield lane


def _lane(
    desk: Desk, records: Sequence[Medication], start: datetime, palette: Palette
) -> Json | None:
    dated = sorted(
        (
            (time.start, record)
            for record in records
            if (time := medicines.began(record)) is not None and time.start <= desk.as_of
        ),
        key=lambda pair: (pair[0], pair[1].source.token),
    )
    if not dated:
        return None
    name = escape(names.product(dated[-1][1].concept.text), quote=False)
    ends = [r.ends.start for _, r in dated if r.ends is not None and r.ends.start <= desk.as_of]
    current = any(r.status in medicines.CURRENT for _, r in dated)
    marks = [(max(at, start), f"{name}: {escape(told(r), quote=False)}") for at, r in dated]
    if current or ends:
        marks.append(
            (desk.as_of if current else max(ends), f"{name}: {'on the list' if current else 'ended'}")
        )  # fmt: skip
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "name": name,
        "x": [_iso(desk, at) for at, _ in marks],
        "y": [name for _ in marks],
        "text": [words for _, words in marks],
        "yaxis": "y3",
        "hovertemplate": "%{text}<br>%{x|%d-%b-%Y}<extra></extra>",
        "line": {"color": palette.muted, "width": 1.3},
        "marker": {"color": palette.ink, "symbol": "line-ns-open", "size": 10},
    }


# ---- the frame ------------------------------------------------------------------------------------------------


def _layout(
    desk: Desk, first: Drawn, second: Drawn | None, palette: Palette, lanes: int
) -> dict[str, Any]:
    floor = 0.07 * lanes + 0.06 if lanes else 0.0
    axis = {"showgrid": False, "zeroline": False, "linecolor": palette.line, "tickcolor": palette.line, "automargin": True}  # fmt: skip
    layout: dict[str, Any] = {
        "paper_bgcolor": palette.canvas,
        "plot_bgcolor": palette.canvas,
        "font": {"family": '"Segoe UI", -apple-system, Roboto, Arial, sans-serif', "size": 14, "color": palette.muted},
        "margin": {"l": 56, "r": 56 if second is not None else 14, "t": 34, "b": 34},
        "height": 340 + 22 * lanes,
        "showlegend": False,
        "dragmode": "zoom",
        "hovermode": "closest",
        "hoverlabel": {"align": "left"},
        "xaxis": {**axis, "type": "date", "anchor": "y3" if lanes else "y", "hoverformat": "%d-%b-%Y"},
        "yaxis": {**axis, "domain": [floor, 1.0], "title": _title(first)},
        "shapes": [*_bands(desk, first, palette), *_since(desk, palette, floor)],
    }  # fmt: skip
    if second is not None:
        layout["yaxis2"] = {
            **axis, "overlaying": "y", "side": "right", "tickmode": "auto", "title": _title(second, " (squares)"),
        }  # fmt: skip
    if lanes:
        layout["yaxis3"] = {**axis, "type": "category", "domain": [0.0, floor - 0.06], "fixedrange": True}  # fmt: skip
    return layout


def _title(drawn: Drawn, more: str = "") -> Json:
    words = f"{drawn.name}, {drawn.unit}" if drawn.unit else drawn.name
    return {"text": escape(words, quote=False) + more, "font": {"size": 14}}


def _bands(desk: Desk, drawn: Drawn, palette: Palette) -> Iterator[Json]:
    """The range in force at each time, of the first analyte only: two overlapping bands could not be told apart."""
    ranges = openchart.ranges(desk, drawn.row)
    for start, end, low, high in openchart.runs(ranges, desk.as_of):
        yield {
            "type": "rect",
            "layer": "below",
            "xref": "x",
            "yref": "y",
            "x0": _iso(desk, start),
            "x1": _iso(desk, end),
            "y0": low if low is not None else _edge(drawn, low=True, other=high),
            "y1": high if high is not None else _edge(drawn, low=False, other=low),
            "fillcolor": palette.band,
            "line": {"width": 0},
        }


def _edge(drawn: Drawn, *, low: bool, other: float | None) -> float:
    """Where a band with one end stops being drawn: beyond every value."""
    found = [dot.value for track in drawn.tracks for dot in track.dots]
    if other is not None:
        found.append(other)
    reach = (max(found) - min(found)) or abs(found[0]) or 1.0
    return min(found) - reach if low else max(found) + reach


def _since(desk: Desk, palette: Palette, floor: float) -> Iterator[Json]:
    seen = desk.last_seen
    if seen is not None:
        yield {
            "type": "line", "layer": "below", "xref": "x", "yref": "paper", "x0": _iso(desk, seen), "x1": _iso(desk, seen),
            "y0": floor, "y1": 1.0, "line": {"color": palette.since, "width": 1},
        }  # fmt: skip


def _iso(desk: Desk, moment: datetime) -> str:
    """Plotly draws a time without a zone as it stands: this is the clock of the site."""
    return moment.astimezone(desk.zone).strftime("%Y-%m-%dT%H:%M:%S")
