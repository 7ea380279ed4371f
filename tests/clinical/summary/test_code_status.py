"""The code status of the safety line: what a source sent as a code alone, or as "do not perform", in words."""

from __future__ import annotations

from typing import Any

from clinical.records import Concept, Document, Order, Section
from tests.clinical.reconcile.builders import concept, section, source
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
