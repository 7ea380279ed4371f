"""Words about what changed: which way a dose went, what is left out of "was", and what a comment says of a specimen."""

from __future__ import annotations

import pytest

from clinical.records import Concept, Medication, Source
from clinical.summary import fmt, medicines, names


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
    ],
)
def test_a_problem_inside_a_sentence(label: str, words: str) -> None:
    assert names.spoken(label) == words


def test_a_text_is_cut_between_words_and_marked() -> None:
    assert fmt.cut("Gram-positive cocci; in clusters", 22) == "Gram-positive cocci…"
    assert fmt.cut("short", 21) == "short"
