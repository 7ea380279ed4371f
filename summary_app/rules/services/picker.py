"""The picker of a rule's item: by name, synonym and code, over the shipped terminology and the codes really seen here."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from clinical import codes
from clinical.rank.file_parts import SYSTEMS
from clinical.rank.library import Item, Library
from clinical.rank.texts import split
from summary_app.rules import queries
from summary_app.rules.services.editing import codes_of

DAYS = 90
MOST = 12
_CODES_SHOWN = 12
_OFFERED = frozenset({codes.LOINC, codes.SNOMED, codes.CVX, codes.ICD10CM})
_NAMES = {uri: name for name, uri in SYSTEMS.items()}


@dataclass(frozen=True)
class CodeLine:
    """One code of an item. counts: (EHR, charts that carried it in the last 90 days); empty = nothing seen."""

    system: str
    code: str
    name: str
    counts: tuple[tuple[str, int], ...]

    @property
    def seen(self) -> int:
        return sum(count for _, count in self.counts)


@dataclass(frozen=True)
class Choice:
    """One answer of the picker. item: library id, "" for a code that no item has. why: what of it matched."""

    item: str
    label: str
    kind: str
    why: str
    seen: int
    system: str = ""
    code: str = ""

    @property
    def either(self) -> bool:
        """Whether the code may be a problem or a procedure, and somebody has to say which."""
        return not self.item and self.system == codes.SNOMED


def find(words: str, library: Library, *, now: datetime) -> tuple[Choice, ...]:
    """Items first, those seen most on top; then codes that were seen and belong to no item."""
    wanted = split(words).plain
    if not wanted:
        return ()
    hits = [
        (item, why)
        for item in library.items.values()
        if (why := _match(item, wanted, words, library))
    ]
    since = (now - timedelta(days=DAYS)).date()
    keys = {key for item, _ in hits for key in codes_of(item)}
    seen = queries.seen(keys, since=since) if hits else {}
    found = [
        Choice(item.id, item.label, item.kind, why, _total(codes_of(item), seen))
        for item, why in hits
    ]
    found.sort(
        key=lambda one: (
            not one.label.lower().startswith(words.lower().strip()),
            -one.seen,
            one.label,
        )
    )
    found = found[:MOST]
    return (*found, *_loose(words, library, since, MOST - len(found)))


def code_lines(item: Item, library: Library, *, now: datetime) -> tuple[CodeLine, ...]:
    """The codes by which an item is found, with what was seen of each; the commonest first."""
    since = (now - timedelta(days=DAYS)).date()
    keys = codes_of(item)
    seen = queries.seen(keys, since=since)
    lines = [
        CodeLine(
            _NAMES.get(system, system),
            _written(system, code),
            _name(library, system, code),
            tuple(sorted(seen.get((system, code), {}).items())),
        )
        for system, code in keys
    ]
    lines.sort(key=lambda line: -line.seen)
    return tuple(lines[:_CODES_SHOWN])


def nothing_seen(item: Item, *, now: datetime) -> bool:
    """Whether the codes were counted at all, and none of this item's was among them in the last 90 days."""
    if queries.counting_began() is None or not codes_of(item):
        return False
    since = (now - timedelta(days=DAYS)).date()
    return not queries.seen(codes_of(item), since=since)


def _match(item: Item, wanted: tuple[str, ...], words: str, library: Library) -> str:
    """What of an item the words are found in; "" when in nothing."""
    code = words.strip().upper()
    bare = code.replace(".", "")
    exact = next(
        (
            _written(system, one)
            for system, one in codes_of(item)
            if len(code) >= 3 and _by_code(system, one.upper(), code, bare)
        ),
        "",
    )
    if exact and any(sign.isdigit() for sign in code):
        return exact
    if _begins(wanted, item.label) or item.id.partition(".")[2] == words.strip().lower():
        return item.label
    for synonym in (*item.words, *item.ingredients):
        if _begins(wanted, synonym):
            return synonym
    for system, one in item.codes:
        name = _name(library, system, one)
        if _begins(wanted, name):
            return name
    return ""


def _by_code(system: str, own: str, code: str, bare: str) -> bool:
    """A code begins as typed; an ICD-10-CM category is found by every code below it as well."""
    if system != codes.ICD10CM:
        return own.startswith(code)
    return own.startswith(bare) or bare.startswith(own)


def _begins(wanted: tuple[str, ...], text: str) -> bool:
    """Every word begins a word of the text."""
    words = split(text).plain
    return all(any(word.startswith(one) for word in words) for one in wanted)


def _loose(words: str, library: Library, since: date, most: int) -> Iterable[Choice]:
    """Codes that were seen here and are of no item yet. An ICD-10-CM category stands for everything below it."""
    known = {key for item in library.items.values() for key in codes_of(item)}
    for one in queries.seen_like(words[:60], since=since, most=most + 20) if most > 0 else ():
        if one.system not in _OFFERED or _is_known(one.system, one.code, known):
            continue
        code = _written(one.system, one.code)
        why = f"{code} and below" if one.system == codes.ICD10CM else code
        yield Choice("", one.name or code, "code", why, one.charts, one.system, code)


def _is_known(system: str, code: str, known: Collection[tuple[str, str]]) -> bool:
    if system != codes.ICD10CM:
        return (system, code) in known
    return any((system, code[:length]) in known for length in range(3, len(code) + 1))


def _written(system: str, code: str) -> str:
    """As people write it.

    >>> _written(codes.ICD10CM, "M0579"), _written(codes.ICD10CM, "M05"), _written(codes.LOINC, "4548-4")
    ('M05.79', 'M05', '4548-4')
    """
    return f"{code[:3]}.{code[3:]}" if system == codes.ICD10CM and len(code) > 3 else code


def _total(keys: Iterable[tuple[str, str]], seen: dict[tuple[str, str], dict[str, int]]) -> int:
    return sum(sum(seen.get(key, {}).values()) for key in keys)


def _name(library: Library, system: str, code: str) -> str:
    row = library.codes.get((system, code))
    return row.name if row is not None else ""
