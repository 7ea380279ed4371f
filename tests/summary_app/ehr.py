"""An EHR for tests: the FHIR server of tests/clinical/fhir with SMART sign-in beside it, all on loopback."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

from joserfc import jwk, jwt

from clinical.fhir import keys
from tests.clinical.fhir.fake_ehr import Asked, FakeEhr, Json, Reply, reply

MRN = "https://index.example/person"  # an identifier system that both EHRs trust


def patient(identifier: str, **more: Any) -> Json:
    return {
        "resourceType": "Patient",
        "id": identifier,
        "name": [{"family": "Winterbourne", "given": ["Anna"]}],
        "gender": "female",
        "birthDate": "1958-02-03",
        "identifier": [{"system": MRN, "value": "123-45-6789"}],
        **more,
    }


def lab(identifier: str, patient_id: str, value: float, **more: Any) -> Json:
    return {
        "resourceType": "Observation",
        "id": identifier,
        "status": "final",
        "category": [{"coding": [{"code": "laboratory"}]}],
        "code": {"coding": [{"system": "http://loinc.org", "code": "4548-4"}], "text": "HbA1c"},
        "subject": {"reference": f"Patient/{patient_id}"},
        "effectiveDateTime": "2026-11-12T08:00:00Z",
        "valueQuantity": {
            "value": value,
            "unit": "%",
            "code": "%",
            "system": "http://unitsofmeasure.org",
        },
        **more,
    }


@dataclass
class Grant:
    """What the EHR says at the next sign-in. changes: laid over the token answer (None takes a member away)."""

    patient: str = "p1"
    encounter: str = ""
    user: str = "Practitioner/alice"
    name: str = "Alice Example MD"
    scopes: str = ""
    life: int = 3600
    changes: dict[str, Any] = field(default_factory=dict)
    claims: dict[str, Any] = field(default_factory=dict)


class SmartEhr(FakeEhr):
    """grant: of the next sign-ins. tokens: those that are accepted now. forms: bodies of all token requests."""

    def __init__(self, resources: list[Json] | None = None) -> None:
        super().__init__(resources or [patient("p1"), lab("a1", "p1", 8.1)])
        self.grant = Grant()
        self.tokens: dict[str, dict[str, Any]] = {}
        self.forms: list[dict[str, str]] = []
        self.refreshes = 0
        self.key = keys.new_key("ehr-1")
        self.configuration: dict[str, Any] = {}
        self.check_tokens = True
        self._codes: dict[str, dict[str, str]] = {}

    def answer(self, asked: Asked) -> Reply:
        special = {
            ".well-known/smart-configuration": self._configuration,
            "auth/token": self._token,
            "auth/jwks": lambda _: reply(keys_of(self.key)),
        }.get(asked.path)
        if special is not None:
            with self._lock:
                self.asked.append(asked)
            return special(asked)
        if self.check_tokens and asked.path != "metadata":
            bearer = asked.headers.get("authorization", "").removeprefix("Bearer ")
            if bearer not in self.tokens:
                return reply({"resourceType": "OperationOutcome", "issue": []}, 401)
        return super().answer(asked)

    def authorize(self, url: str) -> dict[str, str]:
        """The sign-in page: what the browser brings back to us."""
        sent = dict(parse_qsl(urlsplit(url).query))
        code = secrets.token_urlsafe(16)
        self._codes[code] = sent
        return {"code": code, "state": sent["state"]}

    def _configuration(self, _: Asked) -> Reply:
        found = {
            "issuer": self.base,
            "authorization_endpoint": f"{self.base}/auth/authorize",
            "token_endpoint": f"{self.base}/auth/token",
            "jwks_uri": f"{self.base}/auth/jwks",
            "capabilities": ["launch-ehr", "permission-v2", "sso-openid-connect"],
            "code_challenge_methods_supported": ["S256"],
            "grant_types_supported": ["authorization_code", "client_credentials"],
            **self.configuration,
        }
        return reply({name: value for name, value in found.items() if value is not None})

    def _token(self, asked: Asked) -> Reply:
        form = {name: values[0] for name, values in parse_qs(asked.body.decode()).items()}
        self.forms.append(form)
        kind = form.get("grant_type")
        if kind == "client_credentials":
            return reply(self._granted({"scope": form["scope"]}, refresh=False))
        if kind == "refresh_token":
            self.refreshes += 1
            known = [t for t in self.tokens.values() if t.get("refresh") == form["refresh_token"]]
            if not known:
                return reply({"error": "invalid_grant"}, 400)
            known[0]["refresh"] = ""
            answer = self._granted({"scope": known[0]["scope"]}, refresh=True)
            return reply({**answer, **self.grant.changes})
        sent = self._codes.pop(form.get("code", ""), None)
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        proof = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if sent is None or proof != sent["code_challenge"]:
            return reply({"error": "invalid_grant"}, 400)
        return reply(self._answer(sent))

    def _answer(self, sent: dict[str, str]) -> Json:
        grant = self.grant
        answer = {
            **self._granted({"scope": grant.scopes or sent["scope"]}, refresh=True),
            "patient": grant.patient,
            "encounter": grant.encounter or None,
            "id_token": self.id_token(sent),
        }
        answer.update(grant.changes)
        return {name: value for name, value in answer.items() if value is not None}

    def _granted(self, scopes: dict[str, str], *, refresh: bool) -> Json:
        access, again = secrets.token_urlsafe(24), secrets.token_urlsafe(24)
        self.tokens[access] = {**scopes, "refresh": again if refresh else ""}
        answer: Json = {
            "access_token": access,
            "token_type": "Bearer",
            "expires_in": self.grant.life,
            **scopes,
        }
        return {**answer, "refresh_token": again} if refresh else answer

    def id_token(self, sent: dict[str, str]) -> str:
        now = int(time.time())
        claims = {
            "iss": self.base,
            "aud": sent["client_id"],
            "sub": self.grant.user,
            "exp": now + 300,
            "iat": now,
            "nonce": sent["nonce"],
            "fhirUser": self.grant.user,
            "name": self.grant.name,
            **self.grant.claims,
        }
        key = jwk.ECKey.import_key(json.loads(self.key))
        return jwt.encode({"alg": "ES384", "kid": "ehr-1"}, claims, key, algorithms=["ES384"])


def keys_of(private: str) -> Json:
    return dict(keys.public_keys([private]))
