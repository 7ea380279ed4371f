"""Units that a site prefers to read, analyte by analyte: which codes an analyte's name stands for. Data and its check."""

from __future__ import annotations

from collections.abc import Mapping

from .analytes import A1C, EXPECTED, MOLAR
from .read import bare, dimension
from .table import UNITS

_MEASURES: dict[str, tuple[str, ...]] = {
    "a1c": tuple(sorted(A1C)),
    "hemoglobin": ("718-7", "30313-1", "30350-3"),
    "albumin": ("1751-7",),
    "temperature": ("8310-5", "8331-1", "8328-7", "8332-9", "8333-7", "75539-7", "8329-5"),
    "weight": ("29463-7", "3141-9"),
    "height": ("8302-2", "3137-7"),
}

# Name of an analyte or measurement -> its LOINC codes.
ANALYTES: dict[str, tuple[str, ...]] = {
    **{one.name.replace(" ", "-"): one.codes for one in MOLAR},
    **_MEASURES,
}


def by_code(choices: Mapping[str, str]) -> dict[str, str]:
    """LOINC code -> UCUM unit, from {"glucose": "mmol/L", …}.

    Raises ValueError for an analyte that is not known, or a unit that its values cannot have.
    """
    found: dict[str, str] = {}
    for name, unit in choices.items():
        codes = ANALYTES.get(name)
        if codes is None:
            raise ValueError(f"{name!r} is none of {', '.join(sorted(ANALYTES))}")
        wanted = EXPECTED.get(codes[0], ())
        if bare(unit) not in UNITS or dimension(unit) not in wanted:
            raise ValueError(f"{name} cannot be given in {unit!r}; write the unit in UCUM")
        found.update(dict.fromkeys(codes, unit))
    return found
