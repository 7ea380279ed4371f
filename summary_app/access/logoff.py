"""Ends a session that nobody uses. A page that waits for news is not somebody using it."""

from __future__ import annotations

import time
from collections.abc import Callable

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse

_LAST = "last used"
_WRITE_EVERY = 30.0  # seconds; the end is exact to this much
_BEGAN = "began"


class IdleLogoff:
    """Requests that only wait for news (`is_waiting`) do not pass here: they neither extend a session nor read it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not is_waiting(request) and settings.SESSION_COOKIE_NAME in request.COOKIES:
            self._look(request)
        return self.get_response(request)

    def _look(self, request: HttpRequest) -> None:
        if is_over(request):
            logout(request)
        elif (
            request.session.get(_LAST, 0.0) < time.time() - _WRITE_EVERY
            and not request.session.is_empty()
        ):
            request.session[_LAST] = time.time()


def is_waiting(request: HttpRequest) -> bool:
    """A poll of the page, which the browser sends without anybody touching it."""
    return request.path_info.endswith("/updates")


def cookie_name() -> str:
    return str(settings.SESSION_COOKIE_NAME)


def begin(request: HttpRequest) -> None:
    """Called when somebody has signed in."""
    request.session[_LAST] = request.session[_BEGAN] = time.time()


def is_over(request: HttpRequest) -> bool:
    """Unused for too long, or older than a working day. Reads the session, never writes it."""
    now, session = time.time(), request.session
    if _LAST in session and now - session[_LAST] > settings.VISIT_LENS_IDLE_MINUTES * 60:
        return True
    return _BEGAN in session and now - session[_BEGAN] > settings.SESSION_COOKIE_AGE
