"""One request of a reading, and what all readings of one pull share."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from clinical.fhir.searches import Search
from clinical.fhir.session import Session
from clinical.fhir.subjects import Subject
from clinical.fhir.windows import Window
from clinical.fhir.wire import Entry, KnownEntries, Page, read_page
from clinical.fhir.workers import Lane

OnPage = Callable[[Search, Sequence[Entry]], None]


@dataclass(frozen=True)
class Step:
    """One request of a reading. attempt: which of the search's params it sends. depth: of divided windows."""

    path: str
    kind: str = "first"  # first, page, window, code, medication
    attempt: int = 0
    window: Window | None = None
    depth: int = 0
    headers: bool = True


@dataclass(frozen=True)
class Circumstances:
    """What all readings of one pull share. now: the clock. crash: takes a bug of ours. known: what it has read.
    opened: as in `pull`.
    """

    session: Session
    lane: Lane
    subject: Subject | None
    now: Callable[[], datetime]
    crash: Callable[[Exception], None]
    on_page: OnPage | None = None
    opened: float = math.inf
    known: KnownEntries = field(default_factory=KnownEntries)

    def page_of(self, body: bytes, search: Search) -> Page:
        """Raises SourceError, as read_page does."""
        name = self.session.connection.name
        page = read_page(body, expected=search.resource, source=name, known=self.known)
        if self.on_page is not None and search.split and (page.next_link or search.cuts):
            self.on_page(search, page.entries)
        return page
