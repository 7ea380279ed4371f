"""Which procedures are operations: the surgical history is not a list of cannulas, scans and calls to the family.

By the category that the source gave, or else by the words of the procedure; what is known as neither is a procedure
like others, and is counted as such. Our own list of words, 2026-11. Not yet reviewed by a clinician.
Categories: HL7 FHIR R4, value set procedure-category (SNOMED CT).
"""

from __future__ import annotations

import re

from clinical.codes import SNOMED
from clinical.records import Coding, Concept, Procedure

_SURGICAL = frozenset({"387713003"})
# diagnostic, counselling, education, psychiatry, chiropractic, social service
_OTHER = frozenset(
    {"103693007", "409063005", "409073007", "24642003", "46947000", "410606002"}
)  # fmt: skip
_OPERATION = re.compile(
    r"ectomy\b|otomy\b|ostomy\b|plasty\b|pexy\b|rrhaphy\b|arthrodesis\b|\bsurg(?:ery|eries|ical)\b|\boperations?\b|"
    r"\blaparoscop|\bthoracoscop|\barthroscop|\bc(?:ae|e)sarean\b|\bamputation\b|\bresection\b|\bexcision\b|"
    r"\bbypass\b|\bgraft(?:ing)?\b|\btransplant(?:ation)?\b|\bimplantation\b|\brepair\b|\bligation\b|\bcurettage\b|"
    r"\bcircumcision\b|\binternal fixation\b|\bfusion\b|\bcochlear implant\b|\binsertion of (?:cardiac )?(?:pacemaker|prosthesis)\b|"
    r"\b(?:hip|knee|shoulder|joint|valve) replacement\b|\breplacement of (?:\w+ )*?(?:hip|knee|shoulder|joint|valve)\b|"
    r"\bcataract extraction\b|\btooth extraction\b|\bextraction of (?:\w+ )*?(?:tooth|teeth|cataract|lens)\b"
)
_ABOUT_ONE = re.compile(
    r"\bphlebotomy\b|\bbiops|\bdiagnostic\b|\bcare\b|\bconsult|\bevaluation\b|\bassessment\b|\bclearance\b|\beducation\b|"
    r"\bcounsel|\breferral\b|\bfollow[- ]?up\b|\bplanning\b|\bscreening\b|\bscheduled?\b|\bdressing\b|\btherapy\b|"
    r"\birrigation\b|\bfeeding\b|\bchecklist\b|\bconsent\b"
)


def is_operation(record: Procedure) -> bool:
    """Whether this is known to be an operation; one that was not done is no operation either."""
    if record.status == "not-done":
        return False
    codes = {one.code for one in _codings(record.category) if one.system == SNOMED}
    if codes & _SURGICAL:
        return True
    if codes & _OTHER:
        return False
    texts = [record.concept.text, *(one.display or "" for one in record.concept.codings)]
    return any(_is_called_one(text.lower()) for text in texts)


def _codings(category: Concept | None) -> tuple[Coding, ...]:
    return category.codings if category is not None else ()


def _is_called_one(text: str) -> bool:
    return bool(_OPERATION.search(text)) and not _ABOUT_ONE.search(text)
