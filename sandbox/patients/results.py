"""Laboratory results, vital signs, scores and reports of a Chart."""

from __future__ import annotations

from typing import Any

from . import terms
from .book import Book
from .clock import When
from .laboratory import BY_SEX, PANELS, TESTS, flag_of
from .terms import Resource, coded, concept, quantity, reference, slug
from .vitals import VITALS

LABORATORY = [coded(terms.OBSERVATION_CATEGORY, "laboratory", "Laboratory")]
VITAL_SIGNS = [coded(terms.OBSERVATION_CATEGORY, "vital-signs", "Vital Signs")]
REPORT_KINDS = {
    "LAB": coded(terms.DIAGNOSTIC_SECTION, "LAB", "Laboratory"),
    "MB": coded(terms.DIAGNOSTIC_SECTION, "MB", "Microbiology"),
    "RAD": concept("Radiology", (terms.LOINC, "LP29684-5")),
    "CARD": concept("Cardiology", (terms.LOINC, "LP29708-2")),
    "PATH": concept("Pathology", (terms.LOINC, "LP7839-6")),
}


class Results(Book):
    """Adds what was measured. Values are sent as a laboratory sends them: unit, range, interpretation, issue time."""

    def lab(
        self,
        test: str,
        value: float | str,
        when: When,
        *,
        status: str = "final",
        comparator: str = "",
        comment: str = "",
        ranged: bool = True,
        order: str = "",
        specimen: str = "",
        **more: Any,
    ) -> str:
        """One result. A str is a valueString. ranged=False: the laboratory sent neither range nor flag."""
        row = TESTS[test]
        taken = self.clock.at(when)
        fields: Resource = {
            "status": status,
            "category": LABORATORY,
            "code": concept(row.name, (terms.LOINC, row.loinc)),
            **self.about(),
            "effectiveDateTime": taken,
            "issued": self.clock.later(taken, 55),
            "performer": [reference("Organization", self.server)],
            "basedOn": [reference("ServiceRequest", order)] if order else None,
            "specimen": {"display": specimen} if specimen else None,
            "note": [{"text": comment}] if comment else None,
        }
        if isinstance(value, str):
            fields["valueString"] = value
        else:
            fields["valueQuantity"] = quantity(value, *_unit(row.unit), comparator)
            if ranged:
                fields |= self._judged(test, value)
        return self.add("Observation", f"lab-{test.replace('_', '-')}", fields | more)

    def _judged(self, test: str, value: float) -> Resource:
        row = TESTS[test]
        low, high = BY_SEX.get((test, self.sex), (row.low, row.high))
        made: Resource = {}
        if low is not None or high is not None:
            limits = {"low": low, "high": high}
            made["referenceRange"] = [
                {k: quantity(v, *_unit(row.unit)) for k, v in limits.items() if v is not None}
            ]
        flag = flag_of(value, low, high, (row.low_critical, row.high_critical))
        if flag:
            made["interpretation"] = [coded(terms.INTERPRETATION, flag)]
        return made

    def labs(
        self,
        when: When,
        *,
        status: str = "final",
        order: str = "",
        conclusion: str = "",
        **values: float,
    ) -> list[str]:
        """Several results of one draw, with a DiagnosticReport per panel and for what belongs to none."""
        found: dict[str, list[str]] = {}
        for test, value in values.items():
            key = self.lab(test, value, when, status=status, order=order)
            panel = TESTS[test].panel
            found.setdefault(panel or test, []).append(key)
        for panel, keys in found.items():
            loinc, name = PANELS.get(panel) or (TESTS[panel].loinc, TESTS[panel].name)
            self.report(
                name,
                when,
                conclusion=conclusion,
                loinc=loinc,
                kind="LAB",
                status=status,
                results=keys,
                order=order,
            )
        return [key for keys in found.values() for key in keys]

    def finding(
        self,
        name: str,
        loinc: str,
        answer: str,
        when: When,
        *,
        flag: str = "",
        category: str = "laboratory",
        snomed: str = "",
        **more: Any,
    ) -> str:
        """A result in words (serology, culture, blood group, a social answer)."""
        taken = self.clock.at(when)
        fields: Resource = {
            "status": "final",
            "category": [coded(terms.OBSERVATION_CATEGORY, category)],
            "code": concept(name, (terms.LOINC, loinc)) if loinc else concept(name),
            **self.about(),
            "effectiveDateTime": taken,
            "issued": self.clock.later(taken, 120),
            "valueCodeableConcept": concept(answer, (terms.SNOMED, snomed))
            if snomed
            else concept(answer),
            "interpretation": [coded(terms.INTERPRETATION, flag)] if flag else None,
        }
        return self.add("Observation", f"find-{slug(name, 16)}", fields | more)

    def dated(self, name: str, loinc: str, day: str, when: When, *, category: str = "exam") -> str:
        """A result that is itself a date: a last period, an expected delivery."""
        return self.finding(
            name, loinc, "", when, category=category, valueCodeableConcept=None, valueDateTime=day
        )

    def measured(
        self,
        name: str,
        loinc: str,
        value: float,
        unit: str,
        when: When,
        *,
        category: str = "survey",
        **more: Any,
    ) -> str:
        """A number that is neither a laboratory result nor a vital sign: a score, an ejection fraction, a volume."""
        fields: Resource = {
            "status": "final",
            "category": [coded(terms.OBSERVATION_CATEGORY, category)],
            "code": concept(name, (terms.LOINC, loinc)) if loinc else concept(name),
            **self.about(),
            "effectiveDateTime": self.clock.at(when),
            "performer": [self.who("nurse")],
            "valueQuantity": quantity(value, *_unit(unit)),
        }
        return self.add("Observation", f"score-{slug(name, 16)}", fields | more)

    def vital(self, kind: str, value: float, when: When, **more: Any) -> str:
        """One vital sign of the table in vitals.py."""
        row = VITALS[kind]
        fields: Resource = {
            "status": "final",
            "category": VITAL_SIGNS,
            "code": {
                "coding": [terms.coding(terms.LOINC, code, row.name) for code in row.codes],
                "text": row.name,
            },
            **self.about(),
            "effectiveDateTime": self.clock.at(when),
            "performer": [self.who("nurse")],
            "valueQuantity": quantity(value, row.printed, row.unit),
        }
        return self.add("Observation", f"vital-{kind.replace('_', '-')}", fields | more)

    def pressure(
        self, systolic: float, diastolic: float, when: When, *, position: str = "", **more: Any
    ) -> str:
        """A blood pressure panel. position: the words of body posture ("sitting")."""
        pair = (
            ("8480-6", "Systolic blood pressure", systolic),
            ("8462-4", "Diastolic blood pressure", diastolic),
        )
        posture = {"sitting": "33586001", "standing": "10904000", "lying": "102538003"}.get(
            position, ""
        )
        fields: Resource = {
            "status": "final",
            "category": VITAL_SIGNS,
            "code": concept(
                "Blood pressure panel with all children optional", (terms.LOINC, "85354-9")
            ),
            **self.about(),
            "effectiveDateTime": self.clock.at(when),
            "performer": [self.who("nurse")],
            "component": [
                {
                    "code": concept(name, (terms.LOINC, code)),
                    "valueQuantity": quantity(value, "mmHg", "mm[Hg]"),
                }
                for code, name, value in pair
            ],
        }
        if posture:
            words = "lying position" if position == "lying" else f"{position} position"
            fields["component"].append({
                "code": concept("Body position with respect to gravity", (terms.LOINC, "8361-8")),
                "valueCodeableConcept": concept(words, (terms.SNOMED, posture)),
            })  # fmt: skip
        return self.add("Observation", "vital-bp", fields | more)

    def vitals(self, when: When, *, bp: tuple[float, float] | None = None, **values: float) -> None:
        """Several vital signs taken together."""
        if bp:
            self.pressure(*bp, when, position="sitting")
        for kind, value in values.items():
            self.vital(kind, value, when)

    def report(
        self,
        name: str,
        when: When,
        *,
        conclusion: str = "",
        loinc: str = "",
        kind: str = "RAD",
        status: str = "final",
        results: list[str] | None = None,
        order: str = "",
        by: str = "",
        study: str = "",
        **more: Any,
    ) -> str:
        """A DiagnosticReport. results: ids of its Observations; study: id of its ImagingStudy."""
        taken = self.clock.at(when)
        return self.add("DiagnosticReport", f"report-{slug(name, 20)}", {
            "status": status,
            "category": [REPORT_KINDS[kind]],
            "code": concept(name, (terms.LOINC, loinc)) if loinc else concept(name),
            **self.about(),
            "effectiveDateTime": taken,
            "issued": self.clock.later(taken, 90),
            "performer": [self.who(by)] if by else [reference("Organization", self.server)],
            "result": [reference("Observation", key) for key in results or []],
            "basedOn": [reference("ServiceRequest", order)] if order else None,
            "imagingStudy": [reference("ImagingStudy", study)] if study else None,
            "conclusion": conclusion,
        } | more)  # fmt: skip


def _unit(unit: str) -> tuple[str, str]:
    """What is printed and the UCUM code: annotations and the u for micro are not printed."""
    printed = {
        "mL/min/{1.73_m2}": "mL/min/1.73 m²", "{INR}": "INR", "ug/mL{FEU}": "µg/mL FEU", "umol/L": "µmol/L",
        "{score}": "score", "[pH]": "pH", "mm[Hg]": "mmHg", "[iU]/mL": "IU/mL", "m[iU]/L": "mIU/L", "[iU]/L": "IU/L", "{copies}/mL": "copies/mL", "/uL": "/µL",
    }  # fmt: skip
    return printed.get(unit, unit), unit
