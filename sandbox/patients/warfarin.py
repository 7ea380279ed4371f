"""Edith Trialrun-Test: atrial fibrillation on warfarin, INR climbing since an antibiotic."""

from __future__ import annotations

from .authoring import Chart
from .clock import Clock
from .terms import LOINC, SCT, Resource

# One line per thing recorded: it reads as the table that it is.
# fmt: off
KEY = "af-warfarin"


def mercy(clock: Clock) -> list[Resource]:
    chart = Chart("mercy", KEY, clock)
    chart.patient("Trialrun-Test", "Edith", "female", clock.born(78, 10, 9), "00461")
    return chart.written(_background, _medicines, _results, _notes, _today)


def _background(chart: Chart) -> None:
    chart.allergy("Sulfamethoxazole / trimethoprim", 3, rxnorm="10831", reaction="Nausea", severity="mild", kind="intolerance", verified="unconfirmed")
    chart.problem("Persistent atrial fibrillation", "I48.19", 1600, snomed="440059007")
    chart.problem("Rheumatic mitral stenosis, moderate", "I05.0", 1600, snomed="79619009")
    chart.problem("Long term (current) use of anticoagulants", "Z79.01", 1590)
    chart.problem("Hypertension", "I10", 5400, snomed="38341003")
    chart.problem("Transient ischemic attack, past", "Z86.73", 1610)
    chart.problem("Hypothyroidism", "E03.9", 3300)
    chart.code_status("Full code", 400)
    chart.family("Mother", "MTH", ("Stroke", 74))
    chart.finding("Tobacco smoking status", "72166-2", "Never smoker", 180, category="social-history", snomed="266919005")
    chart.vaccine("Influenza, high dose", "197", 55)


def _medicines(chart: Chart) -> None:
    chart.medicine(
        "Warfarin 5 MG Oral Tablet",
        "Take 5 mg by mouth daily, except 2.5 mg on Monday and Friday",
        64,
        reason="Atrial fibrillation with mitral stenosis, INR goal 2.0-3.0",
        per_day=(5, "mg", 1),
    )
    chart.medicine("Warfarin 5 MG Oral Tablet", "Take 5 mg by mouth daily", 1590, until=64, stopped="Weekly dose lowered by 14 % for INR 3.6")
    chart.medicine(
        "Sulfamethoxazole / trimethoprim 800-160 MG Oral Tablet",
        "Take 1 tablet by mouth twice daily for 7 days",
        10,
        until=3,
        reason="Cystitis",
        by="ed-physician",
        status="completed",
    )
    chart.medicine("Metoprolol tartrate 50 MG Oral Tablet", "Take 1 tablet (50 mg) by mouth twice daily", 1500)
    chart.medicine("Amlodipine 5 MG Oral Tablet", "Take 1 tablet (5 mg) by mouth daily", 900)
    chart.medicine("Levothyroxine 75 MCG Oral Tablet", "Take 1 tablet (75 mcg) by mouth every morning", 1200)
    chart.stated("Ginkgo biloba 120 MG", "1 capsule daily, bought without prescription", 20)


def _results(chart: Chart) -> None:
    series = (
        (420, 2.4), (392, 2.6), (364, 2.3), (336, 2.5), (308, 2.7), (280, 2.2),
        (252, 2.4), (224, 2.8), (196, 2.6), (168, 2.5), (140, 2.9), (112, 2.7),
        (84, 3.1), (64, 3.6), (50, 2.8), (22, 2.5),
    )
    for days, inr in series:
        chart.labs(days, inr=inr)
    for days, hgb, creatinine, egfr in ((420, 12.9, 0.9, 64), (196, 12.7, 0.9, 63), (22, 12.5, 1.0, 58)):
        chart.labs(days, hemoglobin=hgb, hematocrit=round(hgb * 3), wbc=6.1, platelets=233)
        chart.labs(days, sodium=140, potassium=4.3, chloride=104, bicarbonate=25, bun=17, creatinine=creatinine, egfr=egfr, glucose=96)
    chart.labs(196, tsh=2.9)
    for days, bp, pulse, weight in ((420, (132, 76), 74, 61.2), (196, (130, 78), 72, 61.8), (64, (128, 74), 70, 61.0)):
        chart.vitals(days, bp=bp, pulse=pulse, weight=weight)
    found = chart.measured("Left ventricular Ejection fraction by US", "18043-0", 60, "%", 300, category="imaging")
    echo = chart.report(
        "Transthoracic echocardiogram",
        300,
        conclusion="LVEF 60 %. Mitral valve area 1.4 cm2, mean gradient 6 mmHg. Left atrium severely enlarged.",
        loinc="34552-0",
        kind="CARD",
        results=[found],
        by="cardiologist",
    )
    chart.procedure("Transthoracic echocardiography", 300, codes=((SCT, "433236007"),), report=echo)


def _notes(chart: Chart) -> None:
    seen = chart.encounter_past(64, "Anticoagulation clinic", code="Z79.01", at="clinic-5")
    chart.note(
        64,
        "Anticoagulation note",
        """
        INR 3.6, no bleeding, no missed doses.
        ASSESSMENT AND PLAN: Lower weekly dose by 14 %. INR in two weeks, then monthly. Not a candidate for a direct oral anticoagulant (moderate mitral stenosis).
        """,
        encounter=seen,
    )
    urgent = chart.encounter_past(10, "Acute cystitis", code="N30.00", kind="EMER", days=0.1, by="ed-physician", discharge="Home")
    chart.note(
        10,
        "ED discharge summary",
        """
        HOSPITAL COURSE: Dysuria for two days, no fever.
        PLAN: Trimethoprim-sulfamethoxazole for 7 days. INR check within 3 to 5 days.
        """,
        loinc="59258-4",
        by="ed-physician",
        encounter=urgent,
    )
    chart.order("INR check within 5 days of antibiotic", 10, codes=((LOINC, "6301-6"),), by="ed-physician")


def _today(chart: Chart) -> None:
    chart.visit("Anticoagulation check", code="Z79.01", hours=0.6, at="clinic-5", nurse="nurse", complaint="Long term (current) use of anticoagulants")
    chart.encounter = f"visit-{KEY}"
    chart.labs(chart.clock.hours(1.2), inr=5.4)
    chart.labs(chart.clock.hours(1.2), hemoglobin=11.2, hematocrit=34, wbc=6.4, platelets=229)
    chart.vitals(chart.clock.hours(0.4), bp=(118, 66), pulse=88, weight=60.8)
    chart.finding("Bleeding since last visit", "", "Gum bleeding for three days", chart.clock.hours(0.35), category="survey")
    chart.encounter = ""
