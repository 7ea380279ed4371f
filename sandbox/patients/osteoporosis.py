"""Hilda Pretend-Notreal: osteoporosis, the denosumab of spring never given, four centimeters lost, calcium low."""

from __future__ import annotations

from .authoring import Chart
from .clock import Clock
from .terms import Resource

# One line per thing recorded: it reads as the table that it is.
# fmt: off
KEY = "osteoporosis"


def lakeside(clock: Clock) -> list[Resource]:
    chart = Chart("lakeside", KEY, clock)
    chart.patient("Pretend-Notreal", "Hilda", "female", clock.born(75, 6, 30), "T-0797")
    return chart.written(_background, _medicines, _results, _studies, _today)


def _background(chart: Chart) -> None:
    chart.allergy("Alendronate", 1450, rxnorm="46041", reaction="Esophagitis", severity="moderate", kind="intolerance")
    chart.problem("Age-related osteoporosis with current pathological fracture, vertebra(e)", "M80.08XA", 1460)
    chart.problem("Polymyalgia rheumatica", "M35.3", 900)
    chart.problem("Chronic kidney disease, stage 3a", "N18.31", 500)
    chart.problem("Fracture of distal radius, right", "S52.501A", 2700, status="resolved", ended=2600)
    chart.problem("Cataract", "H26.9", 1800, status="resolved", ended=1700)
    chart.family("Mother", "MTH", ("Hip fracture", 78))
    chart.finding("Tobacco smoking status", "72166-2", "Former smoker", 210, category="social-history", snomed="8517006")
    chart.vaccine("Influenza, high dose", "197", 45)
    chart.vaccine("Zoster recombinant", "187", 1000)


def _medicines(chart: Chart) -> None:
    chart.medicine("Denosumab 60 MG per ML Prefilled Syringe", "Inject 60 mg under the skin every 6 months", 1400, reason="Osteoporosis")
    chart.medicine("Alendronate 70 MG Oral Tablet", "Take 1 tablet (70 mg) by mouth once a week", 2600, until=1450, stopped="Esophagitis")
    chart.medicine("Cholecalciferol 1000 UNT Oral Capsule", "Take 1 capsule by mouth daily", 2600)
    chart.medicine("Calcium carbonate 500 MG Oral Tablet", "Take 1 tablet by mouth daily", 2600, until=400, stopped="Constipation")
    chart.medicine("Prednisone 5 MG Oral Tablet", "Take 1 tablet (5 mg) by mouth daily", 900, reason="Polymyalgia rheumatica")
    chart.medicine("Pantoprazole 40 MG Oral Tablet", "Take 1 tablet (40 mg) by mouth daily", 1440)
    for days in (1400, 1215, 1030, 850, 665, 480, 300):
        chart.given("Denosumab 60 MG per ML Prefilled Syringe", 60, "mg", days, route="subcutaneous")


def _results(chart: Chart) -> None:
    for days, calcium, vitamin, creatinine, egfr in ((1460, 9.3, 18, 0.8, 76), (1030, 9.4, 34, 0.9, 66), (665, 9.2, 31, 1.0, 57), (300, 9.0, 27, 1.0, 57)):
        chart.labs(days, sodium=140, potassium=4.3, chloride=103, bicarbonate=26, bun=19, creatinine=creatinine, egfr=egfr, glucose=98, calcium=calcium)
        chart.labs(days, vitamin_d=vitamin)
        chart.labs(days, alp=71, albumin=4.0)
    chart.labs(1460, pth=48, phosphate=3.4, tsh=1.8)
    for days, height, weight in ((2600, 164.0, 63.0), (1460, 161.5, 61.2), (665, 161.0, 60.8), (300, 160.5, 60.1)):
        chart.vitals(days, bp=(132, 76), pulse=72, weight=weight, height=height)
    chart.finding("Fall risk assessment", "73830-2", "One fall in the last year", 300, category="survey")
    chart.measured("FRAX 10-year probability of major osteoporotic fracture", "", 31, "%", 665)


def _studies(chart: Chart) -> None:
    for days, score in ((2610, -2.6), (1450, -3.2), (800, -2.8)):
        found = chart.measured("DXA Femur-L T-score BMD", "80948-3", score, "{T-score}", days, category="imaging")
        chart.report("DXA bone density", days, conclusion=f"T-score {score} femoral neck, left.", loinc="38269-7", results=[found])
    chart.report("X-ray of thoracic spine", 1460, conclusion="Wedge fracture T12, 30 % loss of height.")
    seen = chart.encounter_past(300, "Osteoporosis follow-up, denosumab", code="M80.08XA", at="lake-2")
    chart.note(
        300,
        "Progress note, osteoporosis",
        """
        SUBJECTIVE: No new fracture. Constipated from calcium.
        ASSESSMENT AND PLAN: Denosumab given today, next in six months, never later than seven. Calcium by food. DXA before the next dose.
        """,
        encounter=seen,
    )
    chart.order("DXA bone density", 300, kind="imaging", due=chart.clock.days(120, "09:00"))


def _today(chart: Chart) -> None:
    chart.visit("Osteoporosis follow-up", code="M80.08XA", hours=1.1, at="lake-2", nurse="nurse", complaint="Osteoporosis follow-up, new back pain")
    drawn = chart.clock.hours(3.8)
    chart.labs(drawn, sodium=139, potassium=4.4, chloride=103, bicarbonate=25, bun=22, creatinine=1.3, egfr=42, glucose=101, calcium=7.8)
    chart.labs(drawn, vitamin_d=14)
    chart.labs(drawn, alp=148, albumin=3.9)
    chart.vitals(chart.clock.hours(0.5), bp=(138, 80), pulse=78, weight=58.9, height=157.0, pain=7)
