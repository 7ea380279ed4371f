"""Code systems under one name, and codes that match only with their system."""

from __future__ import annotations

import pytest

from clinical import codes
from clinical.records import Coding, Concept

GLUCOSE = Concept(
    codings=(Coding(system=None, code="2345-7"), Coding(system=codes.LOINC, code="2339-0")),
    text="Glucose",
)


@pytest.mark.parametrize(
    ("sent", "known_as"),
    [
        ("urn:oid:2.16.840.1.113883.6.1", codes.LOINC),
        ("http://loinc.org", codes.LOINC),
        ("urn:oid:2.16.840.1.113883.6.96", codes.SNOMED),
        ("http://hl7.org/fhir/v2/0078", codes.INTERPRETATION),
        ("urn:local", "urn:local"),
        ("", None),
        (None, None),
    ],
)
def test_a_system_is_known_by_its_other_names(sent: str | None, known_as: str | None) -> None:
    assert codes.system_uri(sent) == known_as


def test_a_code_without_its_system_matches_nothing() -> None:
    assert codes.has_code(GLUCOSE, codes.LOINC, {"2345-7"}) is False
    assert codes.has_code(GLUCOSE, codes.LOINC, {"2339-0"}) is True
    assert codes.has_code(None, codes.LOINC, {"2339-0"}) is False


def test_the_codes_of_one_system_are_found() -> None:
    assert codes.codes_of(GLUCOSE, codes.LOINC) == ("2339-0",)
    assert codes.codes_of(None, codes.LOINC) == ()
    assert codes.first_code([Concept(), GLUCOSE], codes.LOINC) == "2339-0"
    assert codes.first_code([GLUCOSE], codes.SNOMED) == ""


def test_a_code_is_named_with_its_system() -> None:
    assert [codes.key_of(one) for one in GLUCOSE.codings] == ["|2345-7", "http://loinc.org|2339-0"]
