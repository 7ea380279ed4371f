"""Implants and other devices. Source: https://hl7.org/fhir/R4/device.html, US Core implantable device"""

from __future__ import annotations

from clinical import resources as fhir
from clinical.records import Device, NotShown

from . import words
from .reading import Reading


def device(resource: fhir.Device, reading: Reading) -> Device | NotShown:
    """One Device of the patient. R4 does not say when it was implanted: that is in the Procedure, so it stays None."""
    if resource.status == "entered-in-error":
        return reading.not_shown(
            resource, "entered-in-error", "the source marked it as entered in error"
        )
    refused = reading.refusal(resource, resource.deviceName, resource.udiCarrier)
    if refused is not None:
        return refused
    named = any(one is not None and one.name for one in resource.deviceName or ())
    return Device(
        source=reading.source(resource),
        concept=reading.concept(resource.type),
        status=resource.status or "",
        name=words.name_of(resource) if named else "",
        model=" ".join(part for part in (resource.manufacturer, resource.modelNumber) if part),
        udi=_udi(resource),
        expires=reading.time(resource.expirationDate),
        safety=reading.concepts(resource.safety),
        notes=reading.notes(resource.note),
    )


def _udi(resource: fhir.Device) -> str:
    """The carrier as printed, else the device identifier in it."""
    for one in resource.udiCarrier or ():
        if one is not None and (one.carrierHRF or one.deviceIdentifier):
            return one.carrierHRF or one.deviceIdentifier or ""
    return resource.distinctIdentifier or ""
