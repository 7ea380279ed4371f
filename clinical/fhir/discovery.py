"""Where an EHR lets people sign in: its SMART configuration, read only from a FHIR base that is on the allow-list.

SMART App Launch 2.2. Nothing is asked of the network before the issuer has been recognised.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Collection, Iterable
from typing import Any
from urllib.parse import urlsplit

import msgspec

from clinical.errors import LaunchRefused, SourceError
from clinical.fhir import faults, scopes
from clinical.fhir.connection import origin
from clinical.fhir.exchange import HttpFunction, Question
from clinical.fhir.searches import uses

WELL_KNOWN = ".well-known/smart-configuration"
IDENTITY_SCOPES = ("openid", "fhirUser")
_LAUNCH = ("launch",)
_STANDALONE = ("launch/patient", "launch/encounter")


class SmartConfiguration(msgspec.Struct, frozen=True, kw_only=True):
    """What {base}/.well-known/smart-configuration says; "" or () for what it does not say."""

    token_endpoint: str
    authorization_endpoint: str = ""
    issuer: str = ""
    jwks_uri: str = ""
    revocation_endpoint: str = ""
    introspection_endpoint: str = ""
    capabilities: tuple[str, ...] = ()
    grant_types: tuple[str, ...] = ()
    auth_methods: tuple[str, ...] = ()
    challenge_methods: tuple[str, ...] = ()
    scopes_supported: tuple[str, ...] = ()


def known_issuer(iss: str, allowed: Iterable[str]) -> str | None:
    """The allowed FHIR base that this `iss` names, or None. Only scheme, host, port and one final slash are evened out.

    >>> known_issuer("https://EHR.example:443/fhir/", ["https://ehr.example/fhir"])
    'https://ehr.example/fhir'
    >>> known_issuer("https://ehr.example/fhir/../other", ["https://ehr.example/fhir"]) is None
    True
    """
    wanted = _evened(iss)
    if wanted is None:
        return None
    return next((base for base in allowed if _evened(base) == wanted), None)


def _evened(url: str) -> tuple[object, str] | None:
    where = origin(url)
    if where is None:
        return None
    parts = urlsplit(url)
    if parts.query or parts.fragment:
        return None
    return where, parts.path.removesuffix("/")


def is_safe_address(url: str, *, allow_loopback: bool) -> bool:
    """https to a named public host; with allow_loopback (a sandbox on this machine) also http to loopback.

    >>> is_safe_address("https://10.0.0.5/fhir", allow_loopback=True)
    False
    >>> is_safe_address("http://127.0.0.1:9001/fhir", allow_loopback=True)
    True
    """
    where = origin(url)
    if where is None:
        return False
    scheme, host, _ = where
    if host == "localhost" or _address(host) is not None:
        address = _address(host)
        return allow_loopback and (address is None or address.is_loopback)
    return scheme == "https" and "." in host and not host.replace(".", "").isdigit()


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def discover(
    ask: HttpFunction,
    base: str,
    *,
    name: str,
    trusted_hosts: Collection[str] = (),
    for_launch: bool = True,
) -> SmartConfiguration:
    """Reads the SMART configuration of a FHIR base that is on the allow-list.

    trusted_hosts: hosts besides the base's own at which its sign-in may live. for_launch: people sign in there, so
    S256 and an authorization endpoint are a must. Raises SourceError when it cannot be read, LaunchRefused when it
    must not be used.
    """
    url = f"{base.rstrip('/')}/{WELL_KNOWN}"
    answer = ask(Question(url, headers={"Accept": "application/json"}))
    if answer.status in (404, 410):
        raise SourceError(
            f"{name} publishes no SMART configuration below its FHIR base URL.",
            permanent=True,
            remedy="Ask the administrator to check the FHIR base URL of this connection.",
        )
    if answer.status != 200:
        raise faults.refused(name, answer.status, answer.headers, answer.body)
    found = read_configuration(answer.body, name=name)
    hosts = {host.lower() for host in trusted_hosts}
    own = origin(base)
    for endpoint in (
        found.token_endpoint,
        found.authorization_endpoint,
        found.jwks_uri,
        found.revocation_endpoint,
    ):
        if endpoint and not _trusted(endpoint, own, hosts):
            raise LaunchRefused(
                f"{name} names a sign-in address at a host that is not on this connection's list. "
                "Ask the administrator to check it."
            )
    if for_launch:
        _must_serve_launches(found, name)
    return found


def _trusted(endpoint: str, own: tuple[str, str, int] | None, hosts: Collection[str]) -> bool:
    where = origin(endpoint)
    if where is None or own is None:
        return False
    if where[0] != "https" and own[0] == "https":
        return False
    return where[1] == own[1] or where[1] in hosts or f"{where[1]}:{where[2]}" in hosts


def _must_serve_launches(found: SmartConfiguration, name: str) -> None:
    if not found.authorization_endpoint:
        raise LaunchRefused(f"{name} names no address for people to sign in at.")
    if "S256" not in found.challenge_methods:
        raise LaunchRefused(
            f"{name} does not protect sign-ins with PKCE (S256), so no launch is accepted from it."
        )


def read_configuration(body: bytes, *, name: str) -> SmartConfiguration:
    """Raises SourceError when the body is no usable SMART configuration."""
    try:
        content: Any = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        content = None
    if not isinstance(content, dict) or not _text(content, "token_endpoint"):
        raise SourceError(
            f"{name} has no readable SMART configuration.", permanent=True, remedy=faults.ADMIN
        )
    return SmartConfiguration(
        token_endpoint=_text(content, "token_endpoint"),
        authorization_endpoint=_text(content, "authorization_endpoint"),
        issuer=_text(content, "issuer"),
        jwks_uri=_text(content, "jwks_uri"),
        revocation_endpoint=_text(content, "revocation_endpoint"),
        introspection_endpoint=_text(content, "introspection_endpoint"),
        capabilities=_texts(content, "capabilities"),
        grant_types=_texts(content, "grant_types_supported"),
        auth_methods=_texts(content, "token_endpoint_auth_methods_supported"),
        challenge_methods=_texts(content, "code_challenge_methods_supported"),
        scopes_supported=_texts(content, "scopes_supported"),
    )


def _text(content: dict[str, Any], name: str) -> str:
    value = content.get(name)
    return value if isinstance(value, str) else ""


def _texts(content: dict[str, Any], name: str) -> tuple[str, ...]:
    value = content.get(name)
    return tuple(v for v in value if isinstance(v, str)) if isinstance(value, list) else ()


def launch_scopes(
    configuration: SmartConfiguration, *, from_ehr: bool = True, offline: bool = False
) -> tuple[str, ...]:
    """What a clinician's sign-in asks for: exactly what a pull uses, confined to the launched patient."""
    clinical = scopes.wanted(uses(), level="patient", capabilities=configuration.capabilities)
    access = "offline_access" if offline else "online_access"
    return (*(_LAUNCH if from_ehr else _STANDALONE), *IDENTITY_SCOPES, access, *clinical)


def backend_scopes(
    configuration: SmartConfiguration, *, lists: Iterable[str] = ()
) -> tuple[str, ...]:
    """What this product itself asks for: what a pull uses, and finding a patient by identifier.

    lists: resource types in which this EHR keeps lists of patients, where the board uses them.
    """
    wished = (*uses(), ("Patient", "s"), *((kind, "s") for kind in lists))
    return scopes.wanted(wished, level="system", capabilities=configuration.capabilities)
