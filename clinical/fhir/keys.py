"""The key pair with which this product proves who it is to an EHR (private_key_jwt)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from joserfc import jwk, jwt

ALGORITHM = "ES384"
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ASSERTION_LIFE = timedelta(minutes=4)
_EC_ALGORITHMS = {"P-256": "ES256", "P-384": "ES384", "P-521": "ES512"}


def new_key(kid: str) -> str:
    """A new private key as JWK JSON. Keep it encrypted; publish `public_keys` of it."""
    key = jwk.ECKey.generate_key("P-384", {"kid": kid, "use": "sig", "alg": ALGORITHM})
    return json.dumps(key.as_dict(private=True))


def public_keys(private: Iterable[str]) -> dict[str, list[dict[str, Any]]]:
    """The JWKS to publish for these private keys (current and next): bare public parts only."""
    return {"keys": [dict(_load(key).as_dict(private=False)) for key in private]}


def assertion(private: str, *, client_id: str, audience: str, now: datetime, jti: str) -> str:
    """A signed client assertion for one token request. audience: the token endpoint. jti: never used before."""
    key = _load(private)
    header = {"alg": algorithm_of(private), "kid": key.kid or "", "typ": "JWT"}
    claims = {
        "iss": client_id,
        "sub": client_id,
        "aud": audience,
        "iat": int(now.timestamp()),
        "exp": int((now + ASSERTION_LIFE).timestamp()),
        "jti": jti,
    }
    return jwt.encode(header, claims, key, algorithms=[header["alg"]])


def algorithm_of(private: str) -> str:
    """The JWS algorithm of a key: its own `alg`, else what fits its kind."""
    content: Mapping[str, Any] = json.loads(private)
    if content.get("alg"):
        return str(content["alg"])
    return "RS384" if content.get("kty") == "RSA" else _EC_ALGORITHMS[content["crv"]]


def _load(private: str) -> jwk.ECKey | jwk.RSAKey:
    content = json.loads(private)
    kind = jwk.RSAKey if content.get("kty") == "RSA" else jwk.ECKey
    return kind.import_key(content)
