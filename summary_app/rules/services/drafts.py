"""Drafts: begun from a version that exists, saved as often as wanted, never changed by anybody once they are in review."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from clinical import rank
from clinical.rank import ruleset
from clinical.rank.ruleset_file import table_of
from clinical.rank.ruleset_text import write
from summary_app.access.models import User
from summary_app.rules import queries
from summary_app.rules.models import RuleSet, RuleSetVersion, State
from summary_app.rules.services import reading, steps
from summary_app.rules.services.allowed import Refused

NEW_REVIEW = "not yet reviewed by a clinician"


class SomebodySaved(Refused):
    """Another person saved this draft in between."""


def text_of(context: str, number: int) -> str | None:
    """The text of a version; 1 is the shipped pack where there is one. None when there is no such version."""
    found = queries.version(context, number)
    if found is not None:
        return found.text
    return reading.shipped_text(context) if number == reading.SHIPPED else None


def start(user: User, context: str, *, number: int, now: datetime, why: str = "") -> RuleSetVersion:
    """A new draft that begins as that version. Raises Refused."""
    steps.check(user, "start", None, now=now)
    text = text_of(context, number)
    if text is None:
        raise Refused("There is no such version.")
    return _new(user, table_of(text), based_on=number, why=why, action="start", now=now)


def take_in(user: User, text: str, *, now: datetime, why: str = "") -> RuleSetVersion:
    """A file from elsewhere as a draft. Raises RuleSetInvalid with line and reason, or Refused; then nothing changed."""
    steps.check(user, "start", None, now=now)
    found = reading.read(text)
    context = found.pack.id
    last = queries.last_number(context)
    return _new(
        user, dict(found.table), based_on=last, why=why or "from a file", action="take in", now=now
    )


def save(
    user: User, version: RuleSetVersion, table: Mapping[str, Any], *, saved: int, now: datetime
) -> RuleSetVersion:
    """What the draft says from now on. saved: the count that the writer saw. Raises Refused, RuleSetInvalid, SomebodySaved."""
    steps.check(user, "write", version, now=now)
    text = write({**table, "version": version.number, "reviewed": NEW_REVIEW})
    found = ruleset.read(text, rank.load())
    if found.pack.id != version.rule_set.context:
        raise Refused("A draft stays in its own context.")
    with transaction.atomic():
        mine = RuleSetVersion.objects.filter(pk=version.pk, state=State.DRAFT, saved=saved)
        if not mine.update(text=text, saved=saved + 1, changed=now):
            raise SomebodySaved(
                "Somebody else saved this draft in between. Reload it, then change it again."
            )
        version.writers.add(user)
    version.refresh_from_db()
    return version


def _new(
    user: User, table: dict[str, Any], *, based_on: int, why: str, action: str, now: datetime
) -> RuleSetVersion:
    with transaction.atomic():
        rule_set, _made = RuleSet.objects.select_for_update().get_or_create(context=table["id"])
        number = queries.last_number(rule_set.context) + 1
        made = RuleSetVersion.objects.create(
            rule_set=rule_set,
            number=number,
            text=write({**table, "version": number, "reviewed": NEW_REVIEW}),
            based_on=based_on,
            why=why[:1000],
            author=user,
            made=now,
            changed=now,
        )
        made.writers.add(user)
        steps.write_down(user, action, made, "", State.DRAFT, why, now=now)
    return made
