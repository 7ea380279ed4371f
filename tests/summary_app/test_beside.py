"""Pulls that a process beside the web process carries out: the same on the page and in the database, whatever becomes of it."""

from __future__ import annotations

import json
import os
import queue
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import psutil
import pytest
from django.conf import settings
from django.db import connection as database

from clinical.fhir.connection import Connection as Wire
from clinical.fhir.searches import Plan, Search
from clinical.fhir.turns import TURNS
from clinical.records import FetchState, Observation, SearchState, Section, SectionRecords
from summary_app.models import Connection, Pull, Snapshot, SnapshotPart, Token
from summary_app.summary.services import (
    answers,
    beside,
    frames,
    live,
    pull_process,
    pulling,
    runs,
    store,
)
from tests.clinical.fhir.fake_ehr import Asked, FakeEhr, Reply, reply
from tests.summary_app.conftest import Launch, Opened
from tests.summary_app.ehr import SmartEhr, lab, patient
from tests.summary_app.test_pulling import Gate, searches
from tests.summary_app.test_sources import POLICY, lakeside  # noqa: F401  # a fixture

Connect = Callable[..., Connection]
pytestmark = pytest.mark.timeout(180)  # a further Python starts


@pytest.fixture
def process(connect: Connect, monkeypatch: pytest.MonkeyPatch) -> Iterator[beside.PullProcess]:
    """One that is ready."""
    monkeypatch.setenv("VISIT_LENS_TEST_DATABASE", str(database.settings_dict["NAME"]))
    monkeypatch.setenv("VISIT_LENS_KEYS", ",".join(settings.VISIT_LENS_KEYS))
    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "config.settings")
    monkeypatch.setattr(beside, "_MODULE", "tests.summary_app.pull_process_here")
    monkeypatch.chdir(settings.BASE_DIR)
    beside.begin(1)
    (mine,) = beside.mine()
    assert mine.ready.wait(60)
    yield mine
    assert pulling.wait_for_all(40)
    beside.end()
    assert not psutil.pid_exists(mine.pid)


@pytest.fixture
def only_there(process: beside.PullProcess, monkeypatch: pytest.MonkeyPatch) -> beside.PullProcess:
    """Nothing is read in the process of the test."""

    def never(*_: Any) -> None:
        raise AssertionError("read in the web process")

    monkeypatch.setattr(runs, "carry_out", never)
    return process


def snapshot_part(search: str) -> SectionRecords:
    found = store.read_part(Snapshot.objects.get(), search)
    assert found is not None
    return found


def held(search: str) -> SectionRecords:
    found = live.of(Snapshot.objects.get().pk).part(search)
    assert found is not None
    return found


def blocks(opened: Opened) -> str:
    return str(opened.until_complete().context["summary"].blocks)


def read_once(ehr: SmartEhr, connect: Connect, launch: Launch) -> Opened:
    """A chart that was opened, read and written to the end."""
    connect(ehr)
    opened = launch(ehr)
    opened.until_complete()
    assert pulling.wait_for_all(20)
    return opened


def retry(opened: Opened) -> str:
    assert opened.client.post(opened.url + "sources/mercy/retry").status_code == 302
    found = blocks(opened)
    assert pulling.wait_for_all(20)
    return found


def value(number: str) -> Callable[[FakeEhr, Asked], Reply | None]:
    """The laboratory's number as it is written, in every answer."""

    def hook(ehr: FakeEhr, asked: Asked) -> Reply | None:
        if asked.path != "Observation":
            return None
        resource = lab("a1", "p1", 12345)
        bundle = {"resourceType": "Bundle", "type": "searchset", "entry": [{"resource": resource}]}
        return reply(json.dumps(bundle).encode().replace(b"12345", number.encode()))

    return hook


def test_what_it_reads_is_on_the_page_and_in_the_database(
    mercy: SmartEhr, connect: Connect, launch: Launch, only_there: beside.PullProcess
) -> None:
    connect(mercy)
    opened = launch(mercy)
    assert "8.1" in blocks(opened)
    assert pulling.wait_for_all(20)
    row = Pull.objects.get()
    current = live.of(Snapshot.objects.get().pk)
    assert (row.state, row.run, row.version) == (Pull.State.DONE, 1, current.version)
    stored, _ = store.read_parts(Snapshot.objects.get(), above=0)
    assert {p.state.search: p for _, p in stored} == {p.state.search: p for p in current.sections()}
    sent = store.read_raw(Snapshot.objects.get(), "Observation", "a1")
    assert len(sent) == 1
    live.forget()  # as another process sees it
    assert "8.1" in blocks(opened)


def test_what_several_searches_bring_is_one_record(
    mercy: SmartEhr, connect: Connect, launch: Launch, only_there: beside.PullProcess
) -> None:
    read_once(mercy, connect, launch)
    (recent,) = held("labs.recent").records
    (latest,) = held("labs.latest").records
    assert recent is latest
    assert snapshot_part("labs.latest").records == (latest,)


def test_what_is_read_again_and_has_not_changed_stays_the_same_object(
    mercy: SmartEhr, connect: Connect, launch: Launch, only_there: beside.PullProcess
) -> None:
    opened = read_once(mercy, connect, launch)
    before = held("labs.recent")
    assert "8.1" in retry(opened)
    after = held("labs.recent")
    assert after.records[0] is before.records[0]
    assert held("labs.latest").records[0] is before.records[0]
    assert before.state.at is not None
    assert after.state.at is not None
    assert after.state.at > before.state.at
    assert Pull.objects.get().run == 2


def test_the_order_in_which_entries_come_changes_nothing(
    mercy: SmartEhr, connect: Connect, launch: Launch, only_there: beside.PullProcess
) -> None:
    mercy.resources = [patient("p1"), lab("a1", "p1", 8.1), lab("a2", "p1", 7.9)]
    opened = read_once(mercy, connect, launch)
    before = held("labs.recent").records
    assert len(before) == 2
    mercy.resources = [mercy.resources[0], *mercy.resources[:0:-1]]
    retry(opened)
    assert held("labs.recent").records is before


@pytest.mark.parametrize("changed", ["8.2", "8.10"])
def test_what_has_changed_is_told_as_it_is_sent(
    mercy: SmartEhr, connect: Connect, launch: Launch, only_there: beside.PullProcess, changed: str
) -> None:
    """8.1 and 8.10 are equal numbers, and not the same result."""
    opened = read_once(mercy, connect, launch)
    mercy.hook = value(changed)
    retry(opened)
    (record,) = held("labs.recent").records
    assert isinstance(record, Observation)
    assert record.value.quantity is not None
    assert str(record.value.quantity.value) == changed
    assert snapshot_part("labs.recent").records == (record,)


def test_what_was_read_here_meanwhile_is_not_taken_for_what_it_sent_before(
    mercy: SmartEhr,
    connect: Connect,
    launch: Launch,
    process: beside.PullProcess,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    connect(mercy)
    opened = launch(mercy)
    assert "8.1" in blocks(opened)
    mercy.hook = value("9.4")
    with monkeypatch.context() as alone:
        alone.setattr(beside, "take", lambda *_: False)
        assert "9.4" in retry(opened)
    mercy.hook = value("8.1")
    found = retry(opened)
    assert "8.1" in found
    assert "9.4" not in found


def test_what_fails_the_second_time_stays_on_the_page_with_its_time(
    mercy: SmartEhr, connect: Connect, launch: Launch, only_there: beside.PullProcess
) -> None:
    opened = read_once(mercy, connect, launch)
    before = held("labs.recent").state
    mercy.hook = lambda _, asked: reply({}, status=500) if asked.path == "Observation" else None
    assert "8.1" in retry(opened)
    now = held("labs.recent").state
    assert (now.state, now.stale, now.at) == ("failed", True, before.at)
    assert len(snapshot_part("labs.recent").records) == 1
    assert snapshot_part("labs.recent").state == now


def test_a_token_that_is_refused_is_renewed_there(
    mercy: SmartEhr, connect: Connect, launch: Launch, only_there: beside.PullProcess
) -> None:
    opened = read_once(mercy, connect, launch)
    mercy.tokens.clear()
    assert "8.1" in retry(opened)
    assert mercy.refreshes == 1


@pytest.mark.parametrize("how", ["killed", "silent"])
def test_a_process_that_is_gone_in_the_middle_costs_nothing(
    mercy: SmartEhr,
    connect: Connect,
    launch: Launch,
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
    how: str,
) -> None:
    monkeypatch.setattr(beside, "_SILENT", 6.0)  # it says something every two seconds
    process: beside.PullProcess = request.getfixturevalue("process")
    connect(mercy)
    gate = Gate("Observation")
    mercy.hook = gate
    opened = launch(mercy)
    assert gate.reached.wait(20)
    os.kill(process.pid, signal.SIGKILL if how == "killed" else signal.SIGSTOP)
    gate.open.set()
    assert "8.1" in blocks(opened)
    assert pulling.wait_for_all(20)
    row = Pull.objects.get()
    assert (row.state, row.run) == (Pull.State.DONE, 2)
    assert process.over
    assert "8.1" in retry(opened)  # here, until there is another one


def test_another_one_is_started_in_its_place(
    mercy: SmartEhr, connect: Connect, launch: Launch, process: beside.PullProcess, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    monkeypatch.setattr(beside, "_START_AGAIN", 0.0)
    connect(mercy)
    opened = launch(mercy)
    opened.until_complete()
    process.stop()
    until = time.monotonic() + 60
    while beside.mine()[0] is process or not beside.mine()[0].ready.is_set():
        assert "8.1" in retry(opened)
        assert time.monotonic() < until
    monkeypatch.setattr(runs, "carry_out", None)
    assert "8.1" in retry(opened)


def test_without_the_rights_it_refuses_and_the_web_process_reads_by_itself(
    mercy: SmartEhr, connect: Connect, launch: Launch, monkeypatch: pytest.MonkeyPatch,
    process: beside.PullProcess,
) -> None:  # fmt: skip
    """The token is gone from the database between the two looks at it."""
    whole = beside.take

    def without_token(*words: Any) -> bool:
        kept = list(Token.objects.all())
        Token.objects.all().delete()
        try:
            taken = whole(*words)
            until = time.monotonic() + 20
            while process.busy() and time.monotonic() < until:  # until it has refused
                time.sleep(0.01)
            return taken
        finally:
            Token.objects.bulk_create(kept)

    monkeypatch.setattr(beside, "take", without_token)
    connect(mercy)
    opened = launch(mercy)
    assert "8.1" in blocks(opened)
    assert pulling.wait_for_all(20)
    assert Pull.objects.get().run == 2
    assert searches(mercy).count("Patient/p1") == 1


def test_a_reading_that_begins_while_the_last_one_is_still_being_told_goes_on_from_it(
    mercy: SmartEhr,
    connect: Connect,
    launch: Launch,
    process: beside.PullProcess,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The version never goes back: another process that has read the last one would miss what comes now."""
    opened = read_once(mercy, connect, launch)
    heard, held_back = process._heed, threading.Event()

    def late(frame: frames.Frame) -> None:
        if isinstance(frame, frames.Came | frames.Ended | frames.Stored) and frame.run == 2:
            held_back.wait(20)
        heard(frame)

    monkeypatch.setattr(process, "_heed", late)
    assert opened.client.post(opened.url + "sources/mercy/retry").status_code == 302
    until = time.monotonic() + 20
    while Pull.objects.get().state != Pull.State.DONE or Pull.objects.get().run < 2:
        assert time.monotonic() < until
        time.sleep(0.02)
    before = Pull.objects.get().version
    mercy.hook = value("9.4")
    with monkeypatch.context() as alone:
        alone.setattr(beside, "take", lambda *_: False)
        assert opened.client.post(opened.url + "sources/mercy/retry").status_code == 302
        assert "9.4" in blocks(opened)
    held_back.set()
    assert pulling.wait_for_all(20)
    row = Pull.objects.get()
    assert (row.run, row.state) == (3, Pull.State.DONE)
    assert row.version > before
    assert live.of(Snapshot.objects.get().pk).version == row.version
    # As another process sees it, which has read everything of the second run.
    parts, _ = store.read_parts(Snapshot.objects.get(), above=before)
    assert "labs.recent" in {part.state.search for _, part in parts}
    assert "9.4" in blocks(opened)


def test_what_cannot_be_held_against_an_earlier_answer_is_begun_anew(
    mercy: SmartEhr, connect: Connect, launch: Launch, process: beside.PullProcess
) -> None:
    """The earlier answer is damaged in the database, and the new one has failed: neither is lost, nor taken for none."""
    opened = read_once(mercy, connect, launch)
    SnapshotPart.objects.filter(search="labs.recent").update(records=b"damaged")
    mercy.hook = lambda _, asked: reply({}, status=500) if asked.path == "Observation" else None
    assert "8.1" in retry(opened)
    state = held("labs.recent").state
    assert (state.state, state.stale) == ("failed", True)
    assert len(snapshot_part("labs.recent").records) == 1  # from the memory of this process


def test_who_takes_a_lost_run_over_here_is_not_dropped(
    mercy: SmartEhr, connect: Connect, launch: Launch, monkeypatch: pytest.MonkeyPatch
) -> None:
    connect(mercy)
    gate = Gate("Observation")
    mercy.hook = gate
    begun: list[runs.Begun] = []
    whole = runs.begin

    def remember(*words: Any, **more: Any) -> runs.Begun:
        begun.append(whole(*words, **more))
        return begun[-1]

    monkeypatch.setattr(runs, "begin", remember)
    opened = launch(mercy)
    assert gate.reached.wait(20)
    pulling.start(begun[0].task)  # under way: nothing
    Pull.objects.update(heartbeat=None)
    assert pulling.start(begun[0].task)  # a page of this process takes it over
    pulling._again(begun[0])
    snapshot_id = Snapshot.objects.get().pk
    assert live.peek(snapshot_id) is begun[1].current
    gate.open.set()
    assert "8.1" in blocks(opened)


def test_a_process_that_does_not_listen_holds_nobody_up(process: beside.PullProcess) -> None:
    os.kill(process.pid, signal.SIGSTOP)
    done = threading.Event()

    def many() -> None:
        for _ in range(3_000):
            with TURNS.hold.during():
                pass
        done.set()

    thread = threading.Thread(target=many)
    thread.start()
    try:
        assert done.wait(10)
    finally:
        os.kill(process.pid, signal.SIGCONT)
        thread.join(20)


def test_a_search_that_is_not_asked_any_more_is_gone_there_and_here(
    mercy: SmartEhr, connect: Connect, launch: Launch, only_there: beside.PullProcess
) -> None:
    opened = read_once(mercy, connect, launch)
    snapshot = Snapshot.objects.get()
    left = SnapshotPart.objects.get(search="labs.recent")
    SnapshotPart.objects.create(
        snapshot=snapshot, search="labs.older", version=left.version, run=1, records=left.records
    )
    current = live.of(snapshot.pk)
    current._parts["labs.older"] = current._parts["labs.recent"]
    current._parts["labs.elsewhere"] = current._parts["labs.recent"]  # only this process knows it
    retry(opened)
    assert not SnapshotPart.objects.filter(search="labs.older").exists()
    assert not {"labs.older", "labs.elsewhere"} & set(live.of(snapshot.pk).known())


def test_each_ehr_has_a_process_of_its_own(
    process: beside.PullProcess, mercy: SmartEhr, connect: Connect, launch: Launch,
    lakeside: SmartEhr, monkeypatch: pytest.MonkeyPatch,  # noqa: F811
) -> None:  # fmt: skip
    beside.begin(2)
    assert len(beside.mine()) == 2
    assert all(each.ready.wait(60) for each in beside.mine())
    taken: list[tuple[int, int]] = []
    whole = beside.PullProcess.take

    def take(self: beside.PullProcess, begun: runs.Begun, again: Any) -> bool:
        taken.append((begun.task.snapshot.connection_id, self.pid))
        return whole(self, begun, again)

    monkeypatch.setattr(beside.PullProcess, "take", take)
    connect(mercy)
    connect(lakeside, "lakeside", **POLICY)
    opened = launch(mercy)
    opened.until_complete()
    assert pulling.wait_for_all(20)
    assert len({connection for connection, _ in taken}) == 2
    assert len({pid for _, pid in taken}) == 2
    TURNS.hold.wait(10)  # the last page is on its way
    for one, other in (beside.mine(), beside.mine()[::-1]):
        one.holding = True
        beside._hold_together()
        assert (one._imposed, other._imposed) == (False, True)
        one.holding = False
        beside._hold_together()
        assert not other._imposed


@pytest.mark.django_db(transaction=True)
def test_an_order_for_a_snapshot_that_is_gone_is_refused() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        inside = pull_process.Inside(frames.Channel(theirs))
        order = frames.Order(77, 1, user=None, version=1, plan=Plan(()), opened=0.0)
        inside._heed(order)
        assert frames.Channel(ours, seconds=20).receive() == frames.Refused(77, 1)


def test_it_ends_with_the_process_that_started_it() -> None:
    script = """
import os, signal, sys
from summary_app.summary.services import beside
beside.begin(1)
print(beside.mine()[0].pid, beside.mine()[0].ready.wait(60), flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""
    found = subprocess.run(  # noqa: S603  # our own interpreter and script
        [sys.executable, "-W", "ignore", "-c", f"import django; django.setup()\n{script}"],
        stdout=subprocess.PIPE, text=True, cwd=settings.BASE_DIR, check=False,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings"},
    )  # fmt: skip
    pid, ready = found.stdout.split()
    assert ready == "True"
    until = time.monotonic() + 20
    while psutil.pid_exists(int(pid)) and psutil.Process(int(pid)).status() != "zombie":
        assert time.monotonic() < until
        time.sleep(0.05)


def test_an_answer_that_could_not_be_told_is_no_answer_and_the_end_is_still_said() -> None:
    """Else its search would be taken for one that is not asked any more, or the run would never end."""

    def broken(_: store.Piece) -> store.Piece:
        raise OSError("Winterbourne")

    done: queue.SimpleQueue[store.Piece | None] = queue.SimpleQueue()
    search = Search(key="labs.recent", section=Section.LABS, resource="Observation")
    current = live.Live(77)
    current.begin(1, 1, (held_state(),), ())
    found = answers.Answers(current, done, (search,), broken)
    found.take(SectionRecords(state=held_state()), ())
    assert isinstance(found.fault, OSError)
    found.end(Wire(key="mercy", name="Mercy", base_url="https://ehr.example/fhir"))
    assert done.get(timeout=1) is None
    current.lay_down()


# ---- what is said --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "sent", [b"\0" * 7 + b"\3abc", b"\xff" * 8], ids=["no frame", "larger than any frame"]
)
def test_what_is_no_frame_is_not_taken_for_one(sent: bytes) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(sent)
        with pytest.raises(frames.Broken):
            frames.Channel(ours, seconds=5).receive()


def test_an_end_in_the_middle_of_a_frame_is_an_end() -> None:
    ours, theirs = socket.socketpair()
    with ours:
        with theirs:
            theirs.sendall(b"\0" * 7 + b"\x09abc")
        assert frames.Channel(ours, seconds=5).receive() is None


@pytest.mark.parametrize("size", [1, 300, 65_000, 300_000])
def test_frames_of_many_threads_do_not_mix(size: int) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        channel, other = frames.Channel(ours, seconds=20), frames.Channel(theirs)
        sent = [
            frames.Came(n, 1, 1, held_state(), b"d", bytes([n]) * size, (n,)) for n in range(12)
        ]
        threads = [threading.Thread(target=other.send, args=(each,)) for each in sent]
        for thread in threads:
            thread.start()
        found = [channel.receive() for _ in sent]
        for thread in threads:
            thread.join()
    assert sorted(found, key=lambda f: f.snapshot) == sent  # type: ignore[union-attr]


def held_state() -> Any:
    return SearchState(server="mercy", search="labs.recent", section=Section.LABS, state=FetchState.OK)  # fmt: skip


def test_a_first_screen_anywhere_holds_what_is_for_later_everywhere(
    process: beside.PullProcess,
) -> None:
    with TURNS.hold.during():
        assert process._imposed
    assert not process._imposed
    process.holding = True  # as it says while it reads a first screen
    beside._hold_together()
    assert TURNS.hold.on
    assert not TURNS.hold.own
    process.holding = False
    beside._hold_together()
    assert not TURNS.hold.on


def test_two_patients_do_not_mix_there(
    mercy: SmartEhr, connect: Connect, launch: Launch, only_there: beside.PullProcess
) -> None:
    connect(mercy)
    mercy.resources = [patient("p1"), lab("a1", "p1", 8.1), patient("p2"), lab("b1", "p2", 11.7)]
    first = launch(mercy)
    mercy.grant.patient = "p2"
    second = launch(mercy)
    one, two = blocks(first), blocks(second)
    assert "8.1" in one
    assert "11.7" not in one
    assert "11.7" in two
    assert "8.1" not in two
