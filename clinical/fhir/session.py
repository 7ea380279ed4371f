"""The one way to ask a FHIR server for something: bounded in time and size, same origin, no redirects.

fhirclient carries the request (`FHIRServer.request_data`); this session stands where its `requests.Session` was,
because that one has no deadline, follows redirects and sends the token to any host.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import requests
from fhirclient.server import FHIRServer

from clinical.errors import SourceError
from clinical.fhir import faults
from clinical.fhir.connection import Connection, origin
from clinical.fhir.exchange import Answer, Question, send
from clinical.fhir.transport import Transport, transport_for

_PAUSE_SECONDS = 0.25  # before the one further attempt
_AGAIN = frozenset({429, 500, 502, 503, 504})
_PAUSES_KEPT = (
    6  # of one pull: a server that names a pause is asked again after it, but not for ever
)


@dataclass(frozen=True)
class Brought:
    """What fhirclient looks at of an answer. A requests.Response takes longer to make than some answers to read."""

    status_code: int
    content: bytes


class Session(requests.Session):
    """One reader's requests to one connection; may be used by many threads. Keeps no cookies.

    until: monotonic time after which nothing is waited for. background: a job that nobody waits for.
    `bytes_read` and `sent` count what came in and what went out, for the caps of a whole pull.
    """

    def __init__(
        self,
        connection: Connection,
        *,
        until: float | None = None,
        background: bool = False,
        transport: Transport | None = None,
    ) -> None:
        super().__init__()
        self.trust_env = False  # a .netrc must not replace the token, nor a variable the proxy
        self.connection = connection
        self.transport = transport or transport_for(connection)
        self.until = time.monotonic() + connection.limits.pull_seconds if until is None else until
        self.background = background
        self.bytes_read = 0
        self.sent = 0
        self._paused = 0
        self._origin = origin(connection.base_url)
        self._server = self._fhir_server()

    def _fhir_server(self) -> FHIRServer:
        if self._origin is None:
            raise SourceError(
                f"{self.connection.name} has no usable FHIR base URL.",
                permanent=True,
                remedy=faults.ADMIN,
            )
        server = FHIRServer(None, base_uri=self.connection.base + "/")
        server.session = self
        return server

    def fetch(self, path: str, headers: Mapping[str, str] | None = None) -> bytes:
        """The body of a 200 answer. path: relative to the FHIR base, or an absolute link of that server.

        Raises SourceError for anything else: `faults.Answered` when there was an answer with another status.
        """
        body: bytes = self._server.request_data(path, headers=dict(headers or {}))
        return body

    def get(  # type: ignore[override]
        self, url: str | bytes, *, headers: Mapping[str, str] | None = None, **_: Any
    ) -> Brought:
        """What fhirclient calls. One further attempt for a fault that may pass; one renewal of a refused token."""
        target = str(url)
        self._same_origin(target)
        answer = self._insist(target, {**(headers or {}), **dict(self.connection.headers)})
        return Brought(answer.status, answer.body)

    def _insist(self, url: str, headers: dict[str, str]) -> Answer:
        connection = self.connection
        token = connection.token() if connection.token else ""
        attempts, renewable = (1 if self.background else 2), connection.renew is not None
        while True:
            attempts -= 1
            try:
                return self._once(url, headers, token)
            except faults.Interrupted:
                if attempts < 1:
                    raise
            except faults.Answered as error:
                attempts += self._hold(error)
                self.transport.crowded |= error.status == 429
                if error.status == 401 and token and renewable:
                    token, attempts, renewable = self._renewed(token, error), attempts + 1, False
                elif attempts < 1 or error.status not in _AGAIN or not self._pause(error):
                    raise

    def _renewed(self, token: str, error: faults.Answered) -> str:
        renewed = self.connection.renew(token) if self.connection.renew else ""
        if not renewed or renewed == token:
            raise error
        return renewed

    def _once(self, url: str, headers: dict[str, str], token: str) -> Answer:
        self._wait_for_turn()
        sent = {**headers, "Accept-Encoding": "gzip"}
        if token:
            sent["Authorization"] = f"Bearer {token}"
        self.sent += 1
        question = Question(url=url, headers=sent)
        answer = send(self.connection, self.transport, question, until=self.until)
        self.bytes_read += len(answer.body)
        if answer.status == 200:
            return answer
        raise faults.refused(self.connection.name, answer.status, answer.headers, answer.body)

    def _wait_for_turn(self) -> None:
        """Obeys the request budget and the time of the whole pull."""
        name = self.connection.name
        wait = self.transport.budget.take(until=self.until, background=self.background)
        if wait:
            raise SourceError(
                f"{name} cannot be asked for another {_seconds(wait)}: it allows only so many requests.",
                remedy="Try again after that.",
                retry_after=wait,
            )
        if time.monotonic() >= self.until:
            raise SourceError(f"{name} was not asked in time.", remedy=faults.LATER)

    def _same_origin(self, url: str) -> None:
        if origin(url) != self._origin:
            raise SourceError(
                f"{self.connection.name} pointed to another server, which is not followed "
                "because your sign-in would go with it.",
                permanent=True,
                remedy=faults.ADMIN,
            )

    def _hold(self, error: faults.Answered) -> int:
        """A pause that the server asks for is kept by everybody who reads from this connection.

        Returns the further attempts that it is good for: whoever kept the pause did not use up its own.
        """
        if error.retry_after is None:
            return 0
        cap = self.connection.limits.retry_after_cap
        self.transport.budget.hold(min(error.retry_after, cap))
        self._paused += 1
        return int(not self.background and self._paused <= _PAUSES_KEPT)

    def _pause(self, error: faults.Answered) -> bool:
        """Waits before the further attempt; False when there is no time for it."""
        wait = _PAUSE_SECONDS if error.retry_after is None else error.retry_after
        if time.monotonic() + wait + _PAUSE_SECONDS > self.until:
            return False
        time.sleep(wait)
        return True


def _seconds(wait: float) -> str:
    whole = max(1, round(wait))
    return "second" if whole == 1 else f"{whole} seconds"
