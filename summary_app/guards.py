"""What every view of an opening answers when it must not be shown, and who may frame it. Used by all areas' views."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.vary import vary_on_headers

from summary_app.access import door
from summary_app.connections import queries as connection_queries

View = Callable[..., HttpResponse]


def with_opening(view: View) -> View:
    """Refusals in one place: signed off is 401, somebody else's or nobody's is 404, a closed opening says why."""

    @wraps(view)
    def guarded(request: HttpRequest, ctx: str, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.is_authenticated:
            return signed_off(request)
        try:
            response = view(request, ctx, *args, **kwargs)
        except door.NotThere:
            raise Http404 from None
        except door.Closed as closed:
            return stopped(request, str(closed), status=409)
        response.headers["X-Ctx"] = ctx
        return response

    return vary_on_headers("HX-Request", "Cookie")(guarded)


def signed_off(request: HttpRequest) -> HttpResponse:
    """401 with words. A waiting page is made to load itself anew, so that nothing stays on the screen."""
    response = render(request, "signed_off.html", status=401)
    if is_htmx(request):
        response.headers["HX-Refresh"] = "true"
    response._csp_replace = {"frame-ancestors": _all_frames()}  # type: ignore[attr-defined]
    return response


def framed(response: HttpResponse, opening: door.Opening) -> HttpResponse:
    """Lets the launching EHR show this page in a frame, where its connection names an origin for that."""
    origins = opening.connection.frame_origins
    if origins:
        response._csp_replace = {"frame-ancestors": list(origins)}  # type: ignore[attr-defined]
    return response


def _all_frames() -> list[str]:
    found = [origin for each in connection_queries.active() for origin in each.frame_origins]
    return sorted(set(found)) or ["'none'"]


def stopped(request: HttpRequest, words: str, *, status: int) -> HttpResponse:
    response = render(request, "stopped.html", {"words": words}, status=status)
    if is_htmx(request):
        response.headers["HX-Refresh"] = "true"
    return response


def is_htmx(request: HttpRequest) -> bool:
    return bool(getattr(request, "htmx", False))
