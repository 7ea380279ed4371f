"""A wall-clock end for every exchange with a server.

The timeouts of `urllib3` bound each read, not the whole answer: a server that sends one byte a second is never
late. One watchdog thread per connection therefore shuts the socket of an exchange that is past its end, which
wakes the thread that waits on it.
"""

from __future__ import annotations

import math
import socket
import threading
import time
from types import TracebackType
from typing import Any, Self

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection

_here = threading.local()
_IDLE_SECONDS = 20.0


class Exchange:
    """One request and its answer; a context manager. `expired` tells that the watchdog has ended it."""

    def __init__(self, watchdog: Watchdog, ends: float) -> None:
        self.ends = ends
        self.expired = False
        self.over = False
        self._connection: Any = None
        self._watchdog = watchdog
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        _here.exchange = self
        self._watchdog.watch(self)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        _here.exchange = None
        with self._lock:
            self.over = True
            self._connection = None
        self._watchdog.forget(self)

    def uses(self, connection: Any) -> None:
        self._connection = connection

    def expire(self) -> None:
        """Shuts the socket down under the thread that reads from it."""
        with self._lock:
            if self.over:
                return
            self.expired = True
            sock = getattr(self._connection, "sock", None)
            if sock is not None:
                _shut(sock)


def _shut(sock: Any) -> None:
    # The plain socket's method: the one of an SSL socket also drops its state under the feet of the reader.
    try:
        socket.SocketType.shutdown(sock, socket.SHUT_RDWR)
    except (OSError, TypeError):
        # Not connected yet, closed by its owner this moment, or wrapped: the read timeout remains as the bound.
        return


class Watchdog:
    """Ends exchanges that are past their time. Its thread lives only while there is something to watch.

    What is over is let go of at once: kept until its end would have come, it would hold on to the memory it lies in.
    """

    def __init__(self) -> None:
        self._watched: set[Exchange] = set()  # as many as requests are under way: few
        self._wakes = math.inf  # the moment for which the thread has been told to wake
        self._changed = threading.Condition()
        self._running = False

    def watch(self, exchange: Exchange) -> None:
        with self._changed:
            if not self._running:  # where none can be had, the next exchange tries again
                threading.Thread(target=self._run, name="fhir-watchdog", daemon=True).start()
                self._running = True
            self._watched.add(exchange)
            if exchange.ends < self._wakes:
                self._changed.notify()

    def forget(self, exchange: Exchange) -> None:
        with self._changed:
            self._watched.discard(exchange)

    def _run(self) -> None:
        while (due := self._next()) is not None:
            due.expire()
            del due

    def _next(self) -> Exchange | None:
        with self._changed:
            while True:
                now = time.monotonic()
                first = min(self._watched, key=_ends, default=None)
                if first is not None and first.ends <= now:
                    self._watched.discard(first)
                    return first
                self._wakes = now + _IDLE_SECONDS if first is None else first.ends
                del first  # nothing is held while it waits
                if not self._changed.wait(self._wakes - now) and not self._watched:
                    self._running = False
                    return None


def _ends(exchange: Exchange) -> float:
    return exchange.ends


class _Watched:
    """Tells the exchange of this thread which connection serves it."""

    def connect(self) -> None:
        _use(self)
        super().connect()  # type: ignore[misc]

    def request(self, *args: Any, **kwargs: Any) -> None:
        _use(self)
        super().request(*args, **kwargs)  # type: ignore[misc]


def _use(connection: Any) -> None:
    exchange = getattr(_here, "exchange", None)
    if exchange is not None:
        exchange.uses(connection)


class _WatchedHTTP(_Watched, HTTPConnection):
    pass


class _WatchedHTTPS(_Watched, HTTPSConnection):
    pass


class WatchedHTTPPool(urllib3.HTTPConnectionPool):
    ConnectionCls = _WatchedHTTP


class WatchedHTTPSPool(urllib3.HTTPSConnectionPool):
    ConnectionCls = _WatchedHTTPS
