"""The front door of the site: today's patients, ways to sign in, signing off. (Views.)"""

from __future__ import annotations

from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from summary_app.access.models import User
from summary_app.connections import queries as connection_queries
from summary_app.connections.services import tokens
from summary_app.rules.services import alerts, remarks
from summary_app.summary.services import schedule, watching


@require_GET
def door_page(request: HttpRequest) -> HttpResponse:
    """My patients today for a clinician, else how to open Visit Lens."""
    now, user = timezone.now(), request.user
    mine = isinstance(user, User)
    content = {
        "connections": [c for c in connection_queries.active() if c.authorization != "open"],
        "signed_in": mine,
        "openings": schedule.open_charts(user.pk, now=now) if isinstance(user, User) else (),
        "remarks": remarks.mine(user.pk, now=now) if isinstance(user, User) else (),
        "criteria_met": alerts.for_the_door(user),
        "visits": schedule.mine_today(user, now=now) if isinstance(user, User) else (),
    }
    return render(request, "door.html", content)


@require_POST
def sign_off(request: HttpRequest) -> HttpResponse:
    """Ends the session here and gives the tokens back."""
    user_id = request.user.pk
    logout(request)
    if user_id is not None:
        watching.forget(user_id)
        tokens.give_back(user_id)
    return redirect("home")


@require_GET
def health(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok", content_type="text/plain")
