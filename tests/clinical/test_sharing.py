"""Records from a snapshot or another process: equal parts held once, and every figure as it was sent."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import msgspec
import pytest

from clinical.records import (
    Coding,
    Concept,
    FhirTime,
    Observation,
    Procedure,
    Quantity,
    Reference,
    ReferenceRange,
    Source,
    Value,
)
from clinical.records.sharing import Apart, apart, share, share_all, together

encode = msgspec.msgpack.Encoder().encode


def observation(number: int, value: str, low: str, *, text: str = "Potassium") -> Observation:
    at = datetime(2026, 11, 1, 8, tzinfo=UTC)
    return Observation(
        source=Source(server="mercy", reference=f"Observation/{number}"),
        concept=Concept(codings=(Coding("http://loinc.org", "2823-3", text),), text=text),
        category="laboratory",
        status="final",
        value=Value(quantity=Quantity(value=Decimal(value), unit="mmol/L")),
        interpretation=("N",),
        ranges=(ReferenceRange(low=Quantity(value=Decimal(low), unit="mmol/L")),),
        taken=FhirTime(start=at, end=at, precision="second", text="2026-11-01T08:00:00Z"),
        performers=(Reference(target="Organization/lab", display="Laboratory"),),
        encounter="Encounter/1",
    )


def read(*sent: Observation) -> tuple[Observation, ...]:
    """As from another process: nothing in common."""
    return tuple(msgspec.msgpack.decode(encode(each), type=Observation) for each in sent)


def test_what_is_equal_is_held_once_and_reads_as_before() -> None:
    sent = (observation(1, "4.1", "3.5"), observation(2, "4.1", "3.5"))
    one, two = read(*sent)
    assert one.concept is not two.concept
    share((one, two))
    assert one.concept is two.concept
    assert one.performers is two.performers
    share_all((one, two))
    assert one.ranges is two.ranges
    assert one.source.server is two.source.server
    assert one.category is two.category
    assert one.value.quantity is not None
    assert two.value.quantity is not None
    assert one.value.quantity.unit is two.value.quantity.unit
    assert [encode(each) for each in (one, two)] == [encode(each) for each in sent]


def test_equal_numbers_that_were_written_differently_stay_as_they_were_sent() -> None:
    sent = (observation(1, "4.0", "3.5"), observation(2, "4.00", "3.50"))
    found = read(*sent)
    share(found)
    share_all(found)
    assert [encode(each) for each in found] == [encode(each) for each in sent]
    one, two = found
    assert one.ranges == two.ranges
    assert one.ranges is not two.ranges
    assert two.value.quantity is not None
    assert str(two.value.quantity.value) == "4.00"


def test_concepts_that_differ_in_a_word_only_stay_apart() -> None:
    sent = (observation(1, "4.1", "3.5"), observation(2, "4.1", "3.5", text="potassium"))
    found = read(*sent)
    share(found)
    assert [each.concept.text for each in found] == ["Potassium", "potassium"]
    same_text = read(
        observation(1, "4.1", "3.5"),
        msgspec.structs.replace(
            sent[0], concept=Concept((Coding("urn:local", "2823-3", "x"),), "Potassium")
        ),
    )
    share(same_text)
    assert [each.concept.codings[0].system for each in same_text] == [
        "http://loinc.org",
        "urn:local",
    ]


def carried(*records: Observation | Procedure) -> tuple[bytes, tuple[object, ...]]:
    """As it is written, and what is read of it elsewhere."""
    written = encode(apart(records))
    return written, together(msgspec.msgpack.decode(written, type=Apart))


def test_records_that_were_taken_apart_are_the_same_again_with_equal_parts_held_once() -> None:
    operation = Procedure(source=Source(server="mercy", reference="Procedure/1"), concept=Concept())
    bare = msgspec.structs.replace(
        observation(3, "5.0", "3.5"), ranges=(), performers=(), interpretation=(), encounter=""
    )
    sent = (observation(1, "4.1", "3.5"), operation, observation(2, "4.1", "3.5"), bare)
    _, found = carried(*sent)
    assert [encode(each) for each in found] == [encode(each) for each in sent]
    one, _, two, three = found
    for name in ("concept", "category", "status", "interpretation", "ranges", "performers"):
        assert getattr(one, name) is getattr(two, name)
    assert one.concept is three.concept  # type: ignore[attr-defined]
    assert three.ranges == ()  # type: ignore[attr-defined]


def test_records_without_results_and_none_at_all_stay_as_they_are() -> None:
    operation = Procedure(source=Source(server="mercy", reference="Procedure/1"), concept=Concept())
    assert carried(operation)[1] == (operation,)
    assert carried()[1] == ()


def test_what_is_written_does_not_depend_on_what_the_records_share() -> None:
    sent = (observation(1, "4.1", "3.5"), observation(2, "4.1", "3.5"))
    sharing = read(*sent)
    share(sharing)
    share_all(sharing)
    assert carried(*sharing)[0] == carried(*read(*sent))[0]


def test_ranges_of_equal_numbers_that_were_written_differently_are_carried_as_sent() -> None:
    sent = (observation(1, "4.0", "3.5"), observation(2, "4.00", "3.50"))
    _, found = carried(*sent)
    assert [encode(each) for each in found] == [encode(each) for each in sent]


def test_taking_apart_changes_nothing_of_the_records_themselves() -> None:
    record = observation(1, "4.1", "3.5")
    before = encode(record)
    apart((record,))
    assert encode(record) == before


@pytest.mark.parametrize("places", [((0,),) * 6, ((0,),) * 6 + ((9,),), ((0, 0),) * 7])
def test_places_that_do_not_fit_are_an_error_and_never_another_part(
    places: tuple[tuple[int, ...], ...],
) -> None:
    found = msgspec.structs.replace(apart(read(observation(1, "4.1", "3.5"))), places=places)
    with pytest.raises((ValueError, IndexError)):
        together(found)
