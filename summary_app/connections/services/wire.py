"""A connection row as `clinical.fhir` takes it."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import datetime
from urllib.parse import urljoin

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from clinical.errors import LaunchRefused
from clinical.fhir import faults, smart
from clinical.fhir.capability import Capability, read_capability
from clinical.fhir.connection import Connection as Wire
from clinical.fhir.connection import Limits
from clinical.fhir.tokens import ClientAuth
from summary_app.connections import queries
from summary_app.connections.models import Connection
from summary_app.connections.services import signing
from summary_app.connections.services.budget import SharedBudget

_CONFIGURATION_SECONDS = 600.0
_CAPABILITY_SECONDS = 3600.0
_configurations: dict[tuple[object, ...], tuple[float, smart.SmartConfiguration]] = {}
_published: dict[str, tuple[float, dict[str, object]]] = {}
_capabilities: dict[tuple[int, str], tuple[float, Capability]] = {}
_ASK_AGAIN_SECONDS = 3600.0
_asked_for: dict[tuple[int, str, frozenset[str]], float] = {}
_lock = threading.Lock()


def plain(connection: Connection) -> Wire:
    """Without any token."""
    limit = connection.requests_per_minute
    return Wire(
        key=connection.key,
        name=connection.name,
        base_url=connection.base_url,
        ca_bundle=connection.ca_bundle,
        budget=SharedBudget(connection.pk, limit) if limit else None,
        limits=Limits(
            concurrency=connection.concurrency,
            connections=connection.connections,
            requests_per_minute=connection.requests_per_minute,
            connect_seconds=connection.connect_seconds,
            request_seconds=connection.request_seconds,
            pull_seconds=connection.pull_seconds,
            page_bytes=connection.page_megabytes * 1_000_000,
            pages_per_search=connection.pages_per_search,
            page_size=connection.page_size,
        ),
    )


def with_token(
    connection: Connection, token: Callable[[], str], renew: Callable[[str], str]
) -> Wire:
    return replace(plain(connection), token=token, renew=renew)


def address(name: str, connection: Connection | None = None) -> str:
    """An absolute address of ours; the same for every launch, as registered at the EHR."""
    path = reverse(name, args=[connection.key] if connection else [])
    return urljoin(settings.VISIT_LENS_BASE_URL + "/", path.lstrip("/"))


def registration(
    connection: Connection, *, backend: bool = False, now: datetime
) -> smart.Registration:
    """How we are known there. Raises LaunchRefused when nothing is set up to prove it with."""
    kind = connection.authorization
    signed = backend or kind == Connection.Authorization.ASYMMETRIC
    key = queries.signing_key(now) or signing.new_key(now=now) if signed else None
    client_id = connection.backend_client_id if backend else connection.client_id
    if not client_id:
        raise LaunchRefused(
            f"{connection.name} is set up without a client id. Ask the administrator to complete it."
        )
    auth: ClientAuth = "public"
    if signed:
        auth = "private_key_jwt"
    elif kind == Connection.Authorization.SECRET:
        auth = "client_secret_basic"
    return smart.Registration(
        name=connection.name,
        client_id=client_id,
        redirect_uri=address("callback", connection),
        auth=auth,
        secret=connection.secret if auth == "client_secret_basic" else "",
        key=key.private if key is not None else "",
    )


def configuration(connection: Connection, *, for_launch: bool = True) -> smart.SmartConfiguration:
    """The EHR's SMART configuration, kept for ten minutes. Raises SourceError or LaunchRefused."""
    key = (connection.pk, connection.base_url, connection.sign_in_hosts, for_launch)
    with _lock:
        kept = _configurations.get(key)
    if kept is not None and kept[0] > time.monotonic():
        return kept[1]
    found = smart.discover(
        smart.http_for(plain(connection)),
        connection.base_url,
        name=connection.name,
        trusted_hosts=connection.hosts,
        for_launch=for_launch,
    )
    with _lock:
        _configurations[key] = (time.monotonic() + _CONFIGURATION_SECONDS, found)
    return found


def ehr_keys(connection: Connection, jwks_uri: str, *, anew: bool = False) -> dict[str, object]:
    """The keys that the EHR signs with, kept for ten minutes. Raises SourceError."""
    with _lock:
        kept = _published.get(jwks_uri)
    if kept is not None and kept[0] > time.monotonic() and not anew:
        return kept[1]
    found = smart.fetch_keys(smart.http_for(plain(connection)), jwks_uri, name=connection.name)
    with _lock:
        _published[jwks_uri] = (time.monotonic() + _CONFIGURATION_SECONDS, found)
    return found


def capability(connection: Connection) -> Capability:
    """What the EHR says it can do, kept for an hour. Raises SourceError."""
    key = (connection.pk, connection.base_url)
    with _lock:
        kept = _capabilities.get(key)
    if kept is not None and kept[0] > time.monotonic():
        return kept[1]
    asked = plain(connection)
    url = f"{asked.base}/metadata"
    answer = smart.http_for(asked)(smart.Question(url, headers={"Accept": "application/fhir+json"}))
    if answer.status != 200:
        raise faults.refused(connection.name, answer.status, answer.headers, answer.body)
    found = read_capability(answer.body, source=connection.name)
    with _lock:
        _capabilities[key] = (time.monotonic() + _CAPABILITY_SECONDS, found)
    return found


def is_time_to_ask(connection: Connection, rights: Collection[str]) -> bool:
    """True once in an hour for the same rights: an EHR that does not grant them is not asked with every page."""
    key, now = (connection.pk, connection.base_url, frozenset(rights)), time.monotonic()
    with _lock:
        due = _asked_for.get(key, now) <= now
        if due:
            _asked_for[key] = now + _ASK_AGAIN_SECONDS
    return due


def forget() -> None:
    """What was read of every EHR is read again at its next use."""
    with _lock:
        _asked_for.clear()
        _capabilities.clear()
        _configurations.clear()
        _published.clear()


def token_client(
    connection: Connection, found: smart.SmartConfiguration, *, backend: bool = False
) -> smart.TokenClient:
    return smart.TokenClient(
        ask=smart.http_for(plain(connection)),
        configuration=found,
        registration=registration(connection, backend=backend, now=timezone.now()),
        now=timezone.now,
        unique=lambda: secrets.token_urlsafe(24),
    )
