"""Blood pressure as pairs: a panel with two components, or systolic and diastolic sent on their own (rule 25)."""

from __future__ import annotations

import msgspec

from clinical.reconcile.analytes import BLOOD_PRESSURE, DIASTOLIC, LOINC, SYSTOLIC
from clinical.records import Coding, Component, Concept, Observation, Value

_PANEL = Concept(
    codings=(Coding(system=LOINC, code=BLOOD_PRESSURE, display="Blood pressure panel"),),
    text="Blood pressure",
)


def paired(members: list[Observation]) -> list[Observation]:
    """Panels as they are; stand-alone systolic and diastolic of one source and one moment as one panel.

    The diastolic's reference is kept in `derived_from` of the pair, so that both entries stay reachable. One without
    its partner becomes a panel of one component: half a blood pressure is shown as half.
    """
    panels = [record for record in members if record.components]
    halves = [record for record in members if not record.components]
    moments: dict[tuple[object, ...], dict[str, list[Observation]]] = {}
    for record in halves:
        start = record.taken.start if record.taken is not None else record.source.reference
        place = (record.source.server, start, record.body_site, record.status)
        moments.setdefault(place, {}).setdefault(_which(record), []).append(record)
    pairs = []
    for parts in moments.values():
        systolic = sorted(parts.get(SYSTOLIC, ()), key=_reference)
        diastolic = sorted(parts.get(DIASTOLIC, ()), key=_reference)
        for index in range(max(len(systolic), len(diastolic))):
            pairs.append(_pair(systolic[index : index + 1], diastolic[index : index + 1]))
        pairs += parts.get("", ())
    return panels + pairs


def _reference(record: Observation) -> str:
    return record.source.reference


def _which(record: Observation) -> str:
    codes = {coding.code for coding in record.concept.codings if coding.system == LOINC}
    return SYSTOLIC if SYSTOLIC in codes else DIASTOLIC if DIASTOLIC in codes else ""


def _pair(systolic: list[Observation], diastolic: list[Observation]) -> Observation:
    records = systolic + diastolic
    lead = records[0]
    return msgspec.structs.replace(
        lead,
        concept=_PANEL,
        value=Value(),
        absent="",
        interpretation=(),
        ranges=(),
        components=tuple(_component(record) for record in records),
        derived_from=(*lead.derived_from, *(r.source.reference for r in records[1:])),
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
