"""Answers that hold a file of a report or note, each with a content security policy of its own."""

from __future__ import annotations

from html import escape

from django.http import HttpResponse
from django.templatetags.static import static

from summary_app.access import door
from summary_app.summary.services.attachments import Shown


def said(words: str) -> Shown:
    """A page that only says why a file is not shown."""
    return Shown("page", "text/html; charset=utf-8", f"<p>{escape(words)}</p>".encode())


def respond(found: Shown, opening: door.Opening) -> HttpResponse:
    """The file as an answer. Only our own pages, and the EHR that frames them, may frame it."""
    body = _document(found) if found.kind == "page" else found.body
    response = HttpResponse(body, content_type=found.content_type)
    response.headers["Content-Security-Policy"] = _policy(found, opening)
    if found.kind == "file":
        response.headers["Content-Disposition"] = 'attachment; filename="file"'
    else:
        response.headers["Content-Disposition"] = "inline"
    return response


def _policy(found: Shown, opening: door.Opening) -> str:
    frames = " ".join(["'self'", *opening.connection.frame_origins])
    parts = ["default-src 'none'", "base-uri 'none'", "form-action 'none'", f"frame-ancestors {frames}"]  # fmt: skip
    if found.kind == "pdf":
        # The browser's own viewer shows it; a sandbox would keep the viewer out as well.
        return "; ".join([*parts, "object-src 'self'", "style-src 'unsafe-inline'"])
    return "; ".join([*parts, "style-src 'self'", "img-src 'self'", "sandbox"])


def _document(found: Shown) -> bytes:
    """What stands inside was escaped or cleaned before."""
    sheets = "".join(
        f'<link rel="stylesheet" href="{escape(static(f"visit-lens/{name}.css"))}">'
        for name in ("tokens", "base", "paper")
    )
    head = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(found.title or 'Note')}</title>{sheets}</head><body><main>"
    )
    return head.encode() + found.body + b"</main></body></html>"
