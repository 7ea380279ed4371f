"""The slots of the safety line: their labels, what of the safety floor fills them, and which sections could hold it."""

from __future__ import annotations

from clinical.records import Section

_MEDICINES = (Section.MEDICATIONS,)

# key, label, floor ids, sections that would hold it. The first six always have a slot; the rest only when present.
FIXED: tuple[tuple[str, str, tuple[str, ...], tuple[Section, ...]], ...] = (
    ("anticoagulant", "Anticoagulant", ("anticoag",), _MEDICINES),
    ("high-alert", "High-alert", ("high_alert_meds",), _MEDICINES),
    (
        "code-status",
        "Code status",
        ("code_status",),
        (Section.FLAGS, Section.ORDERS, Section.CONSENTS, Section.DOCUMENTS, Section.PROBLEMS),
    ),
    ("implant", "Implant", ("devices",), (Section.DEVICES, Section.PROCEDURES, Section.PROBLEMS)),
    ("isolation", "Isolation", ("isolation",), (Section.FLAGS, Section.PROBLEMS, Section.ORDERS)),
)
WORDED = (
    Section.FLAGS, Section.PROBLEMS, Section.CONSENTS, Section.DOCUMENTS, Section.PROCEDURES, Section.ALLERGIES,
    Section.CARE_PLANS, Section.ORDERS,
)  # fmt: skip
RESULTS = (Section.LABS, Section.SURVEYS, Section.SOCIAL, Section.VITALS)
# Further kinds whose words or codes can fill a slot: what came of them and could not be read is said there too.
ALSO: dict[str, tuple[Section, ...]] = {
    "code-status": (*WORDED, *RESULTS),
    "implant": WORDED,
    "isolation": (*WORDED, *RESULTS),
    "pregnancy": (*WORDED, *RESULTS),
    "organ": WORDED,
    "airway": WORDED,
    "self-harm": (*WORDED, *RESULTS),
}
OTHERS: tuple[tuple[str, str, tuple[str, ...], tuple[Section, ...]], ...] = (
    ("pregnancy", "Pregnancy", ("pregnancy",), (Section.PROBLEMS, Section.LABS)),
    (
        "organ",
        "Dialysis, immunity",
        ("organ_function_immuno",),
        (Section.PROBLEMS, Section.MEDICATIONS, Section.PROCEDURES),
    ),
    ("airway", "Airway", ("difficult_airway_mh",), (Section.PROBLEMS,)),
    (
        "self-harm",
        "Self-harm",
        ("suicide_risk",),
        (Section.FLAGS, Section.PROBLEMS, Section.SURVEYS),
    ),
)
OTHER_SECTIONS = tuple(dict.fromkeys(section for row in OTHERS for section in row[3]))
