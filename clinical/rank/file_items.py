"""Reads the items of the library."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from clinical import codes
from clinical.errors import PackInvalid
from clinical.rank.file_parts import (
    SYSTEMS,
    TERMS,
    Rows,
    Table,
    at,
    known,
    prefixes,
    read_terms,
    toml,
    verified,
)
from clinical.rank.library import (
    Item,
    Terms,
)
from clinical.records import Section

KIND_SECTIONS: dict[str, tuple[Section, ...]] = {
    "lab": (Section.LABS,), "vital": (Section.VITALS,), "quest": (Section.SURVEYS, Section.SOCIAL, Section.LABS),
    "med": (Section.MEDICATIONS,), "cond": (Section.PROBLEMS,), "imm": (Section.IMMUNIZATIONS,),
    "proc": (Section.PROCEDURES, Section.REPORTS),
}  # fmt: skip
_LABEL_LENGTH = 48
_ITEM_KEYS = {
    "label", "loinc", "snomed", "icd10cm", "cvx", "rxnorm", "ingredients", "not_ingredients", "words", "not_words", "unit",
    "sections", "alerts", *TERMS,
}  # fmt: skip


def read_items(path: Path, rows: Rows) -> Iterable[Item]:
    return items_of(path.name, toml(path), rows)


def items_of(place: str, kinds: Table, rows: Rows) -> Iterable[Item]:
    """The items of tables that have been read already (kind -> name -> keys). Raises PackInvalid."""
    for kind, tables in kinds.items():
        if kind not in KIND_SECTIONS:
            raise PackInvalid(f"{place}: no kind is called {kind!r}")
        for name, table in tables.items():
            where = f"{place}: {kind}.{name}"
            known(where, table, _ITEM_KEYS)
            with at(where):
                item = _item(f"{kind}.{name}", table, rows, where)
            yield item


def _item(name: str, table: Table, rows: Rows, where: str) -> Item:
    label = table["label"]
    if not 0 < len(label) <= _LABEL_LENGTH:
        raise ValueError(f"label is longer than {_LABEL_LENGTH} characters")
    kind = name.split(".", 1)[0]
    found = [
        (SYSTEMS[system], code)
        for system in ("loinc", "snomed", "cvx", "rxnorm")
        for code in verified(where, rows, system, table.get(system, ()))
    ]
    ingredients = tuple(one.lower() for one in table.get("ingredients", ()))
    wanted = set(ingredients)
    found += [
        key
        for key, row in rows.items()
        if key[0] == codes.RXNORM and row.verified != "no" and row.name in wanted
    ]
    sections = tuple(Section(one) for one in table.get("sections", ())) or KIND_SECTIONS[kind]
    return Item(
        id=name,
        kind=kind,
        label=label,
        codes=tuple(found),
        icd=prefixes(where, rows, table.get("icd10cm", ())),
        ingredients=ingredients,
        not_ingredients=tuple(one.lower() for one in table.get("not_ingredients", ())),
        words=tuple(table.get("words", ())),
        not_words=tuple(table.get("not_words", ())),
        unit=table.get("unit", ""),
        sections=sections,
        alerts=bool(table.get("alerts", True)),
        terms=read_terms(table, Terms(), rows, where),
    )
