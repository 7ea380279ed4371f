"""Air or oxygen at a moment, from flow, concentration or a coded answer. Silence is not air.

US Core pulse oximetry carries both as components; other sources send an Observation of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from clinical import units
from clinical.codes import LOINC
from clinical.judgement import entry_error
from clinical.records import Component, Concept, Observation, Point, Value

from .reading import Reading, status_words
from .terms import (
    AIR_CODES,
    AIR_WORDS,
    OXYGEN_CODES,
    OXYGEN_CONCENTRATION,
    OXYGEN_FLOW,
    OXYGEN_GIVEN_CODES,
)

_AIR_CONCENTRATION = Decimal(21)


def oxygen_readings(point: Point, at: datetime, timed: bool) -> Sequence[Reading]:
    """One reading of the oxygen status; it says why when flow and concentration contradict each other."""
    record = point.record
    flow, concentration, said, wrong = _told(record)
    air, why = _status(flow, concentration, said)
    return (
        Reading(
            sign="oxygen",
            at=at,
            record=record,
            air=air,
            flow=flow,
            concentration=concentration,
            unusable=wrong or why or status_words(record),
            implausible=bool(wrong),
            timed=timed,
            also=point.also,
        ),
    )


def _told(record: Observation) -> tuple[Decimal | None, Decimal | None, bool | None, str]:
    """(L/min, per cent, what an answer in words or codes says, entry error)."""
    flow: Decimal | None = None
    concentration: Decimal | None = None
    said: bool | None = None
    wrong = ""
    for holder in _holders(record):
        code = _oxygen_code(holder.concept)
        answer = _answer(holder.value)
        said = answer if answer is not None else said
        wrong = wrong or entry_error(holder.value.quantity, (code,))
        if code == OXYGEN_FLOW:
            flow = _in(holder.value, "L/min")
        elif code == OXYGEN_CONCENTRATION:
            concentration = _in(holder.value, "%")
    return flow, concentration, said, wrong


def _holders(record: Observation) -> list[Observation | Component]:
    holders: list[Observation | Component] = [record, *record.components]
    return [holder for holder in holders if _oxygen_code(holder.concept)]


def _oxygen_code(concept: Concept) -> str:
    return next(
        (c.code for c in concept.codings if c.system == LOINC and c.code in OXYGEN_CODES), ""
    )


def _in(value: Value, unit: str) -> Decimal | None:
    quantity = value.quantity
    if quantity is None or quantity.comparator:
        return None
    converted = units.convert(quantity, unit)
    return None if isinstance(converted, units.Refused) else converted.value


def _answer(value: Value) -> bool | None:
    """True: on air. False: on oxygen. None: no such answer."""
    concept = value.concept
    for coding in concept.codings if concept is not None else ():
        if (coding.system or "", coding.code) in AIR_CODES:
            return True
        if (coding.system or "", coding.code) in OXYGEN_GIVEN_CODES:
            return False
    words = value.string if value.string is not None else concept.text if concept else ""
    return True if words.strip().lower() in AIR_WORDS else None


def _status(
    flow: Decimal | None, concentration: Decimal | None, said: bool | None
) -> tuple[bool | None, str]:
    told = [said] if said is not None else []
    told += [flow == 0] if flow is not None else []
    told += [concentration <= _AIR_CONCENTRATION] if concentration is not None else []
    if not told:
        return None, "whether on air or on oxygen is not said"
    if len(set(told)) > 1:
        return None, "flow and concentration contradict each other"
    return told[0], ""
