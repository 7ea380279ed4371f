"""Reading what clinicians said is wrong."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db.models import F

from summary_app.feedback.models import Feedback


def not_dealt_with(*, since: datetime, most: int) -> list[Feedback]:
    """The newest first. Who said it is not read here."""
    return list(Feedback.objects.filter(done=False, at__gte=since).order_by("-at", "-pk")[:most])


def remarks(ids: Collection[int]) -> list[Feedback]:
    return list(Feedback.objects.filter(pk__in=ids).order_by("pk"))


def of_person(user_id: int, *, since: datetime, most: int) -> list[Feedback]:
    """A person's own: what was answered first, the newest answer on top; then what waits."""
    found = Feedback.objects.filter(user_id=user_id, at__gte=since).select_related("answered_by")
    return list(found.order_by(F("answered").desc(nulls_last=True), "-at", "-pk")[:most])


def at_spots(spots: Collection[str]) -> list[Feedback]:
    """Remarks that were made on a row, by the person whose row it is; the newest first."""
    found = Feedback.objects.filter(spot__in=spots).select_related("answered_by")
    return list(found.order_by("-at", "-pk"))


def omissions(context: str, departments: Collection[str], *, since: datetime) -> int:
    """Confirmed omissions in visits of a context. departments: names; none = all."""
    found = Feedback.objects.filter(omission=True, at__gte=since)
    if departments:
        found = found.filter(department__in=departments)
    return sum(context in visit.split(", ") for visit in found.values_list("visit", flat=True))
