"""Values that a body cannot have: entry errors, kept and counted but not drawn (fhir-rules 8.2).

Display filters for adults, by LOINC code, in the unit named. The value stays reachable with its reason; nothing is
corrected. Not yet reviewed by a clinician.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from decimal import Decimal
from typing import NamedTuple

from clinical import units
from clinical.records import Concept, Observation, Quantity


class Limit(NamedTuple):
    """Below `low` or above `high`, in `unit`, is taken for an entry error."""

    name: str
    unit: str
    low: Decimal
    high: Decimal


class Bounds(NamedTuple):
    """Both ends included; None: no end."""

    low: Decimal | None = None
    high: Decimal | None = None


def _limit(name: str, unit: str, low: str, high: str) -> Limit:
    return Limit(name, unit, Decimal(low), Decimal(high))


_HEART = _limit("heart rate", "/min", "10", "300")
_BREATHS = _limit("respiratory rate", "/min", "3", "80")
_TEMPERATURE = _limit("temperature", "Cel", "25", "44")
_SYSTOLIC = _limit("systolic pressure", "mm[Hg]", "30", "300")
_DIASTOLIC = _limit("diastolic pressure", "mm[Hg]", "10", "200")
_SATURATION = _limit("oxygen saturation", "%", "30", "100")
_WEIGHT = _limit("weight", "kg", "0.2", "650")
_HEIGHT = _limit("height", "cm", "20", "275")

LIMITS: dict[str, Limit] = {
    **dict.fromkeys(("8867-4", "8889-8", "8893-0", "8886-4", "40443-4"), _HEART),
    "9279-1": _BREATHS,
    **dict.fromkeys(
        ("8310-5", "8331-1", "8328-7", "8332-9", "8333-7", "75539-7", "8329-5"), _TEMPERATURE
    ),
    **dict.fromkeys(("8480-6", "76534-7"), _SYSTOLIC),
    **dict.fromkeys(("8462-4", "76535-4"), _DIASTOLIC),
    **dict.fromkeys(("59408-5", "2708-6", "2710-2"), _SATURATION),
    "3151-8": _limit("oxygen flow", "L/min", "0", "100"),
    "3150-0": _limit("oxygen concentration", "%", "21", "100"),
    "9269-2": _limit("Glasgow coma score", "{score}", "3", "15"),
    **dict.fromkeys(("29463-7", "3141-9"), _WEIGHT),
    **dict.fromkeys(("8302-2", "3137-7"), _HEIGHT),
    "39156-5": _limit("body mass index", "kg/m2", "8", "120"),
}

WEIGHT_CODES = frozenset({"29463-7", "3141-9"})
_WEEK = timedelta(days=7)
_FAHRENHEIT_LIKE = (Decimal(86), Decimal(113))  # a body in degrees Fahrenheit
_SYSTOLIC_CODES = frozenset({"8480-6", "76534-7"})
_DIASTOLIC_CODES = frozenset({"8462-4", "76535-4"})


def entry_error(quantity: Quantity | None, codes: Collection[str]) -> str:
    """Why this value is taken for an entry error, in words; "" when it is not, or nothing is known about it.

    A value whose unit is missing or unknown is not judged: the magnitude never tells the unit (rule 31).
    """
    if quantity is None or quantity.value is None:
        return ""
    limit = next((LIMITS[code] for code in codes if code in LIMITS), None)
    if limit is None:
        return ""
    value = _in_unit(quantity, limit)
    if value is None or limit.low <= value <= limit.high:
        return ""
    if limit is _TEMPERATURE and _FAHRENHEIT_LIKE[0] <= value <= _FAHRENHEIT_LIKE[1]:
        return f"{value:f} °C is not possible; °F entered as °C is suspected"
    if limit is _SATURATION and 0 < value <= 1:
        return "a saturation of at most 1 %; a fraction entered as per cent is suspected"
    side = "below" if value < limit.low else "above"
    bound = limit.low if side == "below" else limit.high
    return f"{limit.name} {side} {bound:f} {limit.unit} is taken for an entry error"


def observation_error(observation: Observation) -> str:
    """The same for a whole observation: its own value, each of its parts, and a pressure upside down."""
    codes = _codes(observation.concept)
    own = entry_error(observation.value.quantity, codes) or unit_error(
        observation.value.quantity, codes
    )
    if own or not observation.components:
        return own
    parts = (entry_error(p.value.quantity, _codes(p.concept)) for p in observation.components)
    return next((words for words in parts if words), "") or pressure_error(observation)


def unit_error(quantity: Quantity | None, codes: Collection[str]) -> str:
    """A known unit that cannot belong to these codes: the code or the unit is wrong (rule 31); "" otherwise."""
    if quantity is None or quantity.value is None or units.fits(quantity, codes) is not False:
        return ""
    if units.dimension(units.ucum(quantity)).startswith("["):
        return ""  # a unit outside the table: not ours to judge
    return f"{quantity.unit or quantity.code} does not belong to this test"


def never_wrong(quantity: Quantity, codes: Collection[str]) -> Bounds | None:
    """Between which numbers no value in this unit under these codes is taken for an error: asked once for many values.

    None: every value has to be asked about. What holds for a whole observation without parts (`observation_error`).
    """
    if quantity.value is None or unit_error(quantity, codes):
        return None
    limit = next((LIMITS[code] for code in codes if code in LIMITS), None)
    if limit is None:
        return Bounds()
    if limit.unit == "{score}" or units.ucum(quantity) == limit.unit:
        return Bounds(limit.low, limit.high)
    return None


def pressure_error(observation: Observation) -> str:
    """A systolic pressure that is not above the diastolic: both are doubtful; "" otherwise."""
    parts = {
        coding.code: part.value.quantity
        for part in observation.components
        for coding in part.concept.codings
    }
    systolic = next((parts[code] for code in parts if code in _SYSTOLIC_CODES), None)
    diastolic = next((parts[code] for code in parts if code in _DIASTOLIC_CODES), None)
    if systolic is None or diastolic is None or systolic.comparator or diastolic.comparator:
        return ""
    above, below = systolic.value, diastolic.value
    if (systolic.unit, systolic.code) != (diastolic.unit, diastolic.code):
        above, below = _in_unit(systolic, _SYSTOLIC), _in_unit(diastolic, _DIASTOLIC)
    if above is None or below is None or above > below:
        return ""
    return "systolic pressure is not above the diastolic"


def weight_jump(before: Observation, after: Observation) -> str:
    """An adult's weight that changed by more than a quarter within a week: pounds and kilograms may be mixed."""
    first, second = before.value.quantity, after.value.quantity
    if first is None or second is None or before.taken is None or after.taken is None:
        return ""
    if abs(after.taken.start - before.taken.start) > _WEEK or first.comparator or second.comparator:
        return ""
    old, new = _in_unit(first, _WEIGHT), _in_unit(second, _WEIGHT)
    if old is None or new is None or old <= 0 or abs(new - old) * 4 <= old:
        return ""
    return f"weight changed from {old.normalize():f} to {new.normalize():f} kg within a week; lb entered as kg is suspected"


def _codes(concept: Concept) -> list[str]:
    return [coding.code for coding in concept.codings]


def _in_unit(quantity: Quantity, limit: Limit) -> Decimal | None:
    if limit.unit == "{score}":
        return quantity.value
    converted = units.convert(quantity, limit.unit)
    return None if isinstance(converted, units.Refused) else converted.value
