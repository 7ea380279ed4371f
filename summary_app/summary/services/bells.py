"""Who waits for news of a chart in this process is woken by what concerns that chart, and by nothing else."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Collection, Iterable

Key = int | str  # a snapshot, or an opening
_KEPT = 10_000
_lock = threading.Lock()
_ticks = 0
_told: OrderedDict[Key, int] = OrderedDict()  # the tick of the last change of each
_bells: dict[Key, set[threading.Event]] = {}


def announce(key: Key) -> None:
    """Something changed that people may be waiting for."""
    global _ticks
    with _lock:
        _ticks += 1
        _told[key] = _ticks
        _told.move_to_end(key)
        if len(_told) > _KEPT:
            _told.popitem(last=False)  # whoever waits for it looks once more, and finds nothing new
        for bell in _bells.get(key, ()):
            bell.set()


def tick(keys: Iterable[Key]) -> int:
    """Changes with every change of these in this process."""
    with _lock:
        return _tick(keys)


def wait(keys: Collection[Key], since: int, seconds: float) -> None:
    """Until something of these has changed after that tick, at most so long."""
    bell = threading.Event()
    with _lock:
        if _tick(keys) != since:
            return
        for key in keys:
            _bells.setdefault(key, set()).add(bell)
    bell.wait(seconds)
    with _lock:
        for key in keys:
            waiting = _bells[key]
            waiting.discard(bell)
            if not waiting:
                del _bells[key]


def _tick(keys: Iterable[Key]) -> int:
    return max((_told.get(key, 0) for key in keys), default=0)
