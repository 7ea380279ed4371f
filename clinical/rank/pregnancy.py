"""Whether a pregnancy is on record now. Asked by packs and by the safety floor; never guessed from age or sex."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from clinical import codes
from clinical.dates import parse_time
from clinical.rank.entries import active_problem, has_icd
from clinical.records import FhirTime, Observation, Problem, Section
from clinical.records import Item as Entry

if TYPE_CHECKING:
    from clinical.rank.patient import Patient

_MONTH = timedelta(days=30.4375)
_AFTER_TERM = timedelta(days=28)
_STATUS = "82810-3"
_DUE_DATES = frozenset(("11778-8", "11781-2"))  # LOINC: as agreed, and by ultrasound
_NO = ("not pregnant", "negative", "no ", "not detected", "unlikely", "possible", "unknown")
_YES = ("pregnant", "positive", "detected", "yes", "reactive")


def pregnant(patient: Patient) -> bool | None:
    """True when something says so and is not older than the window of the floor; None when not all was retrieved."""
    if pregnancy_problems(patient) or pregnancy_results(patient):
        return True
    return False if patient.whole((Section.PROBLEMS, Section.LABS)) else None


def pregnancy_problems(patient: Patient) -> list[Entry]:
    """Active problems of a pregnancy that began, or were recorded, within the window (or carry no date)."""
    rule = patient.library.floor.rules["pregnancy"]
    since = patient.as_of - _MONTH * (rule.window_months or 10)
    return [
        entry
        for entry in patient.chart.problems
        if active_problem(entry)
        and (has_icd(entry, rule.icd) or "cond.preg" in patient.matches.get(entry.key, ()))
        and _recent(entry, since)
    ]


def _recent(entry: Entry, since: datetime) -> bool:
    times = [
        record.onset or record.recorded for record in entry.members if isinstance(record, Problem)
    ]
    return any(time is None or time.start >= since for time in times)


def pregnancy_results(patient: Patient) -> list[str]:
    """Keys of results that say so: a positive test, the status, an expected date of delivery that is still to come."""
    rule = patient.library.floor.rules["pregnancy"]
    since = patient.as_of - _MONTH * (rule.window_months or 10)
    wanted = set(rule.loinc)
    found = []
    for row in patient.chart.series:
        sent = {code for system, code in row.codes if system == codes.LOINC}
        latest = row.latest.record
        if not sent & wanted or (latest.taken is not None and latest.taken.start < since):
            continue
        if _says_so(latest, sent, patient.as_of):
            found.append(row.key)
    return found


def _says_so(latest: Observation, sent: set[str], as_of: datetime) -> bool:
    if _DUE_DATES & sent:
        due = _due_date(latest)
        return due is None or as_of <= due + _AFTER_TERM
    words = _words(latest)
    if any(word in f"{words} " for word in _NO):
        return False
    if any(word in words for word in _YES) or {"POS", "DET", "RR", "H", "HH", "A"} & set(
        latest.interpretation
    ):
        return True
    return latest.value.boolean is True or _STATUS in sent


def _words(latest: Observation) -> str:
    value = latest.value
    said = value.concept.text if value.concept is not None else value.string or ""
    return said.lower()


def _due_date(latest: Observation) -> datetime | None:
    """The expected date of delivery: a dateTime comes as text."""
    text = latest.value.other or latest.value.string or ""
    time: FhirTime | None = parse_time(text) if text else None
    return time.start if time is not None else None
