"""The page of one patient: what stands where, what it says, and that nothing is lost on the way."""

from __future__ import annotations

import random

import msgspec
import pytest

from clinical.reconcile import reconcile
from clinical.records import (
    Absent,
    Administration,
    FetchState,
    Patient,
    Record,
    SearchState,
    Section,
    SectionRecords,
)
from clinical.summary import Viewer, since, summarise
from clinical.summary.opened import left_out, opened
from clinical.summary.view_model import Block, LabRow, ListRow, Summary
from summary_app.templatetags.sparks import spark_line
from tests.clinical.reconcile.builders import (
    NOW,
    at,
    concept,
    lab,
    medication,
    patient,
    pressure,
    section,
    source,
)
from tests.clinical.summary import anna
from tests.clinical.summary.ranked import ranking


def block(found: Summary, key: str) -> Block:
    return next(b for b in found.blocks if b.key == key)


def row(found: Summary, key: str, name: str) -> LabRow:
    return next(r for r in block(found, key).rows if isinstance(r, LabRow) and r.name == name)


def words(entry: LabRow | ListRow) -> str:
    return entry.name if isinstance(entry, LabRow) else anna.text(entry.parts)


# ---- rows -----------------------------------------------------------------------------------------------------


def test_a_lab_row_says_value_flag_change_time_range_and_source() -> None:
    found = row(anna.summary(), "labs", "Potassium")
    assert (found.value, found.flag, found.level, found.unit) == ("5.9", "H", "ab", "mmol/L")
    assert (found.since, found.date, found.age, found.range) == (
        "+1.1",
        "today 08:10",
        "2 h",
        "3.5–5.1",
    )
    assert found.comment.startswith("Lab comment: “Specimen slightly haemolysed.”")
    assert found.sources == ("mercy/Observation/2", "mercy/Observation/1", "lakeside/Observation/1")


def test_a_value_above_its_own_range_without_a_word_of_the_laboratory_is_marked_calc() -> None:
    parts = [
        *anna.everything(),
        section(
            Section.LABS,
            lab(90, "Calcium", "17861-6", "11.9", "mg/dL", low="8.5", high="10.5"),
            search="more",
        ),
    ]
    found = row(
        anna.summary(parts, listing={**anna.LISTING, "Calcium": ("must", "lab.ca")}),
        "labs",
        "Calcium",
    )
    assert (found.flag, found.level, found.status) == ("H", "ab", "calc")


def test_no_range_is_said_and_never_coloured() -> None:
    found = row(anna.summary(), "labs", "LDL")
    assert (found.range, found.flag, found.level) == ("no range", "", "")
    assert found.spark is not None
    assert found.spark.band is None


def old_row(*when: str) -> LabRow:
    sodium = [lab(90 + n, "Sodium", "2951-2", "140", "mmol/L", at) for n, at in enumerate(when)]
    parts = [*anna.everything(), section(Section.LABS, *sodium, search="more")]
    listing = {**anna.LISTING, "Sodium": ("must", "lab.na")}
    return row(anna.summary(parts, listing=listing), "labs", "Sodium")


def test_a_trend_of_old_values_says_that_they_are_older_and_is_not_just_empty() -> None:
    two = old_row("2023-01-10T12:00:00Z", "2024-02-10T12:00:00Z").spark
    assert two is not None
    assert (two.words, two.older, two.dots) == ("2 values, all older than 24 months", True, ())
    one = old_row("2024-02-10T12:00:00Z").spark
    assert one is not None
    assert one.words == "one value, older than 24 months"
    assert 'class="oe"' in spark_line(one)


def test_a_trend_with_a_value_inside_its_time_is_not_called_older() -> None:
    near = old_row("2023-01-10T12:00:00Z", "2026-02-10T12:00:00Z").spark
    assert near is not None
    assert (near.older, near.words) == (False, "one value in this time")
    assert 'class="oe"' not in spark_line(near)


def test_an_old_blood_pressure_says_so_too() -> None:
    old = pressure(95, "150", "90", "2024-02-10T12:00:00Z")
    found = anna.summary([section(Section.PATIENT, patient()), section(Section.VITALS, old)],
                         listing={"Blood pressure": ("must", "vital.bp")})  # fmt: skip
    drawn = row(found, "vitals", "Blood pressure").spark
    assert drawn is not None
    assert drawn.words == "one value, older than 24 months"


def test_what_is_not_listed_is_counted_and_one_click_away() -> None:
    labs = block(anna.summary(), "labs")
    assert "Chloride" not in [words(r) for r in labs.rows]
    (group,) = labs.groups
    assert (group.label, group.count, group.abnormal) == (
        "1 not for this visit, 1 abnormal, none new",
        1,
        1,
    )


def test_a_group_with_something_new_and_abnormal_opens_by_itself() -> None:
    fresh = lab(91, "Lipase", "3040-3", "300", "U/L", "2026-11-20T09:00:00Z", flag="H")
    found = anna.summary([*anna.everything(), section(Section.LABS, fresh, search="more")])
    assert block(found, "labs").groups[0].open


def test_a_dose_that_differs_stands_in_the_row_and_in_attention() -> None:
    found = anna.summary()
    metformin = next(r for r in block(found, "medications").rows if "Metformin" in words(r))
    assert isinstance(metformin, ListRow)
    assert words(metformin) == "Metformin 1000 mg, 1 tablet twice daily"
    assert metformin.differs.startswith("Lakeside lists Metformin 500 mg")
    assert any(words(r) == "Metformin 1000 mg dose differs" for r in block(found, "attention").rows)


def test_two_current_entries_of_one_source_are_both_shown() -> None:
    extra = medication(50, "Apixaban 2.5 MG", "once daily", authored=at("2022-01-01"))
    found = anna.summary([*anna.everything(), section(Section.MEDICATIONS, extra, search="more")])
    apixaban = next(r for r in block(found, "medications").rows if "Apixaban 5" in words(r))
    assert isinstance(apixaban, ListRow)
    assert apixaban.lines[0] == "also Apixaban 2.5 mg, once daily"


def test_medicines_say_what_happened_since_the_last_visit() -> None:
    changed = [
        medication(60, "Lisinopril 10 MG", "daily", status="stopped", authored=at("2025-01-01")),
        medication(61, "Lisinopril 20 MG", "daily", authored=at("2026-09-01")),
        medication(
            62,
            "Glipizide 5 MG",
            "daily",
            status="stopped",
            authored=at("2024-01-01"),
            ends=at("2026-08-20"),
        ),
    ]
    found = anna.summary(
        [*anna.everything(), section(Section.MEDICATIONS, *changed, search="more")]
    )
    since = [words(r) for r in block(found, "since").rows]
    assert "Raised lisinopril 20 mg, was Lisinopril 10 mg" in since
    assert "Stopped glipizide 5 mg, daily" in since
    assert "Started dapagliflozin 10 mg" in since  # its dose stands in the list beside it


@pytest.mark.parametrize(
    ("status", "verb"),
    [("completed", "Completed"), ("cancelled", "Cancelled"), ("stopped", "Stopped")],
)
def test_a_course_that_was_completed_or_cancelled_was_not_stopped(status: str, verb: str) -> None:
    ended = medication(63, "Cefalexin 500 MG", "four times daily", status=status, authored=at("2026-09-01"), ends=at("2026-09-08"))  # fmt: skip
    found = anna.summary([*anna.everything(), section(Section.MEDICATIONS, ended, search="more")])
    since = [words(r) for r in block(found, "since").rows]
    assert f"{verb} cefalexin 500 mg, four times daily" in since


def test_no_earlier_visit_is_said_instead_of_no_change() -> None:
    found = anna.summary(viewer=Viewer())
    (only,) = block(found, "since").rows
    assert only.state is not None
    assert only.state.detail == "with you or your department"
    assert found.visit.last_seen == "Not seen here in the last 2 years"


def test_without_an_earlier_visit_no_heading_speaks_of_a_last_one() -> None:
    """Its heading also stands over the changes of the tables."""
    never = block(anna.summary(viewer=Viewer()), "since")
    assert (never.heading, since.column(never)) == ("Earlier visits", "Change")
    unread = anna.summary(anna.failed("mercy", Section.ENCOUNTERS), viewer=Viewer())
    assert "last" not in block(unread, "since").heading
    seen = block(anna.summary(), "since")
    assert since.column(seen) == seen.heading == "Since 12-Aug"


def test_absent_items_that_share_an_answer_share_a_line() -> None:
    gone = tuple(
        Absent(
            item=f"cond.x{n}",
            label=f"Problem {n}",
            kind="problem",
            importance="must",
            sections=(Section.PROBLEMS,),
        )
        for n in range(3)
    )
    rows = [r for r in block(anna.summary(absent=gone), "problems").rows if r.state is not None]
    assert [words(r) for r in rows] == ["Problem 0, Problem 1, Problem 2"]
    assert rows[0].state is not None
    assert (rows[0].state.word, rows[0].state.detail) == (
        "Nothing recorded",
        "at Mercy or Lakeside",
    )


def test_an_absent_lab_of_a_failed_source_is_not_retrieved() -> None:
    gone = (
        Absent(
            item="lab.uacr",
            label="UACR",
            kind="series",
            importance="must",
            sections=(Section.LABS,),
        ),
    )
    found = anna.summary(anna.without(anna.everything(), "lakeside", Section.LABS), absent=gone)
    state = row(found, "labs", "UACR").state
    assert state is not None
    assert state.word == "Not retrieved"
    assert state.detail.endswith("nothing recorded at Mercy")


def test_a_listed_lab_under_a_code_of_the_source_s_own_is_not_said_to_be_missing() -> None:
    """Nobody has matched "Estimated GFR": its row stands where eGFR would, and says so."""
    named = ("Estimated GFR (MDRD equation)", "Ferritin", "Lead [Mass/volume] in Blood")
    gone = tuple(
        Absent(
            item=f"lab.{label.lower()}",
            label=label,
            kind="series",
            importance="must",
            sections=(Section.LABS,),
        )
        for label in ("eGFR", "Ferritin", "Blood lead", "Phosphate", "TSH")
    )
    sent = [
        msgspec.structs.replace(
            lab(300 + n, when="2026-10-01T09:00:00Z"), concept=concept(name, f"7{n}", "urn:lab:own")
        )
        for n, name in enumerate(named)
    ]
    parts = [*anna.everything(), section(Section.LABS, *sent, search="own")]
    labs = block(anna.summary(parts, absent=gone), "labs")
    brought = {r.name: r for r in labs.rows if isinstance(r, LabRow) and "not matched" in r.status}
    assert set(brought) == {"eGFR", "Ferritin", "Lead"}
    assert all(r.value and r.sources and r.state is None for r in brought.values())
    missing = [words(r) for r in labs.rows if r.state is not None]
    assert "eGFR" not in " ".join(missing)
    assert "Ferritin" not in " ".join(missing)
    assert "lead" not in " ".join(missing)
    assert not any("Ferritin" in words(r) for group in labs.groups for r in group.rows)


def test_nurses_see_vitals_first() -> None:
    assert anna.summary().columns[1] == ("labs", "vitals", "reports")
    nurse = msgspec.structs.replace(anna.VIEWER, role="nurse")
    assert anna.summary(viewer=nurse).columns[1] == ("vitals", "labs", "reports")


def test_should_see_rows_that_do_not_fit_wait_in_one_group_of_their_block() -> None:
    many = [
        lab(200 + n, f"Test {n}", f"9{n:03d}-1", when="2026-10-01T09:00:00Z") for n in range(60)
    ]
    listing = {**anna.LISTING, **{f"Test {n}": ("should", f"lab.t{n}") for n in range(60)}}
    found = anna.summary(
        [*anna.everything(), section(Section.LABS, *many, search="more")], listing=listing
    )
    labs = block(found, "labs")
    waiting = labs.groups[0]
    assert "more for this visit" in waiting.label
    shown = {r.key for r in labs.rows} | {r.key for r in waiting.rows}
    assert len([k for k in shown if k.startswith("series-")]) >= 60


# ---- identity -------------------------------------------------------------------------------------------------


def strip_of(who: Patient) -> Summary:
    parts = [p for p in anna.everything() if p.state.section is not Section.PATIENT]
    return anna.summary([*parts, section(Section.PATIENT, who)])


def test_identity_is_family_given_title_and_dated() -> None:
    strip = anna.summary().strip
    assert (strip.name, strip.title, strip.born, strip.age, strip.sex) == (
        "TESTCASE, Anna",
        "Ms",
        "03-Feb-1958",
        "68 y",
        "Female",
    )
    assert strip.identifiers == (("MRN Mercy", "00123"),)


def test_what_is_unknown_says_not_known() -> None:
    strip = strip_of(patient(name=None, birth=None, sex="")).strip
    assert (strip.name, strip.born, strip.age, strip.sex) == (
        "Not known",
        "Not known",
        "",
        "Sex not known",
    )


def test_bands_for_test_data_death_and_inactive_records() -> None:
    found = strip_of(
        msgspec.structs.replace(
            patient(deceased=True, active=False), source=source("Patient/p1", test=True)
        )
    )
    assert [band.text for band in found.strip.bands] == [
        "TEST DATA",
        "DECEASED",
        "Record inactive at Mercy",
    ]


def test_a_merged_record_stops_the_page() -> None:
    found = strip_of(patient(replaced_by="Patient/77"))
    assert found.stop.startswith("This record was merged into Patient/77 at Mercy.")


# ---- the one-liner --------------------------------------------------------------------------------------------


def crowded() -> list[SectionRecords]:
    """So much of everything that not all of it fits."""
    extra: list[Record] = [
        medication(
            300 + n,
            f"Longnamedmedicine{n}withanevenlongername 100 MG",
            "twice daily",
            authored=at("2026-10-01"),
        )
        for n in range(12)
    ]
    return [*anna.everything(), section(Section.MEDICATIONS, *extra, search="more")]


def test_the_one_liner_opens_with_the_critical_result_and_never_drops_it() -> None:
    for parts in (anna.everything(), crowded()):
        text = anna.text(anna.summary(parts).one_liner)
        assert text.startswith(
            "Potassium 5.9 H today, critical, haemolysed sample. 68-year-old woman with type 2 diabetes"
        )
        assert len(text) <= 320
        assert text.endswith(".")


def test_the_least_urgent_clause_goes_first() -> None:
    text = anna.text(anna.summary(crowded()).one_liner)
    assert "A1c 8.9 → 8.1 % H" in text
    assert "Retinal exam" not in text


def test_every_clause_of_facts_carries_its_source() -> None:
    glue = {". ", ", ", ".", " with "}
    for part in anna.summary().one_liner:
        assert part.sources or part.text in glue or part.text.startswith("Since ")


# ---- plan -----------------------------------------------------------------------------------------------------


def test_the_last_plan_is_verbatim_dated_and_signed_off() -> None:
    plan = anna.summary().plan
    assert (
        plan.text
        == "Recheck BMP in 3 mo; if eGFR stable continue lisinopril 20 mg. Refer ophthalmology."
    )
    assert (plan.by, plan.date, plan.sources) == (
        "you",
        "12-Aug-2026",
        ("mercy/DocumentReference/1",),
    )


def test_a_note_without_a_plan_says_so() -> None:
    parts = []
    for part in anna.everything():
        notes = tuple(
            msgspec.structs.replace(r, attachments=())
            if r.source.reference.startswith("Document")
            else r
            for r in part.records
        )  # type: ignore[call-arg]
        parts.append(msgspec.structs.replace(part, records=notes))
    state = anna.summary(parts).plan.state
    assert state is not None
    assert state.word == "No plan section found"


# ---- the ledger -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("parts", [anna.everything(), crowded(), anna.mercy()])
def test_the_ledger_adds_up_entry_by_entry(parts: list[SectionRecords]) -> None:
    received = {(r.source.token) for part in parts for r in (*part.records, *part.not_shown)}
    assert sum(line.count for line in anna.summary(parts).ledger) == len(received)


def test_the_ledger_counts_what_is_abnormal_where_it_is() -> None:
    lines = {(line.section, line.reason): line for line in anna.summary().ledger}
    assert (
        lines["Results", "not for this visit"].count,
        lines["Results", "not for this visit"].abnormal,
    ) == (1, 1)
    assert lines["Problems", "inactive"].count == 1


# ---- opened and left out --------------------------------------------------------------------------------------


def test_an_opened_row_holds_every_value_entry_and_reason() -> None:
    chart = anna.chart()
    found = ranking(chart, anna.LISTING, floor=anna.FLOOR)
    key = next(s.key for s in chart.series if s.label == "Potassium")
    row_ = opened(chart, found, key, site=anna.SITE, viewer=anna.VIEWER, as_of=NOW)
    assert row_ is not None
    assert [(v.value, v.flag, v.source) for v in row_.values] == [
        ("5.9", "H", "Mercy"),
        ("4.8", "", "Mercy, Lakeside"),
    ]
    assert row_.chart is not None
    assert row_.chart.bands
    assert {m.as_sent for m in row_.members} >= {("lakeside", "Observation", "1")}
    assert row_.why[0].words == "listed as must"
    assert (
        opened(chart, found, "series-nothing", site=anna.SITE, viewer=anna.VIEWER, as_of=NOW)
        is None
    )


def test_what_was_left_out_is_everything_that_is_not_listed() -> None:
    chart = anna.chart()
    groups = left_out(
        chart,
        ranking(chart, anna.LISTING, floor=anna.FLOOR),
        site=anna.SITE,
        viewer=anna.VIEWER,
        as_of=NOW,
    )
    assert {g.label for g in groups} >= {"labs", "problems", "medications"}
    assert next(g for g in groups if g.label == "labs").abnormal == 1


# ---- determinism ----------------------------------------------------------------------------------------------


def test_shuffled_input_gives_the_same_page_byte_for_byte() -> None:
    expected = msgspec.json.encode(anna.summary(crowded()))
    for seed in range(40):
        parts = crowded()
        random.Random(seed).shuffle(parts)
        mixed = [
            msgspec.structs.replace(
                p, records=tuple(random.Random(seed).sample(p.records, len(p.records)))
            )
            for p in parts
        ]
        assert msgspec.json.encode(anna.summary(mixed)) == expected


def test_an_empty_chart_still_makes_a_page() -> None:
    chart = reconcile([], launch_server="mercy")
    found = summarise(chart, ranking(chart), states=(), site=anna.SITE, viewer=Viewer(), as_of=NOW)
    assert found.strip.name == "Not known"
    assert not found.complete
    assert all(not isinstance(r, LabRow) for b in found.blocks for r in b.rows)


# ---- the ED ---------------------------------------------------------------------------------------------------


def test_in_the_ed_the_day_since_arrival_leads() -> None:
    aspirin = Administration(
        source=source("MedicationAdministration/1"),
        concept=concept("Aspirin 324 MG"),
        status="completed",
        at=at("2026-11-23T14:40:00Z"),
    )
    parts = [*anna.everything(), section(Section.ADMINISTRATIONS, aspirin)]
    found = anna.summary(parts, setting="ed", started=at("2026-11-23T14:00:00Z"))
    since = block(found, "since")
    assert since.heading == "Since arrival"
    assert [words(r) for r in since.rows] == ["Given aspirin 324 mg", "Potassium 5.9 H"]
    assert found.columns[1] == ("clock", "labs", "vitals", "reports")
    assert block(found, "labs").aside == "24 hours"


def test_the_labs_say_how_far_back_they_were_asked_for() -> None:
    foot = block(anna.summary(), "labs").foot
    assert " results" in foot
    assert foot.endswith(" · 13 months, older only if the visit lists them")


def test_labs_of_which_the_whole_record_was_asked_for_do_not_say_so() -> None:
    asked = SearchState(
        server="mercy", search="labs.ever", section=Section.LABS, state=FetchState.OK_EMPTY
    )
    other = msgspec.structs.replace(asked, server="lakeside")
    more = [SectionRecords(state=one, records=()) for one in (asked, other)]
    assert "older" not in block(anna.summary([*anna.everything(), *more]), "labs").foot
