"""Lighter patients in the beds of ward 6B, so that the unit has complete, incomplete and unmeasured ones."""

from __future__ import annotations

from .authoring import Chart
from .bedside import Set, charted, fluids, risks
from .clock import Clock
from .terms import LOINC, SCT, Resource

# One line per thing recorded: it reads as the table that it is.
# fmt: off
KEYS = ("ward-gi-bleed", "ward-hip", "ward-heart-failure", "ward-pregnant", "ward-gallbladder", "ward-appendix", "ward-cellulitis", "ward-ketoacidosis")


def mercy(clock: Clock) -> list[Resource]:
    makers = (_bleed, _hip, _failure, _pregnant, _gallbladder, _appendix, _cellulitis, _ketoacidosis)
    return [resource for key, make in zip(KEYS, makers, strict=True) for resource in make(Chart("mercy", key, clock)).resources]


def _admit(chart: Chart, bed: int, reason: str, code: str, days: float, note: str, *, dnr: bool = False) -> None:
    """Admission to that bed: encounter, code status, note; what follows belongs to the stay."""
    start = days * 24
    chart.visit("Hospital admission", code=code, hours=start, kind="IMP", at=f"ward-6b-{bed:02d}", by="hospitalist", nurse="nurse", complaint=reason)
    chart.encounter = f"visit-{chart.key}"
    when = chart.clock.hours(start - 1)
    chart.code_status("Do not attempt resuscitation" if dnr else "Full code", when, dnr=dnr, by="hospitalist")
    if dnr:
        chart.flag("Do not attempt resuscitation", when, kind="advance-directive", codes=((SCT, "304253006"),), by="hospitalist")
    chart.note(chart.clock.hours(max(0.8, start - 16)), "Progress note, hospital medicine", f"ASSESSMENT AND PLAN: {note}", by="hospitalist")


def _sets(chart: Chart, *sets: Set) -> Chart:
    for one in sets:
        charted(chart, one)
    return chart


def _bleed(chart: Chart) -> Chart:
    hours = chart.clock.hours
    chart.patient("Placeholder-Demo", "Conrad", "male", chart.clock.born(81, 1, 8), "00431")
    chart.allergy("Natural rubber latex", 900, snomed="111088007", reaction="Rash", severity="mild", category="environment")
    chart.problem("Atrial fibrillation", "I48.91", 1500, snomed="49436004")
    chart.problem("Gastrointestinal hemorrhage", "K92.2", chart.clock.date(1))
    chart.medicine(
        "Apixaban 5 MG Oral Tablet", "Take 1 tablet (5 mg) by mouth twice daily", 1500, status="on-hold", reason="Atrial fibrillation", note=[{"text": "Held because of bleeding."}]
    )
    _admit(chart, 3, "Gastrointestinal hemorrhage", "K92.2", 1.4, "Melena on apixaban. Two units of red cells. Endoscopy today, nothing by mouth. Hemoglobin every 6 hours.")
    infusion = chart.medicine("Pantoprazole 40 MG Injection", "40 mg intravenously every 12 hours", hours(32), inpatient=True, by="hospitalist", due=(hours(7), hours(5, ahead=True)))
    for ago in (31.0, 19.0, 7.0):
        chart.given("Pantoprazole 40 MG Injection", 40, "mg", hours(ago), route="intravenous", order=infusion)
    for ago, hemoglobin, platelets in ((33.0, 8.9, 214), (24, 8.1, 201), (12, 7.6, 195), (0.9, 6.4, 188)):
        chart.labs(hours(ago), hemoglobin=hemoglobin, hematocrit=round(hemoglobin * 3), wbc=9.8, platelets=platelets)
    chart.labs(hours(33), inr=1.5, lactate=1.9)
    chart.labs(hours(12), sodium=140, potassium=4.2, chloride=108, bicarbonate=21, bun=48, creatinine=1.2, egfr=60, glucose=121)
    chart.order("Upper endoscopy", hours(20), kind="procedure", by="hospitalist", due=chart.clock.hours(3, ahead=True))
    chart.device("Peripheral intravenous catheter 18 G", hours(33), snomed="82449006", site="Left forearm")
    chart.device("Peripheral intravenous catheter 18 G", hours(32), snomed="82449006", site="Right forearm")
    chart.order("Nothing by mouth", hours(10), kind="nursing", by="hospitalist")
    fluids(chart, [55, 50, 48, 42, 38, 34], [100] * 6, catheter=False)
    return _sets(
        chart,
        Set(24.2, 18, 97, 0, (124, 70), 88, "A", 36.9),
        Set(20.1, 18, 97, 0, (122, 68), 90, "A", 36.8),
        Set(16.2, 18, 97, 0, (118, 66), 92, "A", 36.8),
        Set(12.3, 19, 96, 0, (114, 64), 94, "A", 36.9),
        Set(8.2, 19, 96, 0, (110, 62), 98, "A", 36.7),
        Set(4.1, 20, 96, 0, (106, 60), 104, "A", 36.6),
        Set(2.0, 22, 95, 0, (100, 58), 110, "A", 36.5),
        Set(0.35, 22, 95, 0, (96, 54), 116, "A", 36.4, 0),
    )


def _hip(chart: Chart) -> Chart:
    hours = chart.clock.hours
    chart.patient("Example-Fiction", "Grace", "female", chart.clock.born(86, 9, 11), "00436")
    chart.allergy("Codeine", 2200, rxnorm="2670", reaction="Vomiting", severity="moderate", kind="intolerance")
    chart.problem("Fracture of neck of left femur", "S72.002A", chart.clock.date(3))
    chart.problem("Osteoporosis", "M81.0", 3000)
    chart.problem("Mild cognitive impairment", "G31.84", 700)
    _admit(
        chart,
        4,
        "Fracture of neck of left femur, after hemiarthroplasty",
        "S72.002A",
        3.1,
        "Day 2 after hemiarthroplasty. Mobilize with two. If newly confused: urine, bladder scan, medicines.",
        dnr=True,
    )
    chart.procedure("Hemiarthroplasty of left hip", 2)
    chart.device("Left hip hemiarthroplasty prosthesis", 2, udi="00844588020022", maker="Sandbox Devices", model="SB-HIP-44")
    chart.flag("High fall risk", hours(70), kind="safety")
    risks(chart, 20, morse=80, braden=13)
    chart.labs(hours(9), sodium=129, potassium=3.8, chloride=95, bicarbonate=24, bun=22, creatinine=0.8, egfr=70, glucose=112)
    chart.labs(hours(9), hemoglobin=9.4, hematocrit=28, wbc=10.1, platelets=222)
    oxycodone = chart.medicine("Oxycodone 5 MG Oral Tablet", "2.5 mg by mouth every 6 hours as needed for pain", hours(46), inpatient=True, by="hospitalist")
    chart.medicine("Enoxaparin 40 MG Prefilled Syringe", "40 mg under the skin daily", hours(44), inpatient=True, by="hospitalist")
    for ago in (22, 9.5, 3.2):
        chart.given("Oxycodone 5 MG Oral Tablet", 2.5, "mg", hours(ago), order=oxycodone)
    return _sets(
        chart,
        Set(21, 16, 96, 0, (132, 74), 82, "A", 36.8, 4),
        Set(17, 16, 96, 0, (130, 72), 84, "A", 36.9, 3),
        Set(13, 16, 96, 0, (128, 72), 84, "A", 36.9, 3),
        Set(9, 17, 96, 0, (126, 70), 86, "A", 37.0, 5),
        Set(4.8, 18, 95, 0, (124, 70), 88, "A", 37.2, 6),
        Set(0.6, 18, 95, 0, (122, 70), 90, "C", 37.4, 2),
    )


def _failure(chart: Chart) -> Chart:
    hours = chart.clock.hours
    chart.patient("Practice-Mockup", "Helen", "female", chart.clock.born(72, 12, 5), "00440")
    chart.no_known_allergies(5)
    chart.problem("Acute on chronic diastolic heart failure", "I50.33", chart.clock.date(4))
    _admit(chart, 2, "Acute on chronic diastolic heart failure", "I50.33", 4.2, "Diuresing well. Furosemide 40 mg IV twice daily, weigh daily, potassium above 4.")
    for ago, weight in ((98, 81.4), (75, 79.9), (51, 78.6), (44, 78.2)):
        chart.vital("weight", weight, hours(ago))
    for ago, potassium, creatinine in ((98, 4.2, 1.1), (50, 3.7, 1.2), (26, 3.4, 1.2)):
        chart.labs(hours(ago), sodium=138, potassium=potassium, chloride=99, bicarbonate=29, bun=28, creatinine=creatinine, egfr=49, glucose=104)
    chart.labs(hours(98), ntprobnp=4120)
    furosemide = chart.medicine("Furosemide 40 MG Injection", "40 mg intravenously twice daily", hours(97), inpatient=True, by="hospitalist", due=(hours(12), hours(0.6)))
    for ago in range(96, 3, -12):
        chart.given("Furosemide 40 MG Injection", 40, "mg", hours(ago), route="intravenous", order=furosemide)
    fluids(chart, [150, 220, 140, 90, 70, 60], [60] * 6, catheter=False)
    return _sets(
        chart,
        Set(25, 20, 95, 1, (118, 66), 88, "A", 36.7),
        Set(19, 19, 95, 1, (116, 66), 86, "A", 36.6),
        Set(13, 19, 95, 1, (116, 64), 84, "A", 36.6),
        Set(7, 18, 95, 1, (114, 64), 82, "A", 36.6),
        Set(1.7, 18, 96, 1, (112, 64), 84, "A", 36.6),
    )


def _pregnant(chart: Chart) -> Chart:
    hours = chart.clock.hours
    chart.patient("Placeholder-Test", "Lucia", "female", chart.clock.born(29, 4, 21), "00444")
    chart.no_known_allergies(30)
    chart.problem("Pregnant", "Z33.1", 168, snomed="77386006")
    chart.problem("Infection of kidney in pregnancy, second trimester", "O23.02", chart.clock.date(1))
    _admit(chart, 6, "Pyelonephritis in pregnancy, 24 weeks", "O23.02", 1.1, "Ceftriaxone until 48 h without fever. Fetal heart twice daily. Not for NEWS2.")
    chart.dated("Delivery date US composite.estimated", "11781-2", chart.clock.date(-112), 90)
    chart.vital("fetal", 148, hours(3))
    ceftriaxone = chart.medicine("Ceftriaxone 1 G Injection", "1 g intravenously every 24 hours", hours(25), inpatient=True, by="obstetrician")
    chart.given("Ceftriaxone 1 G Injection", 1, "g", hours(24.5), route="intravenous", order=ceftriaxone)
    chart.given("Ceftriaxone 1 G Injection", 1, "g", hours(0.6), route="intravenous", order=ceftriaxone)
    chart.labs(hours(25), hemoglobin=10.9, hematocrit=33, wbc=16.2, platelets=240)
    return _sets(
        chart,
        Set(22, 20, 98, 0, (108, 62), 112, "A", 39.0, 6),
        Set(14, 20, 98, 0, (106, 60), 108, "A", 38.4, 4),
        Set(7.5, 18, 98, 0, (108, 62), 104, "A", 37.9, 3),
        Set(1.4, 18, 98, 0, (110, 64), 104, "A", 37.6, 2),
    )


def _gallbladder(chart: Chart) -> Chart:
    """Not measured for more than nine hours: the last score was low and is too old to use."""
    hours = chart.clock.hours
    chart.patient("Invented-Sample", "Rosa", "female", chart.clock.born(59, 6, 30), "00448")
    chart.allergy("Sulfamethoxazole / trimethoprim", 1800, rxnorm="10831", reaction="Hives", severity="moderate")
    _admit(chart, 9, "Acute cholecystitis, after laparoscopic cholecystectomy", "K81.0", 0.9, "Uncomplicated. Home tomorrow if eating.")
    chart.procedure("Laparoscopic cholecystectomy", hours(13), codes=((SCT, "45595009"),))
    chart.medicine("Acetaminophen 500 MG Oral Tablet", "1000 mg by mouth every 6 hours", hours(12), inpatient=True, by="hospitalist")
    return _sets(chart, Set(12.4, 18, 96, 2, (118, 70), 88, "A", 36.6, 4), Set(10.8, 17, 97, 0, (122, 72), 84, "A", 36.8, 3), Set(9.3, 16, 97, 0, (124, 74), 92, "A", 36.9, 2))


def _appendix(chart: Chart) -> Chart:
    chart.patient("Notreal-Demo", "Sam", "male", chart.clock.born(34, 8, 26), "00452")
    chart.no_known_allergies(2)
    _admit(chart, 10, "Acute appendicitis, after appendectomy", "K35.80", 1.3, "Day 1 after laparoscopic appendectomy. Diet as tolerated.")
    chart.procedure("Laparoscopic appendectomy", 1, codes=((SCT, "6025007"),))
    return _sets(
        chart,
        Set(18, 16, 98, 0, (118, 70), 92, "A", 37.9, 5),
        Set(10, 15, 98, 0, (122, 72), 84, "A", 37.4, 3),
        Set(6, 15, 98, 0, (124, 74), 80, "A", 37.0, 2),
        Set(2.0, 14, 98, 0, (126, 74), 76, "A", 36.8, 1),
    )


def _cellulitis(chart: Chart) -> Chart:
    """Temperature and consciousness are missing in the last sets: incomplete."""
    hours = chart.clock.hours
    chart.patient("Fiction-Testcase", "Omar", "male", chart.clock.born(63, 7, 17), "00455")
    chart.allergy("Vancomycin", 400, rxnorm="11124", reaction="Flushing during infusion", severity="mild", kind="intolerance", criticality="low")
    chart.problem("Cellulitis of right lower limb", "L03.115", chart.clock.date(3))
    chart.problem("Type 2 diabetes mellitus", "E11.9", 3600, snomed="44054006")
    _admit(chart, 11, "Cellulitis of right lower limb", "L03.115", 3.2, "MRSA grown. Linezolid by mouth from tomorrow. Mark the margin daily.")
    chart.flag("Contact isolation, MRSA", hours(60), kind="infection-control", codes=((SCT, "40174006"),))
    for ago, glucose, units in ((22, 244, 8), (16, 210, 6), (9, 188, 4), (3.5, 231, 6)):
        chart.lab("glucose_poc", glucose, hours(ago), specimen="Capillary blood")
        chart.given("Insulin lispro 100 UNT/ML", units, "[iU]", hours(ago - 0.2), route="subcutaneous")
    culture = chart.finding("Bacteria identified in Wound by Culture", "6462-6", "Methicillin resistant Staphylococcus aureus", hours(62), flag="A", snomed="115329001")
    chart.report("Wound culture", hours(62), conclusion="MRSA. Sensitive to linezolid and doxycycline.", loinc="6462-6", kind="MB", results=[culture])
    return _sets(
        chart,
        Set(18, 18, 96, 0, (128, 72), 90, "A", 37.6),
        Set(12, 18, 96, 0, (124, 70), 92, "A", 37.8),
        Set(7.4, 19, 95, 0, (120, 70), 94, "A", 37.9),
        Set(1.3, 20, 95, 0, (108, 66), 96, None, None),
    )


def _ketoacidosis(chart: Chart) -> Chart:
    hours = chart.clock.hours
    chart.patient("Mockup-Invented", "Peter", "male", chart.clock.born(47, 2, 8), "00459")
    chart.no_known_allergies(900)
    chart.problem("Type 1 diabetes mellitus", "E10.9", 9000, snomed="46635009")
    _admit(
        chart, 15, "Type 1 diabetes mellitus with ketoacidosis", "E10.10", 1.2, "Gap closing. Change to subcutaneous insulin when eating and gap below 12. Potassium every 4 hours."
    )
    drip = chart.medicine("Insulin regular 100 UNT/ML Infusion", "0.1 units/kg/h intravenously by protocol", hours(28), inpatient=True, by="hospitalist")
    for ago, glucose, potassium, bicarbonate, acid, ketones in (
        (28.0, 512, 5.4, 8, 7.12, 6.8),
        (20, 318, 4.4, 13, 7.24, 3.9),
        (12, 232, 3.6, 17, 7.31, 2.1),
        (4, 188, 3.9, 20, 7.36, 0.9),
    ):
        chart.labs(hours(ago), sodium=134, potassium=potassium, chloride=102, bicarbonate=bicarbonate, bun=24, creatinine=1.2, egfr=74, glucose=glucose)
        chart.labs(hours(ago), ph=acid, pco2=30)
        chart.labs(hours(ago), beta_hydroxybutyrate=ketones)
    for ago, glucose in ((8.0, 204), (6, 192), (2, 176), (0.5, 168)):
        chart.lab("glucose_poc", glucose, hours(ago), specimen="Capillary blood")
    for hour in (24, 16, 8):
        chart.given("Insulin regular 100 UNT/ML Infusion", 5, "[iU]/h", hours(hour), route="intravenous", order=drip)
    chart.order("Basic metabolic panel", hours(0.2), codes=((LOINC, "24321-2"),), by="hospitalist")
    return _sets(
        chart,
        Set(24, 28, 97, 0, (90, 52), 126, "A", 36.4),
        Set(16, 26, 97, 0, (99, 56), 114, "A", 36.6),
        Set(8, 23, 95, 0, (104, 60), 112, "A", 36.8),
        Set(0.85, 21, 95, 0, (108, 64), 98, "A", 36.9),
    )
