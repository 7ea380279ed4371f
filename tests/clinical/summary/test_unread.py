"""What came and could not be read is never told as "nothing recorded", wherever an entry of its kind would stand."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import msgspec
import pytest

from clinical.fhir.wire import read_page
from clinical.pipeline import Built, build_summary, section_records
from clinical.records import FetchState, NotShown, SearchState, Section, SectionRecords
from clinical.summary import opened, since, wording
from clinical.summary.finder import Finder
from clinical.summary.view_model import Slot, State
from tests.clinical.authored import LIBRARY, NOW, SITE, VIEWER, Answer, Body
from tests.clinical.reconcile.builders import section, source
from tests.clinical.summary import anna

PERSON = {"reference": "Patient/p"}
UNREAD = wording.NOTHING_IN_WHAT_COULD_BE_READ.word
_ACTIVE = {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/condition-clinical", "code": "active"}]}  # fmt: skip
_WOMAN = {"resourceType": "Patient", "id": "p", "gender": "female", "birthDate": "1994-03-02", "name": [{"family": "Testcase"}]}  # fmt: skip


def named(text: str) -> Body:
    return {"text": text}


def coded(system: str, code: str, text: str) -> Body:
    return {"coding": [{"system": system, "code": code}], "text": text}


def problem(code: str, text: str) -> Body:
    concept = coded("http://hl7.org/fhir/sid/icd-10-cm", code, text)
    return {"resourceType": "Condition", "clinicalStatus": _ACTIVE, "code": concept, "category": [coded("http://terminology.hl7.org/CodeSystem/condition-category", "problem-list-item", "")]}  # fmt: skip


def medicine(text: str) -> Body:
    return {"resourceType": "MedicationRequest", "status": "active", "intent": "order", "authoredOn": "2026-11-20", "medicationCodeableConcept": named(text)}  # fmt: skip


def flag(text: str) -> Body:
    return {"resourceType": "Flag", "status": "active", "code": named(text)}


def order(text: str) -> Body:
    return {"resourceType": "ServiceRequest", "status": "active", "intent": "order", "authoredOn": "2026-11-20", "code": named(text)}  # fmt: skip


def document(text: str) -> Body:
    return {"resourceType": "DocumentReference", "status": "current", "date": "2026-11-20T09:00:00Z", "type": named(text), "content": [{"attachment": {"contentType": "text/plain"}}]}  # fmt: skip


def procedure(text: str) -> Body:
    return {"resourceType": "Procedure", "status": "completed", "performedDateTime": "2026-11-20", "code": named(text)}  # fmt: skip


def result(loinc: str, text: str, said: str) -> Body:
    return {"resourceType": "Observation", "status": "final", "effectiveDateTime": "2026-11-20T09:00:00Z", "code": coded("http://loinc.org", loinc, text), "valueString": said}  # fmt: skip


def allergy(text: str) -> Body:
    return {"resourceType": "AllergyIntolerance", "clinicalStatus": coded("http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical", "active", ""), "code": named(text)}  # fmt: skip


DEVICE = {"resourceType": "Device", "status": "active", "type": named("Cardiac pacemaker")}
GOAL = {"resourceType": "Goal", "lifecycleStatus": "active", "description": named("Comfort care")}
CONSENT = {"resourceType": "Consent", "status": "active", "dateTime": "2026-11-20", "scope": coded("http://terminology.hl7.org/CodeSystem/consentscope", "adr", ""), "category": [coded("http://loinc.org", "45474-4", "Living will")]}  # fmt: skip

# slot of the safety line, the section that brings the entry, the entry that fills the slot when it can be read
ENTRIES: tuple[tuple[str, Section, Body], ...] = (
    ("allergies", Section.ALLERGIES, allergy("Penicillin")),
    ("anticoagulant", Section.MEDICATIONS, medicine("Apixaban 5 MG Oral Tablet")),
    ("high-alert", Section.MEDICATIONS, medicine("Methotrexate 2.5 MG Oral Tablet")),
    ("code-status", Section.FLAGS, flag("DNR")),
    ("code-status", Section.ORDERS, order("Do not resuscitate")),
    ("code-status", Section.CONSENTS, CONSENT),
    ("code-status", Section.DOCUMENTS, document("POLST")),
    ("code-status", Section.PROBLEMS, problem("Z66", "Do not resuscitate")),
    ("code-status", Section.PROCEDURES, procedure("Code status discussion: DNR")),
    ("code-status", Section.ALLERGIES, allergy("Refusal of blood products")),
    ("code-status", Section.CARE_PLANS, GOAL),
    ("code-status", Section.SURVEYS, result("45473-6", "Advance directive", "DNR")),
    ("implant", Section.DEVICES, DEVICE),
    ("implant", Section.PROCEDURES, procedure("Implantation of pacemaker")),
    ("implant", Section.PROBLEMS, problem("Z95.0", "Presence of cardiac pacemaker")),
    ("implant", Section.DOCUMENTS, document("Cochlear implant card")),
    ("isolation", Section.FLAGS, flag("Contact isolation")),
    ("isolation", Section.ORDERS, order("Contact isolation")),
    ("isolation", Section.PROBLEMS, problem("Z22.322", "Carrier of MRSA")),
    ("isolation", Section.LABS, result("35492-8", "MRSA DNA", "detected")),
    ("isolation", Section.DOCUMENTS, document("MRSA notice")),
    ("pregnancy", Section.PROBLEMS, problem("Z34.90", "Supervision of normal pregnancy")),
    ("pregnancy", Section.SOCIAL, result("82810-3", "Pregnancy status", "pregnant")),
    ("organ", Section.PROBLEMS, problem("N18.6", "End stage renal disease")),
    ("organ", Section.MEDICATIONS, medicine("Tacrolimus 1 MG Oral Capsule")),
    ("organ", Section.PROCEDURES, procedure("Hemodialysis")),
    ("organ", Section.FLAGS, flag("Immunosuppressed")),
    ("airway", Section.PROBLEMS, problem("T88.4", "Difficult intubation")),
    ("airway", Section.FLAGS, flag("Difficult airway")),
    ("airway", Section.ALLERGIES, allergy("Malignant hyperthermia")),
    ("self-harm", Section.FLAGS, flag("Suicide risk")),
    ("self-harm", Section.PROBLEMS, problem("R45.851", "Suicidal ideations")),
    ("self-harm", Section.SURVEYS, result("93373-9", "Suicide risk level", "high")),
)
_NAMES = {"organ": "dialysis, immunity"}


def answered(name: Section, *bodies: Body) -> SectionRecords:
    entries = [{"resource": body} for body in bodies]
    page = {"resourceType": "Bundle", "type": "searchset", "entry": entries}
    state = FetchState.OK if bodies else FetchState.OK_EMPTY
    asked = SearchState(server="mercy", search=str(name), section=name, state=state, at=NOW)
    return section_records(Answer(asked, list(read_page(json.dumps(page).encode()).entries)))


@cache
def nothing_at_all() -> tuple[SectionRecords, ...]:
    others = [answered(name) for name in Section if name is not Section.PATIENT]
    return (answered(Section.PATIENT, _WOMAN), *others)


def page(name: Section | None = None, *bodies: Body) -> Built:
    parts = [part for part in nothing_at_all() if part.state.section is not name]
    parts += [answered(name, *bodies)] if name is not None else []
    return build_summary(parts, site=SITE, viewer=VIEWER, library=LIBRARY, launch_server="mercy", encounter_id="", as_of=NOW)  # fmt: skip


def sent(body: Body, **more: Any) -> Body:
    who = "patient" if body["resourceType"] in ("AllergyIntolerance", "Consent", "Device") else "subject"  # fmt: skip
    return {**body, "id": "e1", who: PERSON, **more}


def slot(found: Built, key: str) -> Slot | None:
    return next((one for one in found.summary.safety if one.key == key), None)


def told(found: Built, key: str) -> State | None:
    """The state that is said of a slot: its own, or of the line that names several."""
    own = slot(found, key)
    if own is not None:
        return own.lines[0].state
    name = _NAMES.get(key, key)
    lines = [one.lines for one in found.summary.safety if one.key in ("nothing", "unknown")]
    return next((state.state for state, names in lines if name in names.text), None)


@pytest.mark.parametrize(("key", "name", "body"), ENTRIES, ids=[f"{k}-{n}" for k, n, _ in ENTRIES])
def test_what_would_fill_a_slot_is_not_told_as_nothing_when_it_was_not_understood(
    key: str, name: Section, body: Body
) -> None:
    read = slot(page(name, sent(body)), key)
    assert read is not None
    assert read.lines[0].state is None, "this entry does not fill the slot"
    for fault in (
        {"modifierExtension": [{"url": "https://example.org/negated", "valueBoolean": True}]},
        {"implicitRules": "https://example.org/rules"},
    ):
        state = told(page(name, sent(body, **fault)), key)
        assert state is not None
        assert state.word == UNREAD
        assert state.detail == "Mercy: 1 entry needs review"
        assert state.sources == (f"mercy/{body['resourceType']}/e1",)


@pytest.mark.parametrize("key", sorted({key for key, _, _ in ENTRIES}))
def test_nothing_recorded_is_said_where_all_was_read(key: str) -> None:
    state = told(page(), key)
    assert state is not None
    assert state.word == "Nothing recorded"


def lost(name: Section, reason: str = "unreadable", count: int = 1, server: str = "mercy") -> SectionRecords:  # fmt: skip
    aside = tuple(
        NotShown(source=source(f"Basic/{n}", server), section=name, reason=reason)
        for n in range(count)
    )
    return section(name, server=server, state=FetchState.PARTIAL, received=0, unreadable=count, not_shown=aside)  # fmt: skip


def without_entries(*parts: SectionRecords) -> list[SectionRecords]:
    """Anna without any entry at either source; these parts instead."""
    ours = {(part.state.section, part.state.server) for part in parts}
    patients = [p for p in anna.everything() if p.state.section is Section.PATIENT]
    empty = [section(name, server=server) for name in Section for server in ("mercy", "lakeside") if name is not Section.PATIENT and (name, server) not in ours]  # fmt: skip
    return [*patients, *empty, *parts]


_BLOCKS = {
    "labs": (Section.LABS,),
    "vitals": (Section.VITALS,),
    "medications": (Section.MEDICATIONS,),
    "problems": (Section.PROBLEMS,),
    "exams": (Section.PROCEDURES, Section.IMMUNIZATIONS, Section.REPORTS),
    "reports": (Section.REPORTS, Section.DOCUMENTS, Section.IMAGING),
}
_HISTORY = {
    "past": Section.PROBLEMS,
    "surgical": Section.PROCEDURES,
    "family": Section.FAMILY,
    "social": Section.SOCIAL,
    "referrals": Section.ORDERS,
}


@pytest.mark.parametrize("name", [one for one in Section if one is not Section.PATIENT])
def test_no_place_that_an_unread_entry_could_fill_says_that_nothing_is_recorded(
    name: Section,
) -> None:
    found = anna.summary(without_entries(lost(name)), listing={})
    said = {block.key: [s.word for s in block.states] for block in found.blocks}
    for key, fed_by in _BLOCKS.items():
        assert said[key] == [UNREAD if name in fed_by else "Nothing recorded"]
    rows = {row.key.removeprefix("history-"): row.state for row in found.history}
    for key, one in _HISTORY.items():
        state = rows[key]
        assert state is not None
        assert state.word == (UNREAD if one is name else "Nothing recorded")
    assert (found.plan.state is not None and found.plan.state.word == UNREAD) is (
        name is Section.DOCUMENTS
    )


def test_what_could_not_be_read_is_counted_once_and_leads_to_the_entries() -> None:
    twice = [lost(Section.LABS, count=2), lost(Section.LABS, "not-understood", count=2)]
    twice[1] = msgspec.structs.replace(
        twice[1], state=msgspec.structs.replace(twice[1].state, search="labs.ever")
    )
    found = anna.summary(without_entries(*twice), listing={})
    (state,) = next(b for b in found.blocks if b.key == "labs").states
    assert state.detail == "Mercy: 2 entries need review · nothing recorded at Lakeside"
    assert state.sources == ("mercy/Basic/0", "mercy/Basic/1")


def test_beside_a_source_that_failed_what_the_other_could_not_read_is_said_too() -> None:
    parts = without_entries(lost(Section.FLAGS), *anna.failed("lakeside", Section.FLAGS))
    own = next(s for s in anna.summary(parts).safety if s.key == "isolation")
    state = own.lines[0].state
    assert state is not None
    assert state.word == "Not retrieved"
    assert "Mercy: 1 entry needs review" in state.detail


def test_beside_what_could_not_be_read_what_did_not_come_is_said_too() -> None:
    mine = lost(Section.FLAGS)
    short = msgspec.structs.replace(mine, state=msgspec.structs.replace(mine.state, cut_short=True))
    other = section(Section.FLAGS, server="lakeside", state=FetchState.PARTIAL, received=1000)
    own = next(s for s in anna.summary(without_entries(short, other)).safety if s.key == "isolation")  # fmt: skip
    state = own.lines[0].state
    assert state is not None
    assert state.word == UNREAD
    assert state.detail == (
        "Mercy: 1 entry needs review, more may exist · "
        "incomplete Lakeside: 1000 entries read, more may exist"
    )


def test_counts_of_what_was_read_do_not_hide_that_pages_did_not_come() -> None:
    cut = section(Section.LABS, state=FetchState.PARTIAL, received=199, unreadable=1, foreign=2, cut_short=True)  # fmt: skip
    kept = [p for p in anna.everything() if (p.state.section, p.state.server) != (Section.LABS, "mercy")]  # fmt: skip
    said = [s.detail for b in anna.summary([*kept, cut]).blocks if b.key == "labs" for s in b.states]  # fmt: skip
    assert said == ["Mercy: 199 of 200 read, 2 about somebody else set aside, more may exist"]


def test_find_does_not_say_that_nothing_is_recorded_of_what_could_not_be_read() -> None:
    made = anna.chart(without_entries(lost(Section.LABS)))
    desk = opened.desk_for(made, anna.ranking(made), site=anna.SITE, viewer=anna.VIEWER, as_of=anna.NOW)  # fmt: skip
    (state,) = Finder(desk).find("potassium").states
    assert state.word == UNREAD
    assert state.sources == ("mercy/Basic/0",)
    states = Finder(desk).find("xylophone").states
    assert [one.sources for one in states] == [("mercy/Basic/0",)]


def test_no_change_is_said_only_of_what_could_be_read() -> None:
    quiet = anna.summary(without_entries(), listing={})
    (row,) = next(b for b in quiet.blocks if b.key == "since").rows
    assert row.parts[0].text == since.NO_CHANGE
    unread = anna.summary(without_entries(lost(Section.MEDICATIONS, count=3)), listing={})
    (row,) = next(b for b in unread.blocks if b.key == "since").rows
    assert row.state is not None
    assert row.state.word == "No change in what could be read"
    assert row.state.detail == "Mercy: 3 entries need review"
