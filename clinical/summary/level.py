"""Whether a value is abnormal, as the page shows it: a letter, a level, and whether we worked it out ourselves.

The laboratory's own interpretation wins; a missing one is worked out from the point's own range only and marked
"calc"; without either there is no level, which is never the same as normal (rules 28-30).
"""

from __future__ import annotations

from collections.abc import Sequence

from clinical.records import Component, Frozen, Observation, Quantity, ReferenceRange
from clinical.summary.view_model import Level


class Flag(Frozen, frozen=True):
    """letter: "H", "LL", "POS" … level: see view_model.Level. calc: not said by the source."""

    letter: str = ""
    level: Level = ""
    calc: bool = False


NONE = Flag()
_SAID: dict[str, Flag] = {
    **{code: Flag(letter=code, level="crit") for code in ("HH", "LL", "AA")},
    "HU": Flag(letter="HH", level="crit"),
    "LU": Flag(letter="LL", level="crit"),
    **{code: Flag(letter=code, level="ab") for code in ("H", "L", "A", "R")},
    **{code: Flag(letter=code, level="ab") for code in ("POS", "DET", "RR", "WR")},
}
_ORDER = {"crit": 0, "ab": 1, "": 2}
_NORMAL_TYPES = frozenset({"", "normal"})


def flag_of(record: Observation) -> Flag:
    """The flag of an observation; of its worst part when it has components."""
    own = _flag(record.interpretation, record.value.quantity, record.ranges)
    if own.level or not record.components:
        return own
    return min((component_flag(part) for part in record.components), key=lambda f: (_ORDER[f.level], f.letter))


def component_flag(part: Component) -> Flag:
    """The flag of one component, judged by itself."""
    return _flag(part.interpretation, part.value.quantity, part.ranges)


def said_abnormal(record: Observation) -> bool:
    """Abnormal by any of its parts."""
    return bool(flag_of(record).level)


def _flag(said: Sequence[str], quantity: Quantity | None, ranges: Sequence[ReferenceRange]) -> Flag:
    if said:
        flags = [_SAID[code] for code in said if code in _SAID]
        return min(flags, key=lambda f: _ORDER[f.level]) if flags else NONE
    if quantity is None or not ranges:
        return NONE
    usual = usual_range(ranges)
    return _against(quantity, usual) if usual is not None else NONE


def usual_range(ranges: Sequence[ReferenceRange]) -> ReferenceRange | None:
    """The one range that is meant as the usual one; None when several could be, or none is."""
    fitting = [r for r in ranges if _type(r) in _NORMAL_TYPES and not r.applies_to and r.age_low is None and r.age_high is None]
    return fitting[0] if len(fitting) == 1 else None


def _type(found: ReferenceRange) -> str:
    if found.type is None:
        return ""
    return found.type.codings[0].code if found.type.codings else found.type.text.lower()


def _against(quantity: Quantity, usual: ReferenceRange) -> Flag:
    value = quantity.value
    if value is None:
        return NONE
    low, high = usual.low, usual.high
    if high is not None and high.value is not None and _same_unit(quantity, high) and value > high.value and quantity.comparator not in ("<", "<="):
        return Flag(letter="H", level="ab", calc=True)
    if low is not None and low.value is not None and _same_unit(quantity, low) and value < low.value and quantity.comparator not in (">", ">="):
        return Flag(letter="L", level="ab", calc=True)
    return NONE


def _same_unit(one: Quantity, other: Quantity) -> bool:
    """An end of a range without a unit is in the value's unit (the range belongs to that value)."""
    ours, theirs = one.code or one.unit, other.code or other.unit
    return not theirs or ours == theirs or one.unit == other.unit
