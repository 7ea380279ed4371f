"""Today's patients, as the backend services of the EHRs gave them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

import msgspec
from django.conf import settings

from summary_app import sealing
from summary_app.access import queries as access_queries
from summary_app.access.models import User
from summary_app.summary import queries
from summary_app.summary.models import ScheduledVisit


class Words(msgspec.Struct, frozen=True):
    """What is shown of a visit on the list; kept sealed."""

    who: str = ""
    why: str = ""


class Visit(NamedTuple):
    """One line of "my patients today". time: hh:mm in the site's zone. connection: name and key."""

    time: str
    who: str
    why: str
    connection: str
    key: str
    prepared: str


class OpenChart(NamedTuple):
    """One opening that can be gone back to."""

    ctx: str
    connection: str
    since: str


class Attended(NamedTuple):
    """One visit of the schedule, without its patient. opened: somebody opened that chart here in that time."""

    connection_id: int
    practitioners: tuple[str, ...]
    opened: bool


def attended(start: datetime, end: datetime, *, until: datetime) -> tuple[Attended, ...]:
    """Visits that begin from start to `until`, and whether their charts were opened from start to end."""
    opened = queries.opened_between(start, end)
    return tuple(
        Attended(
            each.connection_id,
            tuple(each.practitioners.split()),
            (each.connection_id, each.patient) in opened,
        )
        for each in queries.visits_of(start, min(end, until))
    )


def mine_today(user: User, *, now: datetime) -> tuple[Visit, ...]:
    """Visits of today in which this person takes part, in order of time."""
    zone = ZoneInfo(settings.VISIT_LENS_ZONE)
    start = now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    mine = access_queries.practitioners(user.pk)
    found = []
    for visit in queries.visits_of(start, start + timedelta(days=1)):
        if set(visit.practitioners.split()) & set(mine.get(visit.connection.key, ())):
            found.append(_visit(visit, zone))
    return tuple(found)


def open_charts(user_id: int, *, now: datetime) -> tuple[OpenChart, ...]:
    """A person's openings of today, newest first. Without names: the page itself says whose it is."""
    zone = ZoneInfo(settings.VISIT_LENS_ZONE)
    return tuple(
        OpenChart(row.pk, row.connection.name, f"{row.created.astimezone(zone):%H:%M}")
        for row in queries.open_contexts(user_id, at=now)
    )


def purpose(connection_id: int, reference: str) -> str:
    return f"visit/{connection_id}/{reference}"


def _visit(row: ScheduledVisit, zone: ZoneInfo) -> Visit:
    try:
        sealed = sealing.unseal(row.sealed, purpose=purpose(row.connection_id, row.reference))
        words = msgspec.json.decode(sealed, type=Words)
    except sealing.CannotOpen:
        words = Words(who="name cannot be read: the key was changed")
    prepared = queries.snapshot_of(row.connection_id, row.patient, None)
    pull = queries.pull(prepared.pk) if prepared is not None else None
    done = pull.finished if pull is not None else None
    return Visit(
        time=f"{row.start.astimezone(zone):%H:%M}",
        who=words.who,
        why=words.why,
        connection=row.connection.name,
        key=row.connection.key,
        prepared=f"{done.astimezone(zone):%H:%M}" if done is not None else "",
    )
