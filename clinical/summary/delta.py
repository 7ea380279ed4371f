"""What happened to a value since the patient was last seen: the column between value and trend."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from clinical.records import Observation, Quantity, Series
from clinical.summary import fmt, level, together
from clinical.summary.desk import Desk
from clinical.summary.level import Judge
from clinical.summary.spark import value_in


def since(desk: Desk, row: Series) -> str:
    """ "+1.1", "×2.1", "none new", "first", "other method" or "" (text results: "was …" when they differ)."""
    before = compared_with(desk, row)
    latest = row.latest.record
    if latest.status == "registered":
        return ""
    if before is None:
        if desk.last_seen is not None and not desk.is_new(latest.taken):
            return "none new"
        if row.breaks and row.breaks[-1].after == len(row.points) - 2:
            return f"other {row.breaks[-1].why}"
        return "first" if len(row.points) + len(row.undated) == 1 else ""
    if desk.last_seen is not None and not desk.is_new(latest.taken):
        return "none new"
    return words(desk.judge, before, latest)


def compared_with(desk: Desk, row: Series) -> Observation | None:
    """The point the latest one is compared with: the last one before the patient was last seen, else the one before."""
    if desk.judge.doubt(row.latest.record) or level.jump(row):
        return None
    before = None
    for record in _comparable(desk, row):
        if desk.last_seen is None or not desk.is_new(record.taken):
            return record
        before = before or record
    return before


def _comparable(desk: Desk, row: Series) -> Iterator[Observation]:
    """Usable entries that share a line with the latest one, newest first, without those of its own moment: after the
    last break, and none that cannot be right."""
    usable = ("final", "amended", "corrected")
    first = row.breaks[-1].after + 1 if row.breaks else 0
    for index in range(len(row.points) - 2, first - 1, -1):
        record = row.points[index].record
        if together.of_one_moment(record, row.latest.record):
            continue
        if record.status in usable and not desk.judge.doubt(record):
            yield record


def words(judge: Judge, before: Observation, after: Observation) -> str:
    """The change in words; "" when the two cannot be compared."""
    if before.components or after.components:
        return _pair(before, after)
    one, two = before.value.quantity, judge.read_as(after)
    if one is None or two is None:
        return ""
    codes = [c.code for r in (before, after) for c in r.concept.codings]
    return _quantities(one, two, codes)


def _quantities(one: Quantity, two: Quantity, codes: Sequence[str] = ()) -> str:
    if one.value is None or two.value is None or one.comparator or two.comparator:
        return ""  # a bound is no number to count with (rule 22)
    before = value_in(one, two, codes)
    if before is None:
        return ""
    if before > 0 and two.value >= 2 * before:
        return f"×{(two.value / before).quantize(Decimal('0.1'))}"
    return fmt.signed(two.value - before)


def _pair(before: Observation, after: Observation) -> str:
    changes = []
    for code in ("8480-6", "8462-4"):
        one, two = _part(before, code), _part(after, code)
        if one is None or two is None:
            return ""
        changes.append(_quantities(one, two))
    return "/".join(changes) if all(changes) else ""


def _part(record: Observation, code: str) -> Quantity | None:
    for part in record.components:
        if any(coding.code == code for coding in part.concept.codings):
            return part.value.quantity
    return None
