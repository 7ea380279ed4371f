"""High, low, critical or not known: rules 22, 23, 28-30 of part 3, and the entry-error limits of 8.2."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from clinical.dates import age_on, parse_time
from clinical.judgement import (
    abnormal,
    choose_range,
    entry_error,
    manifestation_is_severe,
    observation_error,
    pressure_error,
    range_words,
    reaction_is_severe,
)
from clinical.records import (
    Coding,
    Component,
    Concept,
    Observation,
    Quantity,
    Reaction,
    ReferenceRange,
    Source,
    Value,
)

SNOMED = "http://snomed.info/sct"
MEANING = "http://terminology.hl7.org/CodeSystem/referencerange-meaning"


def quantity(value: str | None, unit: str = "mmol/L", comparator: Any = None) -> Quantity:
    return Quantity(
        value=Decimal(value) if value is not None else None,
        comparator=comparator,
        unit=unit,
        code=unit,
        system="http://unitsofmeasure.org" if unit else "",
    )


def span(low: str | None, high: str | None, unit: str = "mmol/L", **more: Any) -> ReferenceRange:
    return ReferenceRange(
        low=quantity(low, unit) if low is not None else None,
        high=quantity(high, unit) if high is not None else None,
        **more,
    )


def result(value: Value | Quantity, *interpretation: str, **more: Any) -> Observation:
    return Observation(
        source=Source(server="mercy", reference="Observation/1"),
        concept=Concept(text="Potassium"),
        status="final",
        value=value if isinstance(value, Value) else Value(quantity=value),
        interpretation=interpretation,
        **more,
    )


def coded(code: str, text: str = "", system: str = SNOMED) -> Concept:
    return Concept(codings=(Coding(system=system, code=code),), text=text or code)


# ---- rule 29: the laboratory's word, else the range -------------------------------------------------------------


@pytest.mark.parametrize(
    ("word", "flag", "level"),
    [
        ("HH", "HH", "crit"), ("LL", "LL", "crit"), ("AA", "AA", "crit"), ("HU", "HU", "ab"),
        ("H", "H", "ab"), ("L", "L", "ab"), ("A", "A", "ab"), ("LX", "L", "ab"),
        ("R", "R", "ab"), ("I", "I", "ab"), ("S", "S", ""), ("POS", "POS", ""), ("NEG", "NEG", ""),
        ("DET", "DET", ""), ("ND", "ND", ""), ("N", "", ""),
        ("Critical high", "HH", "crit"), ("Above high normal", "H", "ab"), ("normal", "", ""),
        ("H*", "H*", "ab"), ("*L", "*L", "ab"), ("HH!", "HH!", "crit"), ("N*", "N*", "ab"),
    ],
)  # fmt: skip
def test_the_laboratorys_word_is_believed(word: str, flag: str, level: str) -> None:
    found = abnormal(result(Value(string="see text"), word), None)
    assert (found.flag, found.level, found.known, found.computed) == (flag, level, True, False)


@pytest.mark.parametrize("word", ["XYZ", "17", "HHH"])
def test_a_word_we_do_not_know_is_shown_and_never_drawn_as_normal(word: str) -> None:
    found = abnormal(result(quantity("4.0"), word), span("3.5", "5.1"))
    assert (found.flag, found.known) == (word, False)


@pytest.mark.parametrize("word", ["<", ">", "U", "D", "B", "W"])
def test_a_word_that_judges_nothing_leaves_it_to_the_range(word: str) -> None:
    found = abnormal(result(quantity("6.0"), word), span("3.5", "5.1"))
    assert (found.flag, found.computed) == ("H", True)


def test_the_worst_of_several_words_is_shown() -> None:
    assert abnormal(result(quantity("9"), "H", "HH", "N"), None).flag == "HH"


@pytest.mark.parametrize(
    ("value", "flag", "level"),
    [("3.4", "L", "ab"), ("3.5", "", ""), ("4.0", "", ""), ("5.1", "", ""), ("5.2", "H", "ab")],
)
def test_a_missing_word_is_computed_and_marked_so(value: str, flag: str, level: str) -> None:
    found = abnormal(result(quantity(value)), span("3.5", "5.1"))
    assert (found.flag, found.level, found.known, found.computed) == (flag, level, True, True)


def test_a_computed_flag_is_never_critical() -> None:
    assert abnormal(result(quantity("99")), span("3.5", "5.1")).level == "ab"


def test_nothing_is_normal_when_nobody_said_so() -> None:
    found = abnormal(result(quantity("4.0")), None)
    assert (found.flag, found.level, found.known, found.why) == ("", "", False, "no range")


@pytest.mark.parametrize(
    ("word", "value", "range_flag"),
    [
        ("N", "6.0", "H"),
        ("N", "3.0", "L"),
        ("H", "4.0", "N"),
        ("H", "3.0", "L"),
        ("A", "4.0", "N"),
        ("HH", "4.0", "N"),
    ],
)
def test_a_word_and_a_range_that_disagree_are_both_shown(
    word: str, value: str, range_flag: str
) -> None:
    found = abnormal(result(quantity(value), word), span("3.5", "5.1"))
    assert found.disagreement is True
    assert found.range_flag == range_flag
    assert (found.flag, found.computed) == ("" if word == "N" else word, False)


@pytest.mark.parametrize(
    ("word", "value"), [("N", "4.0"), ("H", "6.0"), ("LL", "2.0"), ("A", "6.0"), ("POS", "6.0")]
)
def test_a_word_and_a_range_that_agree_are_one_flag(word: str, value: str) -> None:
    assert abnormal(result(quantity(value), word), span("3.5", "5.1")).disagreement is False


def test_an_absent_value_is_not_judged() -> None:
    found = abnormal(result(Value(), "H", absent="error"), span("3.5", "5.1"))
    assert (found.flag, found.known) == ("", False)


def test_a_component_is_judged_by_itself() -> None:
    part = Component(
        concept=Concept(text="systolic"), value=Value(quantity=quantity("150", "mm[Hg]"))
    )
    assert abnormal(part, span(None, "140", "mm[Hg]")).flag == "H"


# ---- values that are no plain numbers ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "value", [Value(string="6.0"), Value(string=">182*."), Value(boolean=True)]
)
def test_text_is_never_compared_with_a_range(value: Value) -> None:
    found = abnormal(result(value), span("3.5", "5.1"))
    assert (found.flag, found.known) == ("", False)


def test_a_whole_number_is_compared() -> None:
    assert abnormal(result(Value(integer=7)), span("0", "5", "")).flag == "H"


@pytest.mark.parametrize(
    ("comparator", "value", "low", "high", "side"),
    [
        ("<", "0.01", None, "0.04", "N"),
        ("<", "0.01", "0", "0.04", "N"),
        ("<", "3.5", "3.5", "5.1", "L"),
        ("<=", "3.5", "3.5", "5.1", "?"),
        ("<=", "3.4", "3.5", "5.1", "L"),
        ("<", "4.0", "3.5", "5.1", "?"),
        ("<", "9.0", None, "5.1", "?"),
        (">", "5.1", "3.5", "5.1", "H"),
        (">=", "5.1", "3.5", "5.1", "?"),
        (">=", "5.2", "3.5", "5.1", "H"),
        (">", "60", "60", None, "N"),
        (">", "4.0", "3.5", "5.1", "?"),
        (">", "30", "60", None, "?"),
        ("ad", "9", "3.5", "5.1", "?"),
    ],
)
def test_a_bound_says_only_what_holds_for_every_value_it_allows(
    comparator: str, value: str, low: str | None, high: str | None, side: str
) -> None:
    found = abnormal(result(quantity(value, comparator=comparator)), span(low, high))
    assert found.known is (side != "?")
    assert found.flag == ("" if side in "?N" else side)


# ---- ranges that are no plain spans -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "low", "high", "side"),
    [
        ("13", "0", "0", "H"),
        ("0", "0", "0", "N"),
        ("5", "10", "10", "?"),
        ("15", "10", "10", "?"),
        ("4", "5.1", "3.5", "?"),
        ("4", None, "5.1", "N"),
        ("6", None, "5.1", "H"),
        ("59", "60", None, "L"),
        ("60", "60", None, "N"),
        ("4", None, None, "?"),
    ],
)
def test_odd_ranges_never_give_a_wrong_side(
    value: str, low: str | None, high: str | None, side: str
) -> None:
    found = abnormal(result(quantity(value)), span(low, high))
    assert found.known is (side != "?")
    assert found.flag == ("" if side in "?N" else side)


def test_a_range_in_words_is_printed_and_not_read() -> None:
    words = ReferenceRange(text="3.5 - 5.1")
    found = abnormal(result(quantity("9")), words)
    assert (found.known, found.why) == (False, "its range is words only")
    assert range_words(words) == "3.5 - 5.1"


def test_a_bound_without_a_unit_is_in_the_unit_of_the_value() -> None:
    assert abnormal(result(quantity("6.0")), span("3.5", "5.1", "")).flag == "H"


def test_a_value_without_a_unit_is_not_compared_with_a_range_that_has_one() -> None:
    assert abnormal(result(quantity("6.0", "")), span("3.5", "5.1")).known is False


def test_a_range_in_another_spelling_of_the_unit_is_used() -> None:
    assert abnormal(result(quantity("12", "K/uL")), span("4", "11", "10*9/L")).flag == "H"
    assert abnormal(result(quantity("12", "widgets")), span("4", "11", "Widgets")).flag == "H"


def test_a_range_in_a_unit_that_needs_the_analyte_is_used_only_with_it() -> None:
    bounds = span("3.9", "5.5", "mmol/L")
    measured = result(quantity("126", "mg/dL"))
    assert abnormal(measured, bounds).known is False
    assert abnormal(measured, bounds, codes=["2345-7"]).flag == "H"


def test_a_bound_that_is_itself_a_bound_is_not_used() -> None:
    odd = ReferenceRange(high=quantity("5.1", comparator="<"))
    assert abnormal(result(quantity("6.0")), odd).known is False


# ---- rule 28: which range ---------------------------------------------------------------------------------------

MEN = span("13.5", "17.5", applies_to=(coded("248153007", "Male"),))
WOMEN = span("12.0", "15.5", applies_to=(coded("248152002", "Female"),))
ANYBODY = span("12.0", "17.5")


def age(birth: str, on: str = "2026-02-03") -> Any:
    return age_on(parse_time(birth), date.fromisoformat(on))


def test_the_range_of_the_patients_sex_is_chosen() -> None:
    assert choose_range((MEN, WOMEN), sex="female") is WOMEN
    assert choose_range((MEN, WOMEN), sex="male") is MEN


@pytest.mark.parametrize("sex", ["", "other", "unknown"])
def test_no_range_of_a_sex_is_chosen_when_the_sex_is_not_known(sex: str) -> None:
    assert choose_range((MEN, WOMEN), sex=sex) is None
    assert choose_range((MEN, WOMEN, ANYBODY), sex=sex) is ANYBODY


def test_the_range_that_asks_for_most_is_preferred() -> None:
    assert choose_range((ANYBODY, WOMEN), sex="female") is WOMEN


@pytest.mark.parametrize(
    "kind", ["therapeutic", "treatment", "recommended", "follicular", "luteal", "postmenopausal"]
)
def test_a_range_that_is_not_normal_is_never_taken_for_normal(kind: str) -> None:
    special = span("1", "2", type=coded(kind, system=MEANING))
    assert choose_range((special,)) is None
    assert choose_range((special, ANYBODY)) is ANYBODY


def test_a_range_called_normal_is_normal() -> None:
    normal = span("1", "2", type=coded("normal", system=MEANING))
    assert choose_range((normal,)) is normal
    assert choose_range((span("1", "2", type=Concept(text="Normal")),)) is not None


def test_every_condition_of_a_range_must_hold() -> None:
    pregnant = span("11", "14", applies_to=(coded("248152002"), coded("77386006", "pregnant")))
    assert choose_range((pregnant,), sex="female") is None
    assert choose_range((pregnant,), sex="female", conditions=["77386006"]) is pregnant


@pytest.mark.parametrize(
    ("birth", "fits"),
    [("2008-02-03", True), ("2008-02-04", False), ("1965-02-04", True), ("1965-02-03", False),
     ("1966", True), ("1965", False), ("2008", False)],
)  # fmt: skip
def test_a_range_fits_the_age_at_the_time_of_the_value(birth: str, fits: bool) -> None:
    adults = span("1", "2", age_low=quantity("18", "a"), age_high=quantity("60", "a"))
    assert (choose_range((adults,), age=age(birth)) is adults) is fits


@pytest.mark.parametrize(
    ("unit", "fits"), [("mo", True), ("wk", True), ("d", True), ("months", True), ("moons", False)]
)
def test_ages_are_compared_in_the_unit_of_the_range(unit: str, fits: bool) -> None:
    infants = span("1", "2", age_low=quantity("1", unit), age_high=quantity("60", unit))
    assert (choose_range((infants,), age=age("2025-12-20")) is infants) is fits


def test_a_range_for_an_age_is_not_chosen_when_the_age_is_not_known() -> None:
    assert choose_range((span("1", "2", age_low=quantity("18", "a")),)) is None


def test_two_different_ranges_that_fit_alike_are_not_chosen_between() -> None:
    assert choose_range((span("1", "2"), span("1", "3"))) is None
    assert choose_range((span("1", "2"), span("1", "2"))) == span("1", "2")


def test_no_range_is_no_range() -> None:
    assert choose_range(()) is None
    assert range_words(None) == ""


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [("3.50", "5.1", "3.50 to 5.1"), ("60", None, "60 or more"), (None, "5", "up to 5")],
)
def test_a_range_is_said_with_the_digits_sent(
    low: str | None, high: str | None, words: str
) -> None:
    assert range_words(span(low, high)) == words


# ---- 8.2: values a body cannot have -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "value", "unit", "error"),
    [
        ("8867-4", "9", "/min", True), ("8867-4", "10", "/min", False), ("8867-4", "301", "bpm", True),
        ("9279-1", "2", "/min", True), ("9279-1", "80", "/min", False),
        ("8310-5", "24.9", "Cel", True), ("8310-5", "37.0", "Cel", False), ("8310-5", "98.6", "[degF]", False),
        ("8310-5", "98.6", "Cel", True), ("8310-5", "37.0", "[degF]", True),
        ("8480-6", "29", "mm[Hg]", True), ("8480-6", "120", "mmHg", False), ("8462-4", "201", "mm[Hg]", True),
        ("59408-5", "0.97", "%", True), ("59408-5", "101", "%", True), ("59408-5", "97", "%", False),
        ("3150-0", "20", "%", True), ("3151-8", "0", "L/min", False), ("9269-2", "2", "{score}", True),
        ("29463-7", "0.1", "kg", True), ("29463-7", "1500", "[lb_av]", True), ("29463-7", "180", "lbs", False),
        ("8302-2", "19", "cm", True), ("39156-5", "121", "kg/m2", True), ("2345-7", "99999", "mg/dL", False),
        ("8867-4", "5", "", False), ("8867-4", "5", "widgets", False),
    ],
)  # fmt: skip
def test_a_value_no_body_has_is_named_an_entry_error(
    code: str, value: str, unit: str, error: bool
) -> None:
    assert bool(entry_error(quantity(value, unit), [code])) is error


def test_fahrenheit_entered_as_celsius_is_suspected_and_never_corrected() -> None:
    assert "°F entered as °C" in entry_error(quantity("98.6", "Cel"), ["8310-5"])


def test_a_fraction_entered_as_per_cent_is_suspected() -> None:
    assert "fraction" in entry_error(quantity("0.97", "%"), ["59408-5"])


def test_no_value_is_no_error() -> None:
    assert entry_error(None, ["8867-4"]) == ""
    assert entry_error(quantity(None, "/min"), ["8867-4"]) == ""


@pytest.mark.parametrize(
    ("systolic", "diastolic", "error"),
    [("120", "80", False), ("80", "120", True), ("80", "80", True)],
)
def test_a_pressure_upside_down_is_doubted(systolic: str, diastolic: str, error: bool) -> None:
    loinc = "http://loinc.org"
    parts = tuple(
        Component(
            concept=coded(code, system=loinc), value=Value(quantity=quantity(value, "mm[Hg]"))
        )
        for code, value in (("8480-6", systolic), ("8462-4", diastolic))
    )
    assert bool(pressure_error(result(Value(), components=parts))) is error
    assert pressure_error(result(Value(), components=parts[:1])) == ""


def test_a_pressure_is_compared_in_one_unit() -> None:
    loinc = "http://loinc.org"
    parts = tuple(
        Component(concept=coded(code, system=loinc), value=Value(quantity=quantity(value, unit)))
        for code, value, unit in (("8480-6", "16", "kPa"), ("8462-4", "80", "mm[Hg]"))
    )
    assert pressure_error(result(Value(), components=parts)) == ""


@pytest.mark.parametrize(
    ("code", "value", "unit", "words"),
    [
        ("8480-6", "1200", "mm[Hg]", "systolic pressure above 300"),
        ("8462-4", "8", "mm[Hg]", "diastolic pressure below 10"),
    ],
)
def test_each_part_of_an_observation_has_its_limits(
    code: str, value: str, unit: str, words: str
) -> None:
    part = Component(
        concept=coded(code, system="http://loinc.org"), value=Value(quantity=quantity(value, unit))
    )
    assert words in observation_error(result(Value(), components=(part,)))


@pytest.mark.parametrize(
    ("reaction", "severe"),
    [
        (Reaction(severity="severe"), True),
        (Reaction(severity="mild"), False),
        (Reaction(), False),
        (Reaction(severity="mild", text="Anaphylactic shock"), True),
        (Reaction(manifestations=(Concept(text="Angio-oedema"),)), True),
        (Reaction(manifestations=(Concept(text="Redness under a dressing"),)), False),
        (Reaction(manifestations=(Concept(text="DRESS syndrome"),)), True),
    ],
)
def test_a_reaction_is_severe_by_its_grade_or_by_what_happened(
    reaction: Reaction, severe: bool
) -> None:
    assert reaction_is_severe(reaction) is severe


def test_a_code_counts_as_severe_only_in_its_own_system() -> None:
    for system, severe in (("http://snomed.info/sct", True), ("urn:local", False), (None, False)):
        found = Concept(codings=(Coding(system=system, code="39579001"),), text="Reaktion")
        assert manifestation_is_severe(found) is severe
