"""Answers a page that waits for news and has them all, before anything else is done for the request."""

from __future__ import annotations

import re
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from summary_app.access import logoff
from summary_app.summary.services import watching

_ASKED = re.compile(r"/c/([^/]+)/updates")


class NothingNew:
    """The commonest request by far: an empty 204 at the price of looking a ticket up (see `watching.nothing_new`).

    Whatever is not certain goes on to the view, through the door. The answer has no content that a policy, a session or
    a compressor could matter to.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        asked = _ASKED.fullmatch(request.path_info)
        if asked and request.method == "GET" and _is_current(request, asked[1]):
            return HttpResponse(
                status=204, headers={"X-Ctx": asked[1], "Cache-Control": "no-store"}
            )
        return self.get_response(request)


def _is_current(request: HttpRequest, ctx: str) -> bool:
    request.get_host()  # refuses a name that is not ours
    session_key = request.COOKIES.get(logoff.cookie_name(), "")
    return watching.nothing_new(session_key, ctx, watching.version_in(request.GET.get("since", "")))
