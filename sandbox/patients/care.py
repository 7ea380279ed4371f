"""Problems, allergies, orders, procedures, vaccines, devices and the rest of a Chart."""

from __future__ import annotations

from typing import Any

from . import terms
from .book import Book
from .clock import When
from .terms import Resource, coded, concept, quantity, reference, slug

CLINICAL = terms.TERMINOLOGY + "condition-clinical"
VERIFICATION = terms.TERMINOLOGY + "condition-ver-status"
ALLERGY_CLINICAL = terms.TERMINOLOGY + "allergyintolerance-clinical"
ALLERGY_VERIFICATION = terms.TERMINOLOGY + "allergyintolerance-verification"
CONDITION_CATEGORY = terms.TERMINOLOGY + "condition-category"
FLAG_CATEGORY = terms.TERMINOLOGY + "flag-category"
ORDER_KINDS = {
    "referral": concept("Referral to service", (terms.SNOMED, "3457005")),
    "laboratory": concept("Laboratory procedure", (terms.SNOMED, "108252007")),
    "imaging": concept("Imaging", (terms.SNOMED, "363679005")),
    "code-status": concept("Code status"),
    "procedure": concept("Procedure"),
    "nursing": concept("Nursing order"),
}


class Care(Book):
    """Adds what is neither a result nor a medicine."""

    def problem(
        self,
        text: str,
        icd: str,
        onset: When,
        *,
        snomed: str = "",
        status: str = "active",
        verified: str = "confirmed",
        category: str = "problem-list-item",
        ended: When | None = None,
        **more: Any,
    ) -> str:
        """A Condition; category encounter-diagnosis needs the encounter set on the chart."""
        codings = [(terms.ICD, icd)] if icd else []
        codings += [(terms.SCT, snomed)] if snomed else []
        fields: Resource = {
            "clinicalStatus": coded(CLINICAL, status),
            "verificationStatus": coded(VERIFICATION, verified),
            "category": [coded(CONDITION_CATEGORY, category)],
            "code": concept(text, *codings),
            "subject": self.subject,
            "onsetDateTime": self.clock.date(onset),
            "abatementDateTime": self.clock.date(ended) if ended is not None else None,
            "recordedDate": self.clock.date(onset) if isinstance(onset, int) else None,
        }
        if category == "encounter-diagnosis" and self.encounter:
            fields["encounter"] = reference("Encounter", self.encounter)
        return self.add("Condition", f"cond-{slug(text, 28)}", fields | more)

    def allergy(
        self,
        text: str,
        recorded: When,
        *,
        snomed: str = "",
        rxnorm: str = "",
        reaction: str = "",
        reaction_snomed: str = "",
        severity: str = "",
        criticality: str = "",
        verified: str = "confirmed",
        category: str = "medication",
        status: str = "active",
        when: str = "",
        note: str = "",
        kind: str = "allergy",
    ) -> str:
        """An AllergyIntolerance. criticality and severity are sent only where given: missing is not low or mild."""
        codings = [(terms.SNOMED, snomed)] if snomed else []
        codings += [(terms.RXNORM, rxnorm)] if rxnorm else []
        happened: Resource = {}
        if reaction:
            word = (
                concept(reaction, (terms.SNOMED, reaction_snomed))
                if reaction_snomed
                else concept(reaction)
            )
            happened = {"manifestation": [word]}
            happened |= {"severity": severity} if severity else {}
            happened |= {"onset": when} if when else {}
        return self.add("AllergyIntolerance", f"allergy-{slug(text)}", {
            "clinicalStatus": coded(ALLERGY_CLINICAL, status),
            "verificationStatus": coded(ALLERGY_VERIFICATION, verified),
            "type": kind,
            "category": [category],
            "criticality": criticality,
            "code": concept(text, *codings),
            "patient": self.subject,
            "recordedDate": self.clock.date(recorded),
            "reaction": [happened] if happened else None,
            "note": [{"text": note}] if note else None,
        })  # fmt: skip

    def no_known_allergies(self, recorded: When) -> str:
        """The explicit statement that none is known; never the same as an empty list."""
        return self.allergy("No known allergy", recorded, snomed="716186003", category="medication")

    def order(
        self,
        text: str,
        when: When,
        *,
        kind: str = "laboratory",
        status: str = "active",
        codes: tuple[tuple[str, str], ...] = (),
        by: str = "physician",
        due: str = "",
        reason: str = "",
        note: str = "",
        **more: Any,
    ) -> str:
        """A ServiceRequest: test, imaging, referral, code status. due: when it is to happen."""
        return self.add("ServiceRequest", f"order-{slug(text)}", {
            "status": status,
            "intent": "order",
            "category": [ORDER_KINDS[kind]],
            "priority": "routine",
            "code": concept(text, *codes),
            **self.about(),
            "occurrenceDateTime": due,
            "authoredOn": self.clock.at(when),
            "requester": self.who(by),
            "reasonCode": [concept(reason)] if reason else None,
            "note": [{"text": note}] if note else None,
        } | more)  # fmt: skip

    def code_status(
        self, text: str, when: When, *, dnr: bool = False, by: str = "physician"
    ) -> str:
        """The order that says whether to resuscitate."""
        code = "304253006" if dnr else "304252001"
        return self.order(text, when, kind="code-status", codes=((terms.SNOMED, code),), by=by)

    def vaccine(
        self,
        text: str,
        cvx: str,
        when: When,
        *,
        status: str = "completed",
        why_not: str = "",
        dose: int = 0,
    ) -> str:
        """An Immunization; dose: number in its series, 0 = not stated."""
        return self.add("Immunization", f"imm-{slug(text)}", {
            "status": status,
            "statusReason": concept(why_not) if why_not else None,
            "vaccineCode": concept(text, (terms.CVX, cvx)),
            "patient": self.subject,
            "occurrenceDateTime": self.clock.date(when),
            "primarySource": True,
            "protocolApplied": [{"doseNumberPositiveInt": dose}] if dose else None,
        })  # fmt: skip

    def procedure(
        self,
        text: str,
        when: When,
        *,
        codes: tuple[tuple[str, str], ...] = (),
        status: str = "completed",
        why_not: str = "",
        outcome: str = "",
        by: str = "",
        report: str = "",
        **more: Any,
    ) -> str:
        """A Procedure; report: id of the DiagnosticReport about it."""
        return self.add("Procedure", f"proc-{slug(text)}", {
            "status": status,
            "statusReason": concept(why_not) if why_not else None,
            "code": concept(text, *codes),
            **self.about(),
            "performedDateTime": when if isinstance(when, str) else self.clock.date(when),
            "performer": [{"actor": self.who(by)}] if by else None,
            "outcome": concept(outcome) if outcome else None,
            "report": [reference("DiagnosticReport", report)] if report else None,
        } | more)  # fmt: skip

    def device(
        self,
        text: str,
        since: When,
        *,
        snomed: str = "",
        udi: str = "",
        maker: str = "",
        model: str = "",
        note: str = "",
        status: str = "active",
        mri: str = "",
        site: str = "",
    ) -> str:
        """An implant (with UDI) or a line, drain or catheter; since: when it was put in."""
        details = [concept("MRI safety"), mri] if mri else []
        carrier: Resource = {"deviceIdentifier": udi, "carrierHRF": f"(01){udi}(21)SANDBOX"}
        return self.add("Device", f"device-{slug(text)}", {
            "udiCarrier": [carrier] if udi else None,
            "status": status,
            "manufacturer": maker,
            "deviceName": [{"name": text, "type": "user-friendly-name"}],
            "modelNumber": model,
            "manufactureDate": self.clock.date(since),
            "type": concept(text, (terms.SNOMED, snomed)) if snomed else concept(text),
            "property": [{"type": details[0], "valueCode": [concept(mri)]}] if details else None,
            "patient": self.subject,
            "note": [{"text": line} for line in (site, note) if line],
        })  # fmt: skip

    def flag(
        self,
        text: str,
        since: When,
        *,
        kind: str,
        codes: tuple[tuple[str, str], ...] = (),
        status: str = "active",
        by: str = "nurse",
    ) -> str:
        """A Flag. kind: a word of flag-category (safety, clinical, advance-directive …) or infection-control."""
        category = (
            concept(
                "Infection control",
                (FLAG_CATEGORY, "safety"),
                ("https://sandbox.visit-lens.example/flag", kind),
            )
            if kind == "infection-control"
            else coded(FLAG_CATEGORY, kind)
        )
        return self.add("Flag", f"flag-{slug(text)}", {
            "status": status,
            "category": [category],
            "code": concept(text, *codes),
            **self.about(),
            "period": {"start": self.clock.at(since)},
            "author": self.who(by),
        })  # fmt: skip

    def consent(
        self,
        text: str,
        since: When,
        *,
        scope: str,
        category: tuple[str, str],
        codes: tuple[tuple[str, str], ...] = (),
        rule: str = "",
        status: str = "active",
        **more: object,
    ) -> str:
        """A Consent. scope: adr, treatment, patient-privacy or research. rule: permit or deny; "" = not said."""
        provision = {"type": rule or None, "code": [concept(text, *codes)]}
        return self.add("Consent", f"consent-{slug(text)}", {
            "status": status,
            "scope": coded(terms.TERMINOLOGY + "consentscope", scope),
            "category": [coded(*category)],
            "patient": self.subject,
            "dateTime": self.clock.date(since),
            "policyRule": coded(terms.ACT_CODE, "OPTIN"),
            "provision": provision,
            **more,
        })  # fmt: skip

    def family(
        self, relation: str, code: str, *told: tuple[str, int | None], status: str = "completed"
    ) -> str:
        """A FamilyMemberHistory: what a relative had, and at what age (None = not known)."""
        conditions = [
            {"code": concept(text)}
            | ({"onsetAge": quantity(age, "years", "a")} if age is not None else {})
            for text, age in told
        ]
        return self.add("FamilyMemberHistory", f"family-{slug(relation)}", {
            "status": status,
            "patient": self.subject,
            "relationship": concept(relation, (terms.TERMINOLOGY + "v3-RoleCode", code)),
            "condition": conditions,
        })  # fmt: skip

    def goal(self, text: str, since: When, *, status: str = "active", target: str = "") -> str:
        return self.add("Goal", f"goal-{slug(text)}", {
            "lifecycleStatus": status,
            "description": concept(text),
            "subject": self.subject,
            "startDate": self.clock.date(since),
            "target": [{"dueDate": target}] if target else None,
        })  # fmt: skip

    def plan(self, title: str, text: str, since: When, *, goals: list[str] | None = None) -> str:
        """A CarePlan of the assess-plan category; text is shown as written."""
        category = coded("http://hl7.org/fhir/us/core/CodeSystem/careplan-category", "assess-plan")
        return self.add("CarePlan", f"plan-{slug(title)}", {
            "text": {"status": "generated", "div": f'<div xmlns="http://www.w3.org/1999/xhtml">{text}</div>'},
            "status": "active",
            "intent": "plan",
            "category": [category],
            "title": title,
            "description": text,
            "subject": self.subject,
            "period": {"start": self.clock.date(since)},
            "goal": [reference("Goal", key) for key in goals or []],
        })  # fmt: skip

    def imaging(self, text: str, when: When, modality: str) -> str:
        """An ImagingStudy; modality as DICOM writes it (CT, US, XA …)."""
        return self.add("ImagingStudy", f"study-{slug(text)}", {
            "status": "available",
            "modality": [terms.coding("http://dicom.nema.org/resources/ontology/DCM", modality)],
            **self.about(),
            "started": self.clock.at(when),
            "numberOfSeries": 1,
            "description": text,
        })  # fmt: skip

    def provenance(
        self, kind: str, key: str, when: When, *, by: str = "physician", house: str = ""
    ) -> str:
        """Who recorded that resource, and when; house: the organization it came from, as a name."""
        on_behalf = {"onBehalfOf": {"display": house}} if house else {}
        return self.add("Provenance", f"prov-{slug(key, 30)}", {
            "target": [reference(kind, key)],
            "recorded": self.clock.at(when),
            "agent": [
                {
                    "type": coded(terms.TERMINOLOGY + "provenance-participant-type", "author", "Author"),
                    "who": self.who(by),
                }
                | on_behalf
            ],
        })  # fmt: skip
