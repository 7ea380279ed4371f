"""A SMART launch, from the EHR's call to the code that comes back. What must be kept in between is returned."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import urlencode

from clinical.errors import LaunchRefused
from clinical.fhir.discovery import SmartConfiguration
from clinical.fhir.tokens import Registration

LIFE = timedelta(minutes=10)  # of a launch that has not come back
RELAUNCH = "Open the summary from the EHR once more."
Parameters = Mapping[str, Sequence[str]]

_CALLBACK_ERRORS = {
    "access_denied": "The sign-in was declined.",
    "unauthorized_client": "This application is not registered there in the way it was used.",
    "invalid_scope": "The rights that were asked for are not granted there.",
    "invalid_request": "The sign-in request was not understood there.",
    "unsupported_response_type": "This way of signing in is not offered there.",
    "server_error": "The sign-in failed there.",
    "temporarily_unavailable": "The sign-in is not available there just now.",
}


@dataclass(frozen=True)
class Pending:
    """A launch under way: to be kept on the server, bound to one browser session, used once, then deleted.

    url: where the browser goes. iss: the FHIR base exactly as it came, sent as `aud`.
    """

    url: str = field(repr=False)
    state: str = field(repr=False)
    verifier: str = field(repr=False)
    nonce: str = field(repr=False)
    iss: str = ""
    launch: str = field(default="", repr=False)
    scopes: tuple[str, ...] = ()
    began: datetime | None = None


def launch_parameters(query: Parameters) -> tuple[str, str]:
    """iss and launch of an EHR launch. Raises LaunchRefused unless each is there exactly once."""
    found = [_single(query, name) for name in ("iss", "launch")]
    if not all(found):
        raise LaunchRefused(f"This launch is not complete. {RELAUNCH}")
    return found[0], found[1]


def begin(
    configuration: SmartConfiguration,
    registration: Registration,
    *,
    iss: str,
    scopes: tuple[str, ...],
    random_bytes: Callable[[int], bytes],
    now: datetime,
    launch: str = "",
) -> Pending:
    """Prepares the redirect to the EHR's sign-in with PKCE (S256). random_bytes: `os.urandom` outside of tests."""
    state, verifier, nonce = (_word(random_bytes(size)) for size in (32, 48, 32))
    query = {
        "response_type": "code",
        "client_id": registration.client_id,
        "redirect_uri": registration.redirect_uri,
        "scope": " ".join(scopes),
        "state": state,
        "aud": iss,
        "code_challenge": challenge(verifier),
        "code_challenge_method": "S256",
        "nonce": nonce,
    }
    if launch:
        query["launch"] = launch
    glue = "&" if "?" in configuration.authorization_endpoint else "?"
    url = configuration.authorization_endpoint + glue + urlencode(query)
    return Pending(url, state, verifier, nonce, iss, launch, scopes, now)


def challenge(verifier: str) -> str:
    """The S256 challenge of a verifier (RFC 7636)."""
    return _word(hashlib.sha256(verifier.encode()).digest())


def returned_code(
    query: Parameters, pending: Pending | None, configuration: SmartConfiguration, *, now: datetime
) -> str:
    """The code that the EHR sent back with the browser. pending: found by this browser's session, or None.

    Raises LaunchRefused for anything but one code for this very launch; the caller deletes the launch either way.
    """
    state = _single(query, "state")
    if pending is None or not hmac.compare_digest(state.encode(), pending.state.encode()):
        raise LaunchRefused(
            f"This sign-in does not belong to a launch from this browser. {RELAUNCH}"
        )
    if pending.began is None or now - pending.began > LIFE:
        raise LaunchRefused(f"This launch is more than ten minutes old. {RELAUNCH}")
    issuer = query.get("iss", ())
    if issuer and (len(issuer) != 1 or issuer[0] != configuration.issuer):
        raise LaunchRefused(f"The answer came from another sign-in service. {RELAUNCH}")
    error = query.get("error", ())
    if error:
        words = _CALLBACK_ERRORS.get(error[0], "The sign-in was refused.")
        raise LaunchRefused(f"{words} {RELAUNCH}")
    code = _single(query, "code")
    if not code:
        raise LaunchRefused(f"The sign-in came back without a code. {RELAUNCH}")
    return code


def _single(query: Parameters, name: str) -> str:
    values = query.get(name, ())
    return values[0] if len(values) == 1 else ""


def _word(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
