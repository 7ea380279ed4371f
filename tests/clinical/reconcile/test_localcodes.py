"""Results under a source's own codes: one suggestion or none, marked, and undone by a person's word."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from clinical.reconcile import localcodes, reconcile
from clinical.reconcile.localcodes import names, plain
from clinical.records import Observation, Section, Series, Value
from tests.clinical.reconcile.builders import LOINC, concept, lab, section

OWN = "urn:mercy:lab"


def local(number: int, name: str, code: str = "", **more: Any) -> Observation:
    """A result under a code of the source's own; without `code` under words alone."""
    fields: dict[str, Any] = {"specimen": "Blood", **more}
    record = lab(number, name, code or "x", **fields)
    return msgspec.structs.replace(record, concept=concept(name, code, OWN))


def rows(*records: Observation, mappings: Any = localcodes.NO_MAPPINGS) -> tuple[Series, ...]:
    found = reconcile([section(Section.LABS, *records)], launch_server="mercy", mappings=mappings)
    return found.series


def test_name_specimen_and_unit_together_suggest_a_concept() -> None:
    (row,) = rows(local(1, "Potassium", "50971", unit="mEq/L"))
    assert row.mapping == "suggested"
    assert set(row.codes) == {(OWN, "50971"), (LOINC, "2823-3")}
    assert row.points[0].record.concept.codings[0].code == "50971"


@pytest.mark.parametrize(
    ("name", "unit", "specimen"),
    [
        ("Potassium", "mEq/L", ""),  # could be urine
        ("Potassium", "mEq/L", "Urine"),
        ("Potassium, Whole Blood", "mEq/L", "Blood"),  # another specimen than serum
        ("Potassium", "mg/g", "Blood"),  # a unit that cannot belong to it
        ("Potassium", "widgets", "Blood"),  # a unit nobody knows
        ("Potassium", "", "Blood"),  # no unit at all
        ("Glucose", "mg/dL", "CSF"),
        ("Glucose, POC", "mg/dL", "Blood"),
        ("Potassium ratio", "mEq/L", "Blood"),  # a name that only begins like it
    ],
)
def test_one_doubt_is_enough_for_no_suggestion(name: str, unit: str, specimen: str) -> None:
    (row,) = rows(local(1, name, "1", unit=unit, specimen=specimen))
    assert row.mapping == "unmapped"
    assert row.codes == ((OWN, "1"),)


@pytest.mark.parametrize(
    ("name", "unit", "loinc"),
    [
        ("WBC", "K/uL", "6690-2"),
        ("Glucose", "mg/dL", "2345-7"),
        ("Glucose", "mmol/L", "14749-6"),
        ("Creatinine [serum]", "umol/L", "14682-9"),
        ("Alanine Aminotransferase (ALT)", "IU/L", "1742-6"),
        ("INR(PT)", "", "6301-6"),
    ],
)
def test_the_unit_chooses_between_twins(name: str, unit: str, loinc: str) -> None:
    (row,) = rows(local(1, name, "1", unit=unit))
    assert (LOINC, loinc) in row.codes


def test_urine_is_never_joined_with_blood() -> None:
    blood = local(1, "Sodium", "1", unit="mmol/L")
    urine = local(2, "Sodium", "2", unit="mmol/L", specimen="Urine")
    named = local(3, "Sodium, Urine", "3", unit="mmol/L", specimen="")
    found = {row.codes[0][1]: row for row in rows(blood, urine, named)}
    assert len(found) == 2
    assert {frozenset(code for _, code in row.codes) for row in found.values()} == {
        frozenset({"1", "2951-2"}),
        frozenset({"2", "3", "2955-3"}),
    }


def test_a_suggestion_joins_the_row_of_other_sources_and_breaks_its_line() -> None:
    here = local(1, "Sodium", "9", unit="mmol/L", when="2026-01-01T09:00:00Z")
    there = lab(2, "Sodium", "2951-2", "140", server="lakeside", when="2026-02-01T09:00:00Z")
    (row,) = rows(here, there)
    assert row.mapping == "suggested"
    assert [(b.why, b.before_words, b.after_words) for b in row.breaks] == [
        ("method", "code 9", "code 2951-2")
    ]


def test_two_codes_with_one_name_share_a_row_and_not_a_line() -> None:
    one = local(1, "Glucose", "50931", unit="mg/dL", when="2026-01-01T09:00:00Z")
    two = local(2, "Glucose", "50809", unit="mg/dL", when="2026-02-01T09:00:00Z")
    (row,) = rows(one, two)
    assert len(row.breaks) == 1


def test_a_confirmed_mapping_joins_the_line() -> None:
    here = local(1, "Natrium", "9", unit="mmol/L", when="2026-01-01T09:00:00Z", specimen="")
    there = lab(2, "Sodium", "2951-2", "140", server="lakeside", when="2026-02-01T09:00:00Z")
    (row,) = rows(here, there, mappings={("mercy", OWN, "9"): "2951-2"})
    assert (row.mapping, row.breaks) == ("confirmed", ())


def test_a_word_of_one_site_counts_for_that_site_only() -> None:
    said = {("lakeside", OWN, "9"): "2951-2"}
    (row,) = rows(local(1, "Natrium", "9", unit="mmol/L"), mappings=said)
    assert row.mapping == "unmapped"


def test_a_refused_suggestion_is_never_made_again() -> None:
    said = {("mercy", OWN, "1"): ""}
    (row,) = rows(local(1, "Potassium", "1", unit="mEq/L"), mappings=said)
    assert (row.mapping, row.codes) == ("unmapped", ((OWN, "1"),))


def test_a_confirmed_mapping_still_needs_a_unit_that_can_belong_to_it() -> None:
    said = {("mercy", OWN, "1"): "2823-3"}
    (row,) = rows(local(1, "Potassium", "1", unit="mm[Hg]"), mappings=said)
    assert row.mapping == "unmapped"


def test_text_results_follow_their_code() -> None:
    number = local(1, "Potassium", "1", unit="mEq/L")
    text = msgspec.structs.replace(
        local(2, "Potassium", "1", when="2026-01-01T09:00:00Z"), value=Value(string="HEMOLYZED")
    )
    (row,) = rows(number, text)
    assert len(row.points) == 2


def test_words_without_a_code_are_mapped_like_codes() -> None:
    (row,) = rows(local(1, "Potassium", unit="mEq/L"))
    assert row.mapping == "suggested"
    (row,) = rows(
        local(1, "Kalium i plasma", unit="mEq/L"),
        mappings={("mercy", "", "kalium i plasma"): "2823-3"},
    )
    assert row.mapping == "confirmed"


def test_a_suggestion_is_no_ground_for_a_molar_conversion() -> None:
    grams = local(1, "Glucose", "1", value="90", unit="mg/dL", when="2026-01-01T09:00:00Z")
    moles = local(2, "Glucose", "2", value="5.0", unit="mmol/L", when="2026-02-01T09:00:00Z")
    (row,) = rows(grams, moles)
    assert [found.why for found in row.breaks] == ["unit"]


def test_standard_codes_need_no_mapping() -> None:
    (row,) = rows(lab(1))
    assert row.mapping == ""


def test_a_survey_is_not_counted_as_an_unmapped_code() -> None:
    (row,) = rows(local(1, "Housing", "1", category="survey"))
    assert row.mapping == ""


def test_every_name_of_the_table_is_plain_and_leads_to_its_concepts() -> None:
    for name, several in names().items():
        assert plain(name) == name
        specimens = {
            (known.specimen, dimension)
            for known in several
            for dimension in known.dimensions or {""}
        }
        assert len(specimens) == sum(len(known.dimensions or {""}) for known in several), name


def test_a_name_alone_is_enough_only_for_what_no_other_fluid_holds() -> None:
    (row,) = rows(local(1, "Hemoglobin", "1", unit="g/dL", specimen=""))
    assert row.mapping == "suggested"
