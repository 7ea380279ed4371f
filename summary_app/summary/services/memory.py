"""What the C library holds for this process. Pages of results are large, live shortly, and are read by many threads."""

from __future__ import annotations

import ctypes

_M_ARENA_MAX = -8  # malloc.h of glibc
_ARENAS = 2  # each holds on to what its threads once needed; a core more than computes at a time


def bound() -> None:
    """Threads share few heaps. To be called before there are threads; does nothing where the C library cannot."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_M_ARENA_MAX, _ARENAS)


def give_back() -> None:
    """Returns what is free to the system; the C library would keep it for this process."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
