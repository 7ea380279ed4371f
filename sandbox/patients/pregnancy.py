"""Mara Sandbox-Example: 28 weeks today, Rh negative, chronic hypertension; another list still holds losartan."""

from __future__ import annotations

from .authoring import Chart
from .clock import Clock
from .terms import LOINC, SCT, Resource

# One line per thing recorded: it reads as the table that it is.
# fmt: off
KEY = "pregnancy-28w"
PERSON = "P-100528"
TERM = 84  # days until the expected delivery: 40 weeks less 28


def mercy(clock: Clock) -> list[Resource]:
    chart = Chart("mercy", KEY, clock)
    chart.patient("Sandbox-Example", "Mara", "female", clock.born(33, 3, 27), "00528", PERSON)
    return chart.written(_background, _obstetric, _medicines, _laboratory, _visits, _today)


def _background(chart: Chart) -> None:
    chart.allergy("Latex", 2000, snomed="111088007", reaction="Hives", reaction_snomed="247472004", severity="moderate", criticality="high", category="environment")
    chart.problem("Supervision of high risk pregnancy, second pregnancy", "O09.892", 150, snomed="47200007")
    chart.problem("Pre-existing hypertension complicating pregnancy", "O10.012", 150)
    chart.problem("History of pre-eclampsia in earlier pregnancy", "Z87.59", 1400)
    chart.problem("Previous cesarean delivery", "O34.211", 1400)
    chart.problem("Rh negative status in pregnancy", "O36.0120", 140)
    chart.problem("Major depressive disorder, in remission", "F33.42", 1100, status="remission")
    chart.procedure("Cesarean section", 1390, codes=((SCT, "11466000"),))
    chart.family("Mother", "MTH", ("Pre-eclampsia", 29), ("Type 2 diabetes mellitus", 51))
    chart.finding("Tobacco smoking status", "72166-2", "Never smoker", 140, category="social-history", snomed="266919005")
    chart.vaccine("Influenza, injectable, quadrivalent", "150", 40)
    chart.vaccine("Tdap", "115", 1400)


def _obstetric(chart: Chart) -> None:
    date = chart.clock.date
    chart.dated("Last menstrual period start date", "8665-2", date(200), 150)
    chart.dated("Delivery date Estimated from last menstrual period", "11779-6", date(-80), 150)
    scan = chart.dated("Delivery date US composite.estimated", "11781-2", date(-TERM), 140)
    final = chart.dated("Delivery date Estimated", "11778-8", date(-TERM), 139)
    chart.provenance("Observation", final, 139, by="obstetrician")
    chart.measured("[#] Pregnancies", "11996-6", 2, "{#}", 150, category="exam")
    chart.measured("[#] Parity", "11977-6", 1, "{#}", 150, category="exam")
    chart.report(
        "Obstetric ultrasound, first trimester",
        140,
        conclusion="Single live fetus, crown-rump length 22 mm, 8 weeks 6 days. Expected delivery by ultrasound replaces that by last period.",
        loinc="11525-3",
        results=[scan],
        by="obstetrician",
    )
    chart.report(
        "Obstetric ultrasound, anatomy", 56, conclusion="20 weeks. Normal anatomy, placenta posterior and clear of the os. Cervix 38 mm.", loinc="11525-3", by="obstetrician"
    )
    for days in (140, 56):
        chart.procedure("Obstetric ultrasound", days, codes=((SCT, "268445003"),))
    chart.finding("Fetal aneuploidy screen, cell-free DNA", "75547-0", "Low risk", 110)
    chart.finding("Cervical cytology", "10524-7", "Negative for intraepithelial lesion", 700)


def _medicines(chart: Chart) -> None:
    chart.medicine(
        "Labetalol 200 MG Oral Tablet", "Take 1 tablet (200 mg) by mouth twice daily", 150, reason="Hypertension in pregnancy", by="obstetrician", per_day=(200, "mg", 2)
    )
    chart.medicine("Aspirin 81 MG Oral Tablet", "Take 1 tablet (81 mg) by mouth daily until 36 weeks", 112, reason="Prevention of pre-eclampsia", by="obstetrician")
    chart.medicine("Prenatal vitamin with folic acid Oral Tablet", "Take 1 tablet by mouth daily", 170)
    chart.medicine("Sertraline 50 MG Oral Tablet", "Take 1 tablet (50 mg) by mouth daily", 900, reason="Depression")
    chart.medicine("Losartan 50 MG Oral Tablet", "Take 1 tablet (50 mg) by mouth daily", 800, until=165, stopped="Pregnancy")
    chart.medicine("Ferrous sulfate 325 MG Oral Tablet", "Take 1 tablet (325 mg) by mouth every other day", 20, by="obstetrician")


def _laboratory(chart: Chart) -> None:
    for name, loinc, answer, flag in (
        ("ABO group [Type] in Blood", "883-9", "O", ""),
        ("Rh [Type] in Blood", "10331-7", "Negative", ""),
        ("Blood group antibody screen [Presence] in Serum or Plasma", "890-4", "Negative", "NEG"),
        ("Hepatitis B virus surface Ag [Presence] in Serum", "5196-1", "Nonreactive", "NEG"),
        ("HIV 1+2 Ab+HIV1 p24 Ag [Presence] in Serum or Plasma by Immunoassay", "56888-1", "Nonreactive", "NEG"),
        ("Reagin Ab [Presence] in Serum by RPR", "20507-0", "Nonreactive", "NEG"),
        ("Rubella virus IgG Ab [Presence] in Serum", "25514-1", "Immune", "POS"),
        ("Varicella zoster virus IgG Ab [Presence] in Serum", "15410-4", "Not immune", "NEG"),
        ("Hepatitis C virus Ab [Presence] in Serum", "16128-1", "Nonreactive", "NEG"),
        ("Chlamydia trachomatis rRNA [Presence] by NAA with probe detection", "43304-5", "Not detected", "NEG"),
        ("Bacteria identified in Urine by Culture", "630-4", "No growth", "N"),
    ):
        chart.finding(name, loinc, answer, 145, flag=flag)
    for days, hgb, platelets in ((145, 12.6, 248), (20, 10.4, 221)):
        chart.labs(days, hemoglobin=hgb, hematocrit=round(hgb * 3), wbc=9.6, platelets=platelets, mcv=84)
    chart.labs(145, creatinine=0.6, egfr=118, alt=18, ast=19)
    chart.labs(145, a1c=5.5)
    for days, answer, flag in ((145, "Negative", "N"), (56, "Negative", "N"), (20, "Trace", "A")):
        chart.finding("Protein [Presence] in Urine by Test strip", "20454-5", answer, days, flag=flag)
    chart.order("Glucose challenge test, 50 g, 1 hour", chart.clock.hours(1.1), codes=((LOINC, "1504-0"),), by="obstetrician")
    chart.order("Antibody screen before Rh immune globulin", chart.clock.hours(1.1), codes=((LOINC, "890-4"),), by="obstetrician")


def _visits(chart: Chart) -> None:
    for days, bp, weight, fundal, heart in (
        (140, (128, 78), 68.2, None, 168),
        (112, (126, 76), 69.0, None, 156),
        (84, (124, 74), 70.6, None, 150),
        (56, (126, 78), 72.5, 20, 148),
        (20, (134, 84), 75.0, 25, 146),
    ):
        chart.vitals(days, bp=bp, weight=weight)
        chart.vital("fetal", heart, days)
        if fundal is not None:
            chart.vital("fundal", fundal, days)
    chart.measured("Body weight before pregnancy", "56077-1", 66.5, "kg", 140, category="vital-signs")
    chart.vital("height", 165, 140)
    seen = chart.encounter_past(20, "Prenatal visit, 25 weeks", code="O09.892", by="obstetrician", at="clinic-6")
    chart.note(
        20,
        "Prenatal note",
        """
        SUBJECTIVE: Good movements, no headache. Tired.
        OBJECTIVE: BP 134/84, urine protein trace.
        ASSESSMENT AND PLAN: Chronic hypertension, watch for superimposed pre-eclampsia: home BP, call at 150/100 or with headache. Iron started. At 28 weeks glucose challenge, antibody screen and Rh immune globulin, Tdap.
        """,
        by="obstetrician",
        encounter=seen,
    )
    chart.measured("Edinburgh Postnatal Depression Scale [EPDS]", "71354-5", 6, "{score}", 20)


def _today(chart: Chart) -> None:
    chart.visit(
        "Prenatal visit, 28 weeks",
        code="O09.893",
        hours=0.7,
        at="clinic-6",
        by="obstetrician",
        nurse="nurse",
        complaint="Supervision of other high risk pregnancies, third trimester",
    )
    chart.encounter = f"visit-{KEY}"
    now = chart.clock.hours(0.4)
    chart.measured("Gestational age", "18185-9", 28, "wk", now, category="exam")
    chart.vitals(now, bp=(146, 92), pulse=90, weight=77.1)
    chart.vital("fundal", 27, now)
    chart.vital("fetal", 142, now)
    chart.finding("Protein [Presence] in Urine by Test strip", "20454-5", "1+", now, flag="A")
    chart.encounter = ""


def lakeside(clock: Clock) -> list[Resource]:
    """A list nobody has cleaned since before the pregnancy."""
    chart = Chart("lakeside", KEY, clock)
    chart.patient("Sandbox-Example", "Mara", "female", clock.born(33, 3, 27), "T-0528", PERSON)
    chart.no_known_allergies(820)
    chart.problem("Hypertension", "I10", 820, snomed="38341003")
    chart.medicine("Losartan 50 MG Oral Tablet", "50 mg by mouth daily", 800, per_day=(50, "mg", 1))
    chart.medicine("Sertraline 50 MG Oral Tablet", "50 mg by mouth daily", 900, intent="plan")
    chart.encounter_past(300, "Hypertension follow-up", code="I10", by="Lakeside family doctor", at="lake-2")
    chart.pressure(138, 86, 300)
    return chart.resources
