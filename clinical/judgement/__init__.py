"""What a value means beside its own range: which range, high or low, and whether a body can have it at all.

Pure, and about one value at a time; who the patient is comes as arguments. Nothing here is a diagnosis.
"""

from __future__ import annotations

from .flags import Abnormality, abnormal, range_side
from .limits import LIMITS, entry_error, pressure_error
from .ranges import choose_range, range_words

__all__ = [
    "LIMITS",
    "Abnormality",
    "abnormal",
    "choose_range",
    "entry_error",
    "pressure_error",
    "range_side",
    "range_words",
]
