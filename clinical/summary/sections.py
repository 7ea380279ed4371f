"""Which sections of the plan feed which place of the page: a place is only as whole as what feeds it."""

from __future__ import annotations

from clinical.records import Section

LABS = (Section.LABS,)
VITALS = (Section.VITALS,)
MEDICATIONS = (Section.MEDICATIONS,)
PROBLEMS = (Section.PROBLEMS,)
ALLERGIES = (Section.ALLERGIES,)
EXAMS = (Section.PROCEDURES, Section.IMMUNIZATIONS, Section.REPORTS)
REPORTS = (Section.REPORTS, Section.DOCUMENTS, Section.IMAGING)
NOTES = (Section.DOCUMENTS,)

# How a section is called on screen.
NAMES: dict[Section, str] = {
    Section.PATIENT: "Identity",
    Section.ENCOUNTERS: "Visits",
    Section.APPOINTMENTS: "Appointments",
    Section.ALLERGIES: "Allergies",
    Section.PROBLEMS: "Problems",
    Section.MEDICATIONS: "Medications",
    Section.ADMINISTRATIONS: "Medicines given",
    Section.LABS: "Results",
    Section.VITALS: "Vitals",
    Section.SURVEYS: "Questionnaires",
    Section.SOCIAL: "Social history",
    Section.REPORTS: "Reports",
    Section.DOCUMENTS: "Notes",
    Section.IMAGING: "Imaging",
    Section.PROCEDURES: "Procedures",
    Section.IMMUNIZATIONS: "Vaccines",
    Section.ORDERS: "Orders",
    Section.CARE_PLANS: "Care plans",
    Section.DEVICES: "Implants",
    Section.FLAGS: "Isolation flags",
    Section.CONSENTS: "Consents",
    Section.FAMILY: "Family history",
}
