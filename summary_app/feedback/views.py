"""The form "wrong here?" of an opened row."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from summary_app.access import door
from summary_app.feedback.services import noting
from summary_app.guards import framed, is_htmx, with_opening


@require_POST
@with_opening
def wrong(request: HttpRequest, ctx: str, key: str) -> HttpResponse:
    """Stores the remark; to htmx the words that it was noted, to a browser the row again."""
    now = timezone.now()
    opening = door.open_context(request.user, ctx, what="feedback", as_of=now)
    reason, words = request.POST.get("reason", ""), request.POST.get("words", "")
    try:
        noting.note(opening, key, reason=reason, words=words, as_of=now)
    except noting.NotUnderstood:
        raise Http404 from None
    if is_htmx(request):
        return framed(render(request, "summary/_noted.html", {}), opening)
    return redirect(f"{reverse('row', args=[ctx, key])}?{urlencode({'noted': 1})}")
