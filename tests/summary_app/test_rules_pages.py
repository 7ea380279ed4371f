"""The pages of the rules: from an idea to a published version and back, and who gets in."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from clinical import codes
from summary_app.models import (
    AccessLog,
    Connection,
    Department,
    Replay,
    Rollout,
    RuleSetVersion,
    SignOff,
    Transition,
    User,
)
from summary_app.rules.services import drafts, editing, reading
from tests.summary_app.conftest import Launch
from tests.summary_app.ehr import SmartEhr
from tests.summary_app.rules import person


@pytest.fixture
def as_person(transactional_db: None, quiet: None) -> Callable[..., Client]:
    def go(name: str, *roles: str) -> Client:
        client = Client()
        client.force_login(person(name, *roles))
        return client

    return go


RULE = {"item": "lab.b12", "importance": "must", "place": "1", "interval": "12", "saved": "1"}


def test_from_an_idea_to_published_and_back(as_person: Callable[..., Client]) -> None:
    ann, rob, pia = (
        as_person("ann", "author"),
        as_person("rob", "reviewer"),
        as_person("pia", "publisher"),
    )
    endo = Department.objects.create(name="Endocrinology", live=False)
    assert (
        ann.post("/rules/diabetes/start", {"number": "1"}).headers["Location"]
        == "/rules/diabetes/2/"
    )
    page = ann.get("/rules/diabetes/2/", {"item": "lab.b12"})
    assert "show" in page.content.decode()
    assert ann.post("/rules/diabetes/2/save", {**RULE, "then": "ask"}).status_code == 302
    page = rob.get("/rules/diabetes/2/")
    assert "background → must-see" in page.content.decode()
    rob.post("/rules/diabetes/2/step", {"action": "approve"})
    pia.post(
        "/rules/diabetes/2/step", {"action": "publish", "department": endo.pk, "percentage": "100"}
    )
    rollout = Rollout.objects.get()
    assert RuleSetVersion.objects.get().state == "published"
    assert "v2 in Endocrinology" in pia.get("/rules/diabetes/").content.decode()
    pia.post(f"/rules/roll-out/{rollout.pk}/back")
    assert RuleSetVersion.objects.get().state == "retired"
    assert list(Transition.objects.filter(refused=False).values_list("action", flat=True))[::-1] == [
        "start", "ask", "approve", "publish", "roll_back",
    ]  # fmt: skip


ADDRESSES = [
    ("get", "/rules/"), ("get", "/rules/queue"), ("get", "/rules/diabetes/2/charts"), ("get", "/rules/diabetes/"), ("get", "/rules/diabetes/2/"),
    ("get", "/rules/diabetes/2/file"), ("get", "/rules/diabetes/2/pick?q=a"), ("post", "/rules/diabetes/start"),
    ("post", "/rules/diabetes/2/save"), ("post", "/rules/diabetes/2/preview"),
    ("post", "/rules/diabetes/2/step"), ("post", "/rules/diabetes/2/own-item"), ("post", "/rules/diabetes/2/value-set"), ("post", "/rules/switch"),
    ("post", "/rules/take-in"), ("post", "/rules/roll-out/1/back"), ("post", "/rules/roll-out/1/end"),
    ("get", "/rules/before"), ("post", "/rules/before/sign-off"), ("post", "/rules/before/replay"),
]  # fmt: skip


@pytest.mark.parametrize(("method", "address"), ADDRESSES)
def test_nobody_without_a_role_gets_in(
    as_person: Callable[..., Client], method: str, address: str
) -> None:
    drafts.start(person("ann", "author"), "diabetes", number=1, now=_now())
    assert getattr(Client(), method)(address).status_code == 401
    assert getattr(as_person("eve"), method)(address).status_code == 404


@pytest.mark.parametrize(("method", "address"), [one for one in ADDRESSES if one[0] == "post"])
def test_a_viewer_changes_nothing(
    as_person: Callable[..., Client], method: str, address: str
) -> None:
    made = drafts.start(person("ann", "author"), "diabetes", number=1, now=_now())
    before = made.text
    as_person("vic", "viewer").post(address, {**RULE, "action": "approve"})
    made.refresh_from_db()
    assert (made.text, made.state, RuleSetVersion.objects.count()) == (before, "draft", 1)
    assert not Rollout.objects.exists()
    assert not SignOff.objects.exists()
    assert not Replay.objects.exists()


def _now() -> Any:
    from django.utils import timezone

    return timezone.now()


def test_a_slot_that_cannot_be_read_is_said_and_nothing_is_saved(
    as_person: Callable[..., Client],
) -> None:
    ann = as_person("ann", "author")
    ann.post("/rules/diabetes/start", {"number": "1"})
    before = RuleSetVersion.objects.get().text
    for bad, words in (
        ({"interval": "soon"}, "a number of months"), ({"lookback": "-3"}, "a whole number of months"),
        ({"applies": "age >"}, "expected"), ({"applies": "(" * 80 + "pregnant"}, "nested"),
        ({"when": "age >= 65", "months": ""}, "a number of months"), ({"item": "lab.nope"}, "not in items"),
    ):  # fmt: skip
        page = ann.post("/rules/diabetes/2/save", {**RULE, **bad}, follow=True)
        assert words in page.content.decode(), bad
        assert RuleSetVersion.objects.get().text == before
        shown = ann.post("/rules/diabetes/2/preview", {**RULE, **bad})
        assert words in shown.content.decode(), bad


def test_the_picker_finds_by_name_synonym_and_code(as_person: Callable[..., Client]) -> None:
    ann = as_person("ann", "author")
    ann.post("/rules/diabetes/start", {"number": "1"})
    for words, label in (
        ("potas", "Potassium"),
        ("4548", "HbA1c"),
        ("apixaban", "Anticoagulant"),
        ("album creat", "Urine albumin/creatinine"),
    ):
        assert label in ann.get("/rules/diabetes/2/pick", {"q": words}).content.decode(), words
    assert "called that" in ann.get("/rules/diabetes/2/pick", {"q": "zzzz"}).content.decode()


def upload(client: Client, content: bytes) -> Any:
    return client.post(
        "/rules/take-in", {"file": SimpleUploadedFile("mine.toml", content)}, follow=True
    )


def test_a_file_that_was_exported_can_be_taken_in(as_person: Callable[..., Client]) -> None:
    ann = as_person("ann", "author")
    sent = ann.get("/rules/gout/1/file").content
    upload(ann, sent.replace(b'title = "Gout"', b'title = "Gout clinic"'))
    made = RuleSetVersion.objects.get()
    assert (made.rule_set.context, made.number, made.state) == ("gout", 2, "draft")
    assert "Gout clinic" in made.text


SHIPPED = (reading.shipped_text("gout") or "").encode()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (SHIPPED[: len(SHIPPED) // 2], "line "),
        (SHIPPED.replace(b"[items]", b"[itemz]"), "itemz"),
        (SHIPPED.replace(b"lab.uric", b"lab.nothing", 1), "lab.nothing_acid is not in items"),
        (b"\xff\xfe" + SHIPPED, "not UTF-8"),
        (b"x = " + b"[" * 5000, "line 1"),
        (SHIPPED.replace(b'id = "gout"', b'id = "../../etc"'), "line 1"),
        (b"", "missing required field"),
        (b"#" * 900_000, "Choose a rule set file"),
        (SHIPPED.replace(b"version = 1", b"version = 99999999999999999999"), "version"),
    ],
)
def test_a_damaged_or_hostile_file_is_refused_and_nothing_changes(
    as_person: Callable[..., Client], content: bytes, words: str
) -> None:
    page = upload(as_person("ann", "author"), content)
    assert words in page.content.decode()
    assert not RuleSetVersion.objects.exists()
    assert not Transition.objects.filter(refused=False).exists()


# ---- on a chart -----------------------------------------------------------------------------------------------------


def with_role(ctx: str, *roles: str) -> User:
    from summary_app.models import ChartContext

    user = ChartContext.objects.get(pk=ctx).user
    person(user.username, *roles)
    return user


def test_the_preview_shows_an_open_chart_before_and_after(
    mercy: SmartEhr, connect: Callable[..., Connection], launch: Launch
) -> None:
    connect(mercy)
    opened = launch(mercy)
    opened.until_complete()
    opened.client.post(f"{opened.url}visit", {"visit": "diabetes"})
    opened.client.post(f"{opened.url[:-1]}/visit", {"visit": "diabetes"})
    with_role(opened.ctx, "author")
    opened.client.post("/rules/diabetes/start", {"number": "1"})
    page = opened.client.get("/rules/diabetes/2/", {"item": "lab.hba1c"})
    assert "Nothing changes on this chart. Floor untouched" in page.content.decode()
    shown = opened.client.post(
        "/rules/diabetes/2/preview",
        {**RULE, "item": "lab.hba1c", "importance": "off", "ctx": opened.ctx},
    )
    text = shown.content.decode()
    assert "HbA1c removed" in text
    assert "Floor untouched: 0 of" in text
    assert AccessLog.objects.filter(what="rules", context=opened.ctx).count() == 1


def test_nobody_previews_on_a_chart_of_somebody_else(
    mercy: SmartEhr,
    connect: Callable[..., Connection],
    launch: Launch,
    as_person: Callable[..., Client],
) -> None:
    connect(mercy)
    opened = launch(mercy)
    opened.until_complete()
    ann = as_person("ann", "author")
    ann.post("/rules/diabetes/start", {"number": "1"})
    for answer in (
        ann.get("/rules/diabetes/2/", {"ctx": opened.ctx}),
        ann.post("/rules/diabetes/2/preview", {**RULE, "ctx": opened.ctx}),
    ):
        assert "Winterbourne" not in answer.content.decode()
        assert "no chart open" in answer.content.decode()


def test_a_published_version_holds_with_the_next_look_and_the_page_names_it(
    mercy: SmartEhr, connect: Callable[..., Connection], launch: Launch
) -> None:
    connect(mercy)
    opened = launch(mercy)
    opened.until_complete()
    opened.client.post(f"/c/{opened.ctx}/visit", {"visit": "diabetes"})
    ann, rob, pia = person("ann", "author"), person("rob", "reviewer"), person("pia", "publisher")
    from summary_app.rules.services import life
    from tests.summary_app.rules import changed

    made = drafts.start(ann, "diabetes", number=1, now=_now())
    made = drafts.save(
        ann, made, changed(made, "lab.hba1c", interval_months=4), saved=1, now=_now()
    )
    life.ask(ann, made, why="", now=_now())
    life.approve(rob, made, why="", now=_now())
    assert "diabetes v1 lab.hba1c" in whole(opened)
    rollout = life.publish(pia, made, life.Scope(), why="", now=_now())
    assert "diabetes v2 lab.hba1c" in whole(opened)
    life.roll_back(pia, rollout, now=_now())
    assert "diabetes v1 lab.hba1c" in whole(opened)
    life.stop_all(pia, why="test", now=_now())
    text = whole(opened)
    assert "the rules are stopped" in text
    assert "8.1" in text


def whole(opened: Any) -> str:
    """The page with its rows opened, as the clinician sees them."""
    page = opened.client.get(opened.url)
    keys = [row.key for block in page.context["summary"].blocks for row in block.rows]
    parts = [opened.client.get(f"/c/{opened.ctx}/row/{key}").content.decode() for key in keys]
    return "\n".join([page.content.decode(), *parts])


# ---- from complaint to rule, and the check for sites that keep rules in version control ---------------------------


def test_what_clinicians_said_stands_beside_the_rule_that_is_responsible(
    as_person: Callable[..., Client],
) -> None:
    from summary_app.models import Feedback

    for number in range(3):
        Feedback.objects.create(
            key="k", kind="series", reason="higher", words=f"remark {number}", visit="diabetes",
            rules="score v1\ndiabetes v1 lab.uacr", at=_now(),
        )  # fmt: skip
    Feedback.objects.create(
        key="k", kind="series", reason="value", rules="safety floor v2", at=_now()
    )
    ann = as_person("ann", "author")
    page = ann.get("/rules/queue").content.decode()
    assert "Urine albumin/creatinine" in page
    assert "3 × should stand higher" in page
    assert "raise its importance" in page
    assert "what no rule of a visit put there" in page
    answer = ann.post("/rules/diabetes/start", {"number": "1", "item": "lab.uacr"})
    assert answer.headers["Location"] == "/rules/diabetes/2/?item=lab.uacr"
    assert not RuleSetVersion.objects.exclude(state="draft").exists()


def checked(tmp_path: Path, text: str, *options: str) -> tuple[str, str]:
    """(what it printed, its complaint)."""
    from io import StringIO

    from django.core.management import CommandError, call_command

    path = tmp_path / "mine.toml"
    path.write_text(text)
    out = StringIO()
    try:
        call_command("check_rules", str(path), *options, stdout=out)
    except CommandError as error:
        return out.getvalue(), str(error)
    return out.getvalue(), ""


def test_the_command_checks_files_without_a_database(tmp_path: Path) -> None:
    text = reading.shipped_text("diabetes") or ""
    printed, complaint = checked(
        tmp_path, text.replace("interval_months = 6", "interval_months = 4")
    )
    assert complaint == ""
    assert "HbA1c: due every 6 → 4 months" in printed
    printed, complaint = checked(tmp_path, text.replace("[items]", "[itemz]"))
    assert ": Object contains unknown field `itemz`" in printed
    assert "1 of 1 files" in complaint
    doubtful = text.replace('applies_if = "has(E10)"', 'applies_if = "age > 9 and age < 3"')
    assert checked(tmp_path, doubtful)[1] == ""
    assert "can never hold" in checked(tmp_path, doubtful, "--strict")[0]
    assert checked(tmp_path, doubtful, "--strict")[1]


# ---- value sets ---------------------------------------------------------------------------------------------------


def concepts(*listed: str, system: str = "http://loinc.org", **more: Any) -> dict[str, Any]:
    include = {
        "system": system,
        "concept": [{"code": code, "display": f"name of {code}"} for code in listed],
    }
    return {
        "resourceType": "ValueSet",
        "title": "Ketones",
        "url": "http://x.example/vs",
        "compose": {"include": [include]},
        **more,
    }


def send_value_set(client: Client, content: bytes) -> str:
    sent = {"file": SimpleUploadedFile("vs.json", content)}
    return client.post("/rules/diabetes/2/value-set", sent, follow=True).content.decode()


def test_a_value_set_becomes_an_item(as_person: Callable[..., Client]) -> None:
    ann = as_person("ann", "author")
    ann.post("/rules/diabetes/start", {"number": "1"})
    send_value_set(ann, json.dumps(concepts("99998-1", "99997-3", "4548-4")).encode())
    found = reading.read(RuleSetVersion.objects.get().text)
    (item,) = found.own
    assert (item.label, item.kind) == ("Ketones", "lab")
    assert [code for _, code in item.codes] == ["99998-1", "99997-3", "4548-4"]
    assert {row.code for row in found.rows.values()} == {"99998-1", "99997-3"}


@pytest.mark.parametrize(
    ("system", "kind", "made"),
    [
        (codes.SNOMED, "cond", "cond"), (codes.SNOMED, "proc", "proc"), (codes.RXNORM, "", "med"), (codes.ICD10CM, "", "cond"),
        (codes.LOINC, "vital", "vital"), (codes.SNOMED, "", ""), (codes.RXNORM, "lab", ""),
    ],
)  # fmt: skip
def test_a_value_set_is_of_the_kind_that_its_codes_are(
    as_person: Callable[..., Client], system: str, kind: str, made: str
) -> None:
    ann = as_person("ann", "author")
    ann.post("/rules/diabetes/start", {"number": "1"})
    sent = json.dumps(concepts("860975", "861007", system=system)).encode()
    file = SimpleUploadedFile("vs.json", sent)
    said = ann.post("/rules/diabetes/2/value-set", {"file": file, "kind": kind}, follow=True)
    found = reading.read(RuleSetVersion.objects.get().text)
    assert [item.kind for item in found.own] == ([made] if made else [])
    if made:
        assert editing.codes_of(found.own[0]) == ((system, "860975"), (system, "861007"))
    else:
        assert "nothing was changed" in said.content.decode()


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"{", "no JSON"), (b"[]", "no FHIR ValueSet"), (b"[" * 5000, "no JSON"), (concepts(), "defined by a filter"),
        (concepts("1", system="http://other.example"), "made of LOINC"),
        ({"resourceType": "ValueSet", "compose": {"include": [{"system": "http://loinc.org", "filter": [{}]}]}}, "expand it first"),
        ({"resourceType": "ValueSet", "expansion": {"total": 9, "contains": [{"system": "http://loinc.org", "code": "1-8"}]}}, "1 of 9"),
        (concepts("1-8", expansion={"contains": "x"}, compose={"include": "y"}), "no code in it"),
        (concepts(*[f"{n}-0" for n in range(600)]), "at most 500"),
    ],
)  # fmt: skip
def test_a_value_set_that_is_not_whole_is_refused(
    as_person: Callable[..., Client], body: Any, words: str
) -> None:
    ann = as_person("ann", "author")
    ann.post("/rules/diabetes/start", {"number": "1"})
    before = RuleSetVersion.objects.get().text
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    assert words in send_value_set(ann, content)
    assert RuleSetVersion.objects.get().text == before
