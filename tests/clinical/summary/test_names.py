"""Short names: never so short that two different measurements are called the same."""

from __future__ import annotations

import pytest

from clinical.summary import names


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("Heart rate", "Pulse"),
        ("Body weight Measured", "Weight"),
        ("Oxygen saturation in Arterial blood by Pulse oximetry", "SpO₂"),
        ("Oxygen saturation in Arterial blood", "SpO₂"),
        ("Bacteria identified in Urine by Culture", "Urine culture"),
        ("Blood pressure panel with all children optional", "Blood pressure"),
        ("Hepatitis B virus core Ab [Presence] in Serum", "Anti-HBc"),
        ("Patient Health Questionnaire 9 item (PHQ-9) total score [Reported]", "PHQ-9"),
    ],
)
def test_what_everybody_calls_by_a_short_name_has_it(sent: str, shown: str) -> None:
    assert names.test(sent) == shown


@pytest.mark.parametrize(
    ("sent", "never"),
    [
        ("Heart rate fetus", "Pulse"),
        ("Heart rate --peak", "Pulse"),
        ("Body weight --at birth", "Weight"),
        ("Body weight --pre pregnancy", "Weight"),
        ("Oxygen saturation in Venous blood", "SpO₂"),
        ("Oxygen saturation in Mixed venous blood", "SpO₂"),
        ("White blood cell casts [#/area] in Urine sediment", "White cells"),
        ("Blood pressure panel mean systolic and mean diastolic", "Blood pressure"),
        ("Body temperature --core", "Temperature"),
        ("Hepatitis B virus core IgM Ab [Presence] in Serum", "Anti-HBc"),
        ("Hepatitis B virus surface Ag [Presence] in Cord blood", "HBsAg"),
    ],
)
def test_another_measurement_never_takes_the_short_name(sent: str, never: str) -> None:
    assert names.test(sent) != never


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        (
            "Afraid of your partner, in the last year [HARK]",
            "Afraid of your partner, the last year",
        ),
        ("Stressful events, in past year", "Stressful events, past year"),
        ("Glucose, in Urine by Test strip", "Glucose, urine"),
        ("Glucose, in Serum or Plasma", "Glucose"),
        ("Walking distance, by report", "Walking distance"),
    ],
)
def test_where_a_name_is_cut_no_comma_is_left_behind(sent: str, shown: str) -> None:
    assert names.test(sent) == shown
