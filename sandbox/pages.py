"""Searchset Bundles, page by page, with opaque next links that end after a while."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlencode

import orjson

from sandbox.faults import OTHER_HOST, Faults, broken
from sandbox.search import Search, included
from sandbox.store import Held, Store
from sandbox.wire import FhirError, Response, fhir_response, outcome

LIFE_SECONDS = 300.0
MOST_KEPT = 2000  # next links
PARAMETER = "_page"
Seen = Callable[[Held], bool]


@dataclass(frozen=True)
class Page:
    """What a next link stands for. owner: whose search it is, nobody else may follow it."""

    search: Search
    found: list[Held]
    offset: int
    owner: str
    ends: float


class Pages:
    def __init__(self, base: str, store: Store, clock: Callable[[], float]) -> None:
        self._base, self._store, self._clock = base, store, clock
        self._kept: dict[str, Page] = {}
        self._lock = threading.Lock()

    def first(self, search: Search, found: list[Held], owner: str) -> Page:
        return Page(search, found, 0, owner, 0.0)

    def kind_of(self, word: str) -> str:
        """The resource type that a next link is about, "" when it is not known."""
        page = self._kept.get(word)
        return page.search.kind if page else ""

    def following(self, word: str, owner: str) -> Page:
        """The page of a next link. Raises FhirError: 410 when it has ended or never was."""
        with self._lock:
            page = self._kept.get(word)
        if page is None or page.ends < self._clock() or page.owner != owner:
            raise FhirError(410, "expired", "This page has expired; send the search once more.")
        return page

    def answer(self, page: Page, seen: Seen, faults: Faults, this_url: str = "") -> Response:
        """seen: which of the included resources may be sent. this_url: of this very page, "" for the first one."""
        search = page.search
        size = max(1, min(search.count, faults.page_cap, 10_000)) if not search.counts_only else 0
        part = page.found[page.offset : page.offset + size]
        own = this_url or self._self_link(search)
        links = [{"relation": "self", "url": own}]
        links += self._next(page, size, own, faults)
        entries = [
            self._entry(held, "match", place < faults.unreadable_entries and place + 1)
            for place, held in enumerate(part)
        ]
        entries += [
            self._entry(held, "include")
            for held in included(search, part, self._store)
            if seen(held)
        ]
        entries += [_warning(name) for name in dict.fromkeys(search.ignored)]
        if faults.outcome_when_empty and not page.found:
            entries.append(
                _outcome_entry("processing", "Resource request returns no results.", "4101")
            )
        response = fhir_response(_bundle(len(page.found), links, entries))
        response.delay = faults.latency_per_entry_ms * len(entries) / 1000
        return response

    def _self_link(self, search: Search) -> str:
        query = urlencode(search.used)
        return f"{self._base}/{search.kind}" + (f"?{query}" if query else "")

    def _next(self, page: Page, size: int, own: str, faults: Faults) -> list[dict[str, str]]:
        offset = page.offset + size
        if faults.next_to_itself:
            return [{"relation": "next", "url": own}]
        if not size or (offset >= len(page.found) and not faults.next_to_other_host):
            return []
        if faults.next_to_other_host:
            return [{"relation": "next", "url": f"{OTHER_HOST}?{PARAMETER}=2"}]
        now = self._clock()
        kept = Page(page.search, page.found, offset, page.owner, now + LIFE_SECONDS)
        word = secrets.token_urlsafe(16)
        with self._lock:
            self._kept[word] = kept
            self._forget(now)
        return [{"relation": "next", "url": f"{self._base}?{PARAMETER}={word}"}]

    def _forget(self, now: float) -> None:
        for word in [word for word, page in self._kept.items() if page.ends < now]:
            del self._kept[word]
        while len(self._kept) > MOST_KEPT:
            del self._kept[next(iter(self._kept))]

    def _entry(self, held: Held, mode: str, spoil: int = 0) -> bytes:
        raw = broken(held.raw, spoil - 1) if spoil else held.raw
        url = orjson.dumps(f"{self._base}/{held.reference}")
        return b'{"fullUrl":%b,"resource":%b,"search":{"mode":"%b"}}' % (url, raw, mode.encode())


def _warning(name: str) -> bytes:
    return _outcome_entry("not-supported", f"The parameter {name} is not known here.")


def _outcome_entry(code: str, words: str, number: str = "") -> bytes:
    """A warning among the entries. number: the vendor's own code for it."""
    content = outcome("warning", code, words)
    if number:
        content["issue"][0]["details"] = {"coding": [{"code": number}], "text": words}
    return orjson.dumps({"resource": content, "search": {"mode": "outcome"}})


def _bundle(total: int, links: list[dict[str, str]], entries: list[bytes]) -> bytes:
    head = orjson.dumps(
        {"resourceType": "Bundle", "type": "searchset", "total": total, "link": links}
    )
    if not entries:
        return head
    return head[:-1] + b',"entry":[' + b",".join(entries) + b"]}"
