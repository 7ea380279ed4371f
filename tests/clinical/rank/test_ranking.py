"""The ranking: everything once, a reason for every point, what is due, what is not there, and no luck in the order."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import Any

import msgspec
import pytest

from clinical import rank
from clinical.rank.matching import ITEM_FIELDS, entries
from clinical.rank.results import change
from clinical.records import Chart, Due, FetchState, Ranked, Ranking, Section, Visit
from tests.clinical.rank.charts import (
    NOW,
    Body,
    chart,
    concept,
    day,
    encounter,
    immunization,
    medicine,
    observation,
    patient,
    problem,
    procedure,
)

LIBRARY = rank.load()
LAST = NOW - timedelta(days=90)


def visit(*contexts: str, setting: str = "clinic") -> Visit:
    titles = tuple(LIBRARY.packs[one].title for one in contexts)
    return Visit(contexts=contexts, titles=titles, basis="", sure=True, setting=setting)  # type: ignore[arg-type]


def ranked(
    made: Chart, *contexts: str, last_seen: datetime | None = LAST, role: str = "physician"
) -> Ranking:
    return rank.rank(
        made, visit=visit(*contexts), library=LIBRARY, last_seen=last_seen, role=role, as_of=NOW
    )


def lab(code: str, value: float | None, unit: str, ago: float, **more: Any) -> Body:
    return {**observation(concept("loinc", code, "as sent"), value, unit, ago=ago), **more}


def of(found: Ranking, name: str) -> Ranked:
    return next(one for one in found.ranked if name in one.listed)


def due(found: Ranking, name: str) -> Due:
    return next((one.due for one in found.ranked if name in one.listed and one.due.state), Due())


def failed(made: Chart, *sections: Section) -> Chart:
    states = tuple(
        msgspec.structs.replace(one, state=FetchState.FAILED) if one.section in sections else one
        for one in made.states
    )
    return msgspec.structs.replace(made, states=states)


RICH = (
    patient(60), encounter(None),
    lab("4548-4", 8.1, "%", 20), lab("4548-4", 7.2, "%", 200), lab("2160-0", 1.1, "mg/dL", 20),
    lab("33914-3", 55, "mL/min/{1.73_m2}", 20), lab("785-6", 30, "pg", 20), lab("9999999-4", 1, "", 20),
    medicine(concept(text="metformin 500 mg")), medicine(concept(text="loratadine 10 mg")),
    medicine(concept("rxnorm", "11289", "warfarin 5 mg")),
    problem(concept("icd-10-cm", "E11.9", "Type 2 diabetes")), problem(concept("icd-10-cm", "M54.5", "Low back pain")),
    lab("3016-3", 2.0, "m[IU]/L", 20), lab("13457-7", 100, "mg/dL", 20), procedure(concept(text="Diabetic foot exam"), ago=100), immunization(concept("cvx", "88"), ago=500),
)  # fmt: skip


# ---- order ------------------------------------------------------------------------------------------------------


def test_everything_stands_in_it_once() -> None:
    made = chart(RICH)
    found = ranked(made, "diabetes")
    keys = [one.key for one in found.ranked]
    assert len(keys) == len(set(keys))
    assert set(keys) == {row.key for row in made.series} | {entry.key for entry in entries(made)}
    assert {one.kind for one in found.ranked if one.kind != "series"} == {
        e.kind for e in entries(made)
    }


@pytest.mark.parametrize("name", sorted(LIBRARY.packs))
def test_every_point_has_a_reason_with_its_rule(name: str) -> None:
    found = ranked(chart(RICH), name)
    for one in found.ranked:
        assert one.score == round(sum(reason.points for reason in one.reasons), 2)
        assert one.reasons
        assert all(reason.words and reason.rule for reason in one.reasons)
    listed = [r for one in found.ranked if one.listed for r in one.reasons if r.key == "listed"]
    versions = {f"{pack.id} v{pack.version} " for pack in LIBRARY.packs.values()}
    assert listed
    assert all(any(reason.rule.startswith(one) for one in versions) for reason in listed)


def test_importance_counts_for_more_than_all_the_rest() -> None:
    plain = ranked(chart(RICH), "diabetes", last_seen=None)
    scores = {
        name: [o.score for o in plain.ranked if o.importance == name and not o.floor]
        for name in ("must", "should", "background", "")
    }
    assert min(scores["must"]) > max(scores["should"])
    assert min(scores["should"]) > max(scores["background"])
    assert min(scores["background"]) > max(scores[""])


def shuffled(made: Chart, dice: random.Random) -> Chart:
    fields: dict[str, Any] = {}
    for name in ("series", "states", *ITEM_FIELDS):
        values = list(getattr(made, name))
        dice.shuffle(values)
        fields[name] = tuple(values)
    return msgspec.structs.replace(made, **fields)


@pytest.mark.parametrize(
    "contexts", [("general",), ("diabetes",), ("heart_failure", "diabetes", "depression")]
)
def test_the_order_of_arrival_changes_nothing(contexts: tuple[str, ...]) -> None:
    made = chart(RICH)
    expected = msgspec.json.encode(ranked(made, *contexts))
    dice = random.Random(7)
    for _ in range(60):
        assert msgspec.json.encode(ranked(shuffled(made, dice), *contexts)) == expected


def test_recognition_does_not_depend_on_the_order_either() -> None:
    made = chart([*RICH[:1], encounter(concept(text="diabetes and depression")), *RICH[2:]])
    dice = random.Random(7)
    how: dict[str, Any] = {
        "encounter_id": "today",
        "as_of": NOW,
        "library": LIBRARY,
        "chosen": None,
        "role": "",
    }
    expected = rank.recognise(made, **how)
    for _ in range(20):
        assert rank.recognise(shuffled(made, dice), **how) == expected


def test_the_visit_can_be_changed_to_every_context() -> None:
    found = ranked(chart(RICH), "diabetes")
    assert {one for one, _ in found.choices} == set(LIBRARY.packs)
    assert [title for _, title in found.choices] == sorted(
        (p.title for p in LIBRARY.packs.values()), key=str.casefold
    )


def test_contexts_merge_to_the_highest_importance() -> None:
    made = chart([patient(60), lab("2823-3", 4.1, "mmol/L", 20)])
    assert of(ranked(made, "diabetes"), "lab.potassium").importance == "background"
    assert of(ranked(made, "heart_failure"), "lab.potassium").importance == "must"
    both = of(ranked(made, "diabetes", "heart_failure"), "lab.potassium")
    assert both.importance == "must"
    assert any(reason.rule.startswith("heart_failure v1") for reason in both.reasons)


# ---- importance -------------------------------------------------------------------------------------------------


def test_a_must_see_item_outside_its_window_is_shown_and_a_should_see_one_is_not() -> None:
    made = chart([patient(60), lab("4548-4", 8.1, "%", 2000), lab("13457-7", 100, "mg/dL", 2000)])
    found = ranked(made, "diabetes")
    assert of(found, "lab.hba1c").importance == "must"
    old = of(found, "lab.ldl")
    assert old.importance == "background"
    assert any("older than its window" in reason.words for reason in old.reasons)


@pytest.mark.parametrize(
    ("taken", "importance"), [(["lisinopril 10 mg"], "should"), ([], "background")]
)
def test_a_condition_that_does_not_hold_makes_it_background(
    taken: list[str], importance: str
) -> None:
    made = chart(
        [
            patient(60),
            lab("2823-3", 4.1, "mmol/L", 20),
            *(medicine(concept(text=one)) for one in taken),
        ]
    )
    assert of(ranked(made, "diabetes"), "lab.potassium").importance == importance


def test_a_condition_that_cannot_be_checked_hides_nothing() -> None:
    made = failed(chart([patient(60), lab("2823-3", 4.1, "mmol/L", 20)]), Section.MEDICATIONS)
    found = of(ranked(made, "diabetes"), "lab.potassium")
    assert found.importance == "should"
    assert any("not known" in reason.words for reason in found.reasons)


def test_a_medicine_no_longer_taken_counts_less() -> None:
    stopped = {**medicine(concept(text="metformin 500 mg")), "status": "stopped"}
    assert (
        of(ranked(chart([patient(60), stopped]), "diabetes"), "med.metformin").importance
        == "background"
    )
    taken = medicine(concept(text="metformin 500 mg"))
    assert of(ranked(chart([patient(60), taken]), "diabetes"), "med.metformin").importance == "must"


def test_a_problem_that_is_over_counts_less_and_is_not_lost() -> None:
    over = problem(concept("icd-10-cm", "E16.2", "Hypoglycemia"))
    over["clinicalStatus"]["coding"][0]["code"] = "resolved"
    found = of(ranked(chart([patient(60), over]), "diabetes"), "cond.hypogly")
    assert found.importance == "should"


def test_a_medicine_taken_for_what_the_visit_is_about() -> None:
    odd = {
        **medicine(concept(text="colesevelam 625 mg")),
        "reasonCode": [concept("icd-10-cm", "E11.9", "Diabetes")],
    }
    (found,) = [
        o for o in ranked(chart([patient(60), odd]), "diabetes").ranked if o.kind == "medication"
    ]
    assert found.importance == "should"
    assert any(reason.words == "taken for Diabetes" for reason in found.reasons)


def test_the_general_context_is_made_of_the_patients_own_problems() -> None:
    found = ranked(chart(RICH), "general")
    assert of(found, "lab.hba1c").importance == "must"
    assert of(found, "med.metformin").importance == "must"
    alone = ranked(chart([patient(60), lab("4548-4", 8.1, "%", 20)]), "general")
    assert not any("lab.hba1c" in one.listed for one in alone.ranked)


def test_a_general_visit_whose_list_finds_no_result_shows_the_newest_with_their_reason() -> None:
    other = (
        "2085-9",
        "2571-8",
        "1988-5",
        "3016-3",
        "2276-4",
        "2132-9",
        "1989-3",
        "30522-7",
        "13457-7",
    )
    old = [lab(code, 40, "mg/dL", 1800 + 10 * place) for place, code in enumerate(other)]
    found = ranked(chart([patient(60), *old, lab("2160-0", 1.1, "mg/dL", 1700)]), "general")
    shown = [one for one in found.ranked if one.importance == "should" and one.kind == "series"]
    assert len(shown) == 8
    assert {one.reasons[-1].key for one in shown} == {"newest"}
    assert any("lab.creatinine" in one.listed for one in shown)
    hidden = [one for one in found.ranked if one.kind == "series" and one not in shown]
    assert len(hidden) == 2
    fresh = ranked(chart([patient(60), *old, lab("2160-0", 1.1, "mg/dL", 30)]), "general")
    listed = [one for one in fresh.ranked if one.importance == "should" and one.kind == "series"]
    assert ["lab.creatinine" in one.listed for one in listed] == [True]


# ---- due --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ago", "value", "state", "words"),
    [
        (60, 6.5, "", ""), (160, 6.5, "due", "due soon"), (190, 6.5, "due", "due"), (250, 6.5, "overdue", "overdue 2 months"),
        (60, 8.1, "", ""), (100, 8.1, "due", "due"), (140, 8.1, "overdue", "overdue 1 month"), (1200, 8.1, "overdue", "overdue 3 years"),
    ],
)  # fmt: skip
def test_when_an_hba1c_is_due(ago: float, value: float, state: str, words: str) -> None:
    found = due(
        ranked(chart([patient(60), lab("4548-4", value, "%", ago)]), "diabetes"), "lab.hba1c"
    )
    assert (found.state, found.words) == (state, words)


def test_overdue_is_not_said_over_a_failed_source() -> None:
    made = failed(chart([patient(60), lab("4548-4", 6.5, "%", 400)]), Section.LABS)
    found = due(ranked(made, "diabetes"), "lab.hba1c")
    assert found.state == "unknown"
    assert found.words == "overdue 7 months by what was retrieved"


def test_only_the_newest_of_an_item_is_overdue() -> None:
    made = chart(
        [
            patient(60),
            lab("2345-7", 100, "mg/dL", 20),
            *(procedure(concept(text="Foot exam"), ago=n) for n in (400, 500)),
        ]
    )
    found = ranked(made, "diabetes")
    assert sum(1 for one in found.ranked if one.due.state == "overdue") == 1


def test_a_result_that_is_pending_was_not_done_yet() -> None:
    waiting = {**lab("4548-4", None, "%", 1), "status": "registered"}
    found = ranked(chart([patient(60), lab("4548-4", 6.5, "%", 400), waiting]), "diabetes")
    assert due(found, "lab.hba1c").state == "overdue"


def test_a_vaccine_that_was_refused_was_not_given() -> None:
    refused = {**immunization(concept("cvx", "88"), ago=10), "status": "not-done"}
    made = chart([patient(60), refused, immunization(concept("cvx", "88"), ago=600)])
    assert due(ranked(made, "annual_wellness"), "imm.flu_v").state == "overdue"


# ---- what is not there ------------------------------------------------------------------------------------------


def missing(found: Ranking) -> dict[str, Due]:
    return {one.item: one.due for one in found.absent}


def test_what_is_not_there_was_never_recorded_or_was_not_retrieved() -> None:
    made = chart([patient(60)])
    assert missing(ranked(made, "diabetes"))["lab.hba1c"] == Due(
        state="never", words="never recorded"
    )
    gap = missing(ranked(failed(made, Section.LABS), "diabetes"))
    assert gap["lab.hba1c"].state == "unknown"
    assert gap["proc.foot"].state == "never"
    nothing = missing(ranked(msgspec.structs.replace(made, states=()), "diabetes"))
    assert {one.state for one in nothing.values()} == {"unknown"}


def test_what_nobody_asked_for_may_exist() -> None:
    asked = rank.visit_codes(LIBRARY, rank.all_contexts(LIBRARY))
    found = missing(ranked(chart([patient(30)]), "rheumatoid_dmard"))
    usual = {
        name: next((code for system, code in LIBRARY.items[name].codes if "loinc" in system), "")
        for name in found
    }
    unasked = {n for n, code in usual.items() if n.startswith("lab.") and code not in asked}
    assert unasked
    assert {found[name].state for name in unasked} == {"unknown"}
    assert all("not asked for" in found[name].words for name in unasked)


def test_only_what_applies_is_missed() -> None:
    young = missing(ranked(chart([patient(30, "male")]), "annual_wellness"))
    assert not {"proc.colonoscopy", "proc.mammo", "proc.pap", "imm.zoster_v"} & set(young)
    older = missing(ranked(chart([patient(60, "female")]), "annual_wellness"))
    assert {"proc.colonoscopy", "proc.mammo", "proc.pap", "imm.zoster_v"} <= set(older)
    screened = chart([patient(60), procedure(concept(text="Colonoscopy"), ago=700)])
    assert "proc.fit" not in missing(ranked(screened, "annual_wellness"))


def test_an_absent_item_names_where_it_would_have_come_from() -> None:
    found = ranked(chart([patient(60)]), "diabetes")
    (item,) = [one for one in found.absent if one.item == "lab.hba1c"]
    assert item.sections == (Section.LABS,)
    assert item.importance == "must"
    assert item.label == "HbA1c"
    assert item.reasons[0].rule == "diabetes v1 lab.hba1c"
    assert [one.importance for one in found.absent] == sorted(o.importance for o in found.absent)


# ---- change -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "now", "words"),
    [(7.2, 8.1, "rose 0.9 %"), (8.1, 7.2, "fell 0.9 %"), (7.2, 7.6, ""), (7.2, 7.2, "")],
)
def test_a_change_the_pack_means(before: float, now: float, words: str) -> None:
    made = chart([patient(60), lab("4548-4", before, "%", 200), lab("4548-4", now, "%", 20)])
    found = of(ranked(made, "diabetes"), "lab.hba1c")
    assert [r.words for r in found.reasons if r.key == "changed"] == ([words] if words else [])


def test_a_change_goes_one_way_and_over_units() -> None:
    fell = chart(
        [
            patient(60),
            lab("33914-3", 80, "mL/min/{1.73_m2}", 200),
            lab("33914-3", 60, "mL/min/{1.73_m2}", 20),
        ]
    )
    rose = chart(
        [
            patient(60),
            lab("33914-3", 60, "mL/min/{1.73_m2}", 200),
            lab("33914-3", 80, "mL/min/{1.73_m2}", 20),
        ]
    )
    assert [
        r.words for r in of(ranked(fell, "diabetes"), "lab.egfr").reasons if r.key == "changed"
    ] == ["fell 25 %"]
    assert not [r for r in of(ranked(rose, "diabetes"), "lab.egfr").reasons if r.key == "changed"]


@pytest.mark.parametrize(
    ("code", "item", "unit", "before", "now", "words"),
    [
        ("2160-0", "lab.creatinine", "umol/L", 88, 92, ""),  # 0.05 mg/dL
        ("2160-0", "lab.creatinine", "umol/L", 88, 124, "rose 36 umol/L"),
        ("718-7", "lab.hemoglobin", "g/L", 130, 127, ""),  # 0.3 g/dL
        ("718-7", "lab.hemoglobin", "g/L", 130, 105, "fell 25 g/L"),
        ("718-7", "lab.hemoglobin", "g/dL", 13, 10.5, "fell 2.5 g/dL"),
        ("718-7", "lab.hemoglobin", "furlongs", 130, 105, ""),  # cannot be converted, so not judged
    ],
)
def test_an_absolute_limit_holds_in_its_own_unit(
    code: str, item: str, unit: str, before: float, now: float, words: str
) -> None:
    made = chart([patient(60), lab(code, before, unit, 200), lab(code, now, unit, 20)])
    terms = LIBRARY.items[item].terms
    assert terms.change is not None
    assert change(made.series[0], terms.change, None) == words


def test_a_bound_is_no_change() -> None:
    bound = lab("4548-4", 8.1, "%", 20)
    bound["valueQuantity"]["comparator"] = ">"
    made = chart([patient(60), lab("4548-4", 7.2, "%", 200), bound])
    assert not [r for r in of(ranked(made, "diabetes"), "lab.hba1c").reasons if r.key == "changed"]


def test_a_nurse_sees_vital_signs_first() -> None:
    weight = observation(concept("loinc", "29463-7", "Weight"), 80, "kg", kind="vital-signs")
    made = chart([patient(60), weight])
    before, after = (
        of(ranked(made, "diabetes", role=one), "vital.weight").score
        for one in ("physician", "nurse")
    )
    assert after > before


def test_a_chart_without_a_patient_is_ranked_too() -> None:
    empty = Chart(patients=())
    found = ranked(empty, "diabetes")
    assert found.ranked == ()
    assert {one.due.state for one in found.absent} == {"unknown"}
    assert day(0)
