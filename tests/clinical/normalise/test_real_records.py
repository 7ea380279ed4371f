"""Records nobody here wrote: every resource of a used type becomes a record or a reason; none is lost.

Reads the folders below the environment variable VISIT_LENS_DATA; skipped without it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from clinical import judgement
from clinical import resources as fhir
from clinical.normalise import records_of
from clinical.normalise.dispatch import SUPPORTING
from clinical.records import Observation, Record, Section

FOLDERS = ("synthea", "mimic-iv-demo", "us-core-examples", "ccda-converted")
DATA = os.environ.get("VISIT_LENS_DATA", "")

pytestmark = pytest.mark.skipif(not DATA, reason="VISIT_LENS_DATA names no folder of records")


class _Entry(msgspec.Struct):
    fullUrl: str | None = None
    resource: msgspec.Raw = msgspec.Raw()


class _File(msgspec.Struct):
    """A Bundle, or a resource by itself."""

    resourceType: str
    entry: list[_Entry] = []


def resources_of(path: Path) -> Iterator[tuple[str, bytes]]:
    """(full URL, exactly the bytes) of every resource in a file."""
    found = path.read_bytes().removeprefix(b"\xef\xbb\xbf")
    file = msgspec.json.decode(found, type=_File)
    if file.resourceType != "Bundle":
        yield "", found
        return
    for entry in file.entry:
        yield entry.fullUrl or "", bytes(entry.resource)


def read_folder(folder: Path) -> tuple[list[fhir.Resource], dict[str, fhir.Resource]]:
    every: list[fhir.Resource] = []
    included: dict[str, fhir.Resource] = {}
    for path in sorted(folder.rglob("*.json")):
        for full_url, sent in resources_of(path):
            kind = fhir.RESOURCE_TYPES.get(msgspec.json.decode(sent, type=_File).resourceType)
            if kind is None:
                continue
            resource = msgspec.json.decode(sent, type=kind)
            every.append(resource)
            included[f"{kind.__name__}/{resource.id}"] = resource
            if full_url:
                included[full_url] = resource
    return every, included


@pytest.fixture(scope="module", params=FOLDERS)
def folder(request: pytest.FixtureRequest) -> tuple[list[fhir.Resource], dict[str, fhir.Resource]]:
    path = Path(DATA) / str(request.param)
    if not path.is_dir():
        pytest.skip(f"no folder {request.param}")
    return read_folder(path)


def test_every_resource_becomes_a_record_or_a_reason(
    folder: tuple[list[fhir.Resource], dict[str, fhir.Resource]],
) -> None:
    every, included = folder
    used = [one for one in every if type(one) not in SUPPORTING]
    records, hidden = records_of(Section.LABS, "mercy", every, included)
    assert len(records) + len(hidden) == len(used) > 0
    assert not [one for one in hidden if one.reason == "unreadable"]


def test_every_record_survives_being_stored(
    folder: tuple[list[fhir.Resource], dict[str, fhir.Resource]],
) -> None:
    every, included = folder
    records, _ = records_of(Section.LABS, "mercy", every, included)
    stored = msgspec.msgpack.encode(records)
    assert msgspec.msgpack.decode(stored, type=list[Record]) == records


def test_no_abnormal_decision_differs_from_the_plain_arithmetic() -> None:
    """The oracle: on real results with a number, a range in the same unit and no comparator, compare by hand."""
    every, included = read_folder(Path(DATA) / "mimic-iv-demo")
    records, _ = records_of(Section.LABS, "mercy", every, included)
    judged = 0
    for one in records:
        if not isinstance(one, Observation) or not one.ranges:
            continue
        found = judgement.abnormal(one, judgement.choose_range(one.ranges))
        number = one.value.quantity
        low, high = one.ranges[0].low, one.ranges[0].high
        if one.value.string in (">182*.", "<1."):  # the only bounds in words of these records
            assert high is not None
            assert (found.known, found.flag) == (True, "H" if one.value.string[0] == ">" else "")
            assert high.value is not None
            assert 1 < high.value < 182
            continue
        if number is None or number.value is None:
            assert not found.known
            continue
        assert low is not None
        assert high is not None
        if low.value == high.value != 0:
            assert not found.known
            continue
        judged += 1
        expected = (
            "L" if number.value < low.value else "H" if number.value > high.value else ""  # type: ignore[operator]
        )
        assert (found.known, found.computed, found.flag) == (True, True, expected)
    assert judged > 1000
