"""Observations: one test per thing that must not go wrong (fhir-rules part 3, rules 18-29, 34-39, 54, 56)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from clinical.records import Value

from .builders import (
    SNOMED,
    absent,
    concept,
    hidden,
    observation,
    quantity,
    shown,
    status,
)

NO_VALUE = {"valueQuantity": None}


# ---- rule 18: status --------------------------------------------------------------------------------------------


def test_a_result_entered_in_error_is_never_a_record() -> None:
    found = hidden(observation(status="entered-in-error"))
    assert found.reason == "entered-in-error"
    assert found.source.reference == "Observation/o1"


def test_a_cancelled_result_has_no_value_even_when_one_was_sent() -> None:
    assert hidden(observation(status="cancelled")).reason == "withdrawn"


@pytest.mark.parametrize(
    "sent", ["registered", "preliminary", "final", "amended", "corrected", "unknown", "banana"]
)
def test_every_other_status_is_kept_as_sent(sent: str) -> None:
    assert shown(observation(status=sent)).status == sent


def test_a_status_that_is_missing_stays_missing() -> None:
    assert shown(observation(status=None)).status == ""
    assert shown(observation(status=None, _status={"extension": absent()})).status == ""


# ---- rule 20: value[x] ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ({"valueCodeableConcept": concept(text="Straw")}, "concept"),
        ({"valueString": "Neg"}, "string"),
        ({"valueBoolean": False}, "boolean"),
        ({"valueInteger": 0}, "integer"),
        ({"valueRange": {"low": quantity(1), "high": quantity(3)}}, "other"),
        ({"valueRatio": {"numerator": {"value": 1}, "denominator": {"value": 64}}}, "other"),
        ({"valueSampledData": {"origin": {"value": 0}, "data": "1 2 E"}}, "other"),
        ({"valueTime": "08:30:00"}, "other"),
        ({"valueDateTime": "2026-01"}, "other"),
        ({"valuePeriod": {"start": "2026-01-01"}}, "other"),
        ({"valueDecimal": 1.50}, "other"),
        ({"valueAttachment": {"contentType": "image/png"}}, "other"),
        ({"valueReference": {"reference": "Group/1", "display": "E. coli"}}, "other"),
    ],
)
def test_every_type_of_value_is_kept(sent: dict[str, Any], expected: str) -> None:
    value = shown(observation(**NO_VALUE, **sent)).value
    assert [name for name in Value.__struct_fields__ if getattr(value, name) is not None] == [
        expected
    ]


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({"valueRange": {"low": quantity(1), "high": quantity(3)}}, "1 mmol/L to 3 mmol/L"),
        ({"valueRange": {"low": quantity(1)}}, "at least 1 mmol/L"),
        ({"valueRatio": {"numerator": {"value": 1}, "denominator": {"value": 64}}}, "1:64"),
        ({"valueSampledData": {"data": "1 2 E"}}, "recorded curve, 3 points"),
        ({"valuePeriod": {"start": "2026-01-01"}}, "2026-01-01 to open"),
        ({"valueReference": {"reference": "Group/1", "display": "E. coli"}}, "E. coli"),
        ({"valueCode": "abc"}, "abc"),
        ({"valueDecimal": 1.5}, "1.5"),
    ],
)
def test_a_value_that_is_not_plotted_is_still_shown_in_words(
    sent: dict[str, Any], words: str
) -> None:
    assert shown(observation(**NO_VALUE, **sent)).value.other == words


def test_two_values_are_not_chosen_between() -> None:
    found = hidden(observation(valueString="4.1"))
    assert found.reason == "unreadable"
    assert "valueQuantity, valueString" in found.detail


def test_two_values_are_seen_when_one_has_an_unusual_type() -> None:
    assert hidden(observation(valueDecimal=4.2)).reason == "unreadable"


def test_two_values_in_a_component_are_not_chosen_between() -> None:
    part = {"code": concept("8480-6"), "valueQuantity": quantity(120), "valueString": "120"}
    assert hidden(observation(**NO_VALUE, component=[part])).reason == "unreadable"


def test_false_and_zero_are_values_and_not_missing() -> None:
    assert shown(observation(**NO_VALUE, valueBoolean=False)).value.boolean is False
    assert shown(observation(**NO_VALUE, valueInteger=0)).value.integer == 0
    assert shown(observation(valueQuantity=quantity(0))).value.quantity.value == 0


# ---- rule 21: absent --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "reason", ["not-performed", "error", "masked", "asked-declined", "not-a-number", "unknown"]
)
def test_the_reason_for_a_missing_value_is_kept(reason: str) -> None:
    sent = observation(**NO_VALUE, dataAbsentReason=status(reason, "data-absent-reason"))
    assert (shown(sent).value, shown(sent).absent) == (Value(), reason)


@pytest.mark.parametrize(
    "element", ["_valueString", "_valueBoolean", "_valueInteger", "_valueDateTime", "_valueTime"]
)
def test_a_reason_in_place_of_a_primitive_value_is_kept(element: str) -> None:
    found = shown(observation(**NO_VALUE, **{element: {"extension": absent("masked")}}))
    assert (found.value, found.absent) == (Value(), "masked")


@pytest.mark.parametrize(
    "sent",
    [
        {"extension": absent("masked")},
        {"unit": "mmol/L", "_value": {"extension": absent("masked")}},
    ],
)
def test_a_reason_inside_a_quantity_is_kept(sent: dict[str, Any]) -> None:
    found = shown(observation(valueQuantity=sent))
    assert (found.value, found.absent) == (Value(), "masked")


def test_a_quantity_without_a_number_is_no_value_and_not_zero() -> None:
    found = shown(observation(valueQuantity={"unit": "mmol/L"}))
    assert (found.value, found.absent) == (Value(), "")


def test_null_for_a_value_is_no_value() -> None:
    assert shown(observation(valueQuantity={"value": None, "unit": "mmol/L"})).value == Value()


def test_a_value_beside_a_reason_for_having_none_is_not_believed() -> None:
    sent = observation(dataAbsentReason=status("error", "data-absent-reason"))
    assert hidden(sent).reason == "unreadable"


def test_unknown_as_a_code_is_a_missing_value_and_no_finding() -> None:
    """Rule 56: required elements may be coded unknown because they were suppressed."""
    unknown = concept("unknown", system="http://terminology.hl7.org/CodeSystem/data-absent-reason")
    found = shown(observation(**NO_VALUE, valueCodeableConcept=unknown))
    assert (found.value, found.absent) == (Value(), "unknown")


def test_a_null_flavor_as_a_code_is_a_missing_value() -> None:
    flavor = concept("ASKU", system="http://terminology.hl7.org/CodeSystem/v3-NullFlavor")
    found = shown(observation(**NO_VALUE, valueCodeableConcept=flavor))
    assert (found.value, found.absent) == (Value(), "asked-unknown")


# ---- rules 22-24: numbers ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("comparator", ["<", "<=", ">", ">=", "ad"])
def test_a_comparator_stays_with_its_number(comparator: str) -> None:
    found = shown(observation(valueQuantity=quantity(0.01, comparator=comparator)))
    assert found.value.quantity.comparator == comparator


def test_an_unknown_comparator_is_refused_because_it_changes_the_meaning() -> None:
    assert hidden(observation(valueQuantity=quantity(5, comparator="~"))).reason == "unreadable"


@pytest.mark.parametrize(
    "text", ["<5", "5.1", "Neg", "hemolyzed", "see note", "> 1000", "12 mg/dL"]
)
def test_a_string_is_never_turned_into_a_number(text: str) -> None:
    value = shown(observation(**NO_VALUE, valueString=text)).value
    assert (value.string, value.quantity) == (text, None)


def test_a_number_sent_as_a_json_string_is_a_defect_of_that_result() -> None:
    found = hidden(observation(valueQuantity=quantity("5.1")))
    assert found.reason == "unreadable"
    assert "5.1" in found.detail


@pytest.mark.parametrize("digits", ["5.10", "5.1", "5", "0.0", "1e3", "1.50E-3", "100", "-0.5"])
def test_the_precision_sent_is_the_precision_kept(digits: str) -> None:
    text = (
        '{"resourceType":"Observation","id":"o1","status":"final","code":{"text":"x"},'
        f'"valueQuantity":{{"value":{digits},"unit":"g"}}}}'
    )
    assert str(shown(text).value.quantity.value) == str(Decimal(digits))


@pytest.mark.parametrize("digits", ["1e999999", "9" * 60, "1e-400"])
def test_a_number_made_to_be_expensive_costs_one_result(digits: str) -> None:
    text = (
        '{"resourceType":"Observation","id":"o1","status":"final","code":{"text":"x"},'
        f'"valueQuantity":{{"value":{digits}}}}}'
    )
    assert hidden(text).reason == "unreadable"


def test_the_unit_is_kept_as_sent() -> None:
    sent = {"value": 7, "unit": "K/uL", "code": "K/uL", "system": "urn:local"}
    kept = shown(observation(valueQuantity=sent)).value.quantity
    assert (kept.unit, kept.code, kept.system) == ("K/uL", "K/uL", "urn:local")


# ---- rules 25-27: panels ----------------------------------------------------------------------------------------


def test_a_blood_pressure_keeps_both_parts_and_the_reason_for_a_missing_one() -> None:
    parts = [
        {"code": concept("8480-6"), "valueQuantity": quantity(120, "mm[Hg]")},
        {
            "code": concept("8462-4"),
            "dataAbsentReason": status("not-performed", "data-absent-reason"),
        },
    ]
    found = shown(observation(**NO_VALUE, code=concept("85354-9", text="BP"), component=parts))
    systolic, diastolic = found.components
    assert found.value == Value()
    assert systolic.value.quantity.value == 120
    assert (diastolic.value, diastolic.absent) == (Value(), "not-performed")


def test_a_part_that_does_not_say_what_it_is_is_not_guessed() -> None:
    part = {"valueQuantity": quantity(120, "mm[Hg]")}
    assert hidden(observation(**NO_VALUE, component=[part])).reason == "unreadable"


def test_a_coma_score_in_parts_is_never_summed() -> None:
    parts = [
        {"code": concept("9267-6"), "valueQuantity": quantity(4, "{score}")},
        {"code": concept("9268-4"), "valueQuantity": quantity(6, "{score}")},
    ]
    found = shown(observation(**NO_VALUE, code=concept("9269-2", text="GCS"), component=parts))
    assert (found.value, len(found.components)) == (Value(), 2)


def test_a_panel_knows_its_members() -> None:
    members = [{"reference": "Observation/a"}, {"reference": "Observation/b/_history/2"}]
    derived = [{"reference": "Observation/c"}]
    found = shown(observation(**NO_VALUE, hasMember=members, derivedFrom=derived))
    assert found.members == ("Observation/a", "Observation/b")
    assert found.derived_from == ("Observation/c",)


# ---- rules 28-30: ranges and the laboratory's word --------------------------------------------------------------


def test_every_reference_range_is_kept_as_sent() -> None:
    female = concept("248152002", system=SNOMED, display="Female")
    sent = [
        {"low": quantity(3.5), "high": quantity(5.1), "text": "3.5-5.1"},
        {
            "low": quantity(3.2),
            "type": concept("therapeutic", text="therapeutic"),
            "appliesTo": [female],
            "age": {"low": quantity(18, "a"), "high": quantity(60, "a")},
        },
        {"text": "see report"},
    ]
    first, second, third = shown(observation(referenceRange=sent)).ranges
    assert (first.low.value, first.high.value, first.text) == (
        Decimal("3.5"),
        Decimal("5.1"),
        "3.5-5.1",
    )
    assert (second.high, second.type.text, second.applies_to[0].text) == (
        None,
        "therapeutic",
        "Female",
    )
    assert (second.age_low.value, second.age_high.value) == (18, 60)
    assert (third.low, third.high, third.text) == (None, None, "see report")


@pytest.mark.parametrize(
    "bad",
    [
        [{"low": {"value": "3.5"}}],
        {"low": {"value": 3.5}},
        [{"low": 3.5}],
        [{"modifierExtension": [{"url": "urn:x"}], "low": {"value": 3.5}}],
    ],
)
def test_a_range_that_cannot_be_read_costs_that_result_and_is_counted(bad: Any) -> None:
    assert hidden(observation(referenceRange=bad)).reason == "unreadable"


def test_no_range_stays_no_range() -> None:
    assert shown(observation()).ranges == ()
    assert shown(observation(referenceRange=None)).ranges == ()


def test_equal_ranges_are_one_object() -> None:
    from clinical.normalise import records_of
    from clinical.records import Section

    from .builders import decode

    sent = [
        decode(observation(id=str(i), referenceRange=[{"high": quantity(5)}])) for i in range(2)
    ]
    records, _ = records_of(Section.LABS, "mercy", sent)
    assert records[0].ranges is records[1].ranges  # type: ignore[union-attr]
    assert records[0].concept is records[1].concept  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        (status("HH", "v3-ObservationInterpretation"), "HH"),
        (concept("H", system="http://hl7.org/fhir/v2/0078"), "H"),
        (concept("H*", system="urn:local", text="High critical"), "H*"),
        (concept(text="Above high normal"), "Above high normal"),
        ({"coding": [{"system": "urn:local", "code": "17"}, status("L", "v3-ObservationInterpretation")["coding"][0]]}, "L"),
    ],
)  # fmt: skip
def test_the_laboratorys_own_word_is_kept_as_sent(sent: dict[str, Any], kept: str) -> None:
    assert shown(observation(interpretation=[sent])).interpretation == (kept,)


def test_a_missing_interpretation_is_not_normal() -> None:
    assert shown(observation()).interpretation == ()


# ---- rules 34-39: specimen, method, time ------------------------------------------------------------------------


def test_what_may_not_share_a_line_is_told_apart() -> None:
    found = shown(
        observation(
            specimen={"reference": "Specimen/s1"},
            method=concept(text="point of care"),
            bodySite=concept(text="left arm"),
            device={"display": "glucometer 7"},
        ),
        {
            "Specimen/s1": {
                "resourceType": "Specimen",
                "id": "s1",
                "type": concept(text="Capillary blood"),
                "condition": [concept(text="hemolyzed")],
                "note": [{"text": "drawn above the drip"}],
            }
        },
    )
    assert found.specimen == "Capillary blood"
    assert found.specimen_ref == "Specimen/s1"
    assert (found.method, found.body_site, found.device) == (
        "point of care",
        "left arm",
        "glucometer 7",
    )
    assert found.notes == ("Specimen: hemolyzed", "Specimen: drawn above the drip")


def test_the_release_time_never_stands_in_for_the_collection_time() -> None:
    found = shown(observation(effectiveDateTime=None, issued="2026-02-03T10:00:00Z"))
    assert (found.taken, found.issued.text) == (None, "2026-02-03T10:00:00Z")


def test_a_time_that_cannot_be_read_is_kept_in_words() -> None:
    found = shown(observation(effectiveDateTime="yesterday"))
    assert (found.taken, found.taken_text) == (None, "yesterday")


def test_an_absent_time_is_no_time() -> None:
    sent = observation(effectiveDateTime=None, _effectiveDateTime={"extension": absent()})
    assert shown(sent).taken is None


def test_a_period_that_is_open_stays_open() -> None:
    found = shown(observation(effectiveDateTime=None, effectivePeriod={"start": "2026-02-03"}))
    assert (found.taken.precision, found.taken.end) == ("period", None)


def test_a_timing_of_several_moments_is_not_reduced_to_one() -> None:
    timing = {"event": ["2026-02-03", "2026-02-04"]}
    found = shown(observation(effectiveDateTime=None, effectiveTiming=timing))
    assert (found.taken, found.taken_text) == (None, "2026-02-03, 2026-02-04")
    one = shown(observation(effectiveDateTime=None, effectiveTiming={"event": ["2026-02-03"]}))
    assert one.taken.text == "2026-02-03"


# ---- rule 54: about somebody else -------------------------------------------------------------------------------


def test_a_measurement_of_the_fetus_is_marked_as_not_the_patients() -> None:
    assert shown(observation(focus=[{"reference": "Group/fetus"}])).about_other is True
    assert shown(observation(focus=[{"display": "fetus"}])).about_other is True


def test_a_focus_on_the_patient_is_the_patient() -> None:
    assert shown(observation(focus=[{"reference": "Patient/p1"}])).about_other is False


# ---- what it is -------------------------------------------------------------------------------------------------


def test_a_result_without_a_code_is_counted_and_not_shown_as_something() -> None:
    assert hidden(observation(code=None)).reason == "unreadable"
    assert hidden(observation(code={"coding": []})).reason == "unreadable"


def test_the_standard_category_is_found_behind_local_ones() -> None:
    local = concept("Lab", system="urn:local")
    standard = concept(
        "laboratory", system="http://terminology.hl7.org/CodeSystem/observation-category"
    )
    assert shown(observation(category=[local, standard])).category == "laboratory"
    assert shown(observation(category=[local])).category == "Lab"
    assert shown(observation(category=None)).category == ""


def test_a_null_flavor_beside_a_real_code_does_not_hide_it() -> None:
    sent = {
        "coding": [
            {"system": "http://terminology.hl7.org/CodeSystem/v3-NullFlavor", "code": "OTH"},
            {"system": SNOMED, "code": "260385009", "display": "Negative"},
        ]
    }
    assert shown(observation(**NO_VALUE, valueCodeableConcept=sent)).value.concept is not None


def test_a_concept_that_is_only_a_reason_is_no_value() -> None:
    sent = {"extension": absent("asked-declined")}
    found = shown(observation(**NO_VALUE, valueCodeableConcept=sent))
    assert (found.value, found.absent) == (Value(), "asked-declined")


@pytest.mark.parametrize("sent", [{"text": "clotted"}, {"coding": [{"code": "clotted"}]}])
def test_a_reason_in_the_laboratorys_own_words_is_kept(sent: dict[str, Any]) -> None:
    assert shown(observation(**NO_VALUE, dataAbsentReason=sent)).absent == "clotted"


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({"valueRange": {"high": quantity(3)}}, "at most 3 mmol/L"),
        ({"valueRatio": {"numerator": quantity(3)}}, "3 mmol/L"),
        ({"valueAttachment": {"data": "AAAA"}}, '{"data": "AAAA"}'),
    ],
)
def test_half_a_value_is_shown_as_the_half_it_is(sent: dict[str, Any], words: str) -> None:
    assert shown(observation(**NO_VALUE, **sent)).value.other == words


@pytest.mark.parametrize("text", ["", "   "])
def test_an_empty_string_is_no_value(text: str) -> None:
    assert shown(observation(**NO_VALUE, valueString=text)).value == Value()


def test_an_interpretation_that_is_absent_is_not_a_word() -> None:
    sent = concept("unknown", system="http://terminology.hl7.org/CodeSystem/data-absent-reason")
    assert shown(observation(interpretation=[sent, None])).interpretation == ()


def test_a_timing_in_words_is_kept_in_words() -> None:
    sent = observation(effectiveDateTime=None, effectiveTiming={"code": concept(text="QAM")})
    assert (shown(sent).taken, shown(sent).taken_text) == (None, "QAM")
