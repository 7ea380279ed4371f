"""The processes of a measurement: two stand-in EHRs, and the product as it is deployed, all on loopback.

The product is gunicorn with threads, the project's own settings, SQLite in a folder of this run. Everything ends
with the run, also when the run is killed.
"""

from __future__ import annotations

import base64
import ctypes
import os
import secrets
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import orjson
import requests

ROOT = Path(__file__).resolve().parents[2]
WAITS = {"mercy": 0.150, "lakeside": 0.250}  # seconds per request; mercy launches
PATIENTS = 140  # of each shape
_patients = threading.Lock()
_START_SECONDS = 60.0
# A stand-in stands for a machine of its own: it must not take its pages anew from this one for every answer.
_KEEPS_MEMORY = {"MALLOC_MMAP_THRESHOLD_": str(1 << 30), "MALLOC_TRIM_THRESHOLD_": str(1 << 30)}
_END_WITH_PARENT = 1  # PR_SET_PDEATHSIG


@dataclass(frozen=True)
class Sent:
    """One request as the stand-in EHR saw it. Times are monotonic, of the whole machine."""

    target: str
    arrived: float
    sent: float
    entries: int
    bytes: int

    @property
    def seconds(self) -> float:
        return self.sent - self.arrived


@dataclass(frozen=True)
class StandIn:
    name: str
    origin: str

    @property
    def base(self) -> str:
        return f"{self.origin}/fhir"

    def set(self, *, cap: int = 1000, hangs: bool = False) -> None:
        """cap: entries on a page. hangs: takes requests and never answers."""
        requests.get(f"{self.origin}/set?cap={cap}&hangs={int(hangs)}", timeout=5)

    def log(self) -> list[Sent]:
        """What was asked since the last look."""
        found = orjson.loads(requests.get(f"{self.origin}/log", timeout=5).content)
        return [Sent(**each) for each in found]


@dataclass(frozen=True)
class World:
    """mercy: the EHR that launches. web_pid: of the process that serves pages. var: the product's folder."""

    mercy: StandIn
    lakeside: StandIn
    web: str
    web_pid: int
    var: Path
    env: dict[str, str]
    used: dict[str, int] = field(default_factory=dict)

    def fresh(self, shape: str) -> str:
        """A patient whom nobody has read yet."""
        with _patients:
            number = self.used[shape] = self.used.get(shape, 0) + 1
        if number > PATIENTS:
            raise ValueError(f"more than {PATIENTS} patients of {shape} were asked for")
        return f"{shape}.{number}"

    @property
    def ehrs(self) -> tuple[StandIn, StandIn]:
        return self.mercy, self.lakeside


@contextmanager
def world(env: dict[str, str], shapes: Sequence[str]) -> Iterator[World]:
    """env: see `environment`. Patients of these shapes are linked between the EHRs, as after an earlier visit."""
    var = Path(env["VISIT_LENS_VAR"])
    patients = [f"{shape}.{number + 1}" for shape in shapes for number in range(PATIENTS)]
    with _children() as children:
        ehrs = {name: _stand_in(children, name, wait, var) for name, wait in WAITS.items()}
        _prepare(env, ehrs, patients)
        web = _web(children, env)
        address = env["VISIT_LENS_BASE_URL"]
        try:
            yield World(ehrs["mercy"], ehrs["lakeside"], address, _worker(web), var, env)
        except Exception:
            sys.stderr.write(f"The log of the web process ends with:\n{_end_of(var / 'web.log')}\n")
            raise


def _end_of(log: Path) -> str:
    return log.read_text()[-3000:]


def environment(var: Path) -> dict[str, str]:
    """Keys of this run only; nothing of anybody's environment but the path."""
    key = base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return {
        **kept,
        "PYTHONPATH": str(ROOT),
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "VISIT_LENS_VAR": str(var),
        "VISIT_LENS_KEYS": key,
        "VISIT_LENS_SECRET_KEY": secrets.token_urlsafe(50),
        "VISIT_LENS_BASE_URL": f"http://127.0.0.1:{_free_port()}",
    }


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextmanager
def _children() -> Iterator[list[subprocess.Popen[bytes]]]:
    started: list[subprocess.Popen[bytes]] = []
    try:
        yield started
    finally:
        for child in started:
            child.terminate()
        for child in started:
            try:
                child.wait(8)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()


def _start(
    children: list[subprocess.Popen[bytes]], words: Sequence[str], env: dict[str, str], log: Path
) -> subprocess.Popen[bytes]:
    with log.open("wb") as out:
        child = subprocess.Popen(  # noqa: S603
            [sys.executable, "-m", *words],
            env=env, cwd=ROOT, stdout=out, stderr=subprocess.STDOUT, preexec_fn=_end_with_parent,  # noqa: PLW1509
        )  # fmt: skip
    children.append(child)
    return child


def _end_with_parent() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_END_WITH_PARENT, signal.SIGTERM)


def _stand_in(
    children: list[subprocess.Popen[bytes]], name: str, wait: float, var: Path
) -> StandIn:
    ready, log = var / f"{name}.port", var / f"{name}.log"
    words = ["tests.bench.standin", "--name", name, "--wait", str(wait), "--ready", str(ready)]
    child = _start(children, words, {**os.environ, **_KEEPS_MEMORY, "PYTHONPATH": str(ROOT)}, log)
    until = time.monotonic() + _START_SECONDS
    while not (ready.exists() and ready.read_text()):
        _still_there(child, log, until)
        time.sleep(0.05)
    return StandIn(name, f"http://127.0.0.1:{ready.read_text()}")


def _still_there(child: subprocess.Popen[bytes], log: Path, until: float) -> None:
    if child.poll() is not None or time.monotonic() > until:
        raise SystemExit(f"A process of the benchmark did not start:\n{_end_of(log)}")


@contextmanager
def sandbox(env: dict[str, str], patients: Path) -> Iterator[str]:
    """The product with the two sandbox EHRs, as `./run --data` starts them; gives the address of a launch."""
    with sandboxes(env, patients) as ehrs:
        launch = "launch-app?patient={patient}&encounter={encounter}&user=physician"
        yield f"{ehrs['mercy']}/{launch}"


@contextmanager
def sandboxes(
    env: dict[str, str], patients: Path | None = None, *, module: str = "config.wsgi"
) -> Iterator[dict[str, str]]:
    """The same; gives the address of each EHR. module: what the web process serves."""
    var = Path(env["VISIT_LENS_VAR"])
    env = {**env, "VISIT_LENS_DEMO": "1"}
    ports = {"mercy": _free_port(), "lakeside": _free_port()}
    with _children() as children:
        for name, port in ports.items():
            words = ["sandbox", "serve", "--name", name, "--title", name.title(), "--port", str(port)]  # fmt: skip
            words += ["--app-url", env["VISIT_LENS_BASE_URL"], "--ready-file", str(var / name)]
            words += ["--data", str(patients)] if patients and name == "mercy" else []
            child = _start(children, words, env, var / f"{name}.log")
            until = time.monotonic() + 2 * _START_SECONDS
            while not (var / name).exists():
                _still_there(child, var / f"{name}.log", until)
                time.sleep(0.1)
        _manage(env, "migrate", "--verbosity", "0")
        _manage(env, "collectstatic", "--noinput", "--verbosity", "0")
        addresses = (f"--{name}=http://127.0.0.1:{port}" for name, port in ports.items())
        _manage(env, "connect_sandbox", *addresses)
        _web(children, env, module)
        yield {name: f"http://127.0.0.1:{port}" for name, port in ports.items()}


@contextmanager
def served(env: dict[str, str]) -> Iterator[str]:
    """The product alone, on what is in its folder already; gives its address."""
    with _children() as children:
        _manage(env, "collectstatic", "--noinput", "--verbosity", "0")
        _web(children, env)
        yield env["VISIT_LENS_BASE_URL"]


def _manage(env: dict[str, str], *words: str) -> None:
    subprocess.run([sys.executable, "manage.py", *words], env=env, cwd=ROOT, check=True)  # noqa: S603


def _prepare(env: dict[str, str], ehrs: dict[str, StandIn], patients: Sequence[str]) -> None:
    content = {
        "patients": list(patients),
        "ehrs": {name: each.base for name, each in ehrs.items()},
    }
    _manage(env, "migrate", "--verbosity", "0")
    _manage(env, "collectstatic", "--noinput", "--verbosity", "0")
    subprocess.run(
        [sys.executable, "-m", "tests.bench.site"],
        env=env, cwd=ROOT, check=True, input=orjson.dumps(content),
    )  # fmt: skip


def _web(
    children: list[subprocess.Popen[bytes]], env: dict[str, str], module: str = "config.wsgi"
) -> subprocess.Popen[bytes]:
    """As `./run` starts it."""
    address = env["VISIT_LENS_BASE_URL"]
    words = [
        "gunicorn", module, "--bind", address.removeprefix("http://"), "--worker-class", "gthread",
        "--workers", "1", "--threads", "32", "--graceful-timeout", "2", "--log-level", "warning",
    ]  # fmt: skip
    log = Path(env["VISIT_LENS_VAR"]) / "web.log"
    child = _start(children, words, env, log)
    until = time.monotonic() + _START_SECONDS
    while not _is_up(address):
        _still_there(child, log, until)
        time.sleep(0.1)
    return child


def _is_up(address: str) -> bool:
    try:
        return requests.get(f"{address}/health", timeout=2).ok
    except requests.RequestException:
        return False


def _worker(web: subprocess.Popen[bytes]) -> int:
    """The process that serves: gunicorn's child."""
    listed = Path(f"/proc/{web.pid}/task/{web.pid}/children").read_text().split()
    return int(listed[0])
