"""The files of packs: every code has its row, and a file that cannot be used is named with the place in it."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from clinical import codes, rank
from clinical.errors import PackInvalid
from clinical.fhir.catalogue import CATALOGUE
from clinical.rank import files
from clinical.rank.asking import asked_for_ever, window_words
from clinical.rank.library import GENERAL, Code, Item
from clinical.rank.matching import match
from tests.clinical.rank.charts import chart, patient
from tests.clinical.rank.test_more_packs import resource, ways

FOLDER = Path(rank.__file__).parent
LIBRARY = rank.load()
FIRST = (
    "annual_wellness", "asthma_copd", "depression", "diabetes", "ed_chest_pain", "heart_failure", "prenatal",
    "rheumatoid_dmard",
)  # fmt: skip


def luhn(code: str) -> bool:
    """The check digit of a LOINC code."""
    digits, check = code.split("-")
    doubled = "".join(
        str(int(digit) * 2) if place % 2 == 0 else digit
        for place, digit in enumerate(reversed(digits))
    )
    return (10 - sum(map(int, doubled)) % 10) % 10 == int(check)


# ---- codes ------------------------------------------------------------------------------------------------------

SHAPES = {
    codes.LOINC: r"\d{1,7}-\d",
    codes.RXNORM: r"\d{1,8}",
    codes.ICD10CM: r"[A-Z]\d[0-9A-Z](\.[0-9A-Z]{1,4})?",
    codes.CVX: r"\d{2,3}",
    codes.SNOMED: r"\d{6,18}",
}


@pytest.mark.parametrize("row", LIBRARY.codes.values(), ids=lambda row: f"{row.system} {row.code}")
def test_a_code_has_the_shape_of_its_system(row: Code) -> None:
    assert re.fullmatch(SHAPES[row.system], row.code)
    if row.system == codes.LOINC:
        assert luhn(row.code)
    assert row.name
    assert row.source


def test_a_code_that_was_never_looked_up_matches_nothing() -> None:
    waiting = {(row.system, row.code) for row in LIBRARY.unverified}
    assert waiting
    used = {code for item in LIBRARY.items.values() for code in item.codes}
    assert not used & waiting
    assert (
        not {(codes.LOINC, one) for rule in LIBRARY.floor.rules.values() for one in rule.loinc}
        & waiting
    )


def test_no_code_of_a_licensed_system() -> None:
    systems = {row.system for row in LIBRARY.codes.values()}
    assert systems <= set(SHAPES)
    assert codes.CPT not in systems
    assert codes.ATC not in systems


# ---- items ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(LIBRARY.items))
def test_every_item_is_found_by_each_of_its_codes_and_words(name: str) -> None:
    item: Item = LIBRARY.items[name]
    tried = ways(item)
    assert tried or name == "cond.famhx"
    for about in tried:
        found = match(chart([patient(), resource(item, about)]), LIBRARY)
        assert any(name in names for names in found.values()), about


def test_every_item_is_asked_for_by_a_pack_a_limit_or_a_condition() -> None:
    asked = {one.item for pack in LIBRARY.packs.values() for one in pack.listed}
    asked |= {one.item for one in LIBRARY.floor.limits}
    asked |= {name for rule in LIBRARY.floor.rules.values() for name in rule.items}
    text = "".join(path.read_text() for path in (FOLDER / "packs").glob("*.toml"))
    assert {name for name in LIBRARY.items if name not in asked and name not in text} == set()


# ---- packs ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [*FIRST, GENERAL])
def test_a_pack_says_what_it_is(name: str) -> None:
    pack = LIBRARY.packs[name]
    assert pack.reviewed == "not yet reviewed by a clinician"
    assert pack.version >= 1
    assert pack.why.endswith(".")
    assert pack.sources
    known = {source.key for source in pack.sources}
    assert all(one.source and set(one.source) <= known for one in pack.listed)
    if name != GENERAL:
        assert sum(1 for one in pack.listed if one.importance == "must") >= 6


def test_there_are_contexts_for_a_hospital_and_its_clinics() -> None:
    assert set(FIRST) <= set(rank.all_contexts(LIBRARY))
    assert len(rank.all_contexts(LIBRARY)) >= 25


def test_codes_for_the_pull_are_known_and_fit_one_search() -> None:
    found = rank.visit_codes(LIBRARY, rank.all_contexts(LIBRARY))
    assert len(found) == len(set(found)) <= 224
    assert {"4548-4", "98979-8", "11524-6"} <= set(found)
    assert all(LIBRARY.codes[codes.LOINC, one].verified != "no" for one in found)


def test_every_item_that_looks_far_back_is_asked_for() -> None:
    unasked = [
        one.item
        for pack in LIBRARY.packs.values()
        for one in pack.listed
        if one.importance != "background"
        and (one.terms.lookback is None or one.terms.lookback > 13)
        and not asked_for_ever(LIBRARY.items[one.item], LIBRARY)
    ]
    assert unasked == []


def test_the_windows_said_are_the_windows_asked() -> None:
    days = {kind.key: kind.days[0] for kind in CATALOGUE}
    assert days["reports"] == 2 * 365
    assert days["labs.recent"] is not None
    assert days["labs.recent"] >= 13 * 30
    colonoscopy = LIBRARY.items["proc.colonoscopy"]
    assert window_words(colonoscopy) == "reports of the last 2 years were read"
    assert window_words(LIBRARY.items["lab.hba1c"]) == ""


# ---- files that cannot be used ----------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for part in ("packs", "items", "codes"):
        shutil.copytree(FOLDER / part, tmp_path / part)
    shutil.copy(FOLDER / "floor.toml", tmp_path / "floor.toml")
    return tmp_path


@pytest.mark.parametrize(
    ("path", "old", "new", "said"),
    [
        ("packs/diabetes.toml", 'id = "diabetes"', 'id = "sugar"', "its id is 'sugar'"),
        ("packs/diabetes.toml", '"lab.hba1c",', '"lab.hba1c", "lab.nothing",', "lab.nothing is not in items/"),
        ("packs/diabetes.toml", '"lab.hba1c",', '"lab.hba1c", "lab.hba1c",', "lab.hba1c is listed twice"),
        ("packs/diabetes.toml", "age >= 18", "age >= grown", "not a number"),
        ("packs/diabetes.toml", "on(metformin)", "on(med.nothing)", "asks for med.nothing"),
        ("packs/diabetes.toml", "has(E10)", "has(Q99.999)", "Q99.999 has no row"),
        ("packs/diabetes.toml", "version = 1", 'vorsion = 1', "unknown key 'vorsion'"),
        ("packs/diabetes.toml", "version = 1", "", "version is missing"),
        ("packs/diabetes.toml", '[change."lab.cgm_tir"]', '[change."lab.psa"]', "lab.psa is changed but not listed"),
        ("packs/diabetes.toml", 'source = ["ADA", "KDIGO-CKD"]', 'source = ["Nobody"]', "not in [sources]"),
        ("packs/diabetes.toml", 'settings = ["clinic"]', 'settings = ["moon"]', "clinic, ward or ed"),
        ("packs/copd.toml", '["asthma_copd"]', '["astma"]', "narrower than 'astma'"),
        ("packs/copd.toml", '["asthma_copd"]', '["copd"]', "narrower than 'copd'"),
        ("items/labs.toml", 'label = "HbA1c"', "", "label is missing"),
        ("items/labs.toml", '"4548-4"', '"4548-5"', "4548-5 has no row"),
        ("items/labs.toml", 'way = "any"', 'way = "sideways"', "way cannot be"),
        ("items/labs.toml", "[lab.hba1c]", "[lob.hba1c]", "no kind is called 'lob'"),
        ("items/labs.toml", "[lab.creatinine]", "[lab.creatinine", "labs.toml"),
        ("codes/loinc.csv", ",2026-11-26,name", ",some day,name", "loinc.csv:2"),
        ("codes/loinc.csv", ",name\n", ",surely\n", "verified cannot be 'surely'"),
        ("codes/loinc.csv", "\nloinc,10331-7", "\nlioc,10331-7", "lioc is missing or not known"),
        ("floor.toml", 'item = "lab.potassium"', 'item = "lab.nothing"', "lab.nothing is not in items/"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_used_is_named(
    folder: Path, path: str, old: str, new: str, said: str
) -> None:
    text = (folder / path).read_text()
    assert old in text
    (folder / path).write_text(text.replace(old, new, 1))
    with pytest.raises(PackInvalid, match=re.escape(said)):
        files.read(folder)


def test_an_id_stands_in_one_file(folder: Path) -> None:
    (folder / "items" / "zz.toml").write_text('[lab.hba1c]\nlabel = "Again"\nloinc = ["4548-4"]\n')
    with pytest.raises(PackInvalid, match=r"lab\.hba1c is in another file too"):
        files.read(folder)


def test_a_code_has_one_row(folder: Path) -> None:
    (folder / "codes" / "zz.csv").write_text(
        "system,code,name,source,date,verified\nloinc,4548-4,again,somewhere,2026-11-26,name\n"
    )
    with pytest.raises(PackInvalid, match=r"zz\.csv:2: 4548-4 has a row already"):
        files.read(folder)
