"""The clock of an ED visit as it is drawn: each lane lies under the times that it belongs to."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.template.loader import render_to_string
from playwright.sync_api import Browser, Page

from tests.clinical.summary.test_clock import SERIAL, block, ed

_STYLES = Path(settings.BASE_DIR) / "static" / "visit-lens"
_HEADS = Path(settings.BASE_DIR) / "templates"


@pytest.fixture
def drawn(browser: Browser) -> Iterator[Page]:
    """The block with the sheets of the page in their order, and no page around it."""
    heads = [(_HEADS / name).read_text() for name in ("base.html", "summary/base.html")]
    names = [n for head in heads for n in re.findall(r"visit-lens/(\w+\.css)' %}\">", head)]
    sheets = "".join((_STYLES / name).read_text() for name in names)
    clock = render_to_string("summary/_clock.html", {"block": block(ed(*SERIAL), "clock"), "base": "/"})  # fmt: skip
    context = browser.new_context()
    page = context.new_page()
    page.set_content(f"<style>{sheets}</style><section class='block'>{clock}</section>")
    yield page
    context.close()


def test_every_lane_lies_under_its_axis(drawn: Page) -> None:
    for width in (400, 800, 1280):
        drawn.set_viewport_size({"width": width, "height": 800})
        places = drawn.eval_on_selector_all(
            "svg.lane", "all => all.map((one) => one.getBoundingClientRect()).map((b) => `${b.left} ${b.width}`)"
        )  # fmt: skip
        assert len(places) > 1
        assert len(set(places)) == 1, (width, places)
