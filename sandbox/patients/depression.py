"""June Notreal-Sample: depression, sertraline since spring, thoughts of self-harm in the last questionnaire."""

from __future__ import annotations

from . import terms
from .authoring import Chart
from .clock import Clock
from .terms import LOINC, Resource

# One line per thing recorded: it reads as the table that it is.
# fmt: off
KEY = "depression"
STARTED = 168


def lakeside(clock: Clock) -> list[Resource]:
    chart = Chart("lakeside", KEY, clock)
    chart.patient("Notreal-Sample", "June", "female", clock.born(42, 12, 11), "T-5321")
    return chart.written(_background, _medicines, _scores, _results, _notes, _today)


def _background(chart: Chart) -> None:
    chart.no_known_allergies(STARTED)
    chart.problem("Major depressive disorder, recurrent, moderate", "F33.1", 2500, snomed="66344007")
    chart.problem("Generalized anxiety disorder", "F41.1", 2300)
    chart.problem("Hypertension", "I10", 500, snomed="38341003")
    chart.problem("Suicide attempt, personal history", "Z91.51", 3600)
    chart.flag("Suicide risk, safety plan on file", STARTED, kind="safety", by="psychiatrist")
    chart.family("Mother", "MTH", ("Bipolar disorder", 30))
    chart.family("Brother", "BRO", ("Suicide", 36))
    chart.finding("Tobacco smoking status", "72166-2", "Never smoker", STARTED, category="social-history", snomed="266919005")
    chart.finding("Housing status", "71802-3", "Worried about losing housing", 30, category="social-history")


def _medicines(chart: Chart) -> None:
    chart.medicine("Citalopram 20 MG Oral Tablet", "Take 1 tablet (20 mg) by mouth daily", 2480, until=2300)
    chart.medicine("Fluoxetine 40 MG Oral Capsule", "Take 1 capsule (40 mg) by mouth daily", 1900, until=1620, stopped="Sexual dysfunction")
    chart.medicine("Venlafaxine 150 MG Extended Release Oral Capsule", "Take 1 capsule (150 mg) by mouth daily", 800, until=490, stopped="Blood pressure rose to 158/98")
    chart.medicine("Sertraline 50 MG Oral Tablet", "Take 1 tablet (50 mg) by mouth daily", STARTED, until=126, stopped="Dose raised")
    chart.medicine("Sertraline 100 MG Oral Tablet", "Take 1 tablet (100 mg) by mouth daily", 126, until=30, stopped="Dose raised")
    chart.medicine("Sertraline 100 MG Oral Tablet", "Take 1.5 tablets (150 mg) by mouth daily", 30, reason="Depression", by="psychiatrist", per_day=(150, "mg", 1))
    chart.medicine("Clonazepam 0.5 MG Oral Tablet", "Take 1 tablet (0.5 mg) by mouth twice daily as needed for panic", 150, by="psychiatrist")
    chart.medicine("Hydrochlorothiazide 25 MG Oral Tablet", "Take 1 tablet (25 mg) by mouth daily", 480)
    chart.stated("St. John's wort 300 MG", "300 mg three times daily, bought without prescription", 30)


def _scores(chart: Chart) -> None:
    answers = ("Not at all", "Several days", "More than half the days", "Nearly every day")
    codes = ("LA6568-5", "LA6569-3", "LA6570-1", "LA6571-9")
    for days, total, harm, anxiety in ((STARTED, 21, 1, 16), (140, 18, 1, 15), (126, 17, 0, 14), (98, 13, 0, 11), (63, 12, 0, 11), (30, 15, 1, 12)):
        chart.measured("Patient Health Questionnaire 9 item (PHQ-9) total score [Reported]", "44261-6", total, "{score}", days)
        chart.finding(
            "Thoughts that you would be better off dead, or of hurting yourself in some way",
            "44260-8",
            answers[harm],
            days,
            category="survey",
            valueCodeableConcept={"coding": [terms.coding(LOINC, codes[harm], answers[harm])], "text": answers[harm]},
        )
        chart.measured("Generalized anxiety disorder 7 item (GAD-7) total score", "70274-6", anxiety, "{score}", days)
    chart.measured("Total score [AUDIT-C]", "75626-2", 3, "{score}", STARTED)
    chart.finding("Columbia - suicide severity rating scale screener", "93373-9", "Low risk: wish to be dead, no plan", STARTED, category="survey")


def _results(chart: Chart) -> None:
    for days, sodium, glucose in ((500, 140, 91), (STARTED, 139, 94), (63, 135, 96), (8, 131, 95)):
        chart.labs(days, sodium=sodium, potassium=3.7, chloride=100, bicarbonate=26, bun=12, creatinine=0.7, egfr=108, glucose=glucose)
    chart.labs(STARTED, tsh=1.8)
    for days, bp, weight in ((500, (156, 96), 69.0), (STARTED, (132, 82), 66.4), (63, (128, 80), 67.9), (30, (126, 78), 68.8)):
        chart.vitals(days, bp=bp, pulse=72, weight=weight)
    chart.report("EKG 12 lead", STARTED, conclusion="Sinus rhythm, QTc 428 ms.", loinc="11524-6", kind="CARD")


def _notes(chart: Chart) -> None:
    seen = chart.encounter_past(30, "Depression follow-up", code="F33.1", by="psychiatrist", at="lake-4")
    chart.note(
        30,
        "Psychiatry progress note",
        """
        SUBJECTIVE: Worse since the hours at work were cut. Passive thoughts of death on some days, no plan, sister has the pills.
        ASSESSMENT AND PLAN: Sertraline to 150 mg. Sodium in three weeks (with thiazide). Full C-SSRS next visit. Avoid venlafaxine again. Therapist weekly. Safety plan reviewed.
        """,
        by="psychiatrist",
        encounter=seen,
    )
    private = chart.note(30, "Psychotherapy note", "Content of the session is restricted.", by="psychiatrist", encounter=seen, loinc="11506-3")
    for resource in chart.resources:
        if resource["id"] == private:
            codes = (("Confidentiality", "R", "restricted"), ("ActCode", "PSY", "psychiatry disorder information sensitivity"))
            resource["meta"] = {"security": [terms.coding(f"{terms.TERMINOLOGY}v3-{system}", code, words) for system, code, words in codes]}
    first = chart.encounter_past(STARTED, "Depression, first visit of this episode", code="F33.1", by="psychiatrist", at="lake-4")
    chart.note(
        STARTED,
        "Psychiatry intake",
        """
        HISTORY: Fourth episode. Fluoxetine helped, stopped for side effects.
        ASSESSMENT AND PLAN: Sertraline 50 mg, PHQ-9 each visit. Referral to psychotherapy.
        """,
        by="psychiatrist",
        encounter=first,
    )
    referral = chart.order("Referral to psychotherapy", STARTED, kind="referral", by="psychiatrist", status="completed")
    chart.note(150, "Psychotherapy consultation report", "IMPRESSION AND PLAN: Behavioral activation, weekly for twelve weeks.", by="Lakeside Counseling", loinc="11488-4", order=referral)


def _today(chart: Chart) -> None:
    chart.visit("Depression follow-up", code="F33.1", hours=-0.9, at="lake-4", by="psychiatrist", complaint="Major depressive disorder, recurrent, moderate")
    now = chart.clock.hours(0.2)
    chart.measured(
        "Patient Health Questionnaire 9 item (PHQ-9) total score [Reported]",
        "44261-6",
        17,
        "{score}",
        now,
        performer=[chart.subject],
        note=[{"text": "Answered by the patient on the portal."}],
    )
    chart.finding(
        "Thoughts that you would be better off dead, or of hurting yourself in some way", "44260-8", "More than half the days", now, category="survey", performer=[chart.subject]
    )
