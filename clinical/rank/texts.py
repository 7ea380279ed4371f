"""Finding phrases in what people wrote: whole words only, so that "RA" is not found in "right atrium" or "spray"."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

_TOKEN = re.compile(r"[^\W_]+")
_LONGEST_SHOUT = 3  # in a longer text all in capitals, capitals say nothing


class Words(NamedTuple):
    """A text as words. plain: lower case. written: as written, same places."""

    plain: tuple[str, ...]
    written: tuple[str, ...]

    @property
    def shouted(self) -> bool:
        """All in capitals and more than a few words: an abbreviation cannot be told from a word."""
        letters = [word for word in self.written if word.isalpha()]
        return len(letters) > _LONGEST_SHOUT and all(word.isupper() for word in letters)


class Hit(NamedTuple):
    """Where a phrase was found: words from `start` up to `end`. owner: whose phrase it is."""

    owner: str
    start: int
    end: int


class Phrase(NamedTuple):
    """choices: of each word the spellings that count, with its plural; empty for an abbreviation."""

    owner: str
    words: tuple[str, ...]
    capitals: bool
    choices: tuple[frozenset[str], ...]


def split(text: str) -> Words:
    """The words of a text.

    >>> split("X-ray, CHEST").plain
    ('x', 'ray', 'chest')
    """
    written = tuple(_TOKEN.findall(text))
    return Words(tuple(word.lower() for word in written), written)


class Finder:
    """Many phrases of many owners, looked up by their first word."""

    def __init__(self, phrases: Iterable[tuple[str, str]], *, abbreviations: bool = True) -> None:
        """phrases: (owner, phrase). A phrase all in capitals is an abbreviation, unless `abbreviations` is off."""
        self._first: dict[str, list[Phrase]] = {}
        for owner, text in phrases:
            words = split(text)
            if not words.plain:
                continue
            capitals = abbreviations and text.isupper()
            written = words.written if capitals else words.plain
            choices = () if capitals else tuple(map(_spellings, written))
            phrase = Phrase(owner, written, capitals, choices)
            self._first.setdefault(words.plain[0], []).append(phrase)

    def hits(self, words: Words) -> list[Hit]:
        """Every phrase found, in the order of the text."""
        found = []
        for start, word in enumerate(words.plain):
            for phrase in self._candidates(word):
                if _matches(phrase, words, start):
                    found.append(Hit(phrase.owner, start, start + len(phrase.words)))
        return found

    def owners(self, words: Words) -> set[str]:
        """Whose phrases are found anywhere; each is looked for until its first hit."""
        found: set[str] = set()
        for start, word in enumerate(words.plain):
            for phrase in self._candidates(word):
                if phrase.owner not in found and _matches(phrase, words, start):
                    found.add(phrase.owner)
        return found

    def _candidates(self, word: str) -> Sequence[Phrase]:
        found = self._first.get(word, [])
        if word.endswith("s") and len(word) > 3:
            more = self._first.get(word[:-1])
            return [*found, *more] if more else found
        return found


def _matches(phrase: Phrase, words: Words, start: int) -> bool:
    end = start + len(phrase.words)
    if end > len(words.plain):
        return False
    if phrase.capitals:
        return not words.shouted and words.written[start:end] == phrase.words
    # No call into Python for each word: a phrase of forty words stands at every place of a hostile text.
    return all(map(frozenset.__contains__, phrase.choices, words.plain[start:end]))


def _spellings(word: str) -> frozenset[str]:
    """The word and its plural."""
    return frozenset((word, f"{word}s") if len(word) > 2 else (word,))
