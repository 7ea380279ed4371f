"""What holds for every chart: order never matters, nothing is lost, reading it again changes nothing."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from clinical import units
from clinical.reconcile import reconcile
from clinical.reconcile.chart import section_of
from clinical.records import (
    Chart,
    Observation,
    Record,
    Report,
    SectionRecords,
    Value,
)
from clinical.summary.ledger import entries_of
from tests.clinical.reconcile.builders import (
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
from tests.clinical.reconcile.test_localcodes import local

AS_OF = datetime(2026, 11, 23, 16, 31, tzinfo=UTC)
_SAID = {("mercy", "urn:mercy:lab", "9"): "2951-2", ("lakeside", "urn:mercy:lab", "1"): ""}
_TIMES = [
    "2026-01-01T08:00:00Z",
    "2026-03-01T08:00:00Z",
    "2026-03-01",
    None,
    "2031-01-01T08:00:00Z",
]


@st.composite
def results(draw: st.DrawFn, number: int) -> Observation:
    server = draw(st.sampled_from(["mercy", "lakeside"]))
    when = draw(st.sampled_from(_TIMES))
    value = draw(st.sampled_from(["4.1", "4.10", "5.9"]))
    kind = draw(st.integers(0, 5))
    status = draw(st.sampled_from(["final", "preliminary", "corrected", "cancelled"]))
    if kind == 0:
        return lab(number, value=value, when=when, server=server, status=status)
    if kind == 1:
        code, unit = draw(st.sampled_from([("2160-0", "mg/dL"), ("14682-9", "umol/L")]))
        return lab(number, "Creatinine", code, value, unit, when, server=server, status=status)
    if kind == 2:
        name, code = draw(st.sampled_from([("Potassium", "1"), ("Sodium", "9"), ("Kappa", "7")]))
        return local(number, name, code, unit="mmol/L", when=when, server=server)
    if kind == 3:
        if when is None or status != "final":
            return lab(number, "Systolic", "8480-6", "148", "mm[Hg]", when, server=server)
        return pressure(number, "148", "86", when, server=server)
    if kind == 4:
        members = (f"Observation/{draw(st.integers(0, 11))}",)
        return lab(
            number, "Urine culture", "630-4", None, when=when, server=server, members=members
        )
    found = lab(number, "Gram", "x", None, when=when, server=server)
    return msgspec.structs.replace(
        found, value=Value(quantity=amount("1", "mmol/L", comparator="<"))
    )


@st.composite
def records(draw: st.DrawFn) -> list[Record]:
    found: list[Record] = [draw(results(number)) for number in range(draw(st.integers(1, 12)))]
    found.append(patient(birth=at("1950-01-01")))
    found.append(nka(50))
    found.append(problem(51, "Asthma", "195967001", server="lakeside", clinical="resolved"))
    found.append(medication(52, "Metformin 500 MG", "1 tablet daily"))
    told = Report(
        source=source("DiagnosticReport/60"),
        concept=concept("Urine culture"),
        results=(f"Observation/{draw(st.integers(0, 11))}",),
    )
    return [*found, told]


def chart(found: list[Record], pages: int = 1) -> Chart:
    parts = [
        section(section_of(page[0]), *page, search=f"s{n}", received=0)
        for n in range(pages)
        if (page := found[n::pages])
    ]
    made = reconcile(parts, launch_server="mercy", mappings=_SAID, as_of=AS_OF)
    return msgspec.structs.replace(made, states=())


def contained(made: Chart) -> Iterator[Record]:
    """Every record of a chart."""
    yield from made.patients
    for row in made.series:
        yield from entries_of(row)
    for name in made.__struct_fields__:
        value = getattr(made, name)
        if name not in ("patients", "series", "states", "not_shown"):
            for item in value:
                yield from item.members


@settings(max_examples=150, deadline=None)
@given(records(), st.integers(0, 10_000), st.integers(1, 4))
def test_the_order_of_sources_pages_and_entries_never_matters(
    found: list[Record], seed: int, pages: int
) -> None:
    shuffled = list(found)
    random.Random(seed).shuffle(shuffled)
    assert chart(shuffled, pages) == chart(found)


@settings(max_examples=150, deadline=None)
@given(records())
def test_every_entry_is_in_the_chart_once_or_counted_as_not_shown(found: list[Record]) -> None:
    made = chart(found)
    shown = [record.source.token for record in contained(made)]
    aside = [entry.source.token for entry in made.not_shown]
    # Half a pressure is an entry of its pair; its values stand in the pair's two parts.
    assert sorted({*shown, *aside}) == sorted({record.source.token for record in found})
    assert len(shown) == len(set(shown))
    assert not set(shown) & set(aside)


@settings(max_examples=100, deadline=None)
@given(records())
def test_reading_the_records_of_a_chart_again_gives_the_same_chart(found: list[Record]) -> None:
    made = chart(found)
    again = chart([*found, *found])
    assert again == made


_PAIRS = [
    ("mg/dL", "mmol/L", "2345-7"), ("mg/dL", "umol/L", "2160-0"), ("g/dL", "g/L", "718-7"), ("Cel", "[degF]", "8310-5"),
    ("[lb_av]", "kg", "29463-7"), ("[in_i]", "cm", "8302-2"), ("mg/dL", "mmol/L", "2093-3"), ("K/uL", "10*9/L", "6690-2"),
    ("mg/g", "mg/mmol", "9318-7"), ("%", "mmol/mol", "4548-4"),
]  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(_PAIRS), st.decimals(1, 900, allow_nan=False, places=1))
def test_there_and_back_keeps_the_reported_precision(
    pair: tuple[str, str, str], value: object
) -> None:
    here, there, code = pair
    sent = amount(str(value), here)
    converted = units.convert(sent, there, codes=[code])
    assert not isinstance(converted, units.Refused)
    back = units.convert(converted, units.ucum(sent), codes=[code])
    assert not isinstance(back, units.Refused)
    assert back.value is not None
    assert sent.value is not None
    assert back.value.quantize(sent.value) == sent.value


def test_a_section_of_records_can_be_stored_and_read_again() -> None:
    part = section(section_of(lab(1)), lab(1), nka(2))
    stored = msgspec.msgpack.decode(msgspec.msgpack.encode(part), type=SectionRecords)
    assert stored == part
