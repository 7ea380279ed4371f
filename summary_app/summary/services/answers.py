"""What a pull brings, on its way to the page and to the database: both get the same, or neither gets it."""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable, Iterable, Sequence

from django.utils import timezone

from clinical.errors import SourceError
from clinical.fhir.connection import Connection
from clinical.fhir.pull import failed_state
from clinical.fhir.searches import Search
from clinical.records import SectionRecords
from summary_app.summary.services import live, store

_log = logging.getLogger(__name__)


class Answers:
    """The answers of one run. Safe in any thread.

    An answer that is worked through only after the run was ended comes too late: nobody writes it any more, so it is
    not shown either, and its search has failed, which the reader sees and can have read again.
    """

    def __init__(
        self,
        current: live.Live,
        done: queue.SimpleQueue[store.Piece | None],
        searches: Iterable[Search],
        told: Callable[[store.Piece], store.Piece] | None = None,
    ) -> None:
        """told: learns of each answer before it is written, and gives it back for that.

        fault: why an answer could not be kept or told; then the run has to be begun anew.
        """
        self.fault: Exception | None = None
        self._told = told
        self._current, self._done = current, done
        self._left = {search.key: search for search in searches}  # what has no answer
        self._over = False
        self._lock = threading.Lock()

    def take(self, section: SectionRecords, raws: Sequence[store.RawEntry]) -> None:
        """Shows what one search brought, and has it written."""
        with self._lock:
            if self._over:
                _log.warning("search %s was read too late to be shown", section.state.search)
                return
            if self._keep(section, tuple(raws)):
                self._left.pop(section.state.search, None)

    def end(self, wire: Connection) -> None:
        """Nothing more is taken; what has no answer has failed, and is never taken for a search that found nothing."""
        with self._lock:
            self._over = True
            try:
                for search in self._left.values():
                    fault = SourceError(f"{wire.name} was not read to the end.")
                    state = failed_state(search, wire, fault, timezone.now())
                    self._keep(SectionRecords(state=state), ())
            finally:
                self._done.put(None)

    def _keep(self, section: SectionRecords, raws: tuple[store.RawEntry, ...]) -> bool:
        """Whether it was kept and told."""
        try:
            piece = keep(self._current, section, raws)
            self._done.put(self._told(piece) if self._told is not None else piece)
        except Exception as error:  # noqa: BLE001  # its words might hold what was read
            _log.error("search %s was not kept: %s", section.state.search, type(error).__name__)
            self.fault = self.fault or error
            return False
        return True


def keep(
    current: live.Live, section: SectionRecords, raws: tuple[store.RawEntry, ...]
) -> store.Piece:
    """Takes in what one search brought; returns what of it is to be written."""
    kept, version = current.add(section)
    return store.Piece(kept, raws, version, kept is section)
