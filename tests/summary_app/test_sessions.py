"""How long somebody stays signed in, and what a waiting page does to that: nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from summary_app.models import Connection, Token
from tests.summary_app.conftest import Launch, Opened
from tests.summary_app.ehr import SmartEhr


@pytest.fixture
def alice(mercy: SmartEhr, connect: Callable[..., Connection], launch: Launch) -> Opened:
    connect(mercy)
    opened = launch(mercy)
    opened.until_complete()
    return opened


def later(**time: float) -> time_machine.travel:
    return time_machine.travel(timezone.now() + timedelta(**time), tick=True)


def test_an_unused_session_ends_after_fifteen_minutes(alice: Opened) -> None:
    with later(minutes=14):
        assert alice.client.get(alice.url).status_code == 200
    with later(minutes=14 + 16):
        assert alice.client.get(alice.url).status_code == 401
    assert alice.client.get(alice.url).status_code == 401


def test_using_it_keeps_it_but_not_beyond_a_working_day(alice: Opened) -> None:
    for minutes in range(10, 12 * 60 - 5, 10):
        with later(minutes=minutes):
            assert alice.client.get("/").context["signed_in"], minutes
    with later(minutes=12 * 60 + 1):
        assert not alice.client.get("/").context["signed_in"]


def test_a_waiting_page_does_not_keep_it(alice: Opened) -> None:
    for minutes in (5, 10, 14):
        with later(minutes=minutes):
            answer = alice.client.get(alice.url + "updates?since=-1")
            assert answer.status_code == 200
    with later(minutes=16):
        assert alice.client.get(alice.url + "updates?since=-1").status_code == 401


def test_signing_off_ends_it_and_forgets_the_tokens(alice: Opened) -> None:
    assert alice.client.post("/sign-off").status_code == 302
    assert alice.client.get(alice.url).status_code == 401
    assert Token.objects.count() == 0


def test_signing_off_needs_a_token_of_the_page(alice: Opened) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = alice.client.cookies
    assert strict.post("/sign-off").status_code == 403
    assert strict.post(alice.url + "visit", {"visit": ""}).status_code == 403


def test_the_session_cookie_is_out_of_reach_of_scripts(alice: Opened) -> None:
    cookie = alice.client.cookies["visit-lens-session"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert not cookie["secure"]  # http on loopback; https sets it, see tests/config
