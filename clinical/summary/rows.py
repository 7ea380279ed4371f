"""Lab, vital and score rows: one grid for all of them (look part 4)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from clinical.records import Ranked, Series
from clinical.summary import delta, fmt, level, spark, together, values
from clinical.summary.desk import Desk, point_tokens, series_tokens
from clinical.summary.fold import ON_THE_LINE
from clinical.summary.view_model import LabRow, ListRow, Part

# Beside the value while nobody has confirmed what a source's own code means.
MAPPED = {"suggested": "matched by name"}
# Beside a row that is called like a listed item while nobody and nothing says that it is that item.
NOT_MATCHED = "not matched"


def lab_row(
    desk: Desk,
    row: Series,
    window: spark.Window,
    *,
    ticks: Sequence[tuple[datetime, str]] = (),
    mark: str = "",
) -> LabRow:
    """One series as a row with its trend. ticks: (moment, words) of changes of a medicine that acts on it.

    mark: what is said beside the value of where its name comes from, when `MAPPED` has no word for it.
    """
    entry = desk.ranked.get(row.key)
    latest = row.latest.record
    shown = together.shown(desk.judge, row)
    comment = _comment(desk, row, shown.text, [words for _, words in ticks])
    drawn = spark.draw(
        desk.judge, row, window, last_seen=desk.last_seen, ticks=[moment for moment, _ in ticks]
    )
    return LabRow(
        key=row.key,
        anchor=f"row-{row.key}",
        name=desk.called(row),
        value=shown.text,
        flag=shown.flag,
        level=shown.level,
        unit=shown.unit,
        status=" ".join(filter(None, (shown.status, MAPPED.get(row.mapping, mark)))),
        since=_since(desk, row, entry),
        spark=drawn,
        date=desk.when(latest.taken),
        age=_age(desk, row),
        range=values.range_text(desk.judge, latest),
        source=desk.name(latest.source.server),
        sources=series_tokens(row),
        comment=comment,
        score=entry.score if entry is not None else None,
        reasons=reasons(entry),
        importance=entry.importance if entry is not None else "",
        value_parts=shown.parts,
        second=_conflict(desk, row) or together.also(desk.judge, row),
    )


def _since(desk: Desk, row: Series, entry: Ranked | None) -> str:
    if (
        entry is not None
        and entry.due.state == "overdue"
        and not desk.is_new(row.latest.record.taken)
    ):
        return "overdue"
    return delta.since(desk, row)


def _age(desk: Desk, row: Series) -> str:
    """How long ago; "" for a time ahead of now, of which the line under the row says that it is wrong."""
    words = desk.ago(row.latest.record.taken)
    return "" if words == fmt.AHEAD and words in desk.judge.doubt(row.latest.record) else words


def _comment(desk: Desk, row: Series, value: str, drugs: Sequence[str]) -> str:
    """The second line: what the laboratory wrote, why a value is doubtful, which medicine changed on the line.

    A comment that is the result itself, word for word, is not said twice.
    """
    latest = row.latest.record
    said = latest.notes[0] if latest.notes else ""
    quoted = f"Lab comment: “{said}”" if said and said != value else ""
    doubt = desk.judge.doubt(latest) or level.jump(row)
    quoted = f"{quoted} Implausible: {doubt}." if doubt else quoted
    aside = _impossible(desk, row)
    quoted = f"{quoted} {aside}".strip() if aside else quoted
    judged = desk.judge.flag(latest)
    if judged.disagreement:
        quoted = f"{quoted} Flag and range disagree: {judged.why}."
    on_line = f"{ON_THE_LINE} {', '.join(drugs)}." if drugs else ""
    return " ".join(part for part in (quoted, on_line) if part).strip()


def _impossible(desk: Desk, row: Series) -> str:
    """Values that no row shows as its latest, because their time cannot be right: how many there are."""
    if not row.points or not row.undated:
        return ""
    count = sum(1 for p in row.undated if p.record.taken is not None and desk.judge.doubt(p.record))
    return (
        f"{fmt.plural(count, 'value')} with an impossible time, see the opened row."
        if count
        else ""
    )


def _conflict(desk: Desk, row: Series) -> str:
    """Two values for the latest moment: the other one, beside its source."""
    latest = row.latest.record.taken
    for found in row.conflicts:
        if latest is not None and found.what.endswith(latest.start.isoformat()):
            return "sources differ: " + " · ".join(
                f"{desk.name(server)} {said}" for server, said in found.sides
            )
    return ""


def series_line(desk: Desk, row: Series) -> ListRow:
    """A series in one line of a closed group: name, value, date."""
    shown = together.shown(desk.judge, row)
    entry = desk.ranked.get(row.key)
    return ListRow(
        key=row.key,
        parts=(Part(text=f"{desk.called(row)} "), *value_parts(shown), *_marks(desk, row)),
        when=desk.when(row.latest.record.taken),
        level=shown.level,
        sources=tokens_of_latest(row),
        score=entry.score if entry is not None else None,
        reasons=reasons(entry),
    )


def tokens_of_latest(row: Series) -> tuple[str, ...]:
    """`data-source` tokens of the latest value, then of those that are said with it."""
    points = (row.latest, *together.beside(row))
    return tuple(dict.fromkeys(token for point in points for token in point_tokens(point)))


def _marks(desk: Desk, row: Series) -> tuple[Part, ...]:
    """What must be said of a value even where there is room for one line only."""
    doubt = desk.judge.doubt(row.latest.record) or level.jump(row)
    words = [MAPPED.get(row.mapping, ""), f"implausible: {doubt}" if doubt else ""]
    also = together.also(desk.judge, row)
    words.append(f"({also})" if also else "")
    return tuple(Part(text=f" {word}", muted=True) for word in words if word)


def value_parts(shown: values.Shown) -> tuple[Part, ...]:
    """Value, flag and unit as a run of text: "5.9 H mmol/L" with the first two coloured."""
    flagged = f"{shown.text} {shown.flag}".strip()
    parts = shown.parts or (Part(text=flagged, level=shown.level, strong=bool(shown.level)),)
    return (*parts, Part(text=f" {shown.unit}", muted=True)) if shown.unit else parts


def reasons(entry: Ranked | None) -> tuple[str, ...]:
    """Why something is here, most weighty first."""
    if entry is None:
        return ()
    ordered = sorted(entry.reasons, key=lambda reason: (-reason.points, reason.key))
    return tuple(reason.words for reason in ordered)
