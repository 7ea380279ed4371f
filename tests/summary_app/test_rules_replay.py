"""Replays on stored charts, silent versions and counted codes: numbers that add up, and nothing for eyes without the right."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from clinical import codes
from clinical.rank.ruleset_file import table_of
from summary_app.models import (
    AccessLog,
    ChartContext,
    CodeSeen,
    Connection,
    Replay,
    ReplayChart,
    Rollout,
    RuleSetVersion,
    ShadowCount,
)
from summary_app.rules.services import (
    alerts,
    behind,
    criteria,
    drafts,
    editing,
    life,
    nudging,
    picker,
    reading,
    replaying,
    reports,
    shadowing,
)
from tests.summary_app.conftest import Launch, Opened
from tests.summary_app.ehr import Grant, SmartEhr, lab, patient
from tests.summary_app.rules import person


@pytest.fixture(autouse=True)
def no_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nudging, "send", lambda replay_id: None)


@pytest.fixture
def charts(
    ehrs: Callable[..., SmartEhr], connect: Callable[..., Connection], launch: Launch
) -> list[Opened]:
    """Three charts with a result each, opened by two clinicians as diabetes visits."""
    bodies = [patient(f"p{n}") for n in range(3)]
    bodies += [lab(f"a{n}", f"p{n}", 8.1) for n in range(3)]
    ehr = ehrs(bodies)
    connect(ehr)
    found = []
    for number in range(3):
        who = "alice" if number < 2 else "ben"
        ehr.grant = Grant(patient=f"p{number}", user=f"Practitioner/{who}", name=who.title())
        opened = launch(ehr)
        opened.until_complete()
        opened.client.post(f"/c/{opened.ctx}/visit", {"visit": "diabetes"})
        found.append(opened)
    return found


def without(item: str, *, by: Any = None) -> RuleSetVersion:
    """A draft that lists this item no longer."""
    author = by or person("ann", "author")
    made = drafts.start(author, "diabetes", number=1, now=timezone.now())
    table = editing.with_rule(table_of(made.text), editing.Rule(item=item, importance="off"))
    return drafts.save(author, made, table, saved=1, now=timezone.now())


def user_of(opened: Opened) -> Any:
    return ChartContext.objects.get(pk=opened.ctx).user


def test_a_replay_counts_what_is_lost_and_hides_what_is_not_yours(charts: list[Opened]) -> None:
    alice = person(user_of(charts[0]).username, "author")
    version = without("lab.hba1c", by=alice)
    replay = replaying.start(alice, version, now=timezone.now())
    replaying.run(replay.pk)
    replay.refresh_from_db()
    assert (replay.state, replay.total) == ("done", 3)
    report = reports.of(replay, reader_id=alice.pk)
    assert (report.tried, report.failed, report.gone, report.waiting) == (3, 0, 0, 0)
    assert report.total.lost == 3
    assert report.total.floor_lost == 0
    assert report.total.recall is not None
    assert report.total.recall[1] < report.total.recall[0]
    assert report.losers
    assert "3 items fewer" in reports.sentence(report)
    assert sorted(bool(one.ctx) for one in report.ten) == [False, True, True]
    hidden = next(one for one in report.ten if not one.ctx)
    assert (hidden.appears, hidden.vanishes) == ((), ())
    stored = ReplayChart.objects.get(context=charts[2].ctx).result
    assert (stored["appears"], stored["vanishes"]) == ([], [])
    others = reports.of(replay, reader_id=alice.pk + 1000)
    assert not any(one.ctx or one.vanishes for one in others.ten)
    looks = AccessLog.objects.filter(what="replay")
    assert {(one.context, one.detail) for one in looks} == {
        (charts[0].ctx, ""), (charts[1].ctx, ""), (charts[2].ctx, "counts only"),
    }  # fmt: skip


def test_a_draft_that_changes_nothing_loses_nothing(charts: list[Opened]) -> None:
    ann = person("ann", "author")
    version = drafts.start(ann, "diabetes", number=1, now=timezone.now())
    replay = replaying.start(ann, version, now=timezone.now())
    replaying.run(replay.pk)
    total = reports.of(replay, reader_id=ann.pk).total
    assert (total.charts, total.gained, total.lost, total.floor_lost) == (3, 0, 0, 0)
    assert total.recall == (100.0, 100.0)


def test_rows_that_only_move_are_counted_and_said(charts: list[Opened]) -> None:
    ann = person("ann", "author")
    version = drafts.start(ann, "diabetes", number=1, now=timezone.now())
    replay = replaying.start(ann, version, now=timezone.now())
    replaying.run(replay.pk)
    first, second, _ = ReplayChart.objects.order_by("pk")
    for row, moved in ((first, 4), (second, 1)):
        row.result["moved"] = moved
        row.save()
    report = reports.of(replay, reader_id=ann.pk)
    assert (report.total.moved, report.total.lost, report.total.gained) == (5, 0, 0)
    assert "5 rows only move." in reports.sentence(report)
    client = Client()
    client.force_login(ann)
    page = client.get(f"/rules/replay/{replay.pk}").content.decode()
    assert "some rows only move" in page
    assert "No chart changes" not in page


def test_a_killed_worker_loses_nothing_and_counts_nothing_twice(charts: list[Opened]) -> None:
    ann = person("ann", "author")
    replay = replaying.start(ann, without("lab.hba1c"), now=timezone.now())
    now = timezone.now()
    Replay.objects.filter(pk=replay.pk).update(state="running")
    first = ReplayChart.objects.filter(replay=replay).order_by("pk").first()
    assert first is not None
    ReplayChart.objects.filter(pk=first.pk).update(
        state="running", lease=now + timedelta(minutes=1)
    )
    replaying.run(replay.pk)
    replay.refresh_from_db()
    assert replay.state == "running"
    assert replaying.open_replays() == [replay.pk]
    ReplayChart.objects.filter(pk=first.pk).update(lease=now - timedelta(seconds=1))
    replaying.run(replay.pk)
    replay.refresh_from_db()
    assert replay.state == "done"
    assert AccessLog.objects.filter(what="replay").count() == 3
    assert ReplayChart.objects.filter(state="done").count() == 3


def test_it_can_be_stopped_and_a_changed_draft_stops_it(charts: list[Opened]) -> None:
    ann = person("ann", "author")
    version = without("lab.hba1c")
    replay = replaying.start(ann, version, now=timezone.now())
    replaying.stop(ann, replay, now=timezone.now())
    replaying.run(replay.pk)
    assert not ReplayChart.objects.exclude(state="waiting").exists()
    second = replaying.start(ann, version, now=timezone.now())
    table = editing.with_rule(
        table_of(version.text), editing.Rule(item="lab.ldl", importance="must")
    )
    drafts.save(ann, version, table, saved=version.saved, now=timezone.now())
    replaying.run(second.pk)
    second.refresh_from_db()
    assert second.state == "stopped"


def test_a_chart_that_cannot_be_read_is_counted_as_failed(charts: list[Opened]) -> None:
    from summary_app.models import SnapshotPart
    from summary_app.summary.services import live

    source = ChartContext.objects.get(pk=charts[0].ctx).sources.get()
    SnapshotPart.objects.filter(snapshot=source.snapshot_id).update(records=b"damaged")
    live.forget()
    ann = person("ann", "author")
    replay = replaying.start(ann, without("lab.hba1c"), now=timezone.now())
    replaying.run(replay.pk)
    report = reports.of(replay, reader_id=ann.pk)
    assert (report.tried, report.failed) == (2, 1)


def test_the_page_of_a_replay_names_nobody(charts: list[Opened]) -> None:
    client = Client()
    client.force_login(person("ann", "author"))
    version = without("lab.hba1c")
    answer = client.post(f"/rules/diabetes/{version.number}/replay")
    replaying.run(Replay.objects.get().pk)
    page = client.get(answer.headers["Location"]).content.decode()
    assert "counts only" in page
    assert "floor hits" in page
    assert "Winterbourne" not in page
    assert "HbA1c" not in page
    assert not any(opened.ctx in page for opened in charts)


# ---- a silent version ---------------------------------------------------------------------------------------------


def test_a_silent_version_is_counted_and_changes_nothing_on_the_page(charts: list[Opened]) -> None:
    ann, pia = person("ann", "author"), person("pia", "publisher")
    version = without("lab.hba1c")
    life.ask(ann, version, why="", now=timezone.now())
    rollout = life.publish(pia, version, life.Scope(shadow=True), why="", now=timezone.now())
    version.refresh_from_db()
    assert version.state == "in_review"
    page = charts[0].client.get(charts[0].url)
    behind.wait()
    assert "8.1" in page.content.decode()
    count = ShadowCount.objects.get(rollout=rollout)
    assert (count.openings, count.differing) == (1, 1)
    assert count.items == {"-lab.hba1c": 1}
    assert "p0" not in json.dumps(count.items)


def test_a_silent_version_and_the_criteria_are_drawn_to_scale() -> None:
    days = tuple((f"{n}-Nov", share) for n, share in enumerate((0.0, 10.0, 40.0)))
    found = shadowing.ShadowReport(openings=30, differing=5, skipped=0, days=days, items=())
    assert found.line == "0,60 150,45 300,0"
    assert shadowing.limit_at(Rollout(stop_criteria={"shadow_percent": 20.0}), found) == 30
    assert shadowing.limit_at(Rollout(stop_criteria={"shadow_percent": 90.0}), found) is None
    assert shadowing.limit_at(Rollout(stop_criteria={}), found) is None
    limits = {"recall_change": -0.5, "opened_percent": 50.0, "search_percent": 30.0}
    rollout = Rollout(stop_criteria=limits, starts=timezone.now() - timedelta(weeks=5))
    figures = {"recall_change": -2.0, "opened_percent": 25.0}
    drawn = {one.name: one.bar for one in criteria.judge(rollout, figures, now=timezone.now())}
    assert drawn == {"recall_change": (100, 25), "opened_percent": (25, 50), "search_percent": None}


# ---- codes that were seen -----------------------------------------------------------------------------------------


def test_codes_are_counted_once_per_chart_and_found_by_the_picker(charts: list[Opened]) -> None:
    behind.wait()
    row = CodeSeen.objects.get(code="4548-4")
    assert row.charts == 3
    charts[0].client.get(charts[0].url)
    behind.wait()
    row.refresh_from_db()
    assert row.charts == 3
    library = reading.library_of(())
    found = picker.find("hba1c", library, now=timezone.now())
    assert (found[0].item, found[0].seen) == ("lab.hba1c", 3)
    later = timezone.now() + timedelta(days=200)
    assert picker.nothing_seen(library.items["lab.hba1c"], now=later)
    assert not picker.nothing_seen(library.items["lab.hba1c"], now=timezone.now())


def test_a_code_that_no_item_has_becomes_an_item_of_the_site(charts: list[Opened]) -> None:
    connection = Connection.objects.get()
    CodeSeen.objects.create(
        connection=connection, system="http://loinc.org", code="99998-1", name="Ketones at bedside",
        week=timezone.now().date(), charts=7,
    )  # fmt: skip
    client = Client()
    client.force_login(person("ann", "author"))
    client.post("/rules/diabetes/start", {"number": "1"})
    page = client.get("/rules/diabetes/2/pick", {"q": "ketones bed"}).content.decode()
    assert "99998-1" in page
    sent = {"system": "http://loinc.org", "code": "99998-1", "name": "Ketones at bedside"}
    client.post("/rules/diabetes/2/own-item", sent)
    found = reading.read(RuleSetVersion.objects.get().text)
    assert [item.codes for item in found.own] == [(("http://loinc.org", "99998-1"),)]
    assert found.own[0].id in {one.item for one in found.pack.listed}


def test_a_category_stands_for_all_codes_below_it(charts: list[Opened]) -> None:
    connection, week = Connection.objects.get(), timezone.now().date()
    for code, name, count in (("M05", "", 9), ("M057", "", 9), ("M0579", "Rheumatoid arthritis of several sites", 9), ("Q87", "", 4), ("Q874", "Marfan's syndrome", 4)):  # fmt: skip
        CodeSeen.objects.create(connection=connection, system=codes.ICD10CM, code=code, name=name, week=week, charts=count)  # fmt: skip
    library, now = reading.library_of(()), timezone.now()
    assert "cond.ra" in {one.item for one in picker.find("M05.79", library, now=now)}
    assert not [one for one in picker.find("M05", library, now=now) if not one.item]
    offered = [(one.code, one.why, one.seen) for one in picker.find("Q87", library, now=now)]
    assert offered == [("Q87", "Q87 and below", 4), ("Q87.4", "Q87.4 and below", 4)]
    client = Client()
    client.force_login(person("ann", "author"))
    client.post("/rules/diabetes/start", {"number": "1"})
    sent = {"system": codes.ICD10CM, "code": "Q87", "name": "Syndromes of several systems"}
    client.post("/rules/diabetes/2/own-item", sent)
    made = reading.read(RuleSetVersion.objects.get().text).own[0]
    assert (made.icd, made.kind) == (("Q87",), "cond")


def test_a_stop_criterion_that_is_met_is_told_on_the_first_page(charts: list[Opened]) -> None:
    ann, rob, pia = person("ann", "author"), person("rob", "reviewer"), person("pia", "publisher")
    version = without("lab.hba1c")
    replaying.run(replaying.start(ann, version, now=timezone.now()).pk)
    life.ask(ann, version, why="", now=timezone.now())
    life.approve(rob, version, why="", now=timezone.now())
    scope = life.Scope(
        stop_criteria={"recall_change": -0.5, "floor_hits": 1.0, "opened_percent": 50.0}
    )
    rollout = life.publish(pia, version, scope, why="", now=timezone.now())
    (alert,) = alerts.alerts(now=timezone.now())
    assert [(one.name, one.state) for one in alert.lines] == [("recall_change", "met")]
    states = {
        one.name: one.state
        for one in criteria.judge(rollout, alerts.figures(rollout), now=timezone.now())
    }
    assert states == {"floor_hits": "clear", "recall_change": "met", "opened_percent": "not yet"}
    client = Client()
    client.force_login(pia)
    assert "Must-see recall" in client.get("/rules/").content.decode()


def test_each_open_chart_is_counted_for_its_own_person_only(charts: list[Opened]) -> None:
    alice = person(user_of(charts[0]).username, "author")
    version = without("lab.hba1c", by=alice)
    page = charts[0].client.get(f"/rules/diabetes/{version.number}/charts").content.decode()
    assert charts[0].ctx in page
    assert charts[1].ctx in page
    assert charts[2].ctx not in page
    assert page.count("0 of") == 2
    assert AccessLog.objects.filter(what="rules").count() == 2
