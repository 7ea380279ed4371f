"""The applications that are registered at a sandbox EHR, and how they prove who they are (private_key_jwt)."""

from __future__ import annotations

import json
import threading
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from joserfc import jwk, jwt
from joserfc.errors import JoseError
from joserfc.jws import extract_compact

from sandbox.wire import OAuthError

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ALGORITHMS = ("RS384", "ES384")
LONGEST_LIFE = 300  # seconds that an assertion may be valid
LEEWAY = 30
MOST_BYTES = 200_000
FetchKeys = Callable[[str], Mapping[str, Any]]


@dataclass(frozen=True)
class Client:
    """levels: of scopes that it may have. redirects: exact addresses. grants: types of token request."""

    id: str
    jwks_url: str
    levels: tuple[str, ...]
    grants: tuple[str, ...]
    redirects: tuple[str, ...] = ()


def registered(app_url: str, name: str) -> dict[str, Client]:
    """Visit Lens as this EHR knows it. name: of the EHR in the addresses of the application."""
    app = app_url.rstrip("/")
    keys = f"{app}/jwks.json"
    return {
        "visit-lens": Client(
            "visit-lens",
            keys,
            ("patient", "user"),
            ("authorization_code", "refresh_token"),
            (f"{app}/callback/{name}/",),
        ),
        "visit-lens-backend": Client(
            "visit-lens-backend", keys, ("system",), ("client_credentials",)
        ),
    }


def fetch_keys(url: str) -> Mapping[str, Any]:
    """The published keys of an application. Raises OAuthError."""
    if not url.startswith(("http://", "https://")):
        raise OAuthError("invalid_client", "The address of the keys is not usable.", 401)
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=5) as answer:
            content = json.loads(answer.read(MOST_BYTES))
    except (OSError, ValueError) as error:
        raise OAuthError("invalid_client", f"The keys could not be read: {error}", 401) from None
    return content if isinstance(content, dict) else {}


class Clients:
    """fetch: reads a JWKS. clock: seconds since 1970. audience: the token endpoint."""

    def __init__(
        self,
        known: Mapping[str, Client],
        *,
        audience: str,
        clock: Callable[[], float],
        fetch: FetchKeys = fetch_keys,
    ) -> None:
        self._known, self._audience, self._clock, self._fetch = known, audience, clock, fetch
        self._keys: dict[str, Mapping[str, Any]] = {}
        self._used: dict[tuple[str, str], float] = {}
        self._lock = threading.Lock()

    def get(self, identifier: str) -> Client | None:
        return self._known.get(identifier)

    def authenticated(self, form: Mapping[str, str]) -> Client:
        """Who sends this token request. Raises OAuthError (401)."""
        if form.get("client_assertion_type") != ASSERTION_TYPE:
            raise _refused("A signed client assertion is needed.")
        assertion = form.get("client_assertion", "")
        try:
            token = extract_compact(assertion.encode())
            kid, alg = token.headers().get("kid"), token.headers().get("alg")
            named = json.loads(token.payload)
            client = self._known.get(str(named.get("sub")))
        except (JoseError, ValueError, AttributeError):
            raise _refused("The client assertion cannot be read.") from None
        if client is None or alg not in ALGORITHMS:
            raise _refused("The client is not registered, or signs in a way that is not accepted.")
        self._check(client, self._claims(client, assertion, kid, alg))
        return client

    def _claims(self, client: Client, assertion: str, kid: Any, alg: str) -> dict[str, Any]:
        """The claims, once a published key fits; the keys are read anew when none does."""
        for anew in (False, True):
            for key in self._published(client, kid, anew):
                try:
                    return jwt.decode(assertion, key, algorithms=[alg]).claims
                except (JoseError, ValueError, TypeError):
                    continue  # another key may fit; when none does, it is refused below
        raise _refused("The client assertion is not signed with a published key.")

    def _published(self, client: Client, kid: Any, anew: bool) -> list[jwk.ECKey | jwk.RSAKey]:
        with self._lock:
            keys = self._keys.get(client.jwks_url)
        if keys is None or anew:
            keys = self._fetch(client.jwks_url)
            with self._lock:
                self._keys[client.jwks_url] = keys
        found = []
        for content in keys.get("keys", ()):
            kind = jwk.RSAKey if content.get("kty") == "RSA" else jwk.ECKey
            if content.get("kid") == kid:
                found.append(kind.import_key(content))
        return found

    def _check(self, client: Client, claims: Mapping[str, Any]) -> None:
        now, ends, word = self._clock(), claims.get("exp"), claims.get("jti")
        if claims.get("iss") != client.id or claims.get("sub") != client.id:
            raise _refused("The client assertion names another issuer.")
        audience = claims.get("aud")
        if self._audience not in (audience if isinstance(audience, list) else [audience]):
            raise _refused("The client assertion is meant for another address.")
        if (
            not isinstance(ends, (int, float))
            or not now - LEEWAY < ends <= now + LONGEST_LIFE + LEEWAY
        ):
            raise _refused("The client assertion is not valid at this time.")
        if not isinstance(word, str) or not word:
            raise _refused("The client assertion has no jti.")
        with self._lock:
            self._used = {key: end for key, end in self._used.items() if end > now - LEEWAY}
            if (client.id, word) in self._used:
                raise _refused("The client assertion was used before.")
            self._used[client.id, word] = ends


def _refused(words: str) -> OAuthError:
    return OAuthError("invalid_client", words, 401)
