"""One request and its answer over the network: bounded in time and bytes, no redirects, certificates verified."""

from __future__ import annotations

import http.client
import time
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import urllib3
import urllib3.exceptions

from clinical.errors import SourceError
from clinical.fhir import faults
from clinical.fhir.connection import Connection
from clinical.fhir.deadline import Exchange
from clinical.fhir.transport import Transport, transport_for

_CHUNK = 1 << 18
_PLAIN = ("", "identity")  # Content-Encoding of a body as it is
_DIGITS = 18  # of a Content-Length that are looked at
_ERROR_BYTES = 64_000  # of the body of an error: enough for an OperationOutcome
_NETWORK = (
    urllib3.exceptions.HTTPError,
    http.client.HTTPException,
    OSError,
)


@dataclass(frozen=True)
class Question:
    """headers and body may hold secrets: they are kept out of the repr."""

    url: str
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Answer:
    """status: HTTP status, whatever it is. headers: case does not matter. body: decompressed."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


HttpFunction = Callable[[Question], Answer]


def send(
    connection: Connection, transport: Transport, question: Question, *, until: float
) -> Answer:
    """Sends once. until: monotonic time by which the whole answer must be here.

    Raises SourceError when no whole answer came: unreachable, not safe, too slow, broken off, too large.
    Does not look at the status.
    """
    limits, headers = connection.limits, dict(question.headers)
    if not all(map(_can_be_sent, headers.values())):
        raise SourceError(
            f"{connection.name} gave a sign-in that cannot be sent back to it.",
            permanent=True,
            remedy=faults.ADMIN,
        )
    seconds = max(0.001, min(limits.request_seconds, until - time.monotonic()))
    timeout = urllib3.Timeout(connect=min(limits.connect_seconds, seconds), read=seconds)
    with Exchange(transport.watchdog, time.monotonic() + seconds) as exchange:
        try:
            # Not `request`: that one follows redirects unless it is told otherwise in another place.
            response = transport.sockets.urlopen(
                question.method,
                question.url,
                body=question.body,
                headers=headers,
                redirect=False,
                preload_content=False,
                decode_content=False,
                timeout=timeout,
            )
            body = _body(connection, response)
        except _NETWORK as error:
            raise faults.unreachable(
                connection.name, error, expired=exchange.expired, seconds=seconds
            ) from None
    return Answer(response.status, response.headers, body)


def _can_be_sent(value: str) -> bool:
    """A header of one line, in the characters of HTTP."""
    return value.isascii() and value.isprintable()


def http_for(connection: Connection, transport: Transport | None = None) -> HttpFunction:
    """An HTTP function for `smart` and `probe`, with this connection's limits."""

    shared = transport or transport_for(connection)

    def ask(question: Question) -> Answer:
        until = time.monotonic() + connection.limits.request_seconds
        return send(connection, shared, question, until=until)

    return ask


def _body(connection: Connection, response: urllib3.BaseHTTPResponse) -> bytes:
    cap = connection.limits.page_bytes
    try:
        if response.status != 200:
            return _start_of(response)
        length = _announced(response)
        if length > cap:
            raise _too_large(connection)
        encoding = response.headers.get("Content-Encoding", "").lower()
        piece = max(length, _CHUNK) if encoding in _PLAIN else _CHUNK
        return _whole(connection, response, encoding, cap, piece=piece)
    finally:
        response.close()


def _announced(response: urllib3.BaseHTTPResponse) -> int:
    """Bytes of the body, as far as the server says so in a number that counts; else 0."""
    length = response.headers.get("Content-Length", "")
    chunked = "chunked" in response.headers.get("Transfer-Encoding", "").lower()
    if chunked or not (length.isascii() and length.isdigit()):
        return 0
    return int(length[:_DIGITS])  # of more digits the first ones are too many bytes already


def _start_of(raw: urllib3.BaseHTTPResponse) -> bytes:
    """The first bytes of an error's body; whatever goes wrong with it, the status has already said enough."""
    try:
        body = raw.read(_ERROR_BYTES, decode_content=True)
    except _NETWORK:
        return b""
    return body


def _whole(
    connection: Connection, raw: urllib3.BaseHTTPResponse, encoding: str, cap: int, *, piece: int
) -> bytes:
    """Reads to the end, inflating as it comes in, and stops at the cap: a few KB of gzip can hold gigabytes.

    piece: bytes read at once. All of them, where their number is known: pieces would be copied together once more.
    """
    inflate = _Inflate(encoding, cap) if encoding in ("gzip", "x-gzip", "deflate") else None
    if inflate is None and encoding not in _PLAIN:
        raise SourceError(
            f"{connection.name} sent a page in a compression that was not asked for.",
            permanent=True,
            remedy=faults.ADMIN,
        )
    parts: list[bytes] = []
    size = 0
    while chunk := raw.read(piece, decode_content=False):
        try:
            part = inflate(chunk) if inflate else chunk
        except zlib.error:
            raise _broken(connection) from None
        size += len(part)
        if size > cap:
            raise _too_large(connection)
        parts.append(part)
    if inflate and not inflate.complete:
        raise _broken(connection)
    return b"".join(parts)


class _Inflate:
    """Decompresses piece by piece, never to more than one byte beyond the cap."""

    def __init__(self, encoding: str, cap: int) -> None:
        self._bits = zlib.MAX_WBITS if encoding == "deflate" else zlib.MAX_WBITS | 16
        self._engine = zlib.decompressobj(self._bits)
        self._room = cap + 1
        self._started = False

    def __call__(self, data: bytes) -> bytes:
        parts: list[bytes] = []
        while data and self._room > 0:
            if self._engine.eof:
                self._engine = zlib.decompressobj(self._bits)  # gzip may come in several members
            self._started = True
            part = self._engine.decompress(data, self._room)
            self._room -= len(part)
            parts.append(part)
            data = self._engine.unused_data if self._engine.eof else self._engine.unconsumed_tail
        return b"".join(parts)

    @property
    def complete(self) -> bool:
        return self._engine.eof or not self._started


def _broken(connection: Connection) -> SourceError:
    return SourceError(
        f"{connection.name} sent an answer that breaks off in the middle.", remedy=faults.LATER
    )


def _too_large(connection: Connection) -> SourceError:
    return SourceError(
        f"{connection.name} sent a page of more than {connection.limits.page_bytes / 1e6:g} MB, "
        "which is not read.",
        permanent=True,
        remedy="Ask the administrator to lower the page size of this connection.",
    )
