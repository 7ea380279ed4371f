"""What an installer does: fill in a connection, check it, and change our key."""

from __future__ import annotations

from collections.abc import Callable
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from summary_app.access.models import Identity
from summary_app.management.commands.connect_sandbox import TEAM
from summary_app.models import (
    AccessLog,
    ChartContext,
    Connection,
    Job,
    PatientLink,
    SigningKey,
    User,
)
from summary_app.rules.services import allowed
from tests.clinical.fhir.fake_ehr import Reply
from tests.summary_app.conftest import Launch
from tests.summary_app.ehr import SmartEhr

Connect = Callable[..., Connection]


@pytest.fixture
def installer(transactional_db: None) -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("installer", password="x"))
    return client


def filled(**changes: str) -> dict[str, str]:
    return {
        "name": "City", "key": "city", "base_url": "https://city.example/fhir", "active": "on",
        "authorization": "secret", "client_id": "ours", "new_secret": "s3cret", "concurrency": "8",
        "connections": "48", "requests_per_minute": "250", "connect_seconds": "3",
        "request_seconds": "10", "pull_seconds": "30", "page_size": "1000", "pages_per_search": "50",
        "page_megabytes": "20", **changes,
    }  # fmt: skip


def test_a_connection_is_filled_in_and_its_secret_never_shown(installer: Client) -> None:
    url = "/admin/summary_app/connection/add/"
    assert installer.get(url).status_code == 200
    answer = installer.post(url, filled())
    assert answer.status_code == 302, answer.context["errors"]
    row = Connection.objects.get()
    assert row.secret == "s3cret"
    page = installer.get(f"/admin/summary_app/connection/{row.pk}/change/")
    assert b"s3cret" not in page.content
    assert b"/launch/city/" in page.content
    installer.post(
        f"/admin/summary_app/connection/{row.pk}/change/", filled(new_secret="", name="C")
    )
    row.refresh_from_db()
    assert (row.name, row.secret) == ("C", "s3cret")


@pytest.mark.parametrize(
    "changes",
    [
        {"client_id": ""},
        {"new_secret": ""},
        {"base_url": "http://city.example/fhir"},
        {"base_url": "ftp://city.example"},
        {"backend_for_clinicians": "on"},
        {"concurrency": "0"},
        {"concurrency": "500"},
    ],
    ids=str,
)
def test_a_connection_that_cannot_work_is_not_saved(
    installer: Client, changes: dict[str, str]
) -> None:
    answer = installer.post("/admin/summary_app/connection/add/", filled(**changes))
    assert answer.status_code == 200
    assert answer.context["errors"]
    assert Connection.objects.count() == 0


def test_the_button_and_the_command_say_the_same(
    installer: Client, mercy: SmartEhr, connect: Connect
) -> None:
    row = connect(mercy, backend_client_id="visit-lens-backend")
    page = installer.get(f"/admin/summary_app/connection/{row.pk}/check/")
    assert b"This connection is usable" in page.content
    assert b"labs.recent" in page.content
    out = StringIO()
    call_command("check_connection", "mercy", stdout=out)
    assert "Mercy Hospital: usable" in out.getvalue()
    assert "labs.recent" in out.getvalue()
    assert "Winterbourne" not in out.getvalue()


def test_the_check_needs_the_right_to_change_connections(mercy: SmartEhr, connect: Connect) -> None:
    row = connect(mercy)
    client = Client()
    client.force_login(User.objects.create_user("staff", is_staff=True))
    answer = client.get(f"/admin/summary_app/connection/{row.pk}/check/")
    assert answer.status_code == 302
    assert mercy.asked == []


def test_a_connection_that_does_not_work_is_told_apart_and_why(
    mercy: SmartEhr, connect: Connect
) -> None:
    connect(mercy)
    mercy._configuration = lambda _: Reply(200, b"<html>")  # type: ignore[method-assign]
    mercy.hook = lambda _, __: Reply(200, b"<html>hello</html>")
    out = StringIO()
    with pytest.raises(CommandError, match="not usable"):
        call_command("check_connection", "mercy", stdout=out)
    assert "NOT usable" in out.getvalue()
    with pytest.raises(CommandError, match="There are: mercy"):
        call_command("check_connection", "nobody")


def test_the_sandbox_is_registered_once_however_often(transactional_db: None) -> None:
    for mercy in ("http://127.0.0.1:9001", "http://127.0.0.1:9101/"):
        call_command(
            "connect_sandbox", mercy=mercy, lakeside="http://127.0.0.1:9002", stdout=StringIO()
        )
    assert Connection.objects.count() == 2
    assert Connection.objects.get(key="mercy").base_url == "http://127.0.0.1:9101/fhir"
    assert SigningKey.objects.count() == 1
    assert {who: allowed.roles_of(of(who)) for who in TEAM} == {
        who: frozenset(roles) for who, roles in TEAM.items()
    }


def of(connection: str) -> User:
    """The CMIO of a sandbox EHR as registered last."""
    found = Identity.objects.filter(connection__key=connection, reference="Practitioner/cmio")
    return found.latest("pk").user


def test_roles_in_the_rules_are_given_before_the_first_sign_in(
    mercy: SmartEhr, connect: Connect, launch: Launch
) -> None:
    connect(mercy)
    issuer, who = mercy.base, "Practitioner/alice"
    command = ("rules_team", "--connection", "mercy", "--issuer", issuer)
    call_command(*command, who, "author", "viewer", stdout=StringIO())
    user = Identity.objects.get(issuer=issuer, reference=who).user
    assert allowed.roles_of(user) == {"author", "viewer"}
    assert ChartContext.objects.get(pk=launch(mercy).ctx).user == user
    call_command(*command, who, "reviewer", stdout=StringIO())
    assert allowed.roles_of(User.objects.get(pk=user.pk)) == {"reviewer"}
    call_command(*command, who, stdout=StringIO())
    assert allowed.roles_of(User.objects.get(pk=user.pk)) == frozenset()
    assert Identity.objects.filter(reference=who).count() == 1
    with pytest.raises(CommandError, match="No such role: king"):
        call_command(*command, who, "king", stdout=StringIO())
    with pytest.raises(CommandError, match="No connection"):
        call_command("rules_team", "--connection", "nobody", who, stdout=StringIO())


def test_a_new_key_is_published_beside_the_present_one_and_used_later(
    installer: Client, connect: Connect, mercy: SmartEhr, launch: Launch
) -> None:
    from django.utils import timezone

    from summary_app.connections.services import signing

    signing.published(now=timezone.now())
    present = SigningKey.objects.get()
    installer.post(
        "/admin/summary_app/signingkey/",
        {"action": "rotate", "_selected_action": [str(present.pk)]},
    )
    kids = {key["kid"] for key in Client().get("/jwks.json").json()["keys"]}
    assert len(kids) == 2
    assert present.kid in kids
    connect(mercy)
    launch(mercy).until_complete()


def test_the_record_of_access_is_read_only_in_the_admin(
    installer: Client, mercy: SmartEhr, connect: Connect, launch: Launch
) -> None:
    connect(mercy)
    launch(mercy).until_complete()
    row = AccessLog.objects.first()
    assert row is not None
    base = "/admin/summary_app/accesslog/"
    assert installer.get(base).status_code == 200
    assert installer.get(f"{base}{row.pk}/change/").status_code == 200
    assert installer.get(f"{base}add/").status_code == 403
    assert installer.post(f"{base}{row.pk}/delete/", {"post": "yes"}).status_code == 403
    for name in ("user", "job", "patientlink", "signingkey"):
        assert installer.get(f"/admin/summary_app/{name}/").status_code == 200
    assert (Job.objects.count(), PatientLink.objects.count()) == (0, 0)
