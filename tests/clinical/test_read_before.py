"""What a pull has read already, and brings again, gives the same entries and the same records as reading it anew."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest

from clinical import normalise
from clinical.fhir.collected import Collected
from clinical.fhir.entries import Page
from clinical.fhir.grouping import category_codes
from clinical.fhir.searches import Search
from clinical.fhir.subjects import Subject
from clinical.fhir.windows import dates_of
from clinical.fhir.wire import KnownEntries, read_page
from clinical.pipeline import ReadBefore, ReadEntry, read_ahead, section_records
from clinical.records import FetchState, NotShown, Record, SearchState, Section, SectionRecords
from clinical.resources import Observation, Outline
from tests.clinical.authored import NOW, Answer, sent_by

BASE = "https://mercy.example/fhir"
LABS = Search(
    key="labs.recent", section=Section.LABS, resource="Observation", category=("laboratory",)
)
LATEST = Search(key="labs.latest", section=Section.LABS, resource="Observation")
VITALS = Search(
    key="vitals.recent", section=Section.VITALS, resource="Observation", category=("vital-signs",)
)
Body = dict[str, Any]


def bundle(bodies: list[Body], **search: Any) -> bytes:
    entries = [
        {"fullUrl": f"{BASE}/Observation/{one['id']}", "resource": one} | search for one in bodies
    ]
    return json.dumps({"resourceType": "Bundle", "entry": entries}).encode()


def records(search: Search, page: Page, patient: str, before: ReadBefore | None) -> SectionRecords:
    collected = Collected(Subject(patient, BASE), search.resource, search.category)
    collected.add(page)
    asked = SearchState(
        server="mercy", search=search.key, section=search.section, state=FetchState.OK, at=NOW
    )
    return section_records(Answer(asked, list(collected.entries)), base=BASE, before=before)


@pytest.mark.parametrize("patient", ["t2dm-ckd", "traps"])
def test_authored_results_are_the_same_whether_they_came_before_or_not(patient: str) -> None:
    bodies = [one for one in sent_by("mercy", patient) if one["resourceType"] == "Observation"]
    assert len(bodies) > 20
    known, before = KnownEntries(), ReadBefore()
    answers = [(LABS, bodies[::2]), (LATEST, bodies[::-1]), (VITALS, bodies), (LATEST, bodies)]
    for search, sent in answers:
        body = bundle(sent)
        anew = read_page(body, expected="Observation")
        page = read_page(body, expected="Observation", known=known)
        assert page == anew
        assert records(search, page, patient, before) == records(search, anew, patient, None)


def test_an_entry_is_read_once_while_its_bytes_are_the_same() -> None:
    sent = [one for one in sent_by("mercy", "traps") if one["resourceType"] == "Observation"][:3]
    known = KnownEntries()
    first = read_page(bundle(sent), expected="Observation", known=known)
    again = read_page(bundle(sent), expected="Observation", known=known)
    assert [a is b for a, b in zip(first.entries, again.entries, strict=True)] == [True] * 3
    changed = [{**one, "status": "corrected"} for one in sent]
    page = read_page(bundle(changed), expected="Observation", known=known)
    assert {one.resource.status for one in page.entries} == {"corrected"}  # type: ignore[union-attr]


def test_how_an_entry_came_is_its_own_each_time() -> None:
    sent = sent_by("mercy", "traps")
    sent = [one for one in sent if one["resourceType"] == "Observation"][:1]
    known = KnownEntries()
    read_page(bundle(sent), expected="Observation", known=known)
    included = bundle(sent, search={"mode": "include"})
    (entry,) = read_page(included, expected="Observation", known=known).entries
    assert entry.mode == "include"


def test_names_of_one_answer_are_not_carried_into_another() -> None:
    """A "urn:uuid:…" means an entry beside it, so such results are read with their neighbours each time."""
    panel: Body = {
        "resourceType": "Observation",
        "id": "panel",
        "code": {"text": "Panel"},
        "subject": {"reference": "Patient/p"},
        "derivedFrom": [{"reference": "urn:uuid:1"}],
    }
    part: Body = {**panel, "id": "part", "code": {"text": "Part"}, "derivedFrom": []}
    urls = {"panel": "urn:uuid:0", "part": "urn:uuid:1"}
    entries = [{"fullUrl": urls[one["id"]], "resource": one} for one in (panel, part)]
    before, known = ReadBefore(), KnownEntries()
    for brought in (entries[:1], entries, entries[:1]):
        body = json.dumps({"resourceType": "Bundle", "entry": brought}).encode()
        page = read_page(body, expected="Observation", known=known)
        assert records(LATEST, page, "p", before) == records(LATEST, page, "p", None)


def test_equal_parts_of_results_are_held_once() -> None:
    first = next(one for one in sent_by("mercy", "traps") if one["resourceType"] == "Observation")
    sent = [first, {**first, "id": "another"}]
    page = read_page(bundle(sent), expected="Observation", known=KnownEntries())
    one, two = (entry.resource for entry in page.entries)
    assert isinstance(one, Observation)
    assert isinstance(two, Observation)
    assert one.code is two.code
    assert one.subject is two.subject


def observations_of(patient: str) -> list[Body]:
    return [one for one in sent_by("mercy", patient) if one["resourceType"] == "Observation"]


def test_a_further_reading_holds_what_is_sent_again_once_and_lets_go_of_the_rest() -> None:
    sent = observations_of("t2dm-ckd")
    page = read_page(bundle(sent), expected="Observation")
    first = ReadBefore()
    one = records(LABS, page, "t2dm-ckd", first)
    second = ReadBefore(first)
    changed = [{**sent[0], "status": "entered-in-error"}, *sent[1:-1]]
    again = read_page(bundle(changed), expected="Observation")
    two = records(LABS, again, "t2dm-ckd", second)
    assert two == records(LABS, again, "t2dm-ckd", None)
    held = {id(record) for record in one.records}
    assert sum(id(record) in held for record in two.records) >= len(two.records) - 1
    second.end()
    third = ReadBefore(second)
    back = records(LABS, page, "t2dm-ckd", third)
    assert back == one
    assert sum(id(record) in held for record in back.records) < len(one.records)


def test_reading_ahead_changes_nothing_but_the_time_it_takes() -> None:
    sent = observations_of("traps")
    page = read_page(bundle(sent), expected="Observation")
    before = ReadBefore()
    read_ahead(Section.LABS, "mercy", page.entries[:7], base=BASE, before=before)
    read_ahead(Section.LABS, "mercy", page.entries[5:], base=BASE, before=before)
    assert records(LABS, page, "traps", before) == records(LABS, page, "traps", None)


class Counting:
    """A normaliser that counts what it is given."""

    def __init__(self) -> None:
        self.read = 0

    def __call__(self, entries: Sequence[ReadEntry]) -> list[Record | NotShown | None]:
        self.read += len(entries)
        return list(
            normalise.each_of(
                Section.LABS, "mercy", [e.resource for e in entries if e.resource], {}, base=BASE
            )
        )


def test_what_was_read_ahead_is_held_until_the_reading_is_over() -> None:
    """Nobody has looked whose it is: a page of a server that mixes patients up must not stay in memory."""
    page = read_page(bundle(observations_of("traps")), expected="Observation")
    before, read = ReadBefore(), Counting()
    read_ahead(Section.LABS, "mercy", page.entries, base=BASE, before=before)
    before.each(Section.LABS, page.entries[:1], read)
    assert read.read == 0
    before.end()
    read_ahead(
        Section.LABS, "mercy", page.entries, base=BASE, before=before
    )  # a page that comes late
    before.each(Section.LABS, page.entries, read)
    assert read.read == len(page.entries) - 1
    ReadBefore(before).each(Section.LABS, page.entries, read)
    assert read.read == 2 * (len(page.entries) - 1)  # what came late is not held either


@pytest.mark.parametrize(
    ("server", "base"), [("mercy", "https://mercy.example/new"), ("mercy-2", BASE)]
)
def test_what_was_read_under_another_address_or_key_is_read_anew(server: str, base: str) -> None:
    """A record says from where it is, and an absolute reference leads to this server or to another."""
    sent = [
        {**one, "encounter": {"reference": f"{BASE}/Encounter/7"}}
        for one in observations_of("traps")[:3]
    ]
    page = read_page(bundle(sent), expected="Observation")
    first = ReadBefore(server="mercy", base=BASE)
    records(LABS, page, "traps", first)
    state = SearchState(server=server, search=LABS.key, section=Section.LABS, state=FetchState.OK)
    answer = Answer(state, list(page.entries))
    second = ReadBefore(first, server=server, base=base)
    assert section_records(answer, base=base, before=second) == section_records(answer, base=base)


def test_after_the_last_reading_of_a_process_nothing_is_held() -> None:
    page = read_page(bundle(observations_of("traps")), expected="Observation")
    before, read = ReadBefore(), Counting()
    before.each(Section.LABS, page.entries, read)
    before.end(last=True)
    ReadBefore(before).each(Section.LABS, page.entries, read)
    assert read.read == 2 * len(page.entries)


def test_a_reading_holds_no_bytes_of_the_one_before_it() -> None:
    """The same entry comes in other bytes each time: what was made of it is found by what they say."""
    body = bundle(observations_of("traps"))
    first, read = ReadBefore(), Counting()
    first.each(Section.LABS, read_page(body, expected="Observation").entries, read)
    first.end()
    again = read_page(bytes(bytearray(body)), expected="Observation")
    second = ReadBefore(first)
    second.ahead(Section.LABS, again.entries, read)
    assert second.each(Section.LABS, again.entries, read)
    assert read.read == len(again.entries)


def test_an_answer_that_comes_after_the_end_is_worked_through_and_not_held() -> None:
    page = read_page(bundle(observations_of("traps")), expected="Observation")
    before, read = ReadBefore(), Counting()
    before.end()
    assert before.each(Section.LABS, page.entries, read)
    ReadBefore(before).each(Section.LABS, page.entries, read)
    assert read.read == 2 * len(page.entries)


def test_what_was_worked_ahead_is_an_outline_and_can_be_had_whole() -> None:
    sent = observations_of("traps")
    page, same = (read_page(bundle(sent), expected="Observation") for _ in range(2))
    read_ahead(Section.LABS, "mercy", page.entries, base=BASE, before=ReadBefore())
    readable = [(a, b) for a, b in zip(page.entries, same.entries, strict=True) if b.resource]
    assert readable
    for entry, other in readable:
        assert type(entry.resource) is Outline
        assert entry.resource.valueQuantity is None
        assert entry.whole == other.resource
        assert entry.version == other.version
        assert dates_of([entry]) == dates_of([other])
        assert category_codes(entry) == category_codes(other)


def test_an_outline_is_whole_again_for_whoever_makes_another_record_of_it() -> None:
    """A search of another section brings the same bytes: nothing of the value is missing there."""
    sent, known = observations_of("traps"), KnownEntries()
    first = read_page(bundle(sent), expected="Observation", known=known)
    read_ahead(Section.LABS, "mercy", first.entries, base=BASE, before=ReadBefore())
    again = read_page(bundle(sent), expected="Observation", known=known)
    anew = read_page(bundle(sent), expected="Observation")
    for search in (LABS, VITALS, LATEST):
        for before in (None, ReadBefore()):
            assert records(search, again, "traps", before) == records(search, anew, "traps", None)


def test_an_outline_taken_for_a_result_is_no_result_without_a_value() -> None:
    """Planted: somebody passes on what is held instead of the whole."""
    page = read_page(bundle(observations_of("traps")[:1]), expected="Observation")
    page.entries[0].outline()
    held = page.entries[0].resource
    assert held is not None
    (found,) = normalise.each_of(Section.LABS, "mercy", [held], {}, base=BASE)
    assert isinstance(found, NotShown)
    assert found.reason == "unreadable"
