"""A real Chromium on the real application, with SMART EHRs on loopback."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from playwright.sync_api import Browser, BrowserContext, Page

from tests.browser.patients import anna
from tests.summary_app.conftest import Opened, connect, ehrs, launch
from tests.summary_app.ehr import SmartEhr

__all__ = ["connect", "ehrs", "launch"]

# The browser's own event loop runs in the thread of the test.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"

CHROMIUM = (
    os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
)

# Kept by every page: what the policy blocked, and how far things moved without being asked.
WATCH = """
window.blocked = [];
window.moved = 0;
addEventListener("securitypolicyviolation", (e) => blocked.push(`${e.violatedDirective} ${e.blockedURI} ${e.sample}`));
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.moved += entry.value;
}).observe({ type: "layout-shift", buffered: true });
"""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What stands in this folder drives a browser, whether or not its file says so."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    if not CHROMIUM:
        pytest.skip("no Chromium on this machine")
    arguments = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
                 "--disable-component-update", "--disable-sync"]  # fmt: skip
    return {**browser_type_launch_args, "executable_path": CHROMIUM, "args": arguments}


@pytest.fixture
def mercy(ehrs: Callable[..., SmartEhr]) -> SmartEhr:
    return ehrs(anna())


class Desk:
    """A clinician at a browser. Signing in happens at the EHR; its cookies are then the browser's."""

    def __init__(self, browser: Browser, address: str) -> None:
        self.browser, self.address = browser, address
        self._contexts: list[BrowserContext] = []

    def context(self, opened: Opened | None = None, **options: Any) -> BrowserContext:
        context = self.browser.new_context(
            base_url=self.address, **{"viewport": {"width": 1440, "height": 900}, **options}
        )
        if options.get("java_script_enabled", True):
            context.add_init_script(WATCH)
        if opened is not None:
            for name in (settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME):
                if name in opened.client.cookies:
                    value = opened.client.cookies[name].value
                    context.add_cookies([{"name": name, "value": value, "url": self.address}])
        self._contexts.append(context)
        return context

    def open(self, opened: Opened, *, whole: bool = True, **options: Any) -> Page:
        """The page of an opening; with `whole` once every source has answered."""
        page = self.context(opened, **options).new_page()
        page.set_default_timeout(10_000)
        page.goto(opened.url)
        if whole:
            complete(page)
        return page

    def close(self) -> None:
        for context in self._contexts:
            context.close()


@pytest.fixture
def desk(browser: Browser, live_server: Any) -> Iterator[Desk]:
    found = Desk(browser, live_server.url)
    yield found
    found.close()


def complete(page: Page) -> None:
    page.wait_for_selector("html[data-summary=complete]")


def blocked(page: Page) -> list[str]:
    """What the content security policy stopped on this page."""
    return list(page.evaluate("window.blocked"))
