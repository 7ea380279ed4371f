"""A small FHIR server on the loopback interface: resources in memory, real search semantics for what the pull
sends, and a hook that can replace any answer.
"""

from __future__ import annotations

import json
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

Json = dict[str, Any]


@dataclass
class Reply:
    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    drip: float = 0.0  # seconds between single bytes
    cut: int | None = None  # announce the whole length, send only so much
    stopped: threading.Event | None = None  # set when the client has hung up


@dataclass
class Asked:
    method: str
    path: str
    query: list[tuple[str, str]]
    headers: dict[str, str]
    body: bytes

    def all(self, name: str) -> list[str]:
        return [value for key, value in self.query if key == name]

    def one(self, name: str) -> str:
        return next(iter(self.all(name)), "")


Hook = Callable[["FakeEhr", Asked], "Reply | None"]


def searchset(entries: list[Json], **more: Any) -> Json:
    return {"resourceType": "Bundle", "type": "searchset", "entry": entries, **more}


def reply(content: Any, status: int = 200, **headers: str) -> Reply:
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    return Reply(status, body, {"Content-Type": "application/fhir+json", **headers})


class _Httpd(ThreadingHTTPServer):
    request_queue_size = (
        128  # a wave of requests at once; what does not fit is tried again only after a second
    )


class FakeEhr:
    """hook: asked first; None means the ordinary answer. cap: entries per page. latency: (seconds, per entry)."""

    def __init__(
        self,
        resources: list[Json] | None = None,
        *,
        cap: int = 1000,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.resources = resources or []
        self.cap = cap
        self.latency = (0.0, 0.0)
        self.hook: Hook | None = None
        self.asked: list[Asked] = []
        self.took: list[float] = []
        self.totals = True
        self._pages: dict[str, tuple[Asked, int]] = {}
        self._lock = threading.Lock()
        self._httpd = _Httpd(("127.0.0.1", 0), self._handler())
        self._httpd.daemon_threads = True
        self._httpd.handle_error = lambda *_: None  # a client that hangs up is part of the tests
        if tls is not None:
            self._httpd.socket = tls.wrap_socket(
                self._httpd.socket, server_side=True, do_handshake_on_connect=False
            )
        self._thread = threading.Thread(
            target=self._httpd.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        )

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self._httpd.server_address[1]}/fhir"

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._httpd.shutdown()
        self._httpd.server_close()

    def paths(self, start: str = "") -> list[str]:
        return [asked.path for asked in self.asked if asked.path.startswith(start)]

    def answer(self, asked: Asked) -> Reply:
        with self._lock:
            self.asked.append(asked)
        replaced = self.hook(self, asked) if self.hook else None
        return replaced or self.ordinary(asked)

    def ordinary(self, asked: Asked) -> Reply:
        if asked.path == "metadata":
            return reply({"resourceType": "CapabilityStatement", "fhirVersion": "4.0.1"})
        if asked.path.startswith("_page/"):
            first, offset = self._pages[asked.path]
            return self.page(first, offset)
        kind, _, name = asked.path.partition("/")
        if name:
            found = [r for r in self.resources if r["resourceType"] == kind and r.get("id") == name]
            return reply(found[0]) if found else reply(outcome("error", "not-found"), 404)
        return self.page(asked, 0)

    def page(self, asked: Asked, offset: int) -> Reply:
        found = self.search(asked)
        size = min(self.cap, int(asked.one("_count") or 10**9))
        part = found[offset : offset + size]
        links = [{"relation": "self", "url": f"{self.base}/{asked.path}"}]
        if offset + size < len(found):
            with self._lock:
                token = f"_page/{len(self._pages)}"
                self._pages[token] = (asked, offset + size)
            links.append({"relation": "next", "url": f"{self.base}/{token}"})
        entries = [entry(self, resource) for resource in part] + self.included(asked, part)
        time.sleep(self.latency[0] + self.latency[1] * len(entries))
        total = {"total": len(found)} if self.totals else {}
        return reply(searchset(entries, link=links, **total))

    def included(self, asked: Asked, part: list[Json]) -> list[Json]:
        if not asked.one("_include").endswith(":medication"):
            return []
        wanted = {r.get("medicationReference", {}).get("reference") for r in part}
        medications = [r for r in self.resources if f"Medication/{r.get('id')}" in wanted]
        return [
            entry(self, r, mode="include") for r in medications if r["resourceType"] == "Medication"
        ]

    def search(self, asked: Asked) -> list[Json]:
        found = [r for r in self.resources if r["resourceType"] == asked.path]
        found = [r for r in found if matches(r, asked)]
        if asked.one("_sort") == "-date":
            found.sort(key=date_of, reverse=True)
        return found

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        ehr = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_GET(self) -> None:
                started = time.perf_counter()
                parts = urlsplit(self.path)
                length = int(self.headers.get("Content-Length") or 0)
                asked = Asked(
                    self.command,
                    parts.path.removeprefix("/fhir/"),
                    parse_qsl(parts.query),
                    {k.lower(): v for k, v in self.headers.items()},
                    self.rfile.read(length),
                )
                give(self, ehr.answer(asked))
                ehr.took.append(time.perf_counter() - started)

            do_POST = do_GET

            def log_message(self, *args: object) -> None:
                return

        return Handler


def give(handler: BaseHTTPRequestHandler, answer: Reply) -> None:
    try:
        handler.send_response_only(answer.status)
        for name, value in answer.headers.items():
            if value:
                handler.send_header(name, value)
        if "Content-Length" not in answer.headers:
            handler.send_header("Content-Length", str(len(answer.body)))
        handler.end_headers()
        if answer.drip:
            for place in range(len(answer.body)):
                handler.wfile.write(answer.body[place : place + 1])
                time.sleep(answer.drip)
            return
        handler.wfile.write(answer.body if answer.cut is None else answer.body[: answer.cut])
        closing = answer.headers.get("Connection") == "close"
        handler.close_connection = closing or answer.cut is not None
    except (BrokenPipeError, ConnectionResetError):
        handler.close_connection = True
        if answer.stopped is not None:
            answer.stopped.set()


def entry(ehr: FakeEhr, resource: Json, mode: str = "match") -> Json:
    url = f"{ehr.base}/{resource['resourceType']}/{resource.get('id')}"
    return {"fullUrl": url, "resource": resource, "search": {"mode": mode}}


def outcome(severity: str, code: str, **details: Any) -> Json:
    return {
        "resourceType": "OperationOutcome",
        "issue": [{"severity": severity, "code": code, **details}],
    }


def date_of(resource: Json) -> str:
    return str(resource.get("effectiveDateTime") or resource.get("authoredOn") or "")


def matches(resource: Json, asked: Asked) -> bool:
    return (
        _patient(resource, asked.one("patient"))
        and _tokens(resource.get("category"), asked.one("category"))
        and _tokens([resource.get("code", {})], asked.one("code"))
        and _dates(date_of(resource), asked.all("date"))
        and (not asked.one("status") or resource.get("status") in asked.one("status").split(","))
    )


def _patient(resource: Json, wanted: str) -> bool:
    holder = resource.get("subject") or resource.get("patient") or {}
    return (
        not wanted or not isinstance(holder, dict) or holder.get("reference") == f"Patient/{wanted}"
    )


def _tokens(concepts: Any, wanted: str) -> bool:
    if not wanted:
        return True
    codes = {
        coding.get("code")
        for concept in concepts or []
        if isinstance(concept, dict)
        for coding in concept.get("coding", [])
    }
    return bool(codes & {each.rpartition("|")[2] for each in wanted.split(",")})


def _dates(date: str, bounds: list[str]) -> bool:
    compare = {"ge": date >= "", "lt": True}
    for bound in bounds:
        compare[bound[:2]] = date >= bound[2:] if bound[:2] == "ge" else date < bound[2:]
    return not bounds or (bool(date) and all(compare.values()))


@contextmanager
def running(ehr: FakeEhr) -> Iterator[FakeEhr]:
    ehr.start()
    try:
        yield ehr
    finally:
        ehr.stop()


def observation(
    number: int, when: str, *, patient: str = "1", category: str = "laboratory", **more: Any
) -> Json:
    return {
        "resourceType": "Observation",
        "id": f"o{number}",
        "meta": {"versionId": "1"},
        "status": "final",
        "category": [{"coding": [{"code": category}]}],
        "code": {
            "coding": [{"system": "http://loinc.org", "code": "2160-0"}],
            "text": "Creatinine",
        },
        "subject": {"reference": f"Patient/{patient}"},
        "effectiveDateTime": when,
        "valueQuantity": {"value": 1.1, "unit": "mg/dL"},
        **more,
    }
