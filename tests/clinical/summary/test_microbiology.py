"""Cultures: the organism is never lost, no growth is a result, and nothing resistant hides below what is susceptible."""

from __future__ import annotations

import random
from typing import Any

import msgspec
import pytest

from clinical.reconcile import reconcile
from clinical.records import (
    Chart,
    Coding,
    Component,
    Concept,
    Identifier,
    Item,
    Observation,
    Record,
    Report,
    Section,
    Value,
)
from clinical.summary import microbiology
from clinical.summary.view_model import ListRow
from tests.clinical.reconcile.builders import amount, at, concept, lab, patient, section, source
from tests.clinical.summary import anna

NOT_SEEN = msgspec.structs.replace(anna.VIEWER, last_seen=None)


def entry(number: int, name: str, **more: Any) -> Observation:
    return lab(number, name, f"x{number}", None, when="2026-11-20T09:00:00Z", **more)


def drug(number: int, name: str, rating: str, value: str = "", **more: Any) -> Observation:
    found = entry(number, f"{name} [Susceptibility]", interpretation=(rating,), **more)
    if not value:
        return found
    comparator, digits = (value[0], value[1:]) if value[0] in "<>" else (None, value)
    held = Value(quantity=amount(digits, "ug/mL", comparator=comparator))
    return msgspec.structs.replace(found, value=held)


def rated(number: int, name: str, rating: str, **more: Any) -> Observation:
    """An antibiotic whose rating is its coded value."""
    coded = Concept(codings=(Coding(system="urn:v3", code=rating),), text=rating)
    return msgspec.structs.replace(entry(number, name, **more), value=Value(concept=coded))


def refs(*numbers: int) -> tuple[str, ...]:
    return tuple(f"Observation/{n}" for n in numbers)


def downwards() -> list[Record]:
    """From the test to the organism to the antibiotics, by hasMember."""
    return [
        entry(1, "Urine culture", members=refs(2), specimen="Urine"),
        entry(2, "Escherichia coli", members=refs(3, 4, 5)),
        drug(3, "Gentamicin", "S", "1"),
        drug(4, "Ampicillin", "R", ">32"),
        drug(5, "Cefazolin", "I"),
    ]


def upwards() -> list[Record]:
    """From the antibiotic to the organism to the test, by derivedFrom; ratings as coded values."""
    return [
        entry(1, "URINE CULTURE", specimen="Urine"),
        entry(2, "ESCHERICHIA COLI", derived_from=refs(1)),
        rated(3, "GENTAMICIN", "S", derived_from=refs(2)),
        rated(4, "AMPICILLIN", "R", derived_from=refs(2)),
    ]


def chart(*records: Record) -> Chart:
    return reconcile([section(Section.LABS, *records)], launch_server="mercy")


def culture(*records: Record) -> Item:
    found = chart(*records)
    assert found.series == ()
    (item,) = found.cultures
    return item


def row(*records: Record, **more: Any) -> ListRow:
    """The row of the only culture, and where it stands."""
    page = anna.summary(
        [section(Section.PATIENT, patient()), section(Section.LABS, *records)],
        listing={},
        floor={},
        **more,
    )
    block = next(b for b in page.blocks if b.key == "reports")
    rows = [*block.rows, *(r for g in block.groups for r in g.rows)]
    (only,) = rows
    assert isinstance(only, ListRow)
    return only


@pytest.mark.parametrize("records", [downwards(), upwards()], ids=["hasMember", "derivedFrom"])
def test_a_culture_is_one_item_however_its_parts_are_linked(records: list[Record]) -> None:
    item = culture(*records)
    assert len(item.members) == len(records)
    assert item.lead.source.reference == "Observation/1"
    (isolate,) = microbiology.isolates(item)
    assert isolate.name.lower() == "escherichia coli"
    assert [(t.drug, t.rating) for t in isolate.tested if t.rating != "I"] == [
        ("ampicillin", "R"),
        ("gentamicin", "S"),
    ]


def test_what_is_resistant_stands_first_with_its_value() -> None:
    found = row(*downwards())
    assert found.lines == ("Escherichia coli: R ampicillin >32 · I cefazolin · S gentamicin 1",)
    assert anna.text(found.parts) == "20-Nov  Urine culture: Escherichia coli"
    assert found.level == "ab"
    assert "mercy/Observation/4" in found.sources


def test_the_organism_as_the_value_of_the_test() -> None:
    root = entry(1, "Bacteria identified in Blood by Culture", members=refs(2, 3))
    root = msgspec.structs.replace(root, value=Value(concept=concept("Staphylococcus aureus")))
    item = culture(root, drug(2, "Oxacillin", "R"), drug(3, "Vancomycin", "S", "1"))
    (isolate,) = microbiology.isolates(item)
    assert microbiology.susceptibility(isolate) == "R oxacillin · S vancomycin 1"
    assert microbiology.result(item) == "Staphylococcus aureus"


def test_two_organisms_keep_their_own_antibiotics() -> None:
    records = [
        entry(1, "Wound culture", members=refs(2, 3)),
        entry(2, "Escherichia coli", members=refs(4)),
        entry(3, "Enterococcus faecalis", members=refs(5)),
        drug(4, "Ampicillin", "R"),
        drug(5, "Ampicillin", "S"),
    ]
    said = {
        i.name: microbiology.susceptibility(i) for i in microbiology.isolates(culture(*records))
    }
    assert said == {"Escherichia coli": "R ampicillin", "Enterococcus faecalis": "S ampicillin"}


def test_no_growth_is_a_result_in_the_laboratorys_words() -> None:
    none = msgspec.structs.replace(
        entry(1, "Blood culture"), value=Value(string="No growth to date.")
    )
    found = row(none)
    assert anna.text(found.parts).endswith("Blood culture: No growth to date.")
    assert found.level == ""


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("final", "Blood culture: no value sent"),
        ("registered", "Blood culture: pending"),
        ("preliminary", "Blood culture (preliminary): no value sent"),
    ],
)
def test_no_result_is_not_no_growth(status: str, words: str) -> None:
    found = row(entry(1, "Blood culture", status=status))
    assert anna.text(found.parts).endswith(words)
    assert found.glyph == ("" if status == "final" else "pending")


def test_the_reason_for_no_result_is_said() -> None:
    found = row(entry(1, "Blood culture", absent="not-performed"))
    assert anna.text(found.parts).endswith("Blood culture: not done")


def test_the_final_result_takes_the_place_of_the_preliminary_one() -> None:
    name = (Identifier(system="urn:lab", value="B7"),)
    early, late = (
        msgspec.structs.replace(
            entry(n, "Blood culture", status=status, identifiers=name), value=Value(string=said)
        )
        for n, status, said in (
            (1, "preliminary", "Gram positive cocci"),
            (2, "final", "Staphylococcus epidermidis"),
        )
    )
    for order in ([early, late], [late, early]):
        item = culture(*order)
        assert microbiology.result(item) == "Staphylococcus epidermidis"
        assert len(item.members) == 2


def test_an_organism_without_antibiotics_is_not_an_empty_panel() -> None:
    item = culture(
        entry(1, "Sputum culture", members=refs(2)), entry(2, "Yeast", derived_from=refs(1))
    )
    assert microbiology.result(item) == "Yeast"


def test_a_remark_about_an_organism_never_takes_its_place() -> None:
    yeast = msgspec.structs.replace(
        entry(2, "Yeast", derived_from=refs(1)),
        value=Value(string="No susceptibility data present"),
    )
    item = culture(entry(1, "Urine culture", members=refs(2)), yeast)
    assert microbiology.result(item) == "Yeast: No susceptibility data present"


def test_susceptibilities_sent_as_parts_of_the_test() -> None:
    parts = (Component(concept=concept("Ciprofloxacin"), interpretation=("R",)),)
    root = msgspec.structs.replace(
        entry(1, "Urine culture", components=parts), value=Value(string="E. coli")
    )
    (isolate,) = microbiology.isolates(culture(root))
    assert (isolate.name, microbiology.susceptibility(isolate)) == ("E. coli", "R ciprofloxacin")


def test_its_report_is_one_of_its_entries_and_another_report_is_not() -> None:
    own = Report(
        source=source("DiagnosticReport/1"),
        concept=concept("Urine culture"),
        status="final",
        results=refs(1),
        conclusion="See comment.",
    )
    more = msgspec.structs.replace(
        own, source=source("DiagnosticReport/2"), results=refs(1, 99), conclusion=""
    )
    found = chart(*downwards(), own, more)
    assert own in found.cultures[0].members
    assert [item.lead for item in found.reports] == [more]
    assert "“See comment.”" in microbiology.result(found.cultures[0])


def test_a_panel_of_other_results_is_left_alone() -> None:
    panel = entry(1, "Urinalysis with reflex to culture", members=refs(2, 3))
    white = lab(2, "Leukocytes", "5821-4", "12", "/[HPF]")
    grown = msgspec.structs.replace(entry(3, "Urine culture"), value=Value(string="No growth"))
    found = chart(msgspec.structs.replace(panel, concept=concept("Urinalysis")), white, grown)
    assert [row.label for row in found.series] == ["Leukocytes"]
    assert [item.label for item in found.cultures] == ["Urine culture"]


def test_a_reactive_antibody_is_no_antibiotic() -> None:
    reactive = msgspec.structs.replace(
        lab(1, "HIV antibody", "7917-8", None, flag="R"), value=Value(string="Reactive")
    )
    found = chart(reactive, entry(2, "HIV panel", members=refs(1)))
    assert found.cultures == ()
    assert len(found.series) == 1


def test_cultures_of_two_sources_are_never_mixed() -> None:
    there = [
        msgspec.structs.replace(r, source=source(r.source.reference, "lakeside"))
        for r in downwards()
    ]
    assert len(chart(*downwards(), *there).cultures) == 2


def test_a_withdrawn_antibiotic_is_gone_and_counted() -> None:
    records = downwards()
    records[3] = msgspec.structs.replace(records[3], status="entered-in-error")
    found = chart(*records)
    (isolate,) = microbiology.isolates(found.cultures[0])
    assert microbiology.susceptibility(isolate) == "I cefazolin · S gentamicin 1"
    assert [n.reason for n in found.not_shown] == ["entered-in-error"]


@pytest.mark.parametrize("seed", range(8))
def test_the_order_of_entries_never_changes_a_culture(seed: int) -> None:
    shuffled = [*downwards()]
    random.Random(seed).shuffle(shuffled)
    assert chart(*shuffled).cultures == chart(*downwards()).cultures


def test_an_old_culture_is_counted_and_a_new_one_stands_open() -> None:
    old = msgspec.structs.replace(
        entry(1, "Blood culture", issued=at("2025-01-03T09:00:00Z")),
        taken=at("2025-01-01T09:00:00Z"),
        value=Value(string="No growth"),
    )
    page = anna.summary([section(Section.PATIENT, patient()), section(Section.LABS, old)], floor={})
    block = next(b for b in page.blocks if b.key == "reports")
    assert block.rows == ()
    assert [group.label for group in block.groups] == ["1 other culture"]
    assert sum(line.count for line in page.ledger if line.section == "Results") == 1


def test_what_grew_in_an_old_culture_is_named_where_it_is_only_counted() -> None:
    def taken(number: int, day: str, name: str = "Blood culture", **more: Any) -> Observation:
        when = at(f"{day}T09:00:00Z")
        return msgspec.structs.replace(entry(number, name, issued=when, **more), taken=when)

    clear = [
        msgspec.structs.replace(taken(n, f"2025-01-0{n}"), value=Value(string="No growth"))
        for n in (1, 3)
    ]
    grown = taken(2, "2025-01-02", "Urine culture", members=refs(5))
    organism = taken(5, "2025-01-02", "Escherichia coli", derived_from=refs(2))
    page = anna.summary(
        [section(Section.PATIENT, patient()), section(Section.LABS, *clear, grown, organism)],
        floor={},
    )
    (group,) = next(b for b in page.blocks if b.key == "reports").groups
    assert group.label == "3 other cultures, Escherichia coli among them"
    assert ["Urine" in "".join(part.text for part in row.parts) for row in group.rows] == [False, True, False]  # fmt: skip


def test_a_new_culture_of_this_visit_stands_among_what_happened_since() -> None:
    grown = msgspec.structs.replace(
        entry(1, "Blood culture", members=refs(2)), issued=at("2026-11-22T09:00:00Z")
    )
    page = anna.summary(
        [
            section(Section.PATIENT, patient()),
            section(Section.LABS, grown, entry(2, "Escherichia coli", derived_from=refs(1))),
        ],
        listing={"Blood culture": ("must", "lab.culture")},
        floor={},
    )
    block = next(b for b in page.blocks if b.key == "since")
    said = [anna.text(row.parts) for row in block.rows if isinstance(row, ListRow)]
    assert any("Blood culture: Escherichia coli" in text for text in said), said
