"""Doses whose time a source states: due, recorded, not recorded, not retrieved; nothing from a frequency."""

from __future__ import annotations

import json
from datetime import UTC, timedelta
from typing import Any

import msgspec
import pytest

from clinical import resources as fhir
from clinical.dates import parse_time
from clinical.normalise import medication
from clinical.normalise.reading import Reading
from clinical.reconcile import reconcile
from clinical.records import (
    Administration,
    Concept,
    FetchState,
    Medication,
    SearchState,
    Section,
    SectionRecords,
)
from clinical.vitals.doses import dose_lines

from .builders import NOW, ago, patient, source, time


def an_order(*minutes: float, **more: Any) -> Medication:
    return Medication(
        source=source(kind="MedicationRequest"),
        kind="request",
        concept=Concept(text="Furosemide"),
        status=more.pop("status", "active"),
        dose_text="40 mg",
        due=tuple(time(ago(each)) for each in minutes),
        **more,
    )


def a_dose(order: Medication, minutes: float, status: str = "completed") -> Administration:
    return Administration(
        source=source(kind="MedicationAdministration"),
        concept=Concept(text="Furosemide"),
        status=status,
        at=time(ago(minutes)),
        request=order.source.reference,
    )


def shown(
    *records: Any, state: FetchState = FetchState.OK, read: float = 0, asked: bool = True
) -> list[tuple[float, str]]:
    """(minutes ago, what is said behind the dose) of each line."""
    states = [("medications.active", Section.MEDICATIONS, FetchState.OK, NOW)]
    if asked:
        states.append(("administrations", Section.ADMINISTRATIONS, state, ago(read)))
    sections = [
        SectionRecords(
            state=SearchState(server="mercy", search=key, section=section, state=how, at=at),
            records=(patient(), *records) if section is Section.MEDICATIONS else (),
        )
        for key, section, how, at in states
    ]
    lines = dose_lines(reconcile(sections, launch_server="mercy"), as_of=NOW, zone=UTC)
    clocks = {f"{ago(m).astimezone(UTC):%H:%M}": m for m in range(-600, 721)}
    return [(clocks[line.when], line.text.partition(": ")[2]) for line in lines]


def test_what_is_stated_and_not_recorded_is_said_with_its_time() -> None:
    as_of = f"{NOW.astimezone(UTC):%H:%M}"
    assert shown(an_order(120, -60)) == [
        (120, f"no dose recorded for this time as of {as_of}"),
        (-60, ""),
    ]


@pytest.mark.parametrize("status", ["completed", "not-done", "in-progress"])
def test_a_dose_that_was_recorded_settles_its_time(status: str) -> None:
    order = an_order(600, 240, -120)
    found = shown(order, a_dose(order, 590), a_dose(order, 200, status))
    assert [minutes for minutes, _ in found] == [-120]


def test_a_dose_of_long_before_or_of_another_order_settles_nothing() -> None:
    """Planted: yesterday's dose must not hide that today's is missing."""
    order, other = an_order(60), an_order()
    assert len(shown(order, a_dose(order, 60 + 1440))) == 1
    assert len(shown(order, a_dose(order, 60 + 180))) == 1
    assert len(shown(order, other, a_dose(other, 60))) == 1


def test_no_dose_recorded_is_not_said_over_a_dose_that_may_be_this_one() -> None:
    """Planted: a nurse who reads "no dose recorded" gives it a second time."""
    order = an_order(60)
    loose = msgspec.structs.replace(a_dose(order, 55), request="")
    when = f"{ago(55).astimezone(UTC):%H:%M}"
    as_of = f"{NOW.astimezone(UTC):%H:%M}"
    words = f"none recorded under this order as of {as_of}; may be it: Furosemide {when}"
    assert shown(order, loose) == [(60, words)]
    assert shown(order, a_dose(an_order(), 55)) == [(60, words)]
    untimed = msgspec.structs.replace(a_dose(order, 55), at=None)
    assert shown(order, untimed)[0][1].endswith("may be it: Furosemide without a time")


def test_doses_that_cannot_be_this_one_are_not_named_beside_it() -> None:
    order = an_order(60)
    early = msgspec.structs.replace(a_dose(order, 60 + 1440), request="")
    aspirin = msgspec.structs.replace(a_dose(an_order(), 55), concept=Concept(text="Aspirin"))
    for record in (early, aspirin):
        assert shown(order, record)[0][1].startswith("no dose recorded for this time")


@pytest.mark.parametrize("state", [FetchState.FAILED, FetchState.RESTRICTED, FetchState.PARTIAL])
def test_doses_that_were_not_retrieved_are_not_called_not_recorded(state: FetchState) -> None:
    assert shown(an_order(60), state=state) == [(60, "given or not: not retrieved")]
    assert shown(an_order(60), asked=False) == [(60, "given or not: not retrieved")]


def test_an_answer_older_than_the_stated_time_says_nothing_of_it() -> None:
    said = shown(an_order(20), read=50)[0][1]
    assert said == f"doses last read {(NOW - timedelta(minutes=50)).astimezone(UTC):%H:%M}"


@pytest.mark.parametrize(
    "more",
    [{"status": "on-hold"}, {"status": "stopped"}, {"avoid": True}, {"as_needed": True}, {"reported": True}],
)  # fmt: skip
def test_what_is_not_to_be_given_now_is_not_due(more: dict[str, Any]) -> None:
    assert shown(an_order(60, **more)) == []


@pytest.mark.parametrize(
    "timing",
    [
        {"repeat": {"frequency": 2, "period": 1, "periodUnit": "d"}},
        {"repeat": {"timeOfDay": ["08:00:00", "20:00:00"]}},
        {"code": {"text": "BID"}},
        {"event": ["2026-11-26"]},
    ],
)
def test_no_time_is_made_of_a_frequency_or_a_day(timing: dict[str, Any]) -> None:
    assert _normalised(timing).due == ()


def test_stated_moments_are_read() -> None:
    found = _normalised({"event": ["2026-11-26T14:00:00-06:00", "2026-11-26T20:00:00-06:00"]})
    assert found.due == (
        parse_time("2026-11-26T14:00:00-06:00"),
        parse_time("2026-11-26T20:00:00-06:00"),
    )


def _normalised(timing: dict[str, Any]) -> Medication:
    sent = {
        "id": "m1",
        "status": "active",
        "intent": "order",
        "medicationCodeableConcept": {"text": "Furosemide"},
        "dosageInstruction": [{"text": "40 mg", "timing": timing}],
    }
    read = msgspec.json.decode(json.dumps(sent), type=fhir.MedicationRequest)
    made = medication.request(read, Reading(Section.MEDICATIONS, "mercy"))
    assert isinstance(made, Medication)
    return made
