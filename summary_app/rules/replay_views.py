"""The pages of a replay: started, watched while it runs, stopped, read."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from summary_app.rules import queries
from summary_app.rules.guards import for_team, person
from summary_app.rules.models import Replay, Rollout
from summary_app.rules.services import (
    alerts,
    criteria,
    needs,
    nudging,
    replaying,
    reports,
    shadowing,
)


@require_POST
@for_team
def start(request: HttpRequest, context: str, number: int) -> HttpResponse:
    version = queries.version(context, number)
    if version is None:
        raise Http404
    made = replaying.start(person(request), version, now=timezone.now())
    nudging.hand_out(made.pk)
    return redirect("rules-replay", made.pk)


@require_GET
@for_team
def page(request: HttpRequest, replay_id: int) -> HttpResponse:
    """The whole page, or only its body when the page asks how far it is."""
    replay = _replay(replay_id)
    report = reports.of(replay, reader_id=person(request).pk)
    now = timezone.now()
    version = replay.version
    rollouts = queries.rollouts_of(version.pk) if version is not None else []
    rollouts = [one for one in rollouts if one.ended is None]
    content = {
        "replay": replay,
        "version": version,
        "report": report,
        "words": reports.sentence(report, shipped=version is None),
        "running": replay.state in (Replay.State.WAITING, Replay.State.RUNNING),
        "seconds": (replay.finished - replay.made).seconds if replay.finished else None,
        "shadows": [_shadow(one) for one in rollouts if one.shadow],
        "criteria": [(one, criteria.judge(one, alerts.figures(one), now=now)) for one in rollouts],
        "missing": needs.missing(version, queries.departments()) if version is not None else [],
    }
    part = bool(getattr(request, "htmx", False))
    return render(request, "rules/_replay.html" if part else "rules/replay.html", content)


@require_POST
@for_team
def stop(request: HttpRequest, replay_id: int) -> HttpResponse:
    replay = _replay(replay_id)
    replaying.stop(person(request), replay, now=timezone.now())
    return redirect("rules-replay", replay_id)


def _shadow(one: Rollout) -> tuple[shadowing.ShadowReport, int | None]:
    """What was compared, and where its limit is drawn."""
    found = shadowing.report(one)
    return found, shadowing.limit_at(one, found)


def _replay(replay_id: int) -> Replay:
    found = queries.replay(replay_id)
    if found is None:
        raise Http404
    return found
