"""Medicines: what is on the list, with the dose as written, and what happened to each since the patient was last seen.

The list is what is prescribed or reported, not what is taken (rule 15).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Literal

from clinical.judgement import dose as doses
from clinical.records import Conflict, FhirTime, Frozen, Item, Medication
from clinical.summary import fmt, names
from clinical.summary.desk import Desk, item_tokens
from clinical.summary.rows import reasons
from clinical.summary.view_model import ListRow, Part

_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_EVERY = re.compile(r"\bevery \d|\bq\d")
CURRENT = frozenset({"active", "on-hold", "unknown", ""})
_ON_HOLD, _NOT_STATED = "on hold", "status not stated"
_STANDING = {"on-hold": _ON_HOLD, "unknown": _NOT_STATED, "": _NOT_STATED}
_ENDED = {"completed": "Completed", "cancelled": "Cancelled", "not-taken": "Not taken"}
Happened = Literal["", "new", "changed", "stopped"]


class Course(Frozen, frozen=True):
    """One medicine over time. lead: what is taken now, or was last. before: the dose it replaced.

    since: when the present dose began, or when it ended if stopped.
    """

    item: Item
    lead: Medication
    happened: Happened = ""
    before: Medication | None = None
    since: FhirTime | None = None
    current: bool = True


def members(item: Item) -> list[Medication]:
    """The entries of a medicine, narrowed for the type checker."""
    return [record for record in item.members if isinstance(record, Medication)]


def began(record: Medication) -> FhirTime | None:
    """When this prescription began: its start, else when it was written."""
    return record.starts or record.authored


def course(desk: Desk, item: Item) -> Course:
    """What is known about one medicine: current or not, and what changed since the patient was last seen."""
    records = members(item)
    current = [r for r in records if _is_current(r)]
    past = sorted((r for r in records if not _is_current(r)), key=_moment, reverse=True)
    if not current:
        ended = past[0] if past else records[0]
        stop = ended.ends
        stopped: Happened = "stopped" if desk.since_visit(stop) else ""
        return Course(
            item=item, lead=ended, happened=stopped, since=stop or began(ended), current=False
        )
    lead = item.lead if isinstance(item.lead, Medication) else current[0]
    start = began(lead)
    if not desk.since_visit(start):
        return Course(item=item, lead=lead, since=start)
    before = next((r for r in past if _moment(r) <= _moment(lead)), None)
    if before is None:
        return Course(item=item, lead=lead, happened="new", since=start)
    happened: Happened = "changed" if dose(before) != dose(lead) else ""
    return Course(item=item, lead=lead, happened=happened, before=before, since=start)


def _is_current(record: Medication) -> bool:
    return record.status in CURRENT and not record.avoid


def _moment(record: Medication) -> datetime:
    time = began(record)
    return time.start if time is not None else datetime.min.replace(tzinfo=UTC)


def product_and_dose(record: Medication) -> tuple[str, str]:
    """The name as sent and the dose as told; "" for a dose that is not written or that the name already says."""
    name = names.product(record.concept.text) or "medicine not named"
    told = doses.told(record).strip()
    return name, "" if told.lower() in name.lower() else told


def text(record: Medication) -> str:
    """Product and dose in one run of words."""
    return ", ".join(part for part in product_and_dose(record) if part)


def dose(record: Medication) -> str:
    """What a change of dose is judged by."""
    return text(record).lower()


def direction(before: Medication, now: Medication) -> str:
    """ "raised" or "lowered" when the same words hold only higher or only lower numbers; else "changed".

    "every 8 hours" is a number that goes the other way, so it is left at "changed".
    """
    first, then = text(before).lower(), text(now).lower()
    same = _NUMBER.sub("#", first) == _NUMBER.sub("#", then)
    if not same or _EVERY.search(then):
        return "changed"
    pairs = list(zip(_numbers(first), _numbers(then), strict=True))
    if all(old <= new for old, new in pairs) and any(old < new for old, new in pairs):
        return "raised"
    lowered = all(old >= new for old, new in pairs) and any(old > new for old, new in pairs)
    return "lowered" if lowered else "changed"


def was(before: Medication, now: Medication) -> str:
    """The earlier dose without what is the same now: the dose of the same product, or the product of the same dose."""
    (product, dosed), (present, dosed_now) = product_and_dose(before), product_and_dose(now)
    if product == present and dosed:
        return dosed
    if _NUMBER.sub("#", dosed) == _NUMBER.sub("#", dosed_now):
        return product
    return text(before)


def _numbers(words: str) -> list[Decimal]:
    return [Decimal(found) for found in _NUMBER.findall(words)]


def row(desk: Desk, found: Course) -> ListRow:
    """One medicine as a row."""
    item, lead = found.item, found.lead
    entry = desk.ranked.get(item.key)
    label = text(lead)
    parts = (Part(text=label),) if found.current else (_not_taken(lead, label), *_past(desk, found))
    return ListRow(
        key=item.key,
        parts=parts,
        when=_when(desk, found),
        lines=tuple(_lines(desk, found)),
        sources=item_tokens(item),
        score=entry.score if entry is not None else None,
        reasons=reasons(entry),
        differs=differs(desk, item),
    )


def _not_taken(record: Medication, label: str) -> Part:
    """A medicine that ended, or an order not to give one, in force or not (rule 12)."""
    if not record.avoid:
        return Part(text=f"{ended_as(record)}: {label}", muted=True)
    if record.status in CURRENT:
        return Part(text=f"DO NOT GIVE: {label}", strong=True)
    return Part(text=f"No longer in force: do not give {label}", muted=True)


def counted(courses: Iterable[Course], active: str = "active") -> str:
    """ "6 active, 1 on hold, 1 status not stated": of current ones, each as its row says; "" for none.

    active: the word for those whose status is active.
    """
    found = Counter(_STANDING.get(one.lead.status, active) for one in courses)
    words = ((found[word], word) for word in (active, _ON_HOLD, _NOT_STATED))
    return ", ".join(f"{count} {word}" for count, word in words if count)


def ended_as(record: Medication) -> str:
    """What became of it, by its status: a course that was completed, or never begun, was not stopped."""
    return _ENDED.get(record.status, "Stopped")


def _when(desk: Desk, found: Course) -> str:
    moment = desk.when_short(found.since)
    if found.happened == "new":
        return f"new {moment}"
    if found.happened == "changed" and found.before is not None:
        return f"changed {moment}"
    return moment


def _lines(desk: Desk, found: Course) -> Iterable[str]:
    lead = found.lead
    if found.before is not None and found.happened == "changed":
        yield f"was {was(found.before, lead)}"
    also = [text(r) for r in members(found.item) if _stands_beside(r, lead)]
    for other in dict.fromkeys(also):
        yield f"also {other}"
    notes = [label for on, label in _labels(desk, found) if on]
    if notes:
        yield " · ".join(notes)


def _past(desk: Desk, found: Course) -> tuple[Part, ...]:
    """When it was begun, the newest first, where that was more than once; and why it was stopped last."""
    if found.lead.avoid:
        return ()
    starts = [time for record in members(found.item) if (time := began(record)) is not None]
    starts.sort(key=lambda time: time.start, reverse=True)
    begun = {fmt.date_of(time, desk.zone): desk.when_short(time) for time in starts}
    days = list(dict.fromkeys(begun.values()))  # several of one year or month are said once
    if len(begun) > 1:
        # Renewals or courses: nobody says which.
        told = f"; on {len(begun)} days: {', '.join(days)}"
    else:
        told = f"; since {days[0]}" if days else ""
    return (Part(text=f"{told}{_why(found.lead)}", muted=True),)


def _why(record: Medication) -> str:
    """Why it was stopped, as the source says it; a course that was completed needs no reason."""
    if record.status_reason:
        return f"; why: {record.status_reason}"
    return "" if record.status == "completed" else "; why: not recorded"


def _stands_beside(record: Medication, lead: Medication) -> bool:
    """Another current entry of the same source with another dose: each dose text is shown, none is picked."""
    here = record.source.server == lead.source.server and record is not lead
    return (
        here and record.status in CURRENT and lead.status in CURRENT and text(record) != text(lead)
    )


def _labels(desk: Desk, found: Course) -> list[tuple[bool, str]]:
    lead = found.lead
    ended = lead.ends is not None and lead.ends.end is not None and lead.ends.end < desk.as_of
    return [
        (lead.status == "on-hold", _ON_HOLD),
        (found.current and lead.status in ("", "unknown"), _NOT_STATED),
        (lead.reported, "reported"),
        (not lead.resolved, "drug not resolved"),
        (lead.dose_composed, "dose put together from its parts"),
        (found.current and ended, "active in record, course likely ended"),
    ]


def of_an_ended_stay(desk: Desk, found: Course) -> bool:
    """Current on paper, but every entry is an order of an in-patient stay that is over (rule 14)."""
    records = [r for r in members(found.item) if r.status in CURRENT]
    return bool(records) and all(
        r.category == "inpatient" and (r.source.server, r.encounter) in desk.ended_stays
        for r in records
    )


def _other_entries(item: Item, conflict: Conflict) -> list[tuple[str, str]]:
    """The sides of a source that disagrees with itself, without what the row itself says."""
    shown = doses.with_product(item.lead) if isinstance(item.lead, Medication) else ""
    return [side for side in conflict.sides if side[1] != shown]


def differs(desk: Desk, item: Item) -> str:
    """What another source says where it could change care; "" when all agree."""
    said = []
    own = item.lead.source.server
    for conflict in item.conflicts:
        verb = " lists " if conflict.what == "dose" else ": "
        others = [side for side in conflict.sides if side[0] != own]
        said += [
            f"{desk.name(server)}{verb}{names.product(words)}"
            for server, words in others or _other_entries(item, conflict)
        ]
    return " · ".join(said)
