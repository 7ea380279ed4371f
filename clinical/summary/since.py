"""Since the patient was last seen: events, medicines and problems; results stand in their table and are counted here."""

from __future__ import annotations

from clinical.records import Section
from clinical.summary import events, wording
from clinical.summary.desk import Desk
from clinical.summary.view_model import Block, Group, ListRow, Part, State

MOST_ROWS = 6
LEAST_ROWS = 2
_NEVER = "since-never"
_NONE = "since-none"
_EXPLAINED = "so nothing is compared"
NO_CHANGE = "No change in what was retrieved"


def build(desk: Desk, most: int = MOST_ROWS) -> Block:
    """The block; "no change" is said, and so is that there is nothing to compare with."""
    arrived = events.since_arrival(desk) if desk.visit.setting in ("ed", "ward") else []
    if arrived:
        return _block(
            "Since arrival",
            [_row(desk, event) for event in arrived],
            "newest first",
            most,
            desk,
            arrived,
        )
    if desk.last_seen is None:
        state = _never(desk)
        row = ListRow(key=_NEVER, parts=(), glyph=state.glyph, state=state, lines=(_EXPLAINED,))
        return Block(key="since", heading="Earlier visits", rows=(row,))
    found = [*events.all_events(desk), *events.new_papers(desk)]
    found.sort(key=lambda event: (-event.at.timestamp(), event.kind, event.key))
    rows = [*_results(desk), *(_row(desk, event) for event in found)]
    count = len(found) + len(events.changed_results(desk))
    heading = f"Since {desk.since_words}"
    if not rows:
        return Block(key="since", heading=heading, rows=(_no_change(desk),))
    aside = f"{count} changes" if count != 1 else "1 change"
    return _block(heading, rows, aside, most, desk, found)


def _no_change(desk: Desk) -> ListRow:
    """That nothing changed is not known of entries that came and could not be read."""
    state = desk.states.review(wording.NO_CHANGE_IN_WHAT_COULD_BE_READ, tuple(Section))
    if state is None:
        return ListRow(key=_NONE, parts=(Part(text=NO_CHANGE),))
    return ListRow(key=_NONE, parts=(), glyph=state.glyph, state=state, sources=state.sources)


def column(block: Block) -> str:
    """What stands over the changes of a table: since when; without an earlier visit each counts from the value before."""
    never = any(row.key == _NEVER for row in block.rows)
    return "Change" if never else block.heading


def _never(desk: Desk) -> State:
    """No earlier visit is known: there is none on record, or the visits were not read whole."""
    gaps = desk.states.gaps((Section.ENCOUNTERS,))
    if not gaps:
        return wording.state(wording.NOTHING_RECORDED, "with you or your department")
    return desk.states.words(gaps[0])


def _block(
    heading: str,
    rows: list[ListRow],
    aside: str,
    most: int,
    desk: Desk,
    found: list[events.Event],
) -> Block:
    desk.taken.update(event.key for event in found)
    opened, closed = rows[:most], rows[most:]
    groups = (
        (Group(label=f"{len(closed)} more", rows=tuple(closed), count=len(closed)),)
        if closed
        else ()
    )
    return Block(key="since", heading=heading, aside=aside, rows=tuple(opened), groups=groups)


def _results(desk: Desk) -> list[ListRow]:
    """Changed results are counted here, and named where they stand."""
    found = events.changed_results(desk)
    if not found:
        return []
    abnormal = sum(1 for row in found if desk.judge.level(row.latest.record))
    noun = "new result" if len(found) == 1 else "new results"
    how = (
        "all abnormal"
        if abnormal == len(found)
        else f"{abnormal} abnormal"
        if abnormal
        else "none abnormal"
    )
    text = f"{len(found)} {noun}, {how}"
    return [
        ListRow(key="since-results", parts=(Part(text=text),), when="see Labs", href="#block-labs")
    ]


def _row(desk: Desk, event: events.Event) -> ListRow:
    return ListRow(
        key=f"since-{event.key}",
        parts=event.parts,
        when=desk.when_short(event.time),
        sources=event.sources,
        score=desk.score(event.key),
    )
