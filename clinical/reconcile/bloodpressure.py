"""Blood pressure as pairs: a panel with two components, or systolic and diastolic sent on their own (rule 25)."""

from __future__ import annotations

import msgspec

from clinical.reconcile.analytes import BLOOD_PRESSURE, DIASTOLIC, LOINC, SYSTOLIC
from clinical.records import Coding, Component, Concept, Observation, Point, Value

_PANEL = Concept(
    codings=(Coding(system=LOINC, code=BLOOD_PRESSURE, display="Blood pressure panel"),),
    text="Blood pressure",
)


Halves = dict[
    tuple[str, str], Observation
]  # (server, reference) of a pair's lead -> its other half


def paired(members: list[Observation]) -> tuple[list[Observation], Halves]:
    """Panels as they are; stand-alone systolic and diastolic of one source and one moment as one panel.

    The other half of each pair comes back beside it, so that both entries stay reachable. One without its partner
    becomes a panel of one component: half a blood pressure is shown as half.
    """
    panels = [record for record in members if record.components]
    halves = [record for record in members if not record.components]
    moments: dict[tuple[object, ...], dict[str, list[Observation]]] = {}
    for record in halves:
        start = record.taken.start if record.taken is not None else record.source.reference
        place = (record.source.server, start, record.body_site, record.status)
        moments.setdefault(place, {}).setdefault(_which(record), []).append(record)
    pairs: list[Observation] = []
    others: Halves = {}
    for parts in moments.values():
        systolic = sorted(parts.get(SYSTOLIC, ()), key=_reference)
        diastolic = sorted(parts.get(DIASTOLIC, ()), key=_reference)
        for index in range(max(len(systolic), len(diastolic))):
            both = systolic[index : index + 1] + diastolic[index : index + 1]
            pairs.append(_pair(both))
            if len(both) == 2:
                others[both[0].source.server, both[0].source.reference] = both[1]
        pairs += parts.get("", ())
    return panels + pairs, others


def with_halves(points: tuple[Point, ...], others: Halves) -> tuple[Point, ...]:
    """Points whose entries include the other half of each pair."""
    if not others:
        return points
    found = []
    for point in points:
        entries = (point.record, *point.also)
        halves = [
            others[k] for e in entries if (k := (e.source.server, e.source.reference)) in others
        ]
        found.append(Point(record=point.record, also=(*point.also, *halves)) if halves else point)
    return tuple(found)


def _reference(record: Observation) -> str:
    return record.source.reference


def _which(record: Observation) -> str:
    codes = {coding.code for coding in record.concept.codings if coding.system == LOINC}
    return SYSTOLIC if SYSTOLIC in codes else DIASTOLIC if DIASTOLIC in codes else ""


def _pair(records: list[Observation]) -> Observation:
    lead = records[0]
    return msgspec.structs.replace(
        lead,
        concept=_PANEL,
        value=Value(),
        absent="",
        interpretation=(),
        ranges=(),
        components=tuple(_component(record) for record in records),
        notes=tuple(note for record in records for note in record.notes),
    )


def _component(record: Observation) -> Component:
    return Component(
        concept=record.concept,
        value=record.value,
        absent=record.absent,
        interpretation=record.interpretation,
        ranges=record.ranges,
    )
