"""Quentin Trap-Testcase: one resource for every way in which a record can mislead.

The comments name the trap. Some resources are no valid FHIR: UNREADABLE lists them, ODD those that are valid in form
but wrong in what they say (dates, references).
"""

from __future__ import annotations

from typing import Any

from . import terms, traps_results
from .authoring import Chart
from .clock import Clock
from .terms import ICD, RXNORM, SNOMED, Resource, coded, coding, concept, reference

# One line per thing recorded: it reads as the table that it is.
# fmt: off
KEY = "traps"
UNREADABLE = frozenset(
    f"{kind}/{KEY}-{name}"
    for kind, name in (
        ("Observation", "odd-status-hidden"),
        ("Observation", "odd-number-as-text"),
        ("Observation", "odd-date-with-blank"),
        ("Observation", "odd-unknown-field"),
        ("Condition", "odd-status-as-word"),
        ("MedicationRequest", "odd-without-medicine"),
    )
)
ODD = frozenset(
    f"{kind}/{KEY}-{name}"
    for kind, name in (
        ("Observation", "odd-in-the-future"),
        ("Observation", "odd-before-birth"),
        ("Observation", "odd-two-values"),
        ("Observation", "odd-performer-elsewhere"),
        ("MedicationRequest", "odd-lost-medicine"),
        ("MedicationRequest", "odd-uuid-medicine"),
    )
)


def mercy(clock: Clock) -> list[Resource]:
    chart = Chart("mercy", KEY, clock)
    chart.patient("Trap-Testcase", "Quentin", "male", clock.born(63, 6, 6), "00666-T")
    _allergies(chart)
    _problems(chart)
    _medicines(chart)
    _not_done(chart)
    _documents(chart)
    _consents(chart)
    traps_results.add(chart)
    chart.visit("Follow-up of everything odd", hours=-2.6, at="clinic-4", complaint="Diabetes and blood pressure check")
    return [*chart.resources, *_merged(clock), *_deceased(clock)]


def _allergies(chart: Chart) -> None:
    chart.no_known_allergies(900)  # contradicts those that follow
    chart.allergy("Amoxicillin", 800, rxnorm="723", reaction="Anaphylaxis", reaction_snomed="39579001", criticality="low")  # low risk, yet anaphylaxis
    chart.allergy("Codeine", 700, rxnorm="2670", reaction="Rash", severity="mild", criticality="high")  # mild then, high risk now
    chart.allergy("Sulfonamides", 650, reaction="Hives", verified="refuted")
    chart.allergy("Ceftriaxone", 600, rxnorm="2193", verified="unconfirmed")  # criticality missing: not low
    chart.allergy("Wasp venom", 500, status="inactive", category="environment")
    chart.allergy("the blue pill from the old doctor", 450, reaction="felt odd")  # words only
    chart.allergy("No known latex allergy", 400, snomed="1003774007", category="environment")  # a negation of one substance
    chart.allergy("Patient not asked about food allergy", 390, snomed="1631000175102", verified="unconfirmed", category="food")
    wrong = chart.allergy("Insulin", 380, verified="entered-in-error", reaction="Death", severity="severe")
    unsaid = chart.allergy("Morphine", 370, rxnorm="7052", reaction="Vomiting", severity="moderate")
    for resource in chart.resources:
        if resource["id"] in (wrong, unsaid):  # entered in error must have no clinical status; the other lacks it
            del resource["clinicalStatus"]


def _problems(chart: Chart) -> None:
    chart.problem("Type 2 diabetes mellitus", "E11.9", "2009", snomed="44054006")  # a year only
    chart.problem("Essential hypertension", "I10", "2011-05", snomed="59621000")  # a month only
    chart.problem("Lung cancer", "C34.90", 300, verified="refuted")
    chart.problem("Pulmonary embolism", "I26.99", 200, verified="differential")
    chart.problem("Seizure disorder", "G40.909", 210, verified="provisional")
    chart.problem("Acute kidney failure", "N17.9", 500, status="active", ended=450)  # active and ended
    chart.problem("Breast cancer", "C50.919", 400, verified="entered-in-error")
    unsaid = chart.problem("Gout", "M10.9", 320)
    seen = chart.encounter_past(120, "Chest wall pain", code="R07.89")
    chart.encounter = seen
    chart.problem("Myocardial infarction, rule out", "I21.9", 120, category="encounter-diagnosis", verified="differential")
    chart.encounter = ""
    for resource in chart.resources:
        if resource["id"] == unsaid:
            del resource["clinicalStatus"]
    chart.family("Father", "FTH", ("Huntington disease", None))
    chart.family("Mother", "MTH", status="health-unknown")
    chart.add("Condition", "odd-status-as-word", {"clinicalStatus": "active", "code": concept("Asthma", (ICD, "J45.909")), "subject": chart.subject})


def _medicines(chart: Chart) -> None:
    chart.medicine("Metformin 500 MG Oral Tablet", "Take 2 tablets twice daily", 700, per_day=(500, "mg", 1))  # words and structure differ
    chart.medicine("Ibuprofen 800 MG Oral Tablet", "Do not take: kidney disease", 300, doNotPerform=True)
    for status in ("draft", "cancelled", "entered-in-error", "unknown", "on-hold"):
        chart.medicine(f"Lisinopril {status}", f"10 mg daily ({status})", 250, status=status)
    chart.medicine("Azithromycin 250 MG Oral Tablet", "2 tablets today, then 1 daily for 4 days", 200, status="active", supply=(5, 0))  # active, but the course has ended
    chart.medicine("Semaglutide 0.25 MG Pen", "0.25 mg weekly", 90, intent="proposal")
    parent = chart.medicine("Warfarin 5 MG Oral Tablet", "5 mg daily", 600)
    chart.medicine("Warfarin 5 MG Oral Tablet", "5 mg daily", 20, intent="instance-order", basedOn=[reference("MedicationRequest", parent)])
    chart.medicine("Aspirin 81 MG Oral Tablet", "81 mg daily", 400, reportedBoolean=None, reportedReference=chart.subject)
    _referenced(chart)


def _referenced(chart: Chart) -> None:
    """Medicines that stand behind a reference: in the resource, beside it, nowhere, elsewhere."""

    def ordered(name: str, **fields: Any) -> None:
        base: Resource = {"status": "active", "intent": "order", "subject": chart.subject, "authoredOn": chart.clock.at(150), "dosageInstruction": [{"text": "1 daily"}]}
        chart.add("MedicationRequest", f"odd-{name}", base | fields)

    inside = {"resourceType": "Medication", "id": "m1", "code": concept("Simvastatin 20 MG Oral Tablet", (RXNORM, "36567"))}
    ordered("contained-medicine", contained=[inside], medicationReference={"reference": "#m1"})
    beside = chart.add("Medication", "digoxin", {"code": concept("Digoxin 0.125 MG Oral Tablet", (RXNORM, "3407"))})
    ordered("referenced-medicine", medicationReference=reference("Medication", beside))
    ordered("lost-medicine", medicationReference={"reference": "Medication/not-there", "display": "Amiodarone 200 mg (as displayed)"})
    ordered("uuid-medicine", medicationReference={"reference": "urn:uuid:0b8f8f9a-58a1-4a9e-9c39-2b1a7a3f0c11"})
    ordered("logical-medicine", medicationReference={"identifier": {"system": "https://pharmacy.sandbox.visit-lens.example", "value": "77"}, "display": "Clonidine 0.1 mg"})
    ordered("without-medicine")
    ordered(
        "modifier",
        medicationCodeableConcept=concept("Potassium chloride 20 MEQ Oral Tablet", (RXNORM, "8591")),
        modifierExtension=[{"url": "https://sandbox.visit-lens.example/not-what-it-seems", "valueBoolean": True}],
    )
    ordered("implicit-rules", medicationCodeableConcept=concept("Hydralazine 25 MG Oral Tablet", (RXNORM, "5470")), implicitRules="https://sandbox.visit-lens.example/other-rules")


def _not_done(chart: Chart) -> None:
    chart.vaccine("Influenza, high dose", "197", 40, status="not-done", why_not="Egg allergy stated")
    chart.vaccine("Tdap", "115", 800, status="entered-in-error")
    chart.procedure("Colonoscopy", 100, codes=((SNOMED, "73761001"),), status="not-done", why_not="Bowel preparation failed")
    chart.procedure("Dilated retinal eye examination", 150, codes=((SNOMED, "722161008"),), status="entered-in-error")
    chart.order("No blood products", 500, kind="procedure", doNotPerform=True)
    chart.flag("Contact isolation", 900, kind="infection-control", status="inactive")
    chart.device("Insulin pump", 700, status="entered-in-error")


def _documents(chart: Chart) -> None:
    chart.note(60, "Superseded note", "PLAN: This plan was replaced.", status="superseded")
    chart.note(55, "Note without a plan", "SUBJECTIVE: Came for a form. Signed it.")
    chart.note(50, "Entered in error", "PLAN: Stop all medicines.", status="entered-in-error")
    page = "<p>PLAN: see <b>below</b></p><script>document.title='run'</script><img src='https://elsewhere.example/pixel' alt=''>"
    chart.add("DocumentReference", "odd-html", _document(chart, "Outside note in HTML", {"contentType": "text/html", "data": terms.encoded(page)}))
    chart.add(
        "DocumentReference",
        "odd-off-host",
        _document(chart, "Outside note on another server", {"contentType": "application/pdf", "url": "https://elsewhere.example/fhir/Binary/1"}),
    )
    chart.add(
        "DocumentReference",
        "odd-restricted",
        _document(chart, "Restricted note", {"contentType": "text/plain", "data": terms.encoded("PLAN: not for every eye.")})
        | {
            "meta": {
                "security": [
                    coding(terms.TERMINOLOGY + "v3-Confidentiality", "R", "restricted"),
                    coding(terms.TERMINOLOGY + "v3-ActCode", "HIV", "HIV/AIDS information sensitivity"),
                ]
            }
        },
    )


def _consents(chart: Chart) -> None:
    will, about_data = (terms.LOINC, "45473-6"), (terms.LOINC, "59284-0")
    chart.consent("Do not resuscitate", 410, scope="adr", category=will, codes=((SNOMED, "304253006"),))  # nowhere but here
    chart.consent("Transfusion of blood product", 400, scope="treatment", category=(terms.ACT_CODE, "ICOL"), rule="deny")
    chart.consent("Cardiopulmonary resuscitation", 900, scope="adr", category=will, rule="permit", status="inactive")
    chart.consent("Intubation", 300, scope="adr", category=will, status="entered-in-error", rule="deny")
    chart.consent("Discharge summary", 200, scope="patient-privacy", category=about_data, rule="deny")  # of the paper, not of care


def _document(chart: Chart, title: str, attachment: Resource) -> Resource:
    return {
        "status": "current",
        "type": concept(title, (terms.LOINC, "11506-3")),
        "category": [coded(terms.US_CORE_CATEGORY, "clinical-note")],
        "subject": chart.subject,
        "date": chart.clock.at(45),
        "author": [chart.who("Outside clinic")],
        "content": [{"attachment": attachment | {"title": title}}],
    }


def _merged(clock: Clock) -> list[Resource]:
    """A record that was merged into another: it must not be used."""
    chart = Chart("mercy", "merged-record", clock)
    chart.patient("Trap-Testcase", "Quentin", "male", clock.born(63, 6, 6), "00666-OLD", active=False, link=[{"other": reference("Patient", KEY), "type": "replaced-by"}])
    chart.problem("Type 2 diabetes mellitus", "E11.9", 3000)
    chart.visit("Visit on a merged record", hours=-3, at="clinic-4", complaint="Diabetes check")
    return chart.resources


def _deceased(clock: Clock) -> list[Resource]:
    """A patient who has died: no reminders, no gaps in care, no score."""
    chart = Chart("mercy", "deceased", clock)
    chart.patient("Gone-Testcase", "Maud", "female", clock.born(90, 1, 12), "00690", deceasedDateTime=clock.days(12, "04:20"))
    chart.problem("Type 2 diabetes mellitus", "E11.9", 5000)
    chart.labs(200, a1c=8.4, creatinine=1.4)
    chart.visit("Record review", hours=-3.4, at="clinic-4", complaint="Type 2 diabetes mellitus")
    return chart.resources
