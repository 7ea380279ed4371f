"""How the safety line calls an entry of code status, and whether that is in force."""

from __future__ import annotations

from datetime import datetime

from clinical.judgement import code_status, consents
from clinical.records import Concept, Consent, Item, Order


def named(item: Item, as_of: datetime) -> str:
    """The entry's label; of code status also where a source sent a code alone, or an order as "do not perform", and what
    keeps a consent from being in force.
    """
    if isinstance(item.lead, Consent):
        standing = consents.standing(item.lead, as_of)
        return f"{item.label} ({standing})" if standing else item.label
    concept = getattr(item.lead, "concept", None)
    if isinstance(item.lead, Order) and item.lead.avoid:
        return code_status.withheld_words(item.lead.concept)
    if isinstance(concept, Concept) and item.label in {one.code for one in concept.codings}:
        return code_status.words_of(concept)
    return item.label or "not named"


def is_over(item: Item | None, as_of: datetime) -> bool:
    """A consent that is not in force: it is named, behind what is."""
    lead = item.lead if item is not None else None
    return isinstance(lead, Consent) and bool(consents.over(lead, as_of))
