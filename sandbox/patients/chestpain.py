"""Boris Prototype-Sample: chest pain in the ED, troponin rising, on an anticoagulant with an earlier GI bleed."""

from __future__ import annotations

from .authoring import Chart
from .bedside import Set, charted
from .clock import Clock
from .terms import LOINC, SCT, Resource

# One line per thing recorded: it reads as the table that it is.
# fmt: off
KEY = "ed-chest-pain"
PERSON = "P-100457"
ARRIVED = 3.9  # hours ago


def mercy(clock: Clock) -> list[Resource]:
    chart = Chart("mercy", KEY, clock)
    chart.patient("Prototype-Sample", "Boris", "male", clock.born(71, 6, 17), "00457", PERSON)
    return chart.written(_before, _heart, _clinic, _medicines, _earlier_results, _arrival, _since_arrival)


def _before(chart: Chart) -> None:
    chart.allergy(
        "Iodinated contrast media",
        2850,
        snomed="293637006",
        reaction="Anaphylactic shock",
        reaction_snomed="39579001",
        severity="severe",
        criticality="high",
        when=chart.clock.date(2852),
    )
    chart.problem("Coronary artery disease", "I25.10", 620, snomed="53741008")
    chart.problem("Non-ST elevation myocardial infarction, past", "I25.2", 620, snomed="401314000")
    chart.problem("Presence of coronary angioplasty implant", "Z95.5", 620)
    chart.problem("Permanent atrial fibrillation", "I48.21", 1800)
    chart.problem("Heart failure with mildly reduced ejection fraction", "I50.22", 540)
    chart.problem("Upper gastrointestinal bleed, 2 units transfused", "K92.2", 1160, status="resolved", ended=1130)
    chart.problem("Type 2 diabetes mellitus", "E11.9", 2500, snomed="44054006")
    chart.problem("Chronic kidney disease, stage 3a", "N18.31", 800)
    chart.problem("Hypertension", "I10", 5000, snomed="38341003")
    chart.problem("Gout", "M10.9", 4000)
    chart.device("Drug-eluting coronary stent, LAD", 620, udi="00844588011114", maker="Sandbox Devices", model="SB-DES-3.0x18", mri="MRI conditional")


def _heart(chart: Chart) -> None:
    stay = chart.encounter_past(620, "NSTEMI", code="I21.4", kind="IMP", days=4, by="cardiologist", discharge="Home")
    angiogram = chart.report(
        "Coronary angiography", 619, conclusion="LAD 90 % stented (drug-eluting 3.0 x 18 mm). RCA 40 %. Circumflex without stenosis.", kind="CARD", by="cardiologist"
    )
    chart.procedure(
        "Percutaneous coronary intervention, drug-eluting stent to LAD",
        619,
        codes=((SCT, "415070008"),),
        by="cardiologist",
        report=angiogram,
        encounter={"reference": f"Encounter/{stay}"},
    )


def _clinic(chart: Chart) -> None:
    clinic = chart.encounter_past(195, "Cardiology follow-up", code="I25.10", by="cardiologist")
    chart.note(
        195,
        "Cardiology clinic note",
        """
        SUBJECTIVE: No angina. No bleeding.
        ASSESSMENT AND PLAN: Rivaroxaban plus clopidogrel until twenty-four months after the stent, no aspirin. Low threshold for repeat angiography if symptoms recur.
        """,
        by="cardiologist",
        encounter=clinic,
    )
    chart.family("Father", "FTH", ("Myocardial infarction", 54))
    chart.finding("Tobacco smoking status", "72166-2", "Former smoker", 195, category="social-history", snomed="8517006")
    chart.measured("Cigarettes smoked total (pack per year) - Reported", "8664-5", 35, "{PackYears}", 195, category="social-history")


def _medicines(chart: Chart) -> None:
    chart.medicine("Rivaroxaban 20 MG Oral Tablet", "Take 1 tablet (20 mg) by mouth daily with food", 1800, reason="Atrial fibrillation", by="cardiologist", per_day=(20, "mg", 1))
    chart.medicine("Clopidogrel 75 MG Oral Tablet", "Take 1 tablet (75 mg) by mouth daily", 619, reason="Coronary stent", by="cardiologist", per_day=(75, "mg", 1))
    chart.medicine("Metoprolol succinate 50 MG Extended Release Oral Tablet", "Take 1 tablet (50 mg) by mouth daily", 540, per_day=(50, "mg", 1))
    chart.medicine("Sildenafil 50 MG Oral Tablet", "Take 1 tablet (50 mg) by mouth as needed, at most once daily", 60)
    chart.dispensed("Sildenafil 50 MG Oral Tablet", 21, order=f"{KEY}-med-sildenafil-50-mg-oral-tablet", days=30)
    chart.medicine("Atorvastatin 80 MG Oral Tablet", "Take 1 tablet (80 mg) by mouth at night", 619)
    chart.medicine("Lisinopril 10 MG Oral Tablet", "Take 1 tablet (10 mg) by mouth daily", 540)
    chart.medicine("Metformin 500 MG Oral Tablet", "Take 1 tablet (500 mg) by mouth twice daily", 2400)
    chart.medicine("Pantoprazole 40 MG Oral Tablet", "Take 1 tablet (40 mg) by mouth daily", 1150)
    chart.medicine("Allopurinol 300 MG Oral Tablet", "Take 1 tablet (300 mg) by mouth daily", 3900)
    chart.medicine("Aspirin 81 MG Oral Tablet", "Take 1 tablet (81 mg) by mouth daily", 1500, until=1160, stopped="Gastrointestinal bleed")


def _earlier_results(chart: Chart) -> None:
    for days, creatinine, egfr, potassium, hgb, platelets, bnp in (
        (700, 1.15, 68, 4.2, 13.9, 205, 420),
        (430, 1.21, 64, 4.4, 13.6, 212, 610),
        (195, 1.26, 61, 4.3, 13.5, 197, 580),
    ):
        chart.labs(days, sodium=139, potassium=potassium, chloride=103, bicarbonate=25, bun=21, creatinine=creatinine, egfr=egfr, glucose=146, calcium=9.3)
        chart.labs(days, hemoglobin=hgb, hematocrit=round(hgb * 3), wbc=7.1, platelets=platelets, mcv=91)
        chart.labs(days, ntprobnp=bnp)
        chart.labs(days, inr=1.2)
    chart.labs(195, a1c=7.1)
    chart.labs(195, cholesterol=128, ldl=62, hdl=41, triglyceride=130)
    for days, ef in ((615, 50), (195, 45)):
        found = chart.measured("Left ventricular Ejection fraction by US", "18043-0", ef, "%", days, category="imaging")
        echo = chart.report(
            "Transthoracic echocardiogram", days, conclusion=f"LVEF {ef} %. Anterior hypokinesis.", loinc="34552-0", kind="CARD", results=[found], by="cardiologist"
        )
        chart.procedure("Transthoracic echocardiography", days, codes=((SCT, "433236007"),), report=echo)
    ecg = chart.report("EKG 12 lead", 195, conclusion="Atrial fibrillation 72/min. No ST deviation.", loinc="11524-6", kind="CARD", by="cardiologist")
    chart.procedure("Electrocardiographic procedure", 195, codes=((SCT, "29303009"),), report=ecg)


def _arrival(chart: Chart) -> None:
    chart.visit("Emergency department visit", code="R07.89", hours=ARRIVED, kind="EMER", at="ed-12", by="ed-physician", nurse="ed-nurse", complaint="Chest pressure")
    chart.encounter = f"visit-{KEY}"
    hours = chart.clock.hours
    chart.given("Aspirin 324 MG chewable", 324, "mg", hours(ARRIVED + 0.25), note="Given by the ambulance before arrival.")
    chart.given("Morphine", 2, "mg", hours(3.1), route="intravenous")
    chart.note(
        hours(3.8),
        "ED triage note",
        """
        Chest pressure since forty-five minutes before arrival, 8 of 10, left arm. Took rivaroxaban this morning. No travel. No known exposure.
        Weight 92.4 kg, stated.
        """,
        loinc="54094-8",
        by="ed-nurse",
    )
    first = chart.report(
        "EKG 12 lead",
        hours(3.75),
        conclusion="Atrial fibrillation 104/min. New ST depression V4-V6. Machine read, not yet over-read.",
        loinc="11524-6",
        kind="CARD",
        status="preliminary",
    )
    chart.procedure("Electrocardiographic procedure", hours(3.75), codes=((SCT, "29303009"),), report=first)
    second = chart.report("EKG 12 lead", hours(2.5), conclusion="ST depression V4-V6 unchanged.", loinc="11524-6", kind="CARD", status="preliminary")
    chart.procedure("Electrocardiographic procedure", hours(2.5), codes=((SCT, "29303009"),), report=second)
    film = chart.imaging("Chest X-ray portable", hours(3.3), "CR")
    chart.report("Portable XR Chest Views", hours(3.3), conclusion="No acute process.", loinc="36643-5", status="preliminary", study=film)


def _since_arrival(chart: Chart) -> None:
    hours = chart.clock.hours
    drawn = hours(3.6)
    chart.labs(drawn, sodium=138, potassium=4.1, chloride=102, bicarbonate=24, bun=24, creatinine=1.31, egfr=58, glucose=164, calcium=9.2)
    chart.labs(drawn, hemoglobin=13.1, hematocrit=39, wbc=8.8, platelets=188, mcv=91)
    chart.labs(drawn, inr=1.4, ntprobnp=890)
    previous: list[str] = []
    for ago, value in ((3.6, 18), (2.55, 41), (0.5, 96)):
        previous = chart.labs(hours(ago), troponin=value)
    chart.provenance("Observation", previous[0], hours(0.1), by="ed-nurse")
    chart.order("Troponin I high sensitivity, repeat", hours(0.4), codes=((LOINC, "89579-7"),), by="ed-physician", due=chart.clock.hours(2.1, ahead=True))
    for one in (
        Set(3.85, 20, 95, 0, (168, 94), 104, "A", 36.8, 8),
        Set(3.3, 18, 96, 0, (160, 92), 98, "A", None, 7),
        Set(2.6, 18, 97, 0, (154, 90), 92, "A", 36.9, 4),
        Set(1.6, 17, 98, 0, (150, 88), 88, "A", None, 3),
        Set(0.15, 16, 96, 0, (148, 86), 84, "A", 36.8, 2),
    ):
        charted(chart, one)
    chart.vital("weight", 92.4, hours(3.8), method={"text": "Stated by the patient"})
    chart.encounter = ""


def lakeside(clock: Clock) -> list[Resource]:
    """An earlier ED visit elsewhere, with another troponin assay and another beta blocker dose."""
    chart = Chart("lakeside", KEY, clock)
    chart.patient("Prototype-Sample", "Boris", "male", clock.born(71, 6, 17), "T-0457", PERSON)
    chart.allergy("Iodinated contrast media", 330, snomed="293637006", reaction="Shock", severity="severe", criticality="high")
    chart.medicine("Metoprolol succinate 100 MG Extended Release Oral Tablet", "100 mg by mouth daily", 320, per_day=(100, "mg", 1))
    chart.medicine("Clopidogrel 75 MG Oral Tablet", "75 mg by mouth daily", 320, intent="plan")
    visit = chart.encounter_past(327, "Chest pain, unspecified", code="R07.9", kind="EMER", days=0.3, by="ed-physician", at="lake-urgent", discharge="Home")
    chart.encounter = visit
    chart.lab("troponin_conventional", 0.02, 327, comparator="<", comment="Conventional assay.")
    chart.lab("creatinine_umol", 112, 327)
    chart.report("EKG 12 lead", 327, conclusion="Atrial fibrillation 80/min, no ST change.", loinc="11524-6", kind="CARD")
    chart.note(
        327,
        "ED discharge summary",
        """
        HOSPITAL COURSE: Chest pain, two troponins below the limit, ECG unchanged.
        PLAN: Metoprolol raised to 100 mg. Cardiology within a week.
        """,
        loinc="59258-4",
        by="ed-physician",
    )
    chart.encounter = ""
    return chart.resources
