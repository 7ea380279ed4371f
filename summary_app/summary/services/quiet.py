"""Memory is given back once no chart is being read: a process does it once for all that has come to its end."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from summary_app.summary.services import live, memory

_log = logging.getLogger(__name__)
_LONGEST = 10.0  # seconds for which it waits while charts are being read
_giving_back = threading.Lock()
_jobs: list[Callable[[], None]] = []


def give_back_soon(before: Callable[[], None] = lambda: None) -> None:
    """In a thread of its own, which has no database connection. before: frees more."""
    _jobs.append(before)
    if _giving_back.acquire(blocking=False):
        try:
            threading.Thread(target=_give_back, name="give-back", daemon=True).start()
        except RuntimeError:  # no more threads: with the next one
            _giving_back.release()


def _give_back() -> None:
    while _jobs:
        try:
            quiet = live.wait_until_quiet(_LONGEST)
            memory.give_back(_all, everything=quiet)
        except Exception as error:  # noqa: BLE001  # its words might hold what was read
            _log.error("memory was not given back: %s", type(error).__name__)
        finally:
            _giving_back.release()
        # What came between the last look and the release has nobody else to see to it.
        if not _jobs or not _giving_back.acquire(blocking=False):
            return
    _giving_back.release()


def _all() -> None:
    while _jobs:
        _jobs.pop()()
