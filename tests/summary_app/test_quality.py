"""Codes of the sources' own: noted as charts are made, decided by a person, used from then on."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.test import Client

from clinical.reconcile import reconcile
from clinical.records import Chart, Section
from summary_app.models import CodeMapping, Connection
from summary_app.quality.services import deciding, decisions, noting
from tests.clinical.reconcile.builders import lab, section
from tests.clinical.reconcile.test_localcodes import OWN, local

NOW = datetime(2026, 11, 26, 10, 0, tzinfo=UTC)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nothing_kept() -> Iterator[None]:
    decisions.forget()
    yield
    decisions.forget()


@pytest.fixture
def mercy() -> Connection:
    return Connection.objects.create(key="mercy", name="Mercy", base_url="https://ehr.example/fhir")


@pytest.fixture
def anne() -> Any:
    return get_user_model().objects.create_superuser("anne", password="x")


def chart(*records: Any, mappings: Any = None) -> Chart:
    return reconcile(
        [section(Section.LABS, *records)], launch_server="mercy", mappings=mappings or {}
    )


def potassium() -> Any:
    return local(1, "Potassium", "50971", unit="mEq/L")


def test_a_code_is_noted_with_what_is_suggested_for_it(mercy: Connection) -> None:
    assert noting.note(chart(potassium()), now=NOW) == 1
    (row,) = CodeMapping.objects.all()
    assert (row.connection, row.system, row.code, row.name) == (mercy, OWN, "50971", "Potassium")
    assert (row.state, row.suggested, row.loinc, row.seen) == ("suggested", "2823-3", "", 1)
    assert (row.unit, row.specimen, row.last_seen) == ("mEq/L", "Blood", NOW)


def test_a_code_is_counted_once_for_each_page(mercy: Connection) -> None:
    two = [potassium(), local(2, "Potassium", "50971", unit="mEq/L", when="2026-01-01T09:00:00Z")]
    for _ in range(3):
        noting.note(chart(*two), now=NOW)
    assert [row.seen for row in CodeMapping.objects.all()] == [3]


def test_standard_codes_are_not_noted(mercy: Connection) -> None:
    assert noting.note(chart(lab(1)), now=NOW) == 0
    assert not CodeMapping.objects.exists()


def test_what_nothing_is_suggested_for_is_noted_too(mercy: Connection) -> None:
    noting.note(chart(local(1, "Kappa chains", "K1", unit="mg/L")), now=NOW)
    assert [(row.state, row.suggested) for row in CodeMapping.objects.all()] == [("unmapped", "")]


def test_words_without_a_code_are_noted_in_plain_form(mercy: Connection) -> None:
    noting.note(chart(local(1, "Kappa, chains", unit="mg/L")), now=NOW)
    assert [(r.system, r.code) for r in CodeMapping.objects.all()] == [("", "kappa chains")]


def test_a_source_that_is_no_connection_any_more_is_passed_over(mercy: Connection) -> None:
    assert noting.note(chart(local(1, "Potassium", "1", server="gone")), now=NOW) == 0


def test_a_confirmed_code_is_used_and_written_down(mercy: Connection, anne: Any) -> None:
    noting.note(chart(potassium()), now=NOW)
    row = CodeMapping.objects.get()
    assert decisions.of(["mercy"]).mappings == {}
    assert deciding.confirm(row, by=anne, now=NOW)
    row.refresh_from_db()
    assert (row.state, row.loinc, row.decided_by, row.decided) == ("confirmed", "2823-3", anne, NOW)
    said = decisions.of(["mercy"]).mappings
    assert said == {("mercy", OWN, "50971"): "2823-3"}
    (series,) = chart(potassium(), mappings=said).series
    assert series.mapping == "confirmed"
    assert decisions.of(["lakeside"]).mappings == {}


def test_a_refused_suggestion_is_not_made_again(mercy: Connection, anne: Any) -> None:
    noting.note(chart(potassium()), now=NOW)
    deciding.reject(CodeMapping.objects.get(), by=anne, now=NOW)
    said = decisions.of(["mercy"]).mappings
    (series,) = chart(potassium(), mappings=said).series
    assert series.mapping == "unmapped"
    noting.note(chart(potassium(), mappings=said), now=NOW)
    assert CodeMapping.objects.get().state == "rejected"


def test_a_decision_changes_the_version_of_a_page(mercy: Connection, anne: Any) -> None:
    noting.note(chart(potassium()), now=NOW)
    before = decisions.of(["mercy"]).version
    deciding.confirm(CodeMapping.objects.get(), by=anne, now=NOW)
    confirmed = decisions.of(["mercy"]).version
    deciding.reopen(CodeMapping.objects.get(), by=anne, now=NOW)
    assert before == decisions.of(["mercy"]).version == ""
    assert confirmed


def test_nothing_is_confirmed_without_a_meaning(mercy: Connection, anne: Any) -> None:
    noting.note(chart(local(1, "Kappa chains", "K1", unit="mg/L")), now=NOW)
    assert not deciding.confirm(CodeMapping.objects.get(), by=anne, now=NOW)
    assert CodeMapping.objects.get().state == "unmapped"


@pytest.mark.parametrize(
    ("code", "words"),
    [("potassium", "looks like"), ("2823", "looks like"), ("2832-3", "check digit")],
)
def test_what_is_no_loinc_code_is_refused(mercy: Connection, code: str, words: str) -> None:
    row = CodeMapping(connection=mercy, code="1", name="x", loinc=code)
    with pytest.raises(ValidationError, match=words):
        row.full_clean()


def test_the_list_shows_the_commonest_first_and_confirms_with_one_action(
    mercy: Connection, anne: Any, client: Client
) -> None:
    rare = local(2, "Sodium", "50983", unit="mEq/L")
    noting.note(chart(rare), now=NOW)
    for _ in range(2):
        noting.note(chart(potassium()), now=NOW)
    client.force_login(anne)
    page = client.get("/admin/summary_app/codemapping/")
    assert [row.name for row in page.context["cl"].result_list] == ["Potassium", "Sodium"]
    sent = {
        "action": "confirm_suggested",
        "_selected_action": [str(row.pk) for row in CodeMapping.objects.all()],
    }
    answer = client.post("/admin/summary_app/codemapping/", sent, follow=True)
    assert "2 confirmed" in answer.content.decode()
    assert {row.decided_by for row in CodeMapping.objects.all()} == {anne}


def test_one_mapping_is_decided_on_its_own_page(
    mercy: Connection, anne: Any, client: Client
) -> None:
    noting.note(chart(local(1, "Kappa chains", "K1", unit="mg/L")), now=NOW)
    row = CodeMapping.objects.get()
    client.force_login(anne)
    url = f"/admin/summary_app/codemapping/{row.pk}/change/"
    refused = client.post(url, {"loinc": "", "state": "confirmed"})
    assert "needs the LOINC code" in refused.content.decode()
    client.post(url, {"loinc": "11050-2", "state": "confirmed"})
    row.refresh_from_db()
    assert (row.state, row.loinc, row.decided_by) == ("confirmed", "11050-2", anne)


def test_nothing_about_a_patient_is_kept() -> None:
    kept = {field.name for field in CodeMapping._meta.get_fields()}
    assert not kept & {"patient", "value", "taken", "birth", "identifier"}
