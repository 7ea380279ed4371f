"""Irma Dummy-Practice: rheumatoid arthritis on methotrexate, an enzyme was high and never repeated, a biologic is planned."""

from __future__ import annotations

from .authoring import Chart
from .clock import Clock
from .terms import LOINC, Resource

# One line per thing recorded: it reads as the table that it is.
# fmt: off
KEY = "ra-methotrexate"


def lakeside(clock: Clock) -> list[Resource]:
    chart = Chart("lakeside", KEY, clock)
    chart.patient("Dummy-Practice", "Irma", "female", clock.born(54, 8, 14), "T-5105")
    return chart.written(_background, _medicines, _safety_labs, _screening, _activity, _today)


def _background(chart: Chart) -> None:
    chart.allergy("Sulfasalazine", 1700, rxnorm="9524", reaction="Rash", reaction_snomed="271807003", severity="moderate", criticality="low")
    chart.problem("Rheumatoid arthritis with rheumatoid factor, multiple sites", "M05.79", 1900, snomed="69896004")
    chart.problem("Long term (current) use of immunosuppressant", "Z79.631", 1850)
    chart.problem("Cellulitis of left lower limb", "L03.116", 420, status="resolved", ended=405)
    chart.problem("Hepatic steatosis", "K76.0", 900)
    chart.problem("Osteopenia", "M85.80", 600)
    chart.family("Sister", "SIS", ("Rheumatoid arthritis", 38))
    chart.finding("Tobacco smoking status", "72166-2", "Former smoker", 118, category="social-history", snomed="8517006")
    chart.finding("Alcohol use", "11331-6", "Two drinks a week", 118, category="social-history")


def _medicines(chart: Chart) -> None:
    methotrexate = chart.medicine(
        "Methotrexate 2.5 MG Oral Tablet", "Take 8 tablets (20 mg) by mouth ONCE A WEEK, on Friday", 240, reason="Rheumatoid arthritis", by="rheumatologist"
    )
    chart.medicine(
        "Methotrexate 2.5 MG Oral Tablet", "Take 6 tablets (15 mg) by mouth ONCE A WEEK, on Friday", 1850, until=240, stopped="Dose raised, disease active", by="rheumatologist"
    )
    chart.medicine("Folic acid 1 MG Oral Tablet", "Take 1 tablet (1 mg) by mouth daily", 1850, by="rheumatologist")
    chart.medicine("Hydroxychloroquine 200 MG Oral Tablet", "Take 1 tablet (200 mg) by mouth twice daily", 1700, by="rheumatologist")
    chart.medicine("Prednisone 5 MG Oral Tablet", "Take 1 tablet (5 mg) by mouth daily", 118, by="rheumatologist", reason="Flare")
    chart.medicine("Leflunomide 20 MG Oral Tablet", "Take 1 tablet (20 mg) by mouth daily", 1300, until=1010, stopped="Diarrhea", by="rheumatologist")
    chart.medicine(
        "Adalimumab 40 MG Auto-Injector", "40 mg under the skin every 2 weeks, to start when screening is complete", 36, status="draft", intent="plan", by="rheumatologist"
    )
    chart.medicine("Naproxen 500 MG Oral Tablet", "Take 1 tablet (500 mg) by mouth twice daily as needed", 500)
    for days in (204, 120, 36):
        chart.dispensed("Methotrexate 2.5 MG Oral Tablet", days, order=methotrexate, days=84)


def _safety_labs(chart: Chart) -> None:
    rows = (
        (760, 13.1, 6.9, 288, 28, 24, 0.7, 98),
        (590, 12.9, 6.4, 281, 31, 26, 0.7, 98),
        (420, 12.8, 11.8, 305, 30, 27, 0.8, 87),
        (300, 12.9, 6.1, 276, 34, 29, 0.8, 87),
        (210, 12.6, 5.8, 262, 38, 31, 0.8, 87),
        (118, 12.4, 5.2, 251, 44, 36, 0.8, 87),
        (36, 12.1, 4.6, 238, 78, 61, 0.9, 76),
    )
    for days, hgb, wbc, platelets, alt, ast, creatinine, egfr in rows:
        chart.labs(days, hemoglobin=hgb, hematocrit=round(hgb * 3), wbc=wbc, platelets=platelets, anc=round(wbc * 0.6, 1), mcv=97)
        chart.labs(days, alt=alt, ast=ast, albumin=4.1)
        chart.labs(days, creatinine=creatinine, egfr=egfr)
    chart.order("ALT and AST, repeat in 2 weeks", 36, codes=((LOINC, "1742-6"),), by="rheumatologist", due=chart.clock.days(22, "08:00"))


def _screening(chart: Chart) -> None:
    chart.finding("Hepatitis B virus surface Ag [Presence] in Serum", "5196-1", "Nonreactive", 33, flag="NEG")
    core = chart.finding("Hepatitis B virus core Ab [Presence] in Serum", "16933-4", "Reactive", 33, flag="POS")
    chart.provenance("Observation", core, 32, by="rheumatologist")
    chart.finding("Hepatitis C virus Ab [Presence] in Serum", "16128-1", "Nonreactive", 33, flag="NEG")
    chart.finding("Mycobacterium tuberculosis stimulated gamma interferon [Interpretation] in Blood", "71773-6", "Negative", 33, flag="NEG")
    chart.order("Hepatitis B virus DNA", 30, codes=((LOINC, "42595-9"),), by="rheumatologist")
    chart.report("Chest X-ray 2 views", 33, conclusion="Normal. No granuloma.", loinc="36643-5")
    chart.procedure("Retinal screening for hydroxychloroquine, optical coherence tomography", 820, outcome="No toxicity. Yearly from year five.")
    eye = chart.order("Referral to ophthalmology, hydroxychloroquine screening", 118, kind="referral", by="rheumatologist")
    chart.booked(16, "Ophthalmology, hydroxychloroquine screening", order=eye, by="Lakeside Eye")
    chart.report("DXA bone density", 600, conclusion="T-score -1.6 femoral neck, -1.2 lumbar spine.", loinc="38269-7")
    chart.vaccine("Pneumococcal conjugate PCV20", "216", 480)
    chart.vaccine("Zoster recombinant", "187", 470, dose=1)
    chart.vaccine("Influenza, injectable, quadrivalent", "150", 400)


def _activity(chart: Chart) -> None:
    for days, cdai, crp, esr in ((760, 8, 4.1, 16), (590, 9, 5.2, 18), (420, 12, 21.0, 44), (300, 11, 8.8, 24), (210, 14, 11.4, 29), (118, 19, 18.2, 38), (36, 22, 20.5, 41)):
        chart.measured("Clinical Disease Activity Index", "75842-5", cdai, "{score}", days)
        chart.labs(days, crp=crp)
        chart.labs(days, esr=esr)
    chart.labs(1890, rf=212, ccp=188)
    for days, weight in ((420, 71.0), (118, 72.1), (36, 71.6)):
        chart.vitals(days, bp=(126, 78), weight=weight, pain=5)
    chart.report("Hand and foot radiographs", 118, conclusion="New erosion of right second metacarpal head.", loinc="")
    seen = chart.encounter_past(36, "Rheumatoid arthritis follow-up", code="M05.79", by="rheumatologist", at="lake-3")
    chart.note(
        36,
        "Rheumatology note",
        """
        SUBJECTIVE: Morning stiffness 90 minutes, both hands.
        OBJECTIVE: 9 tender, 7 swollen joints. CDAI 22.
        ASSESSMENT AND PLAN: Active in spite of methotrexate 20 mg. Screen for adalimumab: hepatitis B, C, IGRA, film. ALT doubled, repeat in two weeks, hold methotrexate if above three times the limit. Second zoster dose before the biologic.
        """,
        by="rheumatologist",
        encounter=seen,
    )


def _today(chart: Chart) -> None:
    chart.visit(
        "Rheumatoid arthritis follow-up",
        code="M05.79",
        hours=0.3,
        at="lake-3",
        by="rheumatologist",
        nurse="nurse",
        complaint="Rheumatoid arthritis with rheumatoid factor of multiple sites",
    )
    chart.encounter = f"visit-{KEY}"
    chart.vitals(chart.clock.hours(0.2), bp=(130, 80), pulse=76, weight=71.2, temp=36.9, pain=6)
    chart.encounter = ""
    chart.procedure("Arthrocentesis of right knee", 420)
