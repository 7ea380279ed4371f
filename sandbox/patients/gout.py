"""Samuel Pretend-Demo: gout above goal, a kidney that fell, a thiazide here and naproxen from the other house."""

from __future__ import annotations

from .authoring import Chart
from .clock import Clock
from .terms import Resource

# One line per thing recorded: it reads as the table that it is.
# fmt: off
KEY = "gout"
PERSON = "P-100742"


def mercy(clock: Clock) -> list[Resource]:
    chart = Chart("mercy", KEY, clock)
    chart.patient("Pretend-Demo", "Samuel", "male", clock.born(64, 11, 3), "00742", PERSON)
    return chart.written(_background, _medicines, _results, _studies, _today)


def _background(chart: Chart) -> None:
    chart.allergy("Sulfonamides", 3000, reaction="Rash", severity="mild", criticality="low")
    chart.problem("Idiopathic chronic gout, multiple sites, with tophus", "M1A.09X1", 2300)
    chart.problem("Hypertension", "I10", 4100, snomed="38341003")
    chart.problem("Chronic kidney disease, stage 3b", "N18.32", 700)
    chart.problem("Calculus of kidney", "N20.0", 1700, status="resolved", ended=1690)
    chart.problem("Obesity", "E66.9", 3000)
    chart.finding("Tobacco smoking status", "72166-2", "Former smoker", 98, category="social-history", snomed="8517006")
    chart.finding("Alcohol use", "11331-6", "Three beers on most evenings", 98, category="social-history")
    chart.family("Father", "FTH", ("Gout", 50))
    chart.vaccine("Influenza, injectable, quadrivalent", "150", 44)


def _medicines(chart: Chart) -> None:
    chart.medicine("Allopurinol 100 MG Oral Tablet", "Take 2 tablets (200 mg) by mouth daily", 98, reason="Gout, urate goal below 6")
    chart.medicine("Allopurinol 100 MG Oral Tablet", "Take 1 tablet (100 mg) by mouth daily", 400, until=98, stopped="Raised, urate above goal")
    chart.medicine("Colchicine 0.6 MG Oral Tablet", "Take 1 tablet (0.6 mg) by mouth daily, until urate is at goal", 98)
    chart.medicine("Hydrochlorothiazide 25 MG Oral Tablet", "Take 1 tablet (25 mg) by mouth daily", 1900, reason="Hypertension")
    chart.medicine("Amlodipine 5 MG Oral Tablet", "Take 1 tablet (5 mg) by mouth daily", 1200)
    chart.medicine("Indomethacin 50 MG Oral Capsule", "Take 1 capsule (50 mg) by mouth three times daily for 5 days", 1600, until=1595, status="completed", reason="Gout flare")
    for days in (300, 60):
        chart.medicine("Prednisone 20 MG Oral Tablet", "Take 1.5 tablets (30 mg) by mouth daily for 5 days", days, until=days - 5, status="completed", reason="Gout flare")


def _results(chart: Chart) -> None:
    for days, urate, creatinine, egfr in ((1900, 9.6, 1.2, 68), (1300, 9.9, 1.3, 61), (700, 9.4, 1.5, 51), (400, 10.1, 1.6, 47), (190, 8.4, 1.6, 47), (98, 8.0, 1.7, 44)):
        chart.labs(days, urate=urate)
        chart.labs(days, sodium=138, potassium=4.1, chloride=101, bicarbonate=26, bun=24, creatinine=creatinine, egfr=egfr, glucose=108)
    for days, alt in ((700, 31), (190, 34)):
        chart.labs(days, alt=alt, ast=alt - 4, alp=80, bilirubin=0.6, albumin=4.2)
        chart.labs(days, hemoglobin=14.2, hematocrit=43, wbc=7.4, platelets=232)
    chart.labs(400, a1c=5.9)
    for days, bp, weight in ((700, (142, 84), 101.0), (190, (138, 84), 102.6), (98, (140, 86), 103.1)):
        chart.vitals(days, bp=bp, pulse=76, weight=weight)


def _studies(chart: Chart) -> None:
    chart.report("Synovial fluid analysis, left knee", 1600, conclusion="Monosodium urate crystals, no organisms.", kind="LAB")
    chart.procedure("Arthrocentesis of left knee", 1600)
    chart.report("X-ray of foot, right", 1590, conclusion="Erosion of the first metatarsal head with overhanging edge.")
    seen = chart.encounter_past(98, "Gout follow-up", code="M1A.09X1", at="clinic-2")
    chart.note(
        98,
        "Progress note, gout",
        """
        SUBJECTIVE: Two flares this year.
        ASSESSMENT AND PLAN: Allopurinol to 200 mg, colchicine for six months. Urate and creatinine in four weeks, step up by 100 mg. Exchange hydrochlorothiazide for losartan. No NSAID.
        """,
        encounter=seen,
    )
    chart.order("Urate and creatinine in four weeks", 98)


def _today(chart: Chart) -> None:
    chart.visit("Gout follow-up", code="M1A.09X1", hours=-0.9, at="clinic-2", nurse="nurse", complaint="Chronic gout, follow-up")
    drawn = chart.clock.hours(2.7)
    chart.labs(drawn, urate=8.9)
    chart.labs(drawn, sodium=137, potassium=5.4, chloride=102, bicarbonate=22, bun=41, creatinine=2.6, egfr=27, glucose=112)
    chart.vitals(chart.clock.hours(0.2), bp=(152, 90), pulse=80, weight=104.0)


def lakeside(clock: Clock) -> list[Resource]:
    """A flare of three weeks ago, treated with naproxen."""
    chart = Chart("lakeside", KEY, clock)
    chart.patient("Pretend-Demo", "Samuel", "male", clock.born(64, 11, 3), "T-0742", PERSON)
    visit = chart.encounter_past(21, "Gout flare, right ankle", code="M10.9", kind="EMER", days=0.1, by="ed-physician", at="lake-urgent", discharge="Home")
    chart.medicine("Naproxen 500 MG Oral Tablet", "Take 1 tablet (500 mg) by mouth twice daily with food", 21, by="ed-physician", reason="Gout flare")
    chart.note(
        21,
        "ED discharge summary",
        "HOSPITAL COURSE: Red, swollen ankle, no fever.\nPLAN: Naproxen until two days after the pain is gone. See own doctor.",
        loinc="59258-4",
        by="ed-physician",
        encounter=visit,
    )
    return chart.resources
