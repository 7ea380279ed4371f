"""What the templates print. Every word is here already: a template computes nothing.

`sources` are `data-source` tokens ("mercy/Observation/1"). Text is plain (templates escape it).
"""

from __future__ import annotations

from typing import Literal

from clinical.records import Frozen

# abnormal level of a value: "" none or not known, "ab" = H/L, "crit" = HH/LL/AA
Level = Literal["", "ab", "crit"]

# Glyph names; each is one drawing in templates/_glyphs.html, and its word always stands beside it.
Glyph = Literal[
    "", "none-known", "not-asked", "nothing-recorded", "not-retrieved", "not-available", "not-permitted",
    "withheld", "out-of-date", "incomplete", "asking", "alert", "clock", "pending", "differs", "together",
    "answered", "partly",
]  # fmt: skip


class State(Frozen, frozen=True):
    """An honest state in words. word: "Not retrieved". detail: "Mercy, 10:31, server error". link: action words."""

    glyph: Glyph
    word: str
    detail: str = ""
    sources: tuple[str, ...] = ()
    retry: bool = False


class Part(Frozen, frozen=True):
    """A run of text. level colours an abnormal value; strong = semibold; verb = medium ("Started"); href: "#row-…"."""

    text: str
    level: Level = ""
    strong: bool = False
    verb: bool = False
    muted: bool = False
    sources: tuple[str, ...] = ()
    href: str = ""


class Band(Frozen, frozen=True):
    """A warning or label in the strip. kind: "test", "deceased", "inactive", "withheld", "restricted"."""

    kind: str
    text: str


class Strip(Frozen, frozen=True):
    name: str
    title: str
    preferred: str
    born: str
    age: str
    sex: str
    identifiers: tuple[tuple[str, str], ...]  # (label, value): ("MRN Mercy", "00123")
    bands: tuple[Band, ...] = ()
    sources: tuple[str, ...] = ()
    document_title: str = ""


class SlotLine(Frozen, frozen=True):
    """loud: the one reversed label. differs: sources disagree. state: an honest state instead of text."""

    text: str = ""
    loud: bool = False
    strong: bool = False
    level: Level = ""
    differs: bool = False
    state: State | None = None
    sources: tuple[str, ...] = ()
    score: float | None = None


class Slot(Frozen, frozen=True):
    """One slot of the safety line. hatched: something was not retrieved. key: "allergies", "anticoagulant" …
    width: CSS px that its words want on a wide screen, a multiple of 10 and the padding; 0 = not fitted."""

    key: str
    label: str
    lines: tuple[SlotLine, ...]
    hatched: bool = False
    width: int = 0


class SourceChip(Frozen, frozen=True):
    """How one connection stands. state: "ok", "partly", "asking", "failed", "not-permitted", "stale"."""

    server: str
    name: str
    state: str
    glyph: Glyph
    words: str
    retry: bool = False


class VisitBar(Frozen, frozen=True):
    title: str
    contexts: tuple[str, ...]
    basis: str
    sure: bool
    choices: tuple[tuple[str, str], ...]
    last_seen: str  # "Last seen by you 12-Aug-2026", or who it was, or "not seen before here"
    sources: tuple[SourceChip, ...]
    # The last hospital stay or ED visit, and those of the year before it.
    stays: tuple[Part, ...] = ()
    # What must be seen of vitals and scores in one line, for a frame so short that their table lies below it.
    digest: tuple[Part, ...] = ()
    basis_also: str = ""  # what else the visit was taken from; shown when asked for


class Spark(Frozen, frozen=True):
    """A 96x20 trend line. band: (y, height) of the range in force, or None. segments: polyline point strings.

    dots: (x, y, level, hollow). ticks: x of medicine changes. open_ends: (x, y, "<" or ">"). since: x of the last visit.
    words: the trend in words for a screen reader. older: every value lies before the window.
    """

    band: tuple[float, float] | None = None
    segments: tuple[str, ...] = ()
    dots: tuple[tuple[float, float, Level, bool], ...] = ()
    ticks: tuple[float, ...] = ()
    open_ends: tuple[tuple[float, float, str], ...] = ()
    since: float | None = None
    words: str = ""
    older: bool = False


class LanePoint(Frozen, frozen=True):
    """A value on the clock. x: per cent of the width; y: px. label: said beside it ("96 HH"). side: where the label
    stands: "start", "middle", "end"; "before" = left of a line that begins there, without a dot. bound: "<" or ">"."""

    x: float
    y: float
    level: Level = ""
    hollow: bool = False
    bound: str = ""
    label: str = ""
    side: str = "middle"


class LaneEvent(Frozen, frozen=True):
    """What happened at one moment. end: x where something that lasted ended. side: "start" = the label stands right
    of its tick, "end" = left. line: from 0, so that labels do not lie on each other. open: preliminary or not done.
    early: it began before the time line, so nothing began at x."""

    x: float
    label: str
    side: str = "start"
    line: int = 0
    end: float | None = None
    open: bool = False
    early: bool = False


class Lane(Frozen, frozen=True):
    """One row of the clock of an ED visit. All x are per cent of the width, all y and heights px.

    bands: (x, y, width, height), each with the range of its own points. edges: (y, text) of the range in force.
    segments: (x1, y1, x2, y2). words: the lane for a screen reader.
    """

    height: int
    now: float
    arrived: float
    bands: tuple[tuple[float, float, float, float], ...] = ()
    edges: tuple[tuple[float, str], ...] = ()
    segments: tuple[tuple[float, float, float, float], ...] = ()
    points: tuple[LanePoint, ...] = ()
    events: tuple[LaneEvent, ...] = ()
    words: str = ""


class ClockLine(Frozen, frozen=True):
    """Everything of one moment, in words. time: "13:54". after: time since arrival ("+1 h 05 min")."""

    time: str
    after: str
    parts: tuple[Part, ...]
    sources: tuple[str, ...] = ()


class Clock(Frozen, frozen=True):
    """The one time axis of an ED visit. ticks: (x, text). words: "arrived 13:45, 3 h 54 min ago".

    lines: the same facts in words, oldest first. more: earlier moments that are not among them.
    """

    ticks: tuple[tuple[float, str], ...]
    now: float
    arrived: float
    arrival: str
    words: str
    lines: tuple[ClockLine, ...] = ()
    more: int = 0


class LabRow(Frozen, frozen=True, tag="lab", tag_field="row"):
    """A lab, vital or score row. anchor: "row-<key>" for links. comment: specimen comment or drug words, second line."""

    key: str
    anchor: str
    name: str
    value: str
    flag: str
    level: Level
    unit: str
    status: str  # "prelim", "corrected", "calc", …
    since: str
    spark: Spark | None
    date: str
    age: str
    range: str
    source: str
    sources: tuple[str, ...]  # the latest point and everything behind it that is shown
    comment: str = ""
    score: float | None = None
    reasons: tuple[str, ...] = ()
    state: State | None = None  # instead of a value: nothing recorded, not retrieved …
    importance: str = ""
    value_parts: tuple[Part, ...] = ()  # blood pressure: "148", "H", "/86"
    second: str = ""  # further values that may not share the line ("other assay 03-Jan: 12 ng/L")
    lane: Lane | None = None  # on the clock of an ED visit, in place of the trend line


class ListRow(Frozen, frozen=True, tag="list", tag_field="row"):
    """A row of a list section. when: right-hand date or source. lines: further muted lines under it."""

    key: str
    parts: tuple[Part, ...]
    glyph: Glyph = ""
    when: str = ""
    lines: tuple[str, ...] = ()
    level: Level = ""
    state: State | None = None
    sources: tuple[str, ...] = ()
    score: float | None = None
    reasons: tuple[str, ...] = ()
    differs: str = ""  # "Lakeside lists 500 mg twice daily"
    href: str = ""
    lane: Lane | None = None  # events on the clock of an ED visit


class Group(Frozen, frozen=True):
    """A closed group: "4 more active, none high-alert". open: something new and abnormal is inside."""

    label: str
    rows: tuple[ListRow | LabRow, ...]
    count: int
    abnormal: int = 0
    open: bool = False


class Block(Frozen, frozen=True):
    """One section of the page. key: "attention", "since", "exams", "clock", "labs", "vitals", "reports", "medications",
    "problems", "history". clock: the axis that the rows share, where they have one. states: honest states to print (empty when there are rows and every source answered)."""

    key: str
    heading: str
    aside: str = ""
    rows: tuple[ListRow | LabRow, ...] = ()
    states: tuple[State, ...] = ()
    groups: tuple[Group, ...] = ()
    foot: str = ""
    lead: str = ""  # one muted line above the rows ("Reconciled 12-Aug-2026, R. Ortiz PharmD")
    clock: Clock | None = None


class LastPlan(Frozen, frozen=True):
    """text: verbatim; "" when no plan section was found (then state says so)."""

    by: str = ""
    date: str = ""
    text: str = ""
    sources: tuple[str, ...] = ()
    state: State | None = None
    note: str = ""  # key of the note it stands in; "" when it is not a note of this chart


class LedgerLine(Frozen, frozen=True):
    """reason: shown, not for this visit, inactive, outside the window, unreadable …; counted per source entry."""

    section: str
    reason: str
    count: int
    abnormal: int = 0


class Summary(Frozen, frozen=True):
    """Everything the first screen shows. complete: every search has answered or been given up.

    columns: the block keys of the three columns in order for role and setting.
    announcements: words for the live region. version: changes when anything shown changed.
    """

    strip: Strip
    safety: tuple[Slot, ...]
    visit: VisitBar
    one_liner: tuple[Part, ...]
    plan: LastPlan
    blocks: tuple[Block, ...]
    columns: tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]
    history: tuple[ListRow, ...]
    ledger: tuple[LedgerLine, ...]
    as_of: str
    zone: str
    complete: bool
    setting: str = "clinic"
    role: str = "physician"
    stop: str = ""  # a sentence instead of a chart: merged record, wrong patient …
    answers: tuple[
        tuple[str, tuple[tuple[str, State], ...]], ...
    ] = ()  # what each source answered, per section
