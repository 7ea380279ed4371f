"""The observations of the trap patient: statuses, kinds of value, units, ranges, times."""

from __future__ import annotations

from typing import Any

from . import terms
from .authoring import Chart
from .results import LABORATORY, VITAL_SIGNS
from .terms import LOINC, Resource, coded, concept, quantity, reference

# One line per thing recorded: it reads as the table that it is.
# fmt: off
_POTASSIUM = ("Potassium [Moles/volume] in Serum or Plasma", "2823-3")
_GLUCOSE = ("Glucose [Mass/volume] in Serum or Plasma", "2345-7")


def add(chart: Chart) -> None:
    _statuses(chart)
    _values(chart)
    _absent(chart)
    _ranges(chart)
    _units(chart)
    _times(chart)
    _vitals(chart)
    _unreadable(chart)


def _observed(chart: Chart, name: str, what: tuple[str, str], **fields: Any) -> str:
    """An observation as far as it is ordinary; what: name and LOINC. The caller's fields win, None takes one away."""
    base: Resource = {"status": "final", "category": LABORATORY, "code": concept(what[0], (LOINC, what[1])), "subject": chart.subject, "effectiveDateTime": chart.clock.at(30)}
    return chart.add("Observation", f"odd-{name}", base | fields)


def _statuses(chart: Chart) -> None:
    at = chart.clock.at
    for status, value, days in (("final", 4.4, 200), ("amended", 4.6, 160), ("preliminary", 6.6, 5), ("entered-in-error", 9.9, 100), ("cancelled", 2.1, 90), ("unknown", 5.4, 80)):
        _observed(chart, f"status-{status}", _POTASSIUM, status=status, effectiveDateTime=at(days), valueQuantity=quantity(value, "mmol/L"))
    _observed(chart, "status-registered", _POTASSIUM, status="registered", effectiveDateTime=at(1))
    number = [{"system": "https://mercy.sandbox.visit-lens.example/result", "value": "K-1"}]
    _observed(chart, "before-correction", _POTASSIUM, identifier=number, effectiveDateTime=at(60), valueQuantity=quantity(7.1, "mmol/L"))
    _observed(chart, "corrected", _POTASSIUM, status="corrected", identifier=number, effectiveDateTime=at(60), issued=at(59), valueQuantity=quantity(4.1, "mmol/L"))
    _observed(chart, "modifier", _POTASSIUM, valueQuantity=quantity(3.9, "mmol/L"), modifierExtension=[{"url": "https://sandbox.visit-lens.example/donor", "valueBoolean": True}])
    _observed(chart, "of-the-fetus", ("Heart rate", "8867-4"), category=VITAL_SIGNS, valueQuantity=quantity(140, "/min"), focus=[{"display": "Fetus"}])


def _values(chart: Chart) -> None:
    """Every type a value can have."""
    at = chart.clock.at
    kinds: dict[str, Any] = {
        "valueString": "see note",
        "valueBoolean": True,
        "valueInteger": 3,
        "valueTime": "08:30:00",
        "valueDateTime": at(40),
        "valuePeriod": {"start": at(45), "end": at(40)},
        "valueRange": {"low": quantity(2, "mg/dL"), "high": quantity(4, "mg/dL")},
        "valueRatio": {"numerator": quantity(1, "{titer}"), "denominator": quantity(64, "{titer}")},
        "valueSampledData": {"origin": quantity(0, "mV"), "period": 10, "dimensions": 1, "data": "1 2 3 E U"},
        "valueCodeableConcept": concept("Positive"),
    }
    for field, value in kinds.items():
        _observed(chart, field.lower(), (f"Test with {field}", "33511-7"), **{field: value})
    for text in ("<5", "Neg", "hemolyzed", "1,234", "5-10"):
        _observed(chart, "words", ("C reactive protein [Mass/volume] in Serum or Plasma", "1988-5"), valueString=text)
    for value, comparator, loinc in ((0.01, "<", "10839-9"), (500, ">", "33762-6")):
        _observed(chart, "open-ended", ("Result at the limit of the method", loinc), valueQuantity=quantity(value, "ng/mL", comparator=comparator))
    _observed(chart, "two-values", _POTASSIUM, valueQuantity=quantity(4.0, "mmol/L"), valueString="6.5")


def _absent(chart: Chart) -> None:
    for reason in ("not-performed", "error", "masked", "asked-declined", "not-a-number", "unknown"):
        _observed(chart, f"absent-{reason}", _GLUCOSE, dataAbsentReason=coded(terms.ABSENT, reason))
    _observed(chart, "no-value-no-reason", _GLUCOSE)
    members = [chart.measured(f"Glasgow coma score {part}", loinc, value, "{score}", 20) for part, loinc, value in (("eye opening", "9267-6", 4), ("motor", "9268-4", 6))]
    members.append(
        _observed(
            chart,
            "verbal-not-testable",
            ("Glasgow coma score verbal", "9270-0"),
            category=None,
            dataAbsentReason=coded(terms.ABSENT, "not-performed"),
            note=[{"text": "Intubated, T."}],
        )
    )
    _observed(chart, "coma-score-without-total", ("Glasgow coma score total", "9269-2"), category=None, hasMember=[reference("Observation", key) for key in members])


def _ranges(chart: Chart) -> None:
    def limits(low: float | None, high: float | None, **more: Any) -> Resource:
        found = {key: quantity(value, "mmol/L") for key, value in (("low", low), ("high", high)) if value is not None}
        return found | more

    kind = terms.TERMINOLOGY + "referencerange-meaning"
    several = [
        limits(3.5, 5.1, type=coded(kind, "normal", "Normal Range"), age={"low": quantity(18, "a")}),
        limits(3.9, 5.9, type=coded(kind, "normal", "Normal Range"), age={"high": quantity(1, "a")}),
        limits(4.0, 4.5, type=coded(kind, "therapeutic", "Therapeutic Desired Level")),
        limits(3.4, 4.9, appliesTo=[concept("female")]),
    ]
    normal = [limits(3.5, 5.1)]
    value = quantity(5.4, "mmol/L")
    _observed(chart, "several-ranges", _POTASSIUM, valueQuantity=value, referenceRange=several)
    _observed(chart, "flag-against-range", _POTASSIUM, valueQuantity=value, referenceRange=normal, interpretation=[coded(terms.INTERPRETATION, "N")])
    _observed(chart, "flag-missing", _POTASSIUM, valueQuantity=value, referenceRange=normal)
    _observed(chart, "flag-in-words", _POTASSIUM, valueQuantity=value, referenceRange=normal, interpretation=[concept("H*")])
    _observed(chart, "range-in-words", _POTASSIUM, valueQuantity=value, referenceRange=[{"text": "see leaflet"}])
    _observed(chart, "range-low-only", _POTASSIUM, valueQuantity=value, referenceRange=[limits(3.5, None)])
    _observed(chart, "no-range-no-flag", _POTASSIUM, valueQuantity=value)


def _units(chart: Chart) -> None:
    _observed(chart, "glucose-mg", _GLUCOSE, valueQuantity=quantity(180, "mg/dL"))
    _observed(chart, "glucose-mmol", ("Glucose [Moles/volume] in Serum or Plasma", "14749-6"), valueQuantity=quantity(10, "mmol/L"))
    _observed(chart, "unit-in-words", _GLUCOSE, valueQuantity={"value": 160, "unit": "mg per dl"})
    _observed(chart, "unit-missing", _GLUCOSE, valueQuantity={"value": 9.1})
    _observed(chart, "unit-of-another-kind", _GLUCOSE, valueQuantity=quantity(150, "mm[Hg]"))
    _observed(chart, "spinal-glucose", ("Glucose [Mass/volume] in Cerebral spinal fluid", "2342-4"), valueQuantity=quantity(62, "mg/dL"), specimen={"display": "CSF"})
    _observed(
        chart,
        "finger-glucose",
        ("Glucose [Mass/volume] in Capillary blood by Glucometer", "41653-7"),
        valueQuantity=quantity(199, "mg/dL"),
        specimen={"display": "Capillary blood"},
    )
    _observed(chart, "a1c-percent", ("Hemoglobin A1c/Hemoglobin.total in Blood", "4548-4"), valueQuantity=quantity(7.2, "%"), effectiveDateTime=chart.clock.at(200))
    _observed(chart, "a1c-ifcc", ("Hemoglobin A1c/Hemoglobin.total in Blood by IFCC protocol", "59261-8"), valueQuantity=quantity(58, "mmol/mol"))
    _observed(chart, "mean-glucose", ("Glucose mean value [Mass/volume] in Blood Estimated from glycated hemoglobin", "27353-2"), valueQuantity=quantity(160, "mg/dL"))
    _observed(chart, "troponin-new-assay", ("Troponin I.cardiac [Mass/volume] in Serum or Plasma by High sensitivity method", "89579-7"), valueQuantity=quantity(12, "ng/L"))
    _observed(
        chart,
        "troponin-old-assay",
        ("Troponin I.cardiac [Mass/volume] in Serum or Plasma", "10839-9"),
        valueQuantity=quantity(0.03, "ng/mL"),
        effectiveDateTime=chart.clock.at(400),
    )
    _observed(
        chart,
        "own-code",
        ("", ""),
        code={"coding": [terms.coding("https://mercy.sandbox.visit-lens.example/local", "KX9", "Potassium, whole blood (local)")]},
        valueQuantity=quantity(4.8, "mmol/L"),
    )


def _times(chart: Chart) -> None:
    value = quantity(4.2, "mmol/L")
    clock = chart.clock
    _observed(chart, "time-unknown", _POTASSIUM, effectiveDateTime=None, issued=clock.at(12), valueQuantity=value)
    _observed(chart, "year-only", _POTASSIUM, effectiveDateTime=clock.year(2), valueQuantity=value)
    _observed(chart, "month-only", _POTASSIUM, effectiveDateTime=clock.month(300), valueQuantity=value)
    _observed(chart, "day-only", _POTASSIUM, effectiveDateTime=clock.date(150), valueQuantity=value)
    _observed(
        chart,
        "over-a-period",
        ("Creatinine renal clearance in 24 hour Urine and Serum or Plasma", "2164-2"),
        effectiveDateTime=None,
        effectivePeriod={"start": clock.at(21), "end": clock.at(20)},
        valueQuantity=quantity(58, "mL/min"),
    )
    _observed(chart, "still-going-on", ("Fluid intake total Measured", "9103-3"), effectiveDateTime=None, effectivePeriod={"start": clock.at(2)}, valueQuantity=quantity(900, "mL"))
    _observed(chart, "in-the-future", _POTASSIUM, effectiveDateTime=clock.ahead(400), valueQuantity=quantity(6.4, "mmol/L"))
    _observed(chart, "before-birth", _POTASSIUM, effectiveDateTime=clock.year(90), valueQuantity=value)
    _observed(chart, "performer-elsewhere", _POTASSIUM, performer=[{"reference": "https://elsewhere.example/fhir/Organization/7"}], valueQuantity=value)
    _observed(chart, "utc", _POTASSIUM, effectiveDateTime=clock.utc(chart.clock.at(3)), valueQuantity=value)


def _vitals(chart: Chart) -> None:
    at = chart.clock.at
    for loinc, name, value in (("8480-6", "Systolic blood pressure", 151), ("8462-4", "Diastolic blood pressure", 93)):
        _observed(chart, f"alone-{loinc}", (name, loinc), category=VITAL_SIGNS, valueQuantity=quantity(value, "mmHg", "mm[Hg]"), effectiveDateTime=at(9))
    for loinc, name, days in (("55284-4", "Blood pressure systolic and diastolic", 50), ("96607-7", "Blood pressure panel mean systolic and mean diastolic", 49)):
        parts = [
            {"code": concept(part, (LOINC, code)), "valueQuantity": quantity(value, "mmHg", "mm[Hg]")}
            for code, part, value in (("8480-6", "Systolic blood pressure", 138), ("8462-4", "Diastolic blood pressure", 84))
        ]
        _observed(chart, f"panel-{loinc}", (name, loinc), category=VITAL_SIGNS, component=parts, effectiveDateTime=at(days))
    half = [
        {"code": concept("Systolic blood pressure", (LOINC, "8480-6")), "valueQuantity": quantity(132, "mmHg", "mm[Hg]")},
        {"code": concept("Diastolic blood pressure", (LOINC, "8462-4")), "dataAbsentReason": coded(terms.ABSENT, "error")},
    ]
    _observed(chart, "half-a-pressure", ("Blood pressure panel with all children optional", "85354-9"), category=VITAL_SIGNS, component=half, effectiveDateTime=at(8))
    chart.pressure(70, 120, 48)  # systolic below diastolic
    chart.vital("temp", 98.6, 7)  # °F charted as °C
    chart.vital("weight", 80.0, 16)
    chart.vital("weight", 176.4, 14)  # lb charted as kg
    chart.vital("spo2", 0.97, 6)  # a fraction charted as percent
    chart.vital("pulse", 0, 4)
    _observed(chart, "weight-in-pounds", ("Body weight", "29463-7"), category=VITAL_SIGNS, valueQuantity=quantity(177, "lb", "[lb_av]"), effectiveDateTime=at(13))


def _unreadable(chart: Chart) -> None:
    value = quantity(4.0, "mmol/L")
    _observed(
        chart,
        "status-hidden",
        _POTASSIUM,
        status=None,
        _status={"extension": [{"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "masked"}]},
        valueQuantity=value,
    )
    _observed(chart, "number-as-text", _POTASSIUM, valueQuantity=value | {"value": "4.0"})
    _observed(chart, "date-with-blank", _POTASSIUM, effectiveDateTime=chart.clock.date(33) + " 10:00", valueQuantity=value)
    _observed(chart, "unknown-field", _POTASSIUM, valueQuantity=value, resultColour="red")
