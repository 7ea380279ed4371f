"""After a test that committed, the database is as it was before the first: nothing of one test is in another."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.test import TransactionTestCase

from summary_app.access.models import User
from summary_app.connections.models import Connection
from tests import emptying

pytestmark = pytest.mark.django_db(transaction=True)


def counts() -> tuple[int, ...]:
    return tuple(model.objects.count() for model in (User, Connection, ContentType, Permission))


def test_what_a_test_wrote_goes_and_what_every_database_has_stays() -> None:
    before = counts()
    user = User.objects.create(username="a")
    user.user_permissions.add(Permission.objects.first())
    user.groups.add(Group.objects.first())
    Connection.objects.create(key="mercy", name="Mercy", base_url="https://mercy.example/fhir")
    assert counts() != before
    emptying.empty(TransactionTestCase())
    assert counts() == before
    assert before[:2] == (0, 0)
    assert before[3] > 50


def test_a_group_that_was_changed_is_made_anew() -> None:
    names = sorted(Group.objects.values_list("name", flat=True))
    assert names
    Group.objects.filter(name=names[0]).update(name="Another")
    Group.objects.last().permissions.clear()
    emptying.empty(TransactionTestCase())
    assert sorted(Group.objects.values_list("name", flat=True)) == names
    assert all(group.permissions.exists() for group in Group.objects.all())
