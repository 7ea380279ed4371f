"""Greta Pretend-Fiction: hypothyroidism on a steady dose; TSH is 24 since iron and calcium are taken with the tablet."""

from __future__ import annotations

from .authoring import Chart
from .clock import Clock
from .terms import Resource

# One line per thing recorded: it reads as the table that it is.
# fmt: off
KEY = "hypothyroid"


def lakeside(clock: Clock) -> list[Resource]:
    chart = Chart("lakeside", KEY, clock)
    chart.patient("Pretend-Fiction", "Greta", "female", clock.born(47, 9, 9), "T-0764")
    return chart.written(_background, _medicines, _results, _notes, _today)


def _background(chart: Chart) -> None:
    chart.no_known_allergies(700)
    chart.problem("Autoimmune thyroiditis", "E06.3", 2900, snomed="66944004")
    chart.problem("Hypothyroidism, unspecified", "E03.9", 2900)
    chart.problem("Iron deficiency", "E61.1", 110)
    chart.problem("Palpitations", "R00.2", 1300, status="resolved", ended=1200)
    chart.problem("Carpal tunnel syndrome", "G56.00", 2950, status="resolved", ended=2600)
    chart.family("Mother", "MTH", ("Hypothyroidism", 40))
    chart.finding("Tobacco smoking status", "72166-2", "Never smoker", 370, category="social-history", snomed="266919005")
    chart.vaccine("Influenza, injectable, quadrivalent", "150", 40)


def _medicines(chart: Chart) -> None:
    chart.medicine("Levothyroxine 100 MCG Oral Tablet", "Take 1 tablet (100 mcg) by mouth every morning", 1200, reason="Hypothyroidism")
    chart.medicine("Levothyroxine 125 MCG Oral Tablet", "Take 1 tablet (125 mcg) by mouth every morning", 1700, until=1200, stopped="TSH 0.1, palpitations")
    chart.medicine("Levothyroxine 75 MCG Oral Tablet", "Take 1 tablet (75 mcg) by mouth every morning", 2900, until=1700, stopped="Raised, TSH 6.8")
    chart.medicine("Ferrous sulfate 325 MG Oral Tablet", "Take 1 tablet (325 mg) by mouth every morning", 110, reason="Iron deficiency")
    chart.stated("Calcium carbonate 600 MG", "1 tablet at breakfast, bought without prescription", 110, since=110)
    chart.medicine("Ibuprofen 400 MG Oral Tablet", "Take 1 tablet by mouth as needed", 1000, until=900, status="completed")


def _results(chart: Chart) -> None:
    for days, tsh, free in ((2900, 38.0, 0.5), (2750, 6.8, 0.9), (1700, 5.9, 1.0), (1300, 0.1, 1.9), (1100, 1.9, 1.3), (730, 2.2, 1.3), (370, 2.4, 1.2)):
        chart.labs(days, tsh=tsh, t4_free=free)
    chart.labs(2900, tpo=612)
    chart.labs(110, ferritin=9, tsat=12)
    for days, hgb in ((1100, 12.9), (370, 12.6), (110, 11.8)):
        chart.labs(days, hemoglobin=hgb, hematocrit=round(hgb * 3), wbc=6.0, platelets=254, mcv=82)
        chart.labs(days, sodium=139, potassium=4.2, chloride=103, bicarbonate=26, bun=12, creatinine=0.8, egfr=92, glucose=90)
    chart.labs(370, cholesterol=198, ldl=118, hdl=56, triglyceride=121)
    for days, pulse, weight in ((1300, 98, 63.2), (730, 72, 66.0), (370, 70, 66.4), (110, 68, 67.1)):
        chart.vitals(days, bp=(118, 72), pulse=pulse, weight=weight)


def _notes(chart: Chart) -> None:
    seen = chart.encounter_past(370, "Hypothyroidism follow-up", code="E03.9", at="lake-1")
    chart.note(
        370,
        "Progress note, thyroid",
        """
        SUBJECTIVE: Well.
        ASSESSMENT AND PLAN: TSH at goal on 100 mcg. Same dose, TSH in a year. Tablet on an empty stomach.
        """,
        encounter=seen,
    )
    chart.report("Thyroid ultrasound", 2890, conclusion="Small, inhomogeneous gland, no nodule.")


def _today(chart: Chart) -> None:
    chart.visit("Thyroid follow-up", code="E03.9", hours=-0.4, at="lake-1", nurse="nurse", complaint="Hypothyroidism, unspecified")
    drawn = chart.clock.hours(4.2)
    chart.labs(drawn, tsh=24.0, t4_free=0.6)
    chart.labs(drawn, cholesterol=262, ldl=171, hdl=55, triglyceride=180)
    chart.vitals(chart.clock.hours(0.2), bp=(124, 84), pulse=54, weight=71.8)
