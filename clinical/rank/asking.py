"""Which results the pull asks for whatever their age, and what that leaves unasked."""

from __future__ import annotations

from collections.abc import Iterable
from weakref import WeakKeyDictionary

from clinical import codes
from clinical.rank.library import Importance, Item, Library
from clinical.records import Section

_WINDOW_MONTHS = 13  # what the searches of the first screen cover without codes
_MOST_CODES = 224  # one search of the pull: its second tier has room for no other
_MOST_REPORT_CODES = 200  # one search
_REPORTS_MONTHS = 24  # what the search for reports covers
_MEASURED = ("lab.", "vital.", "quest.", "proc.")
_RARE: dict[Importance, int] = {"must": 0, "should": 1, "background": 2}


def visit_codes(library: Library, contexts: Iterable[str]) -> tuple[str, ...]:
    """LOINC codes whose latest value is wanted whatever its age, the most wanted first.

    Only of items that look back further than the searches by date; must-see items first, then by how many contexts list
    them; of each its usual code before the rarer ones. At most as many as one search holds.
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


def report_codes(library: Library, contexts: Iterable[str]) -> tuple[str, ...]:
    """LOINC codes of the examinations whose report is wanted whatever its age: the bone density of three years ago.

    Of must-see and should-see items that look back further than the search for reports does, in a fixed order.
    """
    found: set[str] = set()
    for context in contexts:
        for one in library.packs[context].listed:
            long = one.terms.lookback is None or one.terms.lookback > _REPORTS_MONTHS
            if one.importance != "background" and long and one.item.startswith("proc."):
                sent = library.items[one.item].codes
                found |= {code for system, code in sent if system == codes.LOINC}
    return tuple(sorted(found))[:_MOST_REPORT_CODES]


_asked: WeakKeyDictionary[Library, frozenset[str]] = WeakKeyDictionary()


def asked_for_ever(item: Item, library: Library) -> bool:
    """Whether its usual code was asked for without a date. Where not, an older result may exist that nobody asked for.

    What carries no LOINC code comes with searches that have no window, but for reports (`window_words`).
    """
    found = _asked.get(library)
    if found is None:
        found = _asked[library] = frozenset(visit_codes(library, sorted(library.packs)))
    loinc = [code for system, code in item.codes if system == codes.LOINC]
    return not loinc or loinc[0] in found


def window_words(item: Item) -> str:
    """What of an item's sources was read for a part of the past only, in words; "" when all of it was."""
    if Section.REPORTS not in item.sections or len(item.sections) < 2:
        return ""
    return f"reports of the last {_REPORTS_MONTHS // 12} years were read"
