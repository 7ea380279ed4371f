"""The ledger: every entry that was received, by what became of it. It adds up, entry by entry."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime

from clinical.records import (
    Allergy,
    Item,
    Medication,
    Observation,
    Problem,
    Record,
    Section,
    Series,
)
from clinical.summary import sections, spark
from clinical.summary.desk import Desk
from clinical.summary.view_model import LedgerLine

SHOWN = "shown"
NOT_FOR_VISIT = "not for this visit"
INACTIVE = "inactive"
OUTSIDE = "outside the window"
WORDS = {
    "unreadable": "unreadable", "entered-in-error": "entered in error", "withdrawn": "withdrawn",
    "refuted": "refuted", "not-this-patient": "not this patient", "not-understood": "needs review in the source",
    "not-clinical": "about privacy or research", "proposal": "only proposed", "duplicate-version": "older version", "other": "not a result of its own",
}  # fmt: skip
_ORDER = (SHOWN, NOT_FOR_VISIT, OUTSIDE, INACTIVE, *WORDS.values())

_SERIES_SECTION = {
    "laboratory": Section.LABS,
    "vital-signs": Section.VITALS,
    "social-history": Section.SOCIAL,
    "survey": Section.SURVEYS,
}
_KINDS = {
    "problem": Section.PROBLEMS, "allergy": Section.ALLERGIES, "medication": Section.MEDICATIONS,
    "administration": Section.ADMINISTRATIONS, "microbiology": Section.LABS, "report": Section.REPORTS, "document": Section.DOCUMENTS,
    "study": Section.IMAGING, "procedure": Section.PROCEDURES, "immunization": Section.IMMUNIZATIONS,
    "encounter": Section.ENCOUNTERS, "appointment": Section.APPOINTMENTS, "order": Section.ORDERS,
    "care_plan": Section.CARE_PLANS, "goal": Section.CARE_PLANS, "device": Section.DEVICES, "flag": Section.FLAGS,
    "consent": Section.CONSENTS,
    "family_history": Section.FAMILY,
}  # fmt: skip

Count = Counter[tuple[Section, str]]
Read = Counter[tuple[str, Section]]
_UNREAD = frozenset({"unreadable", "not-understood"})


def build(desk: Desk, window: spark.Window) -> tuple[tuple[LedgerLine, ...], Read]:
    """One line per section and outcome, counted per source entry; `abnormal` of them by their own flag.

    And how many entries of each (source, section) were read: those that the lines count, each of them once.
    """
    total: Count = Counter()
    abnormal: Count = Counter()
    read: Read = Counter()
    for patient in desk.chart.patients:
        total[Section.PATIENT, SHOWN] += 1 if patient else 0
        read[patient.source.server, Section.PATIENT] += 1
    for row in desk.chart.series:
        # By the words of the category: a section is slow to look up, and there are thousands of entries.
        for (server, category, reason, flagged), number in _outcomes(desk, row, window.start):
            section = _SERIES_SECTION.get(category, Section.LABS)
            total[section, reason] += number
            abnormal[section, reason] += number * flagged
            read[server, section] += number
    for item in desk.items.values():
        section = _KINDS[item.kind]
        for record in item.members:
            total[section, _outcome(desk, item, record)] += 1
            read[record.source.server, section] += 1
    for entry in desk.chart.not_shown:
        total[entry.section, WORDS.get(entry.reason, entry.reason)] += 1
        read[entry.source.server, entry.section] += entry.reason not in _UNREAD
    return tuple(_lines(total, abnormal)), read


def _outcomes(
    desk: Desk, row: Series, start: datetime
) -> Iterable[tuple[tuple[str, str, str, bool], int]]:
    """(source, category, outcome, whether abnormal) of the entries of a series, and how many of each."""
    latest, level = row.latest.record, desk.judge.level
    if row.key not in desk.taken:
        told = [
            (r.source.server, r.category, NOT_FOR_VISIT, level(r) != "") for r in entries_of(row)
        ]
    else:
        told = [
            (
                r.source.server,
                r.category,
                OUTSIDE
                if r.taken is not None and r.taken.start < start and r is not latest
                else SHOWN,
                level(r) != "",
            )
            for r in entries_of(row)
        ]
    return Counter(told).items()


def entries_of(row: Series) -> list[Observation]:
    """Every entry of a series, twins and halves included."""
    points = (*row.points, *row.undated)
    return [record for point in points for record in (point.record, *point.also)]


def _outcome(desk: Desk, item: Item, record: Record) -> str:
    if item.key in desk.taken:
        return SHOWN
    if isinstance(record, Problem | Medication | Allergy) and _is_inactive(record):
        return INACTIVE
    return NOT_FOR_VISIT


def _is_inactive(record: Problem | Medication | Allergy) -> bool:
    if isinstance(record, Problem):
        return record.clinical in ("inactive", "resolved", "remission")
    if isinstance(record, Allergy):
        return record.clinical in ("inactive", "resolved") or record.verification == "refuted"
    return record.status not in ("active", "on-hold", "unknown", "")


def _lines(total: Count, abnormal: Count) -> Iterable[LedgerLine]:
    places = {section: place for place, section in enumerate(Section)}
    order = {reason: place for place, reason in enumerate(_ORDER)}
    for (section, reason), count in sorted(
        total.items(),
        key=lambda entry: (places[entry[0][0]], order.get(entry[0][1], 99), entry[0][1]),
    ):
        name = sections.NAMES[section]
        yield LedgerLine(
            section=name, reason=reason, count=count, abnormal=abnormal[section, reason]
        )
