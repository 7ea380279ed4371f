"""Reading what clinicians said is wrong."""

from __future__ import annotations

from datetime import datetime

from summary_app.feedback.models import Feedback


def not_dealt_with(*, since: datetime, most: int) -> list[Feedback]:
    """The newest first. Who said it is not read here."""
    return list(Feedback.objects.filter(done=False, at__gte=since).order_by("-at", "-pk")[:most])
