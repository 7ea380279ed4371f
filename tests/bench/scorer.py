"""Runs a scorer's script in a browser that lets it wait inside the page, which our content security policy forbids.

python -m tests.bench.scorer SCRIPT [argument …]. Nothing else about the page changes by that.
"""

from __future__ import annotations

import runpy
import sys
from typing import Any

from playwright.sync_api import Browser, BrowserContext

_plain = Browser.new_context


def _lenient(browser: Browser, **options: Any) -> BrowserContext:
    return _plain(browser, **{**options, "bypass_csp": True})


if __name__ == "__main__":
    Browser.new_context = _lenient  # type: ignore[method-assign,assignment]
    sys.argv = sys.argv[1:]
    runpy.run_path(sys.argv[0], run_name="__main__")
