"""What a replay found, added up: by department and context, the losers named, the ten charts that change most. Pure sums."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from clinical.summary.fold import COLUMN_LINES
from summary_app.rules import queries
from summary_app.rules.models import Replay, ReplayChart

_ROOM = 3 * COLUMN_LINES  # lines of the three columns of a first screen
_TEN = 10
SAME = 0.05  # points of recall that count as no change


@dataclass
class Line:
    """One department and context, or all. moved: rows that both show, in another place among them.

    recall: percent, None without any reference item on these charts.
    """

    department: str
    visit: str
    charts: int = 0
    gained: int = 0
    lost: int = 0
    moved: int = 0
    floor: int = 0
    floor_lost: int = 0
    wanted: int = 0
    found: tuple[int, int] = (0, 0)
    fixed: tuple[int, int] = (0, 0)

    def add(self, result: dict[str, Any]) -> None:
        self.charts += 1
        for name in ("gained", "lost", "moved", "floor", "floor_lost", "wanted"):
            setattr(self, name, getattr(self, name) + int(result[name]))
        self.found = (self.found[0] + result["found_before"], self.found[1] + result["found_after"])
        self.fixed = (self.fixed[0] + result["fixed_before"], self.fixed[1] + result["fixed_after"])

    @property
    def recall(self) -> tuple[float, float] | None:
        if not self.wanted:
            return None
        return 100 * self.found[0] / self.wanted, 100 * self.found[1] / self.wanted

    @property
    def falls(self) -> bool:
        return self.recall is not None and self.recall[1] < self.recall[0] - SAME

    @property
    def full(self) -> tuple[int, int]:
        """How much of a first screen the rows take that always stand open, in percent, on average."""
        before, after = self.fixed
        room = _ROOM * max(self.charts, 1)
        return round(100 * before / room), round(100 * after / room)

    @property
    def words(self) -> str:
        return self.department or "department not known"


@dataclass(frozen=True)
class Changed:
    """One of the ten. ctx: only of a chart that is the reader's own."""

    ctx: str
    department: str
    gained: int
    lost: int
    appears: tuple[str, ...]
    vanishes: tuple[str, ...]


@dataclass(frozen=True)
class Report:
    """tried, failed, gone, waiting: charts. lines: most charts first. losers: lines whose recall falls."""

    total: Line
    lines: tuple[Line, ...]
    losers: tuple[Line, ...]
    ten: tuple[Changed, ...]
    tried: int
    readable: int
    failed: int
    gone: int
    waiting: int
    widest: int = field(default=1)

    @property
    def counts_only(self) -> int:
        return self.tried - self.readable

    @property
    def worst_change(self) -> float | None:
        """The largest fall of recall in any department, in points; None without recall."""
        known = [one.recall for one in self.lines if one.recall is not None]
        return min((after - before for before, after in known), default=None)


def of(replay: Replay, *, reader_id: int) -> Report:
    """reader_id: who looks. Contents are only for the person whom the charts are open for."""
    rows = queries.replay_charts(replay.pk)
    done = [row for row in rows if row.state == ReplayChart.State.DONE]
    total = Line("", "")
    lines: dict[tuple[str, str], Line] = {}
    for row in done:
        total.add(row.result)
        lines.setdefault((row.department, row.visit), Line(row.department, row.visit)).add(
            row.result
        )
    ordered = sorted(lines.values(), key=lambda one: (-one.charts, one.department, one.visit))
    return Report(
        total=total,
        lines=tuple(ordered),
        losers=tuple(one for one in ordered if one.falls),
        ten=tuple(_ten(done, mine=replay.made_by_id == reader_id)),
        tried=len(done),
        readable=sum(row.readable for row in done),
        failed=_count(rows, ReplayChart.State.FAILED),
        gone=_count(rows, ReplayChart.State.GONE),
        waiting=_count(rows, ReplayChart.State.WAITING) + _count(rows, ReplayChart.State.RUNNING),
        widest=max([1, *(max(one.gained, one.lost) for one in ordered)]),
    )


def sentence(report: Report, *, shipped: bool = False) -> str:
    """The losses first, then what only moves; a department that falls by name. shipped: the shipped packs were tried."""
    who = "the shipped packs show" if shipped else "the draft shows"
    total, only = report.total, "row only moves" if report.total.moved == 1 else "rows only move"
    said = f"On {report.tried} charts, {who} {total.lost} items fewer and {total.gained} more; {total.moved} {only}."
    if report.total.recall is not None:
        before, after = report.total.recall
        said += f" Must-see recall {before:.1f} → {after:.1f} %."
    if report.losers:
        names = ", ".join(
            f"{one.words}, {one.visit} {one.recall[0]:.1f} → {one.recall[1]:.1f} % ↓"
            for one in report.losers
            if one.recall is not None
        )
        said += f" Falls in: {names}."
    return said


def _ten(rows: Iterable[ReplayChart], *, mine: bool) -> Iterable[Changed]:
    changing = [row for row in rows if row.result["gained"] or row.result["lost"]]
    changing.sort(key=lambda row: (-(row.result["gained"] + row.result["lost"]), row.pk))
    for row in changing[:_TEN]:
        shown = mine and row.readable
        yield Changed(
            ctx=row.context if shown else "",
            department=row.department,
            gained=row.result["gained"],
            lost=row.result["lost"],
            appears=tuple(row.result["appears"]) if shown else (),
            vanishes=tuple(row.result["vanishes"]) if shown else (),
        )


def _count(rows: Sequence[ReplayChart], state: str) -> int:
    return sum(row.state == state for row in rows)
