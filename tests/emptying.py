"""How the database is emptied after a test that committed: what the test wrote goes, what every database has stays.

Django's own way empties all tables and makes the rows of content types, permissions and groups anew, which costs more
than most tests; and on PostgreSQL it waits for whoever has read a table and has not ended the transaction.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.db import connection, models, transaction
from django.test import TransactionTestCase

# Made after the migrations by signals, and nothing else is.
_EVERYWHERE: tuple[type[models.Model], ...] = (
    ContentType,
    Permission,
    Group,
    Group.permissions.through,
)
_django = TransactionTestCase._fixture_teardown
_at_first: list[Any] = []


def remember() -> None:
    """Once the database is made: what it holds before any test."""
    _at_first[:] = _standing()


def empty(case: TransactionTestCase) -> None:
    """Removes every row that was not there at first; does as Django does when one of those was changed."""
    if _standing() != _at_first:
        _django(case)
        remember()
        return
    with transaction.atomic(), connection.cursor() as cursor:
        for table in _used():
            cursor.execute(f"DELETE FROM {connection.ops.quote_name(table)}")  # noqa: S608  # our own names


def _standing() -> list[Any]:
    return [list(model._base_manager.order_by("pk").values_list()) for model in _EVERYWHERE]


def _used() -> list[str]:
    """Tables that hold a row."""
    parts = [
        f"SELECT {number} WHERE EXISTS (SELECT 1 FROM {connection.ops.quote_name(table)})"  # noqa: S608  # our own names
        for number, table in enumerate(_tables())
    ]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts))
        return [_tables()[number] for (number,) in cursor.fetchall()]


@cache
def _tables() -> tuple[str, ...]:
    found = connection.introspection.django_table_names(only_existing=True, include_views=False)
    kept = {model._meta.db_table for model in _EVERYWHERE}
    return tuple(sorted(set(found) - kept))
