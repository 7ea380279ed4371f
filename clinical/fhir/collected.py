"""What the pages of one search brought, each entry once."""

from __future__ import annotations

from collections.abc import Iterable

from clinical import resources as fhir
from clinical.fhir import outcomes
from clinical.fhir.entries import Entry, Page
from clinical.fhir.subjects import Subject

# Observation categories of the standard system that have a search of their own in the plan
ASKED_CATEGORIES = frozenset({"laboratory", "vital-signs", "social-history", "survey"})


class Collected:
    """Not safe for threads by itself.

    foreign: entries about somebody else; only their number is kept. elsewhere: entries of another category, which
    the server sent though it was not asked for here; the search of that category brings them. unclear: entries
    that do not say whom they are about (kept as unreadable).
    """

    def __init__(self, subject: Subject | None, expected: str, category: tuple[str, ...]) -> None:
        self._subject = subject
        self._expected = expected
        self._category = frozenset(category)
        self._entries: dict[tuple[str, ...] | bytes, Entry] = {}
        self._aside: set[tuple[str, ...] | bytes] = set()
        self._elsewhere: dict[fhir.Concepts, bool] = {}
        self.foreign = 0
        self.elsewhere = 0
        self.left_out = 0
        self.pages = 0
        self.verdicts: list[outcomes.Verdict] = []

    def add(self, page: Page) -> int:
        """Takes a page in; returns how many of its entries were new."""
        before = len(self._entries) + len(self._aside)
        self.pages += 1
        self.left_out += page.left_out
        for entry in page.entries:
            key = _identity(entry)
            if key not in self._entries and key not in self._aside:
                self._place(key, entry)
        if page.outcomes and (found := outcomes.verdict(page.outcomes)):
            self.verdicts.append(found)
        return len(self._entries) + len(self._aside) - before

    def _place(self, key: tuple[str, ...] | bytes, entry: Entry) -> None:
        belonging = self._subject.judge(entry, expected=self._expected) if self._subject else "own"
        if belonging == "foreign":
            self.foreign += 1
            self._aside.add(key)
        elif belonging == "own" and self._asked_elsewhere(entry):
            self.elsewhere += 1
            self._aside.add(key)
        elif belonging == "unclear":
            words = "does not say in a way that can be checked which patient it is about"
            self._entries[key] = _without_resource(entry, words)
        else:
            self._entries[key] = entry

    def _asked_elsewhere(self, entry: Entry) -> bool:
        if not isinstance(entry.resource, fhir.Observation) or not self._category:
            return False
        sent = entry.resource.category or ()
        known = self._elsewhere.get(sent)
        if known is None:
            codes = set(_category_codes(sent))
            known = bool(codes) and not codes & self._category and codes <= ASKED_CATEGORIES
            self._elsewhere[sent] = known
        return known

    @property
    def entries(self) -> tuple[Entry, ...]:
        return tuple(self._entries.values())

    @property
    def matches(self) -> int:
        """Entries of the type that was asked for, read or not, set aside or not."""
        return self.received + self.foreign + self.elsewhere + self.unreadable

    @property
    def received(self) -> int:
        return sum(
            entry.resource is not None and entry.type == self._expected
            for entry in self._entries.values()
        )

    @property
    def unreadable(self) -> int:
        """Entries that could not be read; not those of a kind that nobody asked for."""
        return sum(
            entry.resource is None
            and (entry.mode == "match" or not entry.type or entry.type in fhir.RESOURCE_TYPES)
            for entry in self._entries.values()
        )

    def ids(self) -> set[str]:
        return {entry.id for entry in self._entries.values() if entry.type == self._expected}


def _identity(entry: Entry) -> tuple[str, ...] | bytes:
    """Type, id and version; the bytes themselves for an entry without an id."""
    return (entry.type, entry.id, entry.version) if entry.id else entry.raw


def _category_codes(concepts: Iterable[fhir.CodeableConcept | None]) -> Iterable[str]:
    for concept in concepts:
        for coding in (concept.coding if concept is not None else None) or ():
            if coding is not None and coding.code:
                yield coding.code


def _without_resource(entry: Entry, problem: str) -> Entry:
    return Entry(
        type=entry.type,
        id=entry.id,
        mode=entry.mode,
        raw=entry.raw,
        problem=problem,
        full_url=entry.full_url,
    )
