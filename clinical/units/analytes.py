"""What a unit means for one analyte: expected dimensions, molar masses, the A1c equation. Data, by LOINC code.

Molar masses are sums of standard atomic weights (IUPAC 2021, abridged): H 1.008, C 12.011, N 14.007, O 15.999,
P 30.974, Ca 40.078, Mg 24.305. The arithmetic stands beside each; the tests repeat it. 1 mg/dL = 10/M mmol/L.
Not yet reviewed by a clinician.
"""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple


class Molar(NamedTuple):
    """One analyte that may be converted between mass and amount. mass: g/mol. valence: charges, 0 = not an ion."""

    name: str
    mass: Decimal
    codes: tuple[str, ...]
    valence: int = 0


MOLAR: tuple[Molar, ...] = (
    # C6H12O6: 6*12.011 + 12*1.008 + 6*15.999 = 180.156; 10/M = 0.055507 = 1/18.016
    Molar(
        "glucose",
        Decimal("180.156"),
        ("2345-7", "2339-0", "14749-6", "15074-8", "1558-6", "14771-0", "41653-7", "14743-9"),
    ),
    # C4H7N3O: 48.044 + 7.056 + 42.021 + 15.999 = 113.120; 10000/M = 88.40 umol/L (88.42 in older tables)
    Molar("creatinine", Decimal("113.120"), ("2160-0", "14682-9", "38483-4", "59826-8")),
    # C27H46O: 324.297 + 46.368 + 15.999 = 386.664; 10/M = 1/38.67
    Molar(
        "cholesterol",
        Decimal("386.664"),
        (
            "2093-3",
            "14647-2",
            "2085-9",
            "14646-4",
            "2089-1",
            "22748-8",
            "13457-7",
            "39469-2",
            "18262-6",
            "69419-0",
            "43396-1",
            "70204-3",
        ),
    ),
    # No single compound: laboratories agree on the mean mass 885.7 (triolein, C57H104O6, has 885.45); 10/M = 1/88.57
    Molar("triglyceride", Decimal("885.7"), ("2571-8", "14927-8", "3043-7", "30524-3")),
    # Mass of the two nitrogens in one molecule of urea: 2*14.007 = 28.014; 10/M = 0.357
    Molar("urea nitrogen", Decimal("28.014"), ("3094-0", "14937-7", "6299-2")),
    # CH4N2O: 12.011 + 4.032 + 28.014 + 15.999 = 60.056; 10/M = 1/6.006
    Molar("urea", Decimal("60.056"), ("3091-6", "22664-7")),
    # C33H36N4O6: 396.363 + 36.288 + 56.028 + 95.994 = 584.673; 10000/M = 17.10 umol/L
    Molar("bilirubin", Decimal("584.673"), ("1975-2", "14631-6", "1968-7", "14629-0")),
    # Ca 40.078; 10/M = 1/4.008
    Molar("calcium", Decimal("40.078"), ("17861-6", "2000-8", "1994-3", "1995-0"), valence=2),
    # Reported as phosphorus: P 30.974; 10/M = 0.3229
    Molar("phosphate", Decimal("30.974"), ("2777-1", "14879-1")),
    # Mg 24.305; 10/M = 0.4114
    Molar("magnesium", Decimal("24.305"), ("19123-9", "2601-3"), valence=2),
    # C5H4N4O3: 60.055 + 4.032 + 56.028 + 47.997 = 168.112; 10000/M = 59.48 umol/L
    Molar("urate", Decimal("168.112"), ("3084-1", "14933-6")),
)

# Ions of one charge: a milliequivalent is a millimole. For calcium and magnesium it is not, and they are refused.
MONOVALENT = frozenset(
    {"2951-2", "2947-0", "2823-3", "6298-4", "2075-0", "2069-3", "2028-9", "1963-8", "1959-6"}
)

# Urine albumin per creatinine: 1 g of creatinine is 1000/113.120 = 8.840 mmol, so 1 mg/g = 0.11312 mg/mmol.
PER_CREATININE = frozenset({"9318-7", "14959-1", "32294-1", "14958-3", "30000-4", "30001-2"})
CREATININE_MASS = Decimal("113.120")

# NGSP % = 0.09148 x IFCC + 2.152 (ngsp.org); never a factor, and never a glucose.
A1C = frozenset({"4548-4", "17856-6", "4549-2", "17855-8", "59261-8", "62388-4", "41995-2"})
A1C_SLOPE = Decimal("0.09148")
A1C_INTERCEPT = Decimal("2.152")

# LOINC -> dimensions its values may have. A value of another dimension is a wrong code or a wrong unit.
_CONCENTRATION = ("mass/volume", "substance/volume")
_ION = ("substance/volume", "charge/volume")
EXPECTED: dict[str, tuple[str, ...]] = {
    **{code: _CONCENTRATION for one in MOLAR for code in one.codes},
    **dict.fromkeys(("17861-6", "2000-8", "1994-3", "1995-0", "19123-9", "2601-3"),
                    (*_CONCENTRATION, "charge/volume")),
    **dict.fromkeys(MONOVALENT, _ION),
    **dict.fromkeys(A1C, ("fraction", "substance ratio")),
    **dict.fromkeys(PER_CREATININE, ("mass ratio", "mass/substance")),
    **dict.fromkeys(("718-7", "30313-1", "30350-3", "1751-7", "2885-2"), ("mass/volume",)),
    **dict.fromkeys(("4544-3", "20570-8"), ("fraction",)),
    **dict.fromkeys(("6690-2", "26464-8", "789-8", "26453-1", "777-3", "26515-7", "751-8", "731-0"),
                    ("count/volume",)),
    **dict.fromkeys(("1742-6", "1920-8", "6768-6", "2324-2", "3040-3", "2157-6"),
                    ("enzyme/volume", "international/volume")),
    **dict.fromkeys(("33914-3", "62238-1", "98979-8", "98980-6", "77147-7", "69405-9", "48642-3", "48643-1"),
                    ("flow",)),
    **dict.fromkeys(("8867-4", "8889-8", "8893-0", "8886-4", "40443-4", "9279-1"), ("rate",)),
    **dict.fromkeys(("8310-5", "8331-1", "8328-7", "8332-9", "8333-7", "75539-7", "8329-5"), ("temperature",)),
    **dict.fromkeys(("8480-6", "8462-4", "8478-0", "8459-0", "8460-8", "8461-6", "76534-7", "76535-4"),
                    ("pressure",)),
    **dict.fromkeys(("59408-5", "2708-6", "2710-2", "3150-0"), ("fraction",)),
    "3151-8": ("flow",),
    **dict.fromkeys(("29463-7", "3141-9"), ("mass",)),
    **dict.fromkeys(("8302-2", "3137-7", "9843-4", "8306-3"), ("length",)),
    "39156-5": ("body mass index",),
    "30341-2": ("sedimentation",), "4537-7": ("sedimentation",),
    "2744-1": ("acidity",), "11558-4": ("acidity",),
}  # fmt: skip
"""Codes marked M in the sheets of the project (recalled, not looked up) are included: a wrong one only means no check."""
