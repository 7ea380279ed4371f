"""What the C library holds for this process. Pages of results are large, live shortly, and are read by many threads."""

from __future__ import annotations

import ctypes
import gc
import math
from collections.abc import Callable

from clinical.fhir.turns import TURNS, reading_turn

_M_ARENA_MAX, _M_MMAP_THRESHOLD, _M_TRIM_THRESHOLD = -8, -3, -1  # malloc.h of glibc
_ARENAS = 2  # each holds on to what its threads once needed; a core more than computes at a time
# Bytes. What is larger has pages of its own, and goes back at once; to fill fresh pages takes half a millisecond for
# each MB. Left alone, glibc raises this to 32 MB as soon as such a piece is freed, and answers of EHRs then lie
# scattered over the heaps.
_LARGE = 1 << 20
_FREE_AT_END = 64 << 20  # bytes at the end of the heap that stay until `give_back`
_WAITS = 1.0  # seconds for which first screens go before
_LAST = 9  # after every tier
# New containers that may gather before Python looks for unreachable ones by itself, in the middle of somebody's first
# screen (40 ms for 50,000); `give_back` looks before.
_GATHER = 200_000
_generation = 0  # up to which `give_back` looks for what cannot be reached
_unneeded: list[object] = []


def bound() -> None:
    """Threads share few heaps, and large pieces lie outside them. Does nothing where the C library cannot.

    To be called before there are threads.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_M_ARENA_MAX, _ARENAS)
        mallopt(_M_MMAP_THRESHOLD, _LARGE)
        mallopt(_M_TRIM_THRESHOLD, _FREE_AT_END)


def settle(*, keeps_charts: bool = True) -> None:
    """What is in memory now stays: it is not looked through again. To be called when everything is loaded.

    keeps_charts: whether this process holds charts for longer than their reading. One that does not has little to look
    through, and does so to the end each time, which also empties Python's own stores of freed objects: they lie
    scattered over memory that could go back otherwise.
    """
    global _generation
    _generation = 0 if keeps_charts else 2
    gc.collect()
    gc.freeze()
    gc.set_threshold(_GATHER, 20, 20)


def later(thing: object) -> None:
    """Freed with the next `give_back`: a chart of ten thousand results takes as long to free as a page to make."""
    _unneeded.append(thing)


def give_back(before: Callable[[], None] | None = None, *, everything: bool = True) -> None:
    """Frees what is not needed any more, and returns it to the system; the C library would keep it for this process.

    before: frees more. everything: False while charts are read, which would be looked through as well. While nobody
    waits for a first screen, as far as that can be had.
    """
    TURNS.hold.wait(_WAITS)
    with TURNS.take(reading_turn(math.inf, _LAST)):
        if before is not None:
            before()
        _unneeded.clear()
        gc.collect(_generation if everything else 0)
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
