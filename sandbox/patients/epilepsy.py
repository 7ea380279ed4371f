"""Clara Pretend-Trial: epilepsy, changed from valproate to lamotrigine; seizures are back and the pregnancy test is positive."""

from __future__ import annotations

from .authoring import Chart
from .clock import Clock
from .terms import Resource

# One line per thing recorded: it reads as the table that it is.
# fmt: off
KEY = "epilepsy"


def mercy(clock: Clock) -> list[Resource]:
    chart = Chart("mercy", KEY, clock)
    chart.patient("Pretend-Trial", "Clara", "female", clock.born(29, 5, 21), "00731")
    return chart.written(_background, _medicines, _results, _studies, _today)


def _background(chart: Chart) -> None:
    chart.allergy("Carbamazepine", 2600, rxnorm="2002", reaction="Rash with fever", severity="severe", criticality="high")
    chart.problem("Juvenile myoclonic epilepsy, not intractable", "G40.B09", 4700)
    chart.problem("Depression", "F32.A", 1100)
    chart.problem("Iron deficiency anemia", "D50.9", 1500, status="resolved", ended=1200)
    chart.problem("Fracture of left wrist", "S62.102A", 2900, status="resolved", ended=2800)
    chart.family("Sister", "SIS", ("Epilepsy", 16))
    chart.finding("Tobacco smoking status", "72166-2", "Never smoker", 160, category="social-history", snomed="266919005")
    chart.vaccine("Influenza, injectable, quadrivalent", "150", 400)


def _medicines(chart: Chart) -> None:
    chart.medicine("Lamotrigine 150 MG Oral Tablet", "Take 1 tablet (150 mg) by mouth twice daily", 160, reason="Epilepsy", by="Neurology clinic")
    chart.medicine("Lamotrigine 100 MG Oral Tablet", "Take 1 tablet (100 mg) by mouth twice daily", 700, until=160, stopped="Raised after a seizure", by="Neurology clinic")
    chart.medicine("Valproate 500 MG Delayed Release Oral Tablet", "Take 1 tablet (500 mg) by mouth twice daily", 4600, until=680, stopped="Wish for children", by="Neurology clinic")
    chart.medicine("Midazolam 5 MG Nasal Spray", "1 spray into one nostril for a seizure longer than 5 minutes", 700, by="Neurology clinic")
    chart.medicine("Ethinyl estradiol / levonorgestrel 0.03-0.15 MG Oral Tablet", "Take 1 tablet by mouth daily", 1500, until=150, stopped="Wish for children")
    chart.medicine("Folic acid 1 MG Oral Tablet", "Take 4 tablets (4 mg) by mouth daily", 150)
    chart.medicine("Sertraline 50 MG Oral Tablet", "Take 1 tablet (50 mg) by mouth daily", 1000)


def _results(chart: Chart) -> None:
    for days, sodium, alt, platelets, wbc in ((1900, 140, 41, 148, 5.6), (1100, 139, 38, 161, 6.0), (520, 140, 22, 228, 6.2), (160, 139, 19, 236, 6.6)):
        chart.labs(days, sodium=sodium, potassium=4.2, chloride=103, bicarbonate=25, bun=11, creatinine=0.7, egfr=117, glucose=88)
        chart.labs(days, alt=alt, ast=alt - 4, alp=62, bilirubin=0.5, albumin=4.3)
        chart.labs(days, hemoglobin=12.8, hematocrit=38, wbc=wbc, platelets=platelets, mcv=88)
    for days, level in ((640, 4.8), (330, 5.1), (160, 7.9)):
        chart.labs(days, lamotrigine=level)
    chart.labs(1100, vitamin_d=19)
    chart.labs(520, vitamin_d=33)
    for days, weight in ((1100, 71.4), (520, 66.0), (160, 65.2)):
        chart.vitals(days, bp=(114, 70), pulse=72, weight=weight)
    for days, words in ((640, "None for two years"), (330, "None since the last visit"), (160, "One generalized seizure in May")):
        chart.finding("Seizure frequency", "", words, days, category="survey")
    for days, points in ((520, 1), (160, 2)):
        chart.measured("Patient Health Questionnaire 2 item (PHQ-2) total score [Reported]", "55758-7", points, "{score}", days)


def _studies(chart: Chart) -> None:
    chart.report("MRI brain without contrast", 2600, conclusion="Normal. No hippocampal sclerosis.", loinc="30657-1")
    chart.report("EEG", 4650, conclusion="Generalized 4 per second polyspike and wave, photosensitive.", kind="CARD")
    chart.report("EEG", 640, conclusion="Rare generalized polyspike and wave.", kind="CARD")
    seen = chart.encounter_past(160, "Epilepsy follow-up", code="G40.B09", at="clinic-6", by="Neurology clinic")
    chart.note(
        160,
        "Neurology note",
        """
        SUBJECTIVE: One generalized seizure after a short night. Wishes to be pregnant.
        ASSESSMENT AND PLAN: Lamotrigine to 150 mg twice daily. Stop the pill, folic acid 4 mg. Level monthly once pregnant, as it falls by half. No driving for six months.
        """,
        by="Neurology clinic",
        encounter=seen,
    )
    chart.order("Referral to preconception counseling", 160, kind="referral", by="Neurology clinic")


def _today(chart: Chart) -> None:
    chart.visit("Epilepsy follow-up", code="G40.B09", hours=0.7, at="clinic-6", by="physician", nurse="nurse", complaint="Breakthrough seizures")
    now = chart.clock.hours(0.3)
    chart.vitals(now, bp=(112, 68), pulse=84, weight=66.4)
    chart.finding("Seizure frequency", "", "Three in the last four weeks, the last one two days ago", now, category="survey")
    chart.measured("Patient Health Questionnaire 2 item (PHQ-2) total score [Reported]", "55758-7", 3, "{score}", now)
    drawn = chart.clock.hours(3.1)
    chart.labs(drawn, lamotrigine=2.4)
    chart.finding("Choriogonadotropin (pregnancy test) [Presence] in Urine", "2106-3", "Positive", drawn, flag="POS")
