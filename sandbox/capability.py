"""What the server says of itself: CapabilityStatement, SMART configuration, OpenID configuration."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sandbox.parameters import DECLARED, parameters_of

SMART_CAPABILITIES = (
    "launch-ehr",
    "launch-standalone",
    "authorize-post",
    "client-confidential-asymmetric",
    "sso-openid-connect",
    "context-banner",
    "context-ehr-patient",
    "context-ehr-encounter",
    "context-standalone-patient",
    "permission-offline",
    "permission-online",
    "permission-patient",
    "permission-user",
    "permission-v1",
    "permission-v2",
)
_OAUTH_URIS = "http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris"
_SERVICES = "http://terminology.hl7.org/CodeSystem/restful-security-service"


def smart_configuration(root: str) -> dict[str, Any]:
    """SMART App Launch 2.2, conformance. root: address of the server, without a final slash."""
    return {
        "issuer": root,
        "jwks_uri": f"{root}/auth/jwks",
        "authorization_endpoint": f"{root}/auth/authorize",
        "token_endpoint": f"{root}/auth/token",
        "revocation_endpoint": f"{root}/auth/revoke",
        "introspection_endpoint": f"{root}/auth/introspect",
        "token_endpoint_auth_methods_supported": ["private_key_jwt"],
        "token_endpoint_auth_signing_alg_values_supported": ["RS384", "ES384"],
        "grant_types_supported": ["authorization_code", "refresh_token", "client_credentials"],
        "response_types_supported": ["code"],
        "code_challenge_methods_supported": ["S256"],
        "scopes_supported": [
            *("openid", "fhirUser", "launch", "launch/patient", "launch/encounter"),
            *("online_access", "offline_access", "patient/*.rs", "user/*.rs", "system/*.rs"),
        ],
        "capabilities": list(SMART_CAPABILITIES),
    }


def openid_configuration(root: str) -> dict[str, Any]:
    """OpenID Connect Discovery 1.0, as far as SMART needs it."""
    wanted = ("issuer", "jwks_uri", "authorization_endpoint", "token_endpoint", "scopes_supported")
    smart = smart_configuration(root)
    return {
        **{name: smart[name] for name in wanted},
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
    }


def statement(root: str, *, title: str, started: str, types: Iterable[str]) -> dict[str, Any]:
    """The CapabilityStatement. started: instant. types: that the server holds, besides those that it knows."""
    smart = smart_configuration(root)
    uris = [
        {"url": name, "valueUri": smart[f"{key}_endpoint"]}
        for name, key in (
            ("authorize", "authorization"),
            ("token", "token"),
            ("revoke", "revocation"),
            ("introspect", "introspection"),
        )
    ]
    security = {
        "extension": [{"url": _OAUTH_URIS, "extension": uris}],
        "service": [{"coding": [{"system": _SERVICES, "code": "SMART-on-FHIR"}]}],
    }
    every = sorted({*DECLARED, *types})
    return {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": started,
        "kind": "instance",
        "software": {"name": "Visit Lens sandbox EHR"},
        "implementation": {"description": title, "url": f"{root}/fhir"},
        "fhirVersion": "4.0.1",
        "format": ["json"],
        "rest": [{"mode": "server", "security": security, "resource": [_type(k) for k in every]}],
    }


def _type(kind: str) -> dict[str, Any]:
    known = parameters_of(kind)
    if kind == "Binary":
        return {"type": kind, "interaction": [{"code": "read"}]}
    return {
        "type": kind,
        "versioning": "no-version",
        "interaction": [{"code": "read"}, {"code": "search-type"}],
        "searchInclude": [f"{kind}:{p.name}" for p in known.values() if p.kind == "reference"],
        "searchRevInclude": ["Provenance:target"],
        "searchParam": [{"name": p.name, "type": p.kind} for p in known.values()],
    }
