"""Ines Mockup-Trial: sepsis from the urinary tract on ward 6B, six days, worse again today."""

from __future__ import annotations

from .authoring import Chart
from .bedside import Set, charted, fluids, risks, volume
from .clock import Clock
from .terms import LOINC, SCT, Resource

# One line per thing recorded: it reads as the table that it is.
# fmt: off
KEY = "ward-sepsis"
ADMITTED = 134.0  # hours ago: day six


def mercy(clock: Clock) -> list[Resource]:
    chart = Chart("mercy", KEY, clock)
    chart.patient("Mockup-Trial", "Ines", "female", clock.born(75, 3, 14), "00417")
    return chart.written(_background, _admission, _notes, _hourly, _since_yesterday, _results, _cultures, _treatment)


def _background(chart: Chart) -> None:
    chart.allergy("Penicillin", 3000, snomed="91936005", reaction="Anaphylaxis", reaction_snomed="39579001", severity="severe", criticality="high", when=chart.clock.year(20))
    chart.problem("Type 2 diabetes mellitus", "E11.9", 4000, snomed="44054006")
    chart.problem("Chronic kidney disease, stage 3b", "N18.32", 1000)
    chart.problem("Hypertension", "I10", 6000, snomed="38341003")
    chart.problem("Recurrent urinary tract infection", "N39.0", 800)
    chart.problem("Carrier of methicillin resistant Staphylococcus aureus", "Z22.322", 700)
    chart.medicine("Metformin 500 MG Oral Tablet", "Take 1 tablet (500 mg) by mouth twice daily", 4000, status="on-hold", note=[{"text": "Held during sepsis."}])
    chart.medicine("Amlodipine 5 MG Oral Tablet", "Take 1 tablet (5 mg) by mouth daily", 3000, status="on-hold")
    for days, creatinine, egfr in ((400, 1.35, 41), (160, 1.42, 39)):
        chart.labs(days, sodium=139, potassium=4.4, chloride=104, bicarbonate=24, bun=26, creatinine=creatinine, egfr=egfr, glucose=131, calcium=9.2)


def _admission(chart: Chart) -> None:
    chart.visit("Hospital admission", code="A41.9", hours=ADMITTED, kind="IMP", at="ward-6b-12", by="hospitalist", nurse="nurse", complaint="Sepsis, unspecified organism")
    chart.encounter = f"visit-{KEY}"
    hours = chart.clock.hours
    start = hours(ADMITTED - 1)
    chart.problem("Sepsis due to urinary tract infection", "A41.9", chart.clock.date(6), category="encounter-diagnosis")
    chart.code_status("Full code", start, by="hospitalist")
    chart.flag("Contact isolation, MRSA", start, kind="infection-control", codes=((SCT, "40174006"),))
    chart.flag("High fall risk", hours(30), kind="safety")
    chart.flag("Pressure injury risk", hours(29), kind="safety")
    chart.device("Peripheral intravenous catheter 20 G", hours(62), snomed="82449006", site="Left forearm")
    chart.device("Urinary catheter 16 Fr", hours(ADMITTED - 2), snomed="23973005", site="Urethra")


def _notes(chart: Chart) -> None:
    hours = chart.clock.hours
    start = hours(ADMITTED - 1)
    chart.note(
        start,
        "Hospital admission note",
        """
        HISTORY: Fever, rigors and confusion for a day. Hypotension in the ED, 30 mL/kg crystalloid given.
        ASSESSMENT AND PLAN: Sepsis of urinary source, acute on chronic kidney injury. Meropenem given penicillin anaphylaxis, vancomycin until MRSA excluded. Lactate every 6 hours. Hold metformin and amlodipine.
        """,
        loinc="34117-2",
        by="hospitalist",
    )
    chart.note(
        hours(20),
        "Progress note, hospital medicine",
        """
        SUBJECTIVE: Tired, eats little.
        ASSESSMENT AND PLAN: Improving until yesterday. If fever returns repeat cultures and image the kidneys. Narrow antibiotics by sensitivities.
        """,
        by="hospitalist",
    )
    chart.note(
        hours(4.5),
        "Nursing note",
        """
        More tired since the evening. New productive cough. Family left at the end of visiting hours.
        """,
        loinc="34746-8",
        by="nurse",
    )
    risks(chart, 30, morse=65, braden=14)
    for ago, weight in ((ADMITTED - 1, 69.6), (54, 70.5), (19, 71.4)):
        chart.vital("weight", weight, hours(ago))
    chart.order("Soft diet", start, kind="nursing")


def _hourly(chart: Chart) -> None:
    """Hourly sets from admission until a day ago: ill, then better, with a cycle of day and night."""
    for step in range(int(ADMITTED) - 26):
        ago = ADMITTED - 2 - step
        better = min(1.0, step / 70)
        swing = (step % 24 - 12) / 12
        charted(
            chart,
            Set(
                ago,
                round(28 - 10 * better + swing),
                round(92 + 4 * better - swing / 2),
                round(4 - 4 * better),
                (round(88 + 32 * better + 3 * swing), round(50 + 18 * better + 2 * swing)),
                round(122 - 38 * better + 3 * swing),
                "C" if better < 0.15 else "A",
                round(39.2 - 2.1 * better + 0.25 * swing, 1),
            ),
        )


def _since_yesterday(chart: Chart) -> None:
    for one in (
        Set(24.1, 18, 96, 0, (122, 70), 86, "A", 37.1, 2),
        Set(22.1, 18, 96, 0, (120, 70), 88, "A", 37.2),
        Set(20.2, 18, 96, 0, (121, 69), 88, "A", 37.4, 2),
        Set(18.1, 19, 96, 0, (120, 68), 90, "A", 37.6),
        Set(16.1, 20, 95, 0, (118, 68), 92, "A", 38.1, 4),
        Set(14.1, 20, 95, 0, (118, 68), 93, "A", 98.6, 4),
        Set(12.1, 20, 95, 0, (118, 66), 94, "A", 38.8, 5, own_score=3),
        Set(10.1, 20, 94, 0, (117, 66), 94, "A", 38.6),
        Set(8.1, 20, 93, 0, (116, 66), 94, "A", 38.2, 5, own_score=4),
        Set(6.2, 20, 93, 0, (116, 66), 96, "A", 38.2),
        Set(5.1, 21, 95, 2, (114, 64), 98, "A", 38.1, 3, own_score=6),
        Set(4.1, 21, 95, 2, (113, 62), 98, "A", 38.0),
        Set(3.1, 21, 95, 2, (112, 60), 100, "A", 38.0),
        Set(2.1, 22, 95, 2, (110, 60), 102, "A", 37.9, own_score=6),
        Set(0.9, 22, 94, 2, (106, 58), 104, None, 38.4),
    ):
        charted(chart, one)
    lying, standing = chart.clock.hours(9.0), chart.clock.hours(8.95)
    chart.pressure(124, 70, lying, position="lying")
    chart.pressure(98, 58, standing, position="standing")
    urine = [62, 58, 65, 60, 55, 58, 52, 60, 57, 50, 48, 52, 46, 44, 40, 42, 38, 40, 35, 28, 30, 22, 20, 16]
    fluids(chart, urine, [125] * 18 + [75] * 6)
    volume(chart, "Fluid intake total Measured", "9103-3", 500, 2)


def _results(chart: Chart) -> None:
    hours = chart.clock.hours
    for ago, lactate in ((133, 4.6), (127, 3.1), (121, 2.2), (97, 1.5), (49, 1.2), (10, 1.4), (2.6, 2.6)):
        chart.lab("lactate", lactate, hours(ago), specimen="Venous blood")
    for ago, creatinine, egfr, potassium, wbc, hgb, platelets, crp in (
        (133, 2.61, 19, 4.9, 19.8, 11.9, 138, 286),
        (109, 2.42, 21, 4.6, 16.1, 11.2, 129, 241),
        (85, 2.05, 25, 4.3, 12.4, 10.9, 141, 160),
        (61, 1.82, 29, 4.2, 10.2, 10.8, 166, 96),
        (37, 1.66, 32, 4.1, 9.4, 10.7, 188, 61),
        (13, 1.78, 30, 4.4, 14.9, 10.6, 191, 118),
    ):
        chart.labs(
            hours(ago), sodium=137, potassium=potassium, chloride=104, bicarbonate=21, bun=round(creatinine * 20), creatinine=creatinine, egfr=egfr, glucose=152, calcium=8.4
        )
        chart.labs(hours(ago), hemoglobin=hgb, hematocrit=round(hgb * 3), wbc=wbc, platelets=platelets)
        chart.labs(hours(ago), crp=crp)
    for ago, glucose in ((26, 188), (20, 171), (14.2, 164), (8.3, 152), (6.1, 138)):
        chart.lab("glucose_poc", glucose, hours(ago), specimen="Capillary blood")


def _cultures(chart: Chart) -> None:
    hours = chart.clock.hours
    urine = chart.finding("Bacteria identified in Urine by Culture", "630-4", "Escherichia coli, more than 100,000 CFU/mL", hours(128), flag="A", snomed="112283007")
    chart.report(
        "Urine culture", hours(128), conclusion="Escherichia coli. Sensitive to ceftriaxone and meropenem, resistant to ciprofloxacin.", loinc="630-4", kind="MB", results=[urine]
    )
    chart.finding("MRSA DNA [Presence] in Nose by NAA with probe detection", "35492-8", "Detected", hours(120), flag="POS")
    second = chart.order("Blood culture, 2 sets", hours(12), codes=((LOINC, "600-7"),), by="hospitalist")
    blood = chart.finding(
        "Bacteria identified in Blood by Culture",
        "600-7",
        "Gram-positive cocci in clusters, bottle 1 of 2",
        hours(12),
        flag="AA",
        status="preliminary",
        issued=hours(1.7),
        basedOn=[{"reference": f"ServiceRequest/{second}"}],
    )
    chart.report(
        "Blood culture",
        hours(12),
        conclusion="Gram-positive cocci in clusters in 1 of 2 sets. Identification to follow.",
        loinc="600-7",
        kind="MB",
        status="preliminary",
        results=[blood],
        order=second,
    )
    chart.order("Lactate, repeat", hours(0.7), codes=((LOINC, "2524-7"),), by="hospitalist")


def _treatment(chart: Chart) -> None:
    hours = chart.clock.hours
    meropenem = chart.medicine(
        "Meropenem 1 G Injection", "1 g intravenously every 12 hours", hours(133), inpatient=True, by="hospitalist", until=hours(60), stopped="Narrowed by sensitivities"
    )
    ceftriaxone = chart.medicine("Ceftriaxone 1 G Injection", "1 g intravenously every 24 hours", hours(60), inpatient=True, by="hospitalist", reason="E. coli urosepsis")
    vancomycin = chart.medicine(
        "Vancomycin 1250 MG Injection", "1250 mg intravenously every 24 hours", hours(1.4), inpatient=True, by="hospitalist", reason="Gram-positive cocci in blood culture"
    )
    enoxaparin = chart.medicine(
        "Enoxaparin 30 MG Prefilled Syringe", "30 mg under the skin daily", hours(130), inpatient=True, by="hospitalist", reason="Prophylaxis of thrombosis"
    )
    lispro = chart.medicine("Insulin lispro 100 UNT/ML", "2 to 8 units under the skin before meals by scale", hours(130), inpatient=True, by="hospitalist")
    acetaminophen = chart.medicine("Acetaminophen 500 MG Oral Tablet", "1000 mg by mouth every 6 hours as needed for fever or pain", hours(130), inpatient=True, by="hospitalist")
    for hour in range(132, 61, -12):
        chart.given("Meropenem 1 G Injection", 1, "g", hours(hour), route="intravenous", order=meropenem)
    for hour in (59, 35, 11):
        chart.given("Ceftriaxone 1 G Injection", 1, "g", hours(hour), route="intravenous", order=ceftriaxone)
    chart.given("Vancomycin 1250 MG Injection", 1250, "mg", hours(1.2), route="intravenous", order=vancomycin)
    for hour in range(129, 5, -24):
        chart.given("Enoxaparin 30 MG Prefilled Syringe", 30, "mg", hours(hour), route="subcutaneous", order=enoxaparin)
    for ago, units in ((26.0, 6), (20.0, 4), (14, 4), (8.2, 2)):
        chart.given("Insulin lispro 100 UNT/ML", units, "[iU]", hours(ago), route="subcutaneous", order=lispro)
    for ago in (16.0, 8.0):
        chart.given("Acetaminophen 500 MG Oral Tablet", 1000, "mg", hours(ago), order=acetaminophen)
    chart.given("Acetaminophen 500 MG Oral Tablet", 1000, "mg", hours(2.0), order=acetaminophen, status="not-done", why_not="Patient asleep")
    chart.encounter = ""
