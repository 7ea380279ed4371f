"""Launches from an EHR, the way back from its sign-in, and our public keys."""

from __future__ import annotations

import secrets
from typing import Any

from django.conf import settings
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from clinical.errors import LaunchRefused
from summary_app.access import logoff, people
from summary_app.connections.services import launching, signing
from summary_app.summary.services import openings

_BACKEND = "django.contrib.auth.backends.ModelBackend"


@require_http_methods(["GET", "POST"])
def launch(request: HttpRequest, key: str) -> HttpResponse:
    """An EHR opens us: on to its sign-in, once everything about the launch is as it must be."""
    browser = _browser(request)
    query: Any = request.POST if request.method == "POST" else request.GET
    try:
        url = launching.begin_from_ehr(
            key, dict(query.lists()), browser=browser, now=timezone.now()
        )
    except LaunchRefused as error:
        return _refused(request, error)
    return _sent(url, browser)


@require_GET
def connect(request: HttpRequest, key: str) -> HttpResponse:
    """We open the EHR's sign-in ourselves; the clinician picks the patient there."""
    browser = _browser(request)
    try:
        url = launching.begin_standalone(key, browser=browser, now=timezone.now())
    except LaunchRefused as error:
        return _refused(request, error)
    return _sent(url, browser)


@require_GET
def callback(request: HttpRequest, key: str) -> HttpResponse:
    """Back from the EHR: the clinician's session, and the chart with its pulls under way."""
    now = timezone.now()
    browser = request.COOKIES.get(settings.LAUNCH_COOKIE_NAME, "")
    try:
        launched = launching.finish(key, dict(request.GET.lists()), browser=browser, now=now)
        with openings.one_at_a_time():
            user = people.person_of(launched)
            launching.keep_tokens(launched, user_id=user.pk)
            opening = openings.open_chart(
                user,
                connection=launched.connection,
                patient=launched.patient,
                encounter=launched.encounter,
                as_of=timezone.now(),
            )
    except LaunchRefused as error:
        return _refused(request, error)
    # Only now: while the session is made, the EHRs are already answering.
    login(request, user, backend=_BACKEND)
    logoff.begin(request)
    # A nurse's first lens is the flow sheet; one key leads to the other.
    return redirect("nurse" if opening.role == "nurse" else "page", opening.id)


@require_GET
def jwks(request: HttpRequest) -> HttpResponse:
    response = JsonResponse(signing.published(now=timezone.now()))
    response.headers["Cache-Control"] = "public, max-age=3600"
    return response


def _browser(request: HttpRequest) -> str:
    """The secret that ties a launch to this browser; one for all its tabs."""
    known = request.COOKIES.get(settings.LAUNCH_COOKIE_NAME, "")
    return known if len(known) >= 40 else secrets.token_urlsafe(32)


def _sent(url: str, browser: str) -> HttpResponse:
    response = HttpResponse(status=302, headers={"Location": url})
    response.set_cookie(
        settings.LAUNCH_COOKIE_NAME,
        browser,
        max_age=600,
        secure=settings.HTTPS,
        httponly=True,
        samesite="None" if settings.HTTPS else "Lax",
    )
    return response


def _refused(request: HttpRequest, error: LaunchRefused) -> HttpResponse:
    """The words are safe to show: they hold no token, code or state."""
    return render(request, "stopped.html", {"words": str(error)}, status=400)
