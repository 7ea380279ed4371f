"""The places where the line of a series may not go on: another unit, method or specimen (rules 31-35)."""

from __future__ import annotations

from collections.abc import Sequence

from clinical import units
from clinical.reconcile.analytes import FAMILY_OF, LOINC
from clinical.reconcile.points import unit_key
from clinical.records import Break, Observation, Point


def _line(record: Observation, by_code: bool) -> tuple[str, str, str]:
    """(unit, method, specimen) in a form that can be compared; "" where the source does not say.

    by_code: nobody has confirmed that the codes of this row mean the same, so that each code is a method of its own.
    """
    quantity = record.value.quantity
    unit = unit_key(quantity) if quantity is not None else ""
    method = record.method
    if by_code and record.concept.codings:
        method = f"code {record.concept.codings[0].code}"
    elif not method:
        for coding in record.concept.codings:
            if coding.system == LOINC:
                family = FAMILY_OF.get(coding.code)
                method = family[1] if family is not None else ""
                break
    return unit, method, record.specimen


_WHY = ("unit", "method", "specimen")


def find(points: Sequence[Point], *, by_code: bool = False) -> tuple[Break, ...]:
    """Where one of unit, method or specimen (by_code: or code) changes between two points that both state it."""
    found: list[Break] = []
    known: dict[tuple[object, ...], tuple[str, str, str]] = {}
    before, last = None, ("", "", "")
    for index, point in enumerate(points):
        record = point.record
        line = _known_line(known, record, by_code)
        if line is not last and line != last:
            change = _change(last, line, before, record) if before is not None else None
            if change is not None:
                was, now = last[change], line[change]
                found.append(
                    Break(after=index - 1, why=_WHY[change], before_words=was, after_words=now)
                )
            # What the later point does not say is carried on from the earlier ones.
            last = (line[0] or last[0], line[1] or last[1], line[2] or last[2])
        before = record
    return tuple(found)


def _known_line(
    known: dict[tuple[object, ...], tuple[str, str, str]], record: Observation, by_code: bool
) -> tuple[str, str, str]:
    """`_line`, worked out once for the entries that one source sends under one concept and unit."""
    quantity, concept = record.value.quantity, record.concept
    if quantity is None:
        return _line(record, by_code)
    key = (
        id(concept), quantity.code, quantity.unit, quantity.system, record.method, record.specimen
    )  # fmt: skip
    line = known.get(key)
    if line is None:
        line = known[key] = _line(record, by_code)
    return line


def _change(
    before: tuple[str, str, str], after: tuple[str, str, str], one: Observation, other: Observation
) -> int | None:
    """Which of unit, method, specimen changed so that the line stops; a unit that can be converted does not."""
    for place in range(3):
        both = before[place] and after[place]
        if not both or before[place].lower() == after[place].lower():
            continue
        if place or not _convertible(one, other):
            return place
    return None


def _convertible(one: Observation, other: Observation) -> bool:
    first, second = one.value.quantity, other.value.quantity
    if first is None or second is None:
        return False
    codes = {c.code for record in (one, other) for c in record.concept.codings if c.system == LOINC}
    return any(units.comparable(first, second, code) for code in codes or {""})
