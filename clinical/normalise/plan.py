"""Care plans and goals. Sources: https://hl7.org/fhir/R4/careplan.html, goal.html"""

from __future__ import annotations

from clinical import resources as fhir
from clinical.records import CarePlan, Goal, NotShown

from .quantities import quantity_words, range_words, ratio_words
from .reading import Reading

_ERROR = ("entered-in-error", "the source marked it as entered in error")


def care_plan(resource: fhir.CarePlan, reading: Reading) -> CarePlan | NotShown:
    """One CarePlan. An activity that must not be done says so first."""
    if resource.status == "entered-in-error":
        return reading.not_shown(resource, *_ERROR)
    details = tuple(one.detail for one in resource.activity or () if one is not None)
    refused = reading.refusal(resource, resource.activity, details)
    if refused is not None:
        return refused
    activities = (_activity(one, reading) for one in resource.activity or () if one is not None)
    return CarePlan(
        source=reading.source(resource),
        title=resource.title or "",
        status=resource.status or "",
        intent=resource.intent or "",
        category=next((code for one in resource.category or () if (code := reading.code(one))), ""),
        period=reading.period(resource.period),
        description=_description(resource, reading),
        activities=tuple(one for one in activities if one),
    )


def _description(resource: fhir.CarePlan, reading: Reading) -> str:
    return "; ".join([resource.description or "", *reading.notes(resource.note)]).strip("; ")


def _activity(sent: fhir.CarePlanActivity, reading: Reading) -> str:
    detail = sent.detail
    if detail is None:
        named = reading.reference(sent.reference)
        return named.display if named is not None else ""
    what = detail.description or reading.text(detail.code)
    if not what or detail.status == "entered-in-error":
        return ""
    said = f"Do not: {what}" if detail.doNotPerform else what
    return f"{said} ({detail.status})" if detail.status else said


def goal(resource: fhir.Goal, reading: Reading) -> Goal | NotShown:
    """One Goal. due: of its first target with a date. targets: "Hemoglobin A1c: at most 7 %"."""
    if resource.lifecycleStatus == "entered-in-error":
        return reading.not_shown(resource, *_ERROR)
    refused = reading.refusal(resource, resource.target)
    if refused is not None:
        return refused
    targets = [one for one in resource.target or () if one is not None]
    dues = (reading.time(one.dueDate) for one in targets)
    return Goal(
        source=reading.source(resource),
        concept=reading.concept(resource.description),
        lifecycle=resource.lifecycleStatus or "",
        achievement=reading.code(resource.achievementStatus),
        start=reading.time(resource.startDate),
        due=next((due for due in dues if due is not None), None),
        targets=tuple(said for one in targets if (said := _target(one, reading))),
    )


def _target(sent: fhir.GoalTarget, reading: Reading) -> str:
    wanted = _wanted(sent, reading)
    measure = reading.text(sent.measure)
    return f"{measure}: {wanted}" if measure and wanted else measure or wanted


def _wanted(sent: fhir.GoalTarget, reading: Reading) -> str:
    if sent.detailRange is not None:
        return range_words(sent.detailRange)
    if sent.detailRatio is not None:
        return ratio_words(sent.detailRatio)
    if sent.detailBoolean is not None:
        return "yes" if sent.detailBoolean else "no"
    number = bytes(sent.detailInteger).decode("utf-8", "replace")
    words = quantity_words(sent.detailQuantity) or reading.text(sent.detailCodeableConcept)
    return words or sent.detailString or (number if number != "null" else "")
