"""When something should be done again: never recorded, not known, due, overdue. Dates of the patient, rules of the pack."""

from __future__ import annotations

from datetime import datetime, timedelta

from clinical.dates import full_months
from clinical.rank.asking import asked_for_ever, window_words
from clinical.rank.conditions import holds
from clinical.rank.library import Item, Terms
from clinical.rank.patient import Patient
from clinical.records import Due

_MONTH = 30.4375
GRACE = timedelta(days=14)  # a yearly test after 12 months and a week is not overdue
SOON = timedelta(days=30)


def interval(terms: Terms, patient: Patient) -> tuple[float | None, str]:
    """Months until it should be done again (None: no fixed interval), and the condition that said so."""
    for every in terms.intervals:
        if holds(every.when, patient):
            return every.months, every.words
    return terms.interval, ""


def due(item: Item, terms: Terms, patient: Patient) -> Due:
    """How an item that is on record stands. Without a date, or with a source missing, that is not known."""
    months, _ = interval(terms, patient)
    if months is None or not item.alerts or patient.dead:
        return Due()
    last = patient.last(item.id)
    if last is None:
        return Due(state="unknown", words="when it was done last is not known")
    since = last.start + timedelta(days=months * _MONTH)
    if patient.as_of < since - SOON:
        return Due()
    if patient.as_of <= since + GRACE:
        return Due(state="due", since=since, words="due" if patient.as_of >= since else "due soon")
    if not patient.whole(item.sections):
        return Due(
            state="unknown",
            since=since,
            words=f"{_late(since, patient.as_of)} by what was retrieved",
        )
    return Due(state="overdue", since=since, words=_late(since, patient.as_of))


def never(item: Item, terms: Terms, patient: Patient) -> Due:
    """How a listed item stands of which nothing is on the chart."""
    if not patient.whole(item.sections):
        return Due(state="unknown", words="not retrieved")
    if not asked_for_ever(item, patient.library):
        return Due(state="unknown", words="older ones were not asked for")
    months, _ = interval(terms, patient)
    wanted = months is not None and item.alerts and not patient.dead
    said = "; ".join(part for part in ("never recorded", window_words(item)) if part)
    return Due(state="never", words=said if wanted else "")


def _late(since: datetime, now: datetime) -> str:
    months = full_months(since.date(), now.date())
    if months >= 24:
        return f"overdue {months // 12} years"
    if months >= 1:
        return f"overdue {months} month{'s' if months > 1 else ''}"
    days = (now - since).days
    return f"overdue {days} day{'s' if days != 1 else ''}"
