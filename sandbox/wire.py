"""Requests and responses as the parts of the sandbox pass them to each other, and the errors that become answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import orjson

FHIR_JSON = "application/fhir+json; charset=utf-8"
Pairs = list[tuple[str, str]]


@dataclass(frozen=True)
class Request:
    """path: without the query. query: decoded, in the order in which it came."""

    method: str
    path: str
    query: Pairs = field(default_factory=list)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    def one(self, name: str, default: str = "") -> str:
        return next((value for key, value in self.query if key == name), default)

    def header(self, name: str) -> str:
        return next((v for k, v in self.headers.items() if k.lower() == name.lower()), "")

    def form(self) -> Pairs:
        """The fields of the body. Raises FhirError (400) when there are too many."""
        try:
            return pairs(self.body.decode("utf-8", "replace"))
        except ValueError:
            raise FhirError(400, "too-long", "The form has too many fields.") from None


@dataclass
class Response:
    """status 0: the connection is closed without an answer. short: bytes to send of those that are announced.

    delay: seconds to wait before it is sent.
    """

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    short: int | None = None
    delay: float = 0.0


class FhirError(Exception):
    """Becomes an OperationOutcome. code: of FHIR's issue types."""

    def __init__(self, status: int, code: str, words: str, **headers: str) -> None:
        super().__init__(words)
        self.status, self.code, self.words, self.headers = status, code, words, headers


class OAuthError(Exception):
    """Becomes an OAuth error answer (RFC 6749, 5.2)."""

    def __init__(self, error: str, words: str, status: int = 400) -> None:
        super().__init__(words)
        self.error, self.words, self.status = error, words, status


class PageError(Exception):
    """Becomes a plain page for the person at the browser."""

    def __init__(self, status: int, words: str) -> None:
        super().__init__(words)
        self.status, self.words = status, words


def pairs(text: str) -> Pairs:
    return parse_qsl(text, keep_blank_values=True, max_num_fields=1000)


def split(target: str) -> tuple[str, Pairs]:
    """Path and query of a request target."""
    parts = urlsplit(target)
    return parts.path, pairs(parts.query)


def json_response(content: Any, status: int = 200, **headers: str) -> Response:
    kind = {"Content-Type": "application/json", "Cache-Control": "no-store", "Pragma": "no-cache"}
    return Response(status, orjson.dumps(content), {**kind, **_named(headers)})


def fhir_response(content: Any, status: int = 200, **headers: str) -> Response:
    """content: a resource, or its bytes."""
    body = content if isinstance(content, bytes) else orjson.dumps(content)
    kind = {"Content-Type": FHIR_JSON, "Cache-Control": "no-store"}
    return Response(status, body, {**kind, **_named(headers)})


def redirect(url: str, query: Pairs | None = None) -> Response:
    glue = "&" if "?" in url else "?"
    where = url + (glue + urlencode(query) if query else "")
    return Response(302, b"", {"Location": where, "Cache-Control": "no-store"})


def outcome(severity: str, code: str, words: str) -> dict[str, Any]:
    issue = {"severity": severity, "code": code, "diagnostics": words}
    return {"resourceType": "OperationOutcome", "issue": [issue]}


def refusal(error: FhirError) -> Response:
    return fhir_response(outcome("error", error.code, error.words), error.status, **error.headers)


def _named(headers: Mapping[str, str]) -> dict[str, str]:
    """Keyword arguments as header names: Retry_After becomes Retry-After."""
    return {name.replace("_", "-"): value for name, value in headers.items()}
