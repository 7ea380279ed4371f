"""Which UCUM unit a Quantity is in, and whether that unit can belong to what was measured."""

from __future__ import annotations

import re
from collections.abc import Collection
from decimal import Decimal
from functools import lru_cache
from typing import Any

from clinical.records import Quantity

from .aliases import ANY_CASE, EXACT, PLAIN
from .analytes import EXPECTED
from .table import UNITS

UCUM = frozenset({"http://unitsofmeasure.org", "urn:oid:2.16.840.1.113883.6.8"})

_ANNOTATION = re.compile(r"\{[^}]*\}")
_KNOWN = frozenset(PLAIN)


def ucum(quantity: Quantity) -> str:
    """The UCUM code, with annotations; "" when the unit is missing or not known.

    A code sent as UCUM is taken as UCUM unless it is one of the spellings that UCUM reads as something no laboratory
    means. A unit sent as text only counts when the table knows it. Never guessed from the size of the value.
    """
    return _ucum(quantity.code, quantity.unit, quantity.system in UCUM)


@lru_cache(maxsize=2048)
def _ucum(code: str, unit: str, is_ucum: bool) -> str:
    for sent in (code, unit):
        known = _from_table(sent)
        if known is not None:
            return known
    if not is_ucum or not code:
        return ""
    return code if not bare(code) or pint_unit(code) is not None else ""


def _from_table(sent: str) -> str | None:
    """None: not in the table. "": in it, and of no use."""
    text = sent.strip()
    if not text:
        return None
    if text in EXACT:
        return EXACT[text]
    if text in _KNOWN or _ANNOTATION.sub("", text) in _KNOWN:
        return text
    folded = text.replace("µ", "u").replace("μ", "u").replace(" ", "").lower()
    return ANY_CASE.get(folded)


def bare(code: str) -> str:
    """The code without annotations: "mg/g" of "mg/g{creat}"."""
    return _ANNOTATION.sub("", code)


def qualifiers(code: str) -> tuple[str, ...]:
    """The annotations, in lower case and sorted: they vanish in UCUM arithmetic and still tell values apart."""
    return tuple(sorted(found.lower() for found in _ANNOTATION.findall(code)))


@lru_cache(maxsize=2048)
def dimension(code: str) -> str:
    """ "mass/volume", "count/volume" …; for a unit outside the table UCUM's own dimension in brackets; "" unknown."""
    found = UNITS.get(bare(code).rstrip("/"))
    if found is not None:
        return found[0]
    if code and not bare(code):
        return "number"  # "{score}": an annotation on nothing; which one is told by `qualifiers`
    unit = pint_unit(code) if code else None
    return f"[{unit.dimensionality}]" if unit is not None else ""


def expected(codes: Collection[str]) -> frozenset[str]:
    """The dimensions that values under these LOINC codes may have; empty when there is no expectation."""
    return frozenset(one for code in codes for one in EXPECTED.get(code, ()))


def fits(quantity: Quantity, codes: Collection[str]) -> bool | None:
    """Whether the unit can belong to these LOINC codes. None: nothing is expected, or the unit is not known."""
    return _fits(quantity.code, quantity.unit, quantity.system in UCUM, tuple(codes))


@lru_cache(maxsize=4096)
def _fits(code: str, unit: str, is_ucum: bool, codes: tuple[str, ...]) -> bool | None:
    wanted = expected(codes)
    known = _ucum(code, unit, is_ucum)
    found = dimension(known) if known else ""
    return found in wanted if wanted and found else None


@lru_cache(maxsize=512)
def pint_unit(code: str) -> Any | None:
    """The unit as pint knows it, through ucumvert; None when it is not UCUM. Loaded at first need: it takes 0.5 s."""
    registry, no_unit = _library()
    try:
        found = registry.from_ucum(code)
    except no_unit:
        return None
    return found if hasattr(found, "dimensionality") else None


@lru_cache(maxsize=512)
def pint_factor(source: str, target: str) -> Decimal | None:
    """How many `target` one `source` is, by UCUM; None when they are not of one dimension, or not by a factor."""
    first, second = pint_unit(source), pint_unit(target)
    if first is None or second is None or first.dimensionality != second.dimensionality:
        return None
    if (
        not first.dimensionality
    ):  # counts, fractions, fields of view: the same dimension says nothing
        return None
    _, no_unit = _library()
    try:
        return Decimal(repr(float(first.to(second.units).magnitude / second.magnitude)))
    except no_unit:
        return None


def warm() -> None:
    """Loads UCUM now, for a process that would rather not pay for it while somebody waits."""
    pint_unit("mg/dL")


@lru_cache(maxsize=1)
def _library() -> tuple[Any, tuple[type[Exception], ...]]:
    """The registry, and every kind of error that means "this is no unit"."""
    from lark.exceptions import LarkError
    from pint.errors import PintError
    from ucumvert import PintUcumRegistry

    ours = (ValueError, TypeError, AttributeError, LookupError, ArithmeticError, RecursionError)
    return PintUcumRegistry(), (LarkError, PintError, *ours)
