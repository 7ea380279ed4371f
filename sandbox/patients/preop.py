"""Ruth Fabricated-Demo: assessment before knee replacement: difficult airway, sleep apnea, a stent eight months old."""

from __future__ import annotations

from .authoring import Chart
from .clock import Clock
from .terms import LOINC, SCT, Resource

# One line per thing recorded: it reads as the table that it is.
# fmt: off
KEY = "preop-knee"


def mercy(clock: Clock) -> list[Resource]:
    chart = Chart("mercy", KEY, clock)
    chart.patient("Fabricated-Demo", "Ruth", "female", clock.born(70, 2, 24), "00666")
    return chart.written(_background, _medicines, _results, _studies, _today)


def _background(chart: Chart) -> None:
    chart.allergy("Cefazolin", 3100, rxnorm="2180", reaction="Hives", reaction_snomed="247472004", severity="moderate", criticality="unable-to-assess")
    chart.allergy("Adhesive tape", 2100, reaction="Contact dermatitis", severity="mild", criticality="low", category="environment")
    chart.problem("Failed or difficult intubation, initial encounter", "T88.4XXA", 3050)
    chart.problem("Primary osteoarthritis of right knee", "M17.11", 2200, snomed="239873007")
    chart.problem("Coronary artery disease with stent", "I25.10", 245)
    chart.problem("Presence of coronary angioplasty implant", "Z95.5", 245)
    chart.problem("Obstructive sleep apnea", "G47.33", 1500, snomed="78275009")
    chart.problem("Type 2 diabetes mellitus", "E11.9", 1900, snomed="44054006")
    chart.problem("Hypertension", "I10", 4200, snomed="38341003")
    chart.problem("Obesity, class 2", "E66.812", 2000)
    chart.device("Drug-eluting coronary stent, right coronary artery", 245, udi="00844588011121", maker="Sandbox Devices", model="SB-DES-3.5x20", mri="MRI conditional")
    chart.device("Continuous positive airway pressure device", 1480, note="10 cm H2O, used every night.")
    chart.code_status("Full code", 20)
    chart.note(1200, "Advance directive", "Living will signed. Health care agent: her daughter.", loinc="42348-3", category="clinical-note", by="Records office")
    chart.family("Sister", "SIS", ("Malignant hyperthermia, suspected", 44))
    chart.finding("Tobacco smoking status", "72166-2", "Former smoker", 20, category="social-history", snomed="8517006")
    for name, ago in (("Hysterectomy", 18), ("Laparoscopic cholecystectomy", 9)):
        chart.procedure(name, chart.clock.year(ago))


def _medicines(chart: Chart) -> None:
    chart.medicine("Clopidogrel 75 MG Oral Tablet", "Take 1 tablet (75 mg) by mouth daily", 245, reason="Coronary stent", by="cardiologist")
    chart.medicine("Aspirin 81 MG Oral Tablet", "Take 1 tablet (81 mg) by mouth daily", 245, by="cardiologist")
    chart.medicine("Semaglutide 1 MG per 0.74 ML Pen", "Inject 1 mg under the skin once a week, on Sunday", 200)
    chart.medicine("Empagliflozin 10 MG Oral Tablet", "Take 1 tablet (10 mg) by mouth daily", 600)
    chart.medicine("Metformin 1000 MG Oral Tablet", "Take 1 tablet (1000 mg) by mouth twice daily", 1900)
    chart.medicine("Metoprolol succinate 50 MG Extended Release Oral Tablet", "Take 1 tablet (50 mg) by mouth daily", 240)
    chart.medicine("Losartan 100 MG Oral Tablet", "Take 1 tablet (100 mg) by mouth daily", 900)
    chart.medicine("Rosuvastatin 20 MG Oral Tablet", "Take 1 tablet (20 mg) by mouth at night", 245)
    chart.medicine("Oxycodone 5 MG Oral Tablet", "Take 1 tablet (5 mg) by mouth every 8 hours as needed for knee pain", 90)


def _results(chart: Chart) -> None:
    for days, hgb, creatinine, egfr, potassium, a1c in ((380, 13.2, 0.9, 69, 4.4, 8.4), (190, 12.9, 0.9, 69, 4.5, 7.9), (6, 11.3, 1.0, 61, 4.6, 7.6)):
        chart.labs(days, hemoglobin=hgb, hematocrit=round(hgb * 3), wbc=7.0, platelets=268, mcv=81)
        chart.labs(days, sodium=139, potassium=potassium, chloride=103, bicarbonate=27, bun=18, creatinine=creatinine, egfr=egfr, glucose=142)
        chart.labs(days, a1c=a1c)
    chart.labs(6, ferritin=11, inr=1.0, albumin=3.9)
    chart.finding("MRSA DNA [Presence] in Nose by NAA with probe detection", "35492-8", "Not detected", 6, flag="NEG")
    chart.order("Type and screen", 1, codes=((LOINC, "34532-2"),), by="anesthetist")
    for days, bp, weight in ((380, (138, 82), 104.2), (190, (134, 80), 99.8), (20, (136, 82), 97.1)):
        chart.vitals(days, bp=bp, pulse=66, weight=weight, spo2=95)
    chart.vital("height", 163, 380)


def _studies(chart: Chart) -> None:
    found = chart.measured("Left ventricular Ejection fraction by US", "18043-0", 58, "%", 150, category="imaging")
    echo = chart.report("Transthoracic echocardiogram", 150, conclusion="LVEF 58 %. No wall motion abnormality.", loinc="34552-0", kind="CARD", results=[found], by="cardiologist")
    chart.procedure("Transthoracic echocardiography", 150, codes=((SCT, "433236007"),), report=echo)
    chart.report("EKG 12 lead", 20, conclusion="Sinus rhythm 64/min, old inferior Q waves.", loinc="11524-6", kind="CARD")
    chart.report("Sleep study", 1500, conclusion="Apnea-hypopnea index 34 per hour, severe.", kind="CARD")
    chart.procedure("Percutaneous coronary intervention, drug-eluting stent to right coronary artery", 245, codes=((SCT, "415070008"),), by="cardiologist")
    chart.note(
        3050,
        "Anesthesia record",
        """
        Laparoscopic surgery. Cormack-Lehane grade 4, intubated at the third attempt with a video laryngoscope. Patient told.
        RECOMMENDATIONS: Awake fiberoptic intubation or regional technique next time.
        """,
        by="anesthetist",
        loinc="11485-0",
    )
    seen = chart.encounter_past(20, "Knee pain, planning of knee replacement", code="M17.11", at="clinic-2")
    chart.note(
        20,
        "Progress note, before surgery",
        """
        SUBJECTIVE: Walks one block, four metabolic equivalents at most.
        ASSESSMENT AND PLAN: Right total knee replacement in a month. Ask cardiology about clopidogrel at eight months. Hold semaglutide one week and empagliflozin three days before. Work up anemia if below 12.
        """,
        encounter=seen,
    )
    surgery = chart.order("Right total knee replacement", 20, kind="procedure", due=chart.clock.ahead(9))
    chart.booked(9, "Operating room, right total knee replacement", order=surgery, by="anesthetist")
    chart.order("Cardiology advice on antiplatelets before surgery", 20, kind="referral")


def _today(chart: Chart) -> None:
    chart.visit("Preoperative assessment", code="Z01.818", hours=-1.6, at="clinic-3", by="physician", nurse="nurse", complaint="Encounter for other preprocedural examination")
