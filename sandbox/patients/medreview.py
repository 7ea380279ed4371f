"""Agnes Pretend-Standin: fifteen medicines from two houses at 84, two falls, potassium 6.4 on a sulfonamide."""

from __future__ import annotations

from .authoring import Chart
from .clock import Clock
from .terms import Resource

# One line per thing recorded: it reads as the table that it is.
# fmt: off
KEY = "medicines-review"
PERSON = "P-100786"


def mercy(clock: Clock) -> list[Resource]:
    chart = Chart("mercy", KEY, clock)
    chart.patient("Pretend-Standin", "Agnes", "female", clock.born(84, 1, 26), "00786", PERSON)
    return chart.written(_background, _medicines, _results, _notes, _today)


def _background(chart: Chart) -> None:
    chart.allergy("Codeine", 4000, rxnorm="2670", reaction="Vomiting", severity="moderate", kind="intolerance")
    chart.problem("Permanent atrial fibrillation", "I48.21", 1400, snomed="440028005")
    chart.problem("Type 2 diabetes mellitus", "E11.9", 4800, snomed="44054006")
    chart.problem("Chronic kidney disease, stage 3b", "N18.32", 900)
    chart.problem("Repeated falls", "R29.6", 200)
    chart.problem("Hypertension", "I10", 7000, snomed="38341003")
    chart.problem("Urge incontinence", "N39.41", 1300)
    chart.problem("Insomnia", "G47.00", 2600)
    chart.problem("Osteoarthritis of hip", "M16.9", 2400)
    chart.problem("Herpes zoster", "B02.9", 1900, status="resolved", ended=1860)
    chart.code_status("Full code", 190)
    chart.finding("Tobacco smoking status", "72166-2", "Never smoker", 95, category="social-history", snomed="266919005")
    chart.vaccine("Influenza, high dose", "197", 50)


def _medicines(chart: Chart) -> None:
    for name, dose, days, reason in (
        ("Apixaban 5 MG Oral Tablet", "Take 1 tablet (5 mg) by mouth twice daily", 1300, "Atrial fibrillation"),
        ("Digoxin 0.125 MG Oral Tablet", "Take 1 tablet (0.125 mg) by mouth daily", 1300, "Atrial fibrillation"),
        ("Metoprolol succinate 50 MG Extended Release Oral Tablet", "Take 1 tablet (50 mg) by mouth daily", 1300, ""),
        ("Lisinopril 20 MG Oral Tablet", "Take 1 tablet (20 mg) by mouth daily", 3000, "Hypertension"),
        ("Glyburide 5 MG Oral Tablet", "Take 1 tablet (5 mg) by mouth twice daily", 3900, "Diabetes"),
        ("Oxybutynin 5 MG Oral Tablet", "Take 1 tablet (5 mg) by mouth twice daily", 1300, "Urge incontinence"),
        ("Amitriptyline 25 MG Oral Tablet", "Take 1 tablet (25 mg) by mouth at bedtime", 1850, "Pain after zoster"),
        ("Lorazepam 1 MG Oral Tablet", "Take 1 tablet (1 mg) by mouth at bedtime", 2600, "Insomnia"),
        ("Omeprazole 20 MG Delayed Release Oral Capsule", "Take 1 capsule (20 mg) by mouth daily", 2000, ""),
        ("Gabapentin 300 MG Oral Capsule", "Take 1 capsule (300 mg) by mouth three times daily", 1850, "Pain after zoster"),
        ("Atorvastatin 20 MG Oral Tablet", "Take 1 tablet (20 mg) by mouth at night", 3000, ""),
    ):
        chart.medicine(name, dose, days, reason=reason)
    chart.medicine("Sulfamethoxazole / trimethoprim 800-160 MG Oral Tablet", "Take 1 tablet by mouth twice daily for 7 days", 4, reason="Cystitis")
    chart.medicine("Metformin 500 MG Oral Tablet", "Take 1 tablet (500 mg) by mouth twice daily", 4500, until=420, stopped="eGFR 34")
    chart.stated("Diphenhydramine 25 MG", "1 tablet at night, bought without prescription", 95, since=300)


def _results(chart: Chart) -> None:
    for days, sodium, potassium, creatinine, egfr in ((1400, 139, 4.4, 1.0, 54), (900, 138, 4.6, 1.2, 43), (420, 137, 4.8, 1.5, 34), (190, 136, 4.9, 1.4, 36), (95, 136, 5.0, 1.5, 34)):
        chart.labs(days, sodium=sodium, potassium=potassium, chloride=102, bicarbonate=23, bun=30, creatinine=creatinine, egfr=egfr, glucose=118)
    for days, hgb, a1c in ((900, 12.1, 6.9), (420, 11.8, 6.4), (95, 11.5, 6.0)):
        chart.labs(days, hemoglobin=hgb, hematocrit=round(hgb * 3), wbc=6.4, platelets=211)
        chart.labs(days, a1c=a1c)
    chart.labs(420, digoxin=0.9)
    chart.labs(95, tsh=2.7, alt=18)
    chart.labs(900, b12=288)
    for days, bp, pulse, weight in ((900, (138, 76), 70, 62.0), (420, (130, 72), 66, 59.4), (190, (122, 66), 62, 57.8), (95, (118, 64), 58, 56.9)):
        chart.vitals(days, bp=bp, pulse=pulse, weight=weight)
    chart.finding("Fall risk assessment", "73830-2", "Two falls in six months", 95, category="survey")
    chart.report("EKG 12 lead", 95, conclusion="Atrial fibrillation 58/min, QTc 462 ms.", loinc="11524-6", kind="CARD")


def _notes(chart: Chart) -> None:
    urgent = chart.encounter_past(190, "Fall at home, hip contusion", code="W19.XXXA", kind="EMER", days=0.3, by="ed-physician", at="ed-12", discharge="Home")
    chart.note(190, "ED discharge summary", "HOSPITAL COURSE: Fell at night on the way to the bathroom. No fracture.\nPLAN: Review of medicines.", loinc="59258-4", by="ed-physician", encounter=urgent)
    seen = chart.encounter_past(95, "Follow-up after falls", code="R29.6", at="clinic-4")
    chart.note(
        95,
        "Progress note, falls",
        """
        SUBJECTIVE: A second fall. Dizzy in the morning, hungry at night.
        ASSESSMENT AND PLAN: Pharmacist to review all medicines. Think of stopping glyburide, lorazepam and oxybutynin first. Apixaban dose by weight and creatinine.
        """,
        encounter=seen,
    )
    chart.order("Referral to pharmacist, medication review", 95, kind="referral")


def _today(chart: Chart) -> None:
    chart.visit("Medication review", hours=0.8, at="clinic-4", by="physician", nurse="nurse", complaint="Medication review after falls")
    drawn = chart.clock.hours(2.2)
    chart.labs(drawn, sodium=133, potassium=6.4, chloride=104, bicarbonate=19, bun=44, creatinine=2.1, egfr=22, glucose=61)
    chart.labs(drawn, digoxin=1.8)
    now = chart.clock.hours(0.4)
    chart.vitals(now, bp=(108, 58), pulse=50, weight=55.8)


def lakeside(clock: Clock) -> list[Resource]:
    """Tramadol and ibuprofen for the hip; nobody here knows of apixaban."""
    chart = Chart("lakeside", KEY, clock)
    chart.patient("Pretend-Standin", "Agnes", "female", clock.born(84, 1, 26), "T-0786", PERSON)
    chart.problem("Osteoarthritis of hip", "M16.9", 160)
    chart.medicine("Tramadol 50 MG Oral Tablet", "Take 1 tablet (50 mg) by mouth every 8 hours as needed for pain", 60, reason="Hip pain")
    chart.medicine("Ibuprofen 400 MG Oral Tablet", "Take 1 tablet (400 mg) by mouth three times daily with food", 60, reason="Hip pain")
    chart.encounter_past(60, "Hip pain", code="M25.559", at="lake-5")
    return chart.resources
