"""Two EHRs on loopback, connections to them, and a browser that signs in."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client

from summary_app.models import Connection
from tests.clinical.fhir.fake_ehr import running
from tests.summary_app.ehr import MRN, SmartEhr

Launch = Callable[..., "Opened"]


@pytest.fixture
def ehrs() -> Iterator[Callable[..., SmartEhr]]:
    """Starts EHRs; they stop with the test."""
    with ExitStack() as stack:
        yield lambda *args, **kwargs: stack.enter_context(running(SmartEhr(*args, **kwargs)))


@pytest.fixture
def mercy(ehrs: Callable[..., SmartEhr]) -> SmartEhr:
    return ehrs()


@pytest.fixture
def connect(transactional_db: None, quiet: None) -> Callable[..., Connection]:
    """Makes the connection row of an EHR."""

    def make(ehr: SmartEhr, key: str = "mercy", **fields: Any) -> Connection:
        defaults: dict[str, Any] = {
            "name": f"{key.title()} Hospital",
            "base_url": ehr.base,
            "authorization": Connection.Authorization.ASYMMETRIC,
            "client_id": "visit-lens",
            "trusted_identifiers": MRN,
            "test": True,
        }
        return Connection.objects.create(key=key, **{**defaults, **fields})

    return make


class Opened:
    """A browser after a launch. response: of the callback. ctx: the opening's id, "" when refused."""

    def __init__(self, client: Client, response: Any) -> None:
        self.client, self.response = client, response
        location = response.headers.get("Location", "")
        self.ctx = location.split("/")[2] if location.startswith("/c/") else ""
        self.url = f"/c/{self.ctx}/"

    def until_complete(self) -> Any:
        """Polls as the page does; the last page."""
        response = self.client.get(self.url)
        until = time.monotonic() + 60
        while time.monotonic() < until:
            summary = response.context["summary"]
            if summary.complete:
                return response
            answer = self.client.get(response.context["poll_url"])
            if answer.status_code == 200:
                response = answer
            else:
                time.sleep(0.05)
        raise AssertionError("the page was never complete")


@pytest.fixture
def launch() -> Launch:
    """A whole launch with a browser of its own: the EHR's call, its sign-in, and back."""

    def go(
        ehr: SmartEhr, key: str = "mercy", *, client: Client | None = None, value: str = ""
    ) -> Opened:
        browser = client or Client()
        query = {"iss": ehr.base, "launch": value or f"launch-{len(ehr.asked)}-{id(browser)}"}
        away = browser.get(f"/launch/{key}/", query)
        assert away.status_code == 302, away.content
        back = ehr.authorize(away.headers["Location"])
        return Opened(browser, browser.get(f"/callback/{key}/", back))

    return go


def path_of(url: str) -> str:
    return urlsplit(url).path
