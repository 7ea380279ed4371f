"""The words of concepts, names, identifiers and absent values."""

from __future__ import annotations

from clinical import codes
from clinical import resources as fhir
from clinical.records import Coding, Concept, Identifier

NULL_FLAVOR = "http://terminology.hl7.org/CodeSystem/v3-NullFlavor"
_NULL_FLAVOR_NAMES = frozenset(
    {NULL_FLAVOR, "http://hl7.org/fhir/v3/NullFlavor", "urn:oid:2.16.840.1.113883.5.1008"}
)
# v3-NullFlavor -> data-absent-reason
_ABSENT_BY_FLAVOR = {
    "UNK": "unknown",
    "NI": "unknown",
    "ASKU": "asked-unknown",
    "NASK": "not-asked",
    "NAV": "temp-unknown",
    "MSK": "masked",
    "NA": "not-applicable",
    "NINF": "negative-infinity",
    "PINF": "positive-infinity",
}


def concept(sent: fhir.CodeableConcept) -> Concept:
    codings = tuple(
        Coding(
            system=codes.system_uri(one.system), code=one.code or "", display=one.display or None
        )
        for one in sent.coding or ()
        if one is not None and (one.code or one.display)
    )
    return Concept(codings=codings, text=_concept_text(sent, codings))


def _concept_text(sent: fhir.CodeableConcept, codings: tuple[Coding, ...]) -> str:
    if sent.text and sent.text.strip():
        return sent.text
    for coding in codings:
        if coding.display and coding.display.strip():
            return coding.display
    return codings[0].code if codings else ""


def absent_reason(found: Concept) -> str:
    """The data-absent-reason a concept stands for; "" when it says something else as well, or nothing."""
    if not found.codings:
        return ""
    reason = ""
    for coding in found.codings:
        if coding.system == codes.DATA_ABSENT_REASON:
            reason = reason or coding.code
        elif coding.system in _NULL_FLAVOR_NAMES:
            reason = reason or _ABSENT_BY_FLAVOR.get(coding.code, "unknown")
        else:
            return ""
    return reason


def absent_extension(extensions: fhir.Extensions | None) -> str:
    """The code of a data-absent-reason extension, "" without one."""
    for extension in extensions or ():
        if extension is not None and extension.url == codes.DATA_ABSENT_EXTENSION:
            return extension.valueCode or "unknown"
    return ""


def absent_primitive(primitive: fhir.Primitive | None) -> str:
    return absent_extension(primitive.extension) if primitive is not None else ""


def status_code(found: Concept) -> str:
    """The first real code, else the text in lower case: "active", "problem-list-item" …"""
    if absent_reason(found):
        return ""
    for coding in found.codings:
        if coding.code and coding.system != codes.DATA_ABSENT_REASON:
            return coding.code
    return found.text.strip().lower()


def identifier(sent: fhir.Identifier) -> Identifier:
    if sent.type is None:  # nearly always
        return Identifier(system=sent.system or "", value=sent.value or "")
    kind = concept(sent.type)
    return Identifier(
        system=sent.system or "",
        value=sent.value or "",
        type_code=kind.codings[0].code if kind.codings else "",
        label=kind.text,
    )


def name_of(resource: fhir.Resource) -> str:
    """What a person would call the resource a reference leads to."""
    if isinstance(resource, fhir.Practitioner | fhir.Patient):
        return next((full_name(one) for one in resource.name or () if one is not None), "")
    if isinstance(resource, fhir.Organization | fhir.Location):
        return resource.name or ""
    if isinstance(resource, fhir.PractitionerRole):
        return _role_name(resource)
    if isinstance(resource, fhir.Device):
        names = [one.name for one in resource.deviceName or () if one is not None and one.name]
        return names[0] if names else _plain(resource.type)
    if isinstance(resource, fhir.Specimen):
        return _plain(resource.type)
    return ""


def _role_name(role: fhir.PractitionerRole) -> str:
    who = role.practitioner.display if role.practitioner is not None else ""
    what = next((_plain(one) for one in role.specialty or role.code or () if one is not None), "")
    return ", ".join(part for part in (who, what) if part)


def _plain(sent: fhir.CodeableConcept | None) -> str:
    return concept(sent).text if sent is not None else ""


def full_name(sent: fhir.HumanName) -> str:
    """As the source writes it, else prefix, given, family and suffix in that order."""
    if sent.text:
        return sent.text
    parts = [*(sent.prefix or ()), *(sent.given or ()), sent.family, *(sent.suffix or ())]
    return " ".join(part for part in parts if part)
