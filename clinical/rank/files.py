"""Reads packs, items and code tables. A file that cannot be used stops the load and is named with the place in it."""

from __future__ import annotations

from pathlib import Path

from clinical.errors import PackInvalid
from clinical.rank.file_items import read_items
from clinical.rank.file_packs import contexts_exist, read_floor, read_pack
from clinical.rank.file_parts import read_codes
from clinical.rank.library import Item, Library


def read(folder: Path) -> Library:
    """Everything below `folder`. Raises PackInvalid for the first file that cannot be used."""
    rows = read_codes(folder / "codes")
    items: dict[str, Item] = {}
    for path in sorted((folder / "items").glob("*.toml")):
        for item in read_items(path, rows):
            if item.id in items:
                raise PackInvalid(f"{path.name}: {item.id} is in another file too")
            items[item.id] = item
    packs = {}
    for path in sorted((folder / "packs").glob("*.toml")):
        pack = read_pack(path, items, rows)
        packs[pack.id] = pack
    for pack in packs.values():
        contexts_exist(f"{pack.id}.toml", pack, packs)
    floor = read_floor(folder / "floor.toml", items, rows)
    return Library(items=items, packs=packs, codes=rows, floor=floor)
