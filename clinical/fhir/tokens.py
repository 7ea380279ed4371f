"""Tokens: got for a code, renewed, got for a system, given back. Never stored and never logged here."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal
from urllib.parse import quote, urlencode

import msgspec

from clinical.errors import LaunchRefused, SourceError
from clinical.fhir import faults, keys
from clinical.fhir.discovery import SmartConfiguration
from clinical.fhir.exchange import Answer, HttpFunction, Question

DEFAULT_LIFE = timedelta(minutes=5)  # of a token whose end the server does not state
ClientAuth = Literal["private_key_jwt", "client_secret_basic", "public"]


@dataclass(frozen=True)
class Registration:
    """How this product is known at one EHR. name: of the connection, for sentences.

    secret: for client_secret_basic. key: private JWK as JSON, for private_key_jwt.
    """

    name: str
    client_id: str
    redirect_uri: str = ""
    auth: ClientAuth = "public"
    secret: str = field(default="", repr=False)
    key: str = field(default="", repr=False)


@dataclass(frozen=True)
class Tokens:
    """A token response that has passed the checks. expires: aware. scopes: what was granted.

    patient, encounter: ids of the launch context, "" when not given. show_banner: False only if the EHR says so.
    intent, style_url, tenant, fhir_context: as sent, untrusted.
    """

    access: str = field(repr=False)
    expires: datetime
    scopes: tuple[str, ...]
    refresh: str = field(default="", repr=False)
    id_token: str = field(default="", repr=False)
    patient: str = ""
    encounter: str = ""
    show_banner: bool = True
    intent: str = ""
    style_url: str = ""
    tenant: str = ""
    fhir_context: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True)
class TokenClient:
    """The token endpoint of one EHR as this product uses it.

    ask: sends a request. now: the clock. unique: gives a new random word (for `jti`) at each call.
    """

    ask: HttpFunction
    configuration: SmartConfiguration
    registration: Registration
    now: Callable[[], datetime]
    unique: Callable[[], str]

    def for_code(self, code: str, *, verifier: str, requested: tuple[str, ...]) -> Tokens:
        """Exchanges the code of a launch. Raises LaunchRefused when the launch must not go on."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.registration.redirect_uri,
            "code_verifier": verifier,
        }
        answer = self._post(self.configuration.token_endpoint, form)
        if answer.status != 200:
            raise self._launch_refused(answer)
        return read_tokens(
            answer.body, name=self.registration.name, requested=requested, now=self.now()
        )

    def renewed(self, tokens: Tokens) -> Tokens:
        """Uses a refresh token, once. Keeps the launch context, and the old refresh token if no new one came.

        Raises SourceError when the EHR asks for a new sign-in, LaunchRefused when the answer names another patient:
        then the whole context must be given up.
        """
        if not tokens.refresh:
            raise self._sign_in_again()
        form = {"grant_type": "refresh_token", "refresh_token": tokens.refresh}
        answer = self._post(self.configuration.token_endpoint, form)
        if answer.status in (400, 401, 403):
            raise self._sign_in_again()
        if answer.status != 200:
            raise self._refused(answer)
        return merged(
            tokens,
            read_tokens(
                answer.body,
                name=self.registration.name,
                requested=tokens.scopes,
                now=self.now(),
                context=tokens,
            ),
            name=self.registration.name,
        )

    def for_system(self, scopes: tuple[str, ...]) -> Tokens:
        """Backend Services: a token of this product's own rights. Raises SourceError."""
        form = {"grant_type": "client_credentials", "scope": " ".join(scopes)}
        answer = self._post(self.configuration.token_endpoint, form)
        if answer.status != 200:
            raise self._refused(answer)
        try:
            return read_tokens(
                answer.body, name=self.registration.name, requested=scopes, now=self.now()
            )
        except LaunchRefused as error:
            raise SourceError(str(error), permanent=True, remedy=faults.ADMIN) from None

    def revoke(self, token: str) -> bool:
        """Gives a token back. False when the EHR has no place for that, or did not take it; never raises for it."""
        if not self.configuration.revocation_endpoint or not token:
            return False
        try:
            return (
                self._post(self.configuration.revocation_endpoint, {"token": token}).status == 200
            )
        except SourceError:
            return False

    def _post(self, url: str, form: Mapping[str, str]) -> Answer:
        registration = self.registration
        fields = dict(form)
        headers = {
            "Accept": "application/json",
            "Content-Type": "application/x-www-form-urlencoded",
        }
        if registration.auth == "client_secret_basic":
            pair = f"{quote(registration.client_id, safe='')}:{quote(registration.secret, safe='')}"
            headers["Authorization"] = "Basic " + base64.b64encode(pair.encode()).decode()
        elif registration.auth == "private_key_jwt":
            fields["client_assertion_type"] = keys.ASSERTION_TYPE
            fields["client_assertion"] = keys.assertion(
                registration.key,
                client_id=registration.client_id,
                audience=self.configuration.token_endpoint,
                now=self.now(),
                jti=self.unique(),
            )
        else:
            fields["client_id"] = registration.client_id
        return self.ask(Question(url, "POST", headers, urlencode(fields).encode()))

    def _launch_refused(self, answer: Answer) -> LaunchRefused:
        name, error = self.registration.name, error_code(answer.body)
        if error in ("invalid_client", "unauthorized_client") or answer.status == 401:
            return LaunchRefused(
                f"{name} does not accept this application's registration. Ask the administrator to check it."
            )
        if error == "invalid_grant":
            return LaunchRefused(
                f"{name} did not accept the sign-in code. Open the summary from the EHR once more."
            )
        return LaunchRefused(
            f"{name} refused the sign-in (HTTP {answer.status}). Open the summary from the EHR once more."
        )

    def _refused(self, answer: Answer) -> SourceError:
        name, error = self.registration.name, error_code(answer.body)
        if error in ("invalid_client", "unauthorized_client") or answer.status in (401, 403):
            return SourceError(
                f"{name} does not accept this application's registration.",
                permanent=True,
                remedy=faults.ADMIN,
            )
        if error == "invalid_scope":
            return SourceError(
                f"{name} does not grant the scopes that were asked for.",
                permanent=True,
                remedy=faults.ADMIN,
            )
        return faults.refused(name, answer.status, answer.headers, b"")

    def _sign_in_again(self) -> SourceError:
        return SourceError(
            f"{self.registration.name} does not accept your sign-in any more.",
            permanent=True,
            remedy=faults.SIGN_IN,
        )


def read_tokens(
    body: bytes,
    *,
    name: str,
    requested: tuple[str, ...],
    now: datetime,
    context: Tokens | None = None,
) -> Tokens:
    """Checks a token response. context: of the earlier response, when this one answers a refresh.

    A missing `scope` means what was requested. Raises LaunchRefused without an access token, with another token type
    than Bearer, or without a patient although a patient/ scope was granted.
    """
    try:
        content: Any = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        content = None
    if not isinstance(content, dict):
        raise LaunchRefused(f"{name} answered the sign-in with something unreadable.")
    access = _text(content, "access_token")
    if not access or not access.isascii() or not access.isprintable():
        raise LaunchRefused(f"{name} answered the sign-in without a usable access token.")
    if _text(content, "token_type").lower() != "bearer":
        raise LaunchRefused(
            f"{name} answered the sign-in with a kind of token that is not used here."
        )
    scopes = tuple(_text(content, "scope").split()) or requested
    patient = _text(content, "patient")
    if context is None and not patient and any(s.startswith("patient/") for s in scopes):
        raise LaunchRefused(
            f"{name} did not say which patient the summary is for. Open it from the patient's chart once more."
        )
    return Tokens(
        access=access,
        expires=now + _life(content.get("expires_in")),
        scopes=scopes,
        refresh=_text(content, "refresh_token"),
        id_token=_text(content, "id_token"),
        patient=patient,
        encounter=_text(content, "encounter"),
        show_banner=content.get("need_patient_banner") is not False,
        intent=_text(content, "intent"),
        style_url=_text(content, "smart_style_url"),
        tenant=_text(content, "tenant"),
        fhir_context=_dicts(content.get("fhirContext")),
    )


def merged(old: Tokens, new: Tokens, *, name: str) -> Tokens:
    """The tokens after a refresh: the new rights, never more than before, in the old context."""
    if new.patient and new.patient != old.patient:
        raise LaunchRefused(
            f"{name} moved this sign-in to another patient; the page is closed. Open the summary once more."
        )
    return Tokens(
        access=new.access,
        expires=new.expires,
        scopes=tuple(scope for scope in new.scopes if scope in old.scopes),
        refresh=new.refresh or old.refresh,
        id_token=new.id_token or old.id_token,
        patient=old.patient,
        encounter=old.encounter,
        show_banner=old.show_banner,
        intent=old.intent,
        style_url=old.style_url,
        tenant=old.tenant,
        fhir_context=old.fhir_context,
    )


def error_code(body: bytes) -> str:
    """The OAuth `error` of an error answer; "" when there is none. Its description is never repeated."""
    try:
        content: Any = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return ""
    return _text(content, "error") if isinstance(content, dict) else ""


def _life(seconds: Any) -> timedelta:
    if isinstance(seconds, str) and seconds.isdigit():
        seconds = int(seconds)
    usable = isinstance(seconds, (int, float)) and not isinstance(seconds, bool)
    return timedelta(seconds=min(max(seconds, 0), 86_400)) if usable else DEFAULT_LIFE


def _text(content: dict[str, Any], name: str) -> str:
    value = content.get(name)
    return value if isinstance(value, str) else ""


def _dicts(value: Any) -> tuple[dict[str, Any], ...]:
    return (
        tuple(each for each in value if isinstance(each, dict)) if isinstance(value, list) else ()
    )
