"""What the page says of the authored patients: the urgent first, the dangerous never left out, nothing twice."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import msgspec
import pytest

from clinical.pipeline import Built, build_summary
from clinical.records import Device, Due, FetchState, Observation, Report, Section
from clinical.summary import Viewer, absent_items, leading, ledger, reported, spark, studies
from clinical.summary.desk import Desk
from clinical.summary.states import States
from clinical.summary.view_model import LabRow, ListRow, Slot
from tests.clinical import authored

PATIENTS = authored.patients()
_CHARTS: dict[tuple[str, str], Built] = {}


def page(server: str, patient: str) -> Built:
    key = (server, patient)
    if key not in _CHARTS:
        _CHARTS[key] = authored.built(server, patient)
    return _CHARTS[key]


def said(built: Built) -> str:
    return "".join(part.text for part in built.summary.one_liner)


def slots(built: Built) -> dict[str, Slot]:
    return {slot.key: slot for slot in built.summary.safety}


def words(slot: Slot) -> str:
    return " · ".join(line.text for line in slot.lines)


def desk_of(built: Built) -> Desk:
    states = States(built.chart.states, authored.SITE, ZoneInfo(authored.SITE.zone), "")
    return Desk(
        built.chart,
        built.ranking,
        site=authored.SITE,
        viewer=built.viewer,
        as_of=authored.NOW,
        states=states,
    )


# ---- the one-liner ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("server", "patient"), PATIENTS)
def test_no_critical_result_is_left_out_of_the_one_liner(server: str, patient: str) -> None:
    built = page(server, patient)
    told = {token for part in built.summary.one_liner for token in part.sources}
    desk = desk_of(built)
    for entry in desk.on_floor("critical_values"):
        lead = (
            desk.urgent_point(entry).record
            if entry.kind == "series"
            else desk.items[entry.key].lead
        )
        assert lead.source.token in told, (entry.key, said(built))


@pytest.mark.parametrize(("server", "patient"), PATIENTS)
def test_it_opens_with_the_most_urgent_result_of_the_floor(server: str, patient: str) -> None:
    built = page(server, patient)
    desk = desk_of(built)
    urgent = [
        one
        for one in desk.on_floor("critical_values", "new_abnormal")
        if one.kind in ("series", "microbiology", "report")
        and (one.kind != "series" or desk.urgent_point(one) in desk.series[one.key].points)
    ]
    if urgent:
        first = built.summary.one_liner[0]
        assert first.href == f"#row-{urgent[0].key}", said(built)


@pytest.mark.parametrize(("server", "patient"), PATIENTS)
def test_it_is_never_longer_than_320_characters(server: str, patient: str) -> None:
    assert len(said(page(server, patient))) <= 320


@pytest.mark.parametrize(("server", "patient"), PATIENTS)
def test_nothing_it_says_is_cut(server: str, patient: str) -> None:
    assert "…" not in said(page(server, patient))


def test_a_pregnancy_that_only_a_test_says_is_told_right_after_what_opens_it() -> None:
    text = said(page("mercy", "epilepsy"))
    assert text.startswith("lamoTRIgine 2.4 L today, Pregnancy test, urine Positive POS today. 29-")


def test_a_pregnancy_of_the_problem_list_is_told_once() -> None:
    built = page("mercy", "ward-pregnant")
    _, others = leading.leading(desk_of(built))
    assert desk_of(built).on_floor("pregnancy")
    assert all("floor.pregnancy" not in one.floor for one in others)


def test_what_belongs_to_stable_copd_is_not_asked_for_in_a_flare_up_on_the_ward() -> None:
    ranking = page("mercy", "copd-hypercapnia").ranking
    assert ranking.visit.contexts == ("copd", "ward_round")
    measured = [one for one in ranking.ranked if "quest.fev1" in one.listed]
    assert measured
    assert all(one.due.state != "overdue" for one in measured)
    assert not {"quest.cat", "quest.mmrc"} & {one.item for one in ranking.absent}


def test_a_critical_culture_is_told_in_whole_statements() -> None:
    text = said(page("mercy", "ward-sepsis"))
    assert text.startswith(
        "Blood culture Gram-positive cocci in clusters, bottle 1 of 2 "
        "25-Nov 22:20, preliminary, more in its row"
    )


def test_new_abnormal_results_of_the_night_still_open_the_page_in_the_morning() -> None:
    assert "Leukocytes 14.9 H 25-Nov 21:20" in said(page("mercy", "ward-sepsis"))


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        (("Escherichia coli", "“Sensitive.”"), ("Escherichia coli", "“Sensitive.”")),
        (("Escherichia coli", f"“{'Sensitive ' * 6}”"), ("Escherichia coli",)),
        ((f"No growth {'of anything ' * 5}except Candida",), ()),
        (("",), ()),
    ],
)
def test_a_statement_stands_whole_or_not_at_all(
    sent: tuple[str, ...], told: tuple[str, ...]
) -> None:
    assert leading.whole(sent) == told


def test_some_authored_patients_have_critical_results() -> None:
    """The bar above is about something."""
    with_critical = [one for one in PATIENTS if desk_of(page(*one)).on_floor("critical_values")]
    assert len(with_critical) >= 4


@pytest.mark.parametrize("server", authored.SERVERS)
def test_the_potassium_of_today_opens_it(server: str) -> None:
    built = page(server, "t2dm-ckd")
    assert said(built).startswith(
        "Potassium 5.9 H today, preliminary, haemolysed sample. 68-year-old"
    )
    attention = next(block for block in built.summary.blocks if block.key == "attention")
    first = attention.rows[0]
    assert isinstance(first, ListRow)
    assert first.glyph == "alert"
    assert "".join(part.text for part in first.parts).startswith("Potassium 5.9 H")


def test_a_result_that_the_visit_lists_as_an_examination_is_a_row_without_a_report() -> None:
    built = page("mercy", "iron-deficiency")
    stool = "lakeside/Observation/iron-deficiency-find-hemoglobin-gastr"
    labs = next(block for block in built.summary.blocks if block.key == "labs")
    listed = [one for one in labs.groups if one.label.endswith("more for this visit")]
    shown = [*labs.rows, *(row for group in listed for row in group.rows)]
    assert any(isinstance(one, LabRow) and stool in one.sources for one in shown)


def test_the_disease_of_the_visit_comes_before_states() -> None:
    text = said(page("mercy", "t2dm-ckd"))
    assert "woman with type 2 diabetes" in text
    assert "long term" not in text
    assert "presence of" not in text


def test_a_value_of_the_future_leads_nothing() -> None:
    built = page("mercy", "traps")
    assert "otassium" not in said(built)
    attention = next(block for block in built.summary.blocks if block.key == "attention")
    listed = [one for one in attention.rows if isinstance(one, ListRow)]
    told = ["".join(part.text for part in one.parts) for one in listed]
    assert any("Potassium" in one and "6.4" in one for one in told), told
    assert not desk_of(built).on_floor("critical_values")


def test_nothing_is_due_after_death() -> None:
    built = page("mercy", "deceased")
    assert "overdue" not in said(built)
    assert not [one for one in built.ranking.ranked if one.due.state in ("due", "overdue")]
    assert not [one for one in built.ranking.absent if one.due.words.startswith("never")]


# ---- the safety line --------------------------------------------------------------------------------------------


def test_a_drug_and_its_long_term_use_are_one_line() -> None:
    slot = slots(page("mercy", "t2dm-ckd"))["anticoagulant"]
    assert slot.lines[0].text.startswith("Apixaban")
    assert "Long term" not in words(slot)
    tokens = {token for line in slot.lines for token in line.sources}
    conditions = {one for one in tokens if "Condition" in one}
    assert conditions, "the restating problem is a source of the line"


def test_a_device_and_its_presence_are_one_line() -> None:
    slot = slots(page("mercy", "t2dm-ckd"))["implant"]
    assert "Presence" not in words(slot)
    assert "pacemaker" in words(slot)


def test_antiplatelets_are_not_called_anticoagulants() -> None:
    found = slots(page("mercy", "preop-knee"))
    assert found["antiplatelet"].label == "Dual antiplatelet"
    assert "Clopidogrel" in words(found["antiplatelet"])
    assert not any(line.text for line in found["anticoagulant"].lines)
    beside = slots(page("mercy", "ed-chest-pain"))
    assert beside["antiplatelet"].label == "Antiplatelet with it"
    assert "Rivaroxaban" in words(beside["anticoagulant"])
    assert "Clopidogrel" not in words(beside["anticoagulant"])


def test_a_fall_risk_is_no_self_harm() -> None:
    found = slots(page("mercy", "ward-sepsis"))
    assert "fall risk" in words(found["flags"])
    assert "self-harm" not in found
    assert "fall" not in words(found["isolation"]).lower()
    assert "isolation" not in words(found["flags"]).lower()


def test_a_suicide_risk_flag_is_self_harm() -> None:
    found = slots(page("lakeside", "depression"))
    assert "Suicide risk" in words(found["self-harm"])
    assert "flags" not in found


def test_what_lies_on_or_beside_the_patient_is_no_implant() -> None:
    assert "pressure" not in words(slots(page("mercy", "preop-knee"))["implant"])
    assert "catheter" not in words(slots(page("mercy", "ward-sepsis"))["implant"])


def test_a_catheter_in_place_is_never_told_as_none() -> None:
    """Each device is a row of its own: of two catheters neither is the earlier one of the other."""
    exams = next(
        block for block in page("mercy", "ward-sepsis").summary.blocks if block.key == "exams"
    )
    rows = [*exams.rows, *(row for group in exams.groups for row in group.rows)]
    told = [row.parts[0].text for row in rows if isinstance(row, ListRow)]
    assert "Urinary catheter 16 Fr" in told
    assert "Peripheral intravenous catheter 20 G" in told
    assert not [text for text in told if "Lines, drains" in text]


@pytest.mark.parametrize(
    ("status", "said_of_it"),
    [("active", ""), ("inactive", "inactive"), ("", "status not stated")],
)
def test_a_device_that_is_not_active_says_so(status: str, said_of_it: str) -> None:
    (first, *_) = page("mercy", "ward-sepsis").chart.devices
    assert isinstance(first.lead, Device)
    assert studies.finding(msgspec.structs.replace(first.lead, status=status)) == said_of_it


def test_an_anticoagulant_is_one_line_with_why_since_when_and_what_it_is_watched_by() -> None:
    apixaban = slots(page("mercy", "t2dm-ckd"))["anticoagulant"]
    told = words(apixaban)
    assert "Atrial fibrillation" in told
    assert "2023" in told
    assert "eGFR 44 L" in told
    assert "INR 5.4 HH" in words(slots(page("mercy", "af-warfarin"))["anticoagulant"])


# ---- since the last visit, the last plan, referrals ----------------------------------------------------------------


def since(built: Built) -> list[str]:
    (found,) = [block for block in built.summary.blocks if block.key == "since"]
    rows_of = [*found.rows, *(row for group in found.groups for row in group.rows)]
    return ["".join(part.text for part in row.parts) for row in rows_of if isinstance(row, ListRow)]


def test_what_the_last_visit_decided_is_part_of_what_changed() -> None:
    told = since(page("mercy", "t2dm-ckd"))
    assert "Started naproxen 500 mg" in told
    assert "Started dapagliflozin 10 mg" in told
    assert "Raised lisinopril 20 mg, was Lisinopril 10 mg" in told
    assert any(one.startswith("Stopped glipizide") for one in told)
    assert any("18 units" in one and "was Inject 14 units" in one for one in told)
    assert any(one.startswith("ED visit, Lakeside") for one in told)


def test_half_a_tablet_more_is_not_called_lowered_or_raised() -> None:
    told = since(page("mercy", "heart-failure"))
    assert any(one.startswith("Changed spironolactone") for one in told)
    assert any(one.startswith("Raised sacubitril") for one in told)


def test_no_change_is_said() -> None:
    quiet = Viewer(last_seen=authored.NOW, last_seen_by="you")
    built = build_summary(
        authored.sections("mercy", "deceased"),
        site=authored.SITE,
        viewer=quiet,
        library=authored.LIBRARY,
        launch_server="mercy",
        encounter_id="",
        as_of=authored.NOW,
    )
    assert since(built) == ["No change in what was retrieved"]


def test_in_the_ed_a_result_is_told_by_its_value_and_once() -> None:
    told = since(page("mercy", "ed-chest-pain"))
    assert told[0] == "Troponin I.cardiac, high sensitivity 96 HH"
    assert not [one for one in told if one == "Troponin I.cardiac"]
    assert any("ST depression" in one for one in told)


@pytest.mark.parametrize(
    ("patient", "by", "starts"),
    [
        ("t2dm-ckd", "you", "Recheck BMP in 3 mo"),
        ("ed-chest-pain", "Casey Placeholder, MD", "Rivaroxaban plus clopidogrel"),
        ("preop-knee", "you", "Right total knee replacement"),
    ],
)
def test_the_last_plan_is_word_for_word_dated_and_linked(
    patient: str, by: str, starts: str
) -> None:
    plan = page("mercy", patient).summary.plan
    assert plan.by == by
    assert plan.date
    assert plan.text.startswith(starts)
    assert "DocumentReference" in plan.sources[0]


def test_no_plan_section_is_said() -> None:
    plan = page("mercy", "traps").summary.plan
    assert plan.state is not None
    assert plan.state.word == "No plan section found"


@pytest.mark.parametrize(
    ("server", "patient", "words_of"),
    [
        ("mercy", "t2dm-ckd", "Referral to ophthalmology 14-Aug, ordered, no report linked"),
        ("lakeside", "depression", "Referral to psychotherapy 11-Jun, completed"),
    ],
)
def test_a_referral_says_how_it_stands(server: str, patient: str, words_of: str) -> None:
    told = [
        "".join(part.text for part in row.parts) for row in page(server, patient).summary.history
    ]
    assert any(words_of in one for one in told)


# ---- what is not there ------------------------------------------------------------------------------------------


def test_what_was_not_asked_for_is_not_called_nothing() -> None:
    built = page("mercy", "t2dm-ckd")
    absent = built.ranking.absent[0]
    unasked = msgspec.structs.replace(
        absent, due=Due(state="unknown", words="older ones were not asked for")
    )
    state = absent_items.state(desk_of(built), unasked)
    assert state.word == "None in the last 13 months"
    assert state.detail == "older ones were not asked for"
    never = msgspec.structs.replace(absent, due=Due(state="never", words="never recorded"))
    assert absent_items.state(desk_of(built), never).word == "Nothing recorded"


def _without_value(*failed: str) -> Built:
    """The chest pain of the ED as sources answer whose ejection fraction stands in the words of its report only."""
    parts = []
    for part in authored.sections("mercy", "ed-chest-pain"):
        records = tuple(
            one
            for one in part.records
            if not (isinstance(one, Observation) and "Ejection" in one.concept.text)
        )
        state = part.state
        if state.section in failed and state.server == "mercy":
            state = msgspec.structs.replace(state, state=FetchState.FAILED)
        parts.append(msgspec.structs.replace(part, records=records, state=state))
    return build_summary(
        parts,
        site=authored.SITE,
        viewer=authored.VIEWER,
        library=authored.LIBRARY,
        launch_server="mercy",
        encounter_id="visit-ed-chest-pain",
        as_of=authored.NOW,
    )


def _ejection(built: Built) -> LabRow | ListRow:
    (block,) = [one for one in built.summary.blocks if one.key == "vitals"]
    (row,) = [one for one in block.rows if one.state and "ejection" in name_of(one).lower()]
    return row


def name_of(row: LabRow | ListRow) -> str:
    return row.name if isinstance(row, LabRow) else "".join(part.text for part in row.parts)


def test_what_a_report_says_is_not_called_nothing() -> None:
    row = _ejection(_without_value())
    assert row.state is not None
    assert row.state.word == "In report"
    assert row.state.detail == "Transthoracic echocardiogram 15-May"
    assert row.sources[0].startswith("mercy/DiagnosticReport/")
    assert "45" not in f"{row.state.word} {row.state.detail}"


def test_beside_a_failed_source_the_report_is_named_and_the_failure_leads() -> None:
    row = _ejection(_without_value(Section.SURVEYS, Section.VITALS, Section.LABS))
    assert row.state is not None
    assert row.state.word == "Not retrieved"
    assert row.state.detail.endswith("in report: Transthoracic echocardiogram 15-May")


def test_a_report_that_does_not_name_it_is_not_pointed_to() -> None:
    built = _without_value()
    absent = next(one for one in built.ranking.absent if one.item == "quest.lvef")
    silent = [
        msgspec.structs.replace(
            item,
            members=tuple(
                msgspec.structs.replace(one, conclusion="Reflux. Anterior hypokinesis.")
                if isinstance(one, Report)
                else one
                for one in item.members
            ),
        )
        for item in built.chart.reports
    ]
    chart = msgspec.structs.replace(built.chart, reports=tuple(silent))
    desk = desk_of(msgspec.structs.replace(built, chart=chart))
    assert absent_items.state(desk, absent).word == "Nothing recorded"


def test_the_measures_and_exams_of_the_table_are_items_of_the_library() -> None:
    for item, measure in reported.measures().items():
        assert item in authored.LIBRARY.items
        assert measure.exams <= set(authored.LIBRARY.items)


# ---- in a bed and in the ED -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("patient", "expected"),
    [
        ("ward-gi-bleed", "81-year-old man; here for gastrointestinal hemorrhage"),
        ("ed-chest-pain", "infarction, past; here for chest pressure"),
        ("ward-ketoacidosis", "47-year-old man; here for type 1 diabetes with ketoacidosis"),
        ("ward-heart-failure", "72-year-old woman with acute on chronic diastolic heart failure"),
    ],
)
def test_the_reason_of_a_stay_is_told_once(patient: str, expected: str) -> None:
    text = said(page("mercy", patient))
    assert expected in text
    assert text.count("here for") <= 1


def test_a_clinic_visit_is_said_in_the_visit_bar_only() -> None:
    assert "here for" not in said(page("mercy", "t2dm-ckd"))


def test_somebody_who_lies_here_is_not_called_not_seen_here() -> None:
    built = page("mercy", "ward-heart-failure")
    assert built.summary.visit.last_seen == "No visit here before this one in the last 2 years"
    assert "no visit here before this one in 2 years" in said(built)
    stays = "".join(part.text for part in built.summary.visit.stays)
    assert stays == "No other hospital stay or ED visit in the last 2 years"


@pytest.mark.parametrize(("server", "patient"), PATIENTS)
def test_entries_are_counted_after_everything_that_shows_one(
    server: str, patient: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Notes of the last plan and stays in the visit bar are shown: the ledger must not call them anything else."""
    seen: list[tuple[Desk, spark.Window]] = []
    build = ledger.build

    def noted(desk: Desk, window: spark.Window) -> object:
        seen.append((desk, window))
        return build(desk, window)

    monkeypatch.setattr(ledger, "build", noted)
    counted = authored.built(server, patient).summary.ledger
    (last,) = seen
    assert build(*last)[0] == counted
