"""The other kinds: rules 12, 37, 51, 53 of part 3, and that nothing a source said is lost."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from clinical.normalise import attachments as module

from .builders import absent, concept, hidden, other, quantity, shown

KINDS_WITH_STATUS = [
    "Appointment",
    "CarePlan",
    "Device",
    "DiagnosticReport",
    "DocumentReference",
    "Encounter",
    "Consent",
    "FamilyMemberHistory",
    "Flag",
    "ImagingStudy",
    "Immunization",
    "Procedure",
    "ServiceRequest",
]


@pytest.mark.parametrize("kind", KINDS_WITH_STATUS)
def test_what_was_entered_in_error_is_hidden_whatever_it_is(kind: str) -> None:
    assert hidden(other(kind, status="entered-in-error")).reason == "entered-in-error"


def test_a_goal_entered_in_error_is_hidden() -> None:
    assert hidden(other("Goal", lifecycleStatus="entered-in-error")).reason == "entered-in-error"


@pytest.mark.parametrize("kind", KINDS_WITH_STATUS)
def test_what_has_nothing_but_an_id_is_still_accounted_for(kind: str) -> None:
    assert shown(other(kind)).source.reference == f"{kind}/x1"


# ---- rule 51: not done ------------------------------------------------------------------------------------------


def test_a_vaccine_not_given_is_not_given_and_says_why() -> None:
    found = shown(
        other(
            "Immunization",
            status="not-done",
            statusReason=concept(text="refused"),
            vaccineCode=concept("08", system="http://hl7.org/fhir/sid/cvx"),
            occurrenceDateTime="2026-01",
        )
    )
    assert (found.status, found.status_reason, found.given.precision) == (
        "not-done",
        "refused",
        "month",
    )


def test_a_weak_dose_and_a_second_hand_report_are_marked() -> None:
    found = shown(
        other(
            "Immunization",
            status="completed",
            isSubpotent=True,
            primarySource=False,
            occurrenceString="as a child",
            protocolApplied=[{"doseNumberPositiveInt": 2}],
        )
    )
    assert (found.subpotent, found.primary, found.given, found.given_text) == (
        True,
        False,
        None,
        "as a child",
    )
    assert found.dose_number == "2"


def test_a_procedure_not_done_is_not_done_and_says_why() -> None:
    found = shown(
        other(
            "Procedure",
            status="not-done",
            statusReason=concept(text="patient unwell"),
            code=concept(text="Colonoscopy"),
            _performedDateTime={"extension": absent("not-performed")},
        )
    )
    assert (found.status, found.status_reason, found.performed, found.performed_text) == (
        "not-done",
        "patient unwell",
        None,
        "not-performed",
    )


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({"performedString": "in the nineties"}, "in the nineties"),
        ({"performedAge": quantity(6, "a")}, "at 6 y"),
        ({"performedDateTime": "1994?"}, "1994?"),
    ],
)
def test_a_procedure_without_a_date_keeps_its_words(sent: dict[str, Any], words: str) -> None:
    found = shown(other("Procedure", code=concept(text="Appendectomy"), **sent))
    assert (found.performed, found.performed_text) == (None, words)


# ---- rule 53: family --------------------------------------------------------------------------------------------


def test_what_a_relative_had_is_never_a_problem_of_the_patient() -> None:
    found = shown(
        other(
            "FamilyMemberHistory",
            status="partial",
            relationship=concept(text="Mother"),
            deceasedAge=quantity(61, "a"),
            condition=[
                {
                    "code": concept(text="Breast cancer"),
                    "onsetAge": quantity(48, "a"),
                    "contributedToDeath": True,
                }
            ],
        )
    )
    assert (type(found).__name__, found.relationship, found.status) == (
        "FamilyHistory",
        "Mother",
        "partial",
    )
    assert [(what.text, when) for what, when in found.conditions] == [
        ("Breast cancer", "at 48 y, contributed to death")
    ]
    assert (found.deceased, found.notes) == (True, ("Died at 61 y",))


def test_a_family_history_that_is_not_known_says_so() -> None:
    sent = other(
        "FamilyMemberHistory",
        status="health-unknown",
        relationship=concept(text="Father"),
        dataAbsentReason=concept("subject-unknown", text="adopted"),
    )
    assert shown(sent).notes == ("Not known: adopted",)


# ---- orders, plans, goals ---------------------------------------------------------------------------------------


def test_an_order_not_to_do_something_is_never_an_order_to_do_it() -> None:
    found = shown(
        other(
            "ServiceRequest",
            status="active",
            intent="order",
            doNotPerform=True,
            code=concept(text="Resuscitation"),
        )
    )
    assert (found.avoid, found.concept.text) == (True, "Resuscitation")


@pytest.mark.parametrize(
    "sent", [{"intent": "proposal"}, {"intent": "option"}, {"status": "draft"}]
)
def test_a_proposed_order_is_not_an_order(sent: dict[str, str]) -> None:
    assert hidden(other("ServiceRequest", **sent)).reason == "proposal"


def test_a_plan_says_first_what_must_not_be_done() -> None:
    activity = [
        {"detail": {"description": "Heavy lifting", "doNotPerform": True, "status": "in-progress"}},
        {"detail": {"code": concept(text="Physiotherapy"), "status": "entered-in-error"}},
        {"reference": {"display": "Follow-up visit"}},
    ]
    found = shown(other("CarePlan", status="active", activity=activity, title="Back pain"))
    assert found.activities == ("Do not: Heavy lifting (in-progress)", "Follow-up visit")


def test_a_goal_keeps_what_is_aimed_at() -> None:
    targets = [
        {
            "measure": concept(text="Hemoglobin A1c"),
            "detailQuantity": quantity(7, "%", comparator="<"),
            "dueDate": "2026-06",
        },
        {"detailRange": {"high": quantity(130, "mm[Hg]")}},
        {"detailInteger": 3},
    ]
    found = shown(
        other("Goal", lifecycleStatus="active", description=concept(text="Control"), target=targets)
    )
    assert found.targets == ("Hemoglobin A1c: <7%", "at most 130 mm[Hg]", "3")
    assert found.due.text == "2026-06"


# ---- encounters and appointments --------------------------------------------------------------------------------


def test_the_patient_is_where_the_active_place_says() -> None:
    def place(name: str, **more: Any) -> dict[str, Any]:
        return {"location": {"display": name}, **more}

    places = [
        place("Bed 3", status="active", period={"start": "2026-02-01"}),
        place("Theatre", status="completed", period={"start": "2026-02-02", "end": "2026-02-02"}),
    ]
    assert shown(other("Encounter", location=places)).location == "Bed 3"
    left = [
        place("ED", period={"start": "2026-02-01", "end": "2026-02-01"}),
        place("Ward 5", period={"start": "2026-02-01"}),
    ]
    assert shown(other("Encounter", location=left)).location == "Ward 5"


def test_a_visit_keeps_its_class_reasons_and_people() -> None:
    found = shown(
        other(
            "Encounter",
            status="in-progress",
            **{"class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "EMER"}},
            reasonCode=[concept(text="Chest pain")],
            participant=[
                {"type": [concept(text="attender")], "individual": {"display": "Dr Reyes"}},
                {"period": {"start": "2026"}},
            ],
            period={"start": "2026-02-03T08:00:00Z"},
            serviceProvider={"reference": "Organization/o"},
        ),
        {"Organization/o": other("Organization", name="Mercy Hospital")},
    )  # fmt: skip
    assert (found.class_code, found.reasons[0].text, found.facility) == (
        "EMER",
        "Chest pain",
        "Mercy Hospital",
    )
    assert [(one.reference.display, one.role) for one in found.participants] == [
        ("Dr Reyes", "attender")
    ]
    assert found.period.end is None


def test_an_appointment_keeps_what_the_visit_is_recognised_by() -> None:
    found = shown(
        other(
            "Appointment",
            status="booked",
            serviceType=[concept(text="Diabetes clinic")],
            reasonCode=[concept("E11.9")],
            description="3 month check",
            start="2026-02-03T08:00:00Z",
            participant=[{"actor": {"reference": "Patient/p1"}, "status": "accepted"}],
        )
    )
    assert (found.service.text, found.reasons[0].text, found.description) == (
        "Diabetes clinic",
        "E11.9",
        "3 month check",
    )
    assert found.participants[0].reference.target == "Patient/p1"


# ---- reports, documents, studies, devices, flags ----------------------------------------------------------------


@pytest.mark.parametrize("status", ["registered", "partial", "preliminary", "final", "amended"])
def test_a_report_keeps_its_status(status: str) -> None:
    found = shown(
        other(
            "DiagnosticReport",
            status=status,
            code=concept(text="CT chest"),
            conclusion="No embolism.",
            result=[{"reference": "Observation/o1"}],
        )
    )
    assert (found.status, found.conclusion, found.results) == (
        status,
        "No embolism.",
        ("Observation/o1",),
    )


def test_a_cancelled_report_is_withdrawn() -> None:
    assert hidden(other("DiagnosticReport", status="cancelled")).reason == "withdrawn"


def test_a_document_whose_content_is_entered_in_error_is_hidden() -> None:
    sent = other("DocumentReference", status="current", docStatus="entered-in-error")
    assert hidden(sent).reason == "entered-in-error"


def test_a_document_without_a_date_takes_the_start_of_what_it_is_about() -> None:
    sent = other(
        "DocumentReference",
        status="superseded",
        category=[concept("clinical-note", text="Note")],
        context={"period": {"start": "2026-02-01", "end": "2026-02-03"}},
    )
    found = shown(sent)
    assert (found.written.text, found.concept.text, found.status) == (
        "2026-02-01",
        "Note",
        "superseded",
    )


def test_a_study_without_a_procedure_is_named_by_what_was_imaged() -> None:
    series = [
        {
            "modality": {"code": "CT", "display": "Computed Tomography"},
            "bodySite": {"code": "x", "display": "Chest"},
        }
    ]
    found = shown(other("ImagingStudy", status="available", series=series))
    assert (found.concept.text, found.modality) == (
        "Computed Tomography Chest",
        "Computed Tomography",
    )
    assert shown(other("ImagingStudy", description="CT chest")).concept.text == "CT chest"


def test_a_device_keeps_what_magnetic_resonance_needs_to_know() -> None:
    found = shown(
        other(
            "Device",
            status="active",
            type=concept(text="Pacemaker"),
            deviceName=[{"name": "Azure XT"}],
            manufacturer="Acme",
            modelNumber="W1",
            udiCarrier=[{"deviceIdentifier": "0964"}],
            safety=[concept(text="MR conditional")],
        )
    )
    assert (found.name, found.model, found.udi, found.safety[0].text) == (
        "Azure XT",
        "Acme W1",
        "0964",
        "MR conditional",
    )
    assert found.implanted is None


def test_a_flag_keeps_its_status_so_that_an_inactive_one_can_be_told() -> None:
    found = shown(other("Flag", status="inactive", code=concept(text="MRSA")))
    assert (found.status, found.concept.text) == ("inactive", "MRSA")


# ---- attachments ------------------------------------------------------------------------------------------------


def packed(text: str, charset: str = "utf-8") -> str:
    return base64.b64encode(text.encode(charset)).decode()


def attached(**sent: Any) -> Any:
    return shown(other("DiagnosticReport", presentedForm=[sent])).attachments[0]


@pytest.mark.parametrize(
    "kind",
    ["text/plain", "TEXT/PLAIN; charset=UTF-8", "text/markdown", 'text/plain;charset="utf-8"'],
)
def test_plain_text_is_decoded(kind: str) -> None:
    assert attached(contentType=kind, data=packed("Größe 3 µm")).text == "Größe 3 µm"


def test_text_in_the_character_set_it_names_is_decoded() -> None:
    sent = packed("Größe", "latin-1")
    assert attached(contentType="text/plain; charset=ISO-8859-1", data=sent).text == "Größe"


def test_text_that_is_not_what_it_claims_stays_data_and_is_not_garbled() -> None:
    sent = packed("Größe", "latin-1")
    found = attached(contentType="text/plain", data=sent)
    assert (found.text, found.data) == ("", sent)


@pytest.mark.parametrize("kind", ["text/html", "application/pdf", ""])
def test_everything_else_stays_data(kind: str) -> None:
    sent = packed("<script>alert(1)</script>")
    found = attached(contentType=kind, data=sent)
    assert (found.text, found.data) == ("", sent)


def test_broken_base64_is_kept_as_sent() -> None:
    found = attached(contentType="text/plain", data="not base64!")
    assert (found.text, found.data) == ("", "not base64!")


def test_a_long_note_is_cut_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "TEXT_AT_MOST", 100)
    found = attached(contentType="text/plain", data=packed("ä" * 5000)).text
    assert found.startswith("ä" * 100 + "\n[cut here")
    short = attached(contentType="text/plain", data=packed("ä" * 100)).text
    assert short == "ä" * 100


def test_a_file_too_large_to_keep_leaves_its_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "DATA_AT_MOST", 10)
    found = attached(contentType="application/pdf", data="A" * 400)
    assert (found.data, found.size) == ("", 300)


@pytest.mark.parametrize(("size", "kept"), [(12, 12), ("12", 12), ("many", None), (None, None)])
def test_a_size_is_kept_as_sent(size: Any, kept: int | None) -> None:
    assert attached(contentType="application/pdf", url="Binary/1", size=size).size == kept


# ---- odds and ends that a source may send -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("dosage", "words"),
    [
        (None, ""),
        ({"text": "as charted", "dose": quantity(1, "g")}, "as charted"),
        ({"dose": quantity(1, "g")}, "1 g"),
        ({"rateRatio": {"numerator": quantity(1, "g"), "denominator": quantity(1, "h")}}, "1 g / 1 h"),
        ({"dose": quantity("1", "g")}, '"1" g'),
    ],
)  # fmt: skip
def test_what_was_given_is_said_as_sent(dosage: dict[str, Any] | None, words: str) -> None:
    found = shown(other("MedicationAdministration", status="completed", dosage=dosage))
    assert found.dose_text == words
    assert (found.dose is None) is (words != "1 g" and words != "as charted")


def test_a_dose_number_in_words_is_kept() -> None:
    sent = [None, {"doseNumberString": "booster"}]
    assert shown(other("Immunization", protocolApplied=sent)).dose_number == "booster"


def test_a_document_without_a_type_is_called_by_its_title() -> None:
    sent = other("DocumentReference", content=[{"attachment": {"title": "Living will"}}])
    assert shown(sent).concept.text == "Living will"


@pytest.mark.parametrize(
    ("sent", "deceased"),
    [({"deceasedBoolean": False}, False), ({"deceasedString": "yes"}, True), ({}, False)],
)
def test_a_relatives_death_is_known_however_it_is_said(
    sent: dict[str, Any], deceased: bool
) -> None:
    assert shown(other("FamilyMemberHistory", **sent)).deceased is deceased


def test_what_a_relatives_illness_led_to_is_kept() -> None:
    condition = {"code": concept(text="Stroke"), "outcome": concept(text="recovered")}
    found = shown(other("FamilyMemberHistory", condition=[None, condition]))
    assert found.conditions[0][1] == "recovered"


@pytest.mark.parametrize(
    ("target", "words"),
    [
        ({"detailBoolean": False}, "no"),
        ({"detailRatio": {"numerator": quantity(1, "g"), "denominator": quantity(2, "d")}}, "1 g / 2 d"),
        ({"measure": concept(text="Weight")}, "Weight"),
        ({"detailString": "walk daily"}, "walk daily"),
    ],
)  # fmt: skip
def test_every_kind_of_target_is_kept(target: dict[str, Any], words: str) -> None:
    assert shown(other("Goal", target=[target])).targets == (words,)


def test_a_character_set_we_do_not_read_stays_data() -> None:
    found = attached(contentType="text/plain; charset=utf-16", data=packed("x", "utf-16"))
    assert (found.text, bool(found.data)) == ("", True)


def test_a_resource_of_a_kind_that_is_not_used_is_counted() -> None:
    found = hidden(other("Organization", name="Mercy"))
    assert found.reason == "other"


def test_the_category_of_a_procedure_is_kept() -> None:
    hip = {"status": "completed", "code": concept(text="Total hip replacement")}
    kind = concept("387713003", system="http://snomed.info/sct")
    assert shown(other("Procedure", **hip)).category is None
    found = shown(other("Procedure", category=kind, **hip)).category
    assert [one.code for one in found.codings] == ["387713003"]
