"""Work that nobody waits for, done after a page was made: one thread of this process, a short queue."""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable

from django.db import connection

log = logging.getLogger(__name__)
_WAITING = 20
_IDLE = (
    5.0  # seconds after which the thread ends, so that its database connection does not stay open
)
_todo: queue.Queue[Callable[[], object]] = queue.Queue(_WAITING)
_lock = threading.Lock()
_worker: threading.Thread | None = None


def later(work: Callable[[], object]) -> bool:
    """False when there is too much to do already; then the work is not done."""
    global _worker
    try:
        _todo.put_nowait(work)
    except queue.Full:
        return False
    with _lock:
        if _worker is None or not _worker.is_alive():
            _worker = threading.Thread(target=_run, name="rules-behind", daemon=True)
            _worker.start()
    return True


def wait() -> None:
    """Until everything that was handed over is done."""
    _todo.join()


def _run() -> None:
    global _worker
    while True:
        try:
            work = _todo.get(timeout=_IDLE)
        except queue.Empty:
            with _lock:
                if not _todo.empty():
                    continue
                _worker = None
                return
        try:
            work()
        except (
            Exception
        ):  # nobody waits for it, and nobody may be hurt by it; what went wrong is in the log
            log.exception("Work behind a page failed")
        finally:
            connection.close()
            _todo.task_done()
