"""What is fetched, by whom, once; and what is on the page while it comes, when it fails, and the next time."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import connection as database
from django.test import Client
from django.utils import timezone

from summary_app.models import Connection, Pull, Snapshot, SnapshotPart
from summary_app.summary.services import contexts, live, pages, pulling, rights, runs, store
from tests.clinical.fhir.fake_ehr import Asked, FakeEhr, Reply, reply
from tests.summary_app.conftest import Launch
from tests.summary_app.ehr import SmartEhr, lab

Connect = Callable[..., Connection]


class Gate:
    """Holds back the answers to some searches until it is opened."""

    def __init__(self, *paths: str) -> None:
        self.paths, self.open, self.reached = paths, threading.Event(), threading.Event()

    def __call__(self, _: FakeEhr, asked: Asked) -> Reply | None:
        if asked.path in self.paths:
            self.reached.set()
            self.open.wait(20)
        return None


def searches(ehr: SmartEhr) -> list[str]:
    skipped = (".well-known", "auth/", "metadata")
    return [each.path for each in ehr.asked if not each.path.startswith(skipped)]


def test_the_page_is_there_at_once_and_fills_as_answers_come(
    mercy: SmartEhr, connect: Connect, launch: Launch
) -> None:
    connect(mercy)
    gate = Gate("Observation")
    mercy.hook = gate
    opened = launch(mercy)
    try:
        first = opened.client.get(opened.url)
        assert first.status_code == 200
        assert not first.context["summary"].complete
        news = first
        while news.context["summary"].strip.name != "WINTERBOURNE, Anna":
            news = opened.client.get(news.context["poll_url"])
        assert "8.1" not in str(news.context["summary"].blocks)
    finally:
        gate.open.set()
    assert "8.1" in str(opened.until_complete().context["summary"].blocks)


def test_a_page_is_not_complete_while_an_answer_has_called_for_a_further_search(
    mercy: SmartEhr, connect: Connect, launch: Launch
) -> None:
    """Everything that was planned has answered, and the pull goes on: a search that no plan names is under way."""
    connect(mercy)
    opened = launch(mercy)
    assert opened.until_complete().context["summary"].complete
    current = live.of(Snapshot.objects.get().pk)
    current.begin(current.run + 1, current.version + 1, (), ())
    try:
        assert not opened.client.get(opened.url).context["summary"].complete
    finally:
        current.end()


def test_a_poll_with_nothing_new_is_empty_and_costs_one_query_at_most(
    mercy: SmartEhr,
    connect: Connect,
    launch: Launch,
    django_assert_max_num_queries: Callable[..., object],
) -> None:
    connect(mercy)
    opened = launch(mercy)
    page = opened.until_complete()
    opened.client.get(opened.url)
    with django_assert_max_num_queries(1):  # type: ignore[attr-defined]
        answer = opened.client.get(page.context["poll_url"])
        assert opened.client.get(page.context["poll_url"]).status_code == 204
    assert answer.status_code == 204
    assert answer.content == b""


def test_a_complete_page_does_not_ask_for_more_of_the_ehr_when_it_is_loaded_again(
    mercy: SmartEhr, connect: Connect, launch: Launch
) -> None:
    connect(mercy)
    opened = launch(mercy)
    opened.until_complete()
    asked = len(mercy.asked)
    for _ in range(3):
        assert opened.client.get(opened.url).status_code == 200
    assert len(mercy.asked) == asked


def test_changing_the_visit_asks_no_ehr(mercy: SmartEhr, connect: Connect, launch: Launch) -> None:
    connect(mercy)
    opened = launch(mercy)
    page = opened.until_complete()
    asked = len(mercy.asked)
    choice = page.context["summary"].visit.choices or (("general", ""),)
    answer = opened.client.post(opened.url + "visit", {"visit": choice[0][0]})
    assert answer.status_code == 302
    changed = opened.client.get(opened.url)
    assert changed.context["visit_choice"] == choice[0][0]
    assert changed.context["version"] > page.context["version"]
    assert changed.context["summary"].visit.contexts == (choice[0][0],)
    assert len(mercy.asked) == asked


def test_a_visit_that_does_not_exist_changes_nothing(
    mercy: SmartEhr, connect: Connect, launch: Launch
) -> None:
    connect(mercy)
    opened = launch(mercy)
    opened.until_complete()
    opened.client.post(opened.url + "visit", {"visit": "../../etc"})
    assert opened.client.get(opened.url).context["visit_choice"] == ""


def test_two_requests_at_once_start_one_pull(
    mercy: SmartEhr, connect: Connect, launch: Launch
) -> None:
    connect(mercy)
    gate = Gate("Observation")
    mercy.hook = gate
    first = launch(mercy)
    second = launch(mercy, client=first.client)
    gate.open.set()
    first.until_complete()
    second.until_complete()
    assert searches(mercy).count("Patient/p1") == 1
    assert Pull.objects.get().run == 1


JOIN = """
import sys, django
from django.conf import settings
settings.DATABASES["default"]["NAME"] = sys.argv[1]
settings.VISIT_LENS_KEYS = [sys.argv[2]]
settings.VISIT_LENS_ZONE = "America/Chicago"
django.setup()
from django.utils import timezone
from summary_app.access import door
from summary_app.models import ChartContext, Snapshot
from summary_app.summary.services import pages, pulling, rights, watching
row = ChartContext.objects.get()
opening = door.look_again(row.user, row.pk, as_of=timezone.now())
reader = rights.of_clinician(row.user_id, row.connection, row.patient)
print("started", pulling.start(pulling.Task(Snapshot.objects.get(), reader)), flush=True)
version = -1
for _ in range(100):
    watching.wait_for_news(opening, version, seconds=1, now=timezone.now())
    opening = door.again(opening)
    version = pages.refresh(opening)
    sections = pages.sections_of(opening)
    if all(s.state.state != "fetching" for s in sections):
        break
print("labs", len({r.source.reference for s in sections for r in s.records if s.state.section == "labs"}))
"""


def test_another_process_joins_the_pull_and_sees_what_it_brings(
    mercy: SmartEhr, connect: Connect, launch: Launch
) -> None:
    connect(mercy)
    gate = Gate("Observation")
    mercy.hook = gate
    opened = launch(mercy)
    assert gate.reached.wait(10)
    name, key = str(database.settings_dict["NAME"]), settings.VISIT_LENS_KEYS[0]
    other = subprocess.Popen(  # noqa: S603  # our own interpreter and script
        [sys.executable, "-W", "ignore", "-c", JOIN, name, key],
        stdout=subprocess.PIPE,
        text=True,
        cwd=settings.BASE_DIR,
        env={**__import__("os").environ, "DJANGO_SETTINGS_MODULE": "config.settings"},
    )
    assert other.stdout is not None
    assert other.stdout.readline() == "started False\n"
    gate.open.set()
    said = other.communicate(timeout=30)[0].split()
    mine = opened.until_complete()
    assert mine.status_code == 200
    assert said == ["labs", "1"]
    assert searches(mercy).count("Patient/p1") == 1


def test_a_reading_that_ends_while_its_page_is_made_is_news(
    mercy: SmartEhr, connect: Connect, launch: Launch, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page that was begun before the end is not whole; the next question brings the one that is."""
    connect(mercy)
    gate = Gate("Observation")
    mercy.hook = gate
    opened = launch(mercy)
    assert gate.reached.wait(10)
    looked = pages._is_running

    def ends_right_after(opening: Any) -> bool:
        running = looked(opening)
        gate.open.set()
        assert pulling.wait_for_all(20)
        return running

    with monkeypatch.context() as patch:
        patch.setattr(pages, "_is_running", ends_right_after)
        begun = opened.client.get(opened.url)
    assert not begun.context["summary"].complete
    news = opened.client.get(begun.context["poll_url"])
    assert news.status_code == 200
    assert news.context["summary"].complete


def test_a_pull_whose_process_is_gone_is_taken_over(
    mercy: SmartEhr, connect: Connect, launch: Launch
) -> None:
    connect(mercy)
    opened = launch(mercy)
    opened.until_complete()
    assert pulling.wait_for_all(20)
    gone = timezone.now() - pulling.LOST_AFTER - timedelta(seconds=1)
    Pull.objects.update(state=Pull.State.RUNNING, claimed_by="another", heartbeat=gone)
    live.forget()
    page = opened.client.get(opened.url)
    assert page.status_code == 200
    assert "8.1" in str(opened.until_complete().context["summary"].blocks)
    assert Pull.objects.get().run == 2
    assert searches(mercy).count("Patient/p1") == 2


def test_a_live_pull_elsewhere_is_not_taken_over(
    mercy: SmartEhr, connect: Connect, launch: Launch
) -> None:
    connect(mercy)
    opened = launch(mercy)
    opened.until_complete()
    assert pulling.wait_for_all(20)
    Pull.objects.update(state=Pull.State.RUNNING, claimed_by="another", heartbeat=timezone.now())
    opened.client.get(opened.url)
    assert Pull.objects.get().claimed_by == "another"


# ---- the next time ----------------------------------------------------------------------------------------------


def test_a_warm_opening_shows_what_was_read_with_its_age_and_refreshes_in_place(
    mercy: SmartEhr, connect: Connect, launch: Launch
) -> None:
    connect(mercy)
    launch(mercy).until_complete()
    assert pulling.wait_for_all(20)
    mercy.resources[1] = lab("a1", "p1", 9.9)
    gate = Gate("Observation")
    mercy.hook = gate
    again = launch(mercy)
    try:
        page = again.client.get(again.url)
        assert "8.1" in str(page.context["summary"].blocks)
        assert not page.context["summary"].complete
        labs = [s for s in _sections(again) if s.state.search == "labs.recent"]
        assert labs[0].state.stale
        assert labs[0].state.at is not None
    finally:
        gate.open.set()
    done = again.until_complete().context["summary"]
    assert "9.9" in str(done.blocks)
    assert "8.1" not in str(done.blocks)


def test_what_an_ehr_gave_before_stays_when_it_fails(
    mercy: SmartEhr, connect: Connect, launch: Launch
) -> None:
    connect(mercy)
    launch(mercy).until_complete()
    assert pulling.wait_for_all(20)
    mercy.hook = lambda _, asked: Reply(500) if asked.path == "Observation" else None
    page = launch(mercy).until_complete()
    assert "8.1" in str(page.context["summary"].blocks)
    states = str(page.context["summary"].visit.sources)
    assert "not retrieved" in states


def test_the_page_comes_from_the_snapshot_when_the_process_was_restarted(
    mercy: SmartEhr, connect: Connect, launch: Launch
) -> None:
    connect(mercy)
    opened = launch(mercy)
    before = opened.until_complete()
    assert pulling.wait_for_all(20)
    opened.client.get(opened.url)
    live.forget()
    pages.forget()
    asked = len(mercy.asked)
    page = opened.client.get(opened.url)
    assert page.context["summary"] == before.context["summary"]
    assert len(mercy.asked) == asked
    row = opened.client.get(opened.url + "as-sent/mercy/Observation/a1")
    assert row.status_code == 200


def test_asking_again_fetches_again_and_keeps_the_page(
    mercy: SmartEhr, connect: Connect, launch: Launch
) -> None:
    connect(mercy)
    mercy.hook = lambda _, asked: Reply(500) if asked.path == "Observation" else None
    opened = launch(mercy)
    failed = opened.until_complete()
    assert "8.1" not in str(failed.context["summary"].blocks)
    assert pulling.wait_for_all(20)
    mercy.hook = None
    assert opened.client.post(opened.url + "sources/mercy/retry").status_code == 302
    assert "8.1" in str(opened.until_complete().context["summary"].blocks)
    assert opened.client.post(opened.url + "sources/unknown/retry").status_code == 404


def test_what_has_expired_is_deleted(mercy: SmartEhr, connect: Connect, launch: Launch) -> None:
    from summary_app.summary import tasks

    connect(mercy)
    launch(mercy).until_complete()
    assert pulling.wait_for_all(20)
    tasks.purge()
    assert Snapshot.objects.count() == 1
    Snapshot.objects.update(expires=timezone.now() - timedelta(minutes=1))
    tasks.purge()
    assert Snapshot.objects.count() == 0
    assert SnapshotPart.objects.count() == 0


# ---- at rest and in passing --------------------------------------------------------------------------------------


def test_nothing_of_the_record_is_readable_in_the_database(
    mercy: SmartEhr, connect: Connect, launch: Launch
) -> None:
    connect(mercy)
    launch(mercy).until_complete()
    assert pulling.wait_for_all(20)
    stored = _everything_stored()
    assert len(stored) > 1000
    for word in (
        b"Winterbourne",
        b"123-45-6789",
        b"1958-02-03",
        b"HbA1c",
        b"4548-4",
        b"resourceType",
    ):
        assert word not in stored, word
    for token in mercy.tokens:
        assert token.encode() not in stored


def test_tokens_are_in_no_page_log_or_cookie(
    mercy: SmartEhr, connect: Connect, launch: Launch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    connect(mercy)
    opened = launch(mercy)
    page = opened.until_complete()
    secrets_ = [*mercy.tokens, *(t["refresh"] for t in mercy.tokens.values())]
    shown = page.content + opened.client.get(opened.url + "left-out").content
    cookies = str(opened.client.cookies)
    logged = "\n".join(
        r.getMessage()
        for r in caplog.records
        if r.name.startswith(("summary_app", "clinical", "django"))
    )
    for secret in filter(None, secrets_):
        assert secret.encode() not in shown
        assert secret not in cookies
        assert secret not in logged
    for word in ("Winterbourne", "123-45-6789", "p1/"):
        assert word not in logged


def test_an_entry_is_given_exactly_as_it_was_sent(
    mercy: SmartEhr, connect: Connect, launch: Launch
) -> None:
    sent = b'{ "resourceType":"Observation", "id":"odd", "status":"final","category":[{"coding":[{"code":"laboratory"}]},{}],"subject":{"reference":"Patient/p1"},"code":{"text":"x"},"effectiveDateTime":"2026-11-01","valueQuantity":{"value":5.10}}'
    bundle = b'{"resourceType":"Bundle","type":"searchset","entry":[{"resource":' + sent + b"}]}"

    def hook(_: FakeEhr, asked: Asked) -> Reply | None:
        return reply(bundle) if asked.one("category") == "laboratory" else None

    connect(mercy)
    mercy.hook = hook
    opened = launch(mercy)
    opened.until_complete()
    assert pulling.wait_for_all(20)
    answer = opened.client.get(opened.url + "as-sent/mercy/Observation/odd")
    assert answer.content == sent
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert opened.client.get(opened.url + "as-sent/mercy/Observation/none").status_code == 404


def test_a_page_for_readers_without_javascript_is_whole(
    mercy: SmartEhr, connect: Connect, launch: Launch
) -> None:
    connect(mercy)
    opened = launch(mercy)
    opened.until_complete()
    page = opened.client.get(opened.url)
    assert b"8.1" in page.content
    assert page.context["summary"].complete


def test_the_api_says_what_the_page_says(mercy: SmartEhr, connect: Connect, launch: Launch) -> None:
    connect(mercy)
    opened = launch(mercy)
    opened.until_complete()
    answer = opened.client.get(f"/api/v1/c/{opened.ctx}/summary")
    assert answer.json()["complete"] is True
    assert answer.json()["summary"]["strip"]["name"] == "WINTERBOURNE, Anna"
    assert Client().get(f"/api/v1/c/{opened.ctx}/summary").status_code == 401
    assert opened.client.get("/api/schema").status_code == 200


def test_an_opened_row_has_its_values(mercy: SmartEhr, connect: Connect, launch: Launch) -> None:
    connect(mercy)
    opened = launch(mercy)
    page = opened.until_complete()
    labs = next(b for b in page.context["summary"].blocks if b.key == "labs")
    found = [*labs.rows, *(row for group in labs.groups for row in group.rows)]
    rows = [row for row in found if row.sources]
    key = rows[0].key if rows else _series_key(opened)
    answer = opened.client.get(f"{opened.url}row/{key}")
    assert answer.status_code == 200
    assert [line.value for line in answer.context["opened"].values] == ["8.1"]
    assert opened.client.get(f"{opened.url}row/nothing").status_code == 404


# ---- helpers ----------------------------------------------------------------------------------------------------


def _sections(opened: object) -> tuple[object, ...]:
    from summary_app.access import door
    from summary_app.models import ChartContext

    row = ChartContext.objects.get(pk=opened.ctx)  # type: ignore[attr-defined]
    return pages.sections_of(door.look_again(row.user, row.pk, as_of=timezone.now()))


def _series_key(opened: object) -> str:
    from summary_app.access import door
    from summary_app.models import ChartContext

    row = ChartContext.objects.get(pk=opened.ctx)  # type: ignore[attr-defined]
    opening = door.look_again(row.user, row.pk, as_of=timezone.now())
    return pages.built_of(opening, as_of=timezone.now()).chart.series[0].key


# Which codes an EHR uses and what it calls them, counted by week: words of its catalogue, of no patient.
_CATALOGUES = ("summary_app_codeseen", "summary_app_codemapping")


def _everything_stored() -> bytes:
    """Every value of every row of our tables, the catalogues of the EHRs' codes left out."""
    found = []
    with database.cursor() as cursor:
        for table in set(database.introspection.table_names(cursor)) - set(_CATALOGUES):
            cursor.execute(f"SELECT * FROM {database.ops.quote_name(table)}")  # noqa: S608  # a table's own name
            found += [value for row in cursor.fetchall() for value in row]
    return b"\n".join(
        bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode()
        for value in found
    )


def test_a_process_that_was_thought_gone_writes_nothing_more(
    mercy: SmartEhr, connect: Connect, launch: Launch
) -> None:
    connect(mercy)
    gate = Gate("Observation")
    mercy.hook = gate
    launch(mercy)
    assert gate.reached.wait(10)
    Pull.objects.update(run=7, version=70)  # as another process does when it takes the pull over
    before = set(SnapshotPart.objects.values_list("search", "version"))
    gate.open.set()
    assert pulling.wait_for_all(30)
    row = Pull.objects.get()
    assert (row.run, row.version, row.state) == (7, 70, Pull.State.RUNNING)
    assert not [
        s
        for s, _ in set(SnapshotPart.objects.values_list("search", "version")) - before
        if s == "labs.recent"
    ]


def test_a_pull_that_breaks_off_by_a_bug_of_ours_is_a_failure_and_never_an_empty_chart(
    mercy: SmartEhr, connect: Connect, launch: Launch, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise ValueError("a bug of ours")

    monkeypatch.setattr(runs, "pull", broken)
    connect(mercy)
    page = launch(mercy).until_complete()
    found = page.context["summary"]
    assert "Mercy Hospital was not read to the end" in str(found.visit.sources)
    known = live.of(Snapshot.objects.get().pk).sections()
    assert {part.state.state for part in known} == {"failed"}
    assert pulling.wait_for_all(20)
    assert SnapshotPart.objects.exists()


def _broken(*_: Any, **__: Any) -> None:
    raise ValueError("Winterbourne")


class _NoThread(threading.Thread):
    """As where the machine has no more of them."""

    refused = "pull-"

    def start(self) -> None:
        if self.name.startswith(self.refused):
            raise RuntimeError("can't start new thread")
        super().start()


class _NoSecondThread(_NoThread):
    refused = "fetch"


@pytest.fixture(params=["_plan", "_catch_up", "first thread", "second thread"])
def cannot_begin(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> pytest.MonkeyPatch:
    threads = {"first thread": _NoThread, "second thread": _NoSecondThread}
    if request.param in threads:
        monkeypatch.setattr(runs.threading, "Thread", threads[request.param])
    else:
        monkeypatch.setattr(runs, request.param, _broken)
    return monkeypatch


def test_a_reading_that_cannot_begin_has_failed_and_can_be_asked_for_again(
    mercy: SmartEhr,
    connect: Connect,
    launch: Launch,
    cannot_begin: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    connect(mercy)
    opened = launch(mercy)
    page = opened.until_complete()
    assert "could not begin" in str(page.context["summary"].visit.sources)
    assert pulling.wait_for_all(20)
    row = Pull.objects.get()
    assert (row.state, row.finished) == (Pull.State.DONE, None)
    assert row.trouble.startswith("could not begin: ")
    known = live.of(Snapshot.objects.get().pk).sections()
    assert {part.state.state for part in known} == {"failed"}
    live.forget()  # as another process sees it
    stored = opened.client.get(opened.url).context["summary"]
    assert "Nothing recorded" not in str(stored.safety)
    assert "could not begin" in caplog.text
    assert "Winterbourne" not in caplog.text
    cannot_begin.undo()
    assert opened.client.post(opened.url + "sources/mercy/retry").status_code == 302
    assert "8.1" in str(opened.until_complete().context["summary"].blocks)


@pytest.mark.parametrize("what", ["_plan", "_catch_up"])
def test_a_reading_that_cannot_begin_again_keeps_what_was_read_before(
    mercy: SmartEhr, connect: Connect, launch: Launch, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    connect(mercy)
    opened = launch(mercy)
    opened.until_complete()
    assert pulling.wait_for_all(20)
    monkeypatch.setattr(runs, what, _broken)
    assert opened.client.post(opened.url + "sources/mercy/retry").status_code == 302
    page = opened.until_complete()
    assert "8.1" in str(page.context["summary"].blocks)
    assert "could not begin" in str(page.context["summary"].visit.sources)


def read_once(mercy: SmartEhr, connect: Connect, launch: Launch) -> tuple[Snapshot, rights.Reader]:
    """A chart that was read to its end, and the rights to read it again."""
    connection = connect(mercy)
    launch(mercy).until_complete()
    assert pulling.wait_for_all(20)
    snapshot = Snapshot.objects.get()
    return snapshot, rights.of_clinician(snapshot.user_id, connection, snapshot.patient)


def test_a_job_whose_reading_cannot_begin_gives_it_back(
    mercy: SmartEhr, connect: Connect, launch: Launch, monkeypatch: pytest.MonkeyPatch
) -> None:
    snapshot, reader = read_once(mercy, connect, launch)
    monkeypatch.setattr(runs, "write_plan", _broken)
    assert pulling.run_here(pulling.Task(snapshot=snapshot, reader=reader, background=True))
    assert Pull.objects.get().state == Pull.State.DONE
    part = live.of(snapshot.pk).part("patient")
    assert part is not None
    assert part.state.state == "failed"
    assert part.records


def test_a_search_that_a_bug_of_ours_has_left_without_an_answer_has_failed(
    mercy: SmartEhr, connect: Connect, launch: Launch, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = runs.pull

    def forgetful(wire: Any, plan: Any, patient: str, on_result: Any, **more: Any) -> None:
        kept = tuple(each for each in plan.searches if each.section != "allergies")
        whole(wire, kept, patient, on_result, **more)

    monkeypatch.setattr(runs, "pull", forgetful)
    connect(mercy)
    page = launch(mercy).until_complete()
    (allergies,) = [
        s for s in live.of(Snapshot.objects.get().pk).sections() if s.state.section == "allergies"
    ]
    assert allergies.state.state == "failed"
    assert "8.1" in str(page.context["summary"].blocks)


def test_an_answer_that_is_worked_through_after_the_end_is_neither_shown_nor_stored(
    mercy: SmartEhr, connect: Connect, launch: Launch, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Shown and not stored, it would be gone with this process, and never be seen in another one."""
    whole = runs.pull
    late: list[Callable[[], None]] = []

    def slow(wire: Any, plan: Any, patient: str, on_result: Any, **more: Any) -> None:
        def take(fetched: Any) -> None:
            if fetched.search.section == "allergies":
                late.append(lambda: on_result(fetched))
            else:
                on_result(fetched)

        whole(wire, plan, patient, take, **more)

    monkeypatch.setattr(runs, "pull", slow)
    connect(mercy)
    opened = launch(mercy)
    opened.until_complete()
    assert pulling.wait_for_all(20)
    assert late
    for deliver in late:
        deliver()
    snapshot = Snapshot.objects.get()
    current = live.of(snapshot.pk)
    stored, _ = store.read_parts(snapshot, above=0)
    shown = {part.state.search: part for part in current.sections()}
    assert shown == {part.state.search: part for _, part in stored}
    assert shown["allergies"].state.state == "failed"
    assert current.version == Pull.objects.get().version
    assert "Not retrieved" in opened.client.get(opened.url).content.decode()


def test_what_was_lost_and_has_been_read_meanwhile_is_not_read_once_more(
    mercy: SmartEhr, connect: Connect, launch: Launch
) -> None:
    """Two who see that a process is gone: the second one comes when the first has read everything."""
    snapshot, reader = read_once(mercy, connect, launch)
    task, asked = pulling.Task(snapshot=snapshot, reader=reader), len(mercy.asked)
    assert not pulling.start(task, lost_only=True)
    assert len(mercy.asked) == asked
    Pull.objects.update(state=Pull.State.RUNNING, heartbeat=None)
    assert pulling.start(task, lost_only=True)
    assert pulling.wait_for_all(20)
    assert Pull.objects.get().run == 2


def test_a_snapshot_is_claimed_as_it_is_made_and_not_by_who_finds_it(
    mercy: SmartEhr, connect: Connect
) -> None:
    connection, now = connect(mercy), timezone.now()
    made = contexts.snapshot_for(connection, "p9", None, now=now, me="here")
    row = Pull.objects.get(snapshot=made.snapshot)
    assert (made.run, row.run, row.state, row.claimed_by) == (1, 1, Pull.State.RUNNING, "here")
    assert row.heartbeat == now
    found = contexts.snapshot_for(connection, "p9", None, now=now, me="there")
    assert found == (made.snapshot, None)
    assert Pull.objects.get().claimed_by == "here"
    unclaimed = contexts.snapshot_for(connection, "p8", None, now=now)
    assert unclaimed.run is None
    assert Pull.objects.get(snapshot=unclaimed.snapshot).state == Pull.State.IDLE


@pytest.mark.parametrize("how", ["begun", "joined", "broken"])
def test_what_is_seen_with_the_plan_is_written_whatever_becomes_of_the_pull(
    mercy: SmartEhr, connect: Connect, launch: Launch, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    snapshot, reader = read_once(mercy, connect, launch)
    written: list[str] = []
    if how == "joined":
        Pull.objects.update(state=Pull.State.RUNNING, heartbeat=timezone.now())
    if how == "broken":
        monkeypatch.setattr(runs, "begin", _broken)
    task = pulling.Task(snapshot=snapshot, reader=reader)
    assert pulling.start(task, with_plan=lambda: written.append(how)) is (how != "joined")
    assert written == [how]
    assert pulling.wait_for_all(20)


def test_what_cannot_be_written_with_the_plan_does_not_take_the_plan_down(
    mercy: SmartEhr, connect: Connect, launch: Launch
) -> None:
    """Else another process that joins would take an empty page for a complete one."""
    snapshot, reader = read_once(mercy, connect, launch)
    SnapshotPart.objects.filter(search=store.PLAN).delete()
    with pytest.raises(ValueError, match="Winterbourne"):
        pulling.start(pulling.Task(snapshot=snapshot, reader=reader), with_plan=_broken)
    assert SnapshotPart.objects.filter(search=store.PLAN).exists()
    assert pulling.wait_for_all(20)
    assert Pull.objects.get().state == Pull.State.DONE
