"""The visit, and what matters for it."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from .parts import FhirTime
from .states import Frozen, Section


class Visit(Frozen, frozen=True):
    """What today's visit is taken to be.

    contexts: ids of packs, strongest first; ("general",) when nothing was recognised. basis: what it was taken
    from, in words ("from appointment reason E11.9"), the strongest one; basis_also: what else it was taken from. sure: False = "we do not know", the general context.
    setting: "clinic", "ward", "ed". chosen: by the clinician.
    """

    contexts: tuple[str, ...]
    titles: tuple[str, ...]
    basis: str
    sure: bool
    basis_also: tuple[str, ...] = ()
    setting: Literal["clinic", "ward", "ed"] = "clinic"
    chosen: bool = False
    encounter: str = ""
    started: FhirTime | None = None


class Reason(Frozen, frozen=True):
    """One part of a score. words: for a clinician. rule: "diabetes v3 lab.hba1c", or "safety floor".

    source: token of the one entry that it rests on, where a row has several ("" = the row as a whole).
    """

    key: str
    points: float
    words: str
    rule: str = ""
    source: str = ""


class Due(Frozen, frozen=True):
    """state: never (nothing on record), unknown (not retrieved), due, overdue. words: "overdue 3 months"."""

    state: Literal["", "never", "unknown", "due", "overdue"] = ""
    since: datetime | None = None
    words: str = ""


class Ranked(Frozen, frozen=True):
    """One Item or Series placed by the visit. key: its key. kind: "series" or the item's kind.

    listed: pack item ids it matches. importance: must, should, background, or "" when not listed.
    floor: safety-floor ids it must be shown for, whatever the rules say.
    """

    key: str
    kind: str
    score: float
    reasons: tuple[Reason, ...]
    importance: Literal["must", "should", "background", ""] = ""
    listed: tuple[str, ...] = ()
    floor: tuple[str, ...] = ()
    due: Due = Due()


class Absent(Frozen, frozen=True):
    """A listed item of this visit for which nothing is on the chart. sections: where it would have come from."""

    item: str
    label: str
    kind: str
    importance: Literal["must", "should"]
    sections: tuple[Section, ...]
    due: Due = Due()
    reasons: tuple[Reason, ...] = ()


class Ranking(Frozen, frozen=True):
    """Total order: score descending, then key. Every Item and Series of the chart is in `ranked` exactly once."""

    visit: Visit
    ranked: tuple[Ranked, ...]
    absent: tuple[Absent, ...] = ()
    choices: tuple[
        tuple[str, str], ...
    ] = ()  # (context id, title) that the visit can be changed to
