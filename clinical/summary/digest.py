"""The must-see vitals and scores in one line: in a short frame their table lies below the labs, out of view."""

from __future__ import annotations

from collections.abc import Sequence

from clinical.records import Series
from clinical.summary import delta, tables, together, values
from clinical.summary.desk import Desk, point_tokens
from clinical.summary.view_model import Part, SlotLine

_SAYS_NOTHING = frozenset({"", "none new", "first"})


def build(desk: Desk, told: Sequence[Part | SlotLine] = ()) -> tuple[Part, ...]:
    """ "Blood pressure 148/86 +12/+4, mean of last 5: 143/84 · Weight 84.1 kg +2.3": in the order of the table.

    told: what the lines above say; a value that stands there is not said again.
    """
    parts: list[Part] = []
    said: dict[str, str] = {}
    for part in told:
        for token in part.sources:
            said[token] = f"{said.get(token, '')} {part.text}"
    table = tables.Table(desk, "vitals")
    for row in (*table.clocked, *table.must):
        if values.shown(desk.judge, row.latest.record).text in said.get(
            row.latest.record.source.token, ""
        ):
            continue
        if parts:
            parts.append(Part(text=" · "))
        parts += _row(desk, row)
    return tuple(parts)


def _apart(desk: Desk, row: Series, moved: str) -> list[Part]:
    """The day unless it is today; where nothing is new, the value before: "(24-Aug, was 32)"."""
    latest = row.latest.record
    when = desk.when_short(latest.taken) or "no date"
    said = [Part(text=when)] if not when.startswith("today") else []
    earlier = together.earlier(row)
    if moved in _SAYS_NOTHING and earlier is not None and not latest.components:
        was = values.was(desk.judge, earlier.record, latest)
        if was:
            said.append(Part(text=f"was {was}", sources=point_tokens(earlier)))
    if not said:
        return []
    between = [Part(text=", ")] if len(said) > 1 else []
    return [Part(text=" ("), said[0], *between, *said[1:], Part(text=")")]


def _row(desk: Desk, row: Series) -> list[Part]:
    """Name, value, change since the last visit; of the pressure also the mean."""
    latest = row.latest.record
    shown = together.shown(desk.judge, row)
    tokens, href = point_tokens(row.latest), f"#row-{row.key}"
    value = f"{shown.text} {shown.unit} {shown.flag}".replace("  ", " ").strip()
    name = desk.called(row)
    found = [
        Part(text=f"{name} ", sources=tokens, href=href),
        Part(text=value, strong=True, level=shown.level, sources=tokens, href=href),
    ]
    if shown.status:
        found.append(Part(text=f" {shown.status}", href=href))
    moved = delta.since(desk, row)
    if moved not in _SAYS_NOTHING:
        found.append(Part(text=f" {moved}", href=href))
    if also := together.also(desk.judge, row):
        found.append(Part(text=f", {also}", href=href))
    found += _apart(desk, row, moved)
    if latest.components and row.label == "Blood pressure" and (mean := tables.pressure_mean(desk)):
        found.append(Part(text=f", {mean.removeprefix('BP ')}"))
    return found
