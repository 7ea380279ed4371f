"""When this patient was last seen, read from the encounters: by this clinician, else at the launching source."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

import msgspec

from clinical.records import Chart, Encounter
from clinical.summary.inputs import Site, Viewer

_NOT_VISITS = frozenset({"planned", "cancelled", "entered-in-error", "unknown", ""})


def with_last_seen(
    viewer: Viewer, chart: Chart, *, site: Site, launch_server: str, encounter: str, as_of: datetime
) -> Viewer:
    """The viewer with `last_seen` filled in from the chart, unless the caller knows it already."""
    if viewer.last_seen is not None:
        return viewer
    past = list(_past(chart, encounter, as_of))
    own = [(at, record) for at, record in past if _took_part(viewer, record)]
    if own:
        return msgspec.structs.replace(
            viewer, last_seen=max(at for at, _ in own), last_seen_by="you"
        )
    here = [at for at, record in past if record.source.server == launch_server]
    if here:
        return msgspec.structs.replace(
            viewer, last_seen=max(here), last_seen_by=f"at {site.name(launch_server)}"
        )
    return viewer


def _past(chart: Chart, encounter: str, as_of: datetime) -> Iterable[tuple[datetime, Encounter]]:
    """Visits that are over, with the moment they ended (or began, when no end is known)."""
    current = encounter.removeprefix("Encounter/")
    for item in chart.encounters:
        record = item.lead
        if (
            not isinstance(record, Encounter)
            or record.status in _NOT_VISITS
            or record.period is None
        ):
            continue
        if current and record.source.reference == f"Encounter/{current}":
            continue
        at = record.period.end or record.period.start
        if at <= as_of - timedelta(hours=12):
            yield at, record


def _took_part(viewer: Viewer, record: Encounter) -> bool:
    mine = viewer.practitioners.get(record.source.server, ())
    return any(p.reference.target in mine for p in record.participants if p.reference.target)
