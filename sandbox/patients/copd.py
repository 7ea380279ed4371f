"""Victor Sample-Trial: COPD with carbon dioxide retention on ward 6B; a doctor recorded a target of 88 to 92 %."""

from __future__ import annotations

from .authoring import Chart
from .bedside import Set, charted, risks
from .clock import Clock
from .terms import LOINC, SCT, Resource

# One line per thing recorded: it reads as the table that it is.
# fmt: off
KEY = "copd-hypercapnia"
ADMITTED = 57.0


def mercy(clock: Clock) -> list[Resource]:
    chart = Chart("mercy", KEY, clock)
    chart.patient("Sample-Trial", "Victor", "male", clock.born(68, 5, 2), "00388")
    return chart.written(_background, _stay, _bedside)


def _background(chart: Chart) -> None:
    chart.no_known_allergies(58)
    chart.problem("Chronic obstructive pulmonary disease", "J44.9", 4200, snomed="13645005")
    chart.problem("Chronic respiratory failure with hypercapnia", "J96.12", 500)
    chart.problem("Nicotine dependence, cigarettes", "F17.210", chart.clock.year(40))
    chart.problem("Hypertension", "I10", 3000, snomed="38341003")
    for days, volume, percent in ((1100, 1.32, 44), (380, 1.08, 37)):
        liters = chart.measured("FEV1", "20150-9", volume, "L", days, category="procedure")
        ratio = chart.measured("FEV1/FVC", "19926-5", 0.48, "{ratio}", days, category="procedure")
        predicted = chart.measured("FEV1 measured/predicted", "20152-5", percent, "%", days, category="procedure")
        chart.report("Spirometry", days, conclusion=f"Severe obstruction, FEV1 {percent} % of predicted.", kind="CARD", results=[liters, ratio, predicted], by="pulmonologist")
    earlier = chart.encounter_past(500, "COPD exacerbation with hypercapnia", code="J44.1", kind="IMP", days=6, by="pulmonologist", discharge="Home with oxygen")
    chart.note(
        494,
        "Discharge summary",
        """
        HOSPITAL COURSE: Non-invasive ventilation for two days, pCO2 68 falling to 52.
        ASSESSMENT AND PLAN: Target saturation 88-92 % for life, oxygen alert card given. Home oxygen 1 L/min at night.
        """,
        loinc="18842-5",
        by="pulmonologist",
        encounter=earlier,
    )
    chart.medicine("Tiotropium 18 MCG Inhalation Capsule", "Inhale 1 capsule daily", 3000)
    chart.medicine("Budesonide / formoterol 160-4.5 MCG Inhaler", "Inhale 2 puffs twice daily", 2000)
    chart.medicine("Albuterol 90 MCG Inhaler", "Inhale 2 puffs every 4 hours as needed", 4000)
    chart.medicine("Oxygen", "1 L/min at night by nasal cannula", 490, by="pulmonologist")
    chart.vaccine("Influenza, high dose", "197", 50)
    chart.finding("Tobacco smoking status", "72166-2", "Every day smoker", 60, category="social-history", snomed="449868002")
    chart.measured("Cigarettes smoked total (pack per year) - Reported", "8664-5", 52, "{PackYears}", 60, category="social-history")


def _stay(chart: Chart) -> None:
    hours = chart.clock.hours
    chart.visit("Hospital admission", code="J44.1", hours=ADMITTED, kind="IMP", at="ward-6b-07", by="hospitalist", nurse="nurse", complaint="COPD with acute exacerbation")
    chart.encounter = f"visit-{KEY}"
    chart.code_status("Full code", hours(56), by="hospitalist")
    order = chart.order("Oxygen to target saturation 88-92 %", hours(55.5), kind="nursing", by="pulmonologist", note="Hypercapnic respiratory failure. Use NEWS2 SpO2 scale 2.")
    chart.provenance("ServiceRequest", order, hours(55.5), by="pulmonologist")
    chart.flag("NEWS2 SpO2 scale 2, target saturation 88-92 %", hours(55.5), kind="clinical", by="pulmonologist")
    chart.device("Peripheral intravenous catheter 22 G", hours(54), snomed="82449006", site="Right hand")
    chart.note(
        hours(18),
        "Progress note, hospital medicine",
        """
        SUBJECTIVE: Breathing easier than on arrival, sputum yellow.
        ASSESSMENT AND PLAN: Hypercapnic exacerbation. Keep 88-92 %. Prednisone 40 mg for 5 days. Repeat gas if drowsy or if pulse above 110.
        """,
        by="hospitalist",
    )
    for ago, acid, carbon, oxygen in ((56.5, 7.29, 66, 58), (50, 7.33, 58, 61), (26, 7.36, 52, 63), (2.2, 7.32, 59, 60)):
        chart.labs(hours(ago), ph=acid, pco2=carbon, po2=oxygen)
    chart.labs(hours(56), sodium=138, potassium=4.0, chloride=97, bicarbonate=33, bun=19, creatinine=0.9, egfr=88, glucose=141)
    chart.labs(hours(56), hemoglobin=16.8, hematocrit=51, wbc=13.1, platelets=266, eosinophils=0.1)
    chart.order("Sputum culture", hours(55), codes=((LOINC, "624-7"),), by="hospitalist")
    prednisone = chart.medicine("Prednisone 20 MG Oral Tablet", "40 mg by mouth daily for 5 days", hours(55), inpatient=True, by="hospitalist")
    nebulizer = chart.medicine("Ipratropium 0.5 MG / albuterol 2.5 MG Nebulizer Solution", "1 vial every 4 hours", hours(55), inpatient=True, by="hospitalist")
    for ago in (53, 29, 5):
        chart.given("Prednisone 20 MG Oral Tablet", 40, "mg", hours(ago), order=prednisone)
    for ago in range(52, 1, -4):
        chart.given("Ipratropium 0.5 MG / albuterol 2.5 MG Nebulizer Solution", 1, "{vial}", hours(ago), route="inhalation", order=nebulizer)
    chart.report("Chest X-ray", hours(56), conclusion="Hyperinflation. No consolidation.", loinc="36643-5")


def _bedside(chart: Chart) -> None:
    for step in range(11):
        charted(chart, Set(55 - 4 * step, 27 - step // 2, 88 + step % 3, 2, (138, 78), 108 - 2 * step, "A", 37.4), nested=True)
    for one in (
        Set(10.4, 21, 90, 2, (132, 76), 90, "A", 37.2),
        Set(7.1, 22, 91, 2, (130, 76), 94, "A", 37.4),
        Set(4.6, 23, 91, 2, (128, 74), 98, "A", 37.5, own_score=5),
        Set(2.4, 25, 93, 3, (126, 74), 108, "A", 37.7),
        Set(0.3, 26, 92, 3, (124, 72), 112, "A", 37.8, own_score=7),
    ):
        charted(chart, one, device="Venturi mask", nested=True)
    chart.vital("weight", 82.0, chart.clock.hours(55))
    risks(chart, 50, braden=19)
    chart.procedure("Non-invasive ventilation", chart.clock.hours(56), codes=((SCT, "428311008"),), status="not-done", why_not="pH above the limit after nebulizers")
