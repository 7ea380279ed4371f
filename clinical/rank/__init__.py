"""Relevance: which visit this is, what it asks for, and which of a chart comes first, with a reason for every point.

Pure: no clock, no settings. Packs, items and codes are data (docs/packs.md); above all of them stands the safety floor.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from pathlib import Path

from clinical import codes
from clinical.rank import files
from clinical.rank.library import Importance, Library
from clinical.rank.ranking import rank
from clinical.rank.recognise import recognise

_WINDOW_MONTHS = 13  # what the searches of the first screen cover without codes
_MOST_CODES = 120  # two searches of the pull
_MEASURED = ("lab.", "vital.", "quest.", "proc.")
_RARE: dict[Importance, int] = {"must": 0, "should": 1, "background": 2}


@cache
def load() -> Library:
    """The library of this installation, read once. Raises PackInvalid when a file cannot be used."""
    return files.read(Path(__file__).parent)


def all_contexts(library: Library) -> tuple[str, ...]:
    """Ids of all contexts, in order."""
    return tuple(sorted(library.packs))


def visit_codes(library: Library, contexts: Iterable[str]) -> tuple[str, ...]:
    """LOINC codes whose latest value is wanted whatever its age, the most wanted first.

    Only of items that look back further than the searches by date; must-see items first, then by how many contexts list
    them; of each its usual code before the rarer ones. At most as many as two searches hold.
    """
    weight: dict[str, tuple[int, int]] = {}
    for context in contexts:
        for one in library.packs[context].listed:
            long = one.terms.lookback is None or one.terms.lookback > _WINDOW_MONTHS
            if one.importance == "background" or not long or not one.item.startswith(_MEASURED):
                continue
            order, count = weight.get(one.item, (2, 0))
            weight[one.item] = (min(order, _RARE[one.importance]), count - 1)
    found: list[tuple[int, tuple[int, int], str, str]] = []
    for name, worth in weight.items():
        loinc = [code for system, code in library.items[name].codes if system == codes.LOINC]
        found += [(place, worth, name, code) for place, code in enumerate(loinc)]
    return tuple(dict.fromkeys(code for *_, code in sorted(found)))[:_MOST_CODES]


__all__ = ["Library", "all_contexts", "load", "rank", "recognise", "visit_codes"]
