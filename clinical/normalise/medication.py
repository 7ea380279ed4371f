"""Medicines ordered and medicines reported.

Sources: https://hl7.org/fhir/R4/medicationrequest.html, medicationstatement.html, medication.html, US Core medication list
"""

from __future__ import annotations

from clinical import resources as fhir
from clinical.errors import ResourceUnreadable
from clinical.records import Concept, FhirTime, Medication, NotShown

from .course import request_ends, statement_ends
from .dosage import instructions
from .reading import NO_CONCEPT, Reading

# Rule 10: these are never in a list of medicines.
WITHDRAWN = {
    "entered-in-error": ("entered-in-error", "the source marked it as entered in error"),
    "cancelled": ("withdrawn", "the order was cancelled before anything was given"),
    "draft": ("proposal", "the order is a draft"),
}
PROPOSALS = frozenset({"proposal", "option"})  # rule 11

_TO_THE_MINUTE = frozenset({"minute", "second"})

Drug = tuple[Concept, bool, str]  # what, whether it was resolved, form


def request(resource: fhir.MedicationRequest, reading: Reading) -> Medication | NotShown:
    """One MedicationRequest: what was prescribed, or reported (`reported`), or must not be given (`avoid`).

    Missing status stays "" and is labelled; a drug that cannot be resolved keeps the words of its reference.
    """
    status = resource.status or ""
    if status in WITHDRAWN:
        return reading.not_shown(resource, *WITHDRAWN[status])
    if resource.intent in PROPOSALS:
        return reading.not_shown(resource, "proposal", f"it is only a {resource.intent}")
    refused = reading.refusal(resource, *_backbone(resource.dosageInstruction), *_supply(resource))
    if refused is not None:
        return refused
    concept, resolved, form = drug(resource, reading)
    dose = instructions(resource.dosageInstruction, reading)
    return Medication(
        source=reading.source(resource),
        kind="request",
        concept=concept,
        resolved=resolved,
        status=status,
        intent=resource.intent or "",
        category=_category(resource.category, reading),
        avoid=resource.doNotPerform is True,
        reported=_reported(resource),
        dose_text=dose.text,
        dose_composed=dose.composed,
        dose_quantity=dose.quantity,
        as_needed=dose.as_needed,
        as_needed_for=dose.as_needed_for,
        max_dose=dose.maximum,
        route=dose.route,
        form=form,
        authored=reading.time(resource.authoredOn),
        starts=_starts(resource, reading),
        ends=request_ends(resource, reading),
        due=_due(resource, reading),
        encounter=reading.target(resource.encounter),
        requester=reading.reference(resource.requester or resource.reportedReference, resource),
        reasons=reading.concepts(resource.reasonCode),
        based_on=reading.targets(resource.basedOn),
        status_reason=reading.text(resource.statusReason),
        notes=reading.notes(resource.note) + dose.notes,
        identifiers=reading.identifiers(*resource.identifier or ()),
    )


def statement(resource: fhir.MedicationStatement, reading: Reading) -> Medication | NotShown:
    """One MedicationStatement: what somebody says is taken. Status "not-taken" is kept: it says the contrary."""
    if resource.status == "entered-in-error":
        return reading.not_shown(resource, *WITHDRAWN["entered-in-error"])
    refused = reading.refusal(resource, *_backbone(resource.dosage))
    if refused is not None:
        return refused
    concept, resolved, form = drug(resource, reading)
    dose = instructions(resource.dosage, reading)
    period = resource.effectivePeriod
    return Medication(
        source=reading.source(resource),
        kind="statement",
        concept=concept,
        resolved=resolved,
        status=resource.status or "",
        category=reading.code(resource.category),
        reported=True,
        dose_text=dose.text,
        dose_composed=dose.composed,
        dose_quantity=dose.quantity,
        as_needed=dose.as_needed,
        as_needed_for=dose.as_needed_for,
        max_dose=dose.maximum,
        route=dose.route,
        form=form,
        authored=reading.time(resource.dateAsserted),
        starts=reading.time(period.start if period is not None else resource.effectiveDateTime),
        ends=statement_ends(resource, reading),
        encounter=reading.target(resource.context),
        requester=reading.reference(resource.informationSource, resource),
        reasons=reading.concepts(resource.reasonCode),
        based_on=reading.targets(resource.basedOn),
        status_reason=", ".join(one.text for one in reading.concepts(resource.statusReason)),
        notes=reading.notes(resource.note) + dose.notes,
        identifiers=reading.identifiers(*resource.identifier or ()),
    )


# ---- which drug (rule 16) ---------------------------------------------------------------------------------------

Holder = fhir.MedicationRequest | fhir.MedicationStatement | fhir.MedicationAdministration


def drug(resource: Holder, reading: Reading) -> Drug:
    """The drug by code, or by a reference that is contained or included.

    Not resolved: the words of the reference, possibly none. Raises ResourceUnreadable when two drugs are named.
    """
    sent, reference = resource.medicationCodeableConcept, resource.medicationReference
    named = reading.concept(sent)
    if reference is None:
        return named, bool(named.text), ""
    if named.text:
        name = type(resource).__name__
        raise ResourceUnreadable(
            f"{name}/{resource.id or '?'}",
            "it names its medicine twice, as a code and as a reference",
        )
    found = reading.resolve(reference, resource)
    if isinstance(found, fhir.Medication):
        concept = product(found, reading)
        if concept.text:
            return concept, True, reading.text(found.form)
    words = reference.display or ""
    return (Concept(text=words) if words else NO_CONCEPT), False, ""


def product(resource: fhir.Medication, reading: Reading) -> Concept:
    """What the product is called: by its code, its name among its identifiers, or its ingredients."""
    return _product(resource, reading, mixture=True)


def _product(resource: fhir.Medication, reading: Reading, *, mixture: bool) -> Concept:
    """mixture: it may be called by its ingredients; an ingredient may not, so no chain of references has no end."""
    if resource.modifierExtension or resource.implicitRules:
        return NO_CONCEPT  # rule 42: then it is "not resolved"
    concept = reading.concept(resource.code)
    if concept.text and not _is_bare_code(concept):
        return concept
    name = _identifier_name(resource) or (_ingredients(resource, reading) if mixture else "")
    return Concept(codings=concept.codings, text=name) if name else concept


def _is_bare_code(concept: Concept) -> bool:
    return any(coding.code == concept.text for coding in concept.codings)


def _identifier_name(resource: fhir.Medication) -> str:
    """Some converters put the name of the drug among the identifiers, under a system that ends so."""
    for one in resource.identifier or ():
        if one is not None and one.value and (one.system or "").endswith("medication-name"):
            return one.value
    return ""


def _ingredients(resource: fhir.Medication, reading: Reading) -> str:
    """ "Ceftriaxone / Dextrose"; one that has no name is told beside those that have, "" when none has."""
    sent = [one for one in resource.ingredient or () if one is not None]
    names = [_ingredient(one, resource, reading) for one in sent]
    return " / ".join(name or "ingredient not named" for name in names) if any(names) else ""


def _ingredient(one: fhir.MedicationIngredient, owner: fhir.Medication, reading: Reading) -> str:
    told = reading.text(one.itemCodeableConcept)
    if told or one.itemReference is None:
        return told
    found = reading.resolve(one.itemReference, owner)
    named = _product(found, reading, mixture=False) if isinstance(found, fhir.Medication) else None
    return (named.text if named is not None else "") or one.itemReference.display or ""


# ---- small parts ------------------------------------------------------------------------------------------------


def _reported(resource: fhir.MedicationRequest) -> bool:
    """Rule 13: a flag or a reference; US Core writes what a patient reports as intent plan."""
    if resource.reportedBoolean is not None:
        return resource.reportedBoolean
    return resource.reportedReference is not None or resource.intent == "plan"


def _category(sent: fhir.Concepts | None, reading: Reading) -> str:
    return next((code for one in sent or () if (code := reading.code(one))), "")


def _starts(resource: fhir.MedicationRequest, reading: Reading) -> FhirTime | None:
    """The earliest start among the dosages' bounds, else of the dispense validity; None when not stated."""
    starts = []
    for dosage in resource.dosageInstruction or ():
        repeat = dosage.timing.repeat if dosage is not None and dosage.timing is not None else None
        if repeat is not None and repeat.boundsPeriod is not None:
            starts.append(reading.time(repeat.boundsPeriod.start))
    known = [start for start in starts if start is not None]
    if known:
        return min(known, key=lambda start: start.start)
    supply = resource.dispenseRequest
    valid = supply.validityPeriod if supply is not None else None
    return reading.time(valid.start) if valid is not None else None


def _due(resource: fhir.MedicationRequest, reading: Reading) -> tuple[FhirTime, ...]:
    """Timing.event: stated moments only. A day without an hour is no time at which a dose is due."""
    sent = (
        event
        for dosage in resource.dosageInstruction or ()
        if dosage is not None and dosage.timing is not None
        for event in dosage.timing.event or ()
    )
    read = (reading.time(event) for event in sent)
    return tuple(each for each in read if each is not None and each.precision in _TO_THE_MINUTE)


def _backbone(dosages: fhir.Dosages | None) -> tuple[tuple[fhir.BackboneElement | None, ...], ...]:
    """Dosages and their timings: both may carry modifiers."""
    sent = dosages or ()
    return sent, tuple(one.timing for one in sent if one is not None)


def _supply(
    resource: fhir.MedicationRequest,
) -> tuple[tuple[fhir.BackboneElement | None, ...], ...]:
    supply = resource.dispenseRequest
    fill = supply.initialFill if supply is not None else None
    return ((supply, fill, resource.substitution),)
