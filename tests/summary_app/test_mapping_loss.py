"""The mapping-loss pack: every case through the whole pipeline, and entries of a connection against their raw bytes."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest
from django.core.management import CommandError, call_command

from clinical.fhir.wire import read_resource
from clinical.pipeline import section_records
from clinical.records import (
    FetchState,
    Quantity,
    Reaction,
    SearchState,
    Section,
    SectionRecords,
    Value,
)
from summary_app.models import Connection
from summary_app.quality.services import loss, pack
from tests.clinical.normalise.test_real_records import DATA, FOLDERS, resources_of
from tests.summary_app.ehr import SmartEhr

PACK = pack.load()


@pytest.mark.parametrize("case", PACK.cases, ids=lambda case: case.id)
def test_nothing_is_lost_softened_or_invented(case: pack.Case) -> None:
    assert pack.faults(case) == ()


def test_every_case_says_what_it_expects_and_is_named_once() -> None:
    assert len({case.id for case in PACK.cases}) == len(PACK.cases) >= 40
    for case in PACK.cases:
        assert case.hazard
        assert case.says or case.never or case.points is not None or case.problems is not None


@pytest.mark.parametrize(
    ("where", "case"),
    [
        ("clinical.judgement.is_severe", "severity-is-not-criticality"),
        ("clinical.judgement.is_severe", "second-reaction"),
        ("clinical.summary.allergies._past_line", "refuted"),
        ("clinical.summary.values._needs_unit", "no-unit"),
        ("clinical.judgement.flags._word", "starred-flag"),
    ],
)
def test_a_case_notices_when_its_fact_is_softened(
    where: str, case: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer: object = [] if where.endswith("_line") else None if where.endswith("_word") else False
    monkeypatch.setattr(where, lambda *_args, **_more: answer)
    assert pack.faults(next(one for one in PACK.cases if one.id == case))


# ---- the raw bytes against the record ---------------------------------------------------------------------------


def searched(*resources: dict[str, Any], section: Section = Section.LABS) -> pack.Answer:
    state = SearchState(server="mercy", search="s", section=section, state=FetchState.OK)
    return pack.Answer(state, [read_resource(json.dumps(one).encode()) for one in resources])


def of_pack() -> list[pack.Answer]:
    """One answer per case and source: the two sources use the same ids for different things."""
    return [
        pack.Answer(
            searched().state,
            [read_resource(bytes(s.resource)) for s in case.entries if s.source == server],
        )
        for case in PACK.cases
        for server in ("mercy", "lakeside")
    ]


def test_nothing_of_the_pack_differs_from_its_raw_bytes() -> None:
    found = loss.compare(of_pack())
    assert found.lost == []
    assert found.unaccounted == []
    assert {"result value and unit", "allergy reactions and their severity"} <= set(found.compared)
    assert sum(found.compared.values()) > 200


RESULT = {
    "resourceType": "Observation",
    "id": "1",
    "status": "final",
    "code": {"text": "Potassium"},
    "valueQuantity": {"value": 5.1, "unit": "mmol/L", "comparator": "<"},
    "interpretation": [{"coding": [{"code": "H"}]}],
    "referenceRange": [{"high": {"value": 5.0, "unit": "mmol/L"}}],
    "effectiveDateTime": "2026-11-20",
}
ALLERGY = {
    "resourceType": "AllergyIntolerance",
    "id": "2",
    "code": {"text": "Latex"},
    "criticality": "high",
    "reaction": [{"severity": "severe", "manifestation": [{"text": "Rash"}, {"text": "Shock"}]}],
}


@pytest.mark.parametrize(
    ("sent", "change", "field"),
    [
        (RESULT, {"value": Value(quantity=Quantity(value=Decimal("5.1"), unit="mmol/L"))}, "result value and unit"),
        (RESULT, {"value": Value(quantity=Quantity(value=Decimal("5.10"), unit="mmol/L", comparator="<"))}, "result value and unit"),
        (RESULT, {"value": Value(string="5.1")}, "result value and unit"),
        (RESULT, {"interpretation": ()}, "result flag"),
        (RESULT, {"interpretation": ("N",)}, "result flag"),
        (RESULT, {"ranges": ()}, "result range"),
        (RESULT, {"status": "preliminary"}, "result status"),
        (RESULT, {"taken": None}, "result time"),
        (ALLERGY, {"criticality": "low"}, "allergy criticality"),
        (ALLERGY, {"reactions": ()}, "allergy reactions and their severity"),
        (ALLERGY, {"reactions": (Reaction(severity="mild"),)}, "allergy reactions and their severity"),
    ],
)  # fmt: skip
def test_a_field_that_changed_on_the_way_is_named(
    sent: dict[str, Any], change: dict[str, Any], field: str
) -> None:
    raw = json.dumps(sent).encode()
    (record,) = section_records(searched(sent)).records
    found = loss.Loss()
    loss._compare(loss.read(raw), record, found)
    assert found.lost == []
    loss._compare(loss.read(raw), msgspec.structs.replace(record, **change), found)
    assert [name for name, _ in found.lost] == [field]


def test_an_entry_that_became_nothing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    empty = SectionRecords(state=searched().state)
    monkeypatch.setattr(loss, "section_records", lambda *_args, **_more: empty)
    assert loss.compare([searched(RESULT)]).unaccounted == ["Observation/1"]


def test_the_command_runs_the_pack(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("check_mapping_loss")
    assert f"pack: {len(PACK.cases)} of {len(PACK.cases)} cases kept" in capsys.readouterr().out


def test_the_command_reads_a_patient_of_a_connection(
    connect: Callable[..., Connection],
    ehrs: Callable[..., SmartEhr],
    capsys: pytest.CaptureFixture[str],
) -> None:
    ehr = ehrs()
    ehr.check_tokens = False
    connect(ehr, authorization=Connection.Authorization.OPEN)
    call_command("check_mapping_loss", "mercy", patient="p1")
    said = capsys.readouterr().out
    assert "result value and unit" in said
    assert "0 lost" in said
    assert "8.1" not in said


@pytest.mark.django_db
def test_the_command_names_what_it_does_not_know() -> None:
    with pytest.raises(CommandError, match="no active connection"):
        call_command("check_mapping_loss", "nowhere")


@pytest.mark.skipif(not DATA, reason="VISIT_LENS_DATA names no folder of records")
@pytest.mark.parametrize("name", FOLDERS)
def test_nothing_of_real_records_differs_from_their_raw_bytes(name: str) -> None:
    files = sorted((Path(DATA) / name).rglob("*.json"))
    if not files:
        pytest.skip(f"no folder {name}")
    answers = [
        pack.Answer(
            searched().state, [read_resource(raw, full_url=url) for url, raw in resources_of(f)]
        )
        for f in files
    ]
    found = loss.compare(answers)
    assert (found.lost[:5], found.unaccounted[:5]) == ([], [])
    assert sum(found.compared.values()) > 50
