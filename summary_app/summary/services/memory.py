"""What the C library holds for this process. Pages of results are large, live shortly, and are read by many threads."""

from __future__ import annotations

import ctypes
import math

from clinical.fhir.turns import TURNS, reading_turn

_M_ARENA_MAX = -8  # malloc.h of glibc
_ARENAS = 2  # each holds on to what its threads once needed; a core more than computes at a time
_WAITS = 1.0  # seconds for which first screens go before
_LAST = 9  # after every tier
_unneeded: list[object] = []


def bound() -> None:
    """Threads share few heaps. To be called before there are threads; does nothing where the C library cannot."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_M_ARENA_MAX, _ARENAS)


def later(thing: object) -> None:
    """Freed with the next `give_back`: a chart of ten thousand results takes as long to free as a page to make."""
    _unneeded.append(thing)


def give_back() -> None:
    """Frees what is not needed any more, and returns it to the system; the C library would keep it for this process.

    While nobody waits for a first screen, as far as that can be had.
    """
    TURNS.hold.wait(_WAITS)
    with TURNS.take(reading_turn(math.inf, _LAST)):
        _unneeded.clear()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
