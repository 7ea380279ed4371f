"""Writing openings and their sources."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F

from summary_app.connections.models import Connection
from summary_app.summary import queries
from summary_app.summary.models import ChartContext, ContextSource, Pull, Snapshot
from summary_app.summary.services import bells


class Claimed(NamedTuple):
    """run: of the pull that was claimed with it; None: it is not claimed."""

    snapshot: Snapshot
    run: int | None = None


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
    others: Iterable[Connection] = (),
) -> None:
    """others: further EHRs, in which the patient is looked for."""
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
    launched = ContextSource(
        context_id=context_id, connection=connection, patient=patient, how="launched"
    )
    looking = (
        ContextSource(context_id=context_id, connection=each, how="looking") for each in others
    )
    ContextSource.objects.bulk_create((launched, *looking))


def set_source(
    context_id: str,
    connection: Connection,
    *,
    how: str,
    patient: str = "",
    words: str = "",
    snapshot_id: int | None = None,
    announce: bool = True,
) -> None:
    """How one EHR of the opening stands from now on; the page learns of it.

    announce: False within a transaction; then whoever writes it announces it afterwards.
    """
    standing = {
        "how": how,
        "patient": patient,
        "words": words[:300],
        "snapshot_id": snapshot_id,
    }
    whose: dict[str, Any] = {"context_id": context_id, "connection": connection}
    if not ContextSource.objects.filter(**whose).update(**standing):
        ContextSource.objects.update_or_create(**whose, defaults=standing)
    _touch(context_id, announce=announce)


def choose_visit(context_id: str, choice: str) -> None:
    ChartContext.objects.filter(pk=context_id).update(
        visit_choice=choice, revision=F("revision") + 1
    )
    bells.announce(context_id)


def close(context_id: str, *, why: str) -> None:
    ChartContext.objects.filter(pk=context_id, closed="").update(closed=why)
    _touch(context_id)


def snapshot_for(
    connection: Connection, patient: str, user_id: int | None, *, now: datetime, me: str = ""
) -> Claimed:
    """The snapshot of this patient with these rights; made empty when there is none. Its life starts anew.

    me: the process that is about to read it, as in `Pull.claimed_by`: one that is made is claimed at once.
    """
    expires = now + timedelta(hours=settings.VISIT_LENS_SNAPSHOT_HOURS)
    found = queries.snapshot_of(connection.pk, patient, user_id)
    if found is None:
        return _made(connection, patient, user_id, now, expires, me)
    cap = found.made + timedelta(days=settings.VISIT_LENS_DAYS_KEPT)
    Snapshot.objects.filter(pk=found.pk).update(used=now, expires=min(expires, cap))
    return Claimed(found)


def _made(
    connection: Connection,
    patient: str,
    user_id: int | None,
    now: datetime,
    expires: datetime,
    me: str,
) -> Claimed:
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
            claim: dict[str, Any] = {}
            if me:
                claim = {"state": Pull.State.RUNNING, "run": 1, "claimed_by": me, "heartbeat": now, "started": now}  # fmt: skip
            Pull.objects.create(snapshot=found, **claim)
            return Claimed(found, claim.get("run"))
    except IntegrityError:  # two requests at once: the other one made it
        known = queries.snapshot_of(connection.pk, patient, user_id)
        if known is None:
            raise
        return Claimed(known)


def _touch(context_id: str, *, announce: bool = True) -> None:
    ChartContext.objects.filter(pk=context_id).update(revision=F("revision") + 1)
    if announce:
        bells.announce(context_id)
