"""The summary for other programs: what the page says, as JSON, through the same door."""

from __future__ import annotations

from typing import Any

import msgspec
from django.conf import settings
from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.authentication import SessionAuthentication
from rest_framework.exceptions import NotFound
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from summary_app.access import door
from summary_app.summary.services import pages


class StructRenderer(BaseRenderer):
    """JSON of msgspec structs, as they are."""

    media_type = "application/json"
    format = "json"
    charset = None

    def render(self, data: Any, *_: Any, **__: Any) -> bytes:
        return msgspec.json.encode(
            data, enc_hook=str
        )  # REST framework's own errors are a kind of str


class Session(SessionAuthentication):
    """The session of the page. Without one the answer is 401, not 403."""

    def authenticate_header(self, request: Request) -> str:
        return "Session"


class SessionScheme(OpenApiAuthenticationExtension):
    """How `Session` is written in the schema."""

    target_class = Session
    name = "session"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        return {"type": "apiKey", "in": "cookie", "name": settings.SESSION_COOKIE_NAME}


class SummaryView(APIView):
    """Summary of one opening."""

    authentication_classes = (Session,)
    renderer_classes = (StructRenderer,)

    @extend_schema(
        operation_id="summary",
        summary="The summary of one opening",
        description="What the page shows now, with its words, states and sources. Asks no EHR for anything.",
        responses={
            200: OpenApiResponse(
                description="version, complete, asking (searches under way), summary"
            ),
            401: OpenApiResponse(description="not signed in"),
            404: OpenApiResponse(description="no such opening for this person"),
            409: OpenApiResponse(description="the opening was closed; the words say why"),
        },
    )
    def get(self, request: Request, ctx: str) -> HttpResponse:
        now = timezone.now()
        try:
            opening = door.open_context(request.user, ctx, what="api", as_of=now)
        except door.NotThere:
            raise NotFound from None
        except door.Closed as closed:
            return Response({"detail": str(closed)}, status=409)
        shown = pages.page_of(opening, as_of=now)
        content = {
            "version": shown.version,
            "complete": shown.summary.complete,
            "asking": shown.asking,
            "summary": shown.summary,
        }
        return Response(content, headers={"X-Ctx": ctx})
