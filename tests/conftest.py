"""What every test of the web application stands on: keys of this run, plain static files, quiet ends."""

from __future__ import annotations

import base64
import gc
import secrets
import signal
import threading
from collections import Counter
from collections.abc import Iterator
from typing import Any

import hypothesis
import pytest
from django.conf import settings
from django.test import TransactionTestCase

# The same examples in every run, and no clock: how long one takes depends on what else the machine does.
hypothesis.settings.register_profile(
    "gate",
    deadline=None,
    derandomize=True,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile("gate")


def pytest_configure(config: pytest.Config) -> None:
    """Tests run without anybody's environment: whatever is not set gets a value of this run."""
    if not hasattr(config, "workerinput"):
        # Whoever ends the run for taking too long is still told what had failed until then.
        signal.signal(signal.SIGTERM, signal.default_int_handler)
    if not settings.VISIT_LENS_KEYS:
        key = base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
        settings.VISIT_LENS_KEYS = [key]
    if not settings._wrapped.SECRET_KEY:
        settings.SECRET_KEY = secrets.token_urlsafe(50)
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    settings.MIDDLEWARE = [m for m in settings.MIDDLEWARE if not m.startswith("whitenoise.")]
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.VISIT_LENS_ZONE = (
        "America/Chicago"  # never UTC: a time shown in the wrong zone must be seen
    )


# The tracer makes a test two and a half times as long. These run, thousands of times over, what others run once.
_REPEATING = (
    "tests/sandbox/",
    "tests/clinical/rank/test_general.py",
    "tests/clinical/rank/test_ruleset_hostile.py",
    "tests/clinical/safety/",
    "tests/clinical/test_determinism.py",
    "tests/clinical/vitals/test_news2.py",
    "tests/summary_app/test_every_chart.py",
    "tests/summary_app/test_hostile.py",
)
_CASES = 4  # of one test: more of them run the same lines


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Coverage is measured where it can grow. What is left out can only make the figure smaller."""
    cases: Counter[str] = Counter()
    for item in items:
        name = item.nodeid.partition("[")[0]
        cases[name] += 1
        generated = getattr(getattr(item, "obj", None), "is_hypothesis_test", False)
        if generated or cases[name] > _CASES or name.startswith(_REPEATING):
            item.add_marker(pytest.mark.no_cover)


def pytest_collection_finish(session: pytest.Session) -> None:
    """As the web process does once it has loaded: what never changes any more is not looked through for garbage."""
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """The database of this run, emptied after each test in a way that costs little."""
    from tests import emptying

    with django_db_blocker.unblock():
        emptying.remember()
    TransactionTestCase._fixture_teardown = emptying.empty


@pytest.fixture
def quiet() -> Iterator[None]:
    """Ends every pull before the database of the test is emptied, and forgets what this process knew."""
    from summary_app.connections.services import wire
    from summary_app.rules.services import behind, in_force, observing, places, preferring, reading
    from summary_app.summary.services import live, pages, pulling

    yield
    assert pulling.wait_for_all(40), [thread.name for thread in threading.enumerate()]
    live.forget()
    pages.forget()
    wire.forget()
    behind.wait()
    for kept in (in_force, places, reading, observing, preferring):
        kept.forget()
