"""Which LOINC codes a clinician reads as one row, and which of them may share a line.

Data, not logic. A family is one row; inside it, codes with the same line word are interchangeable and the line of the
trend goes on, while a change of line word is a break (another method). A code that is not here is a row of its own:
similar names are no reason to merge. Codes and pairs: FHIR R4 vital-signs value set, US Core vital signs, and the LOINC
names of the mass and molar twins of the same specimen (see docs/clinical-safety.md, rules 25, 31-34).
Not yet reviewed by a clinician.
"""

from __future__ import annotations

LOINC = "http://loinc.org"

SYSTOLIC = "8480-6"
DIASTOLIC = "8462-4"
BLOOD_PRESSURE = "85354-9"

# family -> {line word: codes}
FAMILIES: dict[str, dict[str, tuple[str, ...]]] = {
    # vital signs
    "bp": {"": (BLOOD_PRESSURE, "55284-4", "35094-2", SYSTOLIC, DIASTOLIC)},
    "heart-rate": {"": ("8867-4", "8889-8", "8893-0", "8886-4")},
    "spo2": {"": ("59408-5", "2708-6")},
    "weight": {"": ("29463-7", "3141-9")},
    "height": {"": ("8302-2", "3137-7")},
    # one analyte in two kinds of unit, same specimen
    "glucose-serum": {"": ("2345-7", "14749-6")},
    "glucose-blood": {"": ("2339-0", "15074-8")},
    "creatinine": {"": ("2160-0", "14682-9")},
    "cholesterol": {"": ("2093-3", "14647-2")},
    "hdl": {"": ("2085-9", "14646-4")},
    "triglyceride": {"": ("2571-8", "14927-8")},
    "bilirubin": {"": ("1975-2", "14631-6")},
    "calcium": {"": ("17861-6", "2000-8")},
    "phosphate": {"": ("2777-1", "14879-1")},
    "urate": {"": ("3084-1", "14933-6")},
    "magnesium": {"": ("19123-9", "2601-3")},
    # one analyte, several methods: one row, a break where the method changes
    "hba1c": {
        "unspecified": ("4548-4",),
        "HPLC": ("17856-6",),
        "electrophoresis": ("4549-2",),
        "calculated": ("17855-8",),
        "IFCC": ("59261-8",),
        "JDS": ("62388-4",),
    },
    "egfr": {
        "CKD-EPI 2021": ("98979-8",),
        "CKD-EPI 2021 with cystatin C": ("98980-6",),
        "CKD-EPI 2009": ("62238-1",),
        "MDRD": ("33914-3", "77147-7"),
        "equation not stated": ("69405-9",),
    },
    "ldl": {
        "unspecified": ("2089-1", "22748-8"),
        "calculated": ("13457-7",),
        "direct": ("18262-6",),
    },
}


def _by_code() -> dict[str, tuple[str, str]]:
    found: dict[str, tuple[str, str]] = {}
    for family, lines in FAMILIES.items():
        for line, codes in lines.items():
            for code in codes:
                found[code] = (family, line)
    return found


# LOINC code -> (family, line word)
FAMILY_OF = _by_code()
