"""Nora Pretend-Sample: iron deficiency that iron did not mend: painkillers at both houses, a bowel test never followed."""

from __future__ import annotations

from .authoring import Chart
from .clock import Clock
from .terms import Resource

# One line per thing recorded: it reads as the table that it is.
# fmt: off
KEY = "iron-deficiency"
PERSON = "P-100718"


def mercy(clock: Clock) -> list[Resource]:
    chart = Chart("mercy", KEY, clock)
    chart.patient("Pretend-Sample", "Nora", "female", clock.born(66, 8, 14), "00718", PERSON)
    return chart.written(_background, _medicines, _results, _studies, _today)


def _background(chart: Chart) -> None:
    chart.allergy("Iron dextran", 2400, reaction="Wheeze", severity="moderate", criticality="high")
    chart.problem("Iron deficiency anemia, unspecified", "D50.9", 210, snomed="87522002")
    chart.problem("Osteoarthritis of knee", "M17.9", 1800)
    chart.problem("Hypertension", "I10", 2900, snomed="38341003")
    chart.problem("Gastroesophageal reflux disease", "K21.9", 1300)
    chart.problem("Heavy menstrual bleeding", "N92.0", chart.clock.year(22), status="resolved", ended=chart.clock.year(15))
    chart.family("Brother", "BRO", ("Colon cancer", 58))
    chart.finding("Tobacco smoking status", "72166-2", "Never smoker", 208, category="social-history", snomed="266919005")
    chart.procedure("Hysterectomy", chart.clock.year(15))
    for name, cvx, days in (("Influenza, high dose", "197", 48), ("Zoster recombinant", "187", 900)):
        chart.vaccine(name, cvx, days)


def _medicines(chart: Chart) -> None:
    chart.medicine("Ferrous sulfate 325 MG Oral Tablet", "Take 1 tablet (325 mg) by mouth every other day", 208, reason="Iron deficiency")
    chart.medicine("Omeprazole 20 MG Delayed Release Oral Capsule", "Take 1 capsule (20 mg) by mouth daily", 1300, reason="Reflux")
    chart.medicine("Lisinopril 20 MG Oral Tablet", "Take 1 tablet (20 mg) by mouth daily", 1900)
    chart.medicine("Aspirin 81 MG Oral Tablet", "Take 1 tablet (81 mg) by mouth daily", 2200, until=205, stopped="No reason to go on, anemia")
    chart.medicine("Nitrofurantoin 100 MG Oral Capsule", "Take 1 capsule by mouth twice daily for 5 days", 640, until=635, status="completed")


def _results(chart: Chart) -> None:
    for days, hgb, mcv, rdw, platelets in ((1500, 13.1, 89, 13.0, 262), (900, 12.6, 87, 13.3, 270), (540, 11.9, 84, 13.9, 288), (210, 9.8, 76, 16.8, 366), (120, 9.4, 75, 17.4, 382), (45, 8.9, 73, 18.1, 398)):
        chart.labs(days, hemoglobin=hgb, hematocrit=round(hgb * 3.1), wbc=6.8, platelets=platelets, mcv=mcv, rdw=rdw)
    for days, ferritin, tsat, iron, tibc in ((540, 22, 19, 70, 370), (210, 7, 8, 34, 440), (45, 5, 5, 22, 462)):
        chart.labs(days, ferritin=ferritin, tsat=tsat, iron=iron, tibc=tibc)
    chart.labs(208, b12=412, folate=11, retic=48, tsh=2.1)
    for days, creatinine, egfr in ((900, 0.8, 81), (210, 0.8, 80), (45, 0.9, 70)):
        chart.labs(days, sodium=139, potassium=4.3, chloride=103, bicarbonate=25, bun=19, creatinine=creatinine, egfr=egfr, glucose=97)
    chart.labs(208, alt=19, ast=21, alp=77, bilirubin=0.5, albumin=4.0)
    for days, bp, pulse, weight in ((900, (134, 80), 72, 68.0), (208, (128, 76), 84, 66.1), (45, (124, 72), 92, 64.8)):
        chart.vitals(days, bp=bp, pulse=pulse, weight=weight)


def _studies(chart: Chart) -> None:
    scope = chart.report("Colonoscopy", 4100, conclusion="Normal to the cecum. Repeat in ten years.", kind="PATH")
    chart.procedure("Colonoscopy", 4100, report=scope)
    seen = chart.encounter_past(208, "Fatigue, low hemoglobin", code="D50.9", at="clinic-1")
    chart.note(
        208,
        "Progress note, anemia",
        """
        SUBJECTIVE: Tired, short of breath on stairs. No bleeding seen.
        ASSESSMENT AND PLAN: Iron deficiency. Iron every other day, stop aspirin. Upper endoscopy and colonoscopy. Hemoglobin in four weeks.
        """,
        encounter=seen,
    )
    chart.order("Upper endoscopy and colonoscopy", 208, kind="referral", reason="Iron deficiency anemia")


def _today(chart: Chart) -> None:
    chart.visit("Anemia follow-up", code="D50.9", hours=0.4, at="clinic-1", nurse="nurse", complaint="Iron deficiency anemia, unspecified")
    drawn = chart.clock.hours(2.4)
    chart.labs(drawn, hemoglobin=6.8, hematocrit=22, wbc=7.2, platelets=421, mcv=70, rdw=19.2)
    chart.vitals(chart.clock.hours(0.2), bp=(108, 62), pulse=108, weight=63.9, spo2=97)


def lakeside(clock: Clock) -> list[Resource]:
    """A stool test that was positive, and naproxen for the knee."""
    chart = Chart("lakeside", KEY, clock)
    chart.patient("Pretend-Sample", "Nora", "female", clock.born(66, 8, 14), "T-0718", PERSON)
    chart.problem("Pain in knee", "M25.569", 150)
    chart.medicine("Naproxen 500 MG Oral Tablet", "Take 1 tablet (500 mg) by mouth twice daily with food", 150, reason="Knee pain")
    chart.finding("Hemoglobin.gastrointestinal.lower [Presence] in Stool by Immunoassay", "29771-3", "Positive", 160, flag="POS")
    chart.vitals(150, bp=(130, 78), pulse=86, weight=65.7)
    chart.encounter_past(150, "Knee pain", code="M25.569", at="lake-3")
    return chart.resources
