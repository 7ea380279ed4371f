"""The product's records in the order of the International Patient Summary, for comparison only.

`gunicorn tests.bench.ips:application` serves it. Sections stand in the order of the IPS composition, each newest
first and whole: no lists, no groups, no safety line. Frame, rows and width are the product's own.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from clinical import pipeline
from clinical.rank.entries import active_problem, current_medicine, moment, stamp
from clinical.records import Chart, Item, Ranking, Series
from clinical.summary import rows, spark
from clinical.summary.desk import Desk, item_tokens
from clinical.summary.states import States
from clinical.summary.view_model import Block, LabRow, LastPlan, ListRow, Part, Summary
from tests.bench.unranked import newest_first

# key of the block: its heading, in the order of the IPS, cut into three columns
_SECTIONS = {
    "allergies": "Allergies and intolerances", "medications": "Medication summary", "problems": "Problems",
    "immunizations": "Immunizations", "labs": "Results", "procedures": "History of procedures",
    "devices": "Medical devices", "vitals": "Vital signs", "past": "Past illnesses", "plan": "Plan of care",
    "social": "Social history and function", "family": "Family history", "alerts": "Alerts",
}  # fmt: skip
_COLUMNS = (tuple(_SECTIONS)[:3], tuple(_SECTIONS)[3:6], tuple(_SECTIONS)[6:])
_summarise = pipeline.summarise


def in_order(
    chart: Chart, ranking: Ranking, *, states: Any, as_of: datetime, **more: Any
) -> Summary:
    """The same chart; what the product says of its own accord is left out."""
    made = _summarise(chart, ranking, states=states, as_of=as_of, **more)
    if made.stop:
        return made
    site = more["site"]
    first = chart.patients[0].source.server if chart.patients else ""
    known = States(states, site, ZoneInfo(site.zone), first)
    desk = Desk(chart, ranking, site=site, viewer=more["viewer"], as_of=as_of, states=known)
    found = _sections(desk)
    blocks = tuple(Block(key=k, heading=_SECTIONS[k], rows=tuple(found[k])) for k in _SECTIONS)
    return msgspec.structs.replace(
        made, safety=(), one_liner=(), plan=LastPlan(), blocks=blocks, columns=_COLUMNS, history=()
    )


def _sections(desk: Desk) -> dict[str, Sequence[LabRow | ListRow]]:
    chart = desk.chart
    measured = {name: [r for r in chart.series if r.category == name] for name in ("vital-signs", "social-history", "survey")}  # fmt: skip
    labs = [row for row in chart.series if row.category not in measured]
    reports = [*chart.reports, *chart.cultures, *chart.studies]
    return {
        "allergies": _list(desk, chart.allergies),
        "medications": _list(desk, filter(current_medicine, chart.medications)),
        "problems": _list(desk, filter(active_problem, chart.problems)),
        "immunizations": _list(desk, chart.immunizations),
        "labs": [*_table(desk, labs), *_list(desk, reports)],
        "procedures": _list(desk, chart.procedures),
        "devices": _list(desk, chart.devices),
        "vitals": _table(desk, measured["vital-signs"]),
        "past": _list(desk, (one for one in chart.problems if not active_problem(one))),
        "plan": _list(desk, (*chart.care_plans, *chart.goals, *chart.orders)),
        "social": [_line(desk, r) for r in _newest([*measured["social-history"], *measured["survey"]])],
        "family": _list(desk, chart.family),
        "alerts": _list(desk, chart.flags),
    }  # fmt: skip


def _newest(found: Sequence[Series]) -> list[Series]:
    return sorted(found, key=lambda r: (stamp(r.latest.record.taken), r.key), reverse=True)


def _table(desk: Desk, found: Sequence[Series]) -> list[LabRow]:
    window = spark.window(desk.as_of, desk.visit.setting)
    return [rows.lab_row(desk, row, window) for row in _newest(found)]


def _line(desk: Desk, row: Series) -> ListRow:
    return rows.series_line(desk, row)


def _list(desk: Desk, found: Iterable[Item]) -> list[ListRow]:
    newest = sorted(found, key=lambda item: (stamp(moment(item)), item.key), reverse=True)
    return [
        ListRow(
            key=item.key,
            parts=(Part(text=item.label),),
            when=desk.when_short(moment(item)),
            sources=item_tokens(item),
        )
        for item in newest
    ]


def __getattr__(name: str) -> Any:
    """`application`: only a server that asks for it changes the order, never an import of this module."""
    if name != "application":
        raise AttributeError(name)
    from clinical import rank
    from config.wsgi import application

    rank.rank = newest_first  # both are looked up at every page
    setattr(pipeline, "summarise", in_order)  # noqa: B010
    return application
