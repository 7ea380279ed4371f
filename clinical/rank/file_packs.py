"""Reads packs and the safety floor, which both refer to the items of the library."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from decimal import Decimal
from pathlib import Path

from clinical.errors import PackInvalid
from clinical.rank import conditions
from clinical.rank.file_items import KIND_SECTIONS
from clinical.rank.file_parts import (
    TERMS,
    Rows,
    Table,
    at,
    known,
    prefixes,
    read_condition,
    read_terms,
    toml,
    verified,
)
from clinical.rank.library import (
    Cue,
    Floor,
    FloorRule,
    Group,
    Item,
    Limits,
    Listed,
    Pack,
    Source,
)

_CUE_KEYS = {
    "settings", "specialties", "icd10cm", "snomed", "words", "abbreviations", "whole", "not_words", "problems",
    "default_for", "narrower_than",
}  # fmt: skip
_PACK_KEYS = {
    "id", "title", "version", "reviewed", "why", "applies_if", "recognise", "items", "change", "sources",
}  # fmt: skip


def read_pack(path: Path, items: Mapping[str, Item], rows: Rows) -> Pack:
    table = toml(path)
    if table.get("id") != path.stem:
        raise PackInvalid(f"{path.name}: its id is {table.get('id')!r}")
    return pack_of(path.name, table, items, rows)


def pack_of(where: str, table: Table, items: Mapping[str, Item], rows: Rows) -> Pack:
    """The pack of a table that has been read already. Raises PackInvalid with the place, which starts with `where`."""
    known(where, table, _PACK_KEYS)
    with at(where):
        return _pack(where, table, items, rows)


def _pack(where: str, table: Table, items: Mapping[str, Item], rows: Rows) -> Pack:
    sources = tuple(
        Source(key=key, citation=one["citation"], status=one["status"], year=one.get("year"))
        for key, one in table["sources"].items()
    )
    listed = tuple(_listed(where, table, items, rows, [source.key for source in sources]))
    applies = table.get("applies_if", "")
    pack = Pack(
        id=table["id"],
        title=table["title"],
        version=int(table["version"]),
        reviewed=table["reviewed"],
        why=table["why"],
        cue=_cue(f"{where}: recognise", table.get("recognise", {}), rows),
        listed=listed,
        sources=sources,
        applies=read_condition(applies, rows, where) if applies else None,
        applies_words=applies,
    )
    _names_exist(where, pack, items)
    return pack


def _listed(
    where: str, table: Table, items: Mapping[str, Item], rows: Rows, sources: list[str]
) -> Iterable[Listed]:
    lists, changes = table["items"], dict(table.get("change", {}))
    known(f"{where}: items", lists, ("must", "should", "background"))
    seen: set[str] = set()
    for importance, names in lists.items():
        for place, name in enumerate(names):
            if name in seen or name not in items:
                raise ValueError(f"{name} is {'listed twice' if name in seen else 'not in items/'}")
            seen.add(name)
            own = changes.pop(name, {})
            spot = f"{where}: {name}"
            known(spot, own, (*TERMS, "source"))
            source = tuple(own.get("source", sources[:1]))
            if not set(source) <= set(sources):
                raise ValueError(f"{name}: a source is not in [sources]")
            with at(spot):
                terms = read_terms(own, items[name].terms, rows, spot)
            yield Listed(item=name, importance=importance, place=place, terms=terms, source=source)
    if changes:
        raise ValueError(f"{min(changes)} is changed but not listed")


def _cue(where: str, table: Table, rows: Rows) -> Cue:
    known(where, table, _CUE_KEYS)
    plain = (
        "settings",
        "specialties",
        "words",
        "abbreviations",
        "whole",
        "not_words",
        "default_for",
        "narrower_than",
    )
    lists = {key: tuple(table.get(key, ())) for key in plain}
    if not set(lists["settings"]) | set(lists["default_for"]) <= {"clinic", "ward", "ed"}:
        raise ValueError("a setting is clinic, ward or ed")
    return Cue(
        icd=prefixes(where, rows, table.get("icd10cm", ())),
        snomed=tuple(verified(where, rows, "snomed", table.get("snomed", ()))),
        problems=prefixes(where, rows, table.get("problems", ())),
        **lists,
    )


def contexts_exist(where: str, pack: Pack, known_packs: Collection[str]) -> None:
    """A pack that is narrower than one which does not exist would silently replace nothing."""
    for name in pack.cue.narrower_than:
        if name not in known_packs or name == pack.id:
            raise PackInvalid(f"{where}: it is narrower than {name!r}, which is no other context")


def _names_exist(where: str, pack: Pack, items: Mapping[str, Item]) -> None:
    """A condition that asks for an item which does not exist would silently never hold."""
    wanted = [listed.terms.applies for listed in pack.listed] + [pack.applies]
    wanted += [every.when for listed in pack.listed for every in listed.terms.intervals]
    for condition in wanted:
        for name in conditions.names_in(condition) if condition is not None else ():
            if "." in name and name.split(".", 1)[0] in KIND_SECTIONS and name not in items:
                raise PackInvalid(f"{where}: a condition asks for {name}, which is not in items/")


# ---- the floor --------------------------------------------------------------------------------------------------


def read_floor(path: Path, items: Mapping[str, Item], rows: Rows) -> Floor:
    table = toml(path)
    with at(path.name):
        found = _floor(path.name, table, rows)
    asked = {name for rule in found.rules.values() for name in rule.items} | {
        one.item for one in found.limits
    }
    missing = sorted(asked - set(items))
    if missing:
        raise PackInvalid(f"{path.name}: {missing[0]} is not in items/")
    return found


def _floor(where: str, table: Table, rows: Rows) -> Floor:
    rules = {}
    for name, one in table["floor"].items():
        lists = {k: tuple(one.get(k, ())) for k in ("items", "ingredients", "words", "not_words")}
        rules[name] = FloorRule(
            id=name,
            label=one["label"],
            points=float(one["points"]),
            by=one.get("by", ""),
            icd=prefixes(where, rows, one.get("icd10cm", ())),
            loinc=tuple(verified(where, rows, "loinc", one.get("loinc", ()))),
            source=one.get("source", ""),
            window_months=one.get("window_months"),
            **lists,
        )
    return Floor(
        version=int(table["version"]),
        rules=rules,
        limits=tuple(_limits(one) for one in table["limits"]),
        groups=tuple(
            Group(
                name=one["name"],
                ingredients=tuple(one["ingredients"]),
                allergens=tuple(one.get("allergens", ())),
                duplicates=bool(one.get("duplicates", False)),
            )
            for one in table["groups"]
        ),
        open_hours=table["open_hours"],
        order_days=int(table["order_days"]),
        pending_days=int(table["pending_days"]),
    )


def _limits(one: Table) -> Limits:
    bounds = {k: Decimal(str(one[k])) if k in one else None for k in ("below", "above", "from")}
    return Limits(
        item=one["item"],
        unit=one["unit"],
        below=bounds["below"],
        above=bounds["above"],
        from_=bounds["from"],
    )
