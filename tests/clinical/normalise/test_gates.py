"""What may not be interpreted, whose record it is, who may see it: rules 40-43, 48, 50, 55."""

from __future__ import annotations

from typing import Any

import pytest

from clinical import resources as fhir
from clinical.normalise import NORMALISERS, records_of
from clinical.records import Section

from .builders import (
    BASE,
    allergy,
    concept,
    condition,
    decode,
    hidden,
    observation,
    other,
    patient,
    quantity,
    request,
    shown,
)

MODIFIER = [{"url": "urn:example:not-what-you-think", "valueCode": "x"}]


# ---- rules 42 and 43 --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", sorted(kind.__name__ for kind in NORMALISERS))
def test_an_unknown_modifier_on_any_resource_is_not_interpreted(kind: str) -> None:
    sent = other(kind, modifierExtension=MODIFIER, code=concept(text="x"))
    if kind in ("Goal", "CarePlan", "ImagingStudy"):
        sent.pop("code")
    assert hidden(sent).reason == "not-understood"


@pytest.mark.parametrize("kind", sorted(kind.__name__ for kind in NORMALISERS))
def test_implicit_rules_on_any_resource_are_not_followed(kind: str) -> None:
    found = hidden(other(kind, implicitRules="http://example.org/rules"))
    assert found.reason == "not-understood"
    assert "http://example.org/rules" in found.detail


@pytest.mark.parametrize(
    "sent",
    [
        observation(component=[{"code": concept("x"), "modifierExtension": MODIFIER}]),
        allergy(reaction=[{"modifierExtension": MODIFIER}]),
        condition(stage=[{"modifierExtension": MODIFIER}]),
        condition(evidence=[{"modifierExtension": MODIFIER}]),
        request(dosageInstruction=[{"modifierExtension": MODIFIER}]),
        request(dosageInstruction=[{"timing": {"modifierExtension": MODIFIER}}]),
        request(dispenseRequest={"modifierExtension": MODIFIER}),
        request(dispenseRequest={"initialFill": {"modifierExtension": MODIFIER}}),
        request(substitution={"modifierExtension": MODIFIER}),
        patient(link=[{"modifierExtension": MODIFIER}]),
        patient(contact=[{"modifierExtension": MODIFIER}]),
        other("MedicationAdministration", dosage={"modifierExtension": MODIFIER}),
        other("Immunization", protocolApplied=[{"modifierExtension": MODIFIER}]),
        other("Procedure", performer=[{"modifierExtension": MODIFIER}]),
        other("Encounter", hospitalization={"modifierExtension": MODIFIER}),
        other("Encounter", location=[{"modifierExtension": MODIFIER}]),
        other("Appointment", participant=[{"modifierExtension": MODIFIER}]),
        other("CarePlan", activity=[{"detail": {"modifierExtension": MODIFIER}}]),
        other("Goal", target=[{"modifierExtension": MODIFIER}]),
        other("DocumentReference", content=[{"modifierExtension": MODIFIER}]),
        other("DocumentReference", context={"modifierExtension": MODIFIER}),
        other("DiagnosticReport", media=[{"modifierExtension": MODIFIER}]),
        other("ImagingStudy", series=[{"modifierExtension": MODIFIER}]),
        other("ServiceRequest", occurrenceTiming={"modifierExtension": MODIFIER}),
        other("Device", udiCarrier=[{"modifierExtension": MODIFIER}]),
        other("FamilyMemberHistory", condition=[{"modifierExtension": MODIFIER}]),
    ],
)
def test_an_unknown_modifier_on_a_part_is_not_interpreted(sent: dict[str, Any]) -> None:
    assert hidden(sent).reason == "not-understood"


def test_an_empty_list_of_modifiers_modifies_nothing() -> None:
    assert shown(observation(modifierExtension=[])).value.quantity is not None


# ---- rule 41: references ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sent", "target"),
    [
        ("Encounter/e1", "Encounter/e1"),
        ("Encounter/e1/_history/3", "Encounter/e1"),
        (f"{BASE}/Encounter/e1", "Encounter/e1"),
        ("https://elsewhere.example/fhir/Encounter/e1", ""),
        (f"{BASE}.evil.example/Encounter/e1", ""),
        ("#e1", ""),
        ("urn:uuid:1", "Encounter/e9"),
        ("urn:uuid:2", "urn:uuid:2"),
    ],
)
def test_a_reference_is_followed_only_inside_its_own_source(sent: str, target: str) -> None:
    came_along = {"urn:uuid:1": other("Encounter", id="e9")}
    found = shown(observation(encounter={"reference": sent}), came_along)
    assert found.encounter == target


def test_a_person_without_words_is_named_by_the_resource_that_came_along() -> None:
    someone = other("Practitioner", name=[{"prefix": ["Dr"], "family": "Reyes", "given": ["Ana"]}])
    role = other(
        "PractitionerRole",
        practitioner={"display": "Dr Ana Reyes"},
        specialty=[concept(text="Cardiology")],
    )
    sent = observation(
        performer=[
            {"reference": "Practitioner/a"},
            {"reference": "Practitioner/a", "display": "A. Reyes"},
            {"reference": "PractitionerRole/r"},
            {"identifier": {"value": "7"}},
        ]
    )
    found = shown(sent, {"Practitioner/a": someone, "PractitionerRole/r": role}).performers
    assert [one.display for one in found] == [
        "Dr Ana Reyes",
        "A. Reyes",
        "Dr Ana Reyes, Cardiology",
    ]


def test_the_same_contained_name_in_two_resources_stays_two_people() -> None:
    def sent(number: str, family: str) -> fhir.Resource:
        inside = {"resourceType": "Practitioner", "id": "p", "name": [{"family": family}]}
        return decode(observation(id=number, performer=[{"reference": "#p"}], contained=[inside]))

    records, _ = records_of(Section.LABS, "mercy", [sent("1", "Reyes"), sent("2", "Okafor")])
    assert [one.performers[0].display for one in records] == ["Reyes", "Okafor"]  # type: ignore[union-attr]


# ---- rules 48, 50, 55: labels -----------------------------------------------------------------------------------

CONFIDENTIALITY = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality"


def labelled(system: str, code: str) -> dict[str, Any]:
    return observation(meta={"security": [{"system": system, "code": code}]})


@pytest.mark.parametrize(
    ("system", "code", "restricted"),
    [
        (CONFIDENTIALITY, "N", False),
        (CONFIDENTIALITY, "U", False),
        (CONFIDENTIALITY, "R", True),
        (CONFIDENTIALITY, "V", True),
        ("http://terminology.hl7.org/CodeSystem/v3-ActCode", "PSY", True),
        ("http://terminology.hl7.org/CodeSystem/v3-ActCode", "HIV", True),
        ("urn:local", "N", True),
        ("http://terminology.hl7.org/CodeSystem/v3-ObservationValue", "MASKED", True),
        ("http://terminology.hl7.org/CodeSystem/v3-ObservationValue", "SUBSETTED", False),
    ],
)
def test_a_security_label_we_do_not_know_counts_as_restricted(
    system: str, code: str, restricted: bool
) -> None:
    assert shown(labelled(system, code)).source.restricted is restricted


def test_a_document_restricted_by_its_own_label_is_restricted() -> None:
    sent = other("DocumentReference", securityLabel=[concept("R", system=CONFIDENTIALITY)])
    assert shown(sent).source.restricted is True


@pytest.mark.parametrize("where", ["security", "tag"])
def test_test_data_is_marked(where: str) -> None:
    sent = observation(meta={where: [{"system": "urn:x", "code": "HTEST"}]})
    assert shown(sent).source.test is True


def test_a_narrative_that_holds_more_than_the_data_is_marked() -> None:
    sent = observation(text={"status": "additional", "div": "<div>see also</div>"})
    assert shown(sent).source.narrative is True
    assert shown(observation(text={"status": "generated"})).source.narrative is False


# ---- the ledger -------------------------------------------------------------------------------------------------


def test_every_resource_becomes_a_record_or_a_reason() -> None:
    sent = [
        decode(observation(id="1")),
        decode(observation(id="2", valueQuantity=quantity("5"))),
        decode(observation(id="3", status="entered-in-error")),
        decode(other("Practitioner")),
    ]
    records, not_shown = records_of(Section.LABS, "mercy", sent)
    assert [one.source.reference for one in records] == ["Observation/1"]
    assert [(one.source.reference, one.reason) for one in not_shown] == [
        ("Observation/2", "unreadable"),
        ("Observation/3", "entered-in-error"),
    ]


def test_two_resources_without_an_id_are_never_one() -> None:
    first, again, second = (
        shown(observation(id=None, valueQuantity=quantity(value))).source.reference
        for value in (4.1, 4.1, 4.2)
    )
    assert first == again
    assert first != second


def test_a_null_label_and_a_label_without_a_code_say_nothing() -> None:
    sent = observation(meta={"security": [None, {"display": "private"}], "tag": [None]})
    found = shown(sent).source
    assert (found.restricted, found.test) == (False, False)


def test_the_time_of_the_last_change_is_kept_as_sent() -> None:
    sent = observation(meta={"lastUpdated": "2026-02-03T08:00:00.123Z"})
    assert shown(sent).source.updated == "2026-02-03T08:00:00.123Z"
    labelled_too = observation(meta={"lastUpdated": "2026", "tag": [{"code": "x"}]})
    assert shown(labelled_too).source.updated == "2026"


def test_the_identity_of_a_record_is_source_type_and_id() -> None:
    assert shown(observation()).source.token == "mercy/Observation/o1"
