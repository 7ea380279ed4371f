"""Imaging studies. Source: https://hl7.org/fhir/R4/imagingstudy.html"""

from __future__ import annotations

from clinical import resources as fhir
from clinical.records import Concept, NotShown, Study

from .observation import WITHDRAWN
from .reading import Reading


def study(resource: fhir.ImagingStudy, reading: Reading) -> Study | NotShown:
    """One ImagingStudy: what was imaged, when and how. The pictures themselves are never fetched."""
    if resource.status in WITHDRAWN:
        return reading.not_shown(resource, *WITHDRAWN[resource.status])
    refused = reading.refusal(resource, resource.series)
    if refused is not None:
        return refused
    modality = _modality(resource, reading)
    return Study(
        source=reading.source(resource),
        concept=_what(resource, modality, reading),
        status=resource.status or "",
        started=reading.time(resource.started),
        modality=modality,
        reasons=reading.concepts(resource.reasonCode),
        based_on=reading.targets(resource.basedOn),
        identifiers=reading.identifiers(*resource.identifier or ()),
    )


def _modality(resource: fhir.ImagingStudy, reading: Reading) -> str:
    sent = [one for one in resource.modality or () if one is not None]
    sent += [one.modality for one in resource.series or () if one is not None and one.modality]
    found = (reading.coding(one) for one in sent)
    return ", ".join(dict.fromkeys(one.text for one in found if one is not None))


def _what(resource: fhir.ImagingStudy, modality: str, reading: Reading) -> Concept:
    """The procedure; else the description; else modality and body site of the series."""
    procedures = reading.concepts(resource.procedureCode)
    if procedures:
        return procedures[0]
    if resource.description:
        return Concept(text=resource.description)
    sites = (reading.coding(one.bodySite) for one in resource.series or () if one is not None)
    site = ", ".join(dict.fromkeys(one.text for one in sites if one is not None))
    return Concept(text=" ".join(part for part in (modality, site) if part))
