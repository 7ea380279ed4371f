"""How dangerous an allergy entry is: one rule for what leads, what conflicts and what is loud (rule 8).

Criticality (what may happen) and severity (what once happened) are read side by side and never turned into each other.
Not yet reviewed by a clinician.
"""

from __future__ import annotations

import re

from clinical.codes import SNOMED
from clinical.records import Allergy, Concept, Reaction

# Manifestations that make a reaction severe whatever else is coded: words that a clinician would stop at …
SEVERE_WORDS = re.compile(
    r"anaphyla|angio-?o?edema|stevens[- ]johnson|toxic epidermal|\bshock\b|bronchospasm|\bdress\b(?! *ing)|"
    r"laryngeal (?:o?edema|spasm)|cardiac arrest|respiratory arrest|airway obstruction"
)
# … and codes of the freely shared SNOMED CT sets: anaphylaxis, angioedema, Stevens-Johnson syndrome, toxic epidermal
# necrolysis, drug reaction with eosinophilia and systemic symptoms.
SEVERE_CODES = frozenset({"39579001", "41291007", "73442001", "768962006", "609328004"})


def is_severe(record: Allergy) -> bool:
    """High criticality, a reaction graded severe, or anaphylaxis and its like in words or codes."""
    return record.criticality == "high" or any(map(reaction_is_severe, record.reactions))


def reaction_is_severe(reaction: Reaction) -> bool:
    """By its grade, or by what happened when the grade is missing or says less."""
    return (
        reaction.severity == "severe"
        or any(map(manifestation_is_severe, reaction.manifestations))
        or bool(SEVERE_WORDS.search(reaction.text.lower()))
    )


def manifestation_is_severe(manifestation: Concept) -> bool:
    """By its words, or by its SNOMED CT code when the words are in another language."""
    return bool(SEVERE_WORDS.search(manifestation.text.lower())) or any(
        coding.system == SNOMED and coding.code in SEVERE_CODES for coding in manifestation.codings
    )
