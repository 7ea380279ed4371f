"""The rows that are drawn in Python: hostile text in any field stays text, and every kind of row says what it must."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from typing import Any

import msgspec
import pytest
from django.template import engines
from django.utils import translation
from django.utils.safestring import SafeString
from msgspec import inspect

from clinical.summary.view_model import (
    Clock,
    ClockLine,
    Group,
    LabRow,
    LedgerLine,
    ListRow,
    Part,
    Slot,
    SlotLine,
    Spark,
    State,
    VisitBar,
)
from summary_app.templatetags import rows as tags
from tests.clinical.summary import anna

HOSTILE = "<script>\"'&"
PLAIN = "plain words"  # as long: a row may look at lengths
BASE = "/c/one/"
KEY = "series-0123456789ab"
Drawn = Callable[[Any], str]

KINDS: dict[str, tuple[type[Any], Drawn, tuple[dict[str, Any], ...]]] = {
    "list row": (
        ListRow,
        lambda row: tags.list_rows([row], BASE),
        ({}, {"state": None}, {"key": KEY, "state": None}, {"glyph": ""}, {"href": ""}),
    ),
    "row in a table": (ListRow, lambda row: tags.lab_rows([row], BASE), ({}, {"state": None})),
    "lab row": (
        LabRow,
        lambda row: tags.lab_rows([row], BASE),
        ({}, {"state": None}, {"state": None, "value_parts": ()}, {"comment": "", "second": ""}),
    ),
    "lane of values": (
        LabRow,
        lambda row: tags.clock_rows([row], BASE),
        ({}, {"value_parts": ()}, {"lane": None}),
    ),
    "lane of events": (ListRow, lambda row: tags.clock_rows([row], BASE), ({}, {"state": None})),
    "time axis": (Clock, tags.time_axis, ({},)),
    "clock in words": (ClockLine, lambda line: tags.clock_lines([line]), ({},)),
    "history": (ListRow, lambda row: tags.history_rows([row]), ({}, {"href": ""})),
    "safety line": (
        SlotLine,
        lambda line: tags.safety_lines([line]),
        ({}, {"state": None}, {"state": None, "loud": False}),
    ),
    "safety line in short": (
        Slot,
        lambda slot: tags.short_lines([slot]),
        (
            {},
            {"lines": (SlotLine(state=State("clock", "")),)},
        ),
    ),
    "one-liner": (Part, lambda part: tags.one_line((part,), BASE), ({}, {"href": ""})),
    "visit": (VisitBar, lambda visit: tags.visit_choices(visit, BASE), ({},)),
    "ledger": (LedgerLine, lambda line: tags.ledger_rows([line]), ({},)),
    "state": (State, tags.sign, ({}, {"glyph": ""})),
    "trend": (Spark, tags.trend, ({}, {"band": None, "since": None})),
}
CASES = [
    pytest.param(struct, drawn, fixed, id=f"{name} {fixed}")
    for name, (struct, drawn, every) in KINDS.items()
    for fixed in every
]


def filled(kind: inspect.Type, text: str) -> Any:
    """A value of this type with the text wherever a text can stand, also where only a few words are foreseen."""
    if isinstance(kind, inspect.UnionType):
        return filled(next(t for t in kind.types if not isinstance(t, inspect.NoneType)), text)
    if isinstance(kind, inspect.StructType):
        return struct_of(kind.cls, text)
    if isinstance(kind, inspect.VarTupleType):
        return (filled(kind.item_type, text),) * 2
    if isinstance(kind, inspect.TupleType):
        return tuple(filled(each, text) for each in kind.item_types)
    if isinstance(kind, inspect.BoolType):
        return True
    if isinstance(kind, inspect.FloatType):
        return 1.5
    if isinstance(kind, inspect.IntType):
        return 2
    assert isinstance(kind, inspect.StrType | inspect.LiteralType), kind
    return text


def struct_of(struct: type[Any], text: str, **fixed: Any) -> Any:
    described = inspect.type_info(struct)
    assert isinstance(described, inspect.StructType)
    wanted = (each for each in described.fields if each.name not in fixed)
    return struct(**{each.name: filled(each.type, text) for each in wanted}, **fixed)


class Shape(HTMLParser):
    """Tags with the names of their attributes, and everything that is said in attributes and between tags."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, ...]] = []
        self.said: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, *(name for name, _ in attrs)))
        self.said += [value or "" for _, value in attrs]

    def handle_endtag(self, tag: str) -> None:
        self.tags.append((f"/{tag}",))

    def handle_data(self, data: str) -> None:
        self.said.append(data)


@pytest.mark.parametrize(("struct", "drawn", "fixed"), CASES)
def test_hostile_text_in_every_field_stays_text(
    struct: type[Any], drawn: Drawn, fixed: dict[str, Any]
) -> None:
    html = drawn(struct_of(struct, HOSTILE, **fixed))
    plain = Shape(drawn(struct_of(struct, PLAIN, **fixed)))
    hostile = Shape(html)
    assert isinstance(html, SafeString)
    assert "<script" not in html
    assert hostile.tags == plain.tags
    assert "".join(hostile.said) == "".join(plain.said).replace(PLAIN, HOSTILE)
    assert PLAIN in "".join(plain.said)


def test_hostile_text_of_answers_of_runs_and_of_a_sign_without_label_stays_text() -> None:
    def drawn(text: str) -> str:
        state = struct_of(State, text)
        unlabelled = struct_of(Slot, text, label="", lines=(SlotLine(state=state),))
        linked = struct_of(Part, text, href=f"#row-{text}")
        return (
            tags.answer_rows(((text, ((text, state),)),))
            + tags.short_lines([unlabelled])
            + tags.one_line((linked, linked), f"/{text}/")
            + tags.visit_choices(struct_of(VisitBar, text), f"/{text}/")
        )

    html = drawn(HOSTILE)
    assert "<script" not in html
    assert Shape(html).tags == Shape(drawn(PLAIN)).tags
    assert "".join(Shape(html).said) == "".join(Shape(drawn(PLAIN)).said).replace(PLAIN, HOSTILE)
    assert html.count("<a ") == 1


def test_hostile_text_of_a_bare_part_stays_text() -> None:
    bare = (Part(HOSTILE),)
    listed = ListRow(key="a", parts=bare)
    lab = struct_of(LabRow, "a", state=None, value_parts=bare)
    for html in (
        tags.list_rows([listed], BASE),
        tags.lab_rows([lab, listed], BASE),
        tags.history_rows([listed]),
        tags.one_line(bare, BASE),
    ):
        assert "<script" not in html
        assert HOSTILE in Shape(html).said


def test_hostile_text_in_a_gap_and_in_the_address_stays_text() -> None:
    def drawn(text: str) -> str:
        gap = struct_of(ListRow, text, key=f"gap-{text}")
        lab = struct_of(LabRow, text, state=None)
        opened = struct_of(ListRow, text, key=KEY)
        return tags.list_rows([gap, opened], f"/{text}/") + tags.lab_rows([lab], f"/{text}/")

    html = drawn(HOSTILE)
    assert "<script" not in html
    assert Shape(html).tags == Shape(drawn(PLAIN)).tags
    assert f"/{HOSTILE}/sources/{HOSTILE}/retry" in Shape(html).said
    assert f"/{HOSTILE}/row/{KEY}" in Shape(html).said


def leaves(value: Any) -> Iterator[str]:
    """Every text of a row that a person reads."""
    skipped = {"key", "anchor", "sources", "reasons", "importance", "href", "level", "glyph"}
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple):
        for each in value:
            yield from leaves(each)
    elif isinstance(value, msgspec.Struct):
        for name in value.__struct_fields__:
            if name not in skipped:
                yield from leaves(getattr(value, name))


@pytest.mark.parametrize("row", [row for block in anna.summary().blocks for row in block.rows])
def test_everything_that_a_row_has_to_say_is_said(row: LabRow | ListRow) -> None:
    is_lab = isinstance(row, LabRow)
    said = "\n".join(Shape((tags.lab_rows if is_lab else tags.list_rows)([row], BASE)).said)  # type: ignore[operator]
    assert [
        text for text in leaves(row) if text not in said and not (is_lab and text == row.value)
    ] == []
    assert row.key in said
    assert " ".join(row.sources) in said


def test_results_among_the_rows_of_a_group_keep_the_grid_of_a_table() -> None:
    lab, other = struct_of(LabRow, "a"), ListRow(key="b", parts=(Part("c"),))
    assert tags.is_table(Group(label="", rows=(other, lab), count=2))
    assert not tags.is_table(Group(label="", rows=(other,), count=1))


@pytest.mark.parametrize(
    ("value", "unit", "flag"), [("Positive", "", ""), (">1000000.5", "IU/mL", "H")]
)
def test_flag_unit_and_status_follow_a_value_that_takes_their_columns(
    value: str, unit: str, flag: str
) -> None:
    """The style sheet hides the cells of flag and unit beside such a value: "prelim" may not go with them."""
    row = struct_of(
        LabRow, PLAIN, state=None, value=value, unit=unit, flag=flag, status="prelim",
        value_parts=(), spark=None, lane=None,
    )  # fmt: skip
    cell = tags.lab_rows([row], BASE).split('class="v ')[1].split("</td>")[0]
    assert all(word in cell for word in (value.replace(">", "&gt;"), unit, flag, "<b>prelim</b>"))
    assert tags.lab_rows([row], BASE).count("prelim") == 1


def test_no_trend_is_said_in_words() -> None:
    assert 'aria-label="no trend"' in tags.trend(Spark())


def test_numbers_of_a_line_are_not_in_a_local_form() -> None:
    html = tags.trend(Spark(band=(1.5, 2.25), since=3.0, dots=((0.5, 1.0, "ab", True),)))
    assert 'y="1.5" width="96" height="2.25"' in html
    assert 'd="M3.0-2v24"' in html
    assert '<circle class="ab ho" cx="0.5" cy="1.0" r="2.5"/>' in html


def test_the_choice_of_today_is_marked() -> None:
    visit = struct_of(VisitBar, "", contexts=("b",), choices=(("a", "One"), ("b", "Two")))
    html = tags.visit_choices(visit, BASE)
    assert 'value="b" aria-current="true">Two' in html
    assert html.count("aria-current") == 1


def test_dates_of_the_safety_line_are_never_split() -> None:
    html = tags.safety_lines([SlotLine(text="INR 2.4 on 04-Nov-2025, A-Z")])
    assert "04-\u2060Nov-\u20602025, A-Z" in html


def test_what_is_the_same_on_every_page_is_drawn_without_anything_of_a_page() -> None:
    drawn = engines["django"].from_string(
        "{% load once %}{% once %}[{{ name }}]{% endonce %}{{ name }}"
    )
    assert drawn.render({"name": "Anna"}) == "[]Anna"
    assert drawn.render({"name": "Berta"}) == "[]Berta"


def test_what_is_the_same_on_every_page_is_drawn_for_each_language() -> None:
    drawn = engines["django"].from_string(
        "{% load i18n once %}{% once %}{% get_current_language as code %}{{ code }}{% endonce %}"
    )
    with translation.override("en"):
        assert drawn.render({}) == "en"
    with translation.override("de"):
        assert drawn.render({}) == "de"
    with translation.override("en"):
        assert drawn.render({}) == "en"


@pytest.mark.parametrize(
    ("date", "age", "shown"),
    [
        ("27-Nov 23:46", "55 min", "&lt;1 h"),
        ("27-Nov 22:04", "2 h", "2 h"),
        ("today 00:10", "30 min", "30 min"),
        ("29-Nov-2026", "0 min", "0 min"),  # a clock that is ahead of ours, just before midnight
    ],
)
def test_beside_day_and_time_of_last_night_there_are_no_minutes(
    date: str, age: str, shown: str
) -> None:
    row = LabRow(
        key="k", anchor="row-k", name="Pulse", value="104", flag="", level="", unit="/min",
        status="", since="", spark=None, date=date, age=age, range="", source="Mercy", sources=(),
    )  # fmt: skip
    assert f'<span class="m">{shown}</span></td>' in tags.lab_rows([row], BASE)
