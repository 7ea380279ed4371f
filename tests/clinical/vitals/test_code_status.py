"""The code status of the nurse: whatever the safety line shows, the nursing line and the board never call "none"."""

from __future__ import annotations

from typing import Any

import pytest

from clinical import codes
from clinical.fhir.catalogue import DIRECTIVES
from clinical.judgement.code_status import WORDS
from clinical.vitals.nursing import Fact, code_status
from tests.clinical.rank.charts import (
    NOW,
    Body,
    chart,
    concept,
    day,
    encounter,
    observation,
    patient,
    problem,
)
from tests.clinical.rank.test_floor import marks
from tests.clinical.vitals.test_board import ZONE

SUBJECT = {"reference": "Patient/p"}


def bare(code: str, system: str = codes.LOINC) -> Body:
    return {"coding": [{"system": system, "code": code}]}


def icd(code: str, text: str) -> Body:
    return problem(concept("icd-10-cm", code, text))


def document(kind: Body, **more: Any) -> Body:
    return {
        "resourceType": "DocumentReference", "status": "current", "type": kind, "date": day(900), "subject": SUBJECT,
        "content": [{"attachment": {"contentType": "application/pdf"}}], **more,
    }  # fmt: skip


def order(text: str, ago: float = 5, **more: Any) -> Body:
    return {
        "resourceType": "ServiceRequest", "status": "active", "intent": "order", "code": concept(text=text),
        "authoredOn": day(ago), "subject": SUBJECT, **more,
    }  # fmt: skip


def flag(text: str, **more: Any) -> Body:
    return {"resourceType": "Flag", "status": "active", "code": concept(text=text), "subject": SUBJECT} | more  # fmt: skip


def consent(what: Body | None, rule: str = "", **more: Any) -> Body:
    provision = {"type": rule or None, "code": [what]} if what is not None else None
    return {
        "resourceType": "Consent", "status": "active", "scope": bare("adr", "urn:scope"), "patient": SUBJECT,
        "category": [concept(text="Living will")], "dateTime": day(400), "provision": provision,
    } | more  # fmt: skip


DNR, CPR = bare("304253006", codes.SNOMED), concept(text="Cardiopulmonary resuscitation")


def facts(*bodies: Body) -> list[Fact]:
    made = chart([patient(70, "female"), encounter(None, "IMP"), *bodies])
    return list(code_status(made, NOW, ZONE))


def words(*bodies: Body) -> list[tuple[str, bool]]:
    return [(one.text, one.strong) for one in facts(*bodies)]


@pytest.mark.parametrize(
    ("body", "shown", "strong"),
    [
        (document(concept(text="POLST form")), "POLST form", False),
        (document(bare("93037-0")), "Portable medical order form", False),
        (document(bare("84095-9")), "Do not resuscitate", True),
        (document(concept(text="Progress note"), description="DNR confirmed"), "Progress note: DNR confirmed", True),
        (icd("Z66", "Do not resuscitate"), "Do not resuscitate", True),
        (problem(concept(text="DNR status")), "DNR status", True),
        (order("Cardiopulmonary resuscitation", doNotPerform=True), "Do not perform: Cardiopulmonary resuscitation", True),
        (order("Do not resuscitate", doNotPerform=True), "Do not resuscitate", True),
        (order("Do not resuscitate", status="completed"), "Do not resuscitate (completed)", True),
        (document(concept(text="Living will"), status="superseded"), "Living will (superseded)", False),
        (order("Do not resuscitate", status="on-hold"), "Do not resuscitate (on hold)", True),
        (document(concept(text="Living will"), docStatus="preliminary"), "Living will (preliminary)", False),
        (flag("Do not resuscitate", period={"start": day(9), "end": day(2)}), "Do not resuscitate (ended)", True),
    ],
)  # fmt: skip
def test_what_is_recorded_in_any_kind_of_entry_is_never_none(
    body: Body, shown: str, strong: bool
) -> None:
    assert words(body) == [(shown, strong)]
    assert "floor.code_status" in marks(body)


@pytest.mark.parametrize("code", DIRECTIVES)
def test_every_directive_by_its_code_alone(code: str) -> None:
    assert words(document(bare(code)))


@pytest.mark.parametrize("said", WORDS)
def test_every_word_of_the_floor_is_known_in_every_kind_of_entry(said: str) -> None:
    for body in (
        document(concept(text=said)),
        problem(concept(text=said)),
        order(said),
        flag(said),
    ):
        assert words(body), body["resourceType"]
        assert "floor.code_status" in marks(body)


@pytest.mark.parametrize(
    "body",
    [
        document(concept(text="No advance directive on file")),
        document(concept(text="Progress note")),
        {**problem(concept(text="DNR status")), "clinicalStatus": bare("inactive", codes.CONDITION_CLINICAL)},
        order("Blood culture", doNotPerform=True),
        order("Do not resuscitate", status="revoked"),
    ],
)  # fmt: skip
def test_what_is_not_so_is_no_code_status(body: Body) -> None:
    assert words(body) == []
    assert "floor.code_status" not in marks(body)


def test_a_refusal_in_the_problem_list_stands_beside_a_newer_full_code() -> None:
    found = words(order("Full code"), {**icd("Z66", "Do not resuscitate"), "recordedDate": day(90)})
    assert found == [("Full code", False), ("Do not resuscitate", True)]


def test_a_form_that_may_hold_a_refusal_stands_beside_full_code() -> None:
    found = words(order("Full code"), document(concept(text="POLST form")))
    assert found == [("Full code", False), ("POLST form", False)]


def test_a_newer_living_will_hides_neither_the_decision_nor_the_form() -> None:
    will = document(concept(text="Living will"), date=day(1))
    assert words(order("Full code"), will)[0] == ("Full code", False)
    both = words(will, document(concept(text="POLST form")))
    assert both == [("Living will", False), ("POLST form", False)]


def test_what_was_completed_does_not_stand_beside_what_holds() -> None:
    found = words(order("Full code"), order("Do not resuscitate", 90, status="completed"))
    assert found == [("Full code", False)]


@pytest.mark.parametrize(("value", "shown", "strong"), [(True, "yes", True), (False, "no", False)])
def test_a_result_that_says_whether_there_is_an_order(
    value: bool, shown: str, strong: bool
) -> None:
    body = {**observation(bare("81351-9"), None, kind="survey"), "valueBoolean": value}
    assert words(body) == [(f"Do not resuscitate order in place: {shown}", strong)]
    assert "floor.code_status" in marks(body)


@pytest.mark.parametrize(
    ("body", "shown", "strong"),
    [
        (consent(DNR), "Not for resuscitation (Living will)", True),
        (consent(CPR, "deny"), "Refused: Cardiopulmonary resuscitation (Living will)", True),
        (consent(CPR, "permit"), "Permitted: Cardiopulmonary resuscitation (Living will)", False),
        (consent(DNR, "deny"), "Not for resuscitation, marked “deny” (Living will): may hold a refusal, read it", False),
        (consent(None), "Living will", False),
        (consent(None, category=[bare("84095-9")]), "Do not resuscitate", True),
        (consent(concept(text="Transfusion of blood product"), "deny", scope=bare("treatment", "urn:scope"), category=[]),
         "Refused: Transfusion of blood product", False),
        (consent(DNR, status="inactive"), "Not for resuscitation (Living will) (inactive)", True),
        (consent(DNR, status="rejected"), "Not for resuscitation (Living will) (rejected)", True),
        (consent(DNR, status="proposed"), "Not for resuscitation (Living will) (proposed)", True),
        (consent(DNR, status=None), "Not for resuscitation (Living will) (status not stated)", True),
        (consent(DNR, status="in-force"), "Not for resuscitation (Living will) (status in-force)", True),
        (consent(None, provision={"code": [DNR], "period": {"start": day(90), "end": day(2)}}), "Not for resuscitation (Living will) (ended)", True),
        (consent(None, provision={"code": [DNR], "period": {"start": day(-9)}}), "Not for resuscitation (Living will) (not yet begun)", True),
    ],
)  # fmt: skip
def test_what_stands_in_a_consent_alone_is_never_none(body: Body, shown: str, strong: bool) -> None:
    assert words(body) == [(shown, strong)]
    assert "floor.code_status" in marks(body)


@pytest.mark.parametrize(
    "body",
    [
        consent(DNR, status="entered-in-error"),
        consent(concept(text="Discharge summary"), "deny", scope=bare("patient-privacy", "urn:scope"), category=[bare("59284-0")]),
        consent(concept(text="Colonoscopy"), "permit", scope=bare("treatment", "urn:scope"), category=[concept(text="Consent form")]),
    ],
)  # fmt: skip
def test_consents_to_the_use_of_data_or_to_a_treatment_are_no_code_status(body: Body) -> None:
    assert words(body) == []
    assert "floor.code_status" not in marks(body)


def test_a_refusal_in_a_consent_stands_beside_a_newer_full_code_and_what_ended_does_not() -> None:
    assert words(order("Full code"), consent(DNR)) == [
        ("Full code", False),
        ("Not for resuscitation (Living will)", True),
    ]
    assert words(order("Full code"), consent(DNR, status="inactive")) == [("Full code", False)]


def test_a_consent_that_may_hold_a_refusal_stands_beside_full_code() -> None:
    found = words(order("Full code"), consent(DNR, "deny"))
    assert found[0] == ("Full code", False)
    assert "may hold a refusal" in found[1][0]


def test_permitted_resuscitation_is_no_decision_that_hides_a_form() -> None:
    found = words(consent(CPR, "permit", dateTime=day(1)), document(concept(text="POLST form")))
    assert len(found) == 2
