"""Medicines given. Source: https://hl7.org/fhir/R4/medicationadministration.html"""

from __future__ import annotations

from clinical import resources as fhir
from clinical.errors import ResourceUnreadable
from clinical.records import Administration, NotShown, Quantity

from .medication import drug
from .moments import moment
from .quantities import quantity, quantity_words, ratio_words
from .reading import Reading


def administration(
    resource: fhir.MedicationAdministration, reading: Reading
) -> Administration | NotShown:
    """One MedicationAdministration; "not-done" is kept as not given. Missing: no dose or time stays missing."""
    if resource.status == "entered-in-error":
        return reading.not_shown(
            resource, "entered-in-error", "the source marked it as entered in error"
        )
    dosage = resource.dosage
    refused = reading.refusal(resource, (dosage,), resource.performer)
    if refused is not None:
        return refused
    concept, _, _ = drug(resource, reading)
    at, _ = moment(reading, date_time=resource.effectiveDateTime, period=resource.effectivePeriod)
    reasons = (*reading.concepts(resource.statusReason), *reading.concepts(resource.reasonCode))
    return Administration(
        source=reading.source(resource),
        concept=concept,
        status=resource.status or "",
        at=at,
        dose=_dose(dosage, reading),
        dose_text=_dose_words(dosage),
        route=reading.text(dosage.route) if dosage is not None else "",
        request=reading.target(resource.request),
        reason=", ".join(one.text for one in reasons),
        identifiers=reading.identifiers(*resource.identifier or ()),
    )


def _dose(dosage: fhir.AdministrationDosage | None, reading: Reading) -> Quantity | None:
    """None when not stated or not a number; the words still show what was sent."""
    if dosage is None:
        return None
    try:
        return quantity(dosage.dose, "", reading)
    except ResourceUnreadable:
        return None


def _dose_words(dosage: fhir.AdministrationDosage | None) -> str:
    """The words sent; else dose and rate with the digits sent."""
    if dosage is None:
        return ""
    if dosage.text and dosage.text.strip():
        return dosage.text
    rate = quantity_words(dosage.rateQuantity)
    rate = rate or (ratio_words(dosage.rateRatio) if dosage.rateRatio is not None else "")
    dose = quantity_words(dosage.dose)
    return f"{dose} at {rate}" if dose and rate else dose or rate
