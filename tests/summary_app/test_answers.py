"""What became of a remark: who may answer, where the sender reads it, and that nobody else does."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.utils import timezone

from summary_app.feedback import queries
from summary_app.models import ChartContext, Connection, Feedback, Transition, User
from tests.summary_app.conftest import Launch, Opened
from tests.summary_app.ehr import Grant, SmartEhr, lab, patient
from tests.summary_app.rules import person

Connect = Callable[..., Connection]


@pytest.fixture
def ehr(ehrs: Callable[..., SmartEhr], connect: Connect) -> SmartEhr:
    """Two patients with the same result."""
    found = ehrs([patient("p1"), lab("a1", "p1", 8.1), patient("p2"), lab("a2", "p2", 8.1)])
    connect(found)
    return found


def opened(ehr: SmartEhr, launch: Launch, **grant: str) -> Opened:
    ehr.grant = Grant(**grant)  # type: ignore[arg-type]
    found = launch(ehr)
    found.until_complete()
    found.client.post(f"{found.url}visit", {"visit": "diabetes"})
    return found


def key_of(chart: Opened) -> str:
    return str(chart.client.post(f"{chart.url}find", {"q": "a1c"}).context["found"].hits[0].row.key)


def remark(chart: Opened, reason: str = "higher") -> Feedback:
    chart.client.post(f"{chart.url}row/{key_of(chart)}/wrong", {"reason": reason, "words": "low"})
    return Feedback.objects.latest("pk")


def team(name: str = "ann", *roles: str) -> Client:
    client = Client()
    client.force_login(person(name, *(roles or ("author",))))
    return client


def test_the_sender_hears_it_at_the_door_and_on_the_row(ehr: SmartEhr, launch: Launch) -> None:
    chart = opened(ehr, launch)
    said = remark(chart)
    row = f"{chart.url}row/{key_of(chart)}"
    assert "You said" in chart.client.get(row).content.decode()
    client = team()
    queue = client.get("/rules/queue").content.decode()
    assert f'name="remark" value="{said.pk}" checked' in queue
    sent = {"remark": [said.pk], "state": "changed", "words": "Raised  in version 2"}
    client.post("/rules/queue/answer", sent)
    for page in (chart.client.get("/"), chart.client.get(row)):
        words = page.content.decode()
        assert "<b>Changed</b>: Raised in version 2" in words
        assert "Ann" in words
    assert "<b>HbA1c</b>" in chart.client.get("/").content.decode()
    assert f'value="{said.pk}"' not in client.get("/rules/queue").content.decode()
    step = Transition.objects.get(action="answer")
    assert (step.from_state, step.to_state, step.refused) == ("open", "changed", False)
    assert step.why == f"remark {said.pk}: Raised in version 2"


def test_it_stands_on_that_patient_s_row_only_and_for_the_sender_only(
    ehr: SmartEhr, launch: Launch
) -> None:
    chart = opened(ehr, launch)
    remark(chart, "other-patient")
    second = opened(ehr, launch, patient="p2")
    assert key_of(second) == key_of(chart)
    assert "You said" not in second.client.get(f"{second.url}row/{key_of(second)}").content.decode()
    ben = opened(ehr, launch, user="Practitioner/ben", name="Ben Example MD")
    assert "You said" not in ben.client.get(f"{ben.url}row/{key_of(ben)}").content.decode()
    assert "You said" not in ben.client.get("/").content.decode()
    again = opened(ehr, launch)
    assert "You said" in again.client.get(f"{again.url}row/{key_of(again)}").content.decode()


def test_new_answers_come_first(ehr: SmartEhr, launch: Launch) -> None:
    chart = opened(ehr, launch)
    first, second, third = (remark(chart, one) for one in ("higher", "gone", "mixed"))
    client = team()
    for one in (second, first):
        client.post("/rules/queue/answer", {"remark": one.pk, "state": "changing", "words": ""})
    user = ChartContext.objects.get(pk=chart.ctx).user
    found = queries.of_person(user.pk, since=first.at, most=10)
    assert [one.pk for one in found] == [first.pk, second.pk, third.pk]
    assert "being changed" in client.get("/rules/queue").content.decode()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"state": "declined", "words": " "}, "Say why"),
        ({"state": "nonsense"}, "Choose what becomes"),
        ({"remark": "x"}, "Choose the remarks"),
        ({"remark": "999999"}, "Choose the remarks"),
    ],
)
def test_what_is_no_answer_is_refused(
    change: dict[str, str], words: str, ehr: SmartEhr, launch: Launch
) -> None:
    said = remark(opened(ehr, launch))
    sent = {"remark": str(said.pk), "state": "changed", "words": "x", **change}
    page = team().post("/rules/queue/answer", sent, follow=True)
    assert words in page.content.decode()
    said.refresh_from_db()
    assert (said.state, said.answer, said.done) == ("open", "", False)


def test_only_authors_answer_and_a_refusal_is_written_down(ehr: SmartEhr, launch: Launch) -> None:
    said = remark(opened(ehr, launch))
    sent = {"remark": said.pk, "state": "changed", "words": "x"}
    rob = team("rob", "reviewer", "publisher")
    page = rob.post("/rules/queue/answer", sent, follow=True)
    assert "This needs the role of author" in page.content.decode()
    assert Transition.objects.get().refused
    stranger = Client()
    stranger.force_login(User.objects.create_user("stranger"))
    assert stranger.post("/rules/queue/answer", sent).status_code == 404
    assert Client().post("/rules/queue/answer", sent).status_code == 401
    said.refresh_from_db()
    assert said.state == "open"


def test_an_omission_is_confirmed_and_counted_for_its_visits(ehr: SmartEhr, launch: Launch) -> None:
    said = remark(opened(ehr, launch))
    sent = {"remark": said.pk, "state": "changing", "omission": "1"}
    team().post("/rules/queue/answer", sent)
    before = said.at
    assert queries.omissions("diabetes", (), since=before) == 1
    assert queries.omissions("anaemia", (), since=before) == 0
    assert queries.omissions("diabetes", ("Cardiology",), since=before) == 0
    assert queries.omissions("diabetes", (), since=timezone.now()) == 0
    assert "confirmed omission" in Transition.objects.get(action="answer").why


def test_what_was_ticked_off_without_words_says_so(ehr: SmartEhr, launch: Launch) -> None:
    chart = opened(ehr, launch)
    remark(chart)
    Feedback.objects.update(done=True)
    assert "no answer was written" in chart.client.get("/").content.decode()
