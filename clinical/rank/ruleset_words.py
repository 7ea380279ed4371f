"""Rules in the words of a clinician: what a rule says, and what one version of a rule set changes about another."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import SequenceMatcher
from typing import NamedTuple

from clinical.rank.library import Cue, Importance, Item, Listed, Pack, Terms

IMPORTANCE_WORDS: dict[Importance, str] = {
    "must": "must-see", "should": "should-see", "background": "background",
}  # fmt: skip
_CUE_WORDS = {
    "settings": "settings", "specialties": "specialties", "icd": "codes of the reason", "snomed": "SNOMED CT codes",
    "words": "words", "abbreviations": "abbreviations", "whole": "whole reasons", "not_words": "excluding words",
    "problems": "problems that lend it", "narrower_than": "being narrower than", "default_for": "default for",
}  # fmt: skip


class Difference(NamedTuple):
    """One change. sign: "+" added, "-" removed, "±" changed. what: item label or part. words: "due every 12 → 6 months"."""

    sign: str
    what: str
    words: str
    item: str = ""

    @property
    def text(self) -> str:
        return f"{self.what}: {self.words}" if self.sign == "±" else f"{self.what} {self.words}"


def months(value: float | None, nothing: str) -> str:
    """ "1 month", "36 months", "1.5 months"; None in the words given."""
    if value is None:
        return nothing
    return f"{value:g} month" if value == 1 else f"{value:g} months"


def condition_words(written: str, items: Mapping[str, Item]) -> str:
    """A condition with the names that clinicians use.

    >>> condition_words("not on(med.nothing) and age >= 65", {})
    'not on(med.nothing) and age ≥ 65'
    """
    for name in sorted(items, key=len, reverse=True):
        if name in written:
            written = written.replace(name, items[name].label)
    return written.replace(">=", "≥").replace("<=", "≤")


def sentence(pack: Pack, listed: Listed, items: Mapping[str, Item]) -> str:
    """The rule as one sentence."""
    terms, item = listed.terms, items[listed.item]
    said = f"For {pack.title}, show {item.label} as {IMPORTANCE_WORDS[listed.importance]}"
    if terms.applies_words:
        said += f" when {condition_words(terms.applies_words, items)}"
    said += f", look back {months(terms.lookback, 'to any date')}"
    said += f", due {_due(terms)}"
    for every in terms.intervals:
        said += f", or {_every(every.months)} when {condition_words(every.words, items)}"
    because = "; ".join(one.citation for one in pack.sources if one.key in listed.source)
    return f"{said}, because {because}." if because else f"{said}."


def difference(
    old: Pack | None, new: Pack, items: Mapping[str, Item], old_items: Mapping[str, Item]
) -> tuple[Difference, ...]:
    """What the new version changes, item by item in the order of its lists; nothing when it changes nothing."""
    if old is None:
        count = len(new.listed)
        return (Difference("+", new.title, f"is a new context with {count} items"),)
    before = {one.item: one for one in old.listed}
    after = {one.item: one for one in new.listed}
    found = [_of_pack(old, new, field) for field in ("title", "why", "applies_words", "reviewed")]
    found += list(_of_cue(old.cue, new.cue))
    moved = _moved(old, new)
    for name, one in after.items():
        label = items[name].label
        if name not in before:
            words = f"added as {IMPORTANCE_WORDS[one.importance]}, {_terms(one.terms)}"
            found.append(Difference("+", label, words, name))
            continue
        found += [
            Difference("±", label, words, name)
            for words in _changes(before[name], one, items, name in moved)
        ]
    found += [
        Difference("-", old_items[name].label, "removed", name)
        for name in before
        if name not in after
    ]
    found += list(_of_sources(old, new)) + list(_of_items(items, old_items, after))
    return tuple(one for one in found if one is not None)


def _moved(old: Pack, new: Pack) -> set[str]:
    """Items that stand elsewhere among those that both have in the same list; not those that others only passed."""
    found: set[str] = set()
    for importance in IMPORTANCE_WORDS:
        before = [one.item for one in old.listed if one.importance == importance]
        after = [one.item for one in new.listed if one.importance == importance]
        common = [name for name in before if name in after]
        order = [name for name in after if name in before]
        blocks = SequenceMatcher(None, common, order, autojunk=False).get_matching_blocks()
        kept = {order[block.b + step] for block in blocks for step in range(block.size)}
        found |= set(order) - kept
    return found


def _of_pack(old: Pack, new: Pack, field: str) -> Difference | None:
    before, after = getattr(old, field), getattr(new, field)
    if before == after:
        return None
    name = {"applies_words": "for whom", "why": "reason for the context"}.get(field, field)
    return Difference("±", name, f"{before or 'everybody'} → {after or 'everybody'}")


def _of_cue(old: Cue, new: Cue) -> Iterator[Difference]:
    for field, name in _CUE_WORDS.items():
        before, after = getattr(old, field), getattr(new, field)
        gone = [one for one in before if one not in after]
        come = [one for one in after if one not in before]
        if gone:
            yield Difference("-", f"recognised by {name}:", f"{', '.join(gone)} removed")
        if come:
            yield Difference("+", f"recognised by {name}:", f"{', '.join(come)} added")


def _changes(old: Listed, new: Listed, items: Mapping[str, Item], moved: bool) -> Iterator[str]:
    if old.importance != new.importance:
        yield f"{IMPORTANCE_WORDS[old.importance]} → {IMPORTANCE_WORDS[new.importance]}"
    elif moved:
        yield f"place {old.place + 1} → {new.place + 1} of its list"
    yield from _of_terms(old.terms, new.terms, items)
    yield from _of_intervals(old.terms, new.terms, items)
    if old.source != new.source:
        yield f"source {', '.join(old.source)} → {', '.join(new.source)}"


def _of_terms(old: Terms, new: Terms, items: Mapping[str, Item]) -> Iterator[str]:
    if old.lookback != new.lookback:
        yield f"look back {_arrow(old.lookback, new.lookback, 'any date')}"
    if old.interval != new.interval:
        yield f"due every {_arrow(old.interval, new.interval, 'no fixed interval')}"
    if old.applies_words != new.applies_words:
        written = condition_words(new.applies_words, items) or "always"
        yield f"applies when {condition_words(old.applies_words, items) or 'always'} → {written}"
    if old.change != new.change:
        yield "what counts as a change is judged differently"
    if old.caution != new.caution:
        yield f"caution: {new.caution or 'none'}"
    if old.why != new.why:
        yield f"reason: {new.why or 'none'}"


def _of_intervals(old: Terms, new: Terms, items: Mapping[str, Item]) -> Iterator[str]:
    for every in new.intervals:
        if every not in old.intervals:
            yield f"{_every(every.months)} when {condition_words(every.words, items)} (new)"
    for every in old.intervals:
        if every not in new.intervals:
            yield f"no longer {_every(every.months)} when {condition_words(every.words, items)}"
    if old.intervals != new.intervals and set(old.intervals) == set(new.intervals):
        yield "its intervals stand in another order, and the first that holds decides"


def _of_sources(old: Pack, new: Pack) -> Iterator[Difference]:
    before, after = ({one.key: one for one in pack.sources} for pack in (old, new))
    for key in sorted(before.keys() | after.keys()):
        if key not in after:
            yield Difference("-", f"source {key}", "removed")
        elif key not in before:
            yield Difference("+", f"source {key}", f"added: {after[key].citation}")
        elif before[key] != after[key]:
            yield Difference(
                "±", f"source {key}", f"{before[key].citation} → {after[key].citation}"
            )


def _of_items(
    items: Mapping[str, Item], old: Mapping[str, Item], listed: Mapping[str, Listed]
) -> Iterator[Difference]:
    """Items of the set's own whose codes or words changed."""
    for name in listed:
        if name in old and items[name] != old[name]:
            yield Difference("±", items[name].label, "is found by other codes or words", name)


def _arrow(old: float | None, new: float | None, nothing: str) -> str:
    """ "12 → 6 months"; the unit once when both have it."""
    if old is None or new is None:
        return f"{months(old, nothing)} → {months(new, nothing)}"
    return f"{old:g} → {months(new, nothing)}"


def _every(value: float | None) -> str:
    return f"every {months(value, '')}" if value is not None else "at no fixed interval"


def _due(terms: Terms) -> str:
    return _every(terms.interval)


def _terms(terms: Terms) -> str:
    return f"look back {months(terms.lookback, 'to any date')}, due {_due(terms)}"
