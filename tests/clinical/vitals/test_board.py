"""The order of a ward: what decides it, and that nobody unmeasured is ever put below a healthier measured one."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clinical.codes import ICD10CM, RXNORM
from clinical.records import Administration, Value
from clinical.vitals.board import Place, by_silence, group_of, grouped, order_key, silent_first
from clinical.vitals.board_line import board_line
from clinical.vitals.flowsheet import ward
from clinical.vitals.handover import sbar
from clinical.vitals.news2 import PARTS, band_of
from tests.clinical.vitals.builders import (
    NOW,
    ago,
    chart,
    concept,
    flag,
    full_set,
    observation,
    order,
    patient,
    problem,
    quantity,
    source,
    time,
    vital,
)

ZONE = ZoneInfo("America/Chicago")
MOST = {"respiration": 3, "spo2": 3, "oxygen": 2, "systolic": 3, "pulse": 3, "consciousness": 3, "temperature": 3}  # fmt: skip
POINTS = {"oxygen": [0, 2], "consciousness": [0, 3]}


@st.composite
def places(draw: Any) -> Place:
    """A patient as a ward can have one: parts drawn one by one, some of them missing."""
    parts = {key: draw(st.none() | st.sampled_from(POINTS.get(key, [0, 1, 2, 3]))) for key in PARTS}
    known = [points for points in parts.values() if points is not None]
    missing = [MOST[key] for key, points in parts.items() if points is None]
    least, most = sum(known), sum(known) + sum(missing)
    standing = "scored" if not missing else "incomplete" if known else "unmeasured"
    if draw(st.integers(0, 9)) == 0:
        standing = "not for this patient"
    old = draw(st.integers(0, 7)) == 0 and standing != "not for this patient"
    return Place(
        standing="unmeasured" if old else standing,  # type: ignore[arg-type]
        least=least,
        worst_part=max(known, default=0),
        possible=band_of(most, max([*known, *missing])),
        critical=draw(st.integers(0, 9)) == 0,
        overdue=draw(st.booleans()),
        late=timedelta(minutes=draw(st.integers(0, 900))),
        unmeasured_for=draw(st.none() | st.integers(0, 3000).map(lambda n: timedelta(minutes=n))),
        bed=str(draw(st.integers(1, 40))),
    )


@settings(max_examples=120, deadline=None)
@given(st.lists(places(), min_size=2, max_size=14))
def test_no_unmeasured_or_incomplete_patient_stands_below_a_healthier_measured_one(
    unit: list[Place],
) -> None:
    ordered = sorted(unit, key=order_key)
    for index, above in enumerate(ordered):
        if above.standing != "scored":
            continue
        for below in ordered[index + 1 :]:
            if below.standing in ("unmeasured", "incomplete") and below.critical == above.critical:
                reached = max(below.least, 5) if below.standing == "unmeasured" else below.least
                assert reached < above.least, (above, below)


@settings(max_examples=60, deadline=None)
@given(st.lists(places(), min_size=2, max_size=14), st.randoms())
def test_a_critical_result_counts_before_the_score_and_groups_stand_in_order(
    unit: list[Place], dice: Any
) -> None:
    ordered = sorted(unit, key=order_key)
    assert [p.critical for p in ordered] == sorted((p.critical for p in unit), reverse=True)
    groups = ["now", "soon", "then"]
    assert [group_of(p) for p in ordered] == sorted(
        (group_of(p) for p in ordered), key=groups.index
    )
    shuffled = list(unit)
    dice.shuffle(shuffled)
    assert [order_key(p) for p in sorted(shuffled, key=order_key)] == [order_key(p) for p in ordered]  # fmt: skip


@settings(max_examples=40, deadline=None)
@given(st.lists(places(), min_size=2, max_size=14))
def test_sorted_by_silence_never_measured_comes_first(unit: list[Place]) -> None:
    ordered = sorted(unit, key=by_silence)
    silent = [p.unmeasured_for for p in ordered]
    never = [one for one in silent if one is None]
    assert silent[: len(never)] == never
    known = [one for one in silent if one is not None]
    assert known == sorted(known, reverse=True)


@pytest.mark.parametrize(
    ("place", "group"),
    [
        (Place(standing="scored", least=7), "now"),
        (Place(standing="scored", least=0, critical=True), "now"),
        (Place(standing="not for this patient", critical=True), "now"),
        (Place(standing="scored", least=6), "soon"),
        (Place(standing="scored", least=3, worst_part=3), "soon"),
        (Place(standing="incomplete", least=0, possible="one part"), "soon"),
        (Place(standing="incomplete", least=2, possible="low"), "then"),
        (Place(standing="unmeasured"), "soon"),
        (Place(standing="unmeasured", least=8), "now"),
        (Place(standing="scored", least=4, worst_part=2), "then"),
        (Place(standing="not for this patient"), "then"),
    ],
)
def test_the_three_headings(place: Place, group: str) -> None:
    assert group_of(place) == group


def line(*records: Any, bed: str = "4", who: Any = None, stale: str = "") -> Any:
    seen = ward(chart(*records, who=who), as_of=NOW, zone=ZONE)
    return board_line(seen, None, key=bed, zone=ZONE, bed=bed, nothing="none recorded", stale_words=stale)  # fmt: skip


def critical(at: float = 60) -> Any:
    value = Value(quantity=quantity("6.4", "g/dL"))
    return observation(concept("718-7", "Hemoglobin"), value, ago(at), category="laboratory", interpretation=("LL",))  # fmt: skip


def test_the_sentence_begins_with_what_decided_the_place() -> None:
    assert line(full_set(ago(20), respiration=26, pulse=135, systolic=88)).why[0] == "High."
    assert "Respiration 26" in line(full_set(ago(20), respiration=26, pulse=135, spo2=93)).why[1]
    assert line(full_set(ago(34), consciousness="C")).why[0] == "One part scores 3: consciousness New confusion."  # fmt: skip
    incomplete = line(full_set(ago(79), temperature=None, consciousness=None, pulse=120))
    assert incomplete.why == ("Incomplete, at least 2.", "Missing: consciousness and temperature; it could be 8.")  # fmt: skip
    silent = line(full_set(ago(560), pulse=120))
    assert silent.why[0] == "Not measured for 9 h 20."
    assert "Last score 2, too old to use; ranked as 5 until measured." in silent.why[1]
    assert silent.number == "not measured"
    assert line(full_set(ago(20))).why[0] == "Low."


def test_a_new_critical_result_is_named_and_an_old_one_is_not_new() -> None:
    new = line(full_set(ago(20)), critical())
    assert new.news == ("Hemoglobin 6.4 LL g/dL 01:14",)
    assert new.why == ("New critical result.", "Hemoglobin 6.4 LL g/dL. Acknowledged in the EHR: not known.")  # fmt: skip
    assert group_of(new.place) == "now"
    old = line(full_set(ago(20)), critical(at=60 * 30))
    assert old.news == ()


def test_a_critical_result_of_just_before_the_shift_is_handed_over_until_a_newer_value_follows() -> (
    None
):
    handed_over = line(full_set(ago(20)), critical(at=450))
    assert handed_over.news == ("Hemoglobin 6.4 LL g/dL (before this shift) 18:44",)
    assert group_of(handed_over.place) == "now"
    better = Value(quantity=quantity("10.1", "g/dL"))
    after = observation(concept("718-7", "Hemoglobin"), better, ago(400), category="laboratory")
    followed = line(full_set(ago(20)), critical(at=450), after)
    assert followed.news == ()


@pytest.mark.parametrize(
    "after",
    [
        {"value": None, "status": "cancelled"},
        {"value": None, "status": "registered"},
        {"status": "preliminary"},
        {"status": "unknown"},
        {"taken": 450, "status": "corrected"},
        {"taken": 460},
        {"taken": "2026-11-24"},
        {"issued": -30},
        {"value": Value(string="Hemolyzed, please repeat")},
        {"value": Value(concept=concept("x", "Not performed", "urn:mercy"))},
    ],
    ids=["cancelled", "to come", "preliminary", "unknown", "same moment", "older", "a day", "not yet known", "words", "a code"],
)  # fmt: skip
def test_a_critical_result_before_the_shift_stays_until_a_newer_value_is_known(after: Any) -> None:
    """Nor does what only looks newer: a specimen without a value, a doubtful one, another tube of the same moment."""
    taken = after.get("taken", 400)
    value = after.get("value", Value(quantity=quantity("10.1", "g/dL"))) or Value()
    other = observation(
        concept("718-7", "Hemoglobin"),
        value,
        taken if isinstance(taken, str) else ago(taken),
        category="laboratory",
        status=after.get("status", "final"),
        issued=time(ago(after["issued"])) if "issued" in after else None,
        specimen="another tube",
    )
    handed_over = line(full_set(ago(20)), critical(at=450), other)
    (news,) = handed_over.news
    assert "6.4 LL g/dL (before this shift) 18:44" in news
    assert handed_over.why[0] == "Critical result."
    assert group_of(handed_over.place) == "now"


def test_a_critical_value_that_followed_a_critical_one_is_told_alone() -> None:
    assert line(critical(at=500), critical(at=450)).news == (
        "Hemoglobin 6.4 → 6.4 LL g/dL (before this shift) 18:44",
    )
    both = line(critical(at=450), critical(at=60))
    assert both.news == ("Hemoglobin 6.4 → 6.4 LL g/dL 01:14",)
    assert both.why[0].startswith("New critical result")


def test_who_is_not_scored_stands_before_the_low_ones_with_the_reason() -> None:
    expecting = problem(ICD10CM, "Z34.02")
    none = line(full_set(ago(20), pulse=104), expecting, bed="6")
    low = line(full_set(ago(20)), bed="1")
    (group,) = grouped([low, none])
    assert [one.bed for one in group.lines] == ["6", "1"]
    assert none.why[0] == "No NEWS2: pregnant."
    assert none.ladder is None
    assert "Not scored is not low." in none.why[1]


def test_a_source_out_of_date_is_said_in_the_line() -> None:
    assert line(full_set(ago(20)), stale="Lakeside 01:58").why[1] == "Lakeside 01:58; newer values may exist."  # fmt: skip


def test_isolation_and_code_status_or_that_none_is_recorded() -> None:
    known = line(flag("Contact isolation, MRSA", "2026-11-22"), flag("Do not attempt resuscitation", "2026-11-22"))  # fmt: skip
    assert known.isolation == ("Contact isolation, MRSA", True)
    assert known.code == ("Do not attempt resuscitation", True)
    assert line(full_set(ago(9))).isolation == ("none recorded", False)


@pytest.mark.parametrize(
    "words",
    [
        "DNR", "DNACPR in place", "Do-not-resuscitate", "Do not attempt CPR", "Do not attempt cardiopulmonary resuscitation",
        "Do not intubate", "No intubation", "No resuscitation", "Not to be resuscitated", "Not for CPR",
    ],
)  # fmt: skip
def test_a_refusal_is_one_in_whatever_words(words: str) -> None:
    assert line(flag(words, "2026-11-22")).code == (words, True)


def test_a_refusal_of_resuscitation_stands_beside_a_newer_full_code() -> None:
    both = line(order("Do not attempt resuscitation", "2026-11-20"), order("Full code", "2026-11-22"))  # fmt: skip
    assert both.code == ("Full code; Do not attempt resuscitation", True)


def test_the_silent_are_first_in_the_other_order() -> None:
    lines = [line(full_set(ago(20)), bed="1"), line(bed="2"), line(full_set(ago(300)), bed="3")]
    assert [one.bed for one in silent_first(lines)] == ["2", "3", "1"]


def test_the_hand_over_tells_the_glucose_itself_and_the_insulin_as_what_it_is() -> None:
    insulin = Administration(
        source=source(kind="MedicationAdministration"), concept=concept("86009", "Insulin lispro", RXNORM),
        status="completed", at=time(ago(40)), dose=quantity(4, "[iU]"),
    )  # fmt: skip
    seen = ward(chart(vital("glucose", 138, ago(60)), insulin), as_of=NOW, zone=ZONE)
    own = board_line(seen, None, key="k", zone=ZONE, bed="3", nothing="none recorded")
    said = sbar(seen, own, None, zone=ZONE, names={}, nothing=lambda *_, **__: "none recorded")
    (glucose,) = [words for words in said.assessment if words.startswith("Glucose")]
    assert glucose.startswith("Glucose 138 at ")
    assert any(words.startswith("Insulin lispro 4 units given at ") for words in said.assessment)


def test_the_hand_over_says_what_is_known_and_what_is_not() -> None:
    found = chart(
        full_set(ago(450)),
        full_set(ago(20), respiration=24, pulse=112, temperature=None),
        critical(),
        order("Upper endoscopy", "2026-11-24T01:00:00Z", occurrence=None),
        who=patient("1951-03-14"),
    )
    seen = ward(found, as_of=NOW, zone=ZONE)
    own = board_line(seen, None, key="k", zone=ZONE, bed="3", nothing="none recorded")
    sheet = sbar(seen, own, None, zone=ZONE, names={"mercy": "Mercy"}, nothing=lambda *s, **_: f"{s[0].value}: none recorded")  # fmt: skip
    assert sheet.critical == ("Hemoglobin 6.4 LL g/dL 01:14",)
    assert sheet.direction == "Worse: NEWS2 up 4 since the shift began, now at least 4."
    assert sheet.situation == "reason for the stay not recorded"
    assert sheet.allergies == (("Allergies: allergies: none recorded", False),)
    assert "Urine: vitals: none recorded." in sheet.assessment
    assert sheet.panel.headline == "at least 4"
    assert any(one.head == "overdue" and "temperature" in one.text for one in sheet.requests)
