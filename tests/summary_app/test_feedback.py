""" "Wrong here?": what is kept, by whom it can be left, and where it is read."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from summary_app.models import AccessLog, Connection, Feedback, User
from tests.summary_app.conftest import Launch, Opened
from tests.summary_app.ehr import SmartEhr

Connect = Callable[..., Connection]


@pytest.fixture
def opened(mercy: SmartEhr, connect: Connect, launch: Launch) -> Opened:
    connect(mercy)
    found = launch(mercy)
    found.until_complete()
    return found


def key_of(opened: Opened) -> str:
    found = opened.client.post(f"{opened.url}find", {"q": "a1c"}).context["found"]
    return str(found.hits[0].row.key)


def test_a_remark_is_kept_with_its_rules_and_without_the_patient(opened: Opened) -> None:
    key = key_of(opened)
    row = opened.client.get(f"{opened.url}row/{key}").content.decode()
    assert f'action="{opened.url}row/{key}/wrong"' in row
    answer = opened.client.post(
        f"{opened.url}row/{key}/wrong",
        {"reason": "not-for-visit", "words": "  she has\nno diabetes "},
    )
    assert answer.status_code == 302
    assert b"Noted for those" in opened.client.get(answer.headers["Location"]).content
    kept = Feedback.objects.get()
    assert (kept.key, kept.kind, kept.reason) == (key, "series", "not-for-visit")
    assert kept.words == "she has no diabetes"
    assert kept.user is not None
    assert kept.visit
    everything = " ".join(str(value) for value in Feedback.objects.values().get().values())
    for secret in ("p1", "WINTERBOURNE", "Winterbourne", opened.ctx):
        assert secret not in everything
    assert AccessLog.objects.filter(what="feedback", outcome="granted").exists()


def test_htmx_gets_the_words_only(opened: Opened) -> None:
    answer = opened.client.post(
        f"{opened.url}row/{key_of(opened)}/wrong",
        {"reason": "other"},
        headers={"HX-Request": "true"},
    )
    assert answer.content.decode().startswith('<p class="noted"')


@pytest.mark.parametrize("reason", ["", "nonsense"])
def test_no_reason_is_no_remark(reason: str, opened: Opened) -> None:
    answer = opened.client.post(f"{opened.url}row/{key_of(opened)}/wrong", {"reason": reason})
    assert answer.status_code == 404
    assert not Feedback.objects.exists()


def test_only_the_opening_s_own_clinician_and_only_its_own_items(opened: Opened) -> None:
    key, data = key_of(opened), {"reason": "other"}
    assert Client().post(f"{opened.url}row/{key}/wrong", data).status_code == 401
    other = Client()
    other.force_login(User.objects.create_user("other"))
    assert other.post(f"{opened.url}row/{key}/wrong", data).status_code == 404
    assert opened.client.post(f"{opened.url}row/series-000000000000/wrong", data).status_code == 404
    assert not Feedback.objects.exists()


def test_the_list_is_read_and_ticked_off_in_the_admin(opened: Opened) -> None:
    opened.client.post(f"{opened.url}row/{key_of(opened)}/wrong", {"reason": "value"})
    installer = Client()
    installer.force_login(User.objects.create_superuser("installer", password="x"))
    page = installer.get("/admin/summary_app/feedback/")
    assert b"value, unit or date" in page.content
    assert installer.get("/admin/summary_app/feedback/add/").status_code == 403
