"""Search parameters per resource type (FHIR R4 search parameter registry; some of US Core 9.0.0), as data.

In the table: name:kind=path,path. Kinds: t token, d date, r reference, s string. Paths go through lists.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from sandbox import dates, values
from sandbox.values import Json

KINDS = {"t": "token", "d": "date", "r": "reference", "s": "string"}
_COMMON = "_id:t=id _lastUpdated:d=meta.lastUpdated _tag:t=meta.tag _security:t=meta.security"
_OWN = "identifier:t=identifier patient:r=subject subject:r=subject"
_OF_PATIENT = "identifier:t=identifier patient:r=patient"
_OTHER = (
    "identifier:t=identifier status:t=status code:t=code patient:r=patient,subject,beneficiary "
    "subject:r=subject,patient,beneficiary encounter:r=encounter"
)

_TABLE = {
    "AllergyIntolerance": f"""{_OF_PATIENT} category:t=category clinical-status:t=clinicalStatus code:t=code,reaction.substance
        criticality:t=criticality date:d=recordedDate onset:d=reaction.onset type:t=type
        verification-status:t=verificationStatus recorder:r=recorder""",
    "Appointment": """identifier:t=identifier patient:r=participant.actor actor:r=participant.actor
        practitioner:r=participant.actor location:r=participant.actor date:d=start status:t=status
        appointment-type:t=appointmentType service-type:t=serviceType reason-code:t=reasonCode
        part-status:t=participant.status""",
    "CarePlan": f"""{_OWN} category:t=category date:d=period status:t=status intent:t=intent encounter:r=encounter
        condition:r=addresses goal:r=goal""",
    "CareTeam": f"""{_OWN} category:t=category date:d=period status:t=status encounter:r=encounter
        participant:r=participant.member role:t=participant.role""",
    "Condition": f"""{_OWN} category:t=category clinical-status:t=clinicalStatus code:t=code encounter:r=encounter
        verification-status:t=verificationStatus severity:t=severity onset-date:d=onsetDateTime,onsetPeriod
        abatement-date:d=abatementDateTime,abatementPeriod recorded-date:d=recordedDate body-site:t=bodySite
        asserter:r=asserter""",
    "Consent": f"{_OF_PATIENT} category:t=category date:d=dateTime status:t=status scope:t=scope",
    "Coverage": "identifier:t=identifier patient:r=beneficiary beneficiary:r=beneficiary status:t=status type:t=type",
    "Device": """identifier:t=identifier patient:r=patient status:t=status type:t=type
        device-name:s=deviceName.name,type.text manufacturer:s=manufacturer""",
    "DiagnosticReport": f"""{_OWN} category:t=category code:t=code date:d=effectiveDateTime,effectivePeriod
        encounter:r=encounter issued:d=issued result:r=result status:t=status performer:r=performer
        based-on:r=basedOn specimen:r=specimen""",
    "DocumentReference": f"""{_OWN} category:t=category date:d=date encounter:r=context.encounter status:t=status
        type:t=type period:d=context.period author:r=author contenttype:t=content.attachment.contentType""",
    "Encounter": f"""{_OWN} class:t=class date:d=period status:t=status type:t=type reason-code:t=reasonCode
        participant:r=participant.individual practitioner:r=participant.individual location:r=location.location
        appointment:r=appointment diagnosis:r=diagnosis.condition service-provider:r=serviceProvider
        discharge-disposition:t=hospitalization.dischargeDisposition""",
    "FamilyMemberHistory": f"{_OF_PATIENT} code:t=condition.code date:d=date status:t=status relationship:t=relationship",
    "Flag": f"{_OWN} date:d=period encounter:r=encounter author:r=author",
    "Goal": f"""{_OWN} category:t=category lifecycle-status:t=lifecycleStatus start-date:d=startDate
        target-date:d=target.dueDate achievement-status:t=achievementStatus description:t=description""",
    "Group": """identifier:t=identifier type:t=type actual:t=actual code:t=code member:r=member.entity
        managing-entity:r=managingEntity""",
    "ImagingStudy": f"""{_OWN} encounter:r=encounter started:d=started status:t=status modality:t=series.modality
        basedon:r=basedOn bodysite:t=series.bodySite reason:t=reasonCode""",
    "Immunization": f"""{_OF_PATIENT} date:d=occurrenceDateTime status:t=status vaccine-code:t=vaccineCode
        lot-number:s=lotNumber performer:r=performer.actor""",
    "List": f"""{_OWN} status:t=status code:t=code date:d=date encounter:r=encounter item:r=entry.item
        source:r=source title:s=title""",
    "Location": "identifier:t=identifier name:s=name,alias address:s=address status:t=status organization:r=managingOrganization",
    "Medication": "identifier:t=identifier code:t=code status:t=status form:t=form",
    "MedicationAdministration": f"""{_OWN} code:t=medicationCodeableConcept context:r=context
        effective-time:d=effectiveDateTime,effectivePeriod medication:r=medicationReference status:t=status
        request:r=request performer:r=performer.actor""",
    "MedicationDispense": f"""{_OWN} code:t=medicationCodeableConcept context:r=context status:t=status type:t=type
        medication:r=medicationReference prescription:r=authorizingPrescription whenhandedover:d=whenHandedOver
        whenprepared:d=whenPrepared""",
    "MedicationRequest": f"""{_OWN} authoredon:d=authoredOn category:t=category code:t=medicationCodeableConcept
        date:d=dosageInstruction.timing encounter:r=encounter intent:t=intent medication:r=medicationReference
        priority:t=priority requester:r=requester status:t=status""",
    "MedicationStatement": f"""{_OWN} category:t=category code:t=medicationCodeableConcept context:r=context
        effective:d=effectiveDateTime,effectivePeriod medication:r=medicationReference status:t=status
        source:r=informationSource""",
    "Observation": f"""{_OWN} category:t=category code:t=code combo-code:t=code,component.code
        component-code:t=component.code date:d=effectiveDateTime,effectivePeriod,effectiveInstant,effectiveTiming
        encounter:r=encounter status:t=status performer:r=performer device:r=device specimen:r=specimen
        has-member:r=hasMember derived-from:r=derivedFrom based-on:r=basedOn focus:r=focus
        value-concept:t=valueCodeableConcept value-date:d=valueDateTime,valuePeriod value-string:s=valueString
        data-absent-reason:t=dataAbsentReason method:t=method""",
    "Organization": "identifier:t=identifier name:s=name,alias address:s=address active:t=active type:t=type partof:r=partOf",
    "Patient": """identifier:t=identifier name:s=name family:s=name.family given:s=name.given birthdate:d=birthDate
        gender:t=gender address:s=address telecom:t=telecom phone:t=telecom active:t=active
        death-date:d=deceasedDateTime general-practitioner:r=generalPractitioner organization:r=managingOrganization
        link:r=link.other language:t=communication.language""",
    "Practitioner": """identifier:t=identifier name:s=name family:s=name.family given:s=name.given active:t=active
        telecom:t=telecom gender:t=gender""",
    "PractitionerRole": """identifier:t=identifier practitioner:r=practitioner organization:r=organization
        specialty:t=specialty role:t=code location:r=location active:t=active""",
    "Procedure": f"""{_OWN} category:t=category code:t=code date:d=performedDateTime,performedPeriod
        encounter:r=encounter status:t=status performer:r=performer.actor based-on:r=basedOn reason-code:t=reasonCode""",
    "Provenance": "patient:r=target target:r=target agent:r=agent.who recorded:d=recorded entity:r=entity.what",
    "QuestionnaireResponse": f"""{_OWN} authored:d=authored encounter:r=encounter status:t=status author:r=author
        questionnaire:t=questionnaire""",
    "RelatedPerson": f"{_OF_PATIENT} name:s=name relationship:t=relationship active:t=active birthdate:d=birthDate",
    "ServiceRequest": f"""{_OWN} authored:d=authoredOn category:t=category code:t=code encounter:r=encounter
        intent:t=intent occurrence:d=occurrenceDateTime,occurrencePeriod,occurrenceTiming status:t=status
        requester:r=requester performer:r=performer priority:t=priority based-on:r=basedOn""",
    "Specimen": f"{_OWN} type:t=type status:t=status collected:d=collection.collectedDateTime,collection.collectedPeriod",
}
DECLARED = tuple(sorted((*_TABLE, "Binary")))


@dataclass(frozen=True)
class Parameter:
    """kind: token, date, reference or string. target: the only type that a bare id can mean, "" = any."""

    name: str
    kind: str
    paths: tuple[tuple[str, ...], ...]
    target: str = ""

    def extract(self, content: Json) -> Iterator[Any]:
        """Tokens, intervals, "Type/id" references or strings, as the kind wants them."""
        for path in self.paths:
            for value in values.at(content, path):
                yield from self._read(value)

    def _read(self, value: Any) -> Iterator[Any]:
        if self.kind == "token":
            yield from values.tokens(value)
        elif self.kind == "date":
            found = dates.of_element(value)
            if found is not None:
                yield found
        elif self.kind == "reference":
            found_reference = values.reference(value)
            if found_reference:
                yield found_reference
        else:
            yield from values.strings(value)


_TARGETS = {"patient": "Patient", "practitioner": "Practitioner", "location": "Location"}


@cache
def parameters_of(kind: str) -> dict[str, Parameter]:
    """The search parameters of a type by name; the general ones for a type that is not in the table."""
    found = {}
    for text in f"{_COMMON} {_TABLE.get(kind, _OTHER)}".split():
        name, _, rest = text.partition(":")
        letter, _, paths = rest.partition("=")
        split = tuple(tuple(path.split(".")) for path in paths.split(","))
        found[name] = Parameter(name, KINDS[letter], split, _TARGETS.get(name, ""))
    return found
