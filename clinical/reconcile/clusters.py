"""Grouping by shared keys: entries that share any key belong together, whatever order they come in."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from typing import TypeVar

T = TypeVar("T")


def clusters(entries: Sequence[T], keys: Sequence[Iterable[Hashable]]) -> list[list[T]]:
    """Entries in groups; `keys[i]` are the keys of `entries[i]`. An entry without keys is a group of its own.

    Order inside a group and of the groups follows the order of `entries`.
    """
    parent = list(range(len(entries)))

    def root(index: int) -> int:
        while parent[index] != index:
            parent[index] = parent[parent[index]]
            index = parent[index]
        return index

    first: dict[Hashable, int] = {}
    for index, own in enumerate(keys):
        for key in own:
            other = first.setdefault(key, index)
            if other != index:
                low, high = sorted((root(index), root(other)))
                parent[high] = low
    groups: dict[int, list[T]] = {}
    for index, entry in enumerate(entries):
        groups.setdefault(root(index), []).append(entry)
    return list(groups.values())
