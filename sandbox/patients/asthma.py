"""Theo Imaginary-Test: asthma out of control: many reliever fills, two steroid bursts, a beta blocker elsewhere."""

from __future__ import annotations

from .authoring import Chart
from .clock import Clock
from .terms import SCT, Resource

# One line per thing recorded: it reads as the table that it is.
# fmt: off
KEY = "asthma"
PERSON = "P-100612"


def mercy(clock: Clock) -> list[Resource]:
    chart = Chart("mercy", KEY, clock)
    chart.patient("Imaginary-Test", "Theo", "male", clock.born(37, 7, 22), "00612", PERSON)
    return chart.written(_background, _medicines, _lungs, _events, _today)


def _background(chart: Chart) -> None:
    chart.allergy("Aspirin", 1500, rxnorm="1191", reaction="Bronchospasm", reaction_snomed="4386001", severity="severe", criticality="high", kind="intolerance")
    chart.allergy("House dust mite", 1500, snomed="232350006", reaction="Rhinitis", severity="mild", category="environment")
    chart.problem("Moderate persistent asthma", "J45.40", 5200, snomed="195967001")
    chart.problem("Nasal polyps", "J33.9", 1300)
    chart.problem("Allergic rhinitis", "J30.9", 5000)
    chart.problem("Gastroesophageal reflux disease", "K21.9", 1100)
    chart.family("Mother", "MTH", ("Asthma", None))
    chart.finding("Tobacco smoking status", "72166-2", "Never smoker", 61, category="social-history", snomed="266919005")
    chart.vaccine("Pneumococcal conjugate PCV20", "216", 760)
    chart.vaccine("COVID-19, mRNA, 30 mcg", "309", 390)
    chart.vaccine("Influenza, injectable, quadrivalent", "150", 410)


def _medicines(chart: Chart) -> None:
    chart.medicine("Budesonide / formoterol 160-4.5 MCG Inhaler", "Inhale 2 puffs twice daily", 61, reason="Asthma", by="pulmonologist")
    chart.medicine("Fluticasone 110 MCG Inhaler", "Inhale 2 puffs twice daily", 900, until=61, stopped="Stepped up to a combination")
    albuterol = chart.medicine("Albuterol 90 MCG Inhaler", "Inhale 2 puffs every 4 to 6 hours as needed", 5000)
    chart.medicine("Montelukast 10 MG Oral Tablet", "Take 1 tablet (10 mg) by mouth at night", 700)
    for since in (262, 75):
        chart.medicine(
            "Prednisone 20 MG Oral Tablet",
            "Take 2 tablets (40 mg) by mouth daily for 5 days",
            since,
            until=since - 5,
            status="completed",
            reason="Asthma exacerbation",
            by="ed-physician",
        )
    for days in (355, 310, 270, 240, 205, 160, 118, 92, 74, 40, 12):
        chart.dispensed("Albuterol 90 MCG Inhaler", days, order=albuterol)
    for days in (61, 20):
        chart.dispensed("Budesonide / formoterol 160-4.5 MCG Inhaler", days)


def _lungs(chart: Chart) -> None:
    for days, volume, percent, ratio in ((1490, 3.42, 84, 0.76), (700, 3.11, 78, 0.72), (61, 2.54, 64, 0.66)):
        keys = [
            chart.measured("FEV1", "20150-9", volume, "L", days, category="procedure"),
            chart.measured("FEV1 measured/predicted", "20152-5", percent, "%", days, category="procedure"),
            chart.measured("FEV1/FVC", "19926-5", ratio, "{ratio}", days, category="procedure"),
        ]
        report = chart.report(
            "Spirometry",
            days,
            conclusion=f"FEV1 {volume} L, {percent} % of predicted, ratio {ratio}. Bronchodilator response {'18' if days == 61 else '9'} %.",
            kind="CARD",
            results=keys,
            by="pulmonologist",
        )
        chart.procedure("Spirometry", days, codes=((SCT, "127783003"),), report=report)
    for days, score in ((700, 21), (262, 14), (61, 13)):
        chart.measured("Asthma Control Test total score", "82674-3", score, "{score}", days)
    for days, eosinophils in ((700, 0.38), (262, 0.55), (61, 0.71)):
        chart.labs(days, eosinophils=eosinophils, wbc=7.4, hemoglobin=15.1, platelets=244)
    for days, flow in ((61, 410), (30, 430), (14, 390), (6, 350), (2, 330)):
        chart.vital("peak_flow", flow, days)
    for days, spo2, weight in ((700, 98, 81.0), (262, 94, 82.4), (61, 96, 83.1)):
        chart.vitals(days, bp=(124, 78), pulse=82, resp=18, spo2=spo2, weight=weight)


def _events(chart: Chart) -> None:
    visit = chart.encounter_past(75, "Asthma exacerbation", code="J45.41", kind="EMER", days=0.2, by="ed-physician", at="ed-4", discharge="Home")
    chart.note(
        75,
        "ED discharge summary",
        """
        HOSPITAL COURSE: Wheeze for two days, saturation 92 %, three nebulizers, prednisone.
        DISCHARGE MEDICATIONS: Prednisone 40 mg for 5 days.
        PLAN: Pulmonary clinic within two weeks. Ask about a beta blocker from the headache clinic.
        """,
        loinc="59258-4",
        by="ed-physician",
        encounter=visit,
    )
    chart.report("Chest X-ray 2 views", 75, conclusion="Hyperinflation, no infiltrate.", loinc="36643-5")
    seen = chart.encounter_past(61, "Asthma follow-up", code="J45.40", by="pulmonologist", at="clinic-5")
    chart.note(
        61,
        "Pulmonary note",
        """
        SUBJECTIVE: Wakes three nights a week. Reliever daily.
        ASSESSMENT AND PLAN: Step up to budesonide/formoterol. Check technique. If ACT below 16 in two months and eosinophils above 0.3, consider a biologic. Influenza vaccine this autumn. Aspirin desensitization not wanted.
        """,
        by="pulmonologist",
        encounter=seen,
    )
    chart.order("Referral to allergy and immunology", 61, kind="referral", by="pulmonologist")
    chart.plan("Asthma action plan", "Yellow zone below 380 L/min: reliever every 4 hours and call. Red zone below 240: ED.", 61)


def _today(chart: Chart) -> None:
    chart.visit("Asthma follow-up", code="J45.40", hours=-0.2, at="clinic-5", by="physician", nurse="nurse", complaint="Moderate persistent asthma, uncomplicated")
    now = chart.clock.hours(0.15)
    chart.vitals(now, bp=(126, 80), pulse=96, resp=20, spo2=94, temp=36.8, peak_flow=310)
    chart.measured("Asthma Control Test total score", "82674-3", 11, "{score}", now)


def lakeside(clock: Clock) -> list[Resource]:
    """An ED visit with a steroid burst, and propranolol for migraine."""
    chart = Chart("lakeside", KEY, clock)
    chart.patient("Imaginary-Test", "Theo", "male", clock.born(37, 7, 22), "T-0612", PERSON)
    chart.problem("Migraine without aura", "G43.009", 210)
    chart.medicine("Propranolol 80 MG Extended Release Oral Capsule", "Take 1 capsule (80 mg) by mouth daily", 130, reason="Migraine prevention")
    visit = chart.encounter_past(188, "Asthma exacerbation", code="J45.901", kind="EMER", days=0.2, by="ed-physician", at="lake-urgent", discharge="Home")
    chart.medicine(
        "Prednisone 50 MG Oral Tablet", "Take 1 tablet (50 mg) by mouth daily for 5 days", 188, until=183, status="completed", by="ed-physician", reason="Asthma exacerbation"
    )
    chart.note(
        188,
        "ED discharge summary",
        "HOSPITAL COURSE: Wheeze after a cold, two nebulizers.\nPLAN: Prednisone for five days. See own doctor.",
        loinc="59258-4",
        by="ed-physician",
        encounter=visit,
    )
    chart.vitals(188, spo2=93, resp=24, pulse=112)
    return chart.resources
