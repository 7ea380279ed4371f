"""The safety line: fixed slots in a fixed order; the worst state leads, and nothing is "none" over a failed source."""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec

from clinical.records import (
    Allergy,
    Device,
    FetchState,
    FhirTime,
    Item,
    Medication,
    Problem,
    Procedure,
    Ranked,
    Section,
)
from clinical.summary import (
    allergies,
    fmt,
    medicines,
    pregnancy,
    problems,
    slot_lines,
    slot_names,
    slot_sections,
    slotwidth,
    together,
    values,
    wording,
)
from clinical.summary.desk import Desk, item_tokens
from clinical.summary.rows import tokens_of_latest
from clinical.summary.view_model import Slot, SlotLine, State

# LOINC: INR in platelet poor plasma and in blood; estimated glomerular filtration rate by its formulas.
_INR = frozenset(("6301-6", "34714-6"))
_EGFR = frozenset(("98979-8", "33914-3", "62238-1", "88293-6", "88294-4", "48642-3", "48643-1"))
_LONG_WORD = 5
_NO_THING = frozenset(
    ("presence", "cardiac", "implant", "implantable", "implanted", "device", "status", "chamber", "other")
)  # fmt: skip


def build(desk: Desk) -> tuple[Slot, ...]:
    """All slots in their order; the last one names what nothing is recorded of."""
    slots = [allergies.slot(desk)]
    for row in slot_sections.FIXED:
        slots.append(_fixed(desk, *row))
        slots += _antiplatelets(desk) if row[0] == "anticoagulant" else []
    others, rest, unknown = _others(desk)
    slots += others
    slots += _flags(desk)
    slots += _restricted(desk)
    slots += _remaining(desk, rest, unknown)
    return slotwidth.fit(slots)


def _others(desk: Desk) -> tuple[list[Slot], list[str], list[str]]:
    """The slots of what is present, the labels of what nothing is recorded of, and of what was not read whole."""
    slots: list[Slot] = []
    rest: list[str] = []
    unknown: list[str] = []
    for key, label, ids, sections in slot_sections.OTHERS:
        entries = [one for one in desk.on_floor(*ids) if not _part(one, ids, "flag")]
        if entries:
            slots.append(Slot(key=key, label=label, lines=_lines(desk, entries)))
            continue
        if key == "pregnancy" and not pregnancy.is_asked(desk):
            continue
        said = pregnancy.last_said(desk) if key == "pregnancy" else ()
        if said:
            slots.append(Slot(key=key, label=label, lines=said))
        if desk.states.gaps(sections) or desk.states.unread(slot_sections.ALSO[key]):
            unknown.append(label.lower())
        elif not said:
            rest.append(label.lower())
    return slots, rest, unknown


def _fixed(
    desk: Desk, key: str, label: str, ids: tuple[str, ...], sections: tuple[Section, ...]
) -> Slot:
    entries = [one for one in desk.on_floor(*ids) if not _part(one, ids, "antiplatelet")]
    gaps = desk.states.gaps(sections)
    if not entries:
        asking = gaps and gaps[0].state is FetchState.FETCHING
        # What one source does not have waits for what the other says: no room is taken that is given back at once.
        also = slot_sections.ALSO.get(key, ())
        state = desk.states.brief(gaps[0]) if asking else desk.states.nothing(sections, also=also)
        hatched = bool(gaps or desk.states.unread(also))
        return Slot(key=key, label=label, lines=(SlotLine(state=state),), hatched=hatched)
    lines = _lines(desk, entries)
    if gaps:  # the worst state leads, what the others said is its detail
        lines = (SlotLine(state=desk.states.brief(gaps[0])), *lines)
    return Slot(key=key, label=label, lines=lines, hatched=bool(gaps))


def _lines(desk: Desk, entries: Sequence[Ranked]) -> tuple[SlotLine, ...]:
    """The entries strongest first: words, then a muted line with what belongs to them."""
    blocks: list[list[SlotLine]] = []
    same = _restated(desk, entries)
    named = [entry for entry in entries if entry.key not in same]
    named.sort(
        key=lambda entry: slot_names.is_over(desk.items.get(entry.key), desk.as_of)
    )  # what holds comes first
    for entry in named:  # never cut: every floor item is named
        desk.taken.add(entry.key)
        own = _entry_lines(desk, entry, alone=len(named) == 1)
        also = [token for key in same if same[key] == entry.key for token in _tokens(desk, key)]
        lead = msgspec.structs.replace(
            own[0], sources=tuple(dict.fromkeys([*own[0].sources, *also]))
        )
        blocks.append([lead, *own[1:]])
    desk.taken.update(same)
    return slot_lines.once(blocks)


def _tokens(desk: Desk, key: str) -> tuple[str, ...]:
    return item_tokens(desk.items[key])


def _restated(desk: Desk, entries: Sequence[Ranked]) -> dict[str, str]:
    """Problems that only restate what stands beside them -> what they restate: "long term use of anticoagulants"
    beside apixaban, "presence of cardiac pacemaker" beside the pacemaker. Their entries are sources of that line."""
    found: dict[str, str] = {}
    for entry in entries:
        item = desk.items.get(entry.key)
        if item is None or not isinstance(item.lead, Problem) or not problems.is_status(item.lead):
            continue
        host = next((one for one in entries if _restates(item, desk.items.get(one.key))), None)
        if host is not None:
            found[entry.key] = host.key
    return found


def restated(desk: Desk) -> frozenset[str]:
    """Keys of all problems that the safety line tells as part of something else."""
    slots = [*(row[2] for row in slot_sections.FIXED), *(row[2] for row in slot_sections.OTHERS)]
    return frozenset(key for ids in slots for key in _restated(desk, desk.on_floor(*ids)))


def _restates(item: Item, other: Item | None) -> bool:
    if other is None or isinstance(other.lead, Problem):
        return False
    if isinstance(other.lead, Medication):
        return problems.is_long_term_drug(item.lead)
    shared = _thing(item.label) & _thing(other.label)
    return isinstance(other.lead, Device | Procedure) and bool(shared)


def _thing(label: str) -> set[str]:
    words = {word for word in re.findall(r"[a-z]+", label.lower()) if len(word) >= _LONG_WORD}
    return words - _NO_THING


def _part(entry: Ranked, ids: Sequence[str], part: str) -> bool:
    """Whether the floor names an entry for this part of an id only."""
    keys = {reason.key for reason in entry.reasons}
    return any(f"floor.{one}.{part}" in keys for one in ids) and not any(
        f"floor.{one}" in keys for one in ids
    )


def _antiplatelets(desk: Desk) -> list[Slot]:
    """Antiplatelets are no anticoagulants: they have a slot of their own when two antithrombotics come together."""
    both = desk.on_floor("anticoag")
    found = [one for one in both if _part(one, ("anticoag",), "antiplatelet")]
    if not found:
        return []
    drugs = [one for one in found if one.kind == "medication"]
    beside = len(both) > len(found) and bool(drugs)
    label = (
        "Antiplatelet with it"
        if beside
        else "Dual antiplatelet"
        if len(drugs) > 1
        else "Antiplatelet"
    )
    return [Slot(key="antiplatelet", label=label, lines=_lines(desk, found))]


def _flags(desk: Desk) -> list[Slot]:
    """Flags that the source calls safety flags, in their own words: fall risk and the like."""
    found = [one for one in desk.on_floor("suicide_risk") if _part(one, ("suicide_risk",), "flag")]
    if not found:
        return []
    return [Slot(key="flags", label="Safety flags", lines=_lines(desk, found))]


def _entry_lines(desk: Desk, entry: Ranked, *, alone: bool) -> list[SlotLine]:
    item = desk.items.get(entry.key)
    if item is None:
        row = desk.series[entry.key]
        shown = together.shown(desk.judge, row)
        also = together.also(desk.judge, row)
        text = f"{desk.called(row)} {shown.text} {shown.flag}".strip()
        text += f" ({also})" if also else ""
        when = desk.when_short(row.latest.record.taken)
        line = SlotLine(
            text=f"{text}, {when}",
            strong=True,
            level=shown.level,
            sources=tokens_of_latest(row),
            score=entry.score,
        )
        return [line]
    text, detail = _item_words(desk, item, apart=alone and not item.conflicts)
    if desk.floor(entry.key, "anticoag") and not _part(entry, ("anticoag",), "antiplatelet"):
        detail = " · ".join(part for part in (detail, _watched_by(desk, item)) if part)
    lead = SlotLine(
        text=text,
        strong=not slot_names.is_over(item, desk.as_of),
        differs=False,
        sources=item_tokens(item),
        score=entry.score,
    )
    if item.conflicts:
        said = medicines.differs(desk, item)
        return [lead, SlotLine(text=said, differs=True, sources=item_tokens(item))]
    return [lead, SlotLine(text=detail, sources=item_tokens(item))] if detail and alone else [lead]


def _watched_by(desk: Desk, item: Item) -> str:
    """The value by which an anticoagulant is watched: the INR for warfarin, the kidney function for the others."""
    wanted = _INR if "warfarin" in item.label.lower() else _EGFR
    rows = [row for row in desk.series.values() if wanted.intersection(c for _, c in row.codes)]
    dated = [row for row in rows if row.latest.record.taken is not None]
    if not isinstance(item.lead, Medication) or not dated:
        return ""
    row = max(dated, key=lambda one: (_started(one.latest.record.taken), one.key))
    shown = values.shown(desk.judge, row.latest.record)
    return f"{desk.called(row)} {shown.text} {shown.flag}".strip()


def _started(time: FhirTime | None) -> float:
    return time.start.timestamp() if time is not None else 0.0


def _item_words(desk: Desk, item: Item, *, apart: bool) -> tuple[str, str]:
    """Words and what belongs to them. apart: a medicine's dose, as written, stands with what belongs to it."""
    record = item.lead
    if isinstance(record, Medication):
        course = medicines.course(desk, item)
        why = ", ".join(reason.text for reason in course.lead.reasons[:1] if reason.text)
        since = desk.when_short(course.since)
        product, dose = medicines.product_and_dose(course.lead)
        said = (product, dose) if apart else (medicines.text(course.lead), "")
        return said[0], ", ".join(part for part in (said[1], why, since) if part)
    moment = next(
        (
            getattr(record, name)
            for name in (
                "implanted",
                "performed",
                "period",
                "written",
                "onset",
                "authored",
                "recorded",
            )
            if getattr(record, name, None) is not None
        ),
        None,
    )
    when = desk.when_short(moment)
    return slot_names.named(item, desk.as_of), ", ".join(
        part for part in (when, desk.name(record.source.server)) if part
    )


def _restricted(desk: Desk) -> list[Slot]:
    """Labelled entries exist: that is said, never of what kind."""
    counts: dict[str, int] = {}
    for item in desk.items.values():
        for record in item.members:
            if record.source.restricted:
                counts[record.source.server] = counts.get(record.source.server, 0) + 1
    for row in desk.series.values():
        for server in [source.server for p in row.points if (source := p.record.source).restricted]:
            counts[server] = counts.get(server, 0) + 1
    if not counts:
        return []
    detail = ", ".join(
        f"{fmt.plural(n, 'item')}, {desk.name(s)}" for s, n in sorted(counts.items())
    )
    return [Slot(key="restricted", label="Restricted", lines=(SlotLine(text=detail, strong=True),))]


def _remaining(desk: Desk, rest: Sequence[str], unknown: Sequence[str]) -> list[Slot]:
    found = []
    if unknown:
        state = _not_known(desk)
        line = SlotLine(text=", ".join(unknown))
        found.append(
            Slot(key="unknown", label="", lines=(SlotLine(state=state), line), hatched=True)
        )
    if rest:
        state = wording.state(wording.NOTHING_RECORDED)
        found.append(
            Slot(
                key="nothing",
                label="",
                lines=(SlotLine(state=state), SlotLine(text=", ".join(rest))),
            )
        )
    return found


def _not_known(desk: Desk) -> State:
    """Why nothing can be said of the slots that are only named: a source did not answer, or entries need review."""
    gaps = desk.states.gaps(slot_sections.OTHER_SECTIONS)
    if not gaps or gaps[0].state is FetchState.PARTIAL:
        return desk.states.nothing(
            slot_sections.OTHER_SECTIONS, also=(*slot_sections.WORDED, *slot_sections.RESULTS)
        )
    lead = desk.states.brief(gaps[0])
    return wording.state(wording.BY_STATE[gaps[0].state], lead.detail, retry=lead.retry)


def is_negation(record: object) -> bool:
    """Whether an entry says that there is nothing, instead of naming something."""
    return isinstance(record, Allergy) and bool(record.negation)
