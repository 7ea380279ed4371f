"""How the first screen is scored: where a row stands, and what that is worth to the visit."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.bench.asked_for import Asked, Need
from tests.bench.places import Score, look, score

PAGE = """<main data-visit-context="gout">
  <p data-source="m/Patient/1">Ann</p>
  <ul>
    <li data-source="m/Observation/urate m/Observation/urate-before">Urate 9.1 <b data-source="m/Observation/urate">H</b></li>
    <li data-source="m/Observation/noise">Magnesium 0.8</li>
  </ul>
  <details><summary data-source="m/Flag/head">1 more</summary>
    <p data-source="m/Observation/closed">Creatinine 1.0</p>
    <details><summary>earlier</summary><p data-source="m/Observation/deep">CRP 4</p></details>
  </details>
  <p hidden data-source="m/Observation/hidden">ALT 20</p>
  <div style="height: 2000px"></div>
  <p data-source="m/MedicationRequest/low">Colchicine</p>
</main>"""


@pytest.fixture
def small(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    page.set_content(PAGE)
    yield page
    context.close()


def asked(*, must: str = "", should: str = "", floor: str = "") -> Asked:
    wanted = [Need(t, t, "must", frozenset({f"m/{t}"})) for t in must.split()]
    wanted += [Need(t, t, "should", frozenset({f"m/{t}"})) for t in should.split()]
    marks = tuple((t, frozenset({f"m/{t}"})) for t in floor.split())
    listed = frozenset(token for need in wanted for token in need.sources)
    return Asked(contexts=("gout",), needs=tuple(wanted), floor=marks, listed=listed)


def scored(page: Page, **wanted: str) -> Score:
    return score(asked(**wanted), look(page))


def test_a_row_in_a_closed_group_is_one_click_away(small: Page) -> None:
    found = scored(small, must="Observation/closed", should="Observation/closed")
    assert (found.must, found.fold, found.should) == (0, 0, 1)
    assert found.missed == ("must Observation/closed closed",)


def test_a_row_in_two_closed_groups_or_not_drawn_is_not_on_the_page(small: Page) -> None:
    found = scored(small, should="Observation/deep Observation/hidden Observation/nowhere")
    assert found.should == 0
    assert len(found.missed) == 3


def test_a_row_below_the_fold_needs_no_click_and_is_not_above_it(small: Page) -> None:
    found = scored(small, must="MedicationRequest/low", floor="MedicationRequest/low")
    assert (found.must, found.fold, found.floor) == (1, 0, 1)


def test_the_head_of_a_closed_group_stands_open(small: Page) -> None:
    assert scored(small, must="Flag/head").fold == 1


def test_rows_above_the_fold_that_nobody_asked_for_cost_precision(small: Page) -> None:
    found = scored(small, must="Observation/urate", floor="Flag/head")
    assert found.precision == pytest.approx(
        2 / 3
    )  # who the patient is and inner parts do not count
    assert found.unlisted == ("Magnesium 0.8",)


def test_what_was_not_asked_for_has_no_share(small: Page) -> None:
    found = scored(small, floor="Observation/urate")
    assert (found.must, found.fold, found.should, found.floor) == (None, None, None, 0)


def test_the_context_is_read_from_the_page(small: Page) -> None:
    assert look(small).context == "gout"
    small.set_content("<p>nothing</p>")
    assert look(small).context == ""
    assert scored(small, must="Observation/urate").precision is None
