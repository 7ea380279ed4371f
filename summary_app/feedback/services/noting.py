"""Writes down what a clinician says is wrong, with the rules that are to be looked at for it."""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime

from summary_app import sealing
from summary_app.access import door
from summary_app.feedback.models import Feedback
from summary_app.rules.services import places, using
from summary_app.summary.services import pages

REASONS: tuple[tuple[str, str], ...] = tuple(Feedback.Reason.choices)
_LONGEST = 500


class NotUnderstood(Exception):
    """No such reason, or no such item on this chart."""


def note(opening: door.Opening, key: str, *, reason: str, words: str, as_of: datetime) -> None:
    """Stores one remark. Raises NotUnderstood."""
    if reason not in Feedback.Reason.values:
        raise NotUnderstood
    built = pages.built_of(opening, as_of=as_of)
    ranking = built.ranking
    entry = next((each for each in ranking.ranked if each.key == key), None)
    if entry is None:
        raise NotUnderstood
    rules = dict.fromkeys(one.rule for one in entry.reasons if one.rule)
    Feedback.objects.create(
        key=key,
        kind=entry.kind,
        reason=reason,
        words=" ".join(words.split())[:_LONGEST],
        visit=", ".join(ranking.visit.contexts)[:200],
        rules="\n".join(rules),
        user_id=opening.user_id,
        at=as_of,
        department=places.of_chart(opening, built.chart).department,
        spot=spots_of(opening, key)[0],
    )
    using.remarked(opening, built, key, as_of=as_of)


def spots_of(opening: door.Opening, key: str) -> tuple[str, ...]:
    """What a remark of this person on this row of this chart carries, under each key of the site; the current one first.

    A keyed hash: without the keys of the site nobody learns a patient from it, nor whether two remarks are about one.
    """
    where = "\n".join(
        ("remark", str(opening.user_id), opening.connection.key, opening.patient, key)
    ).encode()
    return tuple(
        hmac.new(secret, where, hashlib.sha256).hexdigest()
        for secret in sealing.key_ring().values()
    )
