"""The safety floor: each of its ids is made from the chart alone, and no pack, role or order of arrival lowers it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import msgspec
import pytest

from clinical import codes, rank
from clinical.fhir.catalogue import DIRECTIVES
from clinical.judgement import code_status
from clinical.rank import floor
from clinical.rank.library import Library, Listed, Terms
from clinical.records import Item, Ranked, Ranking, Visit
from tests.clinical.rank.charts import (
    NOW,
    Body,
    chart,
    concept,
    day,
    encounter,
    medicine,
    observation,
    patient,
    problem,
    procedure,
)

LIBRARY = rank.load()
LAST = NOW - timedelta(days=60)


def ranking(
    *bodies: Body,
    kind: str = "AMB",
    last_seen: datetime | None = LAST,
    library: Library = LIBRARY,
    sex: str = "female",
    role: str = "physician",
    contexts: tuple[str, ...] = ("general",),
) -> Ranking:
    made = chart([patient(45, sex), encounter(None, kind), *bodies])
    setting = {"AMB": "clinic", "IMP": "ward", "EMER": "ed"}[kind]
    visit = Visit(contexts=contexts, titles=contexts, basis="", sure=True, setting=setting)  # type: ignore[arg-type]
    return rank.rank(made, visit=visit, library=library, last_seen=last_seen, role=role, as_of=NOW)


def marks(*bodies: Body, **how: Any) -> set[str]:
    """Every id of the floor that something of this chart carries."""
    return {name for one in ranking(*bodies, **how).ranked for name in one.floor}


def of_kind(found: Ranking, kind: str) -> Ranked:
    return next(one for one in found.ranked if one.kind == kind)


def flagged(about: Body, flag: str, *, ago: float = 1, **more: Any) -> Body:
    system = "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation"
    return {
        **observation(about, ago=ago, **more),
        "interpretation": [{"coding": [{"system": system, "code": flag}]}],
    }


def loinc(code: str, text: str = "as sent") -> Body:
    return concept("loinc", code, text)


def icd(code: str) -> Body:
    return problem(concept("icd-10-cm", code, "as sent"))


def drug(text: str, **how: Any) -> Body:
    return medicine(concept(text=text), **how)


def allergy(text: str, **more: Any) -> Body:
    status = "http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical"
    return {
        "resourceType": "AllergyIntolerance",
        "clinicalStatus": {"coding": [{"system": status, "code": "active"}]},
        "code": concept(text=text),
        "patient": {"reference": "Patient/p"},
        **more,
    }


# ---- critical results -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "value", "unit", "critical"),
    [
        ("2823-3", 6.3, "mmol/L", True), ("2823-3", 6.2, "mmol/L", False), ("2823-3", 2.7, "mmol/L", True),
        ("2823-3", 2.8, "mmol/L", False), ("2823-3", 6.3, "meq/L", True), ("2823-3", 6.3, "furlong", False),
        ("2951-2", 119, "mmol/L", True), ("2951-2", 161, "mmol/L", True), ("2951-2", 140, "mmol/L", False),
        ("2345-7", 49, "mg/dL", True), ("2345-7", 30, "mmol/L", True), ("2345-7", 6, "mmol/L", False),
        ("718-7", 6.9, "g/dL", True), ("718-7", 69, "g/L", True), ("718-7", 7.0, "g/dL", False),
        ("777-3", 19, "10*3/uL", True), ("751-8", 0.4, "10*3/uL", True), ("6301-6", 5.1, "{INR}", True),
        ("6301-6", 5.0, "{INR}", False), ("17861-6", 13.1, "mg/dL", True), ("2524-7", 4, "mmol/L", True),
        ("2524-7", 3.9, "mmol/L", False),
    ],
)  # fmt: skip
def test_a_value_beyond_its_limit(code: str, value: float, unit: str, critical: bool) -> None:
    found = marks(observation(loinc(code), value, unit))
    assert ("floor.critical_values" in found) is critical


@pytest.mark.parametrize(
    ("comparator", "value", "critical"), [(">", 6.2, True), (">", 6.0, False), ("<", 2.8, True), ("<", 9, False), ("<", 3, False)]
)  # fmt: skip
def test_a_bound_counts_when_it_is_surely_beyond(
    comparator: str, value: float, critical: bool
) -> None:
    body = observation(loinc("2823-3"), value, "mmol/L")
    body["valueQuantity"]["comparator"] = comparator
    assert ("floor.critical_values" in marks(body)) is critical


@pytest.mark.parametrize("flag", ["HH", "LL", "AA"])
def test_the_laboratorys_own_word_needs_no_limit(flag: str) -> None:
    assert "floor.critical_values" in marks(flagged(loinc("9999999-4", "Rare test"), flag))


@pytest.mark.parametrize(
    ("kind", "ago", "open_"), [("AMB", 29, True), ("AMB", 31, False), ("IMP", 2.9, True), ("IMP", 3.1, False), ("EMER", 3.1, False)]
)  # fmt: skip
def test_how_long_a_critical_result_stays_open(kind: str, ago: float, open_: bool) -> None:
    found = marks(observation(loinc("2823-3"), 6.9, "mmol/L", ago=ago), kind=kind)
    assert ("floor.critical_values" in found) is open_


def test_a_later_final_number_closes_it_and_a_pending_one_does_not() -> None:
    high = observation(loinc("2823-3"), 6.9, "mmol/L", ago=1)
    fine = observation(loinc("2823-3"), 4.4, "mmol/L", ago=0.5)
    waiting = {**observation(loinc("2823-3"), None, ago=0.5), "status": "registered"}
    early = {**fine, "status": "preliminary"}
    assert "floor.critical_values" not in marks(high, fine)
    assert "floor.critical_values" in marks(high, waiting)
    assert "floor.critical_values" in marks(high, early)


def test_a_critical_value_without_a_time_may_be_of_today() -> None:
    body = observation(loinc("2823-3"), 6.9, "mmol/L")
    del body["effectiveDateTime"]
    assert "floor.critical_values" in marks(body)


# ---- new, pending -----------------------------------------------------------------------------------------------


def test_abnormal_since_the_last_visit() -> None:
    assert "floor.new_abnormal" in marks(flagged(loinc("2160-0"), "H", ago=59))
    assert "floor.new_abnormal" not in marks(flagged(loinc("2160-0"), "H", ago=61))
    assert "floor.new_abnormal" not in marks(flagged(loinc("2160-0"), "N", ago=1))


def test_without_an_earlier_visit_what_is_open_counts_as_new() -> None:
    assert "floor.new_abnormal" in marks(flagged(loinc("2160-0"), "H", ago=29), last_seen=None)
    assert "floor.new_abnormal" not in marks(flagged(loinc("2160-0"), "H", ago=31), last_seen=None)


def test_pending_results_and_orders() -> None:
    waiting = {**observation(loinc("2160-0"), None, ago=1), "status": "registered"}
    assert "floor.pending" in marks(waiting)
    order: Body = {
        "resourceType": "ServiceRequest", "id": "o", "status": "active", "intent": "order",
        "code": loinc("2857-1", "PSA"), "subject": {"reference": "Patient/p"}, "authoredOn": day(5),
    }  # fmt: skip
    assert "floor.pending" in marks(order)
    assert "floor.pending" not in marks({**order, "authoredOn": day(200)})
    assert "floor.pending" not in marks({**order, "status": "completed"})
    answer = {
        **observation(loinc("2857-1"), 1, "ng/mL", ago=2),
        "basedOn": [{"reference": "ServiceRequest/o"}],
    }
    assert "floor.pending" not in marks(order, answer)


def test_the_value_that_led_to_a_repeat_is_not_the_repeat() -> None:
    order: Body = {
        "resourceType": "ServiceRequest", "id": "o", "status": "active", "intent": "order",
        "code": loinc("1742-6", "ALT"), "subject": {"reference": "Patient/p"}, "authoredOn": day(36),
        "occurrenceDateTime": day(22),
    }  # fmt: skip
    assert "floor.pending" in marks(order, observation(loinc("1742-6"), 78, "U/L", ago=36))
    assert "floor.pending" not in marks(order, observation(loinc("1742-6"), 70, "U/L", ago=24))


def test_a_preliminary_report() -> None:
    report: Body = {
        "resourceType": "DiagnosticReport", "status": "preliminary", "code": loinc("24627-2", "CT Chest"),
        "subject": {"reference": "Patient/p"}, "effectiveDateTime": day(1),
    }  # fmt: skip
    assert "floor.pending" in marks(report)
    corrected = {**report, "status": "corrected", "issued": day(1)}
    assert marks(corrected) == {"floor.new_abnormal"}


# ---- medicines --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("warfarin 5 mg oral tablet", "anticoag"), ("Eliquis 5 mg", "anticoag"), ("ENOXAPARIN 40 MG/0.4 ML", "anticoag"),
        ("insulin glargine 100 unit/mL", "high_alert_meds"), ("Humulin R U-500", "high_alert_meds"),
        ("glipizide 5 mg", "high_alert_meds"), ("fentanyl 25 mcg/hr patch", "high_alert_meds"),
        ("methadone 10 mg", "high_alert_meds"), ("methotrexate 2.5 mg oral tablet", "high_alert_meds"),
        ("digoxin 125 mcg", "high_alert_meds"), ("lorazepam 0.5 mg", "high_alert_meds"),
        ("cisplatin infusion", "high_alert_meds"), ("norepinephrine infusion", "high_alert_meds"),
        ("tacrolimus 1 mg capsule", "organ_function_immuno"), ("adalimumab 40 mg", "organ_function_immuno"),
    ],
)  # fmt: skip
def test_a_medicine_of_the_floor(text: str, name: str) -> None:
    assert f"floor.{name}" in marks(drug(text))


def test_a_product_code_without_words_is_known_by_its_ingredient() -> None:
    assert "floor.anticoag" in marks(medicine(concept("rxnorm", "11289")))


@pytest.mark.parametrize(
    "text",
    [
        "lisinopril 10 mg",
        "aspirin 81 mg",
        "tacrolimus 0.1% ointment",
        "fluorouracil 5% cream",
        "metformin 500 mg",
    ],
)
def test_a_medicine_that_is_none_of_it(text: str) -> None:
    assert marks(drug(text)) == set()


def test_a_medicine_that_was_stopped_is_none_of_it() -> None:
    assert marks({**drug("warfarin 5 mg"), "status": "stopped"}) == set()


def test_two_antithrombotics_are_shown_though_one_aspirin_is_not() -> None:
    assert "floor.anticoag" in marks(drug("aspirin 81 mg"), drug("clopidogrel 75 mg"))


# ---- problems, results and words --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "name"),
    [
        (icd("Z79.01"), "anticoag"), (icd("Z66"), "code_status"), (icd("Z51.5"), "code_status"),
        (icd("Z22.322"), "isolation"), (icd("A04.72"), "isolation"), (icd("Z95.0"), "devices"), (icd("Z96.641"), "devices"),
        (icd("Z99.2"), "organ_function_immuno"), (icd("Z94.0"), "organ_function_immuno"), (icd("D70.9"), "organ_function_immuno"),
        (problem(concept(text="Renal dialysis status")), "organ_function_immuno"),
        (problem(concept(text="End-stage renal disease (disorder)")), "organ_function_immuno"),
        (problem(concept(text="Human immunodeficiency virus infection")), "organ_function_immuno"),
        (problem(concept(text="History of renal transplant")), "organ_function_immuno"),
        (procedure(concept(text="Hemodialysis")), "organ_function_immuno"),
        (procedure(concept(text="Transplantation of kidney (procedure)")), "organ_function_immuno"),
        (icd("R45.851"), "suicide_risk"), (icd("T14.91XA"), "suicide_risk"), (icd("T88.4XXA"), "difficult_airway_mh"),
        (icd("Z34.83"), "pregnancy"), (icd("O09.93"), "pregnancy"),
        (problem(concept(text="Difficult intubation")), "difficult_airway_mh"),
        (problem(concept(text="History of malignant hyperthermia")), "difficult_airway_mh"),
        (problem(concept(text="DNR status")), "code_status"),
        (problem(concept(text="No CPR: Do Not Attempt Resuscitation")), "code_status"),
        *((problem(concept(text=text)), "code_status") for text in (
            "Not for resuscitation", "Not for CPR", "Not to be resuscitated", "No resuscitation", "No intubation",
            "No cardiopulmonary resuscitation", "Do not attempt CPR", "DNACPR in place",
        )),
        (procedure(concept(text="Implantation of pacemaker")), "devices"),
        *((problem(concept(text=text)), "devices") for text in (
            "Cardiac pacemaker in situ", "Automatic implantable cardiac defibrillator in situ", "Knee joint replacement",
            "Heart valve replaced by other means", "Presence of coronary artery stent",
        )),
        *((procedure(concept(text=text)), "devices") for text in (
            "Implantation or replacement of carotid sinus stimulation device, total system", "Total knee replacement",
            "Total replacement of hip", "Open and other replacement of aortic valve with tissue graft",
        )),
        (observation(loinc("44260-8"), 1, "{score}", kind="survey"), "suicide_risk"),
        ({"resourceType": "Flag", "status": "active", "code": concept(text="Contact isolation"), "subject": {"reference": "Patient/p"}}, "isolation"),
        ({"resourceType": "Flag", "status": "active", "code": concept(text="Violent behaviour"), "subject": {"reference": "Patient/p"}}, "suicide_risk"),
        ({"resourceType": "Device", "status": "active", "type": concept(text="Cardiac pacemaker"), "patient": {"reference": "Patient/p"}}, "devices"),
        (allergy("Penicillin"), "allergies"),
    ],
)  # fmt: skip
def test_a_fact_of_the_floor(body: Body, name: str) -> None:
    assert f"floor.{name}" in marks(body)


def document(kind: Body) -> Body:
    return {
        "resourceType": "DocumentReference", "status": "current", "type": kind, "date": day(900),
        "subject": {"reference": "Patient/p"}, "content": [{"attachment": {"contentType": "application/pdf"}}],
    }  # fmt: skip


def bare(code: str, system: str = codes.LOINC) -> Body:
    return {"coding": [{"system": system, "code": code}]}


@pytest.mark.parametrize("code", DIRECTIVES)
def test_a_directive_that_is_named_by_its_code_alone_is_found(code: str) -> None:
    assert "floor.code_status" in marks(document(bare(code)))


@pytest.mark.parametrize(
    "body",
    [
        {"resourceType": "Flag", "status": "active", "code": bare("304253006", codes.SNOMED)},
        {"resourceType": "ServiceRequest", "status": "active", "intent": "order", "code": bare("304253006", codes.SNOMED)},
        {"resourceType": "ServiceRequest", "status": "unknown", "intent": "order", "code": concept(text="Do not resuscitate")},
        {
            "resourceType": "ServiceRequest", "status": "active", "intent": "order", "doNotPerform": True,
            "code": concept(text="Cardiopulmonary resuscitation"),
        },
    ],
)  # fmt: skip
def test_an_order_or_flag_without_words_for_it_is_found(body: Body) -> None:
    assert "floor.code_status" in marks({**body, "subject": {"reference": "Patient/p"}})


def test_another_document_named_by_its_code_alone_is_none_of_it() -> None:
    assert marks(document(bare("18842-5"))) == set()
    assert marks(document(bare("84095-9", "urn:other"))) == set()


def test_the_floor_and_the_nurses_know_the_same_of_code_status() -> None:
    rule = LIBRARY.floor.rules["code_status"]
    assert set(rule.words) == set(code_status.WORDS)
    assert set(rule.icd) == set(code_status.ICD_PREFIXES)
    assert {(codes.LOINC, one) for one in rule.loinc} <= set(code_status.NAMES)
    assert {(codes.LOINC, one) for one in DIRECTIVES} <= set(code_status.NAMES)


@pytest.mark.parametrize(
    "body",
    [
        observation(loinc("44260-8"), 0, "{score}", kind="survey"),
        problem(concept(text="Social isolation")),
        problem(concept(text="Family history of kidney transplant")),
        problem(concept(text="Family history of knee replacement")),
        problem(concept(text="Awaiting hip replacement")),
        document(concept(text="Consent for knee replacement")),
        procedure(concept(text="Hormone replacement")),
        procedure(concept(text="Screening for human immunodeficiency virus infection")),
        problem(concept(text="Acute bronchitis")),
        {"resourceType": "Flag", "status": "inactive", "code": concept(text="Contact isolation"), "subject": {"reference": "Patient/p"}},
    ],
)  # fmt: skip
def test_a_fact_that_is_none_of_it(body: Body) -> None:
    assert marks(body) == set()


def test_a_pregnancy_of_years_ago_is_over() -> None:
    assert "floor.pregnancy" not in marks({**icd("Z34.83"), "recordedDate": day(700)})
    positive = {
        **observation(loinc("2106-3"), None),
        "valueCodeableConcept": concept(text="Positive"),
    }
    assert "floor.pregnancy" in marks(positive)
    assert "floor.pregnancy" not in marks({**positive, "effectiveDateTime": day(400)})
    assert "floor.pregnancy" not in marks(
        {**positive, "valueCodeableConcept": concept(text="Negative")}
    )


# ---- side by side -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("bodies", "words"),
    [
        ((allergy("Penicillin G"), drug("amoxicillin 500 mg")), "Allergy to Penicillin G and amoxicillin 500 mg on the list"),
        ((allergy("Sulfa drugs"), drug("sulfamethoxazole / trimethoprim")), "Allergy to Sulfa drugs"),
        ((allergy("lisinopril"), drug("Lisinopril 10 MG Oral Tablet")), "Allergy to lisinopril"),
        ((drug("ibuprofen 600 mg"), drug("naproxen 500 mg")), "Two of one group (NSAID)"),
        ((drug("warfarin 5 mg"), drug("apixaban 5 mg")), "Two of one group (anticoagulant)"),
        ((icd("Z34.83"), drug("lisinopril 10 mg")), "Pregnancy on record and lisinopril 10 mg on the list"),
    ],
)  # fmt: skip
def test_two_facts_are_said_together(bodies: tuple[Body, ...], words: str) -> None:
    found = [
        r
        for one in ranking(*bodies).ranked
        for r in one.reasons
        if r.key == "floor.adverse_reaction_meds"
    ]
    assert len(found) == 1
    assert words in found[0].words


@pytest.mark.parametrize(
    "bodies",
    [
        (allergy("Penicillin G"), drug("metformin 500 mg")),
        (allergy("Peanut oil"), drug("fish oil capsule")),
        (drug("ibuprofen 600 mg"), drug("metformin 500 mg")),
        (drug("lisinopril 10 mg"),),
    ],
)
def test_what_has_nothing_to_do_with_each_other(bodies: tuple[Body, ...]) -> None:
    assert "floor.adverse_reaction_meds" not in marks(*bodies)


def test_each_pair_of_one_medicine_is_said() -> None:
    found = ranking(allergy("Penicillin"), allergy("Amoxicillin"), drug("amoxicillin 500 mg"))
    (reason,) = [
        r for one in found.ranked for r in one.reasons if r.key == "floor.adverse_reaction_meds"
    ]
    assert "Penicillin" in reason.words
    assert "Allergy to Amoxicillin" in reason.words


# ---- above everything -------------------------------------------------------------------------------------------

EVERYTHING = (
    flagged(loinc("2823-3", "Potassium"), "HH"), drug("warfarin 5 mg"), drug("insulin glargine"), allergy("Penicillin"),
    icd("Z66"), icd("Z99.2"), icd("R45.851"), icd("T88.4XXA"), icd("Z22.322"), icd("Z95.0"), icd("Z34.83"),
    {**observation(loinc("2160-0"), None), "status": "registered"}, drug("lisinopril 10 mg"),
)  # fmt: skip


def hostile() -> Library:
    """Packs that list nothing of the floor, call everything background, and apply to nobody."""
    packs = {}
    for name, pack in LIBRARY.packs.items():
        listed = tuple(
            Listed(
                item=one.item,
                importance="background",
                place=place,
                terms=Terms(),
                source=one.source,
            )
            for place, one in enumerate(pack.listed)
        )
        packs[name] = msgspec.structs.replace(pack, listed=listed if name == "general" else ())
    return Library(items=LIBRARY.items, packs=packs, codes=LIBRARY.codes, floor=LIBRARY.floor)


@pytest.mark.parametrize("role", ["physician", "nurse", "cmio", "nobody"])
@pytest.mark.parametrize("library", [LIBRARY, hostile()], ids=["ours", "hostile"])
def test_no_pack_and_no_role_lowers_the_floor(library: Library, role: str) -> None:
    found = ranking(*EVERYTHING, library=library, role=role)
    marked = [one for one in found.ranked if one.floor]
    plain = [one for one in found.ranked if not one.floor]
    names = {name.removeprefix("floor.") for one in marked for name in one.floor}
    by_page = set(floor.page_ids(library.floor))
    assert names | by_page == set(library.floor.rules)
    assert len(library.floor.rules) == 17
    assert min(one.score for one in marked) > max(one.score for one in plain)
    assert all(any(r.key == name for r in one.reasons) for one in marked for name in one.floor)


def test_the_most_urgent_comes_first() -> None:
    found = ranking(*EVERYTHING)
    assert found.ranked[0].floor[0] == "floor.critical_values"


def test_an_allergy_that_one_source_calls_resolved_and_another_active_stays() -> None:
    made = chart([patient(45), allergy("Penicillin")])
    (item,) = made.allergies
    over = msgspec.structs.replace(item.lead, clinical="resolved")
    both: Item = msgspec.structs.replace(item, lead=over, members=(over, item.lead))
    visit = Visit(contexts=("general",), titles=("",), basis="", sure=False)
    found = rank.rank(
        msgspec.structs.replace(made, allergies=(both,)),
        visit=visit, library=LIBRARY, last_seen=None, role="physician", as_of=NOW,
    )  # fmt: skip
    assert of_kind(found, "allergy").floor == ("floor.allergies",)


# ---- which of several comes first, and what an id is about --------------------------------------------------------


def _ranged(code: str, value: float, unit: str, low: float, high: float, ago: float) -> Body:
    return {
        **flagged(loinc(code), "H" if value > high else "L", ago=ago, value=value, unit=unit),
        "referenceRange": [{"low": {"value": low}, "high": {"value": high}}],
    }


def test_of_new_abnormal_ones_the_one_nearest_to_its_critical_limit_comes_first() -> None:
    potassium = _ranged("2823-3", 5.9, "mmol/L", 3.5, 5.1, 10)
    sodium = _ranged("2951-2", 134, "mmol/L", 136, 145, 10)
    ranked = ranking(potassium, sodium).ranked
    assert [one.reasons for one in ranked if "floor.new_abnormal" in one.floor]
    reason = next(r for r in ranked[0].reasons if r.key == "floor.new_abnormal")
    assert "73 % of the way from its range to the critical limit" in reason.words
    other = next(r for r in ranked[1].reasons if r.key == "floor.new_abnormal")
    assert reason.points > other.points


def test_an_abnormal_one_of_today_comes_before_a_listed_one_of_last_month() -> None:
    listed = flagged(loinc("4548-4", "A1c"), "H", ago=20, value=8.1, unit="%")
    today = flagged(loinc("2339-0", "something else"), "H", ago=0.1, value=300, unit="mg/dL")
    made = ranking(listed, today, contexts=("diabetes",))
    found = chart([patient(45), encounter(None, "AMB"), listed, today])
    labels = {row.key: row.label for row in found.series}
    assert labels[made.ranked[0].key] == "something else"


def test_a_critical_one_comes_before_every_new_abnormal_one() -> None:
    critical = flagged(loinc("9999-0", "unlisted"), "HH", ago=20, value=9, unit="mg/dL")
    near = _ranged("2823-3", 6.1, "mmol/L", 3.5, 5.1, 0.1)
    assert ranking(critical, near, contexts=("diabetes",)).ranked[0].floor[0] == (
        "floor.critical_values"
    )


@pytest.mark.parametrize(("ago", "critical"), [(-400, False), (40 * 366 + 9000, False), (1, True)])
def test_a_value_whose_time_cannot_be_right_is_not_critical(ago: float, critical: bool) -> None:
    made = chart(
        [patient(45), encounter(None), observation(loinc("2823-3"), 6.6, "mmol/L", ago=ago)]
    )
    visit = Visit(contexts=("general",), titles=("",), basis="", sure=False)
    found = rank.rank(
        made, visit=visit, library=LIBRARY, last_seen=LAST, role="physician", as_of=NOW
    )
    assert any("floor.critical_values" in one.floor for one in found.ranked) is critical


def test_the_mark_names_the_value_it_rests_on() -> None:
    critical = {**observation(loinc("2823-3"), 6.6, "mmol/L", ago=2), "id": "high"}
    pending = {**observation(loinc("2823-3"), None, ago=1), "status": "registered", "id": "later"}
    (row,) = [one for one in ranking(critical, pending).ranked if one.kind == "series"]
    reason = next(r for r in row.reasons if r.key == "floor.critical_values")
    assert reason.source == "mercy/Observation/high"


def test_an_antiplatelet_says_that_it_is_one() -> None:
    keys = {
        reason.key
        for one in ranking(drug("aspirin 81 mg"), drug("apixaban 5 mg")).ranked
        for reason in one.reasons
    }
    assert {"floor.anticoag", "floor.anticoag.antiplatelet"} <= keys


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("High fall risk", "floor.suicide_risk.flag"),
        ("Suicide risk", "floor.suicide_risk"),
        ("Contact isolation", "floor.isolation"),
    ],
)
def test_a_safety_flag_stands_where_its_words_belong(text: str, key: str) -> None:
    category = {
        "coding": [
            {"system": "http://terminology.hl7.org/CodeSystem/flag-category", "code": "safety"}
        ]
    }
    flag = {
        "resourceType": "Flag",
        "status": "active",
        "category": [category],
        "code": concept(text=text),
        "subject": {"reference": "Patient/p"},
    }
    (found,) = [one for one in ranking(flag).ranked if one.kind == "flag"]
    assert [r.key for r in found.reasons if r.key.startswith("floor.")] == [key]


@pytest.mark.parametrize("text", ["CPAP device", "Peripheral intravenous catheter 20 G"])
def test_what_is_not_implanted_is_no_implant(text: str) -> None:
    device = {
        "resourceType": "Device",
        "status": "active",
        "type": concept(text=text),
        "patient": {"reference": "Patient/p"},
    }
    assert "floor.devices" not in marks(device)
    assert "floor.devices" in marks({**device, "type": concept(text="Dual chamber pacemaker")})
