"""A stand-in EHR: a process of its own that serves prepared bytes with a fixed service time, and signs clinicians in.

Every answer takes `base` seconds plus `entry` seconds for each entry, whatever the machine does: the work is done
while the time passes. What each request really took is in its own log (`/log`), which is what figures divide by.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import gc
import hashlib
import json
import os
import secrets
import time
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import orjson
from joserfc import jwk, jwt

from clinical.fhir import keys
from tests.bench import ward
from tests.bench.defects import CHARTS as DEFECTS
from tests.bench.prepared import Chart, Item, Query, for_patient, prepare, prepared_shape, searchset
from tests.bench.records import Shape

SHAPES = (
    Shape("k50", 50, 1.0),
    Shape("k1000", 1000, 1.0),
    Shape("k10000", 10_000, 1.0, elsewhere=3_000),
    Shape("y10000", 10_000, 3.0, elsewhere=3_000),
)
_STATUS = {200: "OK", 302: "Found", 400: "Bad Request", 401: "Unauthorized", 404: "Not Found"}


@dataclass
class Answer:
    body: bytes
    status: int = 200
    entries: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    kind: str = "application/fhir+json"


@dataclass
class Request:
    method: str
    path: str
    query: Query
    headers: dict[str, str]
    body: bytes


class Ehr:
    """cap: entries per page. wait: (seconds per request, seconds per entry). hangs: searches get no answer at all."""

    def __init__(self, name: str, port: int, wait: tuple[float, float]) -> None:
        self.name, self.wait = name, wait
        self.cap, self.hangs = 1000, False
        self.origin = f"http://127.0.0.1:{port}"
        self.base = f"{self.origin}/fhir"
        self.log: list[dict[str, Any]] = []
        self.hung: list[asyncio.Transport] = []
        self._key = keys.new_key("ehr-1")
        self._codes: dict[str, dict[str, str]] = {}
        self._tokens: set[str] = set()
        self._pages: dict[str, tuple[str, list[Item], int, int]] = {}
        today = datetime.now(UTC).date()  # noqa: TID251
        self._charts: dict[str, Chart] = {
            shape.key: prepared_shape(shape, name, today, self.base, second=name == "lakeside")
            for shape in SHAPES
        }
        self._charts |= {key: self._defect(key, today) for key in DEFECTS}
        now = datetime.now(UTC)  # noqa: TID251
        lying = ward.charts(name, now)
        self._charts |= {key: prepare(resources, self.base) for key, resources in lying.items()}
        self._ward = prepare(ward.places(now), self.base)

    def _defect(self, key: str, today: date) -> Chart:
        return prepare(DEFECTS[key](self.name, today), self.base)

    # ---- routing

    def answer(self, request: Request) -> Answer:
        path = request.path
        if path == "/log":
            log, self.log = self.log, []
            return Answer(orjson.dumps(log))
        if path == "/set":
            asked = dict(request.query)
            self.cap, self.hangs = int(asked.get("cap", "1000")), asked.get("hangs") == "1"
            while self.hung and not self.hangs:
                self.hung.pop().abort()
            return Answer(b"{}")
        if path == "/static":
            return Answer(b"x" * 4000)
        if path.startswith("/open/"):  # the same server for a client without a sign-in
            return self._fhir(path.removeprefix("/open/"), request, "/open")
        return self._smart(path.removeprefix("/fhir/"), request)

    def _smart(self, path: str, request: Request) -> Answer:
        special = {
            ".well-known/smart-configuration": self._configuration,
            "auth/authorize": self._authorize,
            "auth/token": self._token,
            "metadata": lambda _: Answer(_CAPABILITY),  # for everybody, as the standard has it
            "auth/jwks": lambda _: Answer(orjson.dumps(keys.public_keys([self._key]))),
        }.get(path)
        if special is not None:
            return special(request)
        bearer = request.headers.get("authorization", "").removeprefix("Bearer ")
        if bearer not in self._tokens:
            return Answer(b'{"resourceType":"OperationOutcome"}', 401)
        return self._fhir(path, request, "/fhir")

    def _fhir(self, path: str, request: Request, root: str) -> Answer:
        if path == "metadata":
            return Answer(_CAPABILITY)
        if path.startswith("page/"):
            kept = self._pages.get(path.removeprefix("page/"))
            return self._page(*kept, root) if kept else Answer(b"{}", 404)
        kind, _, name = path.partition("/")
        if name:
            return self._read(kind, name)
        patient = dict(request.query).get("patient", "").removeprefix("Patient/")
        if kind == "Encounter" and not patient:  # who lies where
            items = self._ward.items
            return self._page("", [*items["Encounter"], *items["Location"]], 0, self.cap, root)
        found = self._of(patient).found(kind, [q for q in request.query if q[0] != "patient"])
        size = min(self.cap, int(dict(request.query).get("_count") or self.cap))
        return self._page(patient, found, 0, size, root)

    def _of(self, patient: str) -> Chart:
        return self._charts.get(patient.partition(".")[0]) or Chart()

    def _read(self, kind: str, name: str) -> Answer:
        patient = name.partition("-")[0]
        item = self._of(patient).one(kind, name.replace(patient, "--patient--"))
        return Answer(for_patient(item.resource, patient), 200, 1) if item else Answer(b"{}", 404)

    def _page(self, patient: str, found: list[Item], start: int, size: int, root: str) -> Answer:
        part = found[start : start + size]
        links = b""
        if start + size < len(found):
            token = secrets.token_hex(8)
            self._pages[token] = (patient, found, start + size, size)
            links = b'{"relation":"next","url":"%s%s/page/%s"}' % (
                self.origin.encode(),
                root.encode(),
                token.encode(),
            )
        body = searchset(part, total=len(found), links=links)
        return Answer(for_patient(body, patient), 200, len(part))

    # ---- sign-in

    def _configuration(self, _: Request) -> Answer:
        return Answer(
            orjson.dumps(
                {
                    "issuer": self.base,
                    "authorization_endpoint": f"{self.base}/auth/authorize",
                    "token_endpoint": f"{self.base}/auth/token",
                    "jwks_uri": f"{self.base}/auth/jwks",
                    "capabilities": ["launch-ehr", "permission-v2", "sso-openid-connect"],
                    "code_challenge_methods_supported": ["S256"],
                    "grant_types_supported": ["authorization_code", "client_credentials"],
                }
            )
        )

    def _authorize(self, request: Request) -> Answer:
        """The clinician is signed in already, and sent back at once. launch: "<patient>~<practitioner>~<anything>"."""
        sent = dict(request.query)
        code = secrets.token_urlsafe(16)
        self._codes[code] = sent
        query = urlencode({"code": code, "state": sent["state"]})
        return Answer(b"", 302, headers={"Location": f"{sent['redirect_uri']}?{query}"})

    def _token(self, request: Request) -> Answer:
        form = {name: values[0] for name, values in parse_qs(request.body.decode()).items()}
        if form.get("grant_type") == "client_credentials":
            return self._granted(form["scope"], {})
        sent = self._codes.pop(form.get("code", ""), None)
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        proof = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if sent is None or proof != sent["code_challenge"]:
            return Answer(b'{"error":"invalid_grant"}', 400)
        patient, user = sent["launch"].split("~")[:2]
        context = {
            "patient": patient,
            "encounter": f"{patient}-visit",
            "id_token": self._id_token(sent, user),
        }
        return self._granted(sent["scope"], context)

    def _granted(self, scope: str, context: dict[str, str]) -> Answer:
        access = secrets.token_urlsafe(24)
        self._tokens.add(access)
        content = {
            "access_token": access,
            "token_type": "Bearer",
            "expires_in": 3600,
            "scope": scope,
        }
        return Answer(orjson.dumps({**content, **context}), kind="application/json")

    def _id_token(self, sent: dict[str, str], user: str) -> str:
        now = int(time.time())
        claims = {
            "iss": self.base, "aud": sent["client_id"], "sub": user, "exp": now + 300, "iat": now,
            "nonce": sent["nonce"], "fhirUser": f"Practitioner/{user}", "name": f"Dr. {user.title()}",
        }  # fmt: skip
        key = jwk.ECKey.import_key(json.loads(self._key))
        return jwt.encode({"alg": "ES384", "kid": "ehr-1"}, claims, key, algorithms=["ES384"])


_CAPABILITY = orjson.dumps(
    {
        "resourceType": "CapabilityStatement", "status": "active", "kind": "instance", "date": "2026-01-01",
        "fhirVersion": "4.0.1", "format": ["json"],
    }
)  # fmt: skip


class Protocol(asyncio.Protocol):
    """HTTP/1.1 with kept connections, no more of it than the benchmark's clients send."""

    def __init__(self, ehr: Ehr) -> None:
        self._ehr = ehr
        self._held = b""
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]

    def data_received(self, data: bytes) -> None:
        self._held += data
        head, mark, rest = self._held.partition(b"\r\n\r\n")
        if not mark:
            return
        lines = head.decode("latin-1").split("\r\n")
        headers = {n.lower(): v.strip() for n, _, v in (line.partition(":") for line in lines[1:])}
        length = int(headers.get("content-length", 0))
        if len(rest) < length:
            return
        self._held = rest[length:]
        method, target, _ = lines[0].split(" ", 2)
        parts = urlsplit(target)
        request = Request(method, parts.path, parse_qsl(parts.query), headers, rest[:length])
        self._serve(request, target, time.monotonic())

    def _serve(self, request: Request, target: str, arrived: float) -> None:
        ehr = self._ehr
        control = request.path in ("/log", "/set", "/static") or "/auth/authorize" in request.path
        if ehr.hangs and not control:
            ehr.hung.append(self._transport)
            return
        answer = ehr.answer(request)
        seconds = 0.0 if control else ehr.wait[0] + ehr.wait[1] * answer.entries
        left = max(0.0, arrived + seconds - time.monotonic())
        asyncio.get_running_loop().call_later(left, self._send, answer, target, arrived, control)

    def _send(self, answer: Answer, target: str, arrived: float, control: bool) -> None:
        headers = {
            "Content-Type": answer.kind,
            "Content-Length": str(len(answer.body)),
            **answer.headers,
        }
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        head = f"HTTP/1.1 {answer.status} {_STATUS[answer.status]}\r\n{lines}\r\n".encode()
        self._transport.write(head + answer.body)
        if not control:
            self._ehr.log.append(
                {
                    "target": target, "arrived": arrived, "sent": time.monotonic(),
                    "entries": answer.entries, "bytes": len(answer.body),
                }
            )  # fmt: skip


async def serve(name: str, wait: tuple[float, float], ready: Path) -> None:
    """Until the process that started this one is gone."""
    parent = os.getppid()
    loop = asyncio.get_running_loop()
    ehrs: list[Ehr] = []
    server = await loop.create_server(lambda: Protocol(ehrs[0]), "127.0.0.1", 0, backlog=256)
    port = server.sockets[0].getsockname()[1]
    ehrs.append(Ehr(name, port, wait))
    gc.collect()
    gc.freeze()  # tens of thousands of prepared entries are not looked through between answers
    ready.write_text(str(port))
    while os.getppid() == parent:
        await asyncio.sleep(0.5)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--name", required=True)
    parser.add_argument("--wait", type=float, required=True, help="seconds per request")
    parser.add_argument("--entry", type=float, default=0.0003, help="seconds per entry")
    parser.add_argument("--ready", type=Path, required=True, help="file that gets the port")
    options = parser.parse_args()
    asyncio.run(serve(options.name, (options.wait, options.entry), options.ready))


if __name__ == "__main__":
    main()
