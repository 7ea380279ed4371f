"""Two web processes on one database file, as a site runs them, on loopback. They end with the test."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import requests

from tests.bench.application import ROOT, environment

_START_SECONDS = 90.0


@contextmanager
def two_processes(var: Path, ehr: str) -> Iterator[tuple[list[str], str]]:
    """The addresses of both, and the session of a publisher. ehr: base URL of the EHR that launches."""
    envs = [{**environment(var), "VISIT_LENS_DEBUG": "1"} for _ in range(2)]
    envs[1] = {**envs[0], "VISIT_LENS_BASE_URL": envs[1]["VISIT_LENS_BASE_URL"]}
    made = subprocess.run(  # noqa: S603
        [sys.executable, "-m", "tests.summary_app.two_processes", ehr],
        env=envs[0], cwd=ROOT, check=True, capture_output=True, text=True,
    )  # fmt: skip
    children = []
    try:
        for number, env in enumerate(envs):
            with (var / f"web-{number}.log").open("wb") as log:
                child = subprocess.Popen(_words(env), env=env, cwd=ROOT, stdout=log, stderr=log)  # noqa: S603
                children.append(child)
        addresses = [env["VISIT_LENS_BASE_URL"] for env in envs]
        for address, child in zip(addresses, children, strict=True):
            _wait_for(address, child)
        yield addresses, json.loads(made.stdout.splitlines()[-1])
    finally:
        for child in children:
            child.terminate()
        for child in children:
            child.wait(20)


def _words(env: dict[str, str]) -> list[str]:
    """As `./run` starts it."""
    address = env["VISIT_LENS_BASE_URL"].removeprefix("http://")
    return [
        sys.executable, "-m", "gunicorn", "config.wsgi", "--bind", address, "--worker-class", "gthread",
        "--workers", "1", "--threads", "8", "--graceful-timeout", "1", "--log-level", "warning",
    ]  # fmt: skip


def _wait_for(address: str, child: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + _START_SECONDS
    while time.monotonic() < until and child.poll() is None:
        try:
            if requests.get(f"{address}/health", timeout=2).ok:
                return
        except requests.RequestException:
            time.sleep(0.1)
    raise AssertionError(f"{address} did not start")


def make_site(ehr: str) -> str:
    """A database with one EHR, and version 2 of diabetes in force everywhere. Returns the session of a publisher."""
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore
    from django.core.management import call_command
    from django.utils import timezone

    from clinical.rank.ruleset_file import table_of
    from summary_app.models import Connection, RuleSetVersion
    from summary_app.rules.services import drafts, editing, life
    from tests.summary_app.rules import person

    call_command("migrate", verbosity=0)
    Connection.objects.create(
        key="mercy", name="Mercy", base_url=ehr, client_id="visit-lens", test=True,
        authorization=Connection.Authorization.ASYMMETRIC,
    )  # fmt: skip
    now, pia = timezone.now(), person("pia", "publisher")
    version = drafts.start(person("ann", "author"), "diabetes", number=1, now=now)
    rule = editing.Rule(item="lab.hba1c", importance="must", lookback="24")
    table = editing.with_rule(table_of(version.text), rule)
    version = drafts.save(person("ann"), version, table, saved=version.saved, now=now)
    RuleSetVersion.objects.filter(pk=version.pk).update(state="approved")
    version.refresh_from_db()
    life.publish(pia, version, life.Scope(), why="", now=now)
    session = SessionStore()
    session[SESSION_KEY] = str(pia.pk)
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = pia.get_session_auth_hash()
    session.save()
    return str(session.session_key)


if __name__ == "__main__":
    import django

    django.setup()
    sys.stdout.write(f"\n{json.dumps(make_site(sys.argv[1]))}\n")
