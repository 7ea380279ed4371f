"""What a safety-floor mark is, and what decides whether a result is still open."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from clinical.rank.results import Judge


class Mark(NamedTuple):
    """One id of the floor on one entry. words: why, for a clinician.

    more: points on top of those of the id, below the next id. part: which part of the id it is, where the id names
    several things ("antiplatelet" of "anticoag"). source: token of the entry that says so, where a row has several.
    """

    id: str
    words: str
    more: float = 0.0
    part: str = ""
    source: str = ""


class Open(NamedTuple):
    """since: a critical result from here on is open. new_since: an abnormal one from here on is new."""

    since: datetime
    new_since: datetime
    judge: Judge
