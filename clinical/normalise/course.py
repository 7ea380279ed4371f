"""When a course of medicine ends, as far as the record itself implies it (rule 14)."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from clinical import resources as fhir
from clinical.errors import ResourceUnreadable
from clinical.records import FhirTime

from .dosage import whole_number
from .quantities import number
from .reading import Reading

# Mean lengths are enough here: the result only says "likely ended".
_DAYS = {
    "s": Decimal(1) / 86400,
    "min": Decimal(1) / 1440,
    "h": Decimal(1) / 24,
    "d": Decimal(1),
    "wk": Decimal(7),
    "mo": Decimal("30.4375"),
    "a": Decimal("365.25"),
}
_UNIT_WORDS = {
    "day": "d", "days": "d", "week": "wk", "weeks": "wk", "month": "mo", "months": "mo",
    "year": "a", "years": "a", "hour": "h", "hours": "h",
}  # fmt: skip
_LONGEST = Decimal(36525)  # a hundred years: more is a typing error, and no date


def request_ends(resource: fhir.MedicationRequest, reading: Reading) -> FhirTime | None:
    """The earliest of: the last dosage's bounds, the dispense validity, authoredOn + supply x (refills + 1).

    None when the record implies none. Refills that are not stated are unknown, not zero.
    """
    started = reading.time(resource.authoredOn)
    return _earliest(
        dosage_ends(resource.dosageInstruction, started, reading),
        _validity_end(resource.dispenseRequest, reading),
        _supply_end(resource.dispenseRequest, started),
    )


def statement_ends(resource: fhir.MedicationStatement, reading: Reading) -> FhirTime | None:
    """The earliest of the end of its effective period and the last dosage's bounds."""
    period = resource.effectivePeriod
    started = reading.time(period.start if period is not None else resource.effectiveDateTime)
    return _earliest(
        reading.time(period.end) if period is not None else None,
        dosage_ends(resource.dosage, started, reading),
    )


def dosage_ends(
    dosages: fhir.Dosages | None, started: FhirTime | None, reading: Reading
) -> FhirTime | None:
    """A taper ends with its last step; one step without an end leaves the course open."""
    ends = [_bounds_end(one, started, reading) for one in dosages or () if one is not None]
    known = [end for end in ends if end is not None]
    if not known or len(known) < len(ends):
        return None
    return max(known, key=lambda end: end.start)


def _bounds_end(dosage: fhir.Dosage, started: FhirTime | None, reading: Reading) -> FhirTime | None:
    repeat = dosage.timing.repeat if dosage.timing is not None else None
    if repeat is None:
        return None
    if repeat.boundsPeriod is not None:
        return reading.time(repeat.boundsPeriod.end)
    return _after(started, repeat.boundsDuration)


def _validity_end(sent: fhir.DispenseRequest | None, reading: Reading) -> FhirTime | None:
    if sent is None or sent.validityPeriod is None:
        return None
    return reading.time(sent.validityPeriod.end)


def _supply_end(sent: fhir.DispenseRequest | None, started: FhirTime | None) -> FhirTime | None:
    if sent is None:
        return None
    refills = whole_number(sent.numberOfRepeatsAllowed)
    return None if refills is None else _after(started, sent.expectedSupplyDuration, refills + 1)


def _after(
    started: FhirTime | None, duration: fhir.Quantity | None, times: int = 1
) -> FhirTime | None:
    """The day a duration after the start; None when either is missing, not a number or not a length of time."""
    days = _days(duration)
    if started is None or days is None or not 0 < days * times <= _LONGEST:
        return None
    try:
        end = started.start + timedelta(days=float(days * times))
    except OverflowError:
        return None
    return FhirTime(start=end, end=end + timedelta(days=1), precision="day", text=f"{end:%Y-%m-%d}")


def _days(duration: fhir.Quantity | None) -> Decimal | None:
    if duration is None:
        return None
    unit = duration.code or duration.unit or ""
    length = _DAYS.get(_UNIT_WORDS.get(unit.lower(), unit))
    try:
        value = number(duration.value, "")
    except ResourceUnreadable:
        return None
    return value * length if value is not None and length is not None else None


def _earliest(*ends: FhirTime | None) -> FhirTime | None:
    known = [end for end in ends if end is not None]
    return min(known, key=lambda end: end.start) if known else None
