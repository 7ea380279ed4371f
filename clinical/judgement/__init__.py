"""What an entry means by itself: which range, high or low, whether a body can have it at all, how dangerous an allergy is.

Pure, and about one entry at a time; who the patient is comes as arguments. Nothing here is a diagnosis.
"""

from __future__ import annotations

from .flags import Abnormality, abnormal, range_side
from .limits import (
    LIMITS,
    WEIGHT_CODES,
    Bounds,
    entry_error,
    never_wrong,
    observation_error,
    pressure_error,
    unit_error,
    weight_jump,
)
from .ranges import choose_range, range_words, runs_backwards
from .reactions import is_severe, manifestation_is_severe, reaction_is_severe

__all__ = [
    "LIMITS",
    "WEIGHT_CODES",
    "Abnormality",
    "Bounds",
    "abnormal",
    "choose_range",
    "entry_error",
    "is_severe",
    "manifestation_is_severe",
    "never_wrong",
    "observation_error",
    "pressure_error",
    "range_side",
    "range_words",
    "reaction_is_severe",
    "runs_backwards",
    "unit_error",
    "weight_jump",
]
