"""The words that clinicians type for a fact (`terms.toml`), read once and looked up by word."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from functools import lru_cache
from pathlib import Path

from clinical.records import Frozen, Section

_FILE = Path(__file__).with_name("terms.toml")
_SPACES = re.compile(r"[^a-z0-9+/.]+")
# Words around the fact that is asked for.
_ASKING = frozenset(
    [
        "what",
        "is",
        "was",
        "the",
        "a",
        "an",
        "of",
        "on",
        "in",
        "her",
        "his",
        "their",
        "latest",
        "last",
        "recent",
        "newest",
        "current",
        "show",
        "me",
        "value",
        "level",
        "result",
        "results",
        "any",
        "when",
    ]
)


class Term(Frozen, frozen=True):
    """One row of the table; what the fields hold is said at its head."""

    name: str
    words: tuple[str, ...]
    section: Section
    loinc: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    ingredients: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    also: tuple[Section, ...] = ()


def folded(text: str) -> str:
    """Small letters without accents, punctuation as single spaces.

    >>> folded("Naïve  NT-proBNP [Mass]")
    'naive nt probnp mass'
    """
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return _SPACES.sub(" ", plain).strip()


def asked_for(query: str) -> str:
    """The query without the words around the fact; whole when nothing else is left.

    >>> asked_for("What is her latest potassium?")
    'potassium'
    """
    words = folded(query).split()
    kept = [word for word in words if word not in _ASKING]
    return " ".join(kept or words)


@lru_cache(maxsize=1)
def all_terms() -> tuple[Term, ...]:
    """The table. Raises KeyError, TypeError or ValueError for a row that is not whole: a fault of the program, not of a record."""
    rows = tomllib.loads(_FILE.read_text(encoding="utf-8"))["term"]
    return tuple(_term(row) for row in rows)


def _term(row: dict[str, object]) -> Term:
    def strings(key: str) -> tuple[str, ...]:
        found = row.get(key, [])
        if not isinstance(found, list):
            raise TypeError(f"{_FILE.name}: {key} of {row['name']} is not a list")
        return tuple(str(each) for each in found)

    return Term(
        name=str(row["name"]),
        words=tuple(folded(word) for word in strings("words")),
        section=Section(str(row["section"])),
        loinc=strings("loinc"),
        names=tuple(folded(name) for name in strings("names")),
        ingredients=strings("ingredients"),
        kinds=strings("kinds"),
        also=tuple(Section(name) for name in strings("also")),
    )


@lru_cache(maxsize=1)
def by_word() -> dict[str, tuple[Term, ...]]:
    """word -> the terms it stands for."""
    found: dict[str, list[Term]] = {}
    for term in all_terms():
        for word in dict.fromkeys(term.words):
            found.setdefault(word, []).append(term)
    return {word: tuple(terms) for word, terms in found.items()}
