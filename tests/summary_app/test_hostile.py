"""Hostile servers, end to end: every fault of the sandbox, on the launching EHR and on the other one, through the
real sign-in. No foreign row, no endless paging, no false "none", no crash; the other source stays, and the page says
which source, what happened and what to do.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone

from clinical.fhir import ending, outcomes, reading, subjects
from clinical.fhir.catalogue import CATALOGUE
from clinical.records import FetchState, Section
from clinical.summary import states as summary_states
from clinical.summary import visitbar
from sandbox.faults import WORDS
from sandbox.patients.clock import SITE_ZONE
from summary_app.connections.models import Connection, Token
from summary_app.summary.models import PatientLink, Snapshot
from summary_app.summary.services import live, pulling
from summary_app.summary.services import pages as site_pages
from tests.summary_app.hostile import (
    MARIA,
    NAMES,
    STRANGER,
    TRUSTED,
    CountingEhr,
    Said,
    Shown,
    small_store,
    strangers_words,
)
from tests.summary_app.test_every_chart import Clinician

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("quiet")]

ANNA, TRAPS, NEW = "t2dm-ckd", "traps", "new-patient"
KINDS = sorted({kind.resource for kind in CATALOGUE})
ALL = tuple(KINDS)
HARMLESS, IN_PART, SILENT = "harmless", "in part", "silent"
Houses = Mapping[str, CountingEhr]


@dataclasses.dataclass(frozen=True)
class Fault:
    """switches: of the sandbox. effect: harmless = the page is that of a server without faults; in part = what came
    is shown; silent = nothing of this source is known. words: on the page, naming source, event and remedy.
    blind: kinds of which nobody can say that there are none. requests: at most so many times those of a good server.
    """

    switches: Mapping[str, Any]
    effect: str
    words: tuple[str, ...] = ()
    blind: tuple[str, ...] = ()
    requests: float = 2.2


FAULTS: dict[str, Fault] = {
    # met in the field
    "other people's rows": Fault({"foreign_rows": True}, IN_PART, ("{} in part", "about somebody else set aside", "Look in the EHR itself as well."), ALL),
    "a next link to itself": Fault({"next_to_itself": True}, HARMLESS, requests=3.2),
    "nothing for a code with its system": Fault({"empty_for_systems": True}, HARMLESS),
    "only the last of two dates": Fault({"last_date_bound_only": True}, HARMLESS),
    "no sorting and nothing included": Fault({"ignores_sort": True, "ignores_include": True}, HARMLESS),
    "reads without a token": Fault({"reads_without_token": True}, HARMLESS),
    "500 in plain text": Fault({"server_error": True}, SILENT, ("{} has a fault of its own (HTTP 500).", "Try again in a moment."), ALL),
    "200 in HTML": Fault({"html": True}, SILENT, ("{} answered with a web page", "sign in again"), ALL),
    # the other switches
    "parameters ignored": Fault({"ignored_parameters": "category,date,status,code"}, HARMLESS),
    "category or code needed": Fault({"needs_category_or_code": True}, HARMLESS),
    "small pages": Fault({"page_cap": 40}, HARMLESS, requests=3),
    "no lists": Fault({"refuses_lists": True}, IN_PART, requests=12),
    "slow": Fault({"latency_ms": 60, "latency_per_entry_ms": 0.1}, HARMLESS),
    "429 for a while": Fault({"too_many_requests": True, "for_requests": 1}, HARMLESS),
    "429": Fault({"too_many_requests": True}, SILENT, ("{} asks for fewer requests.", "Try again in 1 second"), ALL),
    "429 without a time": Fault({"too_many_requests": True, "retry_after": -1}, SILENT, ("{} asks for fewer requests.", "Try again in a minute."), ALL),
    "403": Fault({"forbidden": True}, SILENT, ("{} does not let you see this.", "Look in the EHR itself, where access can be asked for."), ALL),
    "access tokens end": Fault({"expired_tokens": True}, SILENT, ("{} does not accept your sign-in any more.", "Sign in again"), ALL),
    "access tokens end and are not renewed": Fault({"expired_tokens": True, "refused_refresh": True}, SILENT, ("{}", "in again"), ALL),
    "it hangs": Fault({"hang": True}, SILENT, ("{} did not answer", "Try again in a moment."), ALL),
    "JSON that is not FHIR": Fault({"not_fhir": True}, SILENT, ("{} answered with JSON that is not FHIR.", "Ask the administrator"), ALL),
    "200 with an OperationOutcome": Fault({"outcome_only": True}, SILENT, ("{}: an internal fault of the server.", "Try again in a moment."), ALL),
    "half of the JSON": Fault({"cut_json": True}, SILENT, ("{} sent", "Try again"), ALL),
    "hanging up in the middle": Fault({"short_body": True}, SILENT, ("{} broke off the connection.", "Try again in a moment."), ALL),
    "an outcome for nothing found": Fault({"outcome_when_empty": True}, HARMLESS),
    "50 MB": Fault({"huge_page": True, "only_types": "AllergyIntolerance,Condition"}, IN_PART, ("{} sent a page of more than 20 MB", "Ask the administrator to lower the page size"), ("AllergyIntolerance", "Condition")),
    "a next link elsewhere": Fault({"next_to_other_host": True}, IN_PART, ("{} pointed to another server", "Ask the administrator"), ALL),
    "broken entries": Fault({"unreadable_entries": 2}, IN_PART, ("{} in part", "Look in the EHR itself as well.")),
    "scopes not granted": Fault({"lost_scopes": "AllergyIntolerance,Condition"}, IN_PART, ("{} in part", "have this scope granted"), ("AllergyIntolerance", "Condition")),
}  # fmt: skip
NOT_HERE = {
    "only_types": "confines the others",
    "for_requests": "confines the others",
    "retry_after": "part of 429",
    "latency_per_entry_ms": "part of slow",
    "refused_registration": "nobody signs in: tests of bad input",
}
# Where a "none" of these kinds would stand
PLACES = {
    "AllergyIntolerance": ("slot-allergies",),
    "Condition": ("block-problems",),
    "MedicationRequest": ("slot-anticoagulant", "slot-high-alert", "block-medications"),
    "Observation": ("block-labs", "block-vitals"),
    "Encounter": ("block-since",),
    "DiagnosticReport": ("block-reports",),
    "Consent": ("slot-code-status",),
}
SOME = (
    "other people's rows", "500 in plain text", "a next link elsewhere", "200 with an OperationOutcome",
    "scopes not granted", "50 MB", "403",
)  # fmt: skip
# Anna is known to both, Quentin has every trap, Nora has almost nothing, Maria says that she has no allergies.
CASES = [
    *((ANNA, "lakeside", name) for name in FAULTS),
    *((ANNA, "mercy", name) for name in FAULTS),
    *((who, "mercy", name) for who in (TRAPS, NEW) for name in SOME[:5]),
    *((MARIA, where, name) for where in ("mercy", "lakeside") for name in SOME),
]


@pytest.fixture(scope="module")
def houses(live_server: Any) -> Iterator[Houses]:
    """Both EHRs with few people in them, for the whole module."""
    now, before = timezone.now(), settings.VISIT_LENS_BASE_URL
    settings.VISIT_LENS_BASE_URL = live_server.url
    found = {}
    for name in NAMES:
        store = small_store(name, (ANNA, TRAPS, NEW, MARIA), now)
        found[name] = CountingEhr(
            store, name=name, title=NAMES[name], app_url=live_server.url, clock=time.time, zone=SITE_ZONE
        )  # fmt: skip
        found[name].start()
    yield found
    for ehr in found.values():
        ehr.stop()
    settings.VISIT_LENS_BASE_URL = before


@pytest.fixture
def connected(houses: Houses) -> Iterator[Houses]:
    for name, ehr in houses.items():
        ehr.reset()
        Connection.objects.create(
            key=name, name=NAMES[name], base_url=ehr.base, client_id="visit-lens", test=True,
            authorization=Connection.Authorization.ASYMMETRIC,
            backend_client_id="visit-lens-backend", backend_policy="sandbox",
            backend_for_clinicians=True, trusted_identifiers=TRUSTED, page_size=1000,
        )  # fmt: skip
    yield houses
    for ehr in houses.values():
        ehr.reset()


@dataclasses.dataclass(frozen=True)
class Opened:
    """One opening. pages: everything that was sent to the browser. asked: requests per server, all and of the
    address that was asked most often.
    """

    patient: str
    shown: Shown
    pages: tuple[str, ...]
    asked: Mapping[str, tuple[int, int]]


_good: dict[str, Opened] = {}


def opened(houses: Houses, patient: str, *, everything: bool = False) -> Opened:
    """Launch, sign-in, page until nothing is awaited. everything: with what it leaves out and the nurse's page."""
    for ehr in houses.values():
        ehr.asked.clear()
    clinician = Clinician()
    ctx, page = clinician.opens(houses["mercy"], patient)
    pages = [page]
    for path in ("left-out", "nurse") if everything else ():
        answer = clinician.http.get(f"{settings.VISIT_LENS_BASE_URL}/c/{ctx}/{path}", timeout=30)
        assert answer.status_code == 200, path
        pages.append(answer.text)
    asked = {k: (e.asked.total(), max(e.asked.values(), default=0)) for k, e in houses.items()}
    return Opened(patient, Shown(page), tuple(pages), asked)


def good(houses: Houses, patient: str) -> Opened:
    """The opening of this patient at servers without faults: once per module, in a database of its own."""
    if patient not in _good:
        _good[patient] = opened(houses, patient)
        assert pulling.wait_for_all(20)
        forget_everything()
    return _good[patient]


def forget_everything() -> None:
    for table in (Snapshot, PatientLink, Token):
        table.objects.all().delete()
    live.forget()
    site_pages.forget()


def spoil(houses: Houses, where: str, fault: Fault) -> None:
    """Switches it on for everything but the Patient: whose record it is stays known."""
    never = {"hang", "too_many_requests"} & set(fault.switches)
    if never and "for_requests" not in fault.switches:
        # Time enough to read the Patient on a machine that does other things as well.
        seconds = 15.0 if "too_many_requests" in fault.switches else 8.0
        Connection.objects.filter(key=where).update(request_seconds=2.0, pull_seconds=seconds)
    # A pause that the server asks for holds back the reading of the Patient too, unless that is over.
    houses[where].put_patient_first("too_many_requests" in fault.switches)
    houses[where].board.change({"only_types": ",".join(KINDS), **fault.switches})


# ---- what must be true of a page ------------------------------------------------------------------------------


def nobody_else(found: Opened) -> None:
    for page in found.pages:
        assert strangers_words(page, found.patient) == []


def bounded(found: Opened, before: Opened, where: str, fault: Fault) -> None:
    total, same = found.asked[where]
    assert total <= fault.requests * before.asked[where][0] + 4
    assert same <= 4, "one address was asked again and again"


def no_false_none(found: Opened, where: str, fault: Fault) -> None:
    if not fault.blind:
        return
    name = NAMES[where]
    places = {place for kind in fault.blind for place in PLACES.get(kind, ())}
    for said in found.shown.states():
        if said.words.startswith("No plan section found"):  # in the notes that came, as it says
            continue
        none = said.glyph in ("none-known", "nothing-recorded")
        if said.place.split()[-1] in places or fault.blind == ALL:
            assert not (none and name in said.words), said
        if said.place.split()[-1] in places:
            assert not none, said
    if "AllergyIntolerance" in fault.blind:
        words = slot_of(found, "slot-allergies")
        assert not {"None known", "Nothing recorded"} & {each.words[:16].strip() for each in words}
        assert all(each.glyph not in ("none-known", "nothing-recorded") for each in words)
    if "Encounter" in fault.blind:
        for claim in ("Not seen here", "not seen here", "with you or your department"):
            assert claim not in found.shown.text


def slot_of(found: Opened, slot: str) -> list[Said]:
    return [said for said in found.shown.states() if slot in said.place.split()]


def others_stay(found: Opened, before: Opened, where: str) -> None:
    other = "lakeside" if where == "mercy" else "mercy"
    facts = {token for token in before.shown.of(other) if "/Encounter/" not in token}
    assert facts, "a visit stands there only while one is compared with"
    assert facts <= found.shown.of(other)


def it_is_said(found: Opened, where: str, fault: Fault) -> None:
    for words in fault.words:
        assert words.format(NAMES[where]) in found.shown.text
    if fault.words:
        state, words = found.shown.chip(NAMES[where])
        assert state != "ok", words


def same_page(found: Opened, before: Opened) -> None:
    assert before.shown.tokens <= found.shown.tokens
    assert sorted((s.place, s.glyph) for s in found.shown.states()) == sorted(
        (s.place, s.glyph) for s in before.shown.states()
    )


# ---- the table ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("patient", "where", "name"), CASES)
def test_a_hostile_server(patient: str, where: str, name: str, connected: Houses) -> None:
    check(connected, patient, where, name)


def check(connected: Houses, patient: str, where: str, name: str) -> None:
    """Opens the patient's chart while one EHR has this fault. Raises AssertionError for what must not be."""
    fault, before = FAULTS[name], good(connected, patient)
    spoil(connected, where, fault)
    found = opened(connected, patient, everything="foreign_rows" in fault.switches)
    nobody_else(found)
    bounded(found, before, where, fault)
    no_false_none(found, where, fault)
    if patient in (ANNA, MARIA):
        others_stay(found, before, where)
    if patient == ANNA or fault.effect != HARMLESS:
        it_is_said(found, where, fault)
    if fault.effect == HARMLESS:
        same_page(found, before)


def test_every_switch_of_the_sandbox_is_in_the_table() -> None:
    used = {switch for fault in FAULTS.values() for switch in fault.switches}
    assert used | set(NOT_HERE) == set(WORDS)


def test_without_faults_there_is_no_warning_and_a_stranger_could_be_seen(connected: Houses) -> None:
    """The checks stand on this: none known is said where it is true, and the stranger's words are findable."""
    maria = good(connected, MARIA)
    assert [said.glyph for said in slot_of(maria, "slot-allergies")] == ["none-known"]
    assert {state for state, _ in maria.shown.chips} == {"ok"}
    nobody_else(maria)
    own = Clinician().opens(connected["mercy"], STRANGER)[1]
    assert set(strangers_words(own, ANNA)) >= {"kanari", "77123", "31.31313", "stranger-"}


def test_the_stranger_has_an_entry_of_every_kind_that_is_asked_for(houses: Houses) -> None:
    for kind in KINDS:
        assert houses["mercy"].store.of_patient(kind, STRANGER), kind


@pytest.mark.parametrize("switch", ["server_error", "html", "hang", "forbidden", "foreign_rows"])
def test_the_launching_record_itself_cannot_be_read(switch: str, connected: Houses) -> None:
    """Then nothing proves that the other EHR's record is the same person's: it is held back, in words, to an end."""
    good(connected, ANNA)
    link(connected)
    Connection.objects.filter(key="mercy").update(request_seconds=1.0, pull_seconds=2.5)
    connected["mercy"].board.change({switch: True, "only_types": ",".join((*KINDS, "Patient"))})
    found = opened(connected, ANNA)
    nobody_else(found)
    if switch != "foreign_rows":  # a read by id gives the right Patient
        assert not found.shown.tokens
        assert (
            "could not be read, so it is not proven that this is the same person"
            in found.shown.text
        )
        assert not [s for s in found.shown.states() if s.glyph in ("none-known", "asking")]
        assert "No known" not in found.shown.text


def link(houses: Houses) -> None:
    """Both EHRs know of each other's record, as after an earlier opening."""
    opened(houses, ANNA)
    assert pulling.wait_for_all(20)
    assert PatientLink.objects.filter(how="identifier").count() == 2
    Snapshot.objects.all().delete()
    live.forget()
    site_pages.forget()


# ---- planted faults: each check sees what it is there for ------------------------------------------------------

Plant = Callable[[pytest.MonkeyPatch], None]


def _everybody_is_the_patient(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(subjects.Subject, "judge", lambda *_, **__: "own")


def _what_was_set_aside_is_forgotten(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(ending, "_set_aside", lambda found: [])


def _failed_is_empty(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(ending, "_of_fault", lambda search, fault: FetchState.OK_EMPTY)


def _outcomes_say_nothing(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(outcomes, "verdict", lambda found: None)


def _circles_are_followed(patch: pytest.MonkeyPatch) -> None:
    def follow(self: reading.Reading, step: reading.Step, link: str, new: int) -> None:
        if self.collected.pages < 12:
            self._send(reading.Step(self._around.address(step.path, link), "page", step.attempt))

    patch.setattr(reading.Reading, "_follow", follow)
    patch.setattr(reading.Reading, "_leads_nowhere", lambda self, step, page: False)


def _nothing_is_advised(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(visitbar, "_and_then", lambda words, answers: words)


def _allergies_count_as_whole(patch: pytest.MonkeyPatch) -> None:
    gaps, slot = summary_states.States.gaps, (Section.ALLERGIES,)
    patch.setattr(
        summary_states.States, "gaps", lambda self, of: () if tuple(of) == slot else gaps(self, of)
    )
    patch.setattr(summary_states.States, "whole", lambda self, sections: True)


PLANTED: dict[str, tuple[Plant, str, str, Callable[..., None]]] = {
    "the subject is not looked at": (_everybody_is_the_patient, NEW, "other people's rows", nobody_else),
    "set aside without a word": (_what_was_set_aside_is_forgotten, NEW, "other people's rows", no_false_none),
    "failed becomes empty": (_failed_is_empty, MARIA, "500 in plain text", no_false_none),
    "an OperationOutcome is passed over": (_outcomes_say_nothing, NEW, "200 with an OperationOutcome", no_false_none),
    "a circle of pages is followed": (_circles_are_followed, NEW, "a next link to itself", bounded),
    "nothing says what to do": (_nothing_is_advised, ANNA, "403", it_is_said),
    "none known in spite of a gap": (_allergies_count_as_whole, MARIA, "500 in plain text", no_false_none),
}  # fmt: skip


@pytest.mark.parametrize("planted", PLANTED)
def test_a_planted_fault_is_seen(
    planted: str, connected: Houses, monkeypatch: pytest.MonkeyPatch
) -> None:
    plant, patient, name, seen_by = PLANTED[planted]
    good(connected, patient)
    plant(monkeypatch)
    with pytest.raises(AssertionError) as seen:
        check(connected, patient, "mercy", name)
    assert seen_by.__name__ in [entry.name for entry in seen.traceback]
    assert pulling.wait_for_all(20)
