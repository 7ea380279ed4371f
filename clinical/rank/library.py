"""What a visit is about, as data: items, packs and codes once they have been read. Nothing here knows a patient."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Literal

import msgspec

from clinical.rank.conditions import Condition
from clinical.records import Section

Importance = Literal["must", "should", "background"]
Setting = Literal["clinic", "ward", "ed"]
GENERAL = "general"


class Base(msgspec.Struct, frozen=True, kw_only=True):
    """Base of what is read from files."""


class Code(Base, frozen=True):
    """One row of a code table. system: URI. verified: "name", "component", or "no" (then it matches nothing)."""

    system: str
    code: str
    name: str
    source: str
    date: date
    verified: Literal["name", "component", "no"]


class Every(Base, frozen=True):
    """An interval that holds under a condition. months: None = no fixed interval then."""

    when: Condition
    words: str
    months: float | None


class Change(Base, frozen=True):
    """What counts as a change. by: absolute, in unit ("" = as reported). percent: of the earlier value."""

    by: Decimal | None = None
    percent: Decimal | None = None
    unit: str = ""
    way: Literal["rise", "fall", "any"] = "any"
    within_days: int | None = None


class Terms(Base, frozen=True):
    """How an item is judged. lookback, interval: months; None = any date, no fixed interval."""

    lookback: int | None = None
    interval: float | None = None
    intervals: tuple[Every, ...] = ()
    applies: Condition | None = None
    applies_words: str = ""
    change: Change | None = None
    caution: str = ""
    why: str = ""


class Item(Base, frozen=True):
    """One thing a clinician would ask for. codes: (system URI, code), verified ones only. icd: undotted prefixes.

    words: phrases, split (see `clinical.rank.texts`). sections: where it would come from. terms: its own.
    """

    id: str
    kind: str
    label: str
    codes: tuple[tuple[str, str], ...] = ()
    icd: tuple[str, ...] = ()
    ingredients: tuple[str, ...] = ()
    not_ingredients: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    not_words: tuple[str, ...] = ()
    unit: str = ""
    sections: tuple[Section, ...] = ()
    alerts: bool = True
    terms: Terms = Terms()


class Listed(Base, frozen=True):
    """An item as a pack lists it. place: 0 is the most important of its list. source: keys of the pack's sources."""

    item: str
    importance: Importance
    place: int
    terms: Terms
    source: tuple[str, ...] = ()


class Cue(Base, frozen=True):
    """How a context is recognised. icd, problems: undotted prefixes. snomed: codes. narrower_than: contexts it replaces."""

    settings: tuple[Setting, ...] = ()
    specialties: tuple[str, ...] = ()
    icd: tuple[str, ...] = ()
    snomed: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    abbreviations: tuple[str, ...] = ()
    whole: tuple[str, ...] = ()
    not_words: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    narrower_than: tuple[str, ...] = ()
    default_for: tuple[Setting, ...] = ()


class Source(Base, frozen=True):
    """A citation. year: None when the edition was not checked."""

    key: str
    citation: str
    status: str
    year: int | None = None


class Pack(Base, frozen=True):
    """One visit context. version and id stand in every reason. reviewed: by whom, or that nobody has yet."""

    id: str
    title: str
    version: int
    reviewed: str
    why: str
    cue: Cue
    listed: tuple[Listed, ...]
    sources: tuple[Source, ...] = ()
    applies: Condition | None = None
    applies_words: str = ""

    @property
    def rule(self) -> str:
        """How reasons name it: "diabetes v1"."""
        return f"{self.id} v{self.version}"


class Limits(Base, frozen=True):
    """Critical limits of one item: starting values, which a laboratory's own flag overrides upwards only."""

    item: str
    unit: str
    below: Decimal | None = None
    above: Decimal | None = None
    from_: Decimal | None = None  # at or above


class FloorRule(Base, frozen=True):
    """One id of the safety floor as data; the parts it does not use are empty.

    items: library items whose current medicines, problems or results belong to it. icd: undotted prefixes.
    loinc: results. ingredients: medicines. words: phrases in flags, documents, orders, devices, procedures;
    not_words: a text that holds one of these is not meant.
    """

    id: str
    label: str
    points: float
    by: str = ""
    items: tuple[str, ...] = ()
    icd: tuple[str, ...] = ()
    loinc: tuple[str, ...] = ()
    ingredients: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    not_words: tuple[str, ...] = ()
    source: str = ""
    window_months: int | None = None


class Group(Base, frozen=True):
    """Medicines that belong together for one warning. allergens: words of an allergy that concern them."""

    name: str
    ingredients: tuple[str, ...]
    allergens: tuple[str, ...] = ()
    duplicates: bool = False


class Floor(Base, frozen=True):
    """The safety floor. windows: hours a critical result stays open, and a new one, by setting."""

    version: int
    rules: Mapping[str, FloorRule]
    limits: tuple[Limits, ...]
    groups: tuple[Group, ...]
    open_hours: Mapping[str, int]
    order_days: int
    pending_days: int


class Library(msgspec.Struct, frozen=True, eq=False, weakref=True):
    """Everything that was read. unverified: code rows that take no part in matching, as work to do.

    stopped: the rules of the site are switched off; nothing is listed, and what is shown is newest first.
    """

    items: Mapping[str, Item]
    packs: Mapping[str, Pack]
    codes: Mapping[tuple[str, str], Code]
    floor: Floor
    stopped: bool = False

    @property
    def unverified(self) -> tuple[Code, ...]:
        return tuple(row for row in self.codes.values() if row.verified == "no")
