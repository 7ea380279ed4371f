"""A rule set: one visit context as people of a site changed it, in the format of a pack (docs/packs.md).

Besides what a pack holds it may bring items of its own (`[own.lab.<set>-<name>]`) and rows for codes that the shipped
tables do not have (`[[codes]]`). It never touches another context, a shipped item, or the safety floor.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from msgspec.structs import replace

from clinical.errors import PackInvalid
from clinical.rank.conditions import Condition, asks_in
from clinical.rank.file_items import items_of
from clinical.rank.file_packs import contexts_exist, pack_of
from clinical.rank.file_parts import SYSTEMS, Rows
from clinical.rank.library import GENERAL, Base, Code, Cue, Item, Library, Pack, Terms
from clinical.rank.ruleset_file import RuleSetInvalid, line_of, table_of
from clinical.rank.texts import split

_PLACE = "rule set"
_LARGEST = 1_000_000_000


class RuleSet(Base, frozen=True):
    """pack: the context. own: items that only this set brings. rows: rows of its codes. table: as it stands in its file."""

    pack: Pack
    own: tuple[Item, ...]
    rows: Mapping[tuple[str, str], Code]
    table: Mapping[str, Any]


def read(text: str, base: Library) -> RuleSet:
    """The rule set of a file's text, against the library it changes. Raises RuleSetInvalid with line and reason."""
    table = table_of(text)
    try:
        return _read(table, base)
    except PackInvalid as error:
        reason = str(error).removeprefix(f"{_PLACE}: ")
        raise RuleSetInvalid(reason, line_of(text, reason)) from None


def _read(table: dict[str, Any], base: Library) -> RuleSet:
    rows = _rows(table, base)
    known = {**base.codes, **rows}
    own = tuple(items_of(_PLACE, table.get("own", {}), known))
    for item in own:
        _is_its_own(item, table["id"], base)
    items = {**base.items, **{item.id: item for item in own}}
    _can_be_found([*own], table)
    body = {key: value for key, value in table.items() if key not in ("own", "codes")}
    pack = pack_of(_PLACE, body, items, known)
    contexts_exist(_PLACE, pack, base.packs)
    for item in own:
        _numbers_are_plain(item.id, item.terms)
    for listed in pack.listed:
        _numbers_are_plain(listed.item, listed.terms)
    _are_plain(pack.id, pack.applies)
    return RuleSet(pack=pack, own=own, rows=rows, table=table)


def _numbers_are_plain(item: str, terms: Terms) -> None:
    for condition in (terms.applies, *(every.when for every in terms.intervals)):
        _are_plain(item, condition)


def _are_plain(where: str, condition: Condition | None) -> None:
    """A number that cannot be compared or multiplied (NaN, 1e999999) would break the page of everybody."""
    for ask in asks_in(condition) if condition is not None else ():
        if ask.number is not None and not (ask.number.is_finite() and abs(ask.number) <= _LARGEST):
            raise PackInvalid(f"{where}: {ask.number} is not a number that can be compared")


def _rows(table: Mapping[str, Any], base: Library) -> Rows:
    found: Rows = {}
    for row in table.get("codes", ()):
        key = (SYSTEMS[row["system"]], row["code"])
        if key in base.codes or key in found:
            raise PackInvalid(f"{row['code']} has a row already")
        try:
            day = date.fromisoformat(row["date"])
        except ValueError:
            raise PackInvalid(f"{row['code']}: no day is called {row['date']!r}") from None
        found[key] = Code(
            system=key[0], code=key[1], name=row["name"], source=row["source"], date=day, verified="name"
        )  # fmt: skip
    return found


def _is_its_own(item: Item, context: str, base: Library) -> None:
    if not item.id.partition(".")[2].startswith(f"{context}-"):
        raise PackInvalid(f"{item.id}: an item of this set is called {item.kind}.{context}-…")
    if item.id in base.items:
        raise PackInvalid(f"{item.id} is a shipped item")
    if not (item.codes or item.icd or item.ingredients or item.words):
        raise PackInvalid(f"{item.id} has neither codes nor words: it would never be found")


def _can_be_found(own: Iterable[Item], table: Mapping[str, Any]) -> None:
    """Words are compared as words. A text without a letter or digit would match nothing, in silence."""
    cue = table.get("recognise", {})
    phrases = [word for item in own for word in (*item.words, *item.not_words)]
    phrases += [
        w for key in ("words", "abbreviations", "whole", "not_words") for w in cue.get(key, ())
    ]
    for phrase in phrases:
        if not split(phrase).plain:
            raise PackInvalid(f"{phrase!r} has no word in it")


def with_rule_sets(base: Library, sets: Iterable[RuleSet]) -> Library:
    """The library with these contexts in place of its own; the floor is that of the base, always."""
    items, packs, codes = dict(base.items), dict(base.packs), dict(base.codes)
    for one in sets:
        packs[one.pack.id] = one.pack
        items.update((item.id, item) for item in one.own)
        codes.update(one.rows)
    return Library(items=items, packs=packs, codes=codes, floor=base.floor)


def stopped(base: Library) -> Library:
    """No context but the general one, and that lists nothing: what is left is the floor, and the time of each entry."""
    general = replace(base.packs[GENERAL], listed=(), cue=Cue(settings=("clinic", "ward", "ed")))
    packs = {GENERAL: general}
    return Library(items=base.items, packs=packs, codes=base.codes, floor=base.floor, stopped=True)
