"""Searches that differ only in their category, sent as one request with a list and told apart again here."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from clinical import resources as fhir
from clinical.fhir.entries import Entry
from clinical.fhir.fetched import Fetched
from clinical.fhir.searches import Search
from clinical.records import FetchState

_COUNTED = (FetchState.OK, FetchState.OK_EMPTY)


def groups(searches: Sequence[Search]) -> list[tuple[Search, ...]]:
    """The searches in their order, those that may go together side by side."""
    found: dict[str, list[Search]] = {}
    for search in searches:
        found.setdefault(search.together or search.key, []).append(search)
    return [tuple(group) for group in found.values()]


def merged(group: Sequence[Search]) -> Search:
    """One search for all of the group; its category parameter lists theirs."""
    first = group[0]
    category = tuple(code for search in group for code in search.category)
    value = ",".join(category)
    return msgspec.structs.replace(
        first,
        key="+".join(search.key for search in group),
        category=category,
        tier=min(search.tier for search in group),
        params=_with_category(first.params, value),
        fallbacks=tuple(_with_category(params, value) for params in first.fallbacks),
        together="",
    )


def _with_category(params: tuple[tuple[str, str], ...], value: str) -> tuple[tuple[str, str], ...]:
    return tuple((name, value if name == "category" else old) for name, old in params)


def parted(fetched: Fetched, group: Sequence[Search]) -> list[Fetched]:
    """The result of a merged search as one result per search; what has none of their categories goes to the first."""
    shares: dict[str, list[Entry]] = {search.key: [] for search in group}
    for entry in fetched.entries:
        codes = category_codes(entry)
        home = next((s for s in group if codes & set(s.category)), group[0])
        shares[home.key].append(entry)
    return [_part(fetched, search, shares[search.key], search is group[0]) for search in group]


def _part(fetched: Fetched, search: Search, entries: list[Entry], first: bool) -> Fetched:
    whole = fetched.state
    received = sum(each.resource is not None for each in entries)
    state = whole.state
    if state in _COUNTED:
        state = FetchState.OK if received else FetchState.OK_EMPTY
    return Fetched(
        search,
        msgspec.structs.replace(
            whole,
            search=search.key,
            section=search.section,
            state=state,
            received=received,
            unreadable=whole.unreadable if first else 0,
            foreign=whole.foreign if first else 0,
        ),
        tuple(entries),
        fetched.elsewhere if first else 0,
    )


def category_codes(entry: Entry) -> set[str]:
    """The category codes of an Observation, whatever their system."""
    if not isinstance(entry.resource, fhir.Observation):
        return set()
    return {
        coding.code
        for concept in entry.resource.category or ()
        if concept is not None
        for coding in concept.coding or ()
        if coding is not None and coding.code
    }
