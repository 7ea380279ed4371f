"""What a nurse needs beside the vital signs: code status, isolation, risks, lines, diet, weight, latest note.

Each is found by code or by exact phrases in what a source recorded; nothing is inferred. The phrases and codes are
data, not yet reviewed by a clinician. "Nothing" is said in the words of whoever knows how the sources answered.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterable
from datetime import datetime, timedelta, tzinfo

from clinical.judgement.standing import ended
from clinical.records import (
    Chart,
    Device,
    FhirTime,
    Flag,
    Frozen,
    Observation,
    Order,
    Section,
)

from . import placed
from .code_evidence import OVER, evidence
from .reading import USABLE, Readings
from .words import day_words, number, signed, taken_at

Nothing = Callable[..., str]  # of one or several sections
NONE_RECORDED = "none recorded"  # what that says where every source answered and holds nothing
_AS_DEVICES = frozenset({"lines", "drains"})
_STILL_IN = "whether still in is not recorded"
_MOST_PLACED = 3

_ISOLATION = re.compile(r"\b(isolation|precautions)\b", re.IGNORECASE)
_FALL = re.compile(r"\bfalls?\b", re.IGNORECASE)
_SKIN = re.compile(r"\bpressure (injury|ulcer|sore)\b|\bskin (integrity|risk)\b", re.IGNORECASE)
_DIET = re.compile(
    r"\bdiet\b|\bnothing by mouth\b|\bnpo\b|\bnil by mouth\b|\bfluid restriction\b", re.IGNORECASE
)
_LINE = re.compile(
    r"\b(catheter|line|cannula|drain|tube|port|picc|tracheostomy|pump|foley)\b", re.IGNORECASE
)
_DRAIN = re.compile(r"\bdrain\b", re.IGNORECASE)
_SCORES = {"59460-6": "Morse", "38227-5": "Braden", "38223-4": "Braden"}


class Fact(Frozen, frozen=True):
    """One thing, with since when. strong: it changes what a nurse does (isolation, no resuscitation, high risk)."""

    text: str
    since: str = ""
    strong: bool = False
    sources: tuple[str, ...] = ()


class Slot(Frozen, frozen=True):
    """One place of the nursing line. facts: what is recorded. nothing: what to say when there are none."""

    key: str
    label: str
    facts: tuple[Fact, ...] = ()
    nothing: str = ""


def nursing_line(
    chart: Chart, readings: Readings, *, as_of: datetime, zone: tzinfo, nothing: Nothing
) -> tuple[Slot, ...]:
    """The slots in the order in which they are printed. nothing: words for a section without entries."""
    flags = list(_flags(chart, as_of))
    orders = list(_orders(chart))
    put_in = placed.placed(chart, as_of)

    def when(time: FhirTime | None) -> str:
        return _since(time, as_of, zone)

    slots = (
        Slot(key="code", label="Code", facts=tuple(code_status(chart, as_of, zone))),
        Slot(key="isolation", label="Isolation", facts=tuple(_matching(flags, orders, _ISOLATION, when))),
        Slot(key="lines", label="Lines", facts=(*_lines(chart, when), *_placed(put_in, "line", when))),
        Slot(key="falls", label="Fall risk", facts=tuple(_risk(chart, flags, _FALL, "Morse", when))),
        Slot(key="skin", label="Skin risk", facts=tuple(_risk(chart, flags, _SKIN, "Braden", when))),
        Slot(key="drains", label="Drains", facts=(*_drains(chart, when), *_placed(put_in, "drain", when))),
        Slot(key="diet", label="Diet", facts=tuple(_matching((), orders, _DIET, when))[:2]),
        Slot(key="weight", label="Weight", facts=tuple(_weight(readings, as_of, zone))),
    )  # fmt: skip
    return tuple(slot if slot.facts else _empty(slot, nothing) for slot in slots)


def told_once(slots: Iterable[Slot], said: Container[str]) -> tuple[Slot, ...]:
    """The slots of which something is recorded, and one for all that say "nothing" in the same words.

    said: keys of what stands on the safety line; of those, a slot without facts would only say the same again.
    """
    found: dict[str, Slot] = {}
    for slot in slots:
        if slot.facts:
            found[slot.key] = slot
            continue
        if slot.key in said:
            continue
        place = f"none: {slot.nothing}"
        first = found.get(place)
        label = f"{first.label}, {slot.label.lower()}" if first is not None else slot.label
        found[place] = Slot(key="none", label=label, nothing=slot.nothing)
    return tuple(found.values())


CODE_SECTIONS = (
    Section.FLAGS, Section.ORDERS, Section.CONSENTS, Section.DOCUMENTS, Section.PROBLEMS,
)  # fmt: skip
# Kinds that say it now and then: only what came of them and could not be read counts.
CODE_ALSO = (
    Section.PROCEDURES, Section.ALLERGIES, Section.CARE_PLANS, Section.SURVEYS, Section.SOCIAL, Section.LABS, Section.VITALS,
)  # fmt: skip
_RESULTS = (Section.SURVEYS, Section.VITALS, Section.LABS)  # where a source may file a scale
_SECTIONS_OF = {
    "code": CODE_SECTIONS, "isolation": (Section.FLAGS, Section.ORDERS), "lines": (Section.DEVICES,),
    "drains": (Section.DEVICES,), "falls": (Section.FLAGS, Section.SURVEYS), "skin": (Section.FLAGS, Section.SURVEYS),
    "diet": (Section.ORDERS,), "weight": (Section.VITALS,),
}  # fmt: skip
_PLACED = (Section.PROCEDURES,)
_ALSO_OF = {
    "lines": _PLACED,
    "drains": _PLACED,
    "code": CODE_ALSO,
    "falls": _RESULTS,
    "skin": _RESULTS,
    "weight": _RESULTS,
}


def _empty(slot: Slot, nothing: Nothing) -> Slot:
    said = nothing(*_SECTIONS_OF[slot.key], also=_ALSO_OF.get(slot.key, ()))
    if slot.key in _AS_DEVICES and said == NONE_RECORDED:
        said = f"{said} as devices"  # many sources keep them as procedures or findings
    return Slot(key=slot.key, label=slot.label, nothing=said)


def code_status(chart: Chart, as_of: datetime, zone: tzinfo) -> Iterable[Fact]:
    """The newest recorded decision; a refusal recorded anywhere, or else a directive, stands beside a newer "full code".

    What does not hold any more is said, as such, only where nothing else is recorded.
    """
    found = evidence(chart, as_of)
    current = [one for one in found if not one.over]
    chosen = [one for one in current if one.decision][:1]
    if not any(one.refused for one in chosen):
        chosen += [one for one in current if one.refused][:1]
    if not any(one.refused for one in chosen):
        said = {one.text for one in chosen}
        others = {one.text: one for one in reversed(current) if one.text not in said}
        chosen += [*reversed(others.values())][: 2 - len(chosen)]
    for one in chosen or found[:1]:
        yield Fact(
            text=f"{one.text} ({one.over})" if one.over else one.text,
            since=_since(one.time, as_of, zone),
            strong=one.refused,
            sources=(one.token,),
        )


def isolation(chart: Chart, as_of: datetime, zone: tzinfo) -> tuple[Fact, ...]:
    """Isolation alone, for the board."""

    def when(time: FhirTime | None) -> str:
        return _since(time, as_of, zone)

    return tuple(_matching(list(_flags(chart, as_of)), list(_orders(chart)), _ISOLATION, when))


def _flags(chart: Chart, as_of: datetime) -> Iterable[Flag]:
    for item in chart.flags:
        for record in item.members:
            if isinstance(record, Flag) and record.status not in OVER and not ended(record, as_of):
                yield record


def _orders(chart: Chart) -> Iterable[Order]:
    for item in chart.orders:
        for record in item.members:
            if isinstance(record, Order) and record.status not in OVER and not record.avoid:
                yield record


def _matching(
    flags: Iterable[Flag],
    orders: Iterable[Order],
    pattern: re.Pattern[str],
    when: Callable[[FhirTime | None], str],
) -> Iterable[Fact]:
    seen = set()
    records: list[Flag | Order] = [*flags, *orders]
    for record in records:
        text = record.concept.text
        if pattern.search(text) and text.lower() not in seen:
            seen.add(text.lower())
            time = record.period if isinstance(record, Flag) else record.authored
            yield Fact(text=text, since=when(time), strong=True, sources=(record.source.token,))


def _risk(
    chart: Chart,
    flags: Iterable[Flag],
    pattern: re.Pattern[str],
    score: str,
    when: Callable[[FhirTime | None], str],
) -> Iterable[Fact]:
    yield from _matching(flags, (), pattern, when)
    newest: Observation | None = None
    for row in chart.series:
        if not any(_SCORES.get(code) == score for _, code in row.codes):
            continue
        for point in row.points:
            usable = point.record.status in USABLE and point.record.value.quantity is not None
            if usable and (newest is None or _start(point.record) >= _start(newest)):
                newest = point.record
    quantity = newest.value.quantity if newest is not None else None
    if newest is not None and quantity is not None and quantity.value is not None:
        text = f"{score} {quantity.value:f}"
        yield Fact(text=text, since=when(newest.taken), sources=(newest.source.token,))


def _start(record: Observation) -> datetime:
    assert record.taken is not None  # noqa: S101  points of a series are dated
    return record.taken.start


def _devices(chart: Chart) -> Iterable[Device]:
    for item in chart.devices:
        for record in item.members:
            if isinstance(record, Device) and record.status not in OVER:
                yield record


def _name(device: Device) -> str:
    return device.name or device.concept.text


def _lines(chart: Chart, when: Callable[[FhirTime | None], str]) -> Iterable[Fact]:
    for device in _devices(chart):
        if _LINE.search(_name(device)) and not _DRAIN.search(_name(device)):
            yield _device_fact(device, when)


def _drains(chart: Chart, when: Callable[[FhirTime | None], str]) -> Iterable[Fact]:
    for device in _devices(chart):
        if _DRAIN.search(_name(device)):
            yield _device_fact(device, when)


def _placed(
    found: Iterable[placed.Placed], kind: placed.Kind, when: Callable[[FhirTime | None], str]
) -> Iterable[Fact]:
    """What a procedure says was placed: that it is still in is not said."""
    own = [one for one in found if one.kind == kind]
    for one in own[:_MOST_PLACED]:
        day = when(one.at) or "on an unknown day"
        earlier = f" ({len(one.tokens) - 1} more of them before)" if one.tokens[1:] else ""
        yield Fact(text=one.name, since=f"placed {day}{earlier}, {_STILL_IN}", sources=one.tokens)
    if len(own) > _MOST_PLACED:
        more = own[_MOST_PLACED:]
        yield Fact(
            text=f"{len(more)} more placed",
            since=_STILL_IN,
            sources=tuple(token for one in more for token in one.tokens),
        )


def _device_fact(device: Device, when: Callable[[FhirTime | None], str]) -> Fact:
    notes = "; ".join(device.notes)
    words = f"{_name(device)} ({notes})" if notes else _name(device)
    since = when(device.implanted) if device.implanted is not None else ""
    return Fact(text=words, since=since, sources=(device.source.token,))


def _weight(readings: Readings, as_of: datetime, zone: tzinfo) -> Iterable[Fact]:
    """The newest weight, and the change since the first one of the last ten days."""
    recent = [
        one
        for one in readings.of("weight")
        if one.usable and one.value is not None and as_of - timedelta(days=10) <= one.at <= as_of
    ]
    newest = readings.latest("weight", until=as_of)
    if newest is None or newest.value is None:
        return
    since = taken_at(newest, zone, as_of)
    if len(recent) > 1 and recent[0].value is not None:
        change = newest.value - recent[0].value
        first = recent[0].record.taken
        from_day = day_words(first, zone, as_of) if first is not None else "the first"
        since += f", {signed(change, 1)} since {from_day}"
    tokens = tuple(source.token for source in newest.sources)
    yield Fact(text=f"{number(newest.value, 1)} kg", since=since, sources=tokens)


def _since(time: FhirTime | None, as_of: datetime, zone: tzinfo) -> str:
    if time is None:
        return ""
    if time.precision in ("year", "month"):
        return time.text
    local = time.start.astimezone(zone) if time.zone_known else time.start
    days = (as_of.astimezone(zone).date() - local.date()).days
    if days == 0 and time.zone_known:
        return f"{local:%H:%M}"
    ahead = " (in the future)" if days < 0 else ""
    return day_words(time, zone, as_of) + ahead


__all__ = [
    "CODE_ALSO",
    "CODE_SECTIONS",
    "NONE_RECORDED",
    "Fact",
    "Slot",
    "code_status",
    "isolation",
    "nursing_line",
    "told_once",
]
