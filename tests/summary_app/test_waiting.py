"""The answer "nothing new", given before a session is looked at: only to the browser that was just let through."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from summary_app.access import door
from summary_app.access.models import User
from summary_app.models import Connection
from summary_app.summary.services import contexts, watching
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
