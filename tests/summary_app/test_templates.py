"""The templates, rendered from summaries: what every fact carries, and how absence looks."""

from __future__ import annotations

import gzip
import re
from html.parser import HTMLParser
from typing import Any

import msgspec
import pytest
from django.template.loader import render_to_string
from django.test import RequestFactory

from clinical.records import FetchState, Section
from clinical.summary.opened import opened
from clinical.summary.view_model import LabRow, Summary
from tests.clinical.reconcile.builders import section
from tests.clinical.summary import anna
from tests.clinical.summary.ranked import ranking

CTX = "contextcontextcontext1"


class Element:
    """One element of a page: its tag, attributes and all text below it."""

    def __init__(self, tag: str, attributes: dict[str, str]) -> None:
        self.tag, self.attributes, self.text = tag, attributes, ""


class Reader(HTMLParser):
    """All elements of a page, in order."""

    VOID = frozenset({"meta", "link", "input", "br", "path", "rect", "circle", "use", "polyline"})

    def __init__(self, html: str) -> None:
        super().__init__()
        self.all: list[Element] = []
        self._open: list[Element] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = Element(tag, {name: value or "" for name, value in attrs})
        self.all.append(found)
        if tag not in self.VOID:
            self._open.append(found)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.all.append(Element(tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop().tag != tag:
            pass

    def handle_data(self, data: str) -> None:
        for each in self._open:
            each.text += data

    def having(self, name: str) -> list[Element]:
        return [each for each in self.all if name in each.attributes]

    def classed(self, word: str) -> list[Element]:
        return [each for each in self.all if word in each.attributes.get("class", "").split()]

    def by_id(self, name: str) -> Element:
        return next(each for each in self.all if each.attributes.get("id") == name)


def page(summary: Summary, **more: Any) -> str:
    content = {
        "summary": summary,
        "ctx": CTX,
        "version": 3,
        "poll_url": f"/c/{CTX}/updates?since=3",
        "visit_choice": "",
        "offered": [],
        **more,
    }
    return render_to_string("summary/page.html", content, request=RequestFactory().get("/"))


def row_page(key: str, template: str = "summary/_row_opened.html") -> str:
    chart = anna.chart()
    ranked = ranking(chart, anna.LISTING, floor=anna.FLOOR, due=anna.DUE)
    found = opened(chart, ranked, key, site=anna.SITE, viewer=anna.VIEWER, as_of=anna.NOW)
    assert found is not None
    content = {"opened": found, "ctx": CTX, "summary": anna.summary()}
    return render_to_string(template, content, request=RequestFactory().get("/"))


@pytest.fixture(scope="module")
def whole() -> Reader:
    return Reader(page(anna.summary()))


def rows_of(summary: Summary) -> list[Any]:
    rows = [row for block in summary.blocks for row in block.rows]
    return rows + [row for block in summary.blocks for group in block.groups for row in group.rows]


def test_every_row_with_a_source_says_which(whole: Reader) -> None:
    shown = {each.attributes["data-source"] for each in whole.having("data-source")}
    for row in rows_of(anna.summary()):
        if row.sources:
            assert " ".join(row.sources) in shown, row.key


def test_ranked_rows_carry_their_score(whole: Reader) -> None:
    scored = {each.attributes["data-source"] for each in whole.having("data-score")}
    ranked = [row for row in rows_of(anna.summary()) if row.score is not None and row.sources]
    assert len(ranked) > 10
    assert {" ".join(row.sources) for row in ranked} <= scored


def test_a_source_stands_on_a_fact_never_on_a_section(whole: Reader) -> None:
    for each in whole.having("data-source"):
        assert each.tag not in ("section", "main", "header", "ul", "table", "div", "details")


def test_the_page_names_its_visit_context_and_opening(whole: Reader) -> None:
    assert [e.attributes["data-visit-context"] for e in whole.having("data-visit-context")] == [
        "diabetes"
    ]
    assert [e.attributes["data-ctx"] for e in whole.all if e.tag == "body"] == [CTX]


def test_complete_is_said_only_when_every_source_has_answered(whole: Reader) -> None:
    assert whole.all[0].attributes["data-summary"] == "complete"
    asking = anna.without(anna.everything(), "lakeside", Section.VITALS)
    asking = [
        section(s.state.section, server="lakeside", state=FetchState.FETCHING)
        if s.state.server == "lakeside" and s.state.section == Section.VITALS
        else s
        for s in asking
    ]
    html = page(anna.summary(asking))
    found = Reader(html)
    assert "data-summary" not in found.all[0].attributes
    assert "data-complete" not in found.by_id("poll").attributes
    assert found.by_id("poll").attributes["hx-get"]
    assert '<noscript><meta http-equiv="refresh"' in html
    assert "asking" in found.by_id("block-vitals").attributes["class"]


def test_no_style_and_no_script_stands_in_the_page() -> None:
    for html in (page(anna.summary()), row_page(anna.summary().blocks[3].rows[0].key)):
        assert not Reader(html).having("style")
        assert "<style" not in html
        assert not [
            e for e in Reader(html).all if any(name.startswith("on") for name in e.attributes)
        ]
        assert all(
            not body.strip() for body in re.findall(r"<script[^>]*>(.*?)</script>", html, re.DOTALL)
        )


def test_ids_are_unique(whole: Reader) -> None:
    ids = [each.attributes["id"] for each in whole.having("id")]
    assert len(ids) == len(set(ids))


def test_every_piece_that_can_be_replaced_has_an_id(whole: Reader) -> None:
    pieces = whole.having("data-part")
    assert len(pieces) > 12
    assert all(piece.attributes.get("id") for piece in pieces)


def test_every_sign_that_is_used_is_drawn(whole: Reader) -> None:
    failed = Reader(page(anna.summary(anna.without(anna.everything(), "lakeside", *Section))))
    drawn = {each.attributes["id"] for each in whole.all if each.tag == "symbol"}
    used = {each.attributes["href"][1:] for each in [*whole.all, *failed.all] if each.tag == "use"}
    assert "g-not-retrieved" in used
    assert used <= drawn


def test_a_severe_allergy_is_the_one_reversed_label_even_over_a_failed_source() -> None:
    failed = Reader(page(anna.summary(anna.without(anna.everything(), "lakeside", *Section))))
    allergies = failed.classed("slot-allergies")[0]
    assert "hatched" in allergies.attributes["class"]
    loud = [each for each in failed.classed("ln") if "loud" in each.attributes["class"]]
    assert [each.text for each in loud] == ["Penicillin: anaphylaxis 1994"]
    assert allergies.text.index("Not retrieved") < allergies.text.index("Penicillin")


def test_a_failed_source_is_named_everywhere_and_can_be_tried_again() -> None:
    found = Reader(page(anna.summary(anna.without(anna.everything(), "lakeside", *Section))))
    for key in ("labs", "vitals", "medications", "problems", "reports", "exams"):
        assert "Not retrieved from Lakeside" in " ".join(found.by_id(f"block-{key}").text.split())
    actions = [each.attributes.get("formaction") for each in found.all if each.tag == "button"]
    assert f"/c/{CTX}/sources/lakeside/retry" in actions
    assert "What each source answered" in found.by_id("answers-column").text


def test_what_sources_answered_takes_no_room_when_all_answered(whole: Reader) -> None:
    assert not whole.by_id("answers-column").text.strip()
    assert "What each source answered" in whole.by_id("foot").text


def test_an_unknown_range_has_no_band_and_says_so() -> None:
    html = page(anna.summary())
    ldl = next(
        row for row in rows_of(anna.summary()) if isinstance(row, LabRow) and row.name == "LDL"
    )
    line = html[html.index(f'id="{ldl.anchor}"') :]
    line = line[: line.index("</tr>")]
    assert "no range" in line
    assert 'class="bd"' not in line


def test_a_value_with_a_flag_is_coloured_and_has_its_letter(whole: Reader) -> None:
    row = whole.by_id(
        next(r.anchor for r in rows_of(anna.summary()) if getattr(r, "name", "") == "Potassium")
    )
    assert "is-ab" in row.attributes["class"]
    assert "5.9" in row.text
    flags = [each for each in whole.classed("f") if "ab" in each.attributes["class"].split()]
    assert "H" in {each.text for each in flags}


def test_text_of_a_chart_is_escaped() -> None:
    summary = anna.summary()
    evil = msgspec.structs.replace(summary.strip, name="<script>alert(1)</script>")
    html = page(msgspec.structs.replace(summary, strip=evil))
    assert "<script>alert(1)" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html


def test_a_record_that_must_not_be_used_shows_a_sentence_instead_of_a_chart() -> None:
    stopped = msgspec.structs.replace(anna.summary(), stop="This record was merged.")
    found = Reader(page(stopped))
    assert "This record was merged." in found.by_id("main").text
    assert not found.classed("block")
    assert not found.classed("slot")
    assert not [e for e in found.all if "left-out" in e.attributes.get("href", "")]
    assert anna.summary().strip.name in found.by_id("strip").text


def test_links_of_rows_work_as_plain_pages(whole: Reader) -> None:
    links = [
        each.attributes["href"]
        for each in whole.all
        if "o" in each.attributes.get("class", "").split()
    ]
    assert len(links) > 10
    assert all(re.fullmatch(rf"/c/{CTX}/row/[a-z-]+-[0-9a-f]{{12}}", link) for link in links)


def test_an_opened_row_shows_values_reasons_and_entries_as_sent() -> None:
    row = next(r for r in rows_of(anna.summary()) if getattr(r, "name", "") == "Potassium")
    found = Reader(row_page(row.key))
    text = " ".join(element.text for element in found.all[:1])
    assert "5.9 H" in text
    assert "Specimen slightly haemolysed" in text
    sent = {e.attributes.get("href") for e in found.all if e.tag == "a"}
    assert f"/c/{CTX}/as-sent/mercy/Observation/2" in sent
    assert f"/c/{CTX}/as-sent/lakeside/Observation/1" in sent


def test_an_opened_row_is_also_a_page_that_names_its_patient() -> None:
    row = next(r for r in rows_of(anna.summary()) if getattr(r, "name", "") == "Potassium")
    html = row_page(row.key, "summary/row.html")
    assert anna.summary().strip.name in html
    assert f'href="/c/{CTX}/#row-{row.key}"' in html


def test_what_was_left_out_counts_its_rows() -> None:
    from clinical.summary.opened import left_out

    chart = anna.chart()
    ranked = ranking(chart, anna.LISTING, floor=anna.FLOOR, due=anna.DUE)
    groups = left_out(chart, ranked, "", site=anna.SITE, viewer=anna.VIEWER, as_of=anna.NOW)
    content = {"groups": groups, "block": "", "ctx": CTX, "summary": anna.summary()}
    html = render_to_string("summary/left_out.html", content, request=RequestFactory().get("/"))
    text = Reader(html).all[0].text
    for group in groups:
        assert group.label.capitalize() in text
    assert "Chloride" in text


def test_an_offered_record_asks_a_person() -> None:
    offered = [("city", "City Hospital", "same name and birth date, no shared number")]
    found = Reader(page(anna.summary(), offered=offered))
    actions = [each.attributes.get("formaction") for each in found.all if each.tag == "button"]
    assert f"/c/{CTX}/sources/city/confirm" in actions
    assert "same name and birth date, no shared number" in found.by_id("visit").text


def test_the_html_of_a_page_is_small() -> None:
    assert len(gzip.compress(page(anna.summary()).encode())) < 15_000
