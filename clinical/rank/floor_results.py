"""The part of the safety floor that is about results: critical, new and abnormal, pending."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from clinical.rank.entries import moment, numeric
from clinical.rank.library import Limits
from clinical.rank.marks import Mark, Open
from clinical.rank.patient import Patient
from clinical.rank.results import Judge, beyond_limits, toward_limits
from clinical.records import FhirTime, Observation, Order, Report, Series, Study
from clinical.records import Item as Entry

Made = Iterator[tuple[str, Mark]]
_WAITING = frozenset({"registered", "preliminary", "partial"})
_CHANGED = frozenset({"amended", "corrected", "appended"})
_LATER = timedelta(days=3)
_NOT_A_TEST = (
    "referral",
    "education",
    "counsel",
    "therapy",
    "diet",
    "nursing",
    "activity",
    "code status",
    "consult",
)
_TROPONIN = "lab.troponin"
_DAY = timedelta(days=1)
# Points among new abnormal results; together less than the step to a critical one. Not yet reviewed by a clinician.
_TODAY = 400.0  # more than being on the list gives: the list says what is asked for, the day what is urgent
_NEAR = 90


def abnormal_marks(patient: Patient, opened: Open) -> Made:
    """Critical results that are open, abnormal ones since the last visit, reports changed since then."""
    limits = _limits_by_item(patient.library.floor.limits)
    for row in patient.chart.series:
        own = [limit for name in patient.matches.get(row.key, ()) for limit in limits.get(name, ())]
        critical = _critical(row, own, opened)
        if critical is not None:
            yield row.key, critical
        latest = row.latest.record
        if _is_new(latest, opened.new_since) and opened.judge.of(latest).level:
            yield row.key, _new_abnormal(latest, own, opened.judge, patient.as_of)
            if _TROPONIN in patient.matches.get(row.key, ()) and _after(latest.taken, opened.since):
                words = "new troponin above its limit"
                yield row.key, Mark("critical_values", words, source=latest.source.token)
        misdated = _misdated(row, own, opened.judge)
        if misdated is not None:
            yield row.key, misdated
    for entry in patient.chart.cultures:
        yield from _culture(entry, opened)
    for entry in patient.chart.reports:
        changed = any(isinstance(one, Report) and one.status in _CHANGED for one in entry.members)
        if changed and any(_issued_after(one, opened.new_since) for one in entry.members):
            yield entry.key, Mark("new_abnormal", "corrected since the last visit")


def _culture(entry: Entry, opened: Open) -> Made:
    """A culture with a critical flag in the open time, or with an organism since the last visit."""
    own = [one for one in entry.members if isinstance(one, Observation)]
    for one in own:
        if _after(one.taken, opened.since) and opened.judge.of(one).level == "crit":
            yield entry.key, Mark("critical_values", "critical by the laboratory's own flag")
            break
    grew = len(own) > 1 or any(opened.judge.of(one).level for one in own)
    if grew and any(_is_new(one, opened.new_since) for one in own):
        yield entry.key, Mark("new_abnormal", "culture with an organism, new since the last visit")


def _limits_by_item(limits: Sequence[Limits]) -> Mapping[str, list[Limits]]:
    found: dict[str, list[Limits]] = {}
    for one in limits:
        found.setdefault(one.item, []).append(one)
    return found


def _new_abnormal(
    latest: Observation, limits: Sequence[Limits], judge: Judge, as_of: datetime
) -> Mark:
    """The nearer to its critical limit, and of the last day, the more urgent among the new abnormal ones."""
    words, more = "abnormal and new since the last visit", 0.0
    if latest.taken is not None and as_of - _DAY <= latest.taken.start <= as_of + _DAY:
        words, more = f"{words}, of the last 24 hours", _TODAY
    share = toward_limits(latest, limits, judge)
    if share >= Decimal("0.1"):
        words = f"{words}, {share * 100:.0f} % of the way from its range to the critical limit"
        more += float(round(share * _NEAR, 2))
    return Mark("new_abnormal", words, more=more, source=latest.source.token)


def _critical(row: Series, limits: Sequence[Limits], opened: Open) -> Mark | None:
    """Why a row is critical now: its newest number in the open time, and whatever came after that is no number.

    A value without a time may be of today. A pending or cancelled entry after a critical one does not clear it. A value
    whose time cannot be right is listed with its row and leads nothing.
    """
    for point in reversed(row.points):
        record = point.record
        if record.taken is not None and not _after(record.taken, opened.since):
            continue
        words = _says_critical(record, limits, opened.judge)
        if words:
            return Mark("critical_values", words, source=record.source.token)
        if numeric(record) is not None and record.status != "preliminary":
            break
    for point in row.undated:
        record = point.record
        words = _says_critical(record, limits, opened.judge) if record.taken is None else ""
        if words:
            said = f"{words}, time unknown"
            return Mark("critical_values", said, source=record.source.token)
    return None


def _misdated(row: Series, limits: Sequence[Limits], judge: Judge) -> Mark | None:
    """A critical value whose date cannot be right: it may be of today, and it is not called critical now."""
    for point in row.undated:
        record = point.record
        words = _says_critical(record, limits, judge) if record.taken is not None else ""
        if words:
            said = f"{words}, but its date cannot be right"
            return Mark("new_abnormal", said, source=record.source.token)
    return None


def _says_critical(record: Observation, limits: Sequence[Limits], judge: Judge) -> str:
    if judge.of(record).level == "crit":
        return "critical by the laboratory's own flag"
    beyond = beyond_limits(record, limits)
    return f"critical: {beyond}" if beyond else ""


def _after(time: FhirTime | None, since: datetime) -> bool:
    """An entry without a time, or with a date only, counts while any of it can lie in the open time."""
    return time is None or (time.end or time.start) > since


def _is_new(record: Observation, since: datetime) -> bool:
    return _after(record.issued or record.taken, since)


def _issued_after(record: object, since: datetime) -> bool:
    time = getattr(record, "issued", None) or getattr(record, "taken", None)
    return time is not None and _after(time, since)


def pending_marks(patient: Patient, _: Open) -> Made:
    """Results and reports that are registered or preliminary, and orders that nothing answers yet."""
    floor = patient.library.floor
    oldest = patient.as_of - timedelta(days=floor.pending_days)
    for row in patient.chart.series:
        latest = row.latest.record
        if latest.status in ("registered", "preliminary") and _after(latest.taken, oldest):
            yield row.key, Mark("pending", f"{latest.status}: not final yet")
    for entry in patient.chart.cultures:
        waits = getattr(entry.lead, "status", "") in ("registered", "preliminary")
        if waits and _after(moment(entry), oldest):
            yield entry.key, Mark("pending", "culture not final yet")
    for entry in patient.chart.reports:
        states = {one.status for one in entry.members if isinstance(one, Report)}
        if states and states <= _WAITING and _after(moment(entry), oldest):
            yield entry.key, Mark("pending", "report not final yet")
    since = patient.as_of - timedelta(days=floor.order_days)
    waiting = [entry for entry in patient.chart.orders if _waits(entry, since, patient.as_of)]
    answered = _answered(patient) if waiting else {}
    for entry in waiting:
        if not _is_answered(entry, answered):
            yield entry.key, Mark("pending", "ordered, no result yet")


def _waits(entry: Entry, since: datetime, now: datetime) -> bool:
    for record in entry.members:
        if not isinstance(record, Order) or record.status != "active" or record.avoid:
            return False
        if record.intent not in (
            "order",
            "original-order",
            "instance-order",
            "reflex-order",
            "filler-order",
            "",
        ):
            return False
        text = f"{record.category} {record.concept.text}".lower()
        if any(word in text for word in _NOT_A_TEST):
            return False
        time = record.occurrence or record.authored
        if time is not None and (time.start < since or time.start > now + timedelta(days=1)):
            return False
    return True


def _answered(patient: Patient) -> dict[tuple[str, str], datetime | None]:
    """What results refer to: (server, order reference), and (server, code) with the newest time."""
    found: dict[tuple[str, str], datetime | None] = {}
    for record in _finished(patient):
        server = record.source.server
        for reference in record.based_on:
            found[server, reference] = None
        time = record.started if isinstance(record, Study) else record.taken
        for coding in record.concept.codings if time is not None else ():
            at, known = time.start if time is not None else None, found.get((server, coding.code))
            found[server, coding.code] = (
                max(known, at) if known is not None and at is not None else at
            )
    return found


def _finished(patient: Patient) -> Iterator[Observation | Report | Study]:
    over = ("registered", "cancelled", "entered-in-error")
    for row in patient.chart.series:
        for point in row.points:
            if point.record.status not in over:
                yield point.record
    for entry in (*patient.chart.cultures, *patient.chart.reports, *patient.chart.studies):
        for record in entry.members:
            if isinstance(record, (Observation, Report, Study)) and record.status not in over:
                yield record


def _is_answered(entry: Entry, answered: Mapping[tuple[str, str], datetime | None]) -> bool:
    for record in entry.members:
        if not isinstance(record, Order):
            continue
        server = record.source.server
        if (server, record.source.reference) in answered:
            return True
        since = _answer_from(record)
        if since is None:
            continue
        for coding in record.concept.codings:
            at = answered.get((server, coding.code))
            if at is not None and at >= since:
                return True
    return False


def _answer_from(record: Order) -> datetime | None:
    """When a result counts as its answer: from the order on; where it is wanted days later, from half-way there, so that
    the value that led to a repeat is not taken for the repeat. None without a time of the order."""
    if record.authored is None:
        return None
    since, wanted = record.authored.start, record.occurrence
    if wanted is None or wanted.start - since < _LATER:
        return since
    return since + (wanted.start - since) / 2
