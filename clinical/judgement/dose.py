"""A dose in words that leave out the coded one: the strength of a tablet is never left to pass for the dose.

"4 mg Tablet" may be all that the words of an order for 8 mg say. The words stay as sent; what they leave out stands
beside them.
"""

from __future__ import annotations

import re
from decimal import Decimal

from clinical import units
from clinical.records import Medication, Quantity

_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_SPELLED = {"1": "one", "2": "two", "3": "three", "4": "four"}
_MICROGRAMS = ("ug", "µg", "μg")
_INTERNATIONAL = r"(?:unit|unt|i?u(?![a-z]))"
_STEMS = (
    dict.fromkeys(("tbl", "tab", "tablet"), "ta?bl?")
    | dict.fromkeys(("cap", "capsule"), "cap")
    | dict.fromkeys(("unit", "unt"), _INTERNATIONAL)
    | dict.fromkeys(("mcg", *_MICROGRAMS), "(?:mcg|[uµμ]g|micrograms?)")
    | {"g": "(?:grams?|gm?)"}
)


def told(record: Medication) -> str:
    """The dose as written, then the coded dose where the words do not say it: "4mg Tablet, dose 8 mg"; "" for neither."""
    coded = _words(record.dose_quantity)
    if not coded or not record.dose_text or record.dose_composed or _says(record.dose_text, coded):
        return record.dose_text
    return f"{record.dose_text}, dose {coded}"


def with_product(record: Medication) -> str:
    """Product and dose, for one side of a conflict."""
    return ", ".join(part for part in (record.concept.text, told(record)) if part)


def differ(one: Quantity | None, other: Quantity | None) -> bool:
    """Whether these are two doses: False where one is not stated, or their units cannot be compared (a tablet, 5 mg)."""
    if one is None or other is None or one.value is None or other.value is None:
        return False
    if _unit(one) == _unit(other):
        return (one.value, one.comparator) != (other.value, other.comparator)
    there, back = _as(one, other), _as(other, one)
    return None not in (there, back) and there != other.value and back != one.value


def _unit(dose: Quantity) -> str:
    return unit_words(dose.unit or dose.code).strip("[]").lower().rstrip("s")


def _as(dose: Quantity, wanted: Quantity) -> Decimal | None:
    """The number in the other's unit; None where there is no such conversion."""
    unit = units.ucum(wanted)
    found = units.convert(dose, unit) if unit else None
    return found.value if isinstance(found, Quantity) else None


def _words(dose: Quantity | None) -> str:
    if dose is None or dose.value is None:
        return ""
    unit = re.sub(r"[\[\]]", "", unit_words(dose.unit or dose.code))
    return f"{dose.comparator or ''}{dose.value:f} {unit}".strip()


def unit_words(unit: str) -> str:
    """The unit of a dose as a person writes it: "units" for "[iU]", "IU" and "U", which are read as a 10 or a nought;
    "mcg" for "ug" and "µg", which are read as "mg"; "vial" for "{vial}".

    Source: ISMP List of Error-Prone Abbreviations, Symbols, and Dose Designations.
    """
    first, per, rest = re.sub(r"[{}]", "", unit).partition("/")
    bare = first.strip("[]").lower()
    return (
        ("units" if bare in ("iu", "u") else "mcg" if bare in _MICROGRAMS else first) + per + rest
    )


def _says(text: str, dose: str) -> bool:
    """Whether the number stands beside its unit, however spaced: "4mg" says "4 mg"; "4 mg/mL" and "0.4 mg" do not.

    So do "4.0 mg", and "one tablet" for 1 {tbl}.
    """
    number, _, unit = dose.lower().partition(" ")
    if "." in number:
        number = number.rstrip("0").rstrip(".")
    if unit:
        stem = _STEMS.get(unit.rstrip("s"), re.escape(unit))
        ending = "[a-z]*" if len(unit) > 2 else "s?"  # "tab" is "tablet", "g" is not "gtt"
        beside = rf"[\s\-]*{stem}{ending}(?![a-z])(?!\s*/)"
    else:
        beside = r"(?!\.?\d)"
    zeros = "0*" if "." in number else r"(?:\.0+)?"
    said = rf"(?<![\d.]){re.escape(number)}{zeros}"
    if number in _SPELLED and unit:
        said = rf"(?:{said}|(?<![\w\-]){_SPELLED[number]})"
    heard = _THOUSANDS.sub("", text.lower())
    return re.search(f"{said}{beside}", heard) is not None
