"""Words about what changed: which way a dose went, what is left out of "was", and what a comment says of a specimen."""

from __future__ import annotations

from decimal import Decimal

import msgspec
import pytest

from clinical.records import Concept, Item, Medication, Quantity, Section, Source
from clinical.summary import facts, fmt, medicines, names, opened
from tests.clinical.reconcile.builders import NOW, amount, at, medication, section
from tests.clinical.summary import anna
from tests.clinical.summary.ranked import ranking

CHART = anna.chart()
DESK = opened.desk_for(CHART, ranking(CHART), site=anna.SITE, viewer=anna.VIEWER, as_of=NOW)


def drug(product: str, dose: str) -> Medication:
    return Medication(
        source=Source(server="mercy", reference="MedicationRequest/1"),
        kind="request",
        concept=Concept(text=product),
        dose_text=dose,
    )


@pytest.mark.parametrize(
    ("before", "now", "way"),
    [
        (("Lisinopril 10 mg", "daily"), ("Lisinopril 20 mg", "daily"), "raised"),
        (("Lisinopril 20 mg", "daily"), ("Lisinopril 10 mg", "daily"), "lowered"),
        (("Glargine", "Inject 14 units"), ("Glargine", "Inject 18 units"), "raised"),
        (("Ibuprofen 400 mg", "every 8 hours"), ("Ibuprofen 400 mg", "every 12 hours"), "changed"),
        (("Lisinopril 10 mg", "daily"), ("Lisinopril 10 mg", "twice daily"), "changed"),
        (("A 24 mg / B 26 mg", "daily"), ("A 49 mg / B 20 mg", "daily"), "changed"),
        (("Warfarin 2.5 mg", "daily"), ("Warfarin 5 mg", "daily"), "raised"),
    ],
)
def test_which_way_a_dose_went(before: tuple[str, str], now: tuple[str, str], way: str) -> None:
    assert medicines.direction(drug(*before), drug(*now)) == way


@pytest.mark.parametrize(
    ("before", "now", "words"),
    [
        (("Glargine", "Inject 14 units"), ("Glargine", "Inject 18 units"), "Inject 14 units"),
        (("Lisinopril 10 mg", "daily"), ("Lisinopril 20 mg", "daily"), "Lisinopril 10 mg"),
        (("Warfarin 5 mg", "daily"), ("Warfarin 2 mg", "twice daily"), "Warfarin 5 mg, daily"),
    ],
)
def test_was_says_only_what_is_different(
    before: tuple[str, str], now: tuple[str, str], words: str
) -> None:
    assert medicines.was(drug(*before), drug(*now)) == words


@pytest.mark.parametrize(
    ("written", "value", "unit", "told"),
    [
        ("4mg Tablet", "8", "mg", "4mg Tablet, dose 8 mg"),
        ("20mg/mL Vial", "20", "mg", "20mg/mL Vial, dose 20 mg"),
        ("100 Units / mL - 10 mL Vial", "10", "UNIT", "100 Units / mL - 10 mL Vial, dose 10 UNIT"),
        ("15 mg at night", "5", "mg", "15 mg at night, dose 5 mg"),
        ("4 gtt", "4", "g", "4 gtt, dose 4 g"),
        ("8 mg at night", "8.0", "mg", "8 mg at night"),
        ("Inject 18 units at night", "18", "[iU]", "Inject 18 units at night"),
        ("Inject 18 ug at night", "18", "U", "Inject 18 ug at night, dose 18 units"),
        ("Before meals", "4", "[IU]", "Before meals, dose 4 units"),
        ("2.55 mg", "2.5", "mg", "2.55 mg, dose 2.5 mg"),
        ("Take one tablet daily", "1", "{tbl}", "Take one tablet daily"),
        ("Take half a tablet", "1", "{tbl}", "Take half a tablet, dose 1 tbl"),
        ("Twenty-one tablets", "1", "tablet", "Twenty-one tablets, dose 1 tablet"),
        ("4mg Tablet", "4", "mg", "4mg Tablet"),
        ("Take 1,000 mg at night", "1000", "mg", "Take 1,000 mg at night"),
        ("1 tablet daily", "1", "TAB", "1 tablet daily"),
        ("1 tablet daily", "1", "{tablet}", "1 tablet daily"),
        ("Inject 14 units", "14", "unit", "Inject 14 units"),
        ("take 1 or 2", "1", "", "take 1 or 2"),
        ("25 mcg daily", "25", "ug", "25 mcg daily"),
        ("25 micrograms daily", "25", "µg", "25 micrograms daily"),
        ("25 mg daily", "25", "ug", "25 mg daily, dose 25 mcg"),
        ("2 mcg/kg", "2", "µg", "2 mcg/kg, dose 2 mcg"),
        ("1 gram daily", "1", "g", "1 gram daily"),
    ],
)
def test_a_coded_dose_that_the_words_leave_out_stands_beside_them(
    written: str, value: str, unit: str, told: str
) -> None:
    found = msgspec.structs.replace(
        drug("Doxazosin", written), dose_quantity=Quantity(value=Decimal(value), unit=unit)
    )
    assert medicines.text(found) == f"Doxazosin, {told}"
    item = Item(key="m1", kind="medication", label="Doxazosin", lead=found, members=(found,))
    assert ("Dose", told) in facts.of_item(DESK, item)


def test_a_dose_put_together_from_its_parts_is_not_told_twice() -> None:
    dose = Quantity(value=Decimal(8), unit="mg")
    composed = msgspec.structs.replace(
        drug("Doxazosin", "8.0 mg oral"), dose_quantity=dose, dose_composed=True
    )
    assert medicines.text(composed) == "Doxazosin, 8.0 mg oral"


@pytest.mark.parametrize(
    ("note", "words"),
    [
        ("Specimen slightly haemolysed.", "haemolysed sample"),
        ("Hemolyzed specimen", "haemolysed sample"),
        ("No hemolysis.", ""),
        ("Sample not haemolysed", ""),
        ("Lipemia present", "lipaemic sample"),
        ("Fasting", ""),
        ("Blood clotted", "clotted sample"),
    ],
)
def test_what_a_comment_says_against_the_specimen(note: str, words: str) -> None:
    assert names.sample(note) == words


@pytest.mark.parametrize(
    ("label", "words"),
    [
        ("Type 2 diabetes mellitus", "type 2 diabetes"),
        ("Chronic kidney disease, stage 3b", "CKD G3b"),
        ("Chronic kidney disease stage 4", "CKD G4"),
        ("Essential (primary) hypertension", "hypertension"),
        ("Secondary hypertension", "secondary hypertension"),
        ("Heart failure, unspecified", "heart failure"),
        ("Rh negative status in pregnancy", "Rh negative status in pregnancy"),
        ("Pregnant", "pregnancy"),
        ("Alzheimer's disease (disorder)", "Alzheimer's disease"),
        ("Graves' disease", "Graves' disease"),
        ("Coronary Heart Disease", "Coronary Heart Disease"),
    ],
)
def test_a_problem_inside_a_sentence(label: str, words: str) -> None:
    assert names.spoken(label) == words


def test_a_text_is_cut_between_words_and_marked() -> None:
    assert fmt.cut("Gram-positive cocci; in clusters", 22) == "Gram-positive cocci…"
    assert fmt.cut("short", 21) == "short"


@pytest.mark.parametrize(("server", "name"), [("mercy", "Mercy"), ("lakeside", "Lakeside")])
def test_another_coded_dose_beside_the_same_words_is_marked_and_both_are_said(
    server: str, name: str
) -> None:
    words = ("Hydromorphone", "4mg Tablet")
    own = medication(81, *words, dose_quantity=amount("4", "mg"), authored=at("2026-11-20"))
    other = medication(82, *words, dose_quantity=amount("8", "mg"), server=server)
    made = anna.chart([*anna.mercy(), section(Section.MEDICATIONS, own), section(Section.MEDICATIONS, other, server=server)])  # fmt: skip
    desk = opened.desk_for(made, ranking(made), site=anna.SITE, viewer=anna.VIEWER, as_of=NOW)
    (item,) = [one for one in desk.chart.medications if one.label == "Hydromorphone"]
    assert medicines.text(own) == "Hydromorphone, 4mg Tablet"
    assert medicines.differs(desk, item) == f"{name} lists Hydromorphone, 4mg Tablet, dose 8 mg"
    row = medicines.row(desk, medicines.course(desk, item))
    assert row.differs == medicines.differs(desk, item)


def test_a_dose_that_ends_in_a_space_leaves_none_before_what_follows() -> None:
    assert medicines.text(drug("Azithromycin", "250 mg Tablet ")) == "Azithromycin, 250 mg Tablet"
