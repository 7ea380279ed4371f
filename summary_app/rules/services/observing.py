"""What the rules learn from a finished page: which codes exist here, and what a silent version would have shown."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from functools import partial

from django.db import transaction
from django.db.models import F

from clinical import codes
from clinical.pipeline import Built
from clinical.rank.matching import entries
from clinical.records import Chart, Concept
from summary_app.access.door import Opening
from summary_app.connections import queries as connections
from summary_app.rules.models import CodeSeen
from summary_app.rules.services import behind, places, shadowing

Key = tuple[str, str, str]  # (connection key, system, code)
_SYSTEMS = frozenset({codes.LOINC, codes.SNOMED, codes.RXNORM, codes.CVX, codes.ICD10CM})
_MOST_CODES = 3000  # of one chart
_REMEMBERED = 5000
_KEPT = timedelta(days=120)
_counted: OrderedDict[bytes, None] = OrderedDict()


def page_made(opening: Opening, built: Built, *, as_of: datetime) -> None:
    """Called once for each finished page; returns at once. The thread behind writes counts, nothing of the patient."""
    where = places.of_chart(opening, built.chart)
    shadowing.note(opening, built, where, as_of=as_of)
    week = (as_of - timedelta(days=as_of.weekday())).date()
    if _is_new(opening, week):
        behind.later(partial(count, built.chart, week))


def count(chart: Chart, week: date) -> int:
    """Counts each code of one chart once; returns how many there were."""
    found = dict(_codes(chart))
    ids = {each.key: each.pk for each in connections.active()}
    rows = [
        CodeSeen(
            connection_id=ids[server], system=system, code=code[:100], name=name[:300], week=week
        )
        for (server, system, code), name in list(found.items())[:_MOST_CODES]
        if server in ids
    ]
    with transaction.atomic():
        CodeSeen.objects.bulk_create(rows, ignore_conflicts=True, batch_size=500)
        for connection_id in {row.connection_id for row in rows}:
            mine = [row.code for row in rows if row.connection_id == connection_id]
            for start in range(0, len(mine), 500):
                CodeSeen.objects.filter(
                    connection_id=connection_id, week=week, code__in=mine[start : start + 500]
                ).update(charts=F("charts") + 1)
        CodeSeen.objects.filter(week__lt=week - _KEPT).delete()
    return len(rows)


def forget() -> None:
    _counted.clear()


def _is_new(opening: Opening, week: date) -> bool:
    """Whether this process has not counted the chart in this week. Kept as a hash, in memory only."""
    key = hashlib.sha256(f"{opening.connection.pk}/{opening.patient}/{week}".encode()).digest()
    if key in _counted:
        return False
    _counted[key] = None
    while len(_counted) > _REMEMBERED:
        _counted.popitem(last=False)
    return True


def _codes(chart: Chart) -> Iterator[tuple[Key, str]]:
    for row in chart.series:
        for point in row.points:
            yield from _of(point.record.source.server, point.record.concept)
    for entry in entries(chart):
        for record in entry.members:
            concept = getattr(record, "concept", None)
            if isinstance(concept, Concept):
                yield from _of(record.source.server, concept)


def _of(server: str, concept: Concept) -> Iterable[tuple[Key, str]]:
    for coding in concept.codings:
        if coding.system not in _SYSTEMS or not coding.code:
            continue
        name = coding.display or concept.text
        if coding.system != codes.ICD10CM:
            yield (server, coding.system, coding.code), name
            continue
        plain = coding.code.replace(
            ".", ""
        ).upper()  # rules name categories, so every category counts
        for length in range(3, len(plain) + 1):
            yield (server, coding.system, plain[:length]), name if length == len(plain) else ""
