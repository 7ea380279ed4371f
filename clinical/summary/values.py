"""The value of one observation as it is printed: digits, flag, unit, status, range."""

from __future__ import annotations

from collections.abc import Sequence

from clinical import units
from clinical.judgement import Abnormality, runs_backwards
from clinical.records import (
    Component,
    Frozen,
    Observation,
    Quantity,
    ReferenceRange,
    Value,
)
from clinical.summary import fmt
from clinical.summary.level import NONE, Judge
from clinical.summary.view_model import Level, Part

_ABSENT = {
    "unknown": "not known", "asked-unknown": "asked, not known", "temp-unknown": "not known yet",
    "not-asked": "not asked", "asked-declined": "declined to answer", "masked": "withheld by the source",
    "not-applicable": "not applicable", "unsupported": "not supported", "as-text": "see text", "error": "error, no value",
    "not-a-number": "not a number", "negative-infinity": "below measurable", "positive-infinity": "above measurable",
    "not-performed": "not done", "not-permitted": "not permitted",
}  # fmt: skip
NO_UNIT = "no unit"
_BACKWARDS = " (runs backwards)"
_STATUS = {
    "preliminary": "prelim", "registered": "pending", "corrected": "corrected", "amended": "amended",
    "cancelled": "cancelled", "unknown": "status unknown", "": "status not stated",
}  # fmt: skip


class Shown(Frozen, frozen=True):
    """text: the value. flag, level: see level.py. parts: for a pair of which only one half is abnormal."""

    text: str
    flag: str = ""
    level: Level = ""
    unit: str = ""
    status: str = ""
    parts: tuple[Part, ...] = ()


def shown(judge: Judge, record: Observation) -> Shown:
    """How the value of an observation is printed. A missing value says why, never a blank or 0."""
    flag = judge.flag(record)
    calc = "calc" if flag.computed and flag.level else ""
    status = " ".join(word for word in (_STATUS.get(record.status, ""), calc) if word)
    if record.components and not _has_own(record.value):
        return _of_components(judge, record, flag, status)
    text, unit = value_text(_as_read(judge, record))
    if text and not unit and _needs_unit(record):
        unit = NO_UNIT
    if not text:
        text = "pending" if record.status == "registered" else absent_words(record.absent)
        status = "" if text == "pending" else status
    return Shown(text=text, flag=flag.flag, level=flag.level, unit=unit, status=status)


def _as_read(judge: Judge, record: Observation) -> Value:
    """The value in the unit the site prefers, when it has one and the conversion is allowed."""
    quantity = judge.read_as(record)
    return record.value if quantity is record.value.quantity else Value(quantity=quantity)


def reported(judge: Judge, record: Observation) -> str:
    """ "90 mg/dL" when the value is shown in another unit than it was sent in; "" otherwise."""
    quantity = record.value.quantity
    if quantity is None or judge.read_as(record) is quantity:
        return ""
    same = judge.read_as(record)
    if same is not None and same.value == quantity.value and _same_unit(same, quantity):
        return ""
    return " ".join(value_text(record.value))


def was(judge: Judge, before: Observation, after: Observation) -> str:
    """An earlier value beside a later one, in the later one's unit; with its own unit when that is not possible."""
    one, two = before.value.quantity, judge.read_as(after)
    if one is None or two is None:
        return shown(judge, before).text
    codes = [c.code for r in (before, after) for c in r.concept.codings]
    if fmt.unit_of(one) == fmt.unit_of(two):
        return fmt.quantity_value(one)
    to = units.ucum(two)
    converted = units.convert(one, to, codes=codes) if to else units.Refused("no unit")
    if isinstance(converted, units.Refused):
        return " ".join(value_text(before.value)).strip()
    return fmt.quantity_value(converted)


def _needs_unit(record: Observation) -> bool:
    """A number without a unit whose test has one: 180 may be pounds or kilograms, and that is said (rule 31)."""
    quantity = record.value.quantity
    if quantity is None or quantity.unit or quantity.code:
        return False
    wanted = units.expected([coding.code for coding in record.concept.codings])
    return bool(wanted) and wanted != {"acidity"}


def absent_words(code: str) -> str:
    """Why there is no value, in words."""
    return _ABSENT.get(code, code.replace("-", " ")) if code else "no value sent"


def value_text(value: Value) -> tuple[str, str]:
    """(text, unit) of a value of any type; ("", "") when there is none."""
    if value.quantity is not None:
        return fmt.quantity_value(value.quantity), fmt.unit_of(value.quantity)
    if value.concept is not None:
        return value.concept.text, ""
    if value.string is not None:
        return value.string, ""
    if value.boolean is not None:
        return ("yes" if value.boolean else "no"), ""
    if value.integer is not None:
        return str(value.integer), ""
    return value.other or "", ""


def _has_own(value: Value) -> bool:
    return any(getattr(value, name) is not None for name in value.__struct_fields__)


def _of_components(judge: Judge, record: Observation, flag: Abnormality, status: str) -> Shown:
    halves = [_component(record, code) for code in ("8480-6", "8462-4")]
    if any(halves):
        return _pair(judge, record, halves, flag, status)
    texts = []
    for part in record.components:
        text, unit = value_text(part.value)
        texts.append(f"{part.concept.text} {text or absent_words(part.absent)} {unit}".strip())
    return Shown(text="; ".join(texts), flag=flag.flag, level=flag.level, status=status)


def _component(record: Observation, code: str) -> Component | None:
    for part in record.components:
        if any(coding.code == code for coding in part.concept.codings):
            return part
    return None


def _pair(
    judge: Judge,
    record: Observation,
    halves: list[Component | None],
    flag: Abnormality,
    status: str,
) -> Shown:
    texts = [(value_text(half.value)[0] or "–") if half is not None else "–" for half in halves]
    flags = [judge.part(record, half) if half is not None else NONE for half in halves]
    unit = _pair_unit(halves)
    text = "/".join(texts)
    one_sided = bool(flags[0].level) != bool(flags[1].level)
    if not one_sided:
        return Shown(text=text, flag=flag.flag, level=flag.level, unit=unit, status=status)
    parts: list[Part] = []
    for place, (half, own) in enumerate(zip(texts, flags, strict=True)):
        parts.append(Part(text=("/" if place else "") + half, level=own.level))
        if own.flag:
            parts.append(Part(text=f" {own.flag}", level=own.level))
    return Shown(text=text, flag="", level=flag.level, unit=unit, status=status, parts=tuple(parts))


def _pair_unit(halves: list[Component | None]) -> str:
    """The unit both halves were sent with; said when there is none, or when they differ. Never assumed (rule 31)."""
    quantities = [
        h.value.quantity for h in halves if h is not None and h.value.quantity is not None
    ]
    found = list(dict.fromkeys(fmt.unit_of(quantity) or NO_UNIT for quantity in quantities))
    return " / ".join(found)


def range_text(judge: Judge, record: Observation) -> str:
    """The point's own range: "3.5–5.1", "≥ 60", "< 30", its text, or "no range".

    One that runs backwards is printed as sent, and that is said. A range in another unit than the value is printed with its unit; one that is not "normal" with its type.
    """
    if not record.ranges:
        return "no range"
    usual = judge.range(record)
    if usual is None:
        texts = [text for found in record.ranges if (text := _other_range(judge, found, record))]
        return "; ".join(texts) or "several ranges"
    return _range_words(judge, usual, record) or "no range"


def _other_range(judge: Judge, found: ReferenceRange, record: Observation) -> str:
    """A range that was not chosen: its text, else its numbers and what they are for."""
    for_whom = [found.type] if found.type is not None else []
    said = ", ".join(c.text for c in (*for_whom, *found.applies_to) if c.text)
    numbers = found.text or _range_words(judge, found, record)
    return f"{said}: {numbers}" if said and numbers and said not in numbers else numbers


def _range_words(judge: Judge, found: ReferenceRange, record: Observation) -> str:
    ends = [end_as_read(judge, end, record) for end in (found.low, found.high)]
    low, high = (fmt.quantity_value(end) if end is not None else "" for end in ends)
    unit = _range_unit(ends, judge.read_as(record))
    if low and high:
        wrong = runs_backwards(found, codes=[coding.code for coding in record.concept.codings])
        return f"{low}–{high}{unit}{_BACKWARDS if wrong else ''}"
    if high:
        return f"≤ {high}{unit}"
    return f"≥ {low}{unit}" if low else found.text


def end_as_read(judge: Judge, end: Quantity | None, record: Observation) -> Quantity | None:
    """One end of a range as the site reads it. An end without a unit is in the unit the value was sent in."""
    own = record.value.quantity
    if end is None or own is None:
        return end
    if not (end.unit or end.code):
        end = Quantity(
            value=end.value,
            comparator=end.comparator,
            unit=own.unit,
            code=own.code,
            system=own.system,
        )
    return judge.site_unit(end, [coding.code for coding in record.concept.codings])


def _range_unit(ends: Sequence[Quantity | None], own: Quantity | None) -> str:
    """The range's unit, when reading it in the value's own would be wrong."""
    for end in ends:
        unit = fmt.unit_of(end) if end is not None else ""
        if end is None or not unit:
            continue
        if own is None or (unit != fmt.unit_of(own) and not _same_unit(end, own)):
            return f" {unit}"
    return ""


def _same_unit(one: Quantity, other: Quantity) -> bool:
    first = units.ucum(one)
    return bool(first) and first == units.ucum(other)
