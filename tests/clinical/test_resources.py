"""Reading FHIR as it arrives: tolerant of what is missing, strict about what is wrong."""

from __future__ import annotations

import msgspec
import pytest

from clinical import resources as fhir


def decode(kind: str, body: str) -> fhir.Resource:
    return msgspec.json.decode(body.encode(), type=fhir.RESOURCE_TYPES[kind])


@pytest.mark.parametrize("kind", sorted(fhir.RESOURCE_TYPES))
def test_every_element_may_be_missing_or_null(kind: str) -> None:
    struct = fhir.RESOURCE_TYPES[kind]
    names = list(struct.__struct_encode_fields__)
    nulls = ", ".join(f'"{name}": null' for name in names)
    assert type(decode(kind, "{}")) is struct
    assert type(decode(kind, f"{{{nulls}}}")) is struct


@pytest.mark.parametrize("kind", sorted(fhir.RESOURCE_TYPES))
def test_an_element_we_do_not_read_costs_nothing(kind: str) -> None:
    assert decode(kind, '{"id": "1", "newInR6": [{"a": 1}]}').id == "1"


@pytest.mark.parametrize("kind", sorted(fhir.RESOURCE_TYPES))
def test_no_struct_costs_the_garbage_collector_anything(kind: str) -> None:
    assert fhir.RESOURCE_TYPES[kind].__struct_config__.gc is False


@pytest.mark.parametrize(
    "body",
    [
        '{"category": {"text": "object instead of list"}}',
        '{"id": 7}',
        '{"valueBoolean": "true"}',
        '{"valueInteger": "7"}',
        '{"code": "text"}',
        '{"effectivePeriod": "2026"}',
    ],
)
def test_an_element_of_the_wrong_type_is_refused(body: str) -> None:
    with pytest.raises(msgspec.ValidationError):
        decode("Observation", body)


def test_nulls_inside_lists_are_tolerated() -> None:
    found = decode("Patient", '{"name": [null, {"given": [null, "Ana"]}]}')
    assert isinstance(found, fhir.Patient)
    assert found.name is not None
    assert found.name[1] is not None
    assert found.name[1].given == (None, "Ana")


@pytest.mark.parametrize(
    ("kind", "body", "subject"),
    [
        ("Observation", '{"subject": {"reference": "Patient/1"}}', "Patient/1"),
        ("Condition", '{"subject": {"reference": "https://x/Patient/1/_history/2"}}', "https://x/Patient/1/_history/2"),
        ("AllergyIntolerance", '{"patient": {"reference": "Patient/1"}}', "Patient/1"),
        ("Immunization", '{"patient": {"reference": "Patient/1"}}', "Patient/1"),
        ("Device", "{}", None),
        ("FamilyMemberHistory", '{"patient": {"reference": "Patient/1"}}', "Patient/1"),
        ("Patient", '{"id": "1"}', "Patient/1"),
        ("Patient", "{}", None),
        ("Observation", '{"subject": {"display": "Ana"}}', None),
        ("Observation", '{"subject": {"identifier": {"system": "urn:mrn", "value": "7"}}}', "Patient?identifier=urn:mrn|7"),
        ("Appointment", '{"participant": [{"actor": {"reference": "Practitioner/1"}}, {"actor": {"reference": "Patient/1"}}]}', "Patient/1"),
        ("Appointment", '{"participant": [null, {"actor": {"reference": "urn:uuid:1", "type": "Patient"}}]}', "urn:uuid:1"),
        ("Appointment", '{"participant": [{"actor": {"reference": "Patient/1", "type": "Device"}}]}', None),
        ("Practitioner", "{}", None),
    ],
)  # fmt: skip
def test_a_resource_says_whose_it_is(kind: str, body: str, subject: str | None) -> None:
    assert fhir.subject_of(decode(kind, body)) == subject


def test_an_appointment_may_have_several_patients() -> None:
    actors = ", ".join(f'{{"actor": {{"reference": "Patient/{number}"}}}}' for number in (1, 2))
    found = decode("Appointment", f'{{"participant": [{actors}]}}')
    assert fhir.subjects_of(found) == ("Patient/1", "Patient/2")
