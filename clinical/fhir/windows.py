"""Dividing the date range of a long search, so that its pages can be read side by side.

A `next` link is opaque, so pages come one after the other; two halves of a date range can be asked at once. Windows
are half-open and leave no gap; a record that a server counts to two of them is told by its id.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

import msgspec

from clinical import resources as fhir
from clinical.fhir.entries import Entry
from clinical.fhir.searches import Params, instant

FILL = 0.7  # of a page that a window is meant to hold: records are not spread evenly
_WORTH_IT = 0.5  # of a page: what is left is divided only if it is more than this
MOST = 24  # windows of one search
_SECOND = timedelta(seconds=1)
_SLACK = timedelta(days=1)  # a date without a zone, or a server that rounds
_SHORTEST = timedelta(days=3)  # window; beside less, the day of overlap would be too much


class Window(msgspec.Struct, frozen=True):
    """start <= date < end; None = open at that side, so the end None holds future dates too."""

    start: datetime | None
    end: datetime | None

    def holds(self, moment: datetime) -> bool:
        return (self.start is None or self.start - _SLACK <= moment) and (
            self.end is None or moment < self.end + _SLACK
        )


def dates_of(entries: Iterable[Entry]) -> list[datetime]:
    """The effective dates of Observations, in the order of the page; those that cannot be read are left out."""
    found = (_date(entry.resource) for entry in entries)
    return [moment for moment in found if moment is not None]


def _date(resource: fhir.Resource | None) -> datetime | None:
    if not isinstance(resource, fhir.Observation):
        return None
    period = resource.effectivePeriod
    text = resource.effectiveDateTime or resource.effectiveInstant or (period and period.start)
    try:
        moment = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def divide(
    whole: Window,
    dates: Sequence[datetime],
    *,
    count: int,
    total: int | None,
    now: datetime,
    slots: int,
) -> tuple[Window, ...]:
    """Windows for what the first page of `whole` did not bring; () when following its next link is as good.

    dates: of the page. count: matches on the page, taken as what the server gives at most. total: Bundle.total, a
    hint. slots: requests that can run at once. A range without a start can be divided only when the page is sorted.
    """
    if count < 2 or len(dates) < 2:
        return ()
    newest_first = len(dates) == count and all(a >= b for a, b in itertools.pairwise(dates))
    end = dates[-1] + _SECOND if newest_first else whole.end
    left = _left(whole, dates, end, count=count, total=total, newest_first=newest_first)
    per_window = max(1, int(count * FILL))
    if left is not None and left <= count * _WORTH_IT:
        return ()
    number = max(2, min(MOST, slots if left is None else math.ceil(left / per_window)))
    if whole.start is not None:
        return _cut(whole.start, end, number, now)
    return _back(end, (dates[0] - dates[-1]) * FILL, number) if newest_first and end else ()


def _left(
    whole: Window,
    dates: Sequence[datetime],
    end: datetime | None,
    *,
    count: int,
    total: int | None,
    newest_first: bool,
) -> int | None:
    """How many matches are still to come, as far as can be told; None = no idea."""
    if total is not None and total > count:
        return total - count if newest_first else total
    covered = dates[0] - dates[-1]
    if not newest_first or end is None or whole.start is None or covered <= timedelta(0):
        return None
    return math.ceil(count * ((end - whole.start) / covered))


def _cut(start: datetime, end: datetime | None, number: int, now: datetime) -> tuple[Window, ...]:
    """Equal parts of start to end; the last one of an open range stays open. () when they would be too short."""
    upper = end or max(now, start + timedelta(days=number))
    number = min(number, (upper - start) // _SHORTEST)
    if number < 2:
        return ()
    step = (upper - start) / number
    marks = [(start + step * place).replace(microsecond=0) for place in range(number)]
    ends: list[datetime | None] = [*marks[1:], end]
    return tuple(Window(a, b) for a, b in zip(marks, ends, strict=True))


def _back(end: datetime, step: timedelta, number: int) -> tuple[Window, ...]:
    """Steps back from end, the earliest one open: nobody knows where the record begins."""
    step = max(step, _SHORTEST)
    if (end - datetime.min.replace(tzinfo=UTC)) / number <= step:
        return ()
    marks = [(end - step * place).replace(microsecond=0) for place in range(1, number)]
    starts: list[datetime | None] = [*marks, None]
    return tuple(Window(a, b) for a, b in zip(starts, [end, *marks], strict=True))


def overlapping(window: Window) -> Window:
    """The window as it is asked for: with a day of the next one.

    A server that rounds bounds to days, or takes one of them in its own zone, leaves out what lies at a cut.
    """
    return Window(window.start, window.end + _SLACK) if window.end else window


def narrowed(params: Params, name: str, window: Window) -> Params:
    """The params with the date bounds of this window in place of their own."""
    bounds: Params = ()
    if window.start is not None:
        bounds += ((name, f"ge{instant(window.start)}"),)
    if window.end is not None:
        bounds += ((name, f"lt{instant(window.end)}"),)
    return tuple(param for param in params if param[0] != name) + bounds


def kept(window: Window | None, dates: Sequence[datetime]) -> bool:
    """Whether a page kept to its window, if it has one. Some servers honour only one of two bounds."""
    if window is None:
        return True
    outside = sum(not window.holds(moment) for moment in dates)
    return outside * 10 <= len(dates)
