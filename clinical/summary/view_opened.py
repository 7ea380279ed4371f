"""What an opened row consists of: its chart, every value, every entry as sent, and why it stands there."""

from __future__ import annotations

from typing import Literal

from clinical.records import Frozen
from clinical.summary.view_model import Level


class ChartDot(Frozen, frozen=True):
    """One plotted point. label: value and letter, only where it is worth saying. bound: "<" or ">"."""

    x: float
    y: float
    level: Level = ""
    hollow: bool = False
    label: str = ""
    bound: str = ""


class ChartBreak(Frozen, frozen=True):
    """Where the line stops: both sides named ("serum", "plasma")."""

    x: float
    before: str
    after: str


class Lane(Frozen, frozen=True):
    """A medicine under the chart. starts, stops: (x, dose). bars: (x1, x2) of a current course."""

    name: str
    starts: tuple[tuple[float, str], ...] = ()
    stops: tuple[float, ...] = ()
    bars: tuple[tuple[float, float], ...] = ()


class OpenChart(Frozen, frozen=True):
    """438 px wide. bands: (x, y, width, height), each with its points' own range. y_labels: (y, text) at the edges of
    the range. x_labels: (x, text). segments: polyline point strings. aside: what of the values is not on the axis."""

    width: float
    height: float
    unit: str
    bands: tuple[tuple[float, float, float, float], ...] = ()
    segments: tuple[str, ...] = ()
    dots: tuple[ChartDot, ...] = ()
    breaks: tuple[ChartBreak, ...] = ()
    y_labels: tuple[tuple[float, str], ...] = ()
    x_labels: tuple[tuple[float, str], ...] = ()
    since: float | None = None
    lanes: tuple[Lane, ...] = ()
    words: str = ""
    aside: str = ""


class ValueLine(Frozen, frozen=True):
    """One value of the table, newest first. divide: words of a break between this line and the next older one."""

    date: str
    value: str
    flag: str
    level: Level
    unit: str
    range: str
    status: str
    source: str
    sources: tuple[str, ...]
    note: str = ""
    divide: str = ""
    plotted: bool = True


class Member(Frozen, frozen=True):
    """One contributing entry. as_sent: (server, resource type, id) for the link to what was sent."""

    source: str
    reference: str
    as_sent: tuple[str, str, str]
    updated: str
    words: str


class Why(Frozen, frozen=True):
    """One part of the score in words. points: "+24"."""

    words: str
    rule: str
    points: str


# text: stands in the row. page, picture: in a sandboxed frame. pdf: in a frame. none: nothing was sent.
FileKind = Literal["text", "page", "pdf", "picture", "unparsed", "none"]


class Paper(Frozen, frozen=True):
    """A file of an opened report or note. place: its number. words: what it is, or why it is not shown."""

    place: int
    kind: FileKind
    title: str
    words: str
    text: str = ""
    source: str = ""


class Opened(Frozen, frozen=True):
    """An opened row. values: at most the newest 12 unless all were asked for; `count` says how many there are."""

    key: str
    heading: str
    as_of: str
    chart: OpenChart | None = None
    values: tuple[ValueLine, ...] = ()
    count: int = 0
    first: str = ""
    facts: tuple[tuple[str, str], ...] = ()
    why: tuple[Why, ...] = ()
    score: str = ""
    members: tuple[Member, ...] = ()
    differs: tuple[str, ...] = ()
    copy_text: str = ""
    papers: tuple[Paper, ...] = ()
    beside: tuple[
        tuple[str, str], ...
    ] = ()  # (key, words) of the reports it came with, or of a report's results
