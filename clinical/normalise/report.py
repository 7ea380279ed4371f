"""Diagnostic reports. Source: https://hl7.org/fhir/R4/diagnosticreport.html"""

from __future__ import annotations

from clinical import resources as fhir
from clinical.records import NotShown, Report

from .attachments import attachments
from .moments import moment
from .observation import WITHDRAWN
from .reading import Reading


def report(resource: fhir.DiagnosticReport, reading: Reading) -> Report | NotShown:
    """One DiagnosticReport. Preliminary and registered ones are kept under their status.

    Missing: a report may have nothing but an attachment, or nothing but results; none is invented from another.
    """
    if resource.status in WITHDRAWN:
        return reading.not_shown(resource, *WITHDRAWN[resource.status])
    refused = reading.refusal(resource, resource.media)
    if refused is not None:
        return refused
    taken, _ = moment(
        reading, date_time=resource.effectiveDateTime, period=resource.effectivePeriod
    )
    return Report(
        source=reading.source(resource),
        concept=reading.concept(resource.code),
        category=next((code for one in resource.category or () if (code := reading.code(one))), ""),
        status=resource.status or "",
        taken=taken,
        issued=reading.time(resource.issued),
        conclusion=resource.conclusion or "",
        conclusion_codes=reading.concepts(resource.conclusionCode),
        results=reading.targets(resource.result),
        performers=reading.references(resource.performer or resource.resultsInterpreter, resource),
        encounter=reading.target(resource.encounter),
        based_on=reading.targets(resource.basedOn),
        attachments=attachments(resource.presentedForm, reading),
        identifiers=reading.identifiers(*resource.identifier or ()),
    )
