"""A SMART launch from its first request to a signed-in clinician with a patient. Every refusal has a safe sentence."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction

from clinical.errors import LaunchRefused, SourceError
from clinical.fhir import smart
from clinical.fhir.launch import LIFE, RELAUNCH
from summary_app.connections import queries
from summary_app.connections.models import Connection, PendingLaunch, UsedLaunch
from summary_app.connections.services import tokens as token_store
from summary_app.connections.services import wire

Parameters = Mapping[str, Sequence[str]]
_REMEMBERED = timedelta(days=1)  # how long a launch value is known as used
NOT_KNOWN = "This EHR is not set up here. Ask the administrator to add it as a connection."


@dataclass(frozen=True)
class Launched:
    """A finished sign-in. who: the clinician at that EHR. patient, encounter: ids of the launch context."""

    connection: Connection
    who: smart.Who
    tokens: smart.Tokens

    @property
    def patient(self) -> str:
        return self.tokens.patient

    @property
    def encounter(self) -> str:
        return self.tokens.encounter


def begin_from_ehr(key: str, query: Parameters, *, browser: str, now: datetime) -> str:
    """Where to send the browser. browser: secret of its launch cookie. Raises LaunchRefused.

    Nothing is asked of the network before the issuer is known to be this connection.
    """
    connection = _connection(key)
    iss, launch = smart.launch_parameters(query)
    if smart.known_issuer(iss, [connection.base_url]) is None:
        raise LaunchRefused(NOT_KNOWN)
    _remember(connection, launch, now)
    return _begin(connection, iss=iss, launch=launch, browser=browser, now=now)


def begin_standalone(key: str, *, browser: str, now: datetime) -> str:
    """Where to send the browser when nobody launched us: the EHR lets the clinician pick the patient."""
    connection = _connection(key)
    return _begin(connection, iss=connection.base_url, launch="", browser=browser, now=now)


def finish(key: str, query: Parameters, *, browser: str, now: datetime) -> Launched:
    """What came back with the browser, made into a sign-in. Uses the pending launch up. Raises LaunchRefused."""
    connection = _connection(key)
    pending = _taken(connection, query, browser)
    try:
        found = wire.configuration(connection)
        code = smart.returned_code(query, pending, found, now=now)
        if (
            pending is None
        ):  # returned_code has refused it already; this is for the reader and the type checker
            raise LaunchRefused(RELAUNCH)
        client = wire.token_client(connection, found)
        tokens = client.for_code(code, verifier=pending.verifier, requested=pending.scopes)
        who = _who(connection, found, client.registration, tokens, pending.nonce, now)
    except SourceError as error:
        raise LaunchRefused(f"{error.reason} {error.remedy or RELAUNCH}") from None
    if not tokens.patient:
        raise LaunchRefused(
            f"{connection.name} did not say which patient the summary is for. {RELAUNCH}"
        )
    return Launched(connection, who, tokens)


def keep_tokens(launched: Launched, *, user_id: int) -> None:
    token_store.keep(launched.connection, launched.tokens, user_id=user_id)


def forget_old(*, now: datetime) -> int:
    """Deletes launches that never came back and launch values too old to be replayed."""
    gone, _ = PendingLaunch.objects.filter(began__lt=now - LIFE).delete()
    used, _ = UsedLaunch.objects.filter(at__lt=now - _REMEMBERED).delete()
    return gone + used


def _connection(key: str) -> Connection:
    found = queries.by_key(key)
    if found is None:
        raise LaunchRefused(NOT_KNOWN)
    if found.authorization == Connection.Authorization.OPEN:
        raise LaunchRefused(f"{found.name} is an open server: nobody can sign in there.")
    allowed = found.test or settings.VISIT_LENS_DEMO
    if not smart.is_safe_address(found.base_url, allow_loopback=allowed):
        raise LaunchRefused(
            f"{found.name} is not reached by https at a named host. Ask the administrator to correct its address."
        )
    return found


def _begin(connection: Connection, *, iss: str, launch: str, browser: str, now: datetime) -> str:
    try:
        found = wire.configuration(connection)
        pending = smart.begin(
            found,
            wire.registration(connection, now=now),
            iss=iss,
            scopes=_scopes(connection, found, from_ehr=bool(launch)),
            random_bytes=os.urandom,
            now=now,
            launch=launch,
        )
    except SourceError as error:
        raise LaunchRefused(f"{error.reason} {error.remedy or RELAUNCH}") from None
    PendingLaunch.objects.create(
        connection=connection,
        state_digest=_digest(pending.state),
        browser_digest=_digest(browser),
        sealed=_sealed(pending),
        began=now,
    )
    return pending.url


def _scopes(
    connection: Connection, found: smart.SmartConfiguration, *, from_ehr: bool
) -> tuple[str, ...]:
    """What is asked for: the product's own list, unless the installer wrote another one."""
    asked = smart.launch_scopes(found, from_ehr=from_ehr)
    if not connection.wanted_scopes:
        return asked
    clinical = tuple(s for s in connection.wanted_scopes if not s.startswith("launch"))
    return (*(s for s in asked if s.startswith("launch")), *clinical)


def _remember(connection: Connection, launch: str, now: datetime) -> None:
    try:
        with transaction.atomic():
            UsedLaunch.objects.create(connection=connection, digest=_digest(launch), at=now)
    except IntegrityError:
        raise LaunchRefused(f"This launch was used before. {RELAUNCH}") from None


def _taken(connection: Connection, query: Parameters, browser: str) -> smart.Pending | None:
    """The pending launch of this state and browser. Its row is deleted, whatever becomes of it."""
    state = query.get("state", ())
    if len(state) != 1:
        return None
    row = PendingLaunch.objects.filter(
        connection=connection, state_digest=_digest(state[0])
    ).first()
    # Of two that come with the same state, one deletes it.
    if row is None or not row.delete()[0]:
        return None
    if not browser or row.browser_digest != _digest(browser):
        return None
    content = json.loads(row.sealed)
    return smart.Pending(
        **{**content, "scopes": tuple(content["scopes"])}, state=state[0], url="", began=row.began
    )


def _sealed(pending: smart.Pending) -> str:
    return json.dumps(
        {
            "verifier": pending.verifier,
            "nonce": pending.nonce,
            "iss": pending.iss,
            "launch": pending.launch,
            "scopes": pending.scopes,
        }
    )


def _who(
    connection: Connection,
    found: smart.SmartConfiguration,
    registration: smart.Registration,
    tokens: smart.Tokens,
    nonce: str,
    now: datetime,
) -> smart.Who:
    """The clinician of the id_token. Keys that were changed since we read them are read once more."""
    if not tokens.id_token or not found.jwks_uri:
        raise LaunchRefused(
            f"{connection.name} does not say who signed in. Ask the administrator to allow openid and fhirUser."
        )
    for anew in (False, True):
        published = wire.ehr_keys(connection, found.jwks_uri, anew=anew)
        try:
            return smart.validate(
                tokens.id_token,
                published,
                issuer=found.issuer,
                client_id=registration.client_id,
                nonce=nonce,
                fhir_base=connection.base_url,
                now=now,
                name=connection.name,
            )
        except LaunchRefused as error:
            refused = error
    raise refused


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
