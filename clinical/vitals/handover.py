"""SBAR of one patient for the sheet that goes from shift to shift: from the record, with times; nothing typed twice."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta, tzinfo

from clinical.records import (
    Administration,
    Allergy,
    Chart,
    Encounter,
    Frozen,
    Medication,
    Order,
    Patient,
    Problem,
    Section,
)

from .board import BoardLine
from .board_line import reason_words
from .doses import dose_lines
from .events import given_words, results, short_name
from .flowsheet import Ward, due_lines, flowsheet, fluids_of
from .nursing import Nothing, Slot, nursing_line
from .sheet_model import Column, Panel, Row
from .words import clock, day, moment_words, signed

_HELD = frozenset({"on-hold", "stopped"})
_RECENT = timedelta(hours=24)


class Line(Frozen, frozen=True):
    """head: "07:00", "pending", "changed", "overdue", "now". text: what."""

    head: str
    text: str
    strong: bool = False


class Sbar(Frozen, frozen=True):
    """One patient of the sheet. identifiers: "MRN Mercy 00417". allergies, code, isolation: for the corner."""

    key: str
    bed: str
    name: str
    born: str
    identifiers: str
    allergies: tuple[tuple[str, bool], ...]
    status: tuple[tuple[str, bool], ...]
    critical: tuple[str, ...]
    situation: str
    direction: str
    background: tuple[str, ...]
    panel: Panel
    rows: tuple[Row, ...]
    columns: tuple[Column, ...]
    assessment: tuple[str, ...]
    requests: tuple[Line, ...]
    requests_gap: str = ""
    stale_words: str = ""
    sources: tuple[str, ...] = ()


def sbar(
    seen: Ward,
    line: BoardLine,
    encounter: Encounter | None,
    *,
    zone: tzinfo,
    names: dict[str, str],
    nothing: Nothing,
    gap: str = "",
) -> Sbar:
    """line: of the board, for what is the same there. names: of the connections. nothing: see `nursing`. gap: how what
    holds requests was not read whole, "" when it was.
    """
    sheet = flowsheet(seen, window="24h", zone=zone, nothing=nothing(Section.VITALS))
    slots = {
        slot.key: slot
        for slot in nursing_line(
            seen.chart, seen.readings, as_of=seen.as_of, zone=zone, nothing=nothing
        )
    }
    patient = seen.chart.patients[0] if seen.chart.patients else None
    return Sbar(
        key=line.key,
        bed=line.bed,
        name=line.name,
        born=line.about,
        identifiers=_identifiers(patient, names),
        allergies=tuple(_allergies(seen.chart, nothing)),
        status=tuple(
            (
                f"{slots[key].label}: {_slot_words(slots[key])}",
                any(f.strong for f in slots[key].facts),
            )
            for key in ("code", "isolation")
        ),
        critical=line.news,
        situation=_situation(encounter, seen.as_of, zone),
        direction=_direction(sheet.panel),
        background=tuple(_background(seen, encounter, zone, slots)),
        panel=sheet.panel,
        rows=tuple(row for row in sheet.rows if row.points or row.key != "diastolic"),
        columns=sheet.columns[-1:],
        assessment=tuple(_assessment(seen, sheet.more_rows, zone, nothing)),
        requests=tuple(_merged(_requests(seen, zone))),
        requests_gap=gap,
        stale_words=line.stale_words,
        sources=line.sources,
    )


def _slot_words(slot: Slot) -> str:
    if not slot.facts:
        return slot.nothing
    return "; ".join(f"{fact.text} {fact.since}".strip() for fact in slot.facts)


def _identifiers(patient: Patient | None, names: dict[str, str]) -> str:
    if patient is None:
        return ""
    server = names.get(patient.source.server, patient.source.server)
    found = [one.value for one in patient.identifiers if one.type_code == "MR"]
    return f"MRN {server} {', '.join(found)}" if found else "no record number"


def _allergies(chart: Chart, nothing: Nothing) -> Iterable[tuple[str, bool]]:
    """(words, severe). An explicit "no known allergies" is said as recorded; silence is said as silence."""
    told = False
    for item in chart.allergies:
        record = item.lead
        if not isinstance(record, Allergy) or record.clinical in ("inactive", "resolved"):
            continue
        told = True
        if record.negation:
            yield record.concept.text, False
            continue
        reactions = [m.text for one in record.reactions for m in one.manifestations if m.text]
        severe = record.criticality == "high" or any(
            r.severity == "severe" for r in record.reactions
        )
        yield f"{item.label}: {', '.join(reactions) or 'reaction not recorded'}", severe
    if not told:
        yield f"Allergies: {nothing(Section.ALLERGIES)}", False


def _situation(encounter: Encounter | None, as_of: datetime, zone: tzinfo) -> str:
    return reason_words(encounter, as_of, zone) or "reason for the stay not recorded"


def _direction(panel: Panel) -> str:
    """ "Worse: up 5 this shift", by the score only; "" when it cannot be said."""
    if panel.change.startswith("↑"):
        return f"Worse: NEWS2 up {panel.change[2:]} since the shift began, now {panel.headline}."
    if panel.change.startswith("↓"):
        return f"Better: NEWS2 down {panel.change[2:]} since the shift began, now {panel.headline}."
    if panel.change == "same":
        return f"NEWS2 {panel.headline}, the same as when the shift began."
    return panel.sentences[0] if panel.sentences else ""


def _background(
    seen: Ward, encounter: Encounter | None, zone: tzinfo, slots: dict[str, Slot]
) -> Iterable[str]:
    if encounter is not None and encounter.period is not None:
        yield f"Admitted {day(encounter.period.start.astimezone(zone).date())}."
    problems = [i.label for i in seen.chart.problems if _active(i.lead)]
    if problems:
        more = f" and {len(problems) - 5} more" if len(problems) > 5 else ""
        yield f"{', '.join(problems[:5])}{more}."
    held = [i.label for i in seen.chart.medications if _is_held(i.lead)]
    if held:
        yield f"On hold or stopped: {', '.join(held[:4])}."
    decision = seen.found.decision
    if decision.scale == 2:
        yield f"Scale 2, recorded by {decision.author}: {decision.words.rstrip('.')}."
    for key in ("lines", "drains", "falls", "skin", "diet"):
        slot = slots[key]
        yield f"{slot.label}: {_slot_words(slot)}."


def _active(record: object) -> bool:
    return isinstance(record, Problem) and record.clinical in (
        "active",
        "recurrence",
        "relapse",
        "",
    )


def _is_held(record: object) -> bool:
    return isinstance(record, Medication) and record.status in _HELD


def _assessment(
    seen: Ward, more_rows: tuple[Row, ...], zone: tzinfo, nothing: Nothing
) -> Iterable[str]:
    fluids = fluids_of(seen, zone)
    urine = fluids.urine if fluids is not None else None
    if fluids is not None and urine is not None:
        rate = f" = {urine.per_kg_hour:f} mL/kg/h (calc)" if urine.per_kg_hour is not None else ""
        low = " L" if urine.low else ""
        yield f"Urine {int(urine.total)} mL{low} in {urine.hours} h, {urine.charted} charted{rate}."
    else:
        yield f"Urine: {nothing(Section.VITALS)}."
    if fluids is not None and fluids.balance is not None:
        yield f"Balance {signed(int(fluids.balance))} mL since {clock(fluids.since, zone)}."
    for row in more_rows:
        if row.earlier:
            age = f" ({row.taken})" if row.taken else ""
            yield f"{row.name} {row.earlier.rsplit(', ', 1)[-1]}{age}."
        elif row.key == "pain":
            yield f"Pain: {row.latest}."
        yield from (f"{words}." for words in row.given)


def _requests(seen: Ward, zone: tzinfo) -> Iterable[Line]:
    doses = dose_lines(seen.chart, as_of=seen.as_of, zone=zone)
    for due in (*due_lines(seen, zone), *doses):
        yield Line(head="overdue" if due.overdue else due.when, text=due.text, strong=due.overdue)
    for text in _pending(seen.chart, seen.as_of, zone):
        yield Line(head="pending", text=text)
    for one in results(seen.chart, seen.shift, seen.as_of):
        if one.level != "crit":
            yield Line(
                head="result", text=f"{one.text} at {moment_words(one.at, zone, seen.as_of)}"
            )
    for text in _changed(seen, zone):
        yield Line(head="changed", text=text)


def _merged(lines: Iterable[Line]) -> Iterable[Line]:
    """Results, pending and changed things share one line each: three patients have to fit on a page."""
    together: dict[str, list[str]] = {}
    for line in lines:
        if line.head in ("pending", "result", "changed"):
            together.setdefault(line.head, []).append(line.text)
        else:
            yield line
    for head, texts in together.items():
        yield Line(head=head, text="; ".join(texts))


def _pending(chart: Chart, as_of: datetime, zone: tzinfo) -> Iterable[str]:
    """Orders that are still open and wanted, and results that are registered or preliminary."""
    for item in chart.orders:
        record = item.lead
        if not isinstance(record, Order) or record.status != "active" or record.avoid:
            continue
        wanted = record.occurrence
        if wanted is not None and wanted.start >= as_of - _RECENT:
            yield f"{item.label}, {moment_words(wanted.start, zone, as_of)}"
    for row in chart.series:
        record = row.latest.record
        if record.status in ("registered", "preliminary") and row.category == "laboratory":
            yield f"{short_name(row.label)}, {record.status}"


def _changed(seen: Ward, zone: tzinfo) -> Iterable[str]:
    """Medicines started, and those given or refused since the shift began."""
    for item in seen.chart.medications:
        record = item.lead
        if isinstance(record, Medication) and record.authored is not None:
            at = record.authored.start
            if record.authored.zone_known and seen.shift <= at <= seen.as_of:
                yield f"{item.label} ordered {moment_words(at, zone, seen.as_of)}"
    for item in seen.chart.administrations:
        given = item.lead
        if isinstance(given, Administration) and given.at is not None:
            at = given.at.start
            if seen.shift <= at <= seen.as_of:
                yield f"{given_words(given)} {moment_words(at, zone, seen.as_of)}"
