"""Medicines of a Chart: orders, statements, what was given."""

from __future__ import annotations

from typing import Any

from . import terms
from .book import Book
from .clock import When
from .rxnorm import INGREDIENTS
from .terms import Resource, coded, concept, quantity, reference, slug


def product(name: str) -> Resource:
    """A medicine as words, with the RxNorm ingredient where the first word names one of the table."""
    lower = name.lower()
    hit = next((i for i in sorted(INGREDIENTS, key=len, reverse=True) if lower.startswith(i)), "")
    return concept(name, (terms.RXNORM, INGREDIENTS[hit])) if hit else concept(name)


def _instruction(
    dose: str,
    per_day: tuple[float, str, float] | None,
    start: str,
    end: str,
    due: tuple[str, ...] = (),
) -> Resource:
    """The instruction in words, with its amount and times a day and its bounds where they are known."""
    repeat: Resource = {"boundsPeriod": {"start": start, "end": end}} if end else {}
    made: Resource = {"text": dose}
    if per_day:
        amount, unit, times = per_day
        repeat |= {"frequency": round(times), "period": 1, "periodUnit": "d"}
        made["doseAndRate"] = [{"doseQuantity": quantity(amount, unit)}]
    timing = ({"event": list(due)} if due else {}) | ({"repeat": repeat} if repeat else {})
    return made | ({"timing": timing} if timing else {})


def _supply(days: int, repeats: int) -> Resource:
    """Days of one dispense, and how often it may be repeated."""
    return {
        "expectedSupplyDuration": quantity(days, "days", "d"),
        "numberOfRepeatsAllowed": repeats,
    }


class Medicines(Book):
    """Adds medicines. dose is the instruction word for word."""

    def medicine(
        self,
        name: str,
        dose: str,
        since: When,
        *,
        until: When | None = None,
        status: str = "",
        reason: str = "",
        stopped: str = "",
        by: str = "physician",
        intent: str = "order",
        inpatient: bool = False,
        per_day: tuple[float, str, float] | None = None,
        supply: tuple[int, int] | None = None,
        due: tuple[str, ...] = (),
        **more: Any,
    ) -> str:
        """A MedicationRequest.

        until: when it was stopped (the status then is stopped). stopped: why. per_day: amount, unit, times a day.
        supply: days of one dispense, repeats. due: moments at which the order itself states that a dose is due.
        """
        start = self.clock.at(since)
        end = self.clock.at(until) if until is not None else ""
        setting = "inpatient" if inpatient else "community"
        return self.add("MedicationRequest", f"med-{slug(name, 28)}", {
            "status": status or ("stopped" if until is not None else "active"),
            "statusReason": concept(stopped) if stopped else None,
            "intent": intent,
            "category": [coded(terms.TERMINOLOGY + "medicationrequest-category", setting)],
            "reportedBoolean": intent == "plan",
            "medicationCodeableConcept": product(name),
            **self.about(),
            "authoredOn": start,
            "requester": self.who(by),
            "reasonCode": [concept(reason)] if reason else None,
            "dosageInstruction": [_instruction(dose, per_day, start, end, due)],
            "dispenseRequest": _supply(*supply) if supply else None,
        } | more)  # fmt: skip

    def stated(
        self,
        name: str,
        dose: str,
        when: When,
        *,
        status: str = "active",
        since: When | None = None,
        note: str = "",
    ) -> str:
        """A MedicationStatement: what the patient or another list says is taken."""
        return self.add("MedicationStatement", f"taken-{slug(name, 28)}", {
            "status": status,
            "medicationCodeableConcept": product(name),
            "subject": self.subject,
            "effectivePeriod": {"start": self.clock.at(since)} if since is not None else None,
            "dateAsserted": self.clock.at(when),
            "informationSource": self.subject,
            "dosage": [{"text": dose}],
            "note": [{"text": note}] if note else None,
        })  # fmt: skip

    def given(
        self,
        name: str,
        amount: float,
        unit: str,
        when: When,
        *,
        route: str = "oral",
        order: str = "",
        status: str = "completed",
        why_not: str = "",
        note: str = "",
    ) -> str:
        """A MedicationAdministration; status not-done needs why_not."""
        dosage: Resource = {
            "text": f"{amount:g} {unit} {route}",
            "route": concept(route),
            "dose": {"value": amount, "unit": unit, "system": terms.UCUM, "code": unit},
        }
        return self.add("MedicationAdministration", f"given-{slug(name, 24)}", {
            "status": status,
            "statusReason": [concept(why_not)] if why_not else None,
            "medicationCodeableConcept": product(name),
            "subject": self.subject,
            "context": reference("Encounter", self.encounter) if self.encounter else None,
            "effectiveDateTime": self.clock.at(when),
            "performer": [{"actor": self.who("nurse")}],
            "request": reference("MedicationRequest", order) if order else None,
            "dosage": None if status == "not-done" else dosage,
            "note": [{"text": note}] if note else None,
        })  # fmt: skip

    def dispensed(self, name: str, when: When, *, order: str = "", days: int = 30) -> str:
        """A MedicationDispense that was handed over."""
        moment = self.clock.at(when)
        return self.add("MedicationDispense", f"fill-{slug(name, 24)}", {
            "status": "completed",
            "medicationCodeableConcept": product(name),
            "subject": self.subject,
            "authorizingPrescription": [reference("MedicationRequest", order)] if order else None,
            "daysSupply": {"value": days, "unit": "days", "system": terms.UCUM, "code": "d"},
            "whenHandedOver": moment,
        })  # fmt: skip
