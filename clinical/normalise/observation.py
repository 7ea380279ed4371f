"""Observations of every category. Source: https://hl7.org/fhir/R4/observation.html"""

from __future__ import annotations

from operator import attrgetter
from typing import Any

import msgspec

from clinical import codes
from clinical import resources as fhir
from clinical.errors import ResourceUnreadable
from clinical.records import Component, Concept, FhirTime, NotShown, Observation, Source

from .quantities import NO_VALUE, ranges_of, value_of
from .reading import Reading

WITHDRAWN = {
    "entered-in-error": ("entered-in-error", "the source marked it as entered in error"),
    "cancelled": ("withdrawn", "the source cancelled it"),
}


def observation(resource: fhir.Observation, reading: Reading) -> Observation | NotShown:
    """One Observation, or why it is not shown.

    A registered one is pending and a preliminary one provisional: both are kept under their status. Missing: no
    value, time, range or interpretation stays missing. Raises ResourceUnreadable without a code, with two values, or
    where a number is not one.
    """
    if resource.status in WITHDRAWN:
        return reading.not_shown(resource, *WITHDRAWN[resource.status])
    refused = reading.refusal(resource, resource.component)
    if refused is not None:
        return refused
    source = reading.source(resource)
    concept = reading.concept(resource.code)
    if not concept.text:
        raise ResourceUnreadable(source.reference, "it does not say what was observed")
    return _record(resource, source, concept, reading)


def _record(
    resource: fhir.Observation, source: Source, concept: Concept, reading: Reading
) -> Observation:
    ref = source.reference
    value, absent = value_of(resource, ref, reading)
    taken, taken_text = _taken(resource, reading)
    usual = Observation(
        source=source,
        concept=concept,
        category=category(resource.category, reading),
        status=reading.share(resource.status),
        value=value,
        absent=reading.share(absent),
        interpretation=interpretation(resource.interpretation, reading),
        ranges=ranges_of(resource.referenceRange, ref, reading),
        taken=taken,
        taken_text=taken_text,
        issued=reading.time(resource.issued),
        performers=reading.references(resource.performer, resource) if resource.performer else (),
        encounter=reading.target(resource.encounter),
        based_on=reading.targets(resource.basedOn) if resource.basedOn else (),
        identifiers=reading.identifiers(*resource.identifier) if resource.identifier else (),
    )
    if _rare_of(resource) == _NOTHING_RARE:
        return usual
    return msgspec.structs.replace(usual, **_rare(resource, ref, reading))


_RARE = ("component", "specimen", "method", "bodySite", "device", "hasMember", "derivedFrom", "note", "focus")  # fmt: skip
_rare_of = attrgetter(*_RARE)
_NOTHING_RARE = (None,) * len(_RARE)


def _rare(resource: fhir.Observation, ref: str, reading: Reading) -> dict[str, Any]:
    """The fields most results leave out; apart, because naming every field costs more than reading them."""
    return {
        "components": tuple(
            _component(one, ref, reading) for one in resource.component or () if one is not None
        ),
        "specimen": _specimen(resource, reading),
        "specimen_ref": reading.target(resource.specimen),
        "method": reading.text(resource.method),
        "body_site": reading.text(resource.bodySite),
        "device": _device(resource, reading) if resource.device is not None else "",
        "members": reading.targets(resource.hasMember),
        "derived_from": reading.targets(resource.derivedFrom),
        "notes": _notes(resource, reading),
        "about_other": _about_other(resource, reading),
    }


def _component(sent: fhir.ObservationComponent, ref: str, reading: Reading) -> Component:
    """Each part may be absent with its own reason (rules 21 and 25)."""
    value, absent = value_of(sent, ref, reading)
    concept = reading.concept(sent.code)
    if not concept.text and value is not NO_VALUE:
        raise ResourceUnreadable(ref, "one of its parts does not say what was observed")
    return Component(
        concept=concept,
        value=value,
        absent=reading.share(absent),
        interpretation=interpretation(sent.interpretation, reading),
        ranges=ranges_of(sent.referenceRange, ref, reading),
    )


def category(sent: fhir.Concepts | None, reading: Reading) -> str:
    """The first code of FHIR's own category system, else the first code or word sent."""
    if not sent:
        return ""
    known = reading.categories.get(sent)
    if known is None:
        standard = codes.first_code(reading.concepts(sent), codes.OBSERVATION_CATEGORY)
        known = reading.categories[sent] = reading.share(standard or reading.code(sent[0]))
    return known


def interpretation(sent: fhir.Concepts | None, reading: Reading) -> tuple[str, ...]:
    """The laboratory's own words: v3 codes, else whatever code or text it used. Never filled in by us."""
    if not sent:
        return ()
    known = reading.interpretations.get(sent)
    if known is None:
        found = (_interpretation(one) for one in reading.concepts(sent))
        known = reading.interpretations[sent] = tuple(code for code in found if code)
    return known


def _interpretation(found: Concept) -> str:
    for coding in found.codings:
        if coding.system == codes.INTERPRETATION:
            return coding.code
    for coding in found.codings:
        if coding.code and coding.system != codes.DATA_ABSENT_REASON:
            return coding.code
    return found.text if not found.codings else ""


def _taken(resource: fhir.Observation, reading: Reading) -> tuple[FhirTime | None, str]:
    """When it was true of the patient; `issued` never stands in for it (rule 35)."""
    sent = resource.effectiveDateTime or resource.effectiveInstant
    if sent:
        found = reading.time(sent)
        return found, "" if found is not None else sent
    if resource.effectivePeriod is not None:
        period = resource.effectivePeriod
        found = reading.period(period)
        unread = f"{period.start or ''}/{period.end or ''}" if found is None else ""
        return found, unread.strip("/")
    if resource.effectiveTiming is not None:
        return _taken_timing(resource.effectiveTiming, reading)
    return None, ""


def _taken_timing(timing: fhir.Timing, reading: Reading) -> tuple[FhirTime | None, str]:
    events = [event for event in timing.event or () if event]
    if len(events) == 1:
        return reading.time(events[0]), "" if reading.time(events[0]) else events[0]
    if events:
        return None, ", ".join(events)
    return None, reading.text(timing.code)


def _specimen(resource: fhir.Observation, reading: Reading) -> str:
    sent = resource.specimen
    if sent is None:
        return ""
    found = reading.resolve(sent, resource)
    kind = reading.text(found.type) if isinstance(found, fhir.Specimen) else ""
    return reading.share(kind or sent.display)


def _device(resource: fhir.Observation, reading: Reading) -> str:
    found = reading.reference(resource.device, resource)
    return found.display if found is not None else ""


def _notes(resource: fhir.Observation, reading: Reading) -> tuple[str, ...]:
    """The laboratory's remarks, and what is said about the specimen's condition ("Specimen: hemolyzed")."""
    notes = reading.notes(resource.note) if resource.note else ()
    if resource.specimen is None:
        return notes
    found = reading.resolve(resource.specimen, resource)
    if not isinstance(found, fhir.Specimen):
        return notes
    condition = tuple(f"Specimen: {one.text}" for one in reading.concepts(found.condition))
    return notes + condition + tuple(f"Specimen: {one}" for one in reading.notes(found.note))


def _about_other(resource: fhir.Observation, reading: Reading) -> bool:
    """Rule 54: the focus is a fetus, a donor, a device …, and not simply the patient again."""
    subject = reading.target(resource.subject)
    return any(
        one is not None and (not subject or reading.target(one) != subject)
        for one in resource.focus or ()
    )
