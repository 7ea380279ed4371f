"""What the pulls of one connection share: open sockets, the watchdog, the threads and the request budget.

Never shared: cookies, tokens and sessions, which belong to one reader.
"""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import certifi
import urllib3
from urllib3.util import Retry, make_headers, parse_url
from urllib3.util.ssl_ import create_urllib3_context

from clinical.fhir.budget import Budget, MinuteBudget
from clinical.fhir.connection import Connection, origin
from clinical.fhir.deadline import Watchdog, WatchedHTTPPool, WatchedHTTPSPool
from clinical.fhir.entries import Page
from clinical.fhir.workers import Workers

_ONCE = Retry(0, read=False, redirect=False)
_SHORT_PAGE = 250  # matches; a year of results of somebody with a chronic disease does not fit


class Sockets:
    """The open sockets of a connection; safe to share between threads and between readers. Never tries anything again."""

    def __init__(self, connection: Connection) -> None:
        # Not the connection itself: it has the tokens of one reader.
        self._base, self._proxy = connection.base, connection.proxy
        self._authorities = connection.ca_bundle
        self._size = connection.limits.connections
        self._manager: urllib3.PoolManager | None = None
        # Of the connection's own server, which nearly every request goes to: its pool need not be looked up each time.
        self._home = ""
        self._pool: urllib3.HTTPConnectionPool | None = None
        self._lock = threading.Lock()

    def urlopen(self, method: str, url: str, **kind: Any) -> urllib3.BaseHTTPResponse:
        """As urllib3.PoolManager.urlopen. Also raises OSError for a file of authorities that cannot be read."""
        with self._lock:
            if self._manager is None:
                self._manager = _manager(self._authorities, self._proxy, self._size)
                self._find_home(self._manager)
        if self._pool is not None and url.startswith(self._home):
            target = parse_url(url).request_uri
            return self._pool.urlopen(method, target, retries=_ONCE, **kind)
        return self._manager.urlopen(method, url, retries=_ONCE, **kind)

    def _find_home(self, manager: urllib3.PoolManager) -> None:
        if origin(self._base) is not None and not self._proxy:
            scheme, _, rest = self._base.partition("://")
            self._home = f"{scheme}://{rest.partition('/')[0]}/"
            self._pool = manager.connection_from_url(self._base)


def _manager(ca_bundle: str, proxy_url: str, size: int) -> urllib3.PoolManager:
    """With one TLS context for all sockets: to read the authorities takes longer than a handshake."""
    context = create_urllib3_context()
    authorities = Path(ca_bundle or certifi.where())
    if authorities.is_dir():
        context.load_verify_locations(capath=str(authorities))
    else:
        context.load_verify_locations(cafile=str(authorities))
    kind: dict[str, Any] = {
        "num_pools": 4,
        "maxsize": size,
        "ssl_context": context,
    }
    if proxy_url:
        address = proxy_url if "://" in proxy_url else f"http://{proxy_url}"
        proxy = parse_url(address)
        headers = make_headers(proxy_basic_auth=unquote(proxy.auth)) if proxy.auth else None
        manager: urllib3.PoolManager = urllib3.ProxyManager(
            address, proxy_headers=headers, proxy_ssl_context=context, **kind
        )
    else:
        manager = urllib3.PoolManager(**kind)
    manager.pool_classes_by_scheme = {"http": WatchedHTTPPool, "https": WatchedHTTPSPool}
    return manager


class PageSizes:
    """How many matches a page of this server holds at most, per search key, as far as it has shown.

    Servers cap pages as they like, some at 100 or less, and say so nowhere.
    """

    def __init__(self) -> None:
        self._largest: dict[str, int] = {}
        self._full: set[str] = set()

    def saw(self, key: str, page: Page) -> None:
        """A page that another one follows is as long as they get."""
        matches = sum(entry.mode == "match" for entry in page.entries)
        self._largest[key] = max(matches, self._largest.get(key, 0))
        if page.next_link:
            self._full.add(key)

    def short(self, key: str) -> bool:
        """Whether it is known that pages are short: a page was full, and none has ever been longer."""
        return key in self._full and self._largest[key] <= _SHORT_PAGE


class Transport:
    """Belongs to one connection (not to one reader of it).

    learned: per search key, what this server has refused before, so that the next pull does not ask for it again.
    page_sizes: how many entries its pages hold. crowded: it has said that it is asked too much (429).
    """

    def __init__(self, connection: Connection) -> None:
        limits = connection.limits
        self.sockets = Sockets(connection)
        self.workers = Workers(limits.connections, name=f"fhir-{connection.key}")
        self.watchdog = Watchdog()
        self.budget: Budget = connection.budget or MinuteBudget(limits.requests_per_minute)
        self.learned: dict[str, int] = {}
        self.page_sizes = PageSizes()
        self.crowded = False
        self.keeps_windows = True  # honours both bounds of a date range, as far as we know
        self.proven_windows = (
            False  # has shown that the parts of a range bring what the whole brings
        )
        self.takes_lists = True  # does not refuse `category=a,b`
        self.knows_lists = False  # has answered one with entries


def _stamp(ca_bundle: str) -> tuple[int, int] | None:
    """Changes with the file of authorities: one that was taken out of it is not trusted by the next pull."""
    try:
        found = Path(ca_bundle).stat() if ca_bundle else None
    except OSError:
        return None
    return (found.st_mtime_ns, found.st_size) if found is not None else None


_transports: dict[tuple[object, ...], Transport] = {}
_lock = threading.Lock()


def transport_for(connection: Connection) -> Transport:
    """The transport of this connection in this process; made at the first call, and anew after a fork."""
    key = (
        os.getpid(),
        connection.key,
        connection.base,
        connection.ca_bundle,
        _stamp(connection.ca_bundle),
        connection.proxy,
        connection.limits,
    )
    with _lock:
        if key not in _transports:
            _transports[key] = Transport(connection)
        return _transports[key]
