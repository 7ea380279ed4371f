"""The product with ranking switched off, for comparison only: every entry alike, newest first.

`gunicorn tests.bench.unranked:application` serves the same pages; nothing of this is part of the product.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec

from clinical import rank
from clinical.rank.entries import moment
from clinical.records import Ranked, Ranking, Reason, Series

_NEVER = datetime(1900, 1, 1, tzinfo=UTC)
_WHY = (Reason(key="unranked", points=0.0, words="newest first", rule="ranking is off"),)
_ranked = rank.rank


def newest_first(chart: Any, **more: Any) -> Ranking:
    """The same entries without order of relevance, without lists and without a safety floor."""
    made = _ranked(chart, **more)
    times = {row.key: _taken(row) for row in chart.series}
    for name in ("problems", "medications", "reports", "documents", "procedures", "immunizations"):
        for item in getattr(chart, name):
            time = moment(item)
            times[item.key] = time.start if time is not None else _NEVER
    plain = [_plain(one, times.get(one.key, _NEVER)) for one in made.ranked]
    plain.sort(key=lambda one: (-one.score, one.key))
    return msgspec.structs.replace(made, ranked=tuple(plain), absent=())


def _plain(one: Ranked, at: datetime) -> Ranked:
    return msgspec.structs.replace(
        one, score=at.timestamp() / 86400, reasons=_WHY, importance="should", floor=()
    )


def _taken(row: Series) -> datetime:
    taken = row.latest.record.taken
    return taken.start if taken is not None else _NEVER


def __getattr__(name: str) -> Any:
    """`application`: only a server that asks for it switches the ranking off, never an import of this module."""
    if name != "application":
        raise AttributeError(name)
    from config.wsgi import application

    rank.rank = newest_first  # the pipeline looks the function up at every page
    return application
