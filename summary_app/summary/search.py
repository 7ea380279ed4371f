"""Find anything in an opened chart. (Views.)

The words go in the body of a POST: what a clinician looks for in a chart says something about the patient, and
addresses end up in logs and histories.
"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_POST

from summary_app.access import door
from summary_app.summary.services import finding
from summary_app.summary.views import framed, with_opening


@require_POST
@with_opening
def find(request: HttpRequest, ctx: str) -> HttpResponse:
    now = timezone.now()
    opening = door.open_context(request.user, ctx, what="find", as_of=now)
    found = finding.find(opening, request.POST.get("q", "")[:200], as_of=now)
    content = {"found": found, "ctx": ctx, "summary": finding.summary_of(opening, as_of=now)}
    htmx = getattr(request, "htmx", False)
    template = "summary/_found.html" if htmx else "summary/found.html"
    return framed(render(request, template, content), opening)
