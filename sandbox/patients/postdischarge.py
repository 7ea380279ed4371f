"""Oskar Pretend-Imaginary: six days after a stay for pneumonia with atrial fibrillation; a culture came back late."""

from __future__ import annotations

from .authoring import Chart
from .clock import Clock
from .terms import Resource

# One line per thing recorded: it reads as the table that it is.
# fmt: off
KEY = "after-hospital"
PERSON = "P-100808"
HOME = 6


def lakeside(clock: Clock) -> list[Resource]:
    chart = Chart("lakeside", KEY, clock)
    chart.patient("Pretend-Imaginary", "Oskar", "male", clock.born(77, 7, 4), "T-0808", PERSON)
    return chart.written(_background, _earlier, _today)


def _background(chart: Chart) -> None:
    chart.allergy("Clarithromycin", 1500, rxnorm="21212", reaction="Prolonged QT", severity="severe", criticality="high", kind="intolerance")
    chart.problem("Hypertension", "I10", 5000, snomed="38341003")
    chart.problem("Heart failure with preserved ejection fraction", "I50.32", 800)
    chart.problem("Benign prostatic hyperplasia", "N40.1", 2400)
    chart.problem("Herniated lumbar disc", "M51.26", 4000, status="resolved", ended=3600)
    chart.finding("Tobacco smoking status", "72166-2", "Former smoker", 170, category="social-history", snomed="8517006")
    chart.vaccine("Influenza, high dose", "197", 52)
    chart.vaccine("Pneumococcal conjugate PCV20", "216", 1100)


def _earlier(chart: Chart) -> None:
    chart.medicine("Lisinopril 10 MG Oral Tablet", "Take 1 tablet (10 mg) by mouth daily", 2000, reason="Hypertension")
    chart.medicine("Tamsulosin 0.4 MG Oral Capsule", "Take 1 capsule (0.4 mg) by mouth daily", 2300)
    chart.medicine("Furosemide 20 MG Oral Tablet", "Take 1 tablet (20 mg) by mouth daily", 780)
    for days, potassium, creatinine, egfr, hgb in ((1100, 4.2, 1.1, 71, 14.1), (540, 4.3, 1.2, 63, 13.9), (170, 4.4, 1.2, 62, 13.8)):
        chart.labs(days, sodium=140, potassium=potassium, chloride=103, bicarbonate=26, bun=18, creatinine=creatinine, egfr=egfr, glucose=98)
        chart.labs(days, hemoglobin=hgb, hematocrit=round(hgb * 3), wbc=6.7, platelets=218)
        chart.vitals(days, bp=(134, 78), pulse=72, weight=84.0, spo2=96)
    seen = chart.encounter_past(170, "Blood pressure check", code="I10", at="lake-4")
    chart.note(170, "Progress note", "SUBJECTIVE: Well.\nASSESSMENT AND PLAN: Same medicines. See again in six months.", encounter=seen)


def _today(chart: Chart) -> None:
    chart.visit("Hospital follow-up", hours=0.3, at="lake-4", nurse="nurse", complaint="Hospital follow-up, pneumonia")
    now = chart.clock.hours(0.2)
    chart.vitals(now, bp=(104, 62), pulse=96, resp=20, spo2=93, temp=37.4, weight=79.6)
    drawn = chart.clock.hours(1.9)
    chart.labs(drawn, sodium=131, potassium=5.7, chloride=99, bicarbonate=21, bun=46, creatinine=2.0, egfr=33, glucose=116)
    chart.labs(drawn, hemoglobin=11.0, hematocrit=33, wbc=11.9, platelets=402)


def mercy(clock: Clock) -> list[Resource]:
    """The stay: pneumonia, new atrial fibrillation, a culture that was final after the discharge."""
    chart = Chart("mercy", KEY, clock)
    chart.patient("Pretend-Imaginary", "Oskar", "male", clock.born(77, 7, 4), "00808", PERSON)
    stay = chart.encounter_past(HOME + 6, "Pneumonia", code="J18.9", kind="IMP", days=6, by="hospitalist", at="ward-6b-11", discharge="Home")
    chart.encounter = stay
    chart.problem("Pneumonia, unspecified organism", "J18.9", HOME + 6, category="encounter-diagnosis")
    chart.encounter = ""
    chart.problem("Paroxysmal atrial fibrillation", "I48.0", HOME + 5, snomed="282825002")
    chart.problem("Acute kidney failure, unspecified", "N17.9", HOME + 5)
    _given(chart)
    _stay(chart, stay)
    return chart.resources


def _given(chart: Chart) -> None:
    chart.medicine("Apixaban 5 MG Oral Tablet", "Take 1 tablet (5 mg) by mouth twice daily", HOME, by="hospitalist", reason="Atrial fibrillation")
    chart.medicine("Amoxicillin / clavulanate 875-125 MG Oral Tablet", "Take 1 tablet by mouth twice daily for 5 days", HOME, until=1, status="completed", by="hospitalist", reason="Pneumonia")
    chart.medicine("Metoprolol tartrate 25 MG Oral Tablet", "Take 1 tablet (25 mg) by mouth twice daily", HOME, by="hospitalist")
    chart.medicine("Spironolactone 25 MG Oral Tablet", "Take 1 tablet (25 mg) by mouth daily", HOME, by="hospitalist", reason="Heart failure")
    chart.medicine("Prednisone 10 MG Oral Tablet", "40 mg by mouth daily, no end stated", HOME, by="hospitalist", reason="Wheeze")
    chart.medicine("Pantoprazole 40 MG Oral Tablet", "Take 1 tablet (40 mg) by mouth daily", HOME, by="hospitalist")


def _stay(chart: Chart, stay: str) -> None:
    for days, potassium, creatinine, egfr, hgb, wbc in ((HOME + 6, 4.4, 1.6, 43, 13.2, 17.8), (HOME + 4, 4.6, 1.7, 40, 12.1, 13.0), (HOME, 4.9, 1.4, 51, 11.9, 9.6)):
        chart.labs(days, sodium=136, potassium=potassium, chloride=101, bicarbonate=24, bun=30, creatinine=creatinine, egfr=egfr, glucose=131)
        chart.labs(days, hemoglobin=hgb, hematocrit=round(hgb * 3), wbc=wbc, platelets=288)
        chart.labs(days, magnesium=1.9)
        chart.vitals(days, bp=(124, 70), pulse=102, resp=22, spo2=92, temp=37.6, weight=83.1)
    chart.finding("Bacteria identified in Blood by Culture", "600-7", "Staphylococcus aureus in one of two bottles", 2, flag="AA")
    chart.report("Chest X-ray 2 views", HOME + 6, conclusion="Right lower lobe consolidation. A 9 mm nodule in the left upper lobe: CT in three months.", loinc="36643-5")
    chart.report("Transthoracic echocardiogram", HOME + 3, conclusion="LVEF 58 %, left atrium enlarged.", loinc="34552-0", kind="CARD")
    chart.note(
        HOME,
        "Discharge summary",
        """
        HOSPITAL COURSE: Pneumonia of the right lower lobe, new atrial fibrillation, kidney injury.
        ASSESSMENT AND PLAN: Blood culture pending at discharge. Potassium and creatinine in a week (spironolactone is new). CT of the chest in three months for a nodule. Prednisone to be tapered.
        """,
        loinc="18842-5",
        by="hospitalist",
        encounter=stay,
    )
    chart.order("CT of chest in three months, nodule", HOME, kind="imaging", by="hospitalist", due=chart.clock.ahead(84))
