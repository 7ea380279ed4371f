"""Anna Testcase: type 2 diabetes with kidney disease, known to both EHRs, which differ on penicillin and metformin."""

from __future__ import annotations

from .authoring import Chart
from .clock import Clock
from .terms import LOINC, SCT, SNOMED, Resource

# One line per thing recorded: it reads as the table that it is.
# fmt: off
KEY = "t2dm-ckd"
PERSON = "P-100123"
LAST_SEEN = 104  # days since this clinician last saw her


def mercy(clock: Clock) -> list[Resource]:
    chart = Chart("mercy", KEY, clock)
    chart.patient("Testcase", "Anna", "female", clock.born(68, 2, 3), "00123", PERSON)
    return chart.written(_floor, _problems, _medicines, _laboratory, _vitals, _notes, _studies, _history, _today)


def _floor(chart: Chart) -> None:
    penicillin = chart.allergy(
        "Penicillin", 4200, snomed="91936005", reaction="Anaphylaxis", reaction_snomed="39579001", severity="severe", criticality="high", when=chart.clock.year(32)
    )
    chart.provenance("AllergyIntolerance", penicillin, 4200, by="physician")
    chart.allergy(
        "Iodinated contrast media", 3300, snomed="293637006", reaction="Hives", reaction_snomed="247472004", severity="moderate", criticality="low", when=chart.clock.year(9)
    )
    chart.code_status("Full code", 53)
    chart.device(
        "Dual chamber pacemaker",
        1900,
        snomed="14106009",
        udi="00844588003288",
        maker="Sandbox Devices",
        model="SB-DDD-1",
        mri="MRI conditional",
        note="Last check 165 days ago: battery 7 years, AF burden 3 %.",
    )


def _problems(chart: Chart) -> None:
    year = chart.clock.year
    chart.problem("Type 2 diabetes mellitus with diabetic chronic kidney disease", "E11.22", year(17), snomed="44054006")
    chart.problem("Chronic kidney disease, stage 3b", "N18.32", year(4), snomed="700379002")
    chart.problem("Mild nonproliferative diabetic retinopathy", "E11.329", year(1))
    chart.problem("Essential hypertension", "I10", year(21), snomed="59621000")
    chart.problem("Paroxysmal atrial fibrillation", "I48.0", 1350, snomed="282825002")
    chart.problem("Presence of cardiac pacemaker", "Z95.0", 1900, snomed="441509002")
    chart.problem("Bilateral primary osteoarthritis of knee", "M17.0", year(9))
    chart.problem("Hypothyroidism", "E03.9", year(12))
    chart.problem("Long term (current) use of anticoagulants", "Z79.01", 1350)
    chart.problem("Community acquired pneumonia", "J18.9", 1700, status="resolved", ended=1680)
    chart.problem("Cholelithiasis", "K80.20", year(28), status="resolved", ended=year(27))


def _medicines(chart: Chart) -> None:
    chart.medicine("Metformin 1000 MG Oral Tablet", "Take 1 tablet (1000 mg) by mouth twice daily with meals", 5400, reason="Type 2 diabetes", per_day=(1000, "mg", 2))
    chart.medicine("Dapagliflozin 10 MG Oral Tablet", "Take 1 tablet (10 mg) by mouth daily", LAST_SEEN, reason="Type 2 diabetes with CKD", per_day=(10, "mg", 1))
    chart.medicine("Insulin glargine 100 UNT/ML Pen", "Inject 14 units under the skin at night", 900, until=LAST_SEEN, stopped="Dose changed to 18 units")
    chart.medicine("Insulin glargine 100 UNT/ML Pen", "Inject 18 units under the skin at night", LAST_SEEN, reason="Type 2 diabetes", per_day=(18, "[iU]", 1))
    chart.medicine("Lisinopril 10 MG Oral Tablet", "Take 1 tablet (10 mg) by mouth daily", 2100, until=LAST_SEEN, stopped="Dose raised to 20 mg")
    chart.medicine("Lisinopril 20 MG Oral Tablet", "Take 1 tablet (20 mg) by mouth daily", LAST_SEEN, reason="Hypertension, albuminuria", per_day=(20, "mg", 1))
    chart.medicine("Amlodipine 5 MG Oral Tablet", "Take 1 tablet (5 mg) by mouth daily", 1800, reason="Hypertension")
    chart.medicine("Atorvastatin 40 MG Oral Tablet", "Take 1 tablet (40 mg) by mouth at night", 2500)
    chart.medicine("Apixaban 5 MG Oral Tablet", "Take 1 tablet (5 mg) by mouth twice daily", 1350, reason="Atrial fibrillation", by="cardiologist", per_day=(5, "mg", 2))
    chart.medicine("Levothyroxine 50 MCG Oral Tablet", "Take 1 tablet (50 mcg) by mouth every morning", 4300)
    chart.medicine("Glipizide 5 MG Oral Tablet", "Take 1 tablet (5 mg) by mouth daily", 2900, until=LAST_SEEN, stopped="Hypoglycemia risk, replaced by dapagliflozin")
    chart.medicine("Acetaminophen 500 MG Oral Tablet", "Take 2 tablets (1000 mg) by mouth every 8 hours as needed for pain", 1500)


def _laboratory(chart: Chart) -> None:
    """Kidney function falls and albumin doubles; the last potassium follows lisinopril raised and naproxen started."""
    for days, a1c, creatinine, egfr, potassium, glucose, uacr, hgb in (
        (745, 7.6, 0.98, 63, 4.5, 142, 18, 12.8),
        (560, 7.9, 1.02, 60, 4.6, 150, 24, 12.6),
        (380, 8.3, 1.08, 56, 4.5, 161, 31, 12.5),
        (195, 8.7, 1.12, 54, 4.7, 170, 36, 12.2),
        (LAST_SEEN, 8.9, 1.15, 52, 4.8, 160, 42, 12.0),
        (11, 8.1, 1.31, 44, 5.2, 148, 88, 11.4),
    ):
        chart.labs(days, sodium=139, potassium=potassium, chloride=103, bicarbonate=24, bun=round(creatinine * 18), creatinine=creatinine, egfr=egfr, glucose=glucose, calcium=9.3)
        chart.labs(days, a1c=a1c)
        chart.labs(days, uacr=uacr)
        chart.labs(days, hemoglobin=hgb, hematocrit=round(hgb * 3), wbc=6.8, platelets=231, mcv=89)
    chart.labs(560, b12=268)
    chart.labs(380, tsh=2.1, alt=24, ast=22, albumin=4.1)
    chart.labs(380, cholesterol=158, ldl=84, hdl=46, triglyceride=139)


def _vitals(chart: Chart) -> None:
    for days, bp, pulse, weight in (
        (745, (134, 80), 74, 79.8),
        (560, (136, 82), 76, 80.5),
        (380, (138, 80), 71, 82.9),
        (195, (140, 84), 77, 82.6),
        (LAST_SEEN, (136, 82), 72, 81.8),
    ):
        chart.vitals(days, bp=bp, pulse=pulse, weight=weight, bmi=round(weight / 1.642**2, 1), temp=36.7, spo2=97)
    chart.vital("height", 164.2, 380)
    now = chart.clock.hours(0.3)
    chart.vitals(now, bp=(148, 86), pulse=78, weight=84.1, bmi=31.2, temp=36.6, spo2=97, resp=15, pain=3)


def _notes(chart: Chart) -> None:
    seen = chart.encounter_past(LAST_SEEN, "Type 2 diabetes follow-up", code="E11.22", at="clinic-2")
    chart.note(
        LAST_SEEN,
        "Progress note, diabetes follow-up",
        """
        SUBJECTIVE: Home glucose 130-210. Two mild lows before breakfast. No chest pain, no dyspnea.
        OBJECTIVE: BP 136/82, weight 81.8 kg. Feet: monofilament intact.
        ASSESSMENT AND PLAN: Recheck BMP in 3 mo; if eGFR stable continue lisinopril 20 mg. Start dapagliflozin 10 mg, stop glipizide.
        Glargine 14 to 18 units. Refer ophthalmology. Call if K > 5.5.
        """,
        encounter=seen,
    )
    earlier = chart.encounter_past(195, "Type 2 diabetes follow-up", code="E11.9", at="clinic-2")
    chart.note(
        195,
        "Progress note",
        """
        SUBJECTIVE: Feels well.
        PLAN: Continue metformin and glargine 14 units. Repeat A1c and UACR in 3 months.
        """,
        encounter=earlier,
    )
    chart.note(
        LAST_SEEN,
        "Medication reconciliation",
        """
        Medication list reviewed with the patient and her pill boxes. No discrepancy found.
        """,
        loinc="56445-0",
        by="pharmacist",
        encounter=seen,
    )
    eye = chart.order("Referral to ophthalmology", LAST_SEEN, kind="referral", codes=((SCT, "183522006"),), reason="Diabetic retinopathy, yearly dilated exam")
    chart.provenance("ServiceRequest", eye, LAST_SEEN)


def _studies(chart: Chart) -> None:
    retina = chart.report(
        "Dilated retinal examination", 467, conclusion="Mild non-proliferative diabetic retinopathy both eyes, no macular edema. Repeat in 12 months.", kind="RAD", loinc=""
    )
    chart.procedure("Dilated retinal eye examination", 467, codes=((SCT, "722161008"), (SNOMED, "308110009")), report=retina)
    chart.procedure("Diabetic foot examination", 359, codes=((SCT, "401191002"),), outcome="Monofilament intact, pulses present")
    check = chart.report("Pacemaker interrogation", 165, conclusion="Dual chamber pacemaker, battery 7 years, AF burden 3 %. Leads stable.", kind="CARD", by="cardiologist")
    chart.procedure("Pacemaker interrogation", 165, codes=((SCT, "72506001"),), report=check)
    ef = chart.measured("Left ventricular Ejection fraction by US", "18043-0", 55, "%", 264, category="imaging", method={"text": "Biplane Simpson"})
    echo = chart.report(
        "Transthoracic echocardiogram",
        264,
        conclusion="LVEF 55 %. Left atrium mildly enlarged. No significant valve disease.",
        loinc="34552-0",
        kind="CARD",
        results=[ef],
        by="cardiologist",
    )
    chart.procedure("Transthoracic echocardiography", 264, codes=((SCT, "433236007"),), report=echo)


def _history(chart: Chart) -> None:
    chart.procedure("Cholecystectomy", chart.clock.year(27), codes=((SCT, "38102005"),))
    chart.procedure("Implantation of dual chamber pacemaker", 1900, codes=((SCT, "307280005"),))
    chart.vaccine("Pneumococcal conjugate PCV20", "216", 1131)
    chart.vaccine("Influenza, high dose", "197", 400)
    chart.vaccine("Zoster recombinant", "187", 1500, dose=1)
    chart.vaccine("Zoster recombinant", "187", 1420, dose=2)
    chart.family("Mother", "MTH", ("Type 2 diabetes mellitus", 55), ("Stroke", 79))
    chart.family("Father", "FTH", ("Myocardial infarction", 61))
    chart.finding("Tobacco smoking status", "72166-2", "Former smoker", LAST_SEEN, category="social-history", snomed="8517006")
    chart.measured("Cigarettes smoked total (pack per year) - Reported", "8664-5", 20, "{PackYears}", LAST_SEEN, category="social-history")
    chart.finding("Housing status", "71802-3", "Lives alone", LAST_SEEN, category="social-history")
    goal = chart.goal("A1c below 7.5 % without hypoglycemia", LAST_SEEN, target=chart.clock.date(-90))
    chart.plan("Diabetes care plan", "A1c below 7.5 %, BP below 130/80, yearly eye exam.", LAST_SEEN, goals=[goal])


def _today(chart: Chart) -> None:
    chart.visit("Diabetes follow-up", code="E11.9", hours=0.4, at="clinic-2", nurse="nurse", complaint="Type 2 diabetes mellitus without complications")
    chart.encounter = f"visit-{KEY}"
    drawn = chart.clock.hours(2.3)
    order = chart.order("Basic metabolic panel", drawn, codes=((LOINC, "24321-2"),))
    potassium = chart.lab("potassium", 5.9, drawn, status="preliminary", comment="Specimen slightly haemolysed.", order=order, specimen="Serum")
    chart.report("Basic metabolic 2000 panel - Serum or Plasma", drawn, loinc="24321-2", kind="LAB", status="partial", results=[potassium], order=order)
    chart.encounter = ""


def lakeside(clock: Clock) -> list[Resource]:
    """The other record of the same person: an ED visit with naproxen, other units, other words about penicillin."""
    chart = Chart("lakeside", KEY, clock)
    chart.patient("Testcase", "Anna", "female", clock.born(68, 2, 3), "T-4471", PERSON)
    chart.allergy("Penicillins", 2600, snomed="91936005", reaction="minor reaction", note="Patient: minor reaction as a child.")
    chart.problem("Type 2 diabetes mellitus without complication", "E11.9", 2600, snomed="44054006")
    chart.problem("Hypertension", "I10", 2600, snomed="38341003")
    chart.stated("Metformin 500 MG Oral Tablet", "500 mg twice daily", 53, since=2500)
    chart.medicine("Metformin 500 MG Oral Tablet", "Take 1 tablet (500 mg) by mouth twice daily", 2500, per_day=(500, "mg", 2))
    chart.medicine("Apixaban 5 MG Oral Tablet", "5 mg by mouth twice a day", 1300, intent="plan")
    chart.medicine(
        "Naproxen 500 MG Oral Tablet", "Take 1 tablet (500 mg) by mouth twice daily with food", 53, by="ed-physician", reason="Knee pain after fall", per_day=(500, "mg", 2)
    )
    chart.lab("ldl", 71, 207, ranged=False)
    chart.lab("a1c_ifcc", 70, 150)
    chart.lab("creatinine_umol", 103, 53)
    chart.lab("glucose_mmol", 9.4, 53)
    fall = chart.encounter_past(53, "Fall on same level", code="W18.30XA", kind="EMER", days=0.2, by="ed-physician", at="lake-urgent", discharge="Home")
    chart.encounter = fall
    study = chart.imaging("CT head without contrast", 53, "CT")
    chart.report("CT Head without contrast", 53, conclusion="No acute intracranial haemorrhage.", loinc="30799-1", study=study)
    chart.note(
        53,
        "ED discharge summary",
        """
        HOSPITAL COURSE: Mechanical fall at home on apixaban, no head strike seen. CT head without haemorrhage. Knee films without fracture.
        DISCHARGE MEDICATIONS: Naproxen 500 mg twice daily for 5 days. No other change.
        PLAN: See family doctor within two weeks.
        """,
        loinc="59258-4",
        by="ed-physician",
    )
    chart.pressure(152, 88, 53)
    chart.encounter = ""
    chart.provenance("MedicationRequest", f"{KEY}-med-naproxen-500-mg-oral-tablet", 53, by="ed-physician", house="Lakeside Clinic")
    return chart.resources
