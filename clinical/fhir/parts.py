"""Whether a server that is asked for the parts of a date range gives what it gives for the whole.

Some servers keep to one of two bounds only, or pass over rows when there are two. So the whole is asked beside the
parts until a server has shown once, in this process, that nothing is missing; from then on the parts are enough. Only
rows of parts with two bounds show that, and only against the whole: by its number, or read to its end.
"""

from __future__ import annotations

import itertools

from clinical.fhir.entries import Page
from clinical.fhir.searches import Search
from clinical.fhir.session import Session
from clinical.fhir.steps import Step
from clinical.fhir.transport import Transport
from clinical.fhir.windows import Window

_ENOUGH = 2  # entries; one or none shows nothing


def parts_of(search: Search, session: Session) -> list[Window]:
    """The parts that a search is asked for in from the beginning, newest first; none: it is asked for whole.

    More and shorter ones where this server is known for short pages and does not count requests.
    """
    transport = session.transport
    if not search.cuts or not transport.keeps_windows:
        return []
    counts = transport.crowded or session.connection.limits.requests_per_minute
    finer = transport.page_sizes.short(search.key) and not counts
    edges = (None, *(search.short_cuts if finer else search.cuts), search.since)
    return [Window(start, end) for end, start in itertools.pairwise(edges)]


class Parts:
    """What came for the parts of one range, and for the whole of it: ids.

    first: the page of the whole after which the parts begin; None when they hold all of it.
    """

    def __init__(self, first: Page | None = None) -> None:
        self._whole = _ids(first) if first is not None else set()
        self._parts = set(self._whole)
        self._bounded: set[str] = set()  # of parts with two bounds

    def add(self, step: Step, page: Page) -> None:
        """Takes in what a step brought."""
        ids = _ids(page)
        if step.window is None:
            self._whole |= ids
            return
        self._parts |= ids
        if None not in (step.window.start, step.window.end):
            self._bounded |= ids

    def judge(self, transport: Transport, total: int | None) -> None:
        """Once everything is here. total: as announced for the whole; None = not said, then all of it has been read."""
        if transport.proven_windows or not self._whole:
            return
        if self._whole <= self._parts and (total is None or len(self._parts) >= total):
            transport.proven_windows = len(self._bounded) >= _ENOUGH
        else:
            transport.keeps_windows = False


class Chains:
    """What the pages of each window have brought, whatever the others have: windows overlap."""

    def __init__(self) -> None:
        self._found: dict[Window | None, set[str]] = {}

    def add(self, step: Step, page: Page) -> int:
        """Returns how much of the page no earlier one of its window had."""
        found = self._found.setdefault(step.window, set())
        before = len(found)
        found |= _ids(page)
        return len(found) - before


def _ids(page: Page) -> set[str]:
    return {entry.id for entry in page.entries if entry.mode == "match" and entry.id}
