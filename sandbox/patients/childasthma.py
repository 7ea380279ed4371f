"""Milo Pretend-Test: asthma at eight, two ED visits at the other house, a reliever every day, saturation 91 % today."""

from __future__ import annotations

from .authoring import Chart
from .clock import Clock
from .terms import Resource

# One line per thing recorded: it reads as the table that it is.
# fmt: off
KEY = "child-asthma"
PERSON = "P-100729"


def lakeside(clock: Clock) -> list[Resource]:
    chart = Chart("lakeside", KEY, clock)
    chart.patient("Pretend-Test", "Milo", "male", clock.born(8, 2, 11), "T-0729", PERSON)
    return chart.written(_background, _medicines, _growth, _notes, _today)


def _background(chart: Chart) -> None:
    chart.allergy("Peanut", 1900, reaction="Anaphylaxis", reaction_snomed="39579001", severity="severe", criticality="high", category="food")
    chart.problem("Mild persistent asthma, uncomplicated", "J45.30", 1500, snomed="195967001")
    chart.problem("Atopic dermatitis", "L20.9", 2500)
    chart.problem("Bronchiolitis in infancy", "J21.9", 2700, status="resolved", ended=2690)
    chart.problem("Otitis media", "H66.90", 1100, status="resolved", ended=1090)
    chart.family("Mother", "MTH", ("Asthma", None), ("Allergic rhinitis", None))
    chart.finding("Tobacco smoking status", "72166-2", "Never smoker", 190, category="social-history", snomed="266919005")
    for name, cvx, days in (
        ("DTaP", "20", 1500), ("MMR", "03", 1500), ("Varicella", "21", 1500), ("Poliovirus, inactivated", "10", 1500),
        ("Influenza, injectable, quadrivalent", "150", 780), ("Influenza, injectable, quadrivalent", "150", 410),
    ):
        chart.vaccine(name, cvx, days)


def _medicines(chart: Chart) -> None:
    chart.medicine("Fluticasone 44 MCG Inhaler", "Inhale 2 puffs twice daily with a spacer", 700, by="pediatrician", reason="Asthma")
    chart.medicine("Albuterol 90 MCG Inhaler", "Inhale 2 puffs every 4 hours as needed", 1500, by="pediatrician")
    chart.medicine("Montelukast 5 MG Chewable Tablet", "Chew 1 tablet (5 mg) at night", 420, until=190, stopped="Nightmares, changed behavior", by="pediatrician")
    chart.medicine("Epinephrine 0.15 MG Auto-Injector", "Inject into the thigh for anaphylaxis", 380, by="pediatrician")
    chart.medicine("Amoxicillin 400 MG per 5 ML Oral Suspension", "10 mL by mouth twice daily for 10 days", 1100, until=1090, status="completed", by="pediatrician")
    for days in (330, 250, 190, 140, 90, 50, 20):
        chart.dispensed("Albuterol 90 MCG Inhaler", days)


def _growth(chart: Chart) -> None:
    for days, height, weight, spo2, resp in ((1460, 104.0, 17.0, 98, 22), (1095, 111.2, 19.4, 98, 22), (730, 117.3, 22.0, 97, 20), (380, 122.6, 24.8, 97, 20), (190, 124.4, 26.2, 96, 22)):
        chart.vitals(days, bp=(98, 60), pulse=92, resp=resp, spo2=spo2, weight=weight, height=height)
    for days, liters, percent in ((730, 1.31, 94), (190, 1.27, 82)):
        volume = chart.measured("FEV1", "20150-9", liters, "L", days, category="procedure")
        predicted = chart.measured("FEV1 measured/predicted", "20152-5", percent, "%", days, category="procedure")
        chart.report("Spirometry", days, conclusion=f"FEV1 {percent} % of predicted, reversible.", kind="CARD", results=[volume, predicted], by="pediatrician")
    for days, points in ((380, 22), (190, 18)):
        chart.measured("Asthma Control Test total score", "82674-3", points, "{score}", days)
    chart.labs(380, hemoglobin=12.6, hematocrit=38, wbc=7.9, platelets=301, eosinophils=0.7)


def _notes(chart: Chart) -> None:
    seen = chart.encounter_past(190, "Asthma follow-up", code="J45.30", by="pediatrician", at="lake-4")
    chart.note(
        190,
        "Progress note, asthma",
        """
        SUBJECTIVE: Coughs two nights a week. Spacer at home only.
        ASSESSMENT AND PLAN: Not well controlled. Stop montelukast (nightmares). Check technique. Step up if a course of steroid is needed again. Influenza vaccine in autumn.
        """,
        by="pediatrician",
        encounter=seen,
    )
    chart.order("Referral to allergy, peanut", 190, kind="referral", by="pediatrician")
    chart.plan("Asthma action plan", "Yellow zone: 2 puffs every 4 hours and call. Red zone: ED.", 190)


def _today(chart: Chart) -> None:
    chart.visit("Asthma follow-up", code="J45.30", hours=-0.6, at="lake-4", by="pediatrician", nurse="nurse", complaint="Mild persistent asthma, uncomplicated")
    now = chart.clock.hours(0.15)
    chart.vitals(now, bp=(100, 62), pulse=118, resp=30, spo2=91, temp=37.2, weight=26.9, height=126.0, peak_flow=130)
    chart.measured("Asthma Control Test total score", "82674-3", 12, "{score}", now)


def mercy(clock: Clock) -> list[Resource]:
    """Two ED visits with a course of steroid."""
    chart = Chart("mercy", KEY, clock)
    chart.patient("Pretend-Test", "Milo", "male", clock.born(8, 2, 11), "00729", PERSON)
    for days in (150, 34):
        visit = chart.encounter_past(days, "Exacerbation of asthma", code="J45.901", kind="EMER", days=0.2, by="ed-physician", at="ed-4", discharge="Home")
        chart.encounter = visit
        chart.problem("Asthma with acute exacerbation", "J45.901", days, status="resolved", ended=days - 5, category="encounter-diagnosis")
        chart.vitals(days, pulse=134, resp=36, spo2=90, weight=26.0)
        chart.medicine("Prednisolone 15 MG per 5 ML Oral Solution", "9 mL (27 mg) by mouth daily for 5 days", days, until=days - 5, status="completed", by="ed-physician", reason="Asthma exacerbation")
        chart.note(
            days,
            "ED discharge summary",
            "HOSPITAL COURSE: Wheeze after a cold, three nebulizers.\nPLAN: Prednisolone for five days. See own pediatrician within a week.",
            loinc="59258-4",
            by="ed-physician",
            encounter=visit,
        )
    chart.encounter = ""
    chart.report("Chest X-ray 2 views", 34, conclusion="Hyperinflation, no infiltrate.", loinc="36643-5")
    return chart.resources
