"""Units: rules 31-34 of part 3 and table 3.1; every factor by molar mass arithmetic."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ucumvert import PintUcumRegistry

from clinical import units
from clinical.records import Quantity
from clinical.units import Refused, comparable, convert
from clinical.units.aliases import ANY_CASE, EXACT, PLAIN
from clinical.units.analytes import EXPECTED, MOLAR
from clinical.units.read import pint_unit
from clinical.units.table import UNITS

UCUM = "http://unitsofmeasure.org"


def quantity(value: str, code: str, *, comparator: str | None = None) -> Quantity:
    return Quantity(value=Decimal(value), comparator=comparator, unit=code, code=code, system=UCUM)  # type: ignore[arg-type]


def as_text(unit: str) -> Quantity:
    return Quantity(value=Decimal(1), unit=unit)


def converted(value: str, code: str, to: str, *codes: str) -> str:
    found = convert(quantity(value, code), to, codes=codes)
    assert isinstance(found, Quantity), found
    assert found.unit == found.code == to
    return str(found.value)


# ---- what a unit means ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sent", "meant"),
    [
        ("K/uL", "10*3/uL"), ("k/µL", "10*3/uL"), ("x10E3/uL", "10*3/uL"), ("10^3/uL", "10*3/uL"),
        ("m/uL", "10*6/uL"), ("mmHg", "mm[Hg]"), ("mm Hg", "mm[Hg]"), ("bpm", "/min"),
        ("beats/min", "/min"), ("lbs", "[lb_av]"), ("degF", "[degF]"), ("°C", "Cel"), ("C", "Cel"),
        ("F", "[degF]"), ("mEq/L", "meq/L"), ("IU/L", "[IU]/L"), ("mcg/mL", "ug/mL"), ("MG/DL", "mg/dL"),
        ("mg/dl", "mg/dL"), ("/HPF", "/[HPF]"), ("#/hpf", "/[HPF]"), ("mL/min/1.73m2", "mL/min/{1.73_m2}"),
        ("ng/mL FEU", "ng/mL{FEU}"), ("sec", "s"), ("mm/hr", "mm/h"), ("ft", "[ft_i]"), ("kg/m²", "kg/m2"),
        ("mIU/L", "m[IU]/L"), ("μg/L", "ug/L"),
    ],
)  # fmt: skip
def test_a_unit_as_laboratories_write_it_is_understood(sent: str, meant: str) -> None:
    assert units.ucum(as_text(sent)) == meant


@pytest.mark.parametrize("code", ["K/uL", "C", "F", "ft", "mmHg", "m/uL"])
def test_what_ucum_reads_as_something_else_is_not_believed_even_when_sent_as_ucum(
    code: str,
) -> None:
    assert units.ucum(quantity("1", code)) not in ("", code)


@pytest.mark.parametrize("sent", ["units", "UNIT", "x", "mg / something", "", "pt", "G", "G/L"])
def test_a_unit_that_is_not_known_stays_unknown(sent: str) -> None:
    assert units.ucum(as_text(sent)) == ""


def test_a_unit_in_words_counts_only_when_the_table_knows_it() -> None:
    assert units.ucum(as_text("ng/mL/h")) == ""
    assert units.ucum(quantity("1", "ng/mL/h")) == "ng/mL/h"
    assert units.ucum(quantity("1", "nonsense")) == ""


def test_every_alias_leads_to_a_unit_that_ucum_knows() -> None:
    for code in {*PLAIN, *EXACT.values(), *ANY_CASE.values()} - {"", "[pH]", "1"}:
        bare = code.partition("{")[0]
        assert not bare or pint_unit(code) is not None, code


def test_no_alias_in_lower_case_hides_two_meanings() -> None:
    for sent, meant in EXACT.items():
        folded = ANY_CASE.get(sent.lower())
        assert meant == "" or folded in (None, meant), sent


def test_the_table_agrees_with_ucum_wherever_ucum_can_tell() -> None:
    registry = PintUcumRegistry()
    by_kind: dict[str, list[str]] = {}
    for code, (kind, _) in UNITS.items():
        by_kind.setdefault(kind, []).append(code)
    for kind, found in by_kind.items():
        if kind in ("temperature", "acidity"):
            continue
        base = registry.from_ucum(found[0])
        for code in found[1:]:
            factor = float((registry.from_ucum(code) / base).to("dimensionless").magnitude)
            ours = float(UNITS[code][1] / UNITS[found[0]][1])
            assert factor == pytest.approx(ours, rel=1e-6), (kind, code)


# ---- which dimension a code may have ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "unit", "fits"),
    [
        ("2345-7", "mg/dL", True), ("2345-7", "mmol/L", True), ("2345-7", "%", False),
        ("8310-5", "Cel", True), ("8310-5", "/min", False), ("6690-2", "K/uL", True),
        ("29463-7", "[lb_av]", True), ("29463-7", "cm", False), ("4548-4", "mmol/mol", True),
        ("4548-4", "mg/dL", False), ("98979-8", "mL/min/{1.73_m2}", True), ("99999-9", "mg/dL", None),
        ("2345-7", "thingies", None),
    ],
)  # fmt: skip
def test_a_unit_that_cannot_belong_to_the_code_is_noticed(
    code: str, unit: str, fits: bool | None
) -> None:
    assert units.fits(quantity("1", unit), [code]) is fits


def test_every_expected_dimension_exists() -> None:
    known = {kind for kind, _ in UNITS.values()}
    assert {kind for kinds in EXPECTED.values() for kind in kinds} <= known


# ---- molar conversions: the arithmetic --------------------------------------------------------------------------

ATOMS = {"H": "1.008", "C": "12.011", "N": "14.007", "O": "15.999", "P": "30.974", "Ca": "40.078", "Mg": "24.305"}  # fmt: skip
FORMULAS = {
    "glucose": {"C": 6, "H": 12, "O": 6},
    "creatinine": {"C": 4, "H": 7, "N": 3, "O": 1},
    "cholesterol": {"C": 27, "H": 46, "O": 1},
    "urea nitrogen": {"N": 2},
    "urea": {"C": 1, "H": 4, "N": 2, "O": 1},
    "bilirubin": {"C": 33, "H": 36, "N": 4, "O": 6},
    "calcium": {"Ca": 1},
    "phosphate": {"P": 1},
    "magnesium": {"Mg": 1},
    "urate": {"C": 5, "H": 4, "N": 4, "O": 3},
}
# mg/dL to mmol/L as the sheet of the project gives it (several from memory; 1000 x for umol/L)
SHEET = {
    "glucose": 1 / 18.016, "creatinine": 0.08842, "cholesterol": 1 / 38.67, "triglyceride": 1 / 88.57,
    "urea nitrogen": 0.357, "urea": 1 / 6.006, "bilirubin": 0.0171, "calcium": 1 / 4.008,
    "phosphate": 0.3229, "magnesium": 0.4114, "urate": 0.05948,
}  # fmt: skip


@pytest.mark.parametrize(
    "analyte", [one for one in MOLAR if one.name in FORMULAS], ids=lambda m: m.name
)
def test_a_molar_mass_is_the_sum_of_its_atoms(analyte: units.analytes.Molar) -> None:
    summed = sum(Decimal(ATOMS[atom]) * count for atom, count in FORMULAS[analyte.name].items())
    assert summed == analyte.mass


def test_the_mass_of_triglyceride_is_near_that_of_triolein() -> None:
    triolein = 57 * Decimal(ATOMS["C"]) + 104 * Decimal(ATOMS["H"]) + 6 * Decimal(ATOMS["O"])
    mass = next(one.mass for one in MOLAR if one.name == "triglyceride")
    assert abs(triolein - mass) / mass < Decimal("0.0005")


@pytest.mark.parametrize("analyte", MOLAR, ids=lambda m: m.name)
def test_the_factor_of_every_analyte_agrees_with_the_sheet(analyte: units.analytes.Molar) -> None:
    found = converted("1000.000000", "mg/dL", "mmol/L", analyte.codes[0])
    assert float(found) / 1000 == pytest.approx(SHEET[analyte.name], rel=6e-4)


def test_no_code_belongs_to_two_analytes() -> None:
    every = [code for one in MOLAR for code in one.codes]
    assert len(every) == len(set(every))


# ---- conversions that are allowed -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "unit", "to", "code", "expected"),
    [
        ("5.0", "mmol/L", "mg/dL", "2345-7", "90"),
        ("126", "mg/dL", "mmol/L", "2345-7", "6.99"),
        ("1.10", "mg/dL", "umol/L", "2160-0", "97.2"),
        ("200", "mg/dL", "mmol/L", "2093-3", "5.17"),
        ("150", "mg/dL", "mmol/L", "2571-8", "1.69"),
        ("20", "mg/dL", "mmol/L", "3094-0", "7.1"),
        ("7.0", "%", "mmol/mol", "4548-4", "53"),
        ("48", "mmol/mol", "%", "4548-4", "6.5"),
        ("98.6", "[degF]", "Cel", "8310-5", "37.0"),
        ("38.5", "Cel", "[degF]", "8310-5", "101.3"),
        ("180", "[lb_av]", "kg", "29463-7", "81.6"),
        ("70", "[in_i]", "cm", "8302-2", "178"),
        ("13.5", "g/dL", "g/L", "718-7", "135"),
        ("12.5", "10*3/uL", "10*9/L", "6690-2", "12.5"),
        ("4.1", "meq/L", "mmol/L", "2823-3", "4.1"),
        ("30", "mg/g", "mg/mmol", "14959-1", "3.4"),
        ("0.5", "ug/mL{FEU}", "ng/mL{FEU}", "48065-7", "500"),
        ("5", "ng/h", "ug/d", "", "0.12"),
    ],
)
def test_an_allowed_conversion_gives_the_known_number(
    value: str, unit: str, to: str, code: str, expected: str
) -> None:
    assert converted(value, unit, to, code) == expected


@pytest.mark.parametrize(
    ("percent", "ifcc"),
    [("5.0", "31"), ("6.0", "42"), ("6.5", "48"), ("8.0", "64"), ("10.0", "86")],
)
def test_the_a1c_equation_gives_the_published_pairs(percent: str, ifcc: str) -> None:
    assert converted(percent, "%", "mmol/mol", "4548-4") == ifcc
    assert converted(ifcc, "mmol/mol", "%", "4548-4") == percent


def test_a_comparator_survives_a_conversion() -> None:
    found = convert(quantity("5", "mg/dL", comparator="<"), "mmol/L", codes=["2345-7"])
    assert isinstance(found, Quantity)
    assert found.comparator == "<"


def test_the_same_unit_is_left_exactly_as_it_was() -> None:
    sent = quantity("5.10", "mmol/L")
    assert convert(sent, "mmol/L", codes=["2345-7"]) is sent


# ---- conversions that are refused -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("unit", "to", "codes"),
    [
        ("mg/dL", "mmol/L", ()),
        ("mg/dL", "mmol/L", ("718-7",)),
        ("mg/dL", "mmol/L", ("3094-0", "3091-6")),
        ("g/dL", "mmol/L", ("718-7",)),
        ("meq/L", "mmol/L", ("17861-6",)),
        ("meq/L", "mmol/L", ("19123-9",)),
        ("meq/L", "mg/dL", ("17861-6",)),
        ("[IU]/L", "U/L", ("1742-6",)),
        ("[IU]/L", "10*9/L", ()),
        ("mg/g", "mg/mmol", ()),
        ("%", "mmol/mol", ()),
        ("%", "mmol/mol", ("4544-3",)),
        ("%", "mg/dL", ("4548-4",)),
        ("ng/mL{FEU}", "ng/mL{DDU}", ("48065-7",)),
        ("mL/min/{1.73_m2}", "mL/min", ("98979-8",)),
        ("mg/g{creat}", "mg/g", ("14959-1",)),
        ("/[HPF]", "/[LPF]", ()),
        ("%", "L/min", ()),
        ("{score}", "%", ()),
        ("mg/dL", "nonsense", ()),
        ("B[SPL]", "Pa", ()),
    ],
)
def test_everything_else_is_refused_with_a_reason(
    unit: str, to: str, codes: tuple[str, ...]
) -> None:
    found = convert(quantity("5", unit), to, codes=codes)
    assert isinstance(found, Refused)
    assert found.reason


def test_a_value_without_a_known_unit_is_never_converted() -> None:
    assert isinstance(convert(as_text("UNIT"), "mg/dL", codes=["2345-7"]), Refused)
    assert isinstance(convert(as_text(""), "mg/dL", codes=["2345-7"]), Refused)
    assert isinstance(convert(Quantity(value=None, unit="mg/dL"), "mg/dL"), Refused)


@pytest.mark.parametrize(
    ("one", "other", "code", "allowed"),
    [
        ("mg/dL", "mmol/L", "2345-7", True),
        ("mg/dL", "mmol/L", "718-7", False),
        ("K/uL", "10*9/L", "6690-2", True),
        ("[IU]/L", "U/L", "1742-6", False),
        ("", "", "2345-7", True),
        ("", "mg/dL", "2345-7", False),
        ("widgets", "widgets", "2345-7", True),
        ("widgets", "gadgets", "2345-7", False),
    ],
)
def test_values_share_a_line_only_when_their_units_allow_it(
    one: str, other: str, code: str, allowed: bool
) -> None:
    assert comparable(as_text(one), as_text(other), code) is allowed
    assert comparable(as_text(other), as_text(one), code) is allowed


# ---- precision --------------------------------------------------------------------------------------------------

PAIRS = [
    *((one.codes[0], "mg/dL", "mmol/L") for one in MOLAR),
    *((one.codes[0], "mg/dL", "umol/L") for one in MOLAR),
    ("29463-7", "kg", "[lb_av]"),
    ("8302-2", "cm", "[in_i]"),
    ("718-7", "g/dL", "g/L"),
    ("4548-4", "%", "mmol/mol"),
    ("14959-1", "mg/g", "mg/mmol"),
]


@given(st.sampled_from(PAIRS), st.booleans(), st.decimals("0.1", "900", places=1))
def test_there_and_back_keeps_the_reported_number(
    pair: tuple[str, str, str], turned: bool, value: Decimal
) -> None:
    code, first, second = pair
    if turned:
        first, second = second, first
    sent = quantity(str(value), first)
    there = convert(sent, second, codes=[code])
    assert isinstance(there, Quantity)
    back = convert(there, first, codes=[code])
    assert isinstance(back, Quantity)
    assert back.value is not None
    if (code, first) == ("4548-4", "mmol/mol"):  # no laboratory reports tenths of mmol/mol
        value = value.quantize(Decimal(1))
        assert abs(back.value - value) <= 1
        return
    assert back.value.quantize(value) == value


@given(st.decimals("30", "45", places=1))
def test_a_temperature_there_and_back_is_the_same(value: Decimal) -> None:
    there = convert(quantity(str(value), "Cel"), "[degF]")
    assert isinstance(there, Quantity)
    back = convert(there, "Cel")
    assert isinstance(back, Quantity)
    assert back.value == value


@given(st.decimals("0.1", "900", places=2), st.decimals("0.1", "900", places=2))
def test_a_conversion_never_turns_an_order_around(one: Decimal, other: Decimal) -> None:
    small, large = sorted((one, other))
    first = convert(quantity(str(small), "mg/dL"), "mmol/L", codes=["2345-7"])
    second = convert(quantity(str(large), "mg/dL"), "mmol/L", codes=["2345-7"])
    assert isinstance(first, Quantity)
    assert isinstance(second, Quantity)
    assert first.value is not None
    assert second.value is not None
    assert first.value <= second.value


def test_loading_ucum_early_changes_nothing() -> None:
    units.warm()
    assert units.dimension("mg/dL") == "mass/volume"


@pytest.mark.parametrize(
    ("code", "kind"),
    [("{score}", "number"), ("", ""), ("nonsense", ""), ("mL/min/{1.73_m2}", "flow")],
)
def test_a_unit_outside_the_table_has_the_dimension_that_can_be_known(code: str, kind: str) -> None:
    assert units.dimension(code) == kind
    assert units.dimension("ng/mL/h").startswith("[")
