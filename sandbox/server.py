"""One sandbox EHR on the loopback interface: the addresses it answers, and the HTTP server that carries them."""

from __future__ import annotations

import sys
import threading
import traceback
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, tzinfo
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import quote

import orjson
from joserfc import jwk

from sandbox import capability, home
from sandbox.auth import Auth
from sandbox.clients import Clients, FetchKeys, fetch_keys, registered
from sandbox.faults import NONE, Faults, Switchboard, switched_on
from sandbox.fhir import FhirApi
from sandbox.grants import Context, Grants
from sandbox.store import Store
from sandbox.wire import (
    FhirError,
    OAuthError,
    PageError,
    Request,
    Response,
    json_response,
    redirect,
    refusal,
    split,
)

MOST_BYTES = 1_000_000
IDLE_SECONDS = 60


class Sandbox:
    """One EHR. name: in the addresses of the application ("mercy"). port: 0 = a free one. zone: of the house."""

    def __init__(
        self,
        store: Store,
        *,
        name: str,
        title: str,
        app_url: str,
        clock: Callable[[], float],
        port: int = 0,
        zone: tzinfo = UTC,
        faults: Faults = NONE,
        fetch: FetchKeys = fetch_keys,
        key: jwk.RSAKey | None = None,
    ) -> None:
        self.store, self.name, self.title = store, name, title
        self.board, self.stopping = Switchboard(faults), threading.Event()
        self._app, self._clock, self._zone = app_url.rstrip("/"), clock, zone
        self._httpd = _Httpd(("127.0.0.1", port), _Handler)
        self._httpd.sandbox = self
        self.root = f"http://127.0.0.1:{self._httpd.server_address[1]}"
        clients = Clients(
            registered(app_url, name), audience=f"{self.root}/auth/token", clock=clock, fetch=fetch
        )
        self.auth = Auth(store, clients, Grants(clock), root=self.root, board=self.board, key=key)
        self._fhir = FhirApi(
            store,
            root=self.root,
            title=title,
            started=datetime.fromtimestamp(clock(), UTC).isoformat(timespec="seconds"),
            authorize=self.auth.bearer,
            clock=clock,
        )
        self._routes = self._table()

    def _table(self) -> dict[tuple[str, str], Callable[[Request], Response]]:
        """What is served beside FHIR, by method and path."""
        auth = self.auth
        return {
            ("GET", "/"): self._home,
            ("GET", "/sandbox.css"): lambda request: home.stylesheet(),
            ("GET", "/launch-app"): self._launch,
            ("GET", "/auth/authorize"): self._authorize,
            ("POST", "/auth/authorize"): self._authorize,
            ("GET", "/auth/choose"): self._choose,
            ("GET", "/auth/chosen"): self._chosen,
            ("POST", "/auth/token"): lambda request: auth.token(request.form()),
            ("POST", "/auth/revoke"): lambda request: auth.revoke(request.form()),
            ("POST", "/auth/introspect"): lambda request: auth.introspect(request.form()),
            ("GET", "/auth/jwks"): lambda request: json_response(auth.jwks()),
            ("GET", "/.well-known/openid-configuration"): self._openid,
            ("GET", "/sandbox/faults"): self._faults,
            ("POST", "/sandbox/faults"): self._set_faults,
        }

    @property
    def base(self) -> str:
        return f"{self.root}/fhir"

    def start(self) -> None:
        """Serves from a thread of its own until `stop`."""
        serve = {"poll_interval": 0.05}
        threading.Thread(target=self._httpd.serve_forever, kwargs=serve, daemon=True).start()

    def stop(self) -> None:
        """Ends at once; who hangs is let go."""
        self.stopping.set()
        self._httpd.shutdown()
        self._httpd.server_close()

    def answer(self, request: Request) -> Response:
        """The answer to any request; errors have become answers."""
        try:
            return self._answer(request)
        except FhirError as error:
            return refusal(error)
        except OAuthError as error:
            content = {"error": error.error, "error_description": error.words}
            return json_response(content, error.status)
        except PageError as error:
            return home.refused(error.words, error.status, self.title)

    def _answer(self, request: Request) -> Response:
        allowed = {
            self.root.removeprefix("http://"),
            self.root.replace("http://127.0.0.1", "localhost"),
        }
        if request.header("Host") not in allowed:
            raise PageError(421, "This address is not served here.")
        if request.path == "/fhir" or request.path.startswith("/fhir/"):
            path = request.path.removeprefix("/fhir").strip("/")
            return self._fhir.answer(request, path, self.board)
        method = "GET" if request.method == "HEAD" else request.method
        route = self._routes.get((method, request.path))
        if route is None:
            raise PageError(404, "There is no such page here.")
        return route(request)

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self._clock(), self._zone)

    def _home(self, request: Request) -> Response:
        return home.home(
            self.store,
            title=self.title,
            now=self._now(),
            user=request.one("user"),
            words=request.one("q")[:100],
            active=self.board.all,
        )

    def _launch(self, request: Request) -> Response:
        """The EHR opens the application: SMART App Launch 2.2, EHR launch."""
        user = request.one("user") or "physician"
        context = Context(request.one("patient"), request.one("encounter"), user)
        launch = self.auth.new_launch(context)
        where = f"{self._app}/launch/{quote(self.name, safe='')}/"
        return redirect(where, [("iss", self.base), ("launch", launch)])

    def _authorize(self, request: Request) -> Response:
        found = self.auth.authorize(request.form() if request.method == "POST" else request.query)
        if isinstance(found, Response):
            return found
        return redirect("/auth/choose", [("request", found)])

    def _choose(self, request: Request) -> Response:
        return home.choice(
            self.store,
            title=self.title,
            word=request.one("request"),
            user=request.one("user") or "physician",
            words=request.one("q")[:100],
        )

    def _chosen(self, request: Request) -> Response:
        context = Context(request.one("patient"), "", request.one("user"))
        return self.auth.chosen(request.one("request"), context)

    def _openid(self, request: Request) -> Response:
        return json_response(capability.openid_configuration(self.root))

    def _faults(self, request: Request) -> Response:
        if request.query:
            self.board.change(dict(request.query))
            return redirect("/sandbox/faults")
        if "json" in request.header("Accept"):
            return json_response(switched_on(self.board.all))
        return home.switches(self.title, self.board.all)

    def _set_faults(self, request: Request) -> Response:
        """JSON adds to what is on; the form of the page states everything."""
        if "json" not in request.header("Content-Type"):
            stated = {name: value for name, value in request.form() if value.strip()}
            self.board.change({"reset": True, **stated})
            return redirect("/sandbox/faults")
        try:
            wishes: Any = orjson.loads(request.body)
        except orjson.JSONDecodeError:
            wishes = None
        if not isinstance(wishes, Mapping):
            raise FhirError(400, "invalid", "A JSON object is needed.")
        return json_response(switched_on(self.board.change(wishes)))


class _Httpd(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128
    sandbox: Sandbox

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is nothing to report."""
        if not isinstance(sys.exception(), ConnectionError | TimeoutError):
            traceback.print_exc()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = 1 << 16
    timeout = IDLE_SECONDS
    server_version = "VisitLensSandbox"
    sys_version = ""
    server: _Httpd

    def do_GET(self) -> None:
        length = self.headers.get("Content-Length") or "0"
        if not length.isdigit() or int(length) > MOST_BYTES or "Transfer-Encoding" in self.headers:
            self.close_connection = True
            self._send(Response(413))
            return
        body = self.rfile.read(int(length))
        try:
            path, query = split(self.path)
        except ValueError:
            self._send(refusal(FhirError(400, "invalid", "The address cannot be read.")))
            return
        headers = dict(self.headers.items())
        self._send(self._answered(Request(self.command, path, query, headers, body)))

    do_HEAD = do_POST = do_PUT = do_DELETE = do_PATCH = do_GET

    def _answered(self, request: Request) -> Response:
        try:
            return self.server.sandbox.answer(request)
        except Exception:  # noqa: BLE001  # one request that fails must not be the end of the server
            traceback.print_exc()
            return refusal(FhirError(500, "exception", "The sandbox itself failed; see its log."))

    def _send(self, response: Response) -> None:
        if response.delay:
            self.server.sandbox.stopping.wait(response.delay)
        if not response.status:
            self.close_connection = True
            return
        self.send_response(response.status)
        for name, value in response.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(response.body)))
        if response.short is not None:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(response.body[: response.short])

    def log_message(self, *_: Any) -> None:
        """Requests name patients; nothing is logged."""
