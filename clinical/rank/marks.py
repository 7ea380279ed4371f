"""What a safety-floor mark is, and what decides whether a result is still open."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from clinical.rank.results import Judge


class Mark(NamedTuple):
    """One id of the floor on one entry. words: why, for a clinician."""

    id: str
    words: str


class Open(NamedTuple):
    """since: a critical result from here on is open. new_since: an abnormal one from here on is new."""

    since: datetime
    new_since: datetime
    judge: Judge
