"""What nurses chart at the bedside: full sets of vital signs, urine by the hour, fluids, lines, risk scores."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from . import terms
from .authoring import Chart
from .results import VITAL_SIGNS
from .terms import LOINC, coded, concept, quantity
from .vitals import ACVPU


class Set(NamedTuple):
    """One round at the bedside, `hours` before now. None = that part was not recorded, never a normal value.

    oxygen: L/min, 0 = room air. aware: a letter of ACVPU. own_score: the NEWS2 that the EHR worked out itself.
    """

    hours: float
    resp: float | None
    spo2: float | None
    oxygen: float | None
    bp: tuple[float, float] | None
    pulse: float | None
    aware: str | None
    temp: float | None
    pain: float | None = None
    own_score: int | None = None


def charted(chart: Chart, one: Set, *, device: str = "Nasal cannula", nested: bool = False) -> None:
    """Writes a set. nested: the oxygen flow goes into the saturation as its component, the way of US Core."""
    when = chart.clock.hours(one.hours)
    for kind, value in (
        ("resp", one.resp),
        ("pulse", one.pulse),
        ("temp", one.temp),
        ("pain", one.pain),
    ):
        if value is not None:
            chart.vital(
                kind, value, when, **({"method": {"text": "Oral"}} if kind == "temp" else {})
            )
    if one.bp is not None:
        chart.pressure(*one.bp, when, position="lying")
    _oxygen(chart, one, when, device, nested=nested)
    if one.aware is not None:
        consciousness(chart, one.aware, when)
    if one.own_score is not None:
        chart.add("Observation", "own-news2", {
            "status": "final",
            "category": [coded(terms.OBSERVATION_CATEGORY, "survey")],
            "code": concept("Royal College of Physicians NEWS2 total score", (terms.SCT, "1104051000000101")),
            **chart.about(),
            "effectiveDateTime": chart.clock.later(when, 2),
            "valueQuantity": quantity(one.own_score, "score", "{score}"),
        })  # fmt: skip


def _oxygen(chart: Chart, one: Set, when: str, device: str, *, nested: bool) -> None:
    used = {"device": {"display": device if one.oxygen else "Room air"}}
    part = {}
    if nested and one.oxygen is not None:
        part["component"] = [
            {
                "code": concept("Inhaled oxygen flow rate", (LOINC, "3151-8")),
                "valueQuantity": quantity(one.oxygen, "L/min"),
            }
        ]
    if one.spo2 is not None:
        chart.vital("spo2", one.spo2, when, **part, **(used if nested else {}))
    if one.oxygen is not None and not nested:
        chart.vital("oxygen", one.oxygen, when, **used)


def consciousness(chart: Chart, letter: str, when: str) -> str:
    """One answer of the ACVPU scale."""
    code, words = ACVPU[letter]
    return chart.add("Observation", "vital-acvpu", {
        "status": "final",
        "category": VITAL_SIGNS,
        "code": concept("Level of responsiveness", (LOINC, "67775-7")),
        **chart.about(),
        "effectiveDateTime": when,
        "performer": [chart.who("nurse")],
        "valueCodeableConcept": concept(words, (terms.SNOMED, code)),
    })  # fmt: skip


def volume(
    chart: Chart, name: str, loinc: str, millilitres: float, hour: int, *, method: str = ""
) -> str:
    """What went in or out in one full hour of the clock; hour 1 is the last full one."""
    top = chart.clock.now.replace(minute=0, second=0)
    start, end = (_earlier(top, hours) for hours in (hour, hour - 1))
    return chart.add("Observation", f"fluid-{'out' if loinc == URINE else 'in'}", {
        "status": "final",
        "category": [coded(terms.OBSERVATION_CATEGORY, "vital-signs")],
        "code": concept(name, (LOINC, loinc)),
        **chart.about(),
        "effectivePeriod": {"start": start, "end": end},
        "performer": [chart.who("nurse")],
        "valueQuantity": quantity(millilitres, "mL"),
        "method": {"text": method} if method else None,
    })  # fmt: skip


URINE, INTAKE = "9187-6", "9103-3"


def fluids(
    chart: Chart, urine: Sequence[float], intake: Sequence[float], *, catheter: bool = True
) -> None:
    """Urine and intake of the last full hours, oldest first."""
    method = "Urinary catheter" if catheter else ""
    for hour, amount in zip(range(len(urine), 0, -1), urine, strict=True):
        volume(chart, "Urine output", URINE, amount, hour, method=method)
    for hour, amount in zip(range(len(intake), 0, -1), intake, strict=True):
        volume(chart, "Fluid intake total Measured", INTAKE, amount, hour)


def risks(
    chart: Chart, hours: float, *, morse: int | None = None, braden: int | None = None
) -> None:
    """Fall risk and skin risk scores."""
    when = chart.clock.hours(hours)
    if morse is not None:
        chart.measured("Morse Fall Scale total", "59460-6", morse, "{score}", when)
    if braden is not None:
        chart.measured("Braden scale total score", "38227-5", braden, "{score}", when)


def _earlier(moment: datetime, hours: int) -> str:
    return (moment - timedelta(hours=hours)).isoformat()
