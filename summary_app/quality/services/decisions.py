"""What people decided about codes, kept in this process for a minute: a page asks at every look at it."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterable
from dataclasses import dataclass

from clinical.reconcile import Mappings
from summary_app.quality import queries

_SECONDS = 60.0


@dataclass(frozen=True)
class Decisions:
    """mappings: as the pure part takes them. version: changes with any of them; "" when there is none."""

    mappings: Mappings
    version: str


_kept: dict[frozenset[str], tuple[float, Decisions]] = {}


def of(connections: Iterable[str]) -> Decisions:
    """Decisions for these connections (by key), at most a minute old."""
    keys = frozenset(connections)
    known = _kept.get(keys)
    if known is not None and time.monotonic() - known[0] < _SECONDS:
        return known[1]
    mappings = queries.decided(keys)
    told = "\n".join(sorted(f"{key}={loinc}" for key, loinc in mappings.items()))
    version = hashlib.sha256(told.encode()).hexdigest()[:12] if told else ""
    found = Decisions(mappings, version)
    _kept[keys] = (time.monotonic(), found)
    return found


def forget() -> None:
    """After a decision in this process, and between tests."""
    _kept.clear()
