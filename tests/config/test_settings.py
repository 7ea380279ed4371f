"""Settings from the environment, and what they make of cookies and headers."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.test import Client

from config import env
from summary_app import checks, sealing


def test_words_numbers_and_flags(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("X", " a, b ,,c")
    assert env.words("X") == ["a", "b", "c"]
    monkeypatch.setenv("X", "yes")
    assert env.flag("X") is True
    monkeypatch.setenv("X", "0")
    assert env.flag("X", default=True) is False
    monkeypatch.delenv("X")
    assert env.flag("X", default=True) is True
    assert env.number("X", 5, least=1, most=9) == 5


@pytest.mark.parametrize("value", ["maybe", "2", "ja"])
def test_a_flag_that_is_neither_is_named(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("X", value)
    with pytest.raises(ImproperlyConfigured, match="X must be yes or no"):
        env.flag("X")


@pytest.mark.parametrize("value", ["-1", "0", "10", "ten", "5.0"])
def test_a_number_out_of_bounds_is_named(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("X", value)
    with pytest.raises(ImproperlyConfigured, match="from 1 to 9"):
        env.number("X", 5, least=1, most=9)


def test_a_secret_may_stand_in_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "key").write_text("from the file\n")
    monkeypatch.setenv("X", "from the environment")
    assert env.secret("X") == "from the environment"
    monkeypatch.setenv("X_FILE", str(tmp_path / "key"))
    assert env.secret("X") == "from the file"
    monkeypatch.setenv("X_FILE", str(tmp_path / "missing"))
    with pytest.raises(ImproperlyConfigured, match="X_FILE"):
        env.secret("X")


def test_the_database_is_sqlite_or_postgresql(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DB", raising=False)
    lite = env.database("DB", Path("/x/y.sqlite3"))
    assert lite["OPTIONS"]["transaction_mode"] == "IMMEDIATE"  # type: ignore[index]
    monkeypatch.setenv("DB", "postgresql://u%40x:p%2F@h:5433/n?host=/sock&sslmode=require")
    found = env.database("DB", Path("/x"))
    assert (found["USER"], found["PASSWORD"], found["NAME"]) == ("u@x", "p/", "n")
    assert (found["HOST"], found["PORT"], found["OPTIONS"]) == (
        "/sock",
        "5433",
        {"sslmode": "require"},
    )
    monkeypatch.setenv("DB", "mysql://x")
    with pytest.raises(ImproperlyConfigured, match="postgresql://"):
        env.database("DB", Path("/x"))


# ---- checks -----------------------------------------------------------------------------------------------------


def test_missing_and_malformed_keys_are_errors_with_a_way_out(settings: Any) -> None:
    settings.VISIT_LENS_KEYS = []
    (missing,) = checks.keys_are_set()
    assert missing.id == "visit_lens.E001"
    assert "VISIT_LENS_KEYS" in str(missing.hint)
    settings.VISIT_LENS_KEYS = ["short"]
    (malformed,) = checks.keys_are_set()
    assert malformed.id == "visit_lens.E002"
    assert "short" not in malformed.msg
    settings.VISIT_LENS_ZONE = "Mars/Olympus"
    assert checks.zone_exists()[0].id == "visit_lens.E004"
    settings.HTTPS = False
    assert checks.served_by_https()[0].id == "visit_lens.W001"


# ---- sealing ----------------------------------------------------------------------------------------------------

OLD, NEW = ("A" * 42 + "E=", "B" * 42 + "E=")


def test_what_is_sealed_opens_for_the_same_purpose_only(settings: Any) -> None:
    settings.VISIT_LENS_KEYS = [OLD]
    sealed = sealing.seal(b"words", purpose="a")
    assert b"words" not in sealed
    assert sealing.unseal(sealed, purpose="a") == b"words"
    assert sealing.seal(b"words", purpose="a") != sealed
    with pytest.raises(sealing.CannotOpen):
        sealing.unseal(sealed, purpose="b")


def test_a_new_key_seals_and_the_old_one_still_opens(settings: Any) -> None:
    settings.VISIT_LENS_KEYS = [OLD]
    before = sealing.seal(b"words", purpose="a")
    settings.VISIT_LENS_KEYS = [NEW, OLD]
    assert sealing.unseal(before, purpose="a") == b"words"
    after = sealing.seal(b"words", purpose="a")
    settings.VISIT_LENS_KEYS = [NEW]
    assert sealing.unseal(after, purpose="a") == b"words"
    with pytest.raises(sealing.CannotOpen, match="not in VISIT_LENS_KEYS"):
        sealing.unseal(before, purpose="a")


def test_a_changed_byte_is_noticed(settings: Any) -> None:
    settings.VISIT_LENS_KEYS = [OLD]
    sealed = bytearray(sealing.seal(b"words", purpose="a"))
    for place in range(len(sealed)):
        changed = bytes(sealed[:place]) + bytes([sealed[place] ^ 1]) + bytes(sealed[place + 1 :])
        with pytest.raises(sealing.CannotOpen):
            sealing.unseal(changed, purpose="a")


def test_without_a_key_nothing_is_sealed(settings: Any) -> None:
    settings.VISIT_LENS_KEYS = []
    with pytest.raises(sealing.BadKey):
        sealing.seal(b"words", purpose="a")


# ---- headers ----------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_every_page_has_the_strict_policy_and_is_kept_nowhere() -> None:
    for address in ("/", "/health", "/c/AAAAAAAAAAAAAAAAAAAAAA/", "/launch/none/", "/admin/login/"):
        answer = Client().get(address)
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "script-src 'self'" in policy
        assert "unsafe" not in policy
        assert "frame-ancestors" in policy
        assert "no-store" in answer.headers["Cache-Control"]
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


def asked_of(script: str, **environment: str) -> Any:
    """What settings made from another environment say."""
    done = subprocess.run(  # noqa: S603  # our own interpreter and script
        [sys.executable, "-c", script],
        cwd=settings.BASE_DIR,
        env={
            "PATH": os.environ["PATH"],
            "DJANGO_SETTINGS_MODULE": "config.settings",
            **environment,
        },
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout)


COOKIES = """
import json
from django.conf import settings
names = ("SESSION_COOKIE_SECURE", "SESSION_COOKIE_SAMESITE", "SESSION_COOKIE_NAME", "SECURE_SSL_REDIRECT", "ALLOWED_HOSTS")
print(json.dumps({name: getattr(settings, name) for name in names}))
"""


def test_cookies_are_secure_exactly_where_the_site_is_https() -> None:
    there = asked_of(COOKIES, VISIT_LENS_BASE_URL="https://lens.example", VISIT_LENS_SECRET_KEY="x")
    assert there["SESSION_COOKIE_SECURE"]
    assert there["SESSION_COOKIE_SAMESITE"] == "None"
    assert there["SESSION_COOKIE_NAME"].startswith("__Host-")
    assert there["ALLOWED_HOSTS"] == ["lens.example"]
    here = asked_of(COOKIES, VISIT_LENS_DEMO="1", VISIT_LENS_SECRET_KEY="x")
    assert not here["SESSION_COOKIE_SECURE"]
    assert not here["SECURE_SSL_REDIRECT"]


FRAME = """
import json, django
django.setup()
from django.http import HttpResponse
from django.test import RequestFactory
from config.headers import PartitionedCookies
def view(request):
    response = HttpResponse()
    response.set_cookie("a", "b", secure=True, httponly=True, samesite="None")
    return response
response = PartitionedCookies(view)(RequestFactory().get("/"))
print(json.dumps([morsel.OutputString() for morsel in response.cookies.values()]))
"""


def test_cookies_are_partitioned_for_use_in_a_frame() -> None:
    (line,) = asked_of(FRAME, VISIT_LENS_BASE_URL="https://lens.example", VISIT_LENS_SECRET_KEY="x")
    assert line.startswith("a=b")
    for word in ("HttpOnly", "Secure", "SameSite=None", "Partitioned"):
        assert word in line


BROKER = """
import json
from config.celery import app
print(json.dumps([app.conf.broker_url, app.conf.broker_transport_options, sorted(e["task"] for e in app.conf.beat_schedule.values())]))
"""


def test_the_broker_is_files_unless_another_is_set(tmp_path: Path) -> None:
    url, options, tasks = asked_of(BROKER, VISIT_LENS_VAR=str(tmp_path), VISIT_LENS_SECRET_KEY="x")
    assert url == "filesystem://"
    assert options["data_folder_in"] == options["data_folder_out"]
    assert options["control_folder"]
    assert {name.rpartition(".")[0] for name in tasks} == {
        "summary_app.summary.tasks",
        "summary_app.rules.tasks",
    }
    url, options, _ = asked_of(
        BROKER, BROKER_URL="redis://127.0.0.1:6379/0", VISIT_LENS_SECRET_KEY="x"
    )
    assert url == "redis://127.0.0.1:6379/0"
    assert "data_folder_in" not in options
