"""What is needed to speak to one EHR: where it is, on whose behalf, and how much may be asked of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from clinical.fhir.budget import Budget

DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True)
class Limits:
    """Bounds on one connection. Seconds, bytes, or plain counts.

    concurrency: requests of one pull under way at once; later: at most so many of them for what no first screen
    waits for, and of all where nobody waits or the server has said that it is asked too much. connections: of all
    pulls of this process together, so that clinicians who open charts at the same moment do not queue behind each
    other. requests_per_minute: 0 = no limit. page_size: what is asked for as `_count`; servers cap it as they like.
    """

    concurrency: int = 20
    later: int = 12
    connections: int = 48
    requests_per_minute: int = 0
    connect_seconds: float = 3.0
    request_seconds: float = 10.0
    pull_seconds: float = 30.0
    page_bytes: int = 20_000_000
    pull_bytes: int = 200_000_000
    pages_per_search: int = 50
    entries_per_page: int = 10_000
    page_size: int = 1000
    retry_after_cap: float = 120.0


@dataclass(frozen=True)
class Connection:
    """One EHR connection as seen from one reader.

    key: stands in `data-source` and in records.Source.server. name: how people call it ("Mercy Hospital"); it opens
    every sentence about a failure. base_url: FHIR base. token: gives the bearer token to send now, "" for none; it
    may raise SourceError. renew: called with a token that the server has just refused, returns another one or raises
    SourceError; the caller sees to it that eight threads renew once. ca_bundle: path of a CA file for an EHR with
    its own authority, "" = the usual authorities. proxy: URL of an outgoing proxy. budget: counts requests across
    processes; None = `limits.requests_per_minute`, counted in this process. headers: sent with every request.
    """

    key: str
    name: str
    base_url: str
    token: Callable[[], str] | None = field(default=None, repr=False, compare=False)
    renew: Callable[[str], str] | None = field(default=None, repr=False, compare=False)
    limits: Limits = Limits()
    ca_bundle: str = ""
    proxy: str = ""
    budget: Budget | None = field(default=None, repr=False, compare=False)
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)

    @property
    def base(self) -> str:
        """The FHIR base without a slash at the end."""
        return self.base_url.rstrip("/")


def origin(url: str) -> tuple[str, str, int] | None:
    """Scheme, host and port of an absolute http(s) URL; None for anything else, or if it carries a user name.

    >>> origin("https://EHR.example/fhir")
    ('https', 'ehr.example', 443)
    >>> origin("https://ehr.example@evil.example/") is None
    True
    """
    try:
        parts = urlsplit(url)
        port = parts.port or DEFAULT_PORTS.get(parts.scheme)
    except ValueError:
        return None
    if parts.scheme not in DEFAULT_PORTS or not parts.hostname or port is None:
        return None
    if "@" in parts.netloc or "\\" in url:
        return None
    return parts.scheme, parts.hostname.lower(), port
