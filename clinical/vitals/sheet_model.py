"""What the nurse's screens print. Every word is here; a template computes nothing. `sources`: `data-source` tokens."""

from __future__ import annotations

from typing import Literal

from clinical.records import Frozen

from .judge import Level
from .news2 import Band
from .policy import Currency
from .trend import Trend

Rung = Literal["full", "dashed", "flat"]


class Cell(Frozen, frozen=True):
    """One value of one set. kind: "value", "none" (the set has no such part), "error" (not possible, not counted)."""

    text: str
    flag: str = ""
    level: Level = ""
    kind: Literal["value", "none", "error"] = "value"
    note: str = ""


class Column(Frozen, frozen=True):
    """One of the last sets. day: printed where it changes. shift: the first one of this shift."""

    time: str
    day: str = ""
    shift: bool = False


class Row(Frozen, frozen=True):
    """One sign. state: of the latest value; taken: its age in words. points: "2", "–" for a part without points.

    marks: "preliminary", "corrected", "charted 2 h late", "2 readings" … of the latest value. cells: of the last sets;
    earlier: instead of cells, for what is not part of a set ("1.4 at 16:20, 2.6 H at 23:40"). given: medicines that
    were given for it, in words; they are no values of the sign.
    """

    key: str
    name: str
    unit: str
    how: str
    latest: str
    flag: str
    level: Level
    state: Currency
    taken: str
    at: str
    points: str
    trend: Trend
    cells: tuple[Cell, ...] = ()
    earlier: str = ""
    given: tuple[str, ...] = ()
    marks: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    peak: str = ""  # "peak 38.8 at 03:49", of a fever in the window


class PartView(Frozen, frozen=True):
    """points: "2", or "0 or 3" when it is missing; then `missing` and value "none" or the reason."""

    key: str
    label: str
    points: str
    value: str
    level: Level = ""
    missing: bool = False


class Panel(Frozen, frozen=True):
    """The score in words. headline: "6", "at least 6", "not measured", "no score". ladder: the four bars.

    sentences: what is missing and what it could add, scale, age, change this shift, the source's own score.
    """

    headline: str
    prefix: str
    number: str
    level: Level
    band: Band
    band_words: str
    possible_words: str
    ladder: tuple[Rung, Rung, Rung, Rung]
    parts: tuple[PartView, ...]
    sentences: tuple[str, ...]
    change: str
    escalation: str
    policy: str
    trend: ScoreTrend
    cells: tuple[Cell, ...] = ()
    count: str = ""  # "6 of 7 parts"
    age: str = ""
    sources: tuple[str, ...] = ()


class ScoreDot(Frozen, frozen=True):
    """open: the sum is a least (drawn as an open circle with an arrow up)."""

    x: float
    y: float
    level: Level = ""
    open: bool = False


class ScoreTrend(Frozen, frozen=True):
    """guides: y of the lines at 5 and 7. dotted: segments that lead to or from an incomplete set."""

    guides: tuple[float, float] = (0.0, 0.0)
    segments: tuple[str, ...] = ()
    dotted: tuple[str, ...] = ()
    dots: tuple[ScoreDot, ...] = ()
    silence: tuple[float, float, float] | None = None
    shift: float | None = None
    words: str = ""


class EntryError(Frozen, frozen=True):
    """A value that is kept out of the line. reason: why it cannot be, or "entered in error" by the source."""

    what: str
    value: str
    time: str
    reason: str
    sources: tuple[str, ...]


class Event(Frozen, frozen=True):
    """Something since the shift began, or just before it; then the text says so. critical ones stand first."""

    time: str
    text: str
    level: Level = ""
    sources: tuple[str, ...] = ()


class DueLine(Frozen, frozen=True):
    """when: "now", or hh:mm. overdue: past the grace too. sources: of what a source itself states."""

    when: str
    text: str
    overdue: bool = False
    sources: tuple[str, ...] = ()


class Bar(Frozen, frozen=True):
    """One hour of urine. text: the volume. running: not over. empty: nothing charted in that hour."""

    x: float
    y: float
    width: float
    height: float
    level: Level = ""
    running: bool = False


class FluidView(Frozen, frozen=True):
    """Urine and fluids. columns: the last full hours ("01–02"); urine_cells, in_cells, balance_cells beside them."""

    columns: tuple[str, ...]
    urine: str
    urine_flag: str
    urine_words: str
    bars: tuple[Bar, ...]
    limit: float | None  # y of the dashed line
    limit_words: str
    urine_cells: tuple[Cell, ...]
    fluid_in: str
    in_cells: tuple[Cell, ...]
    out_words: str
    balance: str
    balance_cells: tuple[Cell, ...]
    balance_segments: tuple[str, ...]
    since: str
    shift_words: str
    urine_sources: tuple[str, ...] = ()
    in_sources: tuple[str, ...] = ()
    out_sources: tuple[str, ...] = ()


class Sheet(Frozen, frozen=True):
    """The flow sheet. window: "24h"; windows: (key, words). ticks: (x, words). shift: its beginning in words.

    blank: one entry for each of the six columns that has no set. left_out: counts in words of what stands on no line.
    silent: no entry of any sign came at all, so that there is no time line to read (`ticks` is empty).
    """

    window: str
    windows: tuple[tuple[str, str], ...]
    as_of: str
    zone: str
    shift: str
    shift_x: float | None
    ticks: tuple[tuple[float, str], ...]
    columns: tuple[Column, ...]
    blank: tuple[int, ...]
    panel: Panel
    rows: tuple[Row, ...]
    more_rows: tuple[Row, ...]
    fluids: FluidView | None
    errors: tuple[EntryError, ...]
    events: tuple[Event, ...]
    due: tuple[DueLine, ...]
    left_out: tuple[str, ...]
    limits_words: str
    silent: bool = False
