"""Needs attention: critical and new abnormal results, what is pending or overdue, where sources differ, what failed."""

from __future__ import annotations

from collections.abc import Sequence

from clinical.records import FhirTime, Item, Order, Ranked, Series
from clinical.summary import (
    delta,
    fmt,
    microbiology,
    names,
    rows,
    studies,
    together,
    unread,
    values,
)
from clinical.summary.desk import Desk, item_tokens, point_tokens
from clinical.summary.view_model import Block, Group, ListRow, Part

_OPEN_ABNORMAL = 3
MOST_ROWS = 7
LEAST_ROWS = 4


def build(desk: Desk, most: int = MOST_ROWS) -> Block:
    """The block: the most urgent lines open, the others one click away. A gap is never among the closed.

    most: how many lines may stand open where nothing forces more.
    """
    urgent = [*_results(desk, "critical_values")]
    seen = {row.key for row in urgent}
    fresh = [row for row in _results(desk, "new_abnormal") if row.key not in seen]
    gaps = unread.gaps(desk)
    named = _named(desk, most - len(urgent) - len(gaps))
    opened = [*urgent, *fresh[:named]]
    told = {row.key.removeprefix("attention-") for row in opened}
    waiting = [row for row in _pending(desk) if row.key.removeprefix("pending-") not in told]
    others = [*waiting, *_overdue(desk), *_differences(desk), *_together(desk)]
    room = max(0, most - len(opened) - len(gaps))
    closed = [*fresh[named:], *others[room:]]
    lines = (*opened, *others[:room], *gaps)
    abnormal = sum(1 for row in closed if row.level)
    groups = (
        (
            Group(
                label=f"{len(closed)} more",
                rows=tuple(closed),
                count=len(closed),
                abnormal=abnormal,
            ),
        )
        if closed
        else ()
    )
    total = len(lines) + len(closed)
    if not total:
        return Block(key="attention", heading="Needs attention", rows=(unread.nothing(desk),))
    return Block(
        key="attention",
        heading="Needs attention",
        aside=_counted(len(lines), total),
        rows=lines,
        groups=groups,
    )


def _counted(shown: int, total: int) -> str:
    """ "6", or "4 of 6" where fewer stand open: the number and the rows under it agree."""
    return str(total) if shown == total else f"{shown} of {total}"


def in_short_frame(block: Block) -> str:
    """ "4 of 6", where a short frame leaves all abnormal rows but the first to the tables beside; "" when it leaves none."""
    beside = sum(1 for row in block.rows if row.level == "ab") - 1
    if beside < 1:
        return ""
    total = len(block.rows) + sum(group.count for group in block.groups)
    return _counted(len(block.rows) - beside, total)


def _named(desk: Desk, room: int) -> int:
    """How many new abnormal results are named here: they stand in their table too, what waits, is overdue or differs
    stands nowhere else, so the results give way, all but the first."""
    waiting = len(_pending(desk)) + len(_overdue(desk)) + len(_differences(desk))
    return max(1, min(_OPEN_ABNORMAL, room - waiting - len(_together(desk))))


def _results(desk: Desk, floor: str) -> list[ListRow]:
    found = []
    for entry in desk.on_floor(floor):
        if entry.kind == "series":
            found.append(_result(desk, entry))
        elif entry.kind in ("report", "procedure", "microbiology"):
            found.append(_item(desk, entry, "alert"))
    return found


def _result(desk: Desk, entry: Ranked) -> ListRow:
    row, point = desk.series[entry.key], desk.urgent_point(entry)
    latest = point.record
    newest = point is row.latest
    shown = together.shown(desk.judge, row) if newest else values.shown(desk.judge, latest)
    before = delta.compared_with(desk, row) if newest else None
    was = values.was(desk.judge, before, latest) if before is not None else ""
    parts = [
        Part(text=f"{desk.called(row)} "),
        *rows.value_parts(shown)[: -1 if shown.unit else None],
    ]
    if was:
        parts.append(Part(text=f", was {was}"))
    if newest and (also := together.also(desk.judge, row)):
        parts.append(Part(text=f", {also}"))
    if latest.status == "preliminary":
        parts.append(Part(text=", preliminary"))
    if row.points and row.undated:
        parts.append(Part(text=_without_a_time(desk, row), muted=True))
    return ListRow(
        key=f"attention-{row.key}",
        parts=tuple(parts),
        glyph="alert",
        when=desk.when_short(latest.taken).removeprefix("today "),
        level=shown.level,
        sources=point_tokens(point),
        score=entry.score,
        href=f"#row-{row.key}",
    )


def _without_a_time(desk: Desk, row: Series) -> str:
    """Values that have no place in time may be why a row stands here; the first two are said."""
    said = [values.shown(desk.judge, point.record) for point in row.undated]
    told = ", ".join(f"{one.text} {one.flag}".strip() for one in said[:2])
    more = " and more" if len(said) > 2 else ""
    return f"; without a usable time: {told}{more}"


def _item(desk: Desk, entry: Ranked, glyph: str) -> ListRow:
    item = desk.items[entry.key]
    said = microbiology.result(item) if item.kind == "microbiology" else studies.finding(item.lead)
    text = names.test(item.label) or "report"
    return ListRow(
        key=f"attention-{item.key}",
        parts=(Part(text=text), *((Part(text=f": {said}"),) if said else ())),
        glyph="pending" if glyph == "pending" else "alert",
        when=desk.when_short(studies.time_of(item.lead)),
        sources=item_tokens(item),
        score=entry.score,
        href=f"#row-{item.key}",
    )


def _pending(desk: Desk) -> list[ListRow]:
    found = []
    for entry in desk.on_floor("pending"):
        if entry.kind == "series":
            row = desk.series[entry.key]
            since = desk.when_short(row.latest.record.taken)
            word = "preliminary" if row.latest.record.status == "preliminary" else "pending"
            found.append(
                _pending_row(desk, entry, desk.called(row), word, since, point_tokens(row.latest))
            )
        elif entry.key in desk.items:
            item = desk.items[entry.key]
            since = desk.when_short(_when(item))
            word = _status_word(item)
            found.append(
                _pending_row(
                    desk, entry, names.test(item.label) or "order", word, since, item_tokens(item)
                )
            )
    return found


def _when(item: Item) -> FhirTime | None:
    record = item.lead
    return record.authored if isinstance(record, Order) else studies.time_of(record)


def _status_word(item: Item) -> str:
    status = getattr(item.lead, "status", "")
    if status == "active":
        return "ordered, no result yet"
    return "preliminary" if status in ("preliminary", "partial") else "pending"


def _pending_row(
    desk: Desk, entry: Ranked, name: str, word: str, since: str, tokens: Sequence[str]
) -> ListRow:
    return ListRow(
        key=f"pending-{entry.key}",
        parts=(Part(text=f"{name} {word}"),),
        glyph="pending",
        when=f"since {since.removeprefix('today ')}" if since else "",
        sources=tuple(tokens),
        score=entry.score,
        href=f"#row-{entry.key}",
    )


def _overdue(desk: Desk) -> list[ListRow]:
    """Overdue exams and tests of this visit; what was never recorded stands in its own place."""
    found = []
    late = [e for e in desk.ranking.ranked if _is_late(e)]
    alike = _by_list(desk, late)
    for entry in late:
        name = desk.name_of(entry)
        found.append(
            ListRow(
                key=f"overdue-{entry.key}",
                parts=(Part(text=f"{name} {entry.due.words or 'overdue'}"),),
                glyph="clock",
                when=_last_done(desk, entry),
                sources=_done_tokens(
                    desk, entry, alike.get(entry.listed[0], ()) if entry.listed else ()
                ),
                score=entry.score,
                href=f"#row-{entry.key}",
            )
        )
    return found


def _is_late(entry: Ranked) -> bool:
    return entry.due.state == "overdue" and entry.importance in ("must", "should")


def _last_done(desk: Desk, entry: Ranked) -> str:
    if entry.kind == "series":
        return desk.when_short(desk.series[entry.key].latest.record.taken)
    return desk.when_short(studies.time_of(desk.items[entry.key].lead))


def _done_tokens(desk: Desk, entry: Ranked, alike: Sequence[Ranked]) -> tuple[str, ...]:
    """Everything that says when it was done last: an exam and its report of that day are one. alike: its namesakes."""
    if entry.kind == "series":
        return point_tokens(desk.series[entry.key].latest)
    day = _last_done(desk, entry)
    found = [one for one in alike if one.key == entry.key or _last_done(desk, one) == day]
    return tuple(
        dict.fromkeys(token for one in found for token in item_tokens(desk.items[one.key]))
    )


def _by_list(desk: Desk, wanted: Sequence[Ranked]) -> dict[str, list[Ranked]]:
    """The items of the chart by what the visit lists them as, for those that are wanted."""
    found: dict[str, list[Ranked]] = {
        e.listed[0]: [] for e in wanted if e.kind != "series" and e.listed
    }
    for one in desk.ranking.ranked if found else ():
        if one.listed and one.listed[0] in found and one.key in desk.items:
            found[one.listed[0]].append(one)
    return found


def _differences(desk: Desk) -> list[ListRow]:
    found = []
    for item in (*desk.chart.allergies, *desk.chart.medications, *desk.chart.problems):
        entry = desk.ranked.get(item.key)
        listed = entry is not None and (entry.importance in ("must", "should") or entry.floor)
        if not item.conflicts or not (listed or item.kind == "allergy"):
            continue
        what = item.conflicts[0].what
        word = "contradicted" if what == "none-known" else f"{what} differs"
        sides = " · ".join(f"{desk.name(server)}: {said}" for server, said in _sides(item))
        found.append(
            ListRow(
                key=f"differs-{item.key}",
                parts=(Part(text=f"{names.product(item.label)} {word}"),),
                glyph="differs",
                lines=(sides,) if item.kind != "allergy" else (),
                when="" if item.kind != "allergy" else _how_many(item),
                sources=item_tokens(item),
                score=entry.score if entry is not None else None,
            )
        )
    return found


def _how_many(item: Item) -> str:
    return fmt.plural(len({server for server, _ in item.conflicts[0].sides}), "source")


def _sides(item: Item) -> list[tuple[str, str]]:
    """What each source says. Products that differ say it already; their doses stand in the row of the medicine."""
    conflict = item.conflicts[0]
    whole = [(server, names.product(said)) for server, said in conflict.sides]
    if conflict.what != "dose":
        return whole
    products = list(dict.fromkeys((server, said.split(", ")[0]) for server, said in whole))
    distinct = {product.lower() for _, product in products}
    if len(distinct) == len(products):
        return products
    shared = {said.partition(", ")[0].lower() for _, said in whole}
    doses = [(server, said.partition(", ")[2]) for server, said in whole]
    return doses if len(shared) == 1 and all(dose for _, dose in doses) else whole


def _together(desk: Desk) -> list[ListRow]:
    """Two facts that belong side by side; no judgement is made (floor: adverse_reaction_meds)."""
    found = []
    for entry in desk.on_floor("adverse_reaction_meds"):
        item = desk.items.get(entry.key)
        words = [r.words for r in entry.reasons if "adverse" in r.rule or "adverse" in r.key]
        if item is not None and words:
            found.append(
                ListRow(
                    key=f"together-{item.key}",
                    parts=(Part(text=words[0]),),
                    glyph="together",
                    sources=item_tokens(item),
                    score=entry.score,
                )
            )
    return found
