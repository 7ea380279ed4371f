"""Searches in an opened chart. The index of a chart is made once and kept while the page stays the same."""

from __future__ import annotations

import threading
from collections import OrderedDict
from datetime import datetime

from clinical.pipeline import Built
from clinical.records import Chart
from clinical.summary.finder import Finder, Found
from clinical.summary.opened import desk_for
from clinical.summary.view_model import Summary
from summary_app.access import door
from summary_app.rules.services import using
from summary_app.summary.services import pages

_KEPT = 4
_indexes: OrderedDict[int, tuple[Chart, Finder]] = OrderedDict()
_lock = threading.Lock()


def find(opening: door.Opening, query: str, *, as_of: datetime) -> Found:
    """What answers the query in everything that was retrieved for this opening. Asks no EHR for anything."""
    built = pages.built_of(opening, as_of=as_of)
    if query.strip():
        using.searched(opening, built, as_of=as_of)
    return _index(built, as_of).find(query)


def summary_of(opening: door.Opening, *, as_of: datetime) -> Summary:
    """The page that the answers belong to."""
    return pages.page_of(opening, as_of=as_of).summary


def _index(built: Built, as_of: datetime) -> Finder:
    key = id(built.chart)
    with _lock:
        known = _indexes.get(key)
        # The chart is held beside its index: as long as it is, no other one can have its id.
        if known is not None and known[0] is built.chart:
            _indexes.move_to_end(key)
            return known[1]
    desk = desk_for(built.chart, built.ranking, site=pages.site(), viewer=built.viewer, as_of=as_of)
    made = Finder(desk)
    with _lock:
        _indexes[key] = (built.chart, made)
        while len(_indexes) > _KEPT:
            _indexes.popitem(last=False)
    return made


def forget() -> None:
    with _lock:
        _indexes.clear()
