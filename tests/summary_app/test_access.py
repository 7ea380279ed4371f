"""Nobody sees what another person opened; every access is written down, and refused ones too."""

from __future__ import annotations

import ast
from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client

import summary_app
from summary_app.access.models import Immutable
from summary_app.models import AccessLog, ChartContext, Connection, User
from tests.summary_app.conftest import Launch, Opened
from tests.summary_app.ehr import Grant, SmartEhr

PIECES = (
    "",
    "updates?since=0",
    "row/anything",
    "left-out",
    "as-sent/mercy/Observation/a1",
)
POSTS = ("visit", "sources/mercy/retry", "sources/mercy/confirm")


@pytest.fixture
def alice(mercy: SmartEhr, connect: Callable[..., Connection], launch: Launch) -> Opened:
    connect(mercy)
    opened = launch(mercy)
    opened.until_complete()
    return opened


@pytest.fixture
def bob(alice: Opened, mercy: SmartEhr, launch: Launch) -> Opened:
    mercy.resources.append({**mercy.resources[0], "id": "p2", "birthDate": "1990-01-01"})
    mercy.grant = Grant(patient="p2", user="Practitioner/bob", name="Bob Example RN")
    opened = launch(mercy)
    opened.until_complete()
    return opened


def test_another_clinicians_opening_is_404_and_written_down_as_refused(
    alice: Opened, bob: Opened
) -> None:
    for piece in PIECES:
        answer = bob.client.get(alice.url + piece)
        assert answer.status_code == 404, piece
        assert b"WINTERBOURNE" not in answer.content
    for piece in POSTS:
        assert bob.client.post(alice.url + piece).status_code == 404, piece
    assert bob.client.get(f"/api/v1/c/{alice.ctx}/summary").status_code == 404
    refused = AccessLog.objects.filter(outcome="refused")
    assert refused.count() == len(PIECES) + len(POSTS) + 1
    assert {row.user for row in refused} == {User.objects.get(shown_name="Bob Example RN")}
    assert {row.context for row in refused} == {alice.ctx}


def test_an_opening_that_does_not_exist_looks_the_same(alice: Opened) -> None:
    answer = alice.client.get("/c/AAAAAAAAAAAAAAAAAAAAAA/")
    assert answer.status_code == 404
    assert AccessLog.objects.filter(outcome="refused").count() == 1


def test_without_a_session_every_piece_is_401_with_words(alice: Opened) -> None:
    for piece in PIECES:
        answer = Client().get(alice.url + piece)
        assert answer.status_code == 401, piece
        assert answer.content


def test_a_signed_off_poll_makes_the_page_load_anew(alice: Opened) -> None:
    answer = Client().get(alice.url + "updates?since=0", headers={"HX-Request": "true"})
    assert answer.headers["HX-Refresh"] == "true"


def test_every_view_is_written_down_with_who_what_and_whom(alice: Opened) -> None:
    before = AccessLog.objects.count()
    alice.client.get(alice.url)
    alice.client.get(alice.url + "left-out")
    alice.client.get(alice.url + "as-sent/mercy/Observation/a1")
    rows = list(AccessLog.objects.order_by("pk")[before:])
    assert [row.what for row in rows] == ["page", "left out", "as sent"]
    assert {(row.user.shown_name, row.patient, row.outcome) for row in rows if row.user} == {
        ("Alice Example MD", "p1", "granted")
    }


def test_polls_are_not_written_down(alice: Opened) -> None:
    before = AccessLog.objects.count()
    alice.client.get(alice.url + "updates?since=0")
    assert AccessLog.objects.count() == before


def test_the_record_of_access_cannot_be_changed(alice: Opened) -> None:
    row = AccessLog.objects.first()
    assert row is not None
    for change in (row.delete, row.save, AccessLog.objects.all().delete):
        with pytest.raises(Immutable):
            change()
    with pytest.raises(Immutable):
        AccessLog.objects.update(what="nothing")


def test_the_opening_is_written_down_before_anything_is_fetched(
    mercy: SmartEhr, connect: Callable[..., Connection], launch: Launch
) -> None:
    seen: list[int] = []

    def look(_: object, asked: object) -> None:
        if getattr(asked, "path", "").startswith("Patient/"):
            seen.append(len(AccessLog.objects.filter(what="open")))
            from django.db import connection

            connection.close()

    connect(mercy)
    mercy.hook = look
    launch(mercy).until_complete()
    assert seen == [1]


def test_an_expired_opening_is_gone(alice: Opened) -> None:
    row = ChartContext.objects.get()
    ChartContext.objects.update(expires=row.created)
    assert alice.client.get(alice.url).status_code == 404


def test_openings_have_ids_that_nobody_guesses(alice: Opened, bob: Opened) -> None:
    assert alice.ctx != bob.ctx
    assert len(alice.ctx) == 22  # 16 random bytes, 128 bits


def test_answers_name_their_opening_and_are_kept_nowhere(alice: Opened) -> None:
    for piece in PIECES[:2]:
        answer = alice.client.get(alice.url + piece)
        assert answer.headers["X-Ctx"] == alice.ctx
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert "HX-Request" in answer.headers["Vary"]


# ---- the one door -----------------------------------------------------------------------------------------------

PATIENT_TABLES = {"ChartContext", "ContextSource", "Snapshot", "SnapshotPart", "Pull"}
BEHIND_THE_DOOR = {
    "models.py",
    "summary/models.py",
    "summary/queries.py",
    "summary/services/contexts.py",
    "summary/services/openings.py",
    "summary/services/gathering.py",
    "summary/services/linking.py",
    "summary/services/pulling.py",
    "summary/services/runs.py",
    "summary/services/store.py",
    "summary/services/unbegun.py",
    "summary/services/watching.py",
}


def test_tables_about_patients_are_touched_behind_the_door_only() -> None:
    root = Path(summary_app.__file__).parent
    found = {
        str(path.relative_to(root))
        for path in root.rglob("*.py")
        if "migrations" not in path.parts and _names(path) & PATIENT_TABLES
    }
    assert found == BEHIND_THE_DOOR


def test_only_the_door_and_the_services_behind_it_read_openings() -> None:
    root = Path(summary_app.__file__).parent
    found = {
        str(path.relative_to(root))
        for path in root.rglob("*.py")
        if "summary_app.summary.queries" in _imports(path)
    }
    outside = {name for name in found if not name.startswith("summary/services/")}
    # A task reads numbers of jobs; whoever works on rules, the ids of openings: their charts come through the door.
    assert outside == {
        "access/door.py",
        "summary/tasks.py",
        "rules/services/charts.py",
        "rules/services/replaying.py",
    }


def _names(path: Path) -> set[str]:
    tree = ast.parse(path.read_text())
    imported = {a.name for n in ast.walk(tree) if isinstance(n, ast.ImportFrom) for a in n.names}
    defined = {n.name for n in ast.walk(tree) if isinstance(n, ast.ClassDef)}
    return imported | defined


def _imports(path: Path) -> set[str]:
    tree = ast.parse(path.read_text())
    return {
        f"{n.module}.{a.name}"
        for n in ast.walk(tree)
        if isinstance(n, ast.ImportFrom)
        for a in n.names
    }
