"""How the safety line calls an entry, and whether that is in force."""

from __future__ import annotations

from datetime import datetime

from clinical.judgement import code_status, standing
from clinical.records import Concept, Item, Order


def named(item: Item, as_of: datetime) -> str:
    """The entry's label, and what keeps it from being in force or from having been done; of code status also where a
    source sent a code alone, or an order as "do not perform".
    """
    doubt = standing.of_item(item, as_of)
    return f"{_called(item)} ({doubt})" if doubt else _called(item)


def _called(item: Item) -> str:
    concept = getattr(item.lead, "concept", None)
    if isinstance(item.lead, Order) and item.lead.avoid:
        return code_status.withheld_words(item.lead.concept)
    if isinstance(concept, Concept) and item.label in {one.code for one in concept.codings}:
        return code_status.words_of(concept)
    return item.label or "not named"


def is_over(item: Item | None, as_of: datetime) -> bool:
    """What is not in force, or was not done: it is named, behind what is."""
    return item is not None and standing.is_over(item, as_of)
