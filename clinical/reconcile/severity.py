"""Which entry of an item leads: the one that it would be most dangerous to overlook (lowest number first)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from clinical.judgement import is_severe
from clinical.records import Allergy, Medication, Problem, Record

_GONE = frozenset({"inactive", "resolved"})
_ACTIVE_PROBLEM = frozenset({"active", "recurrence", "relapse", ""})
_ACTIVE_MEDICATION = {"active": 0, "": 1, "unknown": 1, "on-hold": 2}


def allergy_status(record: Allergy) -> str:
    """ "refuted", "inactive" or "active"; a missing status counts as active (rule 6)."""
    if record.verification == "refuted":
        return "refuted"
    return "inactive" if record.clinical in _GONE else "active"


def _allergy(record: Allergy) -> tuple[int, ...]:
    status = {"active": 0, "inactive": 1, "refuted": 2}[allergy_status(record)]
    if is_severe(record):
        grade = 0
    else:
        grade = {"": 1, "unable-to-assess": 1, "low": 2}.get(record.criticality, 1)
    return (status, 0 if not record.negation else 1, grade)


def problem_is_active(record: Problem) -> bool:
    """Active, recurrence, relapse, or not stated (then active for safety), and not refuted."""
    return record.clinical in _ACTIVE_PROBLEM and record.verification != "refuted"


def _problem(record: Problem) -> tuple[int, ...]:
    if problem_is_active(record):
        return (0,)
    return (1 if record.clinical == "remission" else 2,)


def medication_is_current(record: Medication) -> bool:
    """On the list: active, on hold or status unknown (rule 10). Whether the course has ended is another question."""
    return record.status in _ACTIVE_MEDICATION and not record.avoid


def _medication(record: Medication) -> tuple[int, ...]:
    return (_ACTIVE_MEDICATION.get(record.status, 3), 1 if record.reported else 0)


_ORDER: dict[str, Callable[[Any], tuple[int, ...]]] = {
    "allergy": _allergy,
    "problem": _problem,
    "medication": _medication,
}


def worst_first(kind: str, record: Record) -> tuple[int, ...]:
    """Sort key of a record inside its item; () for kinds in which the newest simply leads."""
    order = _ORDER.get(kind)
    return order(record) if order is not None else ()
