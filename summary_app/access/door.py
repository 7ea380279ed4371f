"""The one door to patient data: every read takes the user, and is written down before anything is fetched.

An `Opening` can only be got here; whoever reads a snapshot needs one.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from summary_app.access import queries as access_queries
from summary_app.access.models import AccessLog, User
from summary_app.connections.models import Connection
from summary_app.summary import queries
from summary_app.summary.services import contexts

_BOARD_ENTRY = timedelta(hours=1)  # a board that stays on the screen is one look an hour


class NotThere(Exception):
    """No such opening for this person: it does not exist, expired, or is somebody else's. Never says which."""


class Closed(Exception):
    """The opening may not be used any more; the message says why and what to do."""


@dataclass(frozen=True)
class SourceOf:
    """One EHR of an opening. how: see ContextSource. snapshot_id: None while nothing was fetched there."""

    connection: Connection
    patient: str
    how: str
    words: str
    snapshot_id: int | None

    @property
    def key(self) -> str:
        return self.connection.key


@dataclass(frozen=True)
class Opening:
    """One clinician with one patient open."""

    id: str
    user_id: int
    user_name: str
    role: str
    connection: Connection
    patient: str
    encounter: str
    visit_choice: str
    revision: int
    created: datetime
    sources: tuple[SourceOf, ...]


def begin(
    user: User,
    *,
    connection: Connection,
    patient: str,
    encounter: str,
    as_of: datetime,
    others: Iterable[Connection] = (),
) -> Opening:
    """A new opening, written together with its entry in the access record. No actor, no access.

    others: further EHRs, in which the patient is looked for.
    """
    if not user.is_authenticated or not user.is_active:
        raise NotThere
    context_id = secrets.token_urlsafe(16)
    with transaction.atomic():
        _write(user, connection, context_id, patient, "open", "", as_of, AccessLog.Outcome.GRANTED)
        contexts.create(
            context_id,
            user_id=user.pk,
            connection=connection,
            patient=patient,
            encounter=encounter,
            role=user.role,
            created=as_of,
            expires=as_of + timedelta(seconds=settings.SESSION_COOKIE_AGE),
            others=others,
        )
    # As it has just been written: reading it again would hold up the first question to the EHR.
    return Opening(
        id=context_id,
        user_id=user.pk,
        user_name=str(user),
        role=user.role,
        connection=connection,
        patient=patient,
        encounter=encounter,
        visit_choice="",
        revision=1,
        created=as_of,
        sources=(SourceOf(connection, patient, "launched", "", None),),
    )


def open_context(
    user: object, context_id: str, *, what: str, detail: str = "", as_of: datetime
) -> Opening:
    """The opening, for its own user only. Raises NotThere (written down as refused) or Closed."""
    opening = _checked(user, context_id, what, detail, as_of)
    _write(
        user, opening.connection, context_id, opening.patient, what, detail, as_of,
        AccessLog.Outcome.GRANTED,
    )  # fmt: skip
    return opening


def look_again(user: object, context_id: str, *, as_of: datetime) -> Opening:
    """For the polls of a page that was opened through the door: refusals are written down, the polls are not."""
    return _checked(user, context_id, "poll", "", as_of)


def again(opening: Opening) -> Opening:
    """The same opening as it stands now."""
    return _opening(opening.id)


def close(user_id: int, *, connection: Connection, patient: str, why: str) -> None:
    """Ends a person's openings of a patient; their pages stop."""
    for context_id in queries.contexts_of(user_id, connection_id=connection.pk, patient=patient):
        contexts.close(context_id, why=why)


def write_prepared(*, connection: Connection, patient: str, as_of: datetime) -> None:
    """The record of a chart that the product itself fetches before a visit. No user: its own rights."""
    AccessLog.objects.create(
        user=None,
        connection=connection,
        context="",
        patient=patient,
        what="prepare",
        at=as_of,
        outcome=AccessLog.Outcome.GRANTED,
    )


def openings_for_replay(
    user: User, context_ids: Sequence[str], *, as_of: datetime
) -> dict[str, Opening]:
    """Openings on which a rule set is tried: one entry per chart, before anything is read. Those that are gone are left out.

    Of a chart that is not the user's own only counts may leave the caller.
    """
    rows = queries.contexts_by_id(context_ids)
    AccessLog.objects.bulk_create(
        AccessLog(
            user=user,
            connection=row.connection,
            context=row.pk,
            patient=row.patient,
            what="replay",
            detail="" if row.user_id == user.pk else "counts only",
            at=as_of,
            outcome=AccessLog.Outcome.GRANTED,
        )
        for row in rows
    )
    return {row.pk: _opening_of(row) for row in rows}


def enter_ward(user: User, connection: Connection, *, unit: str, as_of: datetime) -> None:
    """Before the list of who lies where is asked for: once an hour. Only for somebody whom that EHR knows."""
    look_at_ward(user, [(connection, "")], unit=unit, as_of=as_of)


def look_at_ward(
    user: User, patients: Sequence[tuple[Connection, str]], *, unit: str, as_of: datetime
) -> None:
    """Before anything of these patients is read for a board: one entry per patient and hour, refusals always.

    Raises NotThere when one of the EHRs does not know this person; then nothing may be shown.
    """
    known = access_queries.practitioners(user.pk) if user.is_active else {}
    for connection, patient in patients:
        if connection.key not in known:
            _write(user, connection, "", patient, "ward", unit, as_of, AccessLog.Outcome.REFUSED)
            raise NotThere
    recent = access_queries.on_board_since(user.pk, as_of - _BOARD_ENTRY)
    AccessLog.objects.bulk_create(
        AccessLog(
            user=user,
            connection=connection,
            patient=patient,
            what="ward",
            detail=unit[:200],
            at=as_of,
            outcome=AccessLog.Outcome.GRANTED,
        )
        for connection, patient in patients
        if (connection.pk, patient) not in recent
    )


def _checked(user: object, context_id: str, what: str, detail: str, as_of: datetime) -> Opening:
    found = queries.context(context_id)
    mine = isinstance(user, User) and user.is_active and found and found.user_id == user.pk
    if found is None or not mine or found.expires <= as_of:
        connection = found.connection if found is not None else None
        patient = found.patient if found is not None else ""
        _write(
            user, connection, context_id, patient, what, detail, as_of, AccessLog.Outcome.REFUSED
        )
        raise NotThere
    if found.closed:
        raise Closed(found.closed)
    return _opening_of(found)


def _opening(context_id: str) -> Opening:
    row = queries.context(context_id)
    if row is None:
        raise NotThere
    return _opening_of(row)


def _opening_of(row: queries.ChartContext) -> Opening:
    return Opening(
        id=row.pk,
        user_id=row.user_id,
        user_name=str(row.user),
        role=row.role,
        connection=row.connection,
        patient=row.patient,
        encounter=row.encounter,
        visit_choice=row.visit_choice,
        revision=row.revision,
        created=row.created,
        sources=tuple(
            SourceOf(each.connection, each.patient, each.how, each.words, each.snapshot_id)
            for each in queries.sources(row.pk)
        ),
    )


def _write(
    user: object,
    connection: Connection | None,
    context_id: str,
    patient: str,
    what: str,
    detail: str,
    as_of: datetime,
    outcome: str,
) -> None:
    AccessLog.objects.create(
        user=user if isinstance(user, User) else None,
        connection=connection,
        context=context_id[:64],
        patient=patient,
        what=what,
        detail=detail[:200],
        at=as_of,
        outcome=outcome,
    )
