"""The code status of the safety line: what a source sent as a code alone, or as "do not perform", in words."""

from __future__ import annotations

from typing import Any

import pytest

from clinical.dates import parse_period
from clinical.judgement import standing
from clinical.records import (
    Concept,
    Consent,
    Document,
    FetchState,
    Flag,
    Item,
    Order,
    Procedure,
    Section,
)
from clinical.summary.view_model import Slot
from tests.clinical.reconcile.builders import NOW, at, concept, section, source
from tests.clinical.summary import anna


def line_of(name: Section, record: Any, label: str) -> str:
    parts = [p for p in anna.everything() if p.state.section is not name]
    found = anna.summary([*parts, section(name, record)], floor={label: ("code_status",)})
    (line, *_) = next(s for s in found.safety if s.key == "code-status").lines
    return line.text


def test_a_document_that_was_sent_as_a_code_alone_has_its_name() -> None:
    form = Document(source=source("DocumentReference/901"), concept=concept("93037-0", "93037-0"))
    assert line_of(Section.DOCUMENTS, form, "93037-0") == "Portable medical order form"


def test_an_order_not_to_resuscitate_never_reads_as_one_to_do_so() -> None:
    def order(text: str) -> Order:
        return Order(
            source=source("ServiceRequest/902"),
            concept=Concept(text=text),
            status="active",
            avoid=True,
        )

    cpr, said = "Cardiopulmonary resuscitation", "Do not resuscitate"
    assert line_of(Section.ORDERS, order(cpr), cpr) == f"Do not perform: {cpr}"
    assert line_of(Section.ORDERS, order(said), said) == said


@pytest.mark.parametrize(
    ("record", "words"),
    [
        (Order(source=source("ServiceRequest/1"), concept=concept("DNR"), status="completed"), "DNR (completed)"),
        (Order(source=source("ServiceRequest/1"), concept=concept("DNR"), status="on-hold"), "DNR (on hold)"),
        (Order(source=source("ServiceRequest/1"), concept=concept("DNR")), "DNR (status not stated)"),
        (Order(source=source("ServiceRequest/1"), concept=concept("DNR"), status="active"), "DNR"),
        (Flag(source=source("Flag/1"), concept=concept("DNR"), status="active"), "DNR"),
        (Document(source=source("DocumentReference/1"), concept=concept("DNR"), status="superseded"), "DNR (superseded)"),
        (
            Document(source=source("DocumentReference/1"), concept=concept("DNR"), status="current", doc_status="preliminary"),
            "DNR (preliminary)",
        ),
        (Document(source=source("DocumentReference/1"), concept=concept("DNR"), status="current"), "DNR"),
    ],
)  # fmt: skip
def test_what_is_over_or_in_doubt_never_reads_as_in_force(record: Any, words: str) -> None:
    sections = {"order": Section.ORDERS, "flag": Section.FLAGS, "document": Section.DOCUMENTS}
    name = sections[type(record).__name__.lower()]
    assert line_of(name, record, "DNR") == words


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("completed", "Kidney transplant"),
        ("not-done", "Kidney transplant (not done)"),
        ("preparation", "Kidney transplant (in preparation)"),
        ("unknown", "Kidney transplant (status unknown)"),
    ],
)
def test_an_operation_that_did_not_take_place_never_reads_as_done(status: str, words: str) -> None:
    record = Procedure(
        source=source("Procedure/1"), concept=concept("Kidney transplant"), status=status
    )
    assert line_of(Section.PROCEDURES, record, "Kidney transplant") == words


def test_what_one_source_still_holds_is_not_over_because_another_ended_it() -> None:
    here = Order(source=source("ServiceRequest/1"), concept=concept("DNR"), status="completed")
    there = Order(
        source=source("ServiceRequest/2", "lakeside"), concept=concept("DNR"), status="active"
    )
    item = Item(key="o1", kind="order", label="DNR", lead=here, members=(here, there))
    assert standing.of_item(item, NOW) == ""
    assert not standing.is_over(item, NOW)
    alone = Item(key="o1", kind="order", label="DNR", lead=here, members=(here,))
    assert standing.of_item(alone, NOW) == "completed"
    assert standing.is_over(alone, NOW)


def asked(*mercy: Any, state: FetchState = FetchState.OK_EMPTY) -> Slot:
    """The slot over consents that Mercy answered so; Lakeside is not connected."""
    parts = [p for p in anna.mercy() if p.state.section is not Section.CONSENTS]
    part = section(Section.CONSENTS, *mercy) if mercy else section(Section.CONSENTS, state=state)
    floor = {one.concept.text: ("code_status",) for one in mercy}
    found = anna.summary([*parts, part], floor=floor)
    return next(s for s in found.safety if s.key == "code-status")


@pytest.mark.parametrize(
    ("state", "word"),
    [
        (FetchState.FAILED, "Not retrieved"),
        (FetchState.NOT_AUTHORISED, "Not permitted"),
        (FetchState.RESTRICTED, "Withheld"),
        (FetchState.PARTIAL, "Incomplete"),
        (FetchState.FETCHING, "Asking"),
    ],
)
def test_nothing_recorded_is_not_said_over_consents_that_did_not_come(
    state: FetchState, word: str
) -> None:
    found = asked(state=state)
    assert found.hatched
    assert [line.state.word for line in found.lines if line.state] == [word]


def test_consents_that_are_not_offered_are_named_beside_nothing_recorded() -> None:
    (line,) = asked(state=FetchState.NOT_SUPPORTED).lines
    assert line.state is not None
    assert (line.state.word, line.state.detail) == (
        "Nothing recorded in what was read",
        "at Mercy: consents not offered",
    )


def test_nothing_recorded_is_said_where_consents_were_read_too() -> None:
    (line,) = asked().lines
    assert line.state is not None
    assert (line.state.word, line.state.detail) == ("Nothing recorded", "at Mercy")


@pytest.mark.parametrize(
    ("status", "end", "said"),
    [
        ("active", "", "Do not resuscitate"),
        ("inactive", "", "Do not resuscitate (inactive)"),
        ("", "", "Do not resuscitate (status not stated)"),
        ("active", "2026-01-01", "Do not resuscitate (ended)"),
    ],
)
def test_a_consent_says_whether_it_is_in_force(status: str, end: str, said: str) -> None:
    period = parse_period("2020-01-01", end) if end else None
    record = Consent(
        source=source("Consent/1"),
        concept=Concept(text="Do not resuscitate"),
        status=status,
        scope="adr",
        period=period,
        written=at("2020-01-01"),
    )
    found = asked(record)
    assert found.lines[0].text == said
    assert found.lines[0].sources == ("mercy/Consent/1",)


def test_what_is_not_in_force_stands_behind_what_is_and_is_not_strong() -> None:
    def consent(number: int, text: str, status: str) -> Consent:
        return Consent(
            source=source(f"Consent/{number}"),
            concept=Concept(text=text),
            status=status,
            scope="adr",
        )

    ended = consent(1, "Permitted: Cardiopulmonary resuscitation", "inactive")
    found = asked(ended, consent(2, "Refused: Cardiopulmonary resuscitation", "active"))
    assert [(line.text, line.strong) for line in found.lines] == [
        ("Refused: Cardiopulmonary resuscitation", True),
        ("Permitted: Cardiopulmonary resuscitation (inactive)", False),
    ]
