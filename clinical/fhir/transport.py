"""What the pulls of one connection share: open sockets, the watchdog, the threads and the request budget.

Never shared: cookies, tokens and sessions, which belong to one reader.
"""

from __future__ import annotations

import os
import threading
from typing import Any

import requests
import requests.adapters
from urllib3 import PoolManager
from urllib3.util.retry import Retry

from clinical.fhir.budget import Budget, MinuteBudget
from clinical.fhir.connection import Connection
from clinical.fhir.deadline import Watchdog, WatchedHTTPPool, WatchedHTTPSPool
from clinical.fhir.workers import Workers


class Adapter(requests.adapters.HTTPAdapter):
    """One pool of sockets; safe to share between threads and between sessions."""

    def __init__(self, size: int) -> None:
        super().__init__(
            pool_connections=4, pool_maxsize=size, max_retries=Retry(0, read=False, redirect=False)
        )

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self._watch(self.poolmanager)

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:
        manager = super().proxy_manager_for(proxy, **kwargs)
        self._watch(manager)
        return manager

    @staticmethod
    def _watch(manager: PoolManager) -> None:
        manager.pool_classes_by_scheme = {"http": WatchedHTTPPool, "https": WatchedHTTPSPool}


class Transport:
    """Belongs to one connection (not to one reader of it).

    learned: per search key, what this server has refused before, so that the next pull does not ask for it again.
    """

    def __init__(self, connection: Connection) -> None:
        limits = connection.limits
        self.adapter = Adapter(limits.connections)
        self.workers = Workers(limits.connections, name=f"fhir-{connection.key}")
        self.watchdog = Watchdog()
        self.budget: Budget = connection.budget or MinuteBudget(limits.requests_per_minute)
        self.learned: dict[str, int] = {}
        self.keeps_windows = True  # honours both bounds of a date range, as far as we know
        self.proven_windows = (
            False  # has shown that the parts of a range bring what the whole brings
        )
        self.takes_lists = True  # does not refuse `category=a,b`
        self.knows_lists = False  # has answered one with entries


_transports: dict[tuple[object, ...], Transport] = {}
_lock = threading.Lock()


def transport_for(connection: Connection) -> Transport:
    """The transport of this connection in this process; made at the first call, and anew after a fork."""
    key = (
        os.getpid(),
        connection.key,
        connection.base,
        connection.ca_bundle,
        connection.proxy,
        connection.limits,
    )
    with _lock:
        if key not in _transports:
            _transports[key] = Transport(connection)
        return _transports[key]
