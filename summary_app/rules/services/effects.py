"""What other rules would do to a page: which rows appear, move and vanish; and, of rankings alone, in counts. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from clinical.rank.library import Library
from clinical.records import Ranked, Ranking
from clinical.summary.view_model import LabRow, ListRow, Summary


@dataclass(frozen=True)
class Line:
    """One row of the first screen. fate: "same", "moved", "appears", "vanishes". by: places moved, below zero = up."""

    key: str
    name: str
    value: str
    level: str
    when: str
    fate: str = "same"
    by: int = 0
    why: str = ""


@dataclass(frozen=True)
class BlockEffect:
    """One section, now and then. before and after: rows in order, vanishing ones in `before`, appearing ones in `after`."""

    key: str
    heading: str
    before: tuple[Line, ...]
    after: tuple[Line, ...]

    @property
    def changed(self) -> bool:
        return any(line.fate != "same" for line in (*self.before, *self.after))


@dataclass(frozen=True)
class Effect:
    """What a draft does to one page. floor_lost: floor items that would be shown no longer; a defect if not 0."""

    blocks: tuple[BlockEffect, ...]
    appear: int
    move: int
    vanish: int
    floor: int
    floor_lost: int
    left_out: tuple[int, int]
    abnormal_left_out: tuple[int, int]

    @property
    def none(self) -> bool:
        return not (self.appear or self.move or self.vanish)


def effect(
    before: Summary, after: Summary, before_ranking: Ranking, after_ranking: Ranking
) -> Effect:
    """Two pages of the same chart at the same moment, under the rules in force and under a draft."""
    blocks = []
    ahead = {block.key: block for block in after.blocks}
    for block in before.blocks:
        then = ahead.get(block.key)
        blocks.append(
            _block(block.key, block.heading, block.rows, then.rows if then is not None else ())
        )
    old, new = tally(before_ranking), tally(after_ranking)
    return Effect(
        blocks=tuple(blocks),
        appear=sum(line.fate == "appears" for block in blocks for line in block.after),
        move=sum(line.fate == "moved" for block in blocks for line in block.after),
        vanish=sum(line.fate == "vanishes" for block in blocks for line in block.before),
        floor=len(old.floor),
        floor_lost=len(lost_floor(before_ranking, after_ranking)),
        left_out=(old.left_out, new.left_out),
        abnormal_left_out=(old.abnormal_left_out, new.abnormal_left_out),
    )


def _block(
    key: str, heading: str, old: Iterable[LabRow | ListRow], new: Iterable[LabRow | ListRow]
) -> BlockEffect:
    before, after = {row.key: row for row in old}, {row.key: row for row in new}
    common_before = [name for name in before if name in after]
    common_after = [name for name in after if name in before]
    shift = {name: common_after.index(name) - place for place, name in enumerate(common_before)}
    places = {name: place for place, name in enumerate(before)}
    lines_before = tuple(
        _line(row, "same" if name in after else "vanishes", 0) for name, row in before.items()
    )
    lines_after = []
    for place, (name, row) in enumerate(after.items()):
        if name not in before:
            lines_after.append(_line(row, "appears", 0))
        else:
            by = place - places[name] if shift[name] or place != places[name] else 0
            lines_after.append(_line(row, "moved" if by else "same", by))
    return BlockEffect(key, heading, lines_before, tuple(lines_after))


def _line(row: LabRow | ListRow, fate: str, by: int) -> Line:
    why = row.reasons[0] if row.reasons else ""
    if isinstance(row, LabRow):
        value = " ".join(part for part in (row.value, row.flag, row.unit) if part)
        return Line(row.key, row.name, value, row.level, row.date, fate, by, why)
    name = "".join(part.text for part in row.parts)
    if row.state is not None:
        name = f"{row.state.word}: {name}" if name else row.state.word
    return Line(row.key, name, "", row.level, row.when, fate, by, why)


# ---- of rankings alone --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Tally:
    """One ranking in counts. shown: keys of what has a row of its own. fixed: of those, rows that always stand open."""

    shown: frozenset[str]
    fixed: int
    floor: Mapping[str, tuple[str, ...]]
    left_out: int
    abnormal_left_out: int


def tally(ranking: Ranking) -> Tally:
    shown, floor = set(), {}
    fixed = left_out = abnormal = 0
    for one in ranking.ranked:
        if one.floor:
            floor[one.key] = one.floor
        if is_shown(one):
            shown.add(one.key)
            fixed += one.importance == "must" or bool(one.floor)
        else:
            left_out += 1
            abnormal += any(reason.key == "abnormal" for reason in one.reasons)
    return Tally(frozenset(shown), fixed, floor, left_out, abnormal)


def is_shown(one: Ranked) -> bool:
    """Whether an entry has a row of its own on the first screen, or would have with room for it."""
    return one.importance in ("must", "should") or bool(one.floor)


def lost_floor(before: Ranking, after: Ranking) -> tuple[str, ...]:
    """Keys that lose a mark of the safety floor, or no longer stand above everything that has none."""
    marks = {one.key: set(one.floor) for one in after.ranked}
    lost = [one.key for one in before.ranked if not set(one.floor) <= marks.get(one.key, set())]
    return tuple(lost)


@dataclass(frozen=True)
class Counts:
    """What a version changes about one chart, in counts; item ids and labels only where the reader may see the chart."""

    gained: int = 0
    lost: int = 0
    moved: int = 0
    floor: int = 0
    floor_lost: int = 0
    wanted: int = 0
    found_before: int = 0
    found_after: int = 0
    fixed_before: int = 0
    fixed_after: int = 0
    appears: tuple[str, ...] = field(default=())
    vanishes: tuple[str, ...] = field(default=())


def counts(
    before: Ranking,
    after: Ranking,
    *,
    must: Collection[str],
    matches: Mapping[str, tuple[str, ...]],
    library: Library,
) -> Counts:
    """must: item ids that a reference list calls must-see for this visit; those on the chart count for recall.

    matches: key -> items that the entry is (`matching.match`), whatever either version lists.
    """
    old, new = tally(before), tally(after)
    gained, lost = new.shown - old.shown, old.shown - new.shown
    order_before = [one.key for one in before.ranked if one.key in old.shown & new.shown]
    order_after = [one.key for one in after.ranked if one.key in old.shown & new.shown]
    keys = owners(matches)
    wanted = [item for item in must if keys.get(item)]
    return Counts(
        gained=len(gained),
        lost=len(lost),
        moved=sum(a != b for a, b in zip(order_before, order_after, strict=True)),
        floor=len(old.floor),
        floor_lost=len(lost_floor(before, after)),
        wanted=len(wanted),
        found_before=sum(bool(keys[item] & old.shown) for item in wanted),
        found_after=sum(bool(keys[item] & new.shown) for item in wanted),
        fixed_before=old.fixed,
        fixed_after=new.fixed,
        appears=tuple(sorted(names(after, gained, matches, library))),
        vanishes=tuple(sorted(names(before, lost, matches, library))),
    )


def owners(matches: Mapping[str, tuple[str, ...]]) -> dict[str, set[str]]:
    """Item id -> keys of the chart that are it."""
    found: dict[str, set[str]] = {}
    for key, items in matches.items():
        for item in items:
            found.setdefault(item, set()).add(key)
    return found


def names(
    ranking: Ranking,
    keys: Collection[str],
    matches: Mapping[str, tuple[str, ...]],
    library: Library,
) -> set[str]:
    """Labels of the items behind these keys; of what no item is, its kind."""
    found = set()
    for one in ranking.ranked:
        if one.key in keys:
            item = next(
                (
                    name
                    for name in (*one.listed, *matches.get(one.key, ()))
                    if name in library.items
                ),
                "",
            )
            found.add(library.items[item].label if item else one.kind.replace("_", " "))
    return found
