"""Conversions: within one dimension, or bound to an analyte; everything else is refused (rules 31-33)."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from functools import lru_cache

import msgspec

from clinical.records import Quantity

from .analytes import (
    A1C,
    A1C_INTERCEPT,
    A1C_SLOPE,
    CREATININE_MASS,
    MOLAR,
    MONOVALENT,
    PER_CREATININE,
    Molar,
)
from .read import bare, pint_factor, qualifiers, ucum
from .table import UNITS

_UCUM_SYSTEM = "http://unitsofmeasure.org"
_ARBITRARY = re.compile(
    r"\[[^\]]*\]|eq"
)  # [IU], [arb'U], meq: what counts is not said by a dimension
_SAFE_BRACKETS = frozenset({"[degF]", "[lb_av]", "[oz_av]", "[in_i]", "[ft_i]", "[Hg]", "[H2O]"})


class Refused(msgspec.Struct, frozen=True):
    """No conversion, and why, in words for a clinician."""

    reason: str


class Linear(msgspec.Struct, frozen=True):
    """new = slope x old + offset. step: how many decimals the new unit has fewer, when convention says so."""

    slope: Decimal
    offset: Decimal = Decimal(0)
    step: int | None = None


def convert(quantity: Quantity, to: str, *, codes: Collection[str] = ()) -> Quantity | Refused:
    """The quantity in the UCUM unit `to`, or why not. codes: LOINC codes of what was measured.

    The comparator is kept. The result has as many decimals as the reported precision is worth in the new unit:
    rounding it back to the reported decimals gives the reported number again.
    """
    unit = ucum(quantity)
    if quantity.value is None:
        return Refused("there is no value")
    if not unit:
        return Refused(f"the unit {quantity.unit or quantity.code!r} is not known")
    rule = _rule(unit, to, frozenset(codes))
    if isinstance(rule, Refused):
        return rule
    if unit == to:
        return quantity
    return Quantity(
        value=_apply(quantity.value, rule),
        comparator=quantity.comparator,
        unit=to,
        code=to,
        system=_UCUM_SYSTEM,
    )


def comparable(one: Quantity, other: Quantity, code: str = "") -> bool:
    """Whether two values of one analyte may stand on one line: same unit, or a conversion is allowed."""
    first, second = ucum(one), ucum(other)
    if (
        not first or not second
    ):  # two units nobody knows: only the very same words, and no words at all are the same
        return not first and not second and (one.unit, one.code) == (other.unit, other.code)
    return not isinstance(_rule(first, second, frozenset({code})), Refused)


# ---- which rule -------------------------------------------------------------------------------------------------


@lru_cache(maxsize=4096)
def _rule(unit: str, to: str, codes: frozenset[str]) -> Linear | Refused:
    if unit == to:
        return Linear(Decimal(1))
    if qualifiers(unit) != qualifiers(to):
        return Refused(f"{unit} and {to} do not count the same thing")
    source, target = bare(unit), bare(to)
    if codes & A1C and {source, target} == {"%", "mmol/mol"}:
        return _a1c(target)
    if source in UNITS and target in UNITS:
        return _tabled(source, target, codes)
    return _by_ucum(source, target)


def _tabled(source: str, target: str, codes: frozenset[str]) -> Linear | Refused:
    (kind, factor), (wanted, divisor) = UNITS[source], UNITS[target]
    if kind == wanted == "temperature":
        return _temperature(source, target)
    if kind == wanted:
        return Linear(factor / divisor)
    scale = _analyte_scale(kind, wanted, codes)
    if scale is None:
        return Refused(f"{source} cannot be converted to {target} for this test")
    return Linear(factor * scale / divisor)


def _analyte_scale(kind: str, wanted: str, codes: frozenset[str]) -> Decimal | None:
    """The factor between the base units of two dimensions (g/L, mol/L, eq/L, mg/g, mg/mmol) for this analyte."""
    found = _BETWEEN.get((kind, wanted))
    return found(codes) if found is not None else None


def _mass_to_amount(codes: frozenset[str]) -> Decimal | None:
    analyte = _molar(codes)
    return 1 / analyte.mass if analyte is not None else None


def _amount_to_mass(codes: frozenset[str]) -> Decimal | None:
    analyte = _molar(codes)
    return analyte.mass if analyte is not None else None


def _same_charge(codes: frozenset[str]) -> Decimal | None:
    return Decimal(1) if codes & MONOVALENT else None


def _gram_to_mole_of_creatinine(codes: frozenset[str]) -> Decimal | None:
    """1 mg/g = M/1000 mg/mmol."""
    return CREATININE_MASS / 1000 if codes & PER_CREATININE else None


def _mole_to_gram_of_creatinine(codes: frozenset[str]) -> Decimal | None:
    return 1000 / CREATININE_MASS if codes & PER_CREATININE else None


_BETWEEN: dict[tuple[str, str], Callable[[frozenset[str]], Decimal | None]] = {
    ("mass/volume", "substance/volume"): _mass_to_amount,
    ("substance/volume", "mass/volume"): _amount_to_mass,
    ("charge/volume", "substance/volume"): _same_charge,
    ("substance/volume", "charge/volume"): _same_charge,
    ("mass ratio", "mass/substance"): _gram_to_mole_of_creatinine,
    ("mass/substance", "mass ratio"): _mole_to_gram_of_creatinine,
}


def _molar(codes: frozenset[str]) -> Molar | None:
    """The one analyte these codes name; None when they name none, or two (urea and urea nitrogen)."""
    found = [one for one in MOLAR if codes & frozenset(one.codes)]
    return found[0] if len(found) == 1 else None


def _temperature(source: str, target: str) -> Linear:
    """Convention: a tenth of a degree stands beside a tenth of a degree."""
    if source == target:
        return Linear(Decimal(1))
    if target == "Cel":
        return Linear(Decimal(5) / 9, -Decimal(160) / 9, step=0)
    return Linear(Decimal(9) / 5, Decimal(32), step=0)


def _a1c(target: str) -> Linear:
    """Convention: one decimal of a per cent stands beside whole mmol/mol."""
    if target == "%":
        return Linear(A1C_SLOPE, A1C_INTERCEPT, step=-1)
    return Linear(1 / A1C_SLOPE, -A1C_INTERCEPT / A1C_SLOPE, step=1)


def _by_ucum(source: str, target: str) -> Linear | Refused:
    """Units outside the table, by UCUM; arbitrary units and equivalents only when they are the very same."""
    if _arbitrary(source) != _arbitrary(target):
        return Refused(f"{source} and {target} do not count the same thing")
    factor = pint_factor(source, target) if source and target else None
    return (
        Refused(f"{source} cannot be converted to {target}") if factor is None else Linear(factor)
    )


def _arbitrary(code: str) -> tuple[str, ...]:
    return tuple(sorted(one for one in _ARBITRARY.findall(code) if one not in _SAFE_BRACKETS))


# ---- precision --------------------------------------------------------------------------------------------------


def _apply(value: Decimal, rule: Linear) -> Decimal:
    with localcontext() as context:
        context.prec = 50
        exact = value * rule.slope + rule.offset
        return exact.quantize(Decimal(1).scaleb(-_decimals(value, rule)), ROUND_HALF_EVEN)


def _decimals(value: Decimal, rule: Linear) -> int:
    """Decimals of the result: its last digit is worth no more than the last digit that was reported."""
    exponent = value.as_tuple().exponent
    reported = -exponent if isinstance(exponent, int) else 0
    if rule.step is not None:
        return max(0, reported - rule.step)
    worth = rule.slope.scaleb(
        -reported
    )  # what one unit in the last reported place is in the new unit
    decimals = -worth.adjusted()
    return max(0, decimals)
