"""Henrik Pretend-Mockup: two statins given up for muscle pain, LDL far above goal, creatine kinase ten times the limit."""

from __future__ import annotations

from .authoring import Chart
from .clock import Clock
from .terms import Resource

# One line per thing recorded: it reads as the table that it is.
# fmt: off
KEY = "lipids"


def lakeside(clock: Clock) -> list[Resource]:
    chart = Chart("lakeside", KEY, clock)
    chart.patient("Pretend-Mockup", "Henrik", "male", clock.born(57, 12, 1), "T-0775")
    return chart.written(_background, _medicines, _results, _notes, _today)


def _background(chart: Chart) -> None:
    chart.allergy("Atorvastatin", 800, rxnorm="83367", reaction="Muscle pain", severity="moderate", kind="intolerance")
    chart.problem("Familial hypercholesterolemia", "E78.01", 2400)
    chart.problem("Hypertension", "I10", 1900, snomed="38341003")
    chart.problem("Prediabetes", "R73.03", 700)
    chart.problem("Plantar fasciitis", "M72.2", 1500, status="resolved", ended=1300)
    chart.family("Father", "FTH", ("Myocardial infarction", 46))
    chart.finding("Tobacco smoking status", "72166-2", "Former smoker", 120, category="social-history", snomed="8517006")
    chart.vaccine("Influenza, injectable, quadrivalent", "150", 37)


def _medicines(chart: Chart) -> None:
    chart.medicine("Rosuvastatin 10 MG Oral Tablet", "Take 1 tablet (10 mg) by mouth at night", 120, reason="Hypercholesterolemia")
    chart.medicine("Atorvastatin 40 MG Oral Tablet", "Take 1 tablet (40 mg) by mouth at night", 2300, until=800, stopped="Muscle pain")
    chart.medicine("Simvastatin 20 MG Oral Tablet", "Take 1 tablet (20 mg) by mouth at night", 760, until=640, stopped="Muscle pain")
    chart.medicine("Ezetimibe 10 MG Oral Tablet", "Take 1 tablet (10 mg) by mouth daily", 640)
    chart.medicine("Losartan 50 MG Oral Tablet", "Take 1 tablet (50 mg) by mouth daily", 1500)
    chart.medicine("Amoxicillin 500 MG Oral Capsule", "Take 1 capsule by mouth three times daily for 7 days", 500, until=493, status="completed")


def _results(chart: Chart) -> None:
    rows = ((2400, 324, 241, 44, 178), (2200, 201, 126, 46, 146), (1500, 198, 122, 47, 150), (760, 311, 228, 45, 190), (640, 230, 152, 46, 161), (400, 266, 183, 45, 188), (120, 271, 190, 44, 186))
    for days, total, ldl, hdl, trig in rows:
        chart.labs(days, cholesterol=total, ldl=ldl, hdl=hdl, triglyceride=trig, nonhdl=total - hdl)
    chart.labs(640, lpa=182)
    for days, alt, ck in ((2200, 28, 140), (800, 34, 610), (400, 29, 170), (120, 30, 160)):
        chart.labs(days, alt=alt, ast=alt - 5, alp=70, bilirubin=0.6, albumin=4.4)
        chart.labs(days, ck=ck)
    for days, a1c in ((700, 5.9), (400, 5.9)):
        chart.labs(days, a1c=a1c)
    for days, creatinine, egfr in ((700, 0.9, 98), (120, 0.9, 97)):
        chart.labs(days, sodium=140, potassium=4.3, chloride=103, bicarbonate=26, bun=15, creatinine=creatinine, egfr=egfr, glucose=104)
    for days, bp, weight in ((700, (136, 84), 88.0), (400, (134, 82), 89.2), (120, (132, 80), 88.6)):
        chart.vitals(days, bp=bp, pulse=70, weight=weight, bmi=round(weight / 1.79**2, 1))
    chart.measured("Cardiovascular disease 10Y risk [Likelihood] ACC-AHA Pooled Cohort", "79423-0", 14.6, "%", 400)


def _notes(chart: Chart) -> None:
    chart.report("Coronary calcium score", 620, conclusion="Agatston score 212, 88th percentile.", loinc="79087-3")
    seen = chart.encounter_past(120, "Cholesterol follow-up", code="E78.01", at="lake-3")
    chart.note(
        120,
        "Progress note, lipids",
        """
        SUBJECTIVE: No pain on ezetimibe alone.
        ASSESSMENT AND PLAN: Try rosuvastatin 10 mg. Lipids in eight weeks, creatine kinase with any pain. If LDL stays above 100, ask for a PCSK9 antibody.
        """,
        encounter=seen,
    )
    chart.order("Lipid panel in eight weeks", 120)
    chart.order("Referral to lipid clinic", 120, kind="referral")


def _today(chart: Chart) -> None:
    chart.visit("Cholesterol follow-up", code="E78.01", hours=-1.2, at="lake-3", nurse="nurse", complaint="Familial hypercholesterolemia")
    drawn = chart.clock.hours(3.3)
    chart.labs(drawn, cholesterol=214, ldl=134, hdl=45, triglyceride=175, nonhdl=169)
    chart.labs(drawn, ck=2140)
    chart.labs(drawn, alt=61, ast=88, alp=72, bilirubin=0.6, albumin=4.3)
    chart.vitals(chart.clock.hours(0.2), bp=(138, 84), pulse=74, weight=89.0, bmi=27.8)
    chart.finding("Muscle symptoms", "", "Thighs ache since three weeks, dark urine once", chart.clock.hours(0.2), category="survey")
