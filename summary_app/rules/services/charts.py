"""The charts that somebody who works on rules may try them on: their own openings, through the one door.

A person without patient rights opens the patients of a test EHR like anybody else; there is no other way in.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.conf import settings

from clinical import rank
from clinical.pipeline import Built
from clinical.rank.library import Library
from clinical.records import Ranking
from clinical.summary import summarise
from summary_app.access import door
from summary_app.access.models import User
from summary_app.rules.services import effects, in_force, places, reading
from summary_app.summary import queries as openings
from summary_app.summary.services import gathering, pages

MOST = 6


class ChartName(NamedTuple):
    """One chart to choose. Named by EHR and hour: the name of the patient comes with the preview, through the door."""

    ctx: str
    connection: str
    opened: str
    test: bool


@dataclass(frozen=True)
class Preview:
    """One chart under a draft. now: what is in force there ("version 13", "shipped")."""

    ctx: str
    name: str
    visit: str
    listed: bool
    test: bool
    now: str
    effect: effects.Effect


def mine(user: User, *, now: datetime) -> tuple[ChartName, ...]:
    zone = ZoneInfo(settings.VISIT_LENS_ZONE)
    return tuple(
        ChartName(
            row.pk,
            row.connection.name,
            f"{row.created.astimezone(zone):%H:%M}",
            row.connection.test,
        )
        for row in openings.open_contexts(user.pk, at=now)[:MOST]
    )


def preview(user: User, ctx: str, text: str, *, first: bool, as_of: datetime) -> Preview:
    """The page of an opening now and with this draft. Raises door.NotThere, door.Closed, RuleSetInvalid.

    first: the look is written to the access record; the previews after each key that follow it are the same look.
    """
    if first:
        opening = door.open_context(user, ctx, what="rules", as_of=as_of)
    else:
        opening = door.look_again(user, ctx, as_of=as_of)
    built = pages.built_of(opening, as_of=as_of)
    place = places.where(opening, gathering.sections_of(opening))
    held = in_force.rules_for(place, now=as_of)
    context = reading.read(text).pack.id
    after = ranked(built, reading.with_text(held.library, text), opening, as_of)
    shown = summarise(
        built.chart,
        after,
        states=built.chart.states,
        site=pages.site(),
        viewer=built.viewer,
        as_of=as_of,
    )
    number = held.versions.get(context)
    return Preview(
        ctx=ctx,
        name=shown.strip.name,
        visit=" and ".join(after.visit.titles),
        listed=context in after.visit.contexts,
        test=opening.connection.test,
        now=f"version {number}" if number is not None else "as shipped",
        effect=effects.effect(built.summary, shown, built.ranking, after),
    )


def ranked(built: Built, library: Library, opening: door.Opening, as_of: datetime) -> Ranking:
    """A chart that is there already, under another library."""
    visit = rank.recognise(
        built.chart,
        encounter_id=opening.encounter,
        as_of=as_of,
        library=library,
        chosen=opening.visit_choice or None,
        role=built.viewer.role,
    )
    return rank.rank(
        built.chart,
        visit=visit,
        library=library,
        last_seen=built.viewer.last_seen,
        role=built.viewer.role,
        as_of=as_of,
    )
