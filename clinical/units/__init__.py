"""Units: what a unit as sent means, which values may be compared, and the conversions that are allowed.

The reported value and unit are always kept by the caller; what comes out of here stands beside them. Everything that
is not allowed is refused with a reason, never guessed (rules 31-33).
"""

from __future__ import annotations

from .analytes import EXPECTED
from .convert import Refused, comparable, convert
from .preferred import by_code as preferred
from .read import dimension, expected, fits, ucum, warm
from .table import UNITS

__all__ = [
    "EXPECTED",
    "UNITS",
    "Refused",
    "comparable",
    "convert",
    "dimension",
    "expected",
    "fits",
    "preferred",
    "ucum",
    "warm",
]
