"""Response headers that hold for every page: nothing is kept by a browser or proxy, cookies work inside a frame."""

from __future__ import annotations

from collections.abc import Callable
from http.cookies import Morsel
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse

Handler = Callable[[HttpRequest], HttpResponse]


class PrivateResponses:
    """Cache-Control: no-store on everything that does not say otherwise itself (static files do)."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Cache-Control", "no-store")
        response.headers.setdefault(
            "Permissions-Policy", "camera=(), geolocation=(), microphone=()"
        )
        return response


class PartitionedMorsel(Morsel[str]):
    """A cookie with the attribute `Partitioned`, which Python 3.11 cannot write."""

    def OutputString(self, attrs: Any = None) -> str:  # the name is http.cookies'
        return super().OutputString(attrs) + "; Partitioned"


class PartitionedCookies:
    """Browsers that part third-party cookies by site keep ours, in an EHR's frame, only when they say Partitioned."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if settings.HTTPS:
            for name, morsel in list(response.cookies.items()):
                parted = PartitionedMorsel()
                parted.set(morsel.key, morsel.value, morsel.coded_value)
                parted.update(morsel)
                dict.__setitem__(response.cookies, name, parted)
        return response
