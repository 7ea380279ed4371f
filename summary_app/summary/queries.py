"""Reading openings and snapshots. Used by the door and by this area's services only; a test sees to it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from summary_app.summary.models import (
    ChartContext,
    ContextSource,
    Job,
    PatientLink,
    Pull,
    ScheduledVisit,
    Snapshot,
    SnapshotPart,
)


class Standing(NamedTuple):
    """How one source of an opening stands, in one row of one query. version: 0 without a snapshot."""

    revision: int
    user_id: int
    closed: str
    how: str
    snapshot_id: int | None
    version: int
    state: str
    heartbeat: datetime | None


def context(context_id: str) -> ChartContext | None:
    return ChartContext.objects.select_related("connection", "user").filter(pk=context_id).first()


def contexts_by_id(context_ids: Sequence[str]) -> list[ChartContext]:
    found = ChartContext.objects.select_related("connection", "user")
    return list(found.filter(pk__in=context_ids, closed=""))


def charts_with_snapshot(*, at: datetime, most: int) -> list[tuple[str, int]]:
    """(opening, its user) of the newest opening of each chart whose first snapshot has not expired, newest first."""
    rows = (
        ContextSource.objects.filter(
            how="launched",
            context__closed="",
            snapshot__expires__gt=at,
            snapshot__pull__state=Pull.State.DONE,
        )
        .order_by("-context__created")
        .values_list("context_id", "context__user_id", "connection_id", "patient")
    )
    found: dict[tuple[int, str], tuple[str, int]] = {}
    for context_id, user_id, connection_id, patient in rows:
        found.setdefault((connection_id, patient), (context_id, user_id))
        if len(found) >= most:
            break
    return list(found.values())


def sources(context_id: str) -> list[ContextSource]:
    """The launching source first, then by name."""
    found = ContextSource.objects.select_related("connection").filter(context_id=context_id)
    return sorted(found, key=lambda each: (each.how != "launched", each.connection.name))


def standings(context_id: str) -> list[Standing]:
    rows = ContextSource.objects.filter(context_id=context_id).values_list(
        "context__revision",
        "context__user_id",
        "context__closed",
        "how",
        "snapshot_id",
        "snapshot__pull__version",
        "snapshot__pull__state",
        "snapshot__pull__heartbeat",
    )
    return [
        Standing(revision, user, closed, how, snapshot, version or 0, state or "", beat)
        for revision, user, closed, how, snapshot, version, state, beat in rows
    ]


def contexts_of(user_id: int, *, connection_id: int, patient: str) -> list[str]:
    rows = ChartContext.objects.filter(
        user_id=user_id, connection_id=connection_id, patient=patient
    )
    return list(rows.values_list("pk", flat=True))


def open_contexts(user_id: int, *, at: datetime) -> list[ChartContext]:
    """A person's openings that have not expired, the newest first."""
    found = ChartContext.objects.filter(user_id=user_id, expires__gt=at, closed="")
    return list(found.select_related("connection").order_by("-created")[:50])


def snapshot(snapshot_id: int) -> Snapshot | None:
    return Snapshot.objects.filter(pk=snapshot_id).first()


def snapshot_whole(snapshot_id: int) -> Snapshot | None:
    """With its connection."""
    return Snapshot.objects.select_related("connection").filter(pk=snapshot_id).first()


def snapshot_of(connection_id: int, patient: str, user_id: int | None) -> Snapshot | None:
    found = Snapshot.objects.filter(connection_id=connection_id, patient=patient)
    whose = found.filter(user=None) if user_id is None else found.filter(user_id=user_id)
    return whose.first()


def pull(snapshot_id: int) -> Pull | None:
    return Pull.objects.filter(snapshot_id=snapshot_id).first()


def pulls(snapshot_ids: Sequence[int]) -> dict[int, Pull]:
    """By snapshot."""
    return {each.snapshot_id: each for each in Pull.objects.filter(snapshot__in=snapshot_ids)}


def parts_above(snapshot_id: int, version: int) -> list[SnapshotPart]:
    """The parts written after this version, without the entries as sent."""
    found = SnapshotPart.objects.filter(snapshot_id=snapshot_id, version__gt=version)
    return list(found.defer("raw"))


def part(snapshot_id: int, search: str) -> SnapshotPart | None:
    """One part, without the entries as sent."""
    found = SnapshotPart.objects.filter(snapshot_id=snapshot_id, search=search)
    return found.defer("raw").first()


def searches(snapshot_id: int) -> list[str]:
    """The searches of which something is stored."""
    found = SnapshotPart.objects.filter(snapshot_id=snapshot_id)
    return list(found.values_list("search", flat=True))


def raw_parts(snapshot_id: int) -> Sequence[tuple[str, bytes]]:
    """Search key and sealed entries as sent."""
    rows = SnapshotPart.objects.filter(snapshot_id=snapshot_id).exclude(raw=b"")
    return [(search, bytes(raw)) for search, raw in rows.values_list("search", "raw")]


def link(connection_id: int, patient: str, other_id: int) -> PatientLink | None:
    return PatientLink.objects.filter(
        connection_id=connection_id, patient=patient, other_connection_id=other_id
    ).first()


def links(connection_id: int, patient: str) -> dict[int, PatientLink]:
    """Every link of this patient, by the other connection."""
    found = PatientLink.objects.filter(connection_id=connection_id, patient=patient)
    return {each.other_connection_id: each for each in found}


def visits_of(day_start: datetime, day_end: datetime) -> list[ScheduledVisit]:
    found = ScheduledVisit.objects.filter(start__gte=day_start, start__lt=day_end)
    return list(found.select_related("connection"))


def opened_between(start: datetime, end: datetime) -> set[tuple[int, str]]:
    """(connection, patient) of every opening that began in that time."""
    found = ChartContext.objects.filter(created__gte=start, created__lt=end)
    return set(found.values_list("connection_id", "patient"))


def due_jobs(now: datetime) -> list[int]:
    """Jobs to be run: waiting ones whose time has come, and those whose worker was lost."""
    waiting = Job.objects.filter(state=Job.State.WAITING, not_before__lte=now)
    lost = Job.objects.filter(state=Job.State.RUNNING, lease__lt=now)
    return list((waiting | lost).order_by("not_before").values_list("pk", flat=True))
