"""What the C library holds for this process. Pages of results are large, live shortly, and are read by many threads."""

from __future__ import annotations

import ctypes
import math
from collections.abc import Callable

from clinical.fhir.turns import TURNS, reading_turn

_M_ARENA_MAX, _M_MMAP_THRESHOLD = -8, -3  # malloc.h of glibc
_ARENAS = 2  # each holds on to what its threads once needed; a core more than computes at a time
# Bytes. What is larger has pages of its own, and goes back at once. Left alone, glibc raises this to 32 MB as soon as
# such a piece is freed, and answers of EHRs then lie scattered over the heaps.
_LARGE = 128 << 10
_WAITS = 1.0  # seconds for which first screens go before
_LAST = 9  # after every tier
_unneeded: list[object] = []


def bound() -> None:
    """Threads share few heaps, and large pieces lie outside them. Does nothing where the C library cannot.

    To be called before there are threads.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_M_ARENA_MAX, _ARENAS)
        mallopt(_M_MMAP_THRESHOLD, _LARGE)


def later(thing: object) -> None:
    """Freed with the next `give_back`: a chart of ten thousand results takes as long to free as a page to make."""
    _unneeded.append(thing)


def give_back(before: Callable[[], None] | None = None) -> None:
    """Frees what is not needed any more, and returns it to the system; the C library would keep it for this process.

    before: frees more. While nobody waits for a first screen, as far as that can be had.
    """
    TURNS.hold.wait(_WAITS)
    with TURNS.take(reading_turn(math.inf, _LAST)):
        if before is not None:
            before()
        _unneeded.clear()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
