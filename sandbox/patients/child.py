"""Finn Demo-Sample: a well child of four, with growth and vaccines since birth."""

from __future__ import annotations

from .authoring import Chart
from .clock import Clock
from .terms import LOINC, Resource

# One line per thing recorded: it reads as the table that it is.
# fmt: off
KEY = "well-child-4y"
AGE_DAYS = 1466
MONTH = 30.4375


def mercy(clock: Clock) -> list[Resource]:
    chart = Chart("mercy", KEY, clock)
    chart.patient("Demo-Sample", "Finn", "male", clock.date(AGE_DAYS), "00604")
    return chart.written(_background, _growth, _vaccines, _screens, _today)


def _ago(months: float) -> int:
    """Days before today at which the child was so many months old."""
    return AGE_DAYS - round(months * MONTH)


def _background(chart: Chart) -> None:
    chart.allergy("Peanut", _ago(14), snomed="91935009", reaction="Hives", reaction_snomed="247472004", severity="moderate", criticality="high", category="food")
    chart.problem("Atopic dermatitis", "L20.9", _ago(8), snomed="24079001")
    chart.problem("Acute otitis media", "H66.90", _ago(20), status="resolved", ended=_ago(19.5))
    chart.medicine("Epinephrine 0.15 MG Auto-Injector", "0.15 mg into the thigh for anaphylaxis", _ago(15), by="pediatrician")
    chart.medicine("Hydrocortisone 1 % Topical Cream", "Apply thinly to eczema twice daily as needed", _ago(9), by="pediatrician")
    chart.medicine("Amoxicillin 400 MG per 5 ML Oral Suspension", "6 mL by mouth twice daily for 10 days", _ago(20), until=_ago(19.6), status="completed", by="pediatrician")
    chart.family("Mother", "MTH", ("Asthma", 9))
    chart.family("Father", "FTH", status="health-unknown")


def _growth(chart: Chart) -> None:
    rows = (
        (0.1, 3.4, 50.2, 34.8),
        (1, 4.4, 54.6, 37.2),
        (2, 5.5, 58.1, 39.0),
        (4, 6.9, 63.6, 41.5),
        (6, 7.8, 67.3, 43.2),
        (9, 8.8, 71.7, 44.9),
        (12, 9.5, 75.4, 46.0),
        (15, 10.2, 78.8, 46.8),
        (18, 10.8, 81.9, 47.4),
        (24, 12.0, 87.2, 48.3),
        (30, 13.1, 91.6, 48.9),
        (36, 14.0, 95.4, 49.5),
    )
    for months, weight, height, head in rows:
        chart.vitals(_ago(months), weight=weight, height=height, head=head)
    chart.pressure(92, 54, _ago(36), position="sitting")


def _vaccines(chart: Chart) -> None:
    series = (
        ("Hepatitis B, pediatric", "08", (0.1, 2, 6)),
        ("Rotavirus, pentavalent", "116", (2, 4, 6)),
        ("DTaP", "20", (2, 4, 6, 15)),
        ("Hib (PRP-T)", "48", (2, 4, 6, 12)),
        ("Pneumococcal conjugate PCV13", "133", (2, 4, 6, 12)),
        ("Polio, inactivated", "10", (2, 4, 9)),
        ("MMR", "03", (12,)),
        ("Varicella", "21", (12,)),
        ("Hepatitis A, pediatric", "83", (12, 18)),
    )
    for name, cvx, ages in series:
        for number, months in enumerate(ages, 1):
            chart.vaccine(name, cvx, _ago(months), dose=number)
    for months in (10, 22, 34):
        chart.vaccine("Influenza, injectable, quadrivalent", "150", _ago(months))
    chart.vaccine("Influenza, injectable, quadrivalent", "150", 30, status="not-done", why_not="Parent declined")


def _screens(chart: Chart) -> None:
    for months, lead, hgb in ((12, 1.2, 11.6), (24, 4.1, 11.9)):
        chart.labs(_ago(months), lead=lead)
        chart.lab("hemoglobin", hgb, _ago(months), ranged=False)
    chart.order("Lead, repeat venous sample", _ago(24), codes=((LOINC, "5671-3"),), by="pediatrician")
    chart.measured("Ages and Stages Questionnaire, communication", "", 50, "{score}", _ago(36))
    chart.finding("Newborn hearing screen", "", "Pass both ears", _ago(0.1), category="exam")
    seen = chart.encounter_past(_ago(36), "Well child visit, 3 years", code="Z00.129", by="pediatrician", at="clinic-1")
    chart.note(
        _ago(36),
        "Well child note, 3 years",
        """
        SUBJECTIVE: Eats well, in preschool. Peanut avoided, epinephrine at school.
        ASSESSMENT AND PLAN: Growth along the fortieth centile. Repeat the lead level of 4.1 by vein, not done yet. Next visit at 4 years with DTaP, polio, MMR, varicella.
        """,
        by="pediatrician",
        encounter=seen,
    )


def _today(chart: Chart) -> None:
    chart.visit("Well child visit, 4 years", code="Z00.129", hours=-0.4, at="clinic-1", by="pediatrician", nurse="nurse", complaint="Routine child health examination")
    now = chart.clock.hours(0.1)
    chart.vitals(now, bp=(96, 58), pulse=98, resp=22, temp=36.8, weight=17.9, height=101.0, bmi=17.5)
