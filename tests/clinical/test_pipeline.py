"""From what a search brought to the section that is stored: states, counts and nothing lost."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from clinical import resources as fhir
from clinical.fhir.entries import Entry
from clinical.pipeline import ReadBefore, section_records
from clinical.records import FetchState, Observation, SearchState, Section

NOW = datetime(2026, 11, 23, 16, 31, tzinfo=UTC)
POTASSIUM = {
    "resourceType": "Observation",
    "id": "1",
    "status": "final",
    "code": {"coding": [{"system": "http://loinc.org", "code": "2823-3"}], "text": "Potassium"},
    "subject": {"reference": "Patient/p"},
    "effectiveDateTime": "2026-11-23T08:10:00Z",
    "valueQuantity": {"value": 5.90, "unit": "mmol/L"},
}


@dataclass(frozen=True)
class Fetched:
    state: SearchState
    entries: tuple[Entry, ...]


def entry(body: dict[str, Any], mode: str = "match") -> Entry:
    kind, raw = fhir.RESOURCE_TYPES[body["resourceType"]], msgspec.json.encode(body)
    return Entry(
        type=body["resourceType"],
        id=body["id"],
        mode=mode,
        resource=msgspec.json.decode(raw, type=kind),
        raw=raw,
    )


def broken(name: str = "9") -> Entry:
    return Entry(
        type="Observation", id=name, mode="match", raw=b"", problem="its value is not a number"
    )


def fetched(
    *entries: Entry, section: Section = Section.LABS, state: FetchState = FetchState.OK
) -> Fetched:
    return Fetched(
        SearchState(
            server="mercy", search=f"{section}.recent", section=section, state=state, at=NOW
        ),
        entries,
    )


def test_entries_become_records_and_are_counted() -> None:
    found = section_records(fetched(entry(POTASSIUM)))
    (record,) = found.records
    assert isinstance(record, Observation)
    assert record.source.token == "mercy/Observation/1"
    assert (found.state.state, found.state.received, found.state.unreadable) == (
        FetchState.OK,
        1,
        0,
    )


def test_one_unreadable_entry_costs_one_entry_and_is_said() -> None:
    found = section_records(fetched(entry(POTASSIUM), broken()))
    assert len(found.records) == 1
    assert [(n.source.reference, n.reason, n.detail) for n in found.not_shown] == [
        ("Observation/9", "unreadable", "its value is not a number")
    ]
    assert found.state.state is FetchState.PARTIAL
    assert found.state.reason == "1 of 2 entries could not be read"


def test_two_unreadable_entries_without_an_id_stay_two() -> None:
    found = section_records(fetched(broken(""), broken("")))
    assert len({n.source.reference for n in found.not_shown}) == 2


def test_an_answer_without_entries_is_empty_and_not_none_known() -> None:
    found = section_records(fetched(section=Section.ALLERGIES))
    assert found.state.state is FetchState.OK_EMPTY


def nka(name: str) -> Entry:
    code = {
        "coding": [{"system": "http://snomed.info/sct", "code": "716186003"}],
        "text": "No known allergies",
    }
    status = {
        "coding": [
            {
                "system": "http://terminology.hl7.org/CodeSystem/allergyintolerance-verification",
                "code": "confirmed",
            }
        ]
    }
    return entry({"resourceType": "AllergyIntolerance", "id": name, "code": code, "verificationStatus": status, "patient": {"reference": "Patient/p"}})  # fmt: skip


def test_only_an_assertion_makes_none_known() -> None:
    found = section_records(fetched(nka("1"), section=Section.ALLERGIES))
    assert found.state.state is FetchState.OK_NEGATED
    mixed = entry(
        {
            "resourceType": "AllergyIntolerance",
            "id": "2",
            "code": {"text": "Latex"},
            "patient": {"reference": "Patient/p"},
        }
    )
    assert (
        section_records(fetched(nka("1"), mixed, section=Section.ALLERGIES)).state.state
        is FetchState.OK
    )


def test_no_known_drug_allergies_is_no_answer_about_allergies_in_general() -> None:
    drugs = entry(
        {
            "resourceType": "AllergyIntolerance",
            "id": "1",
            "patient": {"reference": "Patient/p"},
            "code": {"coding": [{"system": "http://snomed.info/sct", "code": "409137002"}]},
        }
    )
    found = section_records(fetched(drugs, section=Section.ALLERGIES))
    assert found.state.state is FetchState.OK


@pytest.mark.parametrize(
    "state", [FetchState.FAILED, FetchState.RESTRICTED, FetchState.PARTIAL, FetchState.FETCHING]
)
def test_a_bad_answer_stays_bad_whatever_it_brought(state: FetchState) -> None:
    assert section_records(fetched(entry(POTASSIUM), state=state)).state.state is state


def test_included_medicines_give_words_and_are_no_records() -> None:
    request = {
        "resourceType": "MedicationRequest",
        "id": "1",
        "status": "active",
        "intent": "order",
        "subject": {"reference": "Patient/p"},
        "medicationReference": {"reference": "Medication/5"},
    }
    medicine = {
        "resourceType": "Medication",
        "id": "5",
        "code": {"text": "Apixaban 5 MG Oral Tablet"},
    }
    found = section_records(
        fetched(entry(request), entry(medicine, "include"), section=Section.MEDICATIONS)
    )
    (record,) = found.records
    assert getattr(record, "concept").text == "Apixaban 5 MG Oral Tablet"  # noqa: B009


# ---- what a pull brings twice


def test_what_comes_again_is_the_record_that_was_read_before() -> None:
    before, other = ReadBefore(), {**POTASSIUM, "id": "2"}
    first = section_records(fetched(entry(POTASSIUM)), before=before)
    again = section_records(fetched(entry(POTASSIUM), entry(other)), before=before)
    assert first.records[0] is again.records[0]
    assert again.records == section_records(fetched(entry(POTASSIUM), entry(other))).records
    assert again.state == section_records(fetched(entry(POTASSIUM), entry(other))).state


def test_other_bytes_and_another_section_are_read_anew() -> None:
    before = ReadBefore()
    section_records(fetched(entry(POTASSIUM)), before=before)
    corrected = {**POTASSIUM, "status": "corrected", "valueQuantity": {"value": 3.9}}
    for again in (fetched(entry(corrected)), fetched(entry(POTASSIUM), section=Section.VITALS)):
        made = section_records(again, before=before)
        assert made == section_records(again)
    (record,) = section_records(fetched(entry(corrected)), before=before).records
    assert isinstance(record, Observation)
    assert record.status == "corrected"


def test_two_versions_of_one_entry_are_never_mixed_up() -> None:
    before = ReadBefore()
    older = {**POTASSIUM, "status": "preliminary"}
    both = fetched(entry(older), entry(POTASSIUM))
    for _ in range(2):
        made = section_records(both, before=before)
        assert made == section_records(both)


def test_what_is_not_shown_is_counted_each_time() -> None:
    before = ReadBefore()
    withdrawn = {**POTASSIUM, "id": "3", "status": "entered-in-error"}
    for _ in range(2):
        made = section_records(fetched(entry(POTASSIUM), entry(withdrawn)), before=before)
        assert len(made.records) == 1
        assert [hidden.source.reference for hidden in made.not_shown] == ["Observation/3"]
