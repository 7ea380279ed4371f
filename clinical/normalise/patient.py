"""Patients. Source: https://hl7.org/fhir/R4/patient.html"""

from __future__ import annotations

import re
from collections.abc import Iterable

import msgspec

from clinical import resources as fhir
from clinical.records import FhirTime, NotShown, Patient, PatientName

from . import words
from .reading import Reading

CLINICAL_SEX = "http://hl7.org/fhir/StructureDefinition/patient-sexParameterForClinicalUse"
_SSN_SYSTEMS = frozenset({"http://hl7.org/fhir/sid/us-ssn", "urn:oid:2.16.840.1.113883.4.1"})
_SSN_TYPES = frozenset({"SS", "SB"})

# Which of several names is the patient's: lower is better. Former names and nicknames only when there is no other.
_NAME_ORDER = {"official": 0, "usual": 1, "": 2, "temp": 3, "anonymous": 4, "nickname": 5}
_FORMER = 6
_TEST_NAME = re.compile(r"Z{2,}[\s_-]*TEST", re.IGNORECASE)


def patient(resource: fhir.Patient, reading: Reading) -> Patient | NotShown:
    """One Patient. Missing: no birth date, sex or name stays missing; `deceased` False only says nothing was said.

    Social security numbers are not taken over: nothing here needs them.
    """
    refused = reading.refusal(resource, resource.contact, resource.communication, resource.link)
    if refused is not None:
        return refused
    names = [one for one in resource.name or () if one is not None]
    official = _official(names)
    source = reading.source(resource)
    if any(_TEST_NAME.match(one.family or one.text or "") for one in names):
        source = msgspec.structs.replace(source, test=True)
    birth, birth_text = _birth(resource, reading)
    return Patient(
        source=source,
        name=_name(official) if official is not None else None,
        preferred=_preferred(names, official),
        birth=birth,
        birth_text=birth_text,
        sex=resource.gender or "",
        sex_for_clinical_use=_clinical_sex(resource.extension, reading),
        identifiers=reading.identifiers(*_identifiers(resource)),
        active=resource.active,
        deceased=bool(resource.deceasedBoolean or resource.deceasedDateTime),
        deceased_at=reading.time(resource.deceasedDateTime),
        replaced_by=_replaced_by(resource, reading),
        links=_links(resource, reading),
    )


def _birth(resource: fhir.Patient, reading: Reading) -> tuple[FhirTime | None, str]:
    found = reading.time(resource.birthDate)
    if found is not None:
        return found, ""
    return None, resource.birthDate or words.absent_primitive(resource.birth_date_ext)


def _official(names: Iterable[fhir.HumanName]) -> fhir.HumanName | None:
    """Official before usual before unmarked; among equals one that has not ended. Never a former name by choice."""
    ranked = sorted(names, key=lambda one: (_ended(one), _NAME_ORDER.get(one.use or "", _FORMER)))
    return next((one for one in ranked if one.family or one.given or one.text), None)


def _ended(name: fhir.HumanName) -> bool:
    """Without a clock: an end that was written down is taken as past. `old` and `maiden` have ended by definition."""
    return name.use in ("old", "maiden") or bool(name.period is not None and name.period.end)


def _name(sent: fhir.HumanName) -> PatientName:
    return PatientName(
        family=sent.family or "",
        given=" ".join(part for part in sent.given or () if part),
        prefix=" ".join(part for part in sent.prefix or () if part),
        use=sent.use or "",
        text=words.full_name(sent),
    )


def _preferred(names: Iterable[fhir.HumanName], official: fhir.HumanName | None) -> str:
    """The name the patient is called by, when it is another one."""
    for use in ("usual", "nickname"):
        for one in names:
            if one.use == use and one is not official and not _ended(one):
                called = one.text or " ".join(part for part in one.given or () if part)
                return called or one.family or ""
    return ""


def _identifiers(resource: fhir.Patient) -> list[fhir.Identifier]:
    return [one for one in resource.identifier or () if one is not None and not _is_ssn(one)]


def _is_ssn(sent: fhir.Identifier) -> bool:
    kinds = sent.type.coding or () if sent.type is not None else ()
    return sent.system in _SSN_SYSTEMS or any(
        kind is not None and kind.code in _SSN_TYPES for kind in kinds
    )


def _clinical_sex(extensions: fhir.Extensions | None, reading: Reading) -> str:
    for extension in extensions or ():
        if extension is None or extension.url != CLINICAL_SEX:
            continue
        for part in extension.extension or ():
            if part is not None and part.url == "value":
                return reading.code(part.valueCodeableConcept)
    return ""


def _replaced_by(resource: fhir.Patient, reading: Reading) -> str:
    """Rule 44. Not empty whenever the source says so, even if it does not say by whom in a way we can follow."""
    for link in resource.link or ():
        if link is not None and link.type == "replaced-by":
            return _other(link, reading) or "another record"
    return ""


def _links(resource: fhir.Patient, reading: Reading) -> tuple[str, ...]:
    """The other links, "seealso Patient/9": information only, never followed by themselves."""
    return tuple(
        f"{link.type or 'link'} {_other(link, reading)}".strip()
        for link in resource.link or ()
        if link is not None and link.type != "replaced-by"
    )


def _other(link: fhir.PatientLink, reading: Reading) -> str:
    if link.other is None:
        return ""
    number = link.other.identifier.value if link.other.identifier is not None else ""
    return reading.target(link.other) or link.other.reference or link.other.display or number or ""
