"""Loading a folder: everything that can be served is, under its own patient, and the rest is named."""

from __future__ import annotations

import json
import os
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from sandbox import loader, shifting
from sandbox.loader import Loaded
from sandbox.store import Store

from .conftest import App, Json, Start

ONE, TWO = (
    "urn:uuid:11111111-aaaa-4bbb-8ccc-000000000001",
    "urn:uuid:22222222-aaaa-4bbb-8ccc-000000000002",
)


def loaded(
    folder: Path, files: dict[str, Any], house: list[Json] | None = None
) -> tuple[Store, Loaded]:
    """files: name to content; text and bytes are written as they are."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if not isinstance(content, bytes):
            text = content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)
            content = text.encode()
        path.write_bytes(content)
    store = Store(house or [])
    return store, loader.load(folder, store)


def bundle(kind: str, *resources: Json, urls: tuple[str, ...] = ()) -> Json:
    entries: list[Json] = [{"resource": each} for each in resources]
    for entry, url in zip(entries, urls, strict=False):
        entry["fullUrl"] = url
    return {"resourceType": "Bundle", "type": kind, "entry": entries}


def patient(id_: str | None = "p", **more: Any) -> Json:
    return {"resourceType": "Patient", **({"id": id_} if id_ else {}), **more}


def observation(id_: str | None, subject: str, **more: Any) -> Json:
    known = {"id": id_} if id_ else {}
    return {"resourceType": "Observation", **known, "subject": {"reference": subject}, **more}


def keys(store: Store) -> set[str]:
    return {held.reference for held in store}


@pytest.mark.parametrize(
    "kind",
    [
        "collection",
        "transaction",
        "batch",
        "searchset",
        "document",
        "message",
        "history",
        "made-up",
    ],
)
def test_every_kind_of_bundle(tmp_path: Path, kind: str) -> None:
    content = bundle(kind, patient(), observation("o", "Patient/p"))
    store, result = loaded(tmp_path, {"a/b/c.json": content})
    assert keys(store) == {"Patient/p", "Observation/o"}
    assert [held.id for held in store.of_patient("Observation", "p")] == ["o"]
    assert not result.refused


def test_single_resources_lists_and_lines(tmp_path: Path) -> None:
    lines = [json.dumps(observation(f"l{n}", "Patient/p")) for n in range(3)]
    store, result = loaded(
        tmp_path,
        {
            "single.json": b"\xef\xbb\xbf" + json.dumps(patient()).encode(),
            "list.json": [observation("a", "Patient/p"), observation("b", "Patient/p")],
            "lines.ndjson": "\n".join([*lines[:2], "", "{broken", lines[2]]),
            "bundles.jsonl": json.dumps(bundle("batch", observation("c", "Patient/p"))),
        },
    )
    assert {held.id for held in store.of_patient("Observation", "p")} == {
        "a",
        "b",
        "c",
        "l0",
        "l1",
        "l2",
    }
    assert [each.where for each in result.refused] == ["lines.ndjson, line 4"]


def test_references_by_uuid_by_address_and_by_identifier(tmp_path: Path) -> None:
    doctor = {"resourceType": "Practitioner", "identifier": [{"system": "urn:npi", "value": "9"}]}
    visit = {
        "resourceType": "Encounter",
        "subject": {"reference": ONE},
        "participant": [{"individual": {"reference": "Practitioner?identifier=urn:npi|9"}}],
    }
    first = bundle(
        "transaction",
        patient(None),
        visit,
        observation(None, ONE, encounter={"reference": TWO}),
        urls=(ONE, TWO),
    )
    address = "https://ehr.example/fhir/Patient/7"
    second = bundle("searchset", patient("7"), observation("x", address), urls=(address,))
    store, _ = loaded(tmp_path, {"1.json": first, "2.json": second, "3.json": doctor})
    one = ONE.removeprefix("urn:uuid:")
    (seen,) = store.of_patient("Observation", one)
    assert seen.content["encounter"]["reference"] == f"Encounter/{TWO.removeprefix('urn:uuid:')}"
    (encounter,) = store.of_patient("Encounter", one)
    found = store.find(encounter.content["participant"][0]["individual"]["reference"])
    assert found is not None
    assert found.type == "Practitioner"
    assert [held.id for held in store.of_patient("Observation", "7")] == ["x"]


def test_an_address_of_another_server_does_not_make_a_record_ours(tmp_path: Path) -> None:
    foreign = observation("x", "https://elsewhere.example/fhir/Patient/p")
    store, _ = loaded(tmp_path, {"1.json": patient(), "2.json": foreign})
    assert store.of_patient("Observation", "p") == []
    assert store.get("Observation", "x") is not None


def test_ids_are_kept_or_made_and_made_the_same_again(tmp_path: Path) -> None:
    files = {
        "1.json": bundle(
            "collection", patient("has spaces"), observation(None, "Patient/has spaces")
        ),
        "2.json": patient(7),  # type: ignore[arg-type]
        "3.json": {**bundle("batch", {"resourceType": "Flag"}), "note": 1},
    }
    files["3.json"]["entry"][0]["request"] = {"method": "PUT", "url": "Flag/f-1"}
    store, result = loaded(tmp_path, files)
    again, _ = loaded(tmp_path, {})
    assert keys(again) == keys(store)
    assert {"Patient/7", "Flag/f-1"} <= keys(store)
    (made,) = [held for held in store.of_type("Patient") if held.id != "7"]
    assert len(store.of_patient("Observation", made.id)) == 1
    assert result.counts["ids were missing or not valid, and were made"] == 3


def test_two_people_with_one_id_stay_two(tmp_path: Path) -> None:
    house = [
        patient("1", birthDate="1950-01-01"),
        observation("1", "Patient/1", valueString="house"),
    ]
    content = bundle(
        "collection",
        patient("1", birthDate="1980-01-01"),
        observation("1", "Patient/1", valueString="loaded"),
    )
    store, result = loaded(tmp_path, {"1.json": content}, house)
    values = {
        held.content["birthDate"]: [
            each.content["valueString"] for each in store.of_patient("Observation", held.id)
        ]
        for held in store.of_type("Patient")
    }
    assert values == {"1950-01-01": ["house"], "1980-01-01": ["loaded"]}
    assert sum(result.counts.values()) == 2


def test_a_lone_resource_with_somebody_elses_id_is_named_not_mixed(tmp_path: Path) -> None:
    house = [patient("1", birthDate="1950-01-01"), observation("1", "Patient/1")]
    files = {
        "1.json": patient("1", birthDate="1980-01-01"),
        "2.json": observation("1", "Patient/2"),
    }
    store, result = loaded(tmp_path, files, house)
    assert [each.where for each in result.refused] == ["1.json", "2.json"]
    patients = [held.content["birthDate"] for held in store.of_type("Patient")]
    assert patients == ["1950-01-01"]
    assert store.of_patient("Observation", "2") == []


def test_what_the_house_has_is_never_replaced(tmp_path: Path) -> None:
    nurse = {"resourceType": "Practitioner", "id": "nurse", "name": [{"text": "Of the house"}]}
    other = {**nurse, "name": [{"text": "Loaded"}], "meta": {"lastUpdated": "2999-01-01T00:00:00Z"}}
    visit = {
        "resourceType": "Encounter",
        "id": "e",
        "participant": [{"individual": {"reference": "Practitioner/nurse"}}],
    }
    files = {"1.json": bundle("collection", other, visit), "2.json": other}
    store, result = loaded(tmp_path, files, [nurse])
    held = store.get("Practitioner", "nurse")
    assert held is not None
    assert held.content["name"][0]["text"] == "Of the house"
    encounter = store.get("Encounter", "e")
    assert encounter is not None
    moved = store.find(encounter.content["participant"][0]["individual"]["reference"])
    assert moved is not None
    assert moved.content["name"][0]["text"] == "Loaded"
    assert [each.where for each in result.refused] == ["2.json"]


def test_versions(tmp_path: Path) -> None:
    old = observation("o", "Patient/p", status="preliminary", meta={"versionId": "1"})
    new = observation("o", "Patient/p", status="final", meta={"versionId": "2"})
    for files in ({"1.json": old, "2.json": new}, {"1.json": bundle("history", new, old)}):
        for name in ("1.json", "2.json"):
            (tmp_path / name).unlink(missing_ok=True)
        store, result = loaded(tmp_path, files)
        (held,) = store.of_type("Observation")
        assert held.content["status"] == "final"
        assert not result.refused
        assert sum(result.counts.values()) == 1


def test_another_version_without_a_number_is_named(tmp_path: Path) -> None:
    files = {
        "1.json": observation("o", "Patient/p", status="final"),
        "2.json": observation("o", "Patient/p", status="amended"),
        "3.json": observation("o", "Patient/p", status="final"),
    }
    store, result = loaded(tmp_path, files)
    assert [held.content["status"] for held in store.of_type("Observation")] == ["final"]
    assert [each.where for each in result.refused] == ["2.json"]
    assert result.counts["were there already, word for word"] == 1


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", "empty"),
        ("not json at all", "not JSON"),
        ("{", "not JSON"),
        (b"\xff\xfe{}", "UTF-8"),
        ("[" * 5000 + "]" * 5000, "not JSON"),
        ('{"resourceType":"Observation","valueQuantity":{"value":NaN}}', "not JSON"),
        ({"rows": []}, "no resourceType"),
        ({"resourceType": 5}, "not a name"),
        ({"resourceType": "../Patient"}, "not a name"),
        ("7", "not an object"),
        ("[[1]]", "not an object"),
        (r'{"resourceType":"Flag","id":"f","x":"\ud800"}', "cannot be written"),
        ({"resourceType": "Bundle", "type": "batch", "entry": {}}, "entries"),
        ({"resourceType": "Bundle", "entry": [7]}, "not an object"),
        ({"resourceType": "Bundle", "entry": [{}]}, "no resource"),
    ],
)
def test_what_cannot_be_loaded_is_named_and_the_rest_loads(
    tmp_path: Path, content: Any, reason: str
) -> None:
    store, result = loaded(tmp_path, {"bad.json": content, "good.json": patient()})
    assert keys(store) == {"Patient/p"}
    ((where, words),) = [(each.where, each.reason) for each in result.refused]
    assert where.startswith("bad.json")
    assert reason in words
    assert any("Not loaded: bad.json" in line for line in loader.report(result))


def test_what_needs_no_resource_is_nothing_to_complain_about(tmp_path: Path) -> None:
    content = bundle("batch", patient())
    content["entry"] += [
        {"request": {"method": "DELETE", "url": "Patient/9"}},
        {"response": {"status": "201"}},
        {"resource": {"resourceType": "OperationOutcome"}, "search": {"mode": "outcome"}},
        {"resource": bundle("searchset", observation("o", "Patient/p"))},
    ]
    store, result = loaded(tmp_path, {"a.json": content})
    assert keys(store) == {"Patient/p", "Observation/o"}
    assert not result.refused


def test_a_resource_of_a_wrong_shape_is_served_as_it_is(tmp_path: Path, start: Start) -> None:
    odd = {
        "resourceType": "Observation",
        "id": "odd",
        "subject": [{"reference": 7}, "x"],
        "code": "abc",
        "effectiveDateTime": {"a": 1},
        "category": [[["laboratory"]]],
        "unheardOf": [None],
    }
    store, result = loaded(tmp_path, {"odd.json": odd})
    assert not result.refused
    app: App = start([held.content for held in store])
    token = app.system()
    assert app.get("Observation/odd", token).json() == odd
    found = app.get("Observation?_sort=-date", token).json()
    assert found["entry"][0]["resource"] == odd
    assert app.get("Observation?patient=p&category=laboratory", token).status_code == 200


def test_numbers_keep_their_digits(tmp_path: Path) -> None:
    text = (
        '{"resourceType":"Observation","id":"o","valueQuantity":{"value":5.10},'
        '"component":[{"valueQuantity":{"value":1.000e2}},{"valueInteger":123456789012345678901}]}'
    )
    store, _ = loaded(tmp_path, {"o.json": text})
    (held,) = store.of_type("Observation")
    assert b'"value":5.10}' in held.raw
    assert b'"value":1.000e2}' in held.raw
    assert b"123456789012345678901" in held.raw


def test_what_is_missing_is_counted(tmp_path: Path) -> None:
    _, result = loaded(
        tmp_path,
        {
            "1.json": [observation("a", "Patient/gone"), observation("b", "Patient/gone")],
            "2.json": observation("c", ONE),
            "notes.txt": "words",
            "3.json": {"resourceType": "Organization", "id": "org"},
        },
    )
    lines = loader.report(result)
    assert "4 resources of 0 patients loaded from 3 files." in lines
    assert "1 references find nothing in the folder." in lines
    assert "Not FHIR JSON by their names, so not read: 1 .txt." in lines
    assert any(line.startswith("2 resources are about Patient/gone") for line in lines)


def shifted(tmp_path: Path, *resources: Json) -> tuple[Store, shifting.Shifted]:
    store, result = loaded(tmp_path, {"all.json": bundle("collection", *resources)})
    return store, shifting.shift(store, result.references, date(2026, 5, 5))


def test_the_last_record_of_each_patient_falls_on_today(tmp_path: Path) -> None:
    store, told = shifted(
        tmp_path,
        patient("a", birthDate="2100-01-31"),
        observation(
            "a1",
            "Patient/a",
            effectiveDateTime="2180-03-01T10:00:00.5-05:00",
            issued="2180-03-01T11:00:00Z",
            valueString="2180-03-01",
            valuePeriod={"start": "2180-02-28", "end": "2180-03"},
            identifier=[{"value": "2180-03-01"}],
            code={"text": "2180", "coding": [{"code": "2160"}]},
        ),
        observation("a2", "Patient/a", effectiveDateTime="2179"),
        {
            "resourceType": "Appointment",
            "id": "a3",
            "start": "2180-09-01",
            "participant": [{"actor": {"reference": "Patient/a"}}],
        },
        patient("b"),
        observation("b1", "Patient/b", effectiveDateTime="2020-02-29"),
        patient("c", birthDate="1990"),
        {
            "resourceType": "Organization",
            "id": "o",
            "meta": {"lastUpdated": "2180-01-01T00:00:00Z"},
        },
    )
    assert told == shifting.Shifted(patients=2, undated=1, kept=0)
    a1 = store.get("Observation", "a1")
    assert a1 is not None
    content = a1.content
    assert content["effectiveDateTime"] == "2026-05-05T10:00:00.5-05:00"
    assert content["issued"] == "2026-05-05T11:00:00Z"
    assert content["valuePeriod"] == {"start": "2026-05-03", "end": "2026-05"}
    assert (content["valueString"], content["code"]["text"]) == ("2180-03-01", "2180")
    assert content["code"]["coding"][0]["code"] == "2160"
    assert content["identifier"][0]["value"] == "2180-03-01"
    contents = {held.reference: held.content for held in store}
    days = date(2026, 5, 5) - date(2180, 3, 1)
    assert contents["Patient/a"]["birthDate"] == (date(2100, 1, 31) + days).isoformat()
    assert contents["Observation/a2"]["effectiveDateTime"] == "2025"
    assert contents["Appointment/a3"]["start"] == (date(2180, 9, 1) + days).isoformat()
    assert contents["Observation/b1"]["effectiveDateTime"] == "2026-05-05"
    assert contents["Patient/c"]["birthDate"] == "1990"
    assert contents["Organization/o"]["meta"]["lastUpdated"] == "2180-01-01T00:00:00Z"


@pytest.mark.parametrize(
    ("died", "then", "last_record"),
    [
        ("2180-03-04T02:00:00Z", "2026-05-05T02:00:00Z", "2026-05-02"),  # three days after it
        ("2180-02-27", "2026-05-02", "2026-05-05"),  # before what was written afterwards
        ("2180-06", "2026-05", "2026-01-19"),
        ("2179", "2025", "2026-05-05"),
        ("unknown", "unknown", "2026-05-05"),
    ],
)
def test_no_death_comes_to_lie_ahead_of_today(
    tmp_path: Path, died: str, then: str, last_record: str
) -> None:
    store, told = shifted(
        tmp_path,
        patient("a", deceasedDateTime=died),
        observation("a1", "Patient/a", effectiveDateTime="2180-03-01"),
    )
    assert told.patients == 1
    contents = {held.reference: held.content for held in store}
    assert contents["Patient/a"]["deceasedDateTime"] == then
    assert contents["Observation/a1"]["effectiveDateTime"] == last_record


def test_dates_of_no_calendar_stay_and_are_counted(tmp_path: Path) -> None:
    store, told = shifted(
        tmp_path,
        patient("a", birthDate="1990-02-31"),
        observation(
            "x", "Patient/a", effectiveDateTime="2020-01-01", issued="2020-13-01T10:00:00Z"
        ),
        {
            "resourceType": "Coverage",
            "id": "c",
            "beneficiary": {"reference": "Patient/a"},
            "period": {"end": "9999-12-31"},
        },
    )
    assert told.kept == 3
    held = store.get("Coverage", "c")
    assert held is not None
    assert held.content["period"]["end"] == "9999-12-31"


def test_the_patients_of_the_house_are_not_moved(tmp_path: Path) -> None:
    house = [patient("h"), observation("h1", "Patient/h", effectiveDateTime="2020-01-01")]
    store, result = loaded(tmp_path, {"p.json": patient()}, house)
    shifting.shift(store, result.references, date(2026, 5, 5))
    held = store.get("Observation", "h1")
    assert held is not None
    assert held.content["effectiveDateTime"] == "2020-01-01"


RECORDS = Path(os.environ.get("VISIT_LENS_DATA", ""))


@pytest.mark.skipif(
    not os.environ.get("VISIT_LENS_DATA"), reason="VISIT_LENS_DATA names no folder of records"
)
def test_real_records_load_and_every_patient_can_be_launched(start: Start) -> None:
    folders = [path for path in sorted(RECORDS.iterdir()) if any(path.glob("*.json"))]
    assert folders
    for folder in folders:
        store = Store([{"resourceType": "Practitioner", "id": "physician"}])
        result = loader.load(folder, store)
        people = store.of_type("Patient")
        assert people, folder
        assert not result.missing, folder
        app = start([held.content for held in store])
        for held in people:
            assert app.launched(held.id)
            assert all(each.raw for kind in store.types for each in store.of_patient(kind, held.id))
