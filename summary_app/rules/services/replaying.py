"""A version tried on the stored charts, beside what is in force: in the background, stoppable, taken up again after a kill.

The rows are the truth. Any number of workers take charts from them; a lease ends by itself. Contents stay with whom the
chart is open for; of every other chart only counts are kept, and the look is in the access record either way.
"""

from __future__ import annotations

import dataclasses
import logging
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from clinical import rank
from clinical.rank.library import Library
from clinical.rank.matching import match
from clinical.reconcile import reconcile
from clinical.records import Chart, Ranking
from summary_app import sealing
from summary_app.access import door
from summary_app.access.models import User
from summary_app.quality.services import decisions
from summary_app.rules import queries
from summary_app.rules.models import Replay, ReplayChart, RuleSetVersion
from summary_app.rules.services import effects, in_force, needs, places, reading, steps
from summary_app.rules.services.allowed import Refused
from summary_app.summary import queries as openings
from summary_app.summary.services import gathering, live

log = logging.getLogger(__name__)
MOST = 1000
_CHUNK = 10
_LEASE = timedelta(minutes=2)
_KEPT = timedelta(days=7)


def start(user: User, version: RuleSetVersion | None, *, now: datetime) -> Replay:
    """The rows of a new replay; nothing is read yet. Raises Refused when no chart is stored.

    version: None = the shipped packs together, beside newest first and the floor.
    """
    steps.check(user, "replay", version, now=now)
    if version is not None:
        reading.read(version.text)
    charts = openings.charts_with_snapshot(at=now, most=MOST)
    if not charts:
        raise Refused(
            "No chart is stored at the moment: open some first, or come back in clinic hours."
        )
    with transaction.atomic():
        made = Replay.objects.create(
            version=version,
            text_hash=needs.text_hash(version),
            made_by=user,
            made=now,
            total=len(charts),
        )
        ReplayChart.objects.bulk_create(
            ReplayChart(replay=made, context=context, readable=owner == user.pk)
            for context, owner in charts
        )
        state = version.state if version is not None else ""
        why = f"{len(charts)} charts" if version is not None else f"shipped packs, {len(charts)} charts"  # fmt: skip
        steps.write_down(user, "replay", version, state, state, why, now=now)
    return made


def stop(user: User, replay: Replay, *, now: datetime) -> None:
    """What was counted stays; the rest is not tried."""
    steps.check(user, "replay", replay.version, now=now)
    open_states = (Replay.State.WAITING, Replay.State.RUNNING)
    Replay.objects.filter(pk=replay.pk, state__in=open_states).update(
        state=Replay.State.STOPPED, finished=now
    )


def run(replay_id: int) -> None:
    """Works until nothing is left, somebody stops it, or the draft says something else by now."""
    Replay.objects.filter(pk=replay_id, state=Replay.State.WAITING).update(
        state=Replay.State.RUNNING
    )
    while (replay := queries.replay(replay_id)) and replay.state == Replay.State.RUNNING:
        if needs.text_hash(replay.version) != replay.text_hash:
            Replay.objects.filter(pk=replay_id).update(
                state=Replay.State.STOPPED, finished=timezone.now()
            )
            return
        rows = _claim(replay_id, timezone.now())
        if not rows:
            _finish(replay_id)
            return
        _try_all(replay, rows)


def open_replays() -> list[int]:
    """Replays that are to go on: those whose workers may be gone among them."""
    found = Replay.objects.filter(state__in=(Replay.State.WAITING, Replay.State.RUNNING))
    return list(found.values_list("pk", flat=True))


def purge(*, now: datetime) -> None:
    """Which charts were tried is forgotten with the charts. What is left is how many there were in each department."""
    for replay in Replay.objects.filter(made__lt=now - _KEPT, tried={}):
        with transaction.atomic():
            done = replay.charts.filter(state=ReplayChart.State.DONE)
            rows = list(done.values_list("department", "result"))
            replay.charts.all().delete()
            if not rows:
                replay.delete()
                continue
            replay.tried = {
                "charts": dict(Counter(department for department, _ in rows)),
                "floor_lost": sum(int(result.get("floor_lost", 0)) for _, result in rows),
            }
            if replay.state != Replay.State.DONE:
                replay.state = Replay.State.STOPPED
            replay.save(update_fields=("tried", "state"))


# ---- the rows -------------------------------------------------------------------------------------------------------


def _claim(replay_id: int, now: datetime) -> list[ReplayChart]:
    free = Q(state=ReplayChart.State.WAITING) | Q(state=ReplayChart.State.RUNNING, lease__lt=now)
    mine = ReplayChart.objects.filter(free, replay_id=replay_id)
    keys = list(mine.order_by("pk").values_list("pk", flat=True)[: 3 * _CHUNK])
    taken: list[int] = []
    for key in keys:
        if len(taken) < _CHUNK and ReplayChart.objects.filter(free, pk=key).update(
            state=ReplayChart.State.RUNNING, lease=now + _LEASE
        ):
            taken.append(key)
    return list(ReplayChart.objects.filter(pk__in=taken))


def _finish(replay_id: int) -> None:
    """The last worker closes it; charts that another one still has keep it open for the sweep."""
    waiting = (ReplayChart.State.WAITING, ReplayChart.State.RUNNING)
    if not ReplayChart.objects.filter(replay_id=replay_id, state__in=waiting).exists():
        Replay.objects.filter(pk=replay_id, state=Replay.State.RUNNING).update(
            state=Replay.State.DONE, finished=timezone.now()
        )


def _try_all(replay: Replay, rows: Sequence[ReplayChart]) -> None:
    now = timezone.now()
    found = door.openings_for_replay(replay.made_by, [row.context for row in rows], as_of=now)
    for row in rows:
        opening = found.get(row.context)
        if opening is None:
            row.state = ReplayChart.State.GONE
            continue
        try:
            _try(row, opening, replay.version, replay.made)
        except sealing.CannotOpen:
            row.state, row.result = ReplayChart.State.FAILED, {"why": "it cannot be decrypted"}
        except (
            Exception
        ):  # one chart that breaks must not end the others; it is counted and named as failed
            log.exception("A chart of replay %s failed", replay.pk)
            row.state, row.result = ReplayChart.State.FAILED, {"why": "an error, see the log"}
    ReplayChart.objects.bulk_update(rows, ("state", "result", "department", "visit"))


# ---- one chart ------------------------------------------------------------------------------------------------------


def _try(
    row: ReplayChart, opening: door.Opening, version: RuleSetVersion | None, as_of: datetime
) -> None:
    chart, place = _chart(opening, as_of)
    if not chart.patients:
        row.state = ReplayChart.State.GONE
        return
    libraries = _libraries(version, place, as_of)
    before, after = (_ranked(chart, one, opening, as_of) for one in libraries)
    visit = before.visit if version is not None else after.visit  # without rules no visit is known
    shipped = reading.library_of(())
    must = [
        one.item
        for context in visit.contexts
        if context in shipped.packs
        for one in shipped.packs[context].listed
        if one.importance == "must"
    ]
    found = effects.counts(before, after, must=must, matches=match(chart, shipped), library=shipped)
    row.state = ReplayChart.State.DONE
    row.department, row.visit = place.department, " and ".join(visit.titles)[:200]
    row.result = dataclasses.asdict(found)
    if not row.readable:
        row.result |= {"appears": [], "vanishes": []}


def _libraries(
    version: RuleSetVersion | None, place: in_force.Where, now: datetime
) -> tuple[Library, Library]:
    """What is tried, and beside what."""
    if version is None:
        return in_force.without_rules(), reading.library_of(())
    held = in_force.rules_for(place, now=now).library
    return held, reading.library_with(held, version.text)


def _chart(opening: door.Opening, as_of: datetime) -> tuple[Chart, in_force.Where]:
    """The stored chart. What this process did not know of it before is forgotten again."""
    keys = [source.snapshot_id for source in opening.sources if source.snapshot_id is not None]
    new = [key for key in keys if live.peek(key) is None]
    try:
        gathering.refresh(opening)
        sections = gathering.sections_of(opening)
    finally:
        for key in new:
            live.drop(key)
    mappings = decisions.of(source.key for source in opening.sources).mappings
    chart = reconcile(
        sections, launch_server=opening.connection.key, mappings=mappings, as_of=as_of
    )
    return chart, places.where(opening, sections)


def _ranked(chart: Chart, library: Library, opening: door.Opening, as_of: datetime) -> Ranking:
    """Without the clinician's own last visit, which is the same for both."""
    visit = rank.recognise(
        chart,
        encounter_id=opening.encounter,
        as_of=as_of,
        library=library,
        chosen=opening.visit_choice or None,
        role=opening.role,
    )
    return rank.rank(
        chart, visit=visit, library=library, last_seen=None, role=opening.role, as_of=as_of
    )
