"""Urine and fluids as the flow sheet prints them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta, tzinfo
from decimal import Decimal

from .fluids import Fluids, Hour
from .policy import Policy
from .sheet_model import Bar, Cell, FluidView
from .trend import HEIGHT, Axis
from .words import clock, signed

_HOUR = timedelta(hours=1)
_CELLS = 6
_GAP = 1.0


def view(found: Fluids, policy: Policy, axis: Axis, zone: tzinfo, shift: datetime) -> FluidView:
    full = [hour for hour in found.hours if not hour.running][-_CELLS:]
    top = _top(found)
    urine = found.urine
    return FluidView(
        columns=tuple(_between(hour, zone) for hour in full),
        urine=_volume(urine.total) if urine is not None else "none recorded",
        urine_flag="L" if urine is not None and urine.low else "",
        urine_words=_urine_words(found),
        bars=tuple(_bar(hour, axis, top) for hour in found.hours if _drawn(hour, axis)),
        limit=_y(found.limit, top) if found.limit is not None else None,
        limit_words=_limit_words(found, policy),
        urine_cells=tuple(_urine_cell(hour) for hour in full),
        fluid_in=_volume(found.fluid_in),
        in_cells=tuple(_cell(hour.fluid_in) for hour in full),
        out_words=f"out {_volume(found.fluid_out)}",
        balance=_signed(found.balance),
        balance_cells=tuple(_running_cells(found, full)),
        balance_segments=_balance_line(found, axis),
        since=clock(found.since, zone),
        shift_words=_shift_words(found, shift),
        urine_sources=found.urine_sources,
        in_sources=found.in_sources,
        out_sources=found.out_sources,
    )


def _between(hour: Hour, zone: tzinfo) -> str:
    start = hour.start.astimezone(zone)
    return f"{start:%H}–{(hour.start + _HOUR).astimezone(zone):%H}"


def _volume(value: Decimal | None) -> str:
    return f"{int(value.to_integral_value()):,}" if value is not None else "none recorded"


def _signed(value: Decimal | None) -> str:
    return signed(int(value.to_integral_value())) if value is not None else "none recorded"


def _urine_words(found: Fluids) -> str:
    """ "in 6 h, 0.41 mL/kg/h calc"; says when hours have no entry, or when there is no weight."""
    urine = found.urine
    if urine is None:
        return ""
    words = f"in {urine.hours} h"
    if urine.charted < urine.hours:
        words += f", {urine.charted} of them charted"
    if urine.per_kg_hour is None:
        return f"{words}, no weight on record"
    return f"{words}, {urine.per_kg_hour:f} mL/kg/h calc"


def _limit_words(found: Fluids, policy: Policy) -> str:
    if found.limit is None:
        return f"no line at {policy.urine_low:g} mL/kg/h: no weight on record"
    return f"dashed line {policy.urine_low:g} mL/kg/h = {int(found.limit)} mL (calc)"


def _top(found: Fluids) -> float:
    volumes = [float(hour.urine) for hour in found.hours if hour.urine is not None]
    limit = float(found.limit) if found.limit is not None else 0.0
    return max([*volumes, limit * 1.2, 1.0])


def _y(value: Decimal, top: float) -> float:
    return round(HEIGHT - min(float(value) / top, 1.0) * (HEIGHT - 2.0), 1)


def _drawn(hour: Hour, axis: Axis) -> bool:
    return hour.urine is not None and axis.start <= hour.start < axis.end


def _bar(hour: Hour, axis: Axis, top: float) -> Bar:
    left = axis.x(hour.start)
    right = axis.x(min(hour.start + _HOUR, axis.end))
    y = _y(hour.urine or Decimal(0), top)
    return Bar(
        x=left,
        y=y,
        width=round(max(right - left - _GAP, 1.0), 1),
        height=round(HEIGHT - y, 1),
        level="ab" if hour.low else "",
        running=hour.running,
    )


def _urine_cell(hour: Hour) -> Cell:
    if hour.urine is None:
        return Cell(text="–", kind="none", note="nothing charted in this hour")
    return Cell(
        text=_volume(hour.urine), flag="L" if hour.low else "", level="ab" if hour.low else ""
    )


def _cell(value: Decimal | None) -> Cell:
    return Cell(text=_volume(value)) if value is not None else Cell(text="–", kind="none")


def _running(found: Fluids) -> list[tuple[Hour, Decimal]]:
    """The balance at the end of each hour since the fluid day began."""
    total = Decimal(0)
    known = []
    for hour in found.hours:
        if hour.start >= found.since and hour.balance is not None:
            total += hour.balance
            known.append((hour, total))
    return known


def _running_cells(found: Fluids, full: Sequence[Hour]) -> list[Cell]:
    known = {hour.start: total for hour, total in _running(found)}
    return [
        Cell(text=_signed(known[hour.start]))
        if hour.start in known
        else Cell(text="–", kind="none")
        for hour in full
    ]


def _balance_line(found: Fluids, axis: Axis) -> tuple[str, ...]:
    known = [(h, t) for h, t in _running(found) if axis.start <= h.start + _HOUR <= axis.end]
    if len(known) < 2:
        return ()
    totals = [float(total) for _, total in known]
    low, high = min([0.0, *totals]), max([0.0, *totals])
    span = (high - low) or 1.0
    points = [
        f"{axis.x(hour.start + _HOUR)},{round(HEIGHT - 3 - (float(total) - low) / span * (HEIGHT - 6), 1)}"
        for hour, total in known
    ]
    return (" ".join(points),)


def _shift_words(found: Fluids, shift: datetime) -> str:
    hours = [hour for hour in found.hours if hour.start >= shift and hour.balance is not None]
    if not hours:
        return ""
    total = sum((hour.balance for hour in hours if hour.balance is not None), Decimal(0))
    return f"shift {_signed(total)}"
