"""Who gets to the pages of the rules, and how a refused step comes back. (Used by views and the admin.)"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from clinical.rank.ruleset_file import RuleSetInvalid
from summary_app.access import logoff
from summary_app.access.models import User
from summary_app.guards import signed_off
from summary_app.rules import queries
from summary_app.rules.models import RuleSetVersion
from summary_app.rules.services import allowed

View = Callable[..., HttpResponse]


def for_team(view: View) -> View:
    """Somebody with a role in the rules: else 401, or 404. A step that is refused comes back as a sentence."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not isinstance(request.user, User) or logoff.is_over(request):
            return signed_off(request)
        roles = allowed.roles_of(request.user)
        if not roles:
            raise Http404
        request.rule_roles = sorted(roles)  # type: ignore[attr-defined]  # for the top of every page
        try:
            return view(request, *args, **kwargs)
        except allowed.Refused as refused:
            words = str(refused)
        except RuleSetInvalid as invalid:
            words = f"Refused, nothing was changed: {invalid}"
        if request.method == "GET":
            return render(request, "rules/refused.html", {"words": words}, status=409)
        messages.error(request, words)
        return redirect(_back(request, kwargs))

    return guarded


def for_person(view: View) -> View:
    """Anybody signed in: else 401. What is refused comes back as a sentence."""

    @wraps(view)
    def guarded(request: HttpRequest) -> HttpResponse:
        if not isinstance(request.user, User) or logoff.is_over(request):
            return signed_off(request)
        try:
            return view(request)
        except allowed.Refused as refused:
            messages.error(request, str(refused))
            return redirect(request.path)

    return guarded


def _back(request: HttpRequest, kwargs: dict[str, Any]) -> str:
    if request.path.startswith("/rules/before/"):
        return "/rules/before"
    if "number" in kwargs:
        return f"/rules/{kwargs['context']}/{kwargs['number']}/"
    return f"/rules/{kwargs['context']}/" if "context" in kwargs else "/rules/"


def person(request: HttpRequest) -> User:
    """Raises PermissionDenied for nobody: the record names a person."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


def version_of(context: str, number: int) -> RuleSetVersion:
    """Raises Http404."""
    found = queries.version(context, number)
    if found is None:
        raise Http404
    return found
