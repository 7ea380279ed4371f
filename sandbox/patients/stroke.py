"""Ingrid Pretend-Invented: four months after a stroke, still on two antiplatelets; the recorder found atrial fibrillation."""

from __future__ import annotations

from .authoring import Chart
from .clock import Clock
from .terms import SCT, Resource

# One line per thing recorded: it reads as the table that it is.
# fmt: off
KEY = "stroke"
PERSON = "P-100819"
STROKE = 124


def mercy(clock: Clock) -> list[Resource]:
    chart = Chart("mercy", KEY, clock)
    chart.patient("Pretend-Invented", "Ingrid", "female", clock.born(69, 2, 13), "00819", PERSON)
    return chart.written(_background, _medicines, _results, _studies, _today)


def _background(chart: Chart) -> None:
    chart.no_known_allergies(STROKE)
    chart.problem("Sequelae of cerebral infarction, right arm weakness", "I69.331", STROKE - 6)
    chart.problem("Cerebral infarction, unspecified", "I63.9", STROKE, snomed="432504007", status="resolved", ended=STROKE - 6)
    chart.problem("Hypertension", "I10", 4400, snomed="38341003")
    chart.problem("Mixed hyperlipidemia", "E78.2", 1900)
    chart.problem("Type 2 diabetes mellitus", "E11.9", 1500, snomed="44054006")
    chart.problem("Cholelithiasis", "K80.20", 2600, status="resolved", ended=2500)
    chart.family("Mother", "MTH", ("Stroke", 71))
    chart.finding("Tobacco smoking status", "72166-2", "Former smoker", 60, category="social-history", snomed="8517006")
    chart.vaccine("Influenza, high dose", "197", 43)
    chart.device("Insertable cardiac monitor", 100, note="Rhythm monitor, battery three years.")


def _medicines(chart: Chart) -> None:
    chart.medicine("Aspirin 81 MG Oral Tablet", "Take 1 tablet (81 mg) by mouth daily", STROKE - 3, by="hospitalist")
    chart.medicine("Clopidogrel 75 MG Oral Tablet", "Take 1 tablet (75 mg) by mouth daily for 21 days", STROKE - 3, by="hospitalist")
    chart.medicine("Atorvastatin 80 MG Oral Tablet", "Take 1 tablet (80 mg) by mouth at night", STROKE - 3, by="hospitalist")
    chart.medicine("Simvastatin 20 MG Oral Tablet", "Take 1 tablet (20 mg) by mouth at night", 1900, until=STROKE, stopped="Changed after the stroke")
    chart.medicine("Lisinopril 20 MG Oral Tablet", "Take 1 tablet (20 mg) by mouth daily", 2600)
    chart.medicine("Chlorthalidone 12.5 MG Oral Tablet", "Take 1 tablet (12.5 mg) by mouth daily", 60)
    chart.medicine("Metformin 1000 MG Oral Tablet", "Take 1 tablet (1000 mg) by mouth twice daily", 1500)


def _results(chart: Chart) -> None:
    for days, ldl, hdl, trig, a1c in ((1500, 141, 48, 170, 7.4), (800, 118, 47, 162, 7.6), (STROKE, 122, 45, 181, 8.1), (60, 84, 46, 150, 7.5)):
        chart.labs(days, cholesterol=ldl + hdl + trig // 5, ldl=ldl, hdl=hdl, triglyceride=trig)
        chart.labs(days, a1c=a1c)
    for days, creatinine, egfr, hgb, platelets in ((800, 0.8, 79, 13.4, 241), (STROKE, 0.9, 69, 13.1, 252), (60, 0.9, 69, 12.9, 249)):
        chart.labs(days, sodium=139, potassium=4.2, chloride=102, bicarbonate=26, bun=17, creatinine=creatinine, egfr=egfr, glucose=138)
        chart.labs(days, hemoglobin=hgb, hematocrit=round(hgb * 3), wbc=6.9, platelets=platelets)
    for days, bp, pulse, weight in ((800, (146, 86), 76, 74.0), (STROKE, (172, 96), 84, 73.2), (60, (144, 84), 78, 72.1)):
        chart.vitals(days, bp=bp, pulse=pulse, weight=weight)
    for days, points in ((STROKE, 7), (STROKE - 3, 4)):
        chart.measured("NIH Stroke Scale", "70182-1", points, "{score}", days)
    for days, points in ((STROKE - 3, 3), (60, 2)):
        chart.measured("Modified Rankin scale", "75859-9", points, "{score}", days)
    chart.measured("Patient Health Questionnaire 2 item (PHQ-2) total score [Reported]", "55758-7", 2, "{score}", 60)


def _studies(chart: Chart) -> None:
    stay = chart.encounter_past(STROKE, "Cerebral infarction", code="I63.9", kind="IMP", days=4, by="hospitalist", at="ward-6b-03", discharge="Home with therapy")
    chart.report("MRI brain without contrast", STROKE, conclusion="Acute infarct in the left middle cerebral artery territory, cortical. No bleeding.", loinc="30657-1")
    chart.report("CT head without contrast", STROKE, conclusion="No bleeding.", loinc="30799-1")
    chart.report("Carotid duplex ultrasound", STROKE - 1, conclusion="Less than 50 % stenosis on both sides.")
    echo = chart.report("Transthoracic echocardiogram", STROKE - 1, conclusion="LVEF 60 %. Left atrium enlarged.", loinc="34552-0", kind="CARD", by="cardiologist")
    chart.procedure("Transthoracic echocardiography", STROKE - 1, codes=((SCT, "433236007"),), report=echo)
    chart.report("EKG 12 lead", STROKE, conclusion="Sinus rhythm 82/min.", loinc="11524-6", kind="CARD")
    chart.note(
        STROKE - 4,
        "Discharge summary",
        """
        HOSPITAL COURSE: Embolic looking infarct, source not found. Insertable monitor planned.
        ASSESSMENT AND PLAN: Aspirin and clopidogrel for 21 days, then aspirin alone. LDL below 70. Blood pressure below 130/80.
        """,
        loinc="18842-5",
        by="hospitalist",
        encounter=stay,
    )
    seen = chart.encounter_past(60, "Stroke follow-up", code="I69.331", at="clinic-5")
    chart.note(
        60,
        "Progress note, stroke",
        """
        SUBJECTIVE: Writes again, tires by noon.
        ASSESSMENT AND PLAN: Add chlorthalidone. If LDL is above 70 add ezetimibe. Read the monitor each month.
        """,
        encounter=seen,
    )
    chart.report("Cardiac monitor, remote reading", 5, conclusion="Atrial fibrillation, two episodes, the longest 7 hours.", kind="CARD", by="cardiologist")
    chart.order("Referral to cardiology, atrial fibrillation on monitor", 4, kind="referral", by="cardiologist")


def _today(chart: Chart) -> None:
    chart.visit("Stroke follow-up", code="I69.331", hours=0.9, at="clinic-5", nurse="nurse", complaint="Stroke follow-up")
    now = chart.clock.hours(0.5)
    chart.vitals(now, bp=(148, 86), pulse=92, weight=71.6)
    chart.measured("Modified Rankin scale", "75859-9", 2, "{score}", now)
    drawn = chart.clock.hours(3.2)
    chart.labs(drawn, cholesterol=170, ldl=92, hdl=46, triglyceride=158)
    chart.labs(drawn, a1c=7.3)
    chart.labs(drawn, sodium=133, potassium=3.1, chloride=94, bicarbonate=29, bun=21, creatinine=1.0, egfr=61, glucose=144)


def lakeside(clock: Clock) -> list[Resource]:
    """Black stools a week ago, never told to the other house."""
    chart = Chart("lakeside", KEY, clock)
    chart.patient("Pretend-Invented", "Ingrid", "female", clock.born(69, 2, 13), "T-0819", PERSON)
    visit = chart.encounter_past(9, "Melena", code="K92.1", kind="EMER", days=0.2, by="ed-physician", at="lake-urgent", discharge="Home")
    chart.problem("Melena", "K92.1", 9)
    chart.labs(9, hemoglobin=10.9, hematocrit=33, wbc=7.8, platelets=260)
    chart.note(9, "ED discharge summary", "HOSPITAL COURSE: Black stools for two days, hemoglobin 10.9.\nPLAN: Omeprazole. Ask own doctor about aspirin and clopidogrel.", loinc="59258-4", by="ed-physician", encounter=visit)
    chart.medicine("Omeprazole 20 MG Delayed Release Oral Capsule", "Take 1 capsule (20 mg) by mouth daily", 9, by="ed-physician")
    return chart.resources
