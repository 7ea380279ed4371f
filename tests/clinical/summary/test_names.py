"""Short names: never so short that two different measurements are called the same."""

from __future__ import annotations

import pytest

from clinical.codes import LOINC
from clinical.records import Coding, Concept, Point, Series
from clinical.summary import names, rows
from clinical.summary.called import names_of
from clinical.summary.finder import Finder
from clinical.summary.lab_sheet import lab_sheet
from clinical.summary.view_model import LabRow
from tests.clinical.reconcile.builders import lab
from tests.clinical.summary import anna
from tests.clinical.summary.test_lab_sheet import desk


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


# ---- rows of one page -------------------------------------------------------------------------------------------


def series(
    key: str, label: str, *specimens: str, code: str = "", display: str | None = None
) -> Series:
    codings = (Coding(system=LOINC if "-" in code else "urn:own", code=code, display=display),) if code else ()  # fmt: skip
    concept = Concept(codings=codings, text=label)
    points = tuple(
        Point(record=anna.replace(lab(n, label, "5"), concept=concept, specimen=one))
        for n, one in enumerate(specimens or ("",))
    )
    codes = tuple((one.system or "", one.code) for one in codings)
    return Series(key=key, label=label, category="laboratory", codes=codes, points=points)


@pytest.mark.parametrize(
    ("rows", "called"),
    [
        (
            (series("a", "Glucose", "Blood"), series("b", "Glucose", "URINE")),
            ("Glucose, blood", "Glucose, urine"),
        ),
        (
            (series("a", "White Blood Cells", "Blood"), series("b", "Leukocytes", "CSF")),
            ("White cells, blood", "White cells, CSF"),
        ),
        (  # by the name as sent, the LOINC system
            (
                series("a", "Glucose [Mass/volume] in Blood"),
                series("b", "Glucose [Mass/volume] in Serum or Plasma"),
            ),
            ("Glucose, blood", "Glucose, serum or plasma"),
        ),
        (
            (
                series("a", "WBC", "", code="6690-2", display="Leukocytes [#/volume] in Blood"),
                series("b", "WBC", "", code="5821-4", display="Leukocytes [#/area] in Urine sediment"),
            ),
            ("WBC, blood", "WBC, urine sediment"),
        ),
        (  # no specimen: the name as sent
            (series("a", "White Blood Cells"), series("b", "Leukocytes")),
            ("White Blood Cells", "Leukocytes"),
        ),
        (  # one specimen for both does not tell them apart
            (
                series("a", "Glucose [Presence] in Urine by Test strip"),
                series("b", "Glucose [Mass/volume] in Urine by Test strip"),
            ),
            ("Glucose, urine [Presence]", "Glucose, urine [Mass/volume]"),
        ),
        (  # two assays
            (
                series("a", "Troponin I.cardiac [Mass/volume] in Serum or Plasma"),
                series("b", "Troponin I.cardiac [Mass/volume] in Serum or Plasma by High sensitivity method"),
            ),
            ("Troponin I.cardiac", "Troponin I.cardiac, high sensitivity"),
        ),
        (  # blood gas, laboratory and urine, under one word
            (
                series("a", "Glucose", "Blood", code="50809"),
                series("b", "Glucose", "Blood", code="50931"),
                series("c", "Glucose", "Urine", code="51478"),
            ),
            ("Glucose, blood (code 50809)", "Glucose, blood (code 50931)", "Glucose, urine"),
        ),
        (  # a row of two specimens has none of its own
            (series("a", "Glucose", "Blood", "Urine", code="1"), series("b", "Glucose", "Blood", code="2")),
            ("Glucose", "Glucose, blood"),
        ),
        (  # whose name is theirs alone keep it
            (series("a", "Potassium", "Blood"), series("b", "Glucose", "Urine")),
            ("Potassium", "Glucose"),
        ),
    ],
)  # fmt: skip
def test_rows_that_would_be_called_the_same_are_told_apart(
    rows: tuple[Series, ...], called: tuple[str, ...]
) -> None:
    found = names_of(rows)
    assert tuple(found[row.key] for row in rows) == called


def test_two_names_that_nothing_else_tells_apart_are_told_apart_by_their_units() -> None:
    rows = [
        Series(key=unit, label="D-dimer", category="laboratory", codes=(), points=(Point(record=lab(1, "D-dimer", "", "500", unit)),))
        for unit in ("ng/mL", "ug/L")
    ]  # fmt: skip
    assert tuple(names_of(rows).values()) == ("D-dimer (ng/mL)", "D-dimer (µg/L)")


def test_every_place_of_the_page_calls_a_row_the_same() -> None:
    blood, urine = (
        anna.replace(
            lab(f"g{number}", value=value, low="0", high="1"),
            concept=Concept(codings=(Coding(system="urn:own", code=number),), text="Glucose"),
            specimen=specimen,
        )
        for number, value, specimen in (("50931", "136", "Blood"), ("51478", "100", "Urine"))
    )
    made = desk(blood, urine)
    own = [row for row in made.chart.series if row.label == "Glucose"]
    called = sorted(made.called(row) for row in own)
    assert len(set(called)) == len(own)
    assert {"Glucose, blood", "Glucose, urine"} <= set(called)
    (hit,) = Finder(made).find("glucose, urine").hits
    assert isinstance(hit.row, LabRow)
    assert (hit.row.name, hit.row.value) == ("Glucose, urine", "100")
    sheet = lab_sheet(made, salt="an opening")
    assert set(called) <= {row.name for panel in sheet.panels for row in panel.rows}
    lines = [anna.text(rows.series_line(made, row).parts) for row in own]
    assert len({line.rsplit(" ", 2)[0] for line in lines}) == len(own)
