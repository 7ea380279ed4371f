"""The sign-in of a sandbox EHR: SMART App Launch 2.2 and Backend Services (OAuth 2.0, OpenID Connect)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from joserfc import jwk, jwt

from sandbox import scopes
from sandbox.clients import Client, Clients
from sandbox.faults import Faults, Switchboard
from sandbox.fhir import Bearer
from sandbox.grants import (
    ACCESS_SECONDS,
    LAUNCH_SECONDS,
    SYSTEM_SECONDS,
    Asked,
    Context,
    Grants,
    Token,
)
from sandbox.people import name_of
from sandbox.store import Store
from sandbox.wire import FhirError, OAuthError, PageError, Pairs, Response, json_response, redirect

_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")
CHOICE_SECONDS = 600


def new_key() -> jwk.RSAKey:
    """A key pair to sign id_tokens with (RS256)."""
    return jwk.RSAKey.generate_key(
        2048, {"kid": secrets.token_hex(4), "use": "sig", "alg": "RS256"}
    )


class Auth:
    """root: address of the server, also the issuer. board: which faults are on. key: signs, None = a new one."""

    def __init__(
        self,
        store: Store,
        clients: Clients,
        grants: Grants,
        *,
        root: str,
        board: Switchboard,
        key: jwk.RSAKey | None = None,
    ) -> None:
        self._store, self._clients, self.grants = store, clients, grants
        self._root, self._board = root, board
        self._key = key or new_key()

    def jwks(self) -> dict[str, Any]:
        return {"keys": [dict(self._key.as_dict(private=False))]}

    def new_launch(self, context: Context) -> str:
        """The opaque word of an EHR launch. Raises PageError when the context does not hold together."""
        self._check(context)
        return self.grants.launches.put(context, LAUNCH_SECONDS)

    def _check(self, context: Context) -> None:
        if self._store.get("Patient", context.patient) is None:
            raise PageError(404, "There is no such patient here.")
        if self._store.get("Practitioner", context.user) is None:
            raise PageError(404, "There is no such user here.")
        encounter = self._store.get("Encounter", context.encounter)
        if context.encounter and (encounter is None or context.patient not in encounter.patients):
            raise PageError(404, "There is no such visit of this patient here.")

    # ---- the way there ------------------------------------------------------------------------------------

    def authorize(self, query: Pairs) -> Response | str:
        """A redirect back to the application, or the word of a request for which a patient must be chosen.

        Raises PageError when nobody can be redirected.
        """
        given = dict(query)
        client = self._clients.get(given.get("client_id", ""))
        if client is None or len(given) != len(query):
            raise PageError(400, "This application is not registered here.")
        if given.get("redirect_uri") not in client.redirects:
            raise PageError(
                400, "This application asked to return to an address that is not registered."
            )
        try:
            asked = self._asked(client, given)
            context = self._launched(given, asked.scopes)
        except OAuthError as error:
            back = [("error", error.error), ("error_description", error.words)]
            return self._back(given["redirect_uri"], given.get("state", ""), back)
        if context is None:
            return self.grants.choices.put(asked, CHOICE_SECONDS)
        return self._with_code(asked, context)

    def chosen(self, word: str, context: Context) -> Response:
        """A standalone launch goes on with the patient that was chosen. Raises PageError."""
        self._check(context)
        asked = self.grants.choices.take(word)
        if asked is None:
            raise PageError(400, "This sign-in has ended. Begin it once more.")
        return self._with_code(asked, context)

    def _asked(self, client: Client, given: Mapping[str, str]) -> Asked:
        if given.get("response_type") != "code":
            raise OAuthError("unsupported_response_type", "Only code is supported.")
        if given.get("code_challenge_method") != "S256" or not _CHALLENGE.fullmatch(
            given.get("code_challenge", "")
        ):
            raise OAuthError("invalid_request", "PKCE with S256 is needed.")
        if not given.get("state"):
            raise OAuthError("invalid_request", "A state is needed.")
        if given.get("aud", "").rstrip("/") != f"{self._root}/fhir":
            raise OAuthError("invalid_request", "aud names another server.")
        allowed = scopes.granted(
            given.get("scope", "").split(),
            levels=client.levels,
            lost=self._board.all.lost_scopes,
        )
        if not allowed:
            raise OAuthError("invalid_scope", "None of these scopes can be granted.")
        return Asked(
            client.id,
            given["redirect_uri"],
            tuple(allowed),
            given["state"],
            given["code_challenge"],
            given.get("nonce", ""),
        )

    def _launched(self, given: Mapping[str, str], asked: Sequence[str]) -> Context | None:
        """The context of an EHR launch; None when the patient is to be chosen here."""
        if "launch" in given:
            found = self.grants.launches.take(given["launch"])
            if found is None or "launch" not in asked:
                raise OAuthError("invalid_request", "This launch is not known, or was used before.")
            return found
        if "launch/patient" not in asked:
            raise OAuthError("invalid_request", "A launch, or the scope launch/patient, is needed.")
        return None

    def _with_code(self, asked: Asked, context: Context) -> Response:
        code = self.grants.new_code(asked, context)
        return self._back(asked.redirect, asked.state, [("code", code)])

    def _back(self, url: str, state: str, query: Pairs) -> Response:
        return redirect(url, [*query, ("state", state), ("iss", self._root)])

    # ---- tokens -------------------------------------------------------------------------------------------

    def token(self, form: Pairs) -> Response:
        """The token endpoint. Raises OAuthError."""
        given = dict(form)
        if len(given) != len(form):
            raise OAuthError("invalid_request", "A parameter was sent twice.")
        if self._board.all.refused_registration:
            raise OAuthError("invalid_client", "This application is not registered here.", 401)
        client = self._clients.authenticated(given)
        grant = given.get("grant_type", "")
        if grant not in ("authorization_code", "refresh_token", "client_credentials"):
            raise OAuthError("unsupported_grant_type", "This grant is not supported.")
        if grant not in client.grants:
            raise OAuthError("unauthorized_client", "This application may not use this grant.")
        if grant == "authorization_code":
            return json_response(self._for_code(client, given))
        if grant == "refresh_token":
            return json_response(self._renewed(client, given))
        return json_response(self._for_system(client, given))

    def _for_code(self, client: Client, given: Mapping[str, str]) -> dict[str, Any]:
        code = self.grants.taken_code(given.get("code", ""))
        verifier = given.get("code_verifier", "")
        if code is None or code.asked.client != client.id:
            raise OAuthError(
                "invalid_grant", "The code is not known, has ended or was used before."
            )
        if given.get("redirect_uri") != code.asked.redirect:
            raise OAuthError("invalid_grant", "The redirect address differs.")
        if not _VERIFIER.fullmatch(verifier) or not hmac.compare_digest(
            _challenge(verifier), code.asked.challenge
        ):
            raise OAuthError("invalid_grant", "The code verifier does not fit.")
        token = Token(client.id, code.asked.scopes, code.family, code.context)
        answer = self._given(token)
        if "openid" in token.scopes:
            answer["id_token"] = self._id_token(token, code.asked.nonce)
        return answer

    def _renewed(self, client: Client, given: Mapping[str, str]) -> dict[str, Any]:
        if self._board.all.refused_refresh:
            raise OAuthError("invalid_grant", "The sign-in has ended.")
        token = self.grants.taken_refresh(given.get("refresh_token", ""))
        if token is None or token.client != client.id:
            raise OAuthError(
                "invalid_grant", "The refresh token is not known, ended or was used before."
            )
        fewer = tuple(given.get("scope", "").split()) or token.scopes
        if not set(fewer) <= set(token.scopes):
            raise OAuthError("invalid_scope", "A refresh cannot add scopes.")
        return self._given(Token(client.id, fewer, token.family, token.context))

    def _for_system(self, client: Client, given: Mapping[str, str]) -> dict[str, Any]:
        lost = self._board.all.lost_scopes
        allowed = scopes.granted(given.get("scope", "").split(), levels=client.levels, lost=lost)
        if not allowed:
            raise OAuthError("invalid_scope", "None of these scopes can be granted.")
        token = Token(client.id, tuple(allowed), secrets.token_urlsafe(8))
        access = self.grants.new_access(token, SYSTEM_SECONDS)
        return _response(access, SYSTEM_SECONDS, token.scopes)

    def _given(self, token: Token) -> dict[str, Any]:
        answer = _response(
            self.grants.new_access(token, ACCESS_SECONDS), ACCESS_SECONDS, token.scopes
        )
        if any(scope in token.scopes for scope in scopes.REFRESH):
            answer["refresh_token"] = self.grants.new_refresh(token)
        if token.context is not None:
            answer |= {"patient": token.context.patient, "need_patient_banner": True}
            if token.context.encounter:
                answer["encounter"] = token.context.encounter
        return answer

    def _id_token(self, token: Token, nonce: str) -> str:
        user, now = token.context.user if token.context else "", int(self.grants.clock())
        claims = {
            "iss": self._root,
            "sub": hashlib.sha256(f"{self._root}|{user}".encode()).hexdigest()[:32],
            "aud": token.client,
            "iat": now,
            "exp": now + ACCESS_SECONDS,
            **({"nonce": nonce} if nonce else {}),
        }
        if "fhirUser" in token.scopes:
            claims["fhirUser"] = f"{self._root}/fhir/Practitioner/{user}"
        name = _shown(self._store, user)
        if name:
            claims["name"] = name
        header = {"alg": "RS256", "kid": self._key.kid or "", "typ": "JWT"}
        return jwt.encode(header, claims, self._key, algorithms=["RS256"])

    def revoke(self, form: Pairs) -> Response:
        """RFC 7009: also a token that is not known is answered with 200. Raises OAuthError."""
        given = dict(form)
        client = self._clients.authenticated(given)
        word = given.get("token", "")
        for kept in (self.grants.access, self.grants.refresh):
            token = kept.get(word)
            if token is not None and token.client == client.id:
                self.grants.end(token.family)
        return json_response({})

    def introspect(self, form: Pairs) -> Response:
        """RFC 7662, for the application's own tokens. Raises OAuthError."""
        given = dict(form)
        client = self._clients.authenticated(given)
        word = given.get("token", "")
        token = self.grants.access.get(word) or self.grants.refresh.get(word)
        if token is None or token.client != client.id:
            return json_response({"active": False})
        told: dict[str, Any] = {
            "active": True,
            "scope": " ".join(token.scopes),
            "client_id": token.client,
            "exp": int(token.ends),
            "iat": int(token.issued),
        }
        if token.context is not None:
            told["patient"] = token.context.patient
            if token.context.encounter:
                told["encounter"] = token.context.encounter
        return json_response(told)

    def bearer(self, header: str, faults: Faults) -> Bearer:
        """Who sends a FHIR request. Raises FhirError (401)."""
        kind, _, word = header.partition(" ")
        if kind.lower() != "bearer" or not word:
            raise FhirError(401, "login", "A bearer token is needed.", WWW_Authenticate="Bearer")
        token = self.grants.access.get(word.strip())
        if token is None or faults.expired_tokens:
            how = 'Bearer error="invalid_token"'
            raise FhirError(401, "expired", "The token has ended.", WWW_Authenticate=how)
        patient = token.context.patient if token.context else ""
        return Bearer(token.scopes, patient, token.family)


def _response(access: str, seconds: int, given: Sequence[str]) -> dict[str, Any]:
    return {
        "access_token": access,
        "token_type": "Bearer",
        "expires_in": seconds,
        "scope": " ".join(given),
    }


def _challenge(verifier: str) -> str:
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def _shown(store: Store, user: str) -> str:
    held = store.get("Practitioner", user)
    return "" if held is None else name_of(held.content)
