"""Andre Pretend-Testcase: HIV long suppressed, hepatitis C cured; the viral load is back, an antacid is new."""

from __future__ import annotations

from .authoring import Chart
from .clock import Clock
from .terms import Resource

# One line per thing recorded: it reads as the table that it is.
# fmt: off
KEY = "hiv-hepatitis"


def lakeside(clock: Clock) -> list[Resource]:
    chart = Chart("lakeside", KEY, clock)
    chart.patient("Pretend-Testcase", "Andre", "male", clock.born(54, 3, 17), "T-0753")
    return chart.written(_background, _medicines, _results, _studies, _today)


def _background(chart: Chart) -> None:
    chart.allergy("Abacavir", 3900, reaction="Hypersensitivity, HLA-B*57:01 positive", severity="severe", criticality="high")
    chart.problem("Human immunodeficiency virus [HIV] disease", "B20", 4000, snomed="86406008")
    chart.problem("Chronic viral hepatitis C", "B18.2", 2600, snomed="128302006", status="resolved", ended=1500)
    chart.problem("Pneumocystis pneumonia", "B59", 3980, status="resolved", ended=3950)
    chart.problem("Gastroesophageal reflux disease", "K21.9", 120)
    chart.problem("Mixed hyperlipidemia", "E78.2", 1400)
    chart.finding("Tobacco smoking status", "72166-2", "Current some day smoker", 185, category="social-history", snomed="428041000124106")
    for name, cvx, days in (("Hepatitis B, adult", "43", 3600), ("Hepatitis A, adult", "52", 3600), ("Pneumococcal conjugate PCV20", "216", 800), ("Influenza, injectable, quadrivalent", "150", 46)):
        chart.vaccine(name, cvx, days)


def _medicines(chart: Chart) -> None:
    chart.medicine("Dolutegravir / lamivudine 50-300 MG Oral Tablet", "Take 1 tablet by mouth daily", 1100, reason="HIV")
    chart.medicine("Efavirenz / emtricitabine / tenofovir 600-200-300 MG Oral Tablet", "Take 1 tablet by mouth at bedtime", 3900, until=1100, stopped="Vivid dreams, eGFR falling")
    chart.medicine("Sofosbuvir / velpatasvir 400-100 MG Oral Tablet", "Take 1 tablet by mouth daily for 12 weeks", 1680, until=1596, status="completed", reason="Hepatitis C, genotype 1a")
    chart.medicine("Sulfamethoxazole / trimethoprim 800-160 MG Oral Tablet", "Take 1 tablet by mouth daily", 3950, until=3500, stopped="CD4 above 200")
    chart.medicine("Rosuvastatin 10 MG Oral Tablet", "Take 1 tablet (10 mg) by mouth at night", 1000)
    chart.medicine("Calcium carbonate 500 MG Chewable Tablet", "Chew 2 tablets with each meal", 120, reason="Reflux")


def _results(chart: Chart) -> None:
    for days, load, cd4 in ((4000, 184000, 61), (3700, 410, 190), (2900, 30, 402), (1700, 30, 511), (1100, 30, 560), (730, 30, 602), (370, 30, 618), (185, 30, 604)):
        if load > 30:
            chart.labs(days, hiv_rna=load)
        else:
            chart.lab("hiv_rna", 20, days, comparator="<")
        chart.labs(days, cd4=cd4)
    rows = ((1700, 1.3, 62, 88, 71, 131), (1500, 1.3, 61, 29, 27, 148), (730, 1.0, 84, 24, 22, 178), (370, 1.1, 76, 26, 24, 181), (185, 1.1, 76, 25, 23, 186))
    for days, creatinine, egfr, alt, ast, platelets in rows:
        chart.labs(days, sodium=140, potassium=4.2, chloride=103, bicarbonate=25, bun=15, creatinine=creatinine, egfr=egfr, glucose=99)
        chart.labs(days, alt=alt, ast=ast, alp=74, bilirubin=0.6, albumin=4.2)
        chart.labs(days, hemoglobin=14.4, hematocrit=43, wbc=5.6, platelets=platelets)
    for days, amount in ((1700, 2_140_000), (1500, 15)):
        chart.measured("Hepatitis C virus RNA [Units/volume] (viral load) in Serum or Plasma by Probe and target amplification method", "11011-4", amount, "[iU]/mL", days, category="laboratory")
    for name, loinc, answer, days in (
        ("Hepatitis B virus surface Ag [Presence] in Serum or Plasma by Immunoassay", "5196-1", "Negative", 1700),
        ("Hepatitis B virus core Ab [Presence] in Serum", "16933-4", "Positive", 1700),
        ("Hepatitis B virus surface Ab [Presence] in Serum", "22322-2", "Positive", 1700),
        ("Hepatitis C virus Ab [Presence] in Serum", "16128-1", "Positive", 2600),
        ("Reagin Ab [Presence] in Serum by RPR", "20507-0", "Non-reactive", 185),
    ):
        chart.finding(name, loinc, answer, days)
    chart.labs(370, cholesterol=186, ldl=104, hdl=46, triglyceride=180)
    chart.labs(370, a1c=5.6)
    for days, weight in ((730, 78.2), (370, 80.1), (185, 81.0)):
        chart.vitals(days, bp=(128, 78), pulse=72, weight=weight)


def _studies(chart: Chart) -> None:
    chart.report("Liver elastography", 1450, conclusion="Stiffness 6.8 kPa, F1.")
    chart.report("Abdominal ultrasound", 1450, conclusion="Mild steatosis, no focal lesion.", loinc="24558-9")
    seen = chart.encounter_past(185, "HIV follow-up", code="B20", at="lake-6")
    chart.note(
        185,
        "Progress note, HIV",
        """
        SUBJECTIVE: No missed doses.
        ASSESSMENT AND PLAN: Suppressed for seven years. Go on. Viral load every six months. Hepatitis C antibody stays positive: look at RNA only.
        """,
        encounter=seen,
    )


def _today(chart: Chart) -> None:
    chart.visit("HIV follow-up", code="B20", hours=0.5, at="lake-6", nurse="nurse", complaint="Human immunodeficiency virus [HIV] disease")
    drawn = chart.clock.hours(3.5)
    chart.labs(drawn, hiv_rna=4200)
    chart.labs(drawn, cd4=471)
    chart.labs(drawn, alt=58, ast=44, alp=80, bilirubin=0.7, albumin=4.1)
    chart.labs(drawn, sodium=139, potassium=4.4, chloride=103, bicarbonate=25, bun=16, creatinine=1.1, egfr=75, glucose=102)
    chart.vitals(chart.clock.hours(0.3), bp=(130, 80), pulse=76, weight=80.2)
    chart.stated("Magnesium / aluminum antacid", "As needed, together with the morning tablets", chart.clock.hours(0.3))
