"""Gus Invented-Trial: colon cancer, the third cycle is due today and the counts are low."""

from __future__ import annotations

from .authoring import Chart
from .clock import Clock
from .terms import LOINC, Resource

# One line per thing recorded: it reads as the table that it is.
# fmt: off
KEY = "chemo-cycle-3"


def mercy(clock: Clock) -> list[Resource]:
    chart = Chart("mercy", KEY, clock)
    chart.patient("Invented-Trial", "Gus", "male", clock.born(59, 11, 2), "00533")
    return chart.written(_background, _treatment, _results, _notes, _today)


def _background(chart: Chart) -> None:
    chart.allergy("Oxaliplatin", 14, rxnorm="32592", reaction="Flushing and itching during infusion", severity="mild", verified="unconfirmed")
    chart.problem("Malignant neoplasm of sigmoid colon, stage III", "C18.7", 120, snomed="363410008")
    chart.problem("Catheter-related thrombosis of right subclavian vein", "I82.B11", 20)
    chart.problem("Peripheral neuropathy due to chemotherapy", "G62.0", 13)
    chart.problem("Hypertension", "I10", 2600, snomed="38341003")
    chart.procedure("Laparoscopic sigmoid colectomy", 75)
    chart.device("Implanted venous access port, right chest", 35, udi="00844588033305", maker="Sandbox Devices", model="SB-PORT-8F", mri="MRI safe")
    chart.code_status("Full code", 30, by="oncologist")
    chart.family("Brother", "BRO", ("Colon cancer", 52))
    pathology = chart.report(
        "Surgical pathology", 73, conclusion="Adenocarcinoma, pT3 pN1b (2 of 18 nodes), margins clear, mismatch repair proficient.", loinc="22637-3", kind="PATH"
    )
    chart.provenance("DiagnosticReport", pathology, 73, by="oncologist")
    chart.finding("Hepatitis B virus surface Ag [Presence] in Serum", "5196-1", "Nonreactive", 40, flag="NEG")
    chart.finding("Hepatitis B virus core Ab [Presence] in Serum", "16933-4", "Nonreactive", 40, flag="NEG")


def _treatment(chart: Chart) -> None:
    oxaliplatin = chart.medicine(
        "Oxaliplatin 5 MG/ML Injection", "85 mg/m2 (165 mg) intravenously every 14 days, cycle 3 of 12", 29, by="oncologist", reason="Adjuvant chemotherapy, colon cancer"
    )
    fluorouracil = chart.medicine(
        "Fluorouracil 50 MG/ML Injection", "400 mg/m2 bolus, then 2400 mg/m2 over 46 hours every 14 days", 29, by="oncologist", reason="Adjuvant chemotherapy, colon cancer"
    )
    leucovorin = chart.medicine("Leucovorin 10 MG/ML Injection", "400 mg/m2 intravenously every 14 days", 29, by="oncologist")
    for days in (28, 14):
        chart.given("Oxaliplatin 5 MG/ML Injection", 165, "mg", days, route="intravenous", order=oxaliplatin, note="Stopped for 20 minutes for flushing." if days == 14 else "")
        chart.given("Fluorouracil 50 MG/ML Injection", 780, "mg", days, route="intravenous", order=fluorouracil)
        chart.given("Leucovorin 10 MG/ML Injection", 780, "mg", days, route="intravenous", order=leucovorin)
    chart.medicine("Apixaban 5 MG Oral Tablet", "Take 1 tablet (5 mg) by mouth twice daily", 20, reason="Catheter-related thrombosis", by="oncologist", per_day=(5, "mg", 2))
    chart.medicine("Ondansetron 8 MG Oral Tablet", "Take 1 tablet (8 mg) by mouth every 8 hours as needed for nausea", 29, by="oncologist")
    chart.medicine("Dexamethasone 4 MG Oral Tablet", "Take 2 tablets (8 mg) by mouth on days 2 and 3 of each cycle", 29, by="oncologist")
    chart.medicine("Lisinopril 20 MG Oral Tablet", "Take 1 tablet (20 mg) by mouth daily", 1500)
    goal = chart.goal("Twelve cycles of adjuvant chemotherapy", 29)
    chart.plan("Chemotherapy plan, FOLFOX", "FOLFOX every 14 days, 12 cycles. Treat when ANC is at least 1.5 and platelets at least 100.", 29, goals=[goal])


def _results(chart: Chart) -> None:
    for days, hgb, wbc, anc, platelets, alt, bilirubin, creatinine, egfr in (
        (76, 12.1, 7.8, 5.0, 312, 24, 0.6, 0.9, 95),
        (30, 12.4, 7.1, 4.6, 281, 26, 0.7, 0.9, 95),
        (15, 11.8, 4.4, 2.4, 187, 41, 0.8, 1.0, 86),
        (1, 11.1, 2.6, 1.1, 118, 58, 0.9, 1.0, 86),
    ):
        chart.labs(days, hemoglobin=hgb, hematocrit=round(hgb * 3), wbc=wbc, platelets=platelets, anc=anc)
        chart.labs(days, alt=alt, ast=alt - 4, alp=96, bilirubin=bilirubin, albumin=3.8)
        chart.labs(days, sodium=139, potassium=3.9, chloride=103, bicarbonate=25, bun=15, creatinine=creatinine, egfr=egfr, glucose=108, calcium=9.0)
    for days, cea in ((118, 14.2), (60, 4.1), (30, 2.8)):
        chart.labs(days, cea=cea)
    for days, weight in ((118, 78.9), (30, 76.1), (15, 75.2)):
        chart.vital("weight", weight, days)
    chart.vital("height", 178, 118)
    chart.measured("ECOG Performance Status score", "89247-1", 0, "{score}", 30)
    chart.measured("ECOG Performance Status score", "89247-1", 1, "{score}", 14)
    study = chart.imaging("CT chest, abdomen, pelvis with contrast", 70, "CT")
    chart.report(
        "CT chest, abdomen and pelvis",
        70,
        conclusion="After colectomy. No liver or lung metastasis. 5 mm nodule left lower lobe, repeat in 3 months.",
        loinc="24627-2",
        study=study,
    )
    chart.report("Duplex ultrasound of right arm veins", 20, conclusion="Occlusive thrombus of right subclavian vein around the port catheter.", loinc="")
    chart.order("CT chest without contrast, nodule follow-up", 14, kind="imaging", by="oncologist", due=chart.clock.ahead(20))


def _notes(chart: Chart) -> None:
    seen = chart.encounter_past(14, "Chemotherapy, cycle 2", code="Z51.11", by="oncologist", at="infusion")
    chart.note(
        14,
        "Oncology note, cycle 2",
        """
        SUBJECTIVE: Tingling with cold for five days after cycle 1. Flushing in today's oxaliplatin, settled.
        ASSESSMENT AND PLAN: Cycle 3 in two weeks if ANC at least 1.5 and platelets at least 100, else delay one week. Oxaliplatin slower with antihistamine. Apixaban three months at least.
        """,
        by="oncologist",
        encounter=seen,
    )


def _today(chart: Chart) -> None:
    chart.visit("Chemotherapy, cycle 3", code="Z51.11", hours=0.5, at="infusion", by="oncologist", nurse="nurse", complaint="Encounter for antineoplastic chemotherapy")
    chart.encounter = f"visit-{KEY}"
    chart.vitals(chart.clock.hours(0.3), bp=(124, 74), pulse=92, temp=37.6, resp=16, spo2=97, weight=73.4, pain=1)
    chart.order("CBC with differential, repeat today", chart.clock.hours(0.4), codes=((LOINC, "58410-2"),), by="oncologist")
    chart.encounter = ""
