"""`summarise`: chart and ranking as the page prints them. Every word of the first screen is made here or below."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from clinical.records import Chart, Ranking, SearchState, Section
from clinical.summary import (
    answers,
    attention,
    clock,
    diagnoses,
    fmt,
    fold,
    history,
    ledger,
    lists,
    oneliner,
    plan,
    safety,
    since,
    spark,
    strip,
    tables,
    ticks,
    visitbar,
)
from clinical.summary.desk import Desk
from clinical.summary.inputs import Site, Viewer
from clinical.summary.states import States
from clinical.summary.view_model import Block, Group, Part, SlotLine, State, Summary

Columns = tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]

_CLINIC: Columns = (
    ("attention", "since", "exams"),
    ("labs", "vitals", "reports"),
    ("medications", "problems"),
)
_ACUTE: Columns = (
    ("attention", "since", "exams"),
    ("vitals", "labs", "reports"),
    ("medications", "problems"),
)
_TIMED = ("clock", "labs", "vitals", "reports")  # the vital signs of an ED visit are on its clock
# Visits that are made of exams and vaccines: theirs come first; and those that compare with earlier ones: second.
_PREVENTIVE = frozenset({"annual_wellness", "well_child"})
_COMPARED = frozenset({"prenatal", "ed_chest_pain"})
_SIDE = {0: "side", 1: "middle", 2: "side"}
_HEADINGS = {
    "exams": "Exams and vaccines", "labs": "Labs for this visit", "vitals": "Vitals and scores",
    "reports": "Reports and notes", "medications": "Medications", "problems": "Problems",
}  # fmt: skip


def summarise(
    chart: Chart,
    ranking: Ranking,
    *,
    states: Sequence[SearchState],
    site: Site,
    viewer: Viewer,
    as_of: datetime,
) -> Summary:
    """The summary of one chart at one moment. Same input, same output.

    states: how every search stands, those still under way included. as_of: aware UTC. No clock is read.
    """
    first = chart.patients[0].source.server if chart.patients else ""
    known = States(states, site, ZoneInfo(site.zone), first, chart.not_shown)
    desk = Desk(chart, ranking, site=site, viewer=viewer, as_of=as_of, states=known)
    window = spark.window(as_of, ranking.visit.setting)
    columns = columns_for(ranking.visit.setting, viewer.role, ranking.visit.contexts)
    timed = clock.plan(desk)
    if timed is not None:
        desk.clocked = timed.keys
        columns = (columns[0], _TIMED, columns[2])
    blocks = _blocks(desk, window, columns, timed)
    past = history.build(desk)
    local = as_of.astimezone(desk.zone)
    slots, line = safety.build(desk), oneliner.build(desk)
    told: list[Part | SlotLine] = [*line, *(said for slot in slots for said in slot.lines)]
    top, visit, last_plan = strip.build(desk), visitbar.build(desk, told), plan.build(desk)
    # After everything that shows an entry: what is shown is counted as shown.
    counted, read = ledger.build(desk, window)
    return Summary(
        strip=top,
        safety=slots,
        visit=visit,
        one_liner=line,
        plan=last_plan,
        blocks=blocks,
        columns=columns,
        history=past,
        ledger=counted,
        as_of=f"{fmt.day(local.date())} {local.strftime('%H:%M')}",
        zone=local.tzname() or site.zone,
        complete=desk.states.complete,
        setting=ranking.visit.setting,
        role=viewer.role,
        stop=strip.stop(desk),
        answers=answers.build(desk, read),
    )


def columns_for(setting: str, role: str, contexts: Sequence[str] = ()) -> Columns:
    """Order of the blocks: vitals lead for a nurse, in the ED and on a ward; exams where the visit turns on them."""
    acute = role == "nurse" or setting in ("ed", "ward")
    usual = _ACUTE if acute else _CLINIC
    if _PREVENTIVE.intersection(contexts[:1]) and not acute:
        return (("exams", "attention", "since"), *usual[1:])
    if _COMPARED.intersection(contexts[:1]):
        return (("attention", "exams", "since"), *usual[1:])
    return usual


def _blocks(
    desk: Desk, window: spark.Window, columns: Columns, timed: clock.Plan | None
) -> tuple[Block, ...]:
    """All blocks, laid out column by column. Exams go first: what they hold is not said again under reports."""
    drafts = {"exams": lists.exams(desk)}
    marks = ticks.for_rows(desk, window)
    found = {key: tables.Table(desk, key) for key in ("labs", "vitals")}
    for key, table in found.items():
        drafts[key] = tables.draft(desk, table, window, ticks=marks)
    drafts["medications"] = lists.medications(desk)
    drafts["problems"] = lists.problem_list(desk)
    drafts["reports"] = lists.reports(desk)
    ready = _beside(desk, drafts["exams"])
    if timed is not None:
        ready["clock"] = clock.build(desk, timed)
    blocks: dict[str, Block] = dict(ready)
    for place, keys in enumerate(columns):
        blocks.update(_column(desk, place, keys, drafts, ready, found, window))
    return tuple(blocks[key] for keys in columns for key in keys)


def _beside(desk: Desk, exams: fold.Draft) -> dict[str, Block]:
    """Attention and since share what the must-see exams of their column leave of it."""
    taken = sum(fold.lines_of(row, "side") for row in exams.fixed) + len(exams.rest)
    room = int(fold.COLUMN_LINES - taken - 3 * fold.HEADING_LINES - 2)
    first = min(max(room - 3, attention.LEAST_ROWS), attention.MOST_ROWS)
    urgent = attention.build(desk, first)
    used = int(sum(fold.lines_of(row, "side") for row in urgent.rows))
    then = min(max(room - used, since.LEAST_ROWS), since.MOST_ROWS)
    return {"attention": urgent, "since": since.build(desk, then)}


def _column(
    desk: Desk,
    place: int,
    keys: Sequence[str],
    drafts: dict[str, fold.Draft],
    ready: dict[str, Block],
    found: dict[str, tables.Table],
    window: spark.Window,
) -> dict[str, Block]:
    """The blocks of one column: what is ready keeps its height, the rest is laid out in what is left."""
    standing = [
        fold.Draft(key=k, fixed=ready[k].rows, rest=ready[k].groups) for k in keys if k in ready
    ]
    wanted = [drafts[key] for key in keys if key in drafts]
    laid = fold.lay_out([*standing, *wanted], _SIDE[place])
    return {d.key: _block(desk, d.key, *laid[d.key], found, window) for d in wanted}


def _block(
    desk: Desk,
    key: str,
    rows: tuple[fold.Row, ...],
    groups: tuple[Group, ...],
    found: dict[str, tables.Table],
    window: spark.Window,
) -> Block:
    fed_by = lists.SECTIONS.get(key) or tables.sections_of(key)
    return Block(
        key=key,
        heading=_heading(desk, key),
        aside=_aside(desk, key, window),
        rows=rows,
        states=_states(desk, fed_by, bool(rows) or bool(groups)),
        groups=groups,
        foot=tables.foot(found[key]) if key in found else "",
        lead=_lead(desk, key),
    )


def _heading(desk: Desk, key: str) -> str:
    if key == "labs" and not desk.visit.sure:
        return "Labs"
    return _HEADINGS[key]


def _aside(desk: Desk, key: str, window: spark.Window) -> str:
    if key == "medications":
        return lists.current_counts(desk)
    if key == "vitals":
        return tables.pressure_mean(desk)
    if key == "problems" and (bare := diagnoses.of_visits(desk)) is not None:
        return bare.aside
    return {"labs": window.words, "problems": "for this visit", "exams": "last done"}.get(key, "")


def _lead(desk: Desk, key: str) -> str:
    """Whether anybody reconciled the medication list: said even when nobody did."""
    if key == "medications" and desk.chart.medications:
        return "As prescribed or reported; no reconciliation recorded"
    return ""


def _states(desk: Desk, fed_by: Iterable[Section], has_rows: bool) -> tuple[State, ...]:
    """The honest states of a block: every source that did not answer whole, or what an empty block means."""
    wanted = tuple(fed_by)
    if has_rows:
        return desk.states.gap_states(wanted)
    return (desk.states.nothing(wanted),)
