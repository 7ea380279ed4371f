"""Points and reasons of one entry. Importance gives most; nothing a pack says reaches the safety floor above it."""

from __future__ import annotations

from clinical.rank.library import Importance
from clinical.rank.listing import Wanted
from clinical.records import Reason

# Not yet reviewed by a clinician. The steps between importances are larger than all the rest together.
IMPORTANCE: dict[Importance, float] = {"must": 300.0, "should": 180.0, "background": 60.0}
PLACE = 20.0
CRITICAL = 30.0
ABNORMAL = 18.0
CHANGED = 12.0
NEW = 12.0
OVERDUE = 12.0
TIED = 6.0
NAMED = 6.0
ROLE = 6.0
RECENT = 6.0


def listed(one: Wanted, importance: Importance, note: str) -> list[Reason]:
    """Why an entry is on the list. note: why it counts less than its pack says, "" when it does not."""
    rule = f"{one.rule} {one.item.id}"
    reasons = [
        Reason(key="listed", points=IMPORTANCE[importance], words=note or one.words, rule=rule),
        Reason(
            key="place",
            points=round(PLACE * (1 - one.share), 2),
            words="its place in the list of this visit",
            rule=rule,
        ),
    ]
    return [reason for reason in reasons if reason.points]


def recent(days: float, window_days: float) -> Reason | None:
    """The newer within its own window, the more."""
    if window_days <= 0 or days > window_days:
        return None
    share = 1 - max(days, 0.0) / window_days
    points = round(RECENT * share, 2)
    return Reason(key="recent", points=points, words="recent", rule="score v1") if points else None
