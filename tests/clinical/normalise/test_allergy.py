"""Allergies: rules 1, 2, 5, 7, 8, 9 of fhir-rules part 3."""

from __future__ import annotations

from typing import Any

import pytest

from .builders import SNOMED, allergy, concept, hidden, shown, status

NO_KNOWN = {"code": concept("716186003", system=SNOMED, display="No known allergy")}


def verification(code: str) -> dict[str, Any]:
    return {"verificationStatus": status(code, "allergyintolerance-verification")}


def clinical(code: str) -> dict[str, Any]:
    return {"clinicalStatus": status(code, "allergyintolerance-clinical")}


def test_none_known_needs_a_code_that_says_so() -> None:
    found = shown(allergy(**NO_KNOWN))
    assert (found.negation, found.negation_scope) == ("none-known", "all")


def test_none_known_counts_when_its_verification_is_not_stated() -> None:
    assert shown(allergy(**NO_KNOWN, verificationStatus=None)).negation == "none-known"


@pytest.mark.parametrize("text", ["NKDA", "No known allergies", "none", "NKA"])
def test_words_alone_never_mean_none_known(text: str) -> None:
    found = shown(allergy(code=concept(text=text)))
    assert (found.negation, found.concept.text) == ("", text)


def test_no_known_drug_allergy_says_nothing_about_food() -> None:
    found = shown(
        allergy(code=concept("409137002", system=SNOMED, display="No known drug allergy"))
    )
    assert (found.negation, found.negation_scope) == ("none-known", "drug")


def test_an_unconfirmed_none_known_is_nobodys_assertion() -> None:
    assert shown(allergy(**NO_KNOWN, **verification("unconfirmed"))).negation == "not-asked"


def test_a_refuted_none_known_is_not_shown_as_none() -> None:
    assert hidden(allergy(**NO_KNOWN, **verification("refuted"))).reason == "refuted"


@pytest.mark.parametrize("state", ["inactive", "resolved"])
def test_a_none_known_that_no_longer_holds_is_not_shown_as_none(state: str) -> None:
    assert hidden(allergy(**NO_KNOWN, **clinical(state))).reason == "withdrawn"


@pytest.mark.parametrize("code", ["1631000175102", "1287211007"])
def test_not_asked_is_not_none(code: str) -> None:
    assert shown(allergy(code=concept(code, system=SNOMED))).negation == "not-asked"


def test_an_unknown_substance_is_still_an_allergy() -> None:
    unknown = concept(
        "unknown",
        system="http://terminology.hl7.org/CodeSystem/data-absent-reason",
        display="Unknown",
    )
    assert shown(allergy(code=unknown)).negation == ""


def test_a_code_without_its_system_never_means_none_known() -> None:
    bare = {"coding": [{"code": "716186003", "display": "No known allergy"}]}
    assert shown(allergy(code=bare)).negation == ""


def test_an_allergy_entered_in_error_is_hidden_and_needs_no_clinical_status() -> None:
    """Rules 5 and 7."""
    found = hidden(allergy(**verification("entered-in-error"), clinicalStatus=None))
    assert found.reason == "entered-in-error"


@pytest.mark.parametrize("code", ["refuted", "unconfirmed", "confirmed", "presumed"])
def test_every_other_verification_is_kept_for_its_label(code: str) -> None:
    assert shown(allergy(**verification(code))).verification == code


def test_a_missing_status_is_not_stated() -> None:
    found = shown(allergy(clinicalStatus=None, verificationStatus=None))
    assert (found.clinical, found.verification) == ("", "")


def test_criticality_and_severity_are_never_mapped_to_each_other() -> None:
    """A mild rash and a high criticality can both be true."""
    mild = {"manifestation": [concept(text="Rash")], "severity": "mild"}
    found = shown(allergy(criticality="high", reaction=[mild]))
    assert (found.criticality, found.reactions[0].severity) == ("high", "mild")


def test_a_missing_criticality_is_not_low() -> None:
    severe = {"manifestation": [concept(text="Anaphylaxis")], "severity": "severe"}
    found = shown(allergy(reaction=[severe]))
    assert (found.criticality, found.reactions[0].severity) == ("", "severe")


def test_an_unknown_severity_is_kept_as_sent() -> None:
    assert shown(allergy(reaction=[{"severity": "fatal"}])).reactions[0].severity == "fatal"


def test_every_reaction_is_kept_with_its_own_severity() -> None:
    first = {"manifestation": [concept(text="Hives"), concept(text="Wheeze")], "severity": "severe"}
    second = {
        "description": "vomited once",
        "severity": "mild",
        "onset": "2019",
        "note": [{"text": "aged 5"}],
    }
    found = shown(allergy(reaction=[first, second])).reactions
    assert [one.text for one in found[0].manifestations] == ["Hives", "Wheeze"]
    assert [one.severity for one in found] == ["severe", "mild"]
    assert (found[1].text, found[1].onset.text) == ("vomited once; aged 5", "2019")


def test_an_intolerance_is_not_called_an_allergy() -> None:
    found = shown(allergy(type="intolerance", category=["food", None]))
    assert (found.type, found.categories) == ("intolerance", ("food",))


def test_a_substance_named_only_by_the_reactions_is_found() -> None:
    reaction = {"substance": concept(text="Codeine"), "severity": "mild"}
    assert shown(allergy(code=None, reaction=[reaction, reaction])).concept.text == "Codeine"


def test_reactions_that_name_different_substances_are_not_chosen_between() -> None:
    reactions = [{"substance": concept(text=name)} for name in ("Codeine", "Aspirin")]
    assert shown(allergy(code=None, reaction=reactions)).concept.text == "Aspirin / Codeine"


def test_an_onset_in_words_is_kept() -> None:
    assert shown(allergy(onsetString="as a child")).notes == ("Onset: as a child",)
