"""Reading settings from the environment: typed, with a hint when a value cannot be used.

A secret may also stand in a file that NAME_FILE points to, as container platforms hand them over.
"""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

_TRUE = frozenset({"1", "true", "yes", "on"})
_FALSE = frozenset({"0", "false", "no", "off", ""})


def text(name: str, default: str = "") -> str:
    return os.environ.get(name, default).strip()


def secret(name: str) -> str:
    """NAME, or the content of the file NAME_FILE; "" when neither is set."""
    path = text(f"{name}_FILE")
    if not path:
        return text(name)
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise ImproperlyConfigured(
            f"{name}_FILE points to a file that cannot be read ({error.strerror})."
        ) from None


def flag(name: str, *, default: bool = False) -> bool:
    value = text(name).lower()
    if name not in os.environ:
        return default
    if value in _TRUE or value in _FALSE:
        return value in _TRUE
    raise ImproperlyConfigured(f"{name} must be yes or no, not {value!r}.")


def number(name: str, default: int, *, least: int, most: int) -> int:
    """A whole number within bounds, both included."""
    value = text(name) or str(default)
    if not value.isdigit() or not least <= int(value) <= most:
        raise ImproperlyConfigured(
            f"{name} must be a whole number from {least} to {most}, not {value!r}."
        )
    return int(value)


def processors() -> int:
    """How many this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def words(name: str) -> list[str]:
    """Comma-separated words; empty ones are left out."""
    return [word.strip() for word in text(name).split(",") if word.strip()]


def pairs(name: str) -> dict[str, str]:
    """ "glucose=mmol/L, temperature=Cel" as a dict."""
    found = [word.partition("=") for word in words(name)]
    if not all(equals and value.strip() for _, equals, value in found):
        raise ImproperlyConfigured(f"{name} must be like glucose=mmol/L, temperature=Cel.")
    return {key.strip(): value.strip() for key, _, value in found}


def secret_words(name: str) -> list[str]:
    """Comma-separated secrets, from NAME or the file NAME_FILE."""
    return [word.strip() for word in secret(name).split(",") if word.strip()]


def database(name: str, sqlite: Path) -> dict[str, object]:
    """The database of a URL like postgresql://user:password@host/name?host=/socket, or SQLite at `sqlite`.

    SQLite: write-ahead log, and transactions that take the write lock when they begin; without that, two writers at
    once end in "database is locked". Its folder is made. Every thread has a connection with a cache of its own, so
    that is small: the system caches the file anyway.
    """
    url = secret(name)
    if not url:
        sqlite.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": str(sqlite),
            "CONN_MAX_AGE": None,
            "OPTIONS": {
                "timeout": 20,
                "transaction_mode": "IMMEDIATE",
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-256;",
            },
        }
    parts = urlsplit(url)
    if parts.scheme not in ("postgres", "postgresql"):
        raise ImproperlyConfigured(
            f"{name} must begin with postgresql:// (SQLite is used when unset)."
        )
    options = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", parts.hostname or ""),
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": 300,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": options,
    }
