"""What may be wrong with a rule set that can be read: said in words, each with the item it is about. Nothing is fixed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from itertools import combinations
from typing import NamedTuple

from clinical import units
from clinical.rank.conditions import And, Ask, Condition, Not, Or, asks_in
from clinical.rank.library import Item, Library, Listed, Pack
from clinical.rank.ruleset_words import condition_words
from clinical.records import Quantity

_OVERLAPPING = frozenset({"med", "imm"})  # a product may be several of these, and that is meant


class Doubt(NamedTuple):
    """One thing to look at. item: library id, "" for the set as a whole."""

    item: str
    words: str


def doubts(pack: Pack, library: Library) -> tuple[Doubt, ...]:
    """Impossible intervals, unknown units, contradictions, rules that others shadow. library: with this pack in it."""
    items = library.items
    found: list[Doubt] = []
    for one in pack.listed:
        found += [Doubt(one.item, words) for words in _of_terms(one, items)]
        found += [Doubt(one.item, words) for words in _of_conditions(one, items)]
    found += list(_overlaps(pack, items))
    if not any(one.importance == "must" for one in pack.listed):
        found.append(Doubt("", "nothing is must-see: the first screen is left to the floor"))
    found += list(_shadowed(pack, library))
    return tuple(found)


def _of_terms(one: Listed, items: Mapping[str, Item]) -> Iterator[str]:
    terms = one.terms
    longest = [e.months for e in terms.intervals if e.months is not None]
    longest += [terms.interval] if terms.interval is not None else []
    if terms.lookback is not None and longest and max(longest) > terms.lookback:
        yield (
            f"due every {max(longest):g} months but looks back only {terms.lookback}: "
            "what was done in time would not be seen"
        )
    seen: set[str] = set()
    for every in terms.intervals:
        if every.words in seen:
            yield f"an interval never holds: “{condition_words(every.words, items)}” stands above it already"
        seen.add(every.words)
        if every.months == terms.interval:
            yield f"the interval when {condition_words(every.words, items)} is the usual one: it changes nothing"


def _of_conditions(one: Listed, items: Mapping[str, Item]) -> Iterator[str]:
    written = [(one.terms.applies, one.terms.applies_words)] if one.terms.applies else []
    written += [(every.when, every.words) for every in one.terms.intervals]
    for condition, words in written:
        if condition is None:
            continue
        said = condition_words(words, items)
        if never(condition):
            yield f"“{said}” can never hold: it contradicts itself"
        for test in asks_in(condition):
            if test.what == "latest" and test.unit and not _known(test.unit):
                yield f"the unit {test.unit} in “{said}” is not known: the test would never be decided"


def _known(unit: str) -> bool:
    """A unit that can be read; what a laboratory only prints (10*3/uL) counts as well."""
    sent = Quantity(value=Decimal(1), unit=unit, code="", system="")
    return bool(units.ucum(sent) or units.dimension(unit))


# ---- contradictions ---------------------------------------------------------------------------------------------


def never(condition: Condition) -> bool:
    """Whether it surely cannot hold. False also when that is not seen: only plain contradictions are.

    >>> from clinical.rank.conditions import parse
    >>> never(parse("age >= 65 and age < 18")), never(parse("age >= 18 and age < 65"))
    (True, False)
    """
    if isinstance(condition, Or):
        return all(never(part) for part in condition.parts)
    if not isinstance(condition, And):
        return False
    parts = condition.parts
    if any(never(part) for part in parts):
        return True
    return any(_exclude(one, other) for one, other in combinations(parts, 2))


def _exclude(one: Condition, other: Condition) -> bool:
    if (isinstance(other, Not) and other.part == one) or (
        isinstance(one, Not) and one.part == other
    ):
        return True
    if not (isinstance(one, Ask) and isinstance(other, Ask)) or one.what != other.what:
        return False
    if one.what in ("sex", "setting"):
        return one.names != other.names
    if (one.names, one.unit) != (other.names, other.unit) or one.number is None:
        return False
    return other.number is not None and not _meet(one, other)


def _meet(one: Ask, other: Ask) -> bool:
    """Whether a number can satisfy both comparisons."""
    low, high = (one, other) if one.compare in (">", ">=") else (other, one)
    if "=" in (one.compare, other.compare):
        exact, test = (one, other) if one.compare == "=" else (other, one)
        return _satisfies(exact.number or Decimal(0), test)
    if (low.compare in (">", ">=")) == (high.compare in (">", ">=")):
        return True
    bottom, top = low.number or Decimal(0), high.number or Decimal(0)
    return bottom < top or (bottom == top and low.compare == ">=" and high.compare == "<=")


def _satisfies(number: Decimal, test: Ask) -> bool:
    bound = test.number or Decimal(0)
    return {
        "<": number < bound,
        "<=": number <= bound,
        ">": number > bound,
        ">=": number >= bound,
    }.get(test.compare, number == bound)


# ---- rules in each other's way ------------------------------------------------------------------------------------


def _overlaps(pack: Pack, items: Mapping[str, Item]) -> Iterator[Doubt]:
    """Two items of one list that share codes: an entry goes to the more important of the two."""
    owners: dict[tuple[str, str], Listed] = {}
    told: set[tuple[str, str]] = set()
    for one in pack.listed:
        if items[one.item].kind in _OVERLAPPING:
            continue
        for code in items[one.item].codes:
            first = owners.setdefault(code, one)
            pair = (first.item, one.item)
            if first is not one and pair not in told:
                told.add(pair)
                words = f"shares {code[1]} with {items[first.item].label}, which wins here"
                yield Doubt(one.item, words)


def _shadowed(pack: Pack, library: Library) -> Iterator[Doubt]:
    """Codes by which another context is recognised as well, of which the earlier id is taken."""
    for other in library.packs.values():
        if other.id == pack.id or other.cue.settings != pack.cue.settings:
            continue
        both = sorted(set(other.cue.icd) & set(pack.cue.icd))
        if both and other.id < pack.id and other.cue.specialties == pack.cue.specialties:
            yield Doubt("", f"{', '.join(both)} also mean {other.title}, which is taken first")
