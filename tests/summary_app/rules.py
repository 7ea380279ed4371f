"""People with roles, and small changes of rule sets, for the tests of the rules."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import Permission

from clinical.rank.ruleset_file import table_of
from summary_app.models import RuleSetVersion, User
from summary_app.rules.services.allowed import PERMISSIONS


def person(name: str, *roles: str) -> User:
    """A person with these roles in the rules, and no right to any patient. Again the same one for the same name."""
    found, _ = User.objects.get_or_create(
        username=name, defaults={"shown_name": name.title(), "role": "cmio"}
    )
    names = [PERMISSIONS[role] for role in roles]
    found.user_permissions.add(*Permission.objects.filter(codename__in=names))
    return User.objects.get(pk=found.pk)


def changed(version: RuleSetVersion, item: str, **terms: Any) -> dict[str, Any]:
    """The table of a version with other terms for one item."""
    table = table_of(version.text)
    changes = dict(table.get("change", {}))
    changes[item] = {**changes.get(item, {}), **terms}
    return {**table, "change": changes}
