"""Olga Practice-Sample: the annual visit of a smoker of 66; screening, vaccines and a sedative that do not fit."""

from __future__ import annotations

from .authoring import Chart
from .clock import Clock
from .terms import SCT, Resource

# One line per thing recorded: it reads as the table that it is.
# fmt: off
KEY = "annual-wellness"


def lakeside(clock: Clock) -> list[Resource]:
    chart = Chart("lakeside", KEY, clock)
    chart.patient("Practice-Sample", "Olga", "female", clock.born(66, 9, 3), "T-5777")
    return chart.written(_background, _screening, _results, _today)


def _background(chart: Chart) -> None:
    chart.allergy("Shellfish", 1900, snomed="300913006", reaction="Hives", severity="mild", criticality="low", category="food")
    chart.problem("Hyperlipidemia", "E78.5", 1500)
    chart.problem("Chronic low back pain", "M54.50", 900)
    chart.problem("Nicotine dependence, cigarettes", "F17.210", chart.clock.year(42))
    chart.problem("Prediabetes", "R73.03", 380)
    chart.medicine("Pravastatin 40 MG Oral Tablet", "Take 1 tablet (40 mg) by mouth at night", 1400)
    chart.medicine("Tramadol 50 MG Oral Tablet", "Take 1 tablet (50 mg) by mouth every 8 hours as needed", 300)
    chart.medicine("Diphenhydramine 25 MG Oral Capsule", "Take 2 capsules (50 mg) by mouth at bedtime for sleep", 250)
    chart.medicine("Nicotine 14 MG Patch", "1 patch daily", 500, until=460, stopped="Skin irritation")
    chart.family("Mother", "MTH", ("Breast cancer", 49), ("Osteoporosis", 70))
    chart.family("Father", "FTH", ("Colon cancer", 63))
    chart.finding("Tobacco smoking status", "72166-2", "Every day smoker", 380, category="social-history", snomed="449868002")
    chart.measured("Cigarettes smoked total (pack per year) - Reported", "8664-5", 32, "{PackYears}", 380, category="social-history")
    chart.note(1300, "Advance directive", "Durable power of attorney for health care: her husband.", loinc="42348-3", by="Records office")


def _screening(chart: Chart) -> None:
    scope = chart.report("Colonoscopy", 3760, conclusion="Two hyperplastic polyps. Repeat in ten years.", kind="PATH")
    chart.procedure("Colonoscopy", 3760, codes=((SCT, "73761001"),), report=scope)
    chart.report("Mammography, bilateral screening", 430, conclusion="BI-RADS 2, benign. Yearly.", loinc="24606-6")
    chart.procedure("Screening mammography", 430, codes=((SCT, "24623002"),))
    chart.report("Low dose CT of chest, lung cancer screening", 395, conclusion="Lung-RADS 3, 6 mm nodule right upper lobe. Repeat in 6 months.", loinc="79086-5")
    chart.report("DXA bone density", 1480, conclusion="T-score -1.9 femoral neck.", loinc="38269-7")
    chart.finding("Human papilloma virus DNA [Presence] in Cervix", "21440-3", "Not detected", 1500)
    for name, cvx, days in (("Tdap", "115", 4100), ("Zoster recombinant", "187", 700), ("Influenza, high dose", "197", 410), ("COVID-19, mRNA, 30 mcg", "309", 420)):
        chart.vaccine(name, cvx, days, dose=1 if cvx == "187" else 0)
    chart.vaccine("Pneumococcal conjugate PCV20", "216", 380, status="not-done", why_not="Patient declined")
    for name, loinc, value, days in (
        ("Patient Health Questionnaire 2 item (PHQ-2) total score [Reported]", "55758-7", 1, 380),
        ("Total score [AUDIT-C]", "75626-2", 2, 380),
        ("Mini-Cog total score", "", 5, 380),
    ):
        chart.measured(name, loinc, value, "{score}", days)
    chart.finding("Fall risk assessment", "73830-2", "One fall in the last year", 380, category="survey")


def _results(chart: Chart) -> None:
    for days, ldl, hdl, triglyceride, a1c in ((1120, 148, 51, 170, 5.8), (760, 112, 50, 162, 6.0), (380, 118, 49, 171, 6.2)):
        chart.labs(days, cholesterol=ldl + hdl + triglyceride // 5, ldl=ldl, hdl=hdl, triglyceride=triglyceride)
        chart.labs(days, a1c=a1c)
        chart.labs(days, sodium=140, potassium=4.2, chloride=103, bicarbonate=26, bun=14, creatinine=0.8, egfr=81, glucose=112)
    for days, bp, weight in ((1120, (132, 80), 72.8), (760, (136, 82), 73.9), (380, (142, 84), 75.2)):
        chart.vitals(days, bp=bp, pulse=76, weight=weight, bmi=round(weight / 1.61**2, 1))
    seen = chart.encounter_past(380, "Annual wellness visit", code="Z00.00", at="lake-2")
    chart.note(
        380,
        "Annual wellness note",
        """
        SUBJECTIVE: Well. Smokes ten a day, not ready to quit.
        ASSESSMENT AND PLAN: CT nodule: repeat in six months. Colonoscopy next year. Offer pneumococcal again. Stop diphenhydramine, try sleep hygiene.
        """,
        encounter=seen,
    )
    chart.order("Low dose CT of chest, repeat in 6 months", 380, kind="imaging", due=chart.clock.days(198, "09:00"))


def _today(chart: Chart) -> None:
    chart.visit("Annual wellness visit", code="Z00.01", hours=0.2, at="lake-2", nurse="nurse", complaint="Encounter for general adult medical examination with abnormal findings")
    now = chart.clock.hours(0.1)
    chart.vitals(now, bp=(146, 86), pulse=78, weight=76.4, bmi=29.5)
