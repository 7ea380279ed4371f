"""Reads packs, items and code tables. A file that cannot be used stops the load and is named with the place in it."""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from clinical import codes
from clinical.errors import PackInvalid
from clinical.rank import conditions
from clinical.rank.library import (
    Change,
    Code,
    Cue,
    Every,
    Floor,
    FloorRule,
    Group,
    Item,
    Library,
    Limits,
    Listed,
    Pack,
    Source,
    Terms,
)
from clinical.records import Section

SYSTEMS = {
    "loinc": codes.LOINC, "snomed": codes.SNOMED, "rxnorm": codes.RXNORM, "icd-10-cm": codes.ICD10CM, "cvx": codes.CVX,
}  # fmt: skip
_KIND_SECTIONS: dict[str, tuple[Section, ...]] = {
    "lab": (Section.LABS,), "vital": (Section.VITALS,), "quest": (Section.SURVEYS, Section.SOCIAL, Section.LABS),
    "med": (Section.MEDICATIONS,), "cond": (Section.PROBLEMS,), "imm": (Section.IMMUNIZATIONS,),
    "proc": (Section.PROCEDURES, Section.REPORTS),
}  # fmt: skip
_LABEL_LENGTH = 48
_TERMS = (
    "applies_if",
    "lookback_months",
    "interval_months",
    "intervals",
    "change",
    "caution",
    "why",
)
_ITEM_KEYS = {
    "label", "loinc", "snomed", "icd10cm", "cvx", "ingredients", "not_ingredients", "words", "not_words", "unit",
    "sections", "alerts", *_TERMS,
}  # fmt: skip
_CUE_KEYS = {
    "settings", "specialties", "icd10cm", "snomed", "words", "abbreviations", "whole", "not_words", "problems",
    "default_for",
}  # fmt: skip
_PACK_KEYS = {
    "id", "title", "version", "reviewed", "why", "applies_if", "recognise", "items", "change", "sources",
}  # fmt: skip
Table = Mapping[str, Any]
Rows = dict[tuple[str, str], Code]


def read(folder: Path) -> Library:
    """Everything below `folder`. Raises PackInvalid for the first file that cannot be used."""
    rows = _codes(folder / "codes")
    items: dict[str, Item] = {}
    for path in sorted((folder / "items").glob("*.toml")):
        for item in _items(path, rows):
            if item.id in items:
                raise PackInvalid(f"{path.name}: {item.id} is in another file too")
            items[item.id] = item
    packs = {}
    for path in sorted((folder / "packs").glob("*.toml")):
        pack = _pack(path, items, rows)
        packs[pack.id] = pack
    floor = _floor(folder / "floor.toml", items, rows)
    return Library(items=items, packs=packs, codes=rows, floor=floor)


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise PackInvalid(f"{path.name}: {error}") from None


def _known(where: str, table: Table, allowed: Collection[str]) -> None:
    strange = sorted(set(table) - set(allowed))
    if strange:
        raise PackInvalid(f"{where}: unknown key {strange[0]!r}")


@contextmanager
def _at(where: str) -> Iterator[None]:
    """A missing key, a wrong type or a bad condition, said with the place where it stands."""
    try:
        yield
    except KeyError as error:
        raise PackInvalid(f"{where}: {error.args[0]} is missing or not known") from None
    except (ValueError, TypeError, AttributeError) as error:
        raise PackInvalid(f"{where}: {error}") from None


# ---- codes ------------------------------------------------------------------------------------------------------


def _codes(folder: Path) -> Rows:
    rows: Rows = {}
    for path in sorted(folder.glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            for number, line in enumerate(csv.DictReader(file), start=2):
                where = f"{path.name}:{number}"
                with _at(where):
                    row = _code(line)
                if (row.system, row.code) in rows:
                    raise PackInvalid(f"{where}: {row.code} has a row already")
                rows[row.system, row.code] = row
    return rows


def _code(line: Mapping[str, str]) -> Code:
    verified = line["verified"]
    if verified not in ("name", "component", "no"):
        raise ValueError(f"verified cannot be {verified!r}")
    for key in ("code", "name", "source"):
        if not line[key] or line[key] != line[key].strip():
            raise ValueError(f"{key} is empty or has blanks around it")
    return Code(
        system=SYSTEMS[line["system"]],
        code=line["code"],
        name=line["name"],
        source=line["source"],
        date=date.fromisoformat(line["date"]),
        verified=verified,  # type: ignore[arg-type]
    )


def _verified(where: str, rows: Rows, system: str, wanted: Iterable[str]) -> list[str]:
    found = []
    for code in wanted:
        row = rows.get((SYSTEMS[system], code))
        if row is None:
            raise PackInvalid(f"{where}: {system} {code} has no row in codes/")
        if row.verified != "no":
            found.append(code)
    return found


def _prefixes(where: str, rows: Rows, wanted: Iterable[str]) -> tuple[str, ...]:
    return tuple(code.replace(".", "") for code in _verified(where, rows, "icd-10-cm", wanted))


# ---- items ------------------------------------------------------------------------------------------------------


def _items(path: Path, rows: Rows) -> Iterable[Item]:
    for kind, tables in _toml(path).items():
        if kind not in _KIND_SECTIONS:
            raise PackInvalid(f"{path.name}: no kind is called {kind!r}")
        for name, table in tables.items():
            where = f"{path.name}: {kind}.{name}"
            _known(where, table, _ITEM_KEYS)
            with _at(where):
                item = _item(f"{kind}.{name}", table, rows, where)
            yield item


def _item(name: str, table: Table, rows: Rows, where: str) -> Item:
    label = table["label"]
    if not 0 < len(label) <= _LABEL_LENGTH:
        raise ValueError(f"label is longer than {_LABEL_LENGTH} characters")
    kind = name.split(".", 1)[0]
    found = [
        (SYSTEMS[system], code)
        for system in ("loinc", "snomed", "cvx")
        for code in _verified(where, rows, system, table.get(system, ()))
    ]
    ingredients = tuple(one.lower() for one in table.get("ingredients", ()))
    wanted = set(ingredients)
    found += [
        key
        for key, row in rows.items()
        if key[0] == codes.RXNORM and row.verified != "no" and row.name in wanted
    ]
    sections = tuple(Section(one) for one in table.get("sections", ())) or _KIND_SECTIONS[kind]
    return Item(
        id=name,
        kind=kind,
        label=label,
        codes=tuple(found),
        icd=_prefixes(where, rows, table.get("icd10cm", ())),
        ingredients=ingredients,
        not_ingredients=tuple(one.lower() for one in table.get("not_ingredients", ())),
        words=tuple(table.get("words", ())),
        not_words=tuple(table.get("not_words", ())),
        unit=table.get("unit", ""),
        sections=sections,
        alerts=bool(table.get("alerts", True)),
        terms=_terms(table, Terms(), rows, where),
    )


def _terms(table: Table, base: Terms, rows: Rows, where: str) -> Terms:
    """The library's terms with what a pack changes."""
    written = table.get("applies_if", base.applies_words)
    interval, lookback = table.get("interval_months"), table.get("lookback_months")
    intervals = table.get("intervals")
    change = table.get("change")
    return Terms(
        lookback=base.lookback
        if lookback is None
        else None
        if lookback == "any"
        else int(lookback),
        interval=base.interval if interval is None else _months(interval),
        intervals=base.intervals
        if intervals is None
        else tuple(_every(one, rows, where) for one in intervals),
        applies=_condition(written, rows, where) if written else None,
        applies_words=written,
        change=base.change if change is None else _change(change),
        caution=table.get("caution", base.caution),
        why=table.get("why", base.why),
    )


def _months(written: Any) -> float | None:
    if written == "none":
        return None
    months = float(written)
    if months <= 0:
        raise ValueError("an interval is longer than nothing")
    return months


def _every(table: Table, rows: Rows, where: str) -> Every:
    _known(where, table, ("when", "months"))
    return Every(
        when=_condition(table["when"], rows, where),
        words=table["when"],
        months=_months(table["months"]),
    )


def _condition(written: str, rows: Rows, where: str) -> conditions.Condition:
    found = conditions.parse(written)
    codes_named = [n for n in conditions.names_in(found) if n[:1].isupper() and n[1:2].isdigit()]
    _verified(where, rows, "icd-10-cm", codes_named)
    return found


def _change(table: Table) -> Change:
    _known("change", table, ("by", "percent", "unit", "way", "within_days"))
    if ("by" in table) == ("percent" in table):
        raise ValueError("a change is either by or percent")
    by, percent = table.get("by"), table.get("percent")
    way = table.get("way", "any")
    if way not in ("rise", "fall", "any"):
        raise ValueError(f"way cannot be {way!r}")
    return Change(
        by=None if by is None else Decimal(str(by)),
        percent=None if percent is None else Decimal(str(percent)),
        unit=table.get("unit", ""),
        way=way,
        within_days=table.get("within_days"),
    )


# ---- packs ------------------------------------------------------------------------------------------------------


def _pack(path: Path, items: Mapping[str, Item], rows: Rows) -> Pack:
    table = _toml(path)
    _known(path.name, table, _PACK_KEYS)
    if table.get("id") != path.stem:
        raise PackInvalid(f"{path.name}: its id is {table.get('id')!r}")
    with _at(path.name):
        return _read_pack(path.name, table, items, rows)


def _read_pack(where: str, table: Table, items: Mapping[str, Item], rows: Rows) -> Pack:
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
        applies=_condition(applies, rows, where) if applies else None,
        applies_words=applies,
    )
    _names_exist(where, pack, items)
    return pack


def _listed(
    where: str, table: Table, items: Mapping[str, Item], rows: Rows, sources: list[str]
) -> Iterable[Listed]:
    lists, changes = table["items"], dict(table.get("change", {}))
    _known(f"{where}: items", lists, ("must", "should", "background"))
    seen: set[str] = set()
    for importance, names in lists.items():
        for place, name in enumerate(names):
            if name in seen or name not in items:
                raise ValueError(f"{name} is {'listed twice' if name in seen else 'not in items/'}")
            seen.add(name)
            own = changes.pop(name, {})
            spot = f"{where}: {name}"
            _known(spot, own, (*_TERMS, "source"))
            source = tuple(own.get("source", sources[:1]))
            if not set(source) <= set(sources):
                raise ValueError(f"{name}: a source is not in [sources]")
            with _at(spot):
                terms = _terms(own, items[name].terms, rows, spot)
            yield Listed(item=name, importance=importance, place=place, terms=terms, source=source)
    if changes:
        raise ValueError(f"{min(changes)} is changed but not listed")


def _cue(where: str, table: Table, rows: Rows) -> Cue:
    _known(where, table, _CUE_KEYS)
    plain = (
        "settings",
        "specialties",
        "words",
        "abbreviations",
        "whole",
        "not_words",
        "default_for",
    )
    lists = {key: tuple(table.get(key, ())) for key in plain}
    if not set(lists["settings"]) | set(lists["default_for"]) <= {"clinic", "ward", "ed"}:
        raise ValueError("a setting is clinic, ward or ed")
    return Cue(
        icd=_prefixes(where, rows, table.get("icd10cm", ())),
        snomed=tuple(_verified(where, rows, "snomed", table.get("snomed", ()))),
        problems=_prefixes(where, rows, table.get("problems", ())),
        **lists,
    )


def _names_exist(where: str, pack: Pack, items: Mapping[str, Item]) -> None:
    """A condition that asks for an item which does not exist would silently never hold."""
    wanted = [listed.terms.applies for listed in pack.listed] + [pack.applies]
    wanted += [every.when for listed in pack.listed for every in listed.terms.intervals]
    for condition in wanted:
        for name in conditions.names_in(condition) if condition is not None else ():
            if "." in name and name.split(".", 1)[0] in _KIND_SECTIONS and name not in items:
                raise PackInvalid(f"{where}: a condition asks for {name}, which is not in items/")


# ---- the floor --------------------------------------------------------------------------------------------------


def _floor(path: Path, items: Mapping[str, Item], rows: Rows) -> Floor:
    table = _toml(path)
    with _at(path.name):
        found = _read_floor(path.name, table, rows)
    asked = {name for rule in found.rules.values() for name in rule.items} | {
        one.item for one in found.limits
    }
    missing = sorted(asked - set(items))
    if missing:
        raise PackInvalid(f"{path.name}: {missing[0]} is not in items/")
    return found


def _read_floor(where: str, table: Table, rows: Rows) -> Floor:
    rules = {}
    for name, one in table["floor"].items():
        lists = {k: tuple(one.get(k, ())) for k in ("items", "ingredients", "words", "not_words")}
        rules[name] = FloorRule(
            id=name,
            label=one["label"],
            points=float(one["points"]),
            by=one.get("by", ""),
            icd=_prefixes(where, rows, one.get("icd10cm", ())),
            loinc=tuple(_verified(where, rows, "loinc", one.get("loinc", ()))),
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
