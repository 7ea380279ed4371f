"""Medicines: rules 10-17 and 40 of fhir-rules part 3."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from .builders import concept, hidden, other, quantity, request, shown

REFERENCED = {
    "medicationCodeableConcept": None,
    "medicationReference": {"reference": "Medication/d1", "display": "the blue one"},
}


def drug(**changes: Any) -> dict[str, Any]:
    return {"Medication/d1": {"resourceType": "Medication", "id": "d1", **changes}}


# ---- rules 10-13 ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        ("entered-in-error", "entered-in-error"),
        ("cancelled", "withdrawn"),
        ("draft", "proposal"),
    ],
)
def test_what_was_never_ordered_is_never_in_the_list(status: str, reason: str) -> None:
    assert hidden(request(status=status)).reason == reason


@pytest.mark.parametrize("status", ["active", "on-hold", "unknown", "stopped", "completed"])
def test_every_other_status_is_kept(status: str) -> None:
    assert shown(request(status=status)).status == status


def test_a_missing_status_stays_missing() -> None:
    assert shown(request(status=None)).status == ""


@pytest.mark.parametrize("intent", ["proposal", "option"])
def test_a_proposal_is_not_a_medicine_taken(intent: str) -> None:
    assert hidden(request(intent=intent)).reason == "proposal"


@pytest.mark.parametrize("intent", ["order", "original-order", "reflex-order", "instance-order"])
def test_every_kind_of_order_is_kept(intent: str) -> None:
    found = shown(request(intent=intent, basedOn=[{"reference": "MedicationRequest/m0"}]))
    assert (found.intent, found.based_on) == (intent, ("MedicationRequest/m0",))


def test_do_not_give_is_never_an_ordinary_medicine() -> None:
    assert shown(request(doNotPerform=True)).avoid is True
    assert shown(request()).avoid is False


@pytest.mark.parametrize(
    ("sent", "reported"),
    [
        ({"reportedBoolean": True}, True),
        ({"reportedReference": {"reference": "Patient/p1"}}, True),
        ({"intent": "plan"}, True),
        ({"intent": "plan", "reportedBoolean": False}, False),
        ({}, False),
    ],
)
def test_what_is_reported_is_not_called_prescribed(sent: dict[str, Any], reported: bool) -> None:
    assert shown(request(**sent)).reported is reported


def test_a_statement_is_always_a_report() -> None:
    found = shown(
        other(
            "MedicationStatement",
            status="not-taken",
            medicationCodeableConcept=concept(text="Aspirin"),
            effectivePeriod={"start": "2024", "end": "2025-03"},
            dosage=[{"text": "75 mg daily"}],
        )
    )
    assert (found.kind, found.reported, found.status) == ("statement", True, "not-taken")
    assert (found.starts.text, found.ends.text, found.dose_text) == (
        "2024",
        "2025-03",
        "75 mg daily",
    )


def test_a_statement_entered_in_error_is_hidden() -> None:
    assert hidden(other("MedicationStatement", status="entered-in-error")).reason == (
        "entered-in-error"
    )


# ---- rule 14: when the course ends ------------------------------------------------------------------------------


def bounds(end: str | None) -> dict[str, Any]:
    return {
        "text": "x",
        "timing": {"repeat": {"boundsPeriod": {"start": "2026-01-05", "end": end}}},
    }


@pytest.mark.parametrize(
    ("sent", "end"),
    [
        ({}, None),
        ({"dosageInstruction": [bounds("2026-01-12")]}, "2026-01-12"),
        ({"dosageInstruction": [bounds("2026-01-12"), bounds("2026-01-20")]}, "2026-01-20"),
        ({"dosageInstruction": [bounds("2026-01-12"), bounds(None)]}, None),
        ({"dosageInstruction": [{"timing": {"repeat": {"boundsDuration": quantity(7, "d")}}}]}, "2026-01-12"),
        ({"dispenseRequest": {"validityPeriod": {"end": "2026-12-31"}}}, "2026-12-31"),
        ({"dispenseRequest": {"expectedSupplyDuration": quantity(30, "d"), "numberOfRepeatsAllowed": 2}}, "2026-04-05"),
        ({"dispenseRequest": {"expectedSupplyDuration": quantity(30, "d")}}, None),
        ({"dispenseRequest": {"expectedSupplyDuration": quantity("30", "d"), "numberOfRepeatsAllowed": 2}}, None),
        ({"dispenseRequest": {"expectedSupplyDuration": quantity(30, "tablets"), "numberOfRepeatsAllowed": 0}}, None),
        ({"authoredOn": None, "dispenseRequest": {"expectedSupplyDuration": quantity(30, "d"), "numberOfRepeatsAllowed": 0}}, None),
        ({"dosageInstruction": [bounds("2026-03-01")],
          "dispenseRequest": {"validityPeriod": {"end": "2026-02-01"}, "expectedSupplyDuration": quantity(1, "wk"), "numberOfRepeatsAllowed": 0}}, "2026-01-12"),
    ],
)  # fmt: skip
def test_a_course_ends_at_the_earliest_end_the_record_implies(
    sent: dict[str, Any], end: str | None
) -> None:
    found = shown(request(**sent)).ends
    assert (found.text if found else None) == end


def test_an_active_order_past_its_end_is_still_shown_as_active() -> None:
    found = shown(request(dosageInstruction=[bounds("2020-01-01")]))
    assert (found.status, found.ends.text) == ("active", "2020-01-01")


# ---- rule 16: which drug ----------------------------------------------------------------------------------------


def test_a_drug_that_came_along_is_resolved() -> None:
    code = concept("860975", system="http://www.nlm.nih.gov/research/umls/rxnorm", text="Metformin")
    found = shown(request(**REFERENCED), drug(code=code, form=concept(text="Tablet")))
    assert (found.concept.text, found.resolved, found.form) == ("Metformin", True, "Tablet")


def test_a_drug_contained_in_the_same_resource_is_resolved() -> None:
    inside = {"resourceType": "Medication", "id": "d", "code": concept(text="Nizatidine")}
    sent = request(
        medicationCodeableConcept=None, medicationReference={"reference": "#d"}, contained=[inside]
    )
    assert shown(sent).concept.text == "Nizatidine"


def test_a_contained_drug_of_another_resource_is_never_used() -> None:
    inside = {"resourceType": "Medication", "id": "d", "code": concept(text="Warfarin")}
    neighbour = request(id="m0", contained=[inside])
    sent = request(
        medicationCodeableConcept=None,
        medicationReference={"reference": "#d", "display": "not sent"},
    )
    found = shown(sent, {"MedicationRequest/m0": neighbour})
    assert (found.concept.text, found.resolved) == ("not sent", False)


def test_a_contained_drug_that_cannot_be_read_is_not_resolved() -> None:
    inside = {"resourceType": "Medication", "id": "d", "code": "Nizatidine"}
    sent = request(
        medicationCodeableConcept=None, medicationReference={"reference": "#d"}, contained=[inside]
    )
    assert shown(sent).resolved is False


def test_a_drug_that_was_not_sent_keeps_its_words_and_says_so() -> None:
    found = shown(request(**REFERENCED))
    assert (found.concept.text, found.resolved) == ("the blue one", False)


def test_no_drug_at_all_is_not_resolved() -> None:
    found = shown(request(medicationCodeableConcept=None))
    assert (found.concept.text, found.resolved) == ("", False)


def test_two_drugs_are_not_chosen_between() -> None:
    found = hidden(request(medicationReference={"reference": "Medication/d1"}))
    assert found.reason == "unreadable"


def test_a_drug_named_among_its_identifiers_is_called_by_that_name() -> None:
    identifiers = [
        {"system": "urn:x/ndc", "value": "00409471332"},
        {"system": "urn:x/medication-name", "value": "Lidocaine 1%"},
    ]
    code = {"coding": [{"system": "urn:x/ndc", "code": "00409471332"}]}
    found = shown(request(**REFERENCED), drug(code=code, identifier=identifiers))
    assert (found.concept.text, found.concept.codings[0].code) == ("Lidocaine 1%", "00409471332")


def test_a_mixture_without_a_code_is_called_by_its_ingredients() -> None:
    ingredients = [
        {"itemCodeableConcept": concept(text="Sodium chloride")},
        {"itemReference": {"display": "Potassium chloride"}},
    ]
    found = shown(request(**REFERENCED), drug(ingredient=ingredients))
    assert found.concept.text == "Sodium chloride / Potassium chloride"


def test_a_mixture_is_called_by_the_drugs_that_its_ingredients_point_to() -> None:
    pointed = [{"itemReference": {"reference": f"Medication/{name}"}} for name in ("i1", "i2")]
    mixture = drug(ingredient=pointed)
    ceftriaxone = {
        "resourceType": "Medication", "id": "i1",
        "identifier": [{"system": "urn:x/medication-name", "value": "Ceftriaxone"}],
    }  # fmt: skip
    found = shown(request(**REFERENCED), mixture | {"Medication/i1": ceftriaxone})
    assert (found.concept.text, found.resolved) == ("Ceftriaxone / ingredient not named", True)
    assert shown(request(**REFERENCED), mixture).resolved is False


def test_mixtures_that_point_to_each_other_come_to_an_end() -> None:
    own = [{"itemReference": {"reference": "Medication/d1"}}]
    assert shown(request(**REFERENCED), drug(ingredient=own)).resolved is False


def test_a_drug_with_an_unknown_modifier_is_not_resolved() -> None:
    found = shown(
        request(**REFERENCED),
        drug(code=concept(text="Metformin"), modifierExtension=[{"url": "urn:not"}]),
    )
    assert (found.concept.text, found.resolved) == ("the blue one", False)


# ---- rule 17: the dose ------------------------------------------------------------------------------------------

STRUCTURED = {
    "route": concept(text="oral"),
    "timing": {"repeat": {"frequency": 2, "period": 1, "periodUnit": "d"}},
    "doseAndRate": [{"doseQuantity": quantity(500, "mg")}],
    "asNeededCodeableConcept": concept(text="pain"),
    "maxDosePerPeriod": {"numerator": quantity(4, "g"), "denominator": quantity(1, "d")},
}


def test_the_dose_is_shown_in_the_words_sent_even_when_the_parts_differ() -> None:
    found = shown(request(dosageInstruction=[{"text": "ONE tab  b.i.d.", **STRUCTURED}]))
    assert (found.dose_text, found.dose_composed) == ("ONE tab  b.i.d.", False)
    assert found.dose_quantity.value == 500
    assert (found.as_needed, found.as_needed_for, found.max_dose) == (True, "pain", "4 g / 1 d")


def test_a_dose_without_words_is_composed_and_says_so() -> None:
    found = shown(request(dosageInstruction=[STRUCTURED]))
    assert found.dose_composed is True
    assert found.dose_text == "500 mg oral 2 times per day as needed for pain at most 4 g / 1 d"


@pytest.mark.parametrize(
    ("repeat", "words"),
    [
        ({"frequency": 1, "period": 8, "periodUnit": "h"}, "every 8 h"),
        ({"frequency": 1, "period": 1, "periodUnit": "d"}, "every day"),
        ({"frequency": 1, "period": 1, "periodUnit": "h"}, "every 1 h"),
        ({"frequency": 3, "period": 1, "periodUnit": "wk"}, "3 times per week"),
        ({"frequency": 1, "frequencyMax": 2, "period": 1, "periodUnit": "d"}, "1 to 2 times per day"),
        ({"frequency": 1, "period": 4, "periodMax": 6, "periodUnit": "h"}, "every 4 to 6 h"),
        ({"when": ["HS"]}, "HS"),
        ({"dayOfWeek": ["mon", "thu"]}, "mon thu"),
    ],
)  # fmt: skip
def test_a_timing_without_words_keeps_its_numbers(repeat: dict[str, Any], words: str) -> None:
    assert shown(request(dosageInstruction=[{"timing": {"repeat": repeat}}])).dose_text == words


def test_several_instructions_keep_their_order_and_no_single_dose() -> None:
    sent = [
        {"sequence": 2, "text": "then 10 mg", "doseAndRate": [{"doseQuantity": quantity(10, "mg")}]},
        {"sequence": 1, "text": "20 mg for a week", "doseAndRate": [{"doseQuantity": quantity(20, "mg")}]},
    ]  # fmt: skip
    found = shown(request(dosageInstruction=sent))
    assert (found.dose_text, found.dose_quantity) == ("20 mg for a week; then 10 mg", None)


def test_a_dose_that_is_no_number_costs_the_number_and_not_the_medicine() -> None:
    sent = [{"text": "as told", "doseAndRate": [{"doseQuantity": quantity("5")}]}]
    found = shown(request(dosageInstruction=sent))
    assert (found.dose_text, found.dose_quantity) == ("as told", None)
    assert "could not be read" in found.notes[0]


def test_the_digits_of_a_composed_dose_are_those_sent() -> None:
    text = (
        '{"resourceType":"MedicationRequest","id":"m","status":"active","intent":"order",'
        '"medicationCodeableConcept":{"text":"Digoxin"},"dosageInstruction":'
        '[{"doseAndRate":[{"doseQuantity":{"value":0.1250,"unit":"mg"}}]}]}'
    )
    found = shown(text)
    assert (found.dose_text, found.dose_quantity.value) == ("0.1250 mg", Decimal("0.1250"))


# ---- administrations --------------------------------------------------------------------------------------------


def test_a_dose_not_given_is_kept_as_not_given() -> None:
    found = shown(
        other(
            "MedicationAdministration",
            status="not-done",
            statusReason=[concept(text="refused")],
            medicationCodeableConcept=concept(text="Heparin"),
            effectiveDateTime="2026-02-03T08:00:00Z",
            dosage={"dose": quantity(5000, "[IU]"), "rateQuantity": quantity(10, "mL/h")},
        )
    )
    assert (found.status, found.reason, found.concept.text) == ("not-done", "refused", "Heparin")
    assert found.dose_text == "5000 units at 10 mL/h"


def test_an_administration_entered_in_error_is_hidden() -> None:
    assert hidden(other("MedicationAdministration", status="entered-in-error")).reason == (
        "entered-in-error"
    )


def test_a_rate_and_a_range_of_doses_are_kept() -> None:
    doses = [
        {"doseRange": {"low": quantity(1, "tablet"), "high": quantity(2, "tablet")}},
        {"doseQuantity": quantity(1, "g"), "rateQuantity": quantity(50, "mL/h")},
        {"rateRatio": {"numerator": quantity(1, "L"), "denominator": quantity(8, "h")}},
        None,
    ]
    found = shown(request(dosageInstruction=[{"doseAndRate": doses}]))
    assert found.dose_text == "1 tablet to 2 tablet, 1 g at 50 mL/h, 1 L / 8 h"
    assert found.dose_quantity is None


def test_a_timing_in_the_sources_own_words_is_kept() -> None:
    timing = {"code": concept(text="BID"), "repeat": {"frequency": 2}}
    assert shown(request(dosageInstruction=[{"timing": timing}])).dose_text == "BID"
    assert (
        shown(request(dosageInstruction=[{"timing": {"repeat": {"frequency": 2}}}])).dose_text == ""
    )


def test_the_largest_single_dose_is_kept() -> None:
    sent = [{"text": "x", "maxDosePerAdministration": quantity(2, "tablet")}]
    assert shown(request(dosageInstruction=sent)).max_dose == "2 tablet at once"


def test_a_course_beyond_the_calendar_has_no_end() -> None:
    supply = {"expectedSupplyDuration": quantity(90, "a"), "numberOfRepeatsAllowed": 0}
    assert shown(request(authoredOn="9990", dispenseRequest=supply)).ends is None


def test_a_number_of_refills_that_is_no_number_gives_no_end() -> None:
    supply = {"expectedSupplyDuration": quantity(30, "d"), "numberOfRepeatsAllowed": "2"}
    assert shown(request(dispenseRequest=supply)).ends is None
