"""What the authored patients answer to point-of-care questions: which entries a screen has to show for each.

Ids of the questions are those of the project's question benchmark. The answers are found in the resources
themselves (newest of that code, all of that kind), so that they stay right when a patient changes. Not yet reviewed
by a clinician.
"""

from __future__ import annotations

from datetime import datetime

from . import answers_clinic, answers_ward
from .lookup import Answer, Fact, Records

__all__ = ["Answer", "Fact", "answers"]


def answers(now: datetime) -> tuple[Answer, ...]:
    """Every question with its patient, and what must be seen; the same for the same now."""
    records = Records(now)
    return (*answers_clinic.answers(records), *answers_ward.answers(records))
