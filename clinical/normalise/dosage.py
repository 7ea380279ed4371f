"""Dosage instructions: verbatim when there are words, composed only when there are none (rule 17)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from clinical import resources as fhir
from clinical.errors import ResourceUnreadable
from clinical.records import Quantity

from .quantities import number, quantity, quantity_words, range_words, ratio_words
from .reading import Reading

_EVERY = {"s": "s", "min": "min", "h": "h", "d": "day", "wk": "week", "mo": "month", "a": "year"}


class Instructions(NamedTuple):
    """text: all instructions joined by "; ". composed: at least one was put together from structured parts.

    quantity: the single dose, when every instruction has the same one; None otherwise.
    """

    text: str
    composed: bool
    quantity: Quantity | None
    as_needed: bool
    as_needed_for: str
    maximum: str
    route: str
    notes: tuple[str, ...]


def instructions(sent: fhir.Dosages | None, reading: Reading) -> Instructions:
    """What the dosages say together, in their own order. A dose that is not a number is kept as words and noted."""
    dosages = _in_order(sent)
    parts = [_words(one, reading) for one in dosages]
    doses, notes = _doses(dosages, reading)
    same = doses[0] if doses and all(dose == doses[0] for dose in doses) else None
    needed = [reading.text(one.asNeededCodeableConcept) for one in dosages]
    return Instructions(
        text="; ".join(text for text, _ in parts if text),
        composed=any(composed for text, composed in parts if text),
        quantity=same,
        as_needed=any(
            one.asNeededBoolean or one.asNeededCodeableConcept is not None for one in dosages
        ),
        as_needed_for=_joined(needed),
        maximum=_joined([_maximum(one) for one in dosages]),
        route=_joined([reading.text(one.route) for one in dosages]),
        notes=notes,
    )


def _in_order(sent: fhir.Dosages | None) -> list[fhir.Dosage]:
    dosages = [one for one in sent or () if one is not None]
    return sorted(dosages, key=lambda one: one.sequence or 0)  # stable: without sequence, as sent


def _words(sent: fhir.Dosage, reading: Reading) -> tuple[str, bool]:
    """(words, composed by us)."""
    for text in (sent.text, sent.patientInstruction):
        if text and text.strip():
            return text, False
    return _composed(sent, reading), True


def _composed(sent: fhir.Dosage, reading: Reading) -> str:
    extra = [one.text for one in reading.concepts(sent.additionalInstruction)]
    needed = reading.text(sent.asNeededCodeableConcept)
    if needed:
        as_needed = f"as needed for {needed}"
    else:
        as_needed = "as needed" if sent.asNeededBoolean else ""
    maximum = _maximum(sent)
    parts = [
        dose_words(sent.doseAndRate),
        reading.text(sent.route),
        _timing_words(sent.timing, reading),
        as_needed,
        *extra,
        f"at most {maximum}" if maximum else "",
    ]
    return " ".join(part for part in parts if part)


def dose_words(sent: Sequence[fhir.DoseAndRate | None] | None) -> str:
    """ "500 mg", "1 to 2 tablet", "500 mg at 20 mL/h"; digits as sent."""
    said = []
    for one in sent or ():
        if one is None:
            continue
        dose = quantity_words(one.doseQuantity) or (
            range_words(one.doseRange) if one.doseRange else ""
        )
        rate = quantity_words(one.rateQuantity)
        rate = rate or (ratio_words(one.rateRatio) if one.rateRatio else "")
        rate = rate or (range_words(one.rateRange) if one.rateRange else "")
        said.append(f"{dose} at {rate}" if dose and rate else dose or rate)
    return ", ".join(part for part in said if part)


def _timing_words(sent: fhir.Timing | None, reading: Reading) -> str:
    """The source's own words for the timing, else its numbers: "2 times per day", "every 8 h"."""
    if sent is None:
        return ""
    said = reading.text(sent.code)
    repeat = sent.repeat
    if said or repeat is None:
        return said
    parts = [_frequency(repeat), *(one for one in repeat.when or () if one)]
    parts += [one for one in repeat.timeOfDay or () if one]
    parts += [one for one in repeat.dayOfWeek or () if one]
    return " ".join(part for part in parts if part)


def _frequency(repeat: fhir.TimingRepeat) -> str:
    times, most = _token(repeat.frequency), _token(repeat.frequencyMax)
    period = _token(repeat.period) or "1"
    unit = _EVERY.get(repeat.periodUnit or "", repeat.periodUnit or "")
    if not unit:
        return ""
    if _token(repeat.periodMax):
        period = f"{period} to {_token(repeat.periodMax)}"
    often = (
        f"{times} to {most} times" if most else f"{times} times" if times not in ("", "1") else ""
    )
    if often:
        return f"{often} per {unit}" if period == "1" else f"{often} every {period} {unit}"
    return (
        f"every {unit}"
        if period == "1" and unit not in ("h", "min", "s")
        else f"every {period} {unit}"
    )


def _token(raw: msgspec.Raw) -> str:
    token = bytes(raw)
    return "" if token in (b"", b"null") else token.decode("utf-8", "replace")


def _maximum(sent: fhir.Dosage) -> str:
    per_period = ratio_words(sent.maxDosePerPeriod) if sent.maxDosePerPeriod else ""
    at_once = quantity_words(sent.maxDosePerAdministration)
    return _joined([per_period, f"{at_once} at once" if at_once else ""])


def _doses(
    dosages: list[fhir.Dosage], reading: Reading
) -> tuple[list[Quantity | None], tuple[str, ...]]:
    """The dose of each instruction. One that is not a number costs the number, not the medicine."""
    doses: list[Quantity | None] = []
    notes: list[str] = []
    for dosage in dosages:
        for one in dosage.doseAndRate or (None,):
            try:
                doses.append(quantity(one.doseQuantity, "", reading) if one is not None else None)
            except ResourceUnreadable as error:
                doses.append(None)
                notes.append(f"Dose as sent could not be read: {error.reason}")
    return doses, tuple(notes)


def _joined(parts: list[str]) -> str:
    """Each word once, in the order met."""
    return ", ".join(dict.fromkeys(part for part in parts if part))


def whole_number(raw: msgspec.Raw) -> int | None:
    """A count such as the number of refills; None when it is missing or no whole number."""
    try:
        value = number(raw, "")
    except ResourceUnreadable:
        return None
    return int(value) if value is not None and value == value.to_integral_value() else None
