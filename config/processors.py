"""How a process of ours shares the processors of its machine with others."""

from __future__ import annotations

import os
from contextlib import suppress


def interrupt_nobody() -> None:
    """This thread and those it starts do not push aside a process at work when they wake; they get what is due to them.

    The threads of web and pull processes wake hundreds of times an opening: each time the one that was at work lost the
    processor and its caches. Does nothing where the system knows no such policy, or does not permit it.
    """
    if hasattr(os, "SCHED_BATCH"):
        with suppress(OSError):
            os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))
