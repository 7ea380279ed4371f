"""Patients: rules 44, 45, 47, 50 of part 3, and part 9."""

from __future__ import annotations

from typing import Any

import pytest

from .builders import absent, concept, patient, shown


@pytest.mark.parametrize(
    ("names", "family"),
    [
        ([{"use": "old", "family": "Vinter"}, {"use": "official", "family": "Dahl"}], "Dahl"),
        ([{"use": "maiden", "family": "Vinter"}, {"family": "Dahl"}], "Dahl"),
        ([{"use": "nickname", "family": "Inga"}, {"use": "usual", "family": "Dahl"}], "Dahl"),
        (
            [
                {"use": "official", "family": "Vinter", "period": {"end": "2001"}},
                {"use": "official", "family": "Dahl", "period": {"start": "2001"}},
            ],
            "Dahl",
        ),
        (
            [
                {"use": "maiden", "family": "Vinter"},
                {"use": "official", "family": "Dahl", "period": {"end": "2030"}},
            ],
            "Dahl",
        ),
        ([{"use": "old", "family": "Vinter"}], "Vinter"),
        ([{"use": "official"}, {"family": "Dahl"}], "Dahl"),
    ],
)
def test_the_name_in_force_is_chosen_over_former_ones(
    names: list[dict[str, Any]], family: str
) -> None:
    assert shown(patient(name=names)).name.family == family


def test_a_preferred_name_is_told_apart() -> None:
    names = [
        {"use": "official", "family": "Dahl", "given": ["Ingrid"]},
        {"use": "usual", "given": ["Inga"]},
    ]
    found = shown(patient(name=names))
    assert (found.name.given, found.preferred) == ("Ingrid", "Inga")


def test_missing_demographics_stay_missing() -> None:
    found = shown(patient(name=None, gender=None, birthDate=None))
    assert (found.name, found.sex, found.birth, found.birth_text) == (None, "", None, "")


def test_a_masked_birth_date_says_why() -> None:
    found = shown(patient(birthDate=None, _birthDate={"extension": absent("masked")}))
    assert (found.birth, found.birth_text) == (None, "masked")


def test_a_birth_date_that_cannot_be_read_is_kept_in_words() -> None:
    found = shown(patient(birthDate="09/04/1968"))
    assert (found.birth, found.birth_text) == (None, "09/04/1968")


def test_a_partial_birth_date_keeps_its_precision() -> None:
    assert shown(patient(birthDate="1968")).birth.precision == "year"


def test_the_sex_for_clinical_use_is_not_the_administrative_gender() -> None:
    sent = {
        "url": "http://hl7.org/fhir/StructureDefinition/patient-sexParameterForClinicalUse",
        "extension": [{"url": "value", "valueCodeableConcept": concept("male-typical")}],
    }
    found = shown(patient(extension=[sent]))
    assert (found.sex, found.sex_for_clinical_use) == ("female", "male-typical")


def test_a_merged_record_names_the_one_that_replaces_it() -> None:
    link = {"type": "replaced-by", "other": {"reference": "Patient/p2"}}
    assert shown(patient(link=[link])).replaced_by == "Patient/p2"


def test_a_merged_record_is_known_as_such_even_without_a_name_for_the_other() -> None:
    assert shown(patient(link=[{"type": "replaced-by"}])).replaced_by == "another record"


def test_other_links_are_information_only() -> None:
    link = {"type": "seealso", "other": {"reference": "Patient/p3"}}
    found = shown(patient(link=[link]))
    assert (found.replaced_by, found.links) == ("", ("seealso Patient/p3",))


@pytest.mark.parametrize("active", [True, False, None])
def test_an_inactive_record_is_known_as_such(active: bool | None) -> None:
    assert shown(patient(active=active)).active is active


@pytest.mark.parametrize(
    ("sent", "deceased", "at"),
    [
        ({}, False, None),
        ({"deceasedBoolean": False}, False, None),
        ({"deceasedBoolean": True}, True, None),
        ({"deceasedDateTime": "2025-11"}, True, "2025-11"),
        ({"deceasedDateTime": "last winter"}, True, None),
    ],
)
def test_a_death_is_never_missed(sent: dict[str, Any], deceased: bool, at: str | None) -> None:
    found = shown(patient(**sent))
    assert (found.deceased, found.deceased_at.text if found.deceased_at else None) == (deceased, at)


@pytest.mark.parametrize("family", ["ZZTEST", "Zzztest-Anna", "ZZ TEST"])
def test_a_test_patient_is_known_by_name(family: str) -> None:
    assert shown(patient(name=[{"family": family}])).source.test is True


def test_an_ordinary_name_is_no_test() -> None:
    assert shown(patient()).source.test is False


def test_identifiers_keep_their_system_and_social_security_numbers_stay_behind() -> None:
    sent = [
        {"system": "urn:mrn", "value": "129", "type": concept("MR", text="MRN")},
        {"system": "http://hl7.org/fhir/sid/us-ssn", "value": "999-11-2222"},
        {"type": concept("SS"), "value": "999-11-2222"},
        {"system": "urn:empty"},
    ]
    found = shown(patient(identifier=sent)).identifiers
    assert [(one.system, one.value, one.type_code, one.label) for one in found] == [
        ("urn:mrn", "129", "MR", "MRN")
    ]
