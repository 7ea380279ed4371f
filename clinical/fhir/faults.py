"""What went wrong between us and a server, in words for a clinician and with the fetch state it leads to.

The words never hold a URL, a token, a header or anything out of a body.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator, Mapping
from email.utils import parsedate_to_datetime
from typing import Any

import urllib3.exceptions as http

from clinical.errors import SourceError
from clinical.fhir import outcomes
from clinical.records import FetchState

ADMIN = "Ask the administrator to check this connection."
LATER = "Try again in a moment."
SIGN_IN = "Sign in again: open the summary from the EHR once more."
AT_SOURCE = "Look in the EHR itself, where access can be asked for."
AT_SOURCE_TOO = "Look in the EHR itself as well."

# OpenSSL's numbers of what is wrong with a certificate
_CERTIFICATE = {
    10: "its certificate has expired",
    9: "its certificate is not valid yet",
    18: "its certificate is signed by itself",
    19: "its certificate comes from an authority that is not trusted here",
    20: "its certificate comes from an authority that is not trusted here",
    21: "its certificate comes from an authority that is not trusted here",
    62: "its certificate is made out to another name",
    64: "its certificate is made out to another address",
}


class Answered(SourceError):
    """The server answered with an error. status: HTTP status. issue: the first issue type of its OperationOutcome."""

    def __init__(self, reason: str, *, status: int, issue: str = "", **kind: Any) -> None:
        super().__init__(reason, **kind)
        self.status = status
        self.issue = issue


class Interrupted(SourceError):
    """The exchange did not come to an end in a way that another attempt may cure at once."""


def unreachable(name: str, error: BaseException, *, expired: bool, seconds: float) -> SourceError:
    """A SourceError for an exception of the network. expired: our own deadline ended the exchange."""
    if expired:
        return SourceError(
            f"{name} did not answer in full within {seconds:g} seconds.", remedy=LATER
        )
    chain = list(_causes(error))
    for link in chain:
        if isinstance(link, ssl.SSLCertVerificationError):
            words = _CERTIFICATE.get(link.verify_code, "its certificate could not be verified")
            return SourceError(
                f"{name} could not be reached safely: {words}.", permanent=True, remedy=ADMIN
            )
    return _by_kind(name, chain, seconds)


def _by_kind(name: str, chain: list[BaseException], seconds: float) -> SourceError:
    def has(*kinds: type[BaseException]) -> bool:
        return any(isinstance(link, kinds) for link in chain)

    if has(http.NameResolutionError, socket.gaierror):
        return SourceError(
            f"{name} could not be reached: its address is not known to the network.", remedy=ADMIN
        )
    if has(ConnectionRefusedError):
        return SourceError(
            f"{name} could not be reached: nothing answers at its address.", remedy=ADMIN
        )
    if has(http.ConnectTimeoutError):
        return SourceError(f"{name} could not be reached: no connection came about.", remedy=LATER)
    if has(ssl.SSLError, http.SSLError):
        return SourceError(
            f"{name} could not be reached safely: no secure connection came about.",
            permanent=True,
            remedy=ADMIN,
        )
    if has(http.ReadTimeoutError, TimeoutError):
        return SourceError(f"{name} did not answer within {seconds:g} seconds.", remedy=LATER)
    if has(http.ProxyError):
        return SourceError(f"{name} could not be reached through the proxy.", remedy=ADMIN)
    return Interrupted(f"{name} broke off the connection.", remedy=LATER)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The exception, what it wraps, and what that wraps: urllib3 and Python keep it in three places."""
    seen: set[int] = set()
    waiting: list[object] = [error]
    while waiting:
        link = waiting.pop()
        if not isinstance(link, BaseException) or id(link) in seen:
            continue
        seen.add(id(link))
        yield link
        waiting += [link.__cause__, link.__context__, getattr(link, "reason", None), *link.args]


def refused(name: str, status: int, headers: Mapping[str, str], body: bytes) -> SourceError:
    """A SourceError for an answer that is not a 200."""
    verdict = outcomes.verdict_of(body)
    issue = verdict.issue if verdict is not None else ""
    if verdict is not None and verdict.state == FetchState.RESTRICTED and status < 500:
        status = 403  # some say 400 or 404 and mean "break the glass first"
    reason, remedy, kind = _status_words(status)
    wait = retry_after(headers) if status in (429, 503) else None
    if wait:
        remedy = f"Try again in {wait:.0f} seconds: so long it asks to be left alone."
    return Answered(
        f"{name} {reason}.", status=status, issue=issue, remedy=remedy, retry_after=wait, **kind
    )


_STATUS: dict[int, tuple[str, str, dict[str, Any]]] = {
    401: ("does not accept your sign-in any more", SIGN_IN, {}),
    403: (
        "does not let you see this",
        AT_SOURCE,
        {"state": FetchState.RESTRICTED, "permanent": True},
    ),
    404: (
        "does not have what was asked for",
        "Check in the EHR that the record is still there.",
        {"permanent": True},
    ),
    410: ("no longer has what was asked for", LATER, {}),
    429: ("asks for fewer requests", "Try again in a minute.", {}),
    501: ("does not offer this", "", {"state": FetchState.NOT_SUPPORTED, "permanent": True}),
}


def _status_words(status: int) -> tuple[str, str, dict[str, Any]]:
    if status in _STATUS:
        return _STATUS[status]
    if 300 <= status < 400:
        words = "pointed to another address, which is not followed because your sign-in would go with it"
        return words, ADMIN, {"permanent": True}
    if status >= 500:
        return f"has a fault of its own (HTTP {status})", LATER, {}
    return f"refused the request (HTTP {status})", ADMIN, {"permanent": True}


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds of a Retry-After header; a date in it counts from the answer's own Date. None when there is none."""
    text = headers.get("Retry-After", "").strip()
    try:
        seconds = (
            float(text) if text[:1].isdigit() and "," not in text else _seconds_to(text, headers)
        )
    except (ValueError, TypeError):
        return None
    return seconds if 0 <= seconds < 86_400 else None


def _seconds_to(date: str, headers: Mapping[str, str]) -> float:
    sent = parsedate_to_datetime(headers.get("Date", ""))
    return (parsedate_to_datetime(date) - sent).total_seconds()
