"""Units by dimension, with exact factors to one base unit per dimension. Data.

UCUM's own dimensions are too coarse for a laboratory: there [IU]/L, 10*9/L and /[HPF] are all "per volume", and a
milliequivalent is a millimole. Here only what may share a line shares a dimension. Factors are definitions, checked
against ucumvert in the tests.
"""

from __future__ import annotations

from decimal import Decimal

# dimension -> {UCUM code: factor to the base unit}
_BY_DIMENSION: dict[str, dict[str, str]] = {
    "mass/volume": {
        "g/mL": "1000", "g/dL": "10", "g/L": "1", "mg/mL": "1", "mg/dL": "0.01", "mg/L": "0.001",
        "ug/mL": "0.001", "ug/dL": "0.00001", "ug/L": "0.000001", "ng/mL": "0.000001",
        "ng/dL": "0.00000001", "ng/L": "0.000000001", "pg/mL": "0.000000001",
    },
    "substance/volume": {
        "mol/L": "1", "mmol/L": "0.001", "umol/L": "0.000001", "nmol/L": "0.000000001",
        "pmol/L": "0.000000000001", "mmol/dL": "0.01",
    },
    "charge/volume": {"eq/L": "1", "meq/L": "0.001", "meq/dL": "0.01", "ueq/L": "0.000001"},
    "count/volume": {
        "/L": "1", "/mL": "1000", "/uL": "1000000", "/mm3": "1000000", "10*3/mL": "1000000",
        "10*3/uL": "1000000000", "10*3/mm3": "1000000000", "10*9/L": "1000000000",
        "10*6/uL": "1000000000000", "10*6/mm3": "1000000000000", "10*12/L": "1000000000000",
    },
    "enzyme/volume": {"kU/L": "1000", "U/mL": "1000", "U/L": "1", "mU/mL": "1", "mU/L": "0.001"},
    "international/volume": {
        "k[IU]/L": "1000", "k[IU]/mL": "1000000", "[IU]/mL": "1000", "[IU]/L": "1", "m[IU]/mL": "1",
        "m[IU]/L": "0.001", "u[IU]/mL": "0.001", "u[IU]/L": "0.000001",
    },
    "fraction": {"%": "0.01", "L/L": "1"},
    "substance ratio": {"mmol/mol": "1"},
    "mass ratio": {"mg/g": "1", "ug/mg": "1", "ug/g": "0.001", "g/g": "1000"},
    "mass/substance": {"mg/mmol": "1", "g/mol": "1", "ug/mmol": "0.001"},
    "pressure": {"mm[Hg]": "1", "kPa": "7.500615758456563", "cm[H2O]": "0.7355591400"},
    "temperature": {"Cel": "1", "[degF]": "1"},  # converted by equation, never by these
    "mass": {
        "kg": "1", "g": "0.001", "mg": "0.000001", "ug": "0.000000001", "ng": "0.000000000001",
        "pg": "0.000000000000001", "[lb_av]": "0.45359237", "[oz_av]": "0.028349523125",
    },
    "length": {"m": "1", "cm": "0.01", "mm": "0.001", "[in_i]": "0.0254", "[ft_i]": "0.3048"},
    "volume": {"L": "1", "dL": "0.1", "mL": "0.001", "uL": "0.000001", "fL": "0.000000000000001"},
    "rate": {"/min": "1", "/s": "60"},
    "time": {"s": "1", "ms": "0.001", "min": "60", "h": "3600", "d": "86400", "wk": "604800"},
    "body mass index": {"kg/m2": "1"},
    "bone density": {"g/cm2": "1"},
    "flow": {"L/min": "1", "mL/min": "0.001", "mL/h": "0.00001666666666666666666666666667"},
    "osmolality": {"mosm/kg": "1"},
    "sedimentation": {"mm/h": "1"},
    "acidity": {"[pH]": "1"},
    "per field": {"/[HPF]": "1"},
    "per low field": {"/[LPF]": "1"},
}  # fmt: skip

UNITS: dict[str, tuple[str, Decimal]] = {
    code: (dimension, Decimal(factor))
    for dimension, units in _BY_DIMENSION.items()
    for code, factor in units.items()
}
"""UCUM code without annotation -> (dimension, factor to the base unit of that dimension)."""
