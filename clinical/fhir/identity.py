"""Who signed in: validating an id_token (OpenID Connect) and reading `fhirUser` (SMART)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import msgspec
from joserfc import jwk, jwt
from joserfc.errors import JoseError
from joserfc.jws import extract_compact

from clinical.errors import LaunchRefused, SourceError
from clinical.fhir import faults
from clinical.fhir.exchange import HttpFunction, Question

ALGORITHMS = ("RS256", "RS384", "ES256", "ES384")
LEEWAY_SECONDS = 60
CLINICIANS = frozenset({"Practitioner", "PractitionerRole", "Person"})


class Who(msgspec.Struct, frozen=True):
    """reference: "Practitioner/5" at this EHR. subject: stable within `issuer`. name: for the screen, may be ""."""

    reference: str
    subject: str
    issuer: str
    name: str = ""


def fetch_keys(ask: HttpFunction, jwks_uri: str, *, name: str) -> dict[str, Any]:
    """The EHR's published keys. Raises SourceError."""
    answer = ask(Question(jwks_uri, headers={"Accept": "application/json"}))
    if answer.status != 200:
        raise faults.refused(name, answer.status, answer.headers, b"")
    try:
        content: Any = msgspec.json.decode(answer.body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        content = None
    if not isinstance(content, dict) or not isinstance(content.get("keys"), list):
        raise SourceError(f"{name} publishes no readable signing keys.", remedy=faults.ADMIN)
    return content


def validate(
    id_token: str,
    published: dict[str, Any],
    *,
    issuer: str,
    client_id: str,
    nonce: str,
    fhir_base: str,
    now: datetime,
    name: str,
) -> Who:
    """The clinician of an id_token. published: the EHR's JWKS. issuer: of its SMART configuration.

    Raises LaunchRefused, without any part of the token, unless signature, algorithm, issuer, audience, times, nonce
    and fhirUser are all right, and the user is a clinician of this very FHIR server.
    """
    claims = _verified(id_token, published, name)
    if not issuer or claims.get("iss") != issuer:
        raise _bad(name, "comes from another issuer")
    _check_audience(claims, client_id, name)
    _check_times(claims, now.timestamp(), name)
    if nonce and claims.get("nonce") != nonce:
        raise _bad(name, "belongs to another sign-in")
    subject = claims.get("sub")
    if not isinstance(subject, str) or not subject:
        raise _bad(name, "names no user")
    shown = claims.get("name")
    return Who(
        reference=clinician(claims.get("fhirUser") or claims.get("profile"), fhir_base, name),
        subject=subject,
        issuer=issuer,
        name=shown if isinstance(shown, str) else "",
    )


def _verified(id_token: str, published: dict[str, Any], name: str) -> dict[str, Any]:
    for key in _candidates(id_token, published):
        try:
            return jwt.decode(id_token, key, algorithms=list(ALGORITHMS)).claims
        except (JoseError, ValueError, TypeError):
            continue  # another key may fit; when none does, it is refused below
    raise _bad(name, "is not signed with a key of that EHR")


def _candidates(id_token: str, published: dict[str, Any]) -> Iterator[jwk.RSAKey | jwk.ECKey]:
    """The published RSA and EC keys with the token's key id; all of them when it names none."""
    kid = _key_id(id_token)
    for content in published.get("keys", ()):
        if not isinstance(content, dict) or content.get("use", "sig") != "sig":
            continue
        if kid and content.get("kid") != kid:
            continue
        try:
            if content.get("kty") == "RSA":
                yield jwk.RSAKey.import_key(content)
            elif content.get("kty") == "EC":
                yield jwk.ECKey.import_key(content)
        except (JoseError, ValueError, TypeError, KeyError):
            continue  # one malformed key does not spoil the others


def _key_id(id_token: str) -> str:
    try:
        kid = extract_compact(id_token.encode()).protected.get("kid")
    except (JoseError, ValueError):
        return ""
    return kid if isinstance(kid, str) else ""


def _check_audience(claims: dict[str, Any], client_id: str, name: str) -> None:
    audience = claims.get("aud")
    several = audience if isinstance(audience, list) else [audience]
    if client_id not in several:
        raise _bad(name, "is meant for another application")
    if len(several) > 1 and claims.get("azp") != client_id:
        raise _bad(name, "is meant for another application")


def _check_times(claims: dict[str, Any], now: float, name: str) -> None:
    ends, made = claims.get("exp"), claims.get("iat")
    if not isinstance(ends, (int, float)) or not isinstance(made, (int, float)):
        raise _bad(name, "states no time")
    if now > ends + LEEWAY_SECONDS or now < made - LEEWAY_SECONDS:
        raise _bad(name, "is not valid at this time; the clocks may differ")


def clinician(fhir_user: Any, fhir_base: str, name: str) -> str:
    """ "Practitioner/5" of an absolute or relative fhirUser. Raises LaunchRefused for anybody but a clinician there."""
    if not isinstance(fhir_user, str) or not fhir_user:
        raise _bad(name, "does not say who signed in")
    base = fhir_base.rstrip("/") + "/"
    relative = fhir_user.removeprefix(base)
    kind, _, identifier = relative.partition("/")
    if "://" in relative or not identifier or "/" in identifier:
        raise _bad(name, "names a user of another server")
    if kind not in CLINICIANS:
        raise LaunchRefused(f"This summary is for clinicians; {name} signed in somebody else.")
    return relative


def _bad(name: str, words: str) -> LaunchRefused:
    return LaunchRefused(
        f"The proof of identity from {name} {words}. Open the summary from the EHR once more."
    )
