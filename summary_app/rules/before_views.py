"""The page of what a department needs before it treats patients, and the two things that are done there."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from summary_app.rules import forms, queries
from summary_app.rules.guards import for_team, person
from summary_app.rules.services import before, needs, nudging, replaying, shipped, shown


@require_GET
@for_team
def page(request: HttpRequest) -> HttpResponse:
    content = {
        "places": before.everywhere(),
        "site_is_live": needs.site_is_live(),
        "packs": len(shipped.hashes()),
        "least": needs.LEAST_CHARTS,
        "replays": queries.replays(None),
        "live_steps": before.comings_and_goings(),
        "may": shown.may(person(request), None, now=timezone.now()),
    }
    return render(request, "rules/before.html", content)


@require_POST
@for_team
def sign_off(request: HttpRequest) -> HttpResponse:
    """All shipped packs at once, for a department or the whole site."""
    department = forms.department(request.POST.get("department", ""))
    count = shipped.sign_off(
        person(request),
        department,
        clinician=request.POST.get("clinician", ""),
        now=timezone.now(),
    )
    place = department.name if department is not None else shipped.WHOLE_SITE
    messages.success(request, f"{count} shipped packs are signed off for {place}.")
    return redirect("rules-before")


@require_POST
@for_team
def replay(request: HttpRequest) -> HttpResponse:
    """The shipped packs together, beside newest first and the floor."""
    made = replaying.start(person(request), None, now=timezone.now())
    nudging.hand_out(made.pk)
    return redirect("rules-replay", made.pk)
