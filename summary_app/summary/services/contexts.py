"""Writing openings and their sources."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F

from summary_app.connections.models import Connection
from summary_app.summary import queries
from summary_app.summary.models import ChartContext, ContextSource, Pull, Snapshot
from summary_app.summary.services import bells


def create(
    context_id: str,
    *,
    user_id: int,
    connection: Connection,
    patient: str,
    encounter: str,
    role: str,
    created: datetime,
    expires: datetime,
) -> None:
    ChartContext.objects.create(
        id=context_id,
        user_id=user_id,
        connection=connection,
        patient=patient,
        encounter=encounter,
        role=role,
        created=created,
        expires=expires,
    )
    ContextSource.objects.create(
        context_id=context_id, connection=connection, patient=patient, how="launched"
    )


def add_sources(context_id: str, connections: Iterable[Connection], *, how: str) -> None:
    """Further EHRs of an opening that nobody has seen yet."""
    ContextSource.objects.bulk_create(
        ContextSource(context_id=context_id, connection=each, how=how) for each in connections
    )


def set_source(
    context_id: str,
    connection: Connection,
    *,
    how: str,
    patient: str = "",
    words: str = "",
    snapshot_id: int | None = None,
) -> None:
    """How one EHR of the opening stands from now on; the page learns of it."""
    standing = {
        "how": how,
        "patient": patient,
        "words": words[:300],
        "snapshot_id": snapshot_id,
    }
    whose: dict[str, Any] = {"context_id": context_id, "connection": connection}
    if not ContextSource.objects.filter(**whose).update(**standing):
        ContextSource.objects.update_or_create(**whose, defaults=standing)
    _touch(context_id)


def choose_visit(context_id: str, choice: str) -> None:
    ChartContext.objects.filter(pk=context_id).update(
        visit_choice=choice, revision=F("revision") + 1
    )
    bells.announce(context_id)


def close(context_id: str, *, why: str) -> None:
    ChartContext.objects.filter(pk=context_id, closed="").update(closed=why)
    _touch(context_id)


def snapshot_for(
    connection: Connection, patient: str, user_id: int | None, *, now: datetime
) -> Snapshot:
    """The snapshot of this patient with these rights; made empty when there is none. Its life starts anew."""
    expires = now + timedelta(hours=settings.VISIT_LENS_SNAPSHOT_HOURS)
    found = queries.snapshot_of(connection.pk, patient, user_id)
    if found is None:
        return _made(connection, patient, user_id, now, expires)
    cap = found.made + timedelta(days=settings.VISIT_LENS_DAYS_KEPT)
    Snapshot.objects.filter(pk=found.pk).update(used=now, expires=min(expires, cap))
    return found


def _made(
    connection: Connection, patient: str, user_id: int | None, now: datetime, expires: datetime
) -> Snapshot:
    try:
        with transaction.atomic():
            found = Snapshot.objects.create(
                connection=connection,
                patient=patient,
                user_id=user_id,
                made=now,
                used=now,
                expires=expires,
            )
            Pull.objects.create(snapshot=found)
            return found
    except IntegrityError:  # two requests at once: the other one made it
        known = queries.snapshot_of(connection.pk, patient, user_id)
        if known is None:
            raise
        return known


def _touch(context_id: str) -> None:
    ChartContext.objects.filter(pk=context_id).update(revision=F("revision") + 1)
    bells.announce(context_id)
