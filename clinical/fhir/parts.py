"""Whether a server that is asked for the parts of a date range gives what it gives for the whole.

Some servers keep to one of two bounds only, or pass over rows when there are two. So the whole is asked beside the
parts until a server has shown once, in this process, that nothing is missing; from then on the parts are enough.
"""

from __future__ import annotations

import itertools

from clinical.fhir.connection import Limits
from clinical.fhir.searches import Search
from clinical.fhir.steps import Step
from clinical.fhir.transport import Transport
from clinical.fhir.windows import Window
from clinical.fhir.wire import Page

_ENOUGH = 2  # entries; one or none shows nothing


def parts_of(search: Search, transport: Transport, limits: Limits) -> list[Window]:
    """The parts that a search is asked for in from the beginning, newest first; none: it is asked for whole.

    More and shorter ones where this server is known for short pages and does not count requests.
    """
    if not search.cuts or not transport.keeps_windows:
        return []
    finer = transport.page_sizes.short(search.key) and not limits.requests_per_minute
    edges = (None, *(search.short_cuts if finer else search.cuts), search.since)
    return [Window(start, end) for end, start in itertools.pairwise(edges)]


class Parts:
    """What came for the parts of one range, and for the whole of it: ids."""

    def __init__(self) -> None:
        self._whole: set[str] = set()
        self._parts: set[str] = set()

    def add(self, step: Step, page: Page) -> int:
        """Takes in what a step brought; returns how much of it is new on its side, whatever the other has brought."""
        into = self._parts if step.window is not None else self._whole
        before = len(into)
        into.update(entry.id for entry in page.entries if entry.mode == "match" and entry.id)
        return len(into) - before

    def judge(self, transport: Transport, total: int | None) -> None:
        """Once everything is here. total: as announced for the whole, None = not said."""
        if transport.proven_windows or not self._whole:
            return
        if self._whole <= self._parts and (total is None or len(self._parts) >= total):
            transport.proven_windows = len(self._whole) >= _ENOUGH
        else:
            transport.keeps_windows = False
