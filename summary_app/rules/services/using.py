"""What the rules learn from use: what was opened, looked for and said to be wrong, counted once in each opening.

Nobody waits for it: the counting is done behind (see `behind`). Nothing of a patient is kept: no id, no value, no opening.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from functools import partial

from django.db import transaction
from django.db.models import F

from clinical import codes
from clinical.pipeline import Built
from clinical.rank.matching import items_of
from clinical.records import Chart
from clinical.summary.view_model import Summary
from summary_app import sealing
from summary_app.access.door import Opening
from summary_app.rules.models import UseCount, UsedBy, UseSeen
from summary_app.rules.services import behind, effects, in_force, needs, places

log = logging.getLogger(__name__)
KEPT = timedelta(days=120)
_SEEN_KEPT = timedelta(days=3)  # an opening ends before
_REMEMBERED = 20_000
_Kind = UseCount.Kind
_LOOKED_FOR = (_Kind.FOUND, _Kind.LEFT_OUT)
_counted: OrderedDict[str, None] = OrderedDict()


def visited(opening: Opening, summary: Summary, *, as_of: datetime) -> None:
    """A whole page was shown. Its department is that of the person: a page that was kept has no chart to ask."""
    if summary.complete and not summary.stop:
        _later(opening, summary.visit.contexts, _Kind.VISIT, None, "", as_of)


def searched(opening: Opening, built: Built, *, as_of: datetime) -> None:
    """Something was looked for in the chart. What it was is not kept."""
    _later(opening, built.ranking.visit.contexts, _Kind.SEARCH, None, "", as_of)


def row_opened(opening: Opening, built: Built, key: str, *, found: bool, as_of: datetime) -> None:
    """found: out of the answers of a search."""
    entry = next((one for one in built.ranking.ranked if one.key == key), None)
    if entry is None:
        return
    kind = _Kind.FOUND if found else _Kind.OPENED
    if not found and not effects.is_shown(entry):
        kind = _Kind.LEFT_OUT
    _later(opening, built.ranking.visit.contexts, kind, built.chart, key, as_of)


def remarked(opening: Opening, built: Built, key: str, *, as_of: datetime) -> None:
    _later(opening, built.ranking.visit.contexts, _Kind.WRONG, built.chart, key, as_of)


def purge(*, today: date) -> None:
    """Forgets what is too old to count."""
    UseCount.objects.filter(day__lt=today - KEPT).delete()
    UsedBy.objects.filter(last__lt=today - KEPT).delete()
    UseSeen.objects.filter(day__lt=today - _SEEN_KEPT).delete()


def forget() -> None:
    _counted.clear()


def _later(
    opening: Opening, contexts: Iterable[str], kind: str, chart: Chart | None, key: str, as_of: datetime
) -> None:  # fmt: skip
    what = (
        "looked for" if kind in _LOOKED_FOR else kind
    )  # both ways are one visit in which it was looked for
    names = {one: _name(opening.id, one, what, key) for one in contexts}
    new = {one: name for one, name in names.items() if _is_new(name)}
    if new and not behind.later(partial(count, opening, new, kind, chart, key, as_of)):
        log.warning("A use of a chart was not counted: there was too much to do")


def _name(*what: str) -> str:
    return hashlib.sha256("\n".join(what).encode()).hexdigest()


def _is_new(name: str) -> bool:
    """Whether this process has not counted it; what another one has is known behind."""
    if name in _counted:
        return False
    _counted[name] = None
    while len(_counted) > _REMEMBERED:
        _counted.popitem(last=False)
    return True


# ---- behind ---------------------------------------------------------------------------------------------------------


def count(
    opening: Opening, names: Mapping[str, str], kind: str, chart: Chart | None, key: str, as_of: datetime
) -> None:  # fmt: skip
    """One more of each context. names: context -> hash of what is counted. Charts of a test EHR count only where every EHR is one.

    A row that is no item of the library counts by its LOINC code; without one, not at all.
    """
    if opening.connection.test and needs.site_is_live():
        return
    item = _item(chart, key) if chart is not None else ""
    if chart is not None and not item:
        return
    contexts = [one for one, name in names.items() if _first(name, as_of.date())]
    department = places.department_of(opening, ())
    rows = [
        UseCount(
            day=as_of.date(), context=one[:40], role=opening.role, department=department, item=item, kind=kind
        )
        for one in contexts
    ]  # fmt: skip
    if not rows:
        return
    with transaction.atomic():
        UseCount.objects.bulk_create(rows, ignore_conflicts=True)
        UseCount.objects.filter(
            day=as_of.date(), context__in=[row.context for row in rows], role=opening.role,
            department=department, item=item, kind=kind,
        ).update(number=F("number") + 1)  # fmt: skip
        if kind in _LOOKED_FOR:
            _by(opening.user_id, [row.context for row in rows], item, as_of.date())


def _first(name: str, day: date) -> bool:
    _, made = UseSeen.objects.get_or_create(name=name, defaults={"day": day})
    return made


def _by(user_id: int, contexts: Iterable[str], item: str, day: date) -> None:
    """One row for each person, also when the site has changed its key since."""
    for context in contexts:
        names = _names(user_id, context, item)
        mine = UsedBy.objects.filter(context=context, item=item, who__in=names)
        if not mine.update(last=day):
            UsedBy.objects.create(context=context, item=item, who=names[0], last=day)


def _names(user_id: int, context: str, item: str) -> list[str]:
    """Under each key of the site, the current one first."""
    what = f"used-by\n{user_id}\n{context}\n{item}".encode()
    keys = sealing.key_ring().values()
    return [hmac.new(key, what, hashlib.sha256).hexdigest()[:32] for key in keys]


def _item(chart: Chart, key: str) -> str:
    """Library id; of the items of this site those that hold anywhere count too."""
    found = items_of(chart, key, in_force.library_of_site())
    if found:
        return found[0][:120]
    row = next((one for one in chart.series if one.key == key), None)
    loinc = [code for system, code in row.codes if system == codes.LOINC] if row is not None else []
    return f"{codes.LOINC}|{min(loinc)}"[:120] if loinc else ""
