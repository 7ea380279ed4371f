"""What became of a remark, for the person who made it. Who may answer is decided by the area of the rules."""

from __future__ import annotations

from datetime import datetime

from summary_app.access.models import User
from summary_app.feedback.models import Feedback

STATES: tuple[tuple[str, str], ...] = tuple(Feedback.State.choices)
OPEN, DECLINED = Feedback.State.OPEN.value, Feedback.State.DECLINED.value
LONGEST = 500
_CLOSED = (Feedback.State.CHANGED, Feedback.State.DECLINED)


def answer(
    remark: Feedback, *, state: str, words: str, omission: bool, by: User, now: datetime
) -> None:
    """state: one of STATES. "open" takes the remark up again."""
    Feedback.objects.filter(pk=remark.pk).update(
        state=state,
        answer=words[:LONGEST],
        omission=omission,
        answered_by=by,
        answered=now,
        done=state in _CLOSED,
    )
