"""Find anything: sixty phrasings, typing errors, honest answers when nothing is there."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import msgspec
import pytest

from clinical.reconcile import reconcile
from clinical.reconcile.chart import section_of
from clinical.records import (
    CarePlan,
    Component,
    Consent,
    Document,
    Encounter,
    FamilyHistory,
    FetchState,
    Immunization,
    Order,
    Reaction,
    Record,
    Report,
    Section,
    Value,
)
from clinical.summary import opened, terms
from clinical.summary.finder import Finder, Found
from tests.clinical.reconcile.builders import (
    NOW,
    allergy,
    at,
    concept,
    lab,
    medication,
    patient,
    section,
    source,
)
from tests.clinical.summary.anna import SITE, VIEWER
from tests.clinical.summary.ranked import ranking

PHRASES: dict[str, str] = tomllib.loads(
    Path(__file__).with_name("phrases.toml").read_text(encoding="utf-8")
)["phrases"]

# Every analyte asked for, and others that could be taken for it.
SERIES = (
    ("2823-3", "Potassium [Moles/volume] in Serum or Plasma"),
    ("2828-2", "Potassium [Moles/volume] in Urine"),
    ("2951-2", "Sodium [Moles/volume] in Serum or Plasma"),
    ("2955-3", "Sodium [Moles/volume] in Urine"),
    ("2160-0", "Creatinine [Mass/volume] in Serum or Plasma"),
    ("2161-8", "Creatinine [Mass/volume] in Urine"),
    ("98979-8", "Glomerular filtration rate/1.73 sq M.predicted (CKD-EPI 2021)"),
    ("3094-0", "Urea nitrogen [Mass/volume] in Serum or Plasma"),
    ("2345-7", "Glucose [Mass/volume] in Serum or Plasma"),
    ("5792-7", "Glucose [Mass/volume] in Urine by Test strip"),
    ("4548-4", "Hemoglobin A1c/Hemoglobin.total in Blood"),
    ("718-7", "Hemoglobin [Mass/volume] in Blood"),
    ("6690-2", "Leukocytes [#/volume] in Blood by Automated count"),
    ("777-3", "Platelets [#/volume] in Blood by Automated count"),
    ("6301-6", "INR in Platelet poor plasma by Coagulation assay"),
    ("33762-6", "Natriuretic peptide.B prohormone N-Terminal [Mass/volume] in Serum or Plasma"),
    ("89579-7", "Troponin I.cardiac [Mass/volume] in Serum or Plasma by High sensitivity method"),
    ("3016-3", "Thyrotropin [Units/volume] in Serum or Plasma"),
    ("13457-7", "Cholesterol in LDL [Mass/volume] in Serum or Plasma by calculation"),
    ("2093-3", "Cholesterol [Mass/volume] in Serum or Plasma"),
    ("1742-6", "Alanine aminotransferase [Enzymatic activity/volume] in Serum or Plasma"),
    ("1988-5", "C reactive protein [Mass/volume] in Serum or Plasma"),
    ("9318-7", "Albumin/Creatinine [Mass Ratio] in Urine"),
    ("1751-7", "Albumin [Mass/volume] in Serum or Plasma"),
    ("8867-4", "Heart rate"),
    ("8310-5", "Body temperature"),
    ("29463-7", "Body weight"),
    ("59408-5", "Oxygen saturation in Arterial blood by Pulse oximetry"),
    ("85354-9", "Blood pressure panel with all children optional"),
)
MEDICINES = (
    "furosemide 40 MG Oral Tablet",
    "apixaban 5 MG Oral Tablet",
    "atorvastatin 40 MG Oral Tablet",
    "metoprolol succinate 50 MG Oral Tablet",
    "metformin hydrochloride 500 MG Oral Tablet",
    "fluticasone propionate 0.05 MG/ACTUAT Nasal Spray",
)


def _records() -> list[Record]:
    found: list[Record] = [patient()]
    found += [lab(f"s{place}", label, code) for place, (code, label) in enumerate(SERIES)]
    found += [medication(f"m{place}", text) for place, text in enumerate(MEDICINES)]
    found.append(allergy("a1", text="Penicillin"))
    found.append(
        Immunization(
            source=source("Immunization/i1"),
            concept=concept("Influenza, seasonal, injectable"),
            status="completed",
            given=at("2026-10-01"),
        )
    )
    found.append(
        Report(
            source=source("DiagnosticReport/r1"),
            concept=concept("Echocardiogram, transthoracic"),
            status="final",
            conclusion="LVEF 55 %, left atrium mildly enlarged",
            taken=at("2026-03-04"),
        )
    )
    found.append(
        Document(
            source=source("DocumentReference/d1"),
            concept=concept("Progress note"),
            status="current",
            description="Spoke about a trip to Lisbon and sunburn",
            written=at("2026-08-12"),
        )
    )
    return found


def finder(records: list[Record], *, failed: Section | None = None) -> Finder:
    grouped: dict[Section, list[Record]] = {Section.LABS: []}
    for record in records:
        grouped.setdefault(section_of(record), []).append(record)
    sections = [section(name, *found) for name, found in grouped.items()]
    if failed is not None:
        sections.append(
            section(failed, search="again", state=FetchState.FAILED, reason="server error")
        )
    chart = reconcile(sections, launch_server="mercy")
    desk = opened.desk_for(chart, ranking(chart), site=SITE, viewer=VIEWER, as_of=NOW)
    return Finder(desk)


@pytest.fixture(scope="module")
def whole() -> Finder:
    return finder(_records())


def _first(whole: Finder, found: Found) -> tuple[str, Any]:
    key = found.hits[0].row.key
    return key, whole.desk.series.get(key) or whole.desk.items[key]


def test_sixty_phrasings_were_written_down() -> None:
    assert len(PHRASES) == 60


@pytest.mark.parametrize(("phrase", "wanted"), PHRASES.items(), ids=list(PHRASES))
def test_the_right_fact_comes_first(whole: Finder, phrase: str, wanted: str) -> None:
    found = whole.find(phrase)
    assert found.hits, f"{phrase!r} found nothing"
    _, entry = _first(whole, found)
    how, _, value = wanted.partition(":")
    if how == "loinc":
        assert value in {code for _, code in entry.codes}, entry.label
    elif how == "kind":
        assert entry.kind == value
    else:
        assert value in entry.label.lower(), entry.label


def test_a_result_stands_in_the_list_with_value_and_trend(whole: Finder) -> None:
    row = whole.find("potassium").hits[0].row
    assert row.value == "4.2"  # type: ignore[union-attr]
    assert row.spark is not None  # type: ignore[union-attr]


def test_what_the_visit_left_out_is_found_and_says_so(whole: Finder) -> None:
    hit = whole.find("tsh").hits[0]
    assert hit.left_out
    assert hit.where == "left out: not listed for Diabetes follow-up"


def test_a_word_inside_a_note_is_found_with_its_surroundings(whole: Finder) -> None:
    hit = whole.find("lisbon").hits[0]
    assert "trip to lisbon" in hit.snippet
    assert hit.about == "note"


def test_nothing_on_record_is_not_the_same_as_not_retrieved() -> None:
    records: list[Record] = [patient(), allergy("a1", text="Penicillin")]
    empty = finder(records).find("ferritin")
    failed = finder(records, failed=Section.LABS).find("ferritin")
    assert not empty.hits
    assert not failed.hits
    assert empty.states[0].word != "Not retrieved"
    assert failed.states[0].word == "Not retrieved"


def test_a_word_nobody_knows_is_answered_with_what_was_searched(whole: Finder) -> None:
    found = whole.find("zzyzx")
    assert not found.hits
    assert "zzyzx" in found.words


def test_an_empty_query_finds_nothing(whole: Finder) -> None:
    assert whole.find("  ") == Found(query="  ")


def test_every_word_of_the_table_stands_for_few_terms() -> None:
    """One word, one meaning, but for those that clinicians themselves use for two things."""
    several = {word for word, found in terms.by_word().items() if len(found) > 1}
    assert several <= {"pcv"}


def test_a_visit_says_what_it_was_when_and_why() -> None:
    stay = Encounter(
        source=source("Encounter/7"),
        status="finished",
        class_code="EMER",
        reasons=(concept("Fall on same level"),),
        period=at("2026-10-02"),
    )
    chart = reconcile(
        [section(Section.PATIENT, patient()), section(Section.ENCOUNTERS, stay)],
        launch_server="mercy",
    )
    ranked = ranking(chart, {})
    desk = opened.desk_for(chart, ranked, site=SITE, viewer=VIEWER, as_of=NOW)
    (hit,) = Finder(desk).find("fall").hits
    assert "".join(part.text for part in hit.row.parts) == "ED visit: Fall on same level"
    assert hit.row.when.startswith("02-Oct")


@pytest.mark.parametrize(
    ("typed", "label"),
    [
        ("sulfa", "sulfonamide antibiotic class"),
        ("sulfa", "Bactrim DS"),
        ("pcn", "Penicillin G"),
        ("PCN allergy", "Amoxicillin"),
    ],
)
def test_an_allergy_is_found_under_the_short_word_for_its_group(typed: str, label: str) -> None:
    others: list[Record] = [allergy("a2", text="Ferrous sulfate", code="24947"), medication("m1", "magnesium sulfate 1 GM")]  # fmt: skip
    found = finder([patient(), allergy("a1", text=label), *others]).find(typed)
    assert found.hits[0].about == "allergy"
    assert found.hits[0].row.parts[0].text.lower() == label.lower()  # type: ignore[union-attr]


def test_what_a_relative_had_is_found_and_named_also_where_the_word_is_that_of_a_result() -> None:
    aunt = FamilyHistory(
        source=source("FamilyMemberHistory/1"),
        relationship="aunt",
        status="completed",
        conditions=((concept("Polycystic kidney disease"), "at 44 y"),),
    )
    (hit,) = finder([patient(), aunt]).find("kidney").hits
    assert (hit.about, hit.where, hit.left_out) == ("family history", "on this page", False)
    assert hit.row.parts[0].text == "aunt: polycystic kidney disease (at 44 y)"  # type: ignore[union-attr]


@pytest.mark.parametrize("typed", ["DNR", "code status", "cpr"])
@pytest.mark.parametrize("words", ["Do not attempt resuscitation", "No CPR, allow natural death"])
def test_the_code_status_is_found_under_its_usual_words(typed: str, words: str) -> None:
    order = Order(source=source("ServiceRequest/1"), concept=concept(words), status="active")
    records: list[Record] = [patient(), order, allergy("a1", text="Penicillin")]
    hit = finder(records).find(typed).hits[0]
    assert (hit.about, hit.row.parts[0].text) == ("order", words)  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "section_failed", [Section.FLAGS, Section.DOCUMENTS, Section.ORDERS, Section.CONSENTS]
)
def test_no_code_status_is_not_said_over_a_section_that_failed(section_failed: Section) -> None:
    found = finder([patient()], failed=section_failed).find("dnr")
    assert not found.hits
    assert found.states[0].word == "Not retrieved"


def test_a_consent_is_found_under_the_usual_words_of_code_status() -> None:
    will = Consent(source=source("Consent/1"), concept=concept("Living will"), status="active")
    hit = finder([patient(), will]).find("dnr").hits[0]
    assert (hit.about, hit.row.parts[0].text) == ("consent", "Living will")  # type: ignore[union-attr]


def test_what_is_left_out_names_a_relative_with_what_they_had_and_when_an_entry_changed() -> None:
    told = FamilyHistory(
        source=source("FamilyMemberHistory/2"),
        relationship="sister",
        status="completed",
        conditions=((concept("Lupus"), ""),),
    )
    result = lab("s1", "Ferritin", "2276-4")
    dated = msgspec.structs.replace(result.source, updated="2026-11-12T15:29:58.597+00:00")
    result = msgspec.structs.replace(result, source=dated)
    chart = finder([patient(), told, result]).desk.chart
    more: dict[str, Any] = {"site": SITE, "viewer": VIEWER, "as_of": NOW}
    groups = {group.label: group for group in opened.left_out(chart, ranking(chart), **more)}
    (row,) = groups["other"].rows
    assert row.parts[0].text == "sister: lupus"  # type: ignore[union-attr]
    shown = opened.opened(chart, ranking(chart), chart.series[0].key, **more)
    assert shown is not None
    assert [member.updated for member in shown.members] == ["12-Nov-2026 09:29"]


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        ({"title": "Heart failure pathway"}, "Care plan: Heart failure pathway, active"),
        (
            {"category": "assess-plan", "description": "Recheck potassium\n in 3 months."},
            "Care plan: assessment and plan; Recheck potassium in 3 months., active",
        ),
        (
            {"category": "736376001", "activities": ("Diet", "Exercise", "Foot care", "Eye exam")},
            "Care plan: Diet; Exercise; Foot care; 1 more, active",
        ),
        ({"category": "736376001"}, "Care plan, no title sent, active"),
    ],
)
def test_a_care_plan_that_is_left_out_says_what_is_known_of_it(
    sent: dict[str, Any], told: str
) -> None:
    plan = CarePlan(source=source("CarePlan/1"), status="active", period=at("2026-08-12"), **sent)
    chart = finder([patient(), plan]).desk.chart
    more: dict[str, Any] = {"site": SITE, "viewer": VIEWER, "as_of": NOW}
    groups = {group.label: group for group in opened.left_out(chart, ranking(chart), **more)}
    (row,) = groups["other"].rows
    assert row.parts[0].text == told  # type: ignore[union-attr]
    assert row.when == "12-Aug, Mercy"
    shown = opened.opened(chart, ranking(chart), row.key, **more)
    assert shown is not None
    assert shown.heading == sent.get("title", told)


def test_a_care_plan_without_a_title_is_found_by_what_is_to_be_done() -> None:
    plan = CarePlan(source=source("CarePlan/1"), status="active", activities=("Breathing drill",))
    (hit,) = finder([patient(), plan]).find("breathing").hits
    assert hit.about == "care plan"


def test_the_words_of_a_reaction_and_of_a_part_of_an_answer_are_found() -> None:
    rash = Reaction(manifestations=(concept("Blistering rash"),), text="after the second dose")
    part = Component(concept=concept("Drug"), value=Value(concept=concept("Ketamine")))
    answer = msgspec.structs.replace(
        lab("s1", "Substance use", "11343-1", None), components=(part,)
    )
    whole = finder([patient(), allergy("a1", text="Cefaclor", reactions=(rash,)), answer])
    for typed, about in (
        ("blister", "allergy"),
        ("second dose", "allergy"),
        ("ketamine", "result"),
    ):
        (hit,) = whole.find(typed).hits
        assert hit.about == about
        assert typed in hit.snippet
