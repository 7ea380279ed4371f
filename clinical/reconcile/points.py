"""Measurements of one series merged into points."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from operator import eq

from clinical import units
from clinical.reconcile.analytes import LOINC
from clinical.records import Conflict, Observation, Point, Quantity, Value

_STATUS_ORDER = {"corrected": 0, "amended": 1, "final": 2}
_EMPTY = Value()
_TIMED = ("minute", "second")
_GRAVE = {"HH": 2, "LL": 2, "AA": 2} | dict.fromkeys(("H", "L", "A", "HU", "LU", "HX", "LX"), 1)
_USABLE_LAST = {"registered": 0, "preliminary": 1}


def has_value(record: Observation) -> bool:
    """Whether a value of any type was sent on the observation itself."""
    return record.value is not _EMPTY and record.value != _EMPTY


def order(record: Observation) -> tuple[str, str]:
    """Stable order of entries that nothing else orders."""
    return record.source.server, record.source.reference


def usable(record: Observation) -> tuple[int, bool, int, str, str]:
    """Order within one moment: what is not final yet first, then what lacks a number, then what nobody flagged, then as
    `order`.

    The last one leads: a pressure without its diastolic does not hide the whole one beside it, nor does a normal value
    hide the critical one that its own source calls so.
    """
    grave = max((_GRAVE.get(word, 0) for word in record.interpretation), default=0)
    return _USABLE_LAST.get(record.status, 2), _whole(record), grave, *order(record)


def _whole(record: Observation) -> bool:
    """Whether no part of it came without a value."""
    if not record.components:
        return has_value(record)
    return all(part.value != _EMPTY for part in record.components)


def merge(
    dated: Sequence[Observation], launch_server: str
) -> tuple[tuple[Point, ...], tuple[Conflict, ...]]:
    """dated: sorted by start. Entries of one moment that are the same measurement become one point."""
    starts = [record.taken.start for record in dated]  # type: ignore[union-attr]  # dated
    if not any(map(eq, starts, starts[1:])):  # no two of one moment: the usual row
        return tuple(_replace_corrected([Point(record=record) for record in dated])), ()
    found: list[Point] = []
    conflicts: list[Conflict] = []
    index, count = 0, len(dated)
    while index < count:
        start = starts[index]
        after = index + 1
        while after < count and starts[after] == start:
            after += 1
        if after - index == 1:
            found.append(Point(record=dated[index]))
        else:
            same = _same_measurements(dated[index:after], launch_server)
            found += same
            conflicts += _different_values(same, start)
        index = after
    return tuple(_replace_corrected(found)), tuple(conflicts)


def _same_measurements(moment: Sequence[Observation], launch_server: str) -> list[Point]:
    groups: dict[tuple[object, ...], list[Observation]] = {}
    for record in moment:
        groups.setdefault(_measurement(record), []).append(record)
    points = []
    for group in groups.values():
        group.sort(key=lambda record: _shown_first(record, launch_server))
        for same in [group] if _timed(group[0]) else _one_per_source(group):
            points.append(Point(record=same[0], also=tuple(same[1:])))
    points = _joined_across_sources(points, launch_server)
    points.sort(key=lambda point: usable(point.record))
    return points


def _joined_across_sources(points: list[Point], launch_server: str) -> list[Point]:
    """The same value told by two sources is one point: in two units within the precision stated, under two ids of the
    specimen, or with a specimen or method that only one of them names."""
    if len({record.source.server for p in points for record in (p.record, *p.also)}) < 2:
        return points
    kept: list[Point] = []
    for point in sorted(points, key=lambda p: _shown_first(p.record, launch_server)):
        twin = next((i for i, other in enumerate(kept) if _same_elsewhere(other, point)), None)
        if twin is None:
            kept.append(point)
        else:
            first = kept[twin]
            kept[twin] = Point(record=first.record, also=(*first.also, point.record, *point.also))
    return kept


def _same_elsewhere(one: Point, other: Point) -> bool:
    """Two points of one moment that no source tells both of, and that nothing tells apart."""
    first, second = one.record, other.record
    here = {record.source.server for record in (first, *one.also)}
    there = {record.source.server for record in (second, *other.also)}
    if here & there or _clock(first) != _clock(second) or first.absent != second.absent:
        return False
    pairs = (
        (first.specimen, second.specimen),
        (first.method, second.method),
        (first.body_site, second.body_site),
    )
    if any(a and b and a.lower() != b.lower() for a, b in pairs):
        return False
    return _said(first) == _said(second) or _same_amount(first, second)


def _same_amount(one: Observation, other: Observation) -> bool:
    first, second = one.value.quantity, other.value.quantity
    if first is None or second is None or unit_key(first) == unit_key(second):
        return False
    if first.comparator or second.comparator:
        return False
    codes = [c.code for record in (one, other) for c in record.concept.codings if c.system == LOINC]
    if not units.ucum(first) or first.value is None:
        return False
    converted = units.convert(second, units.ucum(first), codes=codes)
    if isinstance(converted, units.Refused) or converted.value is None:
        return False
    coarser = max(first.value.as_tuple().exponent, converted.value.as_tuple().exponent)
    step = Decimal(1).scaleb(int(coarser))
    return abs(first.value - converted.value) <= step


def _timed(record: Observation) -> bool:
    return record.taken is not None and record.taken.precision in _TIMED


def _one_per_source(group: Sequence[Observation]) -> list[list[Observation]]:
    """Without a time of day two equal values of one source may be two measurements: merge only across sources."""
    rounds: list[list[Observation]] = []
    count: dict[str, int] = {}
    for record in group:
        server = record.source.server
        turn = count[server] = count.get(server, -1) + 1
        if turn == len(rounds):
            rounds.append([])
        rounds[turn].append(record)
    return rounds


def _measurement(record: Observation) -> tuple[object, ...]:
    """What has to be equal for two entries of one moment to be one measurement."""
    return (
        _clock(record),
        _said(record),
        record.absent,
        record.specimen_ref and _specimen_id(record),
        record.specimen.lower(),
        record.method.lower(),
        record.body_site.lower(),
    )


def _clock(record: Observation) -> object:
    """A time of day, or how coarse the date is: a day never joins a time."""
    precision = record.taken.precision if record.taken is not None else ""
    return precision in _TIMED or precision


def _said(record: Observation) -> object:
    """The value in a form that can be compared."""
    value = record.value
    quantity = value.quantity
    if quantity is not None:
        return quantity.value, quantity.comparator, unit_key(quantity)
    if record.components:
        return tuple(
            (_code(c.concept.codings), c.absent, _plain(c.value)) for c in record.components
        )
    return value.concept.text.lower() if value.concept is not None else value


def _specimen_id(record: Observation) -> str:
    return (
        f"{record.source.server}/{record.specimen_ref}"
        if record.specimen_ref.startswith("Specimen/")
        else record.specimen_ref
    )


def _code(codings: Sequence[object]) -> str:
    return str(getattr(codings[0], "code", "")) if codings else ""


def _plain(value: Value) -> object:
    quantity = value.quantity
    if quantity is None:
        return value
    return quantity.value, quantity.comparator, unit_key(quantity)


def _shown_first(record: Observation, launch_server: str) -> tuple[object, ...]:
    return (
        _STATUS_ORDER.get(record.status, 3),
        not record.interpretation,
        not record.ranges,
        record.source.server != launch_server,
        record.source.server,
        record.source.reference,
    )


def _different_values(points: Sequence[Point], start: datetime) -> list[Conflict]:
    """Sources that tell of one moment and of different values: all stay, and it is said. Numbers highest first."""
    told = [p.record for p in points if has_value(p.record) or p.record.components]
    if len({record.source.server for record in told}) < 2:
        return []
    told.sort(key=lambda record: (-_size(record), *order(record)))
    sides = tuple((record.source.server, _in_words(record)) for record in told)
    return [Conflict(what=f"value at {start.isoformat()}", sides=sides)]


def _size(record: Observation) -> Decimal:
    quantity = record.value.quantity
    return quantity.value if quantity is not None and quantity.value is not None else Decimal(0)


def _in_words(record: Observation) -> str:
    """The value for one side of a conflict, its comparator and unit with it (rule 22)."""
    if record.components and not has_value(record):
        return "/".join(_value_words(part.value) or "?" for part in record.components)
    return _value_words(record.value)


def _value_words(value: Value) -> str:
    quantity = value.quantity
    if quantity is not None and quantity.value is not None:
        return f"{quantity.comparator or ''}{quantity.value:f} {quantity.unit}".strip()
    if value.concept is not None:
        return value.concept.text
    if value.boolean is not None:
        return "yes" if value.boolean else "no"
    return str(next((v for v in (value.string, value.integer, value.other) if v is not None), ""))


def _replace_corrected(points: list[Point]) -> list[Point]:
    """An entry with the identifier of another replaces it when it is the newer; the older one stays behind it."""
    seen: dict[tuple[str, str], int] = {}
    kept: list[Point | None] = list(points)
    for index, point in enumerate(points):
        for one in point.record.identifiers:
            system, value = one.system, one.value
            if not system or not value:
                continue
            key = (system, value)
            place = seen.setdefault(key, index)
            if place == index:
                continue
            seen[key] = index
            earlier, current = kept[place], kept[index]
            if earlier is None or current is None or not _same_test(earlier.record, current.record):
                continue
            kept[place] = None
            kept[index] = _newer_first(earlier, current)
    return [point for point in kept if point is not None]


def _newer_first(one: Point, other: Point) -> Point:
    first, second = sorted((one, other), key=lambda point: _version(point.record))
    return Point(record=second.record, also=(first.record, *second.also, *first.also))


def _same_test(one: Observation, other: Observation) -> bool:
    """Within one source the identifier says so, unless both are final and of different moments: then it is the number
    of an order with several results, and none of them replaces another."""
    if one.source.server != other.source.server:
        return one.value == other.value
    if not (one.status == other.status == "final"):
        return True
    first, second = one.taken, other.taken
    if first is None or second is None:
        return first is second
    return first.start == second.start


def _version(record: Observation) -> tuple[object, ...]:
    rank = {"preliminary": 0, "registered": 0, "final": 1, "amended": 2, "corrected": 2}
    issued = record.issued.start.timestamp() if record.issued is not None else 0.0
    return rank.get(record.status, 1), issued, record.source.updated or "", *order(record)


def unit_key(quantity: Quantity) -> str:
    """A unit in one spelling: its UCUM code where it is known, else as sent."""
    return units.ucum(quantity) or quantity.code or quantity.unit
