"""Opening a chart: written down, then every EHR that knows the patient is asked, all at once."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.utils import timezone

from summary_app.access import door
from summary_app.access.models import User
from summary_app.connections import queries as connection_queries
from summary_app.connections.models import Connection
from summary_app.summary import queries
from summary_app.summary.models import ChartContext, Job, Pull, ScheduledVisit, Snapshot
from summary_app.summary.services import contexts, linking, live, pages, pulling

_OLD_CONTEXTS = timedelta(days=2)


_PATIENCE = 0.5  # seconds
_beginning = threading.Lock()


class UnknownSource(Exception):
    """The opening has no such EHR."""


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """For the way from a sign-in to the first question: of several at once each would be as late as the last.

    A database that hangs holds nobody up for longer than the patience of it (seconds).
    """
    mine = _beginning.acquire(timeout=_PATIENCE)
    try:
        yield
    finally:
        if mine:
            _beginning.release()


def open_chart(
    user: User, *, connection: Connection, patient: str, encounter: str, as_of: datetime
) -> door.Opening:
    """A new opening, as it is before any source has answered; its pulls are under way. Nothing is waited for."""
    others = connection_queries.others(connection.pk)
    opening = door.begin(
        user,
        connection=connection,
        patient=patient,
        encounter=encounter,
        as_of=as_of,
        others=others,
    )
    linking.open_all(opening, others)
    return opening


def keep_going(opening: door.Opening) -> None:
    """Takes over the pulls whose process is gone."""
    now = timezone.now()
    pulls = queries.pulls([s.snapshot_id for s in opening.sources if s.snapshot_id is not None])
    for source in opening.sources:
        pull = pulls.get(source.snapshot_id) if source.snapshot_id is not None else None
        if pull is None:
            continue
        never = pull.state == Pull.State.IDLE
        if never or pulling.is_lost(pull.state, pull.heartbeat, now=now):
            where = (opening, source.connection, source.patient)
            linking.open_source(*where, how=source.how, lost=source.snapshot_id)


def retry(opening: door.Opening, key: str) -> None:
    """Asks one EHR again. What was read before stays on the page until the new answer is there."""
    source = next((s for s in opening.sources if s.key == key), None)
    if source is None:
        raise UnknownSource
    if source.patient and source.how not in ("offered", "none", "looking"):
        how = source.how
        if how in ("failed", "not-permitted"):
            link = queries.link(opening.connection.pk, opening.patient, source.connection.pk)
            how = link.how if link is not None else "identifier"
        linking.open_source(opening, source.connection, source.patient, how=how)
    elif source.how in ("failed", "none", "not-permitted"):
        linking.look_again(opening, source.connection)


def choose_visit(opening: door.Opening, choice: str, *, as_of: datetime) -> bool:
    """Another visit context for this opening; "" = as recognised. Nothing is fetched. False: no such context."""
    bar = pages.page_of(opening, as_of=as_of).summary.visit
    if choice and choice not in {*bar.contexts, *(key for key, _ in bar.choices)}:
        return False
    contexts.choose_visit(opening.id, choice)
    return True


def purge(*, now: datetime) -> int:
    """Deletes what has expired: snapshots, openings, old schedules and jobs. Returns how many snapshots."""
    expired = list(Snapshot.objects.filter(expires__lt=now).values_list("pk", flat=True))
    Snapshot.objects.filter(pk__in=expired).delete()
    for snapshot_id in expired:
        live.drop(snapshot_id)
    ChartContext.objects.filter(expires__lt=now - _OLD_CONTEXTS).delete()
    ScheduledVisit.objects.filter(start__lt=now - _OLD_CONTEXTS).delete()
    Job.objects.filter(day__lt=(now - _OLD_CONTEXTS).date()).delete()
    return len(expired)
