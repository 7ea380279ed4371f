"""Rule sets of a site: read, refused with line and reason, written, compared in words, doubted."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from clinical import rank
from clinical.rank import ruleset, ruleset_checks, ruleset_text, ruleset_words
from clinical.rank.file_parts import SYSTEMS
from clinical.rank.library import Pack
from clinical.rank.matching import match
from clinical.rank.ruleset_file import RuleSetInvalid
from tests.clinical.rank import charts

BASE = rank.load()
FOLDER = Path(rank.__file__).parent / "packs"
DIABETES = (FOLDER / "diabetes.toml").read_text()
OWN = """
[own.lab.diabetes-ketones]
label = "Ketones, bedside"
loinc = ["88888-8"]
lookback_months = 3

[[codes]]
system = "loinc"
code = "88888-8"
name = "Ketones [Presence] in Blood by Test strip"
source = "as sent by an EHR of this site"
date = "2026-11-26"
"""


def changed(*replacements: tuple[str, str]) -> str:
    text = DIABETES
    for old, new in replacements:
        assert old in text
        text = text.replace(old, new, 1)
    return text


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.toml")), ids=lambda path: path.stem)
def test_every_shipped_pack_is_a_rule_set_and_survives_being_written(path: Path) -> None:
    found = ruleset.read(path.read_text(), BASE)
    assert found.pack == BASE.packs[path.stem]
    again = ruleset.read(ruleset_text.write(found.table), BASE)
    assert (again.table, again.pack) == (found.table, found.pack)
    assert ruleset_words.difference(found.pack, again.pack, BASE.items, BASE.items) == ()


def test_an_item_of_its_own_is_read_written_and_in_the_library() -> None:
    text = changed(('"lab.uacr", ', '"lab.uacr", "lab.diabetes-ketones", ')) + OWN
    found = ruleset.read(text, BASE)
    assert [item.id for item in found.own] == ["lab.diabetes-ketones"]
    assert found.own[0].codes == (("http://loinc.org", "88888-8"),)
    again = ruleset.read(ruleset_text.write(found.table), BASE)
    assert again.own == found.own
    library = ruleset.with_rule_sets(BASE, [found])
    assert "lab.diabetes-ketones" in library.items
    assert "lab.diabetes-ketones" not in BASE.items
    assert library.floor is BASE.floor


@pytest.mark.parametrize(
    ("kind", "key", "system", "body"),
    [
        ("cond", "snomed", "snomed", charts.problem), ("proc", "snomed", "snomed", charts.procedure),
        ("med", "rxnorm", "rxnorm", charts.medicine), ("cond", "icd10cm", "icd-10-cm", charts.problem),
    ],
)  # fmt: skip
def test_an_item_of_its_own_is_found_on_a_chart(
    kind: str, key: str, system: str, body: Callable[[charts.Body], charts.Body]
) -> None:
    own = OWN.replace("own.lab.", f"own.{kind}.").replace('loinc = ["88888-8"]', f'{key} = ["Q88"]')
    own = own.replace('"loinc"', f'"{system}"').replace('"88888-8"', '"Q88"')
    text = changed(('"lab.uacr", ', f'"lab.uacr", "{kind}.diabetes-ketones", ')) + own
    library = ruleset.with_rule_sets(BASE, [ruleset.read(text, BASE)])
    coded = {"coding": [{"system": SYSTEMS[system], "code": "Q88"}], "text": "as sent"}
    chart = charts.chart([charts.patient(45), body(coded)])
    assert list(match(chart, library).values()) == [(f"{kind}.diabetes-ketones",)]
    assert not match(chart, BASE)


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        (changed(("interval_months = 6", "interval_month = 6")), 38, "unknown field `interval_month`"),
        (changed(("interval_months = 6", "interval_months = 0")), 38, "Expected `float` > 0"),
        (changed(("interval_months = 6", "interval_months = nan")), 38, "Expected `float`"),
        (changed(('"lab.uacr"', '"lab.nope"')), 23, "lab.nope is not in items/"),
        (changed((">= 7 %", "~ 7 %")), 37, "expected < or <="),
        (changed(("title =", "title")), 3, "not TOML"),
        (changed(('"E10", "E11", "E13", "R73.0"', '"E99", "R73.0"')), 12, "E99 has no row"),
        (changed(("words = [", "words = [5,")), 13, "Expected `str`, got `int`"),
        (changed(("version = 1", 'version = "1"')), 4, "Expected `int`, got `str`"),
        (changed(('"age >= 18"', '"' + "(" * 50 + "age >= 1" + ")" * 50 + '"')), 7, "nested too deeply"),
        (changed(('"age >= 18"', '"' + "not " * 60 + 'pregnant"')), 7, "nested too deeply"),
        (DIABETES + "\nx = " + "[" * 3000, 118, "nested too deeply"),
        (DIABETES + "\n" + "a." * 3000 + "b = 1", 118, "too many parts"),
        (DIABETES + OWN.replace("lab.diabetes-", "lab."), 1, "an item of this set is called"),
        (DIABETES + OWN.replace("88888-8", "4548-4"), 119, "4548-4 has a row already"),
        (DIABETES + OWN.replace('loinc = ["88888-8"]\n', ""), 118, "neither codes nor words"),
        (changed(("words = [", 'words = ["--",')), 13, "has no word in it"),
        (changed(("words = [", 'narrower_than = ["nothing"]\nwords = [')), 13, "narrower than 'nothing'"),
        ("", 1, "missing required field `id`"),
        ("x" * 300_000, 1, "longer than"),
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_refused_with_line_and_reason(
    text: str, line: int, words: str
) -> None:
    with pytest.raises(RuleSetInvalid) as refused:
        ruleset.read(text, BASE)
    assert words in refused.value.reason
    if words not in (
        "an item of this set is called",
        "neither codes nor words",
        "4548-4 has a row already",
    ):
        assert refused.value.line == line
    assert str(refused.value).startswith("line ")


def pack(*replacements: tuple[str, str]) -> Pack:
    return ruleset.read(changed(*replacements), BASE).pack


def told(*replacements: tuple[str, str]) -> list[str]:
    found = ruleset_words.difference(
        BASE.packs["diabetes"], pack(*replacements), BASE.items, BASE.items
    )
    return [one.text for one in found]


def test_a_difference_is_said_in_plain_words() -> None:
    assert told(("interval_months = 6", "interval_months = 4")) == ["HbA1c: due every 6 → 4 months"]
    assert told(('"lab.hdl", ', "")) == ["HDL cholesterol removed"]
    assert told(('"lab.creatinine", "lab.egfr", ', '"lab.egfr", "lab.creatinine", ')) == [
        "eGFR: place 3 → 2 of its list"
    ]
    assert told(('"vital.bmi", ', ""), ('"lab.hba1c", ', '"lab.hba1c", "vital.bmi", ')) == [
        "BMI: should-see → must-see"
    ]
    assert told(("lookback_months = 24", "lookback_months = 36")) == [
        "Creatinine: look back 24 → 36 months"
    ]
    assert told(("words = [\n", 'words = [\n    "sugar clinic",')) == [
        "recognised by words: sugar clinic added"
    ]


def test_a_rule_is_a_sentence() -> None:
    listed = BASE.packs["diabetes"].listed[0]
    said = ruleset_words.sentence(BASE.packs["diabetes"], listed, BASE.items)
    assert said.startswith(
        "For Diabetes follow-up, show HbA1c as must-see, look back 36 months, due every 6 months, or every 3 months when "
    )
    assert said.endswith(".")


def doubts(*replacements: tuple[str, str]) -> list[str]:
    found = ruleset.read(changed(*replacements), BASE)
    library = ruleset.with_rule_sets(BASE, [found])
    return [f"{one.item} {one.words}" for one in ruleset_checks.doubts(found.pack, library)]


def test_a_shipped_pack_without_fault_raises_no_doubt() -> None:
    assert doubts() == []


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("interval_months = 12", "interval_months = 30", "lab.creatinine due every 30 months but looks back only 24"),
        ('"has(E10)"', '"age >= 65 and age < 18"', "lab.tsh “age ≥ 65 and age < 18” can never hold"),
        ('"has(E10)"', '"sex is male and sex is female"', "can never hold"),
        ('"has(E10)"', '"has(E10) and not has(E10)"', "can never hold"),
        (">= 7 %", ">= 7 blobs", "the unit blobs"),
        ("months = 6 },", 'months = 6 },\n    { when = "latest(lab.egfr) < 60 or latest(lab.uacr) >= 30 mg/g", months = 3 },', "never holds"),
    ],
)  # fmt: skip
def test_doubts_are_said_with_their_item(old: str, new: str, words: str) -> None:
    assert any(words in one for one in doubts((old, new))), doubts((old, new))
