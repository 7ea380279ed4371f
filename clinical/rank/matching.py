"""Which items of the library each entry of a chart is: by codes first, by words where the sources sent no code.

Codes are looked up in one index that is built once per library; there is no loop of rules over facts.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from weakref import WeakKeyDictionary

from clinical import codes
from clinical.rank.library import Item, Library
from clinical.rank.texts import Finder, split
from clinical.records import Chart, Concept, FamilyHistory, Section, Series
from clinical.records import Item as Entry

ITEM_FIELDS = (
    "problems", "allergies", "medications", "administrations", "cultures", "reports", "documents", "studies", "procedures",
    "immunizations", "encounters", "appointments", "orders", "care_plans", "goals", "devices", "flags", "consents",
    "family",
)  # fmt: skip
_MEASURED = frozenset({"lab", "vital", "quest", "proc"})
_KINDS = {
    "problem": frozenset({"cond"}), "medication": frozenset({"med"}), "administration": frozenset({"med"}),
    "procedure": frozenset({"proc"}), "report": frozenset({"proc"}), "study": frozenset({"proc"}),
    "document": frozenset({"proc"}), "microbiology": frozenset({"lab"}), "immunization": frozenset({"imm"}),
}  # fmt: skip
# Entries that are items of these kinds only where the item names the section: a catheter in place is among the lines,
# while a pacemaker is no check of it; a report may be a score that other sources send as a number.
_WHERE_NAMED = {
    "device": (frozenset({"proc"}), Section.DEVICES), "report": (frozenset({"quest"}), Section.REPORTS),
}  # fmt: skip
_ICD = (codes.ICD10CM, codes.ICD10)
_FAMILY = "cond.famhx"

Matches = Mapping[str, tuple[str, ...]]


class Index:
    """The library turned round: from codes and words to items."""

    def __init__(self, library: Library) -> None:
        items = library.items
        self.items = items
        self._library = library
        self._codes: dict[tuple[str, str], list[str]] = {}
        self._prefixes: dict[str, list[str]] = {}
        for item in items.values():
            for code in item.codes:
                self._codes.setdefault(code, []).append(item.id)
            for prefix in item.icd:
                self._prefixes.setdefault(prefix, []).append(item.id)
        self._longest = max(map(len, self._prefixes), default=0)
        self._words = {kind: _finder(items, kind, lambda i: (*i.words, *i.ingredients)) for kind in
                       ("lab", "vital", "quest", "proc", "cond", "imm", "med")}  # fmt: skip
        self._not = {
            kind: _finder(items, kind, lambda i: (*i.not_words, *i.not_ingredients))
            for kind in self._words
        }

    def series(self, codes_sent: Iterable[tuple[str, str]], text: str) -> tuple[str, ...]:
        """Items of a row of measurements. Words count only when no source sent a LOINC code to go by."""
        sent = tuple(codes_sent)
        found = self._by_codes(sent, _MEASURED)
        if not found and not any(
            system == codes.LOINC and self._checked(code) for system, code in sent
        ):
            for kind in _MEASURED:
                found |= self._by_words(kind, (text,))
        return tuple(sorted(found))

    def _checked(self, code: str) -> bool:
        """Only for a code of our tables that was never looked up are the words read; any other says what it is."""
        row = self._library.codes.get((codes.LOINC, code))
        return row is None or row.verified != "no"

    def concept(self, concept: Concept, kinds: Iterable[str]) -> set[str]:
        """Items of these kinds that a coded concept is."""
        sent = [(coding.system, coding.code) for coding in concept.codings if coding.system]
        found: set[str] = set()
        for kind in kinds:
            found |= self._by_codes(sent, (kind,))
            if kind == "cond":
                found |= self._by_prefix(sent)
            if self._words_count(kind, sent, found):
                texts = (concept.text, *(coding.display or "" for coding in concept.codings))
                found |= self._by_words(kind, texts)
        return found

    def _words_count(
        self, kind: str, sent: Iterable[tuple[str | None, str]], found: Collection[str]
    ) -> bool:
        """A problem with an ICD-10-CM code is what the code says; a vaccine is read by its words when no code is known."""
        if kind == "cond":
            return not any(system == codes.ICD10CM for system, _ in sent)
        return kind != "imm" or not found

    def _by_codes(self, sent: Iterable[tuple[str | None, str]], kinds: Iterable[str]) -> set[str]:
        wanted = tuple(f"{kind}." for kind in kinds)
        return {
            name
            for system, code in sent
            if system is not None
            for name in self._codes.get((system, code), ())
            if name.startswith(wanted)
        }

    def _by_prefix(self, sent: Iterable[tuple[str | None, str]]) -> set[str]:
        found: set[str] = set()
        for system, code in sent:
            if system in _ICD:
                # The two classifications share their categories, not what stands behind the dot.
                longest = self._longest if system == codes.ICD10CM else 3
                plain = code.replace(".", "").upper()
                for length in range(3, min(len(plain), longest) + 1):
                    found.update(self._prefixes.get(plain[:length], ()))
        return found

    def _by_words(self, kind: str, texts: Iterable[str]) -> set[str]:
        found: set[str] = set()
        excluded: set[str] = set()
        for text in dict.fromkeys(texts):
            words = split(text)
            found |= self._words[kind].owners(words)
            excluded |= self._not[kind].owners(words)
        return found - excluded


def _finder(items: Mapping[str, Item], kind: str, words: Callable[[Item], Iterable[str]]) -> Finder:
    return Finder(
        (item.id, word) for item in items.values() if item.kind == kind for word in words(item)
    )


_indexes: WeakKeyDictionary[Library, Index] = WeakKeyDictionary()


def index_of(library: Library) -> Index:
    """The index of a library, built once."""
    found = _indexes.get(library)
    if found is None:
        found = _indexes[library] = Index(library)
    return found


def entries(chart: Chart) -> Iterator[Entry]:
    """Every item of a chart, field by field."""
    for field in ITEM_FIELDS:
        yield from getattr(chart, field)


def match(chart: Chart, library: Library) -> Matches:
    """Key of each series and item -> ids of the library, in order of their ids. What matches nothing is left out."""
    index = index_of(library)
    found: dict[str, tuple[str, ...]] = {}
    for row in chart.series:
        names = index.series(row.codes, _label(row))
        if names:
            found[row.key] = names
    known: dict[tuple[str, Concept], set[str]] = {}
    for entry in entries(chart):
        names = _of_entry(entry, index, known)
        if names:
            found[entry.key] = names
    return found


def items_of(chart: Chart, key: str, library: Library) -> tuple[str, ...]:
    """The same for one series or item; () for what matches nothing or is not on the chart."""
    index = index_of(library)
    for row in chart.series:
        if row.key == key:
            return index.series(row.codes, _label(row))
    for entry in entries(chart):
        if entry.key == key:
            return _of_entry(entry, index, {})
    return ()


def _label(row: Series) -> str:
    return row.label


def _of_entry(
    entry: Entry, index: Index, known: dict[tuple[str, Concept], set[str]]
) -> tuple[str, ...]:
    if isinstance(entry.lead, FamilyHistory):
        return (_FAMILY,) if _FAMILY in index.items else ()
    kinds = _KINDS.get(entry.kind, frozenset())
    named, section = _WHERE_NAMED.get(entry.kind, (frozenset(), None))
    if not kinds and not named:
        return ()
    found: set[str] = set()
    for record in entry.members:
        concept = getattr(record, "concept", None)
        if concept is not None:
            spot = (entry.kind, concept)
            if spot not in known:
                by_name = index.concept(concept, named) if named else ()
                known[spot] = index.concept(concept, kinds) | {
                    name for name in by_name if section in index.items[name].sections
                }
            found |= known[spot]
    return tuple(sorted(found))
