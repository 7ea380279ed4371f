"""Tokens: kept encrypted, renewed once for everybody who waits, never seen by a browser or a log."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from clinical.errors import LaunchRefused, SourceError
from clinical.fhir import faults, scopes, smart
from clinical.fhir.connection import Connection as Wire
from clinical.fhir.rosters import KINDS
from summary_app.connections import queries
from summary_app.connections.models import Connection, Token
from summary_app.connections.services import wire

_EARLY = timedelta(seconds=20)  # a token about to end is renewed before it is used
_LEASE = timedelta(seconds=20)
_PAUSE = 0.05


def keep(connection: Connection, tokens: smart.Tokens, *, user_id: int | None) -> Token:
    """Stores what an EHR gave, in place of what was there for the same reader and patient."""
    whose: dict[str, Any] = {
        "connection": connection,
        "user_id": user_id,
        "patient": tokens.patient if user_id is not None else "",
    }
    content: dict[str, Any] = {
        "sealed": _written(tokens),
        "scopes": " ".join(tokens.scopes),
        "expires": tokens.expires,
        "renewing": None,
    }
    with transaction.atomic():
        # Not update_or_create: that reads the old token, whose key may be gone.
        if not Token.objects.filter(**whose).update(**content):
            return Token.objects.create(**whose, **content)
    return Token.objects.get(**whose)


class Bearer:
    """The token of one reader, for many threads. moved: called when the EHR moved the sign-in to another patient."""

    def __init__(
        self, connection: Connection, row: Token, *, moved: Callable[[], None] | None = None
    ) -> None:
        self._connection = connection
        self._pk = row.pk
        self._system = row.user_id is None
        self._lock = threading.Lock()
        self._moved = moved
        self._tokens = _read(row)
        self._renewed = ""

    @property
    def scopes(self) -> tuple[str, ...]:
        return self._tokens.scopes

    def token(self) -> str:
        """What to send now. Raises SourceError when a new sign-in is needed."""
        with self._lock:
            # One that lives for seconds only is not renewed before its time again and again.
            early = timedelta(0) if self._tokens.access == self._renewed else _EARLY
            if self._tokens.expires - early <= timezone.now():
                self._renew()
            return self._tokens.access

    def renew(self, refused: str) -> str:
        """Another token than the one just refused; eight threads renew once."""
        with self._lock:
            if self._tokens.access == refused:
                self._renew()
            return self._tokens.access

    def _renew(self) -> None:
        from django.db import connection as database

        try:
            self._tokens = _renewed(self._connection, self._pk, self._tokens, system=self._system)
            self._renewed = self._tokens.access
        except LaunchRefused as error:
            if self._moved is not None:
                self._moved()
            raise SourceError(str(error), permanent=True) from None
        finally:
            if threading.current_thread().name.startswith("fhir-"):
                database.close()  # a thread of the pull keeps no database connection


def bearer_of_user(
    connection: Connection, user_id: int, patient: str, *, moved: Callable[[], None] | None = None
) -> Bearer | None:
    """The clinician's own rights; None when there are none for this patient, or they ended and cannot be renewed."""
    row = queries.user_token(connection, user_id, patient)
    if row is None:
        return None
    found = Bearer(connection, row, moved=moved)
    alive = row.expires > timezone.now() or bool(found._tokens.refresh)
    return found if alive else None


class NotAtHand(Exception):
    """The rights have to be asked for at the EHR first."""


def bearer_of_system(
    connection: Connection, *, lists: Collection[str] = (), at_hand: bool = False
) -> Bearer:
    """The product's own rights. Raises SourceError.

    lists: resource types of lists of patients that are wanted too; an EHR that refuses those leaves the rest, and is
    asked for them again after an hour. at_hand: sends no request; raises NotAtHand where there are no rights yet.
    """
    row = queries.system_token(connection)
    if row is None and at_hand:
        raise NotAtHand
    if row is None:
        wire.is_time_to_ask(connection, lists)
        row = keep(connection, _widest(connection, lists), user_id=None)
    elif not set(lists) <= _lists_of(row.scopes.split()) and wire.is_time_to_ask(connection, lists):
        row = _wider(connection, lists) or row
    return Bearer(connection, row)


def _wider(connection: Connection, lists: Collection[str]) -> Token | None:
    """None when it is refused: what was granted before still holds, and the lists say that they are not permitted."""
    try:
        return keep(connection, _for_system(connection, lists), user_id=None)
    except SourceError:
        return None


def _widest(connection: Connection, lists: Collection[str]) -> smart.Tokens:
    """With the lists; without them where the EHR refuses the whole request because of them."""
    try:
        return _for_system(connection, lists)
    except SourceError as error:
        if not lists or not error.permanent:
            raise
        return _for_system(connection, ())


def _lists_of(granted: Iterable[str]) -> set[str]:
    """The types of lists of patients among these scopes."""
    known = scopes.parse(granted)
    return {kind.resource for kind in KINDS if scopes.allows(known, kind.resource, "s")}


def wired(connection: Connection, bearer: Bearer | None) -> Wire:
    """For a pull; without a bearer nothing is sent (an open server)."""
    if bearer is None:
        return wire.plain(connection)
    return wire.with_token(connection, bearer.token, bearer.renew)


def give_back(user_id: int) -> None:
    """At sign-off: forgets a clinician's tokens, and tells the EHRs so where they have a place for it."""
    for row in list(Token.objects.filter(user_id=user_id).select_related("connection")):
        try:
            tokens = _read(row)
            client = wire.token_client(row.connection, wire.configuration(row.connection))
            client.revoke(tokens.refresh or tokens.access)
        except (SourceError, LaunchRefused):
            pass  # forgetting it here does not depend on the EHR
        row.delete()


def _renewed(connection: Connection, pk: int, known: smart.Tokens, *, system: bool) -> smart.Tokens:
    """New tokens: made here by whoever holds the lease, else waited for."""
    until = time.monotonic() + _LEASE.total_seconds()
    while time.monotonic() < until:
        row = Token.objects.filter(pk=pk).first()
        if row is None:
            raise SourceError(
                f"The sign-in at {connection.name} has ended.",
                permanent=True,
                remedy=faults.SIGN_IN,
            )
        stored = _read(row)
        if stored.access != known.access:
            return stored
        if _leased(pk):
            return _made(connection, pk, stored, system=system)
        time.sleep(_PAUSE)
    raise SourceError(f"{connection.name} could not renew the sign-in in time.")


def _leased(pk: int) -> bool:
    now = timezone.now()
    free = Q(renewing=None) | Q(renewing__lt=now)
    return bool(Token.objects.filter(free, pk=pk).update(renewing=now + _LEASE))


def _made(connection: Connection, pk: int, stored: smart.Tokens, *, system: bool) -> smart.Tokens:
    """Outside of any transaction: an EHR may take its time."""
    try:
        if system:
            fresh = _for_system(connection, _lists_of(stored.scopes))
        else:
            client = wire.token_client(connection, wire.configuration(connection))
            fresh = client.renewed(stored)
    except (SourceError, LaunchRefused) as error:
        if isinstance(error, LaunchRefused) or error.permanent:
            Token.objects.filter(pk=pk).delete()  # a refresh token is used once at most
        else:
            Token.objects.filter(pk=pk).update(renewing=None)
        raise
    with transaction.atomic():
        Token.objects.filter(pk=pk).update(
            sealed=_written(fresh),
            scopes=" ".join(fresh.scopes),
            expires=fresh.expires,
            renewing=None,
            revision=F("revision") + 1,
        )
    return fresh


def _for_system(connection: Connection, lists: Collection[str]) -> smart.Tokens:
    try:
        found = wire.configuration(connection, for_launch=False)
        client = wire.token_client(connection, found, backend=True)
    except LaunchRefused as error:
        raise SourceError(str(error), state="not_authorised", permanent=True) from None
    return client.for_system(smart.backend_scopes(found, lists=lists))


def _written(tokens: smart.Tokens) -> str:
    """What is needed later; the id_token and the untrusted parts of the launch are not."""
    return json.dumps(
        {
            "access": tokens.access,
            "refresh": tokens.refresh,
            "scopes": tokens.scopes,
            "patient": tokens.patient,
            "encounter": tokens.encounter,
            "expires": tokens.expires.isoformat(),
        }
    )


def _read(row: Token) -> smart.Tokens:
    content: dict[str, Any] = json.loads(row.sealed)
    fields = {**content, "scopes": tuple(content["scopes"])}
    fields["expires"] = datetime.fromisoformat(content["expires"])
    return replace(_NOTHING, **fields)


_NOTHING = smart.Tokens(access="", expires=datetime.min.replace(tzinfo=UTC), scopes=())
