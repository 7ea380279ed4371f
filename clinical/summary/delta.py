"""What happened to a value since the patient was last seen: the column between value and trend."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from clinical.records import Observation, Point, Quantity, Series
from clinical.summary import fmt
from clinical.summary.desk import Desk
from clinical.summary.spark import value_in


def since(desk: Desk, row: Series) -> str:
    """ "+1.1", "×2.1", "none new", "first" or "" (text results: "was …" when they differ)."""
    before = compared_with(desk, row)
    latest = row.latest.record
    if latest.status == "registered":
        return ""
    if before is None:
        if desk.last_seen is not None and not desk.is_new(latest.taken):
            return "none new"
        return "first" if len(row.points) + len(row.undated) == 1 else ""
    if desk.last_seen is not None and not desk.is_new(latest.taken):
        return "none new"
    return words(before, latest)


def compared_with(desk: Desk, row: Series) -> Observation | None:
    """The point the latest one is compared with: the last one before the patient was last seen, else the one before."""
    earlier = _comparable(row.points)
    if len(earlier) < 2:
        return None
    if desk.last_seen is not None:
        for point in reversed(earlier[:-1]):
            if not desk.is_new(point.record.taken):
                return point.record
    return earlier[-2].record


def _comparable(points: Sequence[Point]) -> list[Point]:
    usable = ("final", "amended", "corrected")
    return [p for i, p in enumerate(points) if p.record.status in usable or i == len(points) - 1]


def words(before: Observation, after: Observation) -> str:
    """The change in words; "" when the two cannot be compared."""
    if before.components or after.components:
        return _pair(before, after)
    one, two = before.value.quantity, after.value.quantity
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
