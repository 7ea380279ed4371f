"""Which codes mean which sign, in which unit it is drawn, and what coded answers mean. Data.

Sources: FHIR R4 vital-signs value set and US Core vital signs (bedside signs, oxygen), LOINC names as they stand in
the German MII intensive-care IG (fluids, urine) and in the French and Belgian measurement IGs (pain); LOINC answers of
67775-7; SNOMED CT answers for ACVPU, room air and the NEWS2 total as published with the NEWS2 profiles of the NHS. A code that is not
here belongs to no sign. Not yet reviewed by a clinician.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

from clinical.codes import LOINC, SNOMED


class Sign(NamedTuple):
    """key, the name printed, the UCUM unit it is drawn in ("" = no number), the unit printed, decimals printed."""

    key: str
    name: str
    unit: str
    unit_words: str
    decimals: int = 0


SIGNS: tuple[Sign, ...] = (
    Sign("respiration", "Respiration", "/min", "/min"),
    Sign("spo2", "SpO₂", "%", "%"),
    Sign("oxygen", "Oxygen", "", ""),
    Sign("systolic", "Systolic", "mm[Hg]", "mmHg"),
    Sign("diastolic", "Diastolic", "mm[Hg]", "mmHg"),
    Sign("pulse", "Pulse", "/min", "/min"),
    Sign("consciousness", "Consciousness", "", "ACVPU"),
    Sign("temperature", "Temperature", "Cel", "°C", 1),
    Sign("pain", "Pain", "", "0–10"),
    Sign("glucose", "Glucose", "mg/dL", "mg/dL"),
    Sign("lactate", "Lactate", "mmol/L", "mmol/L", 1),
    Sign("weight", "Weight", "kg", "kg", 1),
    Sign("length", "Height", "cm", "cm", 1),
    Sign("head", "Head circumference", "cm", "cm", 1),
    Sign("urine", "Urine", "mL", "mL"),
    Sign("fluid-in", "Fluid in", "mL", "mL"),
    Sign("fluid-in-part", "Fluid in, one kind", "mL", "mL"),
    Sign("fluid-out", "Fluid out", "mL", "mL"),
    Sign("fluid-out-part", "Fluid out, one kind", "mL", "mL"),
    Sign("news2", "NEWS2 of the source", "", ""),
    Sign("fundal-height", "Fundal height", "cm", "cm", 1),
)
BY_KEY = {sign.key: sign for sign in SIGNS}

_LOINC_OF: dict[str, tuple[str, ...]] = {
    "respiration": ("9279-1",),
    "spo2": ("59408-5", "2708-6", "2710-2"),
    "systolic": ("8480-6", "76534-7"),
    "diastolic": ("8462-4", "76535-4"),
    "pulse": ("8867-4", "8889-8", "8893-0", "8886-4"),
    "consciousness": ("67775-7", "80288-4"),
    "temperature": ("8310-5", "8331-1", "8328-7", "8332-9", "8333-7", "75539-7", "8329-5"),
    "pain": ("72514-3", "38208-5"),
    "glucose": ("41653-7", "2339-0", "2345-7", "15074-8", "14749-6"),
    "lactate": ("2524-7", "2518-9", "32693-4", "2519-7"),
    "weight": ("29463-7", "3141-9"),
    "length": ("8302-2", "3137-7", "8306-3"),
    "head": ("9843-4",),
    "urine": ("9187-6",),
    "fluid-in": ("9103-3", "8985-4"),
    "fluid-in-part": ("9000-1", "8953-2"),
    "fluid-out": ("9257-7",),
    "fluid-out-part": ("9113-2", "9217-1"),
    "fundal-height": ("11881-0",),
}
OXYGEN_FLOW = "3151-8"
OXYGEN_CONCENTRATION = "3150-0"
OXYGEN_CODES = frozenset({OXYGEN_FLOW, OXYGEN_CONCENTRATION, "19935-6"})

SIGN_OF: dict[tuple[str, str], str] = {
    **{(LOINC, code): key for key, codes in _LOINC_OF.items() for code in codes},
    **dict.fromkeys(((LOINC, code) for code in OXYGEN_CODES), "oxygen"),
    (SNOMED, "1104051000000101"): "news2",
}

# A source's own total under its name only; LOINC 88330-6 is the first version of the score and is not taken for this.
OWN_SCORE_WORDS = ("news2", "national early warning score 2")

Letter = Literal["A", "C", "V", "P", "U"]
LETTERS: dict[str, Letter] = {"A": "A", "C": "C", "V": "V", "P": "P", "U": "U"}
LETTER_WORDS: dict[str, str] = {
    "A": "Alert", "C": "New confusion", "V": "Voice", "P": "Pain", "U": "Unresponsive",
}  # fmt: skip

# A coded answer counts when its system and code are here; words count only when they are exactly these.
ACVPU_CODES: dict[tuple[str, str], Letter] = {
    (SNOMED, "248234008"): "A",
    (SNOMED, "130987000"): "C",  # acute confusion
    (SNOMED, "300202002"): "V",
    (SNOMED, "450847001"): "P",
    (SNOMED, "422768004"): "U",
    (LOINC, "LA9340-6"): "A",
    (LOINC, "LA6560-2"): "C",
    (LOINC, "LA17108-4"): "V",
    (LOINC, "LA17107-6"): "P",
    (LOINC, "LA9343-0"): "U",
}
ACVPU_WORDS: dict[str, Letter] = {
    "a": "A", "alert": "A", "c": "C", "new confusion": "C", "newly confused": "C", "acute confusion": "C",
    "v": "V", "voice": "V", "responds to voice": "V", "responding to voice": "V", "verbal": "V",
    "p": "P", "pain": "P", "responds to pain": "P", "responding to pain": "P",
    "u": "U", "unresponsive": "U",
}  # fmt: skip

AIR_CODES = frozenset({(SNOMED, "722742002")})  # breathing room air
OXYGEN_GIVEN_CODES = frozenset({(SNOMED, "371825009")})  # patient on oxygen
AIR_WORDS = frozenset({"room air", "air", "on room air", "breathing room air"})
