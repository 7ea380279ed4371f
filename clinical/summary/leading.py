"""Which results open the one-liner, and their words: critical ones, new abnormal ones, a pregnancy that only a result says."""

from __future__ import annotations

from collections.abc import Sequence

from clinical.records import FhirTime, Ranked
from clinical.summary import fmt, microbiology, names, studies, values
from clinical.summary.desk import Desk, item_tokens, point_tokens
from clinical.summary.view_model import Level, Part

_FINDING = 60  # characters of what a culture or a report says
_RESULTS = frozenset({"series", "microbiology", "report"})


def leading(desk: Desk) -> tuple[list[Ranked], list[Ranked]]:
    """Critical results, and what is told beside them, each most urgent first.

    That is new abnormal ones, and right after what opens it a pregnancy of which no problem speaks: it changes what
    every medicine means.
    """
    critical = [one for one in desk.on_floor("critical_values") if one.kind in _RESULTS]
    keys = {one.key for one in critical}
    fresh = [
        one
        for one in desk.on_floor("new_abnormal")
        if one.kind in _RESULTS and one.key not in keys and _has_a_place(desk, one)
    ]
    today = [one for one in fresh if _of_today(desk, _time_of(desk, one))]
    told = today if critical or today else fresh[:1]
    place = 0 if critical else 1
    pregnancy = [one for one in _pregnancy(desk) if one not in (*critical, *told)]
    return critical, [*told[:place], *pregnancy, *told[place:]]


def _pregnancy(desk: Desk) -> list[Ranked]:
    """The result that says so, when no problem of the chart does: the problem tells it better."""
    found = desk.on_floor("pregnancy")
    if any(one.kind == "problem" for one in found):
        return []
    return [one for one in found if one.kind == "series" and _has_a_place(desk, one)][:1]


def _has_a_place(desk: Desk, entry: Ranked) -> bool:
    """A value whose date cannot be right stands under "needs attention" and opens nothing (rule 38)."""
    if entry.kind != "series":
        return True
    point = desk.urgent_point(entry)
    if point.record.taken is None:
        return True
    return any(one is point for one in reversed(desk.series[entry.key].points))


def _of_today(desk: Desk, taken: FhirTime | None) -> bool:
    """Or of the last 24 hours: at midnight the results of a night do not become old ones."""
    if taken is None:
        return False
    return desk.when_short(taken).startswith("today") or fmt.within_a_day(taken, desk.as_of)


def _time_of(desk: Desk, entry: Ranked) -> FhirTime | None:
    if entry.kind == "series":
        return desk.urgent_point(entry).record.taken
    return studies.time_of(desk.items[entry.key].lead)


def said(desk: Desk, entry: Ranked) -> tuple[Part, ...]:
    return _result(desk, entry) if entry.kind == "series" else _finding(desk, entry)


def _result(desk: Desk, entry: Ranked) -> tuple[Part, ...]:
    """ "Potassium 5.9 H today, preliminary, haemolysed sample"."""
    row, point = desk.series[entry.key], desk.urgent_point(entry)
    shown = values.shown(desk.judge, point.record)
    tokens, href = point_tokens(point), f"#row-{row.key}"
    level, notes = shown.level, [_when(desk, point.record.taken)]
    if desk.floor(entry.key, "critical_values") and level != "crit":
        level = "crit"
        notes.append("critical")
    if shown.status and "calc" not in shown.status:
        notes.append("preliminary" if shown.status.startswith("prelim") else shown.status)
    notes += [names.sample(note) for note in point.record.notes if names.sample(note)][:1]
    return (
        Part(text=f"{desk.called(row)} ", sources=tokens, href=href),
        Part(
            text=f"{shown.text} {shown.flag}".strip(),
            level=level,
            strong=True,
            sources=tokens,
            href=href,
        ),
        Part(text=f" {', '.join(notes)}", sources=tokens, href=href),
    )


def _when(desk: Desk, taken: FhirTime | None) -> str:
    if taken is None:
        return "time unknown"
    when = desk.when_short(taken)
    return "today" if when.startswith("today") else when


def _finding(desk: Desk, entry: Ranked) -> tuple[Part, ...]:
    """A culture or report: its name, what it says in whole statements, and when."""
    item = desk.items[entry.key]
    tokens, href = item_tokens(item), f"#row-{item.key}"
    culture = item.kind == "microbiology"
    found = microbiology.statements(item) if culture else (studies.finding(item.lead),)
    status = microbiology.status(item) if culture else ""
    level: Level = "crit" if desk.floor(entry.key, "critical_values") else "ab"
    kept = whole(found)
    words = "; ".join(kept) or ("critical" if level == "crit" else "abnormal")
    more = "" if len(kept) == len(found) else "more in its row" if kept else "words in its row"
    tail = [_when(desk, _time_of(desk, entry)), status, more]
    return (
        Part(text=f"{names.test(item.label) or 'Report'} ", sources=tokens, href=href),
        Part(text=words, level=level, strong=True, sources=tokens, href=href),
        Part(text=f" {', '.join(part for part in tail if part)}", sources=tokens, href=href),
    )


def whole(found: Sequence[str], most: int = _FINDING) -> tuple[str, ...]:
    """The first statements that fit in `most` characters. None is ever cut: its end may turn its meaning.

    >>> whole(("Escherichia coli", "“Sensitive to ceftriaxone.”"), 30)
    ('Escherichia coli',)
    """
    kept: list[str] = []
    for text in found:
        plain = " ".join(text.split())
        if not plain or len("; ".join([*kept, plain])) > most:
            break
        kept.append(plain)
    return tuple(kept)
