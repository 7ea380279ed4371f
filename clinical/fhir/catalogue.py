"""What can be asked of an EHR, one row per search. Sources: FHIR R4 search parameters, US Core search requirements.

Windows are days back from the opening, for a clinic visit, a ward round and the emergency department; None = the
whole record. They are choices of this product, not yet reviewed by a clinician.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from clinical.records import Section

Setting = Literal["clinic", "ward", "ed"]
SETTINGS: tuple[Setting, ...] = ("clinic", "ward", "ed")
CODES_PER_SEARCH = 224  # some servers read no more than 2,048 characters of a query

# LOINC: heart rate, respiration, temperature, blood pressure panel (and its older code), oxygen saturation, weight,
# height, body mass index, oxygen flow and concentration
VITAL_CODES = (
    "8867-4",
    "9279-1",
    "8310-5",
    "85354-9",
    "55284-4",
    "59408-5",
    "2708-6",
    "29463-7",
    "8302-2",
    "39156-5",
    "3151-8",
    "3150-0",
)

# LOINC document types of advance directives. Source: HL7 IPS (42348-3); PACIO Advance Directive IG, value sets of
# categories and documentation types, read 2026-11-26: power of attorney, personal advance care plan, living will, both,
# advance directive, order for life-sustaining treatment. US Core ADI DocumentReference, examples adi-dnr and polst, read
# 2026-11-26: "do not resuscitate", portable medical order form.
DIRECTIVES = (
    "42348-3", "64298-3", "81334-5", "86533-7", "92664-2", "75320-2", "81352-7", "84095-9", "93037-0",
)  # fmt: skip

# LOINC document type "Anesthesia records": a difficult airway of twenty years ago is one today. Source: FHIR value set
# doc-typecodes, read 2026-11-26.
STANDING_DOCUMENTS = (*DIRECTIVES, "11485-0")


class Kind(msgspec.Struct, frozen=True, kw_only=True):
    """One row. fixed: parameters besides patient and date. date: name of the date parameter, "" = none is sent.

    days: window per setting. sort: value of `_sort`. droppable: parameters to do without, one group after the other,
    when the server refuses. first: settings (or roles) in which the first screen waits for it; "*" = all. cuts: days
    back at which its window may be divided from the beginning, so that a long answer comes as several short ones. parts:
    equal ones in their place, where the EHR is known for short pages.
    """

    key: str
    section: Section
    resource: str
    fixed: tuple[tuple[str, str], ...] = ()
    date: str = ""
    days: tuple[int | None, int | None, int | None] = (None, None, None)
    sort: str = ""
    category: tuple[str, ...] = ()
    droppable: tuple[tuple[str, ...], ...] = ()
    first: tuple[str, ...] = ()
    split: Literal["category+date", ""] = ""
    cuts: tuple[int, ...] = ()
    parts: int = 1
    together: str = ""
    resolve: bool = False


CATALOGUE: tuple[Kind, ...] = (
    Kind(
        key="encounters",
        section=Section.ENCOUNTERS,
        resource="Encounter",
        date="date",
        days=(730, 730, 730),
        sort="-date",
        droppable=(("date",),),
        first=("*",),
    ),
    Kind(
        key="allergies",
        section=Section.ALLERGIES,
        resource="AllergyIntolerance",  # never filtered by status: it may be missing
        first=("*",),
    ),
    Kind(
        key="problems",
        section=Section.PROBLEMS,
        resource="Condition",  # all categories at once; told apart here
        first=("*",),
    ),
    Kind(
        key="medications.active",
        section=Section.MEDICATIONS,
        resource="MedicationRequest",
        fixed=(
            ("intent", "order,plan"),
            ("status", "active,on-hold,unknown"),
            ("_include", "MedicationRequest:medication"),
        ),
        droppable=(("_include",), ("status",), ("intent",)),
        first=("*",),
        resolve=True,
    ),
    Kind(
        key="labs.recent",
        section=Section.LABS,
        resource="Observation",
        fixed=(("category", "laboratory"),),
        category=("laboratory",),
        date="date",
        days=(400, 400, 400),
        sort="-date",
        droppable=(("date",),),
        first=("*",),
        split="category+date",
        cuts=(90, 190, 290),
        parts=12,
    ),
    Kind(
        key="vitals.recent",
        section=Section.VITALS,
        resource="Observation",
        fixed=(("category", "vital-signs"),),
        category=("vital-signs",),
        date="date",
        days=(400, 90, 90),
        sort="-date",
        droppable=(("date",),),
        first=("*",),
        split="category+date",
    ),
    Kind(
        key="reports",
        section=Section.REPORTS,
        resource="DiagnosticReport",
        date="date",
        days=(730, 730, 730),
        sort="-date",
        droppable=(("date",),),
        first=("clinic", "ed"),
    ),
    Kind(
        key="administrations",
        section=Section.ADMINISTRATIONS,
        resource="MedicationAdministration",
        fixed=(("_include", "MedicationAdministration:medication"),),
        date="effective-time",
        days=(120, 14, 7),
        droppable=(("_include",), ("effective-time",)),
        first=("ward",),
        resolve=True,
    ),
    Kind(
        key="social",
        section=Section.SOCIAL,
        resource="Observation",
        fixed=(("category", "social-history"),),
        category=("social-history",),
        together="observations",
    ),
    Kind(
        key="surveys",
        section=Section.SURVEYS,
        resource="Observation",
        fixed=(("category", "survey"),),
        category=("survey",),
        together="observations",
    ),
    Kind(
        key="exams",  # dates of a pregnancy, findings: some sources give them this category
        section=Section.SURVEYS,
        resource="Observation",
        fixed=(("category", "exam"),),
        category=("exam",),
        together="observations",
    ),
    Kind(
        key="medications.history",
        section=Section.MEDICATIONS,
        resource="MedicationRequest",
        # No window: what was tried before, and why it was stopped, may be many years old.
        fixed=(("intent", "order,plan"), ("_include", "MedicationRequest:medication")),
        date="authoredon",
        sort="-authoredon",
        droppable=(("_include",), ("intent",)),
        resolve=True,
    ),
    Kind(
        key="medications.reported",
        section=Section.MEDICATIONS,
        resource="MedicationStatement",
        fixed=(("_include", "MedicationStatement:medication"),),
        droppable=(("_include",),),
        resolve=True,
    ),
    Kind(
        key="appointments",
        section=Section.APPOINTMENTS,
        resource="Appointment",
        date="date",
        days=(30, 30, 30),
        droppable=(("date",),),
    ),
    Kind(
        key="documents",
        section=Section.DOCUMENTS,
        resource="DocumentReference",
        date="date",
        days=(400, 400, 400),
        sort="-date",
        droppable=(("date",),),
    ),
    Kind(
        key="documents.directives",  # a living will of ten years ago holds today, and so does a difficult airway
        section=Section.DOCUMENTS,
        resource="DocumentReference",
        fixed=(("type", ",".join(STANDING_DOCUMENTS)),),
        droppable=(("type",),),
    ),
    Kind(
        key="imaging",
        section=Section.IMAGING,
        resource="ImagingStudy",
        date="started",
        days=(1825, 1825, 1825),
        droppable=(("started",),),
    ),
    Kind(key="procedures", section=Section.PROCEDURES, resource="Procedure"),
    Kind(key="immunizations", section=Section.IMMUNIZATIONS, resource="Immunization"),
    Kind(
        key="orders",
        section=Section.ORDERS,
        resource="ServiceRequest",
        date="authored",
        days=(400, 400, 400),
        droppable=(("authored",),),
    ),
    Kind(
        key="orders.standing",  # "do not resuscitate" of three years ago is in force until it is ended
        section=Section.ORDERS,
        resource="ServiceRequest",
        fixed=(("status", "active,on-hold"),),
        droppable=(("status",),),
    ),
    Kind(key="care_plans", section=Section.CARE_PLANS, resource="CarePlan"),
    Kind(key="goals", section=Section.CARE_PLANS, resource="Goal"),
    Kind(key="devices", section=Section.DEVICES, resource="Device"),
    Kind(key="flags", section=Section.FLAGS, resource="Flag"),
    # Whole: a patient has few, and sources do not agree on the scope and category of an order not to resuscitate.
    Kind(key="consents", section=Section.CONSENTS, resource="Consent"),
    Kind(key="family", section=Section.FAMILY, resource="FamilyMemberHistory"),
)
