"""A draft on the charts of the person who writes it: the one in focus drawn, the others in counts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from clinical.rank.ruleset_text import write
from summary_app.access import door
from summary_app.access.models import User
from summary_app.rules.models import RuleSetVersion
from summary_app.rules.services import charts, drafts, drawn, effects


@dataclass(frozen=True)
class Tried:
    """chosen: the chart that is drawn, None when the person has none open. words: what the draft does to it."""

    mine: tuple[charts.ChartName, ...]
    chosen: charts.Preview | None
    drawings: tuple[drawn.Drawn, ...] = ()
    words: str = ""


@dataclass(frozen=True)
class Counted:
    """One of the other charts. effect: None when it may not be looked at any more."""

    chart: charts.ChartName
    effect: effects.Effect | None


def in_counts(user: User, text: str, *, as_of: datetime) -> tuple[Counted, ...]:
    """What the draft does to each chart of this person, in counts. Raises RuleSetInvalid."""
    found = []
    for one in charts.mine(user, now=as_of):
        try:
            effect = charts.preview(user, one.ctx, text, first=True, as_of=as_of).effect
        except (door.NotThere, door.Closed):
            effect = None
        found.append(Counted(one, effect))
    return tuple(found)


def text_of(version: RuleSetVersion, table: Mapping[str, Any]) -> str:
    """The text that would be saved."""
    return write({**table, "version": version.number, "reviewed": drafts.NEW_REVIEW})


def on_charts(user: User, text: str, ctx: str, *, first: bool, as_of: datetime) -> Tried:
    """ctx: the opening in focus, "" = the newest. A chart that may not be looked at any more is left out. Raises RuleSetInvalid."""
    mine = charts.mine(user, now=as_of)
    wanted = next((one for one in mine if one.ctx == ctx), mine[0] if mine else None)
    if wanted is None:
        return Tried((), None)
    try:
        found = charts.preview(user, wanted.ctx, text, first=first, as_of=as_of)
    except (door.NotThere, door.Closed):
        return Tried(tuple(one for one in mine if one.ctx != wanted.ctx), None)
    return Tried(mine, found, drawn.drawings(found.effect), drawn.sentence(found.effect))
