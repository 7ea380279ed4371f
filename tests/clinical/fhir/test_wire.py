from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinical.errors import SourceError
from clinical.fhir import salvage, wire
from clinical.fhir.wire import read_page

GOOD: dict[str, Any] = {
    "resourceType": "Observation",
    "id": "good",
    "status": "final",
    "code": {"text": "Creatinine"},
    "subject": {"reference": "Patient/1"},
    "valueQuantity": {"value": 5.1, "unit": "mg/dL"},
}


def bundle(*resources: bytes) -> bytes:
    entries = b",".join(
        b'{"resource":' + each + b',"search":{"mode":"match"}}' for each in resources
    )
    return b'{"resourceType":"Bundle","type":"searchset","total":9,"entry":[' + entries + b"]}"


def defective(**changes: Any) -> bytes:
    changed = {**GOOD, "id": "odd", **changes}
    return json.dumps({k: v for k, v in changed.items() if v != "drop"}).encode()


# The rows of the tolerance table, and what else has been met in the field
DEFECTS = {
    "unknown field": defective(vendorField={"a": 1}),
    "R5 field": defective(triggeredBy=[{}]),
    "missing status": defective(status="drop"),
    "missing code": defective(code="drop"),
    "bad date": defective(effectiveDateTime="2024-13-45"),
    "date-time without zone": defective(effectiveDateTime="2024-01-01T10:00:00"),
    "empty string": defective(status=""),
    "category object instead of list": defective(category={"coding": []}),
    "value as string": defective(valueQuantity={"value": "5.1"}),
    "null element": defective(category=[None], code=None),
    "unknown status": defective(status="banana"),
    "long id": defective(id="x" * 300),
    "_status extension": defective(_status={"extension": [{"url": "u", "valueCode": "x"}]}),
    "missing status with _status": defective(status="drop", _status={"extension": []}),
    "NaN": defective().replace(b"5.1", b"NaN"),
    "infinity": defective().replace(b"5.1", b"-Infinity"),
    "huge number": defective().replace(b"5.1", b"9" * 5000),
    "duplicate key": defective().replace(b'"status"', b'"status": "x", "status"', 1),
    "lone surrogate": defective(status=r"X").replace(b'"X"', rb'"\ud800"'),
    "bytes that are not UTF-8": defective(status="X").replace(b'"X"', b'"\xff\xfe"'),
    "control character": defective(status="X").replace(b'"X"', b'"a\x01b"'),
    "deeper than we read": defective(note=[]).replace(b"[]", b"[" * 3000 + b"]" * 3000),
    "deeper than the cap": defective(note=[]).replace(b"[]", b"[" * 70 + b"]" * 70),
    "a number": b"3",
    "null": b"null",
    "an empty object": b"{}",
    "a list": b"[]",
    "an unknown type": b'{"resourceType":"Nonsense","id":"odd"}',
    "a type that is not a word": b'{"resourceType":7,"id":["odd"]}',
}


@pytest.mark.parametrize("name", DEFECTS)
def test_one_defect_in_a_hundred_costs_at_most_itself(name: str) -> None:
    good = [json.dumps({**GOOD, "id": f"g{n}"}).encode() for n in range(99)]
    page = read_page(bundle(*good[:50], DEFECTS[name], *good[50:]), expected="Observation")
    assert len(page.entries) == 100
    assert [e.id for e in page.entries if e.resource and e.id.startswith("g")] == [
        f"g{n}" for n in range(99)
    ]
    odd = page.entries[50]
    assert odd.resource is not None or odd.problem
    assert odd.raw.strip() or name == "nothing"


@pytest.mark.parametrize("name", ["NaN", "lone surrogate", "bytes that are not UTF-8"])
def test_a_broken_entry_still_says_what_it_is_and_shows_its_bytes(name: str) -> None:
    page = read_page(bundle(DEFECTS[name]))
    assert page.entries[0].reference == "Observation/odd"
    assert b'"odd"' in page.entries[0].raw


def test_the_words_of_a_problem_hold_no_value_of_the_resource() -> None:
    page = read_page(bundle(defective(category="Smith, John")))
    assert page.entries[0].problem == "Expected array | null, got str at category"


def test_links_and_total_survive_a_broken_entry() -> None:
    body = bundle(DEFECTS["NaN"]).replace(
        b'"total"', b'"link":[{"relation":"next","url":"http://x/n"},null,7],"total"'
    )
    page = read_page(body)
    assert (page.next_link, page.total) == ("http://x/n", 9)


def test_outcomes_stand_apart_and_other_types_came_along() -> None:
    page = read_page(
        json.dumps(
            {
                "resourceType": "Bundle",
                "entry": [
                    {"resource": {"resourceType": "OperationOutcome", "issue": []}},
                    {"resource": {"resourceType": "Medication", "id": "m"}},
                    {"resource": {"resourceType": "MedicationRequest", "id": "r"}, "search": None},
                ],
            }
        ).encode(),
        expected="MedicationRequest",
    )
    assert len(page.outcomes) == 1
    assert [(e.type, e.mode) for e in page.entries] == [
        ("Medication", "include"),
        ("MedicationRequest", "match"),
    ]


def test_a_single_resource_is_a_page_of_one() -> None:
    page = read_page(b"\xef\xbb\xbf " + json.dumps(GOOD).encode())
    assert [e.reference for e in page.entries] == ["Observation/good"]


@pytest.mark.parametrize("total", ["-1", "1e3", '"7"', "9" * 400, "null"])
def test_a_senseless_total_is_no_total(total: str) -> None:
    assert read_page(b'{"resourceType":"Bundle","total":' + total.encode() + b"}").total is None


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "answered with nothing"),
        (b"<!DOCTYPE html><html>Sign in</html>", "web page (HTML)"),
        (b"\n  <html lang=en>", "web page (HTML)"),
        (b'<?xml version="1.0"?><Bundle xmlns="http://hl7.org/fhir"/>', "XML"),
        (b"Service unavailable", "plain text"),
        (b'"text"', "plain text"),
        (b'{"error":"no"}', "not FHIR"),
        (b"[1,2]", "cannot be read"),
        (b'{"resourceType":7}', "not FHIR"),
        (bundle(json.dumps(GOOD).encode())[:-5], "breaks off"),
        (b'{"resourceType":"Bundle","entry":[{"resource":{"a":"', "breaks off"),
        (b"{", "breaks off"),
        (b'{"resourceType":"Bundle","total":NaN}', "cannot be read"),
    ],
)
def test_an_answer_that_is_no_fhir_says_so_in_a_sentence(body: bytes, words: str) -> None:
    with pytest.raises(SourceError) as caught:
        read_page(body, source="Mercy Hospital")
    assert caught.value.reason.startswith("Mercy Hospital ")
    assert words in caught.value.reason
    assert caught.value.reason.endswith(".")
    assert caught.value.remedy


def test_entries_beyond_the_cap_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "MAX_ENTRIES", 3)
    page = read_page(bundle(*[json.dumps(GOOD).encode()] * 5))
    assert (len(page.entries), page.left_out) == (3, 2)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)
resources = st.dictionaries(
    st.sampled_from([*GOOD, "category", "component", "note", "meta", "contained", "zzz"]),
    json_values,
).map(lambda changes: json.dumps({**GOOD, **changes}).encode())
fragments = st.binary(max_size=40) | st.sampled_from(
    [b"{", b"[", b'"', b"NaN", b"\xff", b",", b"\\"]
)


@given(st.binary(max_size=300))
def test_whatever_comes_is_a_page_or_a_sentence(body: bytes) -> None:
    try:
        page = read_page(body)
    except SourceError as error:
        words = error.reason
    else:
        words = f"{len(page.entries)} entries."
    assert words.endswith(".")


@given(st.lists(resources, max_size=5), st.integers(0, 5))
def test_no_good_entry_is_lost_beside_odd_ones(odd: list[bytes], place: int) -> None:
    good = json.dumps(GOOD).encode()
    page = read_page(bundle(*odd[:place], good, *odd[place:]), expected="Observation")
    assert len(page.entries) + len(page.outcomes) == len(odd) + 1
    assert any(e.raw == good and e.resource is not None for e in page.entries)


@given(fragments, st.integers(0, 200))
def test_damage_inside_one_string_never_costs_the_neighbour(junk: bytes, place: int) -> None:
    inside = junk.replace(b'"', b"").replace(b"\\", b"")
    bad = b'{"resourceType":"Observation","id":"bad","status":"' + inside + b'"}'
    page = read_page(bundle(json.dumps(GOOD).encode(), bad, json.dumps(GOOD).encode()))
    assert [e.resource is not None for e in page.entries][::2] == [True, True]


@given(json_values, st.integers(0, 6))
def test_depth_counts_brackets_outside_of_strings_only(value: Any, limit: int) -> None:
    def deep(each: Any) -> int:
        if isinstance(each, dict):
            return 1 + max(map(deep, each.values()), default=0)
        return 1 + max(map(deep, each), default=0) if isinstance(each, list) else 0

    assert salvage.deeper_than(limit, json.dumps(value).encode()) == (deep(value) > limit)
