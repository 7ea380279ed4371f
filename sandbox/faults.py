"""Quirks and faults of a sandbox EHR that can be switched on, and what they do to an answer."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any

from sandbox.wire import FhirError, Request, Response, fhir_response, outcome, refusal

PAGE_CAP = 1000
HUGE = 50_000_000
HANG_SECONDS = 300.0
OTHER_HOST = "http://127.0.0.2:9/fhir"
_HTML = b"<!doctype html><title>Sign in</title><h1>Sign in to continue</h1><form></form>"


@dataclass(frozen=True)
class Faults:
    """Which are on; as it stands here, none is.

    only_types: the faults touch only requests for these resource types. for_requests: they touch only so many
    requests more, 0 = until switched off.
    """

    page_cap: int = field(default=PAGE_CAP, metadata={"words": "at most so many entries per page"})
    latency_ms: int = field(default=0, metadata={"words": "waits before each answer"})
    latency_per_entry_ms: float = field(default=0, metadata={"words": "waits per entry of a page"})
    ignored_parameters: tuple[str, ...] = field(
        default=(), metadata={"words": "these search parameters have no effect, in silence"}
    )
    needs_category_or_code: bool = field(
        default=False, metadata={"words": "refuses Observation without category or code"}
    )
    last_date_bound_only: bool = field(
        default=False, metadata={"words": "of two bounds on a date only the last counts"}
    )
    ignores_sort: bool = field(default=False, metadata={"words": "ignores _sort"})
    ignores_include: bool = field(default=False, metadata={"words": "ignores _include"})
    foreign_rows: bool = field(
        default=False, metadata={"words": "ignores patient= and shows other people's rows"}
    )
    empty_for_systems: bool = field(
        default=False, metadata={"words": "finds nothing for a code with its system"}
    )
    refuses_lists: bool = field(default=False, metadata={"words": "refuses a,b as a value"})
    reads_without_token: bool = field(default=False, metadata={"words": "asks for no token"})
    lost_scopes: tuple[str, ...] = field(
        default=(), metadata={"words": "never grants scopes for these types"}
    )
    too_many_requests: bool = field(default=False, metadata={"words": "answers 429"})
    retry_after: int = field(default=1, metadata={"words": "seconds in Retry-After, -1 = none"})
    server_error: bool = field(default=False, metadata={"words": "answers 500 in plain text"})
    forbidden: bool = field(default=False, metadata={"words": "answers 403"})
    expired_tokens: bool = field(
        default=False, metadata={"words": "takes every access token as expired"}
    )
    refused_registration: bool = field(
        default=False, metadata={"words": "accepts no application's registration"}
    )
    refused_refresh: bool = field(default=False, metadata={"words": "renews no sign-in"})
    hang: bool = field(default=False, metadata={"words": "does not answer"})
    html: bool = field(default=False, metadata={"words": "answers with a page of HTML"})
    not_fhir: bool = field(default=False, metadata={"words": "answers with JSON that is not FHIR"})
    outcome_only: bool = field(
        default=False, metadata={"words": "answers 200 with an OperationOutcome"}
    )
    cut_json: bool = field(default=False, metadata={"words": "answers with half of the JSON"})
    short_body: bool = field(default=False, metadata={"words": "hangs up in the middle"})
    outcome_when_empty: bool = field(
        default=False, metadata={"words": "says with an OperationOutcome that nothing was found"}
    )
    huge_page: bool = field(default=False, metadata={"words": "answers with 50 MB"})
    next_to_itself: bool = field(default=False, metadata={"words": "next link to the same page"})
    next_to_other_host: bool = field(default=False, metadata={"words": "next link to another host"})
    unreadable_entries: int = field(
        default=0, metadata={"words": "so many entries of each page are broken"}
    )
    only_types: tuple[str, ...] = field(
        default=(), metadata={"words": "only for these resource types"}
    )
    for_requests: int = field(default=0, metadata={"words": "only for so many requests more"})


NONE = Faults()
WORDS = {each.name: each.metadata["words"] for each in fields(Faults)}
_SETTINGS = ("retry_after", "only_types", "for_requests")  # say how, switch nothing on


def switched_on(faults: Faults) -> dict[str, Any]:
    """What differs from a server without faults, by name."""
    ordinary = asdict(NONE)
    changed = {name: value for name, value in asdict(faults).items() if value != ordinary[name]}
    return changed if set(changed) - set(_SETTINGS) else {}


def changed(faults: Faults, wishes: Mapping[str, Any]) -> Faults:
    """faults with these wishes; {"reset": true} begins anew. Raises FhirError (400) for what is not known."""
    wishes = dict(wishes)
    if _as(wishes.pop("reset", False), True):
        faults = NONE
    read = {}
    for name, value in wishes.items():
        if name not in WORDS:
            raise FhirError(400, "invalid", f"There is no fault called {name}.")
        try:
            read[name] = _as(value, getattr(NONE, name))
        except (TypeError, ValueError):
            raise FhirError(400, "invalid", f"{name} cannot be {value!r}.") from None
    return replace(faults, **read)


def _as(value: Any, like: Any) -> Any:
    """A wish as the type that the fault has; words of a form are read too."""
    if isinstance(like, tuple):
        parts = value.split(",") if isinstance(value, str) else value
        return tuple(str(part).strip() for part in parts if str(part).strip())
    if isinstance(like, bool):
        if isinstance(value, str):
            return value.strip().lower() in ("1", "true", "on", "yes")
        return bool(value)
    return type(like)(value)


class Switchboard:
    """The faults of one server, for all its threads."""

    def __init__(self, faults: Faults = NONE) -> None:
        self._faults = faults
        self._left = faults.for_requests
        self._lock = threading.Lock()

    @property
    def all(self) -> Faults:
        return self._faults

    def change(self, wishes: Mapping[str, Any]) -> Faults:
        with self._lock:
            self._faults = changed(self._faults, wishes)
            self._left = self._faults.for_requests
            return self._faults

    def for_request(self, kind: str) -> Faults:
        """The faults that touch one request for a resource type ("" = none); counts it when they do."""
        with self._lock:
            faults = self._faults
            if faults is NONE or (faults.only_types and kind not in faults.only_types):
                return NONE
            if faults.for_requests:
                if not self._left:
                    return NONE
                self._left -= 1
            return faults


def instead(faults: Faults) -> Response | None:
    """The answer that is given in place of the right one, or None."""
    if faults.hang:
        return Response(0, delay=HANG_SECONDS)
    if faults.too_many_requests:
        after = {"Retry_After": str(faults.retry_after)} if faults.retry_after >= 0 else {}
        return refusal(FhirError(429, "throttled", "Too many requests.", **after))
    if faults.server_error:
        return Response(500, b"Internal error", {"Content-Type": "text/plain"})
    if faults.forbidden:
        return refusal(FhirError(403, "forbidden", "This part of the record is restricted."))
    if faults.html:
        return Response(200, _HTML, {"Content-Type": "text/html"})
    if faults.not_fhir:
        return Response(200, b'{"rows":[1,2,3]}', {"Content-Type": "application/json"})
    if faults.outcome_only:
        return fhir_response(outcome("error", "exception", "The record could not be read."))
    return None


def spoiled(faults: Faults, response: Response) -> Response:
    """What becomes of a right answer on its way out."""
    if faults.cut_json:
        response.body = response.body[: len(response.body) // 2]
    if faults.short_body:
        response.short = len(response.body) // 2
    if faults.huge_page and response.body.startswith(b"{"):
        response.body = b" " * (HUGE - len(response.body)) + response.body
    response.delay += faults.latency_ms / 1000
    return response


def broken(raw: bytes, place: int) -> bytes:
    """A resource as a bad server might send it: still JSON, no longer FHIR. place: of the entry on its page."""
    kinds = (b'{"status":17,', b'{"meta":"yesterday",', b'{"code":[[]],', b'{"subject":12,"id":[],')
    return kinds[place % len(kinds)] + raw[1:]


def from_pairs(request: Request) -> dict[str, Any]:
    return dict(request.query)
