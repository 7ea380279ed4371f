"""What a reader explores: the figure of a row, and laboratory results by date. Asks no EHR for anything."""

from __future__ import annotations

from datetime import datetime

from clinical.summary.explore import DARK, LIGHT, Explored, explore
from clinical.summary.lab_sheet import LabSheet, lab_sheet
from clinical.summary.opened import desk_for
from summary_app.access import door
from summary_app.summary.services import pages


def figure(
    opening: door.Opening, key: str, beside: str, *, dark: bool, as_of: datetime
) -> Explored | None:
    """One series, or two on the same time axis; None when this chart has no such series to draw."""
    built = pages.built_of(opening, as_of=as_of)
    desk = desk_for(built.chart, built.ranking, site=pages.site(), viewer=built.viewer, as_of=as_of)
    return explore(desk, key, beside, palette=DARK if dark else LIGHT)


def sheet(
    opening: door.Opening, *, most: int, start: str, before: str, after: str, as_of: datetime
) -> LabSheet:
    """Laboratory results by panel and date; tokens of columns hold for this opening only."""
    built = pages.built_of(opening, as_of=as_of)
    desk = desk_for(built.chart, built.ranking, site=pages.site(), viewer=built.viewer, as_of=as_of)
    return lab_sheet(desk, salt=opening.id, most=most, start=start, before=before, after=after)
