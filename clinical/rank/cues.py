"""The cues of all packs turned round: from codes and words of a reason to the contexts they name."""

from __future__ import annotations

from collections.abc import Iterable
from weakref import WeakKeyDictionary

from clinical import codes
from clinical.rank.library import Library
from clinical.rank.texts import Finder, Hit, Words, split

# Words that say that there is a visit, not what it is about.
_FILLERS = frozenset(
    [
        "visit",
        "visits",
        "follow",
        "up",
        "followup",
        "f",
        "u",
        "fu",
        "fup",
        "appointment",
        "appt",
        "for",
        "encounter",
        "the",
        "a",
        "an",
        "new",
        "return",
        "office",
        "clinic",
        "video",
        "telehealth",
        "pt",
        "patient",
        "here",
        "today",
        "routine",
        "established",
        "est",
        "with",
        "of",
        "and",
        "to",
        "reason",
        "rov",
    ]
)
# Before a phrase: it is denied, about somebody else, in the past, or only looked for.
_DENIED = frozenset(
    [
        "no",
        "not",
        "denies",
        "denied",
        "denying",
        "without",
        "negative",
        "declined",
        "declines",
        "refused",
        "refuses",
    ]
)
# Before a phrase: it is about a relative, or only looked for.
_RELATIVES = frozenset(
    [
        "mother",
        "father",
        "mom",
        "dad",
        "parent",
        "parents",
        "sister",
        "brother",
        "sibling",
        "siblings",
        "husband",
        "wife",
        "spouse",
        "son",
        "daughter",
        "grandmother",
        "grandfather",
        "aunt",
        "uncle",
        "cousin",
    ]
)
_LISTED_AFTER = frozenset(["fhx", "fh", "screen", "screening"])  # what follows is often a list
_ELSEWHERE = (
    ("family", "history"), ("fam", "hx"), ("family", "hx"), ("fh",), ("screening", "for"), ("screen", "for"),
    ("risk", "of"), ("risk", "for"), ("history", "of"), ("h", "o"), ("hx", "of"), ("hx",), ("rule", "out"), ("r", "o"),
    ("prevent",), ("prevention", "of"), ("exposure", "to"), ("fear", "of"),
)  # fmt: skip
_AFTER = (("screening",), ("screen",), ("education", "class"), ("vaccine",))
_REACH = 3  # words between a denial and what it denies
_LIST_REACH = 6  # words of a list that starts with "FHx" or "screen for"


class Cues:
    """What names a context. Every answer is a list of groups; packs within a group match equally."""

    def __init__(self, library: Library) -> None:
        self._prefixes: dict[str, list[str]] = {}
        self._snomed: dict[str, list[str]] = {}
        self._whole: dict[tuple[str, ...], list[str]] = {}
        words, short, never = [], [], []
        self._settings = {pack.id: frozenset(pack.cue.settings) for pack in library.packs.values()}
        for pack in library.packs.values():
            cue = pack.cue
            for prefix in cue.icd:
                self._prefixes.setdefault(prefix, []).append(pack.id)
            for code in cue.snomed:
                self._snomed.setdefault(code, []).append(pack.id)
            for text in (*cue.whole, *cue.abbreviations):
                self._whole.setdefault(split(text).plain, []).append(pack.id)
            words += [(pack.id, text) for text in cue.words]
            short += [(pack.id, text) for text in cue.abbreviations]
            never += [(pack.id, text) for text in cue.not_words]
        self._words = Finder(words, abbreviations=False)
        self._short = Finder(((owner, text.upper()) for owner, text in short))
        self._never = Finder(never, abbreviations=False)

    def by_code(self, system: str, code: str) -> list[list[str]]:
        """One group per length of prefix, longest first."""
        if system == codes.SNOMED:
            found = self._snomed.get(code)
            return [found] if found else []
        plain = code.replace(".", "").upper()
        # Behind the dot the WHO classification means other things than ICD-10-CM.
        longest = len(plain) if system == codes.ICD10CM else min(len(plain), 3)
        groups: list[list[str]] = []
        taken: set[str] = set()
        for length in range(longest, 2, -1):
            fresh = [one for one in self._prefixes.get(plain[:length], ()) if one not in taken]
            if fresh:
                groups.append(fresh)
                taken.update(fresh)
        return groups

    def by_words(self, words: Words, setting: str) -> list[list[str]]:
        """First what the whole text is, then one group per place in it. Denied and excluded phrases do not count."""
        whole = self._by_whole(words, setting)
        excluded = self.excluded(words)
        hits = [hit for hit in self._words.hits(words) if not _set_aside(words, hit)]
        short = [
            hit
            for hit in self._short.hits(words)
            if setting in self._settings[hit.owner] and not _set_aside(words, hit)
        ]
        found = [hit for hit in (*hits, *short) if hit.owner not in excluded]
        return [*([whole] if whole else []), *_grouped(_longest(found))]

    def excluded(self, words: Words) -> set[str]:
        """Contexts that say that these words are not theirs."""
        return self._never.owners(words)

    def _by_whole(self, words: Words, setting: str) -> list[str]:
        found: list[str] = []
        for phrase, owners in self._whole.items():
            left = tuple(word for word in words.plain if word in phrase or word not in _FILLERS)
            if left == phrase:
                found += [one for one in owners if setting in self._settings[one]]
        return sorted(set(found))


def _set_aside(words: Words, hit: Hit) -> bool:
    before = words.plain[max(0, hit.start - _REACH) : hit.start]
    if (_DENIED | _RELATIVES) & set(before):
        return True
    if _LISTED_AFTER & set(words.plain[max(0, hit.start - _LIST_REACH) : hit.start]):
        return True
    if any(before[-len(lead) :] == lead for lead in _ELSEWHERE):
        return True
    return any(words.plain[hit.end : hit.end + len(tail)] == tail for tail in _AFTER)


def _longest(hits: Iterable[Hit]) -> list[Hit]:
    """Without the hits that lie inside a longer one: "chest pain" inside "chest pain clinic" of another pack."""
    known = list(hits)
    return [
        hit
        for hit in known
        if not any(
            other.start <= hit.start
            and hit.end <= other.end
            and other.end - other.start > hit.end - hit.start
            for other in known
        )
    ]


def _grouped(hits: Iterable[Hit]) -> list[list[str]]:
    groups: dict[tuple[int, int], set[str]] = {}
    for hit in sorted(hits, key=lambda hit: (hit.start, -hit.end)):
        groups.setdefault((hit.start, hit.end), set()).add(hit.owner)
    return [sorted(owners) for owners in groups.values()]


_cues: WeakKeyDictionary[Library, Cues] = WeakKeyDictionary()


def cues_of(library: Library) -> Cues:
    """The cues of a library, built once."""
    found = _cues.get(library)
    if found is None:
        found = _cues[library] = Cues(library)
    return found
