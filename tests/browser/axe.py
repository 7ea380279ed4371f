"""What axe finds on a page at rest: a row that is still unfolding has the contrast of a row that fades in."""

from __future__ import annotations

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page


def violations(page: Page) -> list[dict[str, Any]]:
    page.evaluate("Promise.allSettled(document.getAnimations().map((each) => each.finished))")
    found: list[dict[str, Any]] = Axe().run(page).response["violations"]
    return found
