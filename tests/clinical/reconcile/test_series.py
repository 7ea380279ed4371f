"""Series: what is one row, one point, one line."""

from __future__ import annotations

import random
from decimal import Decimal

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clinical import rank
from clinical.reconcile import reconcile
from clinical.records import (
    Chart,
    FetchState,
    Identifier,
    NotShown,
    Observation,
    Record,
    Section,
    Series,
    Value,
)
from tests.clinical.reconcile.builders import (
    allergy,
    amount,
    at,
    concept,
    lab,
    medication,
    nka,
    patient,
    pressure,
    problem,
    section,
    source,
)


def rows(*records: Record) -> tuple[Series, ...]:
    return chart(*records).series


def chart(*records: Record) -> Chart:
    return reconcile([section(Section.LABS, *records)], launch_server="mercy")


def test_points_run_from_oldest_to_newest() -> None:
    (row,) = rows(
        lab(1, when="2026-11-12T09:00:00Z"), lab(2, when="2025-01-01T09:00:00Z", value="4.8")
    )
    assert [point.record.source.reference for point in row.points] == [
        "Observation/2",
        "Observation/1",
    ]
    assert row.latest.record.source.reference == "Observation/1"


def test_the_same_measurement_from_two_sources_is_one_point() -> None:
    (row,) = rows(lab(1), lab(9, server="lakeside"))
    (point,) = row.points
    assert point.record.source.server == "mercy"
    assert [other.source.token for other in point.also] == ["lakeside/Observation/9"]


def test_precision_is_part_of_the_moment_a_day_never_joins_a_time() -> None:
    (row,) = rows(lab(1, when="2026-11-12T00:00:00Z"), lab(2, when="2026-11-12", server="lakeside"))
    assert len(row.points) == 2


def test_two_values_of_one_day_in_one_source_stay_two() -> None:
    (row,) = rows(lab(1, when="2026-11-12"), lab(2, when="2026-11-12"))
    assert len(row.points) == 2
    (row,) = rows(lab(1, when="2026-11-12"), lab(2, when="2026-11-12", server="lakeside"))
    assert len(row.points) == 1


def test_different_values_of_one_moment_are_two_points_and_marked() -> None:
    (row,) = rows(lab(1, value="4.2"), lab(2, value="5.9", server="lakeside"))
    assert len(row.points) == 2
    assert [server for server, _ in row.conflicts[0].sides] == ["lakeside", "mercy"]


def test_a_bound_keeps_its_comparator_where_sources_differ() -> None:
    bound = msgspec.structs.replace(
        lab(2, server="lakeside"), value=Value(quantity=amount("0.01", "mmol/L", comparator="<"))
    )
    (row,) = rows(lab(1, value="4.2"), bound)
    assert row.conflicts[0].sides == (("mercy", "4.2 mmol/L"), ("lakeside", "<0.01 mmol/L"))


def test_results_in_words_and_pressures_that_differ_are_marked_too() -> None:
    said = [
        msgspec.structs.replace(lab(n, server=server), value=Value(string=word))
        for n, server, word in ((1, "mercy", "Positive"), (2, "lakeside", "Negative"))
    ]
    assert rows(*said)[0].conflicts[0].sides == (("lakeside", "Negative"), ("mercy", "Positive"))
    when = "2026-11-12T09:00:00Z"
    both = [pressure(1, "148", "86", when), pressure(2, "118", "86", when, server="lakeside")]
    assert [words for _, words in rows(*both)[0].conflicts[0].sides] == [
        "118 mm[Hg]/86 mm[Hg]",
        "148 mm[Hg]/86 mm[Hg]",
    ]


def test_one_measurement_with_another_specimen_id_in_each_source_is_one_point() -> None:
    here = lab(1, specimen_ref="Specimen/1", specimen="Serum")
    there = lab(2, specimen_ref="Specimen/77", server="lakeside")
    assert len(rows(here, there)[0].points) == 1
    other = lab(3, specimen="Plasma", server="lakeside")
    assert len(rows(here, other)[0].points) == 2


def test_a_day_never_joins_a_time_even_in_another_unit() -> None:
    timed = lab(1, "Creatinine", "2160-0", "1.3", "mg/dL", "2026-11-12T00:00:00Z")
    dated = lab(2, "Creatinine", "14682-9", "115", "umol/L", "2026-11-12", server="lakeside")
    assert len(rows(timed, dated)[0].points) == 2


def test_several_final_results_under_the_number_of_one_order_all_stay() -> None:
    number = (Identifier(system="urn:lab:order", value="A1"),)
    hours = [
        lab(
            n,
            "Glucose",
            "2345-7",
            f"{90 + n}",
            "mg/dL",
            f"2026-11-12T0{n}:00:00Z",
            identifiers=number,
        )
        for n in (1, 2, 3)
    ]
    assert len(rows(*hours)[0].points) == 3
    fixed = msgspec.structs.replace(hours[1], status="corrected")
    assert len(rows(hours[0], fixed)[0].points) == 1


def test_two_specimens_of_one_moment_are_two_points() -> None:
    (row,) = rows(lab(1, specimen_ref="Specimen/1"), lab(2, specimen_ref="Specimen/2"))
    assert len(row.points) == 2


def _own(
    number: int, specimen: str, *, code: str = "GLU", when: str = "2026-11-12T09:00:00Z"
) -> Observation:
    """Under the source's own code, or under words alone."""
    made = lab(
        number, "Glucose", value=str(90 + number), unit="mg/dL", when=when, specimen=specimen
    )
    return msgspec.structs.replace(
        made, concept=concept("Glucose", code, "urn:own") if code else concept("Glucose", "")
    )


@pytest.mark.parametrize("code", ["GLU", ""])
def test_one_code_of_a_source_for_two_fluids_makes_two_rows(code: str) -> None:
    found = rows(
        _own(1, "Blood", code=code, when="2026-11-12T09:00:00Z"),
        _own(2, "Urine", code=code, when="2026-11-13T09:00:00Z"),
        _own(3, "Serum or plasma", code=code, when="2026-11-14T09:00:00Z"),
        _own(4, "URINE, random", code=code, when="2026-11-15T09:00:00Z"),
        _own(5, "", code=code, when="2026-11-16T09:00:00Z"),
    )
    held = sorted(tuple(p.record.source.reference for p in row.points) for row in found)
    assert held == [
        ("Observation/1", "Observation/3"), ("Observation/2", "Observation/4"), ("Observation/5",),
    ]  # fmt: skip
    assert len({row.key for row in found}) == 3


@pytest.mark.parametrize("code", ["GLU", ""])
def test_blood_with_and_without_a_stated_specimen_is_one_row(code: str) -> None:
    for told in (("Blood", "", "Serum"), ("Blood, EDTA", "arterial blood", ""), ("", "", "Urine")):
        found = rows(*(_own(n, one, code=code, when=f"2026-11-1{n}") for n, one in enumerate(told)))
        assert len(found) == 1


def test_two_body_fluids_are_two_rows_and_cord_blood_is_not_the_blood_of_a_vein() -> None:
    told = ("Pleural fluid", "Fluid, pleural", "Ascites fluid", "Blood", "Cord blood")
    found = rows(*(_own(n, one, when=f"2026-11-1{n}") for n, one in enumerate(told)))
    held = sorted(tuple(p.record.source.reference for p in row.points) for row in found)
    assert held == [
        ("Observation/0", "Observation/1"), ("Observation/2",), ("Observation/3",), ("Observation/4",),
    ]  # fmt: skip


@pytest.mark.parametrize("told", ["Specimen 241187{}", "S-2411-87{}", "241187{}", "Sample {}"])
def test_the_number_that_a_laboratory_gives_each_sample_is_no_fluid(told: str) -> None:
    (row,) = rows(*(_own(n, told.format(n), when=f"2026-11-1{n}") for n in range(4)))
    assert len(row.points) == 4
    assert len(rows(_own(1, "Drain 1"), _own(2, "Drain 2"))) == 2


def test_what_a_code_was_confirmed_to_mean_is_not_believed_of_another_fluid() -> None:
    chart = reconcile(
        [section(Section.LABS, _own(1, "Blood"), _own(2, "Urine"))],
        launch_server="mercy", mappings={("mercy", "urn:own", "GLU"): "2345-7"},
    )  # fmt: skip
    by_first = {row.points[0].record.source.reference: row for row in chart.series}
    assert by_first["Observation/1"].mapping == "confirmed"
    assert by_first["Observation/2"].mapping != "confirmed"
    assert ("http://loinc.org", "2345-7") not in by_first["Observation/2"].codes


def test_an_unlike_code_is_another_row_even_if_the_name_is_the_same() -> None:
    assert len(rows(lab(1, "Glucose", "2345-7"), lab(2, "Glucose", "41653-7"))) == 2


def test_one_test_of_two_specimens_is_two_rows_and_no_line() -> None:
    """A visit lists lactate once, whatever was drawn; arterial and venous values never share a line."""
    found = rows(
        lab(1, "Lactate", "2518-9", "4.1", "mmol/L", "2026-11-12T06:00:00Z"),
        lab(2, "Lactate", "2519-7", "2.9", "mmol/L", "2026-11-12T08:00:00Z"),
    )
    assert [len(row.points) for row in found] == [1, 1]
    listed = rank.load().items["lab.lactate"].codes
    assert {code for row in found for code in row.codes} <= set(listed)


def test_twins_in_mass_and_moles_are_one_row_and_their_line_goes_on() -> None:
    (row,) = rows(
        lab(1, "Creatinine", "2160-0", "1.3", "mg/dL", "2025-01-01T09:00:00Z"),
        lab(2, "Creatinine", "14682-9", "115", "umol/L", "2026-01-01T09:00:00Z"),
    )
    assert row.breaks == ()
    assert len(row.points) == 2


def test_units_that_cannot_be_converted_break_the_line() -> None:
    (row,) = rows(
        lab(1, value="4.2", unit="mmol/L", when="2025-01-01T09:00:00Z"),
        lab(2, value="4.2", unit="mg/g", when="2026-01-01T09:00:00Z"),
    )
    assert [(b.after, b.why, b.before_words, b.after_words) for b in row.breaks] == [
        (0, "unit", "mmol/L", "mg/g")
    ]


def test_one_value_told_in_two_units_by_two_sources_is_one_point() -> None:
    (row,) = rows(
        lab(1, "Creatinine", "2160-0", "1.3", "mg/dL"),
        lab(2, "Creatinine", "14682-9", "115", "umol/L", server="lakeside"),
    )
    (point,) = row.points
    assert point.record.source.server == "mercy"
    assert [twin.source.server for twin in point.also] == ["lakeside"]


def test_a_change_of_method_breaks_the_line_and_silence_about_it_does_not() -> None:
    times = ["2025-01-01T09:00:00Z", "2025-02-01T09:00:00Z", "2025-03-01T09:00:00Z"]
    (row,) = rows(
        lab(1, when=times[0], specimen="Serum"),
        lab(2, when=times[1]),
        lab(3, when=times[2], specimen="Plasma"),
    )
    assert [(b.after, b.why) for b in row.breaks] == [(1, "specimen")]


def test_spelling_of_a_unit_is_no_break() -> None:
    (row,) = rows(
        lab(1, "Platelets", "777-3", "150", "10*3/uL", "2025-01-01T09:00:00Z"),
        lab(2, "Platelets", "777-3", "155", "K/uL", "2025-02-01T09:00:00Z"),
    )
    assert row.breaks == ()


def test_systolic_and_diastolic_sent_alone_become_one_pressure() -> None:
    high = lab(1, "Systolic", "8480-6", "148", "mm[Hg]", flag="H", category="vital-signs")
    low = lab(2, "Diastolic", "8462-4", "86", "mm[Hg]", category="vital-signs")
    (row,) = rows(low, high)
    (point,) = row.points
    assert [c.value.quantity.value for c in point.record.components if c.value.quantity] == [
        Decimal(148),
        Decimal(86),
    ]
    assert point.record.components[0].interpretation == ("H",)
    assert point.record.source.reference == "Observation/1"
    assert point.also == (low,)


def test_half_a_pressure_is_shown_as_half() -> None:
    (row,) = rows(lab(1, "Systolic", "8480-6", "148", "mm[Hg]"))
    assert len(row.points[0].record.components) == 1


def test_a_panel_and_the_same_pair_sent_alone_are_one_point() -> None:
    when = "2026-11-12T09:00:00Z"
    (row,) = rows(
        pressure(3, "148", "86", when),
        lab(1, "Systolic", "8480-6", "148", "mm[Hg]", when),
        lab(2, "Diastolic", "8462-4", "86", "mm[Hg]", when),
    )
    assert len(row.points) == 1


def test_a_cancelled_result_is_counted_and_carries_no_value() -> None:
    found = chart(lab(1, status="cancelled"), lab(2))
    assert [point.record.source.reference for point in found.series[0].points] == ["Observation/2"]
    assert [(n.source.reference, n.reason) for n in found.not_shown] == [
        ("Observation/1", "withdrawn")
    ]


def test_a_panel_without_a_value_is_no_row_and_is_counted() -> None:
    panel = lab(1, "CBC", "58410-2", None, members=("Observation/2",))
    found = chart(panel, lab(2))
    assert len(found.series) == 1
    assert [n.source.reference for n in found.not_shown] == ["Observation/1"]


def test_an_entry_about_somebody_else_is_no_row() -> None:
    found = chart(lab(1, about_other=True))
    assert found.series == ()
    assert found.not_shown[0].reason == "other"


def test_a_correction_with_the_same_identifier_takes_the_place_of_the_first() -> None:
    name = (Identifier(system="urn:lab", value="A1"),)
    first = lab(1, value="5.9", identifiers=name)
    fixed = lab(2, value="4.9", status="corrected", identifiers=name)
    (row,) = rows(fixed, first)
    (point,) = row.points
    assert point.record == fixed
    assert point.also == (first,)


def test_the_newest_version_of_an_entry_wins_and_the_older_is_counted() -> None:
    old = msgspec.structs.replace(
        lab(1, value="5.9"), source=source("Observation/1", updated="2026-11-01")
    )
    new = msgspec.structs.replace(
        lab(1, value="4.9"), source=source("Observation/1", updated="2026-11-02")
    )
    for order in ([old, new], [new, old]):
        found = chart(*order)
        assert found.series[0].points[0].record == new
        assert [n.reason for n in found.not_shown] == ["duplicate-version"]


def test_an_entry_withdrawn_in_a_later_reading_disappears() -> None:
    gone = NotShown(source=source("Observation/1"), section=Section.LABS, reason="entered-in-error")
    sections = [
        section(Section.LABS, lab(1), lab(2)),
        section(Section.LABS, search="labs.later", not_shown=(gone,)),
    ]
    found = reconcile(sections, launch_server="mercy")
    assert [p.record.source.reference for p in found.series[0].points] == ["Observation/2"]


def test_a_local_code_is_a_row_of_its_own_and_text_needs_the_same_unit() -> None:
    with_code = msgspec.structs.replace(lab(1), concept=concept("Kalium", "50971", "urn:mimic"))
    text = [
        msgspec.structs.replace(
            lab(n), concept=concept("Potassium ", ""), value=Value(quantity=amount("4.2", unit))
        )
        for n, unit in ((2, "mmol/L"), (3, "mmol/L"), (4, "mg/dL"))
    ]
    assert len(rows(with_code, *text)) == 3


def test_a_result_without_a_time_is_listed_but_not_on_the_line() -> None:
    (row,) = rows(lab(1, when=None), lab(2))
    assert [p.record.source.reference for p in row.undated] == ["Observation/1"]
    assert row.latest.record.source.reference == "Observation/2"


# ---- properties -----------------------------------------------------------------------------------------------

_TIMES = [f"2026-0{month}-01T08:00:00Z" for month in range(1, 10)] + ["2026-03-01", None]
_POOL: list[Record] = [
    *(lab(n, when=_TIMES[n % len(_TIMES)], value=f"{n % 4}.5", server=server, unit=unit, status=status)
      for n in range(24)
      for server, unit, status in [(("mercy", "lakeside")[n % 2], ("mmol/L", "mg/dL")[n % 5 == 0], ("final", "preliminary")[n % 7 == 0])]),
    *(lab(100 + n, "Systolic" if n % 2 else "Diastolic", "8480-6" if n % 2 else "8462-4", "120", "mm[Hg]") for n in range(6)),
    *(allergy(n, criticality=("high", "low", "")[n % 3], server=("mercy", "lakeside")[n % 2]) for n in range(4)),
    nka(9, server="lakeside"),
    *(medication(n, "Metformin 500 MG", ("daily", "twice daily")[n % 2], server=("mercy", "lakeside")[n % 2]) for n in range(4)),
    *(problem(n, "Asthma", ("195967001", "")[n % 2], server=("mercy", "lakeside")[n % 2], clinical=("active", "resolved")[n % 2]) for n in range(4)),
]  # fmt: skip


def _split(records: list[Record], seed: int) -> list[Record]:
    shuffled = list(records)
    random.Random(seed).shuffle(shuffled)
    return shuffled


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 5))
def test_the_order_of_sources_pages_and_entries_never_changes_the_chart(
    seed: int, pages: int
) -> None:
    expected = msgspec.json.encode(_of(_POOL, 1))
    assert msgspec.json.encode(_of(_split(_POOL, seed), pages)) == expected


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000))
def test_reading_everything_twice_changes_nothing(seed: int) -> None:
    assert msgspec.json.encode(_of([*_POOL, *_split(_POOL, seed)], 2)) == msgspec.json.encode(
        _of(_POOL, 1)
    )


def _of(records: list[Record], pages: int) -> Chart:
    parts = [
        section(Section.LABS, *records[n::pages], state=FetchState.OK, search="labs", received=0)
        for n in range(pages)
    ]
    return reconcile(parts, launch_server="mercy")


# ---- times that cannot be right -------------------------------------------------------------------------------


def test_a_result_of_the_future_is_never_the_latest() -> None:
    now = at("2026-11-20T09:00:00Z").start
    records = [
        lab(1, value="6.4", when="2027-12-31T09:00:00Z"),
        lab(2, value="4.1", when="2026-11-12T09:00:00Z"),
        lab(3, value="4.0", when="1950-01-01T09:00:00Z"),
    ]
    parts = [section(Section.PATIENT, patient()), section(Section.LABS, *records)]
    (row,) = reconcile(parts, launch_server="mercy", as_of=now).series
    assert row.latest.record.source.reference == "Observation/2"
    assert [p.record.source.reference for p in row.undated] == ["Observation/3", "Observation/1"]
    (row,) = reconcile(parts, launch_server="mercy").series
    assert len(row.points) == 3


def test_where_every_time_is_wrong_the_last_result_leads_and_not_the_last_id() -> None:
    """A source whose dates are shifted into the future: potassium 3.0 of Monday is not shown on Friday."""
    records = [
        lab(9, value="3.0", when="2129-04-08T15:30:00Z"),
        lab(1, value="4.5", when="2129-04-11T13:30:00Z"),
        lab(5, value="2.3", when="2129-04-06T23:18:00Z"),
    ]
    parts = [section(Section.PATIENT, patient()), section(Section.LABS, *records)]
    now = at("2026-11-20T09:00:00Z").start
    (row,) = reconcile(parts, launch_server="mercy", as_of=now).series
    assert row.points == ()
    assert [str(p.record.value.quantity.value) for p in row.undated] == ["2.3", "3.0", "4.5"]
    assert row.latest.record.source.reference == "Observation/1"


def test_a_result_after_death_is_listed_and_not_on_the_line() -> None:
    dead = patient(deceased=True, deceased_at=at("2026-01-01"))
    parts = [
        section(Section.PATIENT, dead),
        section(Section.LABS, lab(1), lab(2, when="2025-06-01")),
    ]
    (row,) = reconcile(parts, launch_server="mercy", as_of=at("2026-11-20T09:00:00Z").start).series
    assert [p.record.source.reference for p in row.points] == ["Observation/2"]


def test_a_pressure_without_its_diastolic_does_not_hide_the_whole_one_of_the_same_moment() -> None:
    """Whichever comes first by its id: the last point of a series is the one on the page."""
    whole = pressure(1, "121", "77", "2026-11-12")
    half = pressure(2, "121", "77", "2026-11-12")
    lost = msgspec.structs.replace(half.components[1], value=Value(), absent="unknown")
    half = msgspec.structs.replace(half, components=(half.components[0], lost))
    for records in ((whole, half), (half, whole)):
        (row,) = rows(*records)
        assert [point.record.source.reference for point in row.points][-1] == "Observation/1"
        assert len(row.points) == 2
