"""Learning from use: what is counted, that it costs no page anything, and what the numbers propose."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from summary_app.models import (
    ChartContext,
    Connection,
    RuleSetVersion,
    UseCount,
    UsedBy,
    UseSeen,
)
from summary_app.rules.services import behind, learning, using
from tests.summary_app.conftest import Launch, Opened
from tests.summary_app.ehr import Grant, SmartEhr, lab, patient
from tests.summary_app.rules import person

ODD = {"code": {"coding": [{"system": "http://loinc.org", "code": "99998-1"}], "text": "Ketones"}}
LOCAL = {"code": {"coding": [{"system": "urn:lab", "code": "K7"}], "text": "Anna's own test"}}


@pytest.fixture
def ehr(ehrs: Callable[..., SmartEhr], connect: Callable[..., Connection]) -> SmartEhr:
    found = ehrs(
        [
            patient("p1"),
            lab("a1", "p1", 8.1),
            lab("a2", "p1", 3, **ODD),
            lab("a3", "p1", 4, **LOCAL),
        ]
    )
    connect(found)
    return found


def opened(ehr: SmartEhr, launch: Launch, who: str = "alice") -> Opened:
    ehr.grant = Grant(user=f"Practitioner/{who}", name=who.title())
    found = launch(ehr)
    found.until_complete()
    found.client.post(f"{found.url}visit", {"visit": "diabetes"})
    found.client.get(found.url)
    return found


def key_of(chart: Opened, words: str) -> str:
    return str(chart.client.post(f"{chart.url}find", {"q": words}).context["found"].hits[0].row.key)


def counts() -> dict[tuple[str, str], int]:
    behind.wait()
    rows = UseCount.objects.filter(context="diabetes")
    return {(row.kind, row.item): row.number for row in rows}


def test_each_use_counts_once_in_an_opening(ehr: SmartEhr, launch: Launch) -> None:
    chart = opened(ehr, launch)
    known, odd = key_of(chart, "a1c"), key_of(chart, "ketones")
    for _ in range(3):
        chart.client.get(chart.url)
        chart.client.get(f"{chart.url}row/{known}")
        chart.client.get(f"{chart.url}row/{odd}?from=find")
    chart.client.post(f"{chart.url}row/{known}/wrong", {"reason": "higher"})
    assert counts() == {
        ("visit", ""): 1, ("search", ""): 1, ("opened", "lab.hba1c"): 1, ("wrong", "lab.hba1c"): 1,
        ("found", "http://loinc.org|99998-1"): 1,
    }  # fmt: skip
    using.forget()  # another process
    chart.client.get(f"{chart.url}row/{known}")
    assert counts()["opened", "lab.hba1c"] == 1
    second = opened(ehr, launch)
    second.client.get(f"{second.url}row/{known}")
    assert counts()["opened", "lab.hba1c"] == 2
    assert counts()["visit", ""] == 2


def test_a_row_out_of_what_was_left_out_was_looked_for(ehr: SmartEhr, launch: Launch) -> None:
    chart = opened(ehr, launch)
    odd = key_of(chart, "ketones")
    chart.client.get(f"{chart.url}row/{odd}")
    chart.client.get(f"{chart.url}row/{odd}?from=find")  # the same visit, not a second one
    assert counts()["left-out", "http://loinc.org|99998-1"] == 1
    assert ("found", "http://loinc.org|99998-1") not in counts()


def test_nothing_of_the_patient_is_kept(ehr: SmartEhr, launch: Launch) -> None:
    chart = opened(ehr, launch)
    for words in ("a1c", "ketones", "own test"):
        chart.client.get(f"{chart.url}row/{key_of(chart, words)}?from=find")
    behind.wait()
    user = ChartContext.objects.get(pk=chart.ctx).user
    rows = [*UseCount.objects.values(), *UsedBy.objects.values(), *UseSeen.objects.values()]
    assert {row["item"] for row in UsedBy.objects.values()} == {
        "lab.hba1c", "http://loinc.org|99998-1",
    }  # fmt: skip
    everything = " ".join(str(value) for row in rows for name, value in row.items() if name != "id")
    for secret in ("p1", "Winterbourne", chart.ctx, "8.1", "Anna", user.username, "K7"):
        assert secret not in everything


def test_a_clinician_is_one_for_an_item_and_another_one_for_the_next(
    ehr: SmartEhr, launch: Launch, settings: Any
) -> None:
    for _ in range(2):
        chart = opened(ehr, launch)
        for words in ("a1c", "ketones"):
            chart.client.get(f"{chart.url}row/{key_of(chart, words)}?from=find")
        behind.wait()
        settings.VISIT_LENS_KEYS = [
            "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE=",
            *settings.VISIT_LENS_KEYS,
        ]
    assert UsedBy.objects.count() == 2
    assert len(set(UsedBy.objects.values_list("who", flat=True))) == 2
    ben = opened(ehr, launch, "ben")
    ben.client.get(f"{ben.url}row/{key_of(ben, 'a1c')}?from=find")
    behind.wait()
    assert UsedBy.objects.filter(item="lab.hba1c").count() == 2


def test_a_page_a_poll_and_a_row_wait_for_no_counting(ehr: SmartEhr, launch: Launch) -> None:
    chart = opened(ehr, launch)
    page = chart.client.get(chart.url)
    key = key_of(chart, "a1c")
    paths = (
        chart.url,
        re.sub(r"since=\d+", "since=0", page.context["poll_url"]),
        f"{chart.url}row/{key}",
    )
    for path in paths:
        using.forget()
        with CaptureQueriesContext(database) as captured:
            chart.client.get(path)
        asked = [one["sql"] for one in captured.captured_queries]
        assert not [
            sql for sql in asked if "usecount" in sql or "useseen" in sql or "usedby" in sql
        ]


def test_a_test_ehr_does_not_count_where_patients_are_treated(
    ehr: SmartEhr, launch: Launch, connect: Callable[..., Connection], mercy: SmartEhr
) -> None:
    connect(mercy, "lakeside", test=False)
    opened(ehr, launch)
    behind.wait()
    assert not UseCount.objects.exists()


# ---- proposals ----------------------------------------------------------------------------------------------------


def planted(item: str, *, looked: int, visits: int = 60, people: int = 6, days: int = 1) -> None:
    day = timezone.now().date() - timedelta(days=days)
    rows = [
        ("visit", "", visits),
        ("found", item, looked - looked // 3),
        ("left-out", item, looked // 3),
    ]
    for kind, name, number in rows:
        UseCount.objects.update_or_create(
            day=day, context="anaemia", role="physician", department="", item=name, kind=kind,
            defaults={"number": number},
        )  # fmt: skip
    UsedBy.objects.bulk_create(
        UsedBy(context="anaemia", item=item, who=f"{item}{n}"[:32], last=day) for n in range(people)
    )


def proposed() -> list[learning.Sought]:
    return list(learning.found(now=timezone.now()))


def test_what_many_look_for_is_proposed_with_its_evidence(db: None) -> None:
    planted("lab.hba1c", looked=14)
    (one,) = proposed()
    assert one.words.startswith("HbA1c was looked for in 14 of 60 visits of “")
    assert "by 6 clinicians and is not on the list; 4 times" in one.words
    assert (one.proposed, one.roles) == ("list it", (("physicians", 14),))
    client = Client()
    client.force_login(person("ann", "author"))
    page = client.get("/rules/queue").content.decode()
    assert "14 of 60 visits" in page
    assert not RuleSetVersion.objects.exists()
    answer = client.post("/rules/anaemia/start", {"number": "1", "item": one.rule.item})
    assert answer.headers["Location"] == "/rules/anaemia/2/?item=lab.hba1c"
    assert RuleSetVersion.objects.get().state == "draft"
    assert [each.item for each in proposed()] == ["lab.hba1c"]


@pytest.mark.parametrize(
    "change", [{"people": 4}, {"looked": 5}, {"visits": 0}, {"days": 91}], ids=str
)
def test_small_numbers_propose_nothing(change: dict[str, int], db: None) -> None:
    planted("lab.hba1c", **{"looked": 14, **change})  # type: ignore[arg-type]
    assert proposed() == []


def test_what_is_must_see_already_is_not_proposed_and_what_stands_low_is_raised(db: None) -> None:
    from clinical import rank

    listed = rank.load().packs["anaemia"].listed
    must = next(one.item for one in listed if one.importance == "must")
    low = next(one for one in listed if one.importance != "must")
    planted(must, looked=20)
    planted(low.item, looked=20)
    (one,) = proposed()
    assert (one.item, one.listed, one.proposed) == (
        low.item,
        low.importance,
        "raise its importance",
    )


def test_a_code_of_no_item_is_proposed_as_one(db: None) -> None:
    planted("http://loinc.org|99998-1", looked=30)
    (one,) = proposed()
    assert (one.item, one.label) == ("", "LOINC 99998-1")
    assert one.proposed == "make it an item of this site and list it"


def test_old_counts_are_forgotten(db: None) -> None:
    planted("lab.hba1c", looked=14, days=121)
    planted("lab.ldl", looked=14, days=119)
    UseSeen.objects.create(name="x", day=timezone.now().date() - timedelta(days=4))
    using.purge(today=timezone.now().date())
    assert set(UsedBy.objects.values_list("item", flat=True)) == {"lab.ldl"}
    assert set(UseCount.objects.values_list("item", flat=True)) == {"lab.ldl", ""}
    assert not UseSeen.objects.exists()
