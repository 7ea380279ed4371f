"""Leo Specimen-Demo: cirrhosis from alcohol with ascites, two weeks after encephalopathy; liver imaging is overdue."""

from __future__ import annotations

from .authoring import Chart
from .clock import Clock
from .terms import LOINC, SCT, Resource

# One line per thing recorded: it reads as the table that it is.
# fmt: off
KEY = "cirrhosis"
STAY = 19


def mercy(clock: Clock) -> list[Resource]:
    chart = Chart("mercy", KEY, clock)
    chart.patient("Specimen-Demo", "Leo", "male", clock.born(61, 4, 30), "00571")
    return chart.written(_background, _medicines, _results, _studies, _today)


def _background(chart: Chart) -> None:
    chart.allergy("Ibuprofen", 900, rxnorm="5640", reaction="Gastrointestinal bleeding", severity="severe", criticality="high", kind="intolerance")
    chart.problem("Alcoholic cirrhosis of liver with ascites", "K70.31", 1100, snomed="420054005")
    chart.problem("Hepatic encephalopathy", "K76.82", STAY, snomed="13920009")
    chart.problem("Esophageal varices without bleeding", "I85.10", 800)
    chart.problem("Alcohol dependence, in early remission", "F10.21", 300, status="remission")
    chart.problem("Thrombocytopenia", "D69.6", 1000)
    chart.problem("Spontaneous bacterial peritonitis, past", "K65.2", 260, status="resolved", ended=245)
    chart.code_status("Full code", STAY, by="hospitalist")
    chart.flag("Fall risk", STAY, kind="safety", status="inactive")
    chart.finding("Alcohol use", "11331-6", "None for ten months", 70, category="social-history")
    chart.finding("Tobacco smoking status", "72166-2", "Current some day smoker", 70, category="social-history", snomed="428041000124106")
    chart.family("Father", "FTH", ("Alcohol-related liver disease", 50))
    for name, cvx, days in (
        ("Hepatitis A, adult", "52", 900),
        ("Hepatitis B, adult", "43", 900),
        ("Pneumococcal conjugate PCV20", "216", 640),
        ("Influenza, injectable, quadrivalent", "150", 52),
    ):
        chart.vaccine(name, cvx, days)


def _medicines(chart: Chart) -> None:
    chart.medicine(
        "Lactulose 10 G per 15 ML Oral Solution", "30 mL by mouth three times daily, to 2 to 3 soft stools a day", STAY - 5, by="hepatologist", reason="Hepatic encephalopathy"
    )
    chart.medicine("Rifaximin 550 MG Oral Tablet", "Take 1 tablet (550 mg) by mouth twice daily", STAY - 5, by="hepatologist")
    chart.medicine("Spironolactone 100 MG Oral Tablet", "Take 1 tablet (100 mg) by mouth daily", 700, reason="Ascites")
    chart.medicine("Furosemide 40 MG Oral Tablet", "Take 1 tablet (40 mg) by mouth daily", 700, until=STAY - 5, stopped="Creatinine rise, sodium 128")
    chart.medicine("Propranolol 20 MG Oral Tablet", "Take 1 tablet (20 mg) by mouth twice daily", 780, reason="Esophageal varices")
    chart.medicine("Ciprofloxacin 500 MG Oral Tablet", "Take 1 tablet (500 mg) by mouth daily", 245, reason="Prevention of peritonitis")
    chart.medicine("Pantoprazole 40 MG Oral Tablet", "Take 1 tablet (40 mg) by mouth daily", 900)
    chart.medicine("Zolpidem 5 MG Oral Tablet", "Take 1 tablet (5 mg) by mouth at bedtime as needed", 120, until=STAY, stopped="Encephalopathy")


def _results(chart: Chart) -> None:
    rows = (
        (720, 138, 4.2, 0.8, 98, 1.9, 3.4, 1.3, 108, 52, 12.9),
        (420, 136, 4.3, 0.9, 93, 2.3, 3.1, 1.4, 96, 61, 12.4),
        (250, 134, 4.4, 1.0, 85, 2.9, 2.8, 1.5, 84, 70, 11.8),
        (70, 133, 4.5, 1.1, 76, 3.1, 2.8, 1.5, 79, 66, 11.6),
        (STAY, 128, 4.9, 1.6, 48, 4.2, 2.5, 1.7, 68, 74, 10.9),
        (STAY - 5, 131, 4.6, 1.4, 56, 3.8, 2.5, 1.7, 71, 70, 10.7),
        (2, 130, 5.2, 1.5, 52, 4.4, 2.4, 1.8, 64, 72, 10.4),
    )
    for days, sodium, potassium, creatinine, egfr, bilirubin, albumin, inr, platelets, ast, hgb in rows:
        chart.labs(days, sodium=sodium, potassium=potassium, chloride=99, bicarbonate=23, bun=round(creatinine * 16), creatinine=creatinine, egfr=egfr, glucose=101)
        chart.labs(days, bilirubin=bilirubin, albumin=albumin, ast=ast, alt=ast - 30, alp=142)
        chart.labs(days, hemoglobin=hgb, hematocrit=round(hgb * 3), wbc=4.6, platelets=platelets, mcv=104)
        chart.labs(days, inr=inr)
    for days, afp in ((720, 4.1), (420, 4.8), (245, 6.9)):
        chart.labs(days, afp=afp)
    chart.labs(STAY, ammonia=118)
    for days, bp, weight in ((420, (112, 66), 78.4), (70, (104, 62), 83.9), (STAY, (98, 58), 88.6), (STAY - 5, (102, 60), 82.2)):
        chart.vitals(days, bp=bp, pulse=64, weight=weight)


def _studies(chart: Chart) -> None:
    study = chart.imaging("Ultrasound of abdomen", 245, "US")
    chart.report("Ultrasound of abdomen", 245, conclusion="Nodular liver, no focal lesion. Moderate ascites, spleen 15 cm. Repeat every 6 months.", loinc="24558-9", study=study)
    scope = chart.report("Upper endoscopy", 400, conclusion="Medium esophageal varices without red signs. Beta blocker continued.", kind="PATH", by="hepatologist")
    chart.procedure("Upper endoscopy", 400, codes=((SCT, "76009000"),), report=scope)
    tap = chart.procedure("Paracentesis", STAY, codes=((SCT, "86088003"),), outcome="5.5 L removed, 240 cells, no growth")
    chart.provenance("Procedure", tap, STAY, by="hospitalist")
    chart.order("Referral for liver transplant evaluation", STAY - 5, kind="referral", by="hepatologist")
    chart.order("Ultrasound of liver, surveillance", 70, kind="imaging", by="hepatologist", due=chart.clock.days(58, "09:00"))
    stay = chart.encounter_past(STAY, "Hepatic encephalopathy", code="K76.82", kind="IMP", days=5, by="hospitalist", discharge="Home", name="stay")
    chart.note(
        STAY - 5,
        "Discharge summary",
        """
        HOSPITAL COURSE: Grade 2 encephalopathy after constipation and zolpidem. Lactulose and albumin, tap without peritonitis.
        DISCHARGE MEDICATIONS: Lactulose raised, rifaximin started. Zolpidem and furosemide stopped.
        PLAN: Labs in two weeks. Hepatology in three weeks. No sedatives, no NSAIDs. Transplant referral sent.
        """,
        loinc="18842-5",
        by="hospitalist",
        encounter=stay,
    )
    seen = chart.encounter_past(70, "Cirrhosis follow-up", code="K70.31", by="hepatologist", at="clinic-6")
    chart.note(
        70,
        "Hepatology note",
        """
        SUBJECTIVE: Girth slowly up. No alcohol.
        ASSESSMENT AND PLAN: MELD 17. Surveillance ultrasound and AFP now (last more than five months ago). Continue propranolol if systolic above 90.
        """,
        by="hepatologist",
        encounter=seen,
    )


def _today(chart: Chart) -> None:
    chart.visit(
        "Cirrhosis follow-up after hospital stay", code="K70.31", hours=-1.2, at="clinic-6", by="hepatologist", nurse="nurse", complaint="Alcoholic cirrhosis of liver with ascites"
    )
    chart.order("Basic metabolic panel, repeat", 1, codes=((LOINC, "24321-2"),), by="hepatologist")
