"""Walter Demo: heart failure with reduced ejection fraction, weight and potassium rising, diuretic doses that differ."""

from __future__ import annotations

from .authoring import Chart
from .clock import Clock
from .terms import LOINC, SCT, Resource

# One line per thing recorded: it reads as the table that it is.
# fmt: off
KEY = "heart-failure"
PERSON = "P-100207"
LAST_SEEN = 42
STAY = 96  # days since the admission for decompensation


def mercy(clock: Clock) -> list[Resource]:
    chart = Chart("mercy", KEY, clock)
    chart.patient("Demo", "Walter", "male", clock.born(74, 1, 19), "00402", PERSON)
    return chart.written(_safety, _problems, _medicines, _results, _studies, _encounters, _today)


def _safety(chart: Chart) -> None:
    chart.allergy(
        "Lisinopril",
        1460,
        rxnorm="29046",
        reaction="Angioedema",
        reaction_snomed="41291007",
        severity="severe",
        criticality="high",
        when=chart.clock.month(1465),
        kind="intolerance",
    )
    chart.code_status("Full code", STAY)
    chart.device(
        "Implantable cardioverter defibrillator",
        730,
        snomed="72506001",
        udi="00844588009457",
        maker="Sandbox Devices",
        model="SB-ICD-VR",
        mri="MRI conditional",
        note="Last check 80 days ago: no shocks, battery 9 years.",
    )
    chart.flag("Fall risk", STAY, kind="safety", status="inactive")


def _problems(chart: Chart) -> None:
    chart.problem("Chronic systolic heart failure", "I50.22", 1500, snomed="441481004")
    chart.problem("Ischemic cardiomyopathy", "I25.5", 1500)
    chart.problem("Coronary artery disease, previous anterior infarction", "I25.2", 2600, snomed="1755008")
    chart.problem("Chronic kidney disease, stage 3a", "N18.31", 900)
    chart.problem("Presence of implantable cardioverter defibrillator", "Z95.810", 730, snomed="443325000")
    chart.problem("Iron deficiency", "E61.1", STAY)
    chart.problem("Gout", "M10.9", chart.clock.year(8))
    chart.problem("Hyperlipidemia", "E78.5", chart.clock.year(10))


def _medicines(chart: Chart) -> None:
    chart.medicine("Sacubitril 49 MG / valsartan 51 MG Oral Tablet", "Take 1 tablet by mouth twice daily", LAST_SEEN, reason="HFrEF", by="cardiologist")
    chart.medicine("Sacubitril 24 MG / valsartan 26 MG Oral Tablet", "Take 1 tablet by mouth twice daily", 400, until=LAST_SEEN, stopped="Dose raised", by="cardiologist")
    chart.medicine("Metoprolol succinate 100 MG Extended Release Oral Tablet", "Take 1 tablet (100 mg) by mouth daily", 700, reason="HFrEF", per_day=(100, "mg", 1))
    chart.medicine("Spironolactone 25 MG Oral Tablet", "Take 1 tablet (25 mg) by mouth daily", LAST_SEEN, reason="HFrEF", per_day=(25, "mg", 1))
    chart.medicine("Spironolactone 25 MG Oral Tablet", "Take half a tablet (12.5 mg) by mouth daily", 600, until=LAST_SEEN, stopped="Dose raised")
    chart.medicine("Furosemide 40 MG Oral Tablet", "Take 1 tablet (40 mg) by mouth twice daily", STAY - 5, reason="Heart failure", per_day=(40, "mg", 2))
    chart.medicine("Furosemide 40 MG Oral Tablet", "Take 1 tablet (40 mg) by mouth daily", 1200, until=STAY, stopped="Dose raised at discharge")
    chart.medicine("Aspirin 81 MG Oral Tablet", "Take 1 tablet (81 mg) by mouth daily", 2600)
    chart.medicine("Rosuvastatin 20 MG Oral Tablet", "Take 1 tablet (20 mg) by mouth daily", 2600)
    chart.medicine("Allopurinol 100 MG Oral Tablet", "Take 1 tablet (100 mg) by mouth daily", 2400)
    chart.medicine("Lisinopril 10 MG Oral Tablet", "Take 1 tablet (10 mg) by mouth daily", 2600, until=1460, stopped="Angioedema")
    chart.medicine("Empagliflozin 10 MG Oral Tablet", "Take 1 tablet (10 mg) by mouth daily", 500, until=STAY + 40, stopped="Genital mycotic infection, twice")


def _results(chart: Chart) -> None:
    for days, sodium, potassium, creatinine, egfr, bnp in (
        (520, 139, 4.3, 1.22, 62, 1480),
        (330, 138, 4.4, 1.28, 58, 1310),
        (200, 138, 4.5, 1.31, 57, 1260),
        (STAY, 133, 4.2, 1.58, 45, 6240),
        (STAY - 5, 136, 4.4, 1.42, 51, 2900),
        (LAST_SEEN, 138, 4.7, 1.36, 54, 1720),
        (28, 137, 5.1, 1.41, 52, 1690),
    ):
        chart.labs(days, sodium=sodium, potassium=potassium, chloride=101, bicarbonate=25, bun=round(creatinine * 19), creatinine=creatinine, egfr=egfr, glucose=104, calcium=9.2)
        chart.labs(days, ntprobnp=bnp)
    chart.labs(STAY, hemoglobin=11.6, hematocrit=35, wbc=7.9, platelets=204, mcv=82)
    chart.labs(LAST_SEEN, hemoglobin=12.4, hematocrit=37, wbc=6.9, platelets=198, mcv=84)
    chart.labs(STAY, ferritin=48, tsat=14)
    chart.labs(330, cholesterol=131, ldl=58, hdl=38, triglyceride=172)
    chart.labs(330, magnesium=2.0)
    for days, bp, pulse, weight in (
        (520, (118, 70), 66, 86.4),
        (330, (116, 68), 64, 86.9),
        (200, (120, 70), 68, 87.2),
        (STAY, (104, 64), 92, 94.8),
        (STAY - 5, (108, 66), 70, 87.6),
        (LAST_SEEN, (112, 68), 66, 87.9),
    ):
        chart.vitals(days, bp=bp, pulse=pulse, weight=weight, spo2=96)
    for days, weight in ((12, 88.4), (9, 88.9), (6, 89.6), (4, 90.1), (2, 90.8)):
        chart.vital("weight", weight, days, method={"text": "Home scale, reported by the patient"})
    chart.vital("height", 176, 520)


def _studies(chart: Chart) -> None:
    for days, ef, words in (
        (1490, 25, "LVEF 25 %. Anterior akinesis."),
        (700, 32, "LVEF 32 %. Mild mitral regurgitation."),
        (STAY - 2, 30, "LVEF 30 %. Moderate mitral regurgitation, dilated left ventricle, RVSP 48 mmHg."),
    ):
        found = chart.measured("Left ventricular Ejection fraction by US", "18043-0", ef, "%", days, category="imaging", method={"text": "Biplane Simpson"})
        echo = chart.report("Transthoracic echocardiogram", days, conclusion=words, loinc="34552-0", kind="CARD", results=[found], by="cardiologist")
        chart.procedure("Transthoracic echocardiography", days, codes=((SCT, "433236007"),), report=echo)
    chart.measured("New York Heart Association Functional Classification", "88020-3", 2, "{class}", LAST_SEEN)
    ecg = chart.report("EKG 12 lead", STAY, conclusion="Sinus rhythm 92/min, QRS 128 ms, old anterior infarction.", loinc="11524-6", kind="CARD", by="cardiologist")
    chart.procedure("Electrocardiographic procedure", STAY, codes=((SCT, "29303009"),), report=ecg)
    check = chart.report(
        "ICD interrogation", 80, conclusion="No therapies delivered. Battery 9 years. Thoracic impedance falling since last check.", kind="CARD", by="cardiologist"
    )
    chart.procedure("ICD interrogation", 80, codes=((SCT, "443325000"),), report=check)
    stent = chart.procedure("Percutaneous coronary intervention, drug-eluting stent to LAD", 2600, codes=((SCT, "415070008"),))
    chart.provenance("Procedure", stent, 2600, by="cardiologist")
    chart.report("Chest X-ray 2 views", STAY, conclusion="Pulmonary vascular congestion, small bilateral effusions.", loinc="36643-5")


def _encounters(chart: Chart) -> None:
    stay = chart.encounter_past(STAY, "Acute on chronic systolic heart failure", code="I50.23", kind="IMP", days=5, by="hospitalist", discharge="Home", name="stay")
    chart.note(
        STAY - 5,
        "Discharge summary",
        """
        HOSPITAL COURSE: Admitted with 8 kg weight gain after ibuprofen for gout. Diuresed 7.2 L with intravenous furosemide. IV iron given.
        DISCHARGE MEDICATIONS: Furosemide raised to 40 mg twice daily. Ibuprofen stopped. Others unchanged.
        PLAN: Weigh daily, call for 2 kg in 3 days. BMP in one week. Cardiology in 6 weeks. Dry weight 87.6 kg.
        """,
        loinc="18842-5",
        by="hospitalist",
        encounter=stay,
    )
    seen = chart.encounter_past(LAST_SEEN, "Heart failure follow-up", code="I50.22", at="clinic-3")
    chart.note(
        LAST_SEEN,
        "Progress note, heart failure",
        """
        SUBJECTIVE: Walks two blocks, sleeps on one pillow. NYHA II.
        OBJECTIVE: BP 112/68, weight 87.9 kg, no edema.
        ASSESSMENT AND PLAN: Raise sacubitril/valsartan to 49/51 and spironolactone to 25 mg. BMP in 2 weeks and again in 6. If K above 5.5 halve spironolactone.
        No SGLT2 inhibitor again after two mycotic infections. Avoid NSAIDs.
        """,
        encounter=seen,
    )
    referral = chart.order("Referral to cardiology, heart failure clinic", STAY - 5, kind="referral", by="hospitalist")
    chart.booked(9, "Cardiology, heart failure clinic", order=referral, by="cardiologist")
    chart.family("Father", "FTH", ("Myocardial infarction", 58), ("Heart failure", 66))
    chart.finding("Tobacco smoking status", "72166-2", "Former smoker", LAST_SEEN, category="social-history", snomed="8517006")
    chart.vaccine("Influenza, high dose", "197", 35)
    chart.vaccine("Pneumococcal conjugate PCV20", "216", 420)
    chart.vaccine("COVID-19, mRNA, 30 mcg", "309", 300)
    chart.goal("Weight 87.6 kg, call at plus 2 kg", STAY - 5)


def _today(chart: Chart) -> None:
    chart.visit("Heart failure follow-up", code="I50.22", hours=0.2, at="clinic-3", nurse="nurse", complaint="Chronic systolic (congestive) heart failure")
    chart.encounter = f"visit-{KEY}"
    now = chart.clock.hours(0.1)
    chart.vitals(now, bp=(102, 62), pulse=84, weight=91.3, spo2=94, resp=20, temp=36.5)
    drawn = chart.clock.hours(1.6)
    chart.labs(drawn, sodium=134, potassium=5.6, chloride=100, bicarbonate=22, bun=38, creatinine=1.68, egfr=42, glucose=118, calcium=9.0)
    chart.order("NT-proBNP", drawn, codes=((LOINC, "33762-6"),))
    chart.encounter = ""


def lakeside(clock: Clock) -> list[Resource]:
    """Another list of the same person: a different diuretic, and ibuprofen bought again."""
    chart = Chart("lakeside", KEY, clock)
    chart.patient("Demo", "Walter", "male", clock.born(74, 1, 19), "T-2290", PERSON)
    chart.allergy("Lisinopril", 1300, rxnorm="29046", reaction="Cough", severity="mild", kind="intolerance")
    chart.problem("Heart failure, unspecified", "I50.9", 1300, snomed="84114007")
    chart.medicine("Furosemide 40 MG Oral Tablet", "40 mg by mouth every morning", 300, per_day=(40, "mg", 1))
    chart.medicine("Torsemide 20 MG Oral Tablet", "Take 1 tablet (20 mg) by mouth daily", 20, reason="Ankle swelling", per_day=(20, "mg", 1))
    chart.stated("Ibuprofen 400 MG Oral Tablet", "400 mg as needed, most days, bought without prescription", 20, note="For gout pain.")
    visit = chart.encounter_past(20, "Ankle swelling", code="R60.0", by="Lakeside duty doctor", at="lake-1")
    chart.note(
        20,
        "Urgent visit note",
        """
        SUBJECTIVE: More ankle swelling for ten days. Gout pain, takes ibuprofen again.
        PLAN: Torsemide 20 mg daily added. See his own doctor soon.
        """,
        by="Lakeside duty doctor",
        encounter=visit,
    )
    chart.pressure(110, 66, 20)
    chart.vital("weight", 89.9, 20)
    chart.lab("creatinine_umol", 134, 20)
    return chart.resources
