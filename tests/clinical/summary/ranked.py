"""A small ranking for tests of the page: the test says what is listed, in which order, and what is on the floor."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from clinical.records import Absent, Chart, Due, Ranked, Ranking, Reason, Visit
from clinical.summary.desk import _ITEM_FIELDS

Listing = Mapping[str, tuple[str, str]]  # label -> (importance, listed id)


def ranking(
    chart: Chart,
    listing: Listing | None = None,
    *,
    floor: Mapping[str, tuple[str, ...]] | None = None,
    due: Mapping[str, Due] | None = None,
    absent: tuple[Absent, ...] = (),
    **visit: Any,
) -> Ranking:
    """Every row and item of the chart once; those in `listing` first, in its order."""
    listing, floor, due = listing or {}, floor or {}, due or {}
    weights = {"must": 60.0, "should": 40.0, "background": 10.0, "": 0.0}
    found = []
    order = list(listing)
    rows = [("series", row.key, row.label) for row in chart.series]
    rows += [(i.kind, i.key, i.label) for f in _ITEM_FIELDS for i in getattr(chart, f)]
    for kind, key, label in rows:
        importance, name = listing.get(label, ("", ""))
        on_floor = floor.get(label, ())
        place = order.index(label) if label in order else 50
        score = weights[importance] + (100.0 if on_floor else 0.0) - place / 100
        found.append(
            Ranked(
                key=key,
                kind=kind,
                score=score,
                reasons=(
                    Reason(
                        key="listed", points=score, words=f"listed as {importance}", rule="test v1"
                    ),
                ),
                importance=importance,  # type: ignore[arg-type]
                listed=(name,) if name else (),
                floor=on_floor,
                due=due.get(label, Due()),
            )
        )
    found.sort(key=lambda entry: (-entry.score, entry.key))
    fields: dict[str, Any] = {
        "contexts": ("diabetes",),
        "titles": ("Diabetes follow-up",),
        "basis": "from appointment reason E11.9",
        "sure": True,
    }
    fields.update(visit)
    return Ranking(
        visit=Visit(**fields),
        ranked=tuple(found),
        absent=absent,
        choices=(("diabetes", "Diabetes follow-up"),),
    )
