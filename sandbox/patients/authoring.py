"""What a patient's record is written with: one Chart per patient and EHR, one call per thing recorded."""

from __future__ import annotations

import base64
from typing import Any

from . import terms
from .care import Care
from .clock import When
from .medicines import Medicines
from .places import TITLES
from .results import Results
from .terms import Resource, coded, concept, reference, slug

HTEST = terms.coding(terms.TERMINOLOGY + "v3-ActReason", "HTEST", "test health data")
VISIT_CLASS = {
    "AMB": "ambulatory",
    "EMER": "emergency",
    "IMP": "inpatient encounter",
    "VR": "virtual",
}


class Chart(Results, Medicines, Care):
    """The record of one patient in one EHR.

    Every call adds one resource (a panel adds several) and answers its id.
    """

    def patient(
        self, family: str, given: str, sex: str, born: str, mrn: str, person: str = "", **more: Any
    ) -> None:
        """The Patient, marked as test data. person: the identifier that both EHRs know."""
        self.sex = sex
        prefix = {"female": ["Ms"], "male": ["Mr"]}.get(sex, [])
        name = {"use": "official", "family": family, "given": given.split()} | (
            {"prefix": prefix} if prefix else {}
        )
        self.resources.append(
            {
                "resourceType": "Patient",
                "id": self.key,
                "meta": {"security": [HTEST]},
                "identifier": self._identifiers(mrn, person),
                "active": True,
                "name": [name],
                "gender": sex,
                "birthDate": born,
                "communication": [
                    {"language": coded("urn:ietf:bcp:47", "en", "English"), "preferred": True}
                ],
                "managingOrganization": reference("Organization", self.server, TITLES[self.server]),
            }
            | more
        )

    def _identifiers(self, mrn: str, person: str) -> list[Resource]:
        """The record number of this EHR, and the identifier of the person where there is one."""
        own: Resource = {
            "use": "usual",
            "type": coded(terms.TERMINOLOGY + "v2-0203", "MR", "Medical record number"),
            "system": f"https://{self.server}.sandbox.visit-lens.example/mrn",
            "value": mrn,
            "assigner": {"display": TITLES[self.server]},
        }
        return [own, {"system": terms.PERSON, "value": person}] if person else [own]

    # Encounters

    def encounter_past(
        self,
        when: When,
        reason: str,
        *,
        code: str = "",
        kind: str = "AMB",
        days: float = 0.03,
        by: str = "physician",
        at: str = "",
        discharge: str = "",
        name: str = "",
    ) -> str:
        """A finished visit or stay. days: how long it lasted; discharge: where the patient went."""
        start = self.clock.at(when)
        end = self.clock.later(start, round(days * 1440))
        key = self.add("Encounter", name or f"enc-{slug(reason)}", {
            "status": "finished",
            "class": terms.coding(terms.ACT_CODE, kind, VISIT_CLASS[kind]),
            "type": [concept({"EMER": "Emergency department visit", "IMP": "Hospital admission"}.get(kind, "Office visit"))],
            "subject": self.subject,
            "participant": [{"individual": self.who(by)}],
            "period": {"start": start, "end": end},
            "reasonCode": [concept(reason, (terms.ICD, code)) if code else concept(reason)],
            "hospitalization": {"dischargeDisposition": concept(discharge)} if discharge else None,
            "location": [{"location": self.where(at)}] if at else None,
            "serviceProvider": reference("Organization", self.server, TITLES[self.server]),
        })  # fmt: skip
        return key

    def visit(
        self,
        reason: str,
        *,
        code: str = "",
        hours: float = 0.25,
        kind: str = "AMB",
        at: str,
        by: str = "physician",
        complaint: str = "",
        nurse: str = "",
    ) -> str:
        """Today's visit, id visit-<key>. hours: how long ago it began; negative = later today, still planned."""
        start = self.clock.hours(hours) if hours >= 0 else self.clock.hours(-hours, ahead=True)
        key = f"visit-{self.key}"
        why = [concept(complaint or reason, *([(terms.ICD, code)] if code else []))]
        here = "in-progress" if kind in ("EMER", "IMP") else "arrived"
        fields: Resource = {
            "resourceType": "Encounter",
            "id": key,
            "status": here if hours >= 0 else "planned",
            "class": terms.coding(terms.ACT_CODE, kind, VISIT_CLASS[kind]),
            "type": [concept(reason)],
            "subject": self.subject,
            "participant": [{"individual": self.who(who)} for who in (by, nurse) if who],
            "period": {"start": start},
            "reasonCode": why,
            "location": [
                {"location": self.where(at), "status": "active" if hours >= 0 else "planned"}
            ],
            "serviceProvider": reference("Organization", self.server, TITLES[self.server]),
        }
        if kind in ("AMB", "VR"):
            fields["appointment"] = [reference("Appointment", f"appt-{self.key}")]
            self.resources.append(self._appointment(start, why, by, at, arrived=hours >= 0))
        self.resources.append(fields)
        return key

    def _appointment(
        self, start: str, why: list[Resource], by: str, at: str, *, arrived: bool
    ) -> Resource:
        end = self.clock.shifted(start, 30)
        people = [self.subject, self.who(by), self.where(at)]
        return {
            "resourceType": "Appointment",
            "id": f"appt-{self.key}",
            "status": "arrived" if arrived else "booked",
            "reasonCode": why,
            "description": why[0]["text"],
            "start": start,
            "end": end,
            "minutesDuration": 30,
            "participant": [{"actor": who, "status": "accepted"} for who in people],
        }

    def booked(self, days: int, what: str, *, order: str = "", by: str = "physician") -> str:
        """An appointment in the days to come; order: the ServiceRequest it answers."""
        start = self.clock.ahead(days)
        return self.add("Appointment", f"booked-{slug(what)}", {
            "status": "booked",
            "description": what,
            "start": start,
            "end": self.clock.shifted(start, 30),
            "basedOn": [reference("ServiceRequest", order)] if order else None,
            "participant": [
                {"actor": self.subject, "status": "accepted"},
                {"actor": self.who(by), "status": "accepted"},
            ],
        })  # fmt: skip

    # Notes

    def note(
        self,
        when: When,
        title: str,
        text: str,
        *,
        loinc: str = "11506-3",
        by: str = "physician",
        encounter: str = "",
        category: str = "clinical-note",
        status: str = "current",
        order: str = "",
    ) -> str:
        """A note as plain text inside a DocumentReference. loinc: its type, a progress note when nothing is said. order: what it answers."""
        written = self.clock.at(when)
        context = encounter or self.encounter
        return self.add("DocumentReference", f"note-{slug(title)}", {
            "status": status,
            "docStatus": "final",
            "type": concept(title, (terms.LOINC, loinc)),
            "category": [coded(terms.US_CORE_CATEGORY, category)],
            "subject": self.subject,
            "date": written,
            "author": [self.who(by)],
            "custodian": reference("Organization", self.server, TITLES[self.server]),
            "content": [
                {
                    "attachment": {
                        "contentType": "text/plain; charset=utf-8",
                        "data": base64.b64encode(_lines(text).encode()).decode(),
                        "title": title,
                        "creation": written,
                    }
                }
            ],
            "context": _context(context, order, written),
        })  # fmt: skip


def _context(encounter: str, order: str, written: str) -> Resource:
    """Where a note belongs; empty when nothing is known of it."""
    made: Resource = {}
    if encounter:
        made |= {"encounter": [reference("Encounter", encounter)], "period": {"start": written}}
    return made | ({"related": [reference("ServiceRequest", order)]} if order else {})


def _lines(text: str) -> str:
    """The note without the indentation of the source file."""
    return "\n".join(line.strip() for line in text.strip().splitlines()) + "\n"
