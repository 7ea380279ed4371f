"""The answer "nothing new", given before a session is looked at: only to the browser that was just let through."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from clinical.records import FetchState, SearchState, Section, SectionRecords
from summary_app.access import door
from summary_app.access.models import User
from summary_app.models import Connection, Pull
from summary_app.summary import queries
from summary_app.summary.services import bells, contexts, live, watching
from tests.summary_app.conftest import Launch
from tests.summary_app.ehr import SmartEhr

Connect = Callable[..., Connection]


def test_only_the_browser_that_was_let_through_is_told_that_there_is_nothing_new(
    mercy: SmartEhr, connect: Connect, launch: Launch
) -> None:
    connect(mercy)
    opened = launch(mercy)
    poll = opened.until_complete().context["poll_url"]
    opened.client.get(opened.url)
    told = opened.client.get(poll)
    assert (told.status_code, told.content) == (204, b"")
    assert told.headers["X-Ctx"] == opened.ctx
    assert told.headers["Cache-Control"] == "no-store"
    assert opened.client.post(poll).status_code == 405
    assert opened.client.get(poll, headers={"host": "elsewhere.example"}).status_code == 400
    assert Client().get(poll).status_code == 401
    colleague = Client()
    colleague.force_login(User.objects.create(username="colleague"))
    assert colleague.get(poll).status_code == 404
    contexts.close(opened.ctx, why="Another patient was opened.")
    assert opened.client.get(poll).status_code == 409


def test_a_session_that_was_signed_off_is_told_nothing(
    mercy: SmartEhr, connect: Connect, launch: Launch
) -> None:
    """Also a page that kept its cookie, and asks in the seconds in which it would not be looked at."""
    connect(mercy)
    opened = launch(mercy)
    poll = opened.until_complete().context["poll_url"]
    opened.client.get(opened.url)
    left_open = Client()
    left_open.cookies[settings.SESSION_COOKIE_NAME] = opened.client.session.session_key
    assert left_open.get(poll).status_code == 204
    assert opened.client.post("/sign-off").status_code == 302
    assert left_open.get(poll).status_code == 401


@pytest.mark.parametrize(
    ("text", "version"),
    [("12", 12), ("", -1), ("-3", -1), ("\N{SUPERSCRIPT TWO}", -1), ("9" * 12, -1)],
)
def test_a_version_that_is_no_number_is_none(text: str, version: int) -> None:
    assert watching.version_in(text) == version


@pytest.mark.parametrize(
    ("standing", "seconds", "holds"),
    [
        ({}, 0.5, True),
        ({}, 1.0, False),
        ({"revision": 4}, 0.1, False),
        ({"closed": True}, 0.1, False),
    ],
)
def test_an_opening_is_looked_at_again_unless_it_is_as_it_was_a_moment_ago(
    standing: dict[str, object], seconds: float, *, holds: bool
) -> None:
    opening = door.Opening(
        id="a",
        user_id=1,
        user_name="Dr A",
        role="physician",
        connection=Connection(key="mercy"),
        patient="p1",
        encounter="",
        visit_choice="",
        revision=3,
        created=timezone.now(),
        sources=(),
    )
    found = replace(watching.Standing(9, True, 1, revision=3), **standing)  # type: ignore[arg-type]
    assert found.holds_for(opening, waited=timedelta(seconds=seconds)) is holds


def state(search: str, word: FetchState) -> SearchState:
    return SearchState(server="mercy", search=search, section=Section.ALLERGIES, state=word)


@pytest.fixture
def of_today() -> Iterator[live.Live]:
    """A reading of one search under way here; another search was not permitted."""
    known = live.of(987_654)
    known.begin(1, 7, [state("allergies", FetchState.FETCHING)], ["allergies"])
    known.add(SectionRecords(state=state("orders", FetchState.NOT_AUTHORISED)))
    yield known
    live.drop(987_654)


def row(version: int, word: str = Pull.State.RUNNING) -> queries.Standing:
    return queries.Standing(3, 1, "", "launched", 987_654, version, word, timezone.now())


def test_what_is_not_asked_for_is_no_answer(of_today: live.Live) -> None:
    """Else the page would be told of it at once, and of the first results only after news have gathered."""
    assert not of_today.answered
    assert not watching._standing([row(8)]).answered
    of_today.add(SectionRecords(state=state("allergies", FetchState.FAILED)))
    assert of_today.answered
    assert watching._standing([row(8)]).answered
    of_today.end()
    assert not of_today.answered


def test_an_ehr_is_silent_until_something_of_its_first_wave_is_answered(
    of_today: live.Live,
) -> None:
    found = watching._standing([row(8)])
    assert (found.waiting, found.silent) == (True, True)
    searches = [state(name, FetchState.FETCHING) for name in ("allergies", "problems")]
    of_today.begin(2, 9, searches, ["allergies", "problems"])
    of_today.add(SectionRecords(state=state("problems", FetchState.OK_EMPTY)))
    found = watching._standing([row(10)])
    assert (found.waiting, found.silent) == (True, False)
    of_today.add(SectionRecords(state=state("allergies", FetchState.OK_EMPTY)))
    found = watching._standing([row(11)])
    assert (found.waiting, found.silent) == (False, False)


def test_what_another_process_has_read_is_an_answer_before_this_one_knows_it(
    of_today: live.Live,
) -> None:
    of_today.here = False
    assert not watching._standing([row(8)]).answered
    assert watching._standing([row(9)]).answered
    assert not watching._standing([row(9, Pull.State.DONE)]).answered


def test_everything_is_answered_before_it_is_written_down(of_today: live.Live) -> None:
    assert not watching._standing([row(8)]).all_answered
    of_today.add(SectionRecords(state=state("allergies", FetchState.OK_EMPTY)))
    assert watching._standing([row(8)]).all_answered
    elsewhere = queries.Standing(3, 1, "", "looking", None, 0, "", None)
    assert not watching._standing([row(8), elsewhere]).all_answered
    of_today.end()
    found = watching._standing([row(8)])  # still on its way to the database
    assert (found.all_answered, found.complete) == (False, False)
    assert watching._standing([row(8, Pull.State.DONE)]).complete


def due_at(
    found: dict[str, bool], shown: dict[str, bool], landmark: float, *, crowded: bool
) -> float:
    """When a page is shown anew that changed at 10.0."""
    standing = watching.Standing(9, complete=False, landmarks=1)
    return watching._due(
        replace(standing, **found),  # type: ignore[arg-type]
        replace(standing, **shown),  # type: ignore[arg-type]
        10.0,
        landmark,
        crowded=crowded,
    )


@pytest.mark.parametrize(
    ("found", "shown", "landmark", "due"),
    [
        ({"answered": True}, {}, 0.0, 10.0),
        ({"answered": True}, {"answered": True}, 0.0, 10.6),
        ({"waiting": True}, {"answered": True}, 10.1, 10.5),
        ({"waiting": True, "silent": True}, {"answered": True}, 10.1, 10.25),
        ({"waiting": True, "silent": True}, {"answered": True, "waited": True}, 10.1, 10.1),
        ({"waiting": True}, {"answered": True, "waited": True}, 10.1, 10.5),
        ({}, {"answered": True}, 10.1, 10.1),
    ],
)
def test_an_ehr_that_says_nothing_is_waited_for_once(
    found: dict[str, bool], shown: dict[str, bool], landmark: float, due: float
) -> None:
    """Else everything that the healthy one brings would be late."""
    assert due_at(found, shown, landmark, crowded=False) == pytest.approx(due)


@pytest.mark.parametrize(
    ("found", "shown", "landmark", "due"),
    [
        ({"answered": True}, {}, 0.0, 10.6),
        ({"answered": True}, {"answered": True, "waiting": True}, 0.0, 11.2),
        ({"answered": True}, {}, 10.1, 10.1),  # the first screen goes out at once
        ({"answered": True}, {"answered": True, "waiting": True}, 10.1, 10.1),
        ({"answered": True, "waiting": True}, {}, 10.1, 10.6),
        ({"answered": True}, {"answered": True}, 10.1, 11.2),
        ({"answered": True, "all_answered": True}, {"answered": True}, 0.0, 10.0),
    ],
)
def test_a_page_that_is_no_first_screen_gathers_longer_while_others_are_read(
    found: dict[str, bool], shown: dict[str, bool], landmark: float, due: float
) -> None:
    assert due_at(found, shown, landmark, crowded=True) == pytest.approx(due)


def test_whoever_waits_is_woken_by_what_concerns_the_chart_alone() -> None:
    before = bells.tick(("opening", 7))
    bells.announce(8)
    bells.announce("another")
    assert bells.tick(("opening", 7)) == before
    bells.announce(7)
    assert bells.tick(("opening", 7)) != before
    now = bells.tick(("opening", 7))
    woken = threading.Event()

    def wait() -> None:
        bells.wait(("opening", 7), now, 20)
        woken.set()

    waiting = threading.Thread(target=wait)
    waiting.start()
    until = time.monotonic() + 10
    while not bells._bells and time.monotonic() < until:
        time.sleep(0.005)
    bells.announce(8)
    assert not woken.wait(0.05)
    bells.announce("opening")
    assert woken.wait(10)
    waiting.join(10)
    assert not bells._bells  # nobody is left behind


def test_charts_of_others_are_known_by_what_is_read_for_this_process() -> None:
    one, two = live.Live(901), live.Live(902)
    assert not live.others_run((901,))
    one.begin(1, 1, (), ())
    assert not live.others_run((901,))
    two.begin(1, 1, (), ())
    assert live.others_run((901,))
    two.end()
    assert not live.others_run((901,))
    one.end()
    assert not live.others_run(())


def test_that_a_silent_ehr_was_waited_for_is_remembered_for_the_next_answer() -> None:
    silent = watching.Standing(9, complete=False, landmarks=1, waiting=True, silent=True)
    watching._answered("a", silent, None, ended=False)
    first = watching._last_answer("a")
    assert first is not None
    assert not first.waited
    watching._answered("a", silent, first, ended=True)
    second = watching._last_answer("a")
    assert second is not None
    assert second.waited
    watching._answered("a", replace(silent, silent=False), second, ended=False)
    third = watching._last_answer("a")
    assert third is not None
    assert third.waited
