"""One request of a reading, and what all readings of one pull share."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urljoin

from clinical.errors import SourceError
from clinical.fhir.entries import Entry, Page
from clinical.fhir.searches import Search
from clinical.fhir.session import Session
from clinical.fhir.subjects import Subject
from clinical.fhir.turns import TURNS, reading_turn
from clinical.fhir.windows import Window
from clinical.fhir.wire import KnownEntries, read_page
from clinical.fhir.workers import Lane

# Steps of the turns of one tier. What a page of a long search brought is worked through before the next one is read, which
# would lie beside it; pages that lead to further requests, and short searches, go first.
_SOON, _WORK, _READ = 0, 1, 2
_NEXT = b'"next"'
_STRICT = {"Prefer": "handling=strict"}
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

    def ask(self, step: Step) -> bytes | SourceError:
        """The body that answers this step, or why there is none. Never raises."""
        try:
            return self.session.fetch(step.path, _STRICT if step.kind != "medication" else None)
        except SourceError as error:
            return error.with_traceback(None)
        except Exception as error:  # noqa: BLE001  # a bug must not leave the reader waiting; it is raised by pull
            return self.broken(error)

    def read(self, body: bytes, search: Search) -> Page | SourceError:
        """What `ask` brought as a page. Never raises."""
        try:
            return self._page_of(body, search)
        except SourceError as error:
            return error.with_traceback(None)
        except Exception as error:  # noqa: BLE001  # as above
            return self.broken(error)

    def broken(self, error: Exception) -> SourceError:
        """What a bug of ours means for the search that met it."""
        self.crash(error)
        return SourceError(f"{self.session.connection.name} was not read to the end.")

    def _page_of(self, body: bytes, search: Search) -> Page:
        """Raises SourceError, as read_page does. A page that leads to further requests is read before the others."""
        step = _SOON if _NEXT in body or not search.split else _READ
        name = self.session.connection.name
        with TURNS.take(reading_turn(self.opened, search.tier, step)):
            return read_page(body, expected=search.resource, source=name, known=self.known)

    def address(self, path: str, link: str = "") -> str:
        """Of a path, or of a link in what it brought; "" for a link that is no address."""
        try:
            return urljoin(urljoin(self.session.connection.base + "/", path), link)
        except ValueError:
            return ""

    def work_ahead(self, page: Page, search: Search) -> None:
        """Works its entries through, while further pages are on their way."""
        if self.on_page is None or not search.split or not (page.next_link or search.cuts):
            return
        try:
            with TURNS.take(reading_turn(self.opened, search.tier, _WORK)):
                self.on_page(search, page.entries)
        except Exception as error:  # noqa: BLE001  # a bug must not leave the reader waiting; it is raised by pull
            self.crash(error)
