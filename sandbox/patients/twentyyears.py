"""Harriet Longterm-Testcase: twenty years of one record, more than 10,000 observations, dialysis for the last five.

The values follow from the day alone (slow decline, a yearly wave, a wave per patient), so that they are the same
every time and still look like a life.
"""

from __future__ import annotations

from math import sin

from .authoring import Chart
from .clock import Clock
from .terms import LOINC, SCT, Resource

# One line per thing recorded: it reads as the table that it is.
# fmt: off
KEY = "twenty-years"
YEARS = 20
DIALYSIS = 5 * 365  # days since the first session


def mercy(clock: Clock) -> list[Resource]:
    chart = Chart("mercy", KEY, clock)
    chart.patient("Longterm-Testcase", "Harriet", "female", clock.born(73, 3, 8), "00020")
    _background(chart)
    _medicines(chart)
    for quarter in range(YEARS * 4, 0, -1):
        _quarter(chart, quarter * 91)
    for session in range(DIALYSIS * 3 // 7, 0, -1):
        _session(chart, session)
    for year in range(YEARS - 1, 1, -4):
        _stay(chart, year * 365 + 40)
    _today(chart)
    return chart.resources


def _wave(day: int, period: float, size: float) -> float:
    return size * (sin(day / period) + 0.5 * sin(day / (period * 0.37)))


def _kidney(day: int) -> tuple[float, float]:
    """Creatinine and eGFR so many days ago: a slow fall until dialysis."""
    if day <= DIALYSIS:
        return round(6.4 + _wave(day, 19, 0.7), 2), 7
    left = (day - DIALYSIS) / (YEARS * 365 - DIALYSIS)
    egfr = max(9.0, 8 + 74 * left + _wave(day, 120, 2))
    return round(60 / egfr + 0.22, 2), round(egfr)


def _background(chart: Chart) -> None:
    chart.allergy("Penicillin", 6900, snomed="91936005", reaction="Rash", reaction_snomed="271807003", severity="mild", criticality="low")
    chart.allergy("Iron dextran", 2100, reaction="Hypotension", severity="severe", criticality="high")
    chart.problem("End stage renal disease on hemodialysis", "N18.6", DIALYSIS, snomed="46177005")
    chart.problem("Dependence on renal dialysis", "Z99.2", DIALYSIS)
    chart.problem("Type 2 diabetes mellitus with diabetic chronic kidney disease", "E11.22", 7200, snomed="44054006")
    chart.problem("Hypertensive kidney disease", "I12.0", 7000)
    chart.problem("Anemia in chronic kidney disease", "D63.1", 2300)
    chart.problem("Secondary hyperparathyroidism of renal origin", "N25.81", 2200)
    chart.problem("Coronary artery disease", "I25.10", 3100)
    for text, code, day in (
        ("Acute bronchitis", "J20.9", 6500),
        ("Herpes zoster", "B02.9", 5100),
        ("Cataract", "H26.9", 3900),
        ("Wrist fracture", "S52.501A", 2800),
        ("Cellulitis of leg", "L03.115", 1400),
    ):
        chart.problem(text, code, day, status="resolved", ended=day - 40)
    chart.device("Arteriovenous fistula, left forearm", DIALYSIS + 120, site="Left forearm: no blood pressure, no needles")
    chart.procedure("Creation of arteriovenous fistula", DIALYSIS + 120, codes=((SCT, "34163007"),))
    chart.code_status("Full code", 300)
    for year in range(YEARS):
        chart.vaccine("Influenza, injectable, quadrivalent", "150", year * 365 + 45)
    for day in (2400, 2370, 2220):
        chart.vaccine("Hepatitis B, dialysis", "44", day)


def _medicines(chart: Chart) -> None:
    chart.medicine("Epoetin alfa 4000 UNT/ML Injection", "4000 units intravenously at each dialysis", DIALYSIS)
    chart.medicine("Sevelamer 800 MG Oral Tablet", "Take 2 tablets (1600 mg) by mouth with each meal", 2000)
    chart.medicine("Insulin glargine 100 UNT/ML Pen", "Inject 10 units under the skin at night", 1500)
    chart.medicine("Amlodipine 10 MG Oral Tablet", "Take 1 tablet (10 mg) by mouth daily", 4000)
    chart.medicine("Carvedilol 12.5 MG Oral Tablet", "Take 1 tablet (12.5 mg) by mouth twice daily", 3000)
    chart.medicine("Aspirin 81 MG Oral Tablet", "Take 1 tablet (81 mg) by mouth daily", 3100)
    chart.medicine("Atorvastatin 40 MG Oral Tablet", "Take 1 tablet (40 mg) by mouth at night", 5200)
    chart.medicine("Metformin 1000 MG Oral Tablet", "Take 1 tablet (1000 mg) by mouth twice daily", 7100, until=3400, stopped="eGFR below 30")
    chart.medicine("Lisinopril 40 MG Oral Tablet", "Take 1 tablet (40 mg) by mouth daily", 6900, until=2500, stopped="Potassium 6.1")
    chart.medicine("Glyburide 5 MG Oral Tablet", "Take 1 tablet (5 mg) by mouth daily", 6900, until=4700, stopped="Hypoglycemia")


def _quarter(chart: Chart, day: int) -> None:
    creatinine, egfr = _kidney(day)
    dialysis = day <= DIALYSIS
    hgb = round((10.9 if dialysis else 10.6 + egfr / 40) + _wave(day, 70, 0.5), 1)
    chart.labs(
        day,
        sodium=round(138 + _wave(day, 50, 1.6)),
        potassium=round(4.5 + (0.5 if dialysis else 0) + _wave(day, 33, 0.3), 1),
        chloride=102,
        bicarbonate=22 if dialysis else 25,
        bun=round(12 + creatinine * 8),
        creatinine=creatinine,
        egfr=egfr,
        glucose=round(148 + _wave(day, 61, 28)),
        calcium=round(9.0 + _wave(day, 45, 0.3), 1),
    )
    chart.labs(day, hemoglobin=hgb, hematocrit=round(hgb * 3), wbc=round(6.9 + _wave(day, 40, 0.9), 1), platelets=round(228 + _wave(day, 90, 22)), mcv=90)
    chart.labs(day, a1c=round(7.6 + _wave(day, 160, 0.6), 1))
    chart.labs(day, albumin=round(3.7 + _wave(day, 80, 0.2), 1), alt=round(22 + _wave(day, 57, 5)), ast=round(21 + _wave(day, 54, 5)))
    if (day // 91) % 2 == 0:
        chart.labs(day, cholesterol=round(168 + _wave(day, 200, 15)), ldl=round(88 + _wave(day, 200, 12)), hdl=44, triglyceride=round(170 + _wave(day, 150, 30)))
    if not dialysis:
        chart.labs(day, uacr=round(40 + (YEARS * 365 - day) / 6 + _wave(day, 77, 20)))
    if dialysis:
        chart.labs(day, ferritin=round(520 + _wave(day, 120, 120)), tsat=round(28 + _wave(day, 110, 5)))
    chart.vitals(day, bp=(round(142 + _wave(day, 66, 8)), round(78 + _wave(day, 66, 5))), pulse=round(76 + _wave(day, 31, 6)), weight=round(74 + _wave(day, 500, 4), 1))
    seen = chart.encounter_past(day, "Diabetes and kidney follow-up", code="E11.22", at="clinic-5")
    if day % 182 < 91:
        chart.note(day, "Progress note", f"SUBJECTIVE: No new complaint.\nASSESSMENT AND PLAN: eGFR {egfr}. Continue, labs in three months.", encounter=seen)


def _session(chart: Chart, number: int) -> None:
    """A dialysis session, three times a week: before, twice during, and after."""
    day = max(1, number * 7 // 3)
    gain = 1.9 + 0.3 * _wave(number, 7, 1)
    dry = 70.5 + _wave(number, 120, 1.2)
    before, after = chart.clock.days(day, "06:40"), chart.clock.days(day, "10:50")
    chart.vitals(before, bp=(round(156 + _wave(number, 9, 7)), round(82 + _wave(number, 9, 4))), pulse=round(78 + _wave(number, 5, 4)), temp=36.5, weight=round(dry + gain, 1))
    for share, hour in ((0.35, "08:05"), (0.7, "09:30")):
        chart.vitals(chart.clock.days(day, hour), bp=(round(156 - 24 * share + _wave(number, 10, 8)), round(82 - 10 * share + _wave(number, 10, 4))), pulse=round(78 + 6 * share + _wave(number, 5, 4)))
    chart.vitals(after, bp=(round(132 + _wave(number, 11, 8)), round(72 + _wave(number, 11, 4))), pulse=round(84 + _wave(number, 6, 4)), weight=round(dry, 1))


def _stay(chart: Chart, day: int) -> None:
    """Five days in hospital with a set every four hours."""
    stay = chart.encounter_past(day, "Pneumonia", code="J18.9", kind="IMP", days=5, by="hospitalist", discharge="Home")
    chart.encounter = stay
    for step in range(30):
        when = chart.clock.days(day - step // 6, f"{4 * (step % 6):02d}:10")
        better = step / 30
        chart.vitals(
            when, bp=(round(118 + 20 * better), 68), pulse=round(108 - 28 * better), resp=round(25 - 8 * better), temp=round(38.7 - 1.8 * better, 1), spo2=round(91 + 5 * better)
        )
    chart.encounter = ""
    chart.note(
        day - 5,
        "Discharge summary",
        "HOSPITAL COURSE: Pneumonia, treated with ceftriaxone and azithromycin.\nPLAN: Film in six weeks.",
        loinc="18842-5",
        by="hospitalist",
        encounter=stay,
    )
    chart.report("Chest X-ray 2 views", day, conclusion="Right lower lobe consolidation.", loinc="36643-5")


def _today(chart: Chart) -> None:
    chart.visit("Diabetes and kidney follow-up", code="E11.22", hours=-0.7, at="clinic-5", nurse="nurse", complaint="Type 2 diabetes mellitus with diabetic chronic kidney disease")
    chart.order("Referral to transplant centre", 240, kind="referral")
    chart.order("Parathyrin.intact, quarterly", 2, codes=((LOINC, "2731-8"),))
