"""Several EHRs: finding the patient there, with whose rights it is read, and one that hangs or fails."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import OperationalError
from django.utils import timezone

from summary_app.access import door
from summary_app.models import (
    AccessLog,
    ChartContext,
    Connection,
    ContextSource,
    PatientLink,
    Pull,
    Snapshot,
    Token,
)
from summary_app.summary.services import contexts, linking, live, pulling, rights
from tests.clinical.fhir.fake_ehr import Asked, FakeEhr, Reply, reply, searchset
from tests.summary_app.conftest import Launch, Opened
from tests.summary_app.ehr import Grant, Json, SmartEhr, lab, patient

Connect = Callable[..., Connection]
POLICY = {
    "backend_client_id": "visit-lens-backend",
    "backend_policy": "Signed by the medical director.",
    "backend_for_clinicians": True,
}


URATE = {"coding": [{"system": "http://loinc.org", "code": "3084-1"}], "text": "Urate"}


class Lakeside(SmartEhr):
    """Finds patients by identifier."""

    def search(self, asked: Asked) -> list[Json]:
        wanted = asked.one("identifier")
        if asked.path != "Patient" or not wanted:
            return super().search(asked)
        system, _, value = wanted.partition("|")
        return [
            each
            for each in self.resources
            if each["resourceType"] == "Patient"
            and {"system": system, "value": value} in each.get("identifier", [])
        ]


@pytest.fixture
def lakeside(ehrs: Callable[..., SmartEhr]) -> SmartEhr:
    from contextlib import ExitStack

    from tests.clinical.fhir.fake_ehr import running

    with ExitStack() as stack:
        yield stack.enter_context(
            running(Lakeside([patient("q9"), lab("b1", "q9", 7.3, code=URATE)]))
        )


@pytest.fixture
def two(mercy: SmartEhr, lakeside: SmartEhr, connect: Connect) -> tuple[Connection, Connection]:
    return connect(mercy), connect(lakeside, "lakeside", **POLICY)


def values(page: Any) -> str:
    return str(page.context["summary"].blocks)


def source(key: str = "lakeside") -> ContextSource:
    return ContextSource.objects.filter(connection__key=key).latest("pk")


def test_the_same_patient_is_found_by_identifier_and_the_link_says_so(
    mercy: SmartEhr, two: object, launch: Launch
) -> None:
    opened = launch(mercy)
    page = opened.until_complete()
    assert "7.3" in values(page)
    assert "8.1" in values(page)
    link = PatientLink.objects.get(connection__key="mercy")
    assert (link.patient, link.other_patient, link.how) == ("p1", "q9", "identifier")
    assert source().how == "identifier"


def test_the_next_opening_asks_both_at_once(
    mercy: SmartEhr, lakeside: SmartEhr, two: object, launch: Launch
) -> None:
    launch(mercy).until_complete()
    assert pulling.wait_for_all(20)
    before = len(lakeside.asked)
    launch(mercy).until_complete()
    assert "Patient" not in [each.path for each in lakeside.asked[before:]]


@pytest.mark.parametrize(
    ("there", "how", "words"),
    [
        ({"birthDate": "1958-02-04"}, "offered", "birth dates differ"),
        ({"gender": "male"}, "offered", "recorded sex differs"),
        ({"birthDate": None}, "offered", "not recorded on both sides"),
        ({"birthDate": "1958"}, "offered", "not recorded on both sides"),
        ({"gender": None}, "offered", "not recorded on both sides"),
        ({"identifier": []}, "none", "No record there"),
        ({"identifier": [{"system": "urn:other", "value": "123-45-6789"}]}, "none", "No record"),
    ],
    ids=str,
)
def test_less_than_all_of_it_is_never_linked(
    mercy: SmartEhr, lakeside: SmartEhr, two: object, launch: Launch,
    there: dict[str, Any], how: str, words: str,
) -> None:  # fmt: skip
    changed = {**patient("q9"), **there}
    lakeside.resources[0] = {k: v for k, v in changed.items() if v is not None}
    page = launch(mercy).until_complete()
    assert "7.3" not in values(page)
    assert (source().how, PatientLink.objects.count()) == (how, 0)
    assert words in source().words
    assert not [each for each in lakeside.asked if each.path == "Observation"]


def test_two_records_with_the_same_identifier_are_not_linked(
    mercy: SmartEhr, lakeside: SmartEhr, two: object, launch: Launch
) -> None:
    lakeside.resources.append(patient("q10"))
    page = launch(mercy).until_complete()
    assert "7.3" not in values(page)
    assert PatientLink.objects.count() == 0


def test_an_identifier_system_that_only_one_side_trusts_links_nothing(
    mercy: SmartEhr, lakeside: SmartEhr, connect: Connect, launch: Launch
) -> None:
    connect(mercy)
    connect(lakeside, "lakeside", **POLICY, trusted_identifiers="urn:another")
    launch(mercy).until_complete()
    assert source().how == "none"
    assert not [each for each in lakeside.asked if each.path == "Patient"]


def test_an_offered_record_is_read_once_a_clinician_confirms_it(
    mercy: SmartEhr, lakeside: SmartEhr, two: object, launch: Launch
) -> None:
    del lakeside.resources[0]["gender"]
    opened = launch(mercy)
    page = opened.until_complete()
    assert page.context["offered"] == [
        ("lakeside", "Lakeside Hospital", source().words),
    ]
    assert opened.client.post(opened.url + "sources/lakeside/confirm").status_code == 302
    assert "7.3" in values(opened.until_complete())
    assert PatientLink.objects.get(connection__key="mercy").how == "confirmed"
    assert AccessLog.objects.filter(what="link", outcome="granted").count() == 1


def test_nothing_is_confirmed_that_was_not_offered(
    mercy: SmartEhr, two: object, launch: Launch
) -> None:
    opened = launch(mercy)
    opened.until_complete()
    assert opened.client.post(opened.url + "sources/lakeside/confirm").status_code == 404


def test_a_link_that_does_not_hold_any_more_withholds_the_source(
    mercy: SmartEhr, lakeside: SmartEhr, two: object, launch: Launch
) -> None:
    launch(mercy).until_complete()
    assert pulling.wait_for_all(20)
    lakeside.resources[0]["birthDate"] = "1990-01-01"
    live.forget()
    Snapshot.objects.filter(connection__key="lakeside").delete()
    opened = launch(mercy)
    page = opened.until_complete()
    assert "7.3" not in values(page)
    assert "8.1" in values(page)
    assert PatientLink.objects.get(connection__key="mercy").how == "refused"
    assert pulling.wait_for_all(20)
    assert opened.client.get(opened.url + "as-sent/lakeside/Observation/b1").status_code == 404


def test_linked_results_are_held_back_until_both_patients_are_here(
    mercy: SmartEhr, two: object, launch: Launch
) -> None:
    launch(mercy).until_complete()
    assert pulling.wait_for_all(20)
    Snapshot.objects.all().delete()
    live.forget()
    gate, reached = threading.Event(), threading.Event()

    def hold(_: FakeEhr, asked: Asked) -> Reply | None:
        if asked.path == "Patient/p1":
            reached.set()
            gate.wait(20)
        return None

    mercy.hook = hold
    opened = launch(mercy)
    try:
        assert reached.wait(10)
        held = opened.client.get(opened.url)
        for _ in range(3):
            if held.context["summary"].strip.name != "Not known":
                break
            assert "7.3" not in values(held)
            assert not held.context["summary"].complete
            news = opened.client.get(held.context["poll_url"])
            held = news if news.status_code == 200 else held
            if "8.1" in values(held):
                break
        assert "7.3" not in values(held)
    finally:
        gate.set()
    assert "7.3" in values(opened.until_complete())


# ---- whose rights -----------------------------------------------------------------------------------------------


def test_without_a_policy_another_ehr_is_not_permitted(
    mercy: SmartEhr, lakeside: SmartEhr, connect: Connect, launch: Launch
) -> None:
    connect(mercy)
    connect(lakeside, "lakeside", **{**POLICY, "backend_policy": " "})
    page = launch(mercy).until_complete()
    chip = next(c for c in page.context["summary"].visit.sources if c.server == "lakeside")
    assert chip.state == "not-permitted"
    assert lakeside.asked == []


def test_a_clinicians_own_sign_in_there_is_used_first(
    mercy: SmartEhr, lakeside: SmartEhr, connect: Connect, launch: Launch
) -> None:
    connect(mercy)
    connect(lakeside, "lakeside", **POLICY)
    launch(mercy).until_complete()
    assert Snapshot.objects.get(connection__key="lakeside").user is None
    lakeside.grant = Grant(patient="q9")
    browser = launch(lakeside, "lakeside")
    browser.until_complete()
    assert pulling.wait_for_all(20)
    mine = Snapshot.objects.filter(connection__key="lakeside").exclude(user=None)
    assert mine.count() == 1


def test_one_persons_snapshot_is_never_anothers(
    mercy: SmartEhr, connect: Connect, launch: Launch
) -> None:
    connect(mercy)
    launch(mercy).until_complete()
    assert pulling.wait_for_all(20)
    mercy.grant = Grant(user="Practitioner/bob", name="Bob Example RN")
    mercy.hook = lambda _, asked: Reply(403) if asked.path in ("Observation", "Condition") else None
    page = launch(mercy).until_complete()
    assert "8.1" not in values(page)
    assert Snapshot.objects.count() == 2


def test_missing_scopes_are_said_and_not_asked_for(
    mercy: SmartEhr, connect: Connect, launch: Launch
) -> None:
    connect(mercy)
    mercy.grant = Grant(scopes="launch openid fhirUser patient/Patient.rs patient/Condition.rs")
    page = launch(mercy).until_complete()
    assert "Not permitted" in str(page.context["summary"])
    assert {each.path.split("/")[0] for each in mercy.asked} & {
        "Observation",
        "AllergyIntolerance",
    } == set()


def test_an_ended_token_is_renewed_once_for_all_searches(
    mercy: SmartEhr, connect: Connect, launch: Launch
) -> None:
    connect(mercy)
    mercy.grant = Grant(life=10)
    page = launch(mercy).until_complete()
    assert "8.1" in values(page)
    assert mercy.refreshes == 1


def test_a_token_that_the_ehr_revoked_is_renewed_once(
    mercy: SmartEhr, connect: Connect, launch: Launch
) -> None:
    connect(mercy)
    opened = launch(mercy)
    opened.until_complete()
    assert pulling.wait_for_all(20)
    _end_tokens(mercy)
    opened.client.post(opened.url + "sources/mercy/retry")
    assert "8.1" in values(opened.until_complete())
    assert mercy.refreshes == 1


def test_a_sign_in_that_cannot_be_renewed_says_so_and_keeps_the_page(
    mercy: SmartEhr, connect: Connect, launch: Launch
) -> None:
    connect(mercy)
    opened = launch(mercy)
    opened.until_complete()
    assert pulling.wait_for_all(20)
    mercy.tokens.clear()
    opened.client.post(opened.url + "sources/mercy/retry")
    page = opened.until_complete()
    assert "8.1" in values(page)
    assert "sign" in str(page.context["summary"].visit.sources)
    assert Token.objects.count() == 0


def test_a_renewal_for_another_patient_closes_the_opening(
    mercy: SmartEhr, connect: Connect, launch: Launch
) -> None:
    connect(mercy)
    opened = launch(mercy)
    opened.until_complete()
    assert pulling.wait_for_all(20)
    Token.objects.update(expires=timezone.now())
    _end_tokens(mercy)
    mercy.grant = Grant(changes={"patient": "p2"})
    opened.client.post(opened.url + "sources/mercy/retry")
    assert pulling.wait_for_all(20)
    assert "another patient" in ChartContext.objects.get().closed
    answer = opened.client.get(opened.url)
    assert answer.status_code == 409
    assert b"another patient" in answer.content


def _end_tokens(ehr: SmartEhr) -> None:
    """The EHR accepts none of its access tokens any more; refresh tokens still work."""
    for access in list(ehr.tokens):
        ehr.tokens["gone-" + access] = ehr.tokens.pop(access)


# ---- faults -----------------------------------------------------------------------------------------------------


def test_an_ehr_that_hangs_does_not_hold_up_the_other(
    mercy: SmartEhr, lakeside: SmartEhr, two: object, launch: Launch
) -> None:
    launch(mercy).until_complete()
    assert pulling.wait_for_all(20)
    gate = threading.Event()

    def hang(_: FakeEhr, asked: Asked) -> Reply | None:
        gate.wait(20)
        return None

    Snapshot.objects.all().delete()
    live.forget()
    lakeside.hook = hang
    opened = launch(mercy)
    try:
        page = opened.client.get(opened.url)
        while "8.1" not in values(page):
            news = opened.client.get(page.context["poll_url"])
            page = news if news.status_code == 200 else page
        chips = {c.server: c.state for c in page.context["summary"].visit.sources}
        assert chips["lakeside"] == "asking"
    finally:
        gate.set()
    assert "7.3" in values(opened.until_complete())


@pytest.mark.parametrize(
    "answer",
    [
        Reply(200, b"<html>maintenance</html>", {"Content-Type": "text/html"}),
        Reply(200, b'{"resourceType":"Bund'),
        Reply(200, b'{"hello": 1}'),
        Reply(500, b"boom"),
        Reply(404, b"no such patient"),
        Reply(403),
        reply(searchset([])),
    ],
    ids=["html", "cut", "not fhir", "500", "404", "403", "empty bundle"],
)
def test_whatever_an_ehr_answers_the_page_opens_and_names_it(
    mercy: SmartEhr, connect: Connect, launch: Launch, answer: Reply
) -> None:
    connect(mercy)
    mercy.hook = lambda _, __: answer
    page = launch(mercy).until_complete()
    assert page.status_code == 200
    summary = page.context["summary"]
    assert "None known" not in str(summary.safety)
    assert "Mercy" in str(summary.visit.sources)


def test_a_refused_lookup_says_why(
    mercy: SmartEhr, lakeside: SmartEhr, two: object, launch: Launch
) -> None:
    lakeside._token = lambda _: reply({"error": "invalid_client"}, 401)  # type: ignore[method-assign]
    page = launch(mercy).until_complete()
    assert source().how == "failed"
    assert "registration" in source().words
    assert "8.1" in values(page)


def test_opening_needs_no_javascript(mercy: SmartEhr, two: object, launch: Launch) -> None:
    opened: Opened = launch(mercy)
    for _ in range(200):
        page = opened.client.get(opened.url)
        if page.context["summary"].complete:
            break
        threading.Event().wait(0.05)
    assert "7.3" in values(page)


def test_rights_that_have_to_be_asked_for_are_not_at_hand(
    mercy: SmartEhr, lakeside: SmartEhr, two: tuple[Connection, Connection], launch: Launch
) -> None:
    """Whoever opens a chart waits for no request to another EHR."""
    opened = launch(mercy)
    opened.until_complete()
    assert pulling.wait_for_all(20)
    user = ContextSource.objects.latest("pk").context.user_id
    assert rights.of_clinician(user, two[1], "q9", at_hand=True).user_id is None
    Token.objects.filter(user=None).delete()
    asked = len(lakeside.asked)
    with pytest.raises(rights.NotAtHand):
        rights.of_clinician(user, two[1], "q9", at_hand=True)
    assert len(lakeside.asked) == asked
    assert rights.of_clinician(user, two[1], "q9").user_id is None


def test_a_linked_ehr_whose_token_has_to_be_asked_for_is_read_all_the_same(
    mercy: SmartEhr, two: object, launch: Launch
) -> None:
    launch(mercy).until_complete()
    assert pulling.wait_for_all(20)
    Token.objects.filter(user=None).delete()
    assert "7.3" in values(launch(mercy).until_complete())


def test_a_linked_ehr_that_cannot_be_begun_takes_no_sign_in_down_and_is_tried_once_more(
    mercy: SmartEhr, two: object, launch: Launch, monkeypatch: pytest.MonkeyPatch
) -> None:
    launch(mercy).until_complete()
    assert pulling.wait_for_all(20)
    whole, faults = contexts.snapshot_for, [OperationalError("database is locked")]

    def broken(connection: Connection, *words: Any, **more: Any) -> contexts.Claimed:
        if connection.key == "lakeside" and faults:
            raise faults.pop()
        return whole(connection, *words, **more)

    monkeypatch.setattr(contexts, "snapshot_for", broken)
    opened = launch(mercy)
    assert opened.response.status_code == 302
    assert "7.3" in values(opened.until_complete())
    assert not faults


def test_what_was_lost_says_nothing_about_a_snapshot_of_other_rights(
    mercy: SmartEhr, two: tuple[Connection, Connection], launch: Launch
) -> None:
    """The rights have changed since: what was read with the others long ago is read anew."""
    launch(mercy).until_complete()
    assert pulling.wait_for_all(20)
    opened = launch(mercy)
    opened.until_complete()
    assert pulling.wait_for_all(20)
    found = Snapshot.objects.get(connection=two[1])
    before = Pull.objects.get(snapshot=found).run
    opening = door.open_context(
        found.user or ContextSource.objects.latest("pk").context.user,
        opened.ctx, what="page", as_of=timezone.now(),
    )  # fmt: skip
    linking.open_source(opening, two[1], "q9", how="identifier", lost=found.pk + 1)
    assert pulling.wait_for_all(20)
    assert Pull.objects.get(snapshot=found).run == before + 1
    linking.open_source(opening, two[1], "q9", how="identifier", lost=found.pk)
    assert Pull.objects.get(snapshot=found).run == before + 1
