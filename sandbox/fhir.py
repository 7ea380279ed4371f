"""The FHIR side of a sandbox EHR: reads, searches, pages and what it says of itself."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from sandbox import capability, faults, scopes, search
from sandbox.faults import Faults
from sandbox.pages import PARAMETER, Pages
from sandbox.scopes import Access
from sandbox.store import Held, Store
from sandbox.values import at
from sandbox.wire import FhirError, Pairs, Request, Response, fhir_response, json_response

_TYPE = re.compile(r"[A-Z][A-Za-z]{1,63}")
_ID = re.compile(r"[A-Za-z0-9\-.]{1,64}")


@dataclass(frozen=True)
class Bearer:
    """What a request shows for itself. owner: tells one sign-in from another."""

    scopes: tuple[str, ...]
    patient: str = ""
    owner: str = ""


Authorize = Callable[[str, Faults], Bearer]  # Authorization header and faults; raises FhirError
OPEN = Bearer(("system/*.rs",))


class FhirApi:
    """Answers everything under /fhir. authorize: see Authorize. clock: seconds since 1970."""

    def __init__(
        self,
        store: Store,
        *,
        root: str,
        title: str,
        started: str,
        authorize: Authorize,
        clock: Callable[[], float],
    ) -> None:
        self.base = f"{root}/fhir"
        self._root, self._title, self._started = root, title, started
        self._store, self._authorize, self._clock = store, authorize, clock
        self._pages = Pages(self.base, store, clock)

    def answer(self, request: Request, path: str, board: faults.Switchboard) -> Response:
        """path: below the FHIR base. Raises FhirError."""
        if path == "metadata":
            return self._public(request, board, self._statement())
        if path == ".well-known/smart-configuration":
            return self._public(request, board, capability.smart_configuration(self._root))
        following = self._page_word(request, path)
        kind, _, rest = path.partition("/")
        active = board.for_request(kind if following is None else self._pages.kind_of(following))
        replaced = faults.instead(active)
        if replaced is not None:
            return faults.spoiled(active, replaced)
        bearer = OPEN if active.reads_without_token else self._bearer(request, active)
        if following is not None:
            response = self._follow(following, bearer, active)
        else:
            response = self._of_type(request, kind, rest, bearer, active)
        return faults.spoiled(active, response)

    def _public(self, request: Request, board: faults.Switchboard, content: Any) -> Response:
        active = board.for_request("")
        if request.method not in ("GET", "HEAD"):
            raise FhirError(405, "not-supported", "Only GET is possible here.", Allow="GET")
        fhir = "resourceType" in content
        right = fhir_response(content) if fhir else json_response(content)
        return faults.spoiled(active, faults.instead(active) or right)

    def _statement(self) -> dict[str, Any]:
        return capability.statement(
            self._root, title=self._title, started=self._started, types=self._store.types
        )

    def _bearer(self, request: Request, active: Faults) -> Bearer:
        return self._authorize(request.header("Authorization"), active)

    @staticmethod
    def _page_word(request: Request, path: str) -> str | None:
        return None if path else request.one(PARAMETER) or None

    def _follow(self, word: str, bearer: Bearer, active: Faults) -> Response:
        page = self._pages.following(word, bearer.owner)
        this_url = f"{self.base}?{PARAMETER}={word}"
        return self._pages.answer(page, self._seen(bearer), active, this_url)

    def _of_type(
        self, request: Request, kind: str, rest: str, bearer: Bearer, active: Faults
    ) -> Response:
        if not _TYPE.fullmatch(kind):
            raise FhirError(404, "not-found", "There is no such address here.")
        if request.method == "POST" and rest == "_search":
            return self._search(kind, request.query + request.form(), request, bearer, active)
        if request.method not in ("GET", "HEAD"):
            raise FhirError(405, "not-supported", "This server can only be read.", Allow="GET")
        if not rest:
            return self._search(kind, request.query, request, bearer, active)
        return self._read(kind, rest, request, bearer)

    def _access(self, bearer: Bearer, kind: str, right: str) -> Access:
        return scopes.access(
            bearer.scopes, kind, right, patient=bearer.patient, base=self.base, now=self._clock()
        )

    def _seen(self, bearer: Bearer) -> Callable[[Held], bool]:
        """Which included resources may be sent: those that could be read."""
        known: dict[str, Access | None] = {}

        def seen(held: Held) -> bool:
            if held.type not in known:
                try:
                    known[held.type] = self._access(bearer, held.type, "r")
                except FhirError:
                    known[held.type] = None
            access = known[held.type]
            return access is not None and access.allows(held)

        return seen

    def _read(self, kind: str, identifier: str, request: Request, bearer: Bearer) -> Response:
        if not _ID.fullmatch(identifier):
            raise FhirError(404, "not-found", "There is no such address here.")
        access = self._access(bearer, kind, "r")
        held = self._store.get(kind, identifier)
        if held is None:
            raise FhirError(404, "not-found", f"{kind}/{identifier} is not known here.")
        if kind == "Binary":
            if not self._binary_allowed(held, access):
                raise FhirError(403, "forbidden", "The token does not cover this document.")
            return _binary(held, request.header("Accept"))
        if not access.allows(held):
            raise FhirError(403, "forbidden", f"The token does not cover {kind}/{identifier}.")
        return fhir_response(held.raw)

    def _binary_allowed(self, held: Held, access: Access) -> bool:
        """A Binary belongs to whoever's documents point at it."""
        if access.patient is None:
            return True
        documents = self._store.of_patient("DocumentReference", access.patient)
        reports = self._store.of_patient("DiagnosticReport", access.patient)
        urls = (url for each in (*documents, *reports) for url in _attachments(each))
        return any(str(url).rpartition("Binary/")[2] == held.id for url in urls)

    def _search(
        self, kind: str, query: Pairs, request: Request, bearer: Bearer, active: Faults
    ) -> Response:
        access = self._access(bearer, kind, "s")
        understood = search.understood(
            kind, query, faults=active, base=self.base, now=self._clock()
        )
        strict = "handling=strict" in request.header("Prefer").replace(" ", "")
        if strict and understood.ignored:
            names = ", ".join(understood.ignored)
            raise FhirError(400, "not-supported", f"Not known for {kind}: {names}.")
        self._check_patient(understood, access)
        found = search.matches(understood, self._store, access, active)
        page = self._pages.first(understood, found, bearer.owner)
        return self._pages.answer(page, self._seen(bearer), active)

    @staticmethod
    def _check_patient(understood: search.Search, access: Access) -> None:
        """A token for one patient gives no answer about another, not even an empty one."""
        asked = search.asked_patient(understood)
        if access.patient and asked and asked != access.patient:
            raise FhirError(403, "forbidden", "The token is for another patient.")


def _attachments(held: Held) -> Iterator[Any]:
    yield from at(held.content, ("content", "attachment", "url"))
    yield from at(held.content, ("presentedForm", "url"))


def _binary(held: Held, accept: str) -> Response:
    """As FHIR JSON when that is asked for, else in its own type."""
    data, kind = held.content.get("data"), held.content.get("contentType")
    if "json" in accept or not isinstance(data, str) or not isinstance(kind, str):
        return fhir_response(held.raw)
    try:
        body = base64.b64decode(data, validate=True)
    except binascii.Error:
        return fhir_response(held.raw)
    safe = kind if re.fullmatch(r"[\w.+-]+/[\w.+-]+", kind, re.ASCII) else "text/plain"
    headers = {"Content-Type": safe, "Content-Disposition": "attachment"}
    return Response(200, body, headers)
