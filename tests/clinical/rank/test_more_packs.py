"""The contexts that do not come with a given list: each loads, each is found, each item is matched and judged."""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from clinical import rank
from clinical.rank.library import Item, Pack
from clinical.rank.matching import match
from clinical.records import Due, Ranking, Visit
from tests.clinical.rank.charts import (
    NOW,
    SYSTEMS,
    Body,
    chart,
    concept,
    encounter,
    immunization,
    medicine,
    observation,
    patient,
    problem,
    procedure,
)

FOLDER = Path(rank.__file__).parent
LIBRARY = rank.load()
MORE = (
    "anaemia", "asthma", "atrial_fibrillation", "chemotherapy", "cirrhosis", "ckd", "copd", "ed_sepsis",
    "epilepsy", "gout", "heart_failure_ward", "hepatitis_c_hiv", "hypertension", "hypothyroidism", "lipids",
    "medication_review", "osteoporosis", "post_discharge", "preoperative", "stroke_followup", "ward_round",
    "well_child",
)  # fmt: skip
NAMES = {uri: name for name, uri in SYSTEMS.items()}
EGFR = "mL/min/{1.73_m2}"


def packs() -> Iterator[Pack]:
    return (LIBRARY.packs[one] for one in MORE)


def own_items() -> list[str]:
    """Ids of the items that stand in the files of these packs."""
    found = []
    for path in sorted((FOLDER / "items").glob("more-*.toml")):
        for kind, tables in tomllib.loads(path.read_text(encoding="utf-8")).items():
            found += [f"{kind}.{name}" for name in tables]
    return found


# ---- the files --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", MORE)
def test_a_pack_is_whole(name: str) -> None:
    pack = LIBRARY.packs[name]
    must = [one for one in pack.listed if one.importance == "must"]
    should = [one for one in pack.listed if one.importance == "should"]
    assert 6 <= len(must) <= 16
    assert should
    assert pack.why
    assert pack.reviewed == "not yet reviewed by a clinician"
    assert pack.cue.settings
    assert pack.cue.words
    assert pack.sources


@pytest.mark.parametrize("name", MORE)
def test_every_source_has_a_citation_and_says_what_was_checked(name: str) -> None:
    pack = LIBRARY.packs[name]
    known = {one.key for one in pack.sources}
    used = {key for one in pack.listed for key in one.source}
    assert used <= known
    assert used == known, "a source that no item names supports nothing"
    for source in pack.sources:
        assert len(source.citation) > 10
        assert source.status


def test_what_is_asked_for_again_has_a_source() -> None:
    """An interval that a pack sets itself says whose it is; the few that do not are known by name."""
    unsourced = []
    for pack in packs():
        for one in pack.listed:
            library = LIBRARY.items[one.item].terms
            terms = one.terms
            changed = terms.intervals != library.intervals and any(
                every.months is not None for every in terms.intervals
            )
            if changed and one.source == ("OWN",):
                unsourced.append(f"{pack.id} {one.item}")
    assert unsourced == UNSOURCED


# Checks every clinic does by its own habit; no guideline was read for them.
UNSOURCED = [
    "anaemia lab.b12",
    "lipids lab.hba1c",
    "medication_review lab.alt",
    "medication_review lab.tsh",
    "medication_review lab.hemoglobin",
    "post_discharge lab.potassium",
    "post_discharge lab.inr",
]


def test_every_own_item_is_asked_for() -> None:
    listed = {one.item for pack in LIBRARY.packs.values() for one in pack.listed}
    assert [one for one in own_items() if one not in listed] == []


@pytest.mark.parametrize(
    "path", sorted((FOLDER / "codes").glob("more-*.csv")), ids=lambda p: p.name
)
def test_a_code_says_where_it_was_read(path: Path) -> None:
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert rows
    for row in rows:
        assert (row["source"] == "not looked up") == (row["verified"] == "no"), row
        assert row["date"] in ("2026-11-26", "2026-11-27")
        assert row["system"] not in ("cpt", "atc", "snomed")


# ---- every item is found by each way it names -------------------------------------------------------------------


def ways(item: Item) -> list[Body]:
    """One concept per code, ingredient and phrase of an item."""
    found = []
    for system, code in item.codes:
        if system in NAMES:
            found.append(concept(NAMES[system], code, "as sent"))
    found += [concept("icd-10-cm", prefix, "as sent") for prefix in item.icd if len(prefix) > 2]
    if item.kind in ("med", "cond", "proc", "imm"):
        found += [concept(text=f"{one} as sent") for one in (*item.ingredients, *item.words)]
    elif not item.codes:
        found += [concept(text=one) for one in item.words]
    return found


def resource(item: Item, about: Body) -> Body:
    if item.kind == "lab":
        return observation(about)
    if item.kind in ("vital", "quest"):
        return observation(about, kind="vital-signs" if item.kind == "vital" else "survey")
    if item.kind == "cond":
        return problem(about)
    if item.kind == "med":
        return medicine(about)
    if item.kind == "imm":
        return immunization(about)
    return procedure(about)


@pytest.mark.parametrize("name", own_items())
def test_an_item_is_found_by_each_of_its_codes_and_words(name: str) -> None:
    item = LIBRARY.items[name]
    tried = ways(item)
    assert tried
    for about in tried:
        found = match(chart([patient(), resource(item, about)]), LIBRARY)
        assert any(name in names for names in found.values()), about


@pytest.mark.parametrize(
    ("code", "item"),
    [
        ("2518-9", "lab.lactate"),
        ("94309-2", "lab.covid"),
        ("45068-4", "lab.chlamydia"),
        ("14682-9", "lab.creatinine"),
        ("4092-3", "lab.vancomycin"),
        ("8331-1", "vital.temp"),
        ("76215-3", "vital.bp"),
    ],
)
def test_a_test_is_known_under_the_code_of_its_specimen_method_or_site(
    code: str, item: str
) -> None:
    found = match(chart([patient(), observation(concept("loinc", code, "as sent"))]), LIBRARY)
    assert any(item in names for names in found.values())


@pytest.mark.parametrize(
    ("code", "not_meant"),
    [
        ("1994-3", "lab.calcium"),  # ionised
        ("94745-7", "lab.covid"),  # a cycle threshold
        ("2161-8", "lab.creatinine"),  # in urine
        ("770-8", "lab.anc"),  # a share, not a count
        ("12841-3", "lab.psa"),  # free over total
        ("19180-9", "lab.hcg"),  # the free beta subunit, a marker of the first trimester
        ("2283-0", "lab.folate"),  # in red cells
        ("24113-3", "lab.hbcab"),  # IgM: an acute infection
        ("60830-7", "vital.temp"),  # of a finger
        ("8478-0", "vital.bp"),  # the mean alone
    ],
)
def test_a_test_that_only_sounds_alike(code: str, not_meant: str) -> None:
    assert not_meant in LIBRARY.items
    found = match(chart([patient(), observation(concept("loinc", code, "as sent"))]), LIBRARY)
    assert all(not_meant not in names for names in found.values())


@pytest.mark.parametrize(
    ("text", "items"),
    [
        ("Peripheral intravenous catheter 20 G", {"proc.lines"}),
        ("Implanted venous access port, right chest", {"proc.port"}),
        ("Arteriovenous fistula, left forearm", {"proc.dialysis_access"}),
        ("Dual chamber pacemaker", set()),  # it is in place: nobody says that it was checked
        ("Insertable cardiac monitor", set()),
    ],
)
def test_what_is_in_place_is_an_item_only_where_the_item_says_so(
    text: str, items: set[str]
) -> None:
    about = {"resourceType": "Device", "status": "active", "type": concept(text=text)}
    found = match(chart([patient(), about]), LIBRARY)
    assert {name for names in found.values() for name in names} == items


def test_a_report_is_a_score_only_where_the_score_says_so() -> None:
    def named(text: str) -> set[str]:
        about = {"resourceType": "DiagnosticReport", "status": "final", "code": concept(text=text)}
        found = match(chart([patient(), about]), LIBRARY)
        return {name for names in found.values() for name in names}

    assert "quest.fib4" in named("Liver elastography")
    assert "quest.meld" not in named("MELD")


@pytest.mark.parametrize(
    ("text", "not_meant"),
    [
        ("atorvastatin calcium 20 MG Oral Tablet", "med.vitd_calcium"),
        ("gentamicin 3 MG/ML ophthalmic solution", "med.antimicrobial"),
        ("ciprofloxacin otic suspension", "med.sbp_prophylaxis"),
        ("0.3 ML epinephrine 1 MG/ML auto-injector", "med.vasopressor"),
        ("lidocaine / epinephrine injection", "med.vasopressor"),
        ("fluorouracil 50 MG/ML topical cream", "med.chemo"),
        ("prednisolone acetate ophthalmic suspension", "med.immunosuppressant"),
        ("sodium chloride 0.9% flush", "med.iv_fluid"),
        ("nirmatrelvir / ritonavir (Paxlovid)", "med.art"),
    ],
)
def test_a_medicine_that_only_sounds_alike(text: str, not_meant: str) -> None:
    assert not_meant in LIBRARY.items
    found = match(chart([patient(), medicine(concept(text=text))]), LIBRARY)
    assert all(not_meant not in names for names in found.values())


@pytest.mark.parametrize(
    ("text", "not_meant"),
    [
        ("Family history of hepatitis C", "cond.hcv"),
        ("Family history of gout", "cond.gout"),
        ("Malignant ascites", "cond.decompensated"),
        ("Encounter for HIV screening", "cond.hiv"),
        ("Heat stroke", "cond.stroke"),
        ("Non-cirrhotic portal fibrosis", "cond.cirrhosis"),
        ("Family history of stroke", "cond.stroke"),
    ],
)
def test_a_problem_that_only_sounds_alike(text: str, not_meant: str) -> None:
    assert not_meant in LIBRARY.items
    found = match(chart([patient(), problem(concept(text=text))]), LIBRARY)
    assert all(not_meant not in names for names in found.values())


# ---- which visit it is ------------------------------------------------------------------------------------------


def visit(
    reason: Body | None, *, kind: str = "AMB", age: float = 60, extra: tuple[Body, ...] = ()
) -> Visit:
    made = chart([patient(age), encounter(reason, kind), *extra])
    return rank.recognise(
        made, encounter_id="today", as_of=NOW, library=LIBRARY, chosen=None, role="physician"
    )


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("N18.4", ("ckd",)),
        ("E11.22", ("ckd", "diabetes")),
        ("I12.9", ("ckd",)),
        ("I48.91", ("atrial_fibrillation",)),
        ("Z79.01", ("atrial_fibrillation",)),
        ("E03.9", ("hypothyroidism",)),
        ("I10", ("hypertension",)),
        ("R03.0", ("hypertension",)),
        ("E78.5", ("lipids",)),
        ("Z01.818", ("preoperative",)),
        ("K74.60", ("cirrhosis",)),
        ("K70.31", ("cirrhosis",)),
        ("Z51.11", ("chemotherapy",)),
        ("J41.0", ("copd",)),
        ("I69.351", ("stroke_followup",)),
        ("Z86.73", ("stroke_followup",)),
        ("G45.9", ("stroke_followup",)),
        ("G40.909", ("epilepsy",)),
        ("B20", ("hepatitis_c_hiv",)),
        ("B18.2", ("hepatitis_c_hiv",)),
        ("M81.0", ("osteoporosis",)),
        ("M1A.0710", ("gout",)),
        ("D50.9", ("anaemia",)),
    ],
)
def test_the_code_of_the_reason_says_which_visit(code: str, expected: tuple[str, ...]) -> None:
    found = visit(concept("icd-10-cm", code))
    assert found.contexts == expected
    assert found.sure


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("CKD follow up", "ckd"),
        ("kidney function recheck", "ckd"),
        ("A-fib check", "atrial_fibrillation"),
        ("INR check", "atrial_fibrillation"),
        ("AF", "atrial_fibrillation"),
        ("f/u hypothyroid", "hypothyroidism"),
        ("HTN f/u", "hypertension"),
        ("BP check", "hypertension"),
        ("cholesterol follow-up", "lipids"),
        ("pre-op clearance for knee replacement", "preoperative"),
        ("surgical clearance", "preoperative"),
        ("cirrhosis, ascites", "cirrhosis"),
        ("chemo cycle 3 day 1", "chemotherapy"),
        ("COPD exacerbation follow-up", "copd"),
        ("emphysema", "asthma_copd"),
        ("TIA follow-up", "stroke_followup"),
        ("stroke clinic", "stroke_followup"),
        ("breakthrough seizure", "epilepsy"),
        ("HIV care", "hepatitis_c_hiv"),
        ("hep C treatment follow-up", "hepatitis_c_hiv"),
        ("osteoporosis, Prolia injection", "osteoporosis"),
        ("gout flare", "gout"),
        ("anemia follow up", "anaemia"),
        ("hospital follow-up", "post_discharge"),
        ("Hosp f/u", "post_discharge"),
        ("TCM visit", "post_discharge"),
        ("medication review", "medication_review"),
    ],
)
def test_words_of_the_reason_say_which_visit(text: str, expected: str) -> None:
    assert visit(concept(text=text)).contexts == (expected,)


@pytest.mark.parametrize(
    "text",
    [
        "f/u", "refill", "check", "", "recheck labs", "form completion", "vaginal discharge", "family history of gout",
        "rule out sepsis", "HIV screening", "PrEP follow-up", "pseudogout", "CVA tenderness", "r/o TIA", "labs",
        "infusion visit", "medical records request", "TSH", "cycle 2", "psychiatric clearance", "CMR", "allergy immunotherapy",
    ],
)  # fmt: skip
def test_a_reason_that_says_nothing_is_not_guessed(text: str) -> None:
    found = visit(concept(text=text) if text else None)
    assert found.contexts == ("general",)
    assert not found.sure


@pytest.mark.parametrize(
    ("text", "not_expected"),
    [
        ("pulmonary hypertension", "hypertension"),
        ("portal hypertension", "hypertension"),
        ("nipple discharge", "post_discharge"),
        ("pseudogout", "gout"),
        ("heat stroke", "stroke_followup"),
        ("malignant ascites", "cirrhosis"),
        ("septic arthritis", "ed_sepsis"),
        ("sickle cell anemia", "anaemia"),
        ("prior chemotherapy", "chemotherapy"),
    ],
)
def test_a_reason_that_only_sounds_alike(text: str, not_expected: str) -> None:
    assert not_expected in LIBRARY.packs
    assert not_expected not in visit(concept(text=text)).contexts


def test_a_physical_of_a_child_is_a_well_child_visit_and_of_an_adult_is_not() -> None:
    assert visit(concept(text="physical"), age=7).contexts == ("well_child",)
    assert visit(concept(text="physical"), age=50).contexts == ("annual_wellness",)
    assert visit(concept("icd-10-cm", "Z00.129"), age=4).contexts == ("well_child",)


def test_the_kind_of_encounter() -> None:
    assert visit(None, kind="IMP").contexts == ("ward_round",)
    assert visit(concept(text="pneumonia"), kind="IMP").contexts == ("ward_round",)
    assert visit(concept(text="sepsis"), kind="EMER").contexts == ("ed_sepsis",)
    assert visit(concept("icd-10-cm", "A41.9"), kind="IMP").contexts == ("ed_sepsis",)
    assert visit(
        concept(text="chest pain"), kind="EMER", extra=(problem(concept("icd-10-cm", "N18.3")),)
    ).contexts == ("ed_chest_pain",)


def test_heart_failure_on_the_ward_and_asthma_of_a_child_have_their_own_list() -> None:
    assert visit(concept("icd-10-cm", "I50.23"), kind="IMP").contexts == ("heart_failure_ward",)
    assert visit(concept("icd-10-cm", "I50.23")).contexts == ("heart_failure",)
    assert visit(concept(text="heart failure"), kind="IMP").contexts == ("heart_failure_ward",)
    assert visit(concept(text="asthma"), age=8).contexts == ("asthma",)
    assert visit(concept(text="asthma"), age=30).contexts == ("asthma_copd",)


def test_a_problem_alone_makes_no_visit() -> None:
    found = visit(concept(text="check"), extra=(problem(concept("icd-10-cm", "G40.909")),))
    assert found.contexts == ("general",)
    assert not found.sure


# ---- what is due, for whom --------------------------------------------------------------------------------------


def ranked(context: str, *bodies: Body, age: float = 60, sex: str = "female") -> Ranking:
    made = chart([patient(age, sex), *bodies])
    about = rank.recognise(
        made, encounter_id="", as_of=NOW, library=LIBRARY, chosen=context, role="physician"
    )
    return rank.rank(
        made, visit=about, library=LIBRARY, last_seen=None, role="physician", as_of=NOW
    )


def lab(name: str, value: float, unit: str, *, ago: float) -> Body:
    code = next(code for system, code in LIBRARY.items[name].codes if system == SYSTEMS["loinc"])
    return observation(concept("loinc", code), value, unit, ago=ago)


def on(name: str, *, ago: float = 400) -> Body:
    return medicine(concept(text=f"{name} oral tablet"), ago=ago)


def has(code: str) -> Body:
    return problem(concept("icd-10-cm", code))


def due(found: Ranking, name: str) -> Due:
    """Of the row that is the item, else of its absence. An item that asks for nothing has an empty state."""
    for one in found.ranked:
        if name in one.listed:
            return one.due
    return next((one.due for one in found.absent if one.item == name), Due())


def importance(found: Ranking, name: str) -> str:
    return next((one.importance for one in found.ranked if name in one.listed), "")


def missing(found: Ranking) -> set[str]:
    return {one.item for one in found.absent}


@pytest.mark.parametrize(
    ("pack", "name", "bodies", "state"),
    [
        # the stage of kidney disease sets the interval
        ("ckd", "lab.egfr", [lab("lab.egfr", 75, EGFR, ago=330)], ""),
        ("ckd", "lab.egfr", [lab("lab.egfr", 75, EGFR, ago=400)], "overdue"),
        ("ckd", "lab.egfr", [lab("lab.egfr", 40, EGFR, ago=150)], ""),
        ("ckd", "lab.egfr", [lab("lab.egfr", 40, EGFR, ago=215)], "overdue"),
        ("ckd", "lab.egfr", [lab("lab.egfr", 40, EGFR, ago=150), lab("lab.uacr", 90, "mg/g", ago=30)], "overdue"),
        ("ckd", "lab.egfr", [lab("lab.egfr", 25, EGFR, ago=60)], ""),
        ("ckd", "lab.egfr", [lab("lab.egfr", 25, EGFR, ago=150)], "overdue"),
        ("ckd", "lab.egfr", [lab("lab.egfr", 10, EGFR, ago=115)], "overdue"),
        ("ckd", "lab.potassium", [lab("lab.potassium", 4.5, "mmol/L", ago=200)], ""),
        ("ckd", "lab.potassium", [lab("lab.potassium", 4.5, "mmol/L", ago=220), on("lisinopril")], "overdue"),
        ("ckd", "lab.potassium", [lab("lab.potassium", 5.6, "mmol/L", ago=50)], "overdue"),
        # warfarin and the direct ones
        ("atrial_fibrillation", "lab.inr", [lab("lab.inr", 2.4, "{INR}", ago=45), on("warfarin")], "overdue"),
        ("atrial_fibrillation", "lab.inr", [lab("lab.inr", 2.4, "{INR}", ago=20), on("warfarin")], "due"),
        ("atrial_fibrillation", "lab.inr", [lab("lab.inr", 1.1, "{INR}", ago=90), on("apixaban")], ""),
        ("atrial_fibrillation", "lab.egfr", [lab("lab.egfr", 40, EGFR, ago=150), on("apixaban")], "overdue"),
        ("atrial_fibrillation", "lab.egfr", [lab("lab.egfr", 80, EGFR, ago=150), on("apixaban")], ""),
        ("atrial_fibrillation", "lab.tsh", [lab("lab.tsh", 2, "m[iU]/L", ago=220), on("amiodarone")], "overdue"),
        ("atrial_fibrillation", "lab.tsh", [lab("lab.tsh", 2, "m[iU]/L", ago=220)], ""),
        # thyroid
        ("hypothyroidism", "lab.tsh", [lab("lab.tsh", 2, "m[iU]/L", ago=300)], ""),
        ("hypothyroidism", "lab.tsh", [lab("lab.tsh", 9, "m[iU]/L", ago=100)], "overdue"),
        ("hypothyroidism", "lab.tsh", [lab("lab.tsh", 2, "m[iU]/L", ago=100), on("levothyroxine", ago=70)], "overdue"),
        # gout
        ("gout", "lab.uric_acid", [lab("lab.uric_acid", 5, "mg/dL", ago=150), on("allopurinol")], ""),
        ("gout", "lab.uric_acid", [lab("lab.uric_acid", 7.5, "mg/dL", ago=60), on("allopurinol")], "overdue"),
        ("gout", "lab.uric_acid", [lab("lab.uric_acid", 7.5, "mg/dL", ago=60)], ""),
        # liver cancer watch
        ("cirrhosis", "proc.liver_us", [procedure(concept(text="Liver ultrasound"), ago=100)], ""),
        ("cirrhosis", "proc.liver_us", [procedure(concept(text="Liver ultrasound"), ago=250)], "overdue"),
        ("cirrhosis", "proc.liver_us", [], "never"),
        # lipids after a start
        ("lipids", "lab.ldl", [lab("lab.ldl", 90, "mg/dL", ago=300), on("atorvastatin")], ""),
        ("lipids", "lab.ldl", [lab("lab.ldl", 150, "mg/dL", ago=120), on("atorvastatin", ago=70)], "overdue"),
        # a level after kidney injury
        ("post_discharge", "lab.creatinine", [lab("lab.creatinine", 1.1, "mg/dL", ago=120), has("N17.9")], "overdue"),
        ("post_discharge", "lab.creatinine", [lab("lab.creatinine", 1.1, "mg/dL", ago=120)], ""),
        # virus
        ("hepatitis_c_hiv", "lab.hiv_rna", [lab("lab.hiv_rna", 20, "{copies}/mL", ago=220), has("B20")], "overdue"),
        ("hepatitis_c_hiv", "lab.hiv_rna", [lab("lab.hiv_rna", 20, "{copies}/mL", ago=150), has("B20")], ""),
    ],
)  # fmt: skip
def test_what_is_due_follows_the_patient(
    pack: str, name: str, bodies: list[Body], state: str
) -> None:
    assert due(ranked(pack, *bodies), name).state == state


@pytest.mark.parametrize(
    ("pack", "name", "value", "unit", "ago"),
    [
        ("hypothyroidism", "lab.tsh", 9, "uIU/mL", 100),
        ("hypothyroidism", "lab.tsh", 9, "m[IU]/L", 100),
        ("ckd", "lab.egfr", 25, "mL/min/1.73m2", 150),
        ("ckd", "lab.uacr", 45, "mg/mmol", 150),
        ("ckd", "lab.potassium", 5.6, "meq/L", 50),
        ("anaemia", "lab.hemoglobin", 90, "g/L", 60),
        ("hepatitis_c_hiv", "lab.cd4", 250, "/uL", 220),
    ],
)
def test_a_limit_holds_in_the_unit_the_laboratory_uses(
    pack: str, name: str, value: float, unit: str, ago: float
) -> None:
    assert due(ranked(pack, lab(name, value, unit, ago=ago), has("B20")), name).state == "overdue"


def test_an_inr_is_asked_for_on_warfarin_only() -> None:
    value = lab("lab.inr", 1.1, "{INR}", ago=10)
    assert importance(ranked("atrial_fibrillation", value, on("warfarin")), "lab.inr") == "must"
    assert (
        importance(ranked("atrial_fibrillation", value, on("apixaban")), "lab.inr") == "background"
    )
    assert "lab.inr" not in missing(ranked("atrial_fibrillation", on("apixaban")))


def test_hepatitis_c_alone_asks_for_no_hiv_load_and_hiv_alone_for_no_hepatitis_c_load() -> None:
    hcv, hiv = ranked("hepatitis_c_hiv", has("B18.2")), ranked("hepatitis_c_hiv", has("B20"))
    assert "lab.hcv_rna" in missing(hcv)
    assert "lab.hiv_rna" not in missing(hcv)
    assert "lab.hiv_rna" in missing(hiv)
    assert "lab.hcv_rna" not in missing(hiv)
    unknown = missing(ranked("hepatitis_c_hiv"))
    assert {"lab.hiv_rna", "lab.hcv_rna"} <= unknown


@pytest.mark.parametrize(
    ("age", "wanted", "unwanted"),
    [
        (0.5, {"vital.head_circ", "imm.rota_v", "imm.dtap_v"}, {"imm.hpv_v", "imm.mmr_v", "vital.bmi_pct", "quest.phq9"}),
        (1.3, {"imm.mmr_v", "lab.lead", "quest.development"}, {"imm.rota_v", "imm.hpv_v", "vital.bp"}),
        (5, {"vital.bmi_pct", "vital.bp", "proc.vision"}, {"vital.head_circ", "imm.hib_v", "imm.tdap_v"}),
        (13, {"imm.hpv_v", "imm.tdap_v", "imm.menacwy_v", "quest.phq9"}, {"vital.head_circ", "imm.dtap_v", "lab.lead"}),
    ],
)  # fmt: skip
def test_a_child_is_asked_for_what_belongs_to_the_age(
    age: float, wanted: set[str], unwanted: set[str]
) -> None:
    found = missing(ranked("well_child", age=age))
    assert wanted <= found
    assert not unwanted & found


@pytest.mark.parametrize("pack", ["epilepsy", "preoperative", "chemotherapy"])
def test_a_pregnancy_test_is_asked_of_women_who_can_be_pregnant(pack: str) -> None:
    assert "lab.hcg" in missing(ranked(pack, age=28, sex="female"))
    assert "lab.hcg" not in missing(ranked(pack, age=28, sex="male"))
    assert "lab.hcg" not in missing(ranked(pack, age=70, sex="female"))


@pytest.mark.parametrize(
    ("pack", "name", "before", "after", "unit", "ago"),
    [
        ("ckd", "lab.egfr", 60, 45, EGFR, 90),
        ("ckd", "lab.uacr", 100, 250, "mg/g", 90),
        ("ward_round", "lab.creatinine", 1.0, 1.4, "mg/dL", 2),
        ("ward_round", "lab.platelets", 240, 100, "10*3/uL", 3),
        ("chemotherapy", "lab.anc", 4.0, 1.2, "10*3/uL", 14),
        ("gout", "lab.uric_acid", 8.5, 6.1, "mg/dL", 60),
    ],
)
def test_a_change_that_matters_gives_points(
    pack: str, name: str, before: float, after: float, unit: str, ago: float
) -> None:
    moved = ranked(pack, lab(name, before, unit, ago=ago), lab(name, after, unit, ago=0.5))
    still = ranked(pack, lab(name, before, unit, ago=ago), lab(name, before, unit, ago=0.5))
    keys = [
        {one.key for one in row.reasons}
        for found in (moved, still)
        for row in found.ranked
        if name in row.listed
    ]
    assert "changed" in keys[0]
    assert "changed" not in keys[1]


def test_a_must_of_the_visit_stands_above_a_stranger() -> None:
    """In each context the first must-see laboratory item ranks above a normal result that nobody listed."""
    stranger = observation(concept("loinc", "2143-6"), 12, "ug/dL", ago=1)
    for pack in packs():
        name = next(
            (
                one.item
                for one in pack.listed
                if one.importance == "must" and one.item.startswith("lab.")
            ),
            "",
        )
        if not name or not any(
            system == SYSTEMS["loinc"] for system, _ in LIBRARY.items[name].codes
        ):
            continue
        found = ranked(
            pack.id,
            lab(name, 1, "", ago=1),
            stranger,
            on("warfarin"),
            age=7 if pack.id in ("well_child", "asthma") else 60,
        )
        order = [name in one.listed for one in found.ranked if one.kind == "series"]
        assert order == [True, False], pack.id


def test_the_page_for_reviewers_names_every_context() -> None:
    text = (FOLDER.parents[1] / "docs" / "contexts.md").read_text(encoding="utf-8")
    for pack in packs():
        assert f"**{pack.title}** (`{pack.id}`)" in text
        assert pack.why in text
